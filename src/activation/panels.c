#include "activation/panels.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 16, HALF = POINTS / 2, DEEPEST = 128, START = 15 };

static const double FURTHEST = 38, CERTAIN = 12; // standard deviations
static const double TOLERANCE = 4e-18;           // of one panel, relative to the whole
static const double ROOT_2_PI = 2.5066282746310005024;

// Of [-1, 1], the upper half: abscissa, weight.
static const double RULE[HALF][2] = {
    {0.095012509837637440185, 0.18945061045506849629},
    {0.28160355077925891323, 0.18260341504492358887},
    {0.45801677765722738634, 0.16915651939500253819},
    {0.61787624440264374845, 0.14959598881657673208},
    {0.7554044083550030339, 0.12462897125553387205},
    {0.86563120238783174388, 0.09515851168249278481},
    {0.94457502307323257608, 0.062253523938647892863},
    {0.9894009349916499326, 0.027152459411754094852},
};

// Where panels end at first, besides kinks.
static const double GRID[START] = {-38, -17, -12, -9, -6, -4, -2, 0, 2, 4, 6, 9, 12, 17, 38};

// What an ellipse around a panel tells.
typedef struct Ellipse {
    Box phi;      // BOX_ALL: not analytic
    double slope; // sup |phi'| on a smaller ellipse
    double damp,
        slope_damp; // error of the rule over sup |g|, on the ellipse and on the smaller one
    double z_most;  // sup |z|
} Ellipse;

typedef struct Panel {
    double low, high; // z
    Box phi, slope;   // over the panel
    Ellipse ellipse;
    double at_middle[PANEL_AIMS]; // |g| times density times width there: about the panel's share
    int depth;
    bool closed, dead; // nothing left to halve; beyond where phi must be a number
    int first;         // of its nodes; -1: none
    double weight_most, weight_least;
} Panel;

typedef struct Node {
    double z, weight; // with the density
    double phi, slope, phi_off, slope_off;
} Node;

struct Panels {
    PanelTask task;
    double mean, deviation;
    Panel *panel;
    size_t count, capacity;
    Node *node;
    size_t nodes, node_capacity;
    double size[PANEL_AIMS]; // about E |g|
    bool infinite[PANEL_AIMS];
    double not_a_number; // x, or NAN
};

// ---- integrands ----

static double raise(double base, int power) {
    double result = 1;
    for (int i = 0; i < power; i++) result *= base;
    return result;
}

// The weight goes into what is raised, so that a large power under a small weight overflows late.
static double root(double weight, int power) {
    return power == 0 || power == 1 ? weight : power == 2 ? sqrt(weight) : sqrt(sqrt(weight));
}

static double score(Integrand g, double z) {
    return g.scored ? z * z - 1 : 1;
}

static double weighted(Integrand g, double phi, double slope, double z, double weight) {
    double base = g.slope ? slope : phi - g.centre;
    if (g.power == 0) return weight * score(g, z);
    return raise(base * root(weight, g.power), g.power) * score(g, z);
}

static Box power_of(Integrand g, Box phi, Box slope, double weight) {
    Box base = g.slope ? slope : phi;
    if (g.power == 0) return box_number(weight);
    if (box_is_all(base)) return base;
    if (!g.slope && g.centre != 0) base = box_subtract(base, box_number(g.centre));
    base = box_multiply(base, box_widen(box_number(root(weight, g.power)), 1e-15));
    return box_power(base, box_number(g.power));
}

// ---- weights ----

static double density(double z) {
    return exp(-z * z / 2) / ROOT_2_PI;
}

// sup of the weight where |x| >= least and |y| <= side of z = x + iy: of the density, or of the
// density times |h_n|, n <= N. By Mehler's formula, sum_n r^n |h_n(z)|^2 =
// (1 - r^2)^(-1/2) exp(r x^2/(1 + r) + r y^2/(1 - r)).
static double weight_most(const PanelTask *task, double least, double side) {
    double x = least * least, y = side * side, n = task->harmonics;
    if (!n) return exp((y - x) / 2) / ROOT_2_PI * (1 + 1e-12);
    double r = 1 - 1 / (n + 2), power = -n * log(r) - log((1 - r) * (1 + r)) / 2;
    return exp((power - x / (1 + r) + y / (1 - r)) / 2) / ROOT_2_PI * (1 + 1e-12);
}

static double least_of(double low, double high) {
    return low > 0 ? low : high < 0 ? -high : 0;
}

// ---- one panel ----

static Box place(const Panels *panels, double low, double high) { // x, with the rounding of z and x
    double slack = 4 * DBL_EPSILON * panels->deviation * fmax(fabs(low), fabs(high)) +
                   2 * DBL_EPSILON * fabs(panels->mean);
    double a = panels->mean + panels->deviation * low, b = panels->mean + panels->deviation * high;
    bool exact = panels->mean == 0; // 0 stays 0, so that a kink there is at a panel's end
    return box_interval(exact && low == 0 ? 0 : a - slack, exact && high == 0 ? 0 : b + slack);
}

// The ellipse whose half-axes are half (rho +- 1/rho)/2, within a box.
static Ellipse look_around(const Panels *panels, const Panel *panel, double rho,
                           const signed char *side) {
    double middle = (panel->low + panel->high) / 2, half = (panel->high - panel->low) / 2;
    double inner = 0.85 * rho, a = half * (rho + 1 / rho) / 2, b = half * (rho - 1 / rho) / 2;
    double c = half * (inner + 1 / inner) / 2, d = half * (inner - 1 / inner) / 2;
    Ellipse ellipse = {.phi = BOX_ALL, .slope = INFINITY, .z_most = fabs(middle) + a + b};
    Box x = place(panels, middle - a, middle + a);
    x.imaginary = panels->deviation * b * (1 + 1e-12);
    ellipse.phi = formula_bound(panels->task.formula, x, side);
    if (box_is_all(ellipse.phi)) return ellipse;
    double radius = hypot(ellipse.phi.high / 2 - ellipse.phi.low / 2, ellipse.phi.imaginary);
    ellipse.slope = radius / (panels->deviation * (a - c)) * (1 + 1e-12); // Cauchy
    ellipse.damp = 4.01 * half * pow(rho, -2 * POINTS) / (1 - 1 / (rho * rho)) *
                   weight_most(&panels->task, least_of(middle - a, middle + a), b);
    ellipse.slope_damp = 4.01 * half * pow(inner, -2 * POINTS) / (1 - 1 / (inner * inner)) *
                         weight_most(&panels->task, least_of(middle - c, middle + c), d);
    return ellipse;
}

static double error_of_rule(const Panel *panel, Integrand g) {
    const Ellipse *ellipse = &panel->ellipse;
    if (box_is_all(ellipse->phi)) return INFINITY;
    double most = g.slope ? ellipse->slope : box_most(ellipse->phi) + fabs(g.centre);
    double z = g.scored ? ellipse->z_most * ellipse->z_most + 1 : 1;
    double damp = g.slope ? ellipse->slope_damp : ellipse->damp;
    double error = raise(most * root(damp, g.power), g.power) * z * (1 + 1e-12);
    if (g.power == 0) error = damp;
    return isnan(error) ? INFINITY : error;
}

// By bounds alone: the value in the middle of them and what it may be off.
static ActivationNumber by_bounds(const Panels *panels, const Panel *panel, Integrand g) {
    double width = panel->high - panel->low, most = panel->weight_most;
    if (panel->dead || width == 0) return (ActivationNumber){0, 0};
    Box range = power_of(g, panel->phi, panel->slope, most);
    if (!(isfinite(range.low) && isfinite(range.high))) return (ActivationNumber){0, INFINITY};
    if (g.scored) {
        double far = fmax(fabs(panel->low), fabs(panel->high)),
               near = least_of(panel->low, panel->high);
        range = box_multiply(range, box_widen(box_interval(near * near - 1, far * far - 1), 1e-15));
    }
    double middle = range.low / 2 + range.high / 2, radius = range.high / 2 - range.low / 2;
    if (panels->task.harmonics) return (ActivationNumber){0, width * box_most(range)};
    double fall = most > 0 ? 1 - panel->weight_least / most : 0; // of the weight in the panel
    double error = width * (radius + fabs(middle) * fall) * (1 + 1e-12);
    return (ActivationNumber){middle * width * (1 - fall / 2), isnan(error) ? INFINITY : error};
}

static double error_left(const Panels *panels, const Panel *panel, int aim) {
    Integrand g = panels->task.aim[aim];
    return fmin(error_of_rule(panel, g), by_bounds(panels, panel, g).error);
}

static bool good_enough(const Panels *panels, const Panel *panel) {
    for (int i = 0; i < panels->task.aims; i++) {
        if (panels->infinite[i]) continue;
        if (!(error_left(panels, panel, i) <= TOLERANCE * panels->size[i])) return false;
    }
    return true;
}

// The panel's middle: about how much it holds, and whether phi is a number there.
static void sample(Panels *panels, Panel *panel) {
    double z = (panel->low + panel->high) / 2, x = panels->mean + panels->deviation * z, phi, slope;
    const PanelTask *task = &panels->task;
    formula_evaluate(task->formula, task->formula->nodes - 1, 1, &x, &phi, &slope);
    if (isnan(phi)) {
        if (fabs(z) <= CERTAIN && isnan(panels->not_a_number)) panels->not_a_number = x;
        panel->dead = fabs(z) > CERTAIN;
        return;
    }
    for (int i = 0; i < task->aims; i++) {
        double g = fabs(weighted(task->aim[i], phi, slope, z, density(z)));
        panel->at_middle[i] = isfinite(g) ? g * (panel->high - panel->low) : 0;
        if (isinf(g) && (!task->aim[i].slope || isfinite(slope) || isinf(phi)))
            panels->infinite[i] = true;
    }
}

static void add_panel(Panels *panels, double low, double high, int depth) {
    static const double RHO[] = {8, 4, 2.8};
    FormulaRange range;
    Panel panel = {.low = low, .high = high, .depth = depth, .first = -1};
    Box x = place(panels, low, high);
    double most = fmax(fabs(low), fabs(high));
    panel.weight_most = weight_most(&panels->task, least_of(low, high), 0);
    panel.weight_least = density(most) * (1 - 1e-12 - 2e-16 * most * most);
    formula_range(panels->task.formula, x.low, x.high, &range);
    panel.phi = range.value;
    panel.slope = range.slope;
    panel.ellipse.phi = BOX_ALL;
    sample(panels, &panel);
    for (size_t i = 0; i < sizeof RHO / sizeof *RHO; i++) {
        if (panel.dead || good_enough(panels, &panel)) break;
        panel.ellipse = look_around(panels, &panel, RHO[i], range.side);
    }
    panels->panel = memory_grow(panels->panel, panels->count, &panels->capacity, sizeof panel);
    panels->panel[panels->count++] = panel;
}

// ---- all panels ----

typedef struct Cuts {
    double at[START + 4 * ACTIVATION_KINKS];
    size_t count;
} Cuts;

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

// On both sides of a kink, since its place is rounded; one at 0 is not.
static void cut_at_kinks(const Panels *panels, Cuts *cuts) {
    for (size_t i = 0; i < panels->task.kinks; i++) {
        double kink = panels->task.kink[i], z = (kink - panels->mean) / panels->deviation;
        double slack = 16 * DBL_EPSILON * (fabs(z) + fabs(panels->mean) / panels->deviation);
        if (!(fabs(z) < CERTAIN)) continue; // further out halving will do
        if (slack == 0) cuts->at[cuts->count++] = z;
        if (slack == 0) continue;
        cuts->at[cuts->count++] = z - slack;
        cuts->at[cuts->count++] = z + slack;
    }
}

static void start(Panels *panels) {
    Cuts cuts;
    memcpy(cuts.at, GRID, sizeof GRID);
    cuts.count = START;
    cut_at_kinks(panels, &cuts);
    qsort(cuts.at, cuts.count, sizeof *cuts.at, ascending);
    for (size_t i = 0; i + 1 < cuts.count; i++) {
        if (cuts.at[i] < cuts.at[i + 1]) add_panel(panels, cuts.at[i], cuts.at[i + 1], 0);
    }
}

static void measure(Panels *panels) {
    for (int i = 0; i < panels->task.aims; i++) {
        panels->size[i] = 0;
        for (size_t p = 0; p < panels->count; p++) panels->size[i] += panels->panel[p].at_middle[i];
    }
}

static bool splits(const Panels *panels, const Panel *panel) {
    double middle = (panel->low + panel->high) / 2,
           grain = 8 * DBL_EPSILON * (fabs(middle) + fabs(panels->mean) / panels->deviation);
    return panel->depth < DEEPEST && panel->high - panel->low > grain;
}

// The worst error of a panel, over its tolerance.
static double urgency(const Panels *panels, const Panel *panel) {
    double worst = 0;
    for (int i = 0; i < panels->task.aims; i++) {
        if (panels->infinite[i]) continue;
        double error = error_left(panels, panel, i), size = panels->size[i];
        if (error > 0) worst = fmax(worst, size > 0 ? error / size : INFINITY);
    }
    return worst;
}

typedef struct Urgent {
    double urgency;
    size_t panel;
} Urgent;

static int most_urgent(const void *a, const void *b) {
    const Urgent *left = a, *right = b;
    if (left->urgency != right->urgency) return left->urgency < right->urgency ? 1 : -1;
    return (left->panel > right->panel) - (left->panel < right->panel);
}

// Halves every panel that is not good enough, the worst ones where there is work for some only.
static bool halve(Panels *panels) {
    Urgent *urgent = memory_new(panels->count, sizeof *urgent);
    size_t bad = 0,
           room = panels->task.most > panels->count ? panels->task.most - panels->count : 0;
    measure(panels);
    for (size_t p = 0; p < panels->count; p++) {
        Panel *panel = &panels->panel[p];
        if (panel->closed) continue;
        panel->closed = panel->dead || good_enough(panels, panel) || !splits(panels, panel);
        if (!panel->closed) urgent[bad++] = (Urgent){urgency(panels, panel), p};
    }
    if (bad > room) qsort(urgent, bad, sizeof *urgent, most_urgent);
    size_t halved = bad < room ? bad : room;
    for (size_t i = 0; i < halved && isnan(panels->not_a_number); i++) {
        Panel whole = panels->panel[urgent[i].panel];
        double middle = whole.low + (whole.high - whole.low) / 2;
        add_panel(panels, whole.low, middle, whole.depth + 1);
        add_panel(panels, middle, whole.high, whole.depth + 1);
        panels->panel[urgent[i].panel] = panels->panel[--panels->count];
    }
    memory_free(urgent);
    return halved > 0 && isnan(panels->not_a_number);
}

// ---- nodes ----

static double off(Box range, double value) {
    if (box_is_all(range)) return INFINITY;
    return fmax(0, fmax(range.high - value, value - range.low));
}

static void add_nodes(Panels *panels, Panel *panel) {
    double middle = (panel->low + panel->high) / 2, half = (panel->high - panel->low) / 2;
    double x[POINTS], phi[POINTS], slope[POINTS];
    const Formula *formula = panels->task.formula;
    panel->first = (int)panels->nodes;
    for (int i = 0; i < POINTS; i++) {
        double z = middle + (i % 2 ? half : -half) * RULE[i / 2][0];
        panels->node =
            memory_grow(panels->node, panels->nodes, &panels->node_capacity, sizeof(Node));
        panels->node[panels->nodes++] =
            (Node){.z = z, .weight = half * RULE[i / 2][1] * density(z)};
        x[i] = panels->mean + panels->deviation * z;
    }
    formula_evaluate(formula, formula->nodes - 1, POINTS, x, phi, slope);
    for (int i = 0; i < POINTS; i++) {
        Node *node = &panels->node[panel->first + i];
        Box range, slopes;
        node->phi = phi[i];
        node->slope = slope[i];
        formula_range_at(formula, place(panels, node->z, node->z), &range, &slopes);
        node->phi_off = off(range, phi[i]);
        node->slope_off = off(slopes, slope[i]);
        if (isnan(phi[i]) && fabs(node->z) <= CERTAIN && isnan(panels->not_a_number))
            panels->not_a_number = x[i];
    }
}

// Nodes where the rule is worth it, or where nothing else is known.
static void fill(Panels *panels) {
    for (size_t p = 0; p < panels->count && isnan(panels->not_a_number); p++) {
        Panel *panel = &panels->panel[p];
        bool wanted = false;
        for (int i = 0; i < panels->task.aims && !panel->dead; i++) {
            double bounds = by_bounds(panels, panel, panels->task.aim[i]).error;
            wanted = wanted || bounds > TOLERANCE * panels->size[i];
        }
        if (wanted) add_nodes(panels, panel);
    }
}

Panels *panels_new(const PanelTask *task) {
    Panels *panels = memory_new(1, sizeof *panels);
    panels->task = *task;
    panels->mean = task->law.mean;
    panels->deviation = sqrt(task->law.variance);
    panels->not_a_number = NAN;
    REQUIRE(panels->deviation > 0);
    start(panels);
    while (halve(panels)) {
    }
    measure(panels);
    fill(panels);
    return panels;
}

void panels_free(Panels *panels) {
    if (!panels) return;
    memory_free(panels->panel);
    memory_free(panels->node);
    memory_free(panels);
}

size_t panels_count(const Panels *panels) {
    return panels->count;
}

// ---- sums ----

typedef struct Sum { // compensated
    double value, rest, size;
} Sum;

static void add(Sum *sum, double term) {
    double next = sum->value + term;
    if (isfinite(next))
        sum->rest += fabs(sum->value) >= fabs(term) ? (sum->value - next) + term
                                                    : (term - next) + sum->value;
    sum->value = next;
    sum->size += fabs(term);
}

// |a^k - b^k| for |a - b| <= off
static double power_off(double base, double off_by, int power) {
    if (off_by == 0) return 0;
    return off_by * power * raise(fabs(base) + off_by, power - 1);
}

// The rule's value of one panel, and its error: the rule's, rounding of phi, of weights.
static ActivationNumber by_rule(const Panels *panels, const Panel *panel, Integrand g) {
    Sum sum = {0};
    double error = error_of_rule(panel, g);
    for (int i = 0; i < POINTS; i++) {
        const Node *node = &panels->node[panel->first + i];
        double z = node->z, weight = root(node->weight, g.power);
        double value = weighted(g, node->phi, node->slope, z, node->weight);
        double base = g.slope ? node->slope : node->phi - g.centre;
        double base_off = g.slope ? node->slope_off : node->phi_off + DBL_EPSILON * fabs(base);
        add(&sum, value);
        error += fabs(score(g, z)) * power_off(base * weight, base_off * weight, g.power);
        error += DBL_EPSILON * (16 + 2 * z * z) * fabs(value);
        if (g.scored) error += 4 * DBL_EPSILON * z * z * raise(fabs(base * weight), g.power);
    }
    return (ActivationNumber){sum.value + sum.rest, isnan(error) ? INFINITY : error};
}

// What a panel seems to hold where nothing bounds it.
static double seen(const Panels *panels, const Panel *panel, Integrand g) {
    double sum = 0;
    for (int i = 0; i < POINTS; i++) {
        const Node *node = &panels->node[panel->first + i];
        double value = fabs(weighted(g, node->phi, node->slope, node->z, node->weight));
        if (!isnan(value)) sum += value;
    }
    return sum;
}

static bool grows_at_ends(const Panels *panels, Integrand g, double size) {
    for (int side = -1; side <= 1; side += 2) {
        double z = side * FURTHEST, x = panels->mean + panels->deviation * z, phi, slope;
        formula_evaluate(panels->task.formula, panels->task.formula->nodes - 1, 1, &x, &phi,
                         &slope);
        double value = fabs(weighted(g, phi, slope, z, density(z)));
        if (value > 1e-9 * size) return true;
    }
    return false;
}

ActivationNumber panels_expect(const Panels *panels, Integrand g, double *at) {
    Sum sum = {0};
    double error = 0, singular = 0;
    bool overflows = false;
    if (at) *at = panels->not_a_number;
    if (!isnan(panels->not_a_number)) return (ActivationNumber){NAN, INFINITY};
    for (size_t p = 0; p < panels->count; p++) {
        const Panel *panel = &panels->panel[p];
        ActivationNumber share = by_bounds(panels, panel, g);
        if (panel->first >= 0 && share.error > 0) {
            ActivationNumber ruled = by_rule(panels, panel, g);
            double held = seen(panels, panel, g);
            if (ruled.error < share.error) share = ruled;
            overflows = overflows || (isinf(share.error) && isinf(held));
            if (isinf(share.error) && !splits(panels, panel)) {
                share = (ActivationNumber){ruled.value, 4 * held};
                singular += held;
            }
        }
        add(&sum, share.value);
        error += share.error;
    }
    double value = sum.value + sum.rest;
    if (overflows || singular > 1e-3 * sum.size || !isfinite(sum.size) ||
        grows_at_ends(panels, g, sum.size))
        return (ActivationNumber){value < 0 ? -INFINITY : INFINITY, INFINITY};
    return (ActivationNumber){value, error + 4 * DBL_EPSILON * fabs(value)};
}

void panels_hermite(const Panels *panels, double *a, double *error) {
    int count = panels->task.harmonics + 1;
    double all = 0, size = 0;
    const Integrand phi = {.power = 1};
    for (int n = 0; n < count; n++) a[n] = error[n] = 0;
    for (size_t p = 0; p < panels->count; p++) {
        const Panel *panel = &panels->panel[p];
        double bounds = by_bounds(panels, panel, phi).error, rule = error_of_rule(panel, phi);
        bool singular = isinf(bounds) && isinf(rule) && !splits(panels, panel);
        if (panel->first < 0 || (bounds <= rule && !singular)) {
            all += bounds;
            continue;
        }
        all += singular ? 4 * seen(panels, panel, phi) : rule;
        for (int i = 0; i < POINTS; i++) {
            const Node *node = &panels->node[panel->first + i];
            double before = 0, now = 1, z = node->z, held = node->weight * node->phi;
            double off_by =
                node->weight * node->phi_off + fabs(held) * DBL_EPSILON * (12 + 2 * z * z);
            for (int n = 0; n < count; n++) {
                double next = (z * now - sqrt(n) * before) / sqrt(n + 1);
                a[n] += held * now;
                error[n] += off_by * fabs(now);
                before = now;
                now = next;
            }
            size += fabs(held) * exp(z * z / 4);
        }
    }
    // |h_n(z)| <= 1.09 exp(z^2/4) (Cramer); the recurrence and the sum are off by n epsilon of
    // that.
    for (int n = 0; n < count; n++) error[n] += all + 2 * (n + 4) * DBL_EPSILON * size;
}
