#include "guess/exact.h"
#include <string.h>

// ---- laws ----

static size_t each_of(bool narrow) { // numbers in a word
    return narrow ? 4 : 2;
}

Law law_new(ExactBudget *budget, size_t points, size_t limbs, bool narrow) {
    size_t words = (points + each_of(narrow) - 1) / each_of(narrow);
    return (Law){
        .table = exact_table_new(budget, words, limbs), .points = points, .narrow = narrow};
}

void law_free(Law *law) {
    exact_table_free(&law->table);
}

// Words are put together by shifts: to store halves and load the whole would stall.
static void pack(const Law *law, const int32_t *v, uint64_t *key) {
    size_t each = each_of(law->narrow), bits = 64 / each;
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    for (size_t p = 0, word = 0; p < law->points; word++) {
        key[word] = 0;
        for (size_t i = 0; i < each && p < law->points; i++, p++)
            key[word] |= ((uint64_t)v[p] & mask) << i * bits;
    }
}

void law_vector(const Law *law, size_t i, int32_t *v) {
    const uint64_t *key = exact_table_key(&law->table, i);
    for (size_t p = 0; p < law->points; p++) {
        if (law->narrow) {
            v[p] = (int16_t)(key[p / 4] >> p % 4 * 16);
        } else {
            v[p] = (int32_t)(key[p / 2] >> p % 2 * 32);
        }
    }
}

bool law_add(Law *law, const int32_t *v, size_t na, const uint64_t *a, size_t nb, const uint64_t *b,
             Error *error) {
    uint64_t key[EXACT_POINTS / 2];
    pack(law, v, key);
    uint64_t *count = exact_table_at(&law->table, key, error);
    if (count) big_add_product(law->table.limbs, count, na, a, nb, b);
    return count != NULL;
}

// ---- steps ----

bool step_new(ExactBudget *budget, size_t points, size_t states, size_t limbs, Step *step,
              Error *error) {
    *step = (Step){.budget = budget, .points = points, .states = states, .limbs = limbs};
    step->v = budget_try(budget, states * points, sizeof *step->v, error);
    if (step->v) step->count = budget_try(budget, states * limbs, sizeof *step->count, error);
    if (step->count) step->least = budget_try(budget, 2 * points, sizeof *step->least, error);
    if (step->least) step->greatest = step->least + points;
    if (!step->least) step_free(step);
    return step->least != NULL;
}

void step_free(Step *step) {
    budget_free(step->budget, step->v, step->states * step->points, sizeof *step->v);
    budget_free(step->budget, step->count, step->states * step->limbs, sizeof *step->count);
    budget_free(step->budget, step->least, 2 * step->points, sizeof *step->least);
    *step = (Step){0};
}

void step_range(Step *step) {
    for (size_t i = 0; i < step->states; i++) {
        for (size_t p = 0; p < step->points; p++) {
            int32_t v = step->v[i * step->points + p];
            if (i == 0 || v < step->least[p]) step->least[p] = v;
            if (i == 0 || v > step->greatest[p]) step->greatest[p] = v;
        }
    }
}

bool step_of(const Law *law, size_t weights, Step *step, Error *error) {
    const Table *table = &law->table;
    if (!step_new(table->budget, law->points, table->states, table->limbs, step, error))
        return false;
    for (size_t i = 0; i < table->states; i++) {
        law_vector(law, i, step->v + i * law->points);
        memcpy(step->count + i * table->limbs, exact_table_count(table, i),
               table->limbs * sizeof *step->count);
    }
    step->weights = weights;
    step_range(step);
    return true;
}

// ---- chains ----

// Between which sums one is told from another, given what the steps to come can still add.
typedef struct Window {
    int64_t low[EXACT_POINTS], high[EXACT_POINTS];
} Window;

// The window before the first step.
static void open_window(const Chain *chain, Window *window) {
    for (size_t p = 0; p < chain->points; p++) {
        window->low[p] = chain->low;
        window->high[p] = chain->high;
        for (size_t s = 0; s < chain->steps; s++) {
            window->low[p] -= chain->step[s]->greatest[p];
            window->high[p] -= chain->step[s]->least[p];
        }
    }
}

// What this step adds is to come no longer.
static void move_window(const Step *step, Window *window) {
    for (size_t p = 0; p < step->points; p++) {
        window->low[p] += step->greatest[p];
        window->high[p] += step->least[p];
    }
}

static int32_t saturate(int64_t value) {
    return value > INT32_MAX ? INT32_MAX : value < -INT32_MAX ? -INT32_MAX : (int32_t)value;
}

enum { TOLD_EVERY = 4096 }; // sums of two vectors

// Tells where the count stands, each sum of which is added to `states` vectors; false: it is to
// end.
static bool let(const ExactBudget *budget, const GuessStep *step, size_t states, Error *error) {
    const GuessProblem *problem = budget->problem;
    if (step->done % (1 + TOLD_EVERY / states) != 0 || !problem || !problem->let ||
        problem->let(problem->user, step))
        return true;
    return error_kind(error, ERROR_INTERRUPTED, "exact count, step %zu of %zu: interrupted",
                      step->step, step->steps);
}

// sum = v + u, moved into the window.
static void add_inside(size_t points, const int32_t *v, const int32_t *u, const int32_t *low,
                       const int32_t *high, int32_t *sum) {
    for (size_t p = 0; p < points; p++) {
        int32_t s = v[p] + u[p];
        s = s > high[p] ? high[p] : s;
        sum[p] = s < low[p] ? low[p] : s;
    }
}

static bool convolve(const Chain *chain, const Law *from, size_t number, const Window *window,
                     Law *to, Error *error) {
    const Step *step = chain->step[number];
    size_t points = chain->points, limbs = from->table.limbs;
    int32_t v[EXACT_POINTS], sum[EXACT_POINTS], low[EXACT_POINTS], high[EXACT_POINTS];
    for (size_t p = 0; p < points; p++) {
        low[p] = saturate(window->low[p]);
        high[p] = saturate(window->high[p]);
    }
    for (size_t i = 0; i < from->table.states; i++) {
        if (!let(chain->budget, &(GuessStep){number + 1, chain->steps, i, from->table.states},
                 step->states, error))
            return false;
        law_vector(from, i, v);
        const uint64_t *count = exact_table_count(&from->table, i);
        for (size_t j = 0; j < step->states; j++) {
            add_inside(points, v, step->v + j * points, low, high, sum);
            if (chain->symmetry) exact_canonical(chain->symmetry, sum);
            if (!law_add(to, sum, limbs, count, step->limbs, step->count + j * step->limbs, error))
                return false;
        }
    }
    return true;
}

// The law of the first `steps` steps.
static bool add_steps(const Chain *chain, size_t steps, Law *law, Error *error) {
    int32_t zero[EXACT_POINTS] = {0};
    uint64_t one = 1;
    size_t weights = 0;
    *law = law_new(chain->budget, chain->points, 1, chain->narrow);
    bool ok = law_add(law, zero, 1, &one, 1, &one, error);
    Window window;
    open_window(chain, &window);
    for (size_t s = 0; ok && s < steps; s++) {
        move_window(chain->step[s], &window);
        weights += chain->step[s]->weights;
        Law next =
            law_new(chain->budget, chain->points, big_limbs(chain->levels, weights), chain->narrow);
        ok = convolve(chain, law, s, &window, &next, error);
        if (!ok && error->kind != ERROR_INTERRUPTED)
            error_prefix(error, "exact count, step %zu of %zu", s + 1, chain->steps);
        law_free(law);
        *law = next;
    }
    if (!ok) law_free(law);
    return ok;
}

bool chain_law(const Chain *chain, Law *law, Error *error) {
    return add_steps(chain, chain->steps, law, error);
}

static void signs_of(size_t points, const int32_t *v, const int32_t *u, uint64_t signs[2]) {
    uint64_t positive = 0, zero = 0;
    for (size_t p = 0; p < points; p++) {
        int32_t sum = v[p] + u[p];
        positive |= (uint64_t)(sum > 0) << p;
        zero |= (uint64_t)(sum == 0) << p;
    }
    signs[0] = positive;
    signs[1] = zero;
}

bool chain_signs(const Chain *chain, Table *signs, Error *error) {
    Law law;
    const Step *last = chain->step[chain->steps - 1];
    if (!add_steps(chain, chain->steps - 1, &law, error)) return false;
    int32_t v[EXACT_POINTS];
    bool ok = true;
    for (size_t i = 0; ok && i < law.table.states; i++) {
        ok = let(chain->budget, &(GuessStep){chain->steps, chain->steps, i, law.table.states},
                 last->states, error);
        law_vector(&law, i, v);
        for (size_t j = 0; ok && j < last->states; j++) {
            uint64_t key[2];
            signs_of(chain->points, v, last->v + j * chain->points, key);
            uint64_t *count = exact_table_at(signs, key, error);
            ok = count != NULL;
            if (ok)
                big_add_product(signs->limbs, count, law.table.limbs,
                                exact_table_count(&law.table, i), last->limbs,
                                last->count + j * last->limbs);
        }
    }
    law_free(&law);
    return ok;
}
