/* runtime/worker/timer.c - see timer.h.
 *
 * A sample is a graph of so many launches that it lasts about 400 us, each over a set of its own:
 * events resolve half a microsecond, and a graph has no gaps of the host's making. The number is
 * that of the original; a variant more than twice as fast gets more. Before it, untimed: outputs
 * are poisoned, the L2 cache is filled with clean lines of nobody's (with objective(warm): with the
 * arrays, of which there are then no more sets than fit), and a kernel holds the stream
 * until all of it is queued. Clocks are read on either side.
 *
 * What cannot be captured is launched plainly between the events, as its user would; there the host
 * may synchronise, so nothing holds the stream. If work of it runs in streams of its own, which our
 * events do not see, the host's clock counts. */
#include "runtime/worker/timer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/proc.h"
#include "runtime/worker/energy.h"
#include "runtime/worker/graph.h"
#include "runtime/worker/plan.h"

enum {
    SAMPLE_US = 400,
    LAUNCHES_MOST = 2048,
    SETS_LEAST = 3,
    TRIALS = 3,
    TRIAL_LAUNCHES = 20,
    PAIRS_A_DRAW = 4, /* then inputs are drawn again */
    BLOCK_NS = 100000000,
    BLOCK_TRIES = 3,
    COPY_BYTES = 256 << 20,
    COPY_BYTES_LEAST = 16 << 20,
    COPIES = 6,
    SINGLE_SETS = 24,   /* where launches are timed alone: how many of them are slow is asked for,
                           which may depend on the inputs */
    DRAW_US = 200000,   /* that the original may take to answer for the sets of longer samples */
    BELIEVED_US = 2000, /* measured, that it takes to call a variant a slow one */
};

static struct {
    bool is_open;
    CUdeviceptr stamps, flush, sink;
    uint64_t flush_bytes;
    CUevent begin, end;
    volatile uint32_t *words; /* of the host, seen by the device: go, late */
    CUdeviceptr words_there;
    uint32_t ticket;
    double bandwidth; /* bytes a microsecond; 0: not measured */
} timer;

static int words_open(struct refusal *r)
{
    void *words = NULL;

    if (cuda_check(cu.cuMemHostAlloc(&words, 64, CU_MEMHOSTALLOC_DEVICEMAP), REFUSE_LIMIT,
                   "taking pinned memory", r) ||
        cuda_check(cu.cuMemHostGetDevicePointer(&timer.words_there, words, 0), REFUSE_LIMIT,
                   "mapping pinned memory", r))
        return -1;
    timer.words = words;
    timer.words[0] = timer.words[1] = 0;
    return 0;
}

static int timer_open(struct session *s, struct refusal *r)
{
    if (timer.is_open)
        return 0;
    timer.flush_bytes = 2 * (uint64_t)s->device->l2 / 16 * 16;
    if (device_alloc(&timer.stamps, 2 * KS_STAMPS * sizeof(struct stamp), r) ||
        device_alloc(&timer.flush, timer.flush_bytes, r) || device_alloc(&timer.sink, 256, r) ||
        cuda_check(cu.cuMemsetD8Async(timer.sink, 0, 256, s->device->stream), REFUSE_FAULT,
                   "clearing memory", r) ||
        cuda_check(cu.cuMemsetD8Async(timer.flush, 0, timer.flush_bytes + !timer.flush_bytes,
                                      s->device->stream),
                   REFUSE_FAULT, "clearing memory", r) ||
        cuda_check(cu.cuEventCreate(&timer.begin, CU_EVENT_DEFAULT), REFUSE_LIMIT,
                   "making an event", r) ||
        cuda_check(cu.cuEventCreate(&timer.end, CU_EVENT_DEFAULT), REFUSE_LIMIT, "making an event",
                   r) ||
        words_open(r))
        return -1;
    /* nothing may keep lines in L2 from launch to launch; cards without the feature refuse, rightly
     */
    cu.cuCtxSetLimit(CU_LIMIT_PERSISTING_L2_CACHE_SIZE, 0);
    timer.is_open = true;
    return 0;
}

void timer_close(void)
{
    device_free(&timer.stamps);
    device_free(&timer.flush);
    device_free(&timer.sink);
    timer.is_open = false;
}

/* ---- one sample ---- */

static int stamp(struct session *s, unsigned which, struct refusal *r)
{
    struct job job = {.base = timer.stamps + which * KS_STAMPS * sizeof(struct stamp)};

    return device_run(s->device, KERNEL_STAMP, &job, 4096 * (uint64_t)s->device->sms, 1, r);
}

static int order_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* the median over the multiprocessors that were read before and after; 0 when there are none */
static int clock_read(double *mhz, struct refusal *r)
{
    static struct stamp stamps[2][KS_STAMPS];
    double all[KS_STAMPS];
    size_t n = 0;

    if (cuda_check(cu.cuMemcpyDtoH(stamps, timer.stamps, sizeof stamps), REFUSE_FAULT,
                   "reading clocks", r))
        return -1;
    for (int i = 0; i < KS_STAMPS; i++) {
        const struct stamp *a = &stamps[0][i], *b = &stamps[1][i];

        if (a->ns && b->ns > a->ns && b->cycles > a->cycles)
            all[n++] = 1e3 * (double)(b->cycles - a->cycles) / (double)(b->ns - a->ns);
    }
    qsort(all, n, sizeof *all, order_doubles);
    *mhz = n ? all[n / 2] : 0;
    return 0;
}

static int prepare(struct session *s, struct point *p, struct refusal *r)
{
    struct job flush = {.base = timer.flush, .bytes = timer.flush_bytes, .from = timer.sink};

    cu.cuCtxResetPersistingL2Cache(); /* as above: a card without it has nothing to reset */
    if (s->is_warm ? sets_touch(s, p, r)
                   : device_run(s->device, KERNEL_FLUSH, &flush, timer.flush_bytes / 16, 1, r))
        return -1;
    return cuda_check(cu.cuMemsetD8Async(timer.stamps, 0, 2 * KS_STAMPS * sizeof(struct stamp),
                                         s->device->stream),
                      REFUSE_FAULT, "clearing memory", r);
}

static int hold_stream(struct session *s, struct refusal *r)
{
    struct job job = {.base = timer.words_there,
                      .from = timer.words_there + 4,
                      .bytes = BLOCK_NS,
                      .count = ++timer.ticket};

    return device_run(s->device, KERNEL_BLOCK, &job, 1, 1, r);
}

static void release_stream(void)
{
    __sync_synchronize();
    timer.words[0] = timer.ticket;
    __sync_synchronize();
}

static int event(CUevent e, struct session *s, struct refusal *r)
{
    return cuda_check(cu.cuEventRecord(e, s->device->stream), REFUSE_FAULT, "recording an event",
                      r);
}

/* waits, and gives the microseconds of the whole sample */
static int elapsed(const struct session *s, const struct graph *g, double begun, double *us,
                   struct refusal *r)
{
    float ms = 0;
    double seen, all;

    if (cuda_check(cu.cuStreamSynchronize(s->device->stream), REFUSE_FAULT, "running on the GPU",
                   r))
        return -1;
    seen = now_seconds();
    if (device_wait(r) || cuda_check(cu.event_elapsed(&ms, timer.begin, timer.end), REFUSE_FAULT,
                                     "reading events", r))
        return -1;
    all = now_seconds();
    *us = 1e3 * (double)ms;
    if (g->is_plain && all - seen > 50e-6)
        *us = 1e6 * (all - begun);
    return 0;
}

/* one sample of what is prepared; *late when the host took longer to queue it than the stream was
 * held, so that gaps of the host's are in it */
static int sample_once(struct session *s, struct variant *v, struct point *p, const struct graph *g,
                       struct sample *sample, bool *late, struct refusal *r)
{
    bool holds = g->exec != NULL;
    double begun, us = 0;
    int result;

    if (prepare(s, p, r) || (g->is_plain && device_wait(r)) || (holds && hold_stream(s, r)))
        return -1;
    begun = now_seconds();
    result = stamp(s, 0, r) || event(timer.begin, s, r) || graph_launch(s, v, p, g, r) ||
             event(timer.end, s, r) || stamp(s, 1, r);
    if (holds)
        release_stream();
    if (result || elapsed(s, g, begun, &us, r) || clock_read(&sample->mhz, r))
        return -1;
    sample->us = us / g->launches;
    *late = holds && timer.words[1] == timer.ticket;
    return 0;
}

static int sample_take(struct session *s, struct variant *v, struct point *p, enum poison poison,
                       struct sample *sample, struct graph **g, struct refusal *r)
{
    bool late = true;

    if (graph_ready(s, v, p, g, r))
        return -1;
    for (int i = 0; i < BLOCK_TRIES && late; i++)
        if (sets_reset(s, p, poison, r) || plan_poison(s, v, p, r) ||
            sample_once(s, v, p, *g, sample, &late, r))
            return -1;
    (*g)->uses++;
    return 0;
}

/* The buffer that empties the cache is all zeros, and larger than the cache: who finds it has a
 * place to keep things from launch to launch. The next flush sees what was written there. */
static int flush_check(const struct point *p, struct outcome *o, struct refusal *r)
{
    static const struct array nobody = {.name = (char *)"the memory of the timer"};
    uint32_t seen = 0;

    if (o->reason)
        return 0;
    if (cuda_check(cu.cuMemcpyDtoH(&seen, timer.sink, sizeof seen), REFUSE_FAULT, "reading results",
                   r))
        return -1;
    if (!seen)
        return 0;
    o->reason = "guard";
    o->point = p;
    o->array = &nobody;
    snprintf(o->text, sizeof o->text, "wrote into memory that is not its own (%.120s)", p->label);
    cu.cuMemsetD8Async(timer.flush, 0, timer.flush_bytes, NULL);
    return cuda_check(cu.cuMemsetD8Async(timer.sink, 0, sizeof seen, NULL), REFUSE_FAULT,
                      "clearing memory", r);
}

/* a sample whose every launch is compared. A shared object may launch into streams of its own,
 * which a capture does not see: its graph is then found wrong, and it is launched plainly from then
 * on. */
static int sample_checked(struct session *s, struct variant *v, struct point *p, unsigned turn,
                          struct sample *sample, bool *graph, struct outcome *o, struct refusal *r)
{
    struct graph *g;

    for (;;) {
        outcome_release(o);
        if (sample_take(s, v, p, turn % 2 ? POISON_OTHER : POISON_NAN, sample, &g, r) ||
            check_verdict(s, v, p, g->start, g->launches, o, r) || flush_check(p, o, r))
            return -1;
        *graph = !g->is_plain;
        if (!o->reason || strcmp(o->reason, "wrong") || variant_is_device(v) || g->is_plain ||
            s->require.graph)
            return 0;
        g->is_plain = true;
        g->is_made = false;
    }
}

/* The same, and with objective(energy) what a launch takes in. A sample that something held up is
 * no reason to call repeated launches too fast: the best of a few is what they are held against */
static int sample_whole(struct session *s, struct variant *v, struct point *p, unsigned turn,
                        struct sample *sample, bool *graph, struct outcome *o, struct refusal *r)
{
    struct sample again;
    double us, alone;

    if (sample_checked(s, v, p, turn, sample, graph, o, r))
        return -1;
    if (!s->is_energy || o->reason)
        return 0;
    if (energy_take(s, v, p, graph_of(v, p), sample, &us, r))
        return -1;
    alone = sample->us;
    for (int i = 0; i < TRIALS && energy_is_odd(v, p, us, alone, o); i++) {
        if (sample_checked(s, v, p, turn, &again, graph, o, r))
            return -1;
        if (o->reason)
            return 0;
        alone = fmin(alone, again.us);
    }
    energy_is_odd(v, p, us, alone, o);
    return 0;
}

/* ---- how many launches and sets ---- */

/* With objective(warm) the arrays of all launches of a sample must fit into the L2 cache together;
 * half of it, as it is not filled evenly. */
static double sets_fitting(const struct session *s, const struct point *p)
{
    uint64_t bytes = point_bytes(s, p);

    return s->is_warm && bytes ? fmax(1, floor(0.5 * (double)s->device->l2 / (double)bytes))
                               : LAUNCHES_MOST;
}

/* with objective(p90) each launch is timed alone */
static double launches_most(const struct session *s, const struct point *p)
{
    return s->is_single ? 1 : sets_fitting(s, p);
}

/* sets of the original's samples, each of so many launches */
static unsigned sets_wanted(const struct session *s, const struct point *p)
{
    double most = fmin(SINGLE_SETS, DRAW_US / fmax(p->original_us, 1));

    if (!s->is_single)
        most = p->launches;
    return (unsigned)fmax(fmin(most, sets_fitting(s, p)), SETS_LEAST);
}

/* launches a sample, from how long one of the original takes: alone, or among others where that is
 * short. A disturbed first sample must not make all samples of a search short, so the best of a few
 * counts. */
static int plan_point(struct session *s, struct point *p, struct refusal *r)
{
    struct variant *original = session_variant(s, 0, r);
    double us = INFINITY, launches;
    struct graph *g;

    p->launches = 1;
    if (!original || sets_ensure(s, p, SETS_LEAST, r) || sets_draw(s, p, r))
        return -1;
    for (int i = 0; i < TRIALS && us >= SAMPLE_US; i++) {
        struct sample sample;
        struct outcome o = {0};
        bool graph;

        if (sample_checked(s, original, p, 0, &sample, &graph, &o, r))
            return -1;
        outcome_release(&o); /* what is wrong with it a check says; here it is only timed */
        us = fmin(us, sample.us);
    }
    if (us < SAMPLE_US) {
        struct sample sample;

        p->launches = TRIAL_LAUNCHES;
        if (sets_ensure(s, p, TRIAL_LAUNCHES, r) || sets_draw(s, p, r) ||
            sample_take(s, original, p, POISON_NAN, &sample, &g, r))
            return -1;
        us = sample.us;
    }
    launches = ceil(SAMPLE_US / fmax(us, 0.01));
    if (s->is_energy && !s->is_warm) /* they are repeated, and are to find the cache cold */
        launches = fmax(launches, 2 * (double)s->device->l2 / fmax((double)point_bytes(s, p), 1));
    launches = fmin(launches, launches_most(s, p));
    p->launches = launches > LAUNCHES_MOST ? LAUNCHES_MOST : (unsigned)launches;
    p->original_us = us;
    p->nsets = sets_wanted(s, p);
    return 0;
}

/* as many sets as a sample wants, with fresh inputs; or with those that are there already */
static int point_ready(struct session *s, struct point *p, bool same_inputs, struct refusal *r)
{
    if (timer_open(s, r))
        return -1;
    if (!p->nsets && plan_point(s, p, r)) {
        p->nsets = 0;
        return -1;
    }
    if (sets_ensure(s, p, p->nsets, r))
        return -1;
    return same_inputs && sets_are_drawn(p->sets) ? 0 : sets_draw(s, p, r);
}

/* After the first sample of v: is it so short that v needs more launches than the original? Then
 * there are sets for them, as many as the original answers in a moment, and *again: the sample does
 * not count. */
static int lengthen(struct session *s, struct variant *v, struct point *p,
                    const struct sample *sample, bool *again, struct refusal *r)
{
    struct graph *g = graph_of(v, p);
    double most = fmin(fmin(DRAW_US / fmax(p->original_us, 1), LAUNCHES_MOST), launches_most(s, p));
    double wanted = fmin(ceil(SAMPLE_US / fmax(sample->us, 0.01)), most);

    *again = false;
    if (g->wanted)
        return 0;
    g->wanted = p->launches;
    if (wanted < 2 * p->launches)
        return 0;
    g->wanted = (unsigned)wanted;
    if (g->wanted > p->nsets)
        p->nsets = g->wanted;
    *again = true;
    return point_ready(s, p, false, r);
}

/* ---- requests ---- */

int timer_prepare(struct session *s, struct point *p, struct refusal *r)
{
    return timer_open(s, r) || prepare(s, p, r) ? -1 : 0;
}

/* An untimed, plain run over as many sets as a sample is over: what happens at the first launch
 * only is not timed */
static int warm_up(struct session *s, struct variant *v, struct point *p, struct outcome *o,
                   struct refusal *r)
{
    unsigned n = p->launches < p->sets->active ? p->launches : p->sets->active;

    if (sets_reset(s, p, POISON_NAN, r) || plan_poison(s, v, p, r))
        return -1;
    for (unsigned i = 0; i < n; i++)
        if (variant_launch(s, v, p, i, r))
            return -1;
    return check_verdict(s, v, p, 0, n, o, r);
}

/* Where it is only sorted out whether a variant is slow, what a first launch costs is little beside
 * a launch of some milliseconds. But a shared object's kernels are loaded by their first launch,
 * and a plan's scratch is made */
static bool wants_warm_up(const struct variant *v, const struct point *p, const struct timing *how)
{
    return how->least_us <= 0 || p->original_us < BELIEVED_US || !variant_is_device(v) || v->plan;
}

/* is what was seen so far enough to call it slow? */
static bool is_slow(const struct timing *how, const struct timed *t, double seen_us)
{
    for (unsigned i = 0; i < t->n; i++)
        if (t->samples[i].us <= how->least_us)
            return false;
    return how->least_us > 0 && t->n && seen_us >= BELIEVED_US;
}

int timer_time(struct session *s, struct variant *v, struct point *p, const struct timing *how,
               struct timed *out, struct outcome *o, struct refusal *r)
{
    bool again;
    double seen_us = 0;

    memset(o, 0, sizeof *o);
    *out = (struct timed){.samples = calloc(how->n + 1, sizeof *out->samples)};
    if (point_ready(s, p, how->same_inputs, r) ||
        (wants_warm_up(v, p, how) && warm_up(s, v, p, o, r)))
        return -1;
    while (out->n < how->n && !o->reason && !is_slow(how, out, seen_us)) {
        struct sample *sample = &out->samples[out->n];

        if (sample_whole(s, v, p, out->n, sample, &out->graph, o, r) ||
            lengthen(s, v, p, sample, &again, r))
            return -1;
        out->n += !again;
        seen_us += again ? 0 : sample->us * graph_of(v, p)->launches;
    }
    return 0;
}

static bool clocks_agree(const struct sample *a, const struct sample *b)
{
    return fabs(a->mhz - b->mhz) <= 0.02 * fmax(a->mhz, b->mhz);
}

/* *again: one of them gets longer samples from now on, and the pair does not count */
static int pair_take(struct session *s, struct variant *v[2], struct point *p, unsigned turn,
                     struct sample sample[2], bool *graph, bool *again, struct outcome *o,
                     struct refusal *r)
{
    *again = false;
    for (unsigned i = 0; i < 2 && !o->reason; i++) {
        unsigned which = (turn + i) % 2;
        bool in_graph, longer;

        if (sample_whole(s, v[which], p, turn, &sample[which], &in_graph, o, r) ||
            lengthen(s, v[which], p, &sample[which], &longer, r))
            return -1;
        *graph &= in_graph;
        *again |= longer;
    }
    return 0;
}

int timer_pair(struct session *s, struct variant *a, struct variant *b, struct point *p, unsigned n,
               struct sample *out[2], bool *graph, struct outcome *o, struct refusal *r)
{
    struct variant *v[2] = {a, b};
    struct sample sample[2] = {{.us = 0}, {.us = 0}};
    unsigned spare = n, done = 0;
    bool again;

    memset(o, 0, sizeof *o);
    *graph = true;
    out[0] = calloc(n + 1, sizeof **out);
    out[1] = calloc(n + 1, sizeof **out);
    if (point_ready(s, p, false, r) || warm_up(s, a, p, o, r) ||
        (!o->reason && warm_up(s, b, p, o, r)))
        return -1;
    for (unsigned turn = 0; done < n && !o->reason; turn++) {
        if ((turn && turn % PAIRS_A_DRAW == 0 && sets_draw(s, p, r)) ||
            pair_take(s, v, p, turn, sample, graph, &again, o, r))
            return -1;
        if (o->reason || again || (spare && !clocks_agree(&sample[0], &sample[1]) && spare--))
            continue;
        out[0][done] = sample[0];
        out[1][done++] = sample[1];
    }
    return 0;
}

static int copy_timed(struct session *s, CUdeviceptr to, CUdeviceptr from, size_t bytes,
                      double *rate, struct refusal *r)
{
    float ms = 0;

    if (event(timer.begin, s, r) ||
        cuda_check(cu.cuMemcpyDtoDAsync(to, from, bytes, s->device->stream), REFUSE_FAULT,
                   "copying", r) ||
        event(timer.end, s, r) || device_wait(r) ||
        cuda_check(cu.event_elapsed(&ms, timer.begin, timer.end), REFUSE_FAULT, "reading events",
                   r))
        return -1;
    *rate = ms > 0 ? 2.0 * (double)bytes / (1e3 * (double)ms) : 0;
    return 0;
}

/* the best of some copies; of smaller buffers where memory is short */
static int bandwidth_measure(struct session *s, struct refusal *r)
{
    CUdeviceptr from = 0, to = 0;
    struct refusal why = {0};
    size_t bytes = COPY_BYTES;
    int result = 0;

    while (device_alloc(&from, bytes, &why) || device_alloc(&to, bytes, &why)) {
        device_free(&from);
        if (bytes <= COPY_BYTES_LEAST || strcmp(why.class, REFUSE_LIMIT))
            return refuse(r, why.class, "%s", why.text);
        why = (struct refusal){0};
        bytes /= 2;
    }
    for (int i = 0; i < COPIES && !result; i++) {
        double rate = 0;

        result = copy_timed(s, to, from, bytes, &rate, r);
        if (i) /* the first one warms up */
            timer.bandwidth = fmax(timer.bandwidth, rate);
    }
    device_free(&from);
    device_free(&to);
    return result;
}

int timer_floor(struct session *s, struct point *p, double *us, struct refusal *r)
{
    if (timer_open(s, r) || (timer.bandwidth <= 0 && bandwidth_measure(s, r)))
        return -1;
    *us = timer.bandwidth > 0 ? (double)point_bytes(s, p) / timer.bandwidth : 0;
    return 0;
}
