/* driver/search/limit.c - see limit.h. The bounds are habits of reading counters, not laws: a unit
 * that is 60 to 70 % busy on average is close to what it can do; below a third something else is
 * waited for. */
#include "driver/search/limit.h"

#define LAUNCH_US 5.0 /* a launch as such is 2 to 5 us */
#define GAPS 0.4      /* of the time, in which no kernel runs */
#define AT_FLOOR 0.6
#define DRAM_FULL 60
#define L2_FULL 70
#define TENSOR_FULL 50
#define FMA_FULL 60
#define ISSUE_FULL 60
#define WARPS_FEW 30
#define WARPS_HALF 50

struct limit_figures limit_nothing(void)
{
    return (struct limit_figures){
        .dram = -1, .l2 = -1, .tensor = -1, .fma = -1, .issue = -1, .active = -1, .warps = -1};
}

/* the part of the time in which no kernel ran; 0: not known, or none */
static double gaps(const struct limit_figures *f)
{
    return f->us > 0 && f->counted_us > 0 && f->counted_us < f->us ? 1 - f->counted_us / f->us : 0;
}

static bool is_launch(const struct limit_figures *f)
{
    double launches = f->launches > 0 ? f->launches : 1;
    return f->us > 0 &&
           ((f->us <= LAUNCH_US * launches && f->floor_us < f->us / 2) || gaps(f) >= GAPS);
}

static bool is_memory(const struct limit_figures *f)
{
    return (f->us > 0 && f->floor_us >= AT_FLOOR * f->us) || f->dram >= DRAM_FULL ||
           f->l2 >= L2_FULL;
}

static bool is_compute(const struct limit_figures *f)
{
    return (f->us > 0 && f->ops_us >= AT_FLOOR * f->us) || f->tensor >= TENSOR_FULL ||
           f->fma >= FMA_FULL || f->issue >= ISSUE_FULL || (!f->has_counters && f->computes);
}

static bool is_short_of_blocks(const struct limit_figures *f)
{
    return f->waves > 0 && f->waves < 1;
}

static bool is_occupancy(const struct limit_figures *f)
{
    bool allows_few = f->warps_most > 0 && f->warps_most <= WARPS_HALF;
    double warps =
        f->warps >= 0 ? f->warps : f->warps_most * (is_short_of_blocks(f) ? f->waves : 1);
    return f->warps_most > 0 && warps < WARPS_FEW && (is_short_of_blocks(f) || allows_few);
}

enum limit limit_of(const struct limit_figures *f)
{
    if (is_launch(f))
        return LIMIT_LAUNCH;
    if (is_memory(f))
        return LIMIT_MEMORY;
    if (is_compute(f))
        return LIMIT_COMPUTE;
    if (is_occupancy(f))
        return LIMIT_OCCUPANCY;
    return f->us > 0 || f->has_counters ? LIMIT_LATENCY : LIMIT_UNKNOWN;
}

const char *limit_name(enum limit limit)
{
    static const char *const names[] = {"unknown", "launch",    "memory",
                                        "compute", "occupancy", "latency"};
    return names[limit];
}

const char *limit_class(enum limit limit)
{
    return limit_name(limit == LIMIT_OCCUPANCY ? LIMIT_LATENCY : limit);
}

const char *limit_advice(enum limit limit)
{
    static const char *const advice[] = {
        [LIMIT_UNKNOWN] = "",
        [LIMIT_LAUNCH] = "fewer launches, or more work in each",
        [LIMIT_MEMORY] = "only moving fewer bytes helps, or reusing them closer to the arithmetic",
        [LIMIT_COMPUTE] = "fewer operations, or faster ones: tensor cores, wider instructions",
        [LIMIT_OCCUPANCY] = "more blocks, or fewer registers and less shared memory a block",
        [LIMIT_LATENCY] = "more independent work in flight: several loads a thread, fewer barriers",
    };
    return advice[limit];
}

/* ---- why ---- */

struct why {
    struct buf *out;
    bool any;
};

static void also(struct why *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void also(struct why *w, const char *format, ...)
{
    va_list args;
    if (w->any)
        buf_adds(w->out, "; ");
    w->any = true;
    va_start(args, format);
    buf_addv(w->out, format, args);
    va_end(args);
}

static void busy(struct why *w, double percent, const char *what)
{
    if (percent >= 0)
        also(w, "%s %.0f %% busy", what, percent);
}

static void part_of_time(struct why *w, const struct limit_figures *f, double us, const char *what)
{
    if (us > 0 && f->us > 0)
        also(w, "%s would take %.0f %% of the time", what, 100 * us / f->us);
}

static void why_launch(struct why *w, const struct limit_figures *f)
{
    double launches = f->launches > 0 ? f->launches : 1;
    also(w, "%.3g us for %.0f launch%s", f->us, launches, launches > 1 ? "es" : "");
    if (gaps(f) > 0)
        also(w, "%.0f %% of it no kernel runs", 100 * gaps(f));
    part_of_time(w, f, f->floor_us, "moving the bytes");
}

static void why_occupancy(struct why *w, const struct limit_figures *f)
{
    if (f->warps >= 0)
        also(w, "%.0f %% of the warps that a multiprocessor could hold are there", f->warps);
    if (is_short_of_blocks(f))
        also(w, "the blocks fill %.0f %% of the card", 100 * f->waves);
    if (f->warps_most <= WARPS_HALF)
        also(w, "%s allow%s no more than %.0f %%",
             f->warps_limit ? f->warps_limit : "its resources",
             f->warps_limit && f->warps_limit[0] == 's' ? "s" : "", f->warps_most);
}

/* nothing is busy: that is the finding */
static void why_latency(struct why *w, const struct limit_figures *f)
{
    busy(w, f->dram, "DRAM");
    busy(w, f->l2, "L2");
    busy(w, f->tensor > f->fma ? f->tensor : f->fma, "arithmetic");
    if (f->issue >= 0)
        also(w, "an instruction is issued in %.0f %% of the cycles", f->issue);
    if (f->active >= 0 && f->active < 85)
        also(w, "%.0f %% of the multiprocessors have work on average", f->active);
    part_of_time(w, f, f->floor_us, "moving the bytes");
}

void limit_why(const struct limit_figures *f, enum limit limit, struct buf *out)
{
    struct why w = {out, false};
    if (limit == LIMIT_LAUNCH)
        why_launch(&w, f);
    if (limit == LIMIT_MEMORY) {
        busy(&w, f->dram, "DRAM is");
        if (f->l2 >= L2_FULL)
            busy(&w, f->l2, "L2 is");
        part_of_time(&w, f, f->floor_us, "moving the bytes at this card's bandwidth");
    }
    if (limit == LIMIT_COMPUTE) {
        if (f->tensor > 1)
            busy(&w, f->tensor, "the tensor cores are");
        busy(&w, f->fma, "the FMA pipe is");
        busy(&w, f->issue, "the schedulers are");
        part_of_time(&w, f, f->ops_us, "the operations at this card's peak");
        if (!w.any)
            also(&w, "its text computes more than it loads");
    }
    if (limit == LIMIT_OCCUPANCY)
        why_occupancy(&w, f);
    if (limit == LIMIT_LATENCY)
        why_latency(&w, f);
    if (limit == LIMIT_UNKNOWN)
        also(&w, "what was measured does not tell");
}
