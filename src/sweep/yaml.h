// Strict YAML: a text becomes a tree of scalars, lists and maps whose every node knows its place.
#pragma once

#include "base/base.h"

typedef enum NodeKind { NODE_SCALAR, NODE_LIST, NODE_MAP } NodeKind;

typedef struct Node {
    NodeKind kind;
    const char *text;     // of a scalar
    bool plain;           // a scalar without quotes
    size_t offset, width; // in the source, bytes
    struct Node **item;   // list: (count) items; map: (2 count) key, value, key, value, ...
    size_t count, capacity;
} Node;

typedef struct Document {
    const char *name, *source; // not owned
    size_t length;
    Arena *arena; // where the nodes live
    Node *root;   // NULL: an empty document
} Document;

// Fills document->root. Refused: anchors, aliases, tags, a second document, keys that are not
// scalars, 0 bytes, and nesting deeper than 8.
bool document_parse(Document *document, Error *error);

// An error at a node: file:line:column, the line, a caret.
bool document_error(const Document *document, const Node *node, Error *error, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

// "a.yaml:12:8", in the arena.
const char *document_place(const Document *document, const Node *node);
