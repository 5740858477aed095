// Private to net/: what net_count prints, whatever the format: one list of columns, one of rows.
#pragma once

#include "net/net.h"

enum { NAME, WRITTEN, OUTPUT, PARAMETERS, MACS, ACTIVATIONS, RECEPTIVE, STRIDE, COLUMNS };

typedef struct CountColumn {
    const char *title, *key; // for people; in CSV and JSON
} CountColumn;

extern const CountColumn count_column[COLUMNS];

extern const char *const count_conventions[]; // ends in NULL

typedef struct Count {
    const Net *net;
    const char *model;
    bool chw;
    bool positions; // the input has some, so that a receptive field means something to people
    bool *whole;    // (layers) outputs that see all of the input
    int64_t fc;     // parameters of the fully connected layers
} Count;

enum { COUNT_NOTHING = -1 }; // instead of a number

typedef struct CountRow {
    const char *name;
    const Layer *layer;      // NULL: the input or the totals
    const Shape *output;     // NULL: the totals
    bool whole;              // it sees all of the input
    int64_t number[COLUMNS]; // of the columns from PARAMETERS on
} CountRow;

// Row 0 is the input, row 1 + i layer i, and row 1 + layers holds the totals.
CountRow count_row(const Count *count, size_t row);

// What a row's layer is: as it is written, or for a join the two layers that it adds.
void count_written(const Count *count, const Layer *layer, Text *text);

double count_share(const Count *count); // of the fully connected layers in all parameters

// The sizes of a shape in the order asked for; returns the rank.
int count_sizes(const Count *count, const Shape *shape, int64_t size[3]);

void count_write_table(const Count *count, Text *text);
void count_write_csv(const Count *count, Text *text);
void count_write_markdown(const Count *count, Text *text);
void count_write_latex(const Count *count, Text *text);
void count_write_json(const Count *count, Text *text);
