/* runtime/worker/kernels.h - what the worker's own kernels work on (kernels.cu).
 *
 * Every kernel takes one struct job and uses the fields it needs. An array has one allocation for
 * all sets: slices of `bytes` bytes, `stride` apart, the gaps between them (and KS_GUARD bytes
 * before the first) filled with a pattern. blockIdx.y counts slices, or gaps, which are one more.
 */
#ifndef KS_KERNELS_H
#define KS_KERNELS_H

#include "runtime/worker/gen.h"
#include "runtime/worker/match.h"

/* Answers are kept sealed: each word is xored with one that follows from a secret of the host's,
 * its slice and its place. So a variant that finds them in memory has found noise, and what it
 * writes there is no answer either. The key comes as a kernel's argument and is in no buffer. */
KS_BOTH uint32_t seal_word(uint64_t stream, uint64_t word)
{
    return (uint32_t)gen_bits(stream, word);
}

/* the bits that cover scalar i of a size of 1, 2, 4 or 8 bytes */
KS_BOTH uint64_t seal_bits(uint64_t stream, uint64_t i, int size)
{
    uint64_t at = i * (uint64_t)size, cover = seal_word(stream, at / 4);

    if (size == 8)
        return cover | (uint64_t)seal_word(stream, at / 4 + 1) << 32;
    return cover >> 8 * (at % 4) & (((uint64_t)1 << 8 * size) - 1);
}

/* what covers the byte at `at` */
KS_BOTH uint8_t seal_byte(uint64_t stream, uint64_t at)
{
    return (uint8_t)(seal_word(stream, at / 4) >> 8 * (at % 4));
}

#define KS_GUARD 65536
#define KS_GUARD_BYTE 0xc5
#define KS_STAMPS 1024 /* multiprocessors that a clock reading has room for */

/* what the kernels count, for each slice of an array; zeroed by the host before */
struct tally {
    uint64_t sum;       /* of all bytes, order included */
    uint64_t bad;       /* elements that do not match */
    uint64_t first_bad; /* ~index of the first; 0 when there is none */
    uint64_t guard;     /* changed bytes in the gap behind the slice (slice 0: before it too) */
    uint64_t
        first_guard; /* ~offset of the first within the gap, KS_BEFORE set in front of slice 0 */
    double squares;  /* of the differences from the expected numbers, where both are finite */
    uint64_t worst;  /* bits of the largest of them, a double that is not negative */
};
#define KS_BEFORE ((uint64_t)1 << 62)

/* the size of the original's numbers in a slice */
struct scale {
    double squares; /* sum of the squares of the finite elements */
    uint64_t finite;
};

struct stamp { /* clocks of one multiprocessor */
    uint64_t cycles, ns;
};

enum { SEALED_FROM = 1, SEALED_TO = 2 };

struct job {
    uint64_t base, stride, bytes, count;
    uint64_t from, from_stride; /* the other operand: source, reference */
    uint64_t tallies, scales;   /* device addresses of the array's, one a slice */
    uint64_t seed;
    uint32_t slices, rotate; /* copy: slice s takes slice (s + rotate) % slices; compare: of the
                                slices from `rotate` on, in a circle */
    int32_t type, size;
    int32_t byte;   /* fill: this byte, or noise when negative */
    int32_t sealed; /* copy: what is on either side, SEALED_... */
    uint64_t seal;  /* of the answers, see seal_bits */
    struct gen gen;
    struct match match;
};

#endif
