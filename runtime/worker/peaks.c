/* runtime/worker/peaks.c - see peaks.h.
 *
 * A kernel of multiply-adds (peaks.cuh) is run for as long as clocks need to settle, and then a few
 * times for about 10 ms; the fastest counts. The blocks are many times the multiprocessors, so that
 * the last ones to run alone are few. What a real kernel reaches is less: the figure is for telling
 * that it cannot be more. */
#include "runtime/worker/peaks.h"

#include <math.h>

enum { BLOCKS_AN_SM = 32, RUNS = 4, FIRST_COUNT = 64, RUN_US = 10000 };

/* as many as a block of device_run has */
enum { THREADS = 256, ITEMS_A_BLOCK = 1024 };

struct meter {
    struct device *device;
    CUevent begin, end;
    CUdeviceptr word; /* operations of a bundle, a thread */
};

static const struct {
    const char *type;
    enum kernel kernel;
} peaks[] = {
    {"f32", KERNEL_PEAK_F32},
    {"f64", KERNEL_PEAK_F64},
    {"f16", KERNEL_PEAK_F16},
    {"bf16", KERNEL_PEAK_BF16},
};

static int run(struct meter *m, enum kernel k, uint64_t count, double *us, struct refusal *r)
{
    struct device *d = m->device;
    struct job job = {.from = m->word, .count = count, .size = 1};
    uint64_t blocks = (uint64_t)d->sms * BLOCKS_AN_SM;
    float ms = 0;

    if (cuda_check(cu.cuEventRecord(m->begin, d->stream), REFUSE_FAULT, "recording an event", r) ||
        device_run(d, k, &job, blocks * ITEMS_A_BLOCK, 1, r) ||
        cuda_check(cu.cuEventRecord(m->end, d->stream), REFUSE_FAULT, "recording an event", r) ||
        device_wait(r) ||
        cuda_check(cu.event_elapsed(&ms, m->begin, m->end), REFUSE_FAULT, "reading events", r))
        return -1;
    *us = fmax(1e3 * (double)ms, 0.1);
    return 0;
}

/* *rate: 0 when the card has no such instructions */
static int measure(struct meter *m, enum kernel k, double *rate, struct refusal *r)
{
    uint64_t count = FIRST_COUNT;
    uint32_t ops = 0;
    double us, threads = (double)m->device->sms * BLOCKS_AN_SM * THREADS;

    *rate = 0;
    if (cuda_check(cu.cuMemsetD8Async(m->word, 0, sizeof ops, m->device->stream), REFUSE_FAULT,
                   "clearing memory", r) ||
        run(m, k, count, &us, r) ||
        cuda_check(cu.cuMemcpyDtoH(&ops, m->word, sizeof ops), REFUSE_FAULT, "reading a result", r))
        return -1;
    for (int i = 0; i < RUNS && ops; i++) {
        count = (uint64_t)fmin(fmax((double)count * RUN_US / us, 1), 1e7);
        if (run(m, k, count, &us, r))
            return -1;
        *rate = fmax(*rate, (double)count * ops * threads / (1e-6 * us));
    }
    return 0;
}

static int measure_all(struct meter *m, json_t *all, struct refusal *r)
{
    for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
        double rate;

        if (measure(m, peaks[i].kernel, &rate, r))
            return -1;
        if (rate > 0)
            json_object_set_new(all, peaks[i].type, json_real(rate));
    }
    return 0;
}

json_t *peaks_measure(struct device *d, struct refusal *r)
{
    static json_t *known;
    static struct meter m;
    json_t *all;

    if (known)
        return json_incref(known);
    m.device = d;
    if ((!m.begin && cuda_check(cu.cuEventCreate(&m.begin, CU_EVENT_DEFAULT), REFUSE_LIMIT,
                                "making an event", r)) ||
        (!m.end && cuda_check(cu.cuEventCreate(&m.end, CU_EVENT_DEFAULT), REFUSE_LIMIT,
                              "making an event", r)) ||
        (!m.word && device_alloc(&m.word, 256, r)))
        return NULL;
    all = json_object();
    if (measure_all(&m, all, r)) {
        json_decref(all);
        return NULL;
    }
    return json_incref(known = all);
}
