// One CSV file as examples: which columns are what, and the names of classes. Private to data/.
#pragma once

#include "data/csv_file.h"
#include "data/load.h"

enum { CSV_CLASSIFICATION, CSV_REGRESSION };
enum { CSV_HEADER_AUTO, CSV_HEADER_YES, CSV_HEADER_NO };

typedef struct CsvOptions {
    char *file, *test, *label;
    int task, header, standardise, separator, decimal;
    int64_t classes, labels_from, seed;
    double holdout;
} CsvOptions;

// Names of classes, sorted by their bytes, each once.
typedef struct CsvNames {
    char **name;
    size_t count, capacity;
} CsvNames;

// Where a name is, or would be; *found says which.
size_t csv_names_find(const CsvNames *names, const char *name, bool *found);

// What a first pass over a file learns.
typedef struct CsvLayout {
    size_t rows, columns;
    size_t index;   // columns left out at the beginning: 0 or 1
    size_t label;   // the column to predict
    bool header;    // the first record holds names
    Text heads;     // the names of the columns, each with its final 0
    CsvNames names; // of classes; none where labels are numbers
} CsvLayout;

// Reads a file once; train: the layout that it must share, or NULL. Free it in any case.
bool csv_measure(Csv *csv, const CsvOptions *options, const CsvLayout *train, CsvLayout *layout,
                 Error *error);
void csv_layout_free(CsvLayout *layout);
