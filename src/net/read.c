// MODEL: a file, a name from models/, or the text itself.
#include "net/program.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS = 3 };

static size_t model_folders(const char *folder[FOLDERS]) {
    size_t count = 0;
    const char *chosen = getenv("BENIGN_MODELS");
    if (chosen && *chosen) folder[count++] = chosen;
    folder[count++] = "models";
#ifdef BENIGN_DATADIR
    folder[count++] = BENIGN_DATADIR "/models";
#endif
    return count;
}

static bool is_file(const char *path) {
    struct stat facts;
    return stat(path, &facts) == 0 && !S_ISDIR(facts.st_mode);
}

static NetProgram *read_file(const char *path, Error *error) {
    char *text;
    size_t length;
    if (!file_read(path, NET_TEXT, &text, &length, error)) return NULL;
    NetProgram *program = net_parse(path, text, length, error);
    memory_free(text);
    return program;
}

// The path of a model that models/ holds, or NULL; free with memory_free.
static char *find_model(const char *name) {
    const char *folder[FOLDERS];
    size_t folders = model_folders(folder);
    Text file = {0};
    text_printf(&file, "%s.net", name);
    char *path = NULL;
    for (size_t i = 0; i < folders && !path; i++) {
        path = file_join(folder[i], file.data);
        if (is_file(path)) break;
        memory_free(path);
        path = NULL;
    }
    text_free(&file);
    return path;
}

typedef struct Names {
    char **item;
    size_t count, capacity;
} Names;

static void list_folder(const char *path, Names *names) {
    DIR *folder = opendir(path);
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        size_t length = strlen(entry->d_name);
        if (length <= 4 || strcmp(entry->d_name + length - 4, ".net") != 0) continue;
        names->item = memory_grow(names->item, names->count, &names->capacity, sizeof(char *));
        char *name = memory_text(entry->d_name);
        name[length - 4] = 0;
        names->item[names->count++] = name;
    }
    closedir(folder);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static Names list_models(void) {
    Names names = {0};
    const char *folder[FOLDERS];
    size_t folders = model_folders(folder);
    for (size_t i = 0; i < folders; i++) list_folder(folder[i], &names);
    if (names.count) qsort(names.item, names.count, sizeof *names.item, compare_names);
    return names;
}

static void free_names(Names *names) {
    for (size_t i = 0; i < names->count; i++) memory_free(names->item[i]);
    memory_free(names->item);
}

// "lenet5, mlp": each once, though several folders may hold it.
static void add_names(const Names *names, Text *text) {
    for (size_t i = 0; i < names->count; i++) {
        if (i && strcmp(names->item[i], names->item[i - 1]) == 0) continue;
        text_printf(text, "%s%s", i ? ", " : "models: ", names->item[i]);
    }
}

static const char NO_FOLDER[] = "no folder of models ($BENIGN_MODELS, ./models)";

void net_list(Text *text) {
    Names names = list_models();
    add_names(&names, text);
    if (!names.count) text_add(text, NO_FOLDER);
    free_names(&names);
}

static bool no_model(const char *model, Error *error) {
    Names names = list_models();
    Text text = {0};
    const char *near = text_nearest(model, names.item, names.count, sizeof *names.item);
    if (near) text_printf(&text, ", did you mean \"%s\"? ", near);
    if (!near) text_add(&text, names.count ? "; " : ", and ");
    add_names(&names, &text);
    if (!names.count) text_add(&text, NO_FOLDER);
    error_set(error, "%.200s: no such file or model%s", model, text.data);
    text_free(&text);
    free_names(&names);
    return false;
}

static bool is_path(const char *model) {
    size_t length = strlen(model);
    return strchr(model, '/') || (length > 4 && strcmp(model + length - 4, ".net") == 0);
}

NetProgram *net_read(const char *model, Error *error) {
    if (is_file(model)) return read_file(model, error);
    if (!*model || strpbrk(model, " \t\r\n\v\f"))
        return net_parse("model", model, strlen(model), error);
    if (is_path(model)) return read_file(model, error);
    char *path = find_model(model);
    if (!path) {
        no_model(model, error);
        return NULL;
    }
    NetProgram *program = read_file(path, error);
    memory_free(path);
    return program;
}
