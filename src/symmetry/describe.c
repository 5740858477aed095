// Reports for people.
#include "symmetry/inner.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CYCLES = 60, GENERATORS = 6, SKETCH = 24, DIGITS = 60, SIZES = 12 };

static void add_group(Text *text, const char *title, const SymmetryGroup *group, bool zero_based) {
    text_printf(text, "%-11s %zu points; %zu generator%s, counted from %d\n", title, group->n,
                group->generators, group->generators == 1 ? "" : "s", !zero_based);
    for (size_t k = 0; k < group->generators && k < GENERATORS; k++) {
        text_add(text, "            ");
        symmetry_add_cycles(text, group, k, zero_based, CYCLES);
        text_add(text, "\n");
    }
    if (group->generators > GENERATORS)
        text_printf(text, "            and %zu more\n", group->generators - GENERATORS);
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void add_sizes(Text *text, const SymmetryPattern *pattern) {
    uint32_t *size = memory_try(pattern->weights, sizeof *size, "sizes of orbits", NULL);
    if (!size) return; // a line less
    symmetry_sizes(pattern, size);
    qsort(size, pattern->weights, sizeof *size, compare);
    text_add(text, "orbits      ");
    size_t from = 0;
    for (int shown = 0; from < pattern->weights && shown < SIZES; shown++) {
        size_t to = from;
        while (to < pattern->weights && size[to] == size[from]) to++;
        text_printf(text, "%s%zu of %u", shown ? ", " : "", to - from, size[from]);
        from = to;
    }
    text_printf(text, "%s places\n", from < pattern->weights ? ", and larger ones," : "");
    memory_free(size);
}

// A number of very many digits is shown by its first ones and their count.
static void add_number(Text *text, const char *number) {
    size_t digits = strlen(number);
    if (digits <= DIGITS)
        text_add(text, number);
    else
        text_printf(text, "%.20s... (%zu digits)", number, digits);
}

static void add_order(Text *text, const char *title, const char *number) {
    text_printf(text, "%-11s ", title);
    if (number)
        add_number(text, number);
    else
        text_add(text, "too large to find in the time allowed");
    text_add(text, "\n");
}

static void add_closure(Text *text, const SymmetryReport *report) {
    add_order(text, "2-closure", report->closure);
    if (!report->order || !report->closure) return;
    text_add(text, strcmp(report->order, report->closure) == 0
                       ? "            the tied layer has exactly this symmetry\n"
                       : "            the tied layer has more symmetry than asked for\n");
}

static void add_sketch(Text *text, const SymmetryPattern *pattern) {
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    if (pattern->rows > SKETCH || pattern->cols > SKETCH) return;
    bool letters = pattern->weights < sizeof LETTERS;
    text_add(text, "\n");
    for (size_t i = 0; i < pattern->rows; i++) {
        text_add(text, "   ");
        for (size_t j = 0; j < pattern->cols; j++) {
            uint32_t label = symmetry_label(pattern, i, j);
            if (letters)
                text_printf(text, " %c", LETTERS[label]);
            else
                text_printf(text, " %3u", label);
        }
        text_add(text, "\n");
    }
}

void symmetry_describe(const SymmetryReport *report, Text *text) {
    const Symmetry *symmetry = report->symmetry;
    const SymmetryPattern *pattern = &report->pattern;
    text_printf(text, "group       %s\n", symmetry->text);
    add_group(text, symmetry->rectangular ? "inputs" : "acts on", &symmetry->in,
              report->zero_based);
    if (symmetry->rectangular) add_group(text, "outputs", &symmetry->out, report->zero_based);
    size_t in = report->channels_in, out = report->channels_out;
    text_printf(text, "weights     %zu free of %zu\n", pattern->weights,
                pattern->rows * pattern->cols);
    text_printf(text, "bias        %zu free of %zu\n", pattern->biases, pattern->rows);
    if (in != 1 || out != 1)
        text_printf(text, "channels    %zu to %zu: %zu weights, %zu biases\n", in, out,
                    pattern->weights * in * out, pattern->biases * out);
    add_sizes(text, pattern);
    add_order(text, "order", report->order);
    add_closure(text, report);
    add_sketch(text, pattern);
}

// ---- weights ----

static void add_x(Text *text, const SymmetryCheck *check, size_t inputs) {
    text_add(text, "x           ");
    int shown = 0;
    for (size_t j = 0; j < inputs; j++) {
        if (check->x[j] == 0) continue;
        text_printf(text, "%sx[%zu] = ", shown++ ? ", " : "", j);
        text_add_real(text, check->x[j]);
    }
    text_add(text, ", else 0\n");
}

void symmetry_check_describe(const Symmetry *symmetry, const SymmetryCheck *check, bool zero_based,
                             Text *text) {
    text_printf(text, "equivariant %s\n",
                !check->known        ? "not known"
                : check->equivariant ? "yes"
                                     : "no");
    text_printf(text, "tied        %s: worst violation %.6g, tolerance %.6g\n",
                check->tied ? "yes" : "no", check->worst, check->tolerance);
    if (check->worst > 0) {
        text_printf(text,
                    "            W[%zu, %zu] should be W[%zu, %zu] (from 0), by generator %zu, ",
                    check->to_row, check->to_col, check->row, check->col, check->generator + 1);
        symmetry_add_cycles(text, &symmetry->in, check->generator, zero_based, CYCLES);
        text_add(text, "\n");
    }
    if (check->x) {
        add_x(text, check, symmetry->in.n);
        text_printf(
            text, "            f(t x)[%zu] = %.9g, (t f(x))[%zu] = %.9g, t being generator %zu\n",
            check->output, check->moved, check->output, check->wanted, check->x_generator + 1);
    }
    if (check->verdict.converse == CONVERSE_HOLDS)
        text_add(text,
                 "converse    holds: with this activation only tied weights are equivariant\n");
    else if (check->verdict.converse == CONVERSE_FAILS)
        text_printf(
            text,
            "converse    fails: with this activation diag(1, %g) is equivariant to the swap "
            "(1 2)\n            although it is not tied\n",
            check->verdict.second);
    else
        text_add(text, "converse    not known for this activation\n");
}

void symmetry_found_describe(const SymmetryFound *found, bool zero_based, Text *text) {
    text_printf(text, "values      %zu different ones at tolerance %.6g\n", found->values,
                found->tolerance);
    text_printf(text, "margin      gaps up to %.6g are none, ", found->margin_below);
    if (isinf(found->margin_above))
        text_add(text, "there is no other\n");
    else
        text_printf(text, "the next is %.6g\n", found->margin_above);
    add_order(text, "order", found->order);
    if (!found->in_time) return;
    if (found->rectangular)
        text_printf(text, "            on outputs and inputs, each permuted for itself;\n"
                          "            inputs are numbered after the outputs\n");
    add_group(text, "acts on", &found->group, zero_based);
    text_printf(text, "weights     %zu free\nbias        %zu free\n", found->weights,
                found->biases);
}
