#include "cli/cli.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// The table of commands: one line each, in the order in which help shows them.
#define COMMANDS(X)                                                                                \
    X(train)                                                                                       \
    X(sweep)                                                                                       \
    X(curve)                                                                                       \
    X(plot)                                                                                        \
    X(report)                                                                                      \
    X(export)                                                                                      \
    X(store)                                                                                       \
    X(ridge)                                                                                       \
    X(guess)                                                                                       \
    X(bound)                                                                                       \
    X(activation)                                                                                  \
    X(init)                                                                                        \
    X(symmetry)                                                                                    \
    X(predict)                                                                                     \
    X(count)                                                                                       \
    X(data)                                                                                        \
    X(help)

#define DECLARE(name) extern const Command command_##name;
#define POINT(name)   &command_##name,

COMMANDS(DECLARE)
const Command *const cli_commands[] = {COMMANDS(POINT) NULL};

static const Command *find(const char *name) {
    for (const Command *const *command = cli_commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0) return *command;
        if ((*command)->alias && strcmp((*command)->alias, name) == 0) return *command;
    }
    return NULL;
}

static int fail(Error *error) {
    cli_progress_end();
    fflush(stdout);
    text_tame(error->text, "\n");
    fprintf(stderr, "%s\n", error->text);
    return error->kind == ERROR_NONE ? ERROR_INPUT : (int)error->kind;
}

static bool unknown_command(const char *name, Error *error) {
    size_t count = 0;
    const char *names[64];
    for (const Command *const *command = cli_commands; *command; command++) {
        names[count++] = (*command)->name;
    }
    const char *nearest = text_nearest(name, names, count, sizeof *names);
    return error_kind(error, ERROR_USAGE, "%s: no such command%s%s%s (benign help lists them)",
                      name, nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                      nearest ? "\"?" : "");
}

static bool run(int argc, char **argv, Error *error) {
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("benign %s\n", BENIGN_VERSION);
        return true;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    const Command *command = find(name);
    if (!command) return unknown_command(name, error);

    Arguments arguments = {0};
    bool ok = cli_read_arguments(command, argc > 1 ? argc - 1 : 1, argc > 1 ? argv + 1 : argv,
                                 &arguments, error);
    if (ok && cli_flag(&arguments, "help")) {
        Text text = {0};
        cli_help_command(command, &text);
        ok = cli_write(NULL, &text, error);
        text_free(&text);
    } else if (ok) {
        ok = command->run(&arguments, error);
    }
    settings_free(&arguments.flags);
    text_free(&arguments.line);
    return ok;
}

// Writes without allocating. Nothing is put away: a store is whole at every moment.
static _Noreturn void end_without_memory(size_t bytes) {
    char line[128];
    int length = snprintf(line, sizeof line, "benign: no memory left for %zu more bytes\n", bytes);
    ssize_t written = write(STDERR_FILENO, line, (size_t)length);
    (void)written;
    _exit(ERROR_INPUT);
}

int main(int argc, char **argv) {
    memory_begin(end_without_memory);
    json_set_alloc_funcs(memory_raw, memory_free);
    Error error = {0};
    if (!system_keep_standard_files()) return ERROR_INPUT;
    if (!run(argc, argv, &error)) return fail(&error);
    if (fflush(stdout) != 0 || ferror(stdout))
        return fail(&(Error){ERROR_INPUT, "standard output: cannot write"});
    return 0;
}
