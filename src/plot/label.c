#include "plot/inner.h"
#include <math.h>

enum { PIECES = 24 }; // a line in the way is a chain of small boxes

static double place_x(const Labels *labels, double x) {
    return labels->panel.left +
           plot_fraction(labels->x, x) * (labels->panel.right - labels->panel.left);
}

static double place_y(const Labels *labels, double y) {
    return labels->panel.bottom +
           plot_fraction(labels->y, y) * (labels->panel.top - labels->panel.bottom);
}

static void avoid(Labels *labels, Box box) {
    labels->taken =
        memory_grow(labels->taken, labels->count, &labels->capacity, sizeof *labels->taken);
    labels->taken[labels->count++] = box;
}

void labels_avoid_band(Labels *labels, double x0, double low0, double high0, double x1, double low1,
                       double high1) {
    double left = place_x(labels, x0), right = place_x(labels, x1);
    double from[2] = {place_y(labels, low0), place_y(labels, high0)};
    double to[2] = {place_y(labels, low1), place_y(labels, high1)};
    double gap = 0.2 * labels->script->em;
    for (int i = 0; i < PIECES; i++) {
        double a = (double)i / PIECES, b = (i + 1.0) / PIECES;
        Box box = {left + a * (right - left) - gap, INFINITY, left + b * (right - left) + gap,
                   -INFINITY};
        for (int end = 0; end < 2; end++) {
            double at_a = from[end] + a * (to[end] - from[end]);
            double at_b = from[end] + b * (to[end] - from[end]);
            box.bottom = fmin(box.bottom, fmin(at_a, at_b) - gap);
            box.top = fmax(box.top, fmax(at_a, at_b) + gap);
        }
        avoid(labels, box);
    }
}

void labels_avoid_line(Labels *labels, double x0, double y0, double x1, double y1) {
    labels_avoid_band(labels, x0, y0, y0, x1, y1, y1);
}

static double overlap(const Box *a, const Box *b) {
    double width = fmin(a->right, b->right) - fmax(a->left, b->left);
    double height = fmin(a->top, b->top) - fmax(a->bottom, b->bottom);
    return width < 0 || height < 0 ? 0 : 1e-6 + width * height;
}

static bool inside(const Box *box, const Box *panel) {
    return box->left >= panel->left && box->right <= panel->right && box->bottom >= panel->bottom &&
           box->top <= panel->top;
}

// Less is better: nothing in the way first, then near the point.
static double cost(const Labels *labels, const Box *box, double x, double y) {
    if (!inside(box, &labels->panel)) return INFINITY;
    double em = labels->script->em, hidden = 0;
    for (size_t i = 0; i < labels->count; i++) hidden += overlap(box, &labels->taken[i]);
    double far_x = fmax(0, fmax(box->left - x, x - box->right));
    double far_y = fmax(0, fmax(box->bottom - y, y - box->top));
    double aside = fabs(0.5 * (box->left + box->right) - x);
    return 1e3 * hidden / (em * em) + (hypot(far_x, far_y) + 0.1 * aside) / em;
}

static Box find_room(const Labels *labels, double x, double y, double width, double height) {
    enum { STEPS = 48 };
    double room_x = labels->panel.right - labels->panel.left - width;
    double room_y = labels->panel.top - labels->panel.bottom - height;
    Box best = {labels->panel.left, labels->panel.bottom, 0, 0};
    double least = INFINITY;
    for (int i = 0; i <= STEPS; i++) {
        for (int j = 0; j <= STEPS; j++) {
            Box box = {labels->panel.left + room_x * i / STEPS,
                       labels->panel.bottom + room_y * j / STEPS, 0, 0};
            box.right = box.left + width;
            box.top = box.bottom + height;
            double price = cost(labels, &box, x, y);
            if (price < least) {
                least = price;
                best = box;
            }
        }
    }
    return (Box){best.left, best.bottom, best.left + width, best.bottom + height};
}

static void print_line(const Labels *labels, const char *text, double left, double middle,
                       const char *colour) {
    Script *script = labels->script;
    text_add(&script->script, "set label ");
    plot_add_quoted(&script->script, text);
    text_printf(&script->script, " at screen %.5f, screen %.5f left front textcolor '%s'\n",
                left / script->width, middle / script->height, colour);
}

void labels_put(Labels *labels, double x, double y, const char *first, const char *second,
                const char *colour) {
    const Script *script = labels->script;
    double em = script->em, line = 1.3 * em, lines = second ? 2 : 1;
    double width =
        fmax(plot_text_width(script, first), second ? plot_text_width(script, second) : 0);
    Box box = find_room(labels, place_x(labels, x), place_y(labels, y), width + 0.6 * em,
                        lines * line + 0.2 * em);
    avoid(labels, box);
    double left = box.left + 0.3 * em, middle = box.top - 0.1 * em - 0.5 * line;
    print_line(labels, first, left, middle, colour);
    if (second) print_line(labels, second, left, middle - line, colour);
}

void labels_free(Labels *labels) {
    memory_free(labels->taken);
}
