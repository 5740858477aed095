// What a network holds and moves, layer by layer: one list of columns, five ways to print it.
#include "net/net.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const CONVENTIONS[] = {
    "MACs: multiply-adds of convolutions and fully connected layers, without biases; "
    "FLOPs = 2 MACs",
    "parameters: tied weights count once; running statistics of batch norm are not parameters",
    "activations: the output of every layer, for one example, as float32",
    "receptive field, stride: positions of the input and its padding (may exceed it); full: all of it",
};
enum { CONVENTION_COUNT = sizeof CONVENTIONS / sizeof *CONVENTIONS };

// ---- columns and rows ----

enum { NAME, WRITTEN, OUTPUT, PARAMETERS, MACS, ACTIVATIONS, RECEPTIVE, STRIDE, COLUMNS };

static const struct Column {
    const char *title, *key; // for people; in CSV
} COLUMN[COLUMNS] = {
    {"layer", "layer"},
    {"written", "written"},
    {"output", "output"},
    {"parameters", "parameters"},
    {"MACs", "macs"},
    {"activations", "activation_bytes"},
    {"receptive field", "receptive_field"},
    {"stride", "stride"},
};

enum { NOTHING = -1, WHOLE = -2 }; // instead of a number: none; all positions of the input

typedef struct Row {
    const char *name;
    const Layer *layer;      // NULL: the input or the totals
    const Shape *output;     // NULL: the totals
    int64_t number[COLUMNS]; // of the columns from PARAMETERS on
} Row;

typedef struct Count {
    const Net *net;
    const char *model;
    bool chw;
    bool positions; // the input has some, so that a receptive field means something
    bool *whole;    // (layers) outputs that see all of the input
    int64_t fc;     // parameters of the fully connected layers
} Count;

static bool is_kind(const Layer *layer, const char *name) {
    return strcmp(layer->kind->name, name) == 0;
}

static bool sees_whole(const Count *count, const Layer *layer) {
    return is_kind(layer, "fc") || is_kind(layer, "globalpool") ||
           (layer->from != LAYER_INPUT && count->whole[layer->from]) ||
           (layer->kind->is_join && layer->from2 != LAYER_INPUT && count->whole[layer->from2]);
}

static Count count_layers(const Net *net, const char *model, bool chw) {
    Count count = {.net = net, .model = model, .chw = chw, .positions = net->input.rank > 1};
    count.whole = memory_new(net->layers, sizeof *count.whole);
    for (size_t i = 0; i < net->layers; i++) {
        const Layer *layer = &net->layer[i];
        count.whole[i] = sees_whole(&count, layer);
        if (is_kind(layer, "fc")) count.fc += layer_parameters(layer);
    }
    return count;
}

static double share(const Count *count) {
    return count->net->parameters ? (double)count->fc / (double)count->net->parameters : 0;
}

static Row input_row(const Count *count) {
    Row row = {.name = "input", .output = &count->net->input};
    for (int c = PARAMETERS; c < RECEPTIVE; c++) row.number[c] = NOTHING;
    row.number[RECEPTIVE] = row.number[STRIDE] = 1;
    return row;
}

static Row layer_row(const Count *count, size_t i) {
    const Layer *layer = &count->net->layer[i];
    Row row = {.name = layer->name, .layer = layer, .output = &layer->out};
    row.number[PARAMETERS] = layer_parameters(layer);
    row.number[MACS] = layer->macs;
    row.number[ACTIVATIONS] = 4 * shape_count(&layer->out);
    row.number[RECEPTIVE] = count->whole[i] ? WHOLE : layer->receptive;
    row.number[STRIDE] = count->whole[i] ? NOTHING : layer->stride;
    if (!count->positions) row.number[RECEPTIVE] = row.number[STRIDE] = NOTHING;
    return row;
}

static Row total_row(const Count *count) {
    const Net *net = count->net;
    return (Row){"total", .number = {[PARAMETERS] = net->parameters,
                                     [MACS] = net->macs,
                                     [ACTIVATIONS] = net->activation_bytes,
                                     [RECEPTIVE] = NOTHING,
                                     [STRIDE] = NOTHING}};
}

// Row 0 is the input, row 1 + i layer i, and row 1 + layers holds the totals.
static Row row_at(const Count *count, size_t row) {
    if (row == 0) return input_row(count);
    return row <= count->net->layers ? layer_row(count, row - 1) : total_row(count);
}

// The sizes of a shape in the order asked for; returns the rank.
static int ordered(const Count *count, const Shape *shape, int64_t size[3]) {
    int rank = shape->rank;
    for (int i = 0; i < rank; i++) size[i] = shape->size[count->chw ? (i + rank - 1) % rank : i];
    return rank;
}

// ---- cells ----

typedef struct Style {
    const char *thousands;                  // between groups of three digits
    const char *times, *open, *shut;        // between and around the sizes of a shape
    bool people;                            // bytes as KiB, MiB, ...; WHOLE in words
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

static void add_written(const Style *style, const Layer *layer, Text *text) {
    Text written = {0};
    layer_print(layer, &written);
    style->add_word(text, written.data);
    text_free(&written);
}

static void add_shape(const Count *count, const Style *style, const Shape *shape, Text *text) {
    int64_t size[3];
    int rank = ordered(count, shape, size);
    text_add(text, style->open);
    for (int i = 0; i < rank; i++) {
        text_printf(text, "%s%lld", i ? style->times : "", (long long)size[i]);
    }
    text_add(text, style->shut);
}

static void add_cell(const Count *count, const Style *style, const Row *row, int c, Text *text) {
    int64_t number = row->number[c];
    text_add(text, "");
    if (c == NAME) {
        style->add_word(text, row->name);
    } else if (c == WRITTEN) {
        if (row->layer) add_written(style, row->layer, text);
    } else if (c == OUTPUT) {
        if (row->output) add_shape(count, style, row->output, text);
    } else if (number == WHOLE) {
        if (style->people) text_add(text, "full");
    } else if (number != NOTHING && c == ACTIVATIONS && style->people) {
        add_units(number, text);
    } else if (number != NOTHING) {
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
        style->add_word(text, style->people ? COLUMN[c].title : COLUMN[c].key);
    }
    text_add(text, style->end);
}

// The rows from..to-1 of row_at.
static void write_rows(const Count *count, const Style *style, size_t from, size_t to, Text *text) {
    for (size_t r = from; r < to; r++) {
        Row row = row_at(count, r);
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
    text_printf(text, " parameters, %.2f %%\n", 100 * share(count));
}

static void add_conventions(const Count *count, const char *mark, Text *text) {
    int shown = count->positions ? CONVENTION_COUNT : CONVENTION_COUNT - 1;
    for (int i = 0; i < shown; i++) text_printf(text, "%s%s\n", mark, CONVENTIONS[i]);
}

// ---- the formats ----

static void measure(const Count *count, size_t width[COLUMNS]) {
    Text cell = {0};
    for (int c = 0; c < COLUMNS; c++) width[c] = strlen(COLUMN[c].title);
    for (size_t r = 0; r < count->net->layers + 2; r++) {
        Row row = row_at(count, r);
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

static void write_table(const Count *count, Text *text) {
    size_t width[COLUMNS];
    int columns = shown_columns(count, &TABLE);
    measure(count, width);
    add_model(count, text);
    text_add(text, "\n\n");
    for (int c = 0; c < columns; c++) align(text, COLUMN[c].title, c, width[c]);
    end_line(text);
    Text cell = {0};
    for (size_t r = 0; r < count->net->layers + 2; r++) {
        Row row = row_at(count, r);
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

static void write_csv(const Count *count, Text *text) {
    write_head(count, &CSV, text);
    write_rows(count, &CSV, 1, count->net->layers + 1, text);
}

static void write_markdown(const Count *count, Text *text) {
    write_head(count, &MARKDOWN, text);
    for (int c = 0; c < shown_columns(count, &MARKDOWN); c++) {
        text_add(text, c < PARAMETERS ? "|---" : "|---:");
    }
    text_add(text, "|\n");
    write_rows(count, &MARKDOWN, 0, count->net->layers + 2, text);
    text_add(text, "\n");
    add_share(count, text);
}

static void write_latex(const Count *count, Text *text) {
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

static json_t *number_to_json(int64_t number) {
    return number < 0 ? json_null() : json_integer(number);
}

static json_t *shape_to_json(const Count *count, const Shape *shape) {
    int64_t size[3];
    int rank = ordered(count, shape, size);
    json_t *array = json_array();
    for (int i = 0; i < rank; i++) json_array_append_new(array, json_integer(size[i]));
    return array;
}

static json_t *layer_to_json(const Count *count, const Row *row) {
    Text written = {0};
    layer_print(row->layer, &written);
    json_t *json = json_pack("{s:s, s:s, s:o}", "layer", row->name, "written", written.data,
                             "output", shape_to_json(count, row->output));
    for (int c = PARAMETERS; c < COLUMNS; c++) {
        json_object_set_new(json, COLUMN[c].key, number_to_json(row->number[c]));
    }
    text_free(&written);
    return json;
}

// What the user called the model; bytes that are no UTF-8 become "?".
static json_t *model_to_json(const char *model) {
    json_t *json = json_string(model);
    if (json) return json;
    char *plain = memory_text(model);
    for (char *c = plain; *c; c++) *c = (unsigned char)*c < 128 ? *c : '?';
    json = json_string(plain);
    memory_free(plain);
    return json;
}

static void write_json(const Count *count, Text *text) {
    const Net *net = count->net;
    json_t *layers = json_array(), *conventions = json_array(), *variables = json_object();
    for (size_t r = 1; r <= net->layers; r++) {
        Row row = row_at(count, r);
        json_array_append_new(layers, layer_to_json(count, &row));
    }
    for (int i = 0; i < CONVENTION_COUNT; i++) {
        json_array_append_new(conventions, json_string(CONVENTIONS[i]));
    }
    for (size_t i = 0; i < net->variables.count; i++) {
        json_object_set_new(variables, net->variables.item[i].name,
                            json_integer(atoll(net->variables.item[i].value)));
    }
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:I, s:I, s:f, s:I, s:I, s:o, s:o}", "model", model_to_json(count->model),
        "variables", variables, "input", shape_to_json(count, &net->input), "parameters",
        (json_int_t)net->parameters, "parameters_fc", (json_int_t)count->fc, "share_fc",
        share(count), "macs", (json_int_t)net->macs, "activation_bytes",
        (json_int_t)net->activation_bytes, "layers", layers, "conventions", conventions);
    REQUIRE(json != NULL);
    char *dump = json_dumps(json, JSON_INDENT(2));
    REQUIRE(dump != NULL);
    text_printf(text, "%s\n", dump);
    memory_free(dump);
    json_decref(json);
}

void net_count(const Net *net, const char *model, NetFormat format, bool chw, Text *text) {
    static void (*const write[])(const Count *, Text *) = {
        [NET_TABLE] = write_table,       [NET_JSON] = write_json,   [NET_CSV] = write_csv,
        [NET_MARKDOWN] = write_markdown, [NET_LATEX] = write_latex,
    };
    Count count = count_layers(net, model, chw);
    write[format](&count, text);
    memory_free(count.whole);
}
