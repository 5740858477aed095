// The door of curve/: where is the critical point, is there a second descent?
//
//   table.h   tables of records and the CSV reader
//   this one  table -> CurveSet (curve_build) -> judged (curve_judge) -> JSON, words
//
//     Table table;
//     CurveSet set;
//     CurveOptions options = {.x = "width", .y = "test_error"};
//     if (!curve_read_csv("runs.csv", &table, &error)) ...
//     if (!curve_build(&table, &options, &set, &error)) ...
//     curve_judge(&set);
//     set.curve[0].test.shape, set.curve[0].test.peak.x, ...
#pragma once

#include "curve/table.h"

#define CURVE_SEEDS_LEAST 3        // fewer runs at a point, and the point takes no part in tests
#define CURVE_REPLICATES  2000     // B: simulated curves behind every p-value and interval
#define CURVE_LEVEL       0.05     // p-values below it count as found
#define CURVE_POWER       0.8      // of finding the smallest detectable bump
#define CURVE_EMC_EPSILON 0.1      // eps of the effective model complexity
#define CURVE_NONE        SIZE_MAX // no such place

// How far the sweep came that a table was read from; total = 0: not known (a CSV file).
typedef struct CurveRuns {
    size_t total, done; // done: also diverged
    size_t running, failed;
} CurveRuns;

typedef struct CurveOptions {
    const char *x, *y;         // columns; x must be numeric. y NULL: test_error
    const char *const *by;     // columns that tell curves apart; ends in NULL. NULL: none
    const char *const *ignore; // columns that may vary unasked; ends in NULL. NULL: none
    const Settings *where;     // only rows with these values; NULL: all rows
    int64_t epoch;       // the record of each run to take: its last one up to this; 0: its last
    int64_t first_epoch; // earlier records are left out: 1 keeps a logarithmic axis free of 0
    double tolerance;    // train error that counts as 0
    bool unfinished;     // runs of a store that are not done take part, too
    CurveRuns runs;      // of the sweep that the table comes from
} CurveOptions;

// One x. Runs whose y is missing or not finite (diverged) are counted apart and left out.
typedef struct CurveSummary {
    double mean, sd, se, min, max; // sd: of n - 1; se: sd / sqrt(n); nan where n is too small
    size_t n;
} CurveSummary;

typedef struct CurvePoint {
    double x;
    CurveSummary y, train;               // train: the column train_error; n = 0 when there is none
    size_t lost;                         // runs without a finite y
    double parameters, samples, classes; // nan when the table has no such column
} CurvePoint;

typedef enum CurveShape {
    CURVE_TOO_FEW_SEEDS,  // fewer than 3 points with CURVE_SEEDS_LEAST runs
    CURVE_FLAT,           // neither a rise nor a fall is shown
    CURVE_FALLING,        // a fall is shown, a rise is not
    CURVE_RISING,         // a rise is shown, a fall is not
    CURVE_CLASSICAL_U,    // falls, then rises
    CURVE_SINGLE_PEAK,    // rises, then falls
    CURVE_DOUBLE_DESCENT, // falls, rises, falls
    CURVE_FINAL_ASCENT,   // falls, rises, falls, rises
    CURVE_SHAPES
} CurveShape;

// "too few seeds", "flat", "monotone descent", "monotone ascent", "classical U", "single peak",
// "double descent", "final ascent"
const char *curve_shape_name(CurveShape shape);

// A place on the mean curve.
typedef struct CurvePlace {
    size_t index; // of the point, or CURVE_NONE
    double x, value;
} CurvePlace;

// What curve_judge finds about one mean curve m_1 .. m_P (places in the order of x, so that
// everything is the same on a logarithmic axis).
//
// Places, of any curve. largest is the largest bump, the inner maximum of greatest prominence
//     height = min(m_j - min_{i<j} m_i, m_j - min_{k>j} m_k);
// noise has one, too, so it is no critical point. first_minimum is the lowest of all points, last
// the last. Only where a second descent is shown is the largest bump called the peak (the critical
// point); first_minimum is then the lowest point before it, after_peak the lowest after it. In a
// test take part the points with CURVE_SEEDS_LEAST runs, so the peak is one of these.
//
// Tests. A studentised contrast of two points is t_ij = (m_j - m_i) / sqrt(v_i + v_j). When every
// seed has every point the seed's own level is taken out first: it cannot bend a curve. v_j is the
// variance of a mean, the larger of two estimates: the point's own, and the one pooled over the
// five nearest points (in rank), which has about 10 degrees of freedom for 3 seeds. The pooled one
// alone lets a single noisy point look quiet. Statistics and their null hypotheses:
//     p_first_descent   max fall before the peak      H0: the true curve never falls
//     p_rise            max rise up to the peak       H0: it never rises
//                       (both over all pairs when no second descent is shown)
//     p_second_descent  max_j min(max_{i<j} t_ij, max_{k>j} t_kj)
//                                                     H0: it has no inner peak (it is monotone,
//                                                     flat or U-shaped)
//     p_valley          the same upside down          H0: no inner valley
//     p_final_ascent    max rise after the peak       H0: it never rises after the peak
// Their law under H0 is bounded by that of a flat curve's largest rise (fall, either), over ALL
// pairs of points: a maximum over places that noise chose is compared with the same maximum over
// pure noise, which pays for the choice. That law is simulated CURVE_REPLICATES times, with the
// same studentisation: independent normal noise of variance v_j when each point is a run of its
// own, and normal combinations of whole residual curves when x is epoch, since the points of one
// run move together. The random numbers have a fixed seed (RANDOM_BOOTSTRAP).
//     p_sim(T) = (1 + #{simulated >= T}) / (1 + CURVE_REPLICATES), so never below 1/2001.
//
// A point that has more than half of the squared residuals of its five is alone: its variance rests
// on its own n - 1 degrees of freedom, and its contrasts follow Student's law, whose tail the
// simulated curves do not have. With K such points, T over all points and T' over the others
//     p = min(p_sim(T'), max(p_sim(T), K P(|t_{n-1}| >= T)))
// (half of it for a rise or a fall alone). Along epochs neighbours vouch for nothing: there
//     p = max(p_sim(T), max(K, 1) P(|t_{n-1}| >= T)).
//
// Assumed: normal noise, independent between seeds and, x other than epoch, between points but for
// the level. doc/curve-level.md has what was simulated: for what noise the probability of claiming
// a peak that is not there stays at 0.05, and where it does not (noise that is skewed).
//
// peak_low, peak_high: the 2.5 % and 97.5 % points of the largest bump's x when the same noise is
// added to the mean curve again: a parametric bootstrap, because resampling 3 seeds knows 10
// outcomes and shrinks every variance by a third.
//
// The shape follows from p < CURVE_LEVEL:
//     second descent shown: first descent? (final ascent? FINAL_ASCENT : DOUBLE_DESCENT)
//                           : SINGLE_PEAK
//     else valley shown: CLASSICAL_U
//     else the smaller p of fall and rise < CURVE_LEVEL / 2: FALLING or RISING; else FLAT.
// A shape says what is shown. What is not shown may be there all the same: see CurveDetection.
// Points beyond 128 are thinned evenly for the tests.
typedef struct CurveVerdict {
    CurveShape shape;
    CurvePlace first_minimum, peak, after_peak, last; // peak, after_peak: only where shown
    CurvePlace largest;                               // bump
    double height;                                    // of the largest bump; nan: there is none
    double peak_low, peak_high;                       // nan: no peak is shown
    double p_first_descent, p_rise, p_second_descent, p_valley, p_final_ascent; // nan: not tested
} CurveVerdict;

// What these seeds could have shown. It depends on the noise and on the number of seeds and points,
// not on how high the largest bump happens to be. A bump is one inner point of an otherwise flat
// curve that is raised by a height; every inner point is as likely. It is found when
// p_second_descent < CURVE_LEVEL. The noise is taken to be as the seeds show it, which 3 of them
// show roughly. Simulated with 1000 curves; beyond 32 seeds the height is scaled as 1/sqrt(seeds).
typedef struct CurveDetection {
    double smallest; // height that is found with probability CURVE_POWER; nan: too few seeds
    double seeds;    // at which `effect` is found with that probability, 3 or more; nan: no effect
                     // was asked for, or fewer than 2 runs at a point
} CurveDetection;

// Where the mean train error of these seeds reaches 0 (the tolerance).
typedef struct CurveThreshold {
    size_t first;     // point where it is first reached, or CURVE_NONE
    size_t from;      // point from which on it stays, or CURVE_NONE: the interpolation threshold
    double below;     // x of the last point with a train error before `from`; nan: none
    double low, high; // where the first and the last seed reach it, each for itself; nan: some
                      // seed does not
} CurveThreshold;

// Effective model complexity: the largest n at which training still reaches error <= eps, of the
// mean over these seeds and on this grid.
typedef struct CurveComplexity {
    size_t index; // x is a number of samples: the last point with mean train error <= eps;
                  // otherwise the first point from which it stays <= eps, where the EMC reaches n
    double n;     // samples there; nan: not in the table
    bool edge;    // the grid ends there: the EMC may lie further out (x is a number of samples), or
                  // the first such point further in
} CurveComplexity;

typedef struct Curve {
    Settings by; // what tells it from the other curves
    size_t points, seeds;
    CurvePoint *point; // (points) by increasing x
    char **seed;       // (seeds) such as "seed=1 init_seed=3"
    double *y, *train; // (seeds, points) row-major; nan: no such run, or not finite
    CurveThreshold threshold;
    CurveComplexity complexity;
    CurveVerdict test, on_train; // of y, of train_error; set by curve_judge
    CurveDetection detection;    // of y; set by curve_detect
} Curve;

typedef struct CurveSet {
    char *source, *x, *y; // the table's name; columns
    const char *command;  // what the user typed, for JSON; NULL: unknown. Not owned
    bool has_train;       // the column train_error is there and is not y
    bool whole_runs;      // x is epoch: the points of one seed belong to one run
    double tolerance;
    double effect;  // the height that curve_detect was asked for; 0: none
    CurveRuns runs; // of the options
    Settings fixed; // the settings that have one value in all rows used
    Settings where; // as asked
    Curve *curve;
    size_t curves;
} CurveSet;

// Groups a table: one curve per combination of `by`, one point per x, one value per seed. Seeds are
// all columns whose name ends in "seed" (and are not x or in by); without any, equal rows are
// repetitions. Of every run one record is taken (CurveOptions.epoch), so runs that stopped early
// count with their last; with x = "epoch" all records are. Of a store (columns cell and state),
// runs that are not done are left out unless asked for: their last record is not that of the
// others. Errors: no such column; no row passes the filter; x is not a number (with the row's
// place); a setting that varies at one x without being averaged over ("column lr takes 3 values;
// choose --by lr or lr=0.1"); two rows for one run. Cost: a sort of the rows. Free with curve_free.
bool curve_build(const Table *table, const CurveOptions *options, CurveSet *set, Error *error);

// Fills the places (of test and on_train), threshold and complexity of every curve: no statistics.
void curve_locate(CurveSet *set);

// Does that and fills the rest of test and on_train.
// Cost: CURVE_REPLICATES * points^2 per curve; 20 points take about 10 ms.
void curve_judge(CurveSet *set);

// Fills the detection of every curve: the smallest bump, and the seeds needed for one of height
// `effect` (0: not asked). Cost: as curve_judge; for an effect about ten times that.
void curve_detect(CurveSet *set, double effect);

void curve_free(CurveSet *set);

// JSON with stable keys (numbers that are nan or absent are null; peak, after_peak and
// peak_interval are null unless a second descent is shown; runs is null for a CSV file):
//   {source, version, command, x, y, where{}, fixed{}, level, replicates, power, effect,
//    runs{total, done, running, failed}, curves: [
//     {by{}, seeds[], points[{x, n, lost, mean, sd, se, min, max, values[], parameters, samples,
//        train{mean, sd, se, min, max, n} or null}],
//      threshold{x, first_x, below, seeds_low, seeds_high, parameters, samples,
//        samples_times_classes} or null,
//      emc{eps, x, n, edge} or null,
//      first_minimum{x, value}, peak{x, value}, after_peak{x, value}, last{x, value},
//      largest_bump{x, value, height}, smallest_detectable_bump, seeds_needed,
//      peak_interval[2], p_first_descent, p_rise, p_second_descent, p_valley, p_final_ascent,
//      verdict{test, train}}]}
void curve_json(const CurveSet *set, Text *text);

// "7 of 20 runs done; ..." with a line end where the sweep is not done, else nothing.
void curve_runs_words(const CurveRuns *runs, Text *text);

// The largest p that is printed as "p = ": smaller ones are "p < 0.001".
void curve_p_words(double p, Text *text);

// The three sentences about a curve: its shape, its peak beside the threshold, the numbers there.
void curve_verdict_words(const CurveSet *set, const Curve *curve, Text *text);

// For a person: of every curve the points as a table and the three sentences.
void curve_describe(const CurveSet *set, Text *text);
