// refused.txt: wrong texts and the exact words with which they are refused. Lines that begin with
// "> " are the text, those after it up to an empty line the message.
#include "net/net.h"
#include "run_suite.h"
#include <string.h>

static bool refused(const char *text, size_t length, Error *error) {
    NetProgram *program = net_parse("a.net", text, length, error);
    Net *net = program ? net_build(program, NULL, error) : NULL;
    bool none = net == NULL;
    net_free(net);
    net_program_free(program);
    return none;
}

static void check(const char *text, size_t length, const char *message) {
    Error error = {0};
    ck_assert_msg(refused(text, length, &error), "accepted: %s", text);
    ck_assert_str_eq(error.text, message);
    ck_assert_int_eq(error.kind, ERROR_INPUT);
}

// Takes one line from *at; *length is that of the line.
static const char *take_line(char **at, size_t *length) {
    char *line = *at;
    *length = strcspn(line, "\n");
    *at += *length + (line[*length] == '\n');
    return line;
}

static void add_line(Text *text, const char *line, size_t length) {
    if (text->length) text_add(text, "\n");
    text_add_bytes(text, line, length);
}

START_TEST(test_refused) {
    char *data, *at;
    size_t size, length;
    Error error;
    ck_assert(file_read(TOP "/test/net/refused.txt", 1 << 20, &data, &size, &error));
    int cases = 0;
    for (at = data; *at; cases++) {
        Text text = {0}, message = {0};
        while (text_starts(at, "> ")) {
            const char *line = take_line(&at, &length);
            add_line(&text, line + 2, length - 2);
        }
        while (*at && *at != '\n') {
            const char *line = take_line(&at, &length);
            add_line(&message, line, length);
        }
        while (*at == '\n') at++;
        check(text.data, text.length, message.data);
        text_free(&text);
        text_free(&message);
    }
    ck_assert_int_ge(cases, 60);
    memory_free(data);
}
END_TEST

// What a file of lines cannot hold.
START_TEST(test_bytes) {
    check("", 0,
          "a.net:1:1: expected an input, such as input 40, found the end of the text\n    \n"
          "    ^");
    check("input 4\0 fc-1", 13,
          "a.net:1:8: expected \"x\" or a blank, found byte 0x00\n    input 4\n           ^");
    check("input 4 \xff", 9,
          "a.net:1:9: expected a layer, found byte 0xFF\n    input 4 \xff\n            ^");
    check("input 4 \xc3", 9,
          "a.net:1:9: expected a layer, found byte 0xC3\n    input 4 \xc3\n            ^");
    check("input 4\n\tfc-64\trulu", 19,
          "a.net:2:8: unknown layer \"rulu\", did you mean \"relu\"?\n     fc-64 rulu\n"
          "           ^~~~");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("net/refused");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, test_refused);
    tcase_add_test(cases, test_bytes);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
