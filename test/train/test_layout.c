// Where a plan puts things: passes are gone through with a ledger of who wrote which stretch of
// memory last, and whatever a layer reads must still be what it takes it for.
#include "train/layout.h"
#include "run_suite.h"
#include <string.h>

enum { LANES = 16, NOBODY = 0, TENSOR = 1, GRADIENT = 1000000, SPARE = 2000000, SCRATCH = 3000000 };

typedef struct Ledger { // owner of each lane; tensors are whole lanes
    const Net *net;
    LayoutNeeds needs;
    Layout layout;
    int *owner;
} Ledger;

static size_t numbers(const Ledger *ledger, size_t t) {
    const Layer *writer = layout_writer(ledger->net, t);
    return (size_t)shape_count(writer ? &writer->out : &ledger->net->input) * ledger->needs.groups *
           LANES;
}

static void claim(Ledger *ledger, size_t offset, size_t floats, int owner) {
    ck_assert_uint_eq(offset % LANES, 0);
    ck_assert_uint_le(offset + floats, ledger->layout.total);
    for (size_t i = offset / LANES; i < (offset + floats) / LANES; i++) ledger->owner[i] = owner;
}

static void expect(const Ledger *ledger, size_t offset, size_t floats, int owner, const char *who) {
    for (size_t i = offset / LANES; i < (offset + floats) / LANES; i++) {
        if (ledger->owner[i] == owner) continue;
        ck_abort_msg("%s: %d was overwritten by %d", who, owner, ledger->owner[i]);
    }
}

static size_t read_by(const Layer *layer, int i) {
    return (size_t)((i ? layer->from2 : layer->from) - LAYER_INPUT);
}

static void write_scratch(Ledger *ledger, const Layer *layer) {
    size_t work = layer->kind->work
                      ? layer->kind->work(layer, ledger->needs.groups, ledger->needs.threads)
                      : 0;
    claim(ledger, ledger->layout.work, work / LANES * LANES, SCRATCH);
}

static void go_forward(Ledger *ledger) {
    const Layout *layout = &ledger->layout;
    claim(ledger, layout->rows, numbers(ledger, 0), SCRATCH);
    claim(ledger, layout->tensor[0], numbers(ledger, 0), TENSOR);
    for (size_t l = 0; l < layout->layers; l++) {
        const Layer *layer = &ledger->net->layer[l];
        for (int i = 0; i < 1 + layer->kind->is_join; i++) {
            size_t t = read_by(layer, i);
            expect(ledger, layout->tensor[t], numbers(ledger, t), TENSOR + (int)t, layer->name);
        }
        write_scratch(ledger, layer);
        claim(ledger, layout->tensor[l + 1], numbers(ledger, l + 1), TENSOR + (int)l + 1);
        for (int i = 0; i < 1 + layer->kind->is_join; i++) { // not by accident in place
            size_t t = read_by(layer, i);
            int owner = layout->in_place[l] && i == 0 ? TENSOR + (int)l + 1 : TENSOR + (int)t;
            expect(ledger, layout->tensor[t], numbers(ledger, t), owner, layer->name);
        }
    }
    size_t L = layout->layers;
    claim(ledger, layout->loss, ledger->needs.groups * LANES, SCRATCH);
    expect(ledger, layout->tensor[L], numbers(ledger, L), TENSOR + (int)L, "loss");
}

// What backward finds where it looks for the output of layer l.
static int output_now(const Ledger *ledger, size_t t) {
    const Layout *layout = &ledger->layout;
    while (layout->reader[t] >= 0 && layout->in_place[layout->reader[t]])
        t = (size_t)layout->reader[t] + 1;
    return TENSOR + (int)t;
}

static void give(Ledger *ledger, size_t l, int i, bool *has) {
    const Layout *layout = &ledger->layout;
    size_t t = read_by(&ledger->net->layer[l], i);
    if (!layout->wanted[t]) return;
    if (has[t]) {
        claim(ledger, layout->spare, numbers(ledger, t), SPARE);
        expect(ledger, layout->gradient[t], numbers(ledger, t), GRADIENT + (int)t, "sum");
    }
    has[t] = true;
    claim(ledger, layout->gradient[t], numbers(ledger, t), GRADIENT + (int)t);
}

static void go_back(Ledger *ledger) {
    const Layout *layout = &ledger->layout;
    size_t L = layout->layers;
    bool *has = memory_new(L + 1, sizeof *has);
    claim(ledger, layout->gradient[L], numbers(ledger, L), GRADIENT + (int)L);
    has[L] = true;
    for (size_t l = L; l-- > 0;) {
        const Layer *layer = &ledger->net->layer[l];
        if (!layout->wanted[l + 1]) continue;
        ck_assert(has[l + 1]);
        write_scratch(ledger, layer);
        expect(ledger, layout->gradient[l + 1], numbers(ledger, l + 1), GRADIENT + (int)l + 1,
               layer->name);
        for (int i = 0; i < 1 + layer->kind->is_join; i++) {
            size_t t = read_by(layer, i);
            expect(ledger, layout->tensor[t], numbers(ledger, t), output_now(ledger, t),
                   layer->name);
            give(ledger, l, i, has);
            if (i == 0 && layer->kind->is_join && !layout->in_place[l])
                expect(ledger, layout->gradient[l + 1], numbers(ledger, l + 1),
                       GRADIENT + (int)l + 1, layer->name);
        }
    }
    for (size_t t = 0; t <= L; t++) ck_assert_int_eq(has[t], layout->wanted[t]);
    memory_free(has);
}

static void check(const Net *net, size_t groups, bool learns) {
    Ledger ledger = {.net = net, .needs = {net, groups, 2, learns}};
    layout_make(&ledger.needs, &ledger.layout);
    ledger.owner = memory_new(ledger.layout.total / LANES + 1, sizeof *ledger.owner);
    for (int step = 0; step < 2; step++) {
        go_forward(&ledger);
        if (learns) go_back(&ledger);
    }
    memory_free(ledger.owner);
    layout_free(&ledger.layout);
}

static Net *build(const char *model, const char *name, const char *value) {
    Error error = {0};
    NetProgram *program = net_read(model, &error);
    ck_assert_msg(program != NULL, "%s", error.text);
    Settings variables = {0};
    if (name) settings_set(&variables, name, value, NULL);
    Net *net = net_build(program, &variables, &error);
    ck_assert_msg(net != NULL, "%s", error.text);
    settings_free(&variables);
    net_program_free(program);
    return net;
}

static const char *const NETS[] = {
    "input 7 relu fc-5 relu tanh relu fc-3 softmax",
    "input 7 fc-5 residual { relu relu } relu fc-2",
    "input 7 residual { fc-7 } relu fc-2",
    "input 7 residual { relu } shortcut { tanh } fc-2",
    "input 6 residual { residual { fc-6 relu } relu residual { fc-6 } } shortcut { fc-6 } relu fc-2",
    "input 5x5x2 conv3-4 bn relu residual { conv3-4 bn relu conv3-4 bn } relu "
    "residual { conv3-6 stride=2 } shortcut { conv1-6 stride=2 } pool3 globalpool fc-2",
    "input 9 fc-9 residual { gelu fc-9 dropout } shortcut { relu dropout } relu dropout relu fc-1",
};

START_TEST(nothing_is_overwritten_too_early) {
    for (size_t i = 0; i < sizeof NETS / sizeof *NETS; i++) {
        Net *net = build(NETS[i], NULL, NULL);
        check(net, 1, true), check(net, 3, true), check(net, 2, false);
        net_free(net);
    }
}
END_TEST

START_TEST(nor_in_the_models) {
    static const char *const MODELS[][3] = {
        {"resnet18k", "k", "3"}, {"mcnn", "k", "2"}, {"mnist1d-cnn", NULL, NULL}, {"lenet5", NULL}};
    for (size_t i = 0; i < sizeof MODELS / sizeof *MODELS; i++) {
        Text path = {0};
        text_printf(&path, TOP "/models/%s.net", MODELS[i][0]);
        Net *net = build(path.data, MODELS[i][1], MODELS[i][2]);
        check(net, 2, true), check(net, 2, false);
        net_free(net);
        text_free(&path);
    }
}
END_TEST

// What evaluates keeps two tensors of a chain at a time, however deep it is.
START_TEST(depth_costs_an_evaluation_nothing) {
    size_t total[2];
    static const char *const DEPTH[] = {"10", "1000"};
    for (int i = 0; i < 2; i++) {
        Net *net = build("let d = 1 input 40 repeat {d} { fc-40 gelu } fc-40", "d", DEPTH[i]);
        LayoutNeeds needs = {net, 1, 1, false};
        Layout layout;
        layout_make(&needs, &layout);
        total[i] = layout.total;
        layout_free(&layout);
        net_free(net);
    }
    ck_assert_uint_eq(total[0], total[1]);
    ck_assert_uint_lt(total[0], 6 * 48 * LANES);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("train/layout");
    TCase *all = tcase_create("layout");
    tcase_add_test(all, nothing_is_overwritten_too_early);
    tcase_add_test(all, nor_in_the_models);
    tcase_add_test(all, depth_costs_an_evaluation_nothing);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
