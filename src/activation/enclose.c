// What a formula can be within an interval, and on a box of the complex plane around it.
#include "activation/formula.h"
#include <float.h>
#include <math.h>

// A sub-expression over [low, high], and at both ends.
typedef struct Part {
    Box value, slope, left, right;
} Part;

static Box product(Box a, Box b) { // 0 on one side wins, as in formula_evaluate
    if ((a.low == 0 && a.high == 0) || (b.low == 0 && b.high == 0)) return box_number(0);
    return box_is_all(a) || box_is_all(b) ? BOX_ALL : box_multiply(a, b);
}

static Box sum(Box a, Box b) {
    return box_is_all(a) || box_is_all(b) ? BOX_ALL : box_add(a, b);
}

static Box minus(Box a) {
    return box_is_all(a) ? a : box_negate(a);
}

static Box value_of(const FormulaFunction *function, Box a, Box b, FormulaSide side) {
    if (box_is_all(a) || box_is_all(b)) return BOX_ALL;
    return function->box(a, b, side);
}

static Box slope_of(const FormulaFunction *function, const Part *a, const Part *b, Box value,
                    FormulaSide side) {
    Box da, db;
    if (box_is_all(value)) return BOX_ALL;
    function->box_partial(a->value, b->value, value, side, &da, &db);
    return sum(product(da, a->slope), product(db, b->slope));
}

// The bounds that follow from both ends and the slope: monotone, or by the mean value theorem.
static void sharpen(Part *part, double width) {
    Box slope = part->slope, l = part->left, r = part->right;
    if (box_is_all(slope) || box_is_all(l) || box_is_all(r) || box_is_all(part->value)) return;
    Box way = {0, width, 0}, from_left = box_add(l, box_multiply(slope, way)),
        from_right = box_subtract(r, box_multiply(slope, way));
    double low = fmax(from_left.low, from_right.low), high = fmin(from_left.high, from_right.high);
    if (slope.low >= 0) low = l.low, high = r.high;
    if (slope.high <= 0) low = r.low, high = l.high;
    low = fmax(low, part->value.low);
    high = fmin(high, part->value.high);
    if (low <= high) part->value = box_interval(low, high);
}

// At a kink both sides agree. At a jump they do not: with a slope that is not 0, a root is one
// point, which does not count.
static FormulaSide side_of(const Part *condition, bool jumps) {
    Box value = condition->value, slope = condition->slope;
    bool once = !box_is_all(slope) && (slope.low > 0 || slope.high < 0);
    if (box_is_all(value)) return SIDE_BOTH;
    if (value.low > 0 || (value.low == 0 && (once || !jumps))) return SIDE_ABOVE;
    return value.high <= 0 ? SIDE_BELOW : SIDE_BOTH;
}

static bool has_sides(FormulaKink kink) {
    return kink == KINK_FIRST || kink == KINK_JUMP || kink == KINK_EQUAL;
}

// The side of relu, abs and sign by their argument, that of max and min by a - b.
static FormulaSide side(const FormulaFunction *function, const Part *a, const Part *b,
                        double width) {
    if (!has_sides(function->kink)) return SIDE_BOTH;
    if (function->kink != KINK_EQUAL) return side_of(a, function->kink == KINK_JUMP);
    Part difference = {sum(a->value, minus(b->value)), sum(a->slope, minus(b->slope)),
                       sum(a->left, minus(b->left)), sum(a->right, minus(b->right))};
    sharpen(&difference, width);
    return side_of(&difference, false);
}

// The value at an end, as a limit from within: at sign's own jump it is that of its side.
static Box end_of(const FormulaFunction *function, Box a, Box b, FormulaSide where) {
    Part first = {a, BOX_ALL, BOX_ALL, BOX_ALL}, second = {b, BOX_ALL, BOX_ALL, BOX_ALL};
    if (where == SIDE_BOTH) where = side(function, &first, &second, 0);
    return value_of(function, a, b, where);
}

static Part leaf(const FormulaNode *node, double low, double high) {
    if (!node->is_x) {
        Box number = box_number(node->number);
        return (Part){number, box_number(0), number, number};
    }
    return (Part){box_interval(low, high), box_number(1), box_number(low), box_number(high)};
}

void formula_range(const Formula *formula, double low, double high, FormulaRange *range) {
    Part stack[FORMULA_STACK], none = leaf(&(FormulaNode){0}, 0, 0);
    size_t height = 0;
    double width = nextafter(high - low, INFINITY);
    for (size_t i = 0; i < formula->nodes; i++) {
        const FormulaFunction *function = formula->node[i].function;
        range->side[i] = SIDE_BOTH;
        if (!function) {
            stack[height++] = leaf(&formula->node[i], low, high);
            continue;
        }
        height -= (size_t)function->arguments;
        Part *a = &stack[height], *b = function->arguments == 2 ? a + 1 : &none, part;
        FormulaSide where = side(function, a, b, width);
        range->side[i] = (signed char)where;
        part.value = value_of(function, a->value, b->value, where);
        part.slope = slope_of(function, a, b, part.value, where);
        part.left = end_of(function, a->left, b->left, where);
        part.right = end_of(function, a->right, b->right, where);
        sharpen(&part, width);
        stack[height++] = part;
    }
    range->value = stack[0].value;
    range->slope = stack[0].slope;
}

void formula_range_at(const Formula *formula, Box x, Box *value, Box *slope) {
    Part stack[FORMULA_STACK], none = leaf(&(FormulaNode){0}, 0, 0);
    size_t height = 0;
    for (size_t i = 0; i < formula->nodes; i++) {
        const FormulaFunction *function = formula->node[i].function;
        if (!function) {
            stack[height] = leaf(&formula->node[i], x.low, x.high);
            stack[height].left = stack[height].right = BOX_ALL;
            height++;
            continue;
        }
        height -= (size_t)function->arguments;
        Part *a = &stack[height], *b = function->arguments == 2 ? a + 1 : &none;
        FormulaSide where = side(function, a, b, 0);
        Box both = value_of(function, a->value, b->value, where);
        a->slope = slope_of(function, a, b, both, where);
        a->value = both;
        height++;
    }
    *value = stack[0].value;
    *slope = stack[0].slope;
}

Box formula_bound(const Formula *formula, Box box, const signed char *side_found) {
    Box stack[FORMULA_STACK], none = box_number(0);
    size_t height = 0;
    for (size_t i = 0; i < formula->nodes; i++) {
        const FormulaNode *node = &formula->node[i];
        const FormulaFunction *function = node->function;
        if (!function) {
            stack[height++] = node->is_x ? box : box_number(node->number);
            continue;
        }
        height -= (size_t)function->arguments;
        Box *a = &stack[height], *b = function->arguments == 2 ? a + 1 : &none;
        FormulaSide where = side_found[i];
        if (where == SIDE_BOTH && has_sides(function->kink)) return BOX_ALL;
        *a = value_of(function, *a, *b, where);
        if (box_is_all(*a)) return BOX_ALL;
        height++;
    }
    return stack[0];
}
