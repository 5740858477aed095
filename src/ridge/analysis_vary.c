#include "ridge/analysis.h"
#include <math.h>
#include <string.h>

enum { MOST_POINTS = 60 };

// The first n rows and d columns of another design.
static bool read_part(const RidgeDesign *part, size_t row, size_t rows, size_t column,
                      size_t columns, double *x, Error *error) {
    const RidgeDesign *whole = part->state;
    return whole->read(whole, row, rows, column, columns, x, error);
}

static RidgeDesign part_of(const RidgeDesign *whole, RidgeVary vary, size_t count) {
    RidgeDesign part = {.name = whole->name, .n = whole->n, .d = whole->d, .read = read_part};
    *(vary == RIDGE_SAMPLES ? &part.n : &part.d) = count;
    part.state = (void *)(uintptr_t)whole;
    return part;
}

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
    if (!curve->least_norm) return false;
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

static bool add_point(const RidgeDesign *design, const RidgeRequest *request, size_t i,
                      RidgeCurve *curve, Error *error) {
    RidgeDesign part = part_of(design, request->vary, curve->at[i]);
    if (curve->fixed && !risk_at(&part, request, request->mu[0], &curve->fixed[i], error))
        return false;
    if (curve->gaussian) {
        double gamma = (double)part.d / (double)part.n;
        curve->gaussian[i] = ridge_gaussian_risk(part.n, part.d, &request->law);
        curve->limit[i] = ridge_limit_best(gamma, &request->law);
    }
    double least_norm = curve->least_norm[curve->at[i] - 1].risk;
    return best_risk(&part, request, least_norm, &curve->best[i], error);
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

bool analysis_vary(const RidgeDesign *design, RidgeAnalysis *analysis, Error *error) {
    const RidgeRequest *request = analysis->request;
    RidgeCurve *curve = &analysis->curve;
    if (request->vary == RIDGE_FIXED) return true;
    bool samples = request->vary == RIDGE_SAMPLES;
    bool gaussian = !request->design.features && is_gaussian(request->data);
    size_t counts = samples ? design->n : design->d, square = samples ? design->d : design->n;
    curve->at = memory_new(MOST_POINTS, sizeof *curve->at);
    curve->points = choose_points(counts, square, curve->at);
    curve->counts = counts;
    if (!allocate(curve, request, gaussian, error)) return false;
    bool ok = (samples ? ridge_path_samples : ridge_path_features)(design, &request->law,
                                                                   curve->least_norm, error);
    for (size_t i = 0; ok && i < curve->points; i++) {
        ok = design_tell(design, "mu* along the curve", i, curve->points, error) &&
             add_point(design, request, i, curve, error);
    }
    ok = ok && (samples || !request->targets || add_fit(design, request, curve, error));
    if (!ok) curve->counts = 0; // no half curves
    return ok;
}
