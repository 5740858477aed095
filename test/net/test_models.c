// MODEL: a file, a name, or the text itself; and the models that come with the program.
#include "net/net.h"
#include "run_suite.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[32];

static void write_text(const char *path, const char *text) {
    Error error;
    ck_assert_msg(file_write(path, text, strlen(text), &error), "%s", error.text);
}

// An empty folder to work in: models/{mlp,lenet5}.net, other/{mlp,small}.net, and a folder mlp.
static void enter_folder(void) {
    Error error;
    strcpy(folder, "/tmp/benign-net-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert(file_make_folder("models", &error) && file_make_folder("other", &error));
    ck_assert(file_make_folder("mlp", &error));
    write_text("models/mlp.net", "input 2 fc-3");
    write_text("models/lenet5.net", "input 2 fcc-3");
    write_text("other/mlp.net", "input 2 fc-5");
    write_text("other/small.net", "input 2 fc-7");
    write_text("my net", "input 2 fc-11");
    unsetenv("BENIGN_MODELS");
}

static void leave_folder(void) {
    static const char *const files[] = {"models/mlp.net", "models/lenet5.net", "other/mlp.net",
                                        "other/small.net", "my net"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
    rmdir("models"), rmdir("other"), rmdir("mlp");
    unsetenv("BENIGN_MODELS");
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void check_outputs(const char *model, int64_t outputs) {
    Error error = {0};
    NetProgram *program = net_read(model, &error);
    ck_assert_msg(program != NULL, "%s", error.text);
    Net *net = net_build(program, NULL, &error);
    ck_assert_msg(net != NULL, "%s", error.text);
    ck_assert_int_eq(net->outputs, outputs);
    net_free(net);
    net_program_free(program);
}

static void check_refused(const char *model, const char *message) {
    Error error = {0};
    NetProgram *program = net_read(model, &error);
    if (program) ck_assert_ptr_null(net_build(program, NULL, &error));
    net_program_free(program);
    ck_assert_str_eq(error.text, message);
}

START_TEST(test_found) {
    check_outputs("mlp", 3); // not the folder of that name
    check_outputs("models/mlp.net", 3);
    check_outputs("other/mlp.net", 5);
    check_outputs("my net", 11);
    check_outputs("input 2 fc-13", 13);
    check_outputs("input\t2\nfc-13", 13);
    setenv("BENIGN_MODELS", "other", 1);
    check_outputs("mlp", 5);
    check_outputs("small", 7);
    check_refused("lenet5", "models/lenet5.net:1:9: unknown layer \"fcc\", did you mean \"fc\"?\n"
                            "    input 2 fcc-3\n            ^~~");
}
END_TEST

START_TEST(test_missing) {
    check_refused("input 2 fcc-3", "model:1:9: unknown layer \"fcc\", did you mean \"fc\"?\n"
                                   "    input 2 fcc-3\n            ^~~");
    check_refused("mpl", "mpl: no such file or model, did you mean \"mlp\"? models: lenet5, mlp");
    check_refused("vgg11", "vgg11: no such file or model; models: lenet5, mlp");
    setenv("BENIGN_MODELS", "other", 1);
    check_refused(
        "smal", "smal: no such file or model, did you mean \"small\"? models: lenet5, mlp, small");
    check_refused("../mlp", "../mlp: cannot open: No such file or directory");
    check_refused("mlp.net", "mlp.net: cannot open: No such file or directory");
    check_refused("", "model:1:1: expected an input, such as input 40, found the end of the text\n"
                      "    \n    ^");
}
END_TEST

START_TEST(test_no_folder) {
    ck_assert_int_eq(chdir("mlp"), 0);
    check_refused("vgg11", "vgg11: no such file or model, and no folder of models "
                           "($BENIGN_MODELS, ./models)");
    ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

// The counts of the published network, 40-H-H-10.
START_TEST(test_mlp) {
    Error error = {0};
    NetProgram *program = net_read(TOP "/models/mlp.net", &error);
    ck_assert_msg(program != NULL, "%s", error.text);
    static const int64_t widths[] = {2, 47, 61, 300};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        int64_t h = widths[i];
        Settings set = {0};
        Text value = {0};
        text_printf(&value, "%lld", (long long)h);
        settings_set(&set, "width", value.data, NULL);
        Net *net = net_build(program, &set, &error);
        ck_assert_msg(net != NULL, "%s", error.text);
        ck_assert_int_eq(net->parameters, 41 * h + (h + 1) * h + (h + 1) * 10);
        ck_assert_int_eq(net->macs, 40 * h + h * h + 10 * h);
        ck_assert_int_eq(net->outputs, 10);
        net_free(net);
        text_free(&value);
        settings_free(&set);
    }
    net_program_free(program);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("net/models");
    TCase *cases = tcase_create("in a folder");
    tcase_add_checked_fixture(cases, enter_folder, leave_folder);
    tcase_add_test(cases, test_found);
    tcase_add_test(cases, test_missing);
    tcase_add_test(cases, test_no_folder);
    suite_add_tcase(suite, cases);
    TCase *own = tcase_create("own models");
    tcase_add_test(own, test_mlp);
    suite_add_tcase(suite, own);
    return run_suite(suite);
}
