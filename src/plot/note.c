#include "plot/inner.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void add_settings(Text *note, const char *head, const Settings *settings) {
    if (settings->count == 0) return;
    text_add(note, head);
    for (size_t i = 0; i < settings->count; i++)
        text_printf(note, " %s=%s", settings->item[i].name, settings->item[i].value);
    text_add(note, "\n");
}

void plot_describe(const CurveSet *set, const PlotOptions *options, Text *note) {
    text_printf(note, "benign %s\n", BENIGN_VERSION);
    if (options->command) text_printf(note, "command: %s\n", options->command);
    text_printf(note, "source: %s\nx: %s\ny: %s\n", set->source, set->x, set->y);
    add_settings(note, "where:", &set->where);
    add_settings(note, "settings:", &set->fixed);
    for (size_t i = 0; i < set->curves; i++) {
        const Curve *curve = &set->curve[i];
        add_settings(note, "curve:", &curve->by);
        text_add(note, "seeds:");
        for (size_t s = 0; s < curve->seeds; s++)
            text_printf(note, "%s %s", s ? ";" : "", curve->seed[s]);
        text_add(note, "\n");
    }
}

static const char *find(const char *data, size_t size, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(data + i, word, length) == 0) return data + i;
    }
    return NULL;
}

// After the opening tag, in place of gnuplot's own title and description.
static bool note_svg(const char *data, size_t size, const char *note, Text *picture) {
    const char *tag = find(data, size, "<svg");
    const char *open = tag ? find(tag, size - (size_t)(tag - data), ">") : NULL;
    const char *end = open ? find(open, size - (size_t)(open - data), "</desc>") : NULL;
    if (!end) return false;
    text_add_bytes(picture, data, (size_t)(open + 1 - data));
    text_add(picture, "\n<title>benign " BENIGN_VERSION "</title>\n<metadata>");
    for (const char *line = note; *line;) {
        size_t length = strcspn(line, "\n");
        char *copy = memory_new(length + 1, 1);
        memcpy(copy, line, length);
        plot_add_xml(picture, copy);
        text_add(picture, "\n");
        memory_free(copy);
        line += length + (line[length] == '\n');
    }
    text_add(picture, "</metadata>");
    const char *rest = end + strlen("</desc>");
    text_add_bytes(picture, rest, (size_t)(data + size - rest));
    return true;
}

static void add_big_endian(Text *text, uint32_t value) {
    const char bytes[4] = {(char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
                           (char)value};
    text_add_bytes(text, bytes, 4);
}

// An iTXt chunk (UTF-8, not compressed) right behind the header chunk.
static bool note_png(const char *data, size_t size, const char *note, Text *picture) {
    enum { HEADER = 8 + 25 }; // signature and IHDR
    if (size < HEADER || memcmp(data, "\x89PNG\r\n\x1A\n", 8) != 0) return false;
    Text chunk = {0};
    const char head[] = "iTXtDescription\0\0\0\0"; // keyword, no compression, no languages
    text_add_bytes(&chunk, head, sizeof head);     // with the last 0
    for (const char *c = note; *c; c++) {          // clean, but for line ends
        size_t length = strcspn(c, "\n");
        char *copy = memory_new(length + 1, 1);
        memcpy(copy, c, length);
        plot_add_clean(&chunk, copy);
        memory_free(copy);
        c += length;
        if (!*c) break;
        text_add(&chunk, "\n");
    }
    text_add_bytes(picture, data, HEADER);
    add_big_endian(picture, (uint32_t)(chunk.length - 4));
    text_add_bytes(picture, chunk.data, chunk.length);
    add_big_endian(picture,
                   (uint32_t)crc32(0, (const unsigned char *)chunk.data, (unsigned)chunk.length));
    text_add_bytes(picture, data + HEADER, size - HEADER);
    text_free(&chunk);
    return true;
}

// Text as a PDF string: UTF-16, big end first, in hexadecimal.
static void add_pdf_text(Text *pdf, const char *text) {
    text_add(pdf, "<FEFF");
    for (const unsigned char *c = (const unsigned char *)text; *c;) {
        uint32_t code = *c < 0x80 ? *c : *c < 0xE0 ? *c & 0x1Fu : *c < 0xF0 ? *c & 0x0Fu : *c & 7u;
        for (c++; (*c & 0xC0) == 0x80; c++) code = code << 6 | (*c & 0x3Fu);
        if (code >= 0x10000) {
            text_printf(pdf, "%04X", 0xD800 + ((code - 0x10000) >> 10));
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        text_printf(pdf, "%04X", code);
    }
    text_add(pdf, ">");
}

// The number behind the last `key` in data, or -1.
static long last_number(const char *data, size_t size, const char *key) {
    const char *last = NULL;
    for (const char *at = data; (at = find(at, size - (size_t)(at - data), key)); at++) last = at;
    return last ? strtol(last + strlen(key), NULL, 10) : -1; // data ends in 0
}

// An incremental update: a new /Info object, its cross-reference and a trailer that points back.
static bool note_pdf(const char *data, size_t size, const char *note, Text *picture) {
    long count = last_number(data, size, "/Size "), root = last_number(data, size, "/Root ");
    long before = last_number(data, size, "startxref\n");
    if (count < 0 || root < 0 || before < 0 || !find(data, size, "\ntrailer")) return false;
    Text clean = {0};
    plot_add_clean(&clean, note); // line ends become blanks
    text_add_bytes(picture, data, size);
    size_t offset = picture->length;
    text_printf(picture, "%ld 0 obj\n<< /Creator (benign " BENIGN_VERSION ")\n   /Subject ", count);
    add_pdf_text(picture, clean.data);
    text_add(picture, "\n>>\nendobj\n");
    size_t table = picture->length;
    text_printf(picture,
                "xref\n%ld 1\n%010zu 00000 n \ntrailer\n<< /Size %ld\n   /Root %ld 0 R\n"
                "   /Info %ld 0 R\n   /Prev %ld\n>>\nstartxref\n%zu\n%%%%EOF\n",
                count, offset, count + 1, root, count, before, table);
    text_free(&clean);
    return true;
}

bool plot_note_picture(PlotFormat format, const char *data, size_t size, const char *note,
                       Text *picture, Error *error) {
    static bool (*const add[PLOT_FORMATS])(const char *, size_t, const char *, Text *) = {
        [PLOT_SVG] = note_svg, [PLOT_PDF] = note_pdf, [PLOT_PNG] = note_png};
    if (add[format](data, size, note, picture)) return true;
    return error_set(error,
                     "what gnuplot drew has no place for a description; is it 5.4 or newer?");
}
