// Example 4. Paged grouped-query decode attention. Integer inputs get
// structured generators: offsets() is a CSR row pointer that ends at `pages`,
// permutation() hands out distinct pages. scratch() lets a variant split K.
#include <cuda_bf16.h>
#include <math_constants.h>

namespace attn {
constexpr int HQ = 32, HK = 4, D = 128, PAGE = 16;   // visible to shape expressions
using bf16 = __nv_bfloat16;

#pragma ksearch begin gqa_decode
namespace {
__global__ void decode_kernel(bf16 *out, float *lse, const bf16 *q, const bf16 *kc, const bf16 *vc,
                              const int *indptr, const int *indices, const int *last_len, float scale)
{
    const int b = blockIdx.x, h = blockIdx.y, hk = h / (HQ / HK), t = threadIdx.x;
    __shared__ float qs[D], red[D / 32];
    qs[t] = __bfloat162float(q[((size_t)b * HQ + h) * D + t]) * scale;
    float m = -CUDART_INF_F, l = 0.f, o = 0.f;
    for (int p = indptr[b]; p < indptr[b + 1]; p++) {
        int len = p + 1 == indptr[b + 1] ? last_len[b] : PAGE;
        for (int s = 0; s < len; s++) {
            size_t at = (((size_t)indices[p] * PAGE + s) * HK + hk) * D + t;
            float v = qs[t] * __bfloat162float(kc[at]);
            for (int d = 16; d; d >>= 1)
                v += __shfl_xor_sync(~0u, v, d);
            __syncthreads();
            if (t % 32 == 0)
                red[t / 32] = v;
            __syncthreads();
            float score = red[0] + red[1] + red[2] + red[3], m2 = fmaxf(m, score);
            float keep = __expf(m - m2), e = __expf(score - m2);
            l = l * keep + e;
            o = o * keep + e * __bfloat162float(vc[at]);
            m = m2;
        }
    }
    out[((size_t)b * HQ + h) * D + t] = __float2bfloat16(l > 0 ? o / l : 0.f);
    if (t == 0)
        lse[b * HQ + h] = l > 0 ? m + __logf(l) : -CUDART_INF_F;
}
} // namespace

#pragma ksearch let(pages = batch * cdiv(ctx, PAGE), pool = 2 * pages)
#pragma ksearch in(q[batch][HQ][D], kc[pool][PAGE][HK][D], vc[pool][PAGE][HK][D])
#pragma ksearch in(indptr[batch + 1] = offsets(pages), indices[pages] = permutation(pool))
#pragma ksearch in(last_len[batch] = integers(1, PAGE)) arg(scale = 0.08838834764)
#pragma ksearch out(out[batch][HQ][D], lse[batch][HQ])
#pragma ksearch workload(chat: batch = 1, 16, ctx = 2048, weight = 2) workload(long: batch = 4, ctx = 16384)
#pragma ksearch test(batch = 1, 7, ctx = 1, 17)
#pragma ksearch check(out, rtol = 2e-2, atol = 2e-3) check(lse, rtol = 1e-3, atol = 1e-3)
#pragma ksearch scratch(64M) require(graph) structure("gqa_split.cu") budget(time = 60s)
#pragma ksearch on("H200", sm_100) hint("split the context across blocks and merge partial softmax; one block per KV head")
void gqa_decode(bf16 *out, float *lse, const bf16 *q, const bf16 *kc, const bf16 *vc, const int *indptr,
                const int *indices, const int *last_len, int batch, float scale, cudaStream_t stream)
{
    decode_kernel<<<dim3(batch, HQ), D, 0, stream>>>(out, lse, q, kc, vc, indptr, indices, last_len, scale);
}
#pragma ksearch end
} // namespace attn

#include "gqa_main.cuh"
