#include "bound/bounds.h"
#include <math.h>
#include <string.h>

#define AT(field) offsetof(BoundCase, field)

const BoundField bound_fields[] = {
    {"levels", "levels q", BOUND_WHOLE, AT(levels), 2, BOUND_LARGEST, NULL},
    {"inputs", "inputs d0", BOUND_WHOLE, AT(inputs), 1, BOUND_LARGEST, NULL},
    {"hidden", "width d1", BOUND_WIDTHS, AT(hidden), 1, BOUND_LARGEST, NULL},
    {"teacher", "width d1* of the teacher", BOUND_WIDTHS, AT(teacher), 1, BOUND_LARGEST, ""},
    {"samples", "samples N", BOUND_WHOLE, AT(samples), 1, BOUND_LARGEST, NULL},
    {"delta", "delta", BOUND_REAL, AT(delta), 0, 1, "0.05"},
    {"eta", "eta", BOUND_REAL, AT(eta), 0, 1, "0.05"},
    {"guesses", "guess t that fitted", BOUND_WHOLE, AT(guesses), 1, BOUND_LARGEST, ""},
    {"hits", "hits", BOUND_WHOLE, AT(hits), 0, 1e15, ""},
    {"trials", "trials", BOUND_WHOLE, AT(trials), 1, 1e15, ""},
    {"share", "share of delta", BOUND_REAL, AT(share), 0, 1, "0.5"},
    {0},
};

const BoundField *bound_find_field(const char *name) {
    for (const BoundField *field = bound_fields; field->name; field++) {
        if (strcmp(field->name, name) == 0) return field;
    }
    return NULL;
}

static const void *place(const BoundField *field, const BoundCase *world) {
    return (const char *)world + field->offset;
}

static void add_widths(const uint64_t *width, size_t layers, Text *text) {
    if (!width[0]) text_add(text, "-");
    for (size_t l = 0; l < layers && width[0]; l++)
        text_printf(text, "%s%llu", l ? "x" : "", (unsigned long long)width[l]);
}

void bound_add_field(const BoundField *field, const BoundCase *world, Text *text) {
    const void *value = place(field, world);
    switch (field->kind) {
    case BOUND_WHOLE:
        text_printf(text, "%llu", (unsigned long long)*(const uint64_t *)value);
        break;
    case BOUND_REAL:
        text_add_real(text, *(const double *)value);
        break;
    case BOUND_WIDTHS:
        add_widths(value, world->layers, text);
    }
}

bool bound_same_field(const BoundField *field, const BoundCase *one, const BoundCase *other) {
    Text first = {0}, second = {0};
    bound_add_field(field, one, &first);
    bound_add_field(field, other, &second);
    bool same = strcmp(first.data, second.data) == 0;
    text_free(&first);
    text_free(&second);
    return same;
}

bool bound_varies(const BoundReport *report, const BoundField *field) {
    for (size_t i = 1; i < report->count; i++) {
        if (!bound_same_field(field, &report->world[0], &report->world[i])) return true;
    }
    return false;
}

void bound_add_power(Text *text, double log) {
    static const double LN_10 = 2.302585092994046;
    if (fabs(log) < 300 * LN_10 || isinf(log)) {
        text_printf(text, "%.4g", exp(log));
    } else {
        text_printf(text, "10^%.1f", log / LN_10);
    }
}
