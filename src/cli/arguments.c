#include "base/json.h"
#include "cli/cli.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t cli_option_count(const Command *command) {
    size_t count = 0;
    while (command->options && command->options[count].name) count++;
    return count;
}

static bool usage(const Command *command, Error *error, const char *format, const char *found) {
    char message[512];
    snprintf(message, sizeof message, format, found);
    return error_kind(error, ERROR_USAGE, "%s\nusage: benign %s %s\n(benign help %s tells more)",
                      message, command->name, command->form, command->name);
}

// The long options of a command, in the order flags, options, "help".
typedef struct Longs {
    struct option *item;
    char **name;
    size_t count;
} Longs;

static void add_long(Longs *longs, const char *name, bool takes_value) {
    Text flag = {0};
    option_flag(name, &flag);
    char *kept = memory_text(flag.data + 2);
    text_free(&flag);
    longs->name[longs->count] = kept;
    longs->item[longs->count++] =
        (struct option){.name = kept, .has_arg = takes_value ? required_argument : no_argument};
}

static Longs make_longs(const Command *command) {
    size_t count = cli_option_count(command) + 2;
    for (const Flag *flag = command->flags; flag && flag->name; flag++) count++;
    Longs longs = {memory_new(count + 1, sizeof *longs.item), memory_new(count, sizeof *longs.name),
                   0};
    for (const Flag *flag = command->flags; flag && flag->name; flag++) {
        add_long(&longs, flag->name, flag->metavar != NULL);
    }
    for (size_t i = 0; i < cli_option_count(command); i++) {
        add_long(&longs, command->options[i].name, true);
    }
    add_long(&longs, "help", false);
    return longs;
}

static void free_longs(Longs *longs) {
    for (size_t i = 0; i < longs->count; i++) memory_free(longs->name[i]);
    memory_free(longs->name);
    memory_free(longs->item);
}

static bool unknown_flag(const Command *command, const Longs *longs, const char *found,
                         Error *error) {
    char word[256];
    snprintf(word, sizeof word, "%s", found + strspn(found, "-"));
    word[strcspn(word, "=")] = 0;
    const char *nearest = text_nearest(word, longs->name, longs->count, sizeof *longs->name);
    char format[400];
    snprintf(format, sizeof format, "%%s: unknown option%s%s%s", nearest ? ", did you mean --" : "",
             nearest ? nearest : "", nearest ? "?" : "");
    return usage(command, error, format, found);
}

static bool read_flags(const Command *command, const Longs *longs, int argc, char **argv,
                       Arguments *arguments, Error *error) {
    int which;
    opterr = 0;
    optind = 1;
    for (;;) {
        int found = getopt_long(argc, argv, ":h", longs->item, &which);
        if (found == -1) return true;
        if (found == '?') return unknown_flag(command, longs, argv[optind - 1], error);
        if (found == ':') return usage(command, error, "%s: needs a value", argv[optind - 1]);
        const char *name = found == 'h' ? "help" : longs->item[which].name;
        char plain[64], place[80];
        snprintf(plain, sizeof plain, "%s", name);
        for (char *c = plain; *c; c++) *c = *c == '-' ? '_' : *c;
        snprintf(place, sizeof place, "--%s", name);
        settings_set(&arguments->flags, plain, optarg ? optarg : "yes", place);
    }
}

static void keep_line(const Command *command, int argc, char **argv, Text *line) {
    text_printf(line, "benign %s", command->name);
    for (int i = 1; i < argc; i++) {
        bool plain = *argv[i] && !strpbrk(argv[i], " \t\n'\"\\$`*?[]{}()<>|&;#!~");
        if (plain) {
            text_printf(line, " %s", argv[i]);
            continue;
        }
        text_add(line, " '");
        for (const char *c = argv[i]; *c; c++) {
            if (*c == '\'') {
                text_add(line, "'\\''");
            } else {
                text_add_bytes(line, c, 1);
            }
        }
        text_add(line, "'");
    }
}

bool cli_read_arguments(const Command *command, int argc, char **argv, Arguments *arguments,
                        Error *error) {
    keep_line(command, argc, argv, &arguments->line); // before getopt reorders
    Longs longs = make_longs(command);
    bool ok = read_flags(command, &longs, argc, argv, arguments, error);
    free_longs(&longs);
    if (!ok || cli_flag(arguments, "help")) return ok;
    arguments->word = (const char **)argv + optind;
    arguments->words = (size_t)(argc - optind);
    if (arguments->words < command->least_words)
        return usage(command, error, "benign %s: something is missing", command->name);
    if (arguments->words > command->most_words)
        return usage(command, error, "%s: one word too many", arguments->word[command->most_words]);
    return true;
}

const char *cli_flag(const Arguments *arguments, const char *name) {
    return settings_get(&arguments->flags, name);
}

bool cli_flag_int(const Arguments *arguments, const char *name, int64_t low, int64_t high,
                  int64_t *value, Error *error) {
    const char *text = cli_flag(arguments, name);
    int64_t number;
    if (!text) return true;
    if (!text_to_int(text, &number) || number < low || number > high) {
        return error_set(error, "--%s: \"%s\"; it takes a whole number from %lld to %lld", name,
                         text, (long long)low, (long long)high);
    }
    *value = number;
    return true;
}

bool cli_flag_real(const Arguments *arguments, const char *name, double low, double high,
                   double *value, Error *error) {
    const char *text = cli_flag(arguments, name);
    double number;
    if (!text) return true;
    if (!text_to_real(text, &number) || !(number >= low && number <= high)) {
        return error_set(error, "--%s: \"%s\"; it takes a number from %g to %g", name, text, low,
                         high);
    }
    *value = number;
    return true;
}

bool cli_settings(const Arguments *arguments, const Command *command, size_t first,
                  Settings *settings, Error *error) {
    for (size_t i = 0; i < arguments->flags.count; i++) {
        const Setting *flag = &arguments->flags.item[i];
        if (option_find(command->options, cli_option_count(command), flag->name))
            settings_set(settings, flag->name, flag->value, flag->place);
    }
    for (size_t i = first; i < arguments->words; i++) {
        const char *word = arguments->word[i], *equals = strchr(word, '=');
        if (!equals || equals == word)
            return usage(command, error, "%s: not of the form NAME=VALUE", word);
        Text name = {0};
        text_add_bytes(&name, word, (size_t)(equals - word));
        for (char *c = name.data; *c; c++) *c = *c == '-' ? '_' : *c;
        settings_set(settings, name.data, equals + 1, word);
        text_free(&name);
    }
    return true;
}

void cli_add_json(Text *text, json_t *json) {
    json_add(text, json, JSON_INDENT(2));
    text_add(text, "\n");
}

bool cli_write(const char *path, const Text *text, Error *error) {
    if (path && strcmp(path, "-") != 0) return file_write(path, text->data, text->length, error);
    if (text->length) text_tame(text->data, "\n\t");
    if (text->length && fwrite(text->data, 1, text->length, stdout) != text->length)
        return error_set(error, "standard output: cannot write");
    return true;
}
