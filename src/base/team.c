#include "base/base.h"
#include <pthread.h>

struct Team {
    size_t threads; // with the caller
    pthread_t *thread;
    void (*begin)(void);
    pthread_mutex_t mutex;         // over all that follows
    pthread_cond_t called, rested; // a piece has come; its last part is done
    size_t started;                // how many members have taken a number
    uint64_t piece;                // how many have come
    size_t parts, next, undone;
    TeamWork *work;
    void *context;
    bool closing;
};

// Does parts until none is left to begin. Holds the mutex but during a part.
static void take_parts(Team *team, size_t thread) {
    while (team->next < team->parts) {
        size_t part = team->next++;
        TeamWork *work = team->work;
        void *context = team->context;
        pthread_mutex_unlock(&team->mutex);
        work(context, part, thread);
        pthread_mutex_lock(&team->mutex);
        if (--team->undone == 0) pthread_cond_signal(&team->rested);
    }
}

static void *member(void *argument) {
    Team *team = argument;
    if (team->begin) team->begin();
    pthread_mutex_lock(&team->mutex);
    size_t thread = ++team->started;
    uint64_t seen = 0;
    for (;;) {
        while (!team->closing && team->piece == seen) {
            pthread_cond_wait(&team->called, &team->mutex);
        }
        if (team->closing) break;
        seen = team->piece;
        take_parts(team, thread);
    }
    pthread_mutex_unlock(&team->mutex);
    return NULL;
}

Team *team_new(size_t threads, void (*begin)(void), Error *error) {
    REQUIRE(threads >= 1);
    Team *team = memory_new(1, sizeof *team);
    *team = (Team){.threads = 1, .begin = begin};
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->called, NULL);
    pthread_cond_init(&team->rested, NULL);
    team->thread = memory_new(threads, sizeof *team->thread);
    for (; team->threads < threads; team->threads++) {
        if (pthread_create(&team->thread[team->threads], NULL, member, team) == 0) continue;
        error_set(error, "%zu threads were asked for, and only %zu can be started", threads,
                  team->threads);
        team_free(team);
        return NULL;
    }
    return team;
}

void team_free(Team *team) {
    if (!team) return;
    pthread_mutex_lock(&team->mutex);
    team->closing = true;
    pthread_cond_broadcast(&team->called);
    pthread_mutex_unlock(&team->mutex);
    for (size_t t = 1; t < team->threads; t++) pthread_join(team->thread[t], NULL);
    pthread_cond_destroy(&team->rested);
    pthread_cond_destroy(&team->called);
    pthread_mutex_destroy(&team->mutex);
    memory_free(team->thread);
    memory_free(team);
}

size_t team_threads(const Team *team) {
    return team ? team->threads : 1;
}

void team_share(Team *team, size_t parts, TeamWork *work, void *context) {
    if (!team || team->threads == 1 || parts < 2) {
        for (size_t part = 0; part < parts; part++) work(context, part, 0);
        return;
    }
    pthread_mutex_lock(&team->mutex);
    team->work = work;
    team->context = context;
    team->parts = team->undone = parts;
    team->next = 0;
    team->piece++;
    pthread_cond_broadcast(&team->called);
    take_parts(team, 0);
    while (team->undone) pthread_cond_wait(&team->rested, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
}
