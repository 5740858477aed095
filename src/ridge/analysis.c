// Everything that was asked for, part by part.
#include "ridge/analysis.h"
#include "num/linear.h"
#include <math.h>
#include <string.h>

enum { DEFAULT_MUS = 25 };

static bool check_list(const char *place, const double *value, size_t count, Error *error) {
    for (size_t i = 0; i < count; i++) {
        if (value[i] >= 0) continue; // false for nan
        return error_set(error, "%s: %g; numbers from 0 up fit", place, value[i]);
    }
    return true;
}

static bool check_request(const RidgeRequest *request, Error *error) {
    return check_list("--signal", &request->law.signal, 1, error) &&
           check_list("--noise", &request->law.noise, 1, error) &&
           check_list("--mu", request->mu, request->mu_count, error) &&
           check_list("--time", request->time, request->time_count, error);
}

static double mean_eigenvalue(const RidgeSpectrum *spectrum) {
    double sum = 0;
    for (size_t i = 0; i < spectrum->count; i++)
        sum += spectrum->lambda[i] * (spectrum->weight ? spectrum->weight[i] : 1);
    return sum / (double)spectrum->d;
}

static const double LEAST_DEFAULT = 1e-3; // of mu*

// Six decades around mu*, or where that is no place, around the mean eigenvalue.
static void default_mus(RidgeAnalysis *analysis) {
    double middle = analysis->best_mu;
    if (!(middle > 0) || isinf(middle)) middle = mean_eigenvalue(&analysis->spectrum);
    if (!(middle > 0)) middle = 1;
    for (int i = 0; i < DEFAULT_MUS; i++)
        analysis->mu[i] = middle * LEAST_DEFAULT * pow(10, 6.0 * i / (DEFAULT_MUS - 1));
}

static bool choose_mus(const RidgeRequest *request, RidgeAnalysis *analysis, Error *error) {
    size_t count = request->mu_count ? request->mu_count : DEFAULT_MUS;
    analysis->mu = memory_try(count, sizeof *analysis->mu, "a list of mu", error);
    if (!analysis->mu) return false;
    analysis->mu_count = count;
    for (size_t i = 0; i < request->mu_count; i++)
        analysis->mu[i] = request->mu[i] + 0.0; // -0 becomes 0
    if (!request->mu_count) default_mus(analysis);
    return true;
}

static bool refuse_sigma(const RidgeDesign *s, size_t i, size_t j, const double *sigma,
                         Error *error) {
    return error_set(error, "%s: S is not symmetric: %g in row %zu, column %zu, and %g across",
                     s->name, sigma[i * s->d + j], i, j, sigma[j * s->d + i]);
}

// A covariance is symmetric, and v'S v >= 0 for every v: S plus a little has a Cholesky factor.
static bool check_sigma(const RidgeDesign *s, const double *sigma, Error *error) {
    size_t d = s->d;
    double trace = 0, across = 0,
           *copy = memory_try(d, d * sizeof *copy, "the covariance S", error);
    if (!copy) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < d; i++) {
        trace += fabs(sigma[i * d + i]);
        for (size_t j = 0; ok && j < i; j++) {
            double a = sigma[i * d + j], b = sigma[j * d + i];
            across += fabs(a);
            ok = fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b)) || refuse_sigma(s, i, j, sigma, error);
        }
    }
    memcpy(copy, sigma, d * d * sizeof *copy);
    for (size_t i = 0; i < d; i++) copy[i * d + i] += 1e-9 * trace;
    ok = ok && (trace + across == 0 || linear_cholesky(d, copy) ||
                error_set(error, "%s: S is no covariance: v'S v < 0 for some v", s->name));
    memory_free(copy);
    return ok;
}

static bool read_sigma(const RidgeRequest *request, size_t d, double **sigma, Error *error) {
    *sigma = NULL;
    if (request->measure != RIDGE_COVARIANCE) return true;
    if (!request->sigma) return error_set(error, "--risk covariance needs --sigma S.npy");
    RidgeDesign *s = ridge_design_open(request->sigma, &(RidgeDesignOptions){0}, error);
    if (!s) return false;
    bool ok = s->n == d && s->d == d;
    if (!ok)
        error_set(error, "%s: S is %zux%zu; with %zu columns in X it is %zux%zu", s->name, s->n,
                  s->d, d, d, d);
    *sigma = ok ? memory_try(d, d * sizeof **sigma, "the covariance S", error) : NULL;
    ok = *sigma && s->read(s, 0, d, 0, d, *sigma, error) && check_sigma(s, *sigma, error);
    ridge_design_close(s);
    return ok;
}

// The risk at mu and its error. Lanczos and a Gram matrix do not know the least eigenvalues, and
// with them neither the rank nor the limit mu -> 0+: that is not computed.
static RidgeRisk risk_at(const RidgeAnalysis *analysis, const RidgeWeights *weights, double mu,
                         double *error) {
    const RidgeSpectrum *spectrum = &analysis->spectrum;
    const RidgeLaw *law = &analysis->request->law;
    *error = ridge_risk_error(spectrum, weights, law, mu);
    if (isinf(*error) && spectrum->rank == RIDGE_RANK_UNKNOWN) {
        *error = NAN;
        return (RidgeRisk){NAN, NAN, NAN};
    }
    return ridge_risk(spectrum, weights, law, mu);
}

static bool fill_risks(RidgeAnalysis *analysis, const RidgeWeights *weights, Error *error) {
    const RidgeRequest *request = analysis->request;
    const RidgeSpectrum *spectrum = &analysis->spectrum;
    const RidgeLaw *law = &request->law;
    size_t count = analysis->mu_count, times = request->time_count;
    analysis->risk = memory_try(count, sizeof *analysis->risk, "the risks", error);
    if (!analysis->risk) return false;
    analysis->risk_error = memory_try(2 * count, sizeof(double), "the risks", error);
    if (!analysis->risk_error) return false;
    analysis->degrees = analysis->risk_error + count;
    if (times) analysis->flow = memory_try(times, sizeof *analysis->flow, "the risks", error);
    if (times && !analysis->flow) return false;
    for (size_t i = 0; i < count; i++) {
        analysis->risk[i] = risk_at(analysis, weights, analysis->mu[i], &analysis->risk_error[i]);
        analysis->degrees[i] = ridge_degrees(spectrum, analysis->mu[i]);
    }
    for (size_t i = 0; i < times; i++)
        analysis->flow[i] = ridge_flow(spectrum, weights, law, request->time[i]);
    analysis->at_zero = risk_at(analysis, weights, 0, &analysis->error_at_zero);
    analysis->at_infinity = ridge_risk(spectrum, weights, law, INFINITY);
    analysis->best = risk_at(analysis, weights, analysis->best_mu, &analysis->best_error);
    analysis->degrees_at_zero = ridge_degrees(spectrum, 0);
    return true;
}

// Lanczos goes on until the least mu asked for is settled; the other routes know all mu, 0 too.
static double least_mu(const RidgeDesign *design, const RidgeAnalysis *analysis) {
    const RidgeRequest *request = analysis->request;
    bool lanczos = request->route == RIDGE_LANCZOS ||
                   (request->route == RIDGE_AUTO && spectrum_is_huge(design));
    if (!lanczos) return 0;
    double least = request->mu_count ? INFINITY : analysis->best_mu * LEAST_DEFAULT;
    for (size_t i = 0; i < request->mu_count; i++) least = fmin(least, request->mu[i]);
    return isinf(least) ? 0 : least;
}

static bool measure(const RidgeDesign *design, const double *sigma, RidgeAnalysis *analysis,
                    Error *error) {
    const RidgeRequest *request = analysis->request;
    RidgeWeights weights = {0};
    bool ok = ridge_spectrum(design, least_mu(design, analysis), request->route,
                             &analysis->spectrum, error) &&
              choose_mus(request, analysis, error);
    analysis->route = analysis->spectrum.route;
    ok = ok && ridge_weights(design, &analysis->spectrum, request->measure, &request->law, sigma,
                             &weights, error);
    ok = ok && fill_risks(analysis, &weights, error);
    ridge_weights_free(&weights);
    return ok;
}

static bool add_check(const RidgeDesign *design, const double *sigma, RidgeAnalysis *analysis,
                      Error *error) {
    const RidgeRequest *request = analysis->request;
    if (request->draws == 0) return true;
    size_t count = analysis->mu_count;
    RidgeDraws draws = {request->law, request->draws, request->seed, request->measure, sigma};
    analysis->check = memory_try(count, sizeof *analysis->check, "the check", error);
    if (!analysis->check) return false;
    if (ridge_check(design, &draws, count, analysis->mu, analysis->check, error)) return true;
    for (size_t i = 0; i < count; i++) {
        if (analysis->check[i].draws >= 2) return false; // interrupted, with something to show
    }
    memory_free(analysis->check);
    analysis->check = NULL;
    return false;
}

static bool analyse(const RidgeDesign *design, RidgeAnalysis *analysis, Error *error) {
    const RidgeRequest *request = analysis->request;
    double *sigma = NULL;
    analysis->name = memory_text(design->name);
    analysis->n = design->n + design->intercept;
    analysis->constant = design->constant;
    analysis->d = design->d;
    analysis->best_mu = ridge_best_mu(&request->law, design->d);
    if (request->best_only)
        return ridge_best_risk(design, &request->law, &analysis->best.risk, &analysis->route,
                               error);
    bool ok =
        targets_check(design, request, error) && read_sigma(request, design->d, &sigma, error) &&
        measure(design, sigma, analysis, error) && add_check(design, sigma, analysis, error) &&
        analysis_vary(design, analysis, error) && analysis_targets(design, analysis, error);
    memory_free(sigma);
    return ok;
}

bool ridge_analyse(const RidgeRequest *request, RidgeAnalysis *analysis, Error *error) {
    *analysis = (RidgeAnalysis){.request = request};
    if (!check_request(request, error)) return false;
    RidgeDesignOptions options = request->design;
    options.progress = request->progress;
    RidgeDesign *design = ridge_design_open(request->data, &options, error);
    if (design && request->intercept) design = ridge_design_contrasts(design, error);
    bool ok = design && analyse(design, analysis, error);
    ridge_design_close(design);
    return ok;
}

void ridge_analysis_free(RidgeAnalysis *analysis) {
    RidgeCurve *curve = &analysis->curve;
    void *blocks[] = {analysis->name,  analysis->mu,    analysis->risk,    analysis->risk_error,
                      analysis->flow,  analysis->check, curve->least_norm, curve->fit,
                      curve->found,    curve->at,       curve->fixed,      curve->best,
                      curve->gaussian, curve->limit};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) memory_free(blocks[i]);
    if (analysis->real) memory_free(analysis->real->at);
    memory_free(analysis->real);
    ridge_spectrum_free(&analysis->spectrum);
    *analysis = (RidgeAnalysis){0};
}
