// The group of a tied layer as lists of Python.
#include "torch/inner.h"
#include "symmetry/symmetry.h"

static void add_group(const SymmetryGroup *group, Text *text) {
    text_add(text, "[");
    for (size_t k = 0; k < group->generators; k++) {
        text_add(text, k ? ", [" : "[");
        for (size_t i = 0; i < group->n; i++)
            text_printf(text, "%s%d", i ? ", " : "", (int)group->image[k * group->n + i]);
        text_add(text, "]");
    }
    text_add(text, "]");
}

void torch_add_generators(const char *group, Text *text) {
    SymmetryFault fault;
    Symmetry *symmetry = symmetry_read_part(group, &fault);
    REQUIRE(symmetry != NULL); // a layer stands on it
    add_group(&symmetry->in, text);
    text_add(text, ", ");
    add_group(&symmetry->out, text);
    symmetry_free(symmetry);
}
