#pragma ksearch scratch(p[n] as float4) run(k<<<1, 1>>>(p))
static __global__ void k(float4 *p) {}
