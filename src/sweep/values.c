#include "sweep/values.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_VALUES = 1000000, ARGUMENTS = 3 };

typedef struct Call {
    const Document *document;
    const Node *scalar;
    const char *place;
    SweepAxis *axis;
    double argument[ARGUMENTS];
    bool integer[ARGUMENTS];                        // written without point and exponent
    size_t at[ARGUMENTS + 1], width[ARGUMENTS + 1]; // in the scalar's text; the last: the name
    int count;
    Error *error;
} Call;

typedef struct Generator {
    const char *name, *form;
    int least, most; // arguments
    bool (*run)(Call *call);
} Generator;

// Points at a part of the scalar where the source shows it as it is.
static bool refuse(const Call *call, int part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool refuse(const Call *call, int part, const char *format, ...) {
    const Document *document = call->document;
    Node place = *call->scalar;
    size_t offset = place.offset + (place.plain ? 0 : 1), length = strlen(place.text);
    if (offset + length <= document->length &&
        memcmp(document->source + offset, place.text, length) == 0) {
        place.offset = offset + call->at[part];
        place.width = call->width[part];
    }
    Text what = {0};
    va_list list;
    va_start(list, format);
    text_vprintf(&what, format, list);
    va_end(list);
    document_error(document, &place, call->error, "%s", what.data);
    text_free(&what);
    return false;
}

void values_add_one(Arena *arena, SweepAxis *axis, const char *text, const char *place) {
    if (axis->count == axis->capacity) {
        size_t capacity = axis->capacity ? 2 * axis->capacity : 8;
        SweepValue *more = arena_new(arena, capacity, sizeof *more);
        if (axis->count) memcpy(more, axis->value, axis->count * sizeof *more);
        axis->value = more;
        axis->capacity = capacity;
    }
    axis->value[axis->count++] = (SweepValue){arena_text(arena, text, strlen(text)), place};
}

static void add_number(Call *call, double value) {
    char text[40]; // 15 digits: free of the last bit's rounding, so 0.1 * 3 is 0.3
    snprintf(text, sizeof text, "%.15g", value == 0 ? 0.0 : value);
    values_add_one(call->document->arena, call->axis, text, call->place);
}

static bool check_count(const Call *call, double n, int part) {
    if (n >= 1 && n <= MOST_VALUES && n == floor(n)) return true;
    return refuse(call, part, "%.15g values; a whole number from 1 to %d fits", n, MOST_VALUES);
}

static double between(double first, double last, double i, double n) {
    if (i == 0) return first;
    return i == n - 1 ? last : first + (last - first) * (i / (n - 1));
}

static bool run_range(Call *call) {
    double first = call->argument[0], end = call->argument[1];
    double step = call->count == 3 ? call->argument[2] : 1;
    if (step == 0) return refuse(call, 2, "a step of 0 leads nowhere");
    double n = ceil((end - first) / step - 1e-9); // 0.3 / 0.1 is 3
    if (!(n >= 1)) return refuse(call, 1, "no value from the first one to this end");
    if (!check_count(call, n, 1)) return false;
    for (double i = 0; i < n; i++) add_number(call, first + step * i);
    return true;
}

static bool run_linspace(Call *call) {
    double n = call->argument[2];
    if (!check_count(call, n, 2)) return false;
    for (double i = 0; i < n; i++) {
        add_number(call, between(call->argument[0], call->argument[1], i, n));
    }
    return true;
}

// The truncation forgives a part in 1e9, so that geomspace(1, 1000, 4) holds 100 and not 99.
static bool run_geomspace(Call *call) {
    double first = call->argument[0], last = call->argument[1], n = call->argument[2];
    if (!check_count(call, n, 2)) return false;
    if (!(first > 0)) return refuse(call, 0, "equal ratios need an end above 0");
    if (!(last > 0)) return refuse(call, 1, "equal ratios need an end above 0");
    if (!isnormal(last / first)) return refuse(call, 1, "too far from the first value");
    bool whole = call->integer[0] && call->integer[1];
    double before = 0;
    for (double i = 0; i < n; i++) {
        double value = i == 0 ? first : i == n - 1 ? last : first * pow(last / first, i / (n - 1));
        if (whole) value = floor(value * (1 + 1e-9));
        if (!whole || value != before) add_number(call, value);
        before = value;
    }
    return true;
}

static bool run_logspace(Call *call) {
    double n = call->argument[2];
    if (!check_count(call, n, 2)) return false;
    for (double i = 0; i < n; i++) {
        double exponent = between(call->argument[0], call->argument[1], i, n);
        if (fabs(exponent) > 300) return refuse(call, 0, "10 to the power of %.15g", exponent);
        add_number(call, pow(10, exponent));
    }
    return true;
}

static const Generator generators[] = {
    {"range", "range(first, end[, step])", 2, 3, run_range},
    {"linspace", "linspace(first, last, n)", 3, 3, run_linspace},
    {"geomspace", "geomspace(first, last, n)", 3, 3, run_geomspace},
    {"logspace", "logspace(a, b, n)", 3, 3, run_logspace},
};
enum { GENERATORS = sizeof generators / sizeof *generators };

static size_t word_length(const char *text) {
    size_t length = 0;
    while (isalpha((unsigned char)text[length]) || text[length] == '_') length++;
    return length;
}

bool values_generated(const char *text) {
    size_t length = word_length(text), end = strlen(text);
    return length > 0 && text[length] == '(' && text[end - 1] == ')';
}

// text[from, to) without the white space around it, as a number.
static bool read_argument(Call *call, const char *text, size_t from, size_t to) {
    while (from < to && isspace((unsigned char)text[from])) from++;
    while (to > from && isspace((unsigned char)text[to - 1])) to--;
    int i = call->count;
    call->at[i] = from;
    call->width[i] = to > from ? to - from : 1;
    char number[64];
    snprintf(number, sizeof number, "%.*s", (int)(to - from < 64 ? to - from : 0), text + from);
    if (!text_to_real(number, &call->argument[i]) || !isfinite(call->argument[i]))
        return refuse(call, i, "\"%.*s\" is not a number", (int)(to - from), text + from);
    call->integer[i] = !strpbrk(number, ".eE");
    call->count++;
    return true;
}

static bool read_arguments(Call *call, const Generator *generator) {
    const char *text = call->scalar->text;
    size_t from = strlen(generator->name) + 1, end = strlen(text) - 1;
    for (size_t i = from; i <= end; i++) {
        if (i < end && text[i] != ',') continue;
        if (call->count == generator->most) {
            while (from < end && isspace((unsigned char)text[from])) from++;
            call->at[ARGUMENTS] = from;
            call->width[ARGUMENTS] = end > from ? end - from : 1;
            return refuse(call, ARGUMENTS, "too many numbers: %s", generator->form);
        }
        if (!read_argument(call, text, from, i)) return false;
        from = i + 1;
    }
    if (call->count >= generator->least) return true;
    return refuse(call, ARGUMENTS, "too few numbers: %s", generator->form);
}

static const Generator *find_generator(const char *text) {
    size_t length = word_length(text);
    for (int i = 0; i < GENERATORS; i++) {
        const char *name = generators[i].name;
        if (strlen(name) == length && strncmp(text, name, length) == 0) return &generators[i];
    }
    return NULL;
}

static bool unknown_generator(const Call *call) {
    Text word = {0};
    text_add_bytes(&word, call->scalar->text, call->width[ARGUMENTS]);
    const char *nearest = text_nearest(word.data, generators, GENERATORS, sizeof *generators);
    refuse(call, ARGUMENTS, "unknown \"%s(...)\"%s%s%s; range, linspace, geomspace, logspace fit",
           word.data, nearest ? ", did you mean \"" : "", nearest ? nearest : "",
           nearest ? "\"?" : "");
    text_free(&word);
    return false;
}

bool values_add(const Document *document, const Node *scalar, const char *place, SweepAxis *axis,
                Error *error) {
    if (!values_generated(scalar->text)) {
        values_add_one(document->arena, axis, scalar->text, place);
        return true;
    }
    Call call = {
        .document = document, .scalar = scalar, .place = place, .axis = axis, .error = error};
    call.width[ARGUMENTS] = word_length(scalar->text);
    const Generator *generator = find_generator(scalar->text);
    if (!generator) return unknown_generator(&call);
    return read_arguments(&call, generator) && generator->run(&call);
}
