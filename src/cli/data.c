#include "cli/cli.h"
#include "data/data.h"
#include <string.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"sketch", "ROW", "also draw one training example"},
    {"json", NULL, "print JSON"},
    {0},
};

const Command command_data = {
    .name = "data",
    .form = "[show] [DATA]",
    .summary = "list the kinds of data sets, or show one",
    .more = "DATA is NAME[:key=value,...], such as mnist1d:train=1000,seed=7 or\n"
            "csv:file=points.csv,label=class,holdout=0.2",
    .flags = FLAGS,
    .most_words = 2,
    .run = run,
};

static void list_kinds(Text *text) {
    for (const DataKind *const *kind = data_kinds; *kind; kind++) {
        text_printf(text, "%s\n    %s\n", (*kind)->form, (*kind)->help);
        for (size_t i = 0; i < (*kind)->option_count; i++) {
            const Option *option = &(*kind)->options[i];
            text_printf(text, "    %-12s %s (default: %s)\n", option->name, option->help,
                        *option->fallback ? option->fallback : "none");
        }
    }
}

static bool show(const DataSet *set, const Arguments *arguments, Text *text, Error *error) {
    if (cli_flag(arguments, "json")) {
        cli_add_json(text, data_to_json(set));
        return true;
    }
    data_describe(set, text);
    int64_t row = -1;
    if (!cli_flag_int(arguments, "sketch", 0, (int64_t)set->n_train - 1, &row, error)) return false;
    if (row >= 0) data_sketch(set, (size_t)row, text);
    return true;
}

static bool run(const Arguments *arguments, Error *error) {
    size_t first = arguments->words && strcmp(arguments->word[0], "show") == 0;
    Text text = {0};
    bool ok = true;
    if (arguments->words == first) {
        list_kinds(&text);
    } else {
        const DataSet *set = data_open(arguments->word[first], error);
        ok = set && show(set, arguments, &text, error);
        if (set) data_close(set);
    }
    ok = ok && cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}
