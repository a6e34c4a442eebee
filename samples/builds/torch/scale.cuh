#pragma once
#include <cuda_runtime.h>

// y = by * x, of n numbers
void scale(float *y, const float *x, float by, int n, cudaStream_t stream);
