/* runtime/worker/activity.h - how long each kernel took, from CUPTI's activity records: they need
 * no permission, unlike counters. */
#ifndef KS_WORKER_ACTIVITY_H
#define KS_WORKER_ACTIVITY_H

#include <stddef.h>
#include "runtime/worker/refusal.h"

struct activity_kernel {
    char *name; /* mangled */
    double ns;
};

struct activity { /* free with activity_release */
    struct activity_kernel *kernels;
    size_t n;
};

/* Records kernels from here on; one at a time. Refuses with class unsupported where CUPTI cannot */
int activity_start(struct activity *a, struct refusal *r);
/* Fills *a with those that ran since, all of which must have ended, and switches the recording off;
 * where that fails it is a fault, as later times would not be right */
int activity_stop(struct activity *a, struct refusal *r);
void activity_release(struct activity *a);

#endif
