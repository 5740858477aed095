// The door of base/: what every room stands on.
//
//   error.h    one way of saying no: a kind and a message that begins with the user's place
//   memory.h   memory that is checked, zeroed and aligned; arenas
//   text.h     growing text, numbers to text and back, "did you mean", literals of Python
//   settings.h named settings as text, in order
//   option.h   an option declared once: default, range, flag, help line, column
//   random.h   counter-based random numbers (Philox4x32-10)
//   hash.h     128-bit content hashes
//   shape.h    axes of one example: what data have and a network takes
//   file.h     whole files: read, replaced atomically
//   system.h   clock, processors, interruption
//   team.h     threads that share the parts of one piece of work
//   json.h     numbers and texts as JSON; a door of its own, since few rooms write JSON
#pragma once

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/settings.h"
#include "base/option.h"
#include "base/random.h"
#include "base/hash.h"
#include "base/shape.h"
#include "base/file.h"
#include "base/system.h"
#include "base/team.h"

#define BENIGN_VERSION "0.1.0"
