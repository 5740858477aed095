// Private: the table of the layer kinds, one per instruction set.
#pragma once

#include "layer/layer.h"

enum { LAYER_KINDS = 100 };

typedef struct LayerTable {
    const LayerKind *kind[LAYER_KINDS]; // ends in NULL
} LayerTable;
