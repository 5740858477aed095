#include "guess/sampling.h"
#include <math.h>
#include <string.h>

static bool add_level(double value, const char *place, GuessPrior *prior, Error *error) {
    for (size_t i = 0; i < prior->levels; i++) {
        if (prior->level[i] == value)
            return error_set(error, "%s: level %g stands there twice; levels are equally probable",
                             place, value);
    }
    if (prior->levels == GUESS_LEVELS_MOST)
        return error_set(error, "%s: up to %d levels", place, GUESS_LEVELS_MOST);
    prior->level[prior->levels++] = value;
    return true;
}

// One item of the list, which ends at a comma or the end.
static bool read_level(const char *item, size_t length, const char *place, GuessPrior *prior,
                       Error *error) {
    Text word = {0};
    double value;
    text_add_bytes(&word, item, length);
    bool ok = text_to_real(word.data, &value) && isfinite(value) && fabs(value) <= 1e6;
    if (!ok)
        error_set(error,
                  "%s: \"%s\" is no level; levels are numbers from -1e6 to 1e6, such as -1,0,1",
                  place, word.data);
    text_free(&word);
    return ok && add_level(value == 0 ? 0 : value, place, prior, error);
}

// A number of levels instead of the levels: -(q-1)/2 .. (q-1)/2, if it is odd.
static bool read_number(int64_t q, const char *place, GuessPrior *prior, Error *error) {
    if (q % 2 == 0 || q > GUESS_LEVELS_MOST)
        return error_set(
            error,
            "%s: %lld levels; a number of them is odd, from 3 to %d, for whole numbers "
            "around 0; others are written out, such as -1,1",
            place, (long long)q, GUESS_LEVELS_MOST - 1);
    for (int64_t i = 0; i < q; i++) prior->level[i] = (double)(i - (q - 1) / 2);
    prior->levels = (size_t)q;
    return true;
}

bool guess_read_levels(const char *text, const char *place, GuessPrior *prior, Error *error) {
    int64_t q;
    *prior = (GuessPrior){.law = GUESS_LEVELS};
    if (text_to_int(text, &q) && q >= 2) return read_number(q, place, prior, error);
    for (const char *item = text;; item++) {
        size_t length = strcspn(item, ",");
        if (!read_level(item, length, place, prior, error)) return false;
        item += length;
        if (!*item) break;
    }
    if (prior->levels >= 2) return true;
    return error_set(
        error, "%s: one level alone leaves nothing to guess; two or more, such as -1,1", place);
}

static const char *const LAWS[] = {
    [GUESS_LEVELS] = "levels", [GUESS_UNIFORM] = "uniform", [GUESS_NORMAL] = "normal"};

bool guess_read_prior(const char *text, const char *place, GuessPrior *prior, Error *error) {
    size_t length = strcspn(text, ":");
    *prior = (GuessPrior){.law = GUESS_UNIFORM, .scale = 1};
    while (strlen(LAWS[prior->law]) != length || strncmp(LAWS[prior->law], text, length) != 0) {
        if (prior->law++ == GUESS_NORMAL)
            return error_set(error, "%s is \"%s\"; it takes normal or uniform, or normal:SCALE",
                             place, text);
    }
    if (!text[length]) return true;
    if (text_to_real(text + length + 1, &prior->scale) && prior->scale >= 1e-6 &&
        prior->scale <= 1e6)
        return true;
    return error_set(error, "%s: the scale \"%s\" is no number from 1e-6 to 1e6", place,
                     text + length + 1);
}

void guess_print_prior(const GuessPrior *prior, Text *text) {
    if (prior->law != GUESS_LEVELS) {
        text_printf(text, "%s:", LAWS[prior->law]);
        text_add_real(text, prior->scale);
    }
    for (size_t i = 0; i < prior->levels; i++) {
        if (i) text_add(text, ",");
        text_add_real(text, prior->level[i]);
    }
}

void guess_print_levels(const GuessPrior *prior, Text *text) {
    bool around = prior->levels % 2 == 1;
    for (size_t i = 0; i < prior->levels; i++)
        around = around && prior->level[i] == (double)i - (double)(prior->levels / 2);
    if (around)
        text_printf(text, "%zu", prior->levels);
    else
        guess_print_prior(prior, text);
}

bool guess_has_zero(const GuessPrior *prior) {
    for (size_t i = 0; i < prior->levels; i++) {
        if (prior->level[i] == 0) return true;
    }
    return false;
}
