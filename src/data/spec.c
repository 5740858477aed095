#include "data/spec.h"
#include <string.h>

enum { KEYS = 64 }; // of one kind, at most

typedef struct Reader {
    const char *text;
    size_t length, at;
    uint64_t seen; // bit i: option i was given
    Error *error;
} Reader;

#define REFUSE(reader, offset, width, ...)                                                         \
    error_at((reader)->error, "data", (reader)->text, (reader)->length, offset,                    \
             (width) ? (width) : 1, __VA_ARGS__)

static void list_kinds(Text *text) {
    for (int i = 0; data_kinds[i]; i++)
        text_printf(text, "%s%s", i ? ", " : "", data_kinds[i]->name);
}

static bool unknown_kind(Reader *reader, size_t width, const char *name) {
    const char *names[KEYS] = {0};
    size_t count = 0;
    while (data_kinds[count] && count < KEYS) names[count] = data_kinds[count]->name, count++;
    const char *near = text_nearest(name, names, count, sizeof *names);
    Text all = {0};
    list_kinds(&all);
    if (near)
        REFUSE(reader, 0, width, "unknown data set \"%s\", did you mean \"%s\"?", name, near);
    else if (*name)
        REFUSE(reader, 0, width, "unknown data set \"%s\"; there are %s", name, all.data);
    else
        REFUSE(reader, 0, width, "a data set begins with its name, one of %s", all.data);
    text_free(&all);
    return false;
}

static bool read_kind(Reader *reader, Spec *spec) {
    size_t width = strcspn(reader->text, ":");
    Text name = {0};
    text_add_bytes(&name, reader->text, width);
    text_add(&name, "");
    for (int i = 0; data_kinds[i] && !spec->kind; i++) {
        if (strcmp(data_kinds[i]->name, name.data) == 0) spec->kind = data_kinds[i];
    }
    bool ok = spec->kind || unknown_kind(reader, width, name.data);
    text_free(&name);
    reader->at = width + (reader->text[width] == ':');
    return ok;
}

static const Option *find_key(Reader *reader, const DataKind *kind, const char *key, size_t at) {
    const Option *option = option_find(kind->options, kind->option_count, key);
    if (option) return option;
    const char *near = kind->option_count ? text_nearest(key, &kind->options->name,
                                                         kind->option_count, sizeof(Option))
                                          : NULL;
    if (near)
        REFUSE(reader, at, strlen(key), "unknown key \"%s\", did you mean \"%s\"?", key, near);
    else
        REFUSE(reader, at, strlen(key), "unknown key \"%s\"; the form is %s", key, kind->form);
    return NULL;
}

// Up to the next comma that has no backslash before it.
static void read_value(Reader *reader, Text *value) {
    text_add(value, "");
    while (reader->at < reader->length && reader->text[reader->at] != ',') {
        if (reader->text[reader->at] == '\\' && reader->at + 1 < reader->length) reader->at++;
        text_add_bytes(value, reader->text + reader->at++, 1);
    }
}

static bool set_option(Reader *reader, Spec *spec, const char *key, size_t at) {
    const Option *option = find_key(reader, spec->kind, key, at);
    if (!option) return false;
    uint64_t bit = 1ULL << (option - spec->kind->options);
    if (reader->seen & bit) return REFUSE(reader, at, strlen(key), "%s is given twice", key);
    reader->seen |= bit;
    size_t value_at = ++reader->at; // after the '='
    Text value = {0};
    read_value(reader, &value);
    Error why;
    const char place[] = "data";
    bool ok = option_set(option, spec->parameters, value.data, place, &why);
    if (!ok) REFUSE(reader, value_at, reader->at - value_at, "%s", why.text + sizeof place + 1);
    text_free(&value);
    return ok;
}

static bool read_pair(Reader *reader, Spec *spec) {
    size_t at = reader->at, width = strcspn(reader->text + at, "=,");
    if (reader->text[at + width] != '=')
        return REFUSE(reader, at, width, "key=value is expected here; the form is %s",
                      spec->kind->form);
    Text key = {0};
    text_add_bytes(&key, reader->text + at, width);
    text_add(&key, "");
    reader->at += width;
    bool ok = set_option(reader, spec, key.data, at);
    text_free(&key);
    return ok;
}

static char *canonical(const DataKind *kind, const void *parameters) {
    Text text = {0};
    text_add(&text, kind->name);
    for (size_t i = 0; i < kind->option_count; i++) {
        const Option *option = &kind->options[i];
        Text value = {0};
        text_add(&value, "");
        option_print(option, parameters, &value);
        bool implied = i + kind->implied >= kind->option_count;
        if (!implied || strcmp(value.data, option->fallback) != 0) {
            text_printf(&text, "%s%s=", i ? "," : ":", option->name);
            text_add_quoted(&text, value.data, ",\\");
        }
        text_free(&value);
    }
    return text.data;
}

bool spec_parse(const char *text, Spec *spec, Error *error) {
    *spec = (Spec){0};
    Reader reader = {.text = text, .length = strlen(text), .error = error};
    if (!read_kind(&reader, spec)) return false;
    REQUIRE(spec->kind->option_count <= KEYS);
    spec->parameters = memory_new(1, spec->kind->bytes);
    option_defaults(spec->kind->options, spec->kind->option_count, spec->parameters);
    bool pairs = reader.at > 0 && text[reader.at - 1] == ':', ok = true;
    while (ok && pairs) {
        ok = read_pair(&reader, spec);
        pairs = text[reader.at] == ',';
        reader.at += pairs;
    }
    if (ok)
        spec->canonical = canonical(spec->kind, spec->parameters);
    else
        spec_free(spec);
    return ok;
}

void spec_free(Spec *spec) {
    if (spec->parameters)
        option_free(spec->kind->options, spec->kind->option_count, spec->parameters);
    memory_free(spec->parameters);
    memory_free(spec->canonical);
    *spec = (Spec){0};
}
