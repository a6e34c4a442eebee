/* driver/search/verdict.c - one winner for all sizes, or one for each regime.
 *
 * Where a scalar parameter of the entry distinguishes the workloads (rows = 1, 16 and 8192), the
 * emitted function can choose by it. So beside the one winner over everything, the workloads are
 * grouped by that parameter's value and each group has a contest of its own, in which nothing may
 * get slower; neighbouring groups with the same winner become one regime. The original runs
 * wherever no regime was proven. The regimes are taken when their mean is better than the one
 * winner's by more than the margin. */
#include <math.h>
#include <stdlib.h>

#include "driver/build/rewrite.h"
#include "driver/search/search.h"
#include "runtime/base/arena.h"
#include "runtime/base/proc.h"

#define BEGINS 0.8 /* of all time there is */
#define BEGINS_EARLIEST 0.5
#define CONTEST_S 1.5

/* ---- one winner ---- */

/* the mean over all workloads; where nothing was confirmed the original runs */
static struct interval verdict_mean(const struct search *s, const struct confirmation *c)
{
    struct interval *in = arena_array(s->arena, struct interval, s->ntimed + 1);
    for (size_t w = 0; w < s->ntimed; w++)
        in[w] = c->interval[w].ratio > 0 ? c->interval[w] : (struct interval){1, 1, 1};
    return judge_mean(in, s->weight, s->ntimed);
}

static void verdict_single(struct search *s, struct verdict *v)
{
    struct field field = {field_all(s), s->ntimed, judge_is_weighted(s->weight, s->ntimed)};
    struct trial *x = contest_run(s, &field, NULL, &v->c);
    if (x) {
        v->part = arena_array(s->arena, struct part, 1);
        v->part[v->nparts++] = (struct part){x, 0, 0};
    }
    v->mean = verdict_mean(s, &v->c);
}

/* ---- regimes ---- */

static int64_t workload_value(const struct search *s, size_t w, size_t dim)
{
    return s->spec->points[s->timed[w]].dims[dim];
}

static int order_values(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* the distinct values that a dimension has over the workloads, in order; how many there are */
static size_t dim_values(const struct search *s, size_t dim, int64_t *values)
{
    size_t n = 0;
    for (size_t w = 0; w < s->ntimed; w++)
        values[w] = workload_value(s, w, dim);
    qsort(values, s->ntimed, sizeof *values, order_values);
    for (size_t w = 0; w < s->ntimed; w++)
        if (!n || values[n - 1] != values[w])
            values[n++] = values[w];
    return n;
}

/* the parameter that tells most workloads apart; NULL when none tells any two apart */
static const struct param *regime_param(const struct search *s, size_t *dim)
{
    const struct param *best = NULL;
    int64_t *values = arena_array(s->arena, int64_t, s->ntimed + 1);
    size_t most = 1;
    for (size_t i = 0; i < s->spec->nparams; i++) {
        int d = spec_param_dim(s->spec, i);
        size_t n = d < 0 ? 0 : dim_values(s, (size_t)d, values);
        if (n > most) {
            most = n;
            best = &s->spec->params[i];
            *dim = (size_t)d;
        }
    }
    return best;
}

static void verdict_add(struct verdict *v, struct trial *x, int64_t value, bool follows)
{
    struct part *last = v->nparts ? &v->part[v->nparts - 1] : NULL;
    if (last && follows && last->trial == x)
        last->high = value;
    else
        v->part[v->nparts++] = (struct part){x, value, value};
}

static void verdict_regimes(struct search *s, const struct param *param, size_t dim,
                            struct verdict *v)
{
    int64_t *values = arena_array(s->arena, int64_t, s->ntimed + 1);
    size_t *group = arena_array(s->arena, size_t, s->ntimed + 1);
    size_t n = dim_values(s, dim, values);
    double end = s->run.seconds;
    bool follows = false; /* the group before this one has a winner too */
    v->param = param->name;
    v->part = arena_array(s->arena, struct part, n);
    for (size_t i = 0; i < n && !s->lost && !proc_interrupted() && s->lab.now < end; i++) {
        struct field field = {group, 0, false};
        for (size_t w = 0; w < s->ntimed; w++)
            if (workload_value(s, w, dim) == values[i])
                group[field.n++] = w;
        struct trial *prefer = follows ? v->part[v->nparts - 1].trial : NULL;
        struct trial *x = contest_run(s, &field, prefer, &v->c);
        if (x)
            verdict_add(v, x, values[i], follows);
        follows = x != NULL;
    }
    v->mean = verdict_mean(s, &v->c);
}

/* ---- both ---- */

static bool is_slower_somewhere(const struct search *s, const struct verdict *v)
{
    for (size_t w = 0; w < s->ntimed; w++)
        if (v->c.interval[w].ratio > 0 && v->c.interval[w].high < 1)
            return true;
    return false;
}

/* Regimes cost a comparison at each call, and code: they must be better by the margin; or no worse,
 * where the one winner makes a workload slower. */
static bool prefers_regimes(const struct search *s, const struct verdict *one,
                            const struct verdict *regimes)
{
    double margin = judge_margin(s->noise);
    if (!regimes->nparts)
        return false;
    if (!one->nparts)
        return true;
    if (is_slower_somewhere(s, one))
        return regimes->mean.ratio > one->mean.ratio * (1 - margin);
    return regimes->mean.ratio > one->mean.ratio * (1 + margin);
}

static void verdict_init(struct search *s, struct verdict *v)
{
    *v = (struct verdict){.mean = {1, 1, 1}};
    confirmation_init(s, &v->c);
}

void verdict_release(struct search *s, struct verdict *v)
{
    confirmation_release(&v->c, s->ntimed);
    *v = (struct verdict){0};
}

double verdict_begins(struct search *s, double seconds)
{
    size_t dim = 0;
    const struct param *param = rewrite_copyable(s->spec, NULL) ? regime_param(s, &dim) : NULL;
    int64_t *values = arena_array(s->arena, int64_t, s->ntimed + 1);
    size_t contests = 1 + (param ? dim_values(s, dim, values) : 0);
    return fmin(BEGINS * seconds,
                fmax(BEGINS_EARLIEST * seconds, seconds - CONTEST_S * (double)contests));
}

void verdict_reach(struct search *s, struct verdict *v)
{
    size_t dim = 0;
    const struct param *param = regime_param(s, &dim);
    struct verdict regimes;
    verdict_init(s, v);
    verdict_single(s, v);
    if (!param || !rewrite_copyable(s->spec, NULL) || s->lost || proc_interrupted())
        return; /* regimes need the original beside the winners */
    verdict_init(s, &regimes);
    verdict_regimes(s, param, dim, &regimes);
    if (prefers_regimes(s, v, &regimes)) {
        verdict_release(s, v);
        *v = regimes;
    } else {
        verdict_release(s, &regimes);
    }
}
