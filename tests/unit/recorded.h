/* tests/unit/recorded.h - a recorded space: comments, a line for sample_spec.h, then the values of
 * a point and its time (or "fail") a line. */
#ifndef KS_TEST_RECORDED_H
#define KS_TEST_RECORDED_H

#include <math.h>
#include <stdio.h>
#include "driver/search/space.h"
#include "driver/search/tune.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "tests/unit/sample_spec.h"

struct recorded {
    struct sample_spec *spec;
    struct space *space;
    double *time; /* by point; HUGE_VAL: failed */
    double best;
};

static inline size_t recorded_point(struct recorded *r, char **p)
{
    uint32_t index[16];

    for (size_t i = 0; i < r->spec->spec.ntunables; i++) {
        long long value = strtoll(*p, p, 10);
        for (index[i] = 0; r->spec->spec.tunables[i].values[index[i]] != value; index[i]++)
            continue;
    }
    return space_find(r->space, index);
}

static inline void recorded_read(struct recorded *r, const char *path)
{
    static const struct gpu gpu = {.major = 8};
    struct buf b;
    char *rest, *line;

    buf_init(&b, BUF_LIMIT);
    if (fs_read(path, &b, NULL) < 0)
        fail_msg("cannot read %s", path);
    rest = b.data;
    while ((line = strsep(&rest, "\n")) && *line == '#')
        continue;
    r->spec = sample_spec_new(line);
    r->space = space_new(&r->spec->spec, &gpu, &r->spec->diag);
    assert_non_null(r->space);
    r->time = calloc(space_known(r->space), sizeof *r->time);
    r->best = HUGE_VAL;
    while ((line = strsep(&rest, "\n")) && *line) {
        size_t point = recorded_point(r, &line);
        assert_true(point != SPACE_NONE);
        r->time[point] = strstr(line, "fail") ? HUGE_VAL : strtod(line, NULL);
        r->best = r->time[point] < r->best ? r->time[point] : r->best;
    }
    buf_release(&b);
}

static inline void recorded_release(struct recorded *r)
{
    space_free(r->space);
    sample_spec_free(r->spec);
    free(r->time);
}

/* runs a tuner of `evals` evaluations in batches; adds best / best found after at[k] ones to sum[k]
 */
static inline void recorded_run(const struct recorded *r, uint64_t seed, size_t evals, size_t batch,
                                const size_t *at, double *sum, size_t n)
{
    struct tuner *t = tuner_new(r->space, TUNER_SURROGATE, seed, evals);
    double found = HUGE_VAL;
    size_t points[64], done = 0, k = 0, got;

    while ((got = tuner_suggest(t, points, batch))) {
        for (size_t i = 0; i < got; i++) {
            double time = r->time[points[i]];
            tuner_report(t, points[i], !isfinite(time), time);
            found = time < found ? time : found;
            if (k < n && ++done == at[k])
                sum[k++] += r->best / found;
        }
    }
    tuner_free(t);
}

#endif
