// The networks of models/ against PyTorch and torchvision (reference.py wrote reference.h) and
// against published numbers, and the formats word for word.
#include "net/net.h"
#include "reference.h"
#include "run_suite.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static Net *build(const char *model, const char *variable, int64_t value) {
    Error error = {0};
    Settings set = {0};
    Text number = {0};
    text_printf(&number, "%lld", (long long)value);
    if (variable) settings_set(&set, variable, number.data, NULL);
    NetProgram *program = net_read(model, &error);
    ck_assert_msg(program != NULL, "%s", error.text);
    Net *net = net_build(program, &set, &error);
    ck_assert_msg(net != NULL, "%s", error.text);
    net_program_free(program);
    settings_free(&set);
    text_free(&number);
    return net;
}

static Net *build_own(const char *name, const char *variable, int64_t value) {
    Text path = {0};
    text_printf(&path, TOP "/models/%s.net", name);
    Net *net = build(path.data, variable, value);
    text_free(&path);
    return net;
}

static bool is_kind(const Layer *layer, const char *kind) {
    return strcmp(layer->kind->name, kind) == 0;
}

// ---- against PyTorch ----

static void check_layer(const Layer *layer, const ReferenceLayer *reference) {
    ck_assert_str_eq(layer->kind->name, reference->rank == 1 ? "fc" : "conv");
    ck_assert_int_eq(layer->out.rank, reference->rank);
    for (int i = 0; i < reference->rank; i++)
        ck_assert_int_eq(layer->out.size[i], reference->output[i]);
    ck_assert_int_eq(layer_parameters(layer), reference->parameters);
    ck_assert_int_eq(layer->macs, reference->macs);
    if (reference->rank == 1) return;
    ck_assert_int_eq(layer->receptive, reference->receptive);
    ck_assert_int_eq(layer->stride, reference->stride);
}

// What the first layer without positions reads; NULL where the input has none.
static const Layer *last_with_positions(const Net *net) {
    for (size_t i = 0; net->input.rank > 1 && i < net->layers; i++) {
        const Layer *layer = &net->layer[i];
        if (is_kind(layer, "fc") || is_kind(layer, "globalpool")) return &net->layer[layer->from];
    }
    return NULL;
}

START_TEST(test_reference) {
    const Reference *reference = &references[_i];
    Net *net = build_own(reference->model, reference->variable, reference->value);
    ck_assert_int_eq(net->parameters, reference->parameters);
    ck_assert_int_eq(net->macs, reference->macs);
    int found = 0;
    for (size_t i = 0; i < net->layers; i++) {
        const Layer *layer = &net->layer[i];
        if (!is_kind(layer, "fc") && !is_kind(layer, "conv")) continue;
        ck_assert_int_lt(found, reference->layers);
        check_layer(layer, &reference->layer[found++]);
    }
    ck_assert_int_eq(found, reference->layers);
    const Layer *last = last_with_positions(net);
    ck_assert_int_eq(last ? last->receptive : 0, reference->receptive);
    ck_assert_int_eq(last ? last->stride : 0, reference->stride);
    net_free(net);
}
END_TEST

// ---- against published numbers ----

static const struct Published {
    const char *model;
    int64_t parameters, macs; // macs 0: not published
} published[] = {
    // Simonyan, Zisserman 2015, table 2, counted exactly; He et al. 2016 and torchvision's pages.
    {"vgg11", 132863336, 7609090048},
    {"vgg13", 133047848, 0},
    {"vgg16", 138357544, 0},
    {"vgg19", 143667240, 0},
    {"alexnet", 61100840, 0},
    {"resnet18", 11689512, 1814073344},
    {"resnet34", 21797672, 3663761408},
    {"resnet50", 25557032, 4089184256},
    {"lenet5", 61706, 0},
    {"mnist1d-cnn", 5210, 0},
};

START_TEST(test_published) {
    Net *net = build_own(published[_i].model, NULL, 0);
    ck_assert_int_eq(net->parameters, published[_i].parameters);
    if (published[_i].macs) ck_assert_int_eq(net->macs, published[_i].macs);
    net_free(net);
}
END_TEST

START_TEST(test_vgg11_by_layer) {
    static const int64_t parameters[] = {1792,    73856,   295168,    590080,   1180160, 2359808,
                                         2359808, 2359808, 102764544, 16781312, 4097000};
    Net *net = build_own("vgg11", NULL, 0);
    size_t found = 0;
    int64_t fc = 0;
    for (size_t i = 0; i < net->layers; i++) {
        int64_t own = layer_parameters(&net->layer[i]);
        if (own) ck_assert_int_eq(own, parameters[found++]);
        if (is_kind(&net->layer[i], "fc")) fc += own;
    }
    ck_assert_uint_eq(found, 11);
    ck_assert_int_eq(fc, 123642856);
    ck_assert_int_eq(last_with_positions(net)->receptive, 150);
    net_free(net);
}
END_TEST

START_TEST(test_resnet18_field) {
    Net *net = build_own("resnet18", NULL, 0);
    ck_assert_int_eq(last_with_positions(net)->receptive, 435);
    net_free(net);
}
END_TEST

// Nakkiran et al. 2021 and Greydanus, Kobak 2024, by formula.
START_TEST(test_families) {
    for (int64_t k = 1; k < 40; k += 4) {
        Net *net = build_own("resnet18k", "k", k);
        ck_assert_int_eq(net->parameters, 2724 * k * k + 27 * k + 106 * k + 80 * k + 10);
        ck_assert_int_eq(net->macs, 135168 * k * k + 27728 * k);
        net_free(net);
        net = build_own("mcnn", "k", k);
        ck_assert_int_eq(net->parameters, 378 * k * k + 152 * k + 10);
        net_free(net);
        net = build_own("mnist1d-cnn", "c", k);
        ck_assert_int_eq(net->parameters, 6 * k * k + 58 * k + 10);
        net_free(net);
    }
}
END_TEST

// ---- the formats ----

static const char TINY[] = "let k = 2\ninput 9x7x3\nconv3-{k} stride=2 relu\nfc-500 softmax";

static const struct Golden {
    const char *file, *model, *called;
    NetFormat format;
    bool chw;
} goldens[] = {
    {"tiny.txt", TINY, "tiny", NET_TABLE, false},
    {"tiny-chw.txt", TINY, "tiny", NET_TABLE, true},
    {"tiny.json", TINY, "tiny", NET_JSON, false},
    {"tiny-chw.json", TINY, "tiny", NET_JSON, true},
    {"tiny.csv", TINY, "tiny", NET_CSV, false},
    {"tiny.md", TINY, "tiny", NET_MARKDOWN, false},
    {"tiny.tex", TINY, "tiny", NET_LATEX, false},
    {"mlp.txt", TOP "/models/mlp.net", "mlp", NET_TABLE, false},
    {"mlp.csv", TOP "/models/mlp.net", "mlp", NET_CSV, false},
    {"mlp.tex", TOP "/models/mlp.net", "mlp", NET_LATEX, false},
};

START_TEST(test_golden) {
    const struct Golden *golden = &goldens[_i];
    Error error = {0};
    Text path = {0}, text = {0};
    char *expected;
    size_t length;
    text_printf(&path, TOP "/test/net/golden/%s", golden->file);
    ck_assert_msg(file_read(path.data, 1 << 20, &expected, &length, &error), "%s", error.text);
    Net *net = build(golden->model, NULL, 0);
    net_count(net, golden->called, golden->format, golden->chw, &text);
    ck_assert_str_eq(text.data, expected);
    net_free(net);
    memory_free(expected);
    text_free(&path);
    text_free(&text);
}
END_TEST

static void check_contains(const Net *net, const char *called, NetFormat format, const char *part) {
    Text text = {0};
    net_count(net, called, format, false, &text);
    ck_assert_msg(strstr(text.data, part) != NULL, "no \"%s\" in\n%s", part, text.data);
    text_free(&text);
}

// The table of VGG-11 fits 100 columns.
START_TEST(test_width) {
    Net *net = build_own("vgg11", NULL, 0);
    Text text = {0};
    net_count(net, "vgg11", NET_TABLE, false, &text);
    for (const char *line = text.data; *line; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 100);
    check_contains(net, "vgg11", NET_TABLE, "123,642,856 of 132,863,336 parameters, 93.06 %\n");
    net_free(net);
    text_free(&text);
}
END_TEST

// Whatever the model is called: one line in a table, UTF-8 in JSON, nothing that TeX would run.
START_TEST(test_names) {
    Net *net = build("input 3 relu", NULL, 0);
    check_contains(net, " a\n\n\tb\r", NET_LATEX, ", count of a b \n% fully");
    check_contains(net, "a\xff\n\"b", NET_JSON, "\"model\": \"a\\\\xff\\n\\\"b\"");
    check_contains(net, "d\xc3\xa9j\xc3\xa0", NET_JSON, "\"model\": \"d\xc3\xa9j\xc3\xa0\"");
    char longer[] = "1234567890123456789012345678901234567890123456789012345678901";
    check_contains(net, longer, NET_TABLE, "34567890...\n\n");
    longer[60] = 0;
    check_contains(net, longer, NET_TABLE, "34567890\n\n");
    memcpy(longer + 59, "\xc3\xa9", 2); // a letter of two bytes at the cut
    check_contains(net, longer, NET_TABLE, "3456789\xc3\xa9\n\n");
    net_free(net);
}
END_TEST

// No parameters: a share of 0, not of nothing; bytes change their unit where they would round to
// 1024.00 of the smaller.
START_TEST(test_edges) {
    Net *net = build("input 3 relu", NULL, 0);
    check_contains(net, "a", NET_TABLE, "fully connected layers: 0 of 0 parameters, 0.00 %\n");
    check_contains(net, "a", NET_JSON, "\"share_fc\": 0.0,");
    net_free(net);
    static const struct {
        const char *model, *bytes;
    } sizes[] = {
        {"input 255 relu", " 1020 B\n"},
        {"input 256 relu", " 1.00 KiB\n"},
        {"input 262142 relu", " 1023.99 KiB\n"},
        {"input 262143 relu", " 1.00 MiB\n"},
        {"input 1000000000000000000 relu", " 3.47 EiB\n"},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        net = build(sizes[i].model, NULL, 0);
        check_contains(net, "a", NET_TABLE, sizes[i].bytes);
        net_free(net);
    }
}
END_TEST

// JSON is what a JSON reader takes, and its rows add up to its totals.
START_TEST(test_json) {
    Net *net = build_own("resnet18k", "k", 3);
    Text text = {0};
    net_count(net, "resnet18k", NET_JSON, false, &text);
    json_t *json = json_loads(text.data, 0, NULL);
    ck_assert_ptr_nonnull(json);
    static const char *const sums[] = {"parameters", "macs", "activation_bytes"};
    json_t *layers = json_object_get(json, "layers"), *layer;
    ck_assert_uint_eq(json_array_size(layers), net->layers);
    for (size_t s = 0; s < 3; s++) {
        int64_t sum = 0;
        size_t i;
        json_array_foreach(layers, i, layer) sum +=
            json_integer_value(json_object_get(layer, sums[s]));
        ck_assert_int_eq(sum, json_integer_value(json_object_get(json, sums[s])));
    }
    ck_assert_int_eq(json_integer_value(json_object_get(json, "parameters_fc")), 8 * 3 * 10 + 10);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(json, "variables"), "k")),
                     3);
    json_decref(json);
    net_free(net);
    text_free(&text);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

int main(void) {
    Suite *suite = suite_create("net/counts");
    TCase *cases = tcase_create("all");
    tcase_add_loop_test(cases, test_reference, 0, COUNT(references));
    tcase_add_loop_test(cases, test_published, 0, COUNT(published));
    tcase_add_test(cases, test_vgg11_by_layer);
    tcase_add_test(cases, test_resnet18_field);
    tcase_add_test(cases, test_families);
    tcase_add_loop_test(cases, test_golden, 0, COUNT(goldens));
    tcase_add_test(cases, test_width);
    tcase_add_test(cases, test_names);
    tcase_add_test(cases, test_edges);
    tcase_add_test(cases, test_json);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
