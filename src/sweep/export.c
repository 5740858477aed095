// The table as CSV or JSON.
#include "base/json.h"
#include "sweep/sweep.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// Whole numbers without exponent, others with the fewest digits that read back the same.
static void add_number(Text *text, double value) {
    if (value == floor(value) && fabs(value) < 1e15)
        text_printf(text, "%.0f", value);
    else
        text_add_real(text, value);
}

// ---- CSV ----

static void add_field(Text *text, const char *field) {
    if (!strpbrk(field, ",\"\r\n")) {
        text_add(text, field);
        return;
    }
    text_add(text, "\"");
    for (const char *c = field; *c; c++)
        text_add_bytes(text, *c == '"' ? "\"\"" : c, 1 + (*c == '"'));
    text_add(text, "\"");
}

static void write_csv(const SweepTable *table, Text *text) {
    for (size_t i = 0; i < table->columns; i++) {
        if (i) text_add(text, ",");
        add_field(text, table->column[i].name);
    }
    text_add(text, "\n");
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t i = 0; i < table->columns; i++) {
            const SweepColumn *column = &table->column[i];
            if (i) text_add(text, ",");
            if (column->text)
                add_field(text, column->text[row]);
            else if (!isnan(column->real[row]))
                add_number(text, column->real[row]);
        }
        text_add(text, "\n");
    }
}

// ---- JSON ----

static void add_string(Text *text, const char *string) {
    json_add(text, json_text(string), JSON_ENCODE_ANY);
}

static size_t digits(const char *text) {
    size_t count = 0;
    while (isdigit((unsigned char)text[count])) count++;
    return count;
}

// number = [-] (0 | 1-9 digits) [. digits] [e [+-] digits]
static bool is_json_number(const char *c) {
    if (*c == '-') c++;
    size_t whole = digits(c);
    if (whole == 0 || (whole > 1 && *c == '0')) return false;
    c += whole;
    if (*c == '.') {
        size_t part = digits(++c);
        if (part == 0) return false;
        c += part;
    }
    if (*c == 'e' || *c == 'E') {
        c++;
        if (*c == '+' || *c == '-') c++;
        size_t exponent = digits(c);
        if (exponent == 0) return false;
        c += exponent;
    }
    return *c == 0;
}

static void add_value(Text *text, const SweepColumn *column, size_t row) {
    double real = column->real[row];
    if (column->text) {
        const char *value = column->text[row];
        bool number = column->kind == SWEEP_SETTING && is_json_number(value) && isfinite(real);
        if (!*value)
            text_add(text, "null");
        else if (number)
            text_add(text, value);
        else
            add_string(text, value);
    } else if (isnan(real)) {
        text_add(text, "null");
    } else if (isinf(real)) {
        text_add(text, real > 0 ? "\"inf\"" : "\"-inf\"");
    } else {
        add_number(text, real);
    }
}

static void write_json(const SweepTable *table, Text *text) {
    text_add(text, "[");
    for (size_t row = 0; row < table->rows; row++) {
        text_add(text, row ? ",\n{" : "\n{");
        for (size_t i = 0; i < table->columns; i++) {
            if (i) text_add(text, ", ");
            add_string(text, table->column[i].name);
            text_add(text, ": ");
            add_value(text, &table->column[i], row);
        }
        text_add(text, "}");
    }
    text_add(text, "\n]\n");
}

// A store without a record: how its runs stand. True where no run fits the filter either.
static bool explain_nothing(const char *store, const SweepFilter *filter, Error *error) {
    size_t count[5], total = 0;
    if (!sweep_count(store, filter ? filter->where : NULL, count, error)) return false;
    for (int i = 0; i < 5; i++) total += count[i];
    if (total == 0) return true;
    size_t running = count[CELL_RUNNING], failed = count[CELL_FAILED];
    if (running)
        return error_set(error, "%s: %zu run%s under way; none has recorded anything yet", store,
                         running, running == 1 ? " is" : "s are");
    return error_set(error, "%s: %zu run%s, %zu failed; none has recorded anything yet", store,
                     total, total == 1 ? "" : "s", failed);
}

bool sweep_export(const char *store, const SweepFilter *filter, SweepFormat format, Text *text,
                  Error *error) {
    static void (*const writers[])(const SweepTable *,
                                   Text *) = {[SWEEP_CSV] = write_csv, [SWEEP_JSON] = write_json};
    SweepTable table;
    if (!sweep_table(store, filter, &table, error)) return false;
    if (table.rows == 0 && !explain_nothing(store, filter, error)) {
        sweep_table_free(&table);
        return false;
    }
    writers[format](&table, text);
    sweep_table_free(&table);
    return true;
}
