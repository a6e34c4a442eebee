/* runtime/worker/errors.c - see errors.h. */
#include "runtime/worker/errors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int order(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

struct errors errors_of(const struct array *a, const void *got, const void *expected, uint64_t n,
                        double rms)
{
    struct errors e = {.n = n};
    float *off = malloc((n + 1) * sizeof *off);
    uint64_t k = 0;

    rms = rms > 0 ? rms : 1;
    for (uint64_t i = 0; off && i < n; i++) {
        uint64_t g = elem_bits(got, i, a->size), x = elem_bits(expected, i, a->size);
        double by = elem_value_of(g, a->type) - elem_value_of(x, a->type);

        if (g == x) {
            e.equal++;
        } else if (isfinite(by)) {
            off[k++] = (float)(fabs(by) / rms);
            e.mean += by / rms;
        } else {
            e.none++;
        }
    }
    if (k) {
        qsort(off, k, sizeof *off, order);
        e.median = (double)off[k / 2];
        e.p99 = (double)off[k - 1 - k / 100];
        e.most = (double)off[k - 1];
    }
    e.mean /= n > e.none ? (double)(n - e.none) : 1;
    free(off);
    return e;
}

void errors_text(const struct errors *e, char *text, size_t cap)
{
    size_t used = strlen(text);

    if (e->most > 0 && used < cap)
        used += (size_t)snprintf(text + used, cap - used,
                                 "; beside the rms they are off by %.2g in the median, %.2g at the "
                                 "99th percentile, %.2g at most, %+.2g on average",
                                 e->median, e->p99, e->most, e->mean);
    if (e->none && used < cap)
        snprintf(text + used, cap - used, "; %" PRIu64 " are numbers on one side only", e->none);
}

json_t *errors_json(const struct errors *e)
{
    return json_pack("{s:I, s:I, s:I, s:f, s:f, s:f, s:f}", "of", (json_int_t)e->n, "equal",
                     (json_int_t)e->equal, "none", (json_int_t)e->none, "median", e->median, "p99",
                     e->p99, "most", e->most, "mean", e->mean);
}
