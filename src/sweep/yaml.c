#include "sweep/yaml.h"
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEEPEST = 8 };

typedef struct Parser {
    Document *document;
    yaml_parser_t yaml;
    size_t index, offset; // a character of the source and the byte where it begins
    Error *error;
} Parser;

// libyaml counts characters, errors count bytes. Events come in order, so walking on is enough.
static size_t byte_offset(Parser *parser, size_t index) {
    const Document *document = parser->document;
    if (index < parser->index) parser->index = parser->offset = 0;
    while (parser->index < index && parser->offset < document->length) {
        parser->offset++;
        while (parser->offset < document->length &&
               ((unsigned char)document->source[parser->offset] & 0xC0) == 0x80)
            parser->offset++;
        parser->index++;
    }
    return parser->offset;
}

static bool refuse_span(Parser *parser, size_t offset, size_t width, const char *what) {
    const Document *document = parser->document;
    return error_at(parser->error, document->name, document->source, document->length, offset,
                    width, "%s", what);
}

static bool refuse_event(Parser *parser, const yaml_event_t *event, const char *what) {
    size_t start = byte_offset(parser, event->start_mark.index);
    size_t end = byte_offset(parser, event->end_mark.index);
    return refuse_span(parser, start, end > start ? end - start : 1, what);
}

static bool next_event(Parser *parser, yaml_event_t *event) {
    yaml_parser_t *yaml = &parser->yaml;
    if (yaml_parser_parse(yaml, event)) return true;
    size_t offset = yaml->error == YAML_READER_ERROR
                        ? yaml->problem_offset
                        : byte_offset(parser, yaml->problem_mark.index);
    Text what = {0};
    text_printf(&what, "not YAML: %s%s%s", yaml->problem ? yaml->problem : "out of memory",
                yaml->context ? " " : "", yaml->context ? yaml->context : "");
    refuse_span(parser, offset, 1, what.data);
    text_free(&what);
    return false;
}

static bool check_event(Parser *parser, const yaml_event_t *event) {
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return refuse_event(parser, event, "aliases are not used here; write the value again");
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
    if (anchor) return refuse_event(parser, event, "anchors are not used here");
    if (tag) return refuse_event(parser, event, "tags are not used here");
    return true;
}

static Node *new_node(Parser *parser, const yaml_event_t *event, NodeKind kind) {
    Node *node = arena_new(parser->document->arena, 1, sizeof *node);
    node->kind = kind;
    node->offset = byte_offset(parser, event->start_mark.index);
    size_t end = byte_offset(parser, event->end_mark.index);
    node->width = end > node->offset ? end - node->offset : 1;
    return node;
}

static void add_item(Parser *parser, Node *node, Node *item, size_t used) {
    if (used == node->capacity) {
        size_t capacity = used ? 2 * used : 8;
        Node **more = arena_new(parser->document->arena, capacity, sizeof *more);
        if (used) memcpy(more, node->item, used * sizeof *more);
        node->item = more;
        node->capacity = capacity;
    }
    node->item[used] = item;
}

static Node *read_scalar(Parser *parser, const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (strlen(text) != length) {
        refuse_event(parser, event, "a 0 byte has no place in a text");
        return NULL;
    }
    Node *node = new_node(parser, event, NODE_SCALAR);
    node->text = arena_text(parser->document->arena, text, length);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return node;
}

static Node *read_node(Parser *parser, yaml_event_t *event, int depth);

static bool is_end(const yaml_event_t *event) {
    return event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT;
}

static Node *read_items(Parser *parser, Node *node, int depth) {
    for (size_t used = 0;; used++) {
        yaml_event_t event;
        if (!next_event(parser, &event)) return NULL;
        bool end = is_end(&event), key = node->kind == NODE_MAP && used % 2 == 0;
        Node *item = end ? NULL : read_node(parser, &event, depth);
        if (item && key && item->kind != NODE_SCALAR) {
            refuse_event(parser, &event, "a key is one word");
            item = NULL;
        }
        yaml_event_delete(&event);
        node->count = node->kind == NODE_MAP ? used / 2 : used;
        if (end) return node;
        if (!item) return NULL;
        add_item(parser, node, item, used);
    }
}

static Node *read_node(Parser *parser, yaml_event_t *event, int depth) {
    if (!check_event(parser, event)) return NULL;
    if (event->type == YAML_SCALAR_EVENT) return read_scalar(parser, event);
    if (depth == DEEPEST) {
        refuse_event(parser, event, "nested too deeply");
        return NULL;
    }
    NodeKind kind = event->type == YAML_MAPPING_START_EVENT ? NODE_MAP : NODE_LIST;
    return read_items(parser, new_node(parser, event, kind), depth + 1);
}

// STREAM-START, then DOCUMENT-START node DOCUMENT-END, then STREAM-END.
static bool read_stream(Parser *parser) {
    for (;;) {
        yaml_event_t event;
        if (!next_event(parser, &event)) return false;
        bool ok = true, end = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT) {
            if (parser->document->root) ok = refuse_event(parser, &event, "a second document");
        } else if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_END_EVENT &&
                   !end) {
            parser->document->root = read_node(parser, &event, 0);
            ok = parser->document->root != NULL;
        }
        yaml_event_delete(&event);
        if (!ok || end) return ok;
    }
}

bool document_parse(Document *document, Error *error) {
    Parser parser = {.document = document, .error = error};
    if (!yaml_parser_initialize(&parser.yaml))
        return error_set(error, "%s: no memory left to read it", document->name);
    yaml_parser_set_encoding(&parser.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser.yaml, (const unsigned char *)document->source,
                                 document->length);
    bool ok = read_stream(&parser);
    yaml_parser_delete(&parser.yaml);
    return ok;
}

bool document_error(const Document *document, const Node *node, Error *error, const char *format,
                    ...) {
    Text what = {0};
    va_list list;
    va_start(list, format);
    text_vprintf(&what, format, list);
    va_end(list);
    error_at(error, document->name, document->source, document->length, node->offset, node->width,
             "%s", what.data);
    text_free(&what);
    return false;
}

const char *document_place(const Document *document, const Node *node) {
    size_t line = 1, column = 1;
    for (size_t i = 0; i < node->offset; i++) {
        unsigned char c = (unsigned char)document->source[i];
        column += (c & 0xC0) != 0x80;
        if (c == '\n') {
            line++;
            column = 1;
        }
    }
    Text place = {0};
    text_printf(&place, "%s:%zu:%zu", document->name, line, column);
    const char *kept = arena_text(document->arena, place.data, place.length);
    text_free(&place);
    return kept;
}
