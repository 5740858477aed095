// Threads that share the parts of one piece of work: a team is opened once, its members wait
// between pieces.
#pragma once

#include "base/error.h"
#include <stddef.h>

typedef struct Team Team;

// What is done to part number `part`; thread 0 .. threads-1 is who does it, for scratch of its own.
typedef void TeamWork(void *context, size_t part, size_t thread);

// threads >= 1, the caller's own counted. begin is called once in every thread but the caller's,
// before its first part (to set its floating-point mode); NULL: nothing is. NULL with an error when
// a thread cannot be started.
Team *team_new(size_t threads, void (*begin)(void), Error *error);
void team_free(Team *team); // NULL is allowed

size_t team_threads(const Team *team); // 1 of NULL

// Calls work(context, part, thread) for part = 0 .. parts-1, each once, in any order and by any
// thread; returns when all are done. team NULL: in order, by the caller. Only the thread that
// opened the team may call it, and not from within work.
void team_share(Team *team, size_t parts, TeamWork *work, void *context);
