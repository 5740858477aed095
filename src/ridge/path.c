#include "ridge/path.h"
#include "ridge/design.h"

typedef struct Risks {
    const RidgeDesign *design;
    const PathFactor *factor;
    const RidgeLaw *law;
    size_t d; // coordinates of w_true; 0: as many as rows
    RidgeRisk *risk;
} Risks;

static bool visit(void *context, const PathBlock *block, Error *error) {
    const Risks *risks = context;
    if (!design_tell(risks->design, "least norm for every count", block->first, risks->factor->m,
                     error))
        return false;
    for (size_t i = 0; i < block->rows; i++) {
        size_t k = block->first + i, d = risks->d ? risks->d : k + 1;
        size_t rank = block->kind == PATH_DEFICIENT ? block->kept : risks->factor->rank[k];
        RidgeRisk *risk = risks->risk + k;
        risk->bias = risks->law->signal / (double)d * (double)(d - rank);
        risk->variance = risks->law->noise > 0 ? risks->law->noise * block->trace[i] : 0;
        risk->risk = risk->bias + risk->variance;
    }
    return true;
}

static bool path_risk(const RidgeDesign *design, bool columns, const RidgeLaw *law, RidgeRisk *risk,
                      Error *error) {
    double *a = path_read(design, columns, error);
    if (!a) return false;
    PathFactor factor;
    size_t n = design->n, d = design->d;
    if (!path_factor(columns ? d : n, columns ? n : d, a, false, &factor, error))
        return error_prefix(error, "%s", design->name);
    Risks risks = {
        .design = design, .factor = &factor, .law = law, .d = columns ? 0 : d, .risk = risk};
    bool ok = path_walk(&factor, factor.q, visit, &risks, error);
    path_factor_free(&factor);
    return ok;
}

bool ridge_path_samples(const RidgeDesign *design, const RidgeLaw *law, RidgeRisk *risk,
                        Error *error) {
    return path_risk(design, false, law, risk, error);
}

bool ridge_path_features(const RidgeDesign *design, const RidgeLaw *law, RidgeRisk *risk,
                         Error *error) {
    return path_risk(design, true, law, risk, error);
}
