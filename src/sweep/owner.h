// Who holds a lease: a process, named so that a dead one is told from a living one.
#pragma once

#include "base/base.h"

// "HOST BOOT/PIDS PID START COUNT": the machine's name, its boot and process number space, the
// process number, the tick at which that process began, and a number that sets apart the owners of
// one process. Free with memory_free.
char *owner_self(void);

// True when the owner ran on this boot of this machine and is no more (or its number now belongs to
// another process). False for owners elsewhere: they are judged by their lease alone.
bool owner_is_dead(const char *owner);
