// Paged grouped-query decode attention, written as one would first write it: a block for each
// sequence and query head, which walks the whole context.
#include <math_constants.h>
#include "gqa_decode.cuh"

#pragma ksearch begin gqa_decode
constexpr int HQ = 32, HK = 4, D = 128; // query heads, key and value heads, size of a head

static __global__ void decode_kernel(__nv_bfloat16 *out, float *lse, const __nv_bfloat16 *q,
                                     const __nv_bfloat16 *k, const __nv_bfloat16 *v,
                                     const int *indptr, const int *indices, float scale)
{
    const int b = blockIdx.x, h = blockIdx.y, hk = h / (HQ / HK), t = threadIdx.x;
    __shared__ float part[D / 32];
    const float query = __bfloat162float(q[((size_t)b * HQ + h) * D + t]) * scale;
    float m = -CUDART_INF_F, l = 0, o = 0;

    for (int p = indptr[b]; p < indptr[b + 1]; p++) {
        const size_t at = ((size_t)indices[p] * HK + hk) * D + t;
        float s = query * __bfloat162float(k[at]);
        for (int d = 16; d; d >>= 1)
            s += __shfl_xor_sync(~0u, s, d);
        __syncthreads();
        if (t % 32 == 0)
            part[t / 32] = s;
        __syncthreads();
        s = part[0] + part[1] + part[2] + part[3];
        const float most = fmaxf(m, s), keep = __expf(m - most), e = __expf(s - most);
        l = l * keep + e;
        o = o * keep + e * __bfloat162float(v[at]);
        m = most;
    }
    out[((size_t)b * HQ + h) * D + t] = __float2bfloat16(l > 0 ? o / l : 0.f);
    if (t == 0)
        lse[b * HQ + h] = l > 0 ? m + __logf(l) : -CUDART_INF_F;
}

#pragma ksearch let(pages = batch * ctx)
#pragma ksearch in(q[batch][HQ][D], k[pages][HK][D], v[pages][HK][D])
#pragma ksearch in(indptr[batch + 1] = offsets(pages, spread = 0.5), indices[pages] = permutation(pages))
#pragma ksearch arg(scale = 0.08838834764) out(out[batch][HQ][D], lse[batch][HQ])
#pragma ksearch workload(batch = 1, ctx = 1024) workload(batch = 16, 64, ctx = 8192)
#pragma ksearch test(batch = 1, 7, ctx = 1, 17, 300)
#pragma ksearch check(out, rtol = 2e-2, atol = 2e-3) check(lse, rtol = 1e-3, atol = 1e-3)
#pragma ksearch scratch(64M) require(graph) budget(time = 20min, evals = 400)
void gqa_decode(__nv_bfloat16 *out, float *lse, const __nv_bfloat16 *q, const __nv_bfloat16 *k,
                const __nv_bfloat16 *v, const int *indptr, const int *indices, int batch, float scale,
                cudaStream_t stream)
{
    decode_kernel<<<dim3(batch, HQ), D, 0, stream>>>(out, lse, q, k, v, indptr, indices, scale);
}
#pragma ksearch end
