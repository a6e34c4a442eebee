/* tests/bench/policy_place.c - the world that the simulated search moves in.
 *
 * A structure is a region of a recorded space: one value for each of its most influential
 * parameters. An idea changes one to three of them, the more the harder. An attempt at it fails at
 * a rate that goes with its difficulty, and some ideas are impossible; one that works is as good as
 * the best of a few points of the region, and a little worse, since no two programs that do the
 * same are equally good. Two recordings of a kernel stand for two workloads.
 *
 * All luck follows from the seed and from what is tried, not from the order: two rules that try the
 * same idea see the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "driver/search/space_impl.h"
#include "tests/bench/policy.h"

const size_t call_marks[MARKS] = {5, 10, 20, 40, 80}, trial_marks[MARKS] = {10, 20, 40, 80, 160};

/* ---- reading ----------------------------------------------------------------------------- */

/* "2; a = 1 2 3; b = 0 1": the workloads, and how many values each parameter has */
static void read_parameters(struct terrain *p, char *line)
{
    char *part;

    p->workloads = strtoul(strsep(&line, ";"), NULL, 10);
    p->nregions = 1;
    while ((part = strsep(&line, ";")) && p->params < PLACE_PARAMS) {
        size_t n = 0;
        for (char *s = strchr(part, '='); s && *s; s++)
            n += *s == ' ';
        p->values[p->params++] = n;
        p->nregions *= n;
    }
    if (p->nregions > REGIONS_MOST)
        fatal("%s: more regions than there is room for", p->name);
}

/* "0 1 : 3.0/2.9 fail 4.1/3.8" */
static void read_region(struct terrain *p, char *line)
{
    size_t index = 0;
    struct region *r;

    for (size_t i = 0; i < p->params; i++)
        index = index * p->values[i] + strtoul(line, &line, 10);
    if (index >= p->nregions)
        fatal("%s: a region that is none", p->name);
    r = &p->regions[index];
    for (size_t w = 0; w < p->workloads; w++)
        r->best[w] = HUGE_VAL;
    line = strchr(line, ':') + 1;
    while (*line && r->n < PLACE_POINTS) {
        double *time = r->time[r->n++];
        line += strspn(line, " ");
        for (size_t w = 0; w < p->workloads; w++) {
            time[w] = *line == 'f' ? HUGE_VAL : log(strtod(line, &line));
            line += *line == '/';
            r->best[w] = fmin(r->best[w], time[w]);
        }
        line += strcspn(line, " ");
    }
}

static double mean(const struct terrain *p, const double *time)
{
    double sum = 0;

    for (size_t w = 0; w < p->workloads; w++)
        sum += time[w] / (double)p->workloads;
    return sum;
}

static void rank_regions(struct terrain *p)
{
    p->rank = calloc(p->nregions, sizeof *p->rank);
    if (!p->rank)
        fatal("out of memory");
    for (size_t w = 0; w < p->workloads; w++)
        p->best[w] = HUGE_VAL;
    for (size_t i = 0; i < p->nregions; i++) {
        size_t at = p->nrank;
        if (!p->regions[i].n)
            continue;
        for (; at && mean(p, p->regions[p->rank[at - 1]].best) > mean(p, p->regions[i].best); at--)
            p->rank[at] = p->rank[at - 1];
        p->rank[at] = i;
        p->nrank++;
        for (size_t w = 0; w < p->workloads; w++)
            p->best[w] = fmin(p->best[w], p->regions[i].best[w]);
    }
}

struct terrain *terrain_read(const char *path, const char *name)
{
    struct terrain *p = calloc(1, sizeof *p);
    struct error err = {""};
    char *rest, *line;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    if (!p || fs_read(path, &b, &err) < 0)
        fatal("%s", err.text);
    p->name = name;
    rest = b.data;
    while ((line = strsep(&rest, "\n")) && *line == '#')
        continue;
    read_parameters(p, line);
    p->regions = calloc(p->nregions, sizeof *p->regions);
    if (!p->regions)
        fatal("out of memory");
    while ((line = strsep(&rest, "\n")) && *line)
        read_region(p, line);
    rank_regions(p);
    buf_release(&b);
    return p;
}

void terrain_free(struct terrain *p)
{
    free(p->regions);
    free(p->rank);
    free(p);
}

/* ---- luck -------------------------------------------------------------------------------- */

double run_uniform(const struct run *r, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t state = r->seed;

    state = space_rand(&state) ^ a;
    state = space_rand(&state) ^ b;
    state = space_rand(&state) ^ c;
    return (double)(space_rand(&state) >> 11) * 0x1p-53;
}

double run_normal(const struct run *r, uint64_t a, uint64_t b, uint64_t c)
{
    double u = run_uniform(r, a, b, c + 0x10000), v = run_uniform(r, a, b, c + 0x20000);

    return sqrt(-2 * log(u + 1e-18)) * cos(6.283185307179586 * v);
}

/* what a draw is for */
enum {
    FOR_START = 1,
    FOR_WAYS,
    FOR_PICK,
    FOR_PROMISE,
    FOR_WORKS,
    FOR_POINTS,
    FOR_CODE,
    FOR_GROWTH
};

/* ---- runs -------------------------------------------------------------------------------- */

static double found(const struct run *r)
{
    return exp(mean(r->place, r->place->best) - mean(r->place, r->best));
}

/* fills the marks that are reached before this call and these trials */
static void mark(struct run *r, size_t calls, size_t trials)
{
    for (size_t i = 0; i < MARKS; i++) {
        if (r->by_calls[i] <= 0 && calls > call_marks[i])
            r->by_calls[i] = found(r);
        if (r->by_trials[i] <= 0 && trials > trial_marks[i])
            r->by_trials[i] = found(r);
    }
    r->calls = calls;
    r->trials = trials;
}

bool run_over(const struct run *r)
{
    return r->calls >= CALLS;
}

void run_call(struct run *r)
{
    mark(r, r->calls + 1, r->trials);
}

void run_end(struct run *r)
{
    mark(r, r->calls + CALLS + 1, r->trials + 100000);
}

/* the original is in the slower half of the structures */
void run_start(struct run *r)
{
    const struct terrain *p = r->place;
    double at = 0.4 + 0.5 * run_uniform(r, FOR_START, 0, 0);
    struct sim_idea *root = &r->ideas[0];

    memset(r->ideas, 0, sizeof *root);
    memset(r->thought, 0, sizeof r->thought);
    memset(r->by_calls, 0, sizeof r->by_calls);
    memset(r->by_trials, 0, sizeof r->by_trials);
    r->n = 1;
    r->calls = r->trials = r->visited = 0;
    root->region = p->rank[(size_t)(at * (double)p->nrank)];
    root->done = true;
    for (size_t w = 0; w < p->workloads; w++)
        r->best[w] = root->time[w] = p->regions[root->region].best[w];
}

/* What a structure takes: of what it is built on where that is measured, else the best there is. */
static double start_time(const struct run *r, size_t id, size_t workload)
{
    const struct sim_idea *idea = &r->ideas[id];

    return isfinite(idea->time[workload]) ? idea->time[workload]
                                          : r->place->regions[idea->region].best[workload];
}

static double true_gain(const struct run *r, size_t parent, size_t region, int regime)
{
    double sum = 0;
    size_t n = 0;

    for (size_t w = 0; w < r->place->workloads; w++) {
        if (regime < 0 || (size_t)regime == w) {
            sum += start_time(r, parent, w) - r->place->regions[region].best[w];
            n++;
        }
    }
    return sum / (double)n;
}

/* another region, one to three parameters away; *changes: how many */
static size_t draw_way(const struct run *r, size_t from, uint64_t salt, int *changes)
{
    const struct terrain *p = r->place;

    for (uint64_t i = 0;; i++) {
        double u = run_uniform(r, FOR_WAYS, salt, 16 * i);
        size_t want = u < 0.6 ? 1 : u < 0.9 ? 2 : 3, index = 0, rest = from;
        size_t value[PLACE_PARAMS];
        for (size_t k = p->params; k-- > 0; rest /= p->values[k])
            value[k] = rest % p->values[k];
        for (size_t k = 0; k < want; k++) {
            size_t which =
                (size_t)(run_uniform(r, FOR_WAYS, salt, 16 * i + 2 * k + 1) * (double)p->params);
            value[which] = (size_t)(run_uniform(r, FOR_WAYS, salt, 16 * i + 2 * k + 2) *
                                    (double)p->values[which]);
        }
        for (size_t k = 0; k < p->params; k++)
            index = index * p->values[k] + value[k];
        *changes = (int)want;
        if (index != from && p->regions[index].n)
            return index;
    }
}

/* What is thought of on a structure goes with its region and with how many were thought of there:
 * nobody has the same idea of the same structure twice, whichever of its programs he looks at. */
static uint64_t next_salt(struct run *r, size_t parent)
{
    size_t region = r->ideas[parent].region;

    return (uint64_t)region << 16 | ++r->thought[region];
}

void run_move(struct run *r, size_t parent, struct sim_idea *idea)
{
    const struct setting *s = r->setting;
    uint64_t salt = next_salt(r, parent);
    bool misleads = run_uniform(r, FOR_PICK, salt, 1) < s->misleading;
    bool looks = run_uniform(r, FOR_PICK, salt, 2) < 0.6;
    double most = -HUGE_VAL, gain;
    int changes = 1;

    memset(idea, 0, sizeof *idea);
    idea->parent = parent;
    idea->regime = -1;
    if (r->place->workloads > 1 && run_uniform(r, FOR_PICK, salt, 3) < 0.2)
        idea->regime = run_uniform(r, FOR_PICK, salt, 4) < 0.5;
    for (uint64_t i = 0; i < (looks || misleads ? 3 : 1); i++) {
        int n;
        size_t region = draw_way(r, r->ideas[parent].region, 64 * salt + i, &n);
        double seems = true_gain(r, parent, region, idea->regime);
        seems = misleads ? -seems : seems + 0.4 * run_normal(r, FOR_PICK, salt, 8 + i);
        if (seems > most) {
            most = seems;
            idea->region = region;
            changes = n;
        }
    }
    gain = true_gain(r, parent, idea->region, idea->regime);
    idea->promised = s->offset + s->slope * gain + s->noise * run_normal(r, FOR_PROMISE, salt, 0);
    if (misleads)
        idea->promised = log(3) + 0.3 * run_normal(r, FOR_PROMISE, salt, 0);
    idea->promised = fmin(2.5, fmax(-1, idea->promised));
    idea->difficulty = 2 * changes - 1 + (run_uniform(r, FOR_PICK, salt, 5) < 0.5);
    if (misleads || idea->difficulty > DIFFICULTIES)
        idea->difficulty = misleads ? 1 : DIFFICULTIES;
    idea->impossible = run_uniform(r, FOR_PICK, salt, 6) < 0.06 * idea->difficulty;
    for (size_t w = 0; w < r->place->workloads; w++)
        idea->time[w] = HUGE_VAL;
}

static void grow_one(struct run *r, size_t parent)
{
    if (r->n == IDEAS_ROOM)
        return;
    run_move(r, parent, &r->ideas[r->n]);
    r->n++;
}

/* the structure that a model would go on from: the best it knows */
static size_t best_idea(const struct run *r)
{
    size_t best = 0;

    for (size_t i = 1; i < r->n; i++) {
        if (isfinite(r->ideas[i].time[0]) &&
            mean(r->place, r->ideas[i].time) < mean(r->place, r->ideas[best].time))
            best = i;
    }
    return best;
}

void run_grow(struct run *r, size_t closed)
{
    size_t best = best_idea(r),
           under = closed && isfinite(r->ideas[closed].time[0]) ? closed : best;
    size_t first = r->n;

    run_call(r);
    if (r->n == 1) {
        for (size_t k = 0; k < 6; k++)
            grow_one(r, 0);
    } else {
        /* what turned out slower is gone on from now and then only */
        if (mean(r->place, r->ideas[under].time) > mean(r->place, r->ideas[best].time) + 0.1 &&
            run_uniform(r, FOR_GROWTH, under, r->ideas[under].grown) < 0.7)
            under = best;
        grow_one(r, under);
        grow_one(r, under);
        grow_one(r, best);
        r->ideas[best].grown += best != under;
    }
    /* a step, and what it is for */
    if (r->n > first && run_uniform(r, FOR_GROWTH, 1000 + under, r->ideas[under].grown) < 0.4)
        grow_one(r, first);
    r->ideas[under].grown++;
}

/* what an idea changes into what */
static uint64_t way_of(const struct run *r, size_t id)
{
    return (uint64_t)r->ideas[r->ideas[id].parent].region << 32 | r->ideas[id].region;
}

/* how often the same was tried: luck is not drawn twice */
static uint64_t times_tried(const struct run *r, uint64_t way)
{
    uint64_t n = 0;

    for (size_t i = 1; i < r->n; i++)
        n += way_of(r, i) == way ? r->ideas[i].tries : 0;
    return n;
}

enum attempt run_attempt(struct run *r, size_t id)
{
    static const double rates[DIFFICULTIES] = {0.85, 0.75, 0.6, 0.45, 0.3};
    struct sim_idea *idea = &r->ideas[id];
    const struct region *region = &r->place->regions[idea->region];
    uint64_t way = way_of(r, id), nth = times_tried(r, way);
    double worse = 0.1 * fabs(run_normal(r, FOR_CODE, way, nth)), time[PLACE_WORKLOADS];
    double u = run_uniform(r, FOR_WORKS, way, nth), gain = 0;

    idea->tries++;
    if (idea->impossible || u >= rates[idea->difficulty - 1] * r->setting->works) {
        mark(r, r->calls + 1, r->trials + 1);
        return u < 0.8 ? ATTEMPT_CHECK : ATTEMPT_BUILD;
    }
    mark(r, r->calls + 1, r->trials + EVALUATIONS);
    for (size_t w = 0; w < r->place->workloads; w++)
        time[w] = HUGE_VAL;
    for (uint64_t e = 0; e < EVALUATIONS; e++) {
        size_t point = (size_t)(run_uniform(r, FOR_POINTS, way, 64 * nth + e) * (double)region->n);
        for (size_t w = 0; w < r->place->workloads; w++)
            time[w] = fmin(time[w], region->time[point][w] + worse);
    }
    if (!isfinite(time[0]))
        return ATTEMPT_BUILD;
    for (size_t w = 0; w < r->place->workloads; w++) {
        idea->time[w] = fmin(idea->time[w], time[w]);
        r->best[w] = fmin(r->best[w], time[w]);
        gain += start_time(r, idea->parent, w) - time[w];
    }
    return gain > 0 ? ATTEMPT_GAIN : ATTEMPT_SLOW;
}
