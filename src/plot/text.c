#include "plot/inner.h"
#include <string.h>

// Bytes of the UTF-8 character at text, or 0 when it is none. No surrogates, no long forms.
static size_t utf8_length(const unsigned char *text) {
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xC2 ? 0
                    : text[0] < 0xE0 ? 2
                    : text[0] < 0xF0 ? 3
                    : text[0] < 0xF5 ? 4
                                     : 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
    }
    bool long_form = (text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xF0 && text[1] < 0x90);
    bool surrogate = text[0] == 0xED && text[1] >= 0xA0;
    bool beyond = text[0] == 0xF4 && text[1] >= 0x90;
    bool no_character = text[0] == 0xEF && text[1] == 0xBF && text[2] >= 0xBE; // XML has none
    return long_form || surrogate || beyond || no_character ? 0 : length;
}

void plot_add_clean(Text *text, const char *more) {
    text_add(text, ""); // also an empty text is one
    while (*more) {
        size_t length = utf8_length((const unsigned char *)more);
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
