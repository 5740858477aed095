#include "plot/inner.h"
#include <string.h>

// Bytes of the character at text, or 0 when it is none, or one that XML does not have.
static size_t character(const char *text) {
    uint32_t code = 0;
    size_t length = text_character(text, &code);
    return code == 0xFFFE || code == 0xFFFF ? 0 : length;
}

void plot_add_clean(Text *text, const char *more) {
    text_add(text, ""); // also an empty text is one
    while (*more) {
        size_t length = character(more);
        unsigned char first = (unsigned char)*more;
        bool control = first < 0x20 || first == 0x7F;
        if (length == 0 || control)
            text_add(text, first == '\n' || first == '\t' || first == '\r' ? " " : "?");
        else
            text_add_bytes(text, more, length);
        more += length ? length : 1;
    }
}

// gnuplot ends '...' at a doubled quote that stands first or follows another one, whatever its
// manual says: a quote is set as the typographer would. And ]]>, which it copies into its SVG, is
// not allowed there.
void plot_add_quoted(Text *text, const char *more) {
    Text clean = {0};
    plot_add_clean(&clean, more);
    text_add(text, "'");
    for (const char *c = clean.data; *c; c++) {
        if (*c == '\'')
            text_add(text, "\xE2\x80\x99");
        else if (text_starts(c, "]>"))
            text_add(text, "] ");
        else
            text_add_bytes(text, c, 1);
    }
    text_add(text, "'");
    text_free(&clean);
}

void plot_add_xml(Text *text, const char *more) {
    Text clean = {0};
    plot_add_clean(&clean, more);
    for (const char *c = clean.data; *c; c++) {
        const char *entity = *c == '<'    ? "&lt;"
                             : *c == '>'  ? "&gt;"
                             : *c == '&'  ? "&amp;"
                             : *c == '"'  ? "&quot;"
                             : *c == '\'' ? "&#39;"
                                          : NULL;
        if (entity)
            text_add(text, entity);
        else
            text_add_bytes(text, c, 1);
    }
    text_free(&clean);
}

bool plot_is_error(const char *name) {
    size_t length = strlen(name);
    return length >= 5 && strcmp(name + length - 5, "error") == 0;
}

void plot_add_axis_name(Text *text, const char *name, bool percent) {
    Text words = {0};
    plot_add_clean(&words, name);
    for (char *c = words.data; *c; c++) {
        if (*c == '_') *c = ' ';
    }
    text_add(text, words.data);
    if (percent) text_add(text, " (%)");
    text_free(&words);
}
