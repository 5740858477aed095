// The variables of a program: what the user set, and the defaults of the rest.
#include "net/program.h"
#include <math.h>
#include <stdio.h>

static void list_variables(const NetProgram *program, Text *text) {
    if (!program->variables) text_printf(text, "%s has no variables", program->name);
    for (size_t i = 0; i < program->variables; i++) {
        text_printf(text, i ? ", " : "the variables of %s are ", program->name);
        text_printf(text, "%s = ", program->variable[i].name);
        net_print_default(program, i, text);
    }
}

static bool unknown_variable(const NetProgram *program, const Setting *setting, Error *error) {
    Text text = {0};
    const char *near = program->variables ? text_nearest(setting->name, &program->variable[0].name,
                                                         program->variables, sizeof(Variable))
                                          : NULL;
    text_printf(&text, "unknown variable \"%s\"", setting->name);
    if (near) text_printf(&text, ", did you mean \"%s\"?", near);
    text_add(&text, near ? " " : "; ");
    list_variables(program, &text);
    error_set(error, "%s: %s", setting->place ? setting->place : setting->name, text.data);
    text_free(&text);
    return false;
}

static bool set_variable(const NetProgram *program, const Setting *setting, int64_t *value,
                         Error *error) {
    const char *place = setting->place ? setting->place : setting->name;
    Option whole = {.name = setting->name, .type = OPTION_INT, .low = -INFINITY, .high = INFINITY};
    Error reason;
    if (option_set(&whole, value, setting->value, place, &reason)) return true;
    Text text = {0};
    list_variables(program, &text);
    error_set(error, "%s; %s", reason.text, text.data);
    text_free(&text);
    return false;
}

// Marks in set[] which variables the settings give a value.
static bool take_settings(const NetProgram *program, const Settings *given, int64_t *value,
                          bool *set, Error *error) {
    for (size_t i = 0; given && i < given->count; i++) {
        size_t variable = program_find(program, given->item[i].name);
        if (variable == program->variables)
            return unknown_variable(program, &given->item[i], error);
        if (!set_variable(program, &given->item[i], &value[variable], error)) return false;
        set[variable] = true;
    }
    return true;
}

bool program_variables(const NetProgram *program, const Settings *given, int64_t *value,
                       Settings *all, Error *error) {
    bool set[NET_VARIABLES] = {false};
    if (!take_settings(program, given, value, set, error)) return false;
    for (size_t i = 0; i < program->variables; i++) {
        const Variable *variable = &program->variable[i];
        if (!set[i] && !program_evaluate(program, variable->value, value, &value[i], error))
            return false;
        char text[24];
        snprintf(text, sizeof text, "%lld", (long long)value[i]);
        settings_set(all, variable->name, text, NULL);
    }
    return true;
}
