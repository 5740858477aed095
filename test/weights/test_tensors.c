// Files of tensors: what is written reads back, numbers of other types are converted, whatever a
// header says wrong is refused with its place, and what does not fit a network is named.
#include "weights/tensors.h"
#include "weights/weights.h"
#include "invariants.h"
#include "run_suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A file with this header and so many bytes of numbers, exactly as long as that on the heap.
static char *make_file(const char *header, size_t numbers, size_t *size) {
    size_t length = strlen(header);
    *size = 8 + length + numbers;
    char *bytes = calloc(*size, 1);
    for (int i = 0; i < 8; i++) bytes[i] = (char)(length >> 8 * i);
    memcpy(bytes + 8, header, length);
    for (size_t i = 0; i < numbers; i++) bytes[8 + length + i] = (char)i;
    return bytes;
}

static void refused(const char *bytes, size_t size, const char *message) {
    Tensors tensors;
    Error error;
    ck_assert(!tensors_parse("a.st", bytes, size, &tensors, &error));
    ck_assert_msg(strncmp(error.text, message, strlen(message)) == 0, "%s", error.text);
}

#define F32(name, shape, begin, end)                                                               \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end "]}"

static const struct {
    const char *header;
    size_t numbers;
    const char *message;
} BAD[] = {
    {"", 0, "a.st: byte 8: a safetensors header begins with {"},
    {"[]", 0, "a.st: byte 8: a safetensors header begins with {"},
    {"{\"a\":[[[", 0, "a.st: byte 15: the safetensors header nests deeper than 3 levels"},
    {"{\"[{\\\"[{\":{\"b\":[{}]}}", 0, "a.st: byte 24: the safetensors header nests deeper than 3"},
    {"{" F32("a",
             "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
             "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
             0, 4) "}",
     4, "a.st: byte 166: the safetensors header has a list of more than 64 values"},
    {"{\"a\":1}", 0, "a.st: byte 8: tensor \"a\" is of type unknown; safetensors has F32 F64 "},
    {"{\"a\":}", 0, "a.st: byte 14: the safetensors header is no JSON: "},
    {"{\"a\":{\"dtype\":\"F33\"}}", 0, "a.st: byte 8: tensor \"a\" is of type F33; safetensors"},
    {"{\"a\":{\"dtype\":\"F32\"}}", 0, "a.st: byte 8: tensor \"a\" has no shape"},
    {"{" F32("a", "[1,1,1,1,1,1,1,1,1]", 0, 4) "}", 4,
     "a.st: byte 8: tensor \"a\" has more than 8"},
    {"{" F32("a", "[2,-1]", 0, 4) "}", 4, "a.st: byte 8: tensor \"a\" has a size that is no whole"},
    {"{" F32("a", "[2.5]", 0, 4) "}", 4, "a.st: byte 8: tensor \"a\" has a size that is no whole"},
    {"{" F32("a", "[4294967296,4294967296]", 0, 4) "}", 4,
     "a.st: byte 8: tensor \"a\" has more numbers than can be counted"},
    {"{" F32("a", "[4611686018427387904]", 0, 4) "}", 4,
     "a.st: byte 80: tensor \"a\", F32 [4611686018427387904], should lie at bytes 0 to 4 of the 4"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4,
     "a.st: byte 8: tensor \"a\" has no data_offsets [BEGIN, END]"},
    {"{" F32("a", "[3]", 0, 12) "}", 11,
     "a.st: byte 63: tensor \"a\", F32 [3], should lie at bytes 0 to 12 of the 11 that follow the "
     "header: truncated or corrupt"},
    {"{" F32("a", "[3]", 0, 8) "}", 12, "a.st: byte 62: tensor \"a\", F32 [3], should lie at"},
    {"{" F32("a", "[3]", -12, 0) "}", 12, "a.st: byte 64: tensor \"a\", F32 [3], should lie at"},
    {"{" F32("a", "[3]", 12, 0) "}", 12, "a.st: byte 63: tensor \"a\", F32 [3], should lie at"},
    {"{" F32("a", "[3]", 0, 12) "}", 14, "a.st: byte 75: 2 bytes that belong to no tensor"},
    {"{" F32("a", "[1]", 4, 8) "}", 8,
     "a.st: byte 66: tensor \"a\" begins here, behind a gap from"},
    {"{" F32("a", "[2]", 0, 8) "," F32("b", "[2]", 4, 12) "}", 12,
     "a.st: byte 120: tensor \"b\" begins here, inside the one that ends at byte 124"},
    {"{" F32("a", "[2]", 0, 8) "," F32("a", "[2]", 8, 16) "}", 16,
     "a.st: byte 65: the safetensors header is no JSON: duplicate object key"},
    {"{\"__metadata__\":3}", 0, "a.st: byte 8: __metadata__ is no JSON object"},
    {"{\"__metadata__\":{\"epoch\":3}}", 0, "a.st: byte 8: \"epoch\" in __metadata__ is no text"},
};

START_TEST(what_a_header_says_wrong_is_refused) {
    size_t size;
    char *bytes = make_file(BAD[_i].header, BAD[_i].numbers, &size);
    refused(bytes, size, BAD[_i].message);
    free(bytes);
}
END_TEST

START_TEST(broken_lengths_are_refused) {
    refused("\5\0\0", 3, "a.st: byte 3: ends inside the length of the safetensors header");
    refused("\5\0\0\0\0\0\0\0{}", 10,
            "a.st: byte 8: the safetensors header should take 5 bytes, "
            "but 2 follow: truncated, or not a safetensors file");
    refused("\1\2\3\4\5\6\7\0\7", 9,
            "a.st: byte 0: the safetensors header should take 1976943448883713 bytes, and at most "
            "104857600 are read: not a safetensors file?");
    refused("\1\2\3\4\5\6\7\10{", 9, "a.st: byte 0: the safetensors header should take");
}
END_TEST

// [2.385, -0.0308, 65504, 2^-24 (the smallest half), inf] as other types have it.
START_TEST(other_types_are_converted) {
    static const struct {
        const char *type;
        unsigned char bytes[10];
        float value;
        int width;
    } CASES[] = {
        {"F64", {0x7b, 0x14, 0xae, 0x47, 0xe1, 0x7a, 0x02, 0x40}, 2.31F, 8},
        {"F16", {0xc5, 0x40}, 2.384765625F, 2}, // numpy.float16(2.385)
        {"F16", {0xff, 0xfb}, -65504, 2},
        {"F16", {0x01, 0x00}, 5.9604645e-08F, 2},
        {"F16", {0x00, 0x7c}, INFINITY, 2},
        {"BF16", {0x19, 0xc0}, -2.390625F, 2},
    };
    Text header = {0};
    size_t size;
    Tensors tensors;
    float value;
    const int width = CASES[_i].width;
    text_printf(&header, "{\"a\":{\"dtype\":\"%s\",\"shape\":[],\"data_offsets\":[0,%d]}}",
                CASES[_i].type, width);
    char *bytes = make_file(header.data, (size_t)width, &size);
    memcpy(bytes + size - width, CASES[_i].bytes, (size_t)width);
    ck_assert(tensors_parse("a.st", bytes, size, &tensors, NULL));
    ck_assert_uint_eq(tensors.count, 1);
    ck_assert(tensors_read(&tensors.tensor[0], &value, NULL));
    ck_assert_msg(value == CASES[_i].value, "%.9g", (double)value);
    tensors_free(&tensors);
    free(bytes);
    text_free(&header);
}
END_TEST

START_TEST(whole_numbers_are_not_read) {
    size_t size;
    float value;
    Error error;
    Tensors tensors;
    char *bytes =
        make_file("{\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}", 8, &size);
    ck_assert(tensors_parse("a.st", bytes, size, &tensors, NULL));
    ck_assert(!tensors_read(tensors_find(&tensors, "a"), &value, &error));
    ck_assert_str_eq(error.text,
                     "a.st: byte 61: tensor \"a\" is of type I64; F32, F64, F16 and BF16 are read. "
                     "In Python:\n"
                     "    from safetensors.torch import load_file, save_file\n"
                     "    save_file({k: v.float() for k, v in load_file(\"a.st\").items()}, "
                     "\"float.safetensors\")");
    tensors_free(&tensors);
    free(bytes);
}
END_TEST

// ---- with a network ----

static const char NET[] = "input 5x5x2 conv3-3 bn relu pool2 fc-3 relu fc-2 softmax";

static Net *build(const char *text) {
    NetProgram *program = net_parse("net", text, strlen(text), NULL);
    Net *net = net_build(program, NULL, NULL);
    net_program_free(program);
    return net;
}

static char *write_file(const Net *net, WeightNames names, size_t *size) {
    Error error;
    float *w = malloc((size_t)net->parameters * sizeof *w);
    float *buffers = malloc((size_t)net->buffers * sizeof *buffers + 1);
    for (int64_t i = 0; i < net->parameters; i++) w[i] = (float)sin(2.385 * (double)i + 1);
    for (int64_t i = 0; i < net->buffers; i++) buffers[i] = (float)cos(2.385 * (double)i);
    Settings metadata = {0};
    settings_set(&metadata, "by", "test", NULL);
    char *bytes;
    ck_assert_msg(weights_write("w.st", net, names, w, buffers, &metadata, &error), "%s",
                  error.text);
    ck_assert(file_read("w.st", 1 << 20, &bytes, size, &error));
    unlink("w.st");
    settings_free(&metadata);
    free(w);
    free(buffers);
    return bytes;
}

START_TEST(what_is_written_reads_back) {
    static const char *const VARIANCE[] = {"batchnorm1.running_var", "features.1.running_var",
                                           "1.running_var"};
    Net *net = build(NET);
    float w[200], buffers[6];
    size_t size;
    char *bytes = write_file(net, (WeightNames)_i, &size);
    Error error;
    ck_assert_int_eq(net->parameters, 110);
    ck_assert_msg(weights_unpack("w.st", bytes, size, net, w, buffers, &error), "%s", error.text);
    for (int i = 0; i < 110; i++) ck_assert(w[i] == (float)sin(2.385 * i + 1));
    for (int i = 0; i < 6; i++) ck_assert(buffers[i] == (float)cos(2.385 * i));
    Tensors tensors;
    ck_assert(tensors_parse("w.st", bytes, size, &tensors, NULL));
    ck_assert_str_eq(tensors_metadata(&tensors, "by"), "test");
    ck_assert(tensors_metadata(&tensors, "to") == NULL);
    ck_assert(tensors_find(&tensors, VARIANCE[_i]));
    tensors_free(&tensors);
    memory_free(bytes);
    net_free(net);
}
END_TEST

// Files that the safetensors package wrote: numbers i + 0.385 in every tensor, by our names in
// float, by torchvision's in F16, BF16, F64 and F32 by turns, with a count of batches.
START_TEST(what_others_wrote_is_read) {
    static const char *const FILES[] = {"own", "torchvision"};
    static const double ERRORS[] = {0, 1.0 / 256};
    static const float WANTED[] = {0.385F, 1.385F, 0.385F, 0.385F, 0.385F,
                                   0.385F, 1.385F, 2.385F, 0.385F};
    Net *net = build("input 3x2 conv1-1 bn fc-1");
    Text path = {0};
    Error error;
    float w[16], buffers[2];
    text_printf(&path, TOP "/fuzz/seeds/tensors/%s", FILES[_i]);
    ck_assert_int_eq(net->parameters, 9);
    WeightsFile *file = weights_open(path.data, &error);
    ck_assert_msg(file && weights_take(file, net, w, buffers, NULL, &error), "%s", error.text);
    weights_close(file);
    for (int i = 0; i < 9; i++)
        ck_assert_msg(fabsf(w[i] - WANTED[i]) <= ERRORS[_i] * WANTED[i], "%d: %.9g", i,
                      (double)w[i]);
    for (int i = 0; i < 2; i++) ck_assert(fabsf(buffers[i] - 0.385F) <= ERRORS[_i]);
    text_free(&path);
    net_free(net);
}
END_TEST

// Files that were written for another network.
START_TEST(what_does_not_fit_is_named) {
    static const struct {
        WeightNames names;
        const char *of, *message;
    } CASES[] = {
        {WEIGHTS_OWN, "input 5x5x2 conv3-3 bn relu pool2 fc-4 relu fc-2",
         "w.st: tensor \"fc1.weight\" at byte 1020 has shape [4, 12], the network wants [3, 12] (one of 3 "
         "such)"},
        {WEIGHTS_TORCHVISION, "input 5x5x2 conv5-3 bn relu pool2 fc-3 relu fc-2",
         "w.st: tensor \"features.0.weight\" at byte 792 has shape [3, 2, 5, 5], the network wants "
         "[3, 2, 3, 3]"},
        {WEIGHTS_OWN, "input 5x5x2 conv3-3 relu pool2 fc-3 relu fc-2",
         "w.st: missing: \"batchnorm1.weight\", \"batchnorm1.bias\", \"batchnorm1.running_mean\" "
         "and 1 more"},
        {WEIGHTS_OWN, "input 5x5x2 conv3-3 bn relu pool2 fc-3 relu fc-2 ln",
         "w.st: not in the network: \"layernorm1.bias\", \"layernorm1.weight\""},
        {WEIGHTS_OWN, "input 7 tanh ln",
         "w.st: missing: \"conv1.weight\", \"conv1.bias\", \"batchnorm1.weight\" and 7 more; not in "
         "the network: \"layernorm1.bias\", \"layernorm1.weight\""},
    };
    Net *net = build(NET), *other = build(CASES[_i].of);
    float w[200], buffers[6];
    size_t size;
    Error error;
    char *bytes = write_file(other, CASES[_i].names, &size);
    ck_assert(!weights_unpack("w.st", bytes, size, net, w, buffers, &error));
    ck_assert_str_eq(error.text, CASES[_i].message);
    memory_free(bytes);
    net_free(other);
    net_free(net);
}
END_TEST

// Any byte of the header changed, and any length: an error or harmless, never a crash.
START_TEST(broken_files_are_harmless) {
    Net *net = build(NET);
    size_t size;
    char *bytes = write_file(net, WEIGHTS_TORCHVISION, &size);
    for (size_t at = 0; at < 900; at++) {
        char kept = bytes[at];
        for (int bit = 0; bit < 8; bit += 3) {
            bytes[at] = (char)(kept ^ 1 << bit);
            weights_check_bytes(net, bytes, size);
        }
        bytes[at] = kept;
    }
    for (size_t part = 0; part < size; part++) {
        char *cut = malloc(part + 1);
        memcpy(cut, bytes, part);
        ck_assert(!weights_check_bytes(net, cut, part));
        free(cut);
    }
    ck_assert(weights_check_bytes(net, bytes, size));
    memory_free(bytes);
    net_free(net);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("weights/tensors");
    TCase *all = tcase_create("tensors");
    tcase_add_loop_test(all, what_a_header_says_wrong_is_refused, 0, sizeof BAD / sizeof *BAD);
    tcase_add_test(all, broken_lengths_are_refused);
    tcase_add_loop_test(all, other_types_are_converted, 0, 6);
    tcase_add_test(all, whole_numbers_are_not_read);
    tcase_add_loop_test(all, what_is_written_reads_back, 0, 3);
    tcase_add_loop_test(all, what_others_wrote_is_read, 0, 2);
    tcase_add_loop_test(all, what_does_not_fit_is_named, 0, 5);
    tcase_add_test(all, broken_files_are_harmless);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
