// Texts made to hurt: limits, deep nesting, long chains, random damage.
#include "invariants.h"
#include "run_suite.h"

static void repeat(Text *text, const char *part, size_t times) {
    for (size_t i = 0; i < times; i++) text_add(text, part);
}

// left^depth 7 right^depth as the size of a layer.
static Text nested(const char *left, const char *right, size_t depth) {
    Text text = {0};
    text_add(&text, "input 1 fc-{");
    repeat(&text, left, depth);
    text_add(&text, "7");
    repeat(&text, right, depth);
    text_add(&text, "}");
    return text;
}

static void check(Text *text, Verdict verdict, const char *place) {
    ck_assert_int_eq(net_check_text(text->data, text->length), verdict);
    if (place) {
        Error error;
        ck_assert_ptr_null(net_parse("text", text->data, text->length, &error));
        ck_assert_msg(text_starts(error.text, place), "%s", error.text);
    }
    text_free(text);
}

START_TEST(test_depth) {
    Text text = nested("(", ")", 100);
    check(&text, ACCEPTED, NULL);
    text = nested("(", ")", 101);
    check(&text, REFUSED_BY_PARSER, "text:1:113: expressions nest at most 100 deep");
    text = nested("(1+", ")", 100);
    check(&text, ACCEPTED, NULL);
    text = nested("-", "", 100);
    check(&text, ACCEPTED, NULL);
    text = nested("-", "", 101);
    check(&text, REFUSED_BY_PARSER, "text:1:113: expressions nest at most 100 deep");
    text = nested("(", "", 1000000);
    check(&text, REFUSED_BY_PARSER, "text:1:113: ");
    // Depth is given back: many expressions beside each other are not deep.
    text = nested("(1)*(1)+", "", 1000);
    check(&text, ACCEPTED, NULL);
}
END_TEST

START_TEST(test_long_chain) {
    Text text = nested("1+", "", 500000);
    check(&text, ACCEPTED, NULL);
    text = nested("1*", "", 500000);
    check(&text, ACCEPTED, NULL);
}
END_TEST

START_TEST(test_layers) {
    Text text = {0};
    text_add(&text, "input 3");
    repeat(&text, " relu", 100000);
    check(&text, ACCEPTED, NULL);
    text_add(&text, "input 3");
    repeat(&text, " relu", 100001);
    check(&text, REFUSED_BY_PARSER,
          "text:1:500009: a network has at most 100000 layers and blocks");
}
END_TEST

// residual { ... } as deep as it goes, and one deeper; the depth is given back behind a block.
START_TEST(test_blocks) {
    for (int depth = 100; depth <= 101; depth++) {
        Text text = {0};
        text_add(&text, "input 3 ");
        repeat(&text, "residual{", (size_t)depth);
        text_add(&text, "relu");
        repeat(&text, "}", (size_t)depth);
        if (depth == 100) repeat(&text, "repeat 2{residual{relu}shortcut{}}", 300);
        bool fits = depth == 100;
        check(&text, fits ? ACCEPTED : REFUSED_BY_PARSER,
              fits ? NULL : "text:1:909: blocks nest at most 100 deep");
    }
    Text text = {0};
    text_add(&text, "input 3 ");
    repeat(&text, "repeat 2 { ", 1000000 / 11);
    check(&text, REFUSED_BY_PARSER, "text:1:1109: blocks nest at most 100 deep");
}
END_TEST

// Repetitions are counted before anything is built: no text of a few bytes takes long.
START_TEST(test_repetitions) {
    Text text = {0};
    text_add(&text, "input 3 repeat 99999 { relu }");
    check(&text, ACCEPTED, NULL);
    text_add(&text, "input 3 repeat 100000 { relu }");
    check(&text, REFUSED_BY_BUILDER, NULL);
    text_add(&text, "input 3 relu repeat 33333 { repeat 1 { repeat 0 { relu } } }");
    check(&text, ACCEPTED, NULL);
    text_add(&text, "input 3 relu repeat 99999 { repeat 0 { relu } repeat 0 { relu } }");
    check(&text, REFUSED_BY_BUILDER, NULL);
    text_add(&text, "input 3 ");
    for (int i = 0; i < 99; i++) text_add(&text, "repeat 9223372036854775807 { ");
    text_add(&text, "relu");
    repeat(&text, " }", 99);
    check(&text, REFUSED_BY_BUILDER, NULL);
    text_add(&text, "input 3 repeat 70000 { fc-1234567890123456789 bias=no }");
    check(&text, REFUSED_BY_BUILDER, NULL);
}
END_TEST

START_TEST(test_size) {
    Text text = {0};
    text_add(&text, "input 3 relu");
    repeat(&text, " ", (4 << 20) - text.length);
    ck_assert_int_eq(net_check_text(text.data, text.length), ACCEPTED);
    text_add(&text, " ");
    check(&text, REFUSED_BY_PARSER, "text: 4194305 bytes; the text of a network has at most ");
}
END_TEST

START_TEST(test_words_and_variables) {
    Text text = {0};
    text_add(&text, "input 3 ");
    repeat(&text, "r", 61);
    check(&text, REFUSED_BY_PARSER, "text:1:9: a word has at most 60 letters");
    text_add(&text, "input 3 ");
    repeat(&text, "7", 1000000);
    check(&text, REFUSED_BY_PARSER, "text:1:9: expected a layer, found \"7777777777");
    for (int i = 0; i < 100; i++) text_printf(&text, "let v%d = %d ", i, i);
    Text more = {0};
    text_printf(&more, "%slet last = 1 input 3 relu", text.data);
    text_add(&text, "input {v99} relu");
    check(&text, ACCEPTED, NULL);
    check(&more, REFUSED_BY_PARSER, "text:1:1285: a network has at most 100 variables");
}
END_TEST

// Random damage to good texts: a byte, a piece of another text, a cut, a doubled piece.
static const char *const SEEDS[] = {
    "let width = 64\ninput 40\nfc-{width} relu fc-{2*width+1} bias=no relu # x\nfc-10 softmax\n",
    "input 8x8x3 fc-{9-(7%4)*-(5%3)} tanh fc-{(3-1)*-(2-7)%8/3+9} bias=yes",
    "let a=2 let b=a*a input {a}x{b} linear-{b-(a-(1-a))} relu fc-3",
    "let k=3 input 4 repeat {k-1} { residual { fc-9 relu fc-4 } relu } residual { fc-{k} }\n"
    "shortcut { fc-3 bias=no repeat 0 { tanh } } fc-10 softmax",
    "input 9x8x3 conv3-{6/2} stride=2 bn relu residual{conv3-3 bias=no} pool2 pad=1 gap dropout "
    "p=0.25 flatten",
    "let n=4 input {n}x3 tied-{n} group=\"S{n}\" channels=2 relu tied-{n*n} group=\"D{n} to D4 on "
    "pairs\" bias=no tied-3 group=\"S{n} wr (1 2) on product to trivial({n-1})\" softmax",
    "fcc conv3-64 stride=2 shortcut { relu } p=1.5e-3 name=from 9223372036854775807*2/0%1",
};
enum { WHOLE = 6, ALL = 7 }; // the last is only a quarry
static const char BYTES[] = "0123456789{}()+-*/%=x# \n\tfclet_R\"S\xff\xc3";

static void replace(Text *text, size_t at, size_t width, const char *part, size_t length) {
    Text result = {0};
    text_add_bytes(&result, text->data, at);
    text_add_bytes(&result, part, length);
    text_add_bytes(&result, text->data + at + width, text->length - at - width);
    text_free(text);
    *text = result;
}

static void damage(Text *text, Random *random) {
    const char *other = SEEDS[random_below(random, ALL)];
    size_t at = random_below(random, text->length + 1), rest = text->length - at;
    size_t width = random_below(random, (rest < 9 ? rest : 9) + 1);
    size_t from = random_below(random, strlen(other));
    size_t length = random_below(random, (strlen(other) - from < 12 ? strlen(other) - from : 12));
    switch (random_below(random, 3)) {
    case 0:
        replace(text, at, rest > 0, &BYTES[random_below(random, sizeof BYTES)], 1);
        break;
    case 1:
        replace(text, at, width, "", 0);
        break;
    default:
        replace(text, at, width, other + from, length);
    }
}

START_TEST(test_damage) {
    int seen[3] = {0};
    for (uint64_t i = 0; i < 5000; i++) {
        Random random = random_stream(2385, RANDOM_TEST, i);
        Text text = {0};
        text_add(&text, SEEDS[random_below(&random, WHOLE)]);
        for (uint64_t n = 1 + random_below(&random, 4); n > 0; n--) damage(&text, &random);
        seen[net_check_text(text.data, text.length)]++;
        text_free(&text);
    }
    // The damage reaches every stage.
    ck_assert_msg(seen[0] > 500 && seen[1] > 100 && seen[2] > 100, "refused %d, %d; accepted %d",
                  seen[0], seen[1], seen[2]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("net/hostile");
    TCase *cases = tcase_create("all");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, test_depth);
    tcase_add_test(cases, test_long_chain);
    tcase_add_test(cases, test_layers);
    tcase_add_test(cases, test_size);
    tcase_add_test(cases, test_blocks);
    tcase_add_test(cases, test_repetitions);
    tcase_add_test(cases, test_words_and_variables);
    tcase_add_test(cases, test_damage);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
