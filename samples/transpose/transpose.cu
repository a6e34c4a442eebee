// Matrix transpose through a tile in shared memory. A block of TILE x ROWS threads moves a tile of
// TILE x TILE numbers; the extra column keeps the reads of a column off one bank.
#include "transpose.cuh"

namespace layout {

constexpr int TILE = 32;
constexpr int ROWS = 8;

#pragma ksearch in(x[rows][cols]) out(y[cols][rows])
#pragma ksearch launch(grid = (cdiv(cols, TILE), cdiv(rows, TILE)), block = (TILE, ROWS))
#pragma ksearch workload(rows = 8192, cols = 8192) workload(rows = 2048, cols = 32768)
#pragma ksearch test(rows = 1, 33, cols = 65, 1000)
#pragma ksearch tune(TILE = 16, 32, 64) tune(ROWS = 1, 2, 4, 8, 16, 32)
#pragma ksearch where(TILE % ROWS == 0, TILE * ROWS >= 32, TILE * ROWS <= 1024)
#pragma ksearch budget(time = 1min)
__global__ void transpose(const float *x, float *y, int rows, int cols)
{
    __shared__ float tile[TILE][TILE + 1];
    int col = blockIdx.x * TILE + threadIdx.x, row = blockIdx.y * TILE + threadIdx.y;

    for (int i = 0; i < TILE; i += ROWS)
        if (row + i < rows && col < cols)
            tile[threadIdx.y + i][threadIdx.x] = x[(size_t)(row + i) * cols + col];
    __syncthreads();
    row = blockIdx.y * TILE + threadIdx.x;
    col = blockIdx.x * TILE + threadIdx.y;
    for (int i = 0; i < TILE; i += ROWS)
        if (row < rows && col + i < cols)
            y[(size_t)(col + i) * rows + row] = tile[threadIdx.x][threadIdx.y + i];
}

void run_transpose(const float *x, float *y, int rows, int cols, cudaStream_t stream)
{
    dim3 grid((cols + TILE - 1) / TILE, (rows + TILE - 1) / TILE);
    transpose<<<grid, dim3(TILE, ROWS), 0, stream>>>(x, y, rows, cols);
}

} // namespace layout
