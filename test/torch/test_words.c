// PyTorch has a word for every kind of layer, loss, optimiser and schedule; test/cli/torch.sh runs
// what they make.
#include "torch/inner.h"
#include "run_suite.h"
#include <string.h>

START_TEST(every_kind_has_a_module) {
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        const char *module = torch_module(*kind); // stops the program where there is no line
        ck_assert((module != NULL) == !((*kind)->is_loss || (*kind)->is_join));
    }
}
END_TEST

static void check_choices(const char *name, const TorchWord *words) {
    const Option *option = option_find(train_options, train_option_count, name);
    for (int i = 0; option->words[i]; i++) ck_assert(torch_find(words, option->words[i]) != NULL);
}

START_TEST(every_choice_has_a_line) {
    check_choices("loss", torch_losses);
    check_choices("optimizer", torch_optimizers);
    check_choices("schedule", torch_schedules);
}
END_TEST

// What a person calls a network is a literal and nothing else; test/cli/names.sh asks Python.
START_TEST(titles_are_literals) {
    NetProgram *program = net_parse("net", "input 3 fc-2", 12, NULL);
    Net *net = net_build(program, NULL, NULL);
    Text text = {0};
    torch_print(net, "a\"\"\"\nimport os\\", &text);
    ck_assert(strstr(text.data, "\nMODEL = \"a\\\"\\\"\\\"\\nimport os\\\\\"  # 8 parameters\n"));
    ck_assert(strstr(text.data, "\nNETWORK = (\n    \"input 3 fc-2\"\n)\n"));
    ck_assert(!strstr(text.data, "\nimport os"));
    text_free(&text);
    net_free(net);
    net_program_free(program);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("torch/words");
    TCase *all = tcase_create("words");
    tcase_add_test(all, every_kind_has_a_module);
    tcase_add_test(all, every_choice_has_a_line);
    tcase_add_test(all, titles_are_literals);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
