constexpr int THREADS = 128, PARTS = 8;
#define WIDE (THREADS / 32)
#pragma ksearch tune(THREADS = 64, 128) tune(PARTS = pow2(4, 16)) where(WIDE * PARTS <= 64 || THREADS < 128)
#pragma ksearch let(parts = min(PARTS, cdiv(rows, THREADS)), last = parts - 1) scratch(all[rows] as float)
#pragma ksearch when(rows % 4 == 0 && rows >= gpu.sms) scratch(part[parts][2] as float4, flag[1] as int) zero(y, flag)
#pragma ksearch tensormap(tile = x, (rows, 4), (1, 4), 32) tensormap(own = all, (rows), (1))
#pragma ksearch run(parts_of<<<(parts, 1, ROWS), (THREADS, 1), 4 * THREADS, (1, 1, 1)>>>(part, tile, scale, rows))
#pragma ksearch run(whole<4><<<rows > 7 ? 1 : 2, 32>>>(y, part, flag, last, nullptr, own))
#pragma ksearch when(!(rows & 1)) zero(y) let(half = rows >> 1) run(plain<<<half, WIDE>>>(y, x, -half + gpu.l2 / 1024))
KSEARCH(when(true) run(plain<<<1, 1>>>(y, x, rows)))
static __global__ void parts_of(float4 *part, const __grid_constant__ CUtensorMap tile, float s, int n) {}
template <int N> static __global__ void whole(float *y, const float4 *part, int *flag, long last, const void *none,
    CUtensorMap own) {}
static __global__ void plain(float *y, const float *x, int n) {}
