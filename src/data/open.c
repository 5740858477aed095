#include "data/load.h"
#include "data/spec.h"
#include <pthread.h>
#include <string.h>

// The sets that are open in this process.
//   1. `entries` and everything in an entry but a set being loaded are read and written under lock.
//   2. An entry is loaded by the thread that made it, without the lock; others wait for `changed`.
//   3. An entry lives as long as it has users; one that failed is no longer in the list, so that
//      the next open tries again.
typedef struct Entry {
    DataSet set; // set.spec and set.keeps_doubles are the key
    struct Entry *next;
    size_t users;
    enum { LOADING, READY, FAILED } state;
    Error error; // of FAILED
} Entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static Entry *entries;

static Entry *find(const char *canonical, bool doubles) {
    Entry *entry = entries;
    while (entry &&
           (strcmp(entry->set.spec, canonical) != 0 || entry->set.keeps_doubles != doubles))
        entry = entry->next;
    return entry;
}

static Entry *add(const char *canonical, bool doubles) {
    Entry *entry = memory_new(1, sizeof *entry);
    entry->set.spec = memory_text(canonical);
    entry->set.keeps_doubles = doubles;
    entry->next = entries;
    return entries = entry;
}

static void unlist(const Entry *entry) {
    Entry **link = &entries;
    while (*link && *link != entry) link = &(*link)->next;
    if (*link) *link = entry->next;
}

static void release(Entry *entry) {
    REQUIRE(entry->users > 0);
    if (--entry->users) return;
    unlist(entry);
    load_free(&entry->set);
    memory_free(entry);
}

static void hash_array(Hash *hash, const void *values, size_t count, size_t size) {
    if (values) hash_bytes(hash, values, count * size);
}

static void hash_set(DataSet *set) {
    int64_t shape[] = {
        set->rank,    set->size[0],          set->size[1],          set->size[2],
        set->classes, (int64_t)set->outputs, (int64_t)set->n_train, (int64_t)set->n_test};
    hash_bytes(&set->hash, shape, sizeof shape);
    hash_array(&set->hash, set->x_train, set->n_train * set->d, sizeof(float));
    hash_array(&set->hash, set->x_test, set->n_test * set->d, sizeof(float));
    hash_array(&set->hash, set->y_train, set->n_train, sizeof(int32_t));
    hash_array(&set->hash, set->y_test, set->n_test, sizeof(int32_t));
    hash_array(&set->hash, set->t_train, set->n_train * set->outputs, sizeof(float));
    hash_array(&set->hash, set->t_test, set->n_test * set->outputs, sizeof(float));
    hash_array(&set->hash, set->x_train_double, set->n_train * set->d, sizeof(double));
    hash_array(&set->hash, set->x_test_double, set->n_test * set->d, sizeof(double));
    hash_array(&set->hash, set->t_train_double, set->n_train * set->outputs, sizeof(double));
    hash_array(&set->hash, set->t_test_double, set->n_test * set->outputs, sizeof(double));
}

static bool load(const Spec *spec, DataSet *set, Error *error) {
    if (!spec->kind->load(set, spec->parameters, error)) return false;
    REQUIRE(set->d > 0 && (set->classes > 0) == (set->y_train != NULL));
    if (set->n_train == 0 || set->n_train > UINT32_MAX || set->n_test > UINT32_MAX)
        return error_set(error, "%s: %zu training and %zu test examples; 1 to 2^32-1 are possible",
                         set->spec, set->n_train, set->n_test);
    load_drop_doubles(set);
    hash_set(set);
    return true;
}

// Called and left under lock, as the entry's first user.
static void load_entry(Entry *entry, const Spec *spec) {
    pthread_mutex_unlock(&lock);
    bool ok = load(spec, &entry->set, &entry->error);
    pthread_mutex_lock(&lock);
    entry->state = ok ? READY : FAILED;
    if (!ok) unlist(entry);
    pthread_cond_broadcast(&changed);
}

static const DataSet *open_set(const char *text, bool doubles, Error *error) {
    Spec spec;
    if (!spec_parse(text, &spec, error)) return NULL;
    pthread_mutex_lock(&lock);
    Entry *entry = find(spec.canonical, doubles);
    bool mine = !entry;
    if (mine) entry = add(spec.canonical, doubles);
    entry->users++;
    if (mine) load_entry(entry, &spec);
    while (entry->state == LOADING) pthread_cond_wait(&changed, &lock);
    bool ok = entry->state == READY;
    if (!ok) {
        if (error) *error = entry->error;
        release(entry);
    }
    pthread_mutex_unlock(&lock);
    spec_free(&spec);
    return ok ? &entry->set : NULL;
}

const DataSet *data_open(const char *spec, Error *error) {
    return open_set(spec, false, error);
}

const DataSet *data_open_double(const char *spec, Error *error) {
    return open_set(spec, true, error);
}

void data_close(const DataSet *set) {
    if (!set) return;
    pthread_mutex_lock(&lock);
    Entry *entry = entries;
    while (entry && &entry->set != set) entry = entry->next;
    REQUIRE(entry != NULL);
    release(entry);
    pthread_mutex_unlock(&lock);
}
