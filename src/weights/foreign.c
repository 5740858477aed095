// Files that are no safetensors files: what they are, and how they become one.
#include "weights/inner.h"
#include <stdint.h>
#include <string.h>

typedef struct Head {
    const char *bytes;
    size_t size;
} Head;

static bool has(const Head *head, size_t at, const char *bytes, size_t size) {
    return at + size <= head->size && memcmp(head->bytes + at, bytes, size) == 0;
}

static bool begins(const Head *head, const char *text) {
    return has(head, 0, text, strlen(text));
}

static bool holds(const Head *head, const char *text) {
    for (size_t at = 0; at < head->size; at++) {
        if (has(head, at, text, strlen(text))) return true;
    }
    return false;
}

// ---- kinds ----

static bool is_empty(const Head *head) {
    return head->size == 0;
}

static bool is_zip(const Head *head) {
    return begins(head, "PK\3\4");
}

static bool is_torch(const Head *head) { // the first file in it is NAME/data.pkl
    return is_zip(head) && holds(head, "/data.pkl");
}

static bool is_npz(const Head *head) {
    return is_zip(head) && holds(head, ".npy");
}

static bool is_pickle(const Head *head) {
    return head->size > 2 && (unsigned char)head->bytes[0] == 0x80 && head->bytes[1] >= 2 &&
           head->bytes[1] <= 5;
}

static bool is_old_torch(const Head *head) { // its magic number, pickled
    return is_pickle(head) && holds(head, "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
}

static bool is_npy(const Head *head) {
    return begins(head, "\x93NUMPY");
}

static bool is_pointer(const Head *head) {
    return begins(head, "version https://git-lfs");
}

static bool is_annexed(const Head *head) {
    return begins(head, "/annex/objects/");
}

// <!DOCTYPE html>, <html>, <?xml>, behind blanks and a mark of UTF-8.
static bool is_page(const Head *head) {
    size_t at = has(head, 0, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < head->size && strchr(" \t\r\n", head->bytes[at]) && head->bytes[at]) at++;
    if (at + 1 >= head->size || head->bytes[at] != '<') return false;
    char next = head->bytes[at + 1];
    return next == '!' || next == '?' || (next >= 'a' && next <= 'z') ||
           (next >= 'A' && next <= 'Z');
}

static bool is_hdf5(const Head *head) {
    return begins(head, "\x89HDF\r\n\x1a\n");
}

static bool is_onnx(const Head *head) { // protobuf: version of the format, then the producer
    return head->size > 4 && head->bytes[0] == 8 && head->bytes[1] > 0 && head->bytes[1] < 32 &&
           head->bytes[2] == 0x12 && head->bytes[3] > 0 && head->bytes[3] < 64;
}

static bool is_gguf(const Head *head) {
    return begins(head, "GGUF");
}

static bool is_store(const Head *head) {
    return begins(head, "SQLite format 3");
}

static bool is_gzip(const Head *head) {
    return begins(head, "\x1f\x8b");
}

static bool is_tar(const Head *head) {
    return has(head, 257, "ustar", 5);
}

static bool is_index(const Head *head) {
    return begins(head, "{") && holds(head, "\"weight_map\"");
}

static bool is_json(const Head *head) {
    return begins(head, "{") || begins(head, "[");
}

static bool is_text(const Head *head) {
    size_t at = 0;
    while (at < head->size) {
        size_t length = text_character(head->bytes + at, NULL);
        unsigned char c = (unsigned char)head->bytes[at];
        if (head->size - at < 4 && length == 0) break; // cut by the end of the head
        if (length == 0 || (c < ' ' && !strchr("\t\n\r", c)) || c == 0 || c == 127) return false;
        at += length;
    }
    return true;
}

// What each kind is called, and what to do; FILE in it is the name of the file as a literal of
// Python. The first that fits counts.
static const struct {
    bool (*is)(const Head *head);
    const char *what, *todo;
} KINDS[] = {
    {is_empty, "an empty file", ""},
    {is_torch, "a PyTorch .pth file (a zip)",
     ": convert it with safetensors.torch.save_file. In Python:\n"
     "    import torch; from safetensors.torch import save_file\n"
     "    save_file({k: v.clone() for k, v in torch.load(FILE, map_location=\"cpu\", weights_only=True).items()}, "
     "\"w.safetensors\")\n"
     "(where the weights lie under a key: torch.load(...)[\"state_dict\"].items())"},
    {is_old_torch, "a PyTorch .pth file (as before version 1.6)",
     ": convert it with safetensors.torch.save_file. In Python:\n"
     "    import torch; from safetensors.torch import save_file\n"
     "    save_file({k: v.clone() for k, v in torch.load(FILE, map_location=\"cpu\", weights_only=True).items()}, "
     "\"w.safetensors\")\n"
     "(where the weights lie under a key: torch.load(...)[\"state_dict\"].items())"},
    {is_npz, "a NumPy file (.npz, a zip)",
     ": convert it with safetensors.numpy.save_file. In Python:\n"
     "    import numpy; from safetensors.numpy import save_file\n"
     "    save_file(dict(numpy.load(FILE)), \"w.safetensors\")"},
    {is_zip, "a zip file", ": unpack it"},
    {is_pickle, "a Python pickle",
     ": convert it with safetensors.numpy.save_file (a pickle can run anything: open none from "
     "strangers). In Python:\n"
     "    import pickle; from safetensors.numpy import save_file\n"
     "    save_file(pickle.load(open(FILE, \"rb\")), \"w.safetensors\")"},
    {is_npy, "an .npy file: one array, not the tensors of a network", ""},
    {is_pointer, "a Git LFS pointer, not the weights", ": fetch them with `git lfs pull`"},
    {is_annexed, "a git-annex pointer, not the weights", ": fetch them with `git annex get`"},
    {is_page, "an HTML page, not the weights", ": download the file that the page is about"},
    {is_hdf5, "an HDF5 file, as Keras writes it",
     ": its names and axes are not PyTorch's, and it cannot be read here"},
    {is_onnx, "an ONNX file", ": export the weights as safetensors from the program that wrote it"},
    {is_gguf, "a GGUF file",
     ": its numbers are of few bits, and it cannot be read here; take the weights before that"},
    {is_store, "a store of runs", ": benign export STORE NAME=VALUE --weights w.safetensors"},
    {is_gzip, "a gzip file", ": unpack it with gunzip"},
    {is_tar, "a tar archive", ": unpack it with tar -xf"},
    {is_index, "an index of shards, where the weights themselves were expected", ""},
    {is_json, "JSON, and no index of shards", ": that would have a \"weight_map\""},
};

static void add_todo(const char *todo, const char *file, Text *text) {
    for (const char *at; (at = strstr(todo, "FILE")); todo = at + strlen("FILE")) {
        text_add_bytes(text, todo, (size_t)(at - todo));
        text_add_python(text, file);
    }
    text_add(text, todo);
}

// Its first line: "Entry not found" says enough.
static void add_line(const Head *head, Text *text) {
    enum { MOST = 60 };
    char line[MOST + 1] = "";
    size_t length = head->size < MOST ? head->size : MOST;
    memcpy(line, head->bytes, length);
    line[strcspn(line, "\r\n")] = 0;
    text_add(text, "text, not the weights: \"");
    text_add_tame(text, line);
    text_add(text, "\"");
}

bool foreign_refuse(const char *file, const char *bytes, size_t size, Error *error) {
    enum { MOST = 4096 };
    char start[MOST + 1] = ""; // that ends in a 0
    const Head head = {start, size < MOST ? size : MOST};
    Text text = {0};
    if (size) memcpy(start, bytes, head.size);
    for (size_t i = 0; !text.length && i < sizeof KINDS / sizeof *KINDS; i++) {
        if (!KINDS[i].is(&head)) continue;
        text_add(&text, KINDS[i].what);
        add_todo(KINDS[i].todo, file, &text);
    }
    if (!text.length && is_text(&head)) add_line(&head, &text);
    bool unknown = text.length == 0;
    if (!unknown) error_set(error, "%s: byte 0: %s", file, text.data);
    text_free(&text);
    return unknown;
}
