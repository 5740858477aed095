// bench_ridge N D THREADS risk|validate FILE: FILE holds X (N, D) row-major, then y (N), then
// values of mu, in doubles. Prints seconds and results as NAME VALUE lines, curves as NAME VALUE
// VALUE ...
#include "num/linear.h"
#include "ridge/ridge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const RidgeLaw LAW = {.signal = 2.385, .noise = 0.7};

typedef struct Job {
    RidgeDesign *design;
    const double *y, *mu;
    size_t count;
} Job;

static void check(bool ok, const Error *error) {
    if (ok) return;
    fprintf(stderr, "%s\n", error->text);
    exit(1);
}

static void print_seconds(const char *name, double start) {
    printf("%s %.6f\n", name, system_seconds() - start);
}

// What both routes begin with.
static void run_gram(const Job *job) {
    size_t n = job->design->n, d = job->design->d;
    double *gram = calloc(d * d, sizeof *gram), start = system_seconds();
    linear_gram_add(n, d, job->design->state, gram);
    print_seconds("gram_seconds", start);
    free(gram);
}

// The spectrum and all of the curve, then R(mu*) alone by both routes.
static void run_risk(const Job *job) {
    Error error;
    RidgeSpectrum spectrum = {0};
    RidgeWeights weights = {0};
    double *risk = malloc(job->count * sizeof *risk), start = system_seconds(), best;
    check(ridge_spectrum(job->design, job->mu[0], RIDGE_AUTO, &spectrum, &error), &error);
    print_seconds("spectrum_seconds", start);
    check(ridge_weights(job->design, &spectrum, RIDGE_PARAMETERS, &LAW, NULL, &weights, &error),
          &error);
    for (size_t k = 0; k < job->count; k++)
        risk[k] = ridge_risk(&spectrum, &weights, &LAW, job->mu[k]).risk;
    print_seconds("curve_seconds", start);
    printf("best_of_curve %.17g\nroute %d\n",
           ridge_risk(&spectrum, &weights, &LAW, ridge_best_mu(&LAW, job->design->d)).risk,
           (int)spectrum.route);
    start = system_seconds();
    RidgeRoute route;
    check(ridge_best_risk(job->design, &LAW, &best, &route, &error), &error);
    print_seconds("best_seconds", start);
    printf("best %.17g\nbest_route %d\nrisk", best, (int)route);
    for (size_t k = 0; k < job->count; k++) printf(" %.17g", risk[k]);
    ridge_weights_free(&weights);
    ridge_spectrum_free(&spectrum);
    free(risk);
}

static void run_validate(const Job *job) {
    Error error;
    RidgeValidation *validation = malloc(job->count * sizeof *validation);
    double start = system_seconds();
    RidgeSolver *solver = ridge_solver_new(job->design, job->y, &error);
    check(solver != NULL, &error);
    print_seconds("solver_seconds", start);
    ridge_solver_validate_all(solver, job->count, job->mu, validation);
    print_seconds("validate_seconds", start);
    RidgeEvidence evidence = ridge_solver_evidence(solver);
    print_seconds("evidence_seconds", start);
    printf("signal %.17g\nnoise %.17g\nleave_one_out", evidence.law.signal, evidence.law.noise);
    for (size_t k = 0; k < job->count; k++) printf(" %.17g", validation[k].leave_one_out);
    ridge_solver_free(solver);
    free(validation);
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    size_t n = strtoul(argv[1], NULL, 10), d = strtoul(argv[2], NULL, 10), size;
    Error error;
    char *bytes;
    check(file_read(argv[5], SIZE_MAX / 2, &bytes, &size, &error), &error);
    const double *x = (const double *)bytes;
    linear_threads(atoi(argv[3]));
    Job job = {.design = ridge_design_of(n, d, x), .y = x + n * d, .mu = x + n * d + n};
    job.count = size / sizeof *x - n * d - n;
    if (strcmp(argv[4], "risk") == 0)
        run_gram(&job), run_risk(&job);
    else
        run_validate(&job);
    printf("\n");
    ridge_design_close(job.design);
    memory_free(bytes);
    return 0;
}
