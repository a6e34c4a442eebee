/* driver/search/outcome.c - what a search leaves: its record, and lines for the build log. */
#include <stdlib.h>
#include <string.h>

#include "driver/build/specific.h"
#include "driver/search/search.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

/* ---- the record ---- */

static void record_workloads(struct search *s, const struct confirmation *c, struct record *r)
{
    r->workloads = calloc(s->ntimed + 1, sizeof *r->workloads);
    r->nworkloads = s->ntimed;
    if (!r->workloads)
        fatal("out of memory");
    for (size_t w = 0; w < s->ntimed; w++) {
        struct record_workload *x = &r->workloads[w];
        bool confirmed = c->original[w].n > 0;
        x->label = strdup(s->spec->points[s->timed[w]].label);
        x->weight = s->weight[w];
        x->floor_us = s->floor_us[w];
        x->original_us = x->winner_us = s->original_us[w];
        x->ratio = x->low = x->high = 1;
        if (!confirmed)
            continue;
        x->original_us = samples_figure(&c->original[w], s->spec->objective_p90);
        x->winner_us = samples_figure(&c->variant[w], s->spec->objective_p90);
        x->ratio = c->interval[w].ratio, x->low = c->interval[w].low, x->high = c->interval[w].high;
        x->samples = json_pack("{s:o,s:o,s:o,s:o}", "original", samples_json(&c->original[w]),
                               "winner", samples_json(&c->variant[w]), "original_mhz",
                               samples_clocks_json(&c->original[w]), "winner_mhz",
                               samples_clocks_json(&c->variant[w]));
        sampling_write(&c->original[w].how, x->samples);
    }
}

static void winner_values(const struct search *s, const struct trial *x, struct record_winner *w)
{
    const int64_t *values = trial_values(s, x);
    const struct spec *spec = s->forms[x->form]->spec;
    _Static_assert((int)RECORD_TEXT_LIMIT >= (int)STRUCTURE_TEXT_LIMIT, "a record holds any text");
    w->structure = spec->structure ? strdup(spec->structure->path) : NULL;
    w->text = spec->structure && spec->structure->entry ? strdup(spec->structure->src->text) : NULL;
    w->nvalues = spec->ntunables;
    w->values = calloc(w->nvalues + 1, sizeof *w->values);
    if (!w->values)
        fatal("out of memory");
    for (size_t i = 0; i < w->nvalues; i++)
        w->values[i] = (struct record_value){strdup(spec->tunables[i].name), values[i]};
}

static int record_winners(struct search *s, const struct verdict *v, struct record *r,
                          struct error *err)
{
    r->winners = calloc(v->nparts + 1, sizeof *r->winners);
    if (!r->winners)
        fatal("out of memory");
    for (size_t i = 0; i < v->nparts; i++) {
        const struct part *part = &v->part[i];
        struct record_winner *w = &r->winners[r->nwinners++];
        *w = (struct record_winner){.low = part->low, .high = part->high};
        w->param = v->param ? strdup(v->param) : NULL;
        winner_values(s, part->trial, w);
        bool specific;
        if (lab_code(s, part->trial, &w->code, &specific, err))
            return -1;
        w->arch = specific ? strdup(specific_name(s->arena, r->major, r->minor)) : NULL;
    }
    return 0;
}

/* what all winners passed: those of one search ran under the same tools, or one had no luck */
static const char *sanitizer_of(const struct verdict *v)
{
    const char *ran = v->nparts ? v->part[0].trial->sanitizer : NULL;
    for (size_t i = 1; ran && i < v->nparts; i++)
        if (!v->part[i].trial->sanitizer || strcmp(ran, v->part[i].trial->sanitizer) != 0)
            ran = NULL;
    return ran;
}

struct record *outcome_record(struct search *s, const struct verdict *v, bool done,
                              struct error *err)
{
    const struct gpu *gpu = &s->job->gpu;
    struct record *r = record_new();
    char model[160];
    gpu_model(gpu, model);
    r->key = *s->job->key;
    r->entry = strdup(s->name);
    r->file = strdup(fs_base(s->job->target.file->src->path));
    r->gpu = strdup(model);
    r->major = gpu->major, r->minor = gpu->minor;
    r->gpu_uuid = strdup(gpu->uuid);
    r->driver = gpu->driver;
    r->toolkit = strdup(s->job->toolkit);
    record_workloads(s, &v->c, r);
    r->ratio = v->mean.ratio, r->low = v->mean.low, r->high = v->mean.high;
    r->noise = s->noise;
    r->others = s->others;
    r->is_energy = s->spec->objective_energy;
    r->sanitizer = sanitizer_of(v) ? strdup(sanitizer_of(v)) : NULL;
    r->space = (long long)forms_size(s);
    r->trials = (long long)s->tried;
    r->seconds = s->lab.now;
    r->interrupted = !done;
    r->created = strdup(s->run.started);
    r->version = strdup(KS_VERSION);
    if (record_winners(s, v, r, err) == 0)
        return r;
    record_free(r);
    return NULL;
}

/* ---- what a person reads ---- */

void outcome_say_failures(const struct search *s)
{
    static const struct {
        enum trial_state state;
        const char *what;
    } kinds[] = {{TRIAL_NO_BUILD, "did not compile"},
                 {TRIAL_LIMIT, "are beyond a limit"},
                 {TRIAL_WRONG, "were refused"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = trials_count(&s->trials, kinds[i].state);
        const struct trial *x = trials_first(&s->trials, kinds[i].state);
        char text[256];
        if (n)
            log_line("%s: %zu of %zu variants %s; the first, %s: %s", s->name, n, s->trials.n,
                     kinds[i].what, trial_text(s, x, text, sizeof text), x->why);
    }
}

static void say_twins(const struct search *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->trials.n; i++)
        n += s->trials.trial[i].twin > 0;
    if (n)
        log_line(
            "%s: %zu of %zu variants are the machine code of another one and were not measured",
            s->name, n, s->trials.n);
}

/* the rates and all parts are of one span: from when the search could begin to measure to now */
static void say_time(const struct search *s, const struct record *r)
{
    struct pace p = pace_of(s);
    char models[80] = "";
    if (p.models >= 0.05)
        snprintf(models, sizeof models, ", for models %.1f s", p.models);
    log_line(
        "%s: %lld of %lld variants, %zu measured in %.1f s (%.1f a second): GPU busy %.0f %%: "
        "checking %.1f s, timing %.1f s; loading %.1f s, waiting for compilers %.1f s%s, engine "
        "%.1f s. Until the verdict %.1f s (%.1f a second, GPU busy %.0f %%); before all this the "
        "harness took %.1f s%s",
        s->name, r->trials, r->space, p.measured, p.seconds, p.rate, 100 * p.busy, p.checking,
        p.timing, p.loading, p.compilers, models, p.engine, p.exploring, p.explore_rate,
        100 * p.explore_busy, p.harness, r->interrupted ? "; stopped by the budget" : "");
}

/* each workload on a line, where there are several */
static void say_workloads(const struct search *s, const struct record *r)
{
    const char *unit = spec_unit(s->spec);
    for (size_t i = 0; r->nwinners && r->nworkloads > 1 && i < r->nworkloads; i++) {
        const struct record_workload *w = &r->workloads[i];
        log_line("%s: %s: %.2f %s, was %.2f %s: %.2fx [%.2f, %.2f]", s->name, w->label,
                 w->winner_us, unit, w->original_us, unit, w->ratio, w->low, w->high);
    }
}

void outcome_say(const struct search *s, const struct record *r)
{
    say_workloads(s, r);
    say_twins(s);
    if (s->others)
        log_warn("%s: %d other process%s the GPU open meanwhile: the times may be off", s->name,
                 s->others, s->others == 1 ? " had" : "es had");
    say_time(s, r);
}
