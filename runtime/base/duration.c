/* runtime/base/duration.c */
#include "runtime/base/duration.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

double duration_seconds(const char *text)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"sec", 1}, {"m", 60}, {"min", 60}, {"h", 3600}};
    char *end;
    double n = strtod(text, &end);
    if (end == text || !(n >= 0) || !isfinite(n))
        return -1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].unit))
            return n * units[i].seconds;
    return -1;
}
