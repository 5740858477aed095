// Three kinds of "no", never mixed:
//   a bug       a broken precondition: REQUIRE stops the program with file, line and condition;
//   an error    text, files, memory, databases: a function returns false (or NULL) and fills an
//   Error
//               whose message begins with the USER's place, says what was found and what would fit;
//   an outcome  diverged, no peak, ...: a field of the result, stored like any number.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The values are the exit codes of the program.
typedef enum ErrorKind {
    ERROR_NONE = 0,
    ERROR_INPUT = 1,       // the user's text, file, data or machine
    ERROR_USAGE = 2,       // the command line
    ERROR_INTERRUPTED = 3, // stopped on request, can be resumed
} ErrorKind;

typedef struct Error {
    ErrorKind kind;
    char text[4096]; // no newline at the end
} Error;

// Fills *error (which may be NULL) with kind and message; always returns false, so that
// `return error_set(error, ...)` is the way out.
bool error_set(Error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool error_kind(Error *error, ErrorKind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts "prefix: " in front of the message that *error already holds; returns false.
bool error_prefix(Error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

// An error in a text the user wrote. The message becomes
//     name:LINE:COLUMN: message
//         the line of source
//         ^~~~
// source has length bytes (it need not end in 0); offset and width (bytes, width >= 1) mark the
// place. LINE and COLUMN count from 1; a tab counts as one column and a UTF-8 character as one.
bool error_at(Error *error, const char *name, const char *source, size_t length, size_t offset,
              size_t width, const char *format, ...) __attribute__((format(printf, 7, 8)));

// A bug of ours: prints file, line and condition, and aborts.
#define REQUIRE(condition) ((condition) ? (void)0 : error_stop(__FILE__, __LINE__, #condition))
_Noreturn void error_stop(const char *file, int line, const char *condition);
