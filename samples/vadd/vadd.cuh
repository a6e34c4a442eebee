#pragma once
#include <cuda_runtime.h>

// c = a + b
void run_vadd(const float *a, const float *b, float *c, int n, cudaStream_t s);
