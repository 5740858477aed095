// What the kinds of layers make of a shape: output, parameters, multiply-adds, window and step,
// against PyTorch (shapes.py) and published counts; and what they refuse.
#include "layer/layer.h"
#include <string.h>

#include "shapes_reference.h"
#include "run_suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define SHAPE(...)                                                                                 \
    {                                                                                              \
        .rank = sizeof((int64_t[]){__VA_ARGS__}) / 8, .size = { __VA_ARGS__ }                      \
    }

// "stride=2 pad=1", as the language would set them.
static void set_options(Layer *layer, const char *options) {
    char text[100];
    ck_assert_uint_lt(strlen(options), sizeof text);
    strcpy(text, options);
    for (char *pair = strtok(text, " "); pair; pair = strtok(NULL, " ")) {
        char *value = strchr(pair, '=');
        *value++ = 0;
        const Option *option = option_find(layer->kind->options, layer_options(layer->kind), pair);
        ck_assert_msg(option != NULL, "%s has no %s", layer->kind->name, pair);
        Error error;
        ck_assert_msg(option_set(option, layer->option, value, NULL, &error), "%s", error.text);
    }
}

static Layer layer_of(const char *kind, int64_t kernel, int64_t size, const char *options,
                      Shape in) {
    Layer layer = {.kind = layer_find(kind), .kernel = kernel, .size = size, .in = in};
    ck_assert_msg(layer.kind != NULL, "no %s", kind);
    ck_assert(layer.kind->has_kernel || kernel == 0);
    ck_assert(layer.kind->has_size || size == 0);
    layer_set_defaults(&layer);
    set_options(&layer, options);
    return layer;
}

static Layer resolved(const char *kind, int64_t kernel, int64_t size, const char *options,
                      Shape in) {
    Layer layer = layer_of(kind, kernel, size, options, in);
    Error error;
    ck_assert_msg(layer.kind->resolve(&layer, &error), "%s", error.text);
    return layer;
}

static int64_t slot_count(const LayerSlot *slot) {
    int64_t count = 1;
    for (int i = 0; i < slot->rank; i++) count *= slot->size[i];
    return count;
}

static int64_t parameters(const Layer *layer) {
    int64_t sum = 0;
    for (int s = 0; s < layer->slots; s++) sum += slot_count(&layer->slot[s]);
    return sum;
}

// PyTorch

static void check_weight(const Layer *layer, const Reference *wanted) {
    if (wanted->weight.rank == 0) {
        ck_assert_int_eq(layer->slots, 0);
        return;
    }
    const LayerSlot *weight = &layer->slot[0];
    ck_assert_str_eq(weight->name, "weight");
    ck_assert_int_eq(weight->rank, wanted->weight.rank);
    for (int i = 0; i < weight->rank; i++)
        ck_assert_int_eq(weight->size[i], wanted->weight.size[i]);
    if (wanted->fan_in == 0) return;
    ck_assert_int_eq(weight->fan_in, wanted->fan_in);
    ck_assert_int_eq(weight->fan_out, wanted->fan_out);
}

START_TEST(pytorch_resolves_the_same) {
    const Reference *wanted = &REFERENCE[_i];
    Layer layer = layer_of(wanted->kind, wanted->kernel, wanted->size, wanted->options, wanted->in);
    Error error = {0};
    bool ok = layer.kind->resolve(&layer, &error);
    ck_assert_msg(ok == (wanted->out.rank > 0), "%s%d %s: %s", wanted->kind, (int)wanted->kernel,
                  wanted->options, error.text);
    if (!ok) return;
    ck_assert(shape_equal(&layer.out, &wanted->out));
    ck_assert_int_eq(parameters(&layer), wanted->parameters);
    ck_assert_int_eq(layer.macs, wanted->macs);
    if (wanted->window) ck_assert_int_eq(layer.window, wanted->window);
    if (wanted->step) ck_assert_int_eq(layer.step, wanted->step);
    check_weight(&layer, wanted);
}
END_TEST

// Published counts

typedef struct Word {
    const char *kind;
    int64_t kernel, size;
    const char *options;
} Word;

typedef struct Published {
    const char *name;
    Shape input;
    int64_t parameters, macs; // macs 0: not published
    Word word[20];
} Published;

static const Published PUBLISHED[] = {
    {"VGG-11 (Simonyan, Zisserman 2015)",
     SHAPE(224, 224, 3),
     132863336,
     7609090048,
     {{"conv", 3, 64, ""},
      {"pool", 2, 0, ""},
      {"conv", 3, 128, ""},
      {"pool", 2, 0, ""},
      {"conv", 3, 256, ""},
      {"conv", 3, 256, ""},
      {"pool", 2, 0, ""},
      {"conv", 3, 512, ""},
      {"conv", 3, 512, ""},
      {"pool", 2, 0, ""},
      {"conv", 3, 512, ""},
      {"conv", 3, 512, ""},
      {"pool", 2, 0, ""},
      {"fc", 0, 4096, ""},
      {"fc", 0, 4096, ""},
      {"fc", 0, 1000, ""}}},
    {"LeNet-5 with full connections (LeCun et al. 1998)",
     SHAPE(28, 28, 1),
     61706,
     0,
     {{"conv", 5, 6, ""},
      {"avgpool", 2, 0, ""},
      {"conv", 5, 16, "pad=0"},
      {"avgpool", 2, 0, ""},
      {"flatten", 0, 0, ""},
      {"fc", 0, 120, ""},
      {"fc", 0, 84, ""},
      {"fc", 0, 10, ""}}},
    {"mCNN(23), 378 k^2 + 152 k + 10 (Nakkiran et al. 2020)",
     SHAPE(32, 32, 3),
     378 * 23 * 23 + 152 * 23 + 10,
     0,
     {{"conv", 3, 23, ""},
      {"batchnorm", 0, 0, ""},
      {"conv", 3, 46, ""},
      {"batchnorm", 0, 0, ""},
      {"pool", 2, 0, ""},
      {"conv", 3, 92, ""},
      {"batchnorm", 0, 0, ""},
      {"pool", 2, 0, ""},
      {"conv", 3, 184, ""},
      {"batchnorm", 0, 0, ""},
      {"pool", 2, 0, ""},
      {"pool", 4, 0, ""},
      {"fc", 0, 10, ""}}},
};

START_TEST(published_networks_have_their_size) {
    const Published *wanted = &PUBLISHED[_i];
    Shape shape = wanted->input;
    int64_t sum = 0, macs = 0;
    for (const Word *word = wanted->word; word->kind; word++) {
        Layer layer = resolved(word->kind, word->kernel, word->size, word->options, shape);
        sum += parameters(&layer);
        macs += layer.macs;
        shape = layer.out;
    }
    ck_assert_msg(sum == wanted->parameters, "%s: %lld", wanted->name, (long long)sum);
    if (wanted->macs) ck_assert_int_eq(macs, wanted->macs);
}
END_TEST

// Slots

static void check_slot(const Layer *layer, int i, const char *name, LayerRole role, int64_t count,
                       int64_t fan_in, int64_t fan_out) {
    const LayerSlot *slot = &layer->slot[i];
    ck_assert_int_lt(i, layer->slots);
    ck_assert_str_eq(slot->name, name);
    ck_assert_int_eq(slot->role, role);
    ck_assert_int_eq(slot_count(slot), count);
    ck_assert_int_eq(slot->fan_in, fan_in);
    ck_assert_int_eq(slot->fan_out, fan_out);
}

START_TEST(slots_have_roles_and_fans) {
    Layer conv = resolved("conv", 3, 35, "groups=7 stride=2", (Shape)SHAPE(9, 11, 14));
    ck_assert_int_eq(conv.slots, 2);
    check_slot(&conv, 0, "weight", ROLE_WEIGHT, 35 * 2 * 9, 18, 45);
    check_slot(&conv, 1, "bias", ROLE_BIAS, 35, 18, 45);
    Layer bare = resolved("conv", 3, 35, "bias=no", (Shape)SHAPE(9, 14));
    ck_assert_int_eq(bare.slots, 1);
    check_slot(&bare, 0, "weight", ROLE_WEIGHT, 35 * 14 * 3, 42, 105);
    const char *const norms[] = {"batchnorm", "layernorm"};
    for (int i = 0; i < COUNT(norms); i++) {
        Layer norm = resolved(norms[i], 0, 0, "", (Shape)SHAPE(5, 3, 19));
        ck_assert_int_eq(norm.slots, 2);
        check_slot(&norm, 0, "weight", ROLE_SCALE, 19, 1, 1);
        check_slot(&norm, 1, "bias", ROLE_SHIFT, 19, 1, 1);
    }
}
END_TEST

// Windows that no sliding finds: everything, and nothing.
START_TEST(what_sees_all_says_so) {
    const Shape wide = SHAPE(7, 13, 2), high = SHAPE(17, 5, 2), row = SHAPE(41);
    ck_assert_int_eq(resolved("flatten", 0, 0, "", wide).window, 13);
    ck_assert_int_eq(resolved("flatten", 0, 0, "", high).window, 17);
    ck_assert_int_eq(resolved("fc", 0, 3, "", high).window, 17);
    ck_assert_int_eq(resolved("globalpool", 0, 0, "", wide).window, 13);
    ck_assert_int_eq(resolved("fc", 0, 3, "", row).window, 1);
    ck_assert_int_eq(resolved("flatten", 0, 0, "", row).window, 1);
    const char *const pointwise[] = {"batchnorm", "layernorm", "dropout", "relu"};
    for (int i = 0; i < COUNT(pointwise); i++) {
        Layer layer = resolved(pointwise[i], 0, 0, "", wide);
        ck_assert_int_le(layer.window, 1);
        ck_assert_int_le(layer.step, 1);
    }
}
END_TEST

// Joins

START_TEST(a_residual_adds_equal_shapes) {
    Layer layer = layer_of("residual", 0, 0, "", (Shape)SHAPE(16, 17, 32));
    ck_assert(layer.kind->is_join);
    layer.in2 = layer.in;
    Error error;
    ck_assert(layer.kind->resolve(&layer, &error));
    ck_assert(shape_equal(&layer.out, &layer.in));
    ck_assert_int_eq(layer.slots, 0);
    ck_assert_int_eq(layer.macs, 0);
    const Shape others[] = {SHAPE(32, 33, 16), SHAPE(16, 17), SHAPE(16, 17, 31)};
    for (int i = 0; i < COUNT(others); i++) {
        layer.in2 = others[i];
        ck_assert(!layer.kind->resolve(&layer, &error));
        ck_assert_str_eq(error.text, "a sum takes two equal shapes");
    }
}
END_TEST

// Refused

#define HUGE_SIZE 4611686018427387905 // 2^62 + 1

typedef struct Refused {
    const char *kind;
    int64_t kernel, size;
    const char *options;
    Shape in;
    const char *error;
} Refused;

static const Refused REFUSED[] = {
    {"conv", 3, 8, "", SHAPE(40),
     "its window slides over positions, and 40 features have none; a row of 40 numbers is 40x1"},
    {"avgpool", 3, 0, "", SHAPE(17),
     "its window slides over positions, and 17 features have none; a row of 17 numbers is 17x1"},
    {"globalpool", 0, 0, "", SHAPE(40), "it averages over positions, and 40 features have none"},
    {"conv", 0, 8, "", SHAPE(9, 3), "its window is 0; it takes a whole number from 1 to 1000000"},
    {"conv", INT64_MIN, 8, "", SHAPE(9, 3),
     "its window is -9223372036854775808; it takes a whole number from 1 to 1000000"},
    {"pool", 1000001, 0, "", SHAPE(2000000, 3),
     "its window is 1000001; it takes a whole number from 1 to 1000000"},
    {"pool", INT64_MAX, 0, "", SHAPE(9, 3),
     "its window is 9223372036854775807; it takes a whole number from 1 to 1000000"},
    {"conv", 5, 8, "pad=0", SHAPE(3, 2),
     "a window of 5 needs a length of 5, and with pad=0 there is 3"},
    {"pool", 3, 0, "", SHAPE(2, 7, 2),
     "a window of 3 needs a height of 3, and with pad=0 there is 2"},
    {"avgpool", 7, 0, "pad=1", SHAPE(7, 4, 2),
     "a window of 7 needs a width of 7, and with pad=1 there is 6"},
    {"pool", 3, 0, "pad=2", SHAPE(7, 2),
     "pad=2 is more than half a window of 3; it takes at most 1"},
    {"avgpool", 4, 0, "pad=3", SHAPE(7, 9, 2),
     "pad=3 is more than half a window of 4; it takes at most 2"},
    {"conv", 3, 8, "groups=3", SHAPE(7, 16), "groups=3 must divide the channels, 16 in and 8 out"},
    {"conv", 3, 9, "groups=3", SHAPE(7, 16), "groups=3 must divide the channels, 16 in and 9 out"},
    {"conv", 3, 8, "groups=3", SHAPE(7, 15), "groups=3 must divide the channels, 15 in and 8 out"},
    {"conv", 1, HUGE_SIZE, "", SHAPE(7, 2),
     "a window of 1 from 2 to 4611686018427387905 channels has more weights than can be counted"},
    {"conv", 3, 1, "", SHAPE(1, 1, HUGE_SIZE),
     "a window of 3 from 4611686018427387905 to 1 channels has more weights than can be counted"},
    {"conv", 1000000, 2, "", SHAPE(2, 2, 4611687),
     "a window of 1000000 from 4611687 to 2 channels has more weights than can be counted"},
    {"conv", 1000000, 2, "", SHAPE(2, 2, 288230376151711744), // 10^6 of them are 0 modulo 2^64
     "a window of 1000000 from 288230376151711744 to 2 channels has more weights than can be counted"},
    {"conv", 1, 2, "", SHAPE(HUGE_SIZE, 1),
     "an output of 4611686018427387905x2 takes more multiply-adds than can be counted"},
    {"conv", 1, 1, "", SHAPE(4294967296, 4294967296, 1),
     "an output of 4294967296x4294967296x1 takes more multiply-adds than can be counted"},
    {"conv", 1, 1, "", SHAPE(HUGE_SIZE, 2),
     "an output of 4611686018427387905x1 takes more multiply-adds than can be counted"},
    {"conv", 1, 1, "pad=1", SHAPE(INT64_MAX - 1, 1),
     "a length of 9223372036854775806 with pad=1 is more than can be counted"},
    {"pool", 2, 0, "pad=1", SHAPE(3, INT64_MAX, 1),
     "a width of 9223372036854775807 with pad=1 is more than can be counted"},
    {"flatten", 0, 0, "", SHAPE(2, 2, HUGE_SIZE), "its input has more numbers than can be counted"},
    {"fc", 0, 2, "", SHAPE(HUGE_SIZE, 1),
     "4611686018427387905 inputs times 2 outputs are more weights than can be counted"},
};

START_TEST(what_does_not_fit_is_refused) {
    const Refused *wanted = &REFUSED[_i];
    Layer layer = layer_of(wanted->kind, wanted->kernel, wanted->size, wanted->options, wanted->in);
    Error error;
    ck_assert_msg(!layer.kind->resolve(&layer, &error), "not refused: %s", wanted->error);
    ck_assert_str_eq(error.text, wanted->error);
}
END_TEST

START_TEST(the_largest_sizes_still_count) {
    Layer conv = resolved("conv", 1, 1, "pad=0", (Shape)SHAPE(HUGE_SIZE, 1));
    ck_assert_int_eq(conv.macs, HUGE_SIZE);
    Layer pool = resolved("pool", 2, 0, "stride=1 pad=1", (Shape)SHAPE(INT64_MAX - 2, 1));
    ck_assert_int_eq(pool.out.size[0], INT64_MAX - 1);
    Layer flat = resolved("flatten", 0, 0, "", (Shape)SHAPE(1, 1, HUGE_SIZE));
    ck_assert_int_eq(flat.out.size[0], HUGE_SIZE);
    Layer wide = resolved("conv", 1000000, 2, "", (Shape)SHAPE(2, 2, 4611686));
    ck_assert_int_eq(parameters(&wide), 9223372000000000002);
}
END_TEST

// Options

START_TEST(defaults_follow_the_kernel) {
    static const int64_t PAD[] = {0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5}; // (K - 1) / 2
    for (int64_t kernel = 0; kernel < COUNT(PAD); kernel++) {
        Layer conv = {.kind = layer_find("conv"), .kernel = kernel};
        layer_set_defaults(&conv);
        ck_assert_int_eq(conv.option[0].whole, 1);
        ck_assert_int_eq(conv.option[1].whole, PAD[kernel]);
        ck_assert_int_eq(conv.option[2].whole, 1);
        ck_assert_int_eq(conv.option[3].choice, 1);
        Layer pool = {.kind = layer_find("pool"), .kernel = kernel};
        layer_set_defaults(&pool);
        ck_assert_int_eq(pool.option[0].whole, kernel);
        ck_assert_int_eq(pool.option[1].whole, 0);
    }
    Layer norm = layer_of("batchnorm", 0, 0, "", (Shape)SHAPE(3));
    ck_assert_double_eq(norm.option[0].real, 1e-5);
    ck_assert_double_eq(norm.option[1].real, 0.1);
    ck_assert_double_eq(layer_of("layernorm", 0, 0, "", norm.in).option[0].real, 1e-5);
    ck_assert_double_eq(layer_of("dropout", 0, 0, "", norm.in).option[0].real, 0.5);
}
END_TEST

static const struct {
    Word word;
    const char *printed;
} PRINTED[] = {
    {{"conv", 3, 64, ""}, "conv3-64"},
    {{"conv", 3, 64, "pad=1 stride=1 groups=1 bias=yes"}, "conv3-64"},
    {{"conv", 3, 64, "pad=0"}, "conv3-64 pad=0"},
    {{"conv", 4, 64, "pad=1"}, "conv4-64"},
    {{"conv", 7, 63, "bias=no groups=7 pad=2 stride=3"},
     "conv7-63 stride=3 pad=2 groups=7 bias=no"},
    {{"pool", 2, 0, "stride=2"}, "pool2"},
    {{"maxpool", 3, 0, "stride=2 pad=1"}, "pool3 stride=2 pad=1"},
    {{"avgpool", 5, 0, "stride=1"}, "avgpool5 stride=1"},
    {{"gap", 0, 0, ""}, "globalpool"},
    {{"flatten", 0, 0, ""}, "flatten"},
    {{"bn", 0, 0, "momentum=0.1 eps=0.00001"}, "batchnorm"},
    {{"bn", 0, 0, "momentum=0.01 eps=1e-3"}, "batchnorm eps=0.001 momentum=0.01"},
    {{"ln", 0, 0, "eps=1e-12"}, "layernorm eps=1e-12"},
    {{"dropout", 0, 0, "p=0.5"}, "dropout"},
    {{"dropout", 0, 0, "p=0.2385"}, "dropout p=0.2385"},
};

START_TEST(a_layer_prints_what_differs) {
    const Word *word = &PRINTED[_i].word;
    Layer layer = layer_of(word->kind, word->kernel, word->size, word->options, (Shape){0});
    Text text = {0};
    layer_print(&layer, &text);
    ck_assert_str_eq(text.data, PRINTED[_i].printed);
    text_free(&text);
}
END_TEST

static const struct {
    const char *kind, *option, *value, *error;
} RANGES[] = {
    {"conv", "stride", "0", "stride is \"0\"; it takes a whole number from 1 to 1000000"},
    {"conv", "pad", "-1", "pad is \"-1\"; it takes a whole number from 0 to 1000000"},
    {"conv", "groups", "0", "groups is \"0\"; it takes a whole number from 1 up"},
    {"conv", "bias", "2", "bias is \"2\"; it takes no, yes"},
    {"pool", "stride", "1000001",
     "stride is \"1000001\"; it takes a whole number from 1 to 1000000"},
    {"avgpool", "pad", "1000001", "pad is \"1000001\"; it takes a whole number from 0 to 1000000"},
    {"batchnorm", "eps", "0", "eps is \"0\"; it takes a number from 1e-12 to 1"},
    {"batchnorm", "momentum", "1.1", "momentum is \"1.1\"; it takes a number from 0 to 1"},
    {"layernorm", "eps", "nan", "eps is \"nan\"; it takes a number from 1e-12 to 1"},
    {"dropout", "p", "1.2385", "p is \"1.2385\"; it takes a number from 0 to 1"},
};

START_TEST(options_have_ranges) {
    Layer layer = {.kind = layer_find(RANGES[_i].kind), .kernel = 3};
    layer_set_defaults(&layer);
    const Option *option =
        option_find(layer.kind->options, layer_options(layer.kind), RANGES[_i].option);
    Error error;
    ck_assert(!option_set(option, layer.option, RANGES[_i].value, NULL, &error));
    ck_assert_str_eq(error.text, RANGES[_i].error);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layer/shapes");
    TCase *all = tcase_create("shapes");
    tcase_add_loop_test(all, pytorch_resolves_the_same, 0, COUNT(REFERENCE));
    tcase_add_loop_test(all, published_networks_have_their_size, 0, COUNT(PUBLISHED));
    tcase_add_test(all, slots_have_roles_and_fans);
    tcase_add_test(all, what_sees_all_says_so);
    tcase_add_test(all, a_residual_adds_equal_shapes);
    tcase_add_loop_test(all, what_does_not_fit_is_refused, 0, COUNT(REFUSED));
    tcase_add_test(all, the_largest_sizes_still_count);
    tcase_add_test(all, defaults_follow_the_kernel);
    tcase_add_loop_test(all, a_layer_prints_what_differs, 0, COUNT(PRINTED));
    tcase_add_loop_test(all, options_have_ranges, 0, COUNT(RANGES));
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
