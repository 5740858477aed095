// Help, the man page and the completion all come from the tables of commands, flags and options.
#include "activation/activation.h"
#include "cli/cli.h"
#include "layer/layer.h"
#include "symmetry/symmetry.h"
#include <string.h>

enum { COLUMN = 30 };

static void pad(Text *text, size_t from) {
    size_t used = text->length - from;
    if (used + 2 > COLUMN) {
        text_printf(text, "\n%*s", COLUMN, "");
    } else {
        text_printf(text, "%*s", (int)(COLUMN - used), "");
    }
}

static void help_flag(Text *text, const char *name, const char *metavar, const char *help) {
    size_t from = text->length;
    text_add(text, "  ");
    option_flag(name, text);
    if (metavar) text_printf(text, " %s", metavar);
    pad(text, from);
    text_add(text, help);
}

static void help_option(Text *text, const Option *option) {
    help_flag(text, option->name, option->metavar, option->help);
    text_add(text, "\n");
    if (!*option->fallback) return; // the help says what happens then
    text_printf(text, "%*s", COLUMN, "");
    if (option->type == OPTION_CHOICE) {
        option_range(option, text);
        text_add(text, "; ");
    }
    text_printf(text, "default: %s\n", option->fallback);
}

void cli_help_command(const Command *command, Text *text) {
    text_printf(text, "benign %s %s\n%s\n", command->name, command->form, command->summary);
    if (command->alias) text_printf(text, "(also: benign %s)\n", command->alias);
    if (command->more) text_printf(text, "\n%s\n", command->more);
    if (command->flags || command->options) text_add(text, "\n");
    for (const Flag *flag = command->flags; flag && flag->name; flag++) {
        help_flag(text, flag->name, flag->metavar, flag->help);
        text_add(text, "\n");
    }
    for (size_t i = 0; i < cli_option_count(command); i++) help_option(text, &command->options[i]);
}

void cli_help_all(Text *text) {
    text_add(text, "benign: a laboratory for generalisation\n\n");
    for (const Command *const *command = cli_commands; *command; command++) {
        size_t from = text->length;
        text_printf(text, "  benign %s", (*command)->name);
        pad(text, from);
        text_printf(text, "%s\n", (*command)->summary);
    }
    text_add(
        text,
        "\nbenign help COMMAND tells more, benign help layers how a network is written. Exit\n"
        "codes: 0 done, 1 an error in the input, 2 wrong usage, 3 interrupted and resumable.\n");
}

// ---- how a network is written ----

static const char LANGUAGE[] =
    "A network is its input and then its layers, one after the other:\n"
    "\n"
    "    # a comment\n"
    "    let k = 16               a variable and its default; k=8 on the command line sets it\n"
    "    input 32x32x3            height, width, channels; 40x1 length, channels; 40 features\n"
    "    conv3-{k} relu pool2     KIND or KIND-SIZE, then options as NAME=VALUE\n"
    "    repeat 2 { ... }         the same layers so many times, each with its own parameters\n"
    "    residual { ... }         x + block(x)\n"
    "    residual { ... } shortcut { ... }\n"
    "                             block(x) + shortcut(x)\n"
    "    fc-{2*k+1} softmax       { } holds whole numbers, variables, + - * / % and ( )\n"
    "\n"
    "Case does not matter, nor where lines end. The kinds of layers:\n";

// Nothing where the default follows from the window: the form shows it then.
static void add_layer_default(const LayerKind *kind, const Option *option, Text *text) {
    Layer small = {.kind = kind, .kernel = 3}, large = {.kind = kind, .kernel = 5};
    Text one = {0}, other = {0};
    layer_set_defaults(&small);
    layer_set_defaults(&large);
    option_print(option, small.option, &one);
    option_print(option, large.option, &other);
    bool same = one.length && strcmp(one.data, other.data) == 0;
    if (same) text_printf(text, "; default: %s", one.data);
    layer_release(&small);
    layer_release(&large);
    text_free(&one);
    text_free(&other);
}

static void add_kind(const LayerKind *kind, Text *text) {
    text_printf(text, "\n%s%s%s\n    %s\n", kind->form, kind->alias ? "   or " : "",
                kind->alias ? kind->alias : "", kind->help);
    if (kind->formula) text_printf(text, "    phi(x) = %s\n", kind->formula);
    if (!kind->forward) text_add(text, "    (can be counted, not trained yet)\n");
    for (size_t i = 0; i < layer_options(kind); i++) {
        const Option *option = &kind->options[i];
        text_printf(text, "    %-12s%s\n%16s", option->name, option->help, "");
        option_range(option, text);
        add_layer_default(kind, option, text);
        text_add(text, "\n");
    }
}

static void help_layers(Text *text) {
    text_add(text, LANGUAGE);
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) add_kind(*kind, text);
}

// ---- the man page ----

static void roff(Text *text, const char *more) { // - and \ mean something to troff
    for (const char *c = more; *c; c++) {
        if (*c == '\\' || *c == '-') text_add(text, "\\");
        if (*c == '\n') {
            text_add(text, "\n");
            if (c[1] == '.' || c[1] == '\'') text_add(text, "\\&");
            continue;
        }
        text_add_bytes(text, c, 1);
    }
}

static void man_flag(Text *text, const char *name, const char *metavar, const char *help) {
    Text flag = {0};
    option_flag(name, &flag);
    text_add(text, ".TP\n\\fB");
    roff(text, flag.data);
    text_add(text, "\\fR");
    if (metavar) text_printf(text, " \\fI%s\\fR", metavar);
    text_add(text, "\n");
    roff(text, help);
    text_add(text, "\n");
    text_free(&flag);
}

static void man_command(Text *text, const Command *command) {
    text_printf(text, ".SS benign %s ", command->name);
    roff(text, command->form);
    text_add(text, "\n");
    roff(text, command->summary);
    text_add(text, ".\n");
    if (command->more) {
        text_add(text, ".PP\n.nf\n");
        roff(text, command->more);
        text_add(text, "\n.fi\n");
    }
    for (const Flag *flag = command->flags; flag && flag->name; flag++) {
        man_flag(text, flag->name, flag->metavar, flag->help);
    }
    for (size_t i = 0; i < cli_option_count(command); i++) {
        const Option *option = &command->options[i];
        Text help = {0};
        text_printf(&help, "%s (", option->help);
        option_range(option, &help);
        text_printf(&help, *option->fallback ? "; default: %s)" : ")", option->fallback);
        man_flag(text, option->name, option->metavar, help.data);
        text_free(&help);
    }
}

static void man_page(Text *text) {
    text_add(text,
             ".TH BENIGN 1 \"\" \"benign " BENIGN_VERSION "\" \"User Commands\"\n"
             ".SH NAME\nbenign \\- a laboratory for generalisation\n"
             ".SH SYNOPSIS\n.B benign\n\\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n"
             ".SH DESCRIPTION\n"
             "Trains many small networks at the speed of the machine, finds where the test error\n"
             "stops rising and falls again, and sets theory beside measurement.\n"
             ".SH COMMANDS\n");
    for (const Command *const *command = cli_commands; *command; command++) {
        man_command(text, *command);
    }
    Text layers = {0};
    help_layers(&layers);
    text_add(text, ".SH NETWORKS\n.nf\n");
    roff(text, layers.data);
    text_add(text, ".fi\n");
    text_free(&layers);
    text_add(text, ".SH EXIT STATUS\n0 done; 1 an error in the input; 2 wrong usage;\n"
                   "3 interrupted and resumable: the same command goes on.\n"
                   ".SH ENVIRONMENT\n.TP\n.B BENIGN_DATA\nfolders with data sets, colon-separated\n"
                   ".TP\n.B BENIGN_MODELS\na folder with models\n"
                   ".TP\n.B BENIGN_ISA\ngeneric, avx2 or avx512: use no better instruction set\n");
}

// ---- bash completion ----

static void completion(Text *text) {
    text_add(text, "# bash completion for benign\n_benign() {\n"
                   "    local word=${COMP_WORDS[COMP_CWORD]}\n    local names\n"
                   "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        names='");
    for (const Command *const *command = cli_commands; *command; command++) {
        text_printf(text, "%s%s", command == cli_commands ? "" : " ", (*command)->name);
    }
    text_add(text, "'\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (const Command *const *command = cli_commands; *command; command++) {
        text_printf(text, "        %s) names='--help", (*command)->name);
        for (const Flag *flag = (*command)->flags; flag && flag->name; flag++) {
            text_add(text, " ");
            option_flag(flag->name, text);
        }
        for (size_t i = 0; i < cli_option_count(*command); i++) {
            text_add(text, " ");
            option_flag((*command)->options[i].name, text);
        }
        text_add(text, "' ;;\n");
    }
    text_add(text, "        esac\n    fi\n"
                   "    mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$word\")\n"
                   "    if [ ${#COMPREPLY[@]} -eq 0 ]; then\n"
                   "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n    fi\n}\n"
                   "complete -o filenames -F _benign benign\n");
}

static bool help_one(const char *name, Text *text, Error *error) {
    if (strcmp(name, "layers") == 0) {
        help_layers(text);
        return true;
    }
    if (strcmp(name, "formulas") == 0) {
        activation_help(text);
        return true;
    }
    if (strcmp(name, "groups") == 0) {
        symmetry_help(text);
        return true;
    }
    for (const Command *const *command = cli_commands; *command; command++) {
        const char *alias = (*command)->alias ? (*command)->alias : "";
        if (strcmp((*command)->name, name) != 0 && strcmp(alias, name) != 0) continue;
        cli_help_command(*command, text);
        return true;
    }
    return error_kind(error, ERROR_USAGE, "%s: no such command (benign help lists them)", name);
}

static bool run(const Arguments *arguments, Error *error) {
    Text text = {0};
    bool ok = true;
    if (cli_flag(arguments, "man")) {
        man_page(&text);
    } else if (cli_flag(arguments, "completion")) {
        completion(&text);
    } else if (arguments->words) {
        ok = help_one(arguments->word[0], &text, error);
    } else {
        cli_help_all(&text);
    }
    ok = ok && cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}

static const Flag FLAGS[] = {
    {"man", NULL, "print the manual page (troff)"},
    {"completion", NULL, "print the completion for bash"},
    {0},
};

const Command command_help = {
    .name = "help",
    .form = "[COMMAND | layers | formulas | groups]",
    .summary =
        "what the commands are and what they take; how networks, formulas, groups are written",
    .flags = FLAGS,
    .most_words = 1,
    .run = run,
};
