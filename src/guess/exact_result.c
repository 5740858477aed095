#include "guess/exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Numbers that are summed up, of `limbs` limbs each.
typedef struct Sums {
    size_t limbs;
    uint64_t *total, *ties, *hits, *full, *wrong; // wrong: points, over the vectors that fit
    Table function;                               // by mask
} Sums;

// ---- signs ----

static int sign_behind(const ExactPlan *plan, int32_t sign) {
    const ExactStage *output = &plan->stage[plan->stages - 1];
    for (size_t a = output->act; a < output->to; a++) {
        sign = exact_activate(&plan->act[a], sign);
        sign = (sign > 0) - (sign < 0);
    }
    return sign;
}

// Signs at all points of the problem, activations behind the last layer applied: signs are all that
// they are asked for, and those follow from the signs before.
static ExactSigns signs_at_all(const ExactPlan *plan, size_t all, const uint64_t *key) {
    ExactSigns signs = {0};
    for (size_t i = 0; i < all; i++) {
        int32_t sign = key[1] >> plan->of[i] & 1 ? 0 : key[0] >> plan->of[i] & 1 ? 1 : -1;
        sign = sign_behind(plan, sign);
        signs.positive |= (uint64_t)(sign > 0) << i;
        signs.zero |= (uint64_t)(sign == 0) << i;
    }
    return signs;
}

static uint64_t lowest(size_t bits) {
    return bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

static uint64_t wrong_points(const GuessProblem *problem, ExactSigns signs) {
    const GuessPoints *points = problem->points;
    uint64_t labels = 0;
    for (size_t i = 0; i < points->all; i++) labels |= (uint64_t)(points->y[i] > 0) << i;
    uint64_t wrong = (signs.positive ^ labels) & ~signs.zero;
    if (problem->zero == GUESS_ZERO_NEGATIVE) wrong |= signs.zero & labels;
    if (problem->zero == GUESS_ZERO_POSITIVE) wrong |= signs.zero & ~labels;
    if (problem->zero == GUESS_ZERO_WRONG) wrong |= signs.zero;
    return wrong;
}

// ---- sums ----

static bool add_function(const GuessProblem *problem, ExactSigns signs, const uint64_t *count,
                         Sums *sums, Error *error) {
    if (signs.zero && problem->zero == GUESS_ZERO_WRONG) return true;
    uint64_t mask = signs.positive;
    if (problem->zero == GUESS_ZERO_POSITIVE) mask |= signs.zero;
    uint64_t *sum = exact_table_at(&sums->function, &mask, error);
    if (sum) big_add(sums->limbs, sum, count);
    return sum != NULL;
}

static bool add_signs(const GuessProblem *problem, ExactSigns signs, const uint64_t *count,
                      Sums *sums, Error *error) {
    uint64_t wrong = wrong_points(problem, signs);
    big_add(sums->limbs, sums->total, count);
    if (signs.zero) big_add(sums->limbs, sums->ties, count);
    if (!wrong) big_add(sums->limbs, sums->full, count);
    if (!(wrong & lowest(problem->points->n))) {
        uint64_t points = (uint64_t)__builtin_popcountll(wrong);
        big_add(sums->limbs, sums->hits, count);
        big_add_product(sums->limbs, sums->wrong, sums->limbs, count, 1, &points);
    }
    return add_function(problem, signs, count, sums, error);
}

// ---- the list of functions ----

typedef struct Line {
    const uint64_t *count;
    uint64_t mask;
    size_t limbs;
} Line;

static int compare(const void *left, const void *right) {
    const Line *a = left, *b = right;
    int order = big_compare(a->limbs, b->count, a->count);
    return order ? order : (a->mask > b->mask) - (a->mask < b->mask);
}

static bool print_lines(const Line *line, const uint64_t *total, GuessExact *exact, Error *error) {
    for (size_t i = 0; i < exact->functions; i++) {
        GuessFunction *function = &exact->function[i];
        function->mask = line[i].mask;
        function->share = big_ratio(line[i].limbs, line[i].count, total);
        function->count = big_print(line[i].limbs, line[i].count, error);
        if (!function->count) return false;
    }
    return true;
}

static bool list_functions(const Sums *sums, GuessExact *exact, Error *error) {
    const Table *table = &sums->function;
    size_t count = table->states;
    Line *line = budget_try(table->budget, count, sizeof *line, error);
    if (!line) return false;
    for (size_t i = 0; i < count; i++)
        line[i] = (Line){exact_table_count(table, i), *exact_table_key(table, i), sums->limbs};
    qsort(line, count, sizeof *line, compare);
    exact->distinct = count;
    size_t listed = count < GUESS_FUNCTIONS_MOST ? count : GUESS_FUNCTIONS_MOST;
    exact->function = memory_try(listed, sizeof *exact->function, "functions", error);
    if (exact->function) exact->functions = listed;
    bool ok = exact->function && print_lines(line, sums->total, exact, error);
    budget_free(table->budget, line, count, sizeof *line);
    return ok;
}

// ---- the result ----

static bool fill(const GuessProblem *problem, const Sums *sums, GuessExact *exact, Error *error) {
    size_t limbs = sums->limbs;
    const uint64_t *none = sums->total + 5 * limbs;
    exact->probability = big_ratio(limbs, sums->hits, sums->total);
    exact->p_star = big_ratio(limbs, sums->full, sums->total);
    exact->tie_share = big_ratio(limbs, sums->ties, sums->total);
    exact->mean_error = NAN;
    if (big_compare(limbs, sums->hits, none) > 0)
        exact->mean_error =
            big_ratio(limbs, sums->wrong, sums->hits) / (double)problem->points->all;
    return (exact->total = big_print(limbs, sums->total, error)) &&
           (exact->ties = big_print(limbs, sums->ties, error)) &&
           (exact->hits = big_print(limbs, sums->hits, error)) &&
           (exact->full = big_print(limbs, sums->full, error)) &&
           list_functions(sums, exact, error);
}

static void check_total(const ExactPlan *plan, const Sums *sums) {
    uint64_t *power = sums->total + 5 * sums->limbs;
    big_power(sums->limbs, power, plan->levels, plan->weights);
    REQUIRE(big_compare(sums->limbs, power, sums->total) == 0);
    memset(power, 0, sums->limbs * sizeof *power);
}

bool exact_result(const GuessProblem *problem, const ExactPlan *plan, const Table *signs,
                  GuessExact *exact, Error *error) {
    size_t limbs = signs->limbs;
    uint64_t *number = budget_try(signs->budget, 6 * limbs, sizeof *number, error);
    if (!number) return false;
    Sums sums = {.limbs = limbs,
                 .total = number,
                 .ties = number + limbs,
                 .hits = number + 2 * limbs,
                 .full = number + 3 * limbs,
                 .wrong = number + 4 * limbs,
                 .function = exact_table_new(signs->budget, 1, limbs)};
    bool ok = true;
    for (size_t i = 0; ok && i < signs->states; i++) {
        ExactSigns all = signs_at_all(plan, problem->points->all, exact_table_key(signs, i));
        ok = add_signs(problem, all, exact_table_count(signs, i), &sums, error);
    }
    if (ok) {
        check_total(plan, &sums);
        ok = fill(problem, &sums, exact, error);
    }
    exact_table_free(&sums.function);
    budget_free(signs->budget, number, 6 * limbs, sizeof *number);
    return ok;
}

void guess_exact_free(GuessExact *exact) {
    for (size_t i = 0; i < exact->functions; i++) memory_free(exact->function[i].count);
    memory_free(exact->function);
    memory_free(exact->total);
    memory_free(exact->ties);
    memory_free(exact->hits);
    memory_free(exact->full);
    *exact = (GuessExact){0};
}
