/* runtime/worker/sets.c - see sets.h.
 *
 * Filling, poisoning and comparing run over all active slices in one launch an array, so a set
 * costs little even when a short kernel needs thousands of them. What the device counted comes back
 * in one copy. */
#include "runtime/worker/sets.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/worker/infile.h"

enum { ALIGN = 256, SHIFTS = 16, MADE_ELEMENTS = 1 << 20 };

/* A variant may be as much further off than the original is from itself; where that is further than
 * this, an output means nothing, and is not judged by it */
#define NOISE_FACTOR 4
#define NOISE_MOST 0.02

static uint64_t round_up(uint64_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/* an allocation's bytes beyond those of its slices: a first guard, and room to shift */
static uint64_t spare_bytes(uint64_t guard)
{
    return guard + ALIGN * SHIFTS;
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
        sum += round_up(bytes_of(p, a) + KS_GUARD) + ALIGN * SHIFTS + sizeof(struct tally) +
               sizeof(struct scale);
        if (array_is_output(&s->arrays[a]))
            sum += round_up(bytes_of(p, a) + 1) + ALIGN * SHIFTS;
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
        uint64_t bytes = bytes_of(p, a), random = gen_bits(t->secret, 2 * a);

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
        .seal = gen_stream(t->secret, 100 + a),
        .gen = t->gen[a],
        .match = sets_match(s, t, a),
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
        if (gen_make(&t->gen[a], shape, gen_stream(seed, i), (char *)t->made[a] + i * bytes, r))
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
static size_t planted(const struct session *s, const struct point *p)
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

static int generate(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct job job = job_of(s, p, a);

    if (p->file[a])
        return load(s, p, a, r);
    if (gen_is_structured(&p->sets->gen[a])
            ? upload(s, p, a, r)
            : device_run(s->device, KERNEL_GENERATE, &job, job.count, p->sets->active, r))
        return -1;
    return a == planted(s, p) ? plant(p, a, r) : 0;
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
    struct job job = job_of(s, p, a);

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
        if ((gen_is_structured(&t->gen[a]) && make_structured(s, p, a, r)) ||
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

static int scales_copy(struct session *s, struct point *p, bool up, struct refusal *r)
{
    struct sets *t = p->sets;
    size_t bytes = s->narrays * t->k * sizeof *t->scale;

    if (!bytes)
        return 0;
    return cuda_check(up ? cu.cuMemcpyHtoD(t->scales, t->scale, bytes)
                         : cu.cuMemcpyDtoH(t->scale, t->scales, bytes),
                      REFUSE_FAULT, "copying scales", r);
}

/* seals the answers, and keeps how large they are where no kernel reaches it */
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
        copy.sealed = SEALED_TO;
        if (device_run(s->device, KERNEL_COPY, &copy, words(job.bytes), t->active, r) ||
            (elem_is_float(job.type) &&
             device_run(s->device, KERNEL_SCALE, &job, job.count, t->active, r)))
            return -1;
    }
    return device_wait(r) ? -1 : scales_copy(s, p, false, r);
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

static int compare_outputs(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    struct job job = job_of(s, p, a);

    return array_is_output(&s->arrays[a])
               ? device_run(s->device, KERNEL_COMPARE, &job, job.count, p->sets->active, r)
               : 0;
}

/* ---- the original's own noise ---- */

static int nudge(struct session *s, struct point *p, struct refusal *r)
{
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = job_of(s, p, a);

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
        if (generate(s, p, a, r))
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
        clear(t->tallies, s->narrays * t->k * sizeof(struct tally), s, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++)
        if (compare_outputs(s, p, a, r))
            return -1;
    if (tallies_read(s, p, r) || unnudge(s, p, r))
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
    bool differs = planted(s, p) < s->narrays;

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
    if (draw_inputs(s, p, r) || sets_reset(s, p, POISON_NAN, r) || run_original(s, p, r) ||
        keep_answers(s, p, r) || (!t->has_noise && measure_noise(s, p, r)))
        return -1;
    return guards(s, p, KERNEL_GUARD_SET, r);
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
    if (clear(t->tallies, s->narrays * t->k * sizeof(struct tally), s, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = job_of(s, p, a);

        job.gen.arg[0] = quantum;
        if (array_is_output(&s->arrays[a]) && elem_is_float(job.type) &&
            device_run(s->device, KERNEL_LATTICE, &job, job.count, t->active, r))
            return -1;
    }
    if (tallies_read(s, p, r))
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

    if (device_wait(r) || scales_copy(s, p, true, r) ||
        clear(t->tallies, s->narrays * t->k * sizeof(struct tally), s, r) ||
        guards(s, p, KERNEL_GUARD_CHECK, r))
        return -1;
    for (size_t a = 0; a < s->narrays; a++) {
        struct job job = job_of(s, p, a);

        if (s->arrays[a].role == ROLE_TEMP)
            continue;
        if (device_run(s->device, KERNEL_SUM, &job, words(job.bytes), t->active, r) ||
            compare_outputs(s, p, a, r))
            return -1;
    }
    if (tallies_read(s, p, r))
        return -1;
    unload_changed(s, t);
    return 0;
}
