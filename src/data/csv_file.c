#include "data/csv_file.h"
#include "data/source.h"
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

// Files of other kinds under this name would be refused far from the cause.
static bool check_text(const Csv *csv, Error *error) {
    const unsigned char *text = (const unsigned char *)csv->text;
    const char *what = NULL;
    if (csv->size >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0))
        what = "text in UTF-16; save it as UTF-8";
    if (csv->size >= 2 && memcmp(text, "\x1f\x8b", 2) == 0) what = "a gzip file; gunzip unpacks it";
    if (csv->size >= 4 && memcmp(text, "PK\x03\x04", 4) == 0)
        what = "a zip file, as a spreadsheet (.xlsx) is; save it as CSV";
    if (what) return error_set(error, "%s: %s", csv->path, what);
    for (size_t i = 0; i < csv->size; i++) {
        if (text[i] < ' ' && (text[i] == 0 || !strchr("\t\n\r\f", text[i])))
            return error_set(error, "%s: offset %zu: byte 0x%02x; this is no text", csv->path, i,
                             text[i]);
    }
    return true;
}

// ---- which character separates ----

static const struct Separator {
    char is;
    const char *plural, *word; // word: of the key separator
} SEPARATORS[] = {
    {',', "commas", "comma"}, {';', "semicolons", "semicolon"}, {'\t', "tabs", "tab"}};
enum { SEPARATOR_COUNT = sizeof SEPARATORS / sizeof *SEPARATORS };

// Where character c first stands in the first line and outside quotes, or SIZE_MAX.
static size_t find_in_first_line(const Csv *csv, char c) {
    bool quoted = false;
    size_t i = csv->at;
    while (i < csv->size && (csv->text[i] == '\n' || csv->text[i] == '\r')) i++;
    for (; i < csv->size && (quoted || (csv->text[i] != '\n' && csv->text[i] != '\r')); i++) {
        if (csv->text[i] == '"') quoted = !quoted;
        if (csv->text[i] == c && !quoted) return i;
    }
    return SIZE_MAX;
}

static bool tell_separator(Csv *csv, Error *error) {
    const struct Separator *found = NULL;
    for (int i = 0; i < SEPARATOR_COUNT; i++) {
        const struct Separator *next = &SEPARATORS[i];
        size_t at = find_in_first_line(csv, next->is);
        if (at == SIZE_MAX || next->is == csv->decimal) continue;
        if (found)
            return error_at(
                error, csv->path, csv->text, csv->size, at, 1,
                "the first line has %s and %s; separator=%s or separator=%s says which "
                "of them stand between columns%s",
                found->plural, next->plural, found->word, next->word,
                found->is == ',' ? " (and decimal=comma, that a comma is a decimal point)" : "");
        found = next;
    }
    bool blanks = !found && find_in_first_line(csv, ' ') != SIZE_MAX;
    csv->separator = found ? found->is : blanks ? ' ' : ',';
    return true;
}

bool csv_open(Csv *csv, const char *path, char separator, char decimal, Error *error) {
    *csv = (Csv){.path = path, .separator = separator, .decimal = decimal};
    if (!file_read(path, source_limit, &csv->text, &csv->size, error)) return false;
    csv_rewind(csv);
    if (check_text(csv, error) && (separator || tell_separator(csv, error))) return true;
    csv_close(csv);
    return false;
}

void csv_close(Csv *csv) {
    memory_free(csv->text);
    memory_free(csv->field);
    *csv = (Csv){0};
}

void csv_rewind(Csv *csv) {
    bool mark = csv->size >= 3 && memcmp(csv->text, "\xEF\xBB\xBF", 3) == 0; // byte order mark
    csv->at = mark ? 3 : 0;
    csv->fields = 0;
}

static bool at_end(const Csv *csv) {
    return csv->at >= csv->size;
}

static char here(const Csv *csv) {
    return at_end(csv) ? '\n' : csv->text[csv->at];
}

static bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

static bool is_blank(const Csv *csv, char c) {
    return c == ' ' || (c == '\t' && csv->separator != '\t');
}

static void skip_blanks(Csv *csv) {
    while (!at_end(csv) && is_blank(csv, here(csv))) csv->at++;
}

// Whether a field may end here; blanks that separate count from the next field on.
static bool is_field_end(const Csv *csv) {
    char c = here(csv), separator = csv->separator;
    return is_line_end(c) || c == separator || (separator == ' ' && is_blank(csv, c));
}

static bool read_quoted(Csv *csv, CsvField *field, Error *error) {
    size_t start = csv->at++;
    field->at = csv->at;
    for (; !at_end(csv); csv->at++) {
        if (here(csv) != '"') continue;
        if (csv->at + 1 < csv->size && csv->text[csv->at + 1] == '"')
            csv->at++;
        else
            break;
    }
    if (at_end(csv))
        return error_at(error, csv->path, csv->text, csv->size, start, 1,
                        "this quote is not closed");
    field->length = csv->at++ - field->at;
    if (csv->separator != ' ') skip_blanks(csv);
    if (is_field_end(csv)) return true;
    const char *word = "blank";
    for (int i = 0; i < SEPARATOR_COUNT; i++)
        if (SEPARATORS[i].is == csv->separator) word = SEPARATORS[i].word;
    return error_at(error, csv->path, csv->text, csv->size, csv->at, 1,
                    "a %s or the end of the line is expected after a quoted value", word);
}

static void read_bare(Csv *csv, CsvField *field) {
    field->at = csv->at;
    while (!at_end(csv) && !is_field_end(csv)) csv->at++;
    size_t end = csv->at;
    while (end > field->at && is_blank(csv, csv->text[end - 1])) end--;
    field->length = end - field->at;
}

static bool read_field(Csv *csv, Error *error) {
    csv->field = memory_grow(csv->field, csv->fields, &csv->capacity, sizeof *csv->field);
    CsvField *field = &csv->field[csv->fields++];
    skip_blanks(csv);
    if (!at_end(csv) && here(csv) == '"') return read_quoted(csv, field, error);
    read_bare(csv, field);
    return true;
}

bool csv_next(Csv *csv, bool *more, Error *error) {
    csv->fields = 0;
    while (!at_end(csv) && is_line_end(here(csv))) csv->at++;
    *more = !at_end(csv);
    if (!*more) return true;
    for (;;) {
        if (!read_field(csv, error)) return false;
        if (csv->separator == ' ') skip_blanks(csv);
        if (at_end(csv) || is_line_end(here(csv))) return true;
        if (csv->separator != ' ') csv->at++;
    }
}

void csv_text(const Csv *csv, size_t field, Text *text) {
    const CsvField *f = &csv->field[field];
    text_free(text);
    text_add(text, "");
    for (size_t i = 0; i < f->length; i++) {
        text_add_bytes(text, csv->text + f->at + i, 1);
        if (csv->text[f->at + i] == '"') i++; // the second of a doubled quote
    }
}

bool csv_real(const Csv *csv, size_t field, double *value) {
    enum { LONGEST = 400 }; // 1 + 308 digits before the point, 17 that matter, some grace
    const CsvField *f = &csv->field[field];
    char number[LONGEST + 1];
    if (f->length > LONGEST || memchr(csv->text + f->at, 0, f->length)) return false;
    memcpy(number, csv->text + f->at, f->length);
    number[f->length] = 0;
    for (char *c = number; csv->decimal == ',' && *c; c++) {
        if (*c == '.') return false;
        if (*c == ',') *c = '.';
    }
    return text_to_real(number, value);
}

bool csv_missing(const Csv *csv, size_t field) {
    static const char *const words[] = {"",     "NA",   "N/A", "n/a",  "#N/A", "<NA>",
                                        "NULL", "null", "nil", "None", "NaN",  "?"};
    const CsvField *f = &csv->field[field];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (f->length == strlen(words[i]) && memcmp(csv->text + f->at, words[i], f->length) == 0)
            return true;
    }
    return false;
}

// Why a field is no number, as far as that can be told.
static const char *fault_of(const Csv *csv, size_t field) {
    const CsvField *f = &csv->field[field];
    const char *text = csv->text + f->at;
    bool digits = false, letters = false;
    for (size_t i = 0; i < f->length; i++) {
        digits = digits || (text[i] >= '0' && text[i] <= '9');
        letters = letters || strchr("+-.,eE0123456789", text[i]) == NULL;
    }
    if (csv_missing(csv, field)) return "a value is missing";
    if (digits && !letters && csv->decimal == '.' && memchr(text, ',', f->length))
        return "not a number; decimal=comma takes a comma for the decimal point";
    if (digits && !letters && csv->decimal == ',' && memchr(text, '.', f->length))
        return "not a number; with decimal=comma it has no point";
    return "not a number";
}

bool csv_number(const Csv *csv, size_t field, double *value, Error *error) {
    return csv_real(csv, field, value) || csv_refuse(csv, field, error, "%s", fault_of(csv, field));
}

const char csv_index_note[] = "the first column has no name: it is an index and left out";

// pandas calls a column without a name "Unnamed: 3" where it reads one; it may have written this.
static bool is_unnamed(const Csv *csv, size_t field) {
    static const char PANDAS[] = "Unnamed: ";
    const CsvField *f = &csv->field[field];
    return f->length == 0 ||
           (f->length >= strlen(PANDAS) && memcmp(csv->text + f->at, PANDAS, strlen(PANDAS)) == 0);
}

bool csv_index(const Csv *csv, size_t *index, Error *error) {
    *index = is_unnamed(csv, 0);
    for (size_t i = 1; i < csv->fields; i++) {
        if (!is_unnamed(csv, i)) continue;
        return csv_refuse(csv, i, error,
                          "column %zu has no name; only the first may have none, which makes it an "
                          "index",
                          i + 1);
    }
    return true;
}

size_t csv_words(const Csv *csv, size_t *first) {
    size_t words = 0;
    for (size_t i = csv->fields; i-- > 0;) {
        double value;
        if (csv_real(csv, i, &value)) continue;
        words++;
        *first = i;
    }
    return words;
}

bool csv_refuse(const Csv *csv, size_t field, Error *error, const char *format, ...) {
    const CsvField *f = &csv->field[field];
    Text what = {0};
    va_list list;
    va_start(list, format);
    text_vprintf(&what, format, list);
    va_end(list);
    error_at(error, csv->path, csv->text, csv->size, f->at, f->length ? f->length : 1, "%s",
             what.data);
    text_free(&what);
    return false;
}
