// The automorphisms of a pattern of labels, by nauty (McKay, Piperno 2014), in a child process:
// nauty exits where it has no memory, and cannot be told to stop.
//
// A graph with coloured edges becomes one without: point i is a path of B vertices, one in each of
// B layers, and layer b has the edge from i to j where bit b of label(i, j) is set. Vertices of a
// layer have colours of their own, so that no layer takes another's place.
#include "symmetry/inner.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nauty.h>
#include <nautinv.h>

enum { VERTICES = 1 << 14 };

// How the child ends: 0 when it has found everything, by SIGALRM when its time is over. nauty
// itself exits with 2 where it has no memory.
enum { FAILED = 1, NO_MEMORY = 2 };

typedef struct Layers {
    const SymmetryPattern *pattern;
    bool rectangular;
    size_t points;
    int layers;
} Layers;

static Layers layers_of(const SymmetryPattern *pattern, bool rectangular) {
    Layers layers = {.pattern = pattern, .rectangular = rectangular, .layers = 1};
    layers.points = pattern->rows + (rectangular ? pattern->cols : 0);
    while ((pattern->weights - 1) >> layers.layers) layers.layers++;
    return layers;
}

// ---- in the child ----

static int to_parent;
static size_t sent_points;

static void send(const void *data, size_t bytes) {
    const char *from = data;
    while (bytes > 0) {
        ssize_t done = write(to_parent, from, bytes);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) _exit(FAILED);
        from += done, bytes -= (size_t)done;
    }
}

static void send_generator(int count, int *p, int *orbits, int fixed, int stabiliser, int n) {
    (void)count, (void)orbits, (void)fixed, (void)stabiliser, (void)n;
    send("G", 1);
    send(p, sent_points * sizeof *p);
}

static void send_index(int *lab, int *ptn, int level, int *orbits, statsblk *stats, int tv,
                       int index, int tcellsize, int numcells, int cc, int n) {
    (void)lab, (void)ptn, (void)level, (void)orbits, (void)stats, (void)tv;
    (void)tcellsize, (void)numcells, (void)cc, (void)n;
    uint64_t factor = (uint64_t)index;
    send("I", 1);
    send(&factor, sizeof factor);
}

static bool is_symmetric(const SymmetryPattern *pattern) {
    for (size_t i = 0; i < pattern->rows; i++)
        for (size_t j = 0; j < i; j++)
            if (symmetry_label(pattern, i, j) != symmetry_label(pattern, j, i)) return false;
    return true;
}

static void add_edges(const Layers *layers, graph *g, int m, bool directed) {
    const SymmetryPattern *pattern = layers->pattern;
    size_t shift = layers->rectangular ? pattern->rows : 0;
    for (int b = 0; b < layers->layers; b++) {
        size_t first = (size_t)b * layers->points;
        for (size_t i = 0; i < pattern->rows; i++) {
            for (size_t j = 0; j < pattern->cols; j++) {
                if (!layers->rectangular && i == j) continue; // a colour of the vertex
                if (!(symmetry_label(pattern, i, j) >> b & 1)) continue;
                int from = (int)(first + i), to = (int)(first + shift + j);
                if (directed)
                    ADDONEARC(g, from, to, m);
                else
                    ADDONEEDGE(g, from, to, m);
            }
        }
        for (size_t i = 0; b > 0 && i < layers->points; i++)
            ADDONEEDGE(g, (int)(first + i), (int)(first + i - layers->points), m);
    }
}

// What a vertex of the first layer must share with another to take its place.
static uint32_t vertex_colour(const Layers *layers, size_t i) {
    if (layers->rectangular) return i >= layers->pattern->rows;
    return symmetry_label(layers->pattern, i, i);
}

static void set_colours(const Layers *layers, int *lab, int *ptn) {
    size_t at = 0;
    for (int b = 0; b < layers->layers; b++) {
        uint8_t *done = memory_new(layers->points, 1);
        for (size_t i = 0; i < layers->points; i++) {
            for (size_t j = i; !done[i] && j < layers->points; j++) {
                if (done[j] || (j > i && vertex_colour(layers, j) != vertex_colour(layers, i)))
                    continue;
                if (j > i) done[j] = 1;
                lab[at] = (int)((size_t)b * layers->points + j);
                ptn[at++] = 1;
            }
            if (!done[i]) ptn[at - 1] = 0;
            done[i] = 1;
        }
        memory_free(done);
    }
}

static _Noreturn void search(const Layers *layers, int seconds) {
    static DEFAULTOPTIONS_GRAPH(options);
    statsblk stats;
    size_t vertices = (size_t)layers->layers * layers->points;
    int n = (int)vertices, m = SETWORDSNEEDED(n);
    bool directed = !layers->rectangular && !is_symmetric(layers->pattern);
    graph *g = memory_try(vertices * (size_t)m, sizeof *g, "a graph", NULL);
    int *lab = memory_new(vertices, sizeof *lab), *ptn = memory_new(vertices, sizeof *ptn);
    int *orbits = memory_new(vertices, sizeof *orbits);
    if (!g) _exit(NO_MEMORY);
    signal(SIGALRM, SIG_DFL);
    alarm((unsigned)seconds);
    add_edges(layers, g, m, directed);
    set_colours(layers, lab, ptn);
    options.defaultptn = FALSE;
    options.digraph = directed;
    options.userautomproc = send_generator;
    options.userlevelproc = send_index;
    if (directed) options.invarproc = adjacencies;
    densenauty(g, lab, ptn, orbits, &options, &stats, m, n, NULL);
    if (stats.errstatus) _exit(FAILED);
    send("E", 1);
    _exit(0);
}

static void end_without_memory(size_t bytes) {
    (void)bytes;
    _exit(NO_MEMORY);
}

static _Noreturn void become_search(const Layers *layers, int seconds, const int ends[2]) {
    int nothing = open("/dev/null", O_RDWR);
    if (nothing >= 0) dup2(nothing, 1), dup2(nothing, 2);
    close(ends[0]);
    memory_begin(end_without_memory);
    to_parent = ends[1];
    sent_points = layers->points;
    search(layers, seconds);
}

// ---- in the parent ----

static bool receive(int handle, void *data, size_t bytes) {
    char *to = data;
    while (bytes > 0) {
        ssize_t got = read(handle, to, bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        to += got, bytes -= (size_t)got;
    }
    return true;
}

static bool receive_generator(int handle, Automorphisms *found) {
    size_t bytes = found->points * sizeof *found->image;
    found->image = memory_grow(found->image, found->generators, &found->image_capacity, bytes);
    return receive(handle, found->image + found->points * found->generators++, bytes);
}

static bool receive_index(int handle, Automorphisms *found) {
    found->index =
        memory_grow(found->index, found->indices, &found->index_capacity, sizeof *found->index);
    return receive(handle, found->index + found->indices++, sizeof *found->index);
}

static void receive_all(int handle, Automorphisms *found) {
    char kind;
    while (receive(handle, &kind, 1)) {
        if (kind == 'E') found->found = true;
        if (kind == 'G' && !receive_generator(handle, found)) return;
        if (kind == 'I' && !receive_index(handle, found)) return;
    }
}

// Whether the search found everything or used up its time.
static bool conclude(int status, Error *error) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_MEMORY)
        return error_set(error, "nauty: there is not enough memory to search for symmetries");
    if (WIFSIGNALED(status))
        return error_set(error, "nauty: the search was ended by signal %d", WTERMSIG(status));
    return error_set(error, "nauty: the search failed");
}

bool automorphisms_of(const SymmetryPattern *pattern, bool rectangular, int seconds,
                      Automorphisms *found, Error *error) {
    Layers layers = layers_of(pattern, rectangular);
    int ends[2];
    *found = (Automorphisms){.points = layers.points};
    if (layers.points * (size_t)layers.layers > VERTICES) return true;
    if (pipe(ends) != 0) return error_set(error, "nauty: cannot make a pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) become_search(&layers, seconds, ends);
    int reason = errno, status = 0;
    close(ends[1]);
    if (child > 0) {
        receive_all(ends[0], found);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    }
    close(ends[0]);
    if (child < 0) return error_set(error, "nauty: cannot start a process: %s", strerror(reason));
    return conclude(status, error);
}

void automorphisms_free(Automorphisms *found) {
    memory_free(found->index);
    memory_free(found->image);
    *found = (Automorphisms){0};
}
