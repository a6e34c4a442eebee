/* driver/search/lab.c - answers: from the journal where they are, else from the world, kept first.
 *
 * A fact is JSON. Of a measurement that failed because of the variant it is {"failed": why}; that
 * the bench was lost, or that we are being stopped, is no fact about the variant: the search ends,
 * and asks again when it is run again.
 *
 * While the journal's steps last, they say which of the pending requests comes next. A step that
 * nobody waits for means that the journal was written by a search that decides otherwise (another
 * version of ours): from there on facts are still used, but come in the order of the requests. */
#include "driver/search/lab_facts.h"

#include <string.h>
#include <time.h>

#include "driver/build/harness.h"
#include "driver/build/jobs.h"
#include "driver/build/specific.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/timeline.h"
#include "runtime/base/utf8.h"

/* ---- facts and steps ---- */

const json_t *lab_known(const struct lab *l, const char *name)
{
    const json_t *fact = json_object_get(l->facts, name);
    if (!fact && l->journal)
        fact = journal_fact(l->journal, name);
    return !fact && l->recording ? journal_fact(l->recording, name) : fact;
}

static void lab_journal_failed(struct lab *l, const struct error *err)
{
    if (!l->told)
        log_warn("what this search finds is not kept: %s", err->text);
    l->told = true;
}

const json_t *lab_keep(struct lab *l, const char *name, json_t *fact)
{
    struct error err = {""};
    if (l->journal && !l->told && !journal_fact(l->journal, name) &&
        journal_put(l->journal, name, json_incref(fact), &err))
        lab_journal_failed(l, &err);
    json_object_set_new(l->facts, name, fact);
    return fact;
}

void lab_sync(struct lab *l)
{
    struct error err = {""};
    if (l->journal && !l->told && journal_sync(l->journal, &err))
        lab_journal_failed(l, &err);
}

static const struct journal *lab_order(const struct lab *l)
{
    return l->strayed ? NULL : l->recording ? l->recording : l->journal;
}

const char *lab_expected(const struct lab *l, double *seconds)
{
    const struct journal *order = lab_order(l);
    if (!order || l->steps >= journal_steps(order))
        return NULL;
    struct journal_step step = journal_step_at(order, l->steps);
    *seconds = step.seconds;
    return step.name;
}

static void lab_stray(struct lab *l, const char *expected, const char *name)
{
    log_debug("the journal goes on with %s, this search with %s", expected, name);
    l->strayed = true;
}

void lab_step(struct lab *l, const char *name, const json_t *fact)
{
    struct error err = {""};
    double seconds = 0;
    const char *expected = lab_expected(l, &seconds);
    if (expected && strcmp(expected, name) != 0) {
        lab_stray(l, expected, name);
        expected = NULL;
    }
    if (expected) {
        l->now = seconds;
        l->zero = now_seconds() - l->now;
    } else if (l->recording) {
        l->now += json_number_value(json_object_get(fact, "seconds"));
    } else {
        l->now = now_seconds() - l->zero;
    }
    if (l->journal && !l->told && !l->strayed && l->steps >= journal_steps(l->journal) &&
        journal_post(l->journal, l->now, name, &err))
        lab_journal_failed(l, &err);
    if (l->strayed)
        lab_sync(l);
    l->steps++;
}

const json_t *lab_fact(struct search *s, const char *name, lab_make *make, void *arg)
{
    struct lab *l = &s->lab;
    const json_t *fact = lab_known(l, name);
    if (s->lost)
        return NULL;
    if (fact) {
        fact = lab_keep(l, name, json_incref((json_t *)fact));
    } else {
        json_t *made = l->recording ? json_pack("{s:s}", "failed", "it is not in the recording")
                                    : make(s, arg);
        if (!made) {
            s->lost = true;
            return NULL;
        }
        fact = lab_keep(l, name, made);
    }
    lab_step(l, name, fact);
    return fact;
}

const json_t *lab_optional(struct search *s, const char *name, lab_make *make, void *arg)
{
    struct lab *l = &s->lab;
    double seconds;
    const char *expected = lab_expected(l, &seconds);
    if ((expected && strcmp(expected, name) != 0) || (l->recording && !lab_known(l, name)))
        return NULL;
    return lab_fact(s, name, make, arg);
}

void lab_note(struct search *s, const char *name, json_t *fact)
{
    if (!json_object_get(s->lab.facts, name))
        lab_keep(&s->lab, name, fact);
    else
        json_decref(fact);
}

void lab_show(struct search *s, const char *name, json_t *fact)
{
    struct lab *l = &s->lab;
    struct error err = {""};
    bool is_new = l->journal && !l->told && l->steps >= journal_steps(l->journal);
    if (!is_new) /* a search that is run again was further already */
        json_decref(fact);
    else if (journal_replace(l->journal, name, fact, &err))
        lab_journal_failed(l, &err);
}

/* ---- names ---- */

char *lab_hex(struct search *s, const struct hash *h)
{
    char hex[65];
    hash_hex(h, hex);
    return arena_copy(s->arena, hex, 16);
}

const char *lab_id(struct search *s, const struct trial *x)
{
    if (!x)
        return "original";
    const struct form *f = s->forms[x->form];
    const int64_t *values = trial_values(s, x);
    struct hasher *h = hasher_new();
    hasher_string(h, f->hash);
    for (size_t i = 0; i < f->spec->ntunables; i++) {
        hasher_string(h, f->spec->tunables[i].name);
        hasher_number(h, values[i]);
    }
    struct hash hash = hasher_end(h);
    return lab_hex(s, &hash);
}

json_t *lab_values(const struct search *s, const struct trial *x)
{
    const struct spec *spec = s->forms[x->form]->spec;
    const int64_t *values = trial_values(s, x);
    json_t *object = json_object();
    for (size_t i = 0; i < spec->ntunables; i++)
        json_object_set_new(object, spec->tunables[i].name, json_integer(values[i]));
    return object;
}

/* ---- compilers and models ---- */

bool lab_is_limited(const struct search *s, const struct trial *x)
{
    const struct form *f = s->forms[x->form];
    return *f->name || f->has_knobs || x->point != space_default(f->space);
}

/* compilers' results go to their trials */
static void lab_reap(struct search *s)
{
    struct built b;
    for (size_t i = 0; i < s->nforms; i++) {
        while (s->forms[i]->units && units_next(s->forms[i]->units, &b)) {
            s->trials.trial[b.tag].built = b;
            s->trials.trial[b.tag].is_built = true;
        }
    }
}

void lab_think(struct search *s)
{
    if (!s->chore)
        return;
    double start = now_seconds();
    s->chore = false;
    forms_think(s);
    timeline_span(TIMELINE_ENGINE, "suggest", start);
}

/* what is done while the GPU is busy; arg: the search */
static void lab_meanwhile(void *arg)
{
    struct search *s = arg;
    if (s->is_timing)
        lab_think(s);
    lab_pump(s);
}

bool lab_starves(const struct search *s)
{
    for (size_t i = s->trials.n; i-- > 0;)
        if (s->trials.trial[i].is_built && s->trials.trial[i].state == TRIAL_WAITING)
            return false;
    return true;
}

void lab_pump(void *arg)
{
    struct search *s = arg;
    bool hurry = !s->compilers && lab_starves(s);
    for (size_t i = 0; i < s->nforms; i++) {
        if (!s->forms[i]->units)
            continue;
        units_hurry(s->forms[i]->units, hurry);
        units_pump(s->forms[i]->units);
    }
    lab_reap(s);
    if (s->lab.models)
        models_pump(s->lab.models);
}

void lab_compile(struct search *s, struct trial *x)
{
    struct form *f = s->forms[x->form];
    if (!x->is_queued)
        (x->is_whole ? units_again : units_add)(f->units, (size_t)(x - s->trials.trial),
                                                trial_values(s, x));
    x->is_queued = true;
}

/* ---- what a run begins with ---- */

static json_t *run_workloads(const struct search *s)
{
    json_t *all = json_array();
    for (size_t w = 0; w < s->ntimed; w++)
        json_array_append_new(all, json_pack("{s:o, s:f}", "label",
                                             utf8_json(s->spec->points[s->timed[w]].label),
                                             "weight", s->weight[w]));
    return all;
}

static json_t *make_run(struct search *s, void *arg)
{
    const struct search_job *job = s->job;
    char hex[65], model[160], started[32];
    time_t now = time(NULL);
    struct tm tm;
    (void)arg;
    hash_hex(&job->key->all, hex);
    gpu_model(&job->gpu, model);
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:i, s:b, s:b, s:b, s:s, s:I, s:{s:f, "
        "s:I}, s:o,"
        " s:s*, s:s*}",
        "entry", utf8_json(target_name(s->arena, s->spec, job->target.instance)), "file",
        utf8_json(fs_base(job->target.file->src->path)), "gpu", utf8_json(model), "card",
        bench_gpu_json(&job->gpu), "key", hex, "started", started, "version", KS_VERSION, "jobs",
        jobs_most(), "asks", job->models != NULL, "knobs", job->knobs, "all", job->all, "tuner",
        tuner_kind_name(job->tuner), "seed", (json_int_t)job->seed, "budget", "seconds",
        job->seconds, "evals", (json_int_t)job->evals, "workloads", run_workloads(s), "unit",
        s->spec->objective_energy ? spec_unit(s->spec) : NULL, "specific",
        job->target.specific ? specific_name(s->arena, job->target.major, job->target.minor)
                             : NULL);
}

/* journals of earlier versions name none */
static enum tuner_kind run_tuner(const char *name)
{
    enum tuner_kind kind = name ? tuner_kind_named(name) : TUNER_SURROGATE;
    return kind == TUNER_KINDS ? TUNER_SURROGATE : kind;
}

int lab_run(struct search *s, struct error *err)
{
    const json_t *fact = lab_fact(s, "run", make_run, NULL);
    const json_t *budget = json_object_get(fact, "budget");
    const char *key = json_string_value(json_object_get(fact, "key"));
    const char *started = json_string_value(json_object_get(fact, "started"));
    char hex[65];
    hash_hex(&s->job->key->all, hex);
    if (!key || strcmp(key, hex) != 0)
        return error_set(err, "the %s is of other code",
                         s->job->recording ? "recording" : "journal");
    s->run.seconds = json_number_value(json_object_get(budget, "seconds"));
    s->run.evals = json_integer_value(json_object_get(budget, "evals"));
    s->run.jobs = (int)json_integer_value(json_object_get(fact, "jobs"));
    s->run.asks = json_is_true(json_object_get(fact, "asks"));
    s->run.knobs = json_is_true(json_object_get(fact, "knobs"));
    s->run.all = json_is_true(json_object_get(fact, "all"));
    s->run.specific = json_is_string(json_object_get(fact, "specific"));
    s->run.tuner = run_tuner(json_string_value(json_object_get(fact, "tuner")));
    s->run.seed = (uint64_t)json_integer_value(json_object_get(fact, "seed"));
    s->run.started = started ? started : "";
    return s->run.jobs > 0 ? 0 : error_set(err, "the journal does not say how it was begun");
}

static json_t *make_priors(struct search *s, void *arg)
{
    (void)arg;
    return s->job->priors ? json_incref(s->job->priors) : json_object();
}

const json_t *lab_priors(struct search *s)
{
    return lab_fact(s, "priors", make_priors, NULL);
}

/* ---- opening ---- */

void lab_open(struct search *s)
{
    struct lab *l = &s->lab;
    l->journal = s->job->journal;
    l->recording = s->job->recording;
    l->models = s->job->models;
    l->facts = json_object();
    l->measured = arena_array(s->arena, size_t, s->ntimed + 1);
    l->zero = now_seconds();
    buf_init(&l->plain, BUF_LIMIT);
    if (s->bench)
        bench_on_idle(s->bench, lab_meanwhile, s);
}

void lab_close(struct search *s)
{
    if (s->bench)
        bench_on_idle(s->bench, NULL, NULL);
    lab_sync(&s->lab);
    buf_release(&s->lab.plain);
    json_decref(s->lab.facts);
    s->lab.facts = NULL;
}
