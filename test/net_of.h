// A network from its text, for tests: a wrong text fails the test.
#pragma once

#include "net/net.h"
#include <check.h>
#include <string.h>

static inline Net *net_of(const char *text) {
    Error error = {0};
    NetProgram *program = net_parse("test", text, strlen(text), &error);
    Net *net = program ? net_build(program, NULL, &error) : NULL;
    ck_assert_msg(net != NULL, "%s", error.text);
    net_program_free(program);
    return net;
}
