#include "symmetry/notation.h"
#include <ctype.h>
#include <string.h>

bool notation_fail(Parser *parser, size_t offset, size_t width, const char *format, ...) {
    Text message = {0};
    va_list list;
    va_start(list, format);
    text_vprintf(&message, format, list);
    va_end(list);
    parser->fault->offset = offset;
    parser->fault->width = width ? width : 1;
    error_set(&parser->fault->reason, "%s", message.data);
    text_free(&message);
    return false;
}

char notation_byte(const Parser *parser, size_t at) {
    return at < parser->length ? parser->text[at] : 0;
}

char notation_peek(Parser *parser) { // the next byte that is no blank, 0 at the end
    while (notation_byte(parser, parser->at) && strchr(" \t\r\n\v\f", parser->text[parser->at]))
        parser->at++;
    return notation_byte(parser, parser->at);
}

bool notation_take(Parser *parser, char wanted) {
    if (notation_peek(parser) != wanted) return false;
    parser->at++;
    return true;
}

size_t notation_word(Parser *parser) { // of letters, digits, _ and - inside
    notation_peek(parser);
    size_t end = parser->at;
    while (isalnum((unsigned char)notation_byte(parser, end)) ||
           notation_byte(parser, end) == '_' ||
           (notation_byte(parser, end) == '-' && end > parser->at))
        end++;
    return end - parser->at;
}

bool notation_next_is(Parser *parser, const char *word) {
    size_t length = notation_word(parser);
    return length == strlen(word) && memcmp(parser->text + parser->at, word, length) == 0;
}

bool notation_take_word(Parser *parser, const char *word) {
    if (!notation_next_is(parser, word)) return false;
    parser->at += strlen(word);
    return true;
}

bool notation_expected(Parser *parser, const char *what) {
    unsigned char found = (unsigned char)notation_peek(parser);
    size_t length = notation_word(parser);
    if (parser->at >= parser->length)
        return notation_fail(parser, parser->at, 1, "the group ends where %s is expected", what);
    if (length)
        return notation_fail(parser, parser->at, length, "found \"%.*s\" where %s is expected",
                             (int)(length < WORD ? length : WORD), parser->text + parser->at, what);
    if (found > 32 && found < 127)
        return notation_fail(parser, parser->at, 1, "found \"%c\" where %s is expected", found,
                             what);
    return notation_fail(parser, parser->at, 1, "found byte 0x%02X where %s is expected", found,
                         what);
}

bool notation_number(Parser *parser, const char *what, size_t *value) {
    enum { LARGE = 1000000000 };
    if (!isdigit((unsigned char)notation_peek(parser))) return notation_expected(parser, what);
    size_t start = parser->at;
    *value = 0;
    for (; isdigit((unsigned char)notation_byte(parser, parser->at)); parser->at++)
        if (*value < LARGE) *value = 10 * *value + (size_t)(parser->text[parser->at] - '0');
    return *value < LARGE ||
           notation_fail(parser, start, parser->at - start, "the number is too large");
}
