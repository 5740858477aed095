// Clock, processors, interruption.
#pragma once

#include "base/text.h"
#include <stdbool.h>

double system_seconds(void); // monotonic

// "42 s", "3 min 20 s", "2 h 05 min"
void system_duration(Text *text, double seconds);

// How many processors this process may use: its affinity mask, cut by its control group's quota.
int system_processors(void);

// Physical memory of this machine, in bytes.
double system_memory(void);

// Peak resident memory of this process so far, in bytes.
size_t system_peak_memory(void);

// Standard input, output and error that were closed (prog >&-) become files that give nothing and
// take nothing, so that no file of ours is opened in their place and written into. Writing beyond a
// limit on the size of files is an error from here on, and no longer ends the process. False: not
// even that is to be had.
bool system_keep_standard_files(void);

// Writing into a pipe that nobody reads is an error from here on, and no longer ends the process:
// for commands whose work outlasts their words.
void system_outlive_readers(void);

// After system_catch_interrupts, SIGINT and SIGTERM no longer end the process but make
// system_interrupted() true; a second SIGINT ends it at once.
void system_catch_interrupts(void);
bool system_interrupted(void);
