/* driver/search/forms.c - which way of writing the entry gets how much of the budget.
 *
 * Successive halving, without rounds: a form begins with a quota of points. When they have come
 * back and it keeps up with the best known on some workload, and still gets better, the quota is
 * doubled, until its tuner has seen enough; else it is done. So a form that is hopeless costs a few
 * variants, and one that leads for small sizes only is not lost. What the user declared is tried to
 * the end as long as it keeps up. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "driver/build/jobs.h"
#include "driver/search/recall.h"
#include "driver/search/search.h"
#include "driver/search/teach.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"

#define KEEPS_UP 1.25   /* times slower than the best on a workload, and still of interest there */
#define CLEARLY 0.995   /* of the score before: an improvement */
#define QUEUED_LEAST 16 /* variants that compile or wait to be measured */
#define QUEUED_A_JOB 8  /* at most, for each compiler; at first half of it */

/* evaluations that the budget allows: as given, else what so many cores can compile in the time */
static size_t search_evals(const struct search *s)
{
    if (s->run.all)
        return 1000000;
    double a_second = s->run.jobs * (rewrite_is_shared(s->spec) ? 0.7 : 2.0);
    double most = s->run.evals > 0 ? (double)s->run.evals : s->run.seconds * a_second;
    return most < 1 ? 1 : most > 1e6 ? 1000000 : (size_t)most;
}

/* Points that may compile before anything is known of a form: as many as there are cores for. Of a
 * given number of evaluations most are to be chosen by what came of the others */
static size_t search_ahead(const struct search *s)
{
    size_t most = (size_t)s->run.jobs * QUEUED_A_JOB / 2;
    size_t part = s->run.evals > 0 ? (size_t)s->run.evals / 4 : most;
    return part < most ? part : most;
}

struct form *form_add(struct search *s, const struct spec *spec, const char *name, const char *hash,
                      const char *text, size_t idea, size_t quota, struct diag *d)
{
    struct space *space = space_new(spec, &s->job->gpu, d);
    struct units_target target = s->job->target;
    if (!space)
        return NULL;
    struct form *f = arena_alloc(s->arena, sizeof *f);
    *f = (struct form){
        .spec = spec, .name = name, .hash = hash, .text = text, .idea = idea, .quota = quota};
    f->space = space;
    f->tuner = tuner_new(space, s->run.tuner, s->run.seed, search_evals(s));
    tuner_ahead(f->tuner, search_ahead(s));
    recall_form(s, f);
    teach_form(s, f);
    target.spec = spec;
    target.contained = text != NULL;
    target.tells_usage = s->run.asks;
    target.alike = &s->alike;
    target.specific &= s->run.specific; /* a search of an earlier version did without */
    if (s->bench)
        f->units = units_new(&target, jobs_most(), &s->compilers);
    *arena_push(s->arena, s->forms, s->nforms) = f;
    return f;
}

void forms_release(struct search *s)
{
    for (size_t i = 0; i < s->nforms; i++) {
        struct form *f = s->forms[i];
        units_free(f->units);
        tuner_free(f->tuner);
        space_free(f->space);
        free(f->module_of_unit);
    }
}

static size_t form_index(const struct search *s, const struct form *f)
{
    size_t i = 0;
    while (s->forms[i] != f)
        i++;
    return i;
}

static size_t form_queue(struct search *s, struct form *f, size_t point)
{
    size_t trial = trials_add(&s->trials, form_index(s, f), point);
    f->asked++;
    lab_build(s, trial);
    return trial;
}

void form_begin(struct search *s, struct form *f)
{
    f->first = form_queue(s, f, space_default(f->space));
    s->trials.trial[f->first].gain = HUGE_VALF; /* others are compared with it */
    if (!f->text)
        f->state = FORM_TUNING; /* its other points do not depend on how the first one does */
}

static void inherit_trial(struct search *s, struct form *f, const struct trial *x)
{
    const uint32_t *old = space_index(f->from->space, x->point);
    uint32_t *index = arena_array(s->arena, uint32_t, f->spec->ntunables + 1);
    for (size_t t = 0; t < f->spec->ntunables; t++) {
        int at = spec_find_tunable(f->from->spec, f->spec->tunables[t].name);
        index[t] = at < 0 ? (uint32_t)f->spec->tunables[t].def : old[at];
    }
    size_t point = space_find(f->space, index);
    if (point != SPACE_NONE)
        tuner_know(f->tuner, point, x->state != TRIAL_GOOD, x->score);
}

void form_inherit(struct search *s, struct form *f, const struct form *from)
{
    f->from = from;
    for (size_t i = 0; i < s->trials.n; i++)
        if (s->forms[s->trials.trial[i].form] == from && s->trials.trial[i].state != TRIAL_WAITING)
            inherit_trial(s, f, &s->trials.trial[i]);
}

void form_report(struct search *s, struct form *f, size_t trial)
{
    struct trial *x = &s->trials.trial[trial];
    bool good = x->state == TRIAL_GOOD;
    f->back++;
    tuner_noise(f->tuner, good ? trials_noise(x, s->ntimed) : 0);
    tuner_report(f->tuner, x->point, !good, good ? x->score : HUGE_VAL);
    double best = f->best ? s->trials.trial[f->best - 1].score : HUGE_VAL;
    if (good && x->score < best)
        f->best = trial + 1;
    if (good && x->score < CLEARLY * best)
        f->improved = f->back;
    if (f->state == FORM_NEW)
        f->state = good ? FORM_TUNING : FORM_DONE;
    for (size_t i = 0; i < s->nforms; i++)
        if (s->forms[i]->from == f)
            inherit_trial(s, s->forms[i], x);
}

bool form_is_open(const struct form *f)
{
    return f->state != FORM_DONE;
}

bool form_is_spent(const struct form *f)
{
    return !f->nahead && tuner_is_spent(f->tuner);
}

/* is any of its variants near the best on any workload? */
static bool form_keeps_up(const struct search *s, const struct form *f)
{
    for (size_t i = 0; i < s->trials.n; i++) {
        const struct trial *x = &s->trials.trial[i];
        if (s->forms[x->form] != f || x->state != TRIAL_GOOD)
            continue;
        for (size_t w = 0; w < s->ntimed; w++)
            if (x->samples[w].n &&
                samples_figure(&x->samples[w], s->spec->objective_p90) < KEEPS_UP * s->best_us[w])
                return true;
    }
    return false;
}

static bool budget_left(const struct search *s)
{
    size_t own =
        s->nforms && !*s->forms[0]->name && !s->forms[0]->has_knobs; /* the code as it is */
    return s->run.evals <= 0 || s->trials.n < (size_t)s->run.evals + own;
}

/* the next point that its tuner suggests, or has suggested; false: none now. Of a recorded search
 * it is what that one tried: another version of ours may suggest something else, which nobody
 * measured */
static bool form_take(struct search *s, struct form *f, size_t *point)
{
    if (s->lab.recording)
        return lab_recorded(s, f, point);
    if (!f->nahead)
        return tuner_suggest(f->tuner, point, 1) == 1;
    *point = f->ahead[0];
    memmove(f->ahead, f->ahead + 1, --f->nahead * sizeof *f->ahead);
    return true;
}

/* Its quota is used up: may it have more? What was declared is known to be worth it when half of
 * the points came back, so that the GPU need not wait for the others */
static bool form_extend(struct search *s, struct form *f)
{
    bool all = f->back >= f->asked;
    if (!all && !(f->thorough && 2 * f->back >= f->quota))
        return false;
    bool worth = s->run.all || (form_keeps_up(s, f) && (f->thorough || f->improved > f->quota / 2));
    if (worth)
        f->quota *= 2;
    else if (all)
        f->state = FORM_DONE;
    return worth;
}

/* one more point of the form; false when it may, or need, not have one now */
static bool form_next(struct search *s, struct form *f)
{
    size_t point;
    if (f->state != FORM_TUNING || !f->idea || !budget_left(s))
        return false;
    if (f->asked >= f->quota && !form_extend(s, f))
        return false;
    if (form_take(s, f, &point)) {
        form_queue(s, f, point);
        return true;
    }
    if (f->back == f->asked)
        f->state = FORM_DONE;
    return false;
}

/* How many variants should be on their way: as many as are measured while some compile, and a
 * batch. More would be suggested without knowing what came of those before */
static size_t forms_most(const struct search *s)
{
    size_t most = (size_t)s->run.jobs * QUEUED_A_JOB;
    double wanted = (double)most / 2;
    if (s->took.nscreens && s->took.ncompiles) {
        double screen = s->took.screens / (double)s->took.nscreens;
        double compile = s->took.compiles / (double)s->took.ncompiles;
        wanted = 1.5 * compile / (screen > 1e-4 ? screen : 1e-4) + FORM_AHEAD;
    }
    most = wanted < (double)most ? (size_t)wanted : most;
    return most < QUEUED_LEAST ? QUEUED_LEAST : most;
}

void forms_early(struct search *s)
{
    struct form *f = s->nforms ? s->forms[0] : NULL;
    size_t point;
    if (!f || *f->name || f->has_knobs || s->lab.recording)
        return;
    for (size_t n = forms_most(s); n > f->asked && budget_left(s) && form_take(s, f, &point);)
        form_queue(s, f, point);
}

/* those of its points that are on their way, by what they are expected to bring */
static void form_rank(struct search *s, struct form *f)
{
    size_t *trial = malloc((s->trials.n + 1) * sizeof *trial);
    size_t *point = malloc((s->trials.n + 1) * sizeof *point);
    float *gain = malloc((s->trials.n + 1) * sizeof *gain);
    size_t n = 0;
    if (!trial || !point || !gain)
        fatal("out of memory");
    for (size_t i = 0; i < s->trials.n; i++) {
        const struct trial *x = &s->trials.trial[i];
        if (s->forms[x->form] != f || x->state != TRIAL_WAITING || i == f->first)
            continue;
        trial[n] = i;
        point[n++] = x->point;
    }
    if (tuner_rank(f->tuner, point, n, gain))
        for (size_t i = 0; i < n; i++)
            s->trials.trial[trial[i]].gain = gain[i];
    free(trial);
    free(point);
    free(gain);
}

void forms_think(struct search *s)
{
    for (size_t i = 0; i < s->nforms && !s->lab.recording; i++) {
        struct form *f = s->forms[i];
        if (f->state != FORM_TUNING || !f->idea)
            continue;
        if (f->nahead < FORM_AHEAD)
            f->nahead += tuner_suggest(f->tuner, f->ahead + f->nahead, 1);
        form_rank(s, f);
    }
}

bool forms_are_few(const struct search *s)
{
    return s->trials.n - s->tried + FORM_AHEAD <= forms_most(s);
}

/* a batch at a time, which is compiled together */
void forms_fill(struct search *s)
{
    size_t waiting = s->trials.n - s->tried, most = forms_most(s);
    bool any = forms_are_few(s);
    while (any) {
        any = false;
        for (size_t i = 0; i < s->nforms; i++)
            if (waiting < most && form_next(s, s->forms[i])) {
                waiting++;
                any = true;
            }
    }
    if (!budget_left(s))
        for (size_t i = 0; i < s->nforms; i++)
            if (s->forms[i]->back == s->forms[i]->asked)
                s->forms[i]->state = FORM_DONE;
}

double forms_size(const struct search *s)
{
    double n = 0;
    for (size_t i = 0; i < s->nforms; i++)
        n += space_size(s->forms[i]->space);
    return n;
}
