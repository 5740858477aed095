// A count as a table for people, CSV, Markdown or LaTeX.
#include "net/count.h"
#include <stdio.h>
#include <string.h>

// ---- cells ----

typedef struct Style {
    const char *thousands;                  // between groups of three digits
    const char *times, *open, *shut;        // between and around the sizes of a shape
    bool people;                            // bytes as KiB, MiB, ...; "full" for all positions
    void (*add_word)(Text *, const char *); // escapes what the format has a use for
    const char *first, *next, *end;         // of a row: before, between and after its cells
} Style;

static void add_latex(Text *text, const char *word) {
    text_add_quoted(text, word, "_{}%#&$");
}

static void add_markdown(Text *text, const char *word) {
    text_add_quoted(text, word, "|_*");
}

static void add_csv(Text *text, const char *word) {
    bool quoted = strpbrk(word, ",\"\r\n") != NULL;
    if (quoted) text_add(text, "\"");
    for (const char *c = word; *c; c++)
        text_add_bytes(text, *c == '"' ? "\"\"" : c, 1 + (*c == '"'));
    if (quoted) text_add(text, "\"");
}

static const Style TABLE = {",", "x", "", "", true, text_add, "", "", ""};
static const Style CSV = {"", "x", "", "", false, add_csv, "", ",", "\n"};
static const Style MARKDOWN = {",", "x", "", "", true, add_markdown, "| ", " | ", " |\n"};
static const Style LATEX = {"{,}", " \\times ", "$", "$", true, add_latex, "", " & ", " \\\\\n"};

static void add_number(const Style *style, int64_t number, Text *text) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0) text_add(text, style->thousands);
        text_add_bytes(text, &digits[i], 1);
    }
}

static void add_units(int64_t bytes, Text *text) {
    static const char *const UNITS[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        text_printf(text, "%lld B", (long long)bytes);
        return;
    }
    double value = (double)bytes / 1024;
    int unit = 0;
    while (value >= 1023.995) value /= 1024, unit++; // not 1024.00 KiB, but 1.00 MiB
    text_printf(text, "%.2f %s", value, UNITS[unit]);
}

static void add_written(const Count *count, const Style *style, const Layer *layer, Text *text) {
    Text written = {0};
    count_written(count, layer, &written);
    style->add_word(text, written.data);
    text_free(&written);
}

static void add_shape(const Count *count, const Style *style, const Shape *shape, Text *text) {
    int64_t size[3];
    int rank = count_sizes(count, shape, size);
    text_add(text, style->open);
    for (int i = 0; i < rank; i++) {
        text_printf(text, "%s%lld", i ? style->times : "", (long long)size[i]);
    }
    text_add(text, style->shut);
}

static void add_cell(const Count *count, const Style *style, const CountRow *row, int c,
                     Text *text) {
    int64_t number = row->number[c];
    text_add(text, "");
    if (c == NAME) {
        style->add_word(text, row->name);
    } else if (c == WRITTEN) {
        if (row->layer) add_written(count, style, row->layer, text);
    } else if (c == OUTPUT) {
        if (row->output) add_shape(count, style, row->output, text);
    } else if (row->whole && style->people && c >= RECEPTIVE) {
        if (c == RECEPTIVE) text_add(text, "full");
    } else if (number != COUNT_NOTHING && c == ACTIVATIONS && style->people) {
        add_units(number, text);
    } else if (number != COUNT_NOTHING) {
        add_number(style, number, text);
    }
}

// For people: columns that would say nothing are left out.
static int shown_columns(const Count *count, const Style *style) {
    return count->positions || !style->people ? COLUMNS : RECEPTIVE;
}

static void write_head(const Count *count, const Style *style, Text *text) {
    for (int c = 0; c < shown_columns(count, style); c++) {
        text_add(text, c ? style->next : style->first);
        style->add_word(text, style->people ? count_column[c].title : count_column[c].key);
    }
    text_add(text, style->end);
}

// The rows from..to-1 of row_at.
static void write_rows(const Count *count, const Style *style, size_t from, size_t to, Text *text) {
    for (size_t r = from; r < to; r++) {
        CountRow row = count_row(count, r);
        for (int c = 0; c < shown_columns(count, style); c++) {
            text_add(text, c ? style->next : style->first);
            add_cell(count, style, &row, c, text);
        }
        text_add(text, style->end);
    }
}

// ---- around the table ----

// On one line, whatever the user called the model; the text of a network may be long. A character
// of UTF-8 is kept whole.
static void add_model(const Count *count, Text *text) {
    enum { MOST = 60 };
    size_t length = 0;
    bool blank = true;
    const char *c = count->model;
    for (; *c && (length < MOST || (*c & 0xc0) == 0x80); c++) {
        bool now = (unsigned char)*c <= ' ' || *c == 127;
        if (!now || !blank) text_add_bytes(text, now ? " " : c, 1), length++;
        blank = now;
    }
    if (*c) text_add(text, "...");
    const Settings *variables = &count->net->variables;
    for (size_t i = 0; i < variables->count; i++) {
        text_printf(text, ", %s = %s", variables->item[i].name, variables->item[i].value);
    }
}

static void add_share(const Count *count, Text *text) {
    text_add(text, "fully connected layers: ");
    add_number(&TABLE, count->fc, text);
    text_add(text, " of ");
    add_number(&TABLE, count->net->parameters, text);
    text_printf(text, " parameters, %.2f %%\n", 100 * count_share(count));
}

static void add_conventions(const Count *count, const char *mark, Text *text) {
    for (int i = 0; count_conventions[i]; i++) {
        bool fields = text_starts(count_conventions[i], "receptive field");
        if (count->positions || !fields) text_printf(text, "%s%s\n", mark, count_conventions[i]);
    }
}

// ---- the formats ----

static void measure(const Count *count, size_t width[COLUMNS]) {
    Text cell = {0};
    for (int c = 0; c < COLUMNS; c++) width[c] = strlen(count_column[c].title);
    for (size_t r = 0; r < count->net->layers + 2; r++) {
        CountRow row = count_row(count, r);
        for (int c = 0; c < COLUMNS; c++) {
            cell.length = 0;
            add_cell(count, &TABLE, &row, c, &cell);
            if (cell.length > width[c]) width[c] = cell.length;
        }
    }
    text_free(&cell);
}

// Words to the left, numbers to the right.
static void align(Text *text, const char *cell, int c, size_t width) {
    int pad = (int)(width - strlen(cell)), left = c < PARAMETERS ? 0 : pad;
    text_printf(text, "%s%*s%s%*s", c ? "  " : "", left, "", cell, pad - left, "");
}

static void end_line(Text *text) {
    while (text->data[text->length - 1] == ' ') text->length--;
    text_add(text, "\n");
}

void count_write_table(const Count *count, Text *text) {
    size_t width[COLUMNS];
    int columns = shown_columns(count, &TABLE);
    measure(count, width);
    add_model(count, text);
    text_add(text, "\n\n");
    for (int c = 0; c < columns; c++) align(text, count_column[c].title, c, width[c]);
    end_line(text);
    Text cell = {0};
    for (size_t r = 0; r < count->net->layers + 2; r++) {
        CountRow row = count_row(count, r);
        for (int c = 0; c < columns; c++) {
            cell.length = 0;
            add_cell(count, &TABLE, &row, c, &cell);
            align(text, cell.data, c, width[c]);
        }
        end_line(text);
    }
    text_free(&cell);
    text_add(text, "\n");
    add_share(count, text);
    text_add(text, "\n");
    add_conventions(count, "", text);
}

void count_write_csv(const Count *count, Text *text) {
    write_head(count, &CSV, text);
    write_rows(count, &CSV, 1, count->net->layers + 1, text);
}

void count_write_markdown(const Count *count, Text *text) {
    write_head(count, &MARKDOWN, text);
    for (int c = 0; c < shown_columns(count, &MARKDOWN); c++) {
        text_add(text, c < PARAMETERS ? "|---" : "|---:");
    }
    text_add(text, "|\n");
    write_rows(count, &MARKDOWN, 0, count->net->layers + 2, text);
    text_add(text, "\n");
    add_share(count, text);
    text_add(text, "\n");
    add_conventions(count, "- ", text);
}

void count_write_latex(const Count *count, Text *text) {
    text_add(text, "% benign " BENIGN_VERSION ", count of ");
    add_model(count, text);
    text_add(text, "\n% ");
    add_share(count, text);
    add_conventions(count, "% ", text);
    text_add(text, "% needs \\usepackage{booktabs}\n\\begin{tabular}{");
    for (int c = 0; c < shown_columns(count, &LATEX); c++)
        text_add(text, c < PARAMETERS ? "l" : "r");
    text_add(text, "}\n\\toprule\n");
    write_head(count, &LATEX, text);
    text_add(text, "\\midrule\n");
    write_rows(count, &LATEX, 0, count->net->layers + 1, text);
    text_add(text, "\\midrule\n");
    write_rows(count, &LATEX, count->net->layers + 1, count->net->layers + 2, text);
    text_add(text, "\\bottomrule\n\\end{tabular}\n");
}
