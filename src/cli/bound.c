#include "cli/bound.h"
#include "cli/picture.h"

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"levels", "Q", "q, one of which is 0; or the levels themselves: --levels=-1,0,1"},
    {"inputs", "D0", "inputs of student and teacher"},
    {"hidden", "D1[xD2...]", "widths of the student's hidden layers, such as 8 or 16x8"},
    {"teacher", "D1[xD2...]", "widths of the teacher's (default: no teacher is known)"},
    {"bias", NULL, "every neuron has one"},
    {"samples", "N", "labelled samples"},
    {"delta", "P", "probability that the samples are unlucky (default: 0.05)"},
    {"eta", "P", "probability that it takes more guesses than promised (default: 0.05)"},
    {"guesses", "T", "the guess that fitted was number T: certificate"},
    {"hits", "H", "of --trials G guesses H fitted: PAC-Bayes bounds from a measured p_S"},
    {"trials", "G", "see --hits"},
    {"share", "PART", "part of delta that pays for the limit of a measured p_S (default: 0.5)"},
    {"error", "EPS", "also: the samples that each bound needs to promise this error"},
    {"json", NULL, "print JSON"},
    {"plot", "FILE", "draw the bounds along the one list: .svg, .pdf or .png"},
    {"width", "LENGTH", "of the picture, such as 3.25in or 83mm (default: 6.5in)"},
    {0},
};

const Command command_bound = {
    .name = "bound",
    .form = "--levels Q --inputs D0 --hidden D1 --samples N [...]",
    .summary = "what guess and check with quantised weights promises, before anything is guessed",
    .more =
        "Networks with weights drawn uniformly from q levels are guessed until one fits all N\n"
        "samples; a teacher no wider than the student labels them. Every number but --levels and\n"
        "--error may be a list, such as 50,100 or \"geomspace(10,1e6,13)\" (rounded down where whole\n"
        "numbers are meant): a row for each combination. Samples are independent draws of one law. all_weights\n"
        "is about every network whose weights lie on the levels, and about no other trained network.\n"
        "    benign bound --levels 3 --inputs 4 --hidden 8 --teacher 2 --samples 100\n"
        "    benign bound --levels 3 --inputs 4 --hidden 8 --teacher 2 --plot bounds.svg \\\n"
        "        --samples \"geomspace(10,1e6,25)\" --guesses 1000",
    .flags = FLAGS,
    .most_words = 0,
    .run = run,
};

static bool print(const Arguments *arguments, const BoundReport *report, Error *error) {
    Text text = {0};
    if (cli_flag(arguments, "json")) {
        cli_add_json(&text, bound_to_json(report));
    } else {
        bound_describe(report, &text);
    }
    bool ok = cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    BoundReport report;
    PlotOptions picture;
    bool ok = cli_read_bounds(arguments, &report, error) &&
              cli_read_picture(arguments, &picture, error) &&
              (!picture.path || cli_check_bound_picture(&report, error)) &&
              (!picture.path || cli_draw_bounds(&report, &picture, error)) &&
              print(arguments, &report, error);
    memory_free((void *)(uintptr_t)report.world);
    return ok;
}
