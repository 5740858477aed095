#include "cli/cli.h"
#include "net/net.h"
#include <string.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"json", NULL, "print JSON"},
    {"csv", NULL, "print CSV: plain numbers, a row for every layer"},
    {"markdown", NULL, "print a table for Markdown"},
    {"latex", NULL, "print a table for LaTeX, with booktabs"},
    {"chw", NULL, "shapes with the channels in front (3x224x224)"},
    {0},
};

const Command command_count = {
    .name = "count",
    .alias = "summary",
    .form = "MODEL [NAME=VALUE ...]",
    .summary = "parameters, MACs, activations and receptive fields of a network, by layer",
    .more =
        "MODEL is a file, a name from models/, or the text of a network itself; NAME=VALUE sets\n"
        "one of its variables. benign help layers says how a network is written.\n"
        "    benign count vgg11\n"
        "    benign count resnet18k k=8 --csv\n"
        "    benign count 'input 28x28x1 conv5-6 relu pool2 fc-10 softmax'",
    .flags = FLAGS,
    .most_words = 1000,
    .run = run,
};

static bool no_model(Error *error) {
    Text models = {0};
    net_list(&models);
    error_kind(error, ERROR_USAGE, "benign count: which model? %s\nusage: benign count %s",
               models.data, command_count.form);
    text_free(&models);
    return false;
}

static bool read_format(const Arguments *arguments, NetFormat *format, Error *error) {
    static const struct {
        const char *flag;
        NetFormat format;
    } FORMATS[] = {
        {"json", NET_JSON}, {"csv", NET_CSV}, {"markdown", NET_MARKDOWN}, {"latex", NET_LATEX}};
    const char *given = NULL;
    *format = NET_TABLE;
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        if (!cli_flag(arguments, FORMATS[i].flag)) continue;
        if (given)
            return error_kind(error, ERROR_USAGE, "--%s and --%s: one format at a time", given,
                              FORMATS[i].flag);
        given = FORMATS[i].flag;
        *format = FORMATS[i].format;
    }
    return true;
}

static bool count(const char *model, const Settings *variables, NetFormat format, bool chw,
                  Error *error) {
    NetProgram *program = net_read(model, error);
    Net *net = program ? net_build(program, variables, error) : NULL;
    Text text = {0};
    if (net) net_count(net, model, format, chw, &text);
    bool ok = net && cli_write(NULL, &text, error);
    text_free(&text);
    net_free(net);
    net_program_free(program);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    Settings variables = {0};
    NetFormat format;
    if (arguments->words == 0) return no_model(error);
    bool ok =
        read_format(arguments, &format, error) &&
        cli_settings(arguments, &command_count, 1, &variables, error) &&
        count(arguments->word[0], &variables, format, cli_flag(arguments, "chw") != NULL, error);
    settings_free(&variables);
    return ok;
}
