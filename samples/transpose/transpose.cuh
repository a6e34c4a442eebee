#pragma once
#include <cuda_runtime.h>

namespace layout {

// y[j][i] = x[i][j], for a matrix of rows x cols numbers
void run_transpose(const float *x, float *y, int rows, int cols, cudaStream_t stream);

} // namespace layout
