#include "low/low.h"
  #  include "low/extra.h"
