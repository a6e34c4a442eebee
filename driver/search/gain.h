/* driver/search/gain.h - what going on would still bring, from what was measured so far. */
#ifndef KS_GAIN_H
#define KS_GAIN_H

#include <stddef.h>

/* By how much the least of n numbers (logarithms of scores, in any order) may yet fall when `more`
 * of their kind come: 0.02 is two percent. Negative: too few are known to say */
double gain_left(const double *logs, size_t n, double more);

#endif
