// The stack machine that a pickle is a program for. The operations are those of the module
// pickletools, which documents them.
#include "data/pickle.h"
#include "data/source.h"
#include <stdarg.h>
#include <string.h>

enum { VALUES = 1 << 22 }; // CIFAR-100 takes 150,000

typedef struct Machine {
    Pickle *pickle;
    size_t at, operation;   // offset of the next byte, of the operation under way
    PickleValue *stack;     // the program's
    size_t count, capacity; // of the stack
    PickleValue *memo;      // what was put aside, by number
    size_t put, memo_capacity;
    size_t made; // values so far
    bool stopped;
    Error *error;
} Machine;

__attribute__((format(printf, 2, 3))) static bool refuse(Machine *machine, const char *format,
                                                         ...) {
    Text what = {0};
    va_list list;
    va_start(list, format);
    text_vprintf(&what, format, list);
    va_end(list);
    error_set(machine->error, "%s: offset %zu: %s", machine->pickle->path, machine->operation,
              what.data);
    text_free(&what);
    return false;
}

// ---- what operations are made of ----

static bool take(Machine *machine, size_t size, const unsigned char **bytes) {
    *bytes = NULL;
    if (size > machine->pickle->size - machine->at) {
        machine->operation = machine->pickle->size;
        return refuse(machine, "the file ends too early");
    }
    *bytes = (const unsigned char *)machine->pickle->bytes + machine->at;
    machine->at += size;
    return true;
}

// A whole number of 1, 2, 4 or 8 bytes, the last two with a sign, the lowest byte first.
static bool take_int(Machine *machine, size_t size, int64_t *value) {
    const unsigned char *bytes;
    if (!take(machine, size, &bytes)) return false;
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++) word |= (uint64_t)bytes[i] << 8 * i;
    *value = size == 4 ? (int32_t)word : (int64_t)word;
    return true;
}

// A list may be filled with one value again and again: what is kept is counted, not the file.
static bool count_made(Machine *machine, size_t count) {
    machine->made += count;
    return machine->made <= VALUES || refuse(machine, "more than %d values", VALUES);
}

static bool push(Machine *machine, PickleValue value) {
    if (!count_made(machine, 1)) return false;
    value.offset = machine->operation;
    machine->stack =
        memory_grow(machine->stack, machine->count, &machine->capacity, sizeof *machine->stack);
    machine->stack[machine->count++] = value;
    return true;
}

static PickleNode *node_new(Machine *machine) {
    PickleNode *node = memory_new(1, sizeof *node);
    node->next = machine->pickle->nodes;
    machine->pickle->nodes = node;
    return node;
}

static void node_add(PickleNode *node, const PickleValue *item, size_t count) {
    for (size_t i = 0; i < count; i++) {
        node->item = memory_grow(node->item, node->count, &node->capacity, sizeof *node->item);
        node->item[node->count++] = item[i];
    }
}

// The upper `count` values, none of them a mark; NULL when there are fewer.
static PickleValue *upper(Machine *machine, size_t count) {
    bool there = count <= machine->count;
    for (size_t i = 0; there && i < count; i++)
        there = machine->stack[machine->count - 1 - i].type != PICKLE_MARK;
    if (there) return machine->stack + machine->count - count;
    refuse(machine, "the stack lacks what this operation takes");
    return NULL;
}

// How many values stand above the last mark.
static bool above_mark(Machine *machine, size_t *count) {
    for (*count = 0; *count < machine->count; ++*count) {
        if (machine->stack[machine->count - 1 - *count].type == PICKLE_MARK) return true;
    }
    return refuse(machine, "the stack has no mark");
}

static bool push_node(Machine *machine, PickleType type, size_t count) {
    PickleNode *node = node_new(machine);
    if (count) node_add(node, machine->stack + machine->count - count, count);
    machine->count -= count;
    return push(machine, (PickleValue){.type = type, .node = node});
}

// Moves the upper `count` values, and `marks` marks below them, into the container under these.
static bool move_into(Machine *machine, PickleType type, size_t count, size_t marks) {
    size_t above = count + marks;
    PickleValue *container =
        machine->count > above ? machine->stack + machine->count - above - 1 : NULL;
    if (!container || container->type != type || (type == PICKLE_DICT && count % 2))
        return refuse(machine, "items for nothing that takes them");
    node_add(container->node, machine->stack + machine->count - count, count);
    machine->count -= above;
    return count_made(machine, count);
}

// ---- operations; `with` is what tells the members of a family apart ----

static bool do_protocol(Machine *machine, size_t with) {
    int64_t version;
    if (!take_int(machine, with, &version)) return false;
    return (version >= 2 && version <= 5) ||
           refuse(machine, "protocol %d; 2 to 5 are read", (int)version);
}

static bool do_plain(Machine *machine, size_t type) {
    return push(machine, (PickleValue){.type = (PickleType)type});
}

static bool do_truth(Machine *machine, size_t value) {
    return push(machine, (PickleValue){.type = PICKLE_INT, .number = (int64_t)value});
}

static bool do_int(Machine *machine, size_t size) {
    PickleValue value = {.type = PICKLE_INT};
    return take_int(machine, size, &value.number) && push(machine, value);
}

static bool do_text(Machine *machine, size_t length_size) {
    int64_t length;
    const unsigned char *bytes;
    if (!take_int(machine, length_size, &length)) return false;
    if (length < 0) return refuse(machine, "a string of length %lld", (long long)length);
    if (!take(machine, (size_t)length, &bytes)) return false;
    return push(
        machine,
        (PickleValue){.type = PICKLE_TEXT, .text = (const char *)bytes, .size = (size_t)length});
}

static bool do_empty(Machine *machine, size_t type) {
    return push_node(machine, (PickleType)type, 0);
}

static bool do_short_tuple(Machine *machine, size_t count) {
    return upper(machine, count) && push_node(machine, PICKLE_LIST, count);
}

static bool do_tuple(Machine *machine, size_t with) {
    (void)with;
    size_t count;
    if (!above_mark(machine, &count) || !push_node(machine, PICKLE_LIST, count)) return false;
    machine->stack[machine->count - 2] = machine->stack[machine->count - 1]; // over the mark
    machine->count--;
    return true;
}

// An item of a list or a dictionary.
static bool do_add(Machine *machine, size_t type) {
    size_t count = type == PICKLE_DICT ? 2 : 1;
    return upper(machine, count) && move_into(machine, (PickleType)type, count, 0);
}

static bool do_add_all(Machine *machine, size_t type) {
    size_t count;
    return above_mark(machine, &count) && move_into(machine, (PickleType)type, count, 1);
}

// Python numbers what it puts aside 0, 1, 2, ... (or 1, 2, ...), so a memo has no holes.
static bool do_put(Machine *machine, size_t size) {
    int64_t number;
    PickleValue *value = upper(machine, 1);
    if (!value || !take_int(machine, size, &number)) return false;
    while (number >= 0 && (size_t)number >= machine->put && (size_t)number <= machine->put + 1) {
        machine->memo = memory_grow(machine->memo, machine->put, &machine->memo_capacity,
                                    sizeof *machine->memo);
        machine->memo[machine->put++] = (PickleValue){.type = PICKLE_NONE};
    }
    if (number < 0 || (size_t)number >= machine->put)
        return refuse(machine, "value %lld is put aside after %zu", (long long)number,
                      machine->put);
    machine->memo[number] = *value;
    return true;
}

// Python 3 numbers them itself.
static bool do_memoize(Machine *machine, size_t with) {
    (void)with;
    PickleValue *value = upper(machine, 1);
    if (!value || !count_made(machine, 1)) return false;
    machine->memo =
        memory_grow(machine->memo, machine->put, &machine->memo_capacity, sizeof *machine->memo);
    machine->memo[machine->put++] = *value;
    return true;
}

// How many bytes belong together, which matters to who reads from a stream.
static bool do_frame(Machine *machine, size_t size) {
    int64_t length;
    return take_int(machine, size, &length);
}

static bool do_get(Machine *machine, size_t size) {
    int64_t number;
    if (!take_int(machine, size, &number)) return false;
    if (number < 0 || (size_t)number >= machine->put)
        return refuse(machine, "value %lld was never put aside", (long long)number);
    return push(machine, machine->memo[number]);
}

// ---- NumPy's arrays ----

static const char RECONSTRUCT[] = "numpy.core.multiarray\n_reconstruct\n",
                  NDARRAY[] = "numpy\nndarray\n", DTYPE[] = "numpy\ndtype\n";

// What the array's module was called before NumPy 2.
static const char RECONSTRUCT_2[] = "numpy._core.multiarray\n_reconstruct\n";

// A module and a name in it, each with a line end.
static bool push_name(Machine *machine, const char *text, size_t size) {
    static const char *const known[] = {RECONSTRUCT, NDARRAY, DTYPE};
    PickleValue name = {.type = PICKLE_NAME, .text = text, .size = size};
    if (pickle_is(&name, PICKLE_NAME, RECONSTRUCT_2))
        return push(machine, (PickleValue){.type = PICKLE_NAME,
                                           .text = RECONSTRUCT,
                                           .size = sizeof RECONSTRUCT - 1});
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!pickle_is(&name, PICKLE_NAME, known[i])) continue;
        name.text = known[i]; // which stays when the file's text was put together
        return push(machine, name);
    }
    Text shown = {0}; // what the file says may be anything
    for (size_t i = 0; i + 1 < size && i < 80; i++)
        text_printf(&shown, "%c",
                    text[i] == '\n'                   ? '.'
                    : text[i] >= ' ' && text[i] < 127 ? text[i]
                                                      : '?');
    refuse(machine, "it asks Python for %s; read are plain values and NumPy's arrays of bytes",
           shown.data);
    text_free(&shown);
    return false;
}

static bool do_name(Machine *machine, size_t with) {
    (void)with;
    const unsigned char *bytes;
    size_t size = 0, lines = 0;
    for (; lines < 2; lines += *bytes == '\n', size++) {
        if (!take(machine, 1, &bytes)) return false;
    }
    return push_name(machine, (const char *)(bytes + 1 - size), size);
}

// The same from the stack.
static bool do_stack_name(Machine *machine, size_t with) {
    (void)with;
    PickleValue *part = upper(machine, 2);
    if (!part || part[0].type != PICKLE_TEXT || part[1].type != PICKLE_TEXT)
        return part && refuse(machine, "a name that is no text");
    Text name = {0};
    for (int i = 0; i < 2; i++) {
        text_add_bytes(&name, part[i].text, part[i].size);
        text_add(&name, "\n");
    }
    machine->count -= 2;
    bool ok = push_name(machine, name.data, name.length);
    text_free(&name);
    return ok;
}

// A call: of what rebuilds an empty array, or of a type of numbers by its name.
static bool do_call(Machine *machine, size_t with) {
    (void)with;
    PickleValue *call = upper(machine, 2);
    if (!call) return false;
    PickleNode *given = call[1].type == PICKLE_LIST ? call[1].node : NULL;
    bool array = pickle_is(&call[0], PICKLE_NAME, RECONSTRUCT) && given && given->count == 3 &&
                 pickle_is(&given->item[0], PICKLE_NAME, NDARRAY);
    bool dtype = pickle_is(&call[0], PICKLE_NAME, DTYPE) && given && given->count == 3 &&
                 given->item[0].type == PICKLE_TEXT;
    if (!array && !dtype) return refuse(machine, "a call of another kind than NumPy's arrays have");
    machine->count -= 2;
    if (!push_node(machine, array ? PICKLE_ARRAY : PICKLE_DTYPE, 0)) return false;
    if (dtype) node_add(machine->stack[machine->count - 1].node, given->item, 1);
    return true;
}

// The state of an array is kept; that of a type (byte order, alignment) means nothing for bytes.
static bool do_build(Machine *machine, size_t with) {
    (void)with;
    PickleValue *value = upper(machine, 2);
    if (!value) return false;
    bool array = value[0].type == PICKLE_ARRAY && value[0].node->count == 0;
    if (value[1].type != PICKLE_LIST || !(array || value[0].type == PICKLE_DTYPE))
        return refuse(machine, "a state of another kind than NumPy's arrays have");
    if (array) node_add(value[0].node, value[1].node->item, value[1].node->count);
    machine->count--;
    return count_made(machine, array ? value[1].node->count : 0);
}

static bool do_stop(Machine *machine, size_t with) {
    (void)with;
    return machine->stopped = true;
}

static const struct Operation {
    bool (*run)(Machine *, size_t with);
    size_t with;
} operations[256] = {
    [0x80] = {do_protocol, 1},
    ['N'] = {do_plain, PICKLE_NONE},
    [0x88] = {do_truth, 1},
    [0x89] = {do_truth, 0},
    ['K'] = {do_int, 1},
    ['M'] = {do_int, 2},
    ['J'] = {do_int, 4},
    ['U'] = {do_text, 1},
    ['T'] = {do_text, 4},
    ['C'] = {do_text, 1},
    ['B'] = {do_text, 4},
    [0x8e] = {do_text, 8},
    [0x8c] = {do_text, 1},
    ['X'] = {do_text, 4},
    [0x8d] = {do_text, 8},
    [0x94] = {do_memoize, 0},
    [0x95] = {do_frame, 8},
    [0x93] = {do_stack_name, 0},
    ['('] = {do_plain, PICKLE_MARK},
    ['}'] = {do_empty, PICKLE_DICT},
    [']'] = {do_empty, PICKLE_LIST},
    [')'] = {do_empty, PICKLE_LIST},
    [0x85] = {do_short_tuple, 1},
    [0x86] = {do_short_tuple, 2},
    [0x87] = {do_short_tuple, 3},
    ['t'] = {do_tuple, 0},
    ['a'] = {do_add, PICKLE_LIST},
    ['s'] = {do_add, PICKLE_DICT},
    ['e'] = {do_add_all, PICKLE_LIST},
    ['u'] = {do_add_all, PICKLE_DICT},
    ['q'] = {do_put, 1},
    ['r'] = {do_put, 4},
    ['h'] = {do_get, 1},
    ['j'] = {do_get, 4},
    ['c'] = {do_name, 0},
    ['R'] = {do_call, 0},
    ['b'] = {do_build, 0},
    ['.'] = {do_stop, 0},
};

static bool run(Machine *machine) {
    while (!machine->stopped) {
        const unsigned char *code;
        machine->operation = machine->at;
        if (!take(machine, 1, &code)) return false;
        if (machine->operation == 0 && *code != 0x80)
            return refuse(machine, "not a pickle of protocol 2 to 5, which begins with 80");
        const struct Operation *operation = &operations[*code];
        if (!operation->run)
            return refuse(machine,
                          "operation 0x%02x, which no pickle of CIFAR has; "
                          "numpy.hstack([labels[:, None], data]).astype('u1').tofile("
                          "'data_batch_1.bin') writes the binary version",
                          *code);
        if (!operation->run(machine, operation->with)) return false;
    }
    machine->operation = machine->at;
    if (machine->at != machine->pickle->size)
        return refuse(machine, "%zu bytes follow the end of the pickle",
                      machine->pickle->size - machine->at);
    if (machine->count != 1 || machine->stack[0].type != PICKLE_DICT)
        return refuse(machine, "the pickle is not one dictionary");
    machine->pickle->root = machine->stack[0];
    return true;
}

bool pickle_open(Pickle *pickle, const char *path, Error *error) {
    *pickle = (Pickle){.path = path};
    if (!file_read(path, source_limit, &pickle->bytes, &pickle->size, error)) return false;
    Machine machine = {.pickle = pickle, .error = error};
    bool ok = run(&machine);
    memory_free(machine.stack);
    memory_free(machine.memo);
    if (!ok) pickle_close(pickle);
    return ok;
}

void pickle_close(Pickle *pickle) {
    for (PickleNode *node = pickle->nodes, *next; node; node = next) {
        next = node->next;
        memory_free(node->item);
        memory_free(node);
    }
    memory_free(pickle->bytes);
    *pickle = (Pickle){0};
}
