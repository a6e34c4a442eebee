// Nine points of a grid.
#pragma ksearch in(x[ny][nx]) out(y[ny][nx]) launch(grid = (cdiv(nx, 32), cdiv(ny, 8)), block = (32, 8))
#pragma ksearch workload(nx = 8192, ny = 8192) test(nx = 31, ny = 9)
__global__ void stencil(const float *x, float *y, int nx, int ny)
{
    int i = blockIdx.x * 32 + threadIdx.x, j = blockIdx.y * 8 + threadIdx.y;
    if (i >= nx || j >= ny)
        return;
    float sum = 0;
    for (int dj = -1; dj <= 1; dj++)
        for (int di = -1; di <= 1; di++) {
            int u = min(max(i + di, 0), nx - 1), v = min(max(j + dj, 0), ny - 1);
            sum += x[(size_t)v * nx + u];
        }
    y[(size_t)j * nx + i] = sum / 9;
}

void run_stencil(const float *x, float *y, int nx, int ny)
{
    stencil<<<dim3((nx + 31) / 32, (ny + 7) / 8), dim3(32, 8)>>>(x, y, nx, ny);
}
