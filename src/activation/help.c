// How a formula is written, for people.
#include "activation/inner.h"
#include <string.h>

static const char LANGUAGE[] =
    "A formula is a function of x, such as x*tanh(log(1+exp(x))):\n"
    "\n"
    "    + - * / ^                -x^2 is -(x^2), 2^3^2 is 2^(3^2); case does not matter\n"
    "    2  .5  1e-3  pi  e       numbers\n"
    "\n"
    "and of these functions, whose arguments also tell where it has kinks and jumps:\n"
    "\n";

void activation_help(Text *text) {
    text_add(text, LANGUAGE);
    for (const FormulaFunction *function = formula_functions; function->name; function++) {
        if (!function->help) continue; // an operator
        text_printf(text, "    %s(%s)%*s%s\n", function->name,
                    function->arguments == 2 ? "x, y" : "x",
                    (int)(function->arguments == 2 ? 19 : 22) - (int)strlen(function->name), "",
                    function->help);
    }
    text_add(
        text,
        "\nlog(1+exp(x)) and its like, exp(x)-1 and log(1+x) are computed without loss; everything\n"
        "else as it stands. ");
    text_printf(text, "At most %d bytes, %d deep.\n", FORMULA_LENGTH, FORMULA_DEPTH);
}
