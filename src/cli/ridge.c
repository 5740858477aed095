#include "cli/ridge.h"
#include "cli/picture.h"
#include "num/linear.h"
#include "sweep/sweep.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"signal", "SW2", "sw2 = E|w_true|^2 (default: 1)"},
    {"noise", "SE2", "se2, the variance of the noise (default: 1)"},
    {"snr", "RATIO", "sw2/se2, instead of --noise"},
    {"mu", "LIST",
     "such as 0.1,1,10 or geomspace(0.01,100,9) (default: 25 around mu*); best: R(mu*) alone"},
    {"risk", "KIND",
     "parameters (default), prediction (fresh x: isotropic, or --sigma's covariance) or in-sample"},
    {"sigma", "S.npy", "the covariance of fresh x: --risk covariance"},
    {"check", "DRAWS", "measure the same by Monte Carlo over w_true and noise"},
    {"time", "LIST", "also gradient flow from 0 at these times"},
    {"vary", "WHAT", "samples or features: the risk with the first 1, 2, 3, ... of them"},
    {"targets", "WHAT",
     "own, or a file with a column: cross-validation, likelihood, held-out error"},
    {"class", "C", "targets are class C against the rest"},
    {"intercept", "yes|no",
     "fit one, not penalised: columns are centred (default: yes with --targets, but for --vary and "
     "--features)"},
    {"features", "KIND:P",
     "P random features of the rows: relu:P, with bias=S other than 1 relu:P,bias=S; or cosine:P"},
    {"samples", "N", "only the first N rows"},
    {"seed", "S", "of random features, gaussian:N,d and --check (default: 0)"},
    {"route", "ROUTE", "auto (default), gram, singular or lanczos"},
    {"json", NULL, "print JSON"},
    {"plot", "FILE", "draw it: .svg, .pdf or .png"},
    {"width", "LENGTH", "of the picture, such as 3.25in or 83mm (default: 6.5in)"},
    {0},
};

const Command command_ridge = {
    .name = "ridge",
    .form = "DATA",
    .summary = "the exact risk of ridge regression on any design matrix, for every mu",
    .more =
        "y = X w_true + e with w_true ~ N(0, sw2/d I), e ~ N(0, se2 I), and w_mu minimises\n"
        "|X w - y|^2 + mu |w|^2: mu is the alpha of scikit-learn. The risk is E|w_mu - w_true|^2, or\n"
        "what --risk says. X (N rows, d columns) is DATA: a file whose name ends in .npy, .csv,\n"
        "ubyte or ubyte.gz (IDX), gaussian:N,d (independent normal numbers), or a data set (benign\n"
        "data lists them).\n"
        "    benign ridge gaussian:200,100 --check 1000\n"
        "    benign ridge fashion-mnist --samples 1000 --features relu:3000,bias=0 --vary features \\\n"
        "        --targets own --plot peak.svg",
    .flags = FLAGS,
    .least_words = 1,
    .most_words = 1,
    .run = run,
};

// ---- the request ----

static bool read_choice(const Arguments *arguments, const char *flag, const char *const *names,
                        int *choice, Error *error) {
    const char *value = cli_flag(arguments, flag);
    Option option = {.name = flag, .type = OPTION_CHOICE, .words = names};
    Text place = {0};
    option_flag(flag, &place);
    bool ok = !value || option_set(&option, choice, value, place.data, error);
    text_free(&place);
    return ok;
}

static bool read_list(const Arguments *arguments, const char *flag, const double **list,
                      size_t *count, Error *error) {
    const char *value = cli_flag(arguments, flag);
    double *numbers;
    Text place = {0};
    if (!value) return true;
    option_flag(flag, &place);
    bool ok = sweep_numbers(place.data, value, &numbers, count, error);
    if (ok) *list = numbers;
    text_free(&place);
    return ok;
}

static bool read_law(const Arguments *arguments, RidgeLaw *law, Error *error) {
    double snr = 0;
    *law = (RidgeLaw){1, 1};
    if (cli_flag(arguments, "noise") && cli_flag(arguments, "snr"))
        return error_kind(error, ERROR_USAGE, "--noise and --snr: one of them says it all");
    if (!cli_flag_real(arguments, "signal", 0, 1e100, &law->signal, error) ||
        !cli_flag_real(arguments, "noise", 0, 1e100, &law->noise, error) ||
        !cli_flag_real(arguments, "snr", 1e-100, 1e100, &snr, error))
        return false;
    if (snr > 0) law->noise = law->signal / snr;
    return true;
}

static bool read_mu(const Arguments *arguments, RidgeRequest *request, Error *error) {
    const char *mu = cli_flag(arguments, "mu");
    request->best_only = mu && strcmp(mu, "best") == 0;
    if (!request->best_only)
        return read_list(arguments, "mu", &request->mu, &request->mu_count, error);
    if (request->law.signal > 0 && request->law.noise > 0) return true;
    return error_set(error, "--mu best: signal and noise must be above 0; mu* = d se2/sw2");
}

// --risk prediction means fresh x, with covariance S where --sigma names one, else I.
static bool read_measure(const Arguments *arguments, RidgeRequest *request, Error *error) {
    const char *risk = cli_flag(arguments, "risk");
    int measure = RIDGE_PARAMETERS;
    request->sigma = cli_flag(arguments, "sigma");
    bool prediction = risk && text_equal_fold(risk, "prediction");
    if (prediction) measure = RIDGE_ISOTROPIC;
    if (!prediction && !read_choice(arguments, "risk", ridge_measure_names, &measure, error))
        return false;
    if (request->sigma && (!risk || prediction)) measure = RIDGE_COVARIANCE;
    request->measure = (RidgeMeasure)measure;
    if (!request->sigma == (measure != RIDGE_COVARIANCE)) return true;
    return error_kind(error, ERROR_USAGE, "--risk covariance and --sigma S.npy go together");
}

// An intercept is what mu should be chosen with; a path, random features and R(mu) are the
// textbook's without one.
static bool read_intercept(const Arguments *arguments, RidgeRequest *request, Error *error) {
    static const char *const NO_YES[] = {"no", "yes", NULL};
    int intercept = request->targets && request->vary == RIDGE_FIXED && !request->design.features;
    if (!read_choice(arguments, "intercept", NO_YES, &intercept, error)) return false;
    request->intercept = intercept;
    return true;
}

// What one flag would ask of another that is not there would be passed over in silence.
static bool check_flags(const Arguments *arguments, const RidgeRequest *request, Error *error) {
    static const char *const WHOLE[] = {"check", "time", "vary", "targets", "route", NULL};
    for (int i = 0; request->best_only && WHOLE[i]; i++) {
        if (cli_flag(arguments, WHOLE[i]))
            return error_kind(error, ERROR_USAGE,
                              "--%s: with --mu best there is nothing but R(mu*); give a list of mu",
                              WHOLE[i]);
    }
    if (request->best_only && request->measure != RIDGE_PARAMETERS)
        return error_kind(error, ERROR_USAGE,
                          "--risk: --mu best is the risk of the parameters; give a list of mu");
    if (cli_flag(arguments, "class") && !request->targets)
        return error_kind(error, ERROR_USAGE, "--class: of which targets? --targets names them");
    return true;
}

static bool read_request(const Arguments *arguments, RidgeRequest *request, Error *error) {
    static const char *const VARY[] = {"nothing", "samples", "features", NULL};
    int route = RIDGE_AUTO, vary = RIDGE_FIXED;
    int64_t draws = 0, seed = 0, samples = 0;
    *request = (RidgeRequest){.data = arguments->word[0], .class = -1};
    if (!read_law(arguments, &request->law, error) || !read_mu(arguments, request, error) ||
        !read_list(arguments, "time", &request->time, &request->time_count, error) ||
        !read_measure(arguments, request, error) ||
        !read_choice(arguments, "route", ridge_route_names, &route, error) ||
        !read_choice(arguments, "vary", VARY, &vary, error) ||
        !cli_flag_int(arguments, "check", 2, 1000000000, &draws, error) ||
        !cli_flag_int(arguments, "seed", 0, INT64_MAX, &seed, error) ||
        !cli_flag_int(arguments, "class", 0, INT32_MAX, &request->class, error) ||
        !cli_flag_int(arguments, "samples", 1, INT32_MAX, &samples, error))
        return false;
    request->route = (RidgeRoute)route;
    request->vary = (RidgeVary)vary;
    request->draws = (size_t)draws;
    request->seed = (uint64_t)seed;
    request->targets = cli_flag(arguments, "targets");
    request->design = (RidgeDesignOptions){
        .features = cli_flag(arguments, "features"), .samples = samples, .seed = (uint64_t)seed};
    return read_intercept(arguments, request, error) && check_flags(arguments, request, error);
}

// ---- the command ----

static bool print(const Arguments *arguments, const RidgeAnalysis *analysis, Error *error) {
    Text text = {0};
    if (cli_flag(arguments, "json")) {
        cli_add_json(&text, ridge_to_json(analysis));
    } else {
        ridge_describe(analysis, &text);
    }
    bool ok = cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}

// Is there a curve to draw?
static bool check_picture(const PlotOptions *options, const RidgeRequest *request, Error *error) {
    if (!options->path) return true;
    if (request->best_only)
        return error_kind(error, ERROR_USAGE, "--plot: with --mu best there is no curve to draw");
    bool any = request->mu_count == 0 || request->vary != RIDGE_FIXED;
    for (size_t i = 0; i < request->mu_count; i++) any = any || isfinite(request->mu[i]);
    return any ||
           error_kind(error, ERROR_USAGE, "--plot: inf has no place on the axis; give another mu");
}

// On a terminal the running part of the running stage is shown.
static bool tell(const char *stage, size_t part, size_t parts) {
    static double begin;
    if (system_interrupted()) return false;
    if (part == 0) begin = system_seconds();
    if (!isatty(STDERR_FILENO)) return true;
    Text line = {0};
    if (part == 0) cli_progress_end(); // a new stage is shown at once
    text_add(&line, stage);
    if (parts) text_printf(&line, ", %zu of %zu", part + 1, parts);
    cli_add_time_left(&line, part, parts, system_seconds() - begin);
    cli_progress(line.data);
    text_free(&line);
    return true;
}

// What is known is printed, and what to do about the rest is said.
static bool end_early(const Arguments *arguments, const RidgeAnalysis *analysis, Error *error) {
    Text what = {0};
    text_add(&what, error->text);
    bool ok = !analysis->risk || print(arguments, analysis, error);
    if (ok)
        error_kind(error, ERROR_INTERRUPTED,
                   "%s; asked again it begins anew, benign sweep with task: ridge resumes",
                   what.data);
    text_free(&what);
    return false;
}

static bool run(const Arguments *arguments, Error *error) {
    RidgeRequest request = {0};
    RidgeAnalysis analysis = {0};
    PlotOptions picture;
    system_catch_interrupts();
    bool ok =
        linear_threads(system_processors(), error) && read_request(arguments, &request, error) &&
        cli_read_picture(arguments, &picture, error) && check_picture(&picture, &request, error);
    request.progress = tell;
    ok = ok && ridge_analyse(&request, &analysis, error);
    cli_progress_end();
    if (!ok && error->kind == ERROR_INTERRUPTED) end_early(arguments, &analysis, error);
    ok = ok && (!picture.path || cli_draw_ridge(&analysis, &picture, error)) &&
         print(arguments, &analysis, error);
    ridge_analysis_free(&analysis);
    memory_free((void *)(uintptr_t)request.mu);
    memory_free((void *)(uintptr_t)request.time);
    return ok;
}
