#include "net/program.h"

// *value = *value SIGN operand, in 64 bits.
static bool apply(char sign, int64_t *value, int64_t operand, const char **reason) {
    *reason = operand ? "more than 64 bits hold" : "a division by zero";
    int64_t left = *value;
    bool divides = operand != 0 && !(left == INT64_MIN && operand == -1);
    switch (sign) {
    case '+':
        return !__builtin_add_overflow(left, operand, value);
    case '-':
        return !__builtin_sub_overflow(left, operand, value);
    case '*':
        return !__builtin_mul_overflow(left, operand, value);
    case '/':
        if (divides) *value = left / operand;
        return divides;
    default:
        if (divides) *value = left % operand;
        return divides;
    }
}

static bool evaluate_chain(const NetProgram *program, const Expression *chain,
                           const int64_t *variables, int64_t *value, Error *error) {
    const Expression *operand = chain->first;
    if (!program_evaluate(program, operand, variables, value, error)) return false;
    while ((operand = operand->next)) {
        int64_t left = *value, right;
        const char *reason;
        if (!program_evaluate(program, operand, variables, &right, error)) return false;
        if (!apply(operand->sign, value, right, &reason)) {
            return program_error(program, error, chain->place, "%lld %c %lld is %s",
                                 (long long)left, operand->sign, (long long)right, reason);
        }
    }
    return true;
}

bool program_evaluate(const NetProgram *program, const Expression *expression,
                      const int64_t *variables, int64_t *value, Error *error) {
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        *value = expression->number;
        return true;
    case EXPRESSION_VARIABLE:
        *value = variables[expression->variable];
        return true;
    case EXPRESSION_NEGATIVE:
        if (!program_evaluate(program, expression->first, variables, value, error)) return false;
        if (!__builtin_sub_overflow(0, *value, value)) return true;
        return program_error(program, error, expression->place,
                             "the negative of %lld is more than 64 bits hold",
                             (long long)INT64_MIN);
    case EXPRESSION_SUM:
    case EXPRESSION_PRODUCT:
        return evaluate_chain(program, expression, variables, value, error);
    }
    return false;
}
