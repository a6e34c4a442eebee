/* driver/search/propose_evidence.c - what was measured of the search's trials, gathered for
 * evidence.c to put into words: times, counters, what each kernel is made of, failures. */
#include <string.h>

#include "driver/search/counted.h"
#include "driver/search/propose_impl.h"
#include "driver/search/search.h"
#include "runtime/base/arena.h"

#define FAILURES_SHOWN 6

struct evidence_time *propose_times(struct search *s, const struct trial *x)
{
    struct evidence_time *times = arena_array(s->arena, struct evidence_time, s->ntimed + 1);
    const double *us = x ? trial_us(s, x) : s->original_us;
    for (size_t w = 0; w < s->ntimed; w++)
        times[w] = (struct evidence_time){.label = s->spec->points[s->timed[w]].label,
                                          .unit = spec_unit(s->spec),
                                          .us = us[w],
                                          .floor_us = s->floor_us[w],
                                          .original_us = s->original_us[w],
                                          .weight = s->weight[w]};
    return times;
}

/* the workload that counts most: its time by its weight */
static size_t heaviest(const struct search *s, const double *us)
{
    size_t best = 0;
    for (size_t w = 1; w < s->ntimed; w++)
        if (us[w] * s->weight[w] > us[best] * s->weight[best])
            best = w;
    return best;
}

/* the counters of a trial's longest kernel, on the workload that counts most; what was counted of
 * all of them */
static const json_t *put_counters(struct search *s, struct trial *x, bool closely,
                                  struct evidence *e)
{
    size_t w = heaviest(s, x ? trial_us(s, x) : s->original_us);
    const json_t *kernels = lab_profile(s, x, w, closely), *value;
    json_t *metrics = json_object_get(counted_longest(kernels), "metrics");
    struct evidence_counter *counters =
        arena_array(s->arena, struct evidence_counter, json_object_size(metrics) + 1);
    const char *name;
    json_object_foreach(metrics, name, value)
    {
        if (json_is_number(value))
            counters[e->ncounters++] = (struct evidence_counter){name, json_number_value(value)};
    }
    e->counters = counters;
    e->counters_of = s->spec->points[s->timed[w]].label;
    return kernels;
}

static int64_t integer_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const struct sass_kernel *sass_of(struct search *s, const json_t *kernel)
{
    const json_t *count = json_object_get(kernel, "count");
    struct sass_kernel *k = arena_alloc(s->arena, sizeof *k);
    if (!count)
        return NULL;
    k->symbol = json_string_value(json_object_get(kernel, "symbol"));
    k->total = (uint32_t)integer_of(kernel, "instructions");
    for (int i = 0; i < SASS_KINDS; i++)
        k->count[i] = (uint32_t)integer_of(count, sass_kind_name(i));
    return k;
}

/* what was counted of the kernel of that symbol */
static const json_t *counted_of(const json_t *counted, const char *symbol)
{
    for (size_t i = 0; i < json_array_size(counted); i++) {
        const json_t *k = json_array_get(counted, i);
        const char *name = json_string_value(json_object_get(k, "name"));
        if (name && symbol && strcmp(name, symbol) == 0)
            return k;
    }
    return NULL;
}

/* a line for each of its kernels, the longest first, since the bottleneck is asked of that */
static void put_kernels(struct search *s, struct trial *x, const json_t *counted,
                        struct evidence *e)
{
    const json_t *kernels = lab_kernels(s, x);
    size_t n = json_array_size(kernels);
    struct evidence_launch *all = arena_array(s->arena, struct evidence_launch, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *k = json_array_get(kernels, i);
        const char *name = json_string_value(json_object_get(k, "name"));
        const json_t *c = counted_of(counted, json_string_value(json_object_get(k, "symbol")));
        all[i] = (struct evidence_launch){
            .kernel = name ? name : "?",
            .blocks = counted_blocks(c),
            .threads = counted_threads(c),
            .cluster = counted_cluster(c),
            .dynamic = integer_of(c, "smem"),
            .usage = {integer_of(k, "regs"), integer_of(k, "smem"), integer_of(k, "spills"),
                      integer_of(k, "stack")},
            .sass = sass_of(s, k),
        };
        if (c && c == counted_longest(counted)) {
            struct evidence_launch first = all[0];
            all[0] = all[i];
            all[i] = first;
        }
    }
    if (n) {
        e->launches = all;
        e->nlaunches = n;
    }
}

/* the best of all is looked at closely */
void propose_add_evidence(struct search *s, struct trial *x, struct buf *out)
{
    char title[256] = "The original";
    struct evidence_launch launch = {.kernel = "its kernels, at most"};
    struct evidence e = {.gpu = &s->job->gpu, .ntimes = s->ntimed};
    const struct trial *best = trials_best(&s->trials);
    if (x) {
        trial_text(s, x, title, sizeof title);
        launch.usage = x->usage;
        e.launches = &launch;
        e.nlaunches = x->usage.regs > 0;
    }
    e.title = title;
    e.times = propose_times(s, x);
    put_kernels(s, x, put_counters(s, x, x == (best && best->score < 1 ? best : NULL), &e), &e);
    evidence_text(&e, out);
}

const char *propose_class(struct search *s)
{
    return evidence_class(s->spec, NULL);
}

const char *propose_bottleneck(struct search *s)
{
    struct evidence e = {.gpu = &s->job->gpu, .times = propose_times(s, NULL), .ntimes = s->ntimed};
    put_counters(s, NULL, false, &e);
    return evidence_bottleneck(&e);
}

void propose_add_failures(struct search *s, size_t idea, struct buf *out)
{
    size_t shown = 0;
    for (size_t i = s->trials.n; i-- > 0 && shown < FAILURES_SHOWN;) {
        const struct trial *x = &s->trials.trial[i];
        const struct form *f = s->forms[x->form];
        if (f->idea != idea || x->state == TRIAL_GOOD || x->state == TRIAL_WAITING || !x->why)
            continue;
        char text[200], what[300];
        trial_text(s, x, text, sizeof text);
        snprintf(what, sizeof what, "%s %s", text,
                 x->state == TRIAL_NO_BUILD ? "did not compile"
                 : x->state == TRIAL_LIMIT  ? "is beyond a limit"
                                            : "was refused");
        evidence_failure(what, x->why, EVIDENCE_MOST / 2, out);
        shown++;
    }
}

const char *propose_evidence(struct search *s, size_t idea)
{
    struct buf b;
    buf_init(&b, 1 << 18);
    for (size_t i = 0; i < s->nforms; i++)
        if (s->forms[i]->idea == idea && s->forms[i]->best)
            propose_add_evidence(s, &s->trials.trial[s->forms[i]->best - 1], &b);
    if (!b.len)
        buf_adds(&b, "None of its structures worked.\n");
    const char *text = arena_dup(s->arena, buf_text(&b));
    buf_release(&b);
    return text;
}
