// Paged grouped-query decode with the context split over blocks. A block takes one KV head of one
// sequence and a part of its pages, for all query heads that share the KV head, so every key and
// value is read once; a second kernel merges the parts by their maxima and sums.
#include <cuda_bf16.h>

constexpr int WAVES = 2; // blocks for each multiprocessor
constexpr int WARPS = 4; // of a block; each takes every WARPS-th token
constexpr int GROUP = HQ / HK, LANE = D / 32;

#pragma ksearch tune(WAVES = 1, 2, 4) tune(WARPS = 2, 4, 8)
#pragma ksearch let(splits = max(1, min(256, cdiv(gpu.sms * WAVES, batch * HK))))
#pragma ksearch scratch(part[batch * splits][HQ][D] as float, sums[batch * splits][HQ] as float2)
#pragma ksearch run(split<<<(splits, HK, batch), 32 * WARPS>>>(part, sums, q, kc, vc, indptr, indices, last_len, scale))
#pragma ksearch run(merge<D><<<(HQ, batch), D>>>(out, lse, part, sums, splits))

static __device__ float4 load4(const bf16 *p)
{
    const uint2 bits = *reinterpret_cast<const uint2 *>(p);
    return make_float4(__uint_as_float(bits.x << 16), __uint_as_float(bits.x & 0xffff0000u),
                       __uint_as_float(bits.y << 16), __uint_as_float(bits.y & 0xffff0000u));
}

static __global__ void __launch_bounds__(32 * WARPS)
split(float *part, float2 *sums, const bf16 *q, const bf16 *kc, const bf16 *vc, const int *indptr,
      const int *indices, const int *last_len, float scale)
{
    static_assert(LANE == 4, "a lane holds four of a head's elements");
    const int s = blockIdx.x, hk = blockIdx.y, b = blockIdx.z, splits = gridDim.x;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int first = indptr[b], pages = indptr[b + 1] - first;
    const int from = (int)((long long)pages * s / splits), to = (int)((long long)pages * (s + 1) / splits);
    const int tokens = to == pages ? (to - from - 1) * PAGE + last_len[b] : (to - from) * PAGE;
    float4 query[GROUP], o[GROUP];
    float m[GROUP], l[GROUP];
    __shared__ float4 os[WARPS][GROUP][32];
    __shared__ float2 ml[WARPS][GROUP];

    for (int g = 0; g < GROUP; g++) {
        query[g] = load4(q + ((size_t)b * HQ + hk * GROUP + g) * D + lane * 4);
        o[g] = make_float4(0, 0, 0, 0);
        m[g] = -CUDART_INF_F;
        l[g] = 0;
    }
    for (int t = warp; from < to && t < tokens; t += WARPS) {
        const size_t at = (((size_t)indices[first + from + t / PAGE] * PAGE + t % PAGE) * HK + hk) * D + lane * 4;
        const float4 k = load4(kc + at), v = load4(vc + at);
#pragma unroll
        for (int g = 0; g < GROUP; g++) {
            float x = query[g].x * k.x + query[g].y * k.y + query[g].z * k.z + query[g].w * k.w;
            for (int d = 16; d; d >>= 1)
                x += __shfl_xor_sync(~0u, x, d);
            x *= scale;
            const float m2 = fmaxf(m[g], x), keep = __expf(m[g] - m2), e = __expf(x - m2);
            l[g] = l[g] * keep + e;
            o[g].x = o[g].x * keep + e * v.x, o[g].y = o[g].y * keep + e * v.y;
            o[g].z = o[g].z * keep + e * v.z, o[g].w = o[g].w * keep + e * v.w;
            m[g] = m2;
        }
    }
    for (int g = 0; g < GROUP; g++) {
        os[warp][g][lane] = o[g];
        if (lane == 0)
            ml[warp][g] = make_float2(m[g], l[g]);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < GROUP * 32; i += 32 * WARPS) {
        const int g = i / 32, d = i % 32;
        const size_t to_at = ((size_t)b * splits + s) * HQ + hk * GROUP + g;
        float best = -CUDART_INF_F, sum = 0;
        float4 acc = make_float4(0, 0, 0, 0);
        for (int w = 0; w < WARPS; w++)
            best = fmaxf(best, ml[w][g].x);
        for (int w = 0; w < WARPS && best > -CUDART_INF_F; w++) {
            const float keep = __expf(ml[w][g].x - best);
            const float4 part4 = os[w][g][d];
            sum += ml[w][g].y * keep;
            acc.x += part4.x * keep, acc.y += part4.y * keep, acc.z += part4.z * keep, acc.w += part4.w * keep;
        }
        reinterpret_cast<float4 *>(part)[to_at * 32 + d] = acc;
        if (d == 0)
            sums[to_at] = make_float2(best, sum);
    }
}

template <int N>
__global__ void merge(bf16 *out, float *lse, const float *part, const float2 *sums, int splits)
{
    const int h = blockIdx.x, b = blockIdx.y, d = threadIdx.x;
    float best = -CUDART_INF_F, sum = 0, acc = 0;

    for (int s = 0; s < splits; s++)
        best = fmaxf(best, sums[((size_t)b * splits + s) * HQ + h].x);
    for (int s = 0; s < splits && best > -CUDART_INF_F; s++) {
        const size_t at = ((size_t)b * splits + s) * HQ + h;
        const float keep = __expf(sums[at].x - best);
        sum += sums[at].y * keep;
        acc += part[at * N + d] * keep;
    }
    out[((size_t)b * HQ + h) * N + d] = __float2bfloat16(sum > 0 ? acc / sum : 0.f);
    if (d == 0)
        lse[b * HQ + h] = sum > 0 ? best + __logf(sum) : -CUDART_INF_F;
}
