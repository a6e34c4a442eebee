// bool and 64-bit integers, through an index that is a permutation. With BLOCK = 64 one integer is off by one.
constexpr int BLOCK = 128;
#pragma ksearch in(flag[n] = bernoulli(0.25), value[n] = integers(-(1LL << 52), 1LL << 52), at[n] = permutation(n))
#pragma ksearch out(is_set[n], sum[n]) workload(n = 1 << 18) test(n = 0, 1, 1003) tune(BLOCK = 64, 128, 256)
#pragma ksearch launch(grid = cdiv(n, BLOCK), block = BLOCK)
__global__ void flags(const bool *flag, const long long *value, const unsigned *at, bool *is_set, long long *sum, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n) {
        is_set[i] = !flag[at[i]];
        sum[i] = value[at[i]] + 3 + (BLOCK == 64 && i == 0);
    }
}
void run(const bool *flag, const long long *value, const unsigned *at, bool *is_set, long long *sum, int n)
{
    flags<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(flag, value, at, is_set, sum, n);
}
