#pragma once
#include <cuda_bf16.h>
#include <cuda_runtime.h>

// One token of every sequence attends to all tokens that came before it. Keys and values lie in
// pages of one token; the pages of sequence b are indices[indptr[b]] .. indices[indptr[b + 1] - 1].
// q and out are [batch][32 heads][128], k and v [page][4 heads][128], lse [batch][32].
void gqa_decode(__nv_bfloat16 *out, float *lse, const __nv_bfloat16 *q, const __nv_bfloat16 *k,
                const __nv_bfloat16 *v, const int *indptr, const int *indices, int batch, float scale,
                cudaStream_t stream);
