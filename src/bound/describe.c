// Cases for people.
#include "bound/bounds.h"
#include <math.h>
#include <string.h>

enum { NARROW = 13, WIDE = 17 }; // columns

// ---- one case ----

static void add_network(Text *text, const BoundCase *world, const uint64_t *wide) {
    text_printf(text, "%llu-", (unsigned long long)world->inputs);
    for (size_t l = 0; l < world->layers; l++)
        text_printf(text, "%llu-", (unsigned long long)wide[l]);
    text_add(text, "1");
}

static void describe_student(const BoundCase *world, const BoundFacts *facts, Text *text) {
    text_add(text, "student ");
    add_network(text, world, world->hidden);
    text_printf(
        text, " %s biases, q = %llu levels: k = %.0f weights, each network drawn with q^-k = ",
        world->bias ? "with" : "without", (unsigned long long)world->levels, facts->weights);
    bound_add_power(text, facts->log_weights);
    text_add(text, "\n");
}

static void describe_teacher(const BoundCase *world, const BoundFacts *facts, Text *text) {
    if (!world->teacher[0]) {
        text_add(text, "no teacher is known\n");
        return;
    }
    text_add(text, "teacher ");
    add_network(text, world, world->teacher);
    text_printf(text,
                ": M = %.0f weights make the student compute it, p* >= q^-M = ", facts->pinned);
    bound_add_power(text, facts->log_teacher);
    text_add(text, "\nT <= ");
    if (isnan(facts->guesses_bound)) {
        bound_add_power(text, facts->log_guesses_bound);
    } else {
        text_printf(text, "%.0f", facts->guesses_bound);
    }
    text_printf(text, " guesses with probability %.6g = 1 - eta\n", 1 - world->eta);
}

static void describe_fit(const BoundCase *world, const BoundFacts *facts, Text *text) {
    if (!facts->measured) {
        if (world->teacher[0])
            text_add(text, "p_S >= p* is not measured (--hits, --trials): delta' = delta\n");
        return;
    }
    text_printf(text, "%llu of %llu guesses fit: p_S >= ", (unsigned long long)world->hits,
                (unsigned long long)world->trials);
    bound_add_power(text, facts->log_fit);
    text_printf(text, " with probability %.10g; delta' = %.6g is left\n", 1 - facts->paid,
                world->delta - facts->paid);
}

static void add_samples(Text *text, int width, double samples) {
    if (isnan(samples)) {
        text_printf(text, "%*s", width, "-");
    } else {
        text_printf(text, "%*.0f", width, samples);
    }
}

static void describe_bound(const Bound *bound, const BoundReport *report, const BoundFacts *facts,
                           Text *text) {
    const BoundCase *world = &report->world[0];
    BoundValue value = bound_evaluate(bound, world, facts);
    text_printf(text, "%-16s", bound->name);
    if (value.holds) {
        text_printf(text, "%10.5g  %-8s%8.5g", value.value, value.vacuous ? "vacuous" : "",
                    value.probability);
    } else {
        text_printf(text, "%10s  %-8s%8s", "-", "", "-");
    }
    if (report->error > 0) add_samples(text, NARROW, bound_samples(bound, world, report->error));
    if (value.holds) {
        text_printf(text, "  %s; %s\n", bound->formula, bound->of);
    } else {
        text_printf(text, "  %s\n", value.reason);
    }
}

static void describe_bounds(const BoundReport *report, const BoundFacts *facts, Text *text) {
    const BoundCase *world = &report->world[0];
    text_printf(text, "\nN = %llu, delta = %.10g, eta = %.10g\n",
                (unsigned long long)world->samples, world->delta, world->eta);
    text_printf(text, "%-16s%10s  %-8s%8s", "bound", "error <=", "", "holds");
    if (report->error > 0) {
        Text title = {0};
        text_printf(&title, "N for %.6g", report->error);
        text_printf(text, "%*s", NARROW, title.data);
        text_free(&title);
    }
    text_add(text, "\n");
    for (const Bound *const *bound = bound_table; *bound; bound++)
        describe_bound(*bound, report, facts, text);
    text_add(text, "holds: the probability of each by itself, over guesses and samples that are "
                   "independent draws of one law\n"
                   "on the levels: a trained network whose weights are no levels is not meant\n");
}

static void describe_condition(const BoundCase *world, const BoundFacts *facts, Text *text) {
    BoundCondition condition = bound_condition(world, facts);
    if (isnan(condition.left)) return;
    bool two = world->layers == 1 && !world->bias;
    text_printf(text, "\nsheet %s all_weights, since %s log q = %.6g %s log log(1/eta) = %.6g\n",
                condition.smaller ? "<" : ">=", two ? "d0 (d1 - d1*)" : "(k - M)", condition.left,
                condition.smaller ? ">" : "<=", condition.right);
}

static void describe_widths(const BoundCase *world, Text *text) {
    if (world->layers > 1) return;
    for (const Bound *const *bound = bound_table; *bound; bound++) {
        double width;
        if (!(*bound)->has_width || !bound_width(*bound, world, &width, NULL)) continue;
        if (isnan(width)) {
            text_printf(text, "%s is below 1 for no width d1\n", (*bound)->name);
        } else {
            text_printf(text, "%s is below 1 up to width d1 = %.0f\n", (*bound)->name, width);
        }
    }
}

static void describe_case(const BoundReport *report, Text *text) {
    const BoundCase *world = &report->world[0];
    BoundFacts facts = bound_facts(world);
    describe_student(world, &facts, text);
    describe_teacher(world, &facts, text);
    describe_fit(world, &facts, text);
    describe_bounds(report, &facts, text);
    describe_condition(world, &facts, text);
    describe_widths(world, text);
}

// ---- a grid ----

static void add_cell(Text *text, const Bound *bound, const BoundCase *world,
                     const BoundFacts *facts) {
    BoundValue value = bound_evaluate(bound, world, facts);
    if (!value.holds) {
        text_printf(text, "%*s", WIDE, "-");
    } else if (value.vacuous) {
        text_printf(text, "%*s", WIDE, "vacuous");
    } else {
        text_printf(text, "%*.6g", WIDE, value.value);
    }
}

static void describe_row(const BoundReport *report, const BoundCase *world,
                         const BoundField *const *column, Text *text) {
    BoundFacts facts = bound_facts(world);
    Text cell = {0};
    for (; *column; column++) {
        cell.length = 0;
        bound_add_field(*column, world, &cell);
        text_printf(text, "%*s", NARROW, cell.data);
    }
    for (const Bound *const *bound = bound_table; *bound; bound++) {
        if (report->error > 0) {
            add_samples(text, WIDE, bound_samples(*bound, world, report->error));
        } else {
            add_cell(text, *bound, world, &facts);
        }
    }
    text_add(text, "\n");
    text_free(&cell);
}

static void describe_grid(const BoundReport *report, Text *text) {
    const BoundField *column[16] = {0};
    size_t columns = 0;
    for (const BoundField *field = bound_fields; field->name; field++) {
        if (bound_varies(report, field)) column[columns++] = field;
    }
    for (size_t c = 0; c < columns; c++) text_printf(text, "%*s", NARROW, column[c]->name);
    for (const Bound *const *bound = bound_table; *bound; bound++)
        text_printf(text, "%*s", WIDE, (*bound)->name);
    text_add(text, "\n");
    for (size_t i = 0; i < report->count; i++)
        describe_row(report, &report->world[i], column, text);
    if (report->error > 0)
        text_printf(text, "the number of samples from which on a bound is at most %.6g\n",
                    report->error);
}

void bound_describe(const BoundReport *report, Text *text) {
    (report->count == 1 ? describe_case : describe_grid)(report, text);
}
