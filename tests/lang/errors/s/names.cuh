// what a plan's expressions may not name
constexpr int N = 4;
#pragma ksearch tune(N = 2, 4)
#pragma ksearch let(a = ctx, b = rows + nothing, c = x, d = scale, rows = 1) let(N = 2)
#pragma ksearch scratch(part[rows] as float) let(e = part + 1, g = e / 0)
#pragma ksearch run(k<<<rows, 32>>>(y, x, rows))
static __global__ void k(float *y, const float *x, int n) {}
