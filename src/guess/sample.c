// Plain sampling by many threads: workers take blocks of guesses in order, the calling thread
// merges what they found in the same order.
#include "guess/kernels.h"
#include <pthread.h>
#include <time.h>

enum {
    BLOCK_MOST = 1 << 16,
    BLOCK_WEIGHTS = 1 << 24, // drawn in a block, or 64 guesses: some 10 ms
    WINDOW = 4,              // blocks for each thread that may be under way or wait to be merged
};
static const double PROGRESS_SECONDS = 0.2;

typedef struct Block {
    GuessTally tally;
    bool done;
} Block;

typedef struct Sample {
    const GuessSampleOptions *options;
    GuessTally *tally;
    uint64_t size, blocks; // guesses in a block; how many there are
    pthread_mutex_t mutex; // over all that follows
    pthread_cond_t changed;
    uint64_t next, merged; // the first block not taken yet, not merged yet
    Block *block;          // (window): block b is at b % window
    size_t window;
    bool halt;
    GuessSampler **sampler; // (threads)
    pthread_t *thread;
    int threads, taken, started; // taken: samplers that have a worker
} Sample;

static uint64_t size_of(const Sample *sample, uint64_t block) {
    uint64_t left = sample->options->guesses - block * sample->size;
    return left < sample->size ? left : sample->size;
}

static uint64_t first_of(const Sample *sample, uint64_t block) {
    return sample->options->first + block * sample->size;
}

// ---- workers ----

static void clear(GuessTally *tally) {
    *tally = (GuessTally){.t = tally->t, .room = tally->room};
}

static Block *take(Sample *sample, uint64_t *number) { // NULL: no more
    while (!sample->halt && sample->next < sample->blocks &&
           sample->next >= sample->merged + sample->window)
        pthread_cond_wait(&sample->changed, &sample->mutex);
    if (sample->halt || sample->next == sample->blocks) return NULL;
    *number = sample->next++;
    return &sample->block[*number % sample->window];
}

static void *work(void *user) {
    Sample *sample = user;
    Block *block;
    uint64_t number;
    pthread_mutex_lock(&sample->mutex);
    GuessSampler *sampler = sample->sampler[sample->taken++];
    while ((block = take(sample, &number))) {
        pthread_mutex_unlock(&sample->mutex);
        clear(&block->tally);
        guess_sampler_run(sampler, first_of(sample, number), size_of(sample, number),
                          &block->tally);
        pthread_mutex_lock(&sample->mutex);
        block->done = true;
        pthread_cond_broadcast(&sample->changed);
    }
    pthread_mutex_unlock(&sample->mutex);
    return NULL;
}

static bool start(Sample *sample, Error *error) {
    for (int i = 0; i < sample->threads; i++, sample->started++) {
        if (pthread_create(&sample->thread[i], NULL, work, sample) != 0)
            return error_set(error, "thread %d of %d could not be started", i + 1, sample->threads);
    }
    return true;
}

static void join(Sample *sample) {
    pthread_mutex_lock(&sample->mutex);
    sample->halt = true;
    pthread_cond_broadcast(&sample->changed);
    pthread_mutex_unlock(&sample->mutex);
    for (int i = 0; i < sample->started; i++) pthread_join(sample->thread[i], NULL);
}

// ---- merging ----

static void merge(GuessTally *tally, const GuessTally *part) {
    tally->guesses += part->guesses;
    tally->hits += part->hits;
    tally->full += part->full;
    for (size_t i = 0; i < part->kept && tally->kept < tally->room; i++)
        tally->t[tally->kept++] = part->t[i];
}

static bool is_enough(const Sample *sample, uint64_t hits) {
    return sample->options->hits && hits >= sample->options->hits;
}

// The part of a block up to the hit that is the last one wanted, by halving it.
static void merge_until_enough(Sample *sample, uint64_t block) {
    uint64_t first = first_of(sample, block), count = size_of(sample, block);
    GuessTally *part = &sample->block[0].tally;
    while (!is_enough(sample, sample->tally->hits)) {
        uint64_t half = count > 1 ? count / 2 : 1;
        clear(part);
        guess_sampler_run(sample->sampler[0], first, half, part);
        if (half < count && is_enough(sample, sample->tally->hits + part->hits)) {
            count = half;
            continue;
        }
        merge(sample->tally, part);
        first += half;
        count -= half;
    }
}

static void wait_a_little(Sample *sample) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 50000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&sample->changed, &sample->mutex, &until);
}

// Merges the next block; false: it is not there yet, or holds more than is wanted (*enough).
static bool merge_next(Sample *sample, bool *enough) {
    Block *block = &sample->block[sample->merged % sample->window];
    if (!block->done) return false;
    *enough = is_enough(sample, sample->tally->hits + block->tally.hits);
    if (*enough) return false;
    merge(sample->tally, &block->tally);
    block->done = false;
    sample->merged++;
    pthread_cond_broadcast(&sample->changed);
    return true;
}

// Until all blocks are merged, there are enough hits, or the caller stops it.
static void follow(Sample *sample, bool *enough, bool *interrupted) {
    const GuessSampleOptions *options = sample->options;
    double shown = system_seconds();
    pthread_mutex_lock(&sample->mutex);
    while (sample->merged < sample->blocks && !*enough && !*interrupted) {
        if (!merge_next(sample, enough) && !*enough) wait_a_little(sample);
        pthread_mutex_unlock(&sample->mutex);
        *interrupted = !*enough && sample->merged < sample->blocks && options->stop &&
                       options->stop(options->user);
        if (options->progress && system_seconds() - shown >= PROGRESS_SECONDS) {
            options->progress(options->user, sample->tally);
            shown = system_seconds();
        }
        pthread_mutex_lock(&sample->mutex);
    }
    pthread_mutex_unlock(&sample->mutex);
}

// ---- all of it ----

static bool prepare(Sample *sample, const GuessProblem *problem, Error *error) {
    static const char what[] = "the blocks of a sample";
    const GuessSampleOptions *options = sample->options;
    size_t left = sample->tally->room - sample->tally->kept, weights = problem->model->weights;
    size_t size = BLOCK_WEIGHTS / weights / 16 * 16;
    sample->size = size < 64 ? 64 : size > BLOCK_MOST ? BLOCK_MOST : size;
    sample->blocks = options->guesses / sample->size + (options->guesses % sample->size != 0);
    sample->threads = options->threads > 0 ? options->threads : system_processors();
    if ((uint64_t)sample->threads > sample->blocks) sample->threads = (int)sample->blocks;
    size_t threads = (size_t)sample->threads, room = left < sample->size ? left : sample->size;
    sample->window = WINDOW * threads;
    sample->thread = memory_new(threads + 1, sizeof *sample->thread);
    sample->sampler = memory_new(threads + 1, sizeof *sample->sampler);
    sample->block = memory_new(sample->window + 1, sizeof *sample->block);
    for (size_t i = 0; i < sample->window; i++) {
        GuessTally *tally = &sample->block[i].tally;
        if (room && !(tally->t = memory_try(room, sizeof *tally->t, what, error))) return false;
        tally->room = room;
    }
    for (size_t i = 0; i < threads; i++) {
        if (!(sample->sampler[i] = guess_sampler_new(problem, error))) return false;
    }
    return true;
}

static void release(Sample *sample) {
    for (size_t i = 0; i < sample->window; i++) memory_free(sample->block[i].tally.t);
    for (int i = 0; i < sample->threads; i++) guess_sampler_free(sample->sampler[i]);
    memory_free(sample->block);
    memory_free(sample->sampler);
    memory_free(sample->thread);
    pthread_mutex_destroy(&sample->mutex);
    pthread_cond_destroy(&sample->changed);
}

bool guess_sample(const GuessProblem *problem, const GuessSampleOptions *options, GuessTally *tally,
                  bool *interrupted, Error *error) {
    Sample sample = {.options = options, .tally = tally};
    bool enough = false;
    *interrupted = false;
    if (is_enough(&sample, tally->hits)) return true;
    pthread_mutex_init(&sample.mutex, NULL);
    pthread_cond_init(&sample.changed, NULL);
    bool ok = prepare(&sample, problem, error) && start(&sample, error);
    if (ok) follow(&sample, &enough, interrupted);
    join(&sample);
    if (enough) merge_until_enough(&sample, sample.merged);
    release(&sample);
    return ok;
}

bool guess_count_ties(const GuessProblem *problem, uint64_t count, uint64_t *ties, Error *error) {
    const GuessModel *model = problem->model;
    size_t weights = model->weights * 16;
    float *w = memory_try(weights + model_work(model), sizeof *w, "the ties of guesses", error);
    if (!w) return false;
    *ties = 0;
    for (uint64_t t = 0; t < count; t += 16) {
        uint32_t asked = count - t < 16 ? (1u << (count - t)) - 1 : 0xffff;
        guess_kernels()->weights(model, problem->seed, t, w);
        uint32_t found = guess_kernels()->zeros(problem, w, w + weights) & asked;
        *ties += (uint64_t)__builtin_popcount(found);
    }
    memory_free(w);
    return true;
}
