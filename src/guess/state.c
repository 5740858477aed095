// What plain sampling has reached, as JSON: {"of": KEY, "guesses", "hits", "full", "t": []}.
#include "guess/inner.h"
#include <string.h>

char *state_key(const World *world) {
    Settings settings = {0};
    Text text = {0};
    Hash hash = {0};
    char key[33];
    task_print(&world_options, &world->options, &settings);
    for (size_t i = 0; i < settings.count; i++) {
        if (strcmp(settings.item[i].name, "guesses") == 0) continue; // more of them go on
        text_printf(&text, "%s=%s\n", settings.item[i].name, settings.item[i].value);
    }
    net_canonical(world->net, &text);
    hash_string(&hash, text.data);
    hash_bytes(&hash, world->points.x, world->points.all * world->points.d * sizeof(float));
    hash_bytes(&hash, world->points.y, world->points.all);
    hash_print(&hash, key);
    text_free(&text);
    settings_free(&settings);
    return memory_text(key);
}

void state_print(const char *key, const GuessTally *tally, Text *text) {
    text_printf(text,
                "{\"of\": \"%s\", \"guesses\": %llu, \"hits\": %llu, \"full\": %llu, \"t\": [", key,
                (unsigned long long)tally->guesses, (unsigned long long)tally->hits,
                (unsigned long long)tally->full);
    for (size_t i = 0; i < tally->kept; i++)
        text_printf(text, "%s%llu", i ? ", " : "", (unsigned long long)tally->t[i]);
    text_add(text, "]}\n");
}

static bool read_count(const json_t *json, const char *key, uint64_t *count) {
    const json_t *value = json_object_get(json, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *count = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_hits(const json_t *json, GuessTally *tally) {
    const json_t *t = json_object_get(json, "t");
    tally->kept = json_array_size(t);
    if (!json_is_array(t) || tally->kept > tally->room || tally->kept > tally->hits) return false;
    if (tally->kept < tally->hits && tally->kept < tally->room) return false;
    for (size_t i = 0; i < tally->kept; i++) {
        const json_t *item = json_array_get(t, i);
        if (!json_is_integer(item) || json_integer_value(item) < 0) return false;
        tally->t[i] = (uint64_t)json_integer_value(item);
        if (tally->t[i] >= tally->guesses || (i && tally->t[i] <= tally->t[i - 1])) return false;
    }
    return true;
}

bool state_read(const char *name, const char *bytes, size_t size, const char *key,
                GuessTally *tally, Error *error) {
    json_error_t where;
    json_t *json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &where);
    if (!json) return error_set(error, "%s:%d:%d: %s", name, where.line, where.column, where.text);
    const char *of = json_string_value(json_object_get(json, "of"));
    bool same = of && strcmp(of, key) == 0;
    bool whole = same && read_count(json, "guesses", &tally->guesses) &&
                 read_count(json, "hits", &tally->hits) && read_count(json, "full", &tally->full) &&
                 tally->full <= tally->hits && tally->hits <= tally->guesses &&
                 read_hits(json, tally);
    json_decref(json);
    if (whole) return true;
    return error_set(error, "%s:1:1: %s; take another file, or remove this one", name,
                     same ? "no tally of guesses" : "this is the tally of another experiment");
}
