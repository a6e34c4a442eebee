#pragma ksearch scratch(part[rows] as float) tensormap(m = x, (rows, 4), (1, 4))
#pragma ksearch run(k<<<rows, 32>>>(rows, x, y)) run(k<<<rows, 32>>>(part, m, scale)) run(k<<<rows, 32>>>(y, x))
#pragma ksearch run(none<<<1, 1>>>()) run(host<<<1, 1>>>()) run(t<<<1, 1>>>(y)) run(twice<<<1, 1>>>())
#pragma ksearch run(half<<<1, 1>>>(scale, m)) run(k<<<1, 1>>>(nullptr, nullptr, nullptr))
static __global__ void k(float *y, const float *x, int n) {}
static __global__ void half(double s, int n) {}
static void host() {}
template <int N> static __global__ void t(float *y) {}
static __global__ void twice() {}
static __global__ void twice(int) {}
