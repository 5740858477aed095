// Named settings as text, in the order in which they were first set: what crosses from a command
// line, an experiment file or a store into a room, and back.
#pragma once

#include "base/error.h"

typedef struct Setting {
    char *name, *value;
    char *place; // where the user wrote it, such as "a.yaml:12:8" or "--epochs"; NULL: a default
} Setting;

typedef struct Settings {
    Setting *item;
    size_t count, capacity;
} Settings;

// Sets or replaces; place may be NULL.
void settings_set(Settings *settings, const char *name, const char *value, const char *place);
const char *settings_get(const Settings *settings, const char *name); // NULL when absent
const Setting *settings_find(const Settings *settings, const char *name);
void settings_remove(Settings *settings, const char *name);
void settings_copy(Settings *to, const Settings *from); // replaces what *to held
void settings_free(Settings *settings);
