/* runtime/worker/sets_draw.c - a draw: inputs, and the right answers to them.
 *
 * The answers are the original's, and so is what else must be known to compare with them: how far
 * it is from itself when its inputs move a little, and whether its results are exact. */
#include <string.h>
#include "runtime/worker/sets_impl.h"

/* makes the inputs of a draw, and keeps their checksums */
static int draw_inputs(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    if (sets_tallies_clear(s, p, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = sets_job(s, p, a);

        if (!array_is_input(&s->arrays[a]))
            continue;
        if ((gen_is_structured(&t->gen[a]) && sets_make_structured(s, p, a, r)) ||
            sets_generate(s, p, a, r) ||
            device_run(s->device, KERNEL_SUM, &job, sets_words(job.bytes), t->active, r))
            return -1;
    }
    if (sets_tallies_read(s, p, r))
        return -1;
    for (size_t i = 0; i < s->narrays * t->k; i++)
        t->sums[i] = t->tally[i].sum;
    return 0;
}

/* seals the answers, and keeps how large they are where no kernel reaches it */
static int keep_answers(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    if (sets_scales_clear(s, p, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = sets_job(s, p, a), copy = job;

        if (!array_is_output(&s->arrays[a]))
            continue;
        copy.base = job.from;
        copy.stride = job.from_stride;
        copy.from = job.base;
        copy.from_stride = job.stride;
        copy.sealed = SEALED_TO;
        if (device_run(s->device, KERNEL_COPY, &copy, sets_words(job.bytes), t->active, r) ||
            (elem_is_float(job.type) &&
             device_run(s->device, KERNEL_SCALE, &job, job.count, t->active, r)))
            return -1;
    }
    return device_wait(r) ? -1 : sets_scales_copy(s, p, false, r);
}

/* the right results of what the sets hold: the original's, or its reference's */
static int run_original(struct session *s, struct point *p, struct refusal *r)
{
    struct variant *original = session_variant(s, 0, r);

    for (unsigned i = 0; original && i < p->sets->active; i++)
        if (s->harness.reference ? reference_launch(s, p, i, r)
                                 : variant_launch(s, original, p, i, r))
            return -1;
    return original ? device_wait(r) : -1;
}

/* ---- the original's own noise ---- */

static int nudge(struct session *s, struct point *p, struct refusal *r)
{
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = sets_job(s, p, a);

        job.seed = gen_stream(job.seed, 55);
        if (array_is_input(&s->arrays[a]) && elem_is_float(job.type) &&
            device_run(s->device, KERNEL_NUDGE, &job, job.count, p->sets->active, r))
            return -1;
    }
    return 0;
}

/* inputs as they were drawn */
static int unnudge(struct session *s, struct point *p, struct refusal *r)
{
    for (size_t a = 0; a < s->narrays; a++) {
        if (!array_is_input(&s->arrays[a]) || !elem_is_float(s->arrays[a].type))
            continue;
        p->sets->loaded[a] = 0;
        if (sets_generate(s, p, a, r))
            return -1;
    }
    return 0;
}

static void noise_note(const struct session *s, struct sets *t, size_t a)
{
    struct noise *noise = &t->noise[a];

    *noise = (struct noise){0, 0};
    for (unsigned i = 0; elem_is_float(s->arrays[a].type) && i < t->active; i++) {
        const struct tally *tally = &t->tally[a * t->k + i];
        const struct scale *scale = &t->scale[a * t->k + i];
        double worst;

        memcpy(&worst, &tally->worst, sizeof worst);
        if (scale->squares <= 0)
            continue;
        noise->most = fmax(noise->most, worst / sqrt(scale->squares / (double)scale->finite));
        noise->norm = fmax(noise->norm, sqrt(tally->squares / scale->squares));
    }
}

/* Under the same poison as the answers, temporaries too: what follows from memory that nobody wrote
 * is no noise, but a mistake that a check must find. */
static int measure_noise(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    t->runs = 0;
    if (sets_reset(s, p, POISON_NAN, r) || nudge(s, p, r) || run_original(s, p, r) ||
        sets_tallies_clear(s, p, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++)
        if (sets_compare_outputs(s, p, a, 0, t->active, r))
            return -1;
    if (sets_tallies_read(s, p, r) || unnudge(s, p, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++)
        noise_note(s, t, a);
    t->has_noise = true;
    return 0;
}

/* ---- drawing ---- */

/* whether the values of this draw are any different from those of others */
static bool gens_choose(struct session *s, struct point *p)
{
    struct sets *t = p->sets;
    bool differs = sets_planted(s, p) < s->narrays;

    for (size_t a = 0; a < s->narrays; a++) {
        t->gen[a] = p->gen[a];
        if (array_is_input(&s->arrays[a]) && t->values != VALUES_DRAWN)
            differs = values_gen(t->values, &p->shapes[a], t->turn, &t->gen[a]) || differs;
    }
    return differs;
}

static int draw(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    t->seed = gen_stream(s->seed ^ s->secret, ++s->draws);
    t->runs = 0;
    t->quantum = 0;
    t->drawn = 0;
    if (draw_inputs(s, p, r) || sets_reset(s, p, POISON_NAN, r) || run_original(s, p, r) ||
        keep_answers(s, p, r) || (!t->has_noise && measure_noise(s, p, r)) ||
        sets_guards(s, p, KERNEL_GUARD_SET, r))
        return -1;
    t->drawn = t->generation;
    return 0;
}

bool sets_are_drawn(const struct sets *t)
{
    return t->values == VALUES_DRAWN && t->drawn == t->generation;
}

int sets_draw(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    if (t->values != VALUES_DRAWN)
        t->has_noise = false;
    t->values = VALUES_DRAWN;
    gens_choose(s, p);
    return draw(s, p, r);
}

static bool is_ill_conditioned(const struct session *s, const struct sets *t)
{
    for (size_t a = 0; a < s->narrays; a++)
        if (t->noise[a].norm > NOISE_MOST)
            return true;
    return false;
}

static int count_off(struct session *s, struct point *p, double quantum, uint64_t *off,
                     struct refusal *r)
{
    struct sets *t = p->sets;

    *off = 0;
    if (sets_tallies_clear(s, p, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = sets_job(s, p, a);

        job.gen.arg[0] = quantum;
        if (array_is_output(&s->arrays[a]) && elem_is_float(job.type) &&
            device_run(s->device, KERNEL_LATTICE, &job, job.count, t->active, r))
            return -1;
    }
    if (sets_tallies_read(s, p, r))
        return -1;
    for (size_t i = 0; i < s->narrays * t->k; i++)
        *off += t->tally[i].bad;
    return 0;
}

/* the largest quantum of which all answers are small multiples, so that sums have no rounding in
 * any order; 0: there is none */
static int find_quantum(struct session *s, struct point *p, struct refusal *r)
{
    static const double quanta[] = {1, 0.0625};
    struct sets *t = p->sets;
    uint64_t off = 1;

    for (size_t i = 0; i < sizeof quanta / sizeof *quanta && off; i++) {
        if (count_off(s, p, quanta[i], &off, r))
            return -1;
        t->quantum = off ? 0 : quanta[i];
    }
    /* a tolerance is then a length, and no part of an output's size */
    for (size_t i = 0; t->quantum > 0 && i < s->narrays * t->k; i++)
        t->scale[i] = (struct scale){1, 1};
    return 0;
}

int sets_draw_values(struct session *s, struct point *p, enum values values, unsigned turn,
                     bool *applies, struct refusal *r)
{
    struct sets *t = p->sets;

    t->values = values;
    t->turn = turn;
    t->has_noise = values_are_exact(values); /* there is none then */
    *applies = gens_choose(s, p);
    if (!*applies)
        return 0;
    if (draw(s, p, r) || (values_are_exact(values) && find_quantum(s, p, r)))
        return -1;
    *applies = values_are_exact(values) ? t->quantum > 0 : !is_ill_conditioned(s, t);
    return 0;
}
