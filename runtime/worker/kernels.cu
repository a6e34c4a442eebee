/* runtime/worker/kernels.cu - filling, poisoning, comparing and the clocks, on the device.
 *
 * All of it is limited by memory and small beside what is measured, so plain grid-stride loops do.
 * Slices begin at multiples of 256 bytes. */
#include "runtime/worker/kernels.h"

static __device__ uint64_t thread_index()
{
    return (uint64_t)blockIdx.x * blockDim.x + threadIdx.x;
}

static __device__ uint64_t thread_stride()
{
    return (uint64_t)gridDim.x * blockDim.x;
}

static __device__ unsigned long long warp_sum(unsigned long long x)
{
    for (int k = 16; k; k >>= 1)
        x += __shfl_xor_sync(0xffffffffu, x, k);
    return x;
}

static __device__ double warp_sum(double x)
{
    for (int k = 16; k; k >>= 1)
        x += __shfl_xor_sync(0xffffffffu, x, k);
    return x;
}

static __device__ unsigned long long warp_max(unsigned long long x)
{
    for (int k = 16; k; k >>= 1) {
        unsigned long long other = __shfl_xor_sync(0xffffffffu, x, k);
        x = other > x ? other : x;
    }
    return x;
}

static __device__ bool is_first_lane()
{
    return threadIdx.x % 32 == 0;
}

static __device__ uint8_t *slice_of(const job &j)
{
    return (uint8_t *)(j.base + blockIdx.y * j.stride);
}

static __device__ tally *tally_of(const job &j, unsigned slice)
{
    return (tally *)j.tallies + slice;
}

static __device__ unsigned long long *atomic(uint64_t *p)
{
    return (unsigned long long *)p;
}

extern "C" __global__ void ks_generate(const job j)
{
    uint8_t *slice = slice_of(j);
    uint64_t seed = gen_stream(j.seed, blockIdx.y);

    for (uint64_t i = thread_index(); i < j.count; i += thread_stride())
        gen_element(&j.gen, slice, i, j.type, j.size, seed);
}

/* bytes, as many as the slice has, from a word for every four */
extern "C" __global__ void ks_fill(const job j)
{
    uint8_t *slice = slice_of(j);
    uint64_t seed = gen_stream(j.seed, blockIdx.y);

    for (uint64_t w = thread_index(); w * 4 < j.bytes; w += thread_stride()) {
        uint32_t word = j.byte < 0 ? (uint32_t)gen_bits(seed, w) : (uint32_t)j.byte * 0x01010101u;
        if (w * 4 + 4 <= j.bytes)
            ((uint32_t *)slice)[w] = word;
        else
            for (uint64_t b = w * 4; b < j.bytes; b++)
                slice[b] = (uint8_t)(word >> 8 * (b % 4));
    }
}

extern "C" __global__ void ks_copy(const job j)
{
    uint8_t *to = slice_of(j);
    unsigned source = (blockIdx.y + j.rotate) % j.slices;
    const uint8_t *from = (const uint8_t *)(j.from + source * j.from_stride);
    uint64_t stream = gen_stream(j.seal, j.sealed == SEALED_FROM ? source : blockIdx.y);

    for (uint64_t w = thread_index(); w * 4 < j.bytes; w += thread_stride()) {
        uint32_t cover = j.sealed ? seal_word(stream, w) : 0;
        if (w * 4 + 4 <= j.bytes)
            ((uint32_t *)to)[w] = ((const uint32_t *)from)[w] ^ cover;
        else
            for (uint64_t b = w * 4; b < j.bytes; b++)
                to[b] = (uint8_t)(from[b] ^ cover >> 8 * (b % 4));
    }
}

/* half of the numbers become their neighbours towards zero: as good an input as the one before, and
 * within every range that it was drawn from */
extern "C" __global__ void ks_nudge(const job j)
{
    uint8_t *slice = slice_of(j);
    uint64_t seed = gen_stream(j.seed, blockIdx.y);

    for (uint64_t i = thread_index(); i < j.count; i += thread_stride()) {
        uint64_t bits = elem_bits(slice, i, j.size), sign = (uint64_t)1 << (j.size * 8 - 1);
        if ((bits & (sign - 1)) && isfinite(elem_value_of(bits, j.type)) && gen_bits(seed, i) & 1)
            elem_set_bits(slice, i, j.size, bits - 1);
    }
}

/* gap g lies before slice g; gap 0 has KS_GUARD bytes, the last one ends with the allocation */
static __device__ uint8_t *gap_of(const job &j, uint64_t *length)
{
    uint64_t g = blockIdx.y;

    *length = g ? j.stride - j.bytes : KS_GUARD;
    return (uint8_t *)(g ? j.base + (g - 1) * j.stride + j.bytes : j.base - KS_GUARD);
}

static __device__ void guard_hit(const job &j, uint64_t offset)
{
    tally *t = tally_of(j, blockIdx.y ? blockIdx.y - 1 : 0);

    atomicAdd(atomic(&t->guard), 1ull);
    atomicMax(atomic(&t->first_guard), ~(blockIdx.y ? offset : offset | KS_BEFORE));
}

static __device__ void guard_check_bytes(const job &j, const uint8_t *gap, uint64_t from,
                                         uint64_t to)
{
    for (uint64_t b = from; b < to; b++)
        if (gap[b] != KS_GUARD_BYTE)
            guard_hit(j, b);
}

extern "C" __global__ void ks_guard_check(const job j)
{
    uint64_t length;
    uint8_t *gap = gap_of(j, &length);
    uint64_t head = (0 - (uint64_t)gap) & 3, words = (length - head) / 4;
    const uint32_t *word = (const uint32_t *)(gap + head);

    if (thread_index() == 0)
        guard_check_bytes(j, gap, 0, head);
    for (uint64_t w = thread_index(); w < words; w += thread_stride())
        if (word[w] != KS_GUARD_BYTE * 0x01010101u)
            guard_check_bytes(j, gap, head + w * 4, head + w * 4 + 4);
}

extern "C" __global__ void ks_guard_set(const job j)
{
    uint64_t length;
    uint8_t *gap = gap_of(j, &length);

    for (uint64_t b = thread_index(); b < length; b += thread_stride())
        gap[b] = KS_GUARD_BYTE;
}

static __device__ uint64_t sum_chunk(uint64_t place, uint64_t low, uint64_t high)
{
    return gen_mix(gen_bits(low, place) ^ high);
}

extern "C" __global__ void ks_sum(const job j)
{
    const uint8_t *slice = slice_of(j);
    unsigned long long sum = 0;

    for (uint64_t c = thread_index(); c < j.bytes / 16; c += thread_stride()) {
        uint4 v = ((const uint4 *)slice)[c];
        sum += sum_chunk(c, v.x | (uint64_t)v.y << 32, v.z | (uint64_t)v.w << 32);
    }
    if (thread_index() == 0 && j.bytes % 16) {
        uint64_t low = 0, high = 0, at = j.bytes / 16 * 16;
        for (uint64_t b = at; b < j.bytes; b++)
            *(b < at + 8 ? &low : &high) |= (uint64_t)slice[b] << 8 * (b % 8);
        sum += sum_chunk(j.bytes / 16, low, high);
    }
    sum = warp_sum(sum);
    if (is_first_lane())
        atomicAdd(atomic(&tally_of(j, blockIdx.y)->sum), sum);
}

/* counts what is no multiple of gen.arg[0], or so large a one that sums may have been rounded */
extern "C" __global__ void ks_lattice(const job j)
{
    const uint8_t *slice = slice_of(j);
    double quantum = j.gen.arg[0], most = elem_exact(j.type) / 2;
    unsigned long long off = 0;

    for (uint64_t i = thread_index(); i < j.count; i += thread_stride()) {
        double x = elem_value_of(elem_bits(slice, i, j.size), j.type) / quantum;
        off += !(fabs(x) <= most) || x != rint(x);
    }
    off = warp_sum(off);
    if (is_first_lane() && off)
        atomicAdd(atomic(&tally_of(j, blockIdx.y)->bad), off);
}

extern "C" __global__ void ks_scale(const job j)
{
    const uint8_t *slice = slice_of(j);
    scale *s = (scale *)j.scales + blockIdx.y;
    double squares = 0;
    unsigned long long finite = 0;

    for (uint64_t i = thread_index(); i < j.count; i += thread_stride()) {
        double x = elem_value_of(elem_bits(slice, i, j.size), j.type);
        if (isfinite(x)) {
            squares += x * x;
            finite++;
        }
    }
    squares = warp_sum(squares);
    finite = warp_sum(finite);
    if (is_first_lane()) {
        atomicAdd(&s->squares, squares);
        atomicAdd(atomic(&s->finite), finite);
    }
}

/* compares one element with what is expected; adds its error to the sums where both are numbers */
static __device__ bool compare_one(const job &j, const uint8_t *got, const uint8_t *expected,
                                   uint64_t stream, uint64_t i, double rms, double *squares,
                                   double *worst)
{
    uint64_t g, e;

    if (j.type == ELEM_OPAQUE) {
        for (uint64_t b = i * j.size; b < (i + 1) * j.size; b++)
            if (got[b] != (uint8_t)(expected[b] ^ seal_byte(stream, b)))
                return false;
        return true;
    }
    g = elem_bits(got, i, j.size);
    e = elem_bits(expected, i, j.size) ^ seal_bits(stream, i, j.size);
    if (g != e && elem_is_float(j.type)) {
        double off = fabs(elem_value_of(g, j.type) - elem_value_of(e, j.type));
        if (isfinite(off)) {
            *squares += off * off;
            *worst = fmax(*worst, off);
        }
    }
    return match_bits(&j.match, g, e, j.type, j.size, rms);
}

static __device__ uint64_t double_bits(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* whether n elements from `first` on fill eight bytes that are just as expected: that is seen sooner
 * than element by element, and is so of most */
static __device__ bool compare_same(const job &j, const uint8_t *got, const uint8_t *expected,
                                    uint64_t stream, uint64_t first, uint64_t n)
{
    uint64_t at = first * (uint64_t)j.size / 8;

    return n * (uint64_t)j.size == 8 &&
           ((const uint64_t *)got)[at] ==
               (((const uint64_t *)expected)[at] ^ seal_bits(stream, at, 8));
}

extern "C" __global__ void ks_compare(const job j)
{
    unsigned slice = (blockIdx.y + j.rotate) % j.slices;
    const uint8_t *got = (const uint8_t *)(j.base + slice * j.stride);
    const uint8_t *expected = (const uint8_t *)(j.from + slice * j.from_stride);
    const scale *s = (const scale *)j.scales + slice;
    tally *t = tally_of(j, slice);
    uint64_t stream = gen_stream(j.seal, slice);
    uint64_t together = j.type == ELEM_OPAQUE ? 1 : 8 / (uint64_t)j.size;
    double rms = s->finite ? sqrt(s->squares / (double)s->finite) : 0, squares = 0, worst = 0;
    unsigned long long bad = 0, first = ~0ull, worst_bits;

    for (uint64_t c = thread_index(); c * together < j.count; c += thread_stride()) {
        uint64_t from = c * together, left = j.count - from, n = left < together ? left : together;
        if (compare_same(j, got, expected, stream, from, n))
            continue;
        for (uint64_t i = from; i < from + n; i++)
            if (!compare_one(j, got, expected, stream, i, rms, &squares, &worst)) {
                first = bad ? first : i;
                bad++;
            }
    }
    /* an atomic a warp: one a thread would take ten times as long as all else here */
    bad = warp_sum(bad);
    squares = warp_sum(squares);
    first = warp_max(~first);
    worst_bits = warp_max(double_bits(worst));
    if (!is_first_lane())
        return;
    if (bad) {
        atomicAdd(atomic(&t->bad), bad);
        atomicMax(atomic(&t->first_bad), first);
    }
    if (worst_bits)
        atomicMax(atomic(&t->worst), worst_bits);
    if (squares > 0)
        atomicAdd(&t->squares, squares);
}

/* reads a buffer larger than the L2 cache, so that nothing of before is left in it, and no written
 * line either, whose way to memory would be charged to what is timed next */
extern "C" __global__ void ks_flush(const job j)
{
    const uint4 *from = (const uint4 *)j.base;
    uint32_t x = 0;

    for (uint64_t i = thread_index(); i < j.bytes / 16; i += thread_stride()) {
        uint4 v = from[i];
        x |= v.x | v.y | v.z | v.w;
    }
    if (x) /* the buffer is all zeros: never, but the compiler does not know */
        *(uint32_t *)j.from = x;
}

/* the clocks of every multiprocessor that a block of ours lands on */
extern "C" __global__ void ks_stamp(const job j)
{
    unsigned sm;
    ulonglong2 now;

    if (threadIdx.x)
        return;
    asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
    now.x = clock64();
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now.y));
    if (sm < KS_STAMPS)
        ((ulonglong2 *)j.base)[sm] = now;
}

/* holds the stream until the host writes `count` to the word at `base`, at most `bytes` ns; when that
 * time is up, says so in the word at `from`. So work queued behind it starts without a gap, and a
 * queue that is full is no deadlock. */
extern "C" __global__ void ks_block(const job j)
{
    volatile uint32_t *go = (volatile uint32_t *)j.base;
    uint64_t begin, now;

    if (threadIdx.x)
        return;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(begin));
    while (*go != (uint32_t)j.count) {
        asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
        if (now - begin > j.bytes) {
            *(volatile uint32_t *)j.from = (uint32_t)j.count;
            __threadfence_system();
            return;
        }
    }
}

#include "runtime/worker/peaks.cuh"
