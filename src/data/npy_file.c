#define _DEFAULT_SOURCE // madvise
#include "data/npy_file.h"
#include "data/source.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Reads one value of a C type in native order.
#define TYPE_READER(name, Type)                                                                    \
    static double name(const unsigned char *bytes) {                                               \
        Type value;                                                                                \
        memcpy(&value, bytes, sizeof value);                                                       \
        return (double)value;                                                                      \
    }
TYPE_READER(read_f4, float)
TYPE_READER(read_f8, double)
TYPE_READER(read_i1, int8_t)
TYPE_READER(read_i2, int16_t)
TYPE_READER(read_i4, int32_t)
TYPE_READER(read_i8, int64_t)
TYPE_READER(read_u1, uint8_t)
TYPE_READER(read_u2, uint16_t)
TYPE_READER(read_u4, uint32_t)
TYPE_READER(read_u8, uint64_t)

// float16: a sign, 5 bits of exponent, 10 of the fraction.
static double read_f2(const unsigned char *bytes) {
    uint16_t bits;
    memcpy(&bits, bytes, sizeof bits);
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double size = exponent == 31  ? (fraction ? NAN : INFINITY)
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -size : size;
}

static const NpyType types[] = {
    {'f', 2, read_f2}, {'f', 4, read_f4}, {'f', 8, read_f8}, {'i', 1, read_i1},
    {'i', 2, read_i2}, {'i', 4, read_i4}, {'i', 8, read_i8}, {'u', 1, read_u1},
    {'u', 2, read_u2}, {'u', 4, read_u4}, {'u', 8, read_u8}, {'b', 1, read_u1},
};

// The header: a Python dictionary with the keys descr, fortran_order and shape.
typedef struct Header {
    Npy *npy;
    size_t at, end;
    Error *error;
    bool has_type, has_order, has_shape;
} Header;

__attribute__((format(printf, 2, 3))) static bool refuse(Header *header, const char *format, ...) {
    Text what = {0};
    va_list list;
    va_start(list, format);
    text_vprintf(&what, format, list);
    va_end(list);
    error_set(header->error, "%s: offset %zu: %s", header->npy->path, header->at, what.data);
    text_free(&what);
    return false;
}

static char peek(Header *header) {
    const char *bytes = header->npy->bytes;
    while (header->at < header->end && isspace((unsigned char)bytes[header->at])) header->at++;
    return header->at < header->end ? bytes[header->at] : 0;
}

static bool accept(Header *header, char c) {
    if (peek(header) != c) return false;
    header->at++;
    return true;
}

static bool expect(Header *header, char c) {
    return accept(header, c) || refuse(header, "the header lacks '%c' here", c);
}

enum { WORD = 24 };

static bool read_quoted(Header *header, char word[WORD]) {
    char quote = peek(header);
    if (quote != '\'' && quote != '"') return refuse(header, "the header lacks a quoted word here");
    size_t length = 0;
    for (header->at++; header->at < header->end; header->at++) {
        char c = header->npy->bytes[header->at];
        if (c == quote) break;
        if (length == WORD - 1) return refuse(header, "the header has too long a word");
        word[length++] = c;
    }
    word[length] = 0;
    return expect(header, quote);
}

static bool read_type(Header *header) {
    char word[WORD];
    if (peek(header) == '[') return refuse(header, "records with fields are not read here");
    size_t start = header->at;
    if (!read_quoted(header, word)) return false;
    const union {
        uint16_t number;
        char first;
    } probe = {1};
    char native = probe.first ? '<' : '>';
    bool known = strchr("<>=|", word[0]) && word[0] && isdigit((unsigned char)word[2]) && !word[3];
    for (size_t i = 0; known && i < sizeof types / sizeof *types; i++) {
        if (types[i].kind == word[1] && types[i].bytes == word[2] - '0')
            header->npy->type = &types[i];
    }
    if (!header->npy->type) {
        header->at = start;
        bool objects = word[1] == 'O';
        return refuse(header,
                      "values of type '%s'; read are float16, float32, float64, bool and "
                      "integers%s",
                      word,
                      objects ? " (x.astype('float32') makes numbers of Python's objects)" : "");
    }
    header->npy->swapped = strchr("<>", word[0]) && word[0] != native;
    return header->has_type = true;
}

static bool read_order(Header *header) {
    static const char *const words[] = {"False", "True"};
    peek(header);
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(words[i]);
        if (header->end - header->at < length) continue;
        if (memcmp(header->npy->bytes + header->at, words[i], length) != 0) continue;
        header->at += length;
        header->npy->fortran = i == 1;
        return header->has_order = true;
    }
    return refuse(header, "fortran_order is neither True nor False");
}

static bool read_size(Header *header, size_t *size) {
    if (!isdigit((unsigned char)peek(header))) return refuse(header, "the shape lacks a number");
    *size = 0;
    const char *bytes = header->npy->bytes;
    for (; header->at < header->end && isdigit((unsigned char)bytes[header->at]); header->at++) {
        if (__builtin_mul_overflow(*size, 10, size) ||
            __builtin_add_overflow(*size, (size_t)(bytes[header->at] - '0'), size))
            return refuse(header, "the shape has a number beyond 64 bits");
    }
    if (header->at < header->end && bytes[header->at] == 'L') header->at++; // of Python 2: (3L, 4L)
    return true;
}

static bool read_shape(Header *header) {
    Npy *npy = header->npy;
    if (!expect(header, '(')) return false;
    npy->rank = 0;
    while (peek(header) != ')') {
        if (npy->rank == NPY_RANK) return refuse(header, "more than %d dimensions", NPY_RANK);
        if (!read_size(header, &npy->size[npy->rank++])) return false;
        if (!accept(header, ',')) break;
    }
    return expect(header, ')') && (header->has_shape = true);
}

static bool read_pair(Header *header) {
    char key[WORD];
    if (!read_quoted(header, key) || !expect(header, ':')) return false;
    if (strcmp(key, "descr") == 0) return read_type(header);
    if (strcmp(key, "fortran_order") == 0) return read_order(header);
    if (strcmp(key, "shape") == 0) return read_shape(header);
    return refuse(header, "the header has an unknown key '%s'", key);
}

static bool read_dictionary(Header *header) {
    if (!expect(header, '{')) return false;
    while (peek(header) != '}') {
        if (!read_pair(header)) return false;
        if (!accept(header, ',')) break;
    }
    if (!expect(header, '}')) return false;
    if (peek(header)) return refuse(header, "the header goes on after its dictionary");
    if (header->has_type && header->has_order && header->has_shape) return true;
    return refuse(header, "the header lacks one of descr, fortran_order, shape");
}

// Finds where the header ends from the first bytes.
static bool read_prefix(Header *header) {
    Npy *npy = header->npy;
    const unsigned char *b = (const unsigned char *)npy->bytes;
    if (npy->file_size >= 4 && memcmp(b, "PK\x03\x04", 4) == 0)
        return refuse(header, "an .npz file, which is a zip of .npy files: unzip it");
    if (npy->file_size < 10 || memcmp(b, "\x93NUMPY", 6) != 0)
        return refuse(header, "not an .npy file: it does not begin with \\x93NUMPY and a version");
    int version = b[6];
    header->at = 6;
    if (version < 1 || version > 3)
        return refuse(header, "version %d of the format; 1, 2 and 3 are read", version);
    size_t length = (size_t)b[8] | (size_t)b[9] << 8;
    header->at = 10;
    if (version > 1) {
        header->at = 12;
        if (npy->file_size < 12) return refuse(header, "the file ends inside its header");
        length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    }
    header->end = header->at + length;
    if (header->end <= npy->file_size) return true;
    header->at = npy->file_size;
    return refuse(header, "the file ends inside its header");
}

// Whether the file is as long as its shape says.
static bool check_size(Header *header) {
    Npy *npy = header->npy;
    size_t bytes = 0;
    npy->rows = npy->rank ? npy->size[0] : 1;
    npy->cols = 1;
    bool fits = true;
    for (int i = 1; i < npy->rank; i++)
        fits = fits && !__builtin_mul_overflow(npy->cols, npy->size[i], &npy->cols);
    fits = fits && !__builtin_mul_overflow(npy->rows, npy->cols, &bytes) &&
           !__builtin_mul_overflow(bytes, (size_t)npy->type->bytes, &bytes);
    npy->start = header->end;
    size_t there = npy->file_size - npy->start;
    header->at = npy->file_size;
    if (!fits) return refuse(header, "the shape asks for more bytes than can be counted");
    if (there < bytes)
        return refuse(header, "the file ends %zu bytes too early for its shape", bytes - there);
    header->at = npy->start + bytes;
    return there == bytes || refuse(header, "%zu bytes follow the last value", there - bytes);
}

static bool read_header(Npy *npy, Error *error) {
    Header header = {.npy = npy, .error = error};
    bool ok = read_prefix(&header) && read_dictionary(&header) && check_size(&header);
    if (!ok) npy_close(npy);
    return ok;
}

bool npy_open(Npy *npy, const char *path, Error *error) {
    *npy = (Npy){.path = path};
    return file_read(path, source_limit, &npy->bytes, &npy->file_size, error) &&
           read_header(npy, error);
}

static bool map_handle(Npy *npy, int handle, Error *error) {
    if (npy->file_size == 0) return true; // nothing to map: the header says no
    void *bytes = mmap(NULL, npy->file_size, PROT_READ, MAP_PRIVATE, handle, 0);
    if (bytes == MAP_FAILED)
        return error_set(error, "%s: cannot map: %s", npy->path, strerror(errno));
    npy->bytes = bytes;
    return true;
}

bool npy_map(Npy *npy, const char *path, Error *error) {
    struct stat status;
    int handle = file_open(path, &status, error);
    if (handle < 0) return false;
    *npy = (Npy){.path = path, .mapped = S_ISREG(status.st_mode)};
    npy->file_size = (size_t)status.st_size;
    bool ok = npy->mapped ? map_handle(npy, handle, error) && read_header(npy, error)
                          : npy_open(npy, path, error); // a pipe
    close(handle);
    return ok;
}

void npy_close(Npy *npy) {
    if (!npy->mapped)
        memory_free(npy->bytes);
    else if (npy->bytes)
        munmap(npy->bytes, npy->file_size);
    *npy = (Npy){0};
}

Shape npy_example(const Npy *npy) {
    const size_t *size = npy->size;
    if (npy->rank == 3) return (Shape){3, {(int64_t)size[1], (int64_t)size[2], 1}};
    if (npy->rank == 4) return (Shape){3, {(int64_t)size[2], (int64_t)size[3], (int64_t)size[1]}};
    return (Shape){1, {(int64_t)npy->cols}};
}

// The place of a value in Fortran order: the first index runs fastest.
static size_t fortran_index(const Npy *npy, size_t row, size_t col) {
    size_t index = 0;
    for (int i = npy->rank - 1; i > 0; i--) {
        size_t below = 1;
        for (int j = 1; j < i; j++) below *= npy->size[j];
        index += col % npy->size[i] * below;
        col /= npy->size[i];
    }
    return index * npy->rows + row;
}

size_t npy_offset(const Npy *npy, size_t row, size_t col) {
    size_t index = npy->fortran ? fortran_index(npy, row, col) : row * npy->cols + col;
    return npy->start + index * (size_t)npy->type->bytes;
}

static double read_value(const Npy *npy, const unsigned char *stored) {
    unsigned char bytes[8];
    size_t count = (size_t)npy->type->bytes;
    for (size_t i = 0; i < count; i++) bytes[i] = stored[npy->swapped ? count - 1 - i : i];
    return npy->type->value(bytes);
}

double npy_value(const Npy *npy, size_t row, size_t col) {
    return read_value(npy, (const unsigned char *)npy->bytes + npy_offset(npy, row, col));
}

// With a stride that the compiler knows, so that it takes several at once.
static void read_floats(const unsigned char *restrict from, size_t count, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        float value;
        memcpy(&value, from + i * sizeof value, sizeof value);
        x[i] = (double)value;
    }
}

// `count` values that are neighbours in the file, to every step-th place of x.
static void read_run(const Npy *npy, size_t offset, size_t count, double *x, size_t step) {
    const unsigned char *from = (const unsigned char *)npy->bytes + offset;
    size_t size = (size_t)npy->type->bytes;
    bool real = npy->type->kind == 'f' && !npy->swapped;
    if (step == 1 && real && size == sizeof(double)) {
        memcpy(x, from, count * sizeof *x);
    } else if (step == 1 && real && size == sizeof(float)) {
        read_floats(from, count, x);
    } else if (real && size == sizeof(double)) {
        for (size_t i = 0; i < count; i++) memcpy(x + i * step, from + i * size, sizeof(double));
    } else if (real && size == sizeof(float)) {
        for (size_t i = 0; i < count; i++) {
            float value;
            memcpy(&value, from + i * size, sizeof value);
            x[i * step] = (double)value;
        }
    } else {
        for (size_t i = 0; i < count; i++) x[i * step] = read_value(npy, from + i * size);
    }
}

void npy_read(const Npy *npy, size_t row, size_t rows, size_t col, size_t cols, double *x) {
    if (rows == 0 || cols == 0) return;
    for (size_t j = 0; npy->fortran && j < cols; j++)
        read_run(npy, npy_offset(npy, row, col + j), rows, x + j, cols);
    for (size_t i = 0; !npy->fortran && i < rows; i++)
        read_run(npy, npy_offset(npy, row + i, col), cols, x + i * cols, 1);
    // Pages that were read count as this process's memory until they are let go.
    enum { LARGE = 1 << 17 };
    if (npy->mapped && rows >= LARGE / cols) madvise(npy->bytes, npy->file_size, MADV_DONTNEED);
}
