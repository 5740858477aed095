#include "base/base.h"
#include <math.h>
#include <string.h>

static void *field(const Option *option, void *values) {
    return (char *)values + option->offset;
}

void option_defaults(const Option *table, size_t count, void *values) {
    for (size_t i = 0; i < count; i++) {
        if (table[i].type == OPTION_TEXT) *(char **)field(&table[i], values) = NULL;
        Error error;
        REQUIRE(option_set(&table[i], values, table[i].fallback, table[i].name, &error));
    }
}

void option_range(const Option *option, Text *text) {
    switch (option->type) {
    case OPTION_INT:
    case OPTION_REAL:
        text_add(text, option->type == OPTION_INT ? "a whole number" : "a number");
        if (isinf(option->low) && isinf(option->high)) break;
        text_add(text, " from ");
        text_add_real(text, option->low);
        if (isinf(option->high) || option->high >= 9e18) {
            text_add(text, " up");
        } else {
            text_add(text, " to ");
            text_add_real(text, option->high);
        }
        break;
    case OPTION_CHOICE:
        for (int i = 0; option->words[i]; i++) {
            if (i) text_add(text, ", ");
            text_add(text, option->words[i]);
        }
        break;
    case OPTION_TEXT:
        text_add(text, "text");
    }
}

static bool refuse(const Option *option, const char *value, const char *place, Error *error) {
    Text range = {0};
    option_range(option, &range);
    error_set(error, "%s%s%s is \"%s\"; it takes %s", place ? place : "", place ? ": " : "",
              option->name, value, range.data);
    text_free(&range);
    return false;
}

bool option_set(const Option *option, void *values, const char *value, const char *place,
                Error *error) {
    void *target = field(option, values);
    switch (option->type) {
    case OPTION_INT: {
        int64_t number;
        double real; // 1e6 is a whole number, too
        if (!text_to_int(value, &number)) {
            if (!text_to_real(value, &real) || real != floor(real) || fabs(real) > 9e15)
                return refuse(option, value, place, error);
            number = (int64_t)real;
        }
        if ((double)number < option->low || (double)number > option->high)
            return refuse(option, value, place, error);
        *(int64_t *)target = number;
        return true;
    }
    case OPTION_REAL: {
        double number;
        if (!text_to_real(value, &number) || !(number >= option->low && number <= option->high))
            return refuse(option, value, place, error);
        *(double *)target = number;
        return true;
    }
    case OPTION_CHOICE:
        for (int i = 0; option->words[i]; i++) {
            if (text_equal_fold(option->words[i], value)) {
                *(int *)target = i;
                return true;
            }
        }
        return refuse(option, value, place, error);
    case OPTION_TEXT: {
        char *copy = memory_text(value);
        memory_free(*(char **)target);
        *(char **)target = copy;
        return true;
    }
    }
    return false;
}

void option_print(const Option *option, const void *values, Text *text) {
    const void *source = (const char *)values + option->offset;
    switch (option->type) {
    case OPTION_INT:
        text_printf(text, "%lld", (long long)*(const int64_t *)source);
        break;
    case OPTION_REAL:
        text_add_real(text, *(const double *)source);
        break;
    case OPTION_CHOICE:
        text_add(text, option->words[*(const int *)source]);
        break;
    case OPTION_TEXT:
        text_add(text, *(char *const *)source);
        break;
    }
}

const Option *option_find(const Option *table, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        const char *a = table[i].name, *b = name;
        while (*a && (*a == *b || (*a == '_' && *b == '-'))) a++, b++;
        if (!*a && !*b) return &table[i];
    }
    return NULL;
}

void option_free(const Option *table, size_t count, void *values) {
    for (size_t i = 0; i < count; i++) {
        if (table[i].type != OPTION_TEXT) continue;
        char **text = field(&table[i], values);
        memory_free(*text);
        *text = NULL;
    }
}

void option_flag(const char *name, Text *text) {
    text_add(text, "--");
    for (; *name; name++) text_add_bytes(text, *name == '_' ? "-" : name, 1);
}
