// Any bytes as text that other programs read.
#include "base/base.h"

size_t text_character(const char *text, uint32_t *code) {
    const unsigned char *c = (const unsigned char *)text;
    size_t length = c[0] < 0x80   ? 1
                    : c[0] < 0xC2 ? 0
                    : c[0] < 0xE0 ? 2
                    : c[0] < 0xF0 ? 3
                    : c[0] < 0xF5 ? 4
                                  : 0;
    uint32_t found = length == 1 ? c[0] : length ? c[0] & (0x7FU >> length) : 0;
    for (size_t i = 1; i < length; i++) {
        if ((c[i] & 0xC0) != 0x80) return 0; // the 0 at the end is none, either
        found = found << 6 | (c[i] & 0x3FU);
    }
    bool longer = (length == 3 && found < 0x800) || (length == 4 && found < 0x10000);
    bool surrogate = found >= 0xD800 && found < 0xE000;
    if (longer || surrogate || found > 0x10FFFF) return 0;
    if (code) *code = found;
    return length;
}

void text_add_utf8(Text *text, const char *bytes) {
    text_add(text, ""); // also an empty text is one
    while (*bytes) {
        uint32_t code = 0;
        size_t length = text_character(bytes, &code);
        const bool obeyed = code >= 127 && code < 0xA0; // by terminals; JSON escapes none of these
        if (length && !obeyed) text_add_bytes(text, bytes, length);
        for (size_t i = 0; i == 0 || i < length; i++) {
            if (!length || obeyed) text_printf(text, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
        }
        bytes += length ? length : 1;
    }
}

void text_add_python(Text *text, const char *bytes) {
    text_add(text, "\"");
    while (*bytes) {
        uint32_t code = 0;
        size_t length = text_character(bytes, &code);
        if (length == 0) // as os.fsdecode has it
            text_printf(text, "\\udc%02x", (unsigned)(unsigned char)*bytes);
        else if (code >= 0x10000)
            text_printf(text, "\\U%08x", (unsigned)code);
        else if (code > 126)
            text_printf(text, "\\u%04x", (unsigned)code);
        else if (code == '\n')
            text_add(text, "\\n");
        else if (code < 32)
            text_printf(text, "\\x%02x", (unsigned)code);
        else
            text_printf(text, code == '"' || code == '\\' ? "\\%c" : "%c", (int)code);
        bytes += length ? length : 1;
    }
    text_add(text, "\"");
}
