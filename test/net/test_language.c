// The language by example: what a text means, how it is printed, how variables are set.
#include "net/net.h"
#include "run_suite.h"
#include <string.h>

static const struct Good {
    const char *text, *canonical;
    int64_t parameters, macs;
} goods[] = {
    {"input 40 fc-10", "input 40 fc-10", 410, 400},
    {"INPUT 40\r\nFc-10 SoftMax # trailing", "input 40 fc-10 softmax", 410, 400},
    {"input 3\tlinear-7\vtanh\flinear-2", "input 3 fc-7 tanh fc-2", 44, 35},
    {"input 5 fc-3 bias=no relu fc-2 bias=yes", "input 5 fc-3 bias=no relu fc-2", 23, 21},
    {"input 5 fc-3 BIAS = No", "input 5 fc-3 bias=no", 15, 15},
    {"input 7x5x3 fc-2 softmax", "input 7x5x3 fc-2 softmax", 212, 210},
    {"let h=7 let w=h-2 input {h}X{w}x3 fc-2", "input 7x5x3 fc-2", 212, 210},
    {"input 11x3 relu", "input 11x3 relu", 0, 0},
    {"let width = 9\ninput 40 fc-{width} relu fc-{2*Width} relu fc-10 softmax",
     "input 40 fc-9 relu fc-18 relu fc-10 softmax", 369 + 180 + 190, 360 + 162 + 180},
    {"let input = 6 let let = 2 input {input} fc-{let}", "input 6 fc-2", 14, 12},
    // Arithmetic: ranks, left to right, signs, rounding towards 0.
    {"input 1 fc-{2+3*4}", "input 1 fc-14", 28, 14},
    {"input 1 fc-{(2+3)*4}", "input 1 fc-20", 40, 20},
    {"input 1 fc-{20-7-6}", "input 1 fc-7", 14, 7},
    {"input 1 fc-{20-(7-6)}", "input 1 fc-19", 38, 19},
    {"input 1 fc-{100/7/2}", "input 1 fc-7", 14, 7},
    {"input 1 fc-{100/(7/2)}", "input 1 fc-33", 66, 33},
    {"input 1 fc-{17%5*3}", "input 1 fc-6", 12, 6},
    {"input 1 fc-{10 + -7/2}", "input 1 fc-7", 14, 7},
    {"input 1 fc-{10 - -7%4}", "input 1 fc-13", 26, 13},
    {"input 1 fc-{ - ( 3 - 8 ) # five\n }", "input 1 fc-5", 10, 5},
    {"input 1 fc-{--6}", "input 1 fc-6", 12, 6},
    // Blocks. Macs and parameters of a repetition count as often as it runs.
    {"input 7 repeat 3 { fc-7 relu } fc-2", "input 7 fc-7 relu fc-7 relu fc-7 relu fc-2",
     3 * 56 + 16, 3 * 49 + 14},
    {"let n=2 input 7 REPEAT {n} {repeat {n+1}{tanh}fc-7}repeat 0 { fc-9 } relu",
     "input 7 tanh tanh tanh fc-7 tanh tanh tanh fc-7 relu", 112, 98},
    {"input 7 residual { fc-5 fc-7 } shortcut { } relu", "input 7 residual { fc-5 fc-7 } relu",
     40 + 42, 70},
    {"input 7 Residual{fc-5}Shortcut{fc-5 bias=no}relu",
     "input 7 residual { fc-5 } shortcut { fc-5 bias=no } relu", 40 + 35, 70},
    {"input 7 repeat 2 { residual { residual { relu } fc-7 } shortcut { tanh } }",
     "input 7 residual { residual { relu } fc-7 } shortcut { tanh } "
     "residual { residual { relu } fc-7 } shortcut { tanh }",
     112, 98},
    {"input 7 residual { tanh } shortcut { repeat 0 { relu } }", "input 7 residual { tanh }", 0, 0},
    {"let a = 9223372036854775807 input {a/a} fc-{a%10}", "input 1 fc-7", 14, 7},
};

static NetProgram *parsed(const char *text) {
    Error error = {0};
    NetProgram *program = net_parse("a.net", text, strlen(text), &error);
    ck_assert_msg(program != NULL, "%s", error.text);
    return program;
}

static Net *built(const NetProgram *program, const Settings *variables) {
    Error error = {0};
    Net *net = net_build(program, variables, &error);
    ck_assert_msg(net != NULL, "%s", error.text);
    return net;
}

START_TEST(test_good) {
    const struct Good *good = &goods[_i];
    NetProgram *program = parsed(good->text);
    Net *net = built(program, NULL);
    Text canonical = {0};
    net_canonical(net, &canonical);
    ck_assert_str_eq(canonical.data, good->canonical);
    ck_assert_int_eq(net->parameters, good->parameters);
    ck_assert_int_eq(net->macs, good->macs);
    ck_assert_int_eq(net->outputs, shape_count(&net->layer[net->layers - 1].out));
    text_free(&canonical);
    net_free(net);
    net_program_free(program);
}
END_TEST

static const struct Print {
    const char *text, *printed;
} prints[] = {
    {"let Width=2*3 let h = width input {H}x4 Fc-{h} reLU fc-10 bias=NO tanh softmax",
     "let width = 2*3\nlet h = width\ninput {h}x4\nfc-{h} relu\nfc-10 bias=no tanh softmax\n"},
    {"input {5} relu tanh", "input 5\nrelu tanh\n"},
    {"let a=1 input 1 fc-{((a+1))*(a*2)/(3)-(a-(1-a))}",
     "let a = 1\ninput 1\nfc-{(a+1)*(a*2)/3-(a-(1-a))}\n"},
    {"let a=1 input 1 fc-{ (a*2)+ (a+1) - -(a%2) --a }",
     "let a = 1\ninput 1\nfc-{a*2+(a+1)--(a%2)--a}\n"},
    {"input 4 repeat 2{relu residual{fc-4}fc-4 tanh}relu residual{fc-5 relu fc-{2+2}}shortcut{}",
     "input 4\nrepeat 2 {\n    relu\n    residual {\n        fc-4\n    }\n    fc-4 tanh\n}\nrelu\n"
     "residual {\n    fc-5 relu\n    fc-{2+2}\n}\n"},
    {"let n=3 input 4 Residual { Repeat {n} { relu } } ShortCut { fc-4 BIAS=No }",
     "let n = 3\ninput 4\nresidual {\n    repeat {n} {\n        relu\n    }\n} shortcut {\n"
     "    fc-4 bias=no\n}\n"},
    // Decimals keep their digits.
    {"input 4 zzz p=0.50 q=-3 r=1E-5 s=007 t=-2.5e+10",
     "input 4\nzzz p=0.50 q=-3 r=1e-5 s=7 t=-2.5e+10\n"},
    // What no kind takes is parsed and printed all the same.
    {"let k=8 input 32x32x3 conv3-{2*k} stride=2 pad={k/8} relu pool2",
     "let k = 8\ninput 32x32x3\nconv3-{2*k} stride=2 pad={k/8} relu pool2\n"},
};

START_TEST(test_print) {
    Text once = {0}, twice = {0};
    NetProgram *program = parsed(prints[_i].text);
    net_print(program, &once);
    ck_assert_str_eq(once.data, prints[_i].printed);
    NetProgram *again = parsed(once.data);
    net_print(again, &twice);
    ck_assert_str_eq(twice.data, once.data);
    net_program_free(program);
    net_program_free(again);
    text_free(&once);
    text_free(&twice);
}
END_TEST

START_TEST(test_slots) {
    NetProgram *program = parsed("input 2x3 fc-5 relu fc-7 bias=no relu fc-4 softmax");
    Net *net = built(program, NULL);
    static const char *const names[] = {"fc1", "relu1", "fc2", "relu2", "fc3", "softmax1"};
    ck_assert_uint_eq(net->layers, 6);
    for (size_t i = 0; i < net->layers; i++) ck_assert_str_eq(net->layer[i].name, names[i]);
    ck_assert_int_eq(net->layer[0].slot[1].offset, 30); // 6 inputs times 5
    ck_assert_int_eq(net->layer[2].slot[0].offset, 35);
    ck_assert_int_eq(net->layer[4].slot[0].offset, 70);
    ck_assert_int_eq(net->layer[4].slot[1].offset, 98);
    ck_assert_int_eq(net->layer[4].slot[1].count, 4);
    ck_assert_int_eq(net->parameters, 102);
    ck_assert_int_eq(net->macs, 30 + 35 + 28);
    net_free(net);
    net_program_free(program);
}
END_TEST

static const char VARIABLES[] =
    "let width = 64 let deep = 2*width input 40 fc-{width} relu fc-{deep}";

// A default follows the variables before it; names are folded; a whole number may be 1e2.
START_TEST(test_variables) {
    NetProgram *program = parsed(VARIABLES);
    ck_assert_uint_eq(net_variables(program), 2);
    ck_assert_str_eq(net_variable(program, 1), "deep");
    Text text = {0};
    net_print_default(program, 1, &text);
    ck_assert_str_eq(text.data, "2*width");

    Settings set = {0};
    settings_set(&set, "Width", "1e2", "a.yaml:3:4");
    Net *net = built(program, &set);
    ck_assert_uint_eq(net->variables.count, 2);
    ck_assert_str_eq(settings_get(&net->variables, "width"), "100");
    ck_assert_str_eq(settings_get(&net->variables, "deep"), "200");
    ck_assert_int_eq(net->outputs, 200);
    net_free(net);
    settings_free(&set);
    text_free(&text);
    net_program_free(program);
}
END_TEST

static const struct BadSetting {
    const char *text, *name, *value, *place, *error;
} bad_settings[] = {
    {VARIABLES, "widht", "3", "a.yaml:12:8",
     "a.yaml:12:8: unknown variable \"widht\", did you mean \"width\"? the variables of a.net are "
     "width = 64, deep = 2*width"},
    {VARIABLES, "epochs", "3", "--set",
     "--set: unknown variable \"epochs\"; the variables of a.net are width = 64, deep = 2*width"},
    {VARIABLES, "epochs", "3", NULL,
     "epochs: unknown variable \"epochs\"; the variables of a.net are width = 64, deep = 2*width"},
    {VARIABLES, "width", "3.5", "a.yaml:2:1",
     "a.yaml:2:1: width is \"3.5\"; it takes a whole number; the variables of a.net are "
     "width = 64, deep = 2*width"},
    {VARIABLES, "width", "wide", "a.yaml:2:1",
     "a.yaml:2:1: width is \"wide\"; it takes a whole number; the variables of a.net are "
     "width = 64, deep = 2*width"},
    {VARIABLES, "width", "0", "a.yaml:2:1",
     "a.net:1:47: a size of 0; a size is at least 1\n"
     "    let width = 64 let deep = 2*width input 40 fc-{width} relu fc-{deep}\n"
     "                                                  ^~~~~~~"},
    {"input 40 fc-10", "width", "3", "a.yaml:1:1",
     "a.yaml:1:1: unknown variable \"width\"; a.net has no variables"},
};

START_TEST(test_bad_setting) {
    const struct BadSetting *bad = &bad_settings[_i];
    Settings set = {0};
    settings_set(&set, bad->name, bad->value, bad->place);
    Error error = {0};
    NetProgram *program = parsed(bad->text);
    ck_assert_ptr_null(net_build(program, &set, &error));
    ck_assert_str_eq(error.text, bad->error);
    settings_free(&set);
    net_program_free(program);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

int main(void) {
    Suite *suite = suite_create("net/language");
    TCase *cases = tcase_create("all");
    tcase_add_loop_test(cases, test_good, 0, COUNT(goods));
    tcase_add_loop_test(cases, test_print, 0, COUNT(prints));
    tcase_add_loop_test(cases, test_bad_setting, 0, COUNT(bad_settings));
    tcase_add_test(cases, test_variables);
    tcase_add_test(cases, test_slots);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
