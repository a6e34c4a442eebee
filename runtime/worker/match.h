/* runtime/worker/match.h - whether one element of an output is right.
 *
 * Against the original's element e, g passes when |g - e| <= atol * s + rtol * |e|, s being the
 * root mean square of the original's output: an absolute tolerance that knows how large the numbers
 * are. What is below the type's normal numbers counts as nothing, as it may be flushed. A NaN
 * passes only for a NaN, an infinity only for the same one; where one stands among the inputs, also
 * for another, as it is a matter of the order whether inf - inf comes up. */
#ifndef KS_MATCH_H
#define KS_MATCH_H

#include "runtime/worker/element.h"

struct match {
    int exact;  /* bits; always so for integers and opaque types */
    double ulp; /* >= 0: units in the last place, instead of the tolerances */
    double rtol, atol;
    double bad; /* fraction of the elements that may miss */
    int loose;  /* what is no number passes for anything else that is none */
};

/* the place of a floating-point number among all of its type: neighbours differ by 1 */
KS_BOTH int64_t match_rank(uint64_t bits, int size)
{
    uint64_t sign = (uint64_t)1 << (size * 8 - 1);

    return bits & sign ? -(int64_t)(bits & (sign - 1)) : (int64_t)bits;
}

KS_BOTH int match_numbers(double got, double expected, double tolerance)
{
    if (isnan(got) || isnan(expected))
        return isnan(got) && isnan(expected);
    if (isinf(got) || isinf(expected))
        return got == expected;
    return fabs(got - expected) <= tolerance;
}

/* a scalar, by its bits */
KS_BOTH int match_bits(const struct match *m, uint64_t g, uint64_t e, int type, int size,
                       double rms)
{
    double a, b;

    if (g == e)
        return 1;
    if (m->exact || !elem_is_float(type))
        return 0;
    a = elem_value_of(g, type);
    b = elem_value_of(e, type);
    if (m->loose && !isfinite(a) && !isfinite(b))
        return 1;
    if (m->ulp >= 0 && !isnan(a) && !isnan(b) && !isinf(a) && !isinf(b))
        return fabs((double)match_rank(g, size) - (double)match_rank(e, size)) <= m->ulp;
    return match_numbers(a, b, m->atol * rms + m->rtol * fabs(b) + elem_least(type));
}

KS_BOTH int match_element(const struct match *m, const void *got, const void *expected, uint64_t i,
                          int type, int size, double rms)
{
    if (type == ELEM_OPAQUE) {
        const uint8_t *p = (const uint8_t *)got + i * (uint64_t)size;
        const uint8_t *q = (const uint8_t *)expected + i * (uint64_t)size;

        for (int k = 0; k < size; k++)
            if (p[k] != q[k])
                return 0;
        return 1;
    }
    return match_bits(m, elem_bits(got, i, size), elem_bits(expected, i, size), type, size, rms);
}

#endif
