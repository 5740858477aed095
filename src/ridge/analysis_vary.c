#include "ridge/analysis.h"
#include <math.h>
#include <string.h>

enum { MOST_POINTS = 60 };

// About half of the points evenly over all counts, the others closer and closer to the square,
// where the peak is.
static size_t choose_points(size_t counts, size_t square, size_t *at) {
    size_t points = 0;
    if (counts <= MOST_POINTS) {
        for (size_t k = 1; k <= counts; k++) at[points++] = k;
        return points;
    }
    bool *chosen = memory_new(counts + 1, sizeof *chosen);
    enum { EVEN = 31, NEAR = 14 };
    for (size_t i = 0; i < EVEN; i++) chosen[1 + i * (counts - 1) / (EVEN - 1)] = true;
    for (int i = 0; i < NEAR && square <= counts; i++) {
        double off = (double)square * 0.5 * pow(0.6, i);
        size_t step = (size_t)fmax(1, round(off));
        if (step < square) chosen[square - step] = true;
        if (square + step <= counts) chosen[square + step] = true;
    }
    if (square <= counts) chosen[square] = true;
    for (size_t k = 1; k <= counts && points < MOST_POINTS; k++) {
        if (chosen[k]) at[points++] = k;
    }
    memory_free(chosen);
    return points;
}

static bool allocate(RidgeCurve *curve, const RidgeRequest *request, bool gaussian, Error *error) {
    const char *what = "a curve of risks";
    curve->least_norm = memory_try(curve->counts, sizeof *curve->least_norm, what, error);
    curve->found = memory_try(curve->counts, sizeof *curve->found, what, error);
    if (!curve->least_norm || !curve->found) return false;
    double **columns[] = {&curve->best, request->mu_count ? &curve->fixed : NULL,
                          gaussian ? &curve->gaussian : NULL, gaussian ? &curve->limit : NULL};
    for (int i = 0; i < 4; i++) {
        if (!columns[i]) continue;
        *columns[i] = memory_try(curve->points, sizeof(double), what, error);
        if (!*columns[i]) return false;
    }
    return true;
}

static bool risk_at(const RidgeDesign *part, const RidgeRequest *request, double mu, double *risk,
                    Error *error) {
    RidgeSpectrum spectrum = {0};
    RidgeWeights weights = {0};
    bool ok =
        ridge_spectrum(part, mu, request->route, &spectrum, error) &&
        ridge_weights(part, &spectrum, RIDGE_PARAMETERS, &request->law, NULL, &weights, error);
    if (ok) *risk = ridge_risk(&spectrum, &weights, &request->law, mu).risk;
    ridge_weights_free(&weights);
    ridge_spectrum_free(&spectrum);
    return ok;
}

// R(mu*), also where mu* is 0 (no noise: what least norm gives) or infinite (no signal: 0), and by
// the spectrum, which knows the rank, where mu* is lost to rounding beside H.
static bool best_risk(const RidgeDesign *part, const RidgeRequest *request, double least_norm,
                      double *risk, Error *error) {
    const RidgeLaw *law = &request->law;
    RidgeRoute route;
    *risk = law->signal > 0 ? least_norm : 0;
    return law->signal == 0 || law->noise == 0 || ridge_best_risk(part, law, risk, &route, NULL) ||
           risk_at(part, request, ridge_best_mu(law, part->d), risk, error);
}

// One row with an intercept is fitted by it: w = 0 at every mu.
static void add_one_row(const RidgeRequest *request, RidgeCurve *curve) {
    double *column[] = {curve->best, curve->fixed, curve->gaussian, curve->limit};
    for (size_t k = 0; k < sizeof column / sizeof *column; k++) {
        if (column[k]) column[k][0] = request->law.signal;
    }
}

// Along samples the first k - 1 rows of nested contrasts stand for the first k rows.
static bool add_point(const RidgeDesign *design, const RidgeRequest *request, size_t i,
                      RidgeCurve *curve, Error *error) {
    size_t count = curve->at[i] - (request->vary == RIDGE_SAMPLES && design->intercept);
    if (count == 0) {
        add_one_row(request, curve);
        return true;
    }
    bool samples = request->vary == RIDGE_SAMPLES;
    size_t n = samples ? count : design->n, d = samples ? design->d : count;
    if (curve->gaussian) {
        curve->gaussian[i] = ridge_gaussian_risk(n, d, &request->law);
        curve->limit[i] = ridge_limit_best((double)d / (double)n, &request->law);
    }
    double least_norm = curve->least_norm[curve->at[i] - 1].risk;
    RidgeDesign *part = design_part(design, n, d);
    bool ok = (!curve->fixed || risk_at(part, request, request->mu[0], &curve->fixed[i], error)) &&
              best_risk(part, request, least_norm, &curve->best[i], error);
    ridge_design_close(part);
    return ok;
}

static bool add_fit(const RidgeDesign *design, const RidgeRequest *request, RidgeCurve *curve,
                    Error *error) {
    Targets train = {0}, test = {0};
    RidgeDesign *test_design = NULL;
    RidgeDesignOptions options = request->design;
    options.test = true;
    bool own = strcmp(request->targets, "own") == 0;
    bool ok = targets_read(request, false, &train, error) &&
              (!own || targets_read(request, true, &test, error));
    if (ok && test.n)
        ok = (test_design = ridge_design_open(request->data, &options, error)) != NULL;
    curve->fit =
        ok ? memory_try(curve->counts, sizeof *curve->fit, "a curve of fits", error) : NULL;
    RidgeTargets targets = {train.outputs, test.n, train.y, test_design, test.y};
    ok = curve->fit && ridge_path_fit(design, &targets, curve->fit, error);
    ridge_design_close(test_design);
    memory_free(train.y);
    memory_free(test.y);
    return ok;
}

// Rows N(0, I): gaussian:N,d, or the data set of that name.
static bool is_gaussian(const char *data) {
    return strncmp(data, "gaussian", strcspn(data, ":")) == 0 && strcspn(data, ":") == 8;
}

// Of the design that the counts are taken from.
static bool add_curve(const RidgeDesign *design, const RidgeRequest *request, RidgeCurve *curve,
                      Error *error) {
    const RidgeLaw *law = &request->law;
    bool samples = request->vary == RIDGE_SAMPLES;
    size_t first = samples && design->intercept; // one row, and no contrast
    if (first) curve->least_norm[0] = (RidgeRisk){law->signal, law->signal, 0};
    bool ok = (samples ? ridge_path_samples : ridge_path_features)(
        design, law, curve->least_norm + first, curve->found + first, error);
    for (size_t i = 0; ok && i < curve->points; i++) {
        ok = design_tell(design, "mu* along the curve", i, curve->points, error) &&
             add_point(design, request, i, curve, error);
    }
    return ok && (samples || !request->targets || add_fit(design, request, curve, error));
}

bool analysis_vary(const RidgeDesign *design, RidgeAnalysis *analysis, Error *error) {
    const RidgeRequest *request = analysis->request;
    RidgeCurve *curve = &analysis->curve;
    if (request->vary == RIDGE_FIXED) return true;
    bool samples = request->vary == RIDGE_SAMPLES;
    bool gaussian = !request->design.features && is_gaussian(request->data);
    curve->at = memory_new(MOST_POINTS, sizeof *curve->at);
    curve->counts = samples ? analysis->n : analysis->d;
    curve->square = samples ? design->d + design->intercept : design->n;
    curve->points = choose_points(curve->counts, curve->square, curve->at);
    if (!allocate(curve, request, gaussian, error)) return false;
    RidgeDesign *nested = samples && design->intercept ? design_nested(design, error) : NULL;
    bool ok = (nested || !(samples && design->intercept)) &&
              add_curve(nested ? nested : design, request, curve, error);
    ridge_design_close(nested);
    if (!ok) curve->counts = 0; // no half curves
    return ok;
}
