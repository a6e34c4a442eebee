/* runtime/worker/sets.c - the memory of sets, and what is done to all of it at once.
 *
 * Filling, poisoning and comparing run over all active slices in one launch an array, so a set
 * costs little even when a short kernel needs thousands of them. What the device counted comes back
 * in one copy. What is drawn into sets, what lies in them before a run and what is found after one
 * are in sets_draw.c, sets_fill.c and sets_compare.c. */
#include <stdlib.h>
#include "runtime/worker/sets_impl.h"

enum { ALIGN = 256, SHIFTS = 16 };

static uint64_t round_up(uint64_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/* an allocation's bytes beyond those of its slices: a first guard, and room to shift */
static uint64_t spare_bytes(uint64_t guard)
{
    return guard + ALIGN * SHIFTS;
}

uint64_t sets_bytes(const struct point *p, size_t a)
{
    return p->shapes[a].count * (uint64_t)p->shapes[a].size;
}

uint64_t point_bytes(const struct session *s, const struct point *p)
{
    uint64_t sum = 0;

    for (size_t a = 0; a < s->narrays; a++)
        if (s->arrays[a].role != ROLE_TEMP)
            sum += sets_bytes(p, a) * (s->arrays[a].role == ROLE_INOUT ? 2 : 1);
    return sum;
}

/* device memory that one set takes, with its guards and the original's answers */
static uint64_t set_bytes(const struct session *s, const struct point *p)
{
    uint64_t sum = 0;

    for (size_t a = 0; a < s->narrays; a++) {
        sum += round_up(sets_bytes(p, a) + KS_GUARD) + ALIGN * SHIFTS + sizeof(struct tally) +
               sizeof(struct scale);
        if (array_is_output(&s->arrays[a]))
            sum += round_up(sets_bytes(p, a) + 1) + ALIGN * SHIFTS;
    }
    return sum;
}

void **sets_addresses(struct sets *t, unsigned set)
{
    return t->addresses + (size_t)set * t->narrays;
}

void sets_free(struct session *s, struct point *p)
{
    struct sets *t = p->sets;

    if (!t)
        return;
    for (size_t a = 0; a < s->narrays; a++) {
        device_free(&t->data[a].memory);
        device_free(&t->expected[a].memory);
        free(t->made[a]);
    }
    device_free(&t->tallies);
    device_free(&t->scales);
    free(t->data);
    free(t->expected);
    free(t->addresses);
    free(t->tally);
    free(t->scale);
    free(t->gen);
    free(t->noise);
    free(t->sums);
    free(t->made);
    free(t->nmade);
    free(t->loaded);
    free(t);
    p->sets = NULL;
}

static int slab_make(struct slab *slab, uint64_t bytes, uint64_t guard, unsigned k, uint64_t random,
                     struct refusal *r)
{
    slab->bytes = bytes;
    slab->stride = round_up(bytes + (guard ? guard : 1)) + ALIGN * (random % SHIFTS);
    if (device_alloc(&slab->memory, spare_bytes(guard) + k * slab->stride, r))
        return -1;
    slab->base = slab->memory + guard + ALIGN * (random / SHIFTS % SHIFTS);
    return 0;
}

/* Outputs are compared where they lie, set by set; of inputs, which are all alike, any slice will
 * do for any set */
void sets_use(struct sets *t, const struct session *s, unsigned n)
{
    static uint64_t generations;

    if (t->generation && t->active == n)
        return;
    t->active = n;
    t->generation = ++generations;
    for (size_t a = 0; a < t->narrays; a++)
        for (unsigned i = 0; i < n; i++) {
            bool moves = s->arrays[a].role == ROLE_IN;
            uint64_t slice = moves ? gen_permuted(gen_stream(t->secret, 300 + a), i, n) : i;

            sets_addresses(t, i)[a] =
                (void *)(uintptr_t)(t->data[a].base + slice * t->data[a].stride);
        }
}

static int sets_make(struct session *s, struct point *p, unsigned k, struct refusal *r)
{
    struct sets *t = p->sets = calloc(1, sizeof *t);
    size_t n = s->narrays;

    t->k = k;
    t->narrays = n;
    t->secret = gen_stream(s->secret, ++s->draws);
    t->data = calloc(n + 1, sizeof *t->data);
    t->expected = calloc(n + 1, sizeof *t->expected);
    t->addresses = calloc(n * k + 1, sizeof *t->addresses);
    t->tally = calloc(n * k + 1, sizeof *t->tally);
    t->scale = calloc(n * k + 1, sizeof *t->scale);
    t->gen = calloc(n + 1, sizeof *t->gen);
    t->noise = calloc(n + 1, sizeof *t->noise);
    t->sums = calloc(n * k + 1, sizeof *t->sums);
    t->made = calloc(n + 1, sizeof *t->made);
    t->nmade = calloc(n + 1, sizeof *t->nmade);
    t->loaded = calloc(n + 1, sizeof *t->loaded);
    if (device_alloc(&t->tallies, n * k * sizeof(struct tally), r) ||
        device_alloc(&t->scales, n * k * sizeof(struct scale), r))
        return -1;
    for (size_t a = 0; a < n; a++) {
        uint64_t bytes = sets_bytes(p, a), random = gen_bits(t->secret, 2 * a);

        if (slab_make(&t->data[a], bytes, KS_GUARD, k, random, r) ||
            (array_is_output(&s->arrays[a]) &&
             slab_make(&t->expected[a], bytes, 0, k, gen_bits(t->secret, 2 * a + 1), r)))
            return -1;
    }
    sets_use(t, s, k);
    return 0;
}

static int memory_free(uint64_t *bytes, struct refusal *r)
{
    size_t available = 0, total = 0;

    if (cuda_check(cu.cuMemGetInfo(&available, &total), REFUSE_FAULT, "asking for free memory", r))
        return -1;
    *bytes = available;
    return 0;
}

int sets_ensure(struct session *s, struct point *p, unsigned k, struct refusal *r)
{
    uint64_t available, each = set_bytes(s, p);
    unsigned wanted = k;

    if (p->sets && p->sets->wanted >= k) {
        sets_use(p->sets, s, k < p->sets->k ? k : p->sets->k);
        return 0;
    }
    sets_free(s, p);
    if (memory_free(&available, r))
        return -1;
    if (available / 2 / each < k) {
        for (struct point *other = s->points; other; other = other->next)
            sets_free(s, other);
        if (memory_free(&available, r))
            return -1;
    }
    if (available / 2 / each < k)
        k = (unsigned)(available / 2 / each);
    if (k < 2)
        return refuse(r, REFUSE_LIMIT,
                      "two sets of the arrays take %.1f GB at %s; half of the free memory is %.1f "
                      "GB",
                      2e-9 * (double)each, p->label, 0.5e-9 * (double)available);
    if (!sets_make(s, p, k, r)) {
        p->sets->wanted = wanted;
        return 0;
    }
    sets_free(s, p);
    return -1;
}

/* ---- work on all active slices of an array ---- */

uint64_t sets_seal(const struct sets *t, size_t array, unsigned slice)
{
    return gen_stream(gen_stream(t->secret, 100 + array), slice);
}

struct job sets_job(const struct session *s, const struct point *p, size_t a)
{
    const struct sets *t = p->sets;
    struct job job = {
        .base = t->data[a].base,
        .stride = t->data[a].stride,
        .bytes = t->data[a].bytes,
        .count = p->shapes[a].count,
        .from = t->expected[a].base,
        .from_stride = t->expected[a].stride,
        .tallies = t->tallies + a * t->k * sizeof(struct tally),
        .scales = t->scales + a * t->k * sizeof(struct scale),
        .seed = gen_stream(t->seed, 1000 + a),
        .slices = t->active,
        .type = s->arrays[a].type,
        .size = s->arrays[a].size,
        .seal = gen_stream(t->secret, 100 + a),
        .gen = t->gen[a],
        .match = sets_match(s, t, a),
    };
    return job;
}

static int clear(CUdeviceptr at, size_t bytes, struct session *s, struct refusal *r)
{
    if (!bytes)
        return 0;
    return cuda_check(cu.cuMemsetD8Async(at, 0, bytes, s->device->stream), REFUSE_FAULT,
                      "clearing memory", r);
}

int sets_tallies_clear(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    return clear(t->tallies, s->narrays * t->k * sizeof *t->tally, s, r);
}

int sets_tallies_read(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    if (device_wait(r))
        return -1;
    return cuda_check(cu.cuMemcpyDtoH(t->tally, t->tallies, s->narrays * t->k * sizeof *t->tally),
                      REFUSE_FAULT, "reading results", r);
}

int sets_scales_clear(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    return clear(t->scales, s->narrays * t->k * sizeof *t->scale, s, r);
}

int sets_scales_copy(struct session *s, struct point *p, bool up, struct refusal *r)
{
    struct sets *t = p->sets;
    size_t bytes = s->narrays * t->k * sizeof *t->scale;

    if (!bytes)
        return 0;
    return cuda_check(up ? cu.cuMemcpyHtoD(t->scales, t->scale, bytes)
                         : cu.cuMemcpyDtoH(t->scale, t->scales, bytes),
                      REFUSE_FAULT, "copying scales", r);
}

int sets_guards(struct session *s, struct point *p, enum kernel k, struct refusal *r)
{
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = sets_job(s, p, a);

        if (device_run(s->device, k, &job, KS_GUARD, p->sets->active + 1, r))
            return -1;
    }
    return 0;
}
