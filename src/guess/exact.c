#include "guess/exact.h"
#include <string.h>

static const size_t LIMIT = 2000000000; // bytes

typedef struct Count {
    const ExactPlan *plan;
    const ExactSymmetry *symmetry; // of the last sum
    const ExactSymmetry *flip;     // of inner responses
    ExactBudget budget;
    Table signs;
} Count;

// ---- one neuron ----

// The steps of one neuron on inputs x (points, in): input by input, then the bias.
static bool input_step(Count *count, const ExactStage *stage, const int32_t *x, size_t i,
                       Step *step, Error *error) {
    const ExactPlan *plan = count->plan;
    size_t points = plan->points;
    if (!step_new(&count->budget, points, plan->levels, 1, step, error)) return false;
    for (size_t c = 0; c < plan->levels; c++) {
        step->count[c] = 1;
        for (size_t p = 0; p < points; p++)
            step->v[c * points + p] =
                plan->level[c] * (i < stage->in ? x[p * stage->in + i] : stage->one);
    }
    step->weights = 1;
    step_range(step);
    return true;
}

static void free_steps(Step *own, const Step **step, size_t steps) {
    for (size_t i = 0; own && i < steps; i++) step_free(&own[i]);
    memory_free(own);
    memory_free(step);
}

static bool input_steps(Count *count, size_t s, const int32_t *x, Step **own, Chain *chain,
                        Error *error) {
    const ExactStage *stage = &count->plan->stage[s];
    size_t steps = stage->in + stage->bias;
    *chain = (Chain){.budget = &count->budget,
                     .levels = count->plan->levels,
                     .points = count->plan->points,
                     .narrow = stage->narrow};
    *own = memory_try(steps, sizeof **own, "the inputs of a neuron", error);
    chain->step = memory_try(steps, sizeof *chain->step, "the inputs of a neuron", error);
    bool ok = *own && chain->step;
    for (; ok && chain->steps < steps; chain->steps++) {
        chain->step[chain->steps] = &(*own)[chain->steps];
        ok = input_step(count, stage, x, chain->steps, &(*own)[chain->steps], error);
        if (!ok) break;
    }
    if (!ok) free_steps(*own, chain->step, chain->steps);
    return ok;
}

// The window of sums in which the activation tells one from another.
static void find_bounds(const ExactPlan *plan, const ExactStage *stage, Chain *chain) {
    chain->low = -INT32_MAX;
    chain->high = INT32_MAX;
    if (stage->act == stage->to) return;
    const ExactActivation *act = &plan->act[stage->act];
    if (act->kind != EXACT_LEAKY) chain->low = act->kind == EXACT_HARDTANH ? -act->one : 0;
    if (act->kind == EXACT_HARDTANH) chain->high = act->one;
    if (act->kind == EXACT_SIGN) chain->high = 1;
}

// The law of the responses phi(sum), or with multiply of every level times them.
static bool respond(Count *count, size_t s, const Law *sum, bool multiply, Law *law, Error *error) {
    const ExactPlan *plan = count->plan;
    const ExactStage *stage = &plan->stage[s];
    const uint64_t one = 1;
    int32_t v[EXACT_POINTS], u[EXACT_POINTS];
    *law = law_new(&count->budget, plan->points,
                   big_limbs(plan->levels, stage->in + stage->bias + multiply),
                   plan->stage[s + 1].narrow);
    bool ok = true;
    for (size_t i = 0; ok && i < sum->table.states; i++) {
        law_vector(sum, i, v);
        for (size_t p = 0; p < plan->points; p++) {
            for (size_t a = stage->act; a < stage->to; a++)
                v[p] = exact_activate(&plan->act[a], v[p]);
        }
        if (!multiply && count->flip) exact_canonical(count->flip, v);
        for (size_t c = 0; ok && c < (multiply ? plan->levels : 1); c++) {
            for (size_t p = 0; p < plan->points; p++)
                u[p] = multiply ? plan->level[c] * v[p] : v[p];
            ok = law_add(law, u, sum->table.limbs, exact_table_count(&sum->table, i), 1, &one,
                         error);
        }
    }
    if (!ok) law_free(law);
    return ok;
}

// The responses of one hidden neuron of stage s, as a step; multiply: times its outgoing weight.
static bool neuron(Count *count, size_t s, const int32_t *x, bool multiply, Step *step,
                   Error *error) {
    const ExactStage *stage = &count->plan->stage[s];
    Step *own;
    Chain chain;
    Law sum, law;
    if (!input_steps(count, s, x, &own, &chain, error)) return false;
    find_bounds(count->plan, stage, &chain);
    bool ok = chain_law(&chain, &sum, error);
    free_steps(own, chain.step, chain.steps);
    if (!ok) return false;
    ok = respond(count, s, &sum, multiply, &law, error);
    law_free(&sum);
    if (!ok) return false;
    ok = step_of(&law, stage->in + stage->bias + multiply, step, error);
    law_free(&law);
    return ok;
}

// ---- the last sum ----

// times (its limbs: those of count->signs): the number of ways in which the sum came about.
static bool add_signs(Count *count, const Chain *chain, const uint64_t *times, Error *error) {
    size_t weights = 0;
    for (size_t i = 0; i < chain->steps; i++) weights += chain->step[i]->weights;
    Table *all = &count->signs,
          own = exact_table_new(&count->budget, 2, big_limbs(chain->levels, weights));
    bool ok = chain_signs(chain, &own, error);
    for (size_t i = 0; ok && i < own.states; i++) {
        uint64_t *sum = exact_table_at(all, exact_table_key(&own, i), error);
        ok = sum != NULL;
        if (ok)
            big_add_product(all->limbs, sum, own.limbs, exact_table_count(&own, i), all->limbs,
                            times);
    }
    exact_table_free(&own);
    return ok;
}

static void seal(Count *count, Chain *chain) {
    chain->low = -1;
    chain->high = 1;
    chain->symmetry = count->symmetry;
}

static bool sum_inputs(Count *count, const int32_t *x, const uint64_t *times, Error *error) {
    Step *own;
    Chain chain;
    if (!input_steps(count, count->plan->stages - 1, x, &own, &chain, error)) return false;
    // Single inputs are no laws that the symmetry leaves alone, but for the sign.
    seal(count, &chain);
    bool ok = add_signs(count, &chain, times, error);
    free_steps(own, chain.step, chain.steps);
    return ok;
}

// Hidden neurons of stage s on inputs x, summed up: the bias first, then all alike.
static bool sum_neurons(Count *count, size_t s, const int32_t *x, const uint64_t *times,
                        Error *error) {
    const ExactPlan *plan = count->plan;
    const ExactStage *output = &plan->stage[s + 1];
    Step each, bias = {0};
    size_t steps = output->in + output->bias;
    Chain chain = {.budget = &count->budget,
                   .levels = plan->levels,
                   .points = plan->points,
                   .narrow = output->narrow};
    if (!neuron(count, s, x, true, &each, error)) return false;
    bool ok = !output->bias || input_step(count, output, NULL, output->in, &bias, error);
    if (ok) chain.step = memory_try(steps, sizeof *chain.step, "hidden neurons", error);
    if (chain.step) {
        if (output->bias) chain.step[chain.steps++] = &bias;
        while (chain.steps < steps) chain.step[chain.steps++] = &each;
        seal(count, &chain);
    }
    ok = chain.step && add_signs(count, &chain, times, error);
    memory_free(chain.step);
    step_free(&bias);
    step_free(&each);
    return ok;
}

// ---- layers before the last hidden one ----

static bool descend(Count *count, size_t s, const int32_t *x, const uint64_t *times, Error *error);

// Multisets of responses: chosen in ascending order, one for each neuron.
typedef struct Choice {
    Count *count;
    size_t s, out;
    const Step *response;
    int32_t *x;      // (points, out): what the next stage sees
    uint64_t *times; // (out + 1, limbs): the number of ways with so many chosen
} Choice;

// times[chosen + 1] = times[chosen] number (chosen + 1) / run, where run counts how often the
// response is there now: all together, the multinomial coefficient and the numbers.
static void multiply_ways(const Choice *choice, size_t chosen, size_t i, size_t run) {
    size_t limbs = choice->count->signs.limbs;
    uint64_t *from = choice->times + chosen * limbs, *to = from + limbs, factor = chosen + 1;
    const Step *response = choice->response;
    memset(to, 0, limbs * sizeof *to);
    big_add_product(limbs, to, limbs, from, response->limbs, response->count + i * response->limbs);
    big_scale(limbs, to, factor);
    REQUIRE(big_divide(limbs, to, run) == 0);
}

static bool choose(Choice *choice, size_t chosen, size_t least, size_t run, Error *error) {
    Count *count = choice->count;
    const Step *response = choice->response;
    size_t points = count->plan->points;
    if (chosen == choice->out)
        return descend(count, choice->s + 1, choice->x, choice->times + chosen * count->signs.limbs,
                       error);
    for (size_t i = least; i < response->states; i++) {
        size_t now = i == least ? run + 1 : 1;
        for (size_t p = 0; p < points; p++)
            choice->x[p * choice->out + chosen] = response->v[i * points + p];
        multiply_ways(choice, chosen, i, now);
        if (!choose(choice, chosen + 1, i, now, error)) return false;
    }
    return true;
}

static bool choose_all(Count *count, size_t s, const Step *response, const uint64_t *times,
                       Error *error) {
    size_t out = count->plan->stage[s].out, limbs = count->signs.limbs;
    size_t room = count->plan->points * out, numbers = (out + 1) * limbs;
    Choice choice = {.count = count, .s = s, .out = out, .response = response};
    choice.x = budget_try(&count->budget, room, sizeof *choice.x, error);
    if (choice.x) choice.times = budget_try(&count->budget, numbers, sizeof *choice.times, error);
    bool ok = choice.times != NULL;
    if (ok) {
        memcpy(choice.times, times, limbs * sizeof *times);
        ok = choose(&choice, 0, 0, 0, error);
    }
    budget_free(&count->budget, choice.x, room, sizeof *choice.x);
    budget_free(&count->budget, choice.times, numbers, sizeof *choice.times);
    return ok;
}

// All that stage s and those behind it can do with inputs x (points, in), so many times.
static bool descend(Count *count, size_t s, const int32_t *x, const uint64_t *times, Error *error) {
    size_t left = count->plan->stages - s;
    if (left == 1) return sum_inputs(count, x, times, error);
    if (left == 2) return sum_neurons(count, s, x, times, error);
    Step response;
    if (!neuron(count, s, x, false, &response, error)) return false;
    bool ok = choose_all(count, s, &response, times, error);
    step_free(&response);
    return ok;
}

// ---- the whole ----

static bool count_signs(Count *count, Error *error) {
    size_t limbs = count->signs.limbs;
    uint64_t *times = budget_try(&count->budget, limbs, sizeof *times, error);
    if (!times) return false;
    times[0] = 1;
    bool ok = descend(count, 0, count->plan->x, times, error);
    budget_free(&count->budget, times, limbs, sizeof *times);
    return ok;
}

static bool count_plan(const GuessProblem *problem, const ExactPlan *plan, size_t limit,
                       GuessExact *exact, Error *error) {
    // The neurons of the one hidden layer see the points themselves, and so their law has all
    // symmetries of the points; other sums have the sign's alone.
    ExactSymmetry symmetry, flip;
    if (!exact_symmetry(plan, plan->stages == 2, &symmetry, error)) return false;
    if (!exact_symmetry(plan, false, &flip, error)) {
        exact_symmetry_free(&symmetry);
        return false;
    }
    Count count = {.plan = plan,
                   .symmetry = &symmetry,
                   .flip = plan->symmetric ? &flip : NULL,
                   .budget = {.limit = limit, .problem = problem}};
    // One limb more than q^k needs, for sums of numbers times up to 64 points.
    count.signs = exact_table_new(&count.budget, 2, big_limbs(plan->levels, plan->weights) + 1);
    Table spread = exact_table_new(&count.budget, 2, count.signs.limbs);
    bool ok = count_signs(&count, error) && exact_spread(&symmetry, &count.signs, &spread, error) &&
              exact_result(problem, plan, &spread, exact, error);
    exact_table_free(&count.signs);
    exact_table_free(&spread);
    REQUIRE(count.budget.used == 0);
    exact->states = count.budget.most;
    exact_symmetry_free(&symmetry);
    exact_symmetry_free(&flip);
    return ok;
}

bool exact_count(const GuessProblem *problem, size_t limit, GuessExact *exact, Error *error) {
    ExactPlan plan;
    *exact = (GuessExact){0};
    if (!exact_plan(problem, &plan, error)) return false;
    bool ok = count_plan(problem, &plan, limit, exact, error);
    exact_plan_free(&plan);
    if (!ok) guess_exact_free(exact);
    return ok;
}

bool guess_exact(const GuessProblem *problem, GuessExact *exact, Error *error) {
    double quarter = system_memory() / 4;
    return exact_count(problem, quarter < (double)LIMIT ? (size_t)quarter : LIMIT, exact, error);
}
