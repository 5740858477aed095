// Groups of tied layers, kept while a layer stands on them.
#include "layer/tied.h"
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static TiedFacts *kept;

// ---- one side ----

static bool side_new(TiedSide *side, size_t weights, Error *error) {
    static const char WHAT[] = "orbits of a tied layer";
    side->orbit = memory_try(side->rows, sizeof *side->orbit, WHAT, error);
    side->first = memory_try(side->rows + 1, sizeof *side->first, WHAT, error);
    side->most = memory_try(side->rows, sizeof *side->most, WHAT, error);
    side->labels = memory_try(weights, sizeof *side->labels, WHAT, error);
    side->count = memory_try(weights, sizeof *side->count, WHAT, error);
    return side->orbit && side->first && side->most && side->labels && side->count;
}

static void side_free(TiedSide *side) {
    memory_free(side->orbit);
    memory_free(side->first);
    memory_free(side->most);
    memory_free(side->labels);
    memory_free(side->count);
    memory_free(side->at);
    memory_free(side->column);
    memory_free(side->run_at);
    memory_free(side->run);
    *side = (TiedSide){0};
}

// Takes the labels of a row that begins an orbit; place: (weights) 1 + where a label stands.
static void begin_orbit(TiedSide *side, size_t row, int bytes, uint32_t *place) {
    uint32_t from = side->first[side->orbits], end = from, most = from;
    for (size_t j = 0; j < side->cols; j++) {
        uint32_t label = tied_label(side->label, bytes, row * side->cols + j);
        if (!place[label]) {
            side->labels[end++] = label;
            place[label] = end;
        }
        side->count[place[label] - 1]++;
    }
    for (uint32_t l = from; l < end; l++)
        if (side->count[l] > side->count[most]) most = l;
    side->most[side->orbits++] = most - from;
    side->first[side->orbits] = end;
    if (end - from > side->largest) side->largest = end - from;
}

static bool find_orbits(TiedSide *side, size_t weights, int bytes, Error *error) {
    uint32_t *place = memory_try(weights, sizeof *place, "orbits of a tied layer", error);
    int32_t *of_label = memory_try(weights, sizeof *of_label, "orbits of a tied layer", error);
    bool ok = place && of_label && side_new(side, weights, error);
    for (size_t i = 0; ok && i < side->rows; i++) {
        uint32_t label = tied_label(side->label, bytes, i * side->cols);
        if (!place[label]) {
            begin_orbit(side, i, bytes, place);
            for (uint32_t l = side->first[side->orbits - 1]; l < side->first[side->orbits]; l++)
                of_label[side->labels[l]] = (int32_t)side->orbits - 1;
        }
        size_t k = (size_t)(side->orbit[i] = of_label[label]);
        side->visits += (double)side->cols - side->count[side->first[k] + side->most[k]];
        for (uint32_t l = side->first[k]; l < side->first[k + 1]; l++)
            side->squares += (double)side->count[l] * side->count[l];
    }
    memory_free(place);
    memory_free(of_label);
    return ok;
}

// ---- runs ----

enum { LONG = 8 }; // columns of a run, on average, that are worth it

// The run of row i that begins at column j.
static TiedRun take_run(const TiedSide *side, int bytes, size_t i, size_t j) {
    size_t from = i * side->cols + j, left = side->cols - j;
    uint32_t label = tied_label(side->label, bytes, from), last = label;
    TiedRun run = {.label = label, .length = 1};
    for (; run.length < left; run.length++) {
        uint32_t next = tied_label(side->label, bytes, from + run.length);
        int64_t step = (int64_t)next - last;
        if (run.length == 1 && (step >= -1 && step <= 1)) run.step = (int)step;
        if (step != run.step) break;
        last = next;
    }
    return run;
}

static size_t list_runs(const TiedSide *side, int bytes, size_t most, size_t *at, TiedRun *to) {
    size_t count = 0;
    for (size_t i = 0; i < side->rows; i++) {
        if (at) at[i] = count;
        for (size_t j = 0; j < side->cols && count < most;) {
            TiedRun run = take_run(side, bytes, i, j);
            j += run.length;
            if (to) to[count] = run;
            count++;
        }
    }
    if (at) at[side->rows] = count;
    return count;
}

static bool find_runs(TiedSide *side, int bytes, Error *error) {
    size_t most = side->rows * side->cols / LONG, count = list_runs(side, bytes, most, NULL, NULL);
    if (count >= most) return true;
    side->run_at = memory_try(side->rows + 1, sizeof *side->run_at, "a tied layer", error);
    side->run = memory_try(count, sizeof *side->run, "a tied layer", error);
    if (!side->run_at || !side->run) return false;
    list_runs(side, bytes, most, side->run_at, side->run);
    return true;
}

// ---- lists of columns ----

// Row i, given where each label's columns go.
static void list_row(TiedSide *side, size_t i, int bytes, uint32_t *next, const uint32_t *place) {
    size_t k = (size_t)side->orbit[i];
    uint32_t from = side->first[k], at = 0;
    uint16_t *column = side->column + side->at[i];
    for (uint32_t l = from; l < side->first[k + 1]; l++) {
        next[l] = at;
        if (l != from + side->most[k]) at += side->count[l];
    }
    for (size_t j = 0; j < side->cols; j++) {
        uint32_t l = place[tied_label(side->label, bytes, i * side->cols + j)];
        if (l != from + side->most[k]) column[next[l]++] = (uint16_t)j;
    }
}

static bool list_columns(TiedSide *side, size_t weights, int bytes, Error *error) {
    static const char WHAT[] = "sums of a tied layer";
    uint32_t *next = memory_try(weights, sizeof *next, WHAT, error);
    uint32_t *place = memory_try(weights, sizeof *place, WHAT, error);
    memory_free(side->at);
    memory_free(side->column);
    side->at = memory_try(side->rows + 1, sizeof *side->at, WHAT, error);
    side->column = memory_try((size_t)side->visits + 1, sizeof *side->column, WHAT, error);
    bool ok = next && place && side->at && side->column;
    for (uint32_t l = 0; ok && l < weights; l++) place[side->labels[l]] = l;
    for (size_t i = 0; ok && i < side->rows; i++) {
        size_t k = (size_t)side->orbit[i];
        side->at[i + 1] = side->at[i] + side->cols - side->count[side->first[k] + side->most[k]];
        list_row(side, i, bytes, next, place);
    }
    memory_free(next);
    memory_free(place);
    return ok;
}

bool tied_sums(TiedFacts *facts, Error *error) {
    pthread_mutex_lock(&lock);
    size_t weights = facts->pattern.weights;
    bool ok = facts->in.column || (list_columns(&facts->out, weights, facts->bytes, error) &&
                                   list_columns(&facts->in, weights, facts->bytes, error));
    pthread_mutex_unlock(&lock);
    return ok;
}

// ---- the whole ----

static void turn(const TiedFacts *facts, char *to) {
    const SymmetryPattern *pattern = &facts->pattern;
    const char *from = pattern->label;
    size_t bytes = (size_t)facts->bytes;
    for (size_t i = 0; i < pattern->rows; i++)
        for (size_t j = 0; j < pattern->cols; j++)
            memcpy(to + (j * pattern->rows + i) * bytes, from + (i * pattern->cols + j) * bytes,
                   bytes);
}

static bool prepare(TiedFacts *facts, Error *error) {
    const SymmetryPattern *pattern = &facts->pattern;
    size_t places = pattern->rows * pattern->cols;
    facts->bytes = pattern->bytes;
    facts->turned = memory_try(places, (size_t)facts->bytes, "a tied layer", error);
    if (!facts->turned) return false;
    turn(facts, facts->turned);
    if (pattern->rows == pattern->cols &&
        memcmp(facts->turned, pattern->label, places * (size_t)facts->bytes) == 0) {
        memory_free(facts->turned);
        facts->turned = NULL;
    }
    facts->out = (TiedSide){.rows = pattern->rows, .cols = pattern->cols, .label = pattern->label};
    facts->in = (TiedSide){.rows = pattern->cols,
                           .cols = pattern->rows,
                           .label = facts->turned ? facts->turned : pattern->label};
    uint32_t *size = memory_try(pattern->weights, sizeof *size, "a tied layer", error);
    if (!size) return false;
    symmetry_sizes(pattern, size);
    for (size_t l = 0; l < pattern->weights; l++) facts->size2 += (double)size[l] * size[l];
    memory_free(size);
    return find_orbits(&facts->out, pattern->weights, facts->bytes, error) &&
           find_orbits(&facts->in, pattern->weights, facts->bytes, error) &&
           find_runs(&facts->out, facts->bytes, error) &&
           find_runs(&facts->in, facts->bytes, error);
}

static void facts_free(TiedFacts *facts) {
    side_free(&facts->out);
    side_free(&facts->in);
    symmetry_pattern_free(&facts->pattern);
    memory_free(facts->turned);
    memory_free(facts->text);
    memory_free(facts);
}

static bool is_small(const Symmetry *symmetry, Error *error) {
    double pairs = (double)symmetry->in.n * (double)symmetry->out.n;
    if (pairs > TIED_PAIRS)
        return error_set(error, "%zu outputs and %zu inputs; a tied layer has at most 2^26 pairs",
                         symmetry->out.n, symmetry->in.n);
    if (pairs * (double)symmetry->in.generators > TIED_STEPS)
        return error_set(error,
                         "%zu outputs, %zu inputs and %zu generators; a tied layer takes at most "
                         "2^30 of their product",
                         symmetry->out.n, symmetry->in.n, symmetry->in.generators);
    return true;
}

static TiedFacts *facts_new(const char *text, SymmetryFault *fault) {
    Symmetry *symmetry = symmetry_read_part(text, fault);
    if (!symmetry) return NULL;
    *fault = (SymmetryFault){.width = strlen(text)};
    TiedFacts *facts = memory_new(1, sizeof *facts);
    facts->text = memory_text(text);
    bool ok = is_small(symmetry, &fault->reason) &&
              symmetry_pattern(symmetry, &facts->pattern, &fault->reason) &&
              prepare(facts, &fault->reason);
    symmetry_free(symmetry);
    if (ok) return facts;
    facts_free(facts);
    return NULL;
}

TiedFacts *tied_acquire(const char *text, SymmetryFault *fault) {
    pthread_mutex_lock(&lock);
    TiedFacts *facts = kept;
    while (facts && strcmp(facts->text, text) != 0) facts = facts->next;
    if (!facts) {
        facts = facts_new(text, fault);
        if (facts) facts->next = kept, kept = facts;
    }
    if (facts) facts->users++;
    pthread_mutex_unlock(&lock);
    return facts;
}

void tied_release(TiedFacts *facts) {
    if (!facts) return;
    pthread_mutex_lock(&lock);
    if (--facts->users == 0) {
        TiedFacts **at = &kept;
        while (*at != facts) at = &(*at)->next;
        *at = facts->next;
        facts_free(facts);
    }
    pthread_mutex_unlock(&lock);
}
