// The text that names a data set. Private to data/.
#pragma once

#include "data/data.h"

typedef struct Spec {
    const DataKind *kind;
    void *parameters; // of the kind, every option set
    char *canonical;
} Spec;

// Reads NAME[:key=value,...]; errors show the text with a caret.
bool spec_parse(const char *text, Spec *spec, Error *error);
void spec_free(Spec *spec);
