// The schema of an experiment file: a tree of nodes becomes a Sweep.
#include "sweep/values.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LARGEST_FILE = 1000000, LONGEST_NAME = 100 };

typedef struct Reader {
    Sweep *sweep;
    Document document; // of the file, or of one override
    const char *place; // of the override; NULL: in the file
    Error *error;
} Reader;

typedef struct Key {
    const char *name;
    bool (*read)(Reader *reader, const Node *key, const Node *value);
} Key;

static bool refuse_twice(const Reader *reader, const Node *key) {
    return document_error(&reader->document, key, reader->error, "\"%s\" is given twice",
                          key->text);
}

// With '_' for '-', in the arena. NULL with an error where it could not be a column's name.
static const char *read_name(const Reader *reader, const Node *key) {
    char *name = arena_text(reader->document.arena, key->text, strlen(key->text));
    bool ok = isalpha((unsigned char)*name);
    for (char *c = name; *c; c++) {
        if (*c == '-') *c = '_';
        ok = ok && (isalnum((unsigned char)*c) || *c == '_');
    }
    if (ok) return name;
    document_error(&reader->document, key, reader->error,
                   "\"%s\" is no name: a letter, then letters, digits, - and _", key->text);
    return NULL;
}

static bool is_null(const Node *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; node->plain && i < sizeof nulls / sizeof *nulls; i++) {
        if (strcmp(node->text, nulls[i]) == 0) return true;
    }
    return false;
}

static bool has_control(const char *text, const char *but) {
    char *tame = memory_text(text);
    text_tame(tame, but);
    bool found = strcmp(tame, text) != 0;
    memory_free(tame);
    return found;
}

static bool check_scalar(const Reader *reader, const Node *key, const Node *value,
                         const char *fits) {
    if (value->kind != NODE_SCALAR) {
        return document_error(&reader->document, value, reader->error, "%s is a %s; %s", key->text,
                              value->kind == NODE_LIST ? "list" : "mapping", fits);
    }
    // In a file it is a slip; on the command line it may be the name of a file.
    if (!reader->place && has_control(value->text, "\n\t")) {
        return document_error(&reader->document, value, reader->error,
                              "%s holds a control character; a terminal that shows it would obey",
                              key->text);
    }
    if (!is_null(value)) return true;
    return document_error(&reader->document, key, reader->error, "\"%s\" has no value", key->text);
}

static const char *place_of(const Reader *reader, const Node *node) {
    return reader->place ? reader->place : document_place(&reader->document, node);
}

// ---- the grid ----

static SweepAxis *find_axis(Sweep *sweep, const char *name) {
    for (size_t i = 0; i < sweep->axes; i++) {
        if (strcmp(sweep->axis[i].name, name) == 0) return &sweep->axis[i];
    }
    return NULL;
}

static void remove_axis(Sweep *sweep, const char *name) {
    SweepAxis *axis = find_axis(sweep, name);
    if (!axis) return;
    size_t after = (size_t)(sweep->axis + sweep->axes - axis) - 1;
    memmove(axis, axis + 1, after * sizeof *axis);
    sweep->axes--;
}

// An empty axis of that name: a new one, or, for an override, in the place of the old.
static SweepAxis *make_axis(Reader *reader, const Node *key, const char *name) {
    Sweep *sweep = reader->sweep;
    SweepAxis *axis = find_axis(sweep, name);
    if (!reader->place && (axis || settings_find(&sweep->fixed, name))) {
        refuse_twice(reader, key);
        return NULL;
    }
    settings_remove(&sweep->fixed, name);
    if (!axis) {
        sweep->axis =
            memory_grow(sweep->axis, sweep->axes, &sweep->axis_capacity, sizeof *sweep->axis);
        axis = &sweep->axis[sweep->axes++];
    }
    *axis = (SweepAxis){.name = name};
    return axis;
}

static bool add_value(Reader *reader, const Node *key, const Node *value, SweepAxis *axis) {
    return check_scalar(reader, key, value, "each value is one word or number") &&
           values_add(&reader->document, value, place_of(reader, value), axis, reader->error);
}

static bool add_list(Reader *reader, const Node *key, const Node *list, SweepAxis *axis) {
    if (list->kind == NODE_SCALAR) return add_value(reader, key, list, axis);
    if (list->kind == NODE_MAP || list->count == 0) {
        return document_error(&reader->document, list, reader->error,
                              "%s has no values; a list such as [1, 2, 4] or "
                              "geomspace(2, 300, 20) fits",
                              key->text);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (!add_value(reader, key, list->item[i], axis)) return false;
    }
    return true;
}

static bool read_axis(Reader *reader, const Node *key, const Node *value) {
    const char *name = read_name(reader, key);
    SweepAxis *axis = name ? make_axis(reader, key, name) : NULL;
    if (!axis) return false;
    if (value->kind != NODE_MAP) return add_list(reader, key, value, axis);
    static const char *const words[] = {"values", "value"};
    for (size_t i = 0; i < value->count; i++) {
        const Node *word = value->item[2 * i];
        if (strcmp(word->text, words[0]) != 0 && strcmp(word->text, words[1]) != 0) {
            const char *nearest = text_nearest(word->text, words, 2, sizeof *words);
            return document_error(&reader->document, word, reader->error,
                                  "unknown key \"%s\"%s%s%s; {values: [...]}, {value: ...} fit",
                                  word->text, nearest ? ", did you mean \"" : "",
                                  nearest ? nearest : "", nearest ? "\"?" : "");
        }
        if (i) return refuse_twice(reader, word);
        if (!add_list(reader, key, value->item[2 * i + 1], axis)) return false;
    }
    return value->count ? true : add_list(reader, key, value, axis);
}

static bool read_parameters(Reader *reader, const Node *key, const Node *value) {
    if (reader->place) {
        return error_set(reader->error, "%s: name the parameter itself, as in width=[2,4]",
                         reader->place);
    }
    if (value->kind != NODE_MAP) {
        return document_error(&reader->document, key, reader->error,
                              "parameters takes a mapping of names to values");
    }
    for (size_t i = 0; i < value->count; i++) {
        if (!read_axis(reader, value->item[2 * i], value->item[2 * i + 1])) return false;
    }
    return true;
}

static bool read_seeds(Reader *reader, const Node *key, const Node *value) {
    int64_t count;
    if (!check_scalar(reader, key, value, "it takes how many")) return false;
    if (!text_to_int(value->text, &count) || count < 1 || count > 100000) {
        return document_error(&reader->document, value, reader->error,
                              "seeds is \"%s\"; it takes a whole number from 1 to 100000",
                              value->text);
    }
    SweepAxis *axis = make_axis(reader, key, "seed");
    if (!axis) return false;
    const char *place = place_of(reader, value);
    for (int64_t seed = 0; seed < count; seed++) {
        char text[24];
        snprintf(text, sizeof text, "%lld", (long long)seed);
        values_add_one(reader->document.arena, axis, text, place);
    }
    return true;
}

// ---- fixed values ----

static bool read_word(Reader *reader, const Node *key, const Node *value, const char **word) {
    if (!check_scalar(reader, key, value, "it takes one text")) return false;
    *word = value->text;
    return true;
}

// The name is a file's, too: of the store, of the report.
static bool read_title(Reader *reader, const Node *key, const Node *value) {
    const char *name;
    if (!read_word(reader, key, value, &name)) return false;
    size_t length = strlen(name);
    const char *why = strchr(name, '/')                         ? "without /"
                      : *name == '.' || *name == '-'            ? "that begins with neither . nor -"
                      : length > LONGEST_NAME                   ? "of at most 100 bytes"
                      : has_control(name, "")                   ? "without control characters"
                      : strspn(name, " ") == length             ? "that is not empty"
                      : *name == ' ' || name[length - 1] == ' ' ? "without blanks at its ends"
                                                                : NULL;
    if (why) {
        return document_error(&reader->document, value, reader->error,
                              "the name is \"%.40s%s\"; the store is called by it, so it takes a "
                              "file's name %s",
                              name, length > 40 ? "..." : "", why);
    }
    reader->sweep->name = name;
    reader->sweep->named = true;
    return true;
}

static bool read_description(Reader *reader, const Node *key, const Node *value) {
    reader->sweep->named = true;
    return read_word(reader, key, value, &reader->sweep->description);
}

static bool read_task(Reader *reader, const Node *key, const Node *value) {
    reader->sweep->task.place = place_of(reader, value);
    return read_word(reader, key, value, &reader->sweep->task.text);
}

static bool read_method(Reader *reader, const Node *key, const Node *value) {
    const char *method;
    if (!read_word(reader, key, value, &method)) return false;
    if (strcmp(method, "grid") == 0) return true;
    return document_error(&reader->document, value, reader->error,
                          "method is \"%s\"; every cell of the grid is run: grid", method);
}

static const Key keys[] = {
    {"name", read_title},  {"description", read_description},
    {"task", read_task},   {"method", read_method},
    {"seeds", read_seeds}, {"parameters", read_parameters},
};
enum { KEYS = sizeof keys / sizeof *keys };

static bool read_fixed(Reader *reader, const Node *key, const Node *value, const char *name) {
    Sweep *sweep = reader->sweep;
    if (value->kind != NODE_SCALAR) {
        const char *nearest = text_nearest(name, keys, KEYS, sizeof *keys);
        return document_error(&reader->document, key, reader->error,
                              "\"%s\" takes one value%s%s%s; values to vary go under parameters",
                              key->text, nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                              nearest ? "\"?" : "");
    }
    if (!check_scalar(reader, key, value, "")) return false;
    if (values_generated(value->text) && value->plain) {
        return document_error(&reader->document, key, reader->error,
                              "\"%s\" takes one value; values to vary go under parameters",
                              key->text);
    }
    if (!reader->place && (settings_find(&sweep->fixed, name) || find_axis(sweep, name)))
        return refuse_twice(reader, key);
    remove_axis(sweep, name);
    settings_set(&sweep->fixed, name, value->text, place_of(reader, value));
    return true;
}

static const Key *find_key(const char *name) {
    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(keys[i].name, name) == 0) return &keys[i];
    }
    return NULL;
}

static bool read_top(Reader *reader, const Node *root) {
    unsigned seen = 0;
    if (!root || root->kind != NODE_MAP) {
        Node start = {.width = 1};
        return document_error(&reader->document, root ? root : &start, reader->error,
                              "an experiment is a mapping: model: ..., parameters: ...");
    }
    for (size_t i = 0; i < root->count; i++) {
        const Node *key = root->item[2 * i], *value = root->item[2 * i + 1];
        const char *name = read_name(reader, key);
        const Key *known = name ? find_key(name) : NULL;
        if (!name) return false;
        if (known) {
            unsigned bit = 1u << (known - keys);
            if (seen & bit) return refuse_twice(reader, key);
            seen |= bit;
            if (!known->read(reader, key, value)) return false;
        } else if (!read_fixed(reader, key, value, name)) {
            return false;
        }
    }
    return true;
}

// ---- overrides ----

// A value that begins like a YAML list or mapping is read as one, any other is taken as it is.
static bool read_override(Reader *reader, const Setting *given) {
    Arena *arena = &reader->sweep->arena;
    const char *place = given->place ? given->place : given->name;
    reader->place = arena_text(arena, place, strlen(place));
    const char *source = arena_text(arena, given->value, strlen(given->value));
    reader->document = (Document){reader->place, source, strlen(source), arena, NULL};
    Node scalar = {NODE_SCALAR, source, true, 0, strlen(source) + !*source, NULL, 0, 0};
    Node key = {NODE_SCALAR, given->name, true, 0, scalar.width, NULL, 0, 0};
    const Node *value = &scalar;
    if (*source == '[' || *source == '{') {
        if (!document_parse(&reader->document, reader->error)) return false;
        value = reader->document.root;
    }
    const char *name = read_name(reader, &key);
    if (!name) return false;
    const Key *known = find_key(name);
    if (known) return known->read(reader, &key, value);
    if (value != &scalar || values_generated(source)) return read_axis(reader, &key, value);
    return read_fixed(reader, &key, value, name);
}

static bool read_all(Sweep *sweep, const Settings *overrides, Error *error) {
    Reader reader = {.sweep = sweep, .error = error};
    reader.document = (Document){sweep->path, sweep->source, sweep->length, &sweep->arena, NULL};
    if (!document_parse(&reader.document, error)) return false;
    if (!read_top(&reader, reader.document.root)) return false;
    for (size_t i = 0; overrides && i < overrides->count; i++) {
        if (!read_override(&reader, &overrides->item[i])) return false;
    }
    return true;
}

// "experiments/mnist1d.yaml" is called mnist1d.
static const char *title_of(Sweep *sweep) {
    const char *slash = strrchr(sweep->path, '/'), *base = slash ? slash + 1 : sweep->path;
    const char *dot = strrchr(base, '.');
    return arena_text(&sweep->arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

bool sweep_parse(const char *name, const char *text, size_t length, const Settings *overrides,
                 Sweep **result, Error *error) {
    Sweep *sweep = memory_new(1, sizeof *sweep);
    sweep->path = arena_text(&sweep->arena, name, strlen(name));
    sweep->source = arena_text(&sweep->arena, text, length);
    sweep->length = length;
    sweep->name = title_of(sweep);
    sweep->description = "";
    sweep->task = (SweepValue){"train", sweep->path};
    if (!read_all(sweep, overrides, error)) {
        sweep_free(sweep);
        return false;
    }
    *result = sweep;
    return true;
}

bool sweep_read(const char *path, const Settings *overrides, Sweep **sweep, Error *error) {
    char *text;
    size_t length;
    if (!file_read(path, LARGEST_FILE, &text, &length, error)) return false;
    bool ok = sweep_parse(path, text, length, overrides, sweep, error);
    memory_free(text);
    return ok;
}

void sweep_free(Sweep *sweep) {
    if (!sweep) return;
    settings_free(&sweep->fixed);
    memory_free(sweep->axis);
    arena_free(&sweep->arena);
    memory_free(sweep);
}
