// The door of ridge/: the exact risk of ridge regression, on any design matrix, for every mu.
//
// y = X w_true + e with X (N, d) given, w_true ~ N(0, (sw2/d) I), e ~ N(0, se2 I), H = X'X (not
// divided by N) with its d eigenvalues lambda_i, the d - N zeros included when d > N, and
//     w_mu = (H + mu I)^-1 X'y,      R(mu) = E |w_mu - w_true|^2
//          = sum_i [ (sw2/d) mu^2 + se2 lambda_i ] / (lambda_i + mu)^2 = bias(mu) + variance(mu).
// This is the risk of the PARAMETERS; RidgeMeasure names the risks of predictions. mu is
// scikit-learn's alpha. Sources: Hastie, Montanari, Rosset, Tibshirani 2022; Nakkiran, Venkat,
// Kakade, Ma 2021; Dobriban, Wager 2018; Advani, Saxe 2017.
#pragma once

#include "data/data.h"
#include "sweep/sweep.h"

// ---- the design matrix ----

// Called before part `part` of `parts` of a stage of long work (0 of 0: one whose length nobody
// knows); false ends that work with an error of kind ERROR_INTERRUPTED.
typedef bool RidgeProgress(const char *stage, size_t part, size_t parts);

// X (n, d), read in rectangles, so that no more than one needs to be in memory.
typedef struct RidgeDesign {
    char *name; // what the user called it
    size_t n, d;
    // Rows row .. row + rows - 1, columns column .. column + columns - 1 into x (rows, columns)
    // row-major. An error names row and column of a number that is not finite. May be called by one
    // thread at a time.
    bool (*read)(const struct RidgeDesign *design, size_t row, size_t rows, size_t column,
                 size_t columns, double *x, Error *error);
    void (*close)(struct RidgeDesign *design); // frees state
    void *state;
    RidgeProgress *progress; // of everything below that takes this design; or NULL
    bool intercept;          // the n rows are contrasts of n + 1 rows: ridge_design_contrasts
    size_t constant;         // then: how many columns are constant, and say nothing
} RidgeDesign;

// Which part of a data set, and through which features.
typedef struct RidgeDesignOptions {
    const char *features;    // "relu:P", "relu:P,bias=S" or "cosine:P": P random features of the
                             // rows; NULL: none
    int64_t samples;         // the first so many rows; 0: all
    uint64_t seed;           // of the features, and of gaussian:N,d
    bool test;               // the test examples of a data set instead, all of them
    RidgeProgress *progress; // of the design; or NULL
} RidgeDesignOptions;

// DATA is a file (data_file_open says which; its name decides), gaussian:N,d (rows N(0, I), never
// stored: row i has the stream (seed, RANDOM_DATA, i)), or any data set of data/ (its training
// examples, x only). Random features of a row x (d) are nested: feature j depends on (seed, j)
// alone. relu: max(v'x/sqrt(d) + b, 0), v ~ N(0, I), b uniform on [-S, S] |v|/sqrt(d): the
// hyperplane v'x/sqrt(d) + b = 0 lies at a distance uniform on [0, S] from x = 0 (S = 1 where it is
// not given; without bias, S = 0, P features of one input have rank 2). cosine: sqrt(2)
// cos(v'x/sqrt(d) + b), v ~ N(0, I), b uniform on [0, 2 pi). They are made block by block, the P d
// numbers of all v are kept. The whole matrix (before features) is read once and checked before
// this returns. Errors: no rows or columns or more than 2^31 - 1, nan, inf or beyond 1e140 (row and
// column named, counted from 0), more samples than rows, a file that is not what its name says.
RidgeDesign *ridge_design_open(const char *data, const RidgeDesignOptions *options, Error *error);

// A matrix in memory, x (n, d) row-major, borrowed.
RidgeDesign *ridge_design_of(size_t n, size_t d, const double *x);

// The same design with an intercept b, on which there is no penalty: w_mu minimises |y - b - X w|^2
// + mu |w|^2 over w and b. That is ridge regression on centred columns and centred y; its rows are
// here N - 1 orthonormal contrasts of the N rows of base, Z with H = Z'Z = Xc'Xc. Columns are
// centred, not standardised; one whose numbers differ by max(N, d) epsilon of the largest at most
// counts as constant, and is 0. base is read once for its means and owned from here on, even when
// this fails. Errors: fewer than 2 rows, those of reading.
// Everything below takes such a design. N stands for its n + 1 rows, y and test rows are given as
// they are, and the intercept adds 1 to the degrees of freedom and se2/N, the variance of the mean
// of e, to risks of predictions: fresh x have the mean row of X for their mean.
RidgeDesign *ridge_design_contrasts(RidgeDesign *base, Error *error);
void ridge_design_close(RidgeDesign *design); // NULL is allowed

// ---- the spectrum ----

typedef enum RidgeRoute {
    RIDGE_AUTO,     // Gram matrix where it is exact enough, else singular values; Lanczos when huge
    RIDGE_GRAM,     // eigenvalues of the smaller of X'X and XX'
    RIDGE_SINGULAR, // singular values of X, through the triangular factor of X or X'
    RIDGE_LANCZOS,  // stochastic Lanczos quadrature: with an error bar
} RidgeRoute;

// How many directions X has: the singular values of X, its columns scaled to norm 1, that exceed
// tolerance = max(n, d) epsilon times the largest, epsilon = 2^-52. Scaling decides this only: a
// column in another unit is no other column.
typedef struct RidgeRank {
    size_t rank;
    double tolerance;
    double least, dropped; // over the largest: the least singular value that counts (0: none does)
                           // and the largest that does not (0: all do)
    bool ambiguous;        // one of them is so near the tolerance that it may be rounding of X,
                           // or none: up to 100 times the tolerance, or more than half of it
} RidgeRank;

#define RIDGE_RANK_UNKNOWN SIZE_MAX

// The d eigenvalues of H. Of min(n, d), those of the smaller of X'X and XX', the spectrum tells;
// the other d - min(n, d) are 0. Dense routes: count = min(n, d), lambda in descending order, all
// as they come; `limit` are those of the matrix of less rank that is left at mu -> 0+, when what
// may be rounding counts as 0.
// Lanczos: count = probes * steps, lambda are nodes, each standing for `weight` eigenvalues, which
// sum to min(n, d); group g of count/probes nodes, in descending order, is the quadrature of probe
// g, whose weights sum to min(n, d)/probes. Where a probe needs fewer nodes (it spans an invariant
// subspace), its largest is repeated with weight 0. end_lambda and end_weight (count + probes) are
// the quadratures with one more node, at 0, from which ridge_risk_error takes the truncation; NULL
// where every probe spans an invariant subspace, and nothing is cut off.
typedef struct RidgeSpectrum {
    size_t n, d, count;
    bool intercept;  // the design's: n contrasts of n + 1 rows
    size_t rank;     // found.rank; RIDGE_RANK_UNKNOWN by Lanczos, and by GRAM where an eigenvalue
                     // vanishes in rounding
    RidgeRank found; // where the rank is known
    double *lambda;  // (count)
    double *limit;   // (count), 0 from `rank` on; NULL: lambda itself
    double *weight;  // (count), or NULL: 1 each
    double *end_lambda, *end_weight; // Lanczos: (count + probes), or NULL
    RidgeRoute route;
    double condition; // (largest + mu) / (least of lambda + mu) at the least mu; INFINITY at 0
    // Rounding moves sqrt(lambda) by `relative` of itself (in limit limit_relative) or `absolute`
    // at most, whichever is less, and lambda of the route GRAM by `gram`.
    double relative, limit_relative, absolute, gram;
    size_t probes; // Lanczos: nodes are in `probes` groups of equal size, for the error bar
} RidgeSpectrum;

// Forming X'X loses small eigenvalues: AUTO takes the Gram matrix only when epsilon lambda_1 /
// (lambda_count + least_mu) <= 1e-13, epsilon = 2^-52, and no lambda vanishes in its rounding;
// beyond min(n, d) = 20000 it takes Lanczos. RIDGE_GRAM and Lanczos know lambda to about epsilon
// lambda_1 only, and have 0 in the limit where lambda <= max(n, d) epsilon lambda_1. least_mu >= 0.
//
// Singular values are known to about epsilon sigma_1: seen errors of lambda + mu are below 1e-12 up
// to a condition of X of 1e4. Beyond, min(n, d) <= 1500 or columns whose scales alone make X
// ill-conditioned, Jacobi rotations know each to about epsilon times the condition of X with its
// columns (or its rows) scaled to norm 1 (Drmac, Veselic 2008): 1e-13 with columns or rows from
// 1e-9 to 1e5. For mu > 0 none is dropped but what the arithmetic itself may make of 0, 8
// sqrt(min(n, d)) epsilon beside scaled columns: there lambda is 0, and ridge_risk_error says where
// that matters.
//
// Dense: memory for two min(n, d)^2 matrices and one block of rows; n d min(n, d)/2 multiply-adds
// for X'X, up to four times as many for the triangular factor, and the eigenvalues.
//
// Lanczos (Ubaru, Chen, Saad 2017): 32 probes with signs for elements, the same in every call, and
// as many steps, reorthogonalised, as it takes until at least_mu truncation is bounded by a tenth
// of the scatter between probes (0: at a tenth of the least node), 128 at most; each step reads X
// once, for all probes. In memory 32 min(n, d) numbers a step and a block of 256 MB at most; 64 n d
// multiply-adds a step, and 128 min(n, d) times the square of their number in all to keep the
// vectors orthogonal. The same bits for any number of threads.
//     Errors: those of reading, memory, and a largest |x| outside 1e-140 to 1e140.
bool ridge_spectrum(const RidgeDesign *design, double least_mu, RidgeRoute route,
                    RidgeSpectrum *spectrum, Error *error);
void ridge_spectrum_free(RidgeSpectrum *spectrum);
extern const char *const ridge_route_names[]; // by RidgeRoute

// ---- the risk ----

typedef struct RidgeLaw {
    double signal, noise; // sw2 = E|w_true|^2, se2; both >= 0
} RidgeLaw;

// What is measured of the error v = w_mu - w_true.
typedef enum RidgeMeasure {
    RIDGE_PARAMETERS, // |v|^2, the exercise sheet's
    RIDGE_ISOTROPIC,  // prediction of y at fresh x with covariance I: |v|^2 + se2
    RIDGE_IN_SAMPLE,  // prediction of X w_true: |X v|^2 / N
    RIDGE_COVARIANCE, // prediction of y at fresh x with covariance S: v'S v + se2
} RidgeMeasure;
extern const char *const ridge_measure_names[]; // by RidgeMeasure

// A measure as weights of the eigen-directions of one spectrum: risk = constant + sum_i share_i
// [...]_i over the count eigenvalues, and rest [...] for the d - min(n, d) zeros together.
typedef struct RidgeWeights {
    double *share; // (count), or NULL: 1 each
    double rest, constant;
    double intercept;                // its part of the variance, at every mu
    double *limit_share, limit_rest; // the same of the spectrum's limit; NULL: as the others
} RidgeWeights;

// sigma: S (d, d) row-major, of RIDGE_COVARIANCE only (else NULL): share_i = v_i'S v_i needs the
// eigenvectors of H: cost n d^2 and d^3, and an error with a Lanczos spectrum.
bool ridge_weights(const RidgeDesign *design, const RidgeSpectrum *spectrum, RidgeMeasure measure,
                   const RidgeLaw *law, const double *sigma, RidgeWeights *weights, Error *error);
void ridge_weights_free(RidgeWeights *weights);

typedef struct RidgeRisk {
    double risk, bias, variance; // risk = bias + variance + constant
} RidgeRisk;

// The risk at mu; 0 is the limit mu -> 0+ (the minimum-norm solution), INFINITY that of mu -> inf.
RidgeRisk ridge_risk(const RidgeSpectrum *spectrum, const RidgeWeights *weights,
                     const RidgeLaw *law, double mu);

// dR/dmu of the parameters: sum_i 2 lambda_i ((sw2/d) mu - se2) / (lambda_i + mu)^3.
double ridge_slope(const RidgeSpectrum *spectrum, const RidgeLaw *law, double mu);

// mu* = d se2 / sw2, whatever the spectrum (INFINITY without signal).
double ridge_best_mu(const RidgeLaw *law, size_t d);

// R(mu*) = se2 tr (H + mu* I)^-1 from one Cholesky factorisation, without eigenvalues; needs noise
// and signal above 0. *route says whether the Gram matrix was exact enough (RIDGE_GRAM), or the
// triangular factor of X on top of sqrt(mu*) I was taken (RIDGE_SINGULAR): relative error about
// epsilon sqrt(lambda_1 / (lambda_d + mu*)). An error when that reaches 1: the spectrum then knows
// the rank, and this does not. A wide X is factored on its n x n side.
bool ridge_best_risk(const RidgeDesign *design, const RidgeLaw *law, double *risk,
                     RidgeRoute *route, Error *error);

// Effective degrees of freedom: sum_i lambda_i / (lambda_i + mu); at 0 the rank, NAN where it is
// not known. By Lanczos an estimate. With an intercept 1 more.
double ridge_degrees(const RidgeSpectrum *spectrum, double mu);

// The risk of gradient flow on |y - X w|^2/2 from w = 0, at time t (INFINITY: the limit):
// bias_i = (sw2/d) exp(-2 lambda_i t), variance_i = se2 (1 - exp(-lambda_i t))^2 / lambda_i.
RidgeRisk ridge_flow(const RidgeSpectrum *spectrum, const RidgeWeights *weights,
                     const RidgeLaw *law, double t);

// The error of ridge_risk().risk. Singular values and the Gram matrix: a bound of what rounding can
// do to it, through each eigenvalue by itself, INFINITY at mu = 0 where an eigenvalue may be 0 or
// not; what the rank leaves out counts as 0 there. Lanczos: the standard error, by the scatter over
// the groups (INFINITY with one group), plus a bound of what is cut off: with u = mu/(lambda + mu),
// sums of u and u^2 lie between the quadrature and that with a node at 0 (Golub, Meurant 2010). The
// limit mu -> 0+ has no such bound: INFINITY, unless nothing is cut off.
double ridge_risk_error(const RidgeSpectrum *spectrum, const RidgeWeights *weights,
                        const RidgeLaw *law, double mu);

// ---- the check: Monte Carlo over w_true and e ----

typedef struct RidgeMoment {
    double mean, standard_error;
} RidgeMoment;

// q(b + v) of the error w_mu - w_true = b + v and its three parts: q(b) of the bias b = (H + mu
// I)^-1 H w_true - w_true, q(v) of the noise v = (H + mu I)^-1 X'e, and 2 q(b, v), whose
// expectation is 0. q is the measure's square: of the parameters |v|^2, at the rows of X |X v|^2 /
// N, with a covariance v'S v. Of predictions at fresh x the risk has se2 on top, as in
// RidgeWeights.
typedef struct RidgeCheck {
    RidgeMoment risk, bias, variance, cross;
    size_t draws; // counted; the moments are NAN below 2
} RidgeCheck;

typedef struct RidgeDraws {
    RidgeLaw law;
    size_t draws; // at least 2
    uint64_t seed;
    RidgeMeasure measure;
    const double *sigma; // S (d, d) row-major, of RIDGE_COVARIANCE only
} RidgeDraws;

// check (count) for each mu (count), from the same draws. Independent of ridge_risk: every draw
// solves for w_mu. Draw k has the stream (seed, RANDOM_RIDGE, k). Needs X in memory. Cost: for each
// mu, one orthogonal factorisation of an (n + d) x min(n, d) matrix for every 2^22/(n + d) draws.
// Interrupted, it returns false with what it has: check[m].draws is then less than draws for some
// m. Errors: fewer than 2 draws.
bool ridge_check(const RidgeDesign *design, const RidgeDraws *draws, size_t count, const double *mu,
                 RidgeCheck *check, Error *error);

// ---- isotropic Gaussian designs: what theory says without looking at X ----

// Excess risk of the minimum-norm solution for rows N(0, I), exact at finite size: se2 d/(n-d-1)
// for d < n-1; sw2 (1 - n/d) + se2 n/(d-n-1) for d > n+1; INFINITY between, unless se2 = 0.
double ridge_gaussian_risk(size_t n, size_t d, const RidgeLaw *law);

// The limits n, d -> infinity at gamma = d/n (Marchenko-Pastur): m(-z), z > 0; the risk at
// mu = z n (at z = 0 that of the minimum-norm solution), and at the best mu (se2 gamma m(-z*),
// z* = gamma se2/sw2).
double ridge_stieltjes(double z, double gamma);
double ridge_limit_risk(double z, double gamma, const RidgeLaw *law);
double ridge_limit_best(double gamma, const RidgeLaw *law);

// ---- the risk along samples or features ----

// R at mu -> 0+ when only the first k rows (or columns) of X are there, for ALL k = 1 .. n (or d)
// from one factorisation, updated; into risk (n or d). In the features case w_true has k
// coordinates of variance sw2/k each: the model is well specified at every k.
// found (n or d), or NULL: the rank of each prefix, by its own columns, scaled as in RidgeRank;
// where no singular values were needed `least` is a lower bound and `dropped` an upper one.
// Exact to a few epsilon times the condition of the prefix (its largest by its least singular
// value), worst at k = d (or n). X is in memory, twice for samples, with a few min(n, d)^2
// matrices. Cost: O(n d min(n, d)); each k whose rank is in doubt costs singular value
// decompositions of its rank more. Where norms of columns or rows differ by more than 1000 and all
// prefixes can be decomposed in 1e11 flops, each is, and keeps its small columns' digits.
bool ridge_path_samples(const RidgeDesign *design, const RidgeLaw *law, RidgeRisk *risk,
                        RidgeRank *found, Error *error);
bool ridge_path_features(const RidgeDesign *design, const RidgeLaw *law, RidgeRisk *risk,
                         RidgeRank *found, Error *error);

// The minimum-norm solution of given targets with the first k columns, for ALL k = 1 .. d, from one
// factorisation, updated: mean squared error on the training rows and on test rows, and |w|^2.
// |w|^2 sums over outputs. Accuracy, rank and memory as above, with a (min(n, d), n_test) matrix
// more. Cost of the test rows: 2 d n_test min(n, d) multiply-adds.
// y (N, outputs), y_test (n_test, outputs); errors are means over rows and outputs. With an
// intercept interpolation begins at rank N - 1.
typedef struct RidgeFit {
    double train_error, test_error, norm; // test_error NAN without test rows
    double train_wrong, test_wrong;       // share of rows whose largest output is not the target's;
                                          // of one output, its sign
} RidgeFit;

typedef struct RidgeTargets {
    size_t outputs, n_test;
    const double *y;         // (N, outputs)
    const RidgeDesign *test; // (n_test, d), or NULL
    const double *y_test;    // (n_test, outputs)
} RidgeTargets;

bool ridge_path_fit(const RidgeDesign *design, const RidgeTargets *targets, RidgeFit *fit,
                    Error *error);

// ---- real targets ----

// For one target column y (N), e = y - X w_mu and h_ii = (X (H + mu I)^-1 X')_ii; with an intercept
// b, e = y - b - X w_mu, X stands for the centred columns, and h_ii is 1/N more: the mean is fitted
// again without row i, exactly. Leave-one-out mean squared error, mean of (e_i/(1 - h_ii))^2,
// generalised cross-validation, (|e|^2/N)/(1 - tr h/N)^2, which are not the same thing, and
// training error, |e|^2/N. Where the other rows do not span row i, e_i and 1 - h_ii go to 0
// together as mu does; their quotient is then (K^+ y)_i/(K^+)_ii with K = XX'. Every limit exists,
// so none of the three is ever NAN.
typedef struct RidgeValidation {
    double leave_one_out, gcv, train;
} RidgeValidation;

// X = U S V' once, of the rank that RidgeRank gives it: what it counts as rounding is dropped, at
// every mu. Up to min(N, d) = 1500 small columns keep their digits. Memory: U and V, and
// while it is made X twice and about 4 min(N, d)^2 numbers more; an ill-conditioned X needs two to
// ten times as long. Errors: a target
// that is not finite (its row is named, from 0), singular values that overflow.
typedef struct RidgeSolver RidgeSolver;
RidgeSolver *ridge_solver_new(const RidgeDesign *design, const double *y, Error *error);
void ridge_solver_free(RidgeSolver *solver);

// mu >= 0: 0 is the minimum-norm limit, INFINITY that of w = 0. Cost: 2 N rank multiply-adds for
// each mu, as matrix products where there are many of them. One thread at a time.
RidgeValidation ridge_solver_validate(const RidgeSolver *solver, double mu);
void ridge_solver_validate_all(const RidgeSolver *solver, size_t count, const double *mu,
                               RidgeValidation *validation); // mu, validation: (count)

// What is predicted at x is mean + (x - mean row of X)'w with an intercept, where mean is that of
// y; else x'w, and mean is 0.
void ridge_solver_weights(const RidgeSolver *solver, double mu, double *w); // (d)
double ridge_solver_mean(const RidgeSolver *solver);

// Whether X and y have columns that add up to 0, to 1e-3 of their size, though no intercept is
// fitted: a row that is left out then stays in their means, and the numbers above are not those of
// new rows. With wide X leave-one-out can be wrong by powers of ten.
bool ridge_solver_lacks_intercept(const RidgeSolver *solver);

// The least value over all mu from 0 to INFINITY, both ends among them as limits: of every local
// minimum, found by the sign of the slope and refined to the last digits of mu, the best. Where
// rounding hides the difference an end wins, and of both ends INFINITY. flat: the value is
// the same at every mu but for rounding (mu is then INFINITY). Cost: 4 N rank multiply-adds for
// each of 8 points to a factor e, from below the least eigenvalue to above the largest: a few
// hundred.
typedef enum RidgeCriterion { RIDGE_LEAVE_ONE_OUT, RIDGE_GCV } RidgeCriterion;
typedef struct RidgeChoice {
    double mu, value;
    bool flat;
} RidgeChoice;
RidgeChoice ridge_solver_least(const RidgeSolver *solver, RidgeCriterion criterion);

// The law that maximises the marginal likelihood of y ~ N(0, (sw2/d) XX' + se2 I), globally, and
// the logarithm of the maximum. With an intercept it is the likelihood of the N - 1 orthonormal
// contrasts of y, which know nothing of it (REML: Patterson, Thompson 1971), and N below stands for
// N - 1. It lies at an edge with
//     signal = 0  when noise alone explains y best, or as well as any law (one row, zero matrix,
//                 all eigenvalues of XX' equal);
//     noise = 0   when XX' is regular (N <= d) and signal alone explains y best;
//     noise = 0   when y = X w up to rounding though XX' is singular: the likelihood is unbounded
//                 (log_likelihood INFINITY), and signal is the limit as noise -> 0, d y'(XX')^+ y /
//                 rank.
typedef struct RidgeEvidence {
    RidgeLaw law;
    double log_likelihood;
    bool at_edge;
} RidgeEvidence;
RidgeEvidence ridge_solver_evidence(const RidgeSolver *solver);

// ---- everything at once, for a person or a program ----

typedef enum RidgeVary { RIDGE_FIXED, RIDGE_SAMPLES, RIDGE_FEATURES } RidgeVary;

typedef struct RidgeRequest {
    const char *data; // as in ridge_design_open
    RidgeDesignOptions design;
    RidgeLaw law;
    const double *mu; // (mu_count) >= 0; none: 25 around mu*, or around the mean eigenvalue
    size_t mu_count;
    const double *time; // (time_count) >= 0, of gradient flow
    size_t time_count;
    RidgeMeasure measure;
    const char *sigma; // file of S, of RIDGE_COVARIANCE only
    RidgeRoute route;
    size_t draws; // of the Monte Carlo check; 0: none
    uint64_t seed;
    RidgeVary vary;
    bool intercept; // of everything: the design is ridge_design_contrasts of the data's
    // "own": those of the data set; else a file of one column, as ridge_design_open takes it.
    const char *targets;
    int64_t class;  // classes: targets are 1 for this one and -1 for the rest; -1: two classes only
    bool best_only; // R(mu*) alone, without a spectrum
    RidgeProgress *progress; // or NULL
} RidgeRequest;

// The risk with the first 1, 2, 3, ... rows or columns: of least norm for every count; at the fixed
// mu and at mu* for `points` counts.
typedef struct RidgeCurve {
    size_t counts;            // n or d
    size_t square;            // the count at which X is square: d samples, n features; with an
                              // intercept its contrasts, n - 1, are: d + 1 samples, n - 1 features
    RidgeRisk *least_norm;    // (counts): of count k at k - 1
    RidgeRank *found;         // (counts): rank of each prefix
    RidgeFit *fit;            // (counts): of all targets, along features; else NULL
    size_t points;            // at most 60
    size_t *at;               // (points) counts, ascending
    double *fixed, *best;     // (points) R(mu) at the first mu asked for (else NULL), R(mu*)
    double *gaussian, *limit; // (points) finite-size formula at least norm, and Marchenko-Pastur
                              // limit at mu*, for Gaussian data; else NULL
} RidgeCurve;

// What targets say.
typedef struct RidgeReal {
    RidgeValidation *at;                // (mu_count)
    RidgeEvidence evidence;             // sw2, se2 of greatest marginal likelihood
    double evidence_mu;                 // mu* of that law
    double chosen_mu;                   // of the mu, the one of least leave-one-out error
    RidgeChoice leave_one_out, gcv;     // the least over all mu
    bool lacks_intercept;               // ridge_solver_lacks_intercept
    double held_out, held_out_evidence; // mean squared error on test rows at chosen_mu and
    double held_out_loo, held_out_gcv;  // evidence_mu, and at those of least error; NAN: none
    size_t n_test;
} RidgeReal;

typedef struct RidgeAnalysis {
    const RidgeRequest *request; // not owned
    char *name;                  // of the design
    size_t n, d;                 // rows, columns
    size_t constant;             // columns, with an intercept
    RidgeSpectrum spectrum;      // lambda NULL with best_only
    RidgeRoute route;            // by which it, or R(mu*), was computed
    size_t mu_count;
    double *mu;
    RidgeRisk *risk;                  // (mu_count)
    double *risk_error, *degrees;     // (mu_count)
    double error_at_zero, best_error; // the same at mu -> 0+ and at mu*; NAN, as the risk itself,
                                      // where the route does not know the least eigenvalues
    double degrees_at_zero;           // NAN: not known
    RidgeRisk at_zero, at_infinity;   // mu -> 0+, mu -> inf
    double best_mu;
    RidgeRisk best;
    RidgeRisk *flow;   // (time_count) or NULL
    RidgeCheck *check; // (mu_count) or NULL: what the measure says by simulation
    RidgeCurve curve;  // counts 0: none
    RidgeReal *real;   // or NULL
} RidgeAnalysis;

// Errors besides those of the parts: a mu, a time or a law below 0; targets of another length. An
// error of kind ERROR_INTERRUPTED leaves the parts that are done: where analysis->risk is there,
// the analysis can be described.
bool ridge_analyse(const RidgeRequest *request, RidgeAnalysis *analysis, Error *error);
void ridge_analysis_free(RidgeAnalysis *analysis);
void ridge_describe(const RidgeAnalysis *analysis, Text *text);
json_t *ridge_to_json(const RidgeAnalysis *analysis); // a new reference

// ---- random-feature regression as a task of sweeps ----

// Least squares on (random features of) a sample of a data set: w (P, outputs) minimises |X w -
// y|^2 + mu |w|^2, with intercept=yes over an intercept b beside w, |X w + b - y|^2 + mu |w|^2; at
// mu = 0 it is the solution of least |w|, where singular values of X below max(n, P) epsilon times
// the largest count as 0. Classes are one target each, 1
// - 1/C for the observed label's and -1/C for the others. Features are those of ridge_design_open:
// features=relu, width=P, feature_seed=S is relu:P with seed S; with features=none P is the number
// of the data's own and width and feature_seed mean nothing. Setting `seed` stands for noise_seed
// and feature_seed where these are not given.
// Metrics: losses are mean squared errors over rows and outputs; errors are shares of rows whose
// largest output is not the observed label's (nan for real targets); weight_norm is |w|. A run has
// one record, at epoch 1; its state is the text "fitted".
// Resolving a cell has OpenBLAS use one thread from then on: cells run on a thread each, and the
// bits must not depend on how many.
extern const Task ridge_task;
