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
#define CURVE_EMC_EPSILON 0.1      // eps of the effective model complexity
#define CURVE_NONE        SIZE_MAX // no such place

typedef struct CurveOptions {
    const char *x, *y;         // columns; x must be numeric. y NULL: test_error
    const char *const *by;     // columns that tell curves apart; ends in NULL. NULL: none
    const char *const *ignore; // columns that may vary unasked; ends in NULL. NULL: none
    const Settings *where;     // only rows with these values; NULL: all rows
    int64_t epoch;       // the record of each run to take: its last one up to this; 0: its last
    int64_t first_epoch; // earlier records are left out: 1 keeps a logarithmic axis free of 0
    double tolerance;    // train error that counts as 0
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
    CURVE_FLAT,           // nothing that noise alone would not give
    CURVE_FALLING,        // monotone, downwards
    CURVE_RISING,         // monotone, upwards
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
// Places. The peak (critical point) is the inner maximum of greatest prominence
//     min(m_j - min_{i<j} m_i, m_j - min_{k>j} m_k),
// first_minimum the lowest point before it (without a peak: the lowest of all), after_peak the
// lowest point after it, last the last point. They are given for any number of seeds.
//
// Tests. A studentised contrast of two points is t_ij = (m_j - m_i) / sqrt(v_i + v_j) where v is
// the variance of a mean, pooled over the five nearest points (in rank), so that 3 seeds give about
// 10 degrees of freedom. When every seed has every point the seed's own level is taken out first:
// it cannot bend a curve. Statistics and their null hypotheses:
//     p_first_descent   max fall before the peak      H0: the true curve never falls
//     p_rise            max rise up to the peak       H0: it never rises
//                       (both over all pairs when no second descent is found)
//     p_second_descent  max_j min(max_{i<j} t_ij, max_{k>j} t_kj)
//                                                     H0: it has no inner peak (it is monotone,
//                                                     flat or U-shaped)
//     p_valley          the same upside down          H0: no inner valley
//     p_final_ascent    max rise after the peak       H0: it never rises after the peak
// Their law under H0 is bounded by that of a flat curve's largest rise (fall, either), over ALL
// pairs of points: a maximum over places that noise chose is compared with the same maximum over
// pure noise, which pays for the choice. That law is simulated CURVE_REPLICATES times, with the
// same studentisation: independent normal noise of the pooled variance when each point is a run of
// its own, and normal combinations of whole residual curves when x is epoch, since the points of
// one run move together. p = (1 + #{simulated >= observed}) / (1 + CURVE_REPLICATES). The random
// numbers have a fixed seed (RANDOM_BOOTSTRAP).
//
// peak_low, peak_high: the 2.5 % and 97.5 % points of the peak's x when the same noise is added to
// the mean curve again: a parametric bootstrap, because resampling 3 seeds knows 10 outcomes and
// shrinks every variance by a third.
//
// The shape follows from p < CURVE_LEVEL:
//     second descent found: first descent? (final ascent? FINAL_ASCENT : DOUBLE_DESCENT)
//                           : SINGLE_PEAK
//     else valley found: CLASSICAL_U
//     else the smaller p of fall and rise < CURVE_LEVEL / 2: FALLING or RISING; else FLAT.
// Double descent is claimed for a curve without an inner peak with probability at most CURVE_LEVEL
// (for normal noise). Points beyond 256 are thinned evenly for the tests.
typedef struct CurveVerdict {
    CurveShape shape;
    CurvePlace first_minimum, peak, after_peak, last;
    double peak_low, peak_high; // nan without a peak or with too few seeds
    double p_first_descent, p_rise, p_second_descent, p_valley, p_final_ascent; // nan: not tested
} CurveVerdict;

// Where the mean train error reaches 0 (the tolerance).
typedef struct CurveThreshold {
    size_t first; // point where it is first reached, or CURVE_NONE
    size_t from;  // point from which on it stays, or CURVE_NONE: the interpolation threshold
    double below; // x of the point before `from`: the threshold lies in (below, x]; nan: none
} CurveThreshold;

// Effective model complexity: the largest n at which training still reaches error <= eps.
typedef struct CurveComplexity {
    size_t index; // x is a number of samples: the last point with mean train error <= eps;
                  // otherwise the first point from which it stays <= eps, where the EMC reaches n
    double n;     // samples there; nan: not in the table
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
} Curve;

typedef struct CurveSet {
    char *source, *x, *y; // the table's name; columns
    const char *command;  // what the user typed, for JSON; NULL: unknown. Not owned
    bool has_train;       // the column train_error is there and is not y
    bool whole_runs;      // x is epoch: the points of one seed belong to one run
    double tolerance;
    Settings fixed; // the settings that have one value in all rows used
    Settings where; // as asked
    Curve *curve;
    size_t curves;
} CurveSet;

// Groups a table: one curve per combination of `by`, one point per x, one value per seed. Seeds are
// all columns whose name ends in "seed" (and are not x or in by); without any, equal rows are
// repetitions. Of every run one record is taken (CurveOptions.epoch), so runs that stopped early
// count with their last; with x = "epoch" all records are. Errors: no such column; no row passes
// the filter; x is not a number (with the row's place); a setting that varies at one x without
// being averaged over ("column lr takes 3 values; choose --by lr or lr=0.1"); two rows for one run.
// Cost: a sort of the rows. Free with curve_free.
bool curve_build(const Table *table, const CurveOptions *options, CurveSet *set, Error *error);

// Fills the places (of test and on_train), threshold and complexity of every curve: no statistics.
void curve_locate(CurveSet *set);

// Does that and fills the rest of test and on_train.
// Cost: CURVE_REPLICATES * points^2 per curve; 20 points take about 10 ms.
void curve_judge(CurveSet *set);

void curve_free(CurveSet *set);

// JSON with stable keys (numbers that are nan or absent are null):
//   {source, version, command, x, y, where{}, fixed{}, level, replicates, curves: [
//     {by{}, seeds[], points[{x, n, lost, mean, sd, se, min, max, values[], parameters, samples,
//        train{mean, sd, se, min, max, n} or null}],
//      threshold{x, first_x, below, parameters, samples, samples_times_classes} or null,
//      emc{eps, x, n} or null,
//      first_minimum{x, value}, peak{x, value}, after_peak{x, value}, last{x, value},
//      peak_interval[2], p_first_descent, p_rise, p_second_descent, p_valley, p_final_ascent,
//      verdict{test, train}}]}
void curve_json(const CurveSet *set, Text *text);

// The three sentences about a curve: its shape, its peak beside the threshold, the numbers there.
void curve_verdict_words(const CurveSet *set, const Curve *curve, Text *text);

// For a person: of every curve the points as a table and the three sentences.
void curve_describe(const CurveSet *set, Text *text);
