// Names of tensors: what wraps a network is taken off and said, numbers of nn.Sequential are
// counted off, and shards are one file.
#include "base/json.h"
#include "run_suite.h"
#include "weights/tensors.h"
#include "weights/weights.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char NET[] = "input 5x5x2 conv3-3 bn relu pool2 fc-3 relu fc-2 softmax";
enum { PARAMETERS = 110, BUFFERS = 6 };

static Net *build(const char *text) {
    NetProgram *program = net_parse("net", text, strlen(text), NULL);
    Net *net = net_build(program, NULL, NULL);
    net_program_free(program);
    return net;
}

static float number(size_t i) {
    return 2.385F + (float)i;
}

// How a case calls a tensor; memory_free. NULL: as it is called.
typedef char *Rename(const char *name, size_t i);

// A file of the network's tensors `from` <= i < `to`, renamed.
static void write_part(const char *path, const Net *net, WeightNames names, Rename *rename,
                       size_t from, size_t to) {
    NetTensors list;
    Tensor tensor[20];
    float numbers[PARAMETERS + BUFFERS];
    Settings metadata = {0};
    char *bytes, *renamed[20] = {0};
    size_t size, count = 0;
    Error error;
    ck_assert_msg(weights_list(net, names, &list, &error), "%s", error.text);
    for (size_t i = 0; i < PARAMETERS + BUFFERS; i++) numbers[i] = number(i);
    for (size_t i = from; i < list.count && i < to; i++) {
        const NetTensor *own = &list.tensor[i];
        size_t at = (size_t)own->offset + (own->is_buffer ? PARAMETERS : 0);
        renamed[count] = rename ? rename(own->name, i) : memory_text(own->name);
        tensor[count] = (Tensor){.name = renamed[count], .rank = own->rank, .count = own->count};
        memcpy(tensor[count].size, own->size, sizeof own->size);
        tensor[count++].numbers = numbers + at;
    }
    ck_assert(tensors_pack(tensor, count, &metadata, &bytes, &size, NULL));
    ck_assert(file_write(path, bytes, size, NULL));
    for (size_t i = 0; i < count; i++) memory_free(renamed[i]);
    memory_free(bytes);
    weights_list_free(&list);
}

static char *with_prefix(const char *prefix, const char *name) {
    Text text = {0};
    text_printf(&text, "%s%s", prefix, name);
    return text.data;
}

static char *parallel(const char *name, size_t i) {
    (void)i;
    return with_prefix("module.", name);
}

static char *compiled(const char *name, size_t i) {
    (void)i;
    return with_prefix("module._orig_mod.", name);
}

static char *lightning(const char *name, size_t i) {
    (void)i;
    return with_prefix("model._orig_mod.module.", name);
}

static char *backbone(const char *name, size_t i) {
    (void)i;
    return with_prefix("ema.module.backbone.", name);
}

// PyTorch's own example: model.features = nn.DataParallel(model.features).
static char *features_parallel(const char *name, size_t i) {
    (void)i;
    if (!text_starts(name, "features.")) return memory_text(name);
    return with_prefix("features.module.", name + strlen("features."));
}

static char *sharded(const char *name, size_t i) { // FSDP wraps some parts
    return with_prefix(
        i < 3 ? "_fsdp_wrapped_module.a._fsdp_wrapped_module." : "_fsdp_wrapped_module.a.", name);
}

// The numbers of a longer nn.Sequential: 1, 4, 10, 12 for 0, 1, 5, 7.
static char *spread(const char *name, size_t i) {
    (void)i;
    static const char *const TO[] = {"1", "4", NULL, NULL, NULL, "10", NULL, "12"};
    return with_prefix(TO[*name - '0'], name + 1);
}

static char *nested(const char *name, size_t i) { // one nn.Sequential in another
    (void)i;
    static const char *const TO[] = {"net.0.0", "net.0.1", NULL, NULL,
                                     NULL,      "net.2",   NULL, "net.10"};
    return with_prefix(TO[*name - '0'], name + 1);
}

static const struct {
    WeightNames names;
    Rename *rename;
    const char *said;
} CASES[] = {
    {WEIGHTS_OWN, NULL, NULL},
    {WEIGHTS_TORCHVISION, NULL, NULL},
    {WEIGHTS_OWN, parallel, "w.st: names are read without \"module.\"\n"},
    {WEIGHTS_TORCHVISION, compiled, "w.st: names are read without \"module._orig_mod.\"\n"},
    {WEIGHTS_OWN, lightning, "w.st: names are read without \"model._orig_mod.module.\"\n"},
    {WEIGHTS_TORCHVISION, backbone, "w.st: names are read without \"ema.module.backbone.\"\n"},
    {WEIGHTS_TORCHVISION, features_parallel, "w.st: names are read without \"module.\"\n"},
    {WEIGHTS_OWN, sharded, "w.st: names are read without \"_fsdp_wrapped_module.\" and \"a.\"\n"},
    {WEIGHTS_SEQUENTIAL, NULL,
     "w.st: numbers of nn.Sequential are read in their order: 0 is conv1, 1 is batchnorm1, 5 is "
     "fc1, 7 is fc2\n"},
    {WEIGHTS_SEQUENTIAL, parallel,
     "w.st: names are read without \"module.\"; and numbers of nn.Sequential in their order: 0 is "
     "conv1, 1 is batchnorm1, 5 is fc1, 7 is fc2\n"},
    {WEIGHTS_SEQUENTIAL, spread,
     "w.st: numbers of nn.Sequential are read in their order: 1 is conv1, 4 is batchnorm1, 10 is "
     "fc1, 12 is fc2\n"},
    {WEIGHTS_SEQUENTIAL, nested,
     "w.st: names are read without \"net.\"; and numbers of nn.Sequential in their order: 0.0 is "
     "conv1, 0.1 is batchnorm1, 2 is fc1, 10 is fc2\n"},
};

static void expect_read(const char *path, const Net *net, const char *said) {
    float w[PARAMETERS], buffers[BUFFERS];
    Text text = {0};
    Error error;
    WeightsFile *file = weights_open(path, &error);
    ck_assert_msg(file && weights_take(file, net, w, buffers, &text, &error), "%s", error.text);
    for (size_t i = 0; i < PARAMETERS; i++) ck_assert(w[i] == number(i));
    for (size_t i = 0; i < BUFFERS; i++) ck_assert(buffers[i] == number(PARAMETERS + i));
    if (said) {
        ck_assert_str_eq(text.data, said);
    } else {
        ck_assert_uint_eq(text.length, 0);
    }
    text_free(&text);
    weights_close(file);
}

START_TEST(names_are_read) {
    Net *net = build(NET);
    write_part("w.st", net, CASES[_i].names, CASES[_i].rename, 0, 20);
    expect_read("w.st", net, CASES[_i].said);
    unlink("w.st");
    net_free(net);
}
END_TEST

static void expect_refused(const char *path, const Net *net, const char *message) {
    float w[PARAMETERS + 20], buffers[BUFFERS];
    Error error;
    WeightsFile *file = weights_open(path, &error);
    ck_assert(!file || !weights_take(file, net, w, buffers, NULL, &error));
    ck_assert_str_eq(error.text, message);
    weights_close(file);
}

// One layer too many for the numbers, one tensor that is nobody's, two that would become one.
static char *one_more(const char *name, size_t i) {
    return i == 9 ? memory_text("9.bias") : memory_text(name);
}

static char *stranger(const char *name, size_t i) {
    return i == 9 ? memory_text("loss.bias") : with_prefix("model.", name);
}

static char *collide(const char *name, size_t i) {
    return i == 9 ? memory_text("conv1.weight") : with_prefix("model.", name);
}

START_TEST(nothing_is_guessed) {
    Net *net = build(NET);
    write_part("w.st", net, WEIGHTS_SEQUENTIAL, one_more, 0, 20);
    expect_refused(
        "w.st", net,
        "w.st: missing: \"conv1.weight\", \"conv1.bias\", \"batchnorm1.weight\" and 7 more; "
        "not in the network: \"0.bias\", \"0.weight\", \"1.bias\" and 7 more");
    write_part("w.st", net, WEIGHTS_OWN, stranger, 0, 20);
    expect_refused("w.st", net,
                   "w.st: missing: \"fc2.bias\"; not in the network: \"loss.bias\" (names are read "
                   "without \"model.\")");
    write_part("w.st", net, WEIGHTS_OWN, collide, 0, 20);
    expect_refused(
        "w.st", net,
        "w.st: tensor \"conv1.weight\" at byte 1248 has shape [2], the network wants [3, 2, 3, "
        "3]; missing: \"conv1.bias\", \"batchnorm1.weight\", \"batchnorm1.bias\" and 6 "
        "more; not in the network: \"model.batchnorm1.bias\", "
        "\"model.batchnorm1.running_mean\", \"model.batchnorm1.running_var\" and 6 more");
    unlink("w.st");
    net_free(net);
}
END_TEST

START_TEST(another_head) {
    Net *net = build(NET),
        *other = build("input 5x5x2 conv3-3 bn relu pool2 fc-3 relu fc-5 softmax");
    write_part("w.st", net, WEIGHTS_TORCHVISION, parallel, 0, 20);
    expect_refused(
        "w.st", other,
        "w.st: tensor \"module.classifier.3.weight\" at byte 1280 has shape [2, 3], the network wants "
        "[5, 3] (one of 2 such): all fits but the last layer, a head for other classes. In Python, a "
        "new one:\n"
        "    import torch; from safetensors.torch import load_file, save_file\n"
        "    w = load_file(\"w.st\"); w[\"module.classifier.3.weight\"] = torch.randn(5, 3) / 3 ** 0.5; "
        "w[\"module.classifier.3.bias\"] = torch.zeros(5); save_file(w, \"start.safetensors\")");
    unlink("w.st");
    net_free(other);
    net_free(net);
}
END_TEST

// ---- shards ----

static void write_index(const Net *net, const char *first, const char *second, size_t split) {
    NetTensors list;
    json_t *map = json_object();
    ck_assert(weights_list(net, WEIGHTS_OWN, &list, NULL));
    for (size_t i = 0; i < list.count; i++)
        json_put(map, list.tensor[i].name, json_text(i < split ? first : second));
    json_t *index = json_pack("{s:{}, s:o}", "metadata", "weight_map", map);
    char *text = json_dumps(index, 0);
    ck_assert(file_write("w.index.json", text, strlen(text), NULL));
    free(text);
    json_decref(index);
    weights_list_free(&list);
}

START_TEST(shards) {
    Net *net = build(NET);
    write_part("a.st", net, WEIGHTS_OWN, NULL, 0, 4);
    write_part("b.st", net, WEIGHTS_OWN, NULL, 4, 20);
    write_index(net, "a.st", "b.st", 4);
    expect_read("w.index.json", net, NULL);
    expect_read("./w.index.json", net, NULL);

    Net *other = build("input 5x5x2 conv3-3 bn relu pool2 fc-3 relu fc-2 ln");
    expect_refused("w.index.json", other,
                   "w.index.json: missing: \"layernorm1.weight\", \"layernorm1.bias\"");
    net_free(other);

    write_index(net, "a.st", "b.st", 3);
    expect_refused("w.index.json", net,
                   "w.index.json: tensor \"batchnorm1.bias\" should be in b.st, and is not");
    write_index(net, "a.st", "../b.st", 4);
    expect_refused(
        "w.index.json", net,
        "w.index.json: tensor \"batchnorm1.running_mean\" is in no file beside this one");
    write_index(net, "a.st", "c.st", 4);
    expect_refused(
        "w.index.json", net,
        "w.index.json: an index of shards: c.st: cannot open: No such file or directory");
    write_index(net, "a.st", "b.st", 4);
    write_part("b.st", net, WEIGHTS_OWN, NULL, 3, 20);
    expect_refused(
        "w.index.json", net,
        "w.index.json: an index of shards: b.st: byte 512: tensor \"batchnorm1.bias\" is in "
        "a.st, too");
    write_part("b.st", net, WEIGHTS_OWN, parallel, 4, 20);
    expect_refused(
        "w.index.json", net,
        "w.index.json: tensor \"batchnorm1.running_mean\" should be in b.st, and is not");
    ck_assert(file_write("b.st", "<html>", 6, NULL));
    expect_refused("w.index.json", net,
                   "w.index.json: an index of shards: b.st: byte 0: an HTML page, not the weights: "
                   "download the file that the page is about");
    write_index(net, "a.st", "w.index.json", 4);
    expect_refused(
        "w.index.json", net,
        "w.index.json: tensor \"batchnorm1.running_mean\" should be in w.index.json, and is "
        "not");
    ck_assert(file_write("w.index.json", "{\"weight_map\": {}}", 18, NULL));
    expect_refused("w.index.json", net,
                   "w.index.json: byte 0: JSON, and no index of shards: that would have a "
                   "\"weight_map\"");
    ck_assert(file_write("w.index.json", "{\"weight_map\": 3", 16, NULL));
    expect_refused("w.index.json", net, "w.index.json:1:16: '}' expected near end of file");
    unlink("a.st");
    unlink("b.st");
    unlink("w.index.json");
    net_free(net);
}
END_TEST

// ---- files of other kinds ----

#define TORCH                                                                                                 \
    ": convert it with safetensors.torch.save_file. In Python:\n"                                             \
    "    import torch; from safetensors.torch import save_file\n"                                             \
    "    save_file({k: v.clone() for k, v in torch.load(\"w\\\"x\", map_location=\"cpu\", weights_only=True)" \
    ".items()}, \"w.safetensors\")\n"                                                                         \
    "(where the weights lie under a key: torch.load(...)[\"state_dict\"].items())"

static const struct {
    const char *bytes;
    size_t size;
    const char *what;
} KINDS[] = {
#define BYTES(text) text, sizeof text - 1
    {BYTES(""), "an empty file"},
    {BYTES("PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\15\0\0\0archive/data.pkl"),
     "a PyTorch .pth file (a zip)" TORCH},
    {BYTES("\x80\2\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\2M"),
     "a PyTorch .pth file (as before version 1.6)" TORCH},
    {BYTES("PK\3\4\24\0\0\0\0\0\0\0!\0fc1.weight.npy"),
     "a NumPy file (.npz, a zip): convert it with safetensors.numpy.save_file. In Python:\n"
     "    import numpy; from safetensors.numpy import save_file\n"
     "    save_file(dict(numpy.load(\"w\\\"x\")), \"w.safetensors\")"},
    {BYTES("PK\3\4 others"), "a zip file: unpack it"},
    {BYTES("\x80\4\x95\20\0\0\0\0\0\0\0}"),
     "a Python pickle: convert it with safetensors.numpy.save_file (a pickle can run anything: open "
     "none from strangers). In Python:\n"
     "    import pickle; from safetensors.numpy import save_file\n"
     "    save_file(pickle.load(open(\"w\\\"x\", \"rb\")), \"w.safetensors\")"},
    {BYTES("\x93NUMPY\1\0v\0{'descr'"), "an .npy file: one array, not the tensors of a network"},
    {BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"),
     "a Git LFS pointer, not the weights: fetch them with `git lfs pull`"},
    {BYTES("/annex/objects/SHA256E-s1048576--4d7a\n"),
     "a git-annex pointer, not the weights: fetch them with `git annex get`"},
    {BYTES("\n <!DOCTYPE html><html>"),
     "an HTML page, not the weights: download the file that the page is about"},
    {BYTES("\xef\xbb\xbf<HTML>"),
     "an HTML page, not the weights: download the file that the page is about"},
    {BYTES("<?xml version=\"1.0\"?><Error>"),
     "an HTML page, not the weights: download the file that the page is about"},
    {BYTES("\x89HDF\r\n\x1a\n\0\0\0"),
     "an HDF5 file, as Keras writes it: its names and axes are not PyTorch's, and it cannot be read "
     "here"},
    {BYTES("\10\7\22\7pytorch\32\5"),
     "an ONNX file: export the weights as safetensors from the program that wrote it"},
    {BYTES("GGUF\3\0\0\0\0\0\0\0"),
     "a GGUF file: its numbers are of few bits, and it cannot be read here; take the weights before "
     "that"},
    {BYTES("SQLite format 3\0\20\0"),
     "a store of runs: benign export STORE NAME=VALUE --weights w.safetensors"},
    {BYTES("\x1f\x8b\10\0\0\0\0\0\0\3"), "a gzip file: unpack it with gunzip"},
    {BYTES("Entry not found\nsecond line"), "text, not the weights: \"Entry not found\""},
    {BYTES("d\xc3\xa9j\xc3\xa0 vu"), "text, not the weights: \"d\xc3\xa9j\xc3\xa0 vu\""},
    {BYTES("[1, 2]"), "JSON, and no index of shards: that would have a \"weight_map\""},
};

START_TEST(other_kinds) {
    Text message = {0};
    Error error;
    ck_assert(file_write("w\"x", KINDS[_i].bytes, KINDS[_i].size, NULL));
    ck_assert_ptr_null(weights_open("w\"x", &error));
    text_printf(&message, "w\"x: byte 0: %s", KINDS[_i].what);
    ck_assert_str_eq(error.text, message.data);
    text_free(&message);
    unlink("w\"x");
}
END_TEST

// Of what is no safetensors file no more than its start is read: this one has 1 TB.
START_TEST(large_files_are_judged_first) {
    Error error;
    ck_assert(file_write("w.st", "\x1f\x8b\10\0\0\0\0\0\0\3", 10, NULL));
    ck_assert_int_eq(truncate("w.st", (off_t)1 << 40), 0);
    ck_assert_ptr_null(weights_open("w.st", &error));
    ck_assert_str_eq(error.text, "w.st: byte 0: a gzip file: unpack it with gunzip");
    unlink("w.st");
}
END_TEST

START_TEST(types_of_few_bits) {
    static const char HEADER[] =
        "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[3],\"data_offsets\":[0,3]},"
        "\"b\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[3,4]}}";
    char bytes[8 + sizeof HEADER + 3] = {sizeof HEADER - 1};
    float values[3];
    Tensors tensors;
    Error error;
    memcpy(bytes + 8, HEADER, sizeof HEADER - 1);
    ck_assert_msg(tensors_parse("a.st", bytes, sizeof bytes, &tensors, &error), "%s", error.text);
    ck_assert(!tensors_read(tensors_find(&tensors, "a"), values, &error));
    ck_assert_str_eq(
        error.text,
        "a.st: byte 118: tensor \"a\" is of type F8_E4M3; F32, F64, F16 and BF16 are read. "
        "In Python:\n"
        "    from safetensors.torch import load_file, save_file\n"
        "    save_file({k: v.float() for k, v in load_file(\"a.st\").items()}, "
        "\"float.safetensors\")");
    tensors_free(&tensors);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("weights/match");
    TCase *all = tcase_create("match");
    tcase_add_loop_test(all, names_are_read, 0, sizeof CASES / sizeof *CASES);
    tcase_add_test(all, nothing_is_guessed);
    tcase_add_test(all, another_head);
    tcase_add_test(all, shards);
    tcase_add_loop_test(all, other_kinds, 0, sizeof KINDS / sizeof *KINDS);
    tcase_add_test(all, large_files_are_judged_first);
    tcase_add_test(all, types_of_few_bits);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
