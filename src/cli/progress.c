#include "cli/cli.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// Workers end the line, too, before they print records.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static double last_time = -1e9, begun;
static bool line_open;

static size_t terminal_width(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

static bool is_due(bool terminal) {
    double now = system_seconds();
    if (begun == 0) begun = now;
    if (now - last_time < (terminal ? 0.2 : 10) || (!terminal && now - begun < 10)) return false;
    last_time = now;
    return true;
}

static void clear_line(void) {
    if (line_open) fprintf(stderr, "\r\033[K");
    line_open = false;
}

void cli_progress(const char *line) {
    bool terminal = isatty(STDERR_FILENO);
    pthread_mutex_lock(&mutex);
    if (is_due(terminal)) {
        Text tame = {0};
        text_add_tame(&tame, line);
        if (terminal)
            fprintf(stderr, "\r\033[K%.*s", (int)terminal_width() - 1, tame.data);
        else
            fprintf(stderr, "%s\n", tame.data);
        fflush(stderr);
        line_open = terminal;
        text_free(&tame);
    }
    pthread_mutex_unlock(&mutex);
}

void cli_add_time_left(Text *text, size_t done, size_t parts, double seconds) {
    if (done == 0 || done >= parts || seconds < 1) return;
    text_add(text, ", about ");
    system_duration(text, seconds * (double)(parts - done) / (double)done);
    text_add(text, " left");
}

void cli_say(const char *line) {
    char *tame = memory_text(line);
    text_tame(tame, "\n");
    pthread_mutex_lock(&mutex);
    clear_line();
    fprintf(stderr, "%s", tame);
    pthread_mutex_unlock(&mutex);
    memory_free(tame);
}

void cli_progress_end(void) {
    pthread_mutex_lock(&mutex);
    clear_line();
    last_time = -1e9;
    pthread_mutex_unlock(&mutex);
}
