// What is known of a program without evaluating it.
#include "net/program.h"

size_t net_variables(const NetProgram *program) {
    return program->variables;
}

const char *net_variable(const NetProgram *program, size_t i) {
    REQUIRE(i < program->variables);
    return program->variable[i].name;
}

size_t program_find(const NetProgram *program, const char *name) {
    size_t i = 0;
    while (i < program->variables && !text_equal_fold(program->variable[i].name, name)) i++;
    return i;
}

void program_suggest(const char *word, const void *names, size_t count, size_t stride, Text *text) {
    enum { MOST = 30 };
    const char *near = text_nearest(word, names, count, stride);
    if (near) {
        text_printf(text, ", did you mean \"%s\"?", near);
        return;
    }
    for (size_t i = 0; i < count && i < MOST; i++) {
        const char *name = *(const char *const *)((const char *)names + i * stride);
        text_printf(text, "%s%s", i ? ", " : "; there are ", name);
    }
    if (count > MOST) text_add(text, ", ...");
}

void net_program_free(NetProgram *program) {
    if (!program) return;
    memory_free(program->variable);
    arena_free(&program->arena);
    memory_free(program);
}
