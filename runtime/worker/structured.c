/* runtime/worker/structured.c - inputs whose elements depend on each other, made on the host.
 *
 * Sorted values and CSR offsets come from exponential spacings: the sums of n + 1 exponential
 * variates over their total are distributed as n sorted uniform ones, so nothing is sorted. Offsets
 * with a spread s have spacings from 1 - s to 1 + s times their mean instead. A
 * simplex's rounding errors are carried from element to element, so that rows add up to 1 in types
 * of few bits too. Distinct values by zipf's weights come from keys e / w (the smallest k of them
 * are a draw of k by weight w without replacement), or, of a few among many, by drawing again what
 * came before. */
#include "runtime/worker/inputs.h"

#include <stdlib.h>

struct random {
    uint64_t seed, next;
};

static uint64_t random_bits(struct random *g)
{
    return gen_bits(g->seed, g->next++);
}

static double random_exponential(struct random *g)
{
    return -log(gen_unit(random_bits(g)));
}

static int no_memory(struct refusal *r)
{
    return refuse(r, REFUSE_LIMIT, "out of host memory while making inputs");
}

/* the length of a row, in proportion to the others */
static double row_length(const struct gen *gen, struct random *g)
{
    double spread = gen->arg[1];

    if (spread < 0)
        return random_exponential(g);
    return 1 + spread * (2 * gen_unit(random_bits(g)) - 1);
}

static void make_offsets(const struct gen *gen, const struct shape *shape, struct random *g,
                         void *to)
{
    uint64_t n = shape->count;
    double total = 0, sum = 0;
    struct random again = *g;

    for (uint64_t i = 0; i + 1 < n; i++)
        total += row_length(gen, g);
    for (uint64_t i = 0; i < n; i++) {
        double at = i == 0       ? 0
                    : i + 1 == n ? gen->arg[0]
                                 : floor(gen->arg[0] * (total > 0 ? sum / total : 0));

        elem_set_int(to, i, shape->type, shape->size,
                     (int64_t)(at < gen->arg[0] ? at : gen->arg[0]));
        sum += row_length(gen, &again);
    }
}

static void make_sorted(const struct gen *gen, const struct shape *shape, struct random *g,
                        void *to)
{
    double lo = gen->arg[0], hi = gen->arg[1], total = 0, sum = 0, last = lo;
    struct random again = *g;
    bool is_float = elem_is_float(shape->type);

    for (uint64_t i = 0; i <= shape->count; i++)
        total += random_exponential(g);
    for (uint64_t i = 0; i < shape->count; i++) {
        double u = (sum += random_exponential(&again)) / total, x;

        if (is_float) {
            last = fmax(last, gen_between(lo, hi, u)); /* it rounds either way */
            elem_set(to, i, shape->type, shape->size, last);
            continue;
        }
        x = lo + floor((hi - lo + 1) * u);
        elem_set_int(to, i, shape->type, shape->size, (int64_t)(x < hi ? x : hi));
    }
}

static void make_simplex(const struct shape *shape, struct random *g, void *to)
{
    for (uint64_t row = 0; shape->row && row < shape->count; row += shape->row) {
        struct random again = *g;
        double total = 0, carry = 0;

        for (uint64_t i = 0; i < shape->row; i++)
            total += random_exponential(g);
        for (uint64_t i = row; i < row + shape->row; i++) {
            carry += random_exponential(&again) / total;
            elem_set(to, i, shape->type, shape->size, carry > 0 ? carry : 0);
            carry -= elem_value_of(elem_bits(to, i, shape->size), shape->type);
        }
    }
}

/* ---- rows of distinct values, some more frequent than others ---- */

/* the values seen in this row: open addressing, cleared by a new round */
struct seen {
    uint64_t *value, mask;
    uint32_t *round, now;
};

static int seen_init(struct seen *s, uint64_t row, struct refusal *r)
{
    uint64_t slots = 16;

    while (slots < row * 2)
        slots *= 2;
    s->mask = slots - 1;
    s->now = 0;
    s->value = calloc(slots, sizeof *s->value);
    s->round = calloc(slots, sizeof *s->round);
    return s->value && s->round ? 0 : no_memory(r);
}

static bool seen_add(struct seen *s, uint64_t value)
{
    uint64_t i = gen_mix(value) & s->mask;

    for (; s->round[i] == s->now; i = (i + 1) & s->mask)
        if (s->value[i] == value)
            return false;
    s->round[i] = s->now;
    s->value[i] = value;
    return true;
}

struct distinct {
    uint64_t span, seed; /* which values are the frequent ones differs from draw to draw */
    int64_t lo;
    double *until; /* cumulative weights */
    struct key *keys;
    struct seen seen;
};

struct key {
    double key;
    uint64_t at;
};

static int key_order(const void *a, const void *b)
{
    const struct key *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

static void put_place(const struct distinct *d, const struct shape *shape, void *to, uint64_t i,
                      uint64_t place)
{
    elem_set_int(to, i, shape->type, shape->size,
                 d->lo + (int64_t)gen_permuted(d->seed, place, d->span));
}

static void row_by_keys(struct distinct *d, const struct shape *shape, struct random *g,
                        uint64_t row, void *to)
{
    for (uint64_t i = 0; i < d->span; i++) {
        double weight = d->until[i] - (i ? d->until[i - 1] : 0);

        d->keys[i] = (struct key){random_exponential(g) / weight, i};
    }
    qsort(d->keys, d->span, sizeof *d->keys, key_order);
    for (uint64_t i = 0; i < shape->row; i++)
        put_place(d, shape, to, row + i, d->keys[i].at);
}

/* the first place whose cumulative weight is above x */
static uint64_t place_of(const double *until, uint64_t n, double x)
{
    uint64_t lo = 0, hi = n - 1;

    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;

        if (until[mid] > x)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static void row_by_retry(struct distinct *d, const struct shape *shape, struct random *g,
                         uint64_t row, void *to)
{
    d->seen.now++;
    for (uint64_t i = 0; i < shape->row;) {
        double x = gen_unit(random_bits(g)) * d->until[d->span - 1];
        uint64_t place = place_of(d->until, d->span, x);

        if (seen_add(&d->seen, place))
            put_place(d, shape, to, row + i++, place);
    }
}

static int distinct_init(struct distinct *d, const struct gen *gen, const struct shape *shape,
                         uint64_t seed, struct refusal *r)
{
    double sum = 0;

    d->lo = (int64_t)gen->arg[0];
    d->span = (uint64_t)(gen->arg[1] - gen->arg[0]) + 1;
    d->seed = gen_stream(seed, 1);
    d->until = malloc(d->span * sizeof *d->until);
    d->keys = malloc(d->span * sizeof *d->keys);
    if (!d->until || !d->keys)
        return no_memory(r);
    for (uint64_t i = 0; i < d->span; i++)
        d->until[i] = sum += pow((double)(i + 1), -gen->arg[2]);
    return seen_init(&d->seen, shape->row, r);
}

static int make_distinct(const struct gen *gen, const struct shape *shape, struct random *g,
                         void *to, struct refusal *r)
{
    struct distinct d = {0};
    int result = distinct_init(&d, gen, shape, g->seed, r);
    bool few = d.span > 4096 && shape->row <= d.span / 1024;

    for (uint64_t row = 0; !result && shape->row && row < shape->count; row += shape->row) {
        if (few && gen->arg[2] <= 1.5)
            row_by_retry(&d, shape, g, row, to);
        else
            row_by_keys(&d, shape, g, row, to);
    }
    free(d.until);
    free(d.keys);
    free(d.seen.value);
    free(d.seen.round);
    return result;
}

int gen_make(const struct gen *gen, const struct shape *shape, uint64_t seed, void *to,
             struct refusal *r)
{
    struct random g = {seed, 0};

    if (gen_is_structured(gen))
        switch (gen->kind) {
        case GEN_DISTINCT:
            return make_distinct(gen, shape, &g, to, r);
        case GEN_OFFSETS:
            make_offsets(gen, shape, &g, to);
            return 0;
        case GEN_SORTED:
            make_sorted(gen, shape, &g, to);
            return 0;
        case GEN_SIMPLEX:
            make_simplex(shape, &g, to);
            return 0;
        }
    for (uint64_t i = 0; i < shape->count; i++)
        gen_element(gen, to, i, shape->type, shape->size, seed);
    return 0;
}
