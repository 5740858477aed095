#include "sweep/owner.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The boot and the number space: numbers mean the same process only where both agree.
static void print_machine(Text *text) {
    char boot[64] = "-", space[64] = "-";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (file) {
        if (fscanf(file, "%63s", boot) != 1) strcpy(boot, "-");
        fclose(file);
    }
    ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    if (length > 0) space[length] = 0;
    text_printf(text, "%s/%s", boot, space);
}

// Field 22 of /proc/PID/stat, counted behind the ')' that ends the program's name; 0: unknown.
static unsigned long long start_of(long pid) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    size_t length = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[length] = 0;
    char *field = strrchr(line, ')');
    for (int i = 2; field && i < 22; i++) field = strchr(field + 1, ' ');
    return field ? strtoull(field, NULL, 10) : 0;
}

char *owner_self(void) {
    static atomic_int owners;
    char host[256] = "-";
    if (gethostname(host, sizeof host - 1) != 0 || !*host) strcpy(host, "-");
    Text text = {0};
    text_printf(&text, "%s ", host);
    print_machine(&text);
    text_printf(&text, " %ld %llu %d", (long)getpid(), start_of(getpid()), ++owners);
    return text.data;
}

bool owner_is_dead(const char *owner) {
    char machine[160];
    long pid;
    unsigned long long start;
    if (sscanf(owner, "%*s %159s %ld %llu", machine, &pid, &start) != 3 || pid <= 0) return false;
    Text own = {0};
    print_machine(&own);
    bool here = strcmp(own.data, machine) == 0 && machine[0] != '-';
    text_free(&own);
    if (!here) return false;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) return true;
    unsigned long long now = start_of(pid);
    return now && start && now != start;
}
