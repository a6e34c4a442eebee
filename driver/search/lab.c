/* driver/search/lab.c - answers: from the journal where they are, else from the world, kept first.
 *
 * A fact is JSON. Of a measurement that failed because of the variant it is {"failed": why}; that
 * the bench was lost, or that we are being stopped, is no fact about the variant: the search ends,
 * and asks again when it is run again.
 *
 * While the journal's steps last, they say which of the pending requests comes next. A step that
 * nobody waits for means that the journal was written by a search that decides otherwise (another
 * version of ours): from there on facts are still used, but come in the order of the requests. */
#include "driver/search/lab.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/build/cubin_screen.h"
#include "driver/build/harness.h"
#include "driver/build/plan_json.h"
#include "driver/build/structure_text.h"
#include "driver/search/race.h"
#include "driver/search/search.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

#define WAIT_MS 50
#define PROFILE_TIER 1 /* one pass: what is shown to a model */
#define HOPELESS 4.0   /* times slower than the original on one workload: not timed on the others */

/* ---- facts and steps ---- */

static const json_t *lab_known(const struct lab *l, const char *name)
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

/* in the journal before it counts; takes the reference */
static const json_t *lab_keep(struct lab *l, const char *name, json_t *fact)
{
    struct error err = {""};
    bool news = l->journal && !l->told && !journal_fact(l->journal, name);
    if (news && journal_put(l->journal, name, json_incref(fact), &err))
        lab_journal_failed(l, &err);
    else if (news)
        log_debug("kept: %s", name);
    json_object_set_new(l->facts, name, fact);
    return fact;
}

static const struct journal *lab_order(const struct lab *l)
{
    return l->strayed ? NULL : l->recording ? l->recording : l->journal;
}

/* the name of the fact that came next when this search ran before; NULL: it has not come so far */
static const char *lab_expected(const struct lab *l, double *seconds)
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

/* the search takes a fact: the clock moves */
static void lab_step(struct lab *l, const char *name, const json_t *fact)
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
        journal_step(l->journal, l->now, name, &err))
        lab_journal_failed(l, &err);
    l->steps++;
}

/* a measurement, or anything else that is there when it is asked for. NULL: we are being stopped */
typedef json_t *lab_make(struct search *s, void *arg);

static const json_t *lab_fact(struct search *s, const char *name, lab_make *make, void *arg)
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

void lab_note(struct search *s, const char *name, json_t *fact)
{
    if (!json_object_get(s->lab.facts, name))
        lab_keep(&s->lab, name, fact);
    else
        json_decref(fact);
}

/* ---- names ---- */

static char *hex_name(struct search *s, const struct hash *h)
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
    return hex_name(s, &hash);
}

static json_t *values_json(const struct search *s, const struct trial *x)
{
    const struct spec *spec = s->forms[x->form]->spec;
    const int64_t *values = trial_values(s, x);
    json_t *object = json_object();
    for (size_t i = 0; i < spec->ntunables; i++)
        json_object_set_new(object, spec->tunables[i].name, json_integer(values[i]));
    return object;
}

/* the k-th measurement of its kind */
static const char *measure_name(struct search *s, const char *kind, const struct trial *x,
                                size_t workload)
{
    size_t *n = x ? &((struct trial *)x)->measured[workload] : &s->lab.measured[workload];
    return arena_printf(s->arena, "%s/%s/%zu/%zu", kind, lab_id(s, x), workload, (*n)++);
}

/* ---- what the bench is told ---- */

static size_t lab_module(struct search *s, struct form *f, const struct built *b)
{
    if (b->unit >= f->nmodules) {
        size_t n = b->unit + 64;
        f->module_of_unit = realloc(f->module_of_unit, n * sizeof *f->module_of_unit);
        if (!f->module_of_unit)
            fatal("out of memory");
        memset(f->module_of_unit + f->nmodules, 0, (n - f->nmodules) * sizeof *f->module_of_unit);
        f->nmodules = n;
    }
    if (!f->module_of_unit[b->unit])
        f->module_of_unit[b->unit] = bench_add_module(s->bench, b->is_shared, b->blob) + 1;
    return f->module_of_unit[b->unit] - 1;
}

static size_t lab_tell(struct search *s, struct form *f, const struct trial *x,
                       const struct built *b)
{
    size_t module = lab_module(s, f, b);
    const int64_t *values = trial_values(s, x);
    if (!f->spec->structure)
        return bench_add_variant(s->bench, module, b->symbol, values);
    json_t *name = json_pack("[s]", f->spec->structure->path);
    for (size_t i = 0; i < f->spec->ntunables; i++)
        json_array_append_new(name, json_integer(values[i]));
    json_t *plan = b->symbols ? plan_json(f->spec, values, b->symbols) : NULL;
    return bench_add_structure(s->bench, module, b->symbol,
                               structure_entry_values(s->arena, f->spec, values), plan, name);
}

/* the code as it is may be beyond a limit: only what would take its place must not be */
static bool is_limited(const struct search *s, const struct trial *x)
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

static void lab_pump(void *arg)
{
    struct search *s = arg;
    for (size_t i = 0; i < s->nforms; i++)
        if (s->forms[i]->units)
            units_pump(s->forms[i]->units);
    lab_reap(s);
    if (s->lab.models)
        models_pump(s->lab.models);
}

static void lab_compile(struct search *s, struct trial *x)
{
    struct form *f = s->forms[x->form];
    if (!x->is_queued)
        units_add(f->units, (size_t)(x - s->trials.trial), trial_values(s, x));
    x->is_queued = true;
}

/* Tells the bench of a trial, which is compiled for that if its build is known from the journal
 * only. *variant; or why it cannot be had */
static enum bench_result lab_variant(struct search *s, struct trial *x, size_t *variant,
                                     struct error *err)
{
    *variant = BENCH_ORIGINAL;
    if (!x)
        return BENCH_OK;
    struct form *f = s->forms[x->form];
    lab_compile(s, x);
    for (lab_pump(s); !x->is_built && !proc_interrupted(); lab_pump(s))
        units_wait(f->units, WAIT_MS);
    if (!x->is_built)
        return BENCH_LOST;
    if (x->built.error) {
        error_set(err, "%s", x->built.error);
        return BENCH_FAILED;
    }
    if (!x->variant) {
        x->variant = lab_tell(s, f, x, &x->built);
        if (is_limited(s, x))
            bench_limit_variant(s->bench, x->variant);
    }
    *variant = x->variant;
    return BENCH_OK;
}

/* ---- measurements ---- */

struct measure { /* one request to the bench */
    struct trial *x;
    const size_t *points;
    size_t npoints;
    int n;
};

/* what became of it, as a fact; NULL when the bench was lost */
static json_t *measure_fact(enum bench_result r, double start, json_t *good,
                            const struct error *why)
{
    if (r != BENCH_OK)
        json_decref(good);
    if (r == BENCH_LOST)
        return NULL;
    if (r == BENCH_FAILED)
        good = json_pack("{s:s}", "failed", why->text);
    json_object_set_new(good, "seconds", json_real(now_seconds() - start));
    return good;
}

static enum bench_result fact_result(const json_t *fact, struct error *err)
{
    const char *failed = json_string_value(json_object_get(fact, "failed"));
    if (failed)
        error_set(err, "%s", failed);
    return !fact ? BENCH_LOST : failed ? BENCH_FAILED : BENCH_OK;
}

static json_t *make_check(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    double start = now_seconds();
    size_t variant;
    enum bench_result r = lab_variant(s, m->x, &variant, &why);
    if (r == BENCH_OK)
        r = bench_check(s->bench, variant, m->points, m->npoints, m->n, &why);
    return measure_fact(r, start, json_object(), &why);
}

enum bench_result lab_check(struct search *s, struct trial *x, const size_t *points, size_t npoints,
                            int seeds, struct error *err)
{
    struct measure m = {x, points, npoints, seeds};
    if (npoints == 0)
        return BENCH_OK;
    return fact_result(lab_fact(s, measure_name(s, "check", x, 0), make_check, &m), err);
}

static json_t *make_time(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    struct samples us = {0};
    double start = now_seconds();
    size_t variant;
    enum bench_result r = lab_variant(s, m->x, &variant, &why);
    if (r == BENCH_OK)
        r = bench_time(s->bench, variant, *m->points, m->n, &us, &why);
    json_t *good = json_pack("{s:o}", "us", samples_json(&us));
    samples_release(&us);
    return measure_fact(r, start, good, &why);
}

enum bench_result lab_time(struct search *s, struct trial *x, size_t w, int n, struct samples *out,
                           struct error *err)
{
    struct measure m = {x, &s->timed[w], 1, n};
    const json_t *fact = lab_fact(s, measure_name(s, "race", x, w), make_time, &m);
    enum bench_result r = fact_result(fact, err);
    if (r == BENCH_OK)
        samples_add(out, json_object_get(fact, "us"));
    return r;
}

static json_t *make_pair(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    struct samples a = {0}, b = {0};
    double start = now_seconds();
    size_t variant;
    enum bench_result r = lab_variant(s, m->x, &variant, &why);
    if (r == BENCH_OK)
        r = bench_pair(s->bench, BENCH_ORIGINAL, variant, *m->points, m->n, &a, &b, &why);
    json_t *good = json_pack("{s:o, s:o}", "a", samples_json(&a), "b", samples_json(&b));
    samples_release(&a);
    samples_release(&b);
    return measure_fact(r, start, good, &why);
}

enum bench_result lab_pair(struct search *s, struct trial *x, size_t w, int n, struct samples *a,
                           struct samples *b, struct error *err)
{
    struct measure m = {x, &s->timed[w], 1, n};
    const json_t *fact = lab_fact(s, measure_name(s, "pair", x, w), make_pair, &m);
    enum bench_result r = fact_result(fact, err);
    if (r == BENCH_OK) {
        samples_add(a, json_object_get(fact, "a"));
        samples_add(b, json_object_get(fact, "b"));
    }
    return r;
}

static json_t *make_profile(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    double start = now_seconds();
    size_t variant;
    json_t *counted = NULL;
    enum bench_result r = lab_variant(s, m->x, &variant, &why);
    if (r == BENCH_OK)
        r = bench_profile(s->bench, variant, *m->points, m->n, &counted, &why);
    if (r == BENCH_OK && !counted)
        r = BENCH_FAILED; /* of the card or the driver, not of the variant: nothing follows from it
                           */
    return measure_fact(r, start, json_pack("{s:o*}", "kernels", counted), &why);
}

const json_t *lab_profile(struct search *s, struct trial *x, size_t w)
{
    struct measure m = {x, &s->timed[w], 1, PROFILE_TIER};
    const char *name = arena_printf(s->arena, "profile/%s/%zu", lab_id(s, x), w);
    return json_object_get(lab_fact(s, name, make_profile, &m), "kernels");
}

/* ---- the original ---- */

static json_t *make_baseline(struct search *s, void *arg)
{
    struct error why = {""};
    enum bench_result r = BENCH_OK;
    double start = now_seconds();
    json_t *us = json_array(), *floors = json_array();
    (void)arg;
    for (size_t i = 0; r == BENCH_OK && i < s->spec->npoints; i++)
        r = bench_check(s->bench, BENCH_ORIGINAL, &i, 1, 1, &why);
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        struct samples sample = {0};
        r = bench_time(s->bench, BENCH_ORIGINAL, s->timed[w], 5, &sample, &why);
        if (r == BENCH_OK) {
            json_array_append_new(us, json_real(median_of(sample.us, sample.n)));
            json_array_append_new(floors, json_real(bench_floor(s->bench, s->timed[w])));
        }
        samples_release(&sample);
    }
    return measure_fact(r, start, json_pack("{s:o, s:o}", "us", us, "floor_us", floors), &why);
}

int lab_baseline(struct search *s, struct error *err)
{
    struct error why = {""};
    const json_t *fact = lab_fact(s, "baseline", make_baseline, NULL);
    enum bench_result r = fact_result(fact, &why);
    const json_t *us = json_object_get(fact, "us"), *floors = json_object_get(fact, "floor_us");
    if (r == BENCH_OK && json_array_size(us) != s->ntimed)
        r = BENCH_FAILED, error_set(&why, "the journal is of other workloads");
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        s->original_us[w] = s->best_us[w] = json_number_value(json_array_get(us, w));
        s->floor_us[w] = json_number_value(json_array_get(floors, w));
    }
    return r == BENCH_OK ? 0 : error_set(err, "the original cannot be measured: %s", why.text);
}

/* ---- one trial ---- */

static enum bench_result screen_measure(struct search *s, struct trial *x, struct error *why)
{
    size_t variant;
    enum bench_result r = lab_variant(s, x, &variant, why);
    if (r == BENCH_OK)
        r = bench_check(s->bench, variant, s->tests, s->ntests, 1, why);
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        r = bench_time(s->bench, variant, s->timed[w], RACE_SCREEN, &x->samples[w], why);
        if (trials_score(x, s->original_us, s->weight, s->ntimed) > HOPELESS)
            break;
    }
    return r;
}

static json_t *make_screen(struct search *s, void *arg)
{
    struct trial *x = arg;
    struct error why = {""};
    double start = now_seconds();
    enum bench_result r = screen_measure(s, x, &why);
    json_t *us = json_array(), *all = json_array();
    double score = trials_score(x, s->original_us, s->weight, s->ntimed);
    for (size_t w = 0; w < s->ntimed; w++) {
        json_array_append_new(us, json_real(samples_median(&x->samples[w])));
        json_array_append_new(all, samples_json(&x->samples[w]));
        samples_release(&x->samples[w]); /* they are taken from the fact */
    }
    json_t *good = json_pack("{s:s, s:f, s:o, s:o}", "state", "good", "score",
                             r == BENCH_OK ? score : 0, "us", us, "samples", all);
    json_t *fact = measure_fact(r, start, good, &why);
    if (r == BENCH_FAILED) {
        json_object_set_new(fact, "state", json_string("wrong"));
        json_object_set_new(fact, "why", json_string(why.text));
    }
    if (fact) {
        json_object_set_new(fact, "form", json_string(s->forms[x->form]->hash));
        json_object_set_new(fact, "name", json_string(s->forms[x->form]->name));
        json_object_set_new(fact, "values", values_json(s, x));
    }
    return fact;
}

void lab_screen(struct search *s, struct trial *x)
{
    struct error why = {""};
    const char *name = arena_printf(s->arena, "trial/%s", lab_id(s, x));
    const json_t *fact = lab_fact(s, name, make_screen, x);
    enum bench_result r = fact_result(fact, &why);
    if (r == BENCH_FAILED)
        trials_fail(x, TRIAL_WRONG, why.text);
    if (r != BENCH_OK)
        return;
    for (size_t w = 0; w < s->ntimed; w++)
        samples_add(&x->samples[w], json_array_get(json_object_get(fact, "samples"), w));
    x->score = trials_score(x, s->original_us, s->weight, s->ntimed);
    x->state = TRIAL_GOOD;
}

static json_t *make_code(struct search *s, void *arg)
{
    const struct trial *x = arg;
    struct units_target target = s->job->target;
    struct error why = {""};
    struct hash code;
    char hex[65];
    target.spec = s->forms[x->form]->spec;
    if (units_code(&target, trial_values(s, x), &code, &why))
        return proc_interrupted() ? NULL : json_pack("{s:s}", "failed", why.text);
    hash_hex(&code, hex);
    return json_pack("{s:s}", "code", hex);
}

int lab_code(struct search *s, const struct trial *x, struct hash *code, struct error *err)
{
    const char *name = arena_printf(s->arena, "code/%s", lab_id(s, x));
    const json_t *fact = lab_fact(s, name, make_code, (void *)x);
    const char *hex = json_string_value(json_object_get(fact, "code"));
    if (fact_result(fact, err) == BENCH_OK && hex && hash_parse(hex, code) == 0)
        return 0;
    return error_set(err, "the machine code of the winner is not known");
}

/* ---- events: asking ---- */

static struct lab_pending *lab_wait_for(struct search *s, enum lab_kind kind, size_t id,
                                        const char *fact)
{
    struct lab *l = &s->lab;
    struct lab_pending *p = arena_push(s->arena, l->pending, l->npending);
    *p = (struct lab_pending){.kind = kind, .id = id, .fact = fact};
    return p;
}

void lab_build(struct search *s, size_t trial)
{
    struct trial *x = &s->trials.trial[trial];
    const char *name = arena_printf(s->arena, "build/%s", lab_id(s, x));
    lab_wait_for(s, LAB_BUILT, trial, name);
    if (!lab_known(&s->lab, name) && !s->lab.recording)
        lab_compile(s, x);
}

static bool lab_pending_find(const struct lab *l, const char *fact)
{
    for (size_t i = 0; i < l->npending; i++)
        if (strcmp(l->pending[i].fact, fact) == 0)
            return true;
    return false;
}

static const char *prompt_hash(struct search *s, const struct model_prompt *p)
{
    struct hasher *h = hasher_new();
    hasher_number(h, p->role);
    hasher_string(h, p->system);
    hasher_string(h, p->user);
    hasher_string(h, p->schema);
    struct hash hash = hasher_end(h);
    return hex_name(s, &hash);
}

struct by_call {
    const char *call, *name;
};

static void match_call(void *arg, const char *name, const json_t *fact)
{
    struct by_call *b = arg;
    const char *call = json_string_value(json_object_get(fact, "call"));
    if (!b->name && call && strcmp(call, b->call) == 0)
        b->name = name;
}

/* The name of the reply's fact: prompts of one text are told apart by their number. A recording in
 * which that prompt is not (its text was improved since) has the reply to the call of that name. */
static const char *reply_name(struct search *s, const struct model_prompt *p)
{
    const char *hash = prompt_hash(s, p), *name;
    struct by_call same = {p->name, NULL};
    for (size_t k = 0;; k++) {
        name = arena_printf(s->arena, "reply/%s/%zu", hash, k);
        if (!json_object_get(s->lab.facts, name) && !lab_pending_find(&s->lab, name))
            break;
    }
    lab_note(s, arena_printf(s->arena, "prompt/%s", hash),
             json_pack("{s:s, s:s, s:s}", "call", p->name, "system", p->system, "user", p->user));
    if (lab_known(&s->lab, name) || !s->lab.recording)
        return name;
    journal_each(s->lab.recording, "reply/", match_call, &same);
    return same.name ? same.name : name;
}

size_t lab_ask(struct search *s, const struct model_prompt *p)
{
    struct lab *l = &s->lab;
    size_t id = l->calls++;
    const char *name = reply_name(s, p);
    struct lab_pending *pending = lab_wait_for(s, LAB_REPLY, id, name);
    pending->called = p->name;
    if (lab_known(l, name) || l->recording)
        return id;
    if (l->models)
        pending->call = models_ask(l->models, p);
    pending->asked = l->models != NULL;
    return id;
}

/* ---- events: coming ---- */

static json_t *usage_json(const struct usage *u)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "regs", (json_int_t)u->regs, "smem",
                     (json_int_t)u->smem, "spills", (json_int_t)u->spills, "stack",
                     (json_int_t)u->stack);
}

static int64_t usage_member(const json_t *usage, const char *name)
{
    const json_t *value = json_object_get(usage, name);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* the cubin of the user's text without structures: what is in it a structure's may have too */
static const struct buf *lab_plain(struct search *s)
{
    struct error err = {""};
    if (!s->lab.plain_made && units_plain(&s->job->target, &s->lab.plain, &err))
        log_debug("the original alone does not compile as a cubin: %s", err.text);
    s->lab.plain_made = true;
    return &s->lab.plain;
}

/* is the machine code of what a model wrote that of kernels that only compute? Else the fact says
 * what is wrong with it */
static bool lab_screened(struct search *s, const struct trial *x, json_t *fact)
{
    struct buf errors;
    if (!s->forms[x->form]->text)
        return true;
    const struct buf *plain = lab_plain(s);
    struct cubin_screen limits = {.original = plain->data, .original_len = plain->len};
    buf_init(&errors, 1 << 14);
    bool clean = cubin_screen(x->built.blob->data, x->built.blob->len, &limits, &errors) == 0;
    if (!clean)
        json_object_set_new(fact, "error", json_string(buf_text(&errors)));
    buf_release(&errors);
    return clean;
}

static json_t *build_fact(struct search *s, const struct trial *x)
{
    const struct form *f = s->forms[x->form];
    json_t *fact =
        json_pack("{s:s, s:s, s:o}", "form", f->hash, "name", f->name, "values", values_json(s, x));
    if (x->built.error)
        json_object_set_new(fact, "error",
                            json_string(x->built.said ? x->built.said : x->built.error));
    else if (lab_screened(s, x, fact))
        json_object_set_new(fact, "usage", usage_json(&x->built.usage));
    return fact;
}

static const char *outcome_name(enum model_outcome outcome)
{
    static const char *const names[] = {"replied", "failed", "limit", "waits"};
    return names[outcome];
}

/* who answered, for the journal, which may be passed on: "openai:gpt-5", but of a command or a
 * folder only what kind it is */
static const char *model_label(const char *model)
{
    if (model && strncmp(model, "exec:", 5) == 0)
        return "exec";
    if (model && strncmp(model, "mailbox:", 8) == 0)
        return "mailbox";
    return model ? model : "";
}

static json_t *reply_fact(const struct lab_pending *p, const struct model_reply *r)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:i, s:b, s:s}", "call", p->called,
                     "outcome", outcome_name(r->outcome), "model", model_label(r->model), "text",
                     r->text ? r->text : "", "tokens_in", (json_int_t)r->tokens_in, "tokens_out",
                     (json_int_t)r->tokens_out, "money", r->money, "seconds", r->seconds, "tries",
                     r->tries, "truncated", (int)r->truncated, "why", r->why.text);
}

static void lab_replied(struct search *s, const struct model_reply *r)
{
    struct lab *l = &s->lab;
    for (size_t i = 0; i < l->npending; i++) {
        struct lab_pending *p = &l->pending[i];
        if (p->kind != LAB_REPLY || !p->asked || p->call != r->call)
            continue;
        p->waits = r->outcome == MODEL_WAITS;
        if (!p->waits)
            lab_keep(l, p->fact, reply_fact(p, r));
        return;
    }
}

/* what the world has to say for itself, into the journal */
static void lab_gather(struct search *s)
{
    struct lab *l = &s->lab;
    struct model_reply r;
    lab_pump(s);
    for (size_t i = 0; i < l->npending; i++) {
        const struct lab_pending *p = &l->pending[i];
        if (p->kind == LAB_BUILT && s->trials.trial[p->id].is_built && !lab_known(l, p->fact))
            lab_keep(l, p->fact, build_fact(s, &s->trials.trial[p->id]));
    }
    while (l->models && models_next(l->models, &r)) {
        lab_replied(s, &r);
        model_reply_release(&r);
    }
}

/* what nobody will ever answer: a recording, or no model at all */
static void lab_give_up(struct lab *l, const struct lab_pending *p)
{
    static const char why[] = "it is not in the recording";
    if (lab_known(l, p->fact) || p->asked)
        return;
    if (p->kind == LAB_REPLY)
        lab_keep(l, p->fact,
                 json_pack("{s:s, s:s, s:s}", "call", p->called, "outcome", "failed", "why",
                           l->recording ? why : "there is no model to ask"));
    else if (l->recording)
        lab_keep(l, p->fact, json_pack("{s:s}", "error", why));
}

static void built_take(struct search *s, struct trial *x, const json_t *fact)
{
    const char *error = json_string_value(json_object_get(fact, "error"));
    const json_t *usage = json_object_get(fact, "usage");
    struct error why = {""};
    x->usage = (struct usage){.regs = usage_member(usage, "regs"),
                              .smem = usage_member(usage, "smem"),
                              .spills = usage_member(usage, "spills"),
                              .stack = usage_member(usage, "stack")};
    if (error)
        trials_fail(x, TRIAL_NO_BUILD, error);
    else if (is_limited(s, x) && usage_check(&x->usage, s->spec, &why))
        trials_fail(x, TRIAL_LIMIT, why.text);
}

/* what an earlier run paid counts against the limits of this one */
static void reply_take(struct lab *l, const struct lab_pending *p, const json_t *fact)
{
    int64_t tokens = json_integer_value(json_object_get(fact, "tokens_in")) +
                     json_integer_value(json_object_get(fact, "tokens_out"));
    double money = json_number_value(json_object_get(fact, "money"));
    if (l->models && !p->asked)
        models_spent_before(l->models, tokens, money);
    l->tokens += tokens;
    l->money += money;
    const char *outcome = json_string_value(json_object_get(fact, "outcome"));
    bool replied = outcome && strcmp(outcome, "replied") == 0;
    l->failed_calls = replied ? 0 : l->failed_calls + 1;
    l->limit |= outcome && strcmp(outcome, "limit") == 0;
}

static struct lab_event lab_deliver(struct search *s, size_t i)
{
    struct lab *l = &s->lab;
    struct lab_pending p = l->pending[i];
    const json_t *fact = lab_known(l, p.fact);
    memmove(l->pending + i, l->pending + i + 1, (l->npending - i - 1) * sizeof p);
    l->npending--;
    fact = lab_keep(l, p.fact, json_incref((json_t *)fact));
    lab_step(l, p.fact, fact);
    if (p.kind == LAB_BUILT)
        built_take(s, &s->trials.trial[p.id], fact);
    else
        reply_take(l, &p, fact);
    return (struct lab_event){p.kind, p.id, fact};
}

/* the pending request that is answered and comes next: replies first, since they lead to more work.
 * -1: none */
static long lab_ready(const struct lab *l)
{
    long built = -1;
    double seconds;
    const char *expected = lab_expected(l, &seconds);
    for (size_t i = 0; expected && i < l->npending; i++)
        if (strcmp(l->pending[i].fact, expected) == 0)
            return (long)i;
    for (size_t i = 0; i < l->npending; i++) {
        if (!lab_known(l, l->pending[i].fact))
            continue;
        if (l->pending[i].kind == LAB_REPLY)
            return (long)i;
        built = built < 0 ? (long)i : built;
    }
    return built;
}

/* what ends the search's exploring now, as a fact's name; NULL: nothing does */
static const char *lab_over(const struct search *s, double deadline)
{
    const struct lab *l = &s->lab;
    double seconds;
    const char *expected = lab_expected(l, &seconds);
    if (expected && strcmp(expected, "deadline") == 0)
        return "deadline";
    if (expected)
        return strcmp(expected, "finish") == 0 ? "finish" : NULL;
    if (proc_should_finish())
        return "finish";
    return (l->recording ? l->now : now_seconds() - l->zero) >= deadline ? "deadline" : NULL;
}

static struct lab_event lab_end(struct lab *l, const char *name)
{
    lab_keep(l, name, json_object());
    lab_step(l, name, NULL);
    return (struct lab_event){.kind = strcmp(name, "finish") == 0 ? LAB_FINISH : LAB_DEADLINE};
}

/* a little time for compilers and models; the GPU has nothing to do meanwhile */
static void lab_idle(struct search *s)
{
    struct lab *l = &s->lab;
    double start = now_seconds();
    struct units *compiling = NULL;
    for (size_t i = 0; i < s->nforms && !compiling; i++)
        if (s->forms[i]->units && units_pending(s->forms[i]->units))
            compiling = s->forms[i]->units;
    if (compiling)
        units_wait(compiling, l->models && models_pending(l->models) ? WAIT_MS / 5 : WAIT_MS);
    else if (l->models)
        models_wait(l->models, WAIT_MS);
    *(compiling ? &l->idle.compilers : &l->idle.models) += now_seconds() - start;
}

/* is there anything that may come by itself? */
static bool lab_expects(const struct lab *l)
{
    for (size_t i = 0; i < l->npending; i++)
        if (!l->pending[i].waits)
            return true;
    return false;
}

struct lab_event lab_next(struct search *s, double deadline)
{
    struct lab *l = &s->lab;
    while (!s->lost && !proc_interrupted()) {
        const char *over = lab_over(s, deadline);
        if (over)
            return lab_end(l, over);
        if (!l->recording)
            lab_gather(s);
        double seconds;
        for (size_t i = 0; i < l->npending && !lab_expected(l, &seconds); i++)
            lab_give_up(l, &l->pending[i]);
        long next = lab_ready(l);
        if (next >= 0)
            return lab_deliver(s, (size_t)next);
        if (!l->npending)
            break;
        if (!lab_expects(l))
            return s->job->finish ? lab_end(l, "finish") : (struct lab_event){.kind = LAB_WAITS};
        lab_idle(s);
    }
    return (struct lab_event){.kind = LAB_NOTHING};
}

/* ---- what a run begins with ---- */

static json_t *run_workloads(const struct search *s)
{
    json_t *all = json_array();
    for (size_t w = 0; w < s->ntimed; w++)
        json_array_append_new(all,
                              json_pack("{s:s, s:f}", "label", s->spec->points[s->timed[w]].label,
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
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:i, s:b, s:b, s:I, s:{s:f, s:I}, s:o}",
                     "entry", target_name(s->arena, s->spec, job->target.instance), "file",
                     fs_base(job->target.file->src->path), "gpu", model, "card",
                     bench_gpu_json(&job->gpu), "key", hex, "started", started, "version",
                     KS_VERSION, "jobs", units_jobs(), "asks", job->models != NULL, "knobs",
                     job->knobs, "seed", (json_int_t)job->seed, "budget", "seconds", job->seconds,
                     "evals", (json_int_t)job->evals, "workloads", run_workloads(s));
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
        bench_on_idle(s->bench, lab_pump, s);
}

void lab_close(struct search *s)
{
    if (s->bench)
        bench_on_idle(s->bench, NULL, NULL);
    buf_release(&s->lab.plain);
    json_decref(s->lab.facts);
    s->lab.facts = NULL;
}
