// An option is declared once, as a line of a table, and yields its default, its range, its flag
// (--weight-decay), its key in experiment files and its column in the store (weight_decay), its
// help line, its man page entry and its completion.
#pragma once

#include "base/error.h"
#include "base/settings.h"
#include "base/text.h"
#include <stdint.h>

typedef enum OptionType {
    OPTION_INT,    // int64_t
    OPTION_REAL,   // double
    OPTION_CHOICE, // int: index into words
    OPTION_TEXT,   // char *, owned
} OptionType;

typedef struct Option {
    const char *name; // with underscores
    OptionType type;
    size_t offset;            // of the value in the struct that holds it
    const char *fallback;     // the default, as text
    double low, high;         // INT and REAL: the range, both ends allowed
    const char *const *words; // CHOICE: ends in NULL
    const char *metavar;      // N, FILE, ...: what help shows for the value
    const char *help;         // one line
} Option;

// Sets every option of values to its default.
void option_defaults(const Option *table, size_t count, void *values);

// Sets one option from text. The error begins with place (unless that is NULL) and says what would
// fit.
bool option_set(const Option *option, void *values, const char *value, const char *place,
                Error *error);

// The canonical text of an option: equal values give equal texts.
void option_print(const Option *option, const void *values, Text *text);

// Finds by name; '-' and '_' are the same. NULL when absent.
const Option *option_find(const Option *table, size_t count, const char *name);

void option_free(const Option *table, size_t count, void *values); // frees the TEXT values

// "--weight-decay": the flag of a name.
void option_flag(const char *name, Text *text);

// "0 to 1", "sgd, adam": what would fit.
void option_range(const Option *option, Text *text);
