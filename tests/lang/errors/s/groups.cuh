#pragma ksearch let(a = 2) zero(y)
#pragma ksearch when(true) run(k<<<1, 1>>>())
#pragma ksearch when(a > 1)
static __global__ void k() {}
