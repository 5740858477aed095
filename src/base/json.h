// JSON through Jansson, for the files that write it. A door of its own.
#pragma once

#include <jansson.h>
#include <math.h>

// A new reference; null for nan and infinities, which JSON does not have.
static inline json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}
