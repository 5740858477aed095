// The logistic loss against its closed form in double precision and against differences, and a
// network that learns with it.
#include "num/num.h"
#include "run_suite.h"
#include "train/kernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LIVE = 19, ROW = 32 };

static const Loss *logistic(void) {
    for (int i = 0; i < LOSSES; i++) {
        if (strcmp(train_loss_names[i], "logistic") == 0) return &train_kernels()->loss[i];
    }
    return NULL;
}

static double of(double u, int label) {
    return log1p(exp(label ? -u : u));
}

static void check_values(void) {
    float u[ROW], du[ROW], loss[ROW];
    int32_t label[LIVE];
    for (int e = 0; e < ROW; e++) u[e] = e >= LIVE ? 1234.5f : 2.385f * (float)(e - 9);
    u[0] = -90, u[1] = 90, u[2] = 1e-4f, u[3] = 30;
    for (int e = 0; e < LIVE; e++) label[e] = e % 3 == 0;
    Truth truth = {.label = label};
    LossPass pass = {2, LIVE, 1, u, du, &truth, loss};
    logistic()->pass(&pass);
    for (int e = 0; e < LIVE; e++) {
        double x = (double)u[e], h = 1e-4, wanted = of(x, label[e]);
        double slope = (of(x + h, label[e]) - of(x - h, label[e])) / (2 * h);
        ck_assert_double_eq_tol((double)loss[e], wanted, 4e-7 * wanted + 1e-37);
        ck_assert_double_eq_tol((double)du[e] * LIVE, slope, 1e-6);
    }
    for (int e = LIVE; e < ROW; e++) ck_assert(du[e] == 0);
}

START_TEST(values_and_slopes) {
    unsetenv("BENIGN_ISA");
    Isa best = num_isa();
    for (int isa = 0; isa <= (int)best; isa++) {
        setenv("BENIGN_ISA", num_isa_name((Isa)isa), 1);
        check_values();
    }
    unsetenv("BENIGN_ISA");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("train/logistic");
    TCase *all = tcase_create("logistic");
    tcase_add_test(all, values_and_slopes);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
