// Continuous priors on real-valued points: shares against NumPy's (prior_reference.py wrote
// prior_reference.h), within 4 standard errors of both together; three shares, a false alarm with
// probability 2e-4.
#include "guess/guess_help.h"
#include "guess/prior_reference.h"
#include "run_suite.h"

enum { D = 3, N = 6, DRAWS = 400000 };

START_TEST(shares_of_numpy) {
    float x[N * D];
    int8_t y[N] = {1, -1, -1, 1, -1, 1};
    Error error;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < D; j++) x[i * D + j] = (float)sin(2.385 * (i + 1) * (j + 1) + j);
    }
    GuessPrior prior = help_prior(REFERENCE[_i].prior);
    GuessModel model = help_model(REFERENCE[_i].model, &prior);
    GuessPoints points = {D, N, N, x, y};
    GuessProblem problem = {.model = &model, .points = &points, .seed = 2385};
    GuessTally tally = {0};
    GuessSampler *sampler = guess_sampler_new(&problem, &error);
    ck_assert(sampler != NULL);
    guess_sampler_run(sampler, 0, DRAWS, &tally);
    double p = REFERENCE[_i].share, ours = sqrt(p * (1 - p) / DRAWS);
    ck_assert_double_eq_tol((double)tally.hits / DRAWS, p,
                            4 * hypot(ours, REFERENCE[_i].standard_error));
    guess_sampler_free(sampler);
    help_model_free(&model);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("guess/prior");
    TCase *all = tcase_create("prior");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, shares_of_numpy, 0, sizeof REFERENCE / sizeof *REFERENCE);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
