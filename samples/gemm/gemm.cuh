#pragma once
#include <cuda_fp16.h>
#include <cuda_runtime.h>

// C = alpha A B + beta C; A is M x K, B is K x N, C is M x N, row-major
void sgemm(int M, int N, int K, float alpha, const float *A, const float *B, float beta, float *C,
           cudaStream_t s);
void hgemm(int M, int N, int K, __half alpha, const __half *A, const __half *B, __half beta,
           __half *C, cudaStream_t s);
