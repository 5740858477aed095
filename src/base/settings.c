#include "base/base.h"
#include <string.h>

static Setting *find(const Settings *settings, const char *name) {
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->item[i].name, name) == 0) return &settings->item[i];
    }
    return NULL;
}

void settings_set(Settings *settings, const char *name, const char *value, const char *place) {
    char *new_value = memory_text(value), *new_place = place ? memory_text(place) : NULL;
    Setting *item = find(settings, name);
    if (item) {
        memory_free(item->value);
        memory_free(item->place);
    } else {
        settings->item = memory_grow(settings->item, settings->count, &settings->capacity,
                                     sizeof *settings->item);
        item = &settings->item[settings->count++];
        item->name = memory_text(name);
    }
    item->value = new_value;
    item->place = new_place;
}

const Setting *settings_find(const Settings *settings, const char *name) {
    return find(settings, name);
}

const char *settings_get(const Settings *settings, const char *name) {
    const Setting *item = find(settings, name);
    return item ? item->value : NULL;
}

static void free_item(Setting *item) {
    memory_free(item->name);
    memory_free(item->value);
    memory_free(item->place);
}

void settings_remove(Settings *settings, const char *name) {
    Setting *item = find(settings, name);
    if (!item) return;
    free_item(item);
    size_t after = (size_t)(settings->item + settings->count - item) - 1;
    memmove(item, item + 1, after * sizeof *item);
    settings->count--;
}

void settings_copy(Settings *to, const Settings *from) {
    Settings copy = {0};
    for (size_t i = 0; i < from->count; i++) {
        const Setting *item = &from->item[i];
        settings_set(&copy, item->name, item->value, item->place);
    }
    settings_free(to);
    *to = copy;
}

void settings_free(Settings *settings) {
    for (size_t i = 0; i < settings->count; i++) free_item(&settings->item[i]);
    memory_free(settings->item);
    *settings = (Settings){0};
}
