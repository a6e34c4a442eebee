// every statement of a plan once
constexpr int THREADS = 128;

#pragma ksearch tune(THREADS = 64, 128) where(THREADS < 256) let(blocks = min(cdiv(n, THREADS), 64), last = blocks - 1)
#pragma ksearch when(n % 4 == 0 && n >= gpu.sms) scratch(part[blocks] as float, flag[1] as int) zero(y, flag)
#pragma ksearch tensormap(tile = x, (1, n), (1, 64), 128)
#pragma ksearch run(parts<<<(blocks, 1, 1), THREADS, 4 * THREADS, 1>>>(part, tile, n))
#pragma ksearch run(whole<4><<<1, 32>>>(y, part, flag, last, nullptr))
#pragma ksearch when(true) run(plain<<<1, 1>>>(y, x, n))

static __global__ void parts(float *part, const __grid_constant__ CUtensorMap tile, int n) {}
template <int N> static __global__ void whole(float *y, const float *part, int *flag, int last, const void *none) {}
static __global__ void plain(float *y, const float *x, int n) {}
