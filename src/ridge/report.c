// An analysis as tables for people.
#include "ridge/ridge.h"
#include <math.h>

enum { WIDTH = 12 }; // of a column, and a blank before it: long words never touch

static const char *const MEASURES[] = {
    [RIDGE_PARAMETERS] = "risk of the parameters, E|w_mu - w_true|^2",
    [RIDGE_ISOTROPIC] =
        "risk of predictions at fresh x with covariance I, E|w_mu - w_true|^2 + se2",
    [RIDGE_IN_SAMPLE] = "risk of predictions at the rows of X, E|X (w_mu - w_true)|^2 / N",
    [RIDGE_COVARIANCE] = "risk of predictions at fresh x with covariance S, "
                         "E (w_mu - w_true)'S (w_mu - w_true) + se2",
};

static void add_head(Text *text, const char *const *titles) {
    for (; *titles; titles++) text_printf(text, " %*s", WIDTH, *titles);
    text_add(text, "\n");
}

static void add_number(Text *text, double value) {
    if (isnan(value)) {
        text_printf(text, " %*s", WIDTH, "-");
    } else {
        text_printf(text, " %*.6g", WIDTH, value);
    }
}

static void add_numbers(Text *text, const char *label, const double *value, int count) {
    text_printf(text, " %*s", WIDTH, label);
    for (int i = 0; i < count; i++) add_number(text, value[i]);
    text_add(text, "\n");
}

static const char *label_of(double value, Text *label) {
    label->length = 0;
    text_printf(label, "%.6g", value);
    return label->data;
}

// Which H: everything below is about the same.
static void describe_columns(const RidgeAnalysis *analysis, Text *text) {
    const RidgeRequest *request = analysis->request;
    if (!request->intercept) {
        text_add(text, "\ncolumns as they are, no intercept; not standardised by this command");
        if (request->targets) text_add(text, " (--intercept yes fits one)");
        return;
    }
    text_add(text, "\ncolumns centred, intercept not penalised; not standardised by this command");
    if (analysis->constant)
        text_printf(text, "\n%zu of the columns %s constant: what %s is in the intercept",
                    analysis->constant, analysis->constant == 1 ? "is" : "are",
                    analysis->constant == 1 ? "it says" : "they say");
}

static void describe_rank(const RidgeAnalysis *analysis, Text *text) {
    const RidgeSpectrum *spectrum = &analysis->spectrum;
    size_t most = spectrum->n < spectrum->d ? spectrum->n : spectrum->d;
    if (spectrum->rank == RIDGE_RANK_UNKNOWN) {
        text_add(text, ", rank not known by this route");
        return;
    }
    text_printf(text, ", rank %zu", spectrum->rank);
    if (spectrum->rank == most) return;
    if (analysis->request->design.features)
        text_printf(text, " (%zu features, rank %zu)", analysis->d, spectrum->rank);
    else
        text_printf(text, " of at most %zu", most);
}

// Singular values over the largest, of X with its columns scaled to norm 1.
static void add_margin(const RidgeRank *found, Text *text) {
    if (found->least > 0)
        text_printf(text, "the least singular value that counts is %.2g", found->least);
    if (found->least > 0 && found->dropped > 0) text_add(text, ", ");
    if (found->dropped > 0) text_printf(text, "the largest that does not is %.2g", found->dropped);
    text_printf(text, " of the largest; the tolerance is %.2g\n", found->tolerance);
}

static void describe_doubt(const RidgeRank *found, Text *text) {
    if (!found->ambiguous) return;
    text_add(text, "the rank is ambiguous, some of it may be rounding. Of X with columns scaled to "
                   "norm 1\n");
    add_margin(found, text);
}

static void describe_condition(const RidgeAnalysis *analysis, Text *text) {
    double condition = analysis->spectrum.condition;
    if (analysis->route != RIDGE_LANCZOS)
        text_printf(text, " (condition %.3g)", condition);
    else if (isfinite(condition))
        text_printf(text, " (condition at least about %.3g)", condition);
    else
        text_add(text, " (condition not known)");
}

static void describe_design(const RidgeAnalysis *analysis, Text *text) {
    const RidgeSpectrum *spectrum = &analysis->spectrum;
    text_printf(text, "%s: X is %zu x %zu", analysis->name, analysis->n, analysis->d);
    if (spectrum->lambda) describe_rank(analysis, text);
    switch (analysis->route) {
    case RIDGE_GRAM:
        if (analysis->request->route == RIDGE_GRAM && spectrum->lambda)
            text_printf(text,
                        "\nby the Gram matrix, as asked for: eigenvalues are known to +- %.2g",
                        spectrum->gram);
        else
            text_add(text, "\nby the Gram matrix, which is exact enough here");
        break;
    case RIDGE_SINGULAR:
        text_add(text, "\nby the singular values of X: its Gram matrix would lose digits");
        break;
    default:
        text_printf(text,
                    "\nby stochastic Lanczos quadrature, %zu probes of %zu steps: risks and dof "
                    "are estimates",
                    spectrum->probes, spectrum->count / spectrum->probes);
    }
    if (spectrum->lambda) describe_condition(analysis, text);
    describe_columns(analysis, text);
    text_add(text, "\n");
    if (spectrum->lambda && spectrum->rank != RIDGE_RANK_UNKNOWN)
        describe_doubt(&spectrum->found, text);
    text_printf(text, "%s", MEASURES[analysis->request->measure]);
    RidgeMeasure measure = analysis->request->measure;
    if (analysis->request->intercept && measure != RIDGE_PARAMETERS)
        text_printf(text, "\n+ se2/N, the variance of the intercept%s",
                    measure == RIDGE_IN_SAMPLE ? ""
                                               : "; fresh x have the mean row of X for their mean");
    text_printf(text, "\nsw2 = %.6g, se2 = %.6g\n\n", analysis->request->law.signal,
                analysis->request->law.noise);
}

// Whether rounding may change more than the digits that are shown.
static bool is_lost(double risk, double error) {
    return error > 1e-6 * risk;
}

static bool any_lost(const RidgeAnalysis *analysis) {
    bool lost = is_lost(analysis->at_zero.risk, analysis->error_at_zero);
    for (size_t i = 0; i < analysis->mu_count; i++)
        lost = lost || is_lost(analysis->risk[i].risk, analysis->risk_error[i]);
    return lost;
}

static void describe_risks(const RidgeAnalysis *analysis, Text *text) {
    bool lanczos = analysis->route == RIDGE_LANCZOS, errors = lanczos || any_lost(analysis);
    const char *const titles[] = {
        "mu", "risk", "bias", "variance", "dof", errors ? "risk +-" : NULL, NULL};
    Text label = {0};
    add_head(text, titles);
    const double zero[] = {analysis->at_zero.risk, analysis->at_zero.bias,
                           analysis->at_zero.variance, analysis->degrees_at_zero,
                           analysis->error_at_zero};
    add_numbers(text, "0+", zero, errors ? 5 : 4);
    for (size_t i = 0; i < analysis->mu_count; i++) {
        const double row[] = {analysis->risk[i].risk, analysis->risk[i].bias,
                              analysis->risk[i].variance, analysis->degrees[i],
                              analysis->risk_error[i]};
        add_numbers(text, label_of(analysis->mu[i], &label), row, errors ? 5 : 4);
    }
    const double infinity[] = {analysis->at_infinity.risk, analysis->at_infinity.bias,
                               analysis->at_infinity.variance, analysis->spectrum.intercept};
    add_numbers(text, "inf", infinity, 4);
    if (lanczos)
        text_add(text,
                 "risk +-: the standard error over probes, and a bound of what the quadrature "
                 "cuts off;\nbias, variance and dof have no error of their own\n");
    else if (errors)
        text_add(text,
                 "risk +-: a bound of what rounding can do to the risk; X is ill-conditioned\n");
    text_free(&label);
}

static void describe_best(const RidgeAnalysis *analysis, Text *text) {
    if (isnan(analysis->best.risk))
        text_add(text, "least risk not known by this route,");
    else
        text_printf(text, "least risk %.10g", analysis->best.risk);
    bool lost = is_lost(analysis->best.risk, analysis->best_error);
    if (analysis->spectrum.lambda && (lost || analysis->spectrum.probes) &&
        !isnan(analysis->best_error))
        text_printf(text, " +- %.2g", analysis->best_error);
    text_printf(text, " at mu* = d se2/sw2 = %.10g\n", analysis->best_mu);
}

static void describe_flow(const RidgeAnalysis *analysis, Text *text) {
    const char *const titles[] = {"time", "risk", "bias", "variance", NULL};
    Text label = {0};
    text_printf(text, "\ngradient flow from w = 0%s%s\n",
                analysis->request->intercept ? ", the intercept at its best at every time" : "",
                analysis->route == RIDGE_LANCZOS ? ": estimates, whose errors are not known" : "");
    add_head(text, titles);
    for (size_t i = 0; i < analysis->request->time_count; i++) {
        const RidgeRisk *risk = &analysis->flow[i];
        const double row[] = {risk->risk, risk->bias, risk->variance};
        add_numbers(text, label_of(analysis->request->time[i], &label), row, 3);
    }
    text_free(&label);
}

static bool is_cut_short(const RidgeAnalysis *analysis) {
    for (size_t i = 0; i < analysis->mu_count; i++) {
        if (analysis->check[i].draws < analysis->request->draws) return true;
    }
    return false;
}

static void describe_check(const RidgeAnalysis *analysis, Text *text) {
    bool cut = is_cut_short(analysis);
    const char *const titles[] = {
        "mu", "measured",           "+-", "formula", "bias", "+-", "variance", "+-", "cross",
        "+-", cut ? "draws" : NULL, NULL};
    Text label = {0};
    text_printf(
        text,
        "\nMonte Carlo, %s%zu draws of w_true and e, with standard errors; bias, variance and "
        "cross term add up to\nthe risk (of fresh y with se2 on top), and the cross term is "
        "0 on average\n",
        cut ? "interrupted before " : "", analysis->request->draws);
    add_head(text, titles);
    for (size_t i = 0; i < analysis->mu_count; i++) {
        const RidgeCheck *c = &analysis->check[i];
        const double row[] = {c->risk.mean,
                              c->risk.standard_error,
                              analysis->risk[i].risk,
                              c->bias.mean,
                              c->bias.standard_error,
                              c->variance.mean,
                              c->variance.standard_error,
                              c->cross.mean,
                              c->cross.standard_error,
                              (double)c->draws};
        add_numbers(text, label_of(analysis->mu[i], &label), row, cut ? 10 : 9);
    }
    text_free(&label);
}

// Which prefixes have a rank that is ambiguous, and the worst of them.
static void describe_prefixes(const RidgeCurve *curve, bool samples, Text *text) {
    size_t first = 0, last = 0, count = 0, worst = 0;
    for (size_t k = 0; k < curve->counts; k++) {
        if (!curve->found[k].ambiguous) continue;
        if (count++ == 0) first = worst = k;
        last = k;
        double nearest = curve->found[worst].least / curve->found[worst].tolerance;
        if (curve->found[k].least / curve->found[k].tolerance < nearest) worst = k;
    }
    if (count == 0) return;
    text_printf(text,
                "the rank is ambiguous at %zu counts from %zu to %zu, some of it may be rounding. "
                "With columns\nscaled to norm 1, at %zu %s (rank %zu) ",
                count, first + 1, last + 1, worst + 1, samples ? "samples" : "features",
                curve->found[worst].rank);
    add_margin(&curve->found[worst], text);
}

static void describe_curve(const RidgeAnalysis *analysis, Text *text) {
    const RidgeCurve *curve = &analysis->curve;
    bool samples = analysis->request->vary == RIDGE_SAMPLES;
    const char *titles[9] = {samples ? "samples" : "features", "mu -> 0+", "mu*"};
    int columns = 3;
    Text label = {0};
    text_printf(text, "\nrisk of the parameters along %s\n", titles[0]);
    if (analysis->request->intercept)
        text_printf(text,
                    samples ? "centred anew at every count; the N - 1 contrasts are as many as the "
                              "columns at N = d + 1 = %zu\n"
                            : "with an intercept interpolation begins at rank N - 1 = %zu\n",
                    curve->square);
    if (curve->fixed) titles[columns++] = "fixed mu";
    if (curve->gaussian) titles[columns++] = "0+, theory";
    if (curve->limit) titles[columns++] = "mu*, limit";
    if (curve->fit) titles[columns++] = "train mse", titles[columns++] = "test mse";
    titles[columns] = NULL;
    add_head(text, titles);
    for (size_t i = 0; i < curve->points; i++) {
        double row[8];
        int count = 0;
        row[count++] = curve->least_norm[curve->at[i] - 1].risk;
        row[count++] = curve->best[i];
        if (curve->fixed) row[count++] = curve->fixed[i];
        if (curve->gaussian) row[count++] = curve->gaussian[i];
        if (curve->limit) row[count++] = curve->limit[i];
        if (curve->fit) row[count++] = curve->fit[curve->at[i] - 1].train_error;
        if (curve->fit) row[count++] = curve->fit[curve->at[i] - 1].test_error;
        add_numbers(text, label_of((double)curve->at[i], &label), row, count);
    }
    describe_prefixes(curve, samples, text);
    text_free(&label);
}

static void describe_held_out(const RidgeReal *real, double held_out, Text *text) {
    if (real->n_test) text_printf(text, ": held-out error %.6g (%zu rows)", held_out, real->n_test);
    text_add(text, "\n");
}

// The least value over all mu, and whether it lies at an end.
static void describe_choice(const RidgeReal *real, const char *what, const RidgeChoice *choice,
                            double held_out, Text *text) {
    text_printf(text, "least %s over all mu: %.6g", what, choice->value);
    if (choice->flat)
        text_add(text, ", the same at every mu");
    else if (choice->mu == 0)
        text_add(text, " as mu -> 0 (at the edge: least norm)");
    else if (isinf(choice->mu))
        text_add(text, " as mu -> infinity (at the edge: w = 0)");
    else
        text_printf(text, " at mu = %.6g", choice->mu);
    describe_held_out(real, held_out, text);
}

static void describe_evidence(const RidgeReal *real, bool intercept, Text *text) {
    const RidgeEvidence *evidence = &real->evidence;
    text_printf(text, "greatest marginal likelihood%s at sw2 = %.6g, se2 = %.6g: mu* = %.6g",
                intercept ? " of the contrasts (REML)" : "", evidence->law.signal,
                evidence->law.noise, real->evidence_mu);
    if (evidence->at_edge) text_add(text, " (at the edge");
    if (evidence->at_edge && isinf(evidence->log_likelihood))
        text_add(text, ": it grows without bound as se2 -> 0)");
    else if (evidence->at_edge)
        text_add(text, evidence->law.signal == 0 ? ": without signal y is explained as well)"
                                                 : ": without noise y is explained best)");
    describe_held_out(real, real->held_out_evidence, text);
}

static void describe_real(const RidgeAnalysis *analysis, Text *text) {
    const RidgeReal *real = analysis->real;
    const char *const titles[] = {"mu", "leave-one-out", "GCV", "train mse", NULL};
    Text label = {0};
    text_add(text, "\nreal targets: mean squared errors\n");
    add_head(text, titles);
    for (size_t i = 0; i < analysis->mu_count; i++) {
        const RidgeValidation *at = &real->at[i];
        const double row[] = {at->leave_one_out, at->gcv, at->train};
        add_numbers(text, label_of(analysis->mu[i], &label), row, 3);
    }
    text_free(&label);
    bool list = analysis->request->mu_count > 0;
    text_printf(text, "least leave-one-out error at mu = %.6g of %s", real->chosen_mu,
                list ? "those asked for" : "those above");
    describe_held_out(real, real->held_out, text);
    describe_choice(real, "leave-one-out error", &real->leave_one_out, real->held_out_loo, text);
    describe_choice(real, "GCV", &real->gcv, real->held_out_gcv, text);
    describe_evidence(real, analysis->request->intercept, text);
    if (real->lacks_intercept)
        text_add(text, "X and y are centred, but no intercept is fitted: a row left out stays in "
                       "their means, and the errors above\nare not those of new rows; --intercept "
                       "yes takes it out\n");
}

void ridge_describe(const RidgeAnalysis *analysis, Text *text) {
    describe_design(analysis, text);
    if (analysis->risk) describe_risks(analysis, text);
    describe_best(analysis, text);
    if (analysis->flow) describe_flow(analysis, text);
    if (analysis->check) describe_check(analysis, text);
    if (analysis->curve.counts) describe_curve(analysis, text);
    if (analysis->real) describe_real(analysis, text);
}
