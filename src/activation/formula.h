// Private: a function of x as a person writes it, evaluated with its derivative.
//
//     x*tanh(log(1+exp(x)))
//
// Grammar (words are case-insensitive; white space only separates):
//     sum     = product { ( "+" | "-" ) product }
//     product = factor { ( "*" | "/" ) factor }
//     factor  = "-" factor | power
//     power   = atom [ "^" factor ]                 2^-x^2 is 2^(-(x^2)), -x^2 is -(x^2)
//     atom    = NUMBER | NAME | NAME "(" sum [ "," sum ] ")" | "(" sum ")"
// NAME is x, pi, e, a constant of the caller's, or a function of formula_functions. At a tie max
// counts its second argument and min its first, for the derivative; that of abs and sign at 0 is
// that from the left; sign(0) is -1, as in the layer of that name.
//
// What is evaluated stably: log(1+E) and log(E+1) as log1p(E), log1p(exp(E)) as softplus(E), which
// never overflows, exp(E)-1 as expm1(E). Every other sub-expression is computed as it stands: where
// it overflows in the middle, such as (exp(x)-1)/(exp(x)+1) beyond x = 709, it is not a number.
// A derivative of 0 wins against an infinite one in the chain rule.
//
// Limits: 500 bytes, expressions nest at most 50 deep.
#pragma once

#include "base/base.h"
#include "num/box.h"

enum { FORMULA_LENGTH = 500, FORMULA_DEPTH = 50, FORMULA_BLOCK = 16 };
// Room for phi(x) phi(-x), and for the one place more that it takes on a stack.
enum { FORMULA_NODES = 3 * FORMULA_LENGTH + 1, FORMULA_STACK = FORMULA_DEPTH + 2 };

// How the arguments tell where a function may have a kink, a jump or a singularity.
typedef enum FormulaKink {
    KINK_NONE,
    KINK_FIRST,      // where the first argument is 0; analytic on each side, and beyond it
    KINK_JUMP,       // the same, of a function that jumps there
    KINK_EQUAL,      // where both are equal; the same
    SINGULAR_FIRST,  // where the first is 0; nothing goes on there
    SINGULAR_SECOND, // where the second is
} FormulaKink;

// On which side of its kink the arguments of abs, sign, relu, max and min lie: on one side such a
// function is an analytic one, which goes on beyond the kink.
typedef enum FormulaSide { SIDE_BELOW = -1, SIDE_BOTH = 0, SIDE_ABOVE = 1 } FormulaSide;

typedef struct FormulaFunction {
    const char *name; // operators have a sign: "+"
    int arguments;    // 1 or 2; b is 0 where there is one
    double (*value)(double a, double b);
    void (*partial)(double a, double b, double value, double *da, double *db);
    // What contains all values, over boxes (num/box.h), and all partial derivatives, over real
    // intervals; neither is asked about BOX_ALL.
    Box (*box)(Box a, Box b, FormulaSide side);
    void (*box_partial)(Box a, Box b, Box value, FormulaSide side, Box *da, Box *db);
    FormulaKink kink;
    const char *help;
} FormulaFunction;

extern const FormulaFunction formula_functions[]; // ends in name == NULL; with the operators
const FormulaFunction *formula_function(const char *name);

// Nodes in postfix order: arguments before what takes them.
typedef struct FormulaNode {
    const FormulaFunction *function; // NULL: a leaf
    bool is_x;                       // a leaf: x, else number
    double number;
    size_t size; // nodes of the whole sub-expression that ends here
} FormulaNode;

typedef struct Formula {
    FormulaNode node[FORMULA_NODES]; // (nodes)
    size_t nodes;
} Formula;

// A name that stands for a number.
typedef struct FormulaConstant {
    const char *name;
    double value;
} FormulaConstant;

// Parses a text of any bytes. Errors begin with "name:line:column: " and show the place.
bool formula_parse(const char *name, const char *text, size_t length,
                   const FormulaConstant *constant, size_t constants, Formula *formula,
                   Error *error);

// y[i], and unless slope is NULL the derivative there, for i < count <= FORMULA_BLOCK, of the
// sub-expression that ends in node number `end` (formula->nodes - 1: all of it). A number does not
// depend on its neighbours in the block.
void formula_evaluate(const Formula *formula, size_t end, size_t count, const double *x, double *y,
                      double *slope);

// What a formula can be within [low, high]. Bounds hold for the exact function.
typedef struct FormulaRange {
    Box value, slope;                // real; BOX_ALL where it may not be a number, or is unbounded
    signed char side[FORMULA_NODES]; // (nodes) FormulaSide of each function that has a kink
} FormulaRange;
void formula_range(const Formula *formula, double low, double high, FormulaRange *range);

// The same for an interval that is little more than a point: quicker, as ends are not looked at.
void formula_range_at(const Formula *formula, Box x, Box *value, Box *slope);

// What contains all values on a box of the complex plane, of the function that agrees with the
// formula on the interval that `side` was found on and is analytic on the box; BOX_ALL where there
// may be none.
Box formula_bound(const Formula *formula, Box box, const signed char *side);

// The places where the formula may have a kink, a jump or a singularity, ascending, at most `most`
// of them: the roots of arguments as FormulaKink says, found by a scan of |x| <= 1490 that is
// finest around 0 (steps of 0.005 (1 + |x|)) and bisection to the last bit. Two roots within one
// step, and all beyond the first `most`, are missed.
size_t formula_kinks(const Formula *formula, double *kink, size_t most);
