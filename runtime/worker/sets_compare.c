/* runtime/worker/sets_compare.c - what a run left in the sets, beside the answers.
 *
 * Inputs and guards must be as they were, outputs as close as the array's tolerances say. A variant
 * may be as much further off than the original is from itself. */
#include "runtime/worker/sets_impl.h"

#define NOISE_FACTOR 4

static double widened(double own, double noise)
{
    return fmax(own, NOISE_FACTOR * fmin(noise, NOISE_MOST));
}

struct match sets_match(const struct session *s, const struct sets *t, size_t array)
{
    struct match m = s->arrays[array].match;

    m.loose = t->values == VALUES_NAN || t->values == VALUES_INFINITY;
    if (t->quantum > 0 && elem_is_float(s->arrays[array].type)) {
        m.exact = 0; /* -0 is 0; and whoever is off is so by a quantum */
        m.ulp = -1;
        m.rtol = 0;
        m.atol = 0.49 * t->quantum;
    } else if (!m.exact && m.ulp < 0) {
        m.atol = widened(m.atol, t->noise[array].most);
    }
    return m;
}

double sets_norm(const struct session *s, const struct sets *t, size_t array)
{
    double own = s->arrays[array].norm;

    return own > 0 && !(t->quantum > 0) ? widened(own, t->noise[array].norm) : 0;
}

int sets_compare_outputs(struct session *s, struct point *p, size_t a, unsigned start, unsigned n,
                         struct refusal *r)
{
    struct job job = sets_job(s, p, a);

    job.rotate = start;
    return array_is_output(&s->arrays[a])
               ? device_run(s->device, KERNEL_COMPARE, &job, job.count, n, r)
               : 0;
}

/* files are to be read again when a run changed an input, or wrote where it must not */
static void unload_changed(const struct session *s, struct sets *t)
{
    bool stray = false;

    for (size_t i = 0; i < s->narrays * t->k; i++)
        stray = stray || t->tally[i].guard;
    for (size_t i = 0; i < s->narrays * t->k; i++)
        if (stray || (i % t->k < t->active && t->tally[i].sum != t->sums[i]))
            t->loaded[i / t->k] = 0;
}

int sets_verify(struct session *s, struct point *p, unsigned start, unsigned n, struct refusal *r)
{
    struct sets *t = p->sets;

    if (device_wait(r) || sets_scales_copy(s, p, true, r) || sets_tallies_clear(s, p, r) ||
        sets_guards(s, p, KERNEL_GUARD_CHECK, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = sets_job(s, p, a);
        bool has_sum = s->arrays[a].role == ROLE_IN ||
                       (s->require.deterministic && array_is_output(&s->arrays[a]));

        if ((has_sum &&
             device_run(s->device, KERNEL_SUM, &job, sets_words(job.bytes), t->active, r)) ||
            sets_compare_outputs(s, p, a, start, n, r))
            return -1;
    }
    if (sets_tallies_read(s, p, r))
        return -1;
    unload_changed(s, t);
    return 0;
}
