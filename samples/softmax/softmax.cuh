#pragma once
#include <cuda_runtime.h>

// y[r] = exp(x[r]) / sum(exp(x[r])), for rows of cols numbers
void softmax(const float *x, float *y, int rows, int cols, cudaStream_t stream);
