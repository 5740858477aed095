// The door of curve/: where is the critical point, is there a second descent?  (in progress)
#pragma once

#include "base/base.h"
