#include "sweep/values.h"
#include <string.h>

// The end of the item that begins at `from`: a comma outside of parentheses, or the end of text.
static size_t item_end(const char *text, size_t from) {
    int depth = 0;
    size_t at = from;
    for (; text[at] && (depth || text[at] != ','); at++) {
        depth += text[at] == '(';
        depth -= text[at] == ')' && depth > 0;
    }
    return at;
}

static bool add_item(const Document *document, size_t from, size_t end, SweepAxis *axis,
                     Error *error) {
    while (from < end && document->source[from] == ' ') from++;
    while (end > from && document->source[end - 1] == ' ') end--;
    const char *text = arena_text(document->arena, document->source + from, end - from);
    Node item = {NODE_SCALAR, .text = text, .plain = true, .offset = from};
    item.width = end > from ? end - from : 1;
    size_t first = axis->count;
    if (!values_add(document, &item, document->name, axis, error)) return false;
    double number;
    if (first + 1 == axis->count && !text_to_real(axis->value[first].text, &number)) {
        return document_error(document, &item, error,
                              "\"%s\" is no number; a list such as 0.1,1,10 or geomspace(0.1,10,3) "
                              "fits",
                              text);
    }
    return true;
}

bool sweep_numbers(const char *name, const char *text, double **value, size_t *count,
                   Error *error) {
    Arena arena = {0};
    Document document = {name, text, strlen(text), &arena, NULL};
    SweepAxis axis = {0};
    bool ok = true;
    for (size_t from = 0, end; ok; from = end + 1) {
        end = item_end(text, from);
        ok = add_item(&document, from, end, &axis, error);
        if (!text[end]) break;
    }
    *count = axis.count;
    *value = ok ? memory_try(axis.count, sizeof **value, "a list of numbers", error) : NULL;
    for (size_t i = 0; *value && i < axis.count; i++)
        text_to_real(axis.value[i].text, &(*value)[i]);
    arena_free(&arena);
    return *value != NULL;
}
