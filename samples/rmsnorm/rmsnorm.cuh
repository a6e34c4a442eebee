#pragma once
#include <cuda_fp16.h>
#include <cuda_runtime.h>

// y[r] = x[r] / sqrt(mean(x[r]^2) + eps) * w, for rows of d numbers
void rmsnorm(__half *y, const __half *x, const __half *w, float eps, int rows, int d,
             cudaStream_t stream);
