// Values and derivatives of formulas, a block of numbers at a time, and where kinks may be.
#include "activation/formula.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Block {
    double value[FORMULA_BLOCK], slope[FORMULA_BLOCK];
} Block;

// 0 on one side wins: tanh(exp(x)) is flat at x = 800.
static double chain(double outer, double inner) {
    return outer == 0 || inner == 0 ? 0 : outer * inner;
}

static void apply(const FormulaFunction *function, size_t count, bool slopes, Block *a,
                  const Block *b) {
    for (size_t i = 0; i < count; i++) {
        double x = a->value[i], y = b ? b->value[i] : 0, da, db;
        double value = function->value(x, y);
        a->value[i] = value;
        if (!slopes) continue;
        function->partial(x, y, value, &da, &db);
        a->slope[i] = chain(da, a->slope[i]) + (b ? chain(db, b->slope[i]) : 0);
    }
}

void formula_evaluate(const Formula *formula, size_t end, size_t count, const double *x, double *y,
                      double *slope) {
    REQUIRE(count <= FORMULA_BLOCK && end < formula->nodes);
    Block stack[FORMULA_STACK];
    size_t height = 0;
    const FormulaNode *last = &formula->node[end];
    for (const FormulaNode *node = last + 1 - last->size; node <= last; node++) {
        if (node->function) {
            if (node->function->arguments == 2) height--;
            Block *a = &stack[height - 1];
            apply(node->function, count, slope != NULL, a,
                  node->function->arguments == 2 ? a + 1 : NULL);
            continue;
        }
        Block *leaf = &stack[height++];
        for (size_t i = 0; i < count; i++) {
            leaf->value[i] = node->is_x ? x[i] : node->number;
            leaf->slope[i] = node->is_x;
        }
    }
    memcpy(y, stack[0].value, count * sizeof *y);
    if (slope) memcpy(slope, stack[0].slope, count * sizeof *slope);
}

// ---- kinks ----

enum { SCAN_SIDE = 1600 }; // steps of 0.005 in asinh(x) on each side of 0

// What is 0 at a kink of node number `at`.
typedef struct Condition {
    const Formula *formula;
    size_t first, second; // nodes: the arguments that count
    FormulaKink kink;
} Condition;

// -1, 0, 1; 2 where it is not a number.
static int sign_at(const Condition *condition, double x) {
    double a = 0, b = 0;
    if (condition->kink != SINGULAR_SECOND)
        formula_evaluate(condition->formula, condition->first, 1, &x, &a, NULL);
    if (condition->kink == KINK_EQUAL || condition->kink == SINGULAR_SECOND)
        formula_evaluate(condition->formula, condition->second, 1, &x, &b, NULL);
    double value = a - b;
    if (a == b) return 0; // inf - inf, too
    return isnan(value) ? 2 : value > 0 ? 1 : -1;
}

// Where the sign changes between low and high.
static double bisect(const Condition *condition, double low, double high, int below) {
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) break;
        if (sign_at(condition, middle) == below) {
            low = middle;
        } else {
            high = middle;
        }
    }
    double root = below == 0 ? low : high;
    return fabs(root) < 1e-100 ? 0 : root; // where a square underflows
}

typedef struct Kinks {
    double *at;
    size_t count, most;
} Kinks;

static void scan(const Condition *condition, Kinks *kinks) {
    double before = sinh(-0.005 * SCAN_SIDE);
    int below = sign_at(condition, before);
    for (int i = 1 - SCAN_SIDE; i <= SCAN_SIDE && kinks->count < kinks->most; i++) {
        double x = sinh(0.005 * i);
        int sign = sign_at(condition, x);
        if (sign != below) kinks->at[kinks->count++] = bisect(condition, before, x, below);
        before = x;
        below = sign;
    }
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static size_t distinct(double *at, size_t count) {
    size_t kept = 0;
    qsort(at, count, sizeof *at, ascending);
    for (size_t i = 0; i < count; i++) {
        if (kept && at[i] - at[kept - 1] <= 1e-14 * (1 + fabs(at[i]))) continue;
        at[kept++] = at[i];
    }
    return kept;
}

static bool depends_on_x(const Formula *formula, size_t end) {
    const FormulaNode *last = &formula->node[end];
    for (const FormulaNode *node = last + 1 - last->size; node <= last; node++) {
        if (node->is_x) return true;
    }
    return false;
}

// x^2, x^3, ...: smooth
static bool whole_power(const Formula *formula, size_t at) {
    const FormulaNode *exponent = &formula->node[at - 1];
    return formula->node[at].function == formula_function("^") && !exponent->function &&
           !exponent->is_x && exponent->number >= 0 && exponent->number == rint(exponent->number);
}

size_t formula_kinks(const Formula *formula, double *kink, size_t most) {
    Kinks kinks = {kink, 0, most};
    for (size_t i = 0; i < formula->nodes; i++) {
        const FormulaFunction *function = formula->node[i].function;
        if (!function || function->kink == KINK_NONE || whole_power(formula, i)) continue;
        Condition condition = {formula, i - 1, i - 1, function->kink};
        if (function->arguments == 2) condition.first -= formula->node[i - 1].size;
        if (depends_on_x(formula, condition.first) || depends_on_x(formula, condition.second))
            scan(&condition, &kinks);
    }
    return distinct(kink, kinks.count);
}
