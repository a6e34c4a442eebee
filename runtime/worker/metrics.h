/* runtime/worker/metrics.h - which counters are asked for on a chip, and reading them.
 *
 * CUPTI's host side: it needs its library but neither a GPU nor a driver. */
#ifndef KS_METRICS_H
#define KS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/worker/cupti.h"

enum { METRICS_MOST = 64 };

struct metrics {
    CUpti_Profiler_Host_Object *host;
    const char *names[METRICS_MOST];
    size_t n;
    uint8_t *config; /* what the target side is to be given */
    size_t config_size;
    size_t passes; /* times that a kernel must run for all of them */
};

/* The metrics of a tier that the chip ("GH100") has. `availability` is what the device says that it
 * can count now; NULL: all. metrics_close whatever it returns */
int metrics_open(struct metrics *m, int tier, const char *chip, const uint8_t *availability,
                 struct refusal *r);
/* the values of one range of a decoded image, m->n of them in the order of m->names */
int metrics_read(struct metrics *m, const uint8_t *image, size_t size, size_t range, double *values,
                 struct refusal *r);
void metrics_close(struct metrics *m);

#endif
