// The door of plot/: pictures through gnuplot, and the report.  (in progress)
#pragma once

#include "curve/curve.h"
