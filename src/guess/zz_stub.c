#include "guess/inner.h"
bool guess_exact(const GuessProblem *problem, GuessExact *exact, Error *error) {
    (void)problem;
    (void)exact;
    return error_set(error, "stub");
}
void guess_exact_free(GuessExact *exact) {
    (void)exact;
}
bool guess_rare(const GuessProblem *problem, const GuessRareOptions *options, GuessRare *rare,
                Error *error) {
    (void)problem;
    (void)options;
    (void)rare;
    return error_set(error, "stub");
}
void guess_rare_free(GuessRare *rare) {
    (void)rare;
}
bool guess_sample(const GuessProblem *problem, const GuessSampleOptions *o, GuessTally *tally,
                  bool *interrupted, Error *error) {
    GuessSampler *s = guess_sampler_new(problem, error);
    if (!s) return false;
    *interrupted = false;
    for (uint64_t i = 0; i < o->guesses && (!o->hits || tally->hits < o->hits); i += 16)
        guess_sampler_run(s, o->first + i, 16, tally);
    guess_sampler_free(s);
    return true;
}
bool guess_count_ties(const GuessProblem *problem, uint64_t count, uint64_t *ties, Error *error) {
    (void)problem;
    (void)count;
    (void)error;
    *ties = 0;
    return true;
}
