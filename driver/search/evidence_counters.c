/* evidence_counters.c - what the GPU's counters mean, and what limits a kernel.
 *
 * The metrics are those of the "why is it slow" tiers (names as in CUPTI's host profiler for
 * GH100). The bounds are habits of reading them, not laws: a unit that is 60 to 70 % busy on
 * average is close to what it can do, below a third something else is waited for. A metric that is
 * not in the table is written with its own name. */
#include "driver/search/evidence_impl.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "driver/search/counted.h"

#define TENSOR "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active"
#define FMA "sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active"
#define ISSUE "smsp__issue_active.avg.pct_of_peak_sustained_active"
#define DRAM "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed"
#define ACTIVE "sm__cycles_active.avg.pct_of_peak_sustained_elapsed"
#define WARPS "sm__warps_active.avg.pct_of_peak_sustained_active"
#define L2 "lts__t_sectors.avg.pct_of_peak_sustained_elapsed"

struct meaning {
    const char *metric, *words, *unit;
    double low, high; /* at most low: `few`; at least high: `many`; else `some` */
    const char *few, *some, *many;
};

static const struct meaning MEANINGS[] = {
    {"gpu__time_duration.sum", "time on the GPU", " ns", -1, -1, NULL, NULL, NULL},
    {"gpc__cycles_elapsed.max", "cycles", "", -1, -1, NULL, NULL, NULL},
    {ACTIVE, "multiprocessors busy", " %", 85, 95,
     "many stand idle: too few blocks, uneven blocks, or a ragged last wave",
     "some stand idle at the end: a tail", "no tail"},
    {"sm__inst_executed.avg.per_cycle_active", "instructions a cycle, of 4", "", 1, 2.4,
     "few: warps wait", NULL, "many: instructions are the limit, do less with wider ones"},
    {ISSUE, "issue slots used", " %", 30, 60,
     "latency-bound: mostly no warp is ready; more independent work in flight, or more warps", NULL,
     "compute-bound: the schedulers are nearly full"},
    {WARPS, "warps resident, of those possible", " %", 25, 60,
     "few to hide latency with: each needs several loads in flight", NULL, "plenty"},
    {TENSOR, "tensor cores busy", " %", 1, 50, "unused", "not the limit",
     "compute-bound on tensor cores"},
    {FMA, "FMA pipe busy", " %", 20, 60, "not the limit", NULL, "compute-bound on arithmetic"},
    {"sm__inst_executed_pipe_lsu.avg.pct_of_peak_sustained_active", "load/store pipe busy", " %",
     20, 60, "not the limit", NULL, "bound by the number of loads and stores: wider ones"},
    {DRAM, "DRAM bandwidth used", " %", 35, 70, "memory bandwidth is not the limit",
     "memory is busy but not full: more bytes in flight would help",
     "memory-bound: only moving fewer bytes helps"},
    {"dram__bytes_read.sum", "read from DRAM", " B", -1, -1, NULL, NULL, NULL},
    {"dram__bytes_write.sum", "written to DRAM", " B", -1, -1, NULL, NULL, NULL},
    {"l1tex__t_sector_hit_rate.pct", "L1 hits", " %", 10, 60, "nothing is reused there", NULL,
     "reuse is served by L1"},
    {L2, "L2 bandwidth used", " %", 35, 70, "L2 is not the limit", NULL,
     "bound by L2: reuse in shared memory or registers"},
    {"lts__t_sector_hit_rate.pct", "L2 hits", " %", 20, 70, "what is read comes from DRAM", NULL,
     "much is served by L2"},
    {"l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum", "shared memory bank conflicts", "", 0, 1,
     "none", NULL, "pad or swizzle, if they are many beside the accesses"},
    {"l1tex__t_sectors_pipe_lsu_mem_local_op_ld.sum", "sectors loaded from local memory", "", 0, 1,
     "no spills", NULL,
     "spills or arrays indexed at run time: fewer live values, constant indices"},
    {"l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_ld.ratio",
     "sectors a global load (4 is coalesced for 4-byte loads, 16 for 16-byte loads)", "", 4, 16.5,
     "coalesced", NULL, "scattered: lanes read far from each other"},
    {"l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_st.ratio",
     "sectors a global store (4 is coalesced for 4-byte stores, 16 for 16-byte stores)", "", 4,
     16.5, "coalesced", NULL, "scattered: lanes write far from each other"},
    {"smsp__average_thread_inst_executed_per_inst_executed.ratio", "lanes active, of 32", "", 24,
     30, "divergence: many lanes are idle", NULL, "no divergence"},
};

/* smsp__average_warps_issue_stalled_X_per_issue_active.ratio: warps that wait for X at each issue
 */
static const struct {
    const char *reason, *words;
} STALLS[] = {
    {"long_scoreboard", "results of global or local loads"},
    {"barrier", "__syncthreads"},
    {"math_pipe_throttle", "an arithmetic pipe that is busy"},
    {"mio_throttle", "the queue of shared memory and special functions"},
    {"short_scoreboard", "results of shared memory or special functions"},
    {"lg_throttle", "the queue of global loads: fewer and wider ones"},
    {"wait", "fixed latencies: more independent instructions"},
    {"gmma", "results of wgmma"},
};

static const char *meaning_of(const struct meaning *m, double value)
{
    if (value <= m->low)
        return m->few;
    return m->high > 0 && value >= m->high ? m->many : m->some;
}

/* whole where it is, else with the digits that count */
static void add_number(struct buf *out, double value)
{
    if (fabs(value) < 1e15 && value == floor(value))
        buf_addf(out, "%.0f", value);
    else
        buf_addf(out, "%.*f", fabs(value) < 10 ? 2 : fabs(value) < 1000 ? 1 : 0, value);
}

static bool add_stall(struct buf *out, const struct evidence_counter *c)
{
    static const char head[] = "smsp__average_warps_issue_stalled_";
    static const char tail[] = "_per_issue_active.ratio";

    if (strncmp(c->name, head, sizeof head - 1) != 0)
        return false;
    for (size_t i = 0; i < sizeof STALLS / sizeof *STALLS; i++) {
        size_t n = strlen(STALLS[i].reason);
        const char *at = c->name + sizeof head - 1;
        if (strncmp(at, STALLS[i].reason, n) != 0 || strcmp(at + n, tail) != 0)
            continue;
        buf_adds(out, "- warps waiting for ");
        buf_addf(out, "%s: ", STALLS[i].words);
        add_number(out, c->value);
        buf_addf(out, " at each issue%s\n",
                 c->value >= 2    ? ": much"
                 : c->value < 0.5 ? ": little"
                                  : "");
        return true;
    }
    return false;
}

static void add_counter(struct buf *out, const struct evidence_counter *c)
{
    const struct meaning *m = NULL;
    const char *means;

    if (!isfinite(c->value) || add_stall(out, c))
        return;
    for (size_t i = 0; i < sizeof MEANINGS / sizeof *MEANINGS; i++)
        if (strcmp(MEANINGS[i].metric, c->name) == 0)
            m = &MEANINGS[i];
    means = m ? meaning_of(m, c->value) : NULL;
    buf_addf(out, "- %s: ", m ? m->words : c->name);
    if (m && strcmp(m->unit, " B") == 0)
        buf_addf(out, "%.1f MB", c->value / 1e6);
    else
        add_number(out, c->value);
    buf_addf(out, "%s%s%s\n", m && strcmp(m->unit, " B") != 0 ? m->unit : "", means ? ": " : "",
             means ? means : "");
}

void evidence_counter_lines(const struct evidence_counter *counters, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++)
        add_counter(out, &counters[i]);
}

void evidence_add_counters(const struct evidence *e, struct buf *out)
{
    if (e->ncounters == 0)
        return;
    buf_addf(out, "\nCounters%s%s:\n\n", e->counters_of ? " in " : "",
             e->counters_of ? e->counters_of : "");
    evidence_counter_lines(e->counters, e->ncounters, out);
}

/* --- what limits it --- */

/* the counter's value, -1 when it was not read */
static double evidence_counter_of(const struct evidence *e, const char *name)
{
    for (size_t i = 0; i < e->ncounters; i++)
        if (strcmp(e->counters[i].name, name) == 0 && isfinite(e->counters[i].value))
            return e->counters[i].value;
    return -1;
}

static double share(const struct evidence_time *t)
{
    return t->us * (t->weight > 0 ? t->weight : 1);
}

/* the workload with the greatest share; NULL: none was timed */
static const struct evidence_time *evidence_heaviest(const struct evidence *e)
{
    const struct evidence_time *most = NULL;

    for (size_t i = 0; i < e->ntimes; i++)
        if (e->times[i].us > 0 && (!most || share(&e->times[i]) > share(most)))
            most = &e->times[i];
    return most;
}

/* does the text of the first kernel compute more than it loads? */
static bool computes(const struct evidence *e)
{
    const struct sass_kernel *k = e->nlaunches ? e->launches[0].sass : NULL;
    uint64_t accesses = 0, arithmetic;

    if (!k)
        return false;
    for (int i = SASS_UTMALDG; i <= SASS_STG_128; i++)
        accesses += k->count[i];
    arithmetic = (uint64_t)k->count[SASS_FFMA] + k->count[SASS_HFMA2] + k->count[SASS_DFMA] +
                 k->count[SASS_MUFU];
    return k->count[SASS_UTCMMA] || k->count[SASS_HGMMA] || k->count[SASS_HMMA] ||
           k->count[SASS_IMMA] || arithmetic > 8 * accesses;
}

struct limit_figures evidence_figures(const struct evidence *e)
{
    const struct evidence_time *t = evidence_heaviest(e);
    struct limit_figures f = limit_nothing();

    f.us = t && !(t->unit && strcmp(t->unit, "us")) ? t->us : 0;
    f.floor_us = t ? t->floor_us : 0;
    f.launches = (double)e->nlaunches;
    f.has_counters = e->ncounters > 0;
    f.dram = evidence_counter_of(e, DRAM);
    f.l2 = evidence_counter_of(e, L2);
    f.tensor = evidence_counter_of(e, TENSOR);
    f.fma = evidence_counter_of(e, FMA);
    f.issue = evidence_counter_of(e, ISSUE);
    f.active = evidence_counter_of(e, ACTIVE);
    f.warps = evidence_counter_of(e, WARPS);
    f.computes = computes(e);
    if (e->nlaunches)
        evidence_launched(&e->launches[0], e->gpu, &f);
    return f;
}

void evidence_counted(const json_t *kernels, struct limit_figures *f)
{
    f->dram = counted_mean(kernels, DRAM);
    f->l2 = counted_mean(kernels, L2);
    f->tensor = counted_mean(kernels, TENSOR);
    f->fma = counted_mean(kernels, FMA);
    f->issue = counted_mean(kernels, ISSUE);
    f->active = counted_mean(kernels, ACTIVE);
    f->warps = counted_mean(kernels, WARPS);
    f->has_counters = counted_all_us(kernels) >= 0;
}

const char *evidence_bottleneck(const struct evidence *e)
{
    struct limit_figures f = evidence_figures(e);

    return limit_class(limit_of(&f));
}
