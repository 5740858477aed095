#include "ridge/solver.h"
#include <float.h>
#include <math.h>

// n counts contrasts: with an intercept y stands for n = N - 1 orthonormal contrasts of y, whose
// law does not depend on the intercept (Patterson, Thompson 1971: REML). With mu = d se2/sw2 the
// covariance is se2 (I + XX'/mu). Given mu the best se2 is y'(I + XX'/mu)^-1 y / n, and what is
// left is one function of u = log mu,
//     L(u) = -n/2 [log 2 pi + 1 + log se2(u)] - 1/2 sum_j log(1 + lambda_j/mu).
// Here lambda_j is in units of lambda_1, and so is mu; y is in the solver's unit. Sums run over the
// rank; the other n - rank directions hold `outside2` of y.

static double eigenvalue(const RidgeSolver *solver, size_t j) {
    double ratio = solver->s[j] / solver->s[0];
    return ratio * ratio;
}

static double least_eigenvalue(const RidgeSolver *solver) {
    return eigenvalue(solver, solver->rank - 1);
}

// y'(I + XX'/mu)^-1 y = outside2 + sum_j a_j^2 mu/(lambda_j + mu)
static double quadratic(const RidgeSolver *solver, double mu) {
    double sum = solver->outside2;
    for (size_t j = 0; j < solver->rank; j++)
        sum += solver->a[j] * solver->a[j] * mu / (eigenvalue(solver, j) + mu);
    return sum;
}

// y'(XX')^+ y = sum_j a_j^2/lambda_j
static double energy(const RidgeSolver *solver) {
    double sum = 0;
    for (size_t j = 0; j < solver->rank; j++)
        sum += solver->a[j] * solver->a[j] / eigenvalue(solver, j);
    return sum;
}

// dL/du = [sum_j q_j - n sum_j a_j^2 p_j q_j / quadratic]/2 with p_j = mu/(lambda_j + mu) = 1 - q_j
static double slope(const RidgeSolver *solver, double log_mu) {
    double mu = exp(log_mu), value = solver->outside2, change = 0, sum = 0;
    for (size_t j = 0; j < solver->rank; j++) {
        double total = eigenvalue(solver, j) + mu, part = solver->a[j] * solver->a[j] * mu / total;
        double q = eigenvalue(solver, j) / total;
        value += part;
        change += part * q;
        sum += q;
    }
    return (sum - (double)solver->contrasts * change / value) / 2;
}

// Of n Gaussian numbers with the best common variance unit^2 quadratic/n, before determinants.
static double white(const RidgeSolver *solver, double value) {
    double n = (double)solver->contrasts;
    return -n * (log(2 * acos(-1)) + 1 + log(value / n)) / 2 - n * log(solver->unit);
}

static RidgeEvidence without_signal(const RidgeSolver *solver, double y2) {
    double unit = solver->unit;
    return (RidgeEvidence){
        {0, y2 / (double)solver->contrasts * unit * unit}, white(solver, y2), true};
}

// signal = d a/(n or rank) in the units of y and lambda
static double signal_of(const RidgeSolver *solver, double per_eigenvalue) {
    double root = solver->unit / solver->s[0];
    return (double)solver->d * per_eigenvalue * root * root;
}

static RidgeEvidence without_noise(const RidgeSolver *solver) {
    double sum = energy(solver), half = 0;
    for (size_t j = 0; j < solver->rank; j++) half += log(eigenvalue(solver, j)) / 2;
    double signal = signal_of(solver, sum / (double)solver->rank);
    double bound = solver->rank == solver->contrasts ? white(solver, sum) - half : INFINITY;
    return (RidgeEvidence){{signal, 0}, bound, true};
}

static RidgeEvidence inside(const RidgeSolver *solver, double log_mu) {
    double mu = exp(log_mu), value = quadratic(solver, mu), n = (double)solver->contrasts, half = 0;
    for (size_t j = 0; j < solver->rank; j++) half += log1p(eigenvalue(solver, j) / mu) / 2;
    return (RidgeEvidence){
        {signal_of(solver, value / n / mu), value / n * solver->unit * solver->unit},
        white(solver, value) - half,
        false};
}

// Where the slope goes from above 0 at `low` to below 0 at `high`: a maximum, to the last bit.
static double bisect(const RidgeSolver *solver, double low, double high) {
    for (;;) {
        double middle = (low + high) / 2;
        if (middle <= low || middle >= high) return middle;
        *(slope(solver, middle) > 0 ? &low : &high) = middle;
    }
}

// A candidate wins when it is better by more than rounding: the edges are tried first.
static void offer(const RidgeSolver *solver, RidgeEvidence *best, RidgeEvidence candidate) {
    double doubt = 64 * DBL_EPSILON * ((double)solver->contrasts + fabs(best->log_likelihood));
    if (candidate.log_likelihood > best->log_likelihood + doubt) *best = candidate;
}

// Every maximum of L lies in a step where the slope falls through 0. The slope varies on the scale
// of 1 (each term is a logistic function of u), so a step of 1/8 parts them; beyond the ends L
// differs from its limits by less than rounding.
static void search(const RidgeSolver *solver, RidgeEvidence *best) {
    enum { PARTS = 8 };
    double n = (double)solver->contrasts, rank = (double)solver->rank,
           least = least_eigenvalue(solver);
    double low = log(least * 1e-8 / n), high = log(1e8 * n);
    if (solver->rank < solver->contrasts) // the maximum of a nearly noiseless y, and some
        low = fmin(low, log(1e-3 * solver->outside2 * rank / (n * energy(solver))));
    double before = slope(solver, low);
    for (double u = low; u < high;) {
        double next = u + 1.0 / PARTS, after = slope(solver, next);
        if (before > 0 && after <= 0) offer(solver, best, inside(solver, bisect(solver, u, next)));
        u = next;
        before = after;
    }
}

RidgeEvidence ridge_solver_evidence(const RidgeSolver *solver) {
    double y2 = solver->outside2;
    for (size_t j = 0; j < solver->rank; j++) y2 += solver->a[j] * solver->a[j];
    if (y2 == 0) return (RidgeEvidence){{0, 0}, INFINITY, true};
    RidgeEvidence best = without_signal(solver, y2);
    if (solver->rank == 0) return best;
    if (solver->rank < solver->contrasts && solver->outside2 == 0) return without_noise(solver);
    if (solver->rank == solver->contrasts) offer(solver, &best, without_noise(solver));
    search(solver, &best);
    return best;
}
