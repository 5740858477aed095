// JSON through Jansson, for the files that write it. A door of its own.
//
//   Whatever came from outside (a name of a file, a class, a column, a setting) becomes JSON by
//   json_text and json_put alone: Jansson takes nothing but UTF-8, and drops the rest in silence.
#pragma once

#include "base/text.h"
#include <jansson.h>
#include <math.h>

// A new reference; null for nan and infinities, which JSON does not have.
static inline json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

// Any bytes as a text: a byte that is part of no UTF-8 character becomes the four characters \xNN,
// so that two names stay two. A new reference; null for NULL.
json_t *json_text(const char *bytes);

// Adds the JSON as text, by Jansson's flags, and takes the reference.
void json_add(Text *text, json_t *json, size_t flags);

// object[key] = value, which it takes over; any bytes as a key, as above.
void json_put(json_t *object, const char *key, json_t *value);
