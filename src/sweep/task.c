// What tasks share: their settings by an option table.
#include "sweep/sweep.h"
#include <string.h>

static size_t count(const TaskOptions *options) {
    size_t n = 0;
    while (options->table[n].name) n++;
    return n;
}

static const Option *find(const TaskOptions *options, const char *name) {
    return option_find(options->table, count(options), name);
}

const char *task_place(const TaskOptions *options, const Setting *setting) {
    return setting && setting->place ? setting->place : options->task;
}

bool task_knows(const TaskOptions *options, const char *name) {
    return find(options, name) || strcmp(name, "seed") == 0;
}

static bool set_seeds(const TaskOptions *options, const Settings *given, void *values,
                      Error *error) {
    const Setting *seed = settings_find(given, "seed");
    for (const char *const *name = options->seeds; seed && *name; name++) {
        if (settings_find(given, *name)) continue;
        if (!option_set(find(options, *name), values, seed->value, task_place(options, seed),
                        error))
            return false;
    }
    return true;
}

bool task_read(const TaskOptions *options, const Settings *given, void *values, Error *error) {
    option_defaults(options->table, count(options), values);
    for (size_t i = 0; i < given->count; i++) {
        const Setting *setting = &given->item[i];
        const Option *option = find(options, setting->name);
        if (option &&
            !option_set(option, values, setting->value, task_place(options, setting), error))
            return false;
    }
    return set_seeds(options, given, values, error);
}

bool task_unknown(const TaskOptions *options, const Setting *setting, const char *others,
                  Error *error) {
    const char *nearest =
        text_nearest(setting->name, options->table, count(options), sizeof *options->table);
    return error_set(error, "%s: unknown setting \"%s\"%s%s%s; %s", task_place(options, setting),
                     setting->name, nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                     nearest ? "\"" : "", others);
}

void task_list(const TaskOptions *options, Text *text) {
    text_printf(text, "task %s has: ", options->task);
    for (const Option *option = options->table; option->name; option++)
        text_printf(text, "%s, ", option->name);
    text_add(text, "seed");
}

void task_print(const TaskOptions *options, const void *values, Settings *resolved) {
    Text text = {0};
    for (const Option *option = options->table; option->name; option++) {
        text.length = 0;
        text_add(&text, "");
        option_print(option, values, &text);
        settings_set(resolved, option->name, text.data, NULL);
    }
    text_free(&text);
}

void task_free(const TaskOptions *options, void *values) {
    option_free(options->table, count(options), values);
}
