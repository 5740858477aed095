// All that is known about a group and the layer that it ties.
#include "symmetry/inner.h"

bool symmetry_report(const Symmetry *symmetry, const SymmetryOptions *options,
                     SymmetryReport *report, Error *error) {
    *report = (SymmetryReport){.symmetry = symmetry,
                               .channels_in = options->channels_in,
                               .channels_out = options->channels_out,
                               .zero_based = options->zero_based};
    if (symmetry_pattern(symmetry, &report->pattern, error) &&
        symmetry_order(symmetry, options->effort, &report->order, error) &&
        symmetry_closure(&report->pattern, symmetry->rectangular, report->order, options->seconds,
                         &report->closure, error))
        return true;
    symmetry_report_free(report);
    return false;
}

void symmetry_report_free(SymmetryReport *report) {
    symmetry_pattern_free(&report->pattern);
    memory_free(report->order);
    memory_free(report->closure);
    *report = (SymmetryReport){0};
}
