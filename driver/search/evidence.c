/* evidence.c - see evidence.h. */
#include "driver/search/evidence.h"

#include <inttypes.h>
#include "driver/search/evidence_impl.h"
#include "driver/search/occupancy.h"

/* --- times --- */

static void add_us(struct buf *out, double us, const char *unit)
{
    if (us > 0)
        buf_addf(out, "%.*f %s", us < 10 ? 2 : us < 1000 ? 1 : 0, us, unit ? unit : "us");
    else
        buf_adds(out, "-");
}

/* "12.0 us (1.22x)": another's time, and how many times faster this one is */
static void add_against(struct buf *out, double other, double us, const char *unit)
{
    add_us(out, other, unit);
    if (other > 0 && us > 0)
        buf_addf(out, " (%.2fx)", other / us);
}

static void add_times(const struct evidence *e, struct buf *out)
{
    if (e->ntimes == 0)
        return;
    buf_adds(out, "| workload | time | floor (time over floor) | original (times faster than) | "
                  "parent (times faster than) |\n| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < e->ntimes; i++) {
        const struct evidence_time *t = &e->times[i];
        buf_addf(out, "| %s | ", t->label);
        add_us(out, t->us, t->unit);
        buf_adds(out, " | ");
        add_us(out, t->floor_us, t->unit);
        if (t->floor_us > 0 && t->us > 0)
            buf_addf(out, " (%.2fx)", t->us / t->floor_us);
        buf_adds(out, " | ");
        add_against(out, t->original_us, t->us, t->unit);
        buf_adds(out, " | ");
        add_against(out, t->parent_us, t->us, t->unit);
        buf_adds(out, " |\n");
    }
}

void evidence_workloads(const struct evidence_time *times, size_t n, struct buf *out)
{
    double whole = 0;

    for (size_t i = 0; i < n; i++)
        whole += times[i].original_us * (times[i].weight > 0 ? times[i].weight : 1);
    buf_adds(out,
             "| workload | weight | time | floor | share |\n| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < n; i++) {
        double weight = times[i].weight > 0 ? times[i].weight : 1;
        buf_addf(out, "| %s | %g | ", times[i].label, weight);
        add_us(out, times[i].original_us, times[i].unit);
        buf_adds(out, " | ");
        add_us(out, times[i].floor_us, times[i].unit);
        if (whole > 0 && times[i].original_us > 0)
            buf_addf(out, " | %.0f %% |\n", 100 * weight * times[i].original_us / whole);
        else
            buf_adds(out, " | - |\n");
    }
}

/* --- kernels --- */

static int64_t smem_of(const struct evidence_launch *l)
{
    return (l->usage.smem > 0 ? l->usage.smem : 0) + l->dynamic;
}

static void add_usage(const struct evidence_launch *l, struct buf *out)
{
    const struct usage *u = &l->usage;

    if (u->regs >= 0)
        buf_addf(out, "%" PRId64 " registers a thread", u->regs);
    else
        buf_adds(out, "registers not known");
    buf_addf(out, ", %" PRId64 " bytes of shared memory a block", smem_of(l));
    if (u->spills > 0)
        buf_addf(out, ", %" PRId64 " bytes spilled", u->spills);
    else if (u->spills == 0)
        buf_adds(out, ", no spills");
    if (u->stack > 0)
        buf_addf(out, ", %" PRId64 " bytes of stack", u->stack);
}

bool evidence_occupancy(const struct evidence_launch *l, const struct gpu *gpu, struct occupancy *o)
{
    return gpu && l->threads > 0 && l->usage.regs >= 0 &&
           occupancy_of(gpu->major, gpu->minor, l->threads, l->usage.regs, smem_of(l), o);
}

double evidence_waves(const struct evidence_launch *l, const struct gpu *gpu,
                      const struct occupancy *o)
{
    return l->blocks > 0 && o->blocks > 0 && gpu->sms > 0
               ? (double)l->blocks / ((double)o->blocks * (double)gpu->sms)
               : 0;
}

void evidence_launched(const struct evidence_launch *l, const struct gpu *gpu,
                       struct limit_figures *f)
{
    struct occupancy o;

    if (!evidence_occupancy(l, gpu, &o) || !o.blocks)
        return;
    f->warps_most = 100.0 * o.warps / o.most;
    f->warps_limit = o.limit;
    f->waves = evidence_waves(l, gpu, &o);
}

static void add_occupancy(const struct gpu *gpu, const struct evidence_launch *l, struct buf *out)
{
    struct occupancy o;

    if (!evidence_occupancy(l, gpu, &o))
        return;
    buf_addf(out, "; at most %d block%s a multiprocessor (%d of %d warps), limited by %s", o.blocks,
             o.blocks == 1 ? "" : "s", o.warps, o.most, o.limit);
    if (evidence_waves(l, gpu, &o) > 0)
        buf_addf(out, "; %.2f waves on %" PRId64 " multiprocessors", evidence_waves(l, gpu, &o),
                 gpu->sms);
}

void evidence_launch_text(const struct evidence_launch *l, const struct gpu *gpu, struct buf *out)
{
    buf_addf(out, "- `%s`", l->kernel);
    if (l->blocks > 0 && l->threads > 0)
        buf_addf(out, " on %" PRId64 " blocks of %" PRId64 " threads", l->blocks, l->threads);
    else if (l->threads > 0)
        buf_addf(out, " in blocks of %" PRId64 " threads", l->threads);
    if (l->cluster > 1)
        buf_addf(out, ", clusters of %" PRId64, l->cluster);
    buf_adds(out, ": ");
    add_usage(l, out);
    add_occupancy(gpu, l, out);
    buf_addc(out, '\n');
    if (l->sass) {
        buf_adds(out, "  instructions (of the text, loops counted once): ");
        sass_text(l->sass, out);
        buf_addc(out, '\n');
    }
}

static void add_limit(const struct evidence *e, struct buf *out)
{
    struct limit_figures f = evidence_figures(e);
    enum limit limit = limit_of(&f);

    buf_addf(out, "\nBy these figures it is limited by: %s", limit_class(limit));
    if (limit == LIMIT_OCCUPANCY) {
        buf_adds(out, " (occupancy: ");
        limit_why(&f, limit, out);
        buf_addc(out, ')');
    }
    buf_adds(out, ".\n");
}

void evidence_text(const struct evidence *e, struct buf *out)
{
    if (e->title)
        buf_addf(out, "### %s\n\n", e->title);
    add_times(e, out);
    if (e->nlaunches)
        buf_adds(out, e->ntimes ? "\nKernels:\n\n" : "Kernels:\n\n");
    for (size_t i = 0; i < e->nlaunches; i++)
        evidence_launch_text(&e->launches[i], e->gpu, out);
    evidence_add_counters(e, out);
    if (e->ntimes || e->ncounters)
        add_limit(e, out);
}
