// The door of net/: the network language, in the notation of the VGG paper's table.
//
//     # a comment
//     let width = 64                  # a variable with its default
//     input 40
//     fc-{width} relu
//     fc-{2*width} bias=no relu
//     fc-10 softmax
//
// Grammar (words are case-insensitive; white space and line ends only separate):
//     network  = { let } input { layer }
//     let      = "let" NAME "=" integer expression
//     input    = "input" shape                         shape = size { "x" size }, rank 1 to 3
//     layer    = WORD [ "-" size ] { NAME "=" value }  WORD: a kind of layer/, or its alias
//     size     = NUMBER | "{" expression "}"           + - * / % and parentheses, int64, checked
//     value    = size | WORD
// Reserved for what is to come, and refused with that word: repeat, residual, shortcut, and the
// keys name= and from=.
#pragma once

#include "layer/layer.h"

// A parsed text: statements with expressions not yet evaluated. Owns its memory.
typedef struct NetProgram NetProgram;

// MODEL is everywhere a file, a name from models/ (found in $BENIGN_MODELS, ./models, or where the
// program was installed), or the text itself (anything that holds white space).
// NULL with an error "file:line:column: ..." with the line and a caret.
NetProgram *net_read(const char *model, Error *error);

// Parses a text; name is what errors call it.
NetProgram *net_parse(const char *name, const char *text, size_t length, Error *error);

// The program as text again: net_parse(net_print(p)) prints the same.
void net_print(const NetProgram *program, Text *text);

// The variables in order of their `let`s, and their defaults as written.
size_t net_variables(const NetProgram *program);
const char *net_variable(const NetProgram *program, size_t i);

void net_program_free(NetProgram *program);

// A network: every size known, every product checked for overflow.
typedef struct Net {
    Shape input;
    Layer *layer; // (layers)
    size_t layers;
    int64_t parameters; // floats in the flat block
    int64_t macs;       // of one forward pass of one example
    int64_t outputs;    // features of the last layer
    Settings variables; // every variable with its value, decimal
} Net;

// Evaluates a program. variables (may be NULL) overrides lets; a name that no `let` declares is an
// error that begins with the setting's place and lists the variables there are.
Net *net_build(const NetProgram *program, const Settings *variables, Error *error);
void net_free(Net *net);

// The network with all sizes written out, one line, defaults left out: the canonical name of the
// function class. net_build of it gives an equal Net.
void net_canonical(const Net *net, Text *text);
