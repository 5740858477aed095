#include <stdio.h>
#include "high/high.h"
