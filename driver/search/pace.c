/* driver/search/pace.c - see pace.h. */
#include "driver/search/pace.h"

#include <math.h>

#include "driver/search/search.h"
#include "runtime/base/proc.h"

struct pace_start pace_start(const struct search *s)
{
    return (struct pace_start){now_seconds(), s->lab.idle.compilers, s->lab.idle.models,
                               s->bench ? bench_clock(s->bench) : (struct bench_clock){0},
                               s->measured};
}

static double part(double of, double all)
{
    return all > 0 ? of / all : 0;
}

static double busy_between(const struct pace_start *a, const struct pace_start *b)
{
    return part(b->bench.check - a->bench.check + b->bench.time - a->bench.time, b->now - a->now);
}

static void count_compiles(const struct search *s, struct pace *p)
{
    for (size_t i = 0; i < s->nforms; i++) {
        if (!s->forms[i]->units)
            continue;
        struct units_clock c = units_clock(s->forms[i]->units);
        p->compiling += c.seconds;
        p->units += c.units;
        p->compiled += c.variants;
    }
}

struct pace pace_of(const struct search *s)
{
    const struct pace_start *a = &s->began, *x = &s->judged;
    struct pace_start b = pace_start(s);
    if (x->now <= 0)
        x = &b;
    struct pace p = {.seconds = b.now - a->now,
                     .checking = b.bench.check - a->bench.check,
                     .timing = b.bench.time - a->bench.time,
                     .loading = b.bench.other - a->bench.other,
                     .compilers = b.compilers - a->compilers,
                     .models = b.models - a->models,
                     .harness = s->harness_wait,
                     .measured = b.measured,
                     .failed = trials_count(&s->trials, TRIAL_NO_BUILD) +
                               trials_count(&s->trials, TRIAL_LIMIT),
                     .exploring = x->now - a->now};
    for (size_t i = 0; i < s->trials.n; i++)
        p.twins += s->trials.trial[i].twin > 0;
    count_compiles(s, &p);
    p.engine = fmax(0, p.seconds - p.checking - p.timing - p.loading - p.compilers - p.models);
    p.rate = part((double)p.measured, p.seconds);
    p.explore_rate = part((double)x->measured, p.exploring);
    p.busy = busy_between(a, &b);
    p.explore_busy = busy_between(a, x);
    return p;
}

json_t *pace_json(const struct search *s)
{
    struct pace p = pace_of(s);
    return json_pack(
        "{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:f, s:f, "
        "s:f, s:f, s:f}",
        "seconds", p.seconds, "checking", p.checking, "timing", p.timing, "loading", p.loading,
        "harness", p.harness, "compilers", p.compilers, "models", p.models, "engine", p.engine,
        "compiling", p.compiling, "units", (json_int_t)p.units, "compiled", (json_int_t)p.compiled,
        "measured", (json_int_t)p.measured, "failed", (json_int_t)p.failed, "twins",
        (json_int_t)p.twins, "rate", p.rate, "busy", p.busy, "exploring", p.exploring,
        "explore_rate", p.explore_rate, "explore_busy", p.explore_busy);
}
