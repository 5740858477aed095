// Private to cli/: one file per command. A command reads its arguments, calls rooms, prints.
//
//   To add a command: write src/cli/NAME.c (it ends in one Command) and add one line to the table
//   in src/cli/main.c. Help, man page and completion follow from the Command.
#pragma once

#include "base/base.h"
#include <jansson.h>

typedef struct Flag {
    const char *name;    // "json": --json
    const char *metavar; // NULL: takes no value
    const char *help;    // one line
} Flag;

typedef struct Arguments {
    Settings flags;    // by name with underscores; flags without a value are "yes"
    const char **word; // what is not a flag
    size_t words;
    Text line; // the whole command line, as typed, for provenance
} Arguments;

typedef struct Command {
    const char *name, *alias; // alias may be NULL
    const char *form;         // "MODEL [NAME=VALUE ...]": what follows the name
    const char *summary;      // one line
    const char *more;         // a paragraph for help and the man page, or NULL
    const Flag *flags;        // ends in name == NULL; or NULL
    const Option *options;    // also taken as flags; ends in name == NULL; or NULL
    size_t least_words, most_words;
    bool (*run)(const Arguments *arguments, Error *error);
} Command;

extern const Command *const cli_commands[]; // ends in NULL

size_t cli_option_count(const Command *command);

// Splits argv (after the command's name) by the command's tables. Errors are of kind ERROR_USAGE.
bool cli_read_arguments(const Command *command, int argc, char **argv, Arguments *arguments,
                        Error *error);

// --name as text; NULL when it was not given.
const char *cli_flag(const Arguments *arguments, const char *name);
bool cli_flag_int(const Arguments *arguments, const char *name, int64_t low, int64_t high,
                  int64_t *value, Error *error); // leaves *value alone when absent
bool cli_flag_real(const Arguments *arguments, const char *name, double low, double high,
                   double *value, Error *error);

// Words NAME=VALUE from word `first` on, and all flags that are among `options`, as settings.
bool cli_settings(const Arguments *arguments, const Command *command, size_t first,
                  Settings *settings, Error *error);

void cli_help_all(Text *text);
void cli_help_command(const Command *command, Text *text);

// A progress line on standard error: rewritten in place on a terminal, elsewhere a plain line every
// 10 s or so, the first after 10 s.
void cli_progress(const char *line);

// Adds ", about 40 s left" when `done` of `parts` equal parts took so many seconds; nothing while
// that says little, in the first second and before the first part is done.
void cli_add_time_left(Text *text, size_t done, size_t parts, double seconds);

void cli_progress_end(void); // clears or ends the line

// A line of its own on standard error, now.
void cli_say(const char *line);

// Adds the JSON, indented, with a line end; takes the reference.
void cli_add_json(Text *text, json_t *json);

// Writes text to the file at path, or to standard output when path is NULL or "-"; there, control
// characters become '?' (in *text, too): names and values from outside reach a terminal.
bool cli_write(const char *path, const Text *text, Error *error);
