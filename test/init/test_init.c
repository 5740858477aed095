// Every scheme against its rule: mean and variance of many weights, bounds of the uniform ones,
// biases. With n = 60000 weights a mean or a variance is off by 5 of its standard errors with
// probability below 6e-7; the seed is fixed, so the test passes always or never.
#include "init/init.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

enum { INPUTS = 200, UNITS = 300, COUNT = INPUTS * UNITS };

typedef struct Rule {
    const char *name;
    double variance;
    double bound;         // of the largest weight; 0: none, the law is normal
    double bias_variance; // 0: biases are 0
    double kurtosis;      // of the law: 3 normal, 1.8 uniform
} Rule;

static const Rule RULES[] = {
    {"he", 2.0 / INPUTS, 0, 0, 3},
    {"glorot", 2.0 / (INPUTS + UNITS), 0.10954451150103322, 0, 1.8}, // sqrt(6 / 500)
    {"lecun", 1.0 / INPUTS, 0, 0, 3},
    {"torch", 1.0 / (3 * INPUTS), 0.07071067811865475, 1.0 / (3 * INPUTS), 1.8}, // 1 / sqrt(200)
};

static Net *net_of(const char *text) {
    Error error;
    NetProgram *program = net_parse("test", text, strlen(text), &error);
    Net *net = program ? net_build(program, NULL, &error) : NULL;
    ck_assert_msg(net != NULL, "%s", error.text);
    net_program_free(program);
    return net;
}

static float *filled(const Net *net, int scheme, uint64_t seed) {
    float *w = memory_try((size_t)net->parameters, sizeof *w, "test", NULL);
    init_fill(net, scheme, seed, w);
    return w;
}

static void check_weights(const Rule *rule, const float *w) {
    double mean = 0, square = 0, most = 0;
    for (int i = 0; i < COUNT; i++) {
        mean += (double)w[i] / COUNT;
        square += (double)w[i] * (double)w[i] / COUNT;
        most = fmax(most, fabs((double)w[i]));
    }
    ck_assert_double_le(fabs(mean), 5 * sqrt(rule->variance / COUNT));
    double error = rule->variance * sqrt((rule->kurtosis - 1) / COUNT);
    ck_assert_msg(fabs(square - rule->variance) <= 5 * error, "%s: variance %g, rule %g",
                  rule->name, square, rule->variance);
    if (rule->bound == 0) {
        ck_assert_double_ge(most, 3.5 * sqrt(rule->variance));
    } else {
        ck_assert_double_le(most, rule->bound * (1 + 1e-6));
        ck_assert_double_ge(most, rule->bound * 0.999);
    }
}

START_TEST(schemes_keep_their_rule) {
    const Rule *rule = &RULES[_i];
    ck_assert_str_eq(init_schemes[_i].name, rule->name);
    ck_assert_str_eq(init_names[_i], rule->name);
    Net *net = net_of("input 200 fc-300 relu fc-10");
    float *w = filled(net, _i, 2385);
    check_weights(rule, w + net->layer[0].slot[0].offset);
    double square = 0;
    const float *bias = w + net->layer[0].slot[1].offset;
    for (int i = 0; i < UNITS; i++) square += (double)bias[i] * (double)bias[i] / UNITS;
    if (rule->bias_variance == 0) {
        ck_assert_double_eq(square, 0);
    } else {
        double error = rule->bias_variance * sqrt(0.8 / UNITS);
        ck_assert_double_le(fabs(square - rule->bias_variance), 5 * error);
    }
    memory_free(w);
    net_free(net);
}
END_TEST

// A slot's numbers depend on its own shape and number, not on how wide the others are.
START_TEST(slots_do_not_disturb_each_other) {
    Net *narrow = net_of("input 7 fc-5 relu fc-4"), *wide = net_of("input 7 fc-5 relu fc-90");
    for (int scheme = 0; init_names[scheme]; scheme++) {
        float *a = filled(narrow, scheme, 11), *b = filled(wide, scheme, 11);
        ck_assert_mem_eq(a, b, (7 * 5 + 5) * sizeof(float));
        float *c = filled(narrow, scheme, 12);
        ck_assert(memcmp(a, c, 7 * 5 * sizeof(float)) != 0);
        memory_free(a);
        memory_free(b);
        memory_free(c);
    }
    net_free(narrow);
    net_free(wide);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("init/init");
    TCase *all = tcase_create("init");
    tcase_add_loop_test(all, schemes_keep_their_rule, 0, sizeof RULES / sizeof *RULES);
    tcase_add_test(all, slots_do_not_disturb_each_other);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
