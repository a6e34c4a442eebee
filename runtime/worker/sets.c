/* runtime/worker/sets.c - see sets.h.
 *
 * Filling, poisoning and comparing run over all active slices in one launch an array, so a set
 * costs little even when a short kernel needs thousands of them. What the device counted comes back
 * in one copy. */
#include "runtime/worker/sets.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/worker/infile.h"

enum { ALIGN = 512, MADE_ELEMENTS = 1 << 20 };

static uint64_t round_up(uint64_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static uint64_t bytes_of(const struct point *p, size_t a)
{
    return p->shapes[a].count * (uint64_t)p->shapes[a].size;
}

uint64_t point_bytes(const struct session *s, const struct point *p)
{
    uint64_t sum = 0;

    for (size_t a = 0; a < s->narrays; a++)
        if (s->arrays[a].role != ROLE_TEMP)
            sum += bytes_of(p, a) * (s->arrays[a].role == ROLE_INOUT ? 2 : 1);
    return sum;
}

/* device memory that one set takes, with its guards and the original's answers */
static uint64_t set_bytes(const struct session *s, const struct point *p)
{
    uint64_t sum = 0;

    for (size_t a = 0; a < s->narrays; a++) {
        sum += round_up(bytes_of(p, a) + KS_GUARD) + sizeof(struct tally) + sizeof(struct scale);
        if (array_is_output(&s->arrays[a]))
            sum += round_up(bytes_of(p, a) + 1);
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
    free(t->sums);
    free(t->made);
    free(t->nmade);
    free(t->loaded);
    free(t);
    p->sets = NULL;
}

static int slab_make(struct slab *slab, uint64_t bytes, uint64_t guard, unsigned k,
                     struct refusal *r)
{
    slab->bytes = bytes;
    slab->stride = round_up(bytes + (guard ? guard : 1));
    if (device_alloc(&slab->memory, guard + k * slab->stride, r))
        return -1;
    slab->base = slab->memory + guard;
    return 0;
}

static int sets_make(struct session *s, struct point *p, unsigned k, struct refusal *r)
{
    static uint64_t generations;
    struct sets *t = p->sets = calloc(1, sizeof *t);
    size_t n = s->narrays;

    t->k = t->active = k;
    t->narrays = n;
    t->generation = ++generations;
    t->data = calloc(n + 1, sizeof *t->data);
    t->expected = calloc(n + 1, sizeof *t->expected);
    t->addresses = calloc(n * k + 1, sizeof *t->addresses);
    t->tally = calloc(n * k + 1, sizeof *t->tally);
    t->sums = calloc(n * k + 1, sizeof *t->sums);
    t->made = calloc(n + 1, sizeof *t->made);
    t->nmade = calloc(n + 1, sizeof *t->nmade);
    t->loaded = calloc(n + 1, sizeof *t->loaded);
    if (device_alloc(&t->tallies, n * k * sizeof(struct tally), r) ||
        device_alloc(&t->scales, n * k * sizeof(struct scale), r))
        return -1;
    for (size_t a = 0; a < n; a++) {
        uint64_t bytes = bytes_of(p, a);

        if (slab_make(&t->data[a], bytes, KS_GUARD, k, r) ||
            (array_is_output(&s->arrays[a]) && slab_make(&t->expected[a], bytes, 0, k, r)))
            return -1;
        for (unsigned i = 0; i < k; i++)
            sets_addresses(t, i)[a] = (void *)(uintptr_t)(t->data[a].base + i * t->data[a].stride);
    }
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
        p->sets->active = k < p->sets->k ? k : p->sets->k;
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

static struct job job_of(const struct session *s, const struct point *p, size_t a)
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
        .gen = p->gen[a],
        .match = s->arrays[a].match,
    };
    return job;
}

static uint64_t words(uint64_t bytes)
{
    return (bytes + 3) / 4;
}

static int clear(CUdeviceptr at, size_t bytes, struct session *s, struct refusal *r)
{
    if (!bytes)
        return 0;
    return cuda_check(cu.cuMemsetD8Async(at, 0, bytes, s->device->stream), REFUSE_FAULT,
                      "clearing memory", r);
}

/* structured inputs are costly to make, so large ones repeat among the sets of a draw */
static int make_structured(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct sets *t = p->sets;
    const struct shape *shape = &p->shapes[a];
    uint64_t most = MADE_ELEMENTS / (shape->count ? shape->count : 1);
    uint64_t bytes = bytes_of(p, a), seed = gen_stream(t->seed, 1000 + a);

    most = most < 2 ? 2 : most;
    t->nmade[a] = (unsigned)(most < t->k ? most : t->k);
    if (!t->made[a])
        t->made[a] = malloc(t->nmade[a] * bytes + 1);
    if (!t->made[a])
        return refuse(r, REFUSE_LIMIT, "out of host memory while making '%s'", s->arrays[a].name);
    for (unsigned i = 0; i < t->nmade[a] && i < t->active; i++)
        if (gen_make(&p->gen[a], shape, gen_stream(seed, i), (char *)t->made[a] + i * bytes, r))
            return -1;
    return 0;
}

/* the first n slices are filled: the others get copies, in turn */
static int spread(struct session *s, struct point *p, size_t a, unsigned n, struct refusal *r)
{
    struct job job = job_of(s, p, a);

    job.from = job.base;
    job.from_stride = job.stride;
    job.slices = n;
    return n == p->sets->active
               ? 0
               : device_run(s->device, KERNEL_COPY, &job, words(job.bytes), p->sets->active, r);
}

static int upload(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct sets *t = p->sets;
    struct job job = job_of(s, p, a);
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

static int generate(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct job job = job_of(s, p, a);

    if (p->file[a])
        return load(s, p, a, r);
    if (gen_is_structured(&p->gen[a]))
        return upload(s, p, a, r);
    return device_run(s->device, KERNEL_GENERATE, &job, job.count, p->sets->active, r);
}

/* where all sets have the same inputs, another's answer is the right one: no poison */
static bool answers_differ(const struct session *s, const struct point *p)
{
    for (size_t a = 0; a < s->narrays; a++)
        if (array_is_input(&s->arrays[a]) && gen_is_random(&p->gen[a]))
            return true;
    return false;
}

static int poison_output(struct session *s, struct point *p, size_t a, enum poison poison,
                         struct refusal *r)
{
    struct job job = job_of(s, p, a);

    if (poison == POISON_OTHER && !answers_differ(s, p))
        poison = POISON_NOISE;
    job.rotate = 1;
    job.seed = gen_stream(job.seed, 77 + p->sets->runs);
    job.byte = poison == POISON_NOISE ? -1 : elem_is_float(job.type) ? 0xff : 0xa5;
    return device_run(s->device, poison == POISON_OTHER ? KERNEL_COPY : KERNEL_FILL, &job,
                      words(job.bytes), p->sets->active, r);
}

int sets_reset(struct session *s, struct point *p, enum poison poison, struct refusal *r)
{
    p->sets->runs++;
    for (size_t a = 0; a < s->narrays; a++) {
        enum role role = s->arrays[a].role;

        if ((role == ROLE_INOUT && generate(s, p, a, r)) ||
            (role == ROLE_OUT && poison_output(s, p, a, poison, r)) ||
            (role == ROLE_TEMP && poison_output(s, p, a, POISON_NOISE, r)))
            return -1;
    }
    return 0;
}

static int tallies_read(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    if (device_wait(r))
        return -1;
    return cuda_check(cu.cuMemcpyDtoH(t->tally, t->tallies, s->narrays * t->k * sizeof *t->tally),
                      REFUSE_FAULT, "reading results", r);
}

/* makes the inputs of a draw, and keeps their checksums */
static int draw_inputs(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    if (clear(t->tallies, s->narrays * t->k * sizeof(struct tally), s, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = job_of(s, p, a);

        if (!array_is_input(&s->arrays[a]))
            continue;
        if ((gen_is_structured(&p->gen[a]) && make_structured(s, p, a, r)) ||
            generate(s, p, a, r) ||
            device_run(s->device, KERNEL_SUM, &job, words(job.bytes), t->active, r))
            return -1;
    }
    if (tallies_read(s, p, r))
        return -1;
    for (size_t i = 0; i < s->narrays * t->k; i++)
        t->sums[i] = t->tally[i].sum;
    return 0;
}

static int keep_answers(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    if (clear(t->scales, s->narrays * t->k * sizeof(struct scale), s, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = job_of(s, p, a), copy = job;

        if (!array_is_output(&s->arrays[a]))
            continue;
        copy.base = job.from;
        copy.stride = job.from_stride;
        copy.from = job.base;
        copy.from_stride = job.stride;
        if (device_run(s->device, KERNEL_COPY, &copy, words(job.bytes), t->active, r) ||
            (elem_is_float(job.type) &&
             device_run(s->device, KERNEL_SCALE, &copy, job.count, t->active, r)))
            return -1;
    }
    return 0;
}

static int guards(struct session *s, struct point *p, enum kernel k, struct refusal *r)
{
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = job_of(s, p, a);

        if (device_run(s->device, k, &job, KS_GUARD, p->sets->active + 1, r))
            return -1;
    }
    return 0;
}

int sets_draw(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;
    struct variant *original = session_variant(s, 0, r);

    t->seed = gen_stream(s->seed, ++s->draws);
    t->runs = 0;
    if (!original || draw_inputs(s, p, r) || sets_reset(s, p, POISON_NAN, r))
        return -1;
    for (unsigned i = 0; i < t->active; i++)
        if (s->harness.reference ? reference_launch(s, p, i, r)
                                 : variant_launch(s, original, p, i, r))
            return -1;
    if (device_wait(r) || keep_answers(s, p, r))
        return -1;
    return guards(s, p, KERNEL_GUARD_SET, r);
}

int sets_touch(struct session *s, struct point *p, struct refusal *r)
{
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = job_of(s, p, a);

        /* the sums are nobody's: sets_verify clears them */
        if (device_run(s->device, KERNEL_SUM, &job, words(job.bytes), p->sets->active, r))
            return -1;
    }
    return 0;
}

int sets_verify(struct session *s, struct point *p, struct refusal *r)
{
    struct sets *t = p->sets;

    if (device_wait(r) || clear(t->tallies, s->narrays * t->k * sizeof(struct tally), s, r) ||
        guards(s, p, KERNEL_GUARD_CHECK, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = job_of(s, p, a);

        if (s->arrays[a].role == ROLE_TEMP)
            continue;
        if (device_run(s->device, KERNEL_SUM, &job, words(job.bytes), t->active, r) ||
            (array_is_output(&s->arrays[a]) &&
             device_run(s->device, KERNEL_COMPARE, &job, job.count, t->active, r)))
            return -1;
    }
    if (tallies_read(s, p, r))
        return -1;
    unload_changed(s, t);
    return 0;
}
