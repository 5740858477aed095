// What must hold for every text whatsoever; shared by test_hostile.c and fuzz/net.c.
#pragma once

#include "net/net.h"
#include <string.h>

// What net_print writes parses, and prints the same again.
static inline void net_check_print(const NetProgram *program) {
    Error error;
    Text once = {0}, twice = {0};
    net_print(program, &once);
    NetProgram *again = net_parse("printed", once.data, once.length, &error);
    REQUIRE(again != NULL);
    net_print(again, &twice);
    REQUIRE(strcmp(once.data, twice.data) == 0);
    net_program_free(again);
    text_free(&once);
    text_free(&twice);
}

static inline void net_check_reads(const Net *net, const Shape *in, int64_t from, size_t i) {
    REQUIRE(from >= LAYER_INPUT && from < (int64_t)i);
    REQUIRE(shape_equal(in, from == LAYER_INPUT ? &net->input : &net->layer[from].out));
}

// Each layer takes what the layers that it reads give; slots lie one behind the other and fill the
// block.
static inline void net_check_layers(const Net *net) {
    int64_t end = 0;
    for (size_t i = 0; i < net->layers; i++) {
        const Layer *layer = &net->layer[i];
        net_check_reads(net, &layer->in, layer->from, i);
        if (layer->kind->is_join) net_check_reads(net, &layer->in2, layer->from2, i);
        REQUIRE(layer->receptive >= 1 && layer->stride >= 1);
        for (int j = 0; j < layer->slots; j++) {
            REQUIRE(layer->slot[j].offset == end && layer->slot[j].count > 0);
            end += layer->slot[j].count;
        }
    }
    REQUIRE(end == net->parameters);
}

static inline void net_check_equal(const Net *a, const Net *b) {
    REQUIRE(shape_equal(&a->input, &b->input) && a->layers == b->layers);
    REQUIRE(a->parameters == b->parameters && a->macs == b->macs && a->outputs == b->outputs);
    for (size_t i = 0; i < a->layers; i++) {
        REQUIRE(strcmp(a->layer[i].name, b->layer[i].name) == 0);
        REQUIRE(a->layer[i].from == b->layer[i].from && a->layer[i].from2 == b->layer[i].from2);
        REQUIRE(shape_equal(&a->layer[i].out, &b->layer[i].out));
        Text one = {0}, other = {0}; // options may own texts
        layer_print(&a->layer[i], &one);
        layer_print(&b->layer[i], &other);
        REQUIRE(strcmp(one.data, other.data) == 0);
        text_free(&one);
        text_free(&other);
    }
}

// A text that builds an equal network.
static inline void net_check_builds(const Text *text, const Net *net) {
    Error error;
    NetProgram *program = net_parse("again", text->data, text->length, &error);
    REQUIRE(program != NULL);
    Net *again = net_build(program, NULL, &error);
    REQUIRE(again != NULL);
    net_check_equal(net, again);
    net_free(again);
    net_program_free(program);
}

// Printed and canonical text both mean the same network.
static inline void net_check_meaning(const NetProgram *program, const Net *net) {
    Text printed = {0}, canonical = {0};
    net_print(program, &printed);
    net_check_builds(&printed, net);
    net_canonical(net, &canonical);
    net_check_builds(&canonical, net);
    text_free(&printed);
    text_free(&canonical);
}

// Whatever the network, every format can print it.
static inline void net_check_count(const Net *net) {
    for (int format = NET_TABLE; format <= NET_LATEX; format++) {
        Text text = {0};
        net_count(net, "text", (NetFormat)format, format % 2, &text);
        REQUIRE(text.length > 0 && text.data[text.length - 1] == '\n');
        text_free(&text);
    }
}

typedef enum Verdict { REFUSED_BY_PARSER, REFUSED_BY_BUILDER, ACCEPTED } Verdict;

static inline Verdict net_check_text(const char *text, size_t length) {
    Error error = {0};
    NetProgram *program = net_parse("text", text, length, &error);
    Net *net = NULL;
    Verdict verdict = program ? REFUSED_BY_BUILDER : REFUSED_BY_PARSER;
    if (program) {
        net_check_print(program);
        net = net_build(program, NULL, &error);
    }
    if (net) {
        verdict = ACCEPTED;
        net_check_layers(net);
        net_check_meaning(program, net);
        if (net->layers <= 1000) net_check_count(net);
    } else {
        REQUIRE(text_starts(error.text, "text:"));
    }
    net_free(net);
    net_program_free(program);
    return verdict;
}
