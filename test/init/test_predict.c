// The exact rule against numbers of theory, against counting taps and positions one by one, and
// against integrals done another way.
#include "init/init.h"
#include "init/pairs.h"
#include "net_of.h"
#include "run_suite.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EXACT = 0, LAYERS = 40 };

static Net *predict(const char *text, InitInput input, InitLayer *layer) {
    Error error;
    size_t at;
    InitOptions options = {EXACT, LAW_SCHEME, 0, input, true};
    Net *net = net_of(text);
    ck_assert_msg(init_predict(net, &options, layer, &at, &error), "%s", error.text);
    return net;
}

typedef struct Case {
    const char *activation;
    double square, chi1;
} Case;

// He et al. 2015, Poole et al. 2016: E phi^2 and chi_1 of NOTATION.md.
static const Case CASES[] = {
    {"relu", 0.5, 1},
    {"tanh", 0.394294490397841, 1.1778072323},
    {"sigmoid", 0.293379035858093, 0.152827011716},
    {"gelu", 0.425221482570299, 1.07203159844},
    {"selu", 1, 1.07157499246},
    {"leaky slope=0.1", 0.505, 1},
};

START_TEST(dense_layers_follow_theory) {
    InitLayer layer[LAYERS];
    char text[100];
    snprintf(text, sizeof text, "input 23 fc-19 %s fc-17 %s fc-5", CASES[_i].activation,
             CASES[_i].activation);
    Net *net = predict(text, init_unit_input, layer);
    double gain = 1 / sqrt(CASES[_i].square); // tanh: 1.592537
    ck_assert_double_eq_tol(layer[0].sigma, 1 / sqrt(23), 1e-15);
    ck_assert_double_eq_tol(layer[2].sigma, gain / sqrt(19), 2e-9);
    ck_assert_double_eq_tol(layer[4].sigma, gain / sqrt(17), 2e-9);
    for (int l = 0; l <= 4; l += 2) ck_assert_double_eq_tol(layer[l].square, 1, 1e-14);
    ck_assert_double_eq_tol(layer[2].gradient, CASES[_i].chi1, 1e-9);
    ck_assert_double_eq_tol(layer[0].gradient, CASES[_i].chi1 * CASES[_i].chi1, 1e-9);
    net_free(net);
}
END_TEST

// The first layer sees the data: 23 features of second moment 2.385.
START_TEST(first_layer_sees_the_data) {
    InitLayer layer[LAYERS];
    Net *net = predict("input 23 fc-19 relu fc-5", (InitInput){0.5, 2.385, 0.3, 0}, layer);
    ck_assert_double_eq_tol(layer[0].sigma, 1 / sqrt(23 * 2.385), 1e-15);
    ck_assert_double_eq_tol(layer[0].shared, 0.3 / 2.385, 1e-14);
    net_free(net);
    const float x[] = {1, 2, 9, 9, 3, -4};
    const uint32_t row[] = {0, 2};
    InitInput input = init_measure_input(x, row, 2, &(Shape){1, {2}});
    ck_assert_double_eq_tol(input.mean, 0.5, 1e-15); // means 2 and -1
    ck_assert_double_eq_tol(input.square, (1 + 4 + 9 + 16) / 4.0, 1e-15);
    ck_assert_double_eq_tol(input.shared, (4 + 1) / 2.0, 1e-15);
    ck_assert_double_eq_tol(input.excess, (1 * 2 + 3 * -4) / 2.0 - 2.5, 1e-15);
    input = init_measure_input(x, row, 2, &(Shape){2, {1, 2}}); // one point of two channels
    ck_assert_double_eq(input.excess, 0);
}
END_TEST

typedef struct Window {
    int height, width, kernel, stride, pad;
} Window;

static const Window WINDOWS[] = {{7, 5, 3, 1, 1}, {19, 23, 5, 2, 2}, {6, 9, 4, 3, 2},
                                 {2, 3, 5, 1, 2}, {11, 4, 3, 2, 0},  {5, 5, 2, 4, 1}};

// Live taps of the window at output (r, c), one by one.
static int live_at(const Window *w, int r, int c) {
    int live = 0;
    for (int i = 0; i < w->kernel; i++) {
        for (int j = 0; j < w->kernel; j++) {
            int y = r * w->stride - w->pad + i, x = c * w->stride - w->pad + j;
            live += y >= 0 && y < w->height && x >= 0 && x < w->width;
        }
    }
    return live;
}

START_TEST(borders_are_counted) {
    const Window *w = &WINDOWS[_i];
    InitLayer layer[LAYERS];
    char text[200];
    InitInput input = {0.4, 2.385, 0.77, 0};
    int rows = (w->height + 2 * w->pad - w->kernel) / w->stride + 1;
    int columns = (w->width + 2 * w->pad - w->kernel) / w->stride + 1;
    double taps = 0, average = 0, n = w->kernel * w->kernel;
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
            double live = live_at(w, r, c);
            taps += live / (rows * columns);
            average += (live * 2.385 + live * (live - 1) * 0.77) / (n * n) / (rows * columns);
        }
    }
    snprintf(text, sizeof text, "input %dx%dx3 conv%d-4 stride=%d pad=%d", w->height, w->width,
             w->kernel, w->stride, w->pad);
    Net *net = predict(text, input, layer);
    ck_assert_double_eq_tol(layer[0].power, 3 * taps * 2.385, 1e-12 * taps);
    net_free(net);
    if (2 * w->pad > w->kernel) return; // no pool
    snprintf(text, sizeof text, "input %dx%dx3 avgpool%d stride=%d pad=%d", w->height, w->width,
             w->kernel, w->stride, w->pad);
    net = predict(text, input, layer);
    ck_assert_double_eq_tol(layer[0].square, average, 1e-12);
    net_free(net);
}
END_TEST

// Three convolutions with ReLU in between, position by position: q(p) = sum over the live taps of
// q/2, and the gradient the other way round.
typedef struct Image {
    int h, w;
    double q[12][12];
} Image;

static const Window CHAIN[] = {{9, 7, 3, 1, 1}, {9, 7, 4, 2, 2}, {5, 4, 3, 1, 1}};

// Calls for every live tap: y takes from x (forward) or gives to it.
static void slide_by_hand(const Window *w, Image *x, Image *y, bool forward) {
    for (int r = 0; r < y->h; r++) {
        for (int c = 0; c < y->w; c++) {
            for (int k = 0; k < w->kernel * w->kernel; k++) {
                int i = r * w->stride - w->pad + k / w->kernel;
                int j = c * w->stride - w->pad + k % w->kernel;
                if (i < 0 || i >= w->height || j < 0 || j >= w->width) continue;
                if (forward) y->q[r][c] += x->q[i][j];
                if (!forward) x->q[i][j] += y->q[r][c];
            }
        }
    }
}

static double mean_by_hand(const Image *x) {
    double sum = 0;
    for (int r = 0; r < x->h; r++) {
        for (int c = 0; c < x->w; c++) sum += x->q[r][c] / (x->h * x->w);
    }
    return sum;
}

static void scale_by_hand(Image *x, double factor) {
    for (int r = 0; r < x->h; r++) {
        for (int c = 0; c < x->w; c++) x->q[r][c] *= factor;
    }
}

START_TEST(positions_are_followed) {
    InitLayer l[LAYERS];
    Net *net =
        predict("input 9x7x3 conv3-5 relu conv4-6 stride=2 pad=2 relu conv3-7", init_unit_input, l);
    static const double CHANNELS[] = {3, 5, 6};
    Image u[4] = {{9, 7, {{0}}}, {9, 7, {{0}}}, {5, 4, {{0}}}, {5, 4, {{0}}}};
    for (int i = 0; i < 9 * 7; i++) u[0].q[i / 7][i % 7] = 1;
    for (int k = 0; k < 3; k++) {
        if (k) scale_by_hand(&u[k], 0.5);
        slide_by_hand(&CHAIN[k], &u[k], &u[k + 1], true);
        double power = CHANNELS[k] * mean_by_hand(&u[k + 1]);
        ck_assert_double_eq_tol(l[2 * k].power, power, 1e-12 * power);
        scale_by_hand(&u[k + 1], CHANNELS[k] / power);
        const Image *v = &u[k + 1];
        double corner =
            (v->q[0][0] + v->q[0][v->w - 1] + v->q[v->h - 1][0] + v->q[v->h - 1][v->w - 1]) / 4;
        ck_assert_double_eq_tol(l[2 * k].place[INIT_CORNER], corner, 1e-12);
        ck_assert_double_eq_tol(l[2 * k].place[INIT_MIDDLE], v->q[v->h / 2][v->w / 2], 1e-12);
    }
    Image g[3] = {{9, 7, {{0}}}, {5, 4, {{0}}}, {5, 4, {{0}}}};
    for (int i = 0; i < 5 * 4; i++) g[2].q[i / 4][i % 4] = 1.0 / 20;
    for (int k = 2; k > 0; k--) { // |dL/du|^2 in all: of each channel the same, half of it passes
        slide_by_hand(&CHAIN[k], &g[k - 1], &g[k], false);
        double sigma = l[2 * k].sigma;
        scale_by_hand(&g[k - 1], CHANNELS[k] * sigma * sigma / 2);
        double total = mean_by_hand(&g[k - 1]) * g[k - 1].h * g[k - 1].w;
        ck_assert_double_eq_tol(l[2 * k - 2].gradient, total, 1e-12);
    }
    net_free(net);
}
END_TEST

// A convolution drawn and done by hand, 4000 times: E u^2, averaged over positions, is 1 within 5
// standard errors (a failure has probability below 1e-6; the seed is fixed).
START_TEST(convolution_by_simulation) {
    enum { H = 5, W = 4, C = 3, DRAWS = 4000 };
    InitLayer layer[LAYERS];
    Net *net = predict("input 5x4x3 conv3-1 bias=no", init_unit_input, layer);
    Random random = random_stream(2385, RANDOM_TEST, 0);
    double sum = 0, sum2 = 0;
    for (int d = 0; d < DRAWS; d++) {
        double x[H][W][C], w[3][3][C], square = 0;
        for (int i = 0; i < H * W * C; i++) (&x[0][0][0])[i] = random_normal(&random);
        for (int i = 0; i < 9 * C; i++) (&w[0][0][0])[i] = layer[0].sigma * random_normal(&random);
        for (int r = 0; r < H; r++) {
            for (int c = 0; c < W; c++) {
                double u = 0;
                for (int i = 0; i < 9; i++) {
                    int y = r + i / 3 - 1, z = c + i % 3 - 1;
                    if (y < 0 || y >= H || z < 0 || z >= W) continue;
                    for (int k = 0; k < C; k++) u += w[i / 3][i % 3][k] * x[y][z][k];
                }
                square += u * u / (H * W);
            }
        }
        sum += square;
        sum2 += square * square;
    }
    double mean = sum / DRAWS, error = sqrt((sum2 / DRAWS - mean * mean) / DRAWS);
    ck_assert_msg(fabs(mean - 1) < 5 * error, "%g +- %g", mean, error);
    net_free(net);
}
END_TEST

// E max and E max^2 of 4 numbers max(z, 0): by parts, E m^2 = int_0 2x (1 - Phi(x)^4) dx.
static double largest_relu_square(void) {
    double sum = 0, h = 1e-3;
    for (double x = h / 2; x < 9; x += h) sum += 2 * x * (1 - pow(erfc(-x / sqrt(2)) / 2, 4)) * h;
    return sum;
}

START_TEST(pools_and_norms) {
    InitLayer l[LAYERS];
    // Of 4 standard normals E max is 1.029375373, E max^2 is 1.551328895 (order statistics).
    Net *net = predict("input 8x8x3 conv1-5 pool2", init_unit_input, l);
    ck_assert_double_eq_tol(l[1].mean, 1.029375373, 3e-4);
    ck_assert_double_eq_tol(l[1].square, 1.551328895, 6e-4);
    net_free(net);
    // Correlated inputs: E max = sqrt(1 - c) 1.029375373, E max^2 = 1 + (1 - c) 0.551328895.
    net = predict("input 8x8x3 conv1-5 pool2", (InitInput){0, 2, 0.6, 0}, l);
    ck_assert_double_eq_tol(l[1].mean, sqrt(0.7) * 1.029375373, 3e-3);
    ck_assert_double_eq_tol(l[1].square, 1 + 0.7 * 0.551328895, 3e-3);
    net_free(net);
    net = predict("input 8x8x3 conv1-5 relu pool2 flatten fc-7", init_unit_input, l);
    ck_assert_double_eq_tol(l[2].square, largest_relu_square(), 1e-3);
    ck_assert_double_eq_tol(l[4].sigma, 1 / sqrt(4 * 4 * 5 * l[2].square), 1e-12);
    // What a window gets goes to its largest, and ReLU lets it pass where that is not 0.
    ck_assert_double_eq_tol(l[0].gradient / l[2].gradient, 1 - pow(2, -4), 1e-3);
    net_free(net);
    net = predict("input 8x8x3 conv1-5 pool2 flatten fc-7", init_unit_input, l);
    ck_assert_double_eq_tol(l[0].gradient / l[1].gradient, 1, 1e-12);
    net_free(net);
    net = predict("input 8x8x3 conv1-5 relu batchnorm pool2 flatten fc-7", init_unit_input, l);
    ck_assert(isnan(l[0].gradient)); // of what is no function of a Gaussian it is not predicted
    net_free(net);
    // ReLU of white inputs: positions share (E phi)^2 = 1/(2 pi), and 16 of them are averaged.
    double shared = 0.5 / acos(-1);
    net = predict("input 4x4x3 conv1-5 relu globalpool fc-7", init_unit_input, l);
    ck_assert_double_eq_tol(l[2].square, (0.5 + 15 * shared) / 16, 1e-12);
    net_free(net);
    net = predict("input 4x4x3 conv1-5 relu batchnorm dropout p=0.2 fc-7", init_unit_input, l);
    ck_assert_double_eq_tol(l[2].square, (0.5 - shared) / (0.5 - shared + 1e-5), 1e-12);
    ck_assert_double_eq_tol(l[3].square, l[2].square / 0.8, 1e-12);
    net_free(net);
}
END_TEST

// Inputs that share 0.3 of their square: of a padded 3x3 window on 5x4 two positions have those
// taps in common that are live at both, per axis sum f^2 of sum f taps live in a part f of the
// positions.
START_TEST(batchnorm_takes_what_positions_share) {
    InitLayer l[LAYERS];
    Net *net = predict("input 5x4x3 conv3-5 batchnorm fc-7", (InitInput){0, 2, 0.6, 0}, l);
    double rows = (0.64 + 1 + 0.64) / 2.6, columns = (0.5625 + 1 + 0.5625) / 2.5;
    double variance = 1 - 0.3 * rows * columns;
    ck_assert_double_eq_tol(l[0].gradient / l[1].gradient, 1 / (variance + 1e-5), 1e-12);
    ck_assert_double_eq_tol(l[1].square, variance / (variance + 1e-5), 1e-12);
    net_free(net);
}
END_TEST

// The channels of a position, relu(N(0, 1)): mean 1/sqrt(2 pi), variance 1/2 - 1/(2 pi). Their mean
// is what two positions share, so nothing is left of that.
START_TEST(layernorm_levels_channels) {
    InitLayer l[LAYERS];
    double variance = 0.5 - 0.5 / acos(-1), scale = 1 / (variance + 0.0385);
    Net *net = predict("input 4x4x3 conv1-5 relu layernorm eps=0.0385 fc-7", init_unit_input, l);
    ck_assert_double_eq(l[2].mean, 0);
    ck_assert_double_eq_tol(l[2].square, variance * scale, 1e-14);
    ck_assert_double_eq_tol(l[2].shared, 0, 1e-15);
    ck_assert_double_eq_tol(l[3].sigma, 1 / sqrt(80 * variance * scale), 1e-14);
    ck_assert_double_eq_tol(l[1].gradient, scale * l[2].gradient, 1e-14);
    net_free(net);
    net = predict("input 4x4x3 conv1-5 layernorm eps=1e-3",
                  (InitInput){.mean = 0.3, .square = 2.385, .shared = 0.77}, l);
    ck_assert_double_eq_tol(l[1].square, 1 / 1.001, 1e-14); // of u, whose mean is 0
    ck_assert_double_eq_tol(l[1].shared, 0.77 / 2.385 / 1.001, 1e-14);
    net_free(net);
}
END_TEST

// What a block gives and what it bypasses add: 1 + 1/2 after ReLU, and the next layer divides.
START_TEST(residuals_add) {
    InitLayer l[LAYERS];
    Net *net = predict("input 9 fc-8 relu residual { fc-8 } fc-5", init_unit_input, l);
    ck_assert_double_eq_tol(l[3].square, 1.5, 1e-14);
    ck_assert_double_eq_tol(l[4].sigma, 1 / sqrt(8 * 1.5), 1e-14);
    net_free(net);
    // A block that ends in ReLU has a mean in common: 1/2 + 1/2 + 2 (1/sqrt(2 pi))^2.
    net = predict("input 9 fc-8 relu residual { fc-8 relu } fc-5", init_unit_input, l);
    ck_assert_double_eq_tol(l[4].square, 1 + 1 / acos(-1), 1e-12);
    net_free(net);
}
END_TEST

START_TEST(every_kind_has_a_rule) {
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++)
        ck_assert_msg((*kind)->signal || (*kind)->is_activation, "%s", (*kind)->name);
}
END_TEST

// Where a signal ends in an otherwise sound network, and the layer that says so.
typedef struct Dead {
    const char *net;
    double square; // of the input
    size_t at;
    const char *found;
} Dead;

static const Dead DEAD[] = {
    {"input 9 fc-8 dropout p=1 fc-5", 1, 2, "0"},
    {"input 9 fc-8 tanh fc-5", 0, 0, "0"},
    {"input 9 relu fc-8", 0, 1, "0"},                               // relu of an input of zeros
    {"input 4x4x3 conv3-1 layernorm relu flatten fc-5", 1, 4, "0"}, // one channel is its own mean
    {"input 9 fc-8 tanh fc-5", INFINITY, 0, "inf"},
};

START_TEST(nothing_comes_through) {
    const Dead *dead = &DEAD[_i];
    Error error;
    size_t at;
    char message[100];
    InitLayer l[LAYERS];
    Net *net = net_of(dead->net);
    InitOptions options = {EXACT, LAW_SCHEME, 0, {.square = dead->square}, false};
    ck_assert(!init_predict(net, &options, l, &at, &error));
    ck_assert_uint_eq(at, dead->at);
    snprintf(message, sizeof message,
             "its inputs have second moment %s, and no initialisation makes that 1", dead->found);
    ck_assert_str_eq(error.text, message);
    float w[1000];
    ck_assert(!init_fill(net, &options, w, &error));
    ck_assert_ptr_nonnull(strstr(error.text, message));
    ck_assert_int_eq(strncmp(error.text, net->layer[at].name, strlen(net->layer[at].name)), 0);
    net_free(net);
}
END_TEST

// The quick way to E phi(x) phi(x') against quadrature in two dimensions, for closed forms, Hermite
// series and what falls back on that quadrature; and the same law asked for twice.
START_TEST(pairs_of_every_activation) {
    static const char *const phi[] = {
        "relu", "leaky slope=0.19", "tanh",   "gelu", "silu", "elu", "selu",
        "sign", "hardtanh",         "sigmoid"};
    static const ActivationLaw law[] = {{0, 1}, {0, 2.385}, {0.7, 0.019}};
    static const double rho[] = {-0.9, -0.1, 0.3, 0.75, 0.999, 1 - 1e-7};
    Activation *activation = activation_read(phi[_i], strlen(phi[_i]), NULL);
    Pairs pairs = pairs_of(activation);
    ck_assert(pairs.linear == (_i < 2));
    for (int l = 0; l < 3; l++) {
        double second;
        ck_assert(activation_second_moment(activation, law[l], &second, NULL));
        for (int r = 0; r < 6; r++) {
            double off;
            double slow = activation_product_moment(activation, law[l], law[l], rho[r], &off);
            ck_assert_double_le(off, 1e-11 * second);
            for (int again = 0; again < 2; again++)
                ck_assert_double_eq_tol(pairs_moment(&pairs, law[l], second, rho[r]), slow,
                                        off + 3e-13 * second);
        }
    }
    activation_free(activation);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("init/predict");
    TCase *all = tcase_create("predict");
    tcase_add_loop_test(all, dense_layers_follow_theory, 0, sizeof CASES / sizeof *CASES);
    tcase_add_test(all, first_layer_sees_the_data);
    tcase_add_loop_test(all, borders_are_counted, 0, sizeof WINDOWS / sizeof *WINDOWS);
    tcase_add_test(all, positions_are_followed);
    tcase_add_test(all, convolution_by_simulation);
    tcase_add_test(all, pools_and_norms);
    tcase_add_test(all, batchnorm_takes_what_positions_share);
    tcase_add_test(all, layernorm_levels_channels);
    tcase_add_test(all, residuals_add);
    tcase_add_loop_test(all, pairs_of_every_activation, 0, 10);
    tcase_add_test(all, every_kind_has_a_rule);
    tcase_add_loop_test(all, nothing_comes_through, 0, sizeof DEAD / sizeof *DEAD);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
