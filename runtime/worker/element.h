/* runtime/worker/element.h - one element of an array, of any type, on the host and on the device.
 *
 * The same code runs in the CUDA kernels that fill and compare, and in the host code that makes
 * index arrays and names wrong elements; so what the tests prove of one holds for the other. */
#ifndef KS_ELEMENT_H
#define KS_ELEMENT_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __CUDACC__
#define KS_BOTH __host__ __device__ static inline
#else
#define KS_BOTH static inline
#endif

/* in the order of ksh::dtype (runtime/include/ksh.cuh). Of what is no scalar but made of scalars of
 * one type (float4, complex<double>, __half2) the harness gives the scalar's type and the size of
 * the whole: an element has as many lanes as fit. */
enum elem_type {
    ELEM_LONG_DOUBLE = -2, /* types that no array may hold; see session.c */
    ELEM_POINTER = -1,
    ELEM_OPAQUE,
    ELEM_F64,
    ELEM_F32,
    ELEM_F16,
    ELEM_BF16,
    ELEM_E4M3,
    ELEM_E5M2,
    ELEM_I64,
    ELEM_U64,
    ELEM_I32,
    ELEM_U32,
    ELEM_I16,
    ELEM_U16,
    ELEM_I8,
    ELEM_U8,
    ELEM_BOOL,
    ELEM_TYPES
};

KS_BOTH int elem_is_float(int type)
{
    return type >= ELEM_F64 && type <= ELEM_E5M2;
}

KS_BOTH int elem_is_signed(int type)
{
    return type == ELEM_I64 || type == ELEM_I32 || type == ELEM_I16 || type == ELEM_I8;
}

/* bytes of a scalar; 0 of opaque ones, which have any */
KS_BOTH int elem_size(int type)
{
    switch (type) {
    case ELEM_F64:
    case ELEM_I64:
    case ELEM_U64:
        return 8;
    case ELEM_F32:
    case ELEM_I32:
    case ELEM_U32:
        return 4;
    case ELEM_F16:
    case ELEM_BF16:
    case ELEM_I16:
    case ELEM_U16:
        return 2;
    case ELEM_OPAQUE:
        return 0;
    }
    return 1;
}

/* the bits of element i, of at most eight bytes, in the low end */
KS_BOTH uint64_t elem_bits(const void *base, uint64_t i, int size)
{
    const uint8_t *p = (const uint8_t *)base + i * (uint64_t)size;

    switch (size) {
    case 1:
        return *p;
    case 2:
        return *(const uint16_t *)(const void *)p;
    case 4:
        return *(const uint32_t *)(const void *)p;
    case 8:
        return *(const uint64_t *)(const void *)p;
    }
    return 0;
}

KS_BOTH void elem_set_bits(void *base, uint64_t i, int size, uint64_t bits)
{
    uint8_t *p = (uint8_t *)base + i * (uint64_t)size;

    switch (size) {
    case 1:
        *p = (uint8_t)bits;
        break;
    case 2:
        *(uint16_t *)(void *)p = (uint16_t)bits;
        break;
    case 4:
        *(uint32_t *)(void *)p = (uint32_t)bits;
        break;
    case 8:
        *(uint64_t *)(void *)p = bits;
        break;
    }
}

KS_BOTH uint32_t float_bits(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

KS_BOTH float bits_float(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* x in a format of 1 sign bit, e exponent bits and m mantissa bits, to the nearest, ties to even.
 * `finite` (e4m3) has no infinity: what is too large becomes the largest number. */
KS_BOTH uint32_t mini_encode(float x, int e, int m, int finite)
{
    uint32_t bits = float_bits(x), sign = bits >> 31 << (e + m), abs = bits & 0x7fffffffu;
    uint32_t infinity = ((1u << e) - 1) << m;
    uint32_t largest = finite ? (1u << (e + m)) - 2 : infinity - 1;
    int exponent = (int)(abs >> 23) - 127 + (1 << (e - 1)) - 1, shift = 23 - m;
    uint32_t mantissa = (abs & 0x7fffffu) | (abs >> 23 ? 0x800000u : 0u);
    uint32_t rounded, rest, half;

    if (abs > 0x7f800000u)
        return sign | (finite ? (1u << (e + m)) - 1 : infinity | 1u << (m - 1));
    if (!(abs >> 23))
        exponent++; /* a denormal float has the exponent of the smallest normal one */
    if (exponent <= 0) {
        shift += 1 - exponent;
        exponent = 1;
        if (shift > 30)
            return sign;
    } else if (!(mantissa & 0x800000u)) {
        exponent = 1;
    }
    rounded = mantissa >> shift;
    rest = mantissa & ((1u << shift) - 1);
    half = 1u << (shift - 1);
    if (rest > half || (rest == half && (rounded & 1)))
        rounded++;
    /* the hidden bit, where there is one, raises the exponent field by one; so does a carry */
    if (exponent > (1 << e))
        rounded = largest + 1;
    else
        rounded += (uint32_t)(exponent - 1) << m;
    if (rounded > largest)
        rounded = finite ? largest : infinity;
    return sign | rounded;
}

KS_BOTH float mini_decode(uint32_t bits, int e, int m, int finite)
{
    uint32_t sign = bits >> (e + m) & 1, abs = bits & ((1u << (e + m)) - 1);
    uint32_t infinity = ((1u << e) - 1) << m, mantissa = abs & ((1u << m) - 1);
    int exponent = (int)(abs >> m), bias = (1 << (e - 1)) - 1;
    float x;

    if (finite ? abs == (1u << (e + m)) - 1 : abs > infinity)
        return bits_float(0x7fc00000u);
    if (!finite && abs == infinity)
        return bits_float(sign << 31 | 0x7f800000u);
    if (exponent)
        x = ldexpf((float)(mantissa | 1u << m), exponent - bias - m);
    else
        x = ldexpf((float)mantissa, 1 - bias - m);
    return sign ? -x : x;
}

/* the value of bits of a type; exact but for 64-bit integers beyond 2^53 */
KS_BOTH double elem_value_of(uint64_t bits, int type)
{
    double d;

    switch (type) {
    case ELEM_F64:
        memcpy(&d, &bits, sizeof d);
        return d;
    case ELEM_F32:
        return bits_float((uint32_t)bits);
    case ELEM_F16:
        return mini_decode((uint32_t)bits, 5, 10, 0);
    case ELEM_BF16:
        return bits_float((uint32_t)bits << 16);
    case ELEM_E4M3:
        return mini_decode((uint32_t)bits, 4, 3, 1);
    case ELEM_E5M2:
        return mini_decode((uint32_t)bits, 5, 2, 0);
    case ELEM_I64:
        return (double)(int64_t)bits;
    case ELEM_I32:
        return (double)(int32_t)bits;
    case ELEM_I16:
        return (double)(int16_t)bits;
    case ELEM_I8:
        return (double)(int8_t)bits;
    }
    return (double)bits;
}

/* the bits of the number x in a floating-point type, rounded to the nearest */
KS_BOTH uint64_t elem_bits_of(double x, int type)
{
    uint64_t bits = 0;

    switch (type) {
    case ELEM_F64:
        memcpy(&bits, &x, sizeof bits);
        break;
    case ELEM_F32:
        return float_bits((float)x);
    case ELEM_F16:
        return mini_encode((float)x, 5, 10, 0);
    case ELEM_BF16:
        return mini_encode((float)x, 8, 7, 0);
    case ELEM_E4M3:
        return mini_encode((float)x, 4, 3, 1);
    case ELEM_E5M2:
        return mini_encode((float)x, 5, 2, 0);
    }
    return bits;
}

/* the largest number of a floating-point type */
KS_BOTH double elem_largest(int type)
{
    switch (type) {
    case ELEM_F64:
        return 1.7976931348623157e308;
    case ELEM_F32:
        return 3.4028234663852886e38;
    case ELEM_F16:
        return 65504;
    case ELEM_BF16:
        return 3.3895313892515355e38;
    case ELEM_E4M3:
        return 448;
    }
    return 57344;
}

/* up to this all integers exist in a floating-point type */
KS_BOTH double elem_exact(int type)
{
    switch (type) {
    case ELEM_F64:
        return 9007199254740992.0;
    case ELEM_F32:
        return 16777216;
    case ELEM_F16:
        return 2048;
    case ELEM_BF16:
        return 256;
    case ELEM_E4M3:
        return 16;
    }
    return 8;
}

/* what may as well be zero: some code flushes denormal floats, some does not. Halves and smaller
 * types have their denormals everywhere, and need them */
KS_BOTH double elem_least(int type)
{
    switch (type) {
    case ELEM_F64:
        return 2.2250738585072014e-308;
    case ELEM_F32:
    case ELEM_BF16:
        return 1.1754943508222875e-38;
    }
    return 0;
}

/* stores a number or an integer as whatever the type is */
KS_BOTH void elem_set(void *base, uint64_t i, int type, int size, double x)
{
    if (elem_is_float(type))
        elem_set_bits(base, i, size, elem_bits_of(x, type));
    else if (type == ELEM_BOOL)
        elem_set_bits(base, i, size, x != 0);
    else if (type == ELEM_U64 && x >= 9223372036854775808.0)
        elem_set_bits(base, i, size, (uint64_t)x);
    else
        elem_set_bits(base, i, size, (uint64_t)(int64_t)x);
}

KS_BOTH void elem_set_int(void *base, uint64_t i, int type, int size, int64_t n)
{
    if (elem_is_float(type))
        elem_set_bits(base, i, size, elem_bits_of((double)n, type));
    else
        elem_set_bits(base, i, size, type == ELEM_BOOL ? n != 0 : (uint64_t)n);
}

#endif
