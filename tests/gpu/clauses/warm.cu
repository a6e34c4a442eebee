// Loads that wait for each other, from 4 MB that any L2 cache of today holds, measured when they are there.
constexpr int BLOCK = 32, STEPS = 64;

#pragma ksearch in(next[n] = permutation(n)) out(last[m]) launch(grid = cdiv(m, BLOCK), block = BLOCK) objective(time, warm)
#pragma ksearch workload(n = 1 << 20, m = 128) test(n = 1000, m = 7) tune(BLOCK = 32, 64)
__global__ void follow(const int *next, int *last, int n, int m)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i >= m)
        return;
    int at = i % n;
    for (int step = 0; step < STEPS; step++)
        at = next[at];
    last[i] = at;
}

void run_follow(const int *next, int *last, int n, int m, cudaStream_t stream)
{
    follow<<<(m + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(next, last, n, m);
}
