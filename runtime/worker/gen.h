/* runtime/worker/gen.h - what an input array is filled with, element by element.
 *
 * Counter-based: the value of an element is a function of the draw's seed and of its index, so the
 * device makes any slice in any order, and an array that a kernel overwrote is made again instead
 * of being kept. That holds for permutations and rows of distinct values too, of any size and
 * without memory: an index goes through a permutation that the seed picks. Generators whose
 * elements depend on each other (see gen_is_structured) are made on the host, by structured.c.
 *
 * A vector's or complex number's lanes are scalars like any others here: `row` scalars are a row.
 */
#ifndef KS_GEN_H
#define KS_GEN_H

#include "runtime/worker/element.h"

enum gen_kind {
    GEN_ZEROS,
    GEN_ONES,
    GEN_CONST,       /* value */
    GEN_IOTA,        /* start, step */
    GEN_NORMAL,      /* mean, sd */
    GEN_UNIFORM,     /* lo, hi */
    GEN_INTEGERS,    /* lo, hi, both possible */
    GEN_BERNOULLI,   /* p */
    GEN_PERMUTATION, /* n */
    GEN_DISTINCT,    /* lo, hi, zipf */
    GEN_OFFSETS,     /* total, spread */
    GEN_SORTED,      /* lo, hi */
    GEN_SIMPLEX,
    GEN_FILE, /* see infile.h */
    GEN_WIDE, /* exponent: between 2^-e and 2^e, either sign; no annotation names it */
    GEN_KINDS
};

struct gen {
    int kind;
    double arg[3];
    uint64_t row; /* of GEN_DISTINCT */
    int any;      /* none was named: it stands for any numbers */
};

KS_BOTH uint64_t gen_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* 64 random bits: number i of the stream `seed` */
KS_BOTH uint64_t gen_bits(uint64_t seed, uint64_t i)
{
    return gen_mix(gen_mix(seed + 0x9e3779b97f4a7c15u) + (i + 1) * 0x9e3779b97f4a7c15u);
}

/* the stream of slice s of what has this seed */
KS_BOTH uint64_t gen_stream(uint64_t seed, uint64_t s)
{
    return gen_mix(seed ^ gen_mix(s + 0x632be59bd9b4e019u));
}

/* uniform in (0, 1), never 0 nor 1 */
KS_BOTH double gen_unit(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) * (1.0 / 4503599627370496.0);
}

/* an integer of lo..hi, each as likely as the others: bits below 2^64 mod span are drawn again */
KS_BOTH int64_t gen_integer(uint64_t bits, int64_t lo, int64_t hi)
{
    uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;

    if (!span)
        return (int64_t)bits;
    if (bits < span)
        while (bits < (0 - span) % span)
            bits = gen_mix(bits + 0x9e3779b97f4a7c15u);
    return (int64_t)((uint64_t)lo + bits % span);
}

/* where i goes in a permutation of 0..n-1 that the seed picks: a Feistel network on the smallest
 * even number of bits that holds n - 1, gone through again while it leads out of the range. At
 * least eight bits, as a network of fewer cannot make all permutations. */
KS_BOTH uint64_t gen_permuted(uint64_t seed, uint64_t i, uint64_t n)
{
    int half = 4;
    uint64_t mask;

    while (half < 32 && (n - 1) >> 2 * half)
        half++;
    mask = ((uint64_t)1 << half) - 1;
    do {
        for (unsigned round = 0; round < 6; round++) {
            uint64_t right = i & mask;

            i = right << half | (i >> half ^ (gen_bits(seed, right << 3 | round) & mask));
        }
    } while (i >= n);
    return i;
}

/* place i of rows of values of lo..hi, no value twice in a row */
KS_BOTH int64_t gen_distinct(uint64_t seed, uint64_t i, uint64_t row, int64_t lo, int64_t hi)
{
    uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;

    return (int64_t)((uint64_t)lo + gen_permuted(gen_stream(seed, i / row), i % row, span));
}

/* between lo and hi, without the overflow that hi - lo may have */
KS_BOTH double gen_between(double lo, double hi, double u)
{
    return fmin(fmax(lo * (1 - u) + hi * u, lo), hi);
}

KS_BOTH double gen_normal(uint64_t seed, uint64_t i, int type)
{
    uint64_t a = gen_bits(seed, 2 * i), b = gen_bits(seed, 2 * i + 1);

    if (type == ELEM_F64)
        return sqrt(-2 * log(gen_unit(a))) * cos(6.283185307179586 * gen_unit(b));
    return (double)(sqrtf(-2 * logf((float)gen_unit(a))) * cosf(6.2831853f * (float)gen_unit(b)));
}

/* fills element i of a slice with a generator of single elements; ELEM_OPAQUE takes zeros only */
KS_BOTH void gen_element(const struct gen *g, void *slice, uint64_t i, int type, int size,
                         uint64_t seed)
{
    double x;

    switch (g->kind) {
    case GEN_ZEROS:
        for (int b = 0; b < size; b++)
            ((uint8_t *)slice)[i * (uint64_t)size + (uint64_t)b] = 0;
        return;
    case GEN_ONES:
        elem_set_int(slice, i, type, size, 1);
        return;
    case GEN_CONST:
        elem_set(slice, i, type, size, g->arg[0]);
        return;
    case GEN_IOTA:
        elem_set(slice, i, type, size, g->arg[0] + g->arg[1] * (double)i);
        return;
    case GEN_NORMAL:
        x = g->arg[0] + g->arg[1] * gen_normal(seed, i, type);
        elem_set(slice, i, type, size, elem_is_float(type) ? x : rint(x));
        return;
    case GEN_UNIFORM:
        x = gen_between(g->arg[0], g->arg[1], gen_unit(gen_bits(seed, i)));
        elem_set(slice, i, type, size, elem_is_float(type) ? x : floor(x));
        return;
    case GEN_INTEGERS:
        elem_set_int(slice, i, type, size,
                     gen_integer(gen_bits(seed, i), (int64_t)g->arg[0], (int64_t)g->arg[1]));
        return;
    case GEN_BERNOULLI:
        elem_set_int(slice, i, type, size, gen_unit(gen_bits(seed, i)) < g->arg[0]);
        return;
    case GEN_WIDE:
        x = exp2(gen_between(-g->arg[0], g->arg[0], gen_unit(gen_bits(seed, i))));
        elem_set(slice, i, type, size, gen_bits(seed, ~i) & 1 ? x : -x);
        return;
    case GEN_PERMUTATION:
        elem_set_int(slice, i, type, size, (int64_t)gen_permuted(seed, i, (uint64_t)g->arg[0]));
        return;
    case GEN_DISTINCT:
        elem_set_int(slice, i, type, size,
                     gen_distinct(seed, i, g->row, (int64_t)g->arg[0], (int64_t)g->arg[1]));
        return;
    }
}

#endif
