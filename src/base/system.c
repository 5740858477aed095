#define _GNU_SOURCE // sched_getaffinity
#include "base/base.h"
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

double system_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void system_duration(Text *text, double seconds) {
    if (!(seconds < 1e9)) {
        text_add(text, "a very long time");
        return;
    }
    long whole = lround(seconds);
    if (seconds < 9.95) {
        text_printf(text, "%.1f s", seconds);
    } else if (whole < 60) {
        text_printf(text, "%ld s", whole);
    } else if (whole < 3600) {
        text_printf(text, "%ld min %02ld s", whole / 60, whole % 60);
    } else {
        text_printf(text, "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
    }
}

// The group's limit in processors (cgroup v2: "max 100000" or "QUOTA PERIOD"), or a large number.
static double group_quota(void) {
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (!file) return 1e9;
    char quota[32] = "";
    double period = 0, limit = 1e9;
    if (fscanf(file, "%31s %lf", quota, &period) == 2 && strcmp(quota, "max") != 0 && period > 0)
        limit = atof(quota) / period;
    fclose(file);
    return limit;
}

int system_processors(void) {
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                            : (int)sysconf(_SC_NPROCESSORS_ONLN);
    double quota = ceil(group_quota());
    if (quota < count) count = (int)quota;
    return count < 1 ? 1 : count;
}

double system_memory(void) {
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

size_t system_peak_memory(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss * 1024;
}

bool system_keep_standard_files(void) {
    signal(SIGXFSZ, SIG_IGN);
    for (int handle = 0; handle < 3; handle++) {
        if (fcntl(handle, F_GETFD) >= 0) continue;
        // The lowest number that is free is this one. Opened the wrong way round, so that its use
        // is an error, as it was.
        if (open("/dev/null", handle == 0 ? O_WRONLY : O_RDONLY) != handle) return false;
    }
    return true;
}

void system_outlive_readers(void) {
    signal(SIGPIPE, SIG_IGN);
}

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

void system_catch_interrupts(void) {
    // SA_RESETHAND: the second SIGINT finds the default action and ends the process.
    struct sigaction action = {.sa_handler = note_interrupt,
                               .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool system_interrupted(void) {
    return interrupted != 0;
}
