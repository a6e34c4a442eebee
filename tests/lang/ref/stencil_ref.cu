// What example 6 computes, the plain way: a kernel that reads each point's neighbours from memory.
namespace hs_ref {

__global__ void step(float *out, hs::Grid g)
{
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y;
    if (x >= g.nx)
        return;
    int left = x > 0 ? x - 1 : 0, right = x < g.nx - 1 ? x + 1 : x;
    int up = y > 0 ? y - 1 : 0, down = y < g.ny - 1 ? y + 1 : y;
    const float *row = g.t + (size_t)y * g.nx;
    float c = row[x];
    out[(size_t)y * g.nx + x] =
        c + 0.1f * (row[left] + row[right] - 2 * c) +
        0.1f * (g.t[(size_t)up * g.nx + x] + g.t[(size_t)down * g.nx + x] - 2 * c) +
        0.01f * g.p[(size_t)y * g.nx + x];
}

void advance(hs::Grid g, float *next, int n, cudaStream_t stream)
{
    for (int i = 0; i < n; i++) {
        step<<<dim3((g.nx + 255) / 256, g.ny), 256, 0, stream>>>(next, g);
        float *swap = g.t;
        g.t = next;
        next = swap;
    }
}

} // namespace hs_ref
