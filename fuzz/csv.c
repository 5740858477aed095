// Any bytes as a CSV file: no crash, and what is accepted is finite and labelled within its
// classes.
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64], spec[160];
    fuzz_file(path, ".csv", data, size);
    snprintf(spec, sizeof spec, "csv:file=%s,holdout=0.3,standardise=whole", path);
    fuzz_open(spec);
    snprintf(spec, sizeof spec, "csv:file=%s,task=regression,header=no,label=1", path);
    fuzz_open(spec);
    snprintf(spec, sizeof spec, "csv:file=%s,separator=semicolon,decimal=comma,labels_from=1",
             path);
    fuzz_open(spec);
    snprintf(spec, sizeof spec, "csv:file=%s,test=%s,separator=space,classes=3", path, path);
    fuzz_open(spec);
    unlink(path);
    return 0;
}
