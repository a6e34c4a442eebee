/* runtime/worker/sets_fill.c - what a run finds in the sets: inputs and poison.
 *
 * Inputs come from a generator on the device, from one on the host, or from a file; one of them may
 * have a number planted in every slice. */
#include <stdlib.h>
#include "runtime/worker/infile.h"
#include "runtime/worker/sets_impl.h"

enum { MADE_ELEMENTS = 1 << 20 };

/* structured inputs are costly to make, so large ones repeat among the sets of a draw */
int sets_make_structured(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct sets *t = p->sets;
    const struct shape *shape = &p->shapes[a];
    uint64_t most = MADE_ELEMENTS / (shape->count ? shape->count : 1);
    uint64_t bytes = sets_bytes(p, a), seed = gen_stream(t->seed, 1000 + a);

    most = most < 2 ? 2 : most;
    t->nmade[a] = (unsigned)(most < t->k ? most : t->k);
    if (!t->made[a])
        t->made[a] = malloc(t->nmade[a] * bytes + 1);
    if (!t->made[a])
        return refuse(r, REFUSE_LIMIT, "out of host memory while making '%s'", s->arrays[a].name);
    for (unsigned i = 0; i < t->nmade[a] && i < t->active; i++)
        if (gen_make(&t->gen[a], shape, gen_stream(seed, i), (char *)t->made[a] + i * bytes, r))
            return -1;
    return 0;
}

/* the first n slices are filled: the others get copies, in turn */
static int spread(struct session *s, struct point *p, size_t a, unsigned n, struct refusal *r)
{
    struct job job = sets_job(s, p, a);

    job.from = job.base;
    job.from_stride = job.stride;
    job.slices = n;
    return n == p->sets->active ? 0
                                : device_run(s->device, KERNEL_COPY, &job, sets_words(job.bytes),
                                             p->sets->active, r);
}

static int upload(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct sets *t = p->sets;
    struct job job = sets_job(s, p, a);
    unsigned n = t->nmade[a] < t->active ? t->nmade[a] : t->active;

    for (unsigned i = 0; i < n && job.bytes; i++)
        if (cuda_check(cu.cuMemcpyHtoD(job.base + i * job.stride,
                                       (char *)t->made[a] + i * job.bytes, job.bytes),
                       REFUSE_FAULT, "copying inputs", r))
            return -1;
    return spread(s, p, a, n, r);
}

static int load(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct sets *t = p->sets;

    if (t->loaded[a] >= t->active)
        return 0;
    if (infile_upload(p->file[a], s->arrays[a].name, &p->shapes[a], t->data[a].base, r) ||
        spread(s, p, a, 1, r))
        return -1;
    if (s->arrays[a].role == ROLE_IN)
        t->loaded[a] = t->active;
    return 0;
}

static int plant(struct point *p, size_t a, struct refusal *r)
{
    struct sets *t = p->sets;
    uint64_t bits, seed = gen_stream(t->seed, 700 + a);

    values_plant(t->values, &p->shapes[a], &p->gen[a], &bits);
    for (unsigned i = 0; i < t->active; i++) {
        uint64_t size = (uint64_t)p->shapes[a].size;
        uint64_t at = gen_bits(seed, i) % p->shapes[a].count;

        if (cuda_check(
                cu.cuMemcpyHtoD(t->data[a].base + i * t->data[a].stride + at * size, &bits, size),
                REFUSE_FAULT, "copying inputs", r))
            return -1;
    }
    return 0;
}

/* of the arrays that can have a number planted, one a draw; narrays: none can */
size_t sets_planted(const struct session *s, const struct point *p)
{
    size_t n = 0, turn;
    uint64_t bits;

    for (size_t a = 0; a < s->narrays; a++)
        n += array_is_input(&s->arrays[a]) &&
             values_plant(p->sets->values, &p->shapes[a], &p->gen[a], &bits);
    turn = n ? p->sets->turn % n : 0;
    for (size_t a = 0; a < s->narrays && n; a++)
        if (array_is_input(&s->arrays[a]) &&
            values_plant(p->sets->values, &p->shapes[a], &p->gen[a], &bits) && !turn--)
            return a;
    return s->narrays;
}

int sets_generate(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct job job = sets_job(s, p, a);

    if (p->file[a])
        return load(s, p, a, r);
    if (gen_is_structured(&p->sets->gen[a])
            ? upload(s, p, a, r)
            : device_run(s->device, KERNEL_GENERATE, &job, job.count, p->sets->active, r))
        return -1;
    return a == sets_planted(s, p) ? plant(p, a, r) : 0;
}

static bool are_alike(const struct session *s, const struct gen *gen)
{
    for (size_t a = 0; a < s->narrays; a++)
        if (array_is_input(&s->arrays[a]) && gen_is_random(&gen[a]))
            return false;
    return true;
}

bool sets_are_alike(const struct session *s, const struct point *p)
{
    return are_alike(s, p->gen);
}

static int poison_output(struct session *s, struct point *p, size_t a, enum poison poison,
                         struct refusal *r)
{
    struct job job = sets_job(s, p, a);

    /* where all sets have the same inputs, another's answer is the right one: no poison */
    if (poison == POISON_OTHER && are_alike(s, p->sets->gen))
        poison = POISON_NOISE;
    /* which other set's it is, nobody can tell: else its own answer would lie at a known place */
    if (job.slices > 1)
        job.rotate =
            (uint32_t)(1 + gen_bits(p->sets->secret, 500 + p->sets->runs) % (job.slices - 1));
    job.sealed = SEALED_FROM;
    job.seed = gen_stream(job.seed, 77 + p->sets->runs);
    job.byte = poison == POISON_NOISE ? -1 : elem_is_float(job.type) ? 0xff : 0xa5;
    return device_run(s->device, poison == POISON_OTHER ? KERNEL_COPY : KERNEL_FILL, &job,
                      sets_words(job.bytes), p->sets->active, r);
}

int sets_reset(struct session *s, struct point *p, enum poison poison, struct refusal *r)
{
    p->sets->runs++;
    for (size_t a = 0; a < s->narrays; a++) {
        enum role role = s->arrays[a].role;

        if ((role == ROLE_INOUT && sets_generate(s, p, a, r)) ||
            (role == ROLE_OUT && poison_output(s, p, a, poison, r)) ||
            (role == ROLE_TEMP && poison_output(s, p, a, POISON_NOISE, r)))
            return -1;
    }
    return 0;
}

int sets_touch(struct session *s, struct point *p, struct refusal *r)
{
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = sets_job(s, p, a);

        /* the sums are nobody's: sets_verify clears them */
        if (device_run(s->device, KERNEL_SUM, &job, sets_words(job.bytes), p->sets->active, r))
            return -1;
    }
    return 0;
}
