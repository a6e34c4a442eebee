#pragma ksearch zero(x) zero(z) zero(nothing) zero(y) run(k<<<1, 1>>>())
static __global__ void k() {}
