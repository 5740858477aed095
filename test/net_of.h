// A network from its text or file, for tests: a wrong one fails the test.
#pragma once

#include "net/net.h"
#include <check.h>

static inline Net *net_of(const char *model) {
    Error error = {0};
    NetProgram *program = net_read(model, &error);
    Net *net = program ? net_build(program, NULL, &error) : NULL;
    ck_assert_msg(net != NULL, "%s", error.text);
    net_program_free(program);
    return net;
}
