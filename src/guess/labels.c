#include "guess/labels.h"
#include <string.h>

// ---- functions by name: of d coordinates, of which `ones` are +1 ----

typedef struct Named {
    const char *name;
    bool (*is_one)(size_t ones, size_t d);
} Named;

static bool is_and(size_t ones, size_t d) {
    return ones == d;
}
static bool is_or(size_t ones, size_t d) {
    return (void)d, ones > 0;
}
static bool is_xor(size_t ones, size_t d) {
    return (void)d, ones % 2;
}
static bool is_nand(size_t ones, size_t d) {
    return !is_and(ones, d);
}
static bool is_nor(size_t ones, size_t d) {
    return !is_or(ones, d);
}
static bool is_xnor(size_t ones, size_t d) {
    return !is_xor(ones, d);
}
static bool is_majority(size_t ones, size_t d) {
    return 2 * ones > d;
}
static bool is_all(size_t ones, size_t d) {
    return (void)ones, (void)d, true;
}
static bool is_none(size_t ones, size_t d) {
    return !is_all(ones, d);
}

static const Named NAMED[] = {
    {"and", is_and},           {"or", is_or},   {"xor", is_xor},
    {"nand", is_nand},         {"nor", is_nor}, {"xnor", is_xnor},
    {"majority", is_majority}, {"all", is_all}, {"none", is_none},
};
enum { NAMES = sizeof NAMED / sizeof *NAMED };

static const Named *find(const char *text) {
    for (size_t i = 0; i < NAMES; i++) {
        if (text_equal_fold(text, NAMED[i].name)) return &NAMED[i];
    }
    return NULL;
}

static void fill_named(const Named *named, size_t d, uint8_t *bit) {
    for (size_t i = 0; i < (size_t)1 << d; i++)
        bit[i] = named->is_one((size_t)__builtin_popcountll(i), d);
}

// "x2": coordinate 2.
static bool fill_coordinate(const char *text, size_t d, uint8_t *bit) {
    int64_t j;
    if ((*text != 'x' && *text != 'X') || !text_to_int(text + 1, &j)) return false;
    if (j < 0 || j >= (int64_t)d || !strchr("0123456789", text[1])) return false;
    for (size_t i = 0; i < (size_t)1 << d; i++) bit[i] = i >> j & 1;
    return true;
}

// ---- numbers ----

static int digit_of(char c) {
    const char *digits = "0123456789abcdef", *found;
    found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c) : NULL;
    return found ? (int)(found - digits) : -1;
}

static bool refuse(const char *text, size_t d, const char *place, Error *error) {
    Text names = {0};
    for (size_t i = 0; i < NAMES; i++) text_printf(&names, "%s, ", NAMED[i].name);
    error_set(error,
              "%s: \"%.200s\" is no set of points; it takes 0x and hexadecimal digits, bit i "
              "for point i, or a name: %sx0 to x%zu",
              place, text, names.data, d - 1);
    text_free(&names);
    return false;
}

static bool fill_number(const char *text, size_t d, const char *place, uint8_t *bit, Error *error) {
    size_t digits = strlen(text) - 2, points = (size_t)1 << d;
    memset(bit, 0, points);
    if (digits == 0) return refuse(text, d, place, error);
    for (size_t k = 0; k < digits; k++) { // from the right
        int digit = digit_of(text[2 + digits - 1 - k]);
        if (digit < 0) return refuse(text, d, place, error);
        for (size_t b = 0; b < 4; b++) {
            if (!(digit >> b & 1)) continue;
            if (4 * k + b >= points)
                return error_set(error, "%s: %.200s names point %zu, but the cube has %zu points",
                                 place, text, 4 * k + b, points);
            bit[4 * k + b] = 1;
        }
    }
    return true;
}

bool labels_read(const char *text, size_t d, const char *place, uint8_t *bit, Error *error) {
    REQUIRE(d >= 1 && d <= LABELS_MOST);
    const Named *named = find(text);
    if (named) fill_named(named, d, bit);
    if (named || fill_coordinate(text, d, bit)) return true;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return fill_number(text, d, place, bit, error);
    return refuse(text, d, place, error);
}

void labels_print(const uint8_t *bit, size_t d, Text *text) {
    size_t points = (size_t)1 << d, digits = points < 4 ? 1 : points / 4;
    bool begun = false;
    text_add(text, "0x");
    for (size_t k = digits; k-- > 0;) {
        int digit = 0;
        for (size_t b = 0; b < 4 && 4 * k + b < points; b++) digit |= bit[4 * k + b] << b;
        begun = begun || digit || k == 0;
        if (begun) text_printf(text, "%x", digit);
    }
}
