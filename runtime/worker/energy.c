/* runtime/worker/energy.c - see energy.h. The counter is nvmlDeviceGetTotalEnergyConsumption
 * (https://docs.nvidia.com/deploy/nvml-api). */
#include "runtime/worker/energy.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "runtime/base/proc.h"
#include "runtime/worker/graph.h"
#include "runtime/worker/nvml.h"

#define WINDOW 0.25  /* seconds between the first step of the counter and the last */
#define PATIENCE 5.0 /* seconds until it has to have moved */
#define BATCH_US 10000.0
#define FASTER 0.7 /* times what it is for the original: not the same work any more */

struct meter {
    long long seen, from, to; /* millijoules: last read, at the first step, at the last */
    double begun, start, end; /* seconds */
    int steps;
};

static void meter_begin(struct meter *m)
{
    *m = (struct meter){.seen = nvml_energy(), .begun = now_seconds()};
}

/* Up to the first step the card may have been idle, so that one only begins the window */
static void meter_read(struct meter *m)
{
    long long now = nvml_energy();

    if (now == m->seen || now < 0)
        return;
    m->seen = m->to = now;
    m->end = now_seconds();
    if (m->steps++ == 0) {
        m->from = now;
        m->start = m->end;
    }
}

static bool meter_done(const struct meter *m)
{
    return m->steps > 1 && m->end - m->start >= WINDOW;
}

static double meter_watts(const struct meter *m)
{
    return 1e-3 * (double)(m->to - m->from) / (m->end - m->start);
}

/* reads the counter while the stream runs */
static int meter_wait(struct session *s, struct meter *m, struct refusal *r)
{
    CUresult state;

    while ((state = cu.cuStreamQuery(s->device->stream)) == CUDA_ERROR_NOT_READY) {
        meter_read(m);
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    }
    meter_read(m);
    return cuda_check(state, REFUSE_FAULT, "running on the GPU", r);
}

/* launches until the meter is done; *us: a launch's mean */
static int run(struct session *s, struct variant *v, struct point *p, const struct graph *g,
               double expected_us, struct meter *m, double *us, struct refusal *r)
{
    unsigned batch = (unsigned)fmax(1, BATCH_US / fmax(expected_us * g->launches, 1));
    double n = 0, spent = 0;

    meter_begin(m);
    while (!meter_done(m)) {
        double begun = now_seconds();

        for (unsigned i = 0; i < batch; i++)
            if (graph_launch(s, v, p, g, r))
                return -1;
        if (meter_wait(s, m, r))
            return -1;
        spent += now_seconds() - begun;
        n += (double)batch * g->launches;
        if (now_seconds() - m->begun > PATIENCE && m->steps < 2)
            return refuse(r, REFUSE_UNSUPPORTED, "the GPU's energy counter does not move");
    }
    *us = 1e6 * spent / n;
    return 0;
}

int energy_take(struct session *s, struct variant *v, struct point *p, const struct graph *g,
                struct sample *sample, double *us, struct refusal *r)
{
    struct meter m;

    if (run(s, v, p, g, sample->us, &m, us, r))
        return -1;
    sample->uj = meter_watts(&m) * *us;
    return 0;
}

bool energy_is_odd(const struct variant *v, struct point *p, double us, double alone,
                   struct outcome *o)
{
    static const struct array all = {.name = (char *)"all outputs"};

    if (v->id == 0)
        p->repeated = fmin(p->repeated > 0 ? p->repeated : HUGE_VAL, us / alone);
    if (v->id == 0 || p->repeated <= 0 || us / alone >= FASTER * p->repeated)
        return false;
    o->reason = "unstable";
    o->point = p;
    o->array = &all;
    snprintf(o->text, sizeof o->text,
             "takes %.3g us when it finds its own results, and %.3g us when it does not (%.120s)",
             us, alone, p->label);
    return true;
}
