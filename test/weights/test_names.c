// The outside names of networks are those of torchvision's state dicts (names.py wrote names.txt),
// tensor by tensor and in order, with the same shapes.
#include "weights/weights.h"
#include "net_of.h"
#include "run_suite.h"
#include <string.h>

// VGG-11 with batch norm is written as no model of ours is.
static const char VGG11_BN[] =
    "input 224x224x3 conv3-64 bn relu pool2 conv3-128 bn relu pool2\n"
    "repeat 2 { conv3-256 bn relu } pool2 repeat 2 { conv3-512 bn relu } pool2\n"
    "repeat 2 { conv3-512 bn relu } pool2\n"
    "fc-4096 relu dropout fc-4096 relu dropout fc-1000 softmax";

static const char *const MODELS[] = {"alexnet", "vgg11",    "vgg11_bn", "vgg13",   "vgg16",
                                     "vgg19",   "resnet18", "resnet34", "resnet50"};

// The lines of names.txt for a network.
static void print_names(const char *model, const NetTensors *list, Text *text) {
    for (size_t i = 0; i < list->count; i++) {
        const NetTensor *tensor = &list->tensor[i];
        text_printf(text, "%s %s [", model, tensor->name);
        for (int a = 0; a < tensor->rank; a++)
            text_printf(text, "%s%lld", a ? ", " : "", (long long)tensor->size[a]);
        text_add(text, "]\n");
    }
}

START_TEST(names_are_torchvisions) {
    const char *model = MODELS[_i];
    Text path = {0}, names = {0}, line = {0};
    Error error;
    char *reference;
    size_t size;
    text_printf(&path, TOP "/models/%s.net", model);
    ck_assert(file_read(TOP "/test/weights/names.txt", 1 << 20, &reference, &size, &error));
    Net *net = net_of(strcmp(model, "vgg11_bn") == 0 ? VGG11_BN : path.data);
    NetTensors list;
    ck_assert_msg(weights_list(net, WEIGHTS_TORCHVISION, &list, &error), "%s", error.text);
    print_names(model, &list, &names);
    text_printf(&line, "%s ", model);
    const char *from = strstr(reference, line.data);
    ck_assert(from != NULL && names.length > 100);
    ck_assert_mem_eq(from, names.data, names.length);
    ck_assert(strncmp(from + names.length, line.data, line.length) != 0); // none is left
    weights_list_free(&list);
    net_free(net);
    memory_free(reference);
    text_free(&path);
    text_free(&names);
    text_free(&line);
}
END_TEST

#define TINY "input 6x6x2 conv3-4 bn relu "

// What torchvision has no model of.
START_TEST(other_structures_have_none) {
    static const char *const CASES[][2] = {
        {TINY "residual { residual { conv3-4 } relu conv3-4 }",
         "residual2: it holds another residual, and so it has no name in torchvision"},
        {TINY "residual { conv3-4 } shortcut { residual { conv3-4 } }",
         "it holds another residual"},
        {TINY "residual { conv3-4 } bn residual { conv3-4 }",
         "batchnorm2: it lies between or behind residual blocks"},
        {TINY "residual { bn conv3-4 }", "batchnorm2: it comes before the convolutions"},
        {TINY "residual { layernorm conv3-4 }", "layernorm1: it is neither a convolution nor"},
        {TINY "residual { conv3-4 bn bn }", "name \"layer1.0.bn1.bias\""},
        {TINY "residual { conv3-4 } fc-5 relu fc-3", "name \"fc.bias\""},
    };
    Net *net = net_of(CASES[_i][0]);
    NetTensors list;
    Error error;
    ck_assert(!weights_list(net, WEIGHTS_TORCHVISION, &list, &error));
    ck_assert_msg(strstr(error.text, CASES[_i][1]) != NULL, "%s", error.text);
    ck_assert(weights_list(net, WEIGHTS_OWN, &list, &error));
    weights_list_free(&list);
    net_free(net);
}
END_TEST

START_TEST(own_names_are_kind_and_number) {
    static const char WANTED[] = "x conv1.weight [4, 2, 3, 3]\n"
                                 "x conv1.bias [4]\n"
                                 "x batchnorm1.weight [4]\n"
                                 "x batchnorm1.bias [4]\n"
                                 "x batchnorm1.running_mean [4]\n"
                                 "x batchnorm1.running_var [4]\n"
                                 "x fc1.weight [5, 144]\n"
                                 "x fc1.bias [5]\n";
    Net *net = net_of(TINY "fc-5");
    NetTensors list;
    Text names = {0};
    ck_assert(weights_list(net, WEIGHTS_OWN, &list, NULL));
    print_names("x", &list, &names);
    ck_assert_str_eq(names.data, WANTED);
    text_free(&names);
    weights_list_free(&list);
    net_free(net);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("weights/names");
    TCase *all = tcase_create("names");
    tcase_add_loop_test(all, names_are_torchvisions, 0, sizeof MODELS / sizeof *MODELS);
    tcase_add_loop_test(all, other_structures_have_none, 0, 7);
    tcase_add_test(all, own_names_are_kind_and_number);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
