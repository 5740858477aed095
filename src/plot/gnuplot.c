#define _GNU_SOURCE // pipe2
#include "plot/inner.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGEST_PICTURE = 1 << 28 };

// The files of a picture.
typedef struct Files {
    char *folder;      // "." or the path's
    char *name;        // "curve.svg"
    Text script, data; // names in the folder
    char *script_path, *data_path;
    bool script_new, data_new; // they were not there before
    Text part_path;            // what gnuplot writes to: a temporary file in the folder
} Files;

static bool name_files(const char *path, Files *files, Error *error) {
    for (const char *c = path; *c; c++) {
        if ((unsigned char)*c < 0x20)
            return error_kind(error, ERROR_USAGE, "the picture's name holds a control character");
    }
    const char *slash = strrchr(path, '/');
    files->folder = file_folder(path);
    files->name = memory_text(slash ? slash + 1 : path);
    size_t stem = strlen(files->name) - 4; // the ending is known by now
    text_printf(&files->script, "%.*s.gp", (int)stem, files->name);
    text_printf(&files->data, "%.*s.tsv", (int)stem, files->name);
    files->script_path = file_join(files->folder, files->script.data);
    files->data_path = file_join(files->folder, files->data.data);
    files->script_new = !file_exists(files->script_path);
    files->data_new = !file_exists(files->data_path);
    int part = file_temporary(files->folder, path, &files->part_path, error);
    if (part >= 0) close(part);
    return part >= 0;
}

static void free_files(Files *files) {
    memory_free(files->folder);
    memory_free(files->name);
    memory_free(files->script_path);
    memory_free(files->data_path);
    text_free(&files->part_path);
    text_free(&files->script);
    text_free(&files->data);
}

static void add_comment(Text *text, const char *note) {
    for (const char *line = note; *line;) {
        size_t length = strcspn(line, "\n");
        char *copy = memory_new(length + 1, 1);
        memcpy(copy, line, length);
        text_add(text, "# ");
        plot_add_clean(text, copy);
        // A backslash at its end would join the next line to the comment.
        text_add(text, length && line[length - 1] == '\\' ? ".\n" : "\n");
        memory_free(copy);
        line += length + (line[length] == '\n');
    }
}

// A file's name must stay as it is: a quote in it becomes the character 39 (see plot_add_quoted).
// The ./ keeps it from being a pipe ('<...', '|...') or a special file ('-', '+').
static void add_name(Text *text, const char *variable, const char *name) {
    text_printf(text, "%s = './", variable);
    for (const char *c = name; *c; c++)
        text_add(text, *c == '\'' ? "'.sprintf('%c', 39).'" : (char[]){*c, 0});
    text_add(text, "'\n");
}

static bool write_files(const Files *files, const Script *script, const char *note, Error *error) {
    Text text = {0};
    text_printf(&text, "# Draws %s; run: gnuplot %s\n", files->name, files->script.data);
    add_comment(&text, note);
    add_name(&text, "DATA", files->data.data);
    add_name(&text, "OUTPUT", files->name);
    text_add(&text, script->script.data);
    text_add(&text, "unset multiplot\nset output\n");
    bool ok = file_write(files->data_path, script->data.data ? script->data.data : "",
                         script->data.length, error) &&
              file_write(files->script_path, text.data, text.length, error);
    text_free(&text);
    return ok;
}

// In the child, after fork: only calls that are safe there. What kept gnuplot from starting goes
// through `report`, which is closed when it starts.
static _Noreturn void become_gnuplot(const char *folder, char *const *arguments, int said,
                                     int report) {
    int nothing = open("/dev/null", O_RDONLY);
    bool ok = nothing >= 0 && dup2(nothing, 0) >= 0 && dup2(said, 1) >= 0 && dup2(said, 2) >= 0 &&
              chdir(folder) == 0;
    if (ok) execvp("gnuplot", arguments);
    int reason = errno;
    if (write(report, &reason, sizeof reason) < 0) _exit(126);
    _exit(127);
}

static void read_words(int handle, Text *said) {
    char part[1024];
    for (;;) {
        ssize_t got = read(handle, part, sizeof part);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        if (said->length < 4096) text_add_bytes(said, part, (size_t)got);
    }
}

static bool is_on_path(const char *name) {
    const char *path = getenv("PATH");
    for (const char *c = path ? path : ""; *c;) {
        size_t length = strcspn(c, ":");
        Text file = {0};
        text_add_bytes(&file, c, length);
        text_printf(&file, "%s%s", length ? "/" : "./", name);
        bool there = access(file.data, F_OK) == 0;
        text_free(&file);
        if (there) return true;
        c += length + (c[length] == ':');
    }
    return false;
}

// reason: the errno of a program that did not start, or 0.
static bool conclude(int reason, int status, const Text *said, const char *path, Error *error) {
    if (reason == ENOENT && !is_on_path("gnuplot"))
        return error_set(error,
                         "%s: the program gnuplot is not there to draw it; install the "
                         "Debian package gnuplot-nox",
                         path);
    if (reason)
        return error_set(error, "%s: gnuplot is there, but could not start: %s%s", path,
                         strerror(reason),
                         reason == ENOENT ? " (the interpreter that it names?)" : "");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (WIFSIGNALED(status))
        return error_set(error, "%s: gnuplot was ended by signal %d%s%.2000s", path,
                         WTERMSIG(status), said->data ? ": " : "", said->data ? said->data : "");
    return error_set(error, "%s: gnuplot failed (exit code %d): %.2000s", path, WEXITSTATUS(status),
                     said->data ? said->data : "it said nothing");
}

static bool run_program(char *const *arguments, const Files *files, const char *path,
                        Error *error) {
    int words[2] = {-1, -1}, report[2] = {-1, -1}, status = 0, reason = 0;
    pid_t child = -1;
    if (pipe2(words, O_CLOEXEC) == 0 && pipe2(report, O_CLOEXEC) == 0) child = fork();
    if (child == 0) become_gnuplot(files->folder, arguments, words[1], report[1]);
    bool ok = child > 0 || error_set(error, "%s: cannot start gnuplot: %s", path, strerror(errno));
    close(words[1]);
    close(report[1]);
    if (ok) {
        Text said = {0};
        read_words(words[0], &said);
        if (read(report[0], &reason, sizeof reason) != sizeof reason) reason = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
        ok = conclude(reason, status, &said, path, error);
        text_free(&said);
    }
    close(words[0]);
    close(report[0]);
    return ok;
}

static bool run_gnuplot(const Files *files, const char *path, Error *error) {
    Text picture = {0}, script = {0};
    text_printf(&picture, "PICTURE = './%s'", strrchr(files->part_path.data, '/') + 1);
    text_printf(&script, "./%s", files->script.data);
    char *arguments[] = {"gnuplot", "-d", "-e", picture.data, script.data, NULL};
    bool ok = run_program(arguments, files, path, error);
    text_free(&picture);
    text_free(&script);
    return ok;
}

static bool finish_picture(const Files *files, PlotFormat format, const char *path,
                           const char *note, Error *error) {
    char *data;
    size_t size;
    if (!file_read(files->part_path.data, LARGEST_PICTURE, &data, &size, error)) return false;
    Text picture = {0};
    bool ok = plot_note_picture(format, data, size, note, &picture, error) &&
              file_write(path, picture.data, picture.length, error);
    text_free(&picture);
    memory_free(data);
    return ok;
}

bool plot_draw(const Script *script, const char *path, const char *note, Error *error) {
    Files files = {0};
    bool ok = name_files(path, &files, error);
    ok = ok && write_files(&files, script, note, error);
    ok = ok && run_gnuplot(&files, path, error);
    ok = ok && finish_picture(&files, script->format, path, note, error);
    if (files.part_path.length) unlink(files.part_path.data);
    if (!ok && files.script_new) unlink(files.script_path);
    if (!ok && files.data_new) unlink(files.data_path);
    free_files(&files);
    return ok;
}
