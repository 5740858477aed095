// The door of net/: the network language, in the notation of the VGG paper's table.
//
//     # a comment
//     let k = 16                                    # a variable with its default
//     input 32x32x3
//     conv3-{k} relu pool2
//     repeat 2 {
//         residual { conv3-{k} relu conv3-{k} }     # x + block(x)
//         relu
//     }
//     residual { conv3-{2*k} stride=2 } shortcut { conv1-{2*k} stride=2 bias=no }
//     dropout p=0.1
//     fc-10 softmax
//
// Grammar (words are case-insensitive; white space, line ends and comments only separate):
//     network    = { let } input part { part }
//     let        = "let" NAME "=" expression
//     input      = "input" size { "x" size }           at most three sizes, no blanks: 224x224x3
//     part       = layer | repeat | residual
//     layer      = WORD [ "-" size ] { NAME "=" value }  no blanks around "-": fc-64
//     repeat     = "repeat" size "{" part { part } "}"   so many times, 0 allowed
//     residual   = "residual" "{" part { part } "}" [ "shortcut" "{" { part } "}" ]
//     size       = NUMBER | "{" expression "}"
//     value      = size | DECIMAL | WORD | TEXT
//     expression = product { ( "+" | "-" ) product }   whole numbers of 64 bits, checked
//     product    = factor { ( "*" | "/" | "%" ) factor }   "/" and "%" round towards 0, as in C
//     factor     = NUMBER | NAME | "-" factor | "(" expression ")"
// A TEXT stands in quotes on one line, as it is but for {expression}: group="S{n} on pairs".
// WORD is a kind of layer/, or its alias; digits at its end are the size of a window (the 3 of
// conv3-64). A DECIMAL is a number with a sign, a fraction or an exponent: 0.5, 1e-5. A let may use
// the variables before it. A residual is the sum of its block and its shortcut, both of which read
// what comes before it; an empty or absent shortcut is the identity. A loss (softmax) stands last.
// Reserved for what is to come, and refused with that word: a second input, and the keys name= and
// from=.
// Limits: 4 MB of text, 100000 layers and blocks (repetitions counted), 100 variables, words of 60
// letters, expressions and blocks 100 deep.
#pragma once

#include "layer/layer.h"

// A parsed text: statements with expressions not yet evaluated. Owns its memory.
typedef struct NetProgram NetProgram;

// MODEL is everywhere a file; else the text itself, when it holds white space; else a name: the
// file NAME.net in $BENIGN_MODELS, ./models, or the folder that the program was installed with.
// NULL with an error: "file:line:column: ..." with the line and a caret, where a text is called
// "model"; for an unknown name the nearest one and all there are.
NetProgram *net_read(const char *model, Error *error);

// "models: lenet5, mlp", all that net_read finds by name; or that there is no folder of them.
void net_list(Text *text);

// Parses a text of any bytes; name is what errors call it. Time and memory are linear in length.
NetProgram *net_parse(const char *name, const char *text, size_t length, Error *error);

// The program as text again, without comments, blocks indented: net_parse of it prints the same.
void net_print(const NetProgram *program, Text *text);

// The same on one line, for settings and stores.
void net_print_line(const NetProgram *program, Text *text);

// The variables in order of their `let`s, in lower case, and their defaults as written ("2*k").
size_t net_variables(const NetProgram *program);
const char *net_variable(const NetProgram *program, size_t i);
void net_print_default(const NetProgram *program, size_t i, Text *text);

void net_program_free(NetProgram *program); // NULL is allowed

// A network: every size known, every product checked for overflow. Layers are named by kind and
// number: fc1, relu1, fc2. They stand in an order in which they can run: each reads layers before
// it (Layer.from). A residual becomes the layers of its block, those of its shortcut, and a join
// that adds the two. Slots lie in the flat block in order, without gaps.
typedef struct Net {
    Shape input;
    Layer *layer; // (layers), at least one
    size_t layers;
    int64_t parameters;       // floats in the flat block
    int64_t buffers;          // floats in the block of what is remembered but not learned
    int64_t macs;             // of one forward pass of one example
    int64_t activation_bytes; // of every layer's output for one example, 4 bytes a number
    int64_t outputs;          // features of the last layer
    Settings variables;       // every variable with its value, decimal
    char *canonical;          // see net_canonical
} Net;

// Evaluates a program. variables (may be NULL) overrides lets. A name that no `let` declares, or a
// value that is no whole number, is an error that begins with the setting's place and lists the
// variables there are with their defaults. A shape that does not fit is an error that names both
// layers and the shapes.
Net *net_build(const NetProgram *program, const Settings *variables, Error *error);
void net_free(Net *net); // NULL is allowed

// What layer number `layer` is called, or "input" for LAYER_INPUT.
const char *net_layer_name(const Net *net, int64_t layer);

// An error about a layer of a network that was built from this program: its place in the text, its
// name and the reason. Returns false.
bool net_refuse(const NetProgram *program, const Layer *layer, const char *reason, Error *error);

// The network with all sizes and repetitions written out, one line, aliases resolved, defaults left
// out: the canonical name of the function class. net_build of it gives an equal Net, without
// variables.
void net_canonical(const Net *net, Text *text);

// How many numbers each layer holds and moves: a row a layer (name, as written, output shape,
// parameters, multiply-adds, activation bytes, receptive field, stride), the totals, the share of
// the fully connected layers, and the conventions. model is what the user called it. chw: shapes
// with the channels in front (3x224x224) instead of behind.
//
// A layer that sees all of its input (a fully connected one) counts as a window as large as what it
// reads; tables for people say "full" there and behind it. CSV (RFC 4180 with \n) has one row for
// each layer, and no totals. JSON has the keys model, variables{}, input[], parameters,
// parameters_fc, share_fc (0 to 1), macs, activation_bytes, layers[] with layer, written, inputs[],
// output[], parameters, macs, activation_bytes, receptive_field, stride; and conventions[]. LaTeX
// needs the package booktabs.
typedef enum NetFormat { NET_TABLE, NET_JSON, NET_CSV, NET_MARKDOWN, NET_LATEX } NetFormat;
void net_count(const Net *net, const char *model, NetFormat format, bool chw, Text *text);
