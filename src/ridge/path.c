#include "ridge/path.h"
#include "ridge/design.h"

typedef struct Risks {
    const RidgeDesign *design;
    const PathFactor *factor;
    const RidgeLaw *law;
    size_t d; // coordinates of w_true; 0: as many as rows
    RidgeRisk *risk;
    RidgeRank *found;
} Risks;

// Of the first k + 1 rows of A, where trace is that of the pseudo-inverse of A_k A_k'.
static void record(const Risks *risks, size_t k, const RidgeRank *found, double trace) {
    size_t d = risks->d ? risks->d : k + 1;
    RidgeRisk *risk = risks->risk + k;
    risk->bias = risks->law->signal / (double)d * (double)(d - found->rank);
    risk->variance = risks->law->noise > 0 ? risks->law->noise * trace : 0;
    risk->risk = risk->bias + risk->variance;
    if (risks->found) risks->found[k] = *found;
}

static bool visit(void *context, const PathBlock *block, Error *error) {
    const Risks *risks = context;
    if (!design_tell(risks->design, "least norm for every count", block->first, risks->factor->m,
                     error))
        return false;
    for (size_t i = 0; i < block->rows; i++)
        record(risks, block->first + i, block->found + i, block->trace[i]);
    return true;
}

static bool visit_one(void *context, size_t k, const RankSvd *svd, Error *error) {
    double trace = 0;
    (void)error;
    for (size_t j = 0; j < svd->count; j++) trace += 1 / (svd->value[j] * svd->value[j]);
    record(context, k - 1, &svd->rank, trace);
    return true;
}

static bool path_risk(const RidgeDesign *design, bool columns, const RidgeLaw *law, RidgeRisk *risk,
                      RidgeRank *found, Error *error) {
    PathFactor factor;
    if (!path_factor(design, columns, &factor, error)) return false;
    Risks risks = {.design = design,
                   .factor = &factor,
                   .law = law,
                   .d = columns ? 0 : design->d,
                   .risk = risk,
                   .found = found};
    bool ok = path_goes_one_by_one(&factor)
                  ? path_each(design, columns, visit_one, &risks, error)
                  : path_walk(design, &factor, factor.q, visit, &risks, error);
    path_factor_free(&factor);
    return ok;
}

bool ridge_path_samples(const RidgeDesign *design, const RidgeLaw *law, RidgeRisk *risk,
                        RidgeRank *found, Error *error) {
    return path_risk(design, false, law, risk, found, error);
}

bool ridge_path_features(const RidgeDesign *design, const RidgeLaw *law, RidgeRisk *risk,
                         RidgeRank *found, Error *error) {
    return path_risk(design, true, law, risk, found, error);
}
