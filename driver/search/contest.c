/* driver/search/contest.c - the fastest proven variant over some of the workloads.
 *
 * Screened trials race (race.h), then the best are confirmed, one after the other, against the
 * original in interleaved pairs on fresh inputs; the first that judge_win calls a win is taken. At
 * most FINALISTS are tried, so that chance gets few throws. */
#include <math.h>

#include "driver/search/race.h"
#include "driver/search/search.h"
#include "runtime/base/arena.h"
#include "runtime/base/proc.h"

#define FINALISTS 3     /* that may be confirmed, one after the other */
#define SEEDS_AT_LAST 5 /* fresh draws on which a winner is checked */
#define SLOWER 1.02     /* times slower than the original: taken for slower before it is proven */
#define NEARLY 1.015    /* within this of the best, the preferred one is taken */

void confirmation_init(struct search *s, struct confirmation *c)
{
    c->original = arena_array(s->arena, struct samples, s->ntimed + 1);
    c->variant = arena_array(s->arena, struct samples, s->ntimed + 1);
    c->interval = arena_array(s->arena, struct interval, s->ntimed + 1);
}

void confirmation_release(struct confirmation *c, size_t workloads)
{
    for (size_t w = 0; w < workloads && c->original; w++) {
        samples_release(&c->original[w]);
        samples_release(&c->variant[w]);
    }
    *c = (struct confirmation){0};
}

/* forgets the pairs of a field's workloads */
static void confirmation_clear(struct confirmation *c, const struct field *f)
{
    for (size_t i = 0; i < f->n; i++) {
        samples_release(&c->original[f->workload[i]]);
        samples_release(&c->variant[f->workload[i]]);
        c->interval[f->workload[i]] = (struct interval){0, 0, 0};
    }
}

const size_t *field_all(const struct search *s)
{
    size_t *all = arena_array(s->arena, size_t, s->ntimed + 1);
    for (size_t w = 0; w < s->ntimed; w++)
        all[w] = w;
    return all;
}

/* ---- the race ---- */

/* Weighted mean of time over the original's; less is better. Where one workload may not pay for
 * another, what clearly gets one slower is out, however fast it is elsewhere. */
static double merit(const struct search *s, const struct field *f, const struct trial *x)
{
    double sum = 0, total = 0;
    if (x->state != TRIAL_GOOD || x->twin)
        return HUGE_VAL; /* of a pair, the one that was measured runs */
    for (size_t i = 0; i < f->n; i++) {
        size_t w = f->workload[i];
        double ratio = x->samples[w].n ? samples_figure(&x->samples[w], s->spec->objective_p90) /
                                             s->original_us[w]
                                       : HUGE_VAL;
        if (!(ratio < HUGE_VAL) || (!f->weighted && ratio > SLOWER))
            return HUGE_VAL;
        sum += s->weight[w] * log(ratio);
        total += s->weight[w];
    }
    return total > 0 ? exp(sum / total) : HUGE_VAL;
}

/* more samples of one trial on the field; its merit then */
static double contest_measure(struct search *s, const struct field *f, struct trial *x, int samples)
{
    struct error why = {""};
    enum bench_result r = BENCH_OK;
    for (size_t i = 0; r == BENCH_OK && i < f->n; i++) {
        size_t w = f->workload[i];
        r = lab_time(s, x, w, samples, &x->samples[w], &why);
    }
    if (r == BENCH_FAILED)
        trials_fail(x, TRIAL_WRONG, why.text);
    return merit(s, f, x);
}

/* puts the trials in order of merit into racer[]; how many there are */
static size_t contest_race(struct search *s, const struct field *f, struct racer *racer)
{
    size_t n = s->trials.n, run;
    int more;
    double end = s->run.seconds * 0.95;
    for (size_t i = 0; i < n; i++)
        racer[i] = (struct racer){i, merit(s, f, &s->trials.trial[i]), RACE_SCREEN};
    while (!s->lost && !proc_interrupted() && s->lab.now < end &&
           (run = race_next(racer, n, &more)) > 0) {
        for (size_t i = 0; i < run && !s->lost; i++) {
            racer[i].score = contest_measure(s, f, &s->trials.trial[racer[i].id], more);
            racer[i].samples += more;
        }
    }
    return n;
}

/* the preferred trial to the front, when it is as good as the best */
static void contest_prefer(struct search *s, const struct field *f, const struct trial *prefer,
                           struct racer *racer, size_t n)
{
    if (!prefer || !n || merit(s, f, prefer) > NEARLY * racer[0].score)
        return;
    for (size_t i = 0; i < n; i++)
        if (&s->trials.trial[racer[i].id] == prefer) {
            struct racer first = racer[i];
            for (; i > 0; i--)
                racer[i] = racer[i - 1];
            racer[0] = first;
            return;
        }
}

/* ---- confirmation ---- */

static enum bench_result contest_pairs(struct search *s, const struct field *f, struct trial *x,
                                       struct confirmation *c, struct error *why)
{
    enum bench_result r = BENCH_OK;
    for (size_t i = 0; r == BENCH_OK && i < f->n; i++) {
        size_t w = f->workload[i];
        struct samples *a = &c->original[w], *b = &c->variant[w];
        r = lab_pair(s, x, w, JUDGE_PAIRS, a, b, why);
        int more = r == BENCH_OK ? judge_wants(a->us, b->us, a->n, s->spec->objective_p90) : 0;
        if (more)
            r = lab_pair(s, x, w, more, a, b, why);
        if (r == BENCH_OK)
            c->interval[w] = judge_ratio(a->us, b->us, a->n, s->spec->objective_p90);
    }
    return r;
}

/* checks on fresh draws of all tests and of the field's workloads, then what nobody foresaw */
static enum bench_result contest_check(struct search *s, const struct field *f, struct trial *x,
                                       struct error *why)
{
    enum bench_result r = lab_check(s, x, s->tests, s->ntests, SEEDS_AT_LAST, why);
    for (size_t i = 0; r == BENCH_OK && i < f->n; i++)
        r = lab_check(s, x, &s->timed[f->workload[i]], 1, 2, why);
    return r == BENCH_OK ? lab_prove(s, x, why) : r;
}

static bool contest_won(const struct search *s, const struct field *f, const struct confirmation *c)
{
    struct interval *in = arena_array(s->arena, struct interval, f->n + 1);
    double *weight = arena_array(s->arena, double, f->n + 1);
    for (size_t i = 0; i < f->n; i++) {
        in[i] = c->interval[f->workload[i]];
        weight[i] = f->weighted ? s->weight[f->workload[i]] : 1;
    }
    return judge_win(in, weight, f->n, s->noise);
}

/* true when x is a proven win on the field */
static bool contest_confirm(struct search *s, const struct field *f, struct trial *x,
                            struct confirmation *c)
{
    struct error why = {""};
    confirmation_clear(c, f);
    enum bench_result r = contest_check(s, f, x, &why);
    if (r == BENCH_OK)
        r = contest_pairs(s, f, x, c, &why);
    if (r == BENCH_FAILED)
        trials_fail(x, TRIAL_WRONG, why.text);
    return r == BENCH_OK && contest_won(s, f, c);
}

struct trial *contest_run(struct search *s, const struct field *f, struct trial *prefer,
                          struct confirmation *c)
{
    struct racer *racer = arena_array(s->arena, struct racer, s->trials.n + 1);
    struct trial *winner = NULL;
    size_t n = contest_race(s, f, racer), confirmed = 0;
    contest_prefer(s, f, prefer, racer, n);
    for (size_t i = 0; i < n && !winner && confirmed < FINALISTS && !s->lost && !proc_interrupted();
         i++) {
        struct trial *x = &s->trials.trial[racer[i].id];
        if (x == search_default(s) || merit(s, f, x) >= 1)
            continue;
        confirmed++;
        lab_ask_code(s, x);
        if (contest_confirm(s, f, x, c) && (!lab_renew(s, x) || contest_confirm(s, f, x, c)))
            winner = x;
        code_drop(x->coding); /* nobody asked */
        x->coding = NULL;
    }
    if (!winner)
        confirmation_clear(c, f);
    return winner;
}

int contest_noise(struct search *s, struct error *err)
{
    struct trial *own = search_default(s);
    struct field field = {field_all(s), s->ntimed, false};
    struct confirmation c;
    /* else there is nothing in it to be made anew, or the search ended before it was */
    bool copied = own && own->state != TRIAL_WAITING;
    if (copied && own->state != TRIAL_GOOD)
        return error_set(err, "a copy of the original does not work like the original: %s",
                         own->why ? own->why : "it was not measured");
    confirmation_init(s, &c);
    int rc = contest_pairs(s, &field, copied ? own : NULL, &c, err) == BENCH_OK ? 0 : -1;
    for (size_t w = 0; rc == 0 && w < s->ntimed; w++)
        s->noise = fmax(s->noise, fmax(c.interval[w].high - 1, 1 - c.interval[w].low));
    confirmation_release(&c, s->ntimed);
    return rc;
}
