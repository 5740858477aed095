#include "cli/guess.h"
#include "cli/picture.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"exact", NULL, "count every weight vector instead of drawing: method=exact"},
    {"rare", NULL, "sequential splitting, for p_S down to 1e-30: method=rare"},
    {"against", "WHAT", "sgd: compare with gradient descent on the same sample (100 descents)"},
    {"seed", "SEED", "stands for --guess-seed and --sample-seed where these are not given"},
    {"repeat", "R", "over R fresh samples, how often T and the error are above their bounds"},
    {"replay", "T", "print the weights of guess number T, counted from 0, and what it says"},
    {"keep", "FILE", "save the tally there, and go on from it: guesses are never drawn twice"},
    {"jobs", "N", "threads (default: one for each processor)"},
    {"json", NULL, "print JSON"},
    {"plot", "FILE", "draw the waiting times, or the functions by share: .svg, .pdf or .png"},
    {"width", "LENGTH", "of the picture, such as 3.25in or 83mm (default: 6.5in)"},
    {0},
};

const Command command_guess = {
    .name = "guess",
    .form = "[MODEL] [NAME=VALUE ...]",
    .summary = "draw whole quantised networks until one fits, and hold it against its bounds",
    .more =
        "MODEL is a file, a name from models/, or the network's text: dense, one output, which says +1\n"
        "or -1 by its sign. Every weight is drawn from --levels, or from a continuous --prior.\n"
        "    benign guess 'input 4 fc-8 bias=no relu fc-1 bias=no' --teacher 2 --samples 10\n"
        "    benign guess 'input 2 fc-2 relu fc-1' --data cube:2 --exact\n"
        "    benign guess 'input 28x28x1 fc-8 relu fc-1' --prior normal --data fashion-mnist \\\n"
        "        --classes 0,9 --samples 16 --rare --against sgd",
    .flags = FLAGS,
    .options = guess_options,
    .most_words = 1000,
    .run = run,
};

enum { STATE_MOST = 64 << 20 }; // bytes of a kept tally

// ---- what was asked ----

static bool set_method(const Arguments *arguments, Settings *settings, Error *error) {
    bool exact = cli_flag(arguments, "exact") != NULL, rare = cli_flag(arguments, "rare") != NULL;
    if (exact && rare)
        return error_kind(error, ERROR_USAGE, "--exact and --rare: one method at a time");
    if ((exact || rare) && settings_get(settings, "method"))
        return error_kind(error, ERROR_USAGE, "--method: --%s says it already",
                          exact ? "exact" : "rare");
    if (exact || rare)
        settings_set(settings, "method", exact ? "exact" : "rare", exact ? "--exact" : "--rare");
    return true;
}

static bool set_against(const Arguments *arguments, Settings *settings, Error *error) {
    const char *against = cli_flag(arguments, "against");
    if (!against) return true;
    if (strcmp(against, "sgd") != 0)
        return error_set(error, "--against: \"%s\"; it takes sgd", against);
    if (!settings_get(settings, "descents")) settings_set(settings, "descents", "100", "--against");
    return true;
}

static bool read_settings(const Arguments *arguments, Settings *settings, Error *error) {
    bool has_model = arguments->words &&
                     (!strchr(arguments->word[0], '=') || strpbrk(arguments->word[0], " \t\n"));
    if (has_model) settings_set(settings, "model", arguments->word[0], "MODEL");
    const Setting *seed = settings_find(&arguments->flags, "seed");
    if (seed) settings_set(settings, "seed", seed->value, seed->place);
    return cli_settings(arguments, &command_guess, has_model, settings, error) &&
           set_method(arguments, settings, error) && set_against(arguments, settings, error);
}

static bool read_run(const Arguments *arguments, GuessRun *how, Error *error) {
    int64_t jobs = 0;
    if (!cli_flag_int(arguments, "jobs", 1, 1024, &jobs, error) ||
        !cli_flag_int(arguments, "repeat", 1, 1000000000, &how->repeats, error))
        return false;
    how->threads = (int)jobs;
    return true;
}

// ---- progress ----

typedef struct Running {
    double begun;
    const char *keep; // the file of the tally, or NULL
} Running;

static void tell(void *user, const char *stage, double done, const GuessTally *tally) {
    const Running *running = user;
    double seconds = system_seconds() - running->begun;
    Text line = {0};
    text_add(&line, stage);
    if (isfinite(done)) text_printf(&line, ": %.1f %%", 100 * done);
    if (tally)
        text_printf(&line, ", %llu of %llu fit", (unsigned long long)tally->hits,
                    (unsigned long long)tally->guesses);
    if (tally && tally->guesses) {
        double low, high;
        guess_interval(tally, false, &low, &high);
        text_printf(&line, ", p_S %.3g to %.3g", low, high);
    }
    if (done > 0.001 && done < 1) {
        text_add(&line, ", ");
        system_duration(&line, seconds * (1 - done) / done);
        text_add(&line, " to go");
    }
    cli_progress(line.data);
    text_free(&line);
}

static bool stop(void *user) {
    (void)user;
    return system_interrupted();
}

static bool save(void *user, const Text *state, Error *error) {
    const Running *running = user;
    return !running->keep || file_write(running->keep, state->data, state->length, error);
}

// ---- the command ----

static bool print(const Arguments *arguments, const GuessAnalysis *analysis, Error *error) {
    Text text = {0};
    if (cli_flag(arguments, "json")) {
        cli_add_json(&text, guess_to_json(analysis));
    } else {
        guess_describe(analysis, &text);
    }
    bool ok = cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}

static bool interrupted(bool plain, const char *keep, Error *error) {
    const char *next = !plain ? "asked again, it begins anew"
                       : keep ? "the same command goes on from there"
                              : "with --keep FILE the same command would go on from there";
    return error_kind(error, ERROR_INTERRUPTED,
                      "interrupted: what stands above is of the work done so far; %s", next);
}

static bool analyse(const Arguments *arguments, const Settings *settings, Error *error) {
    GuessAnalysis analysis;
    Running running = {system_seconds(), cli_flag(arguments, "keep")};
    GuessRun how = {.progress = tell, .stop = stop, .save = save, .user = &running};
    PlotOptions picture;
    char *state = NULL;
    if (!read_run(arguments, &how, error) || !cli_read_picture(arguments, &picture, error))
        return false;
    how.state_name = running.keep;
    if (running.keep && file_exists(running.keep) &&
        !file_read(running.keep, STATE_MOST, &state, &how.state_size, error))
        return false;
    how.state = state;
    system_catch_interrupts();
    bool ok = guess_analyse(settings, &how, &analysis, error);
    cli_progress_end();
    memory_free(state);
    if (!ok) return false;
    ok = print(arguments, &analysis, error) &&
         (!picture.path || cli_draw_guess(&analysis, &picture, error));
    bool early = analysis.interrupted, plain = analysis.options.method == GUESS_SAMPLE;
    guess_analysis_free(&analysis);
    return ok && (!early || interrupted(plain, running.keep, error));
}

static bool replay(const Arguments *arguments, const Settings *settings, Error *error) {
    int64_t t = 0;
    Text text = {0};
    bool ok =
        cli_flag_int(arguments, "replay", 0, INT64_MAX, &t, error) &&
        guess_replay(settings, (uint64_t)t, cli_flag(arguments, "json") != NULL, &text, error) &&
        cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    Settings settings = {0};
    bool ok = read_settings(arguments, &settings, error) &&
              (cli_flag(arguments, "replay") ? replay : analyse)(arguments, &settings, error);
    settings_free(&settings);
    return ok;
}
