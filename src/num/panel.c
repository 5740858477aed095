#include "num/panel.h"
#include "num/linear.h"
#include "num/num.h"
#include "num/panel_kernels.h"
#include <pthread.h>

LANE_DECLARE(extern const PanelKernels, panel_kernels);

typedef struct Job Job;
struct Job { // some rows, columns or panels of a product
    void (*run)(const Job *job);
    const PanelKernels *kernels;
    size_t first, end, rows, n; // rows: panels, where they are subtracted
    const double *a, *x;
    const double *const *basis;
    double *y, *dot;
};

static void *start(void *job) {
    ((const Job *)job)->run(job);
    return NULL;
}

// Runs the job's parts 0 .. count - 1, in shares of whole multiples of `unit`, one a thread.
static void share(Job job, size_t count, size_t unit) {
    enum { MOST = 64 };
    pthread_t thread[MOST];
    Job part[MOST];
    bool started[MOST] = {false};
    size_t units = (count + unit - 1) / unit, threads = (size_t)linear_thread_count();
    if (threads > units) threads = units;
    if (threads > MOST) threads = MOST;
    job.kernels = LANE_PICK(panel_kernels);
    for (size_t t = 0; t < threads; t++) {
        part[t] = job;
        part[t].first = units * t / threads * unit;
        part[t].end = t + 1 == threads ? count : units * (t + 1) / threads * unit;
        started[t] = t && pthread_create(&thread[t], NULL, start, &part[t]) == 0;
    }
    for (size_t t = 0; t < threads; t++) {
        if (!started[t]) job.run(&part[t]);
    }
    for (size_t t = 1; t < threads; t++) {
        if (started[t]) pthread_join(thread[t], NULL);
    }
}

static void run_times(const Job *j) {
    j->kernels->times(j->first, j->end, j->n, j->a, j->x, j->y);
}

static void run_add(const Job *j) {
    j->kernels->add_transposed(j->first, j->end, j->rows, j->n, j->a, j->x, j->y);
}

static void run_dot(const Job *j) {
    j->kernels->dot(j->first, j->end, j->n, j->basis, j->x, j->dot);
}

static void run_subtract(const Job *j) {
    j->kernels->subtract(j->first, j->end, j->rows, j->basis, j->dot, j->y);
}

void panel_times(size_t rows, size_t n, const double *a, const double *x, double *y) {
    share((Job){.run = run_times, .n = n, .a = a, .x = x, .y = y}, rows, 6);
}

void panel_add_transposed(size_t rows, size_t n, const double *a, const double *x, double *y) {
    share((Job){.run = run_add, .rows = rows, .n = n, .a = a, .x = x, .y = y}, n, 192);
}

void panel_subtract(size_t count, size_t n, const double *const *basis, double *dot, double *w) {
    share((Job){.run = run_dot, .n = n, .basis = basis, .x = w, .dot = dot}, count, 1);
    share((Job){.run = run_subtract, .rows = count, .basis = basis, .dot = dot, .y = w}, n, 64);
}
