#pragma ksearch let(a = ) when() scratch(p[rows]) scratch(q[rows] as struct thing) zero(1)
#pragma ksearch run(k<<<1>>>()) run(k<<1, 2>>()) run(k<<<1, 2>>) run(k<<<(1, 2, 3, 4), 1>>>()) run(k<<<1, 1, 0, 1, 2>>>())
#pragma ksearch tensormap(m = x, (rows, 4), (1)) tensormap(n = x, (1, 2, 3, 4, 5, 6), (1)) tensormap(o = x, (1), (1), 48)
#pragma ksearch launch(grid = 1, block = 1)
#pragma ksearch scratc(p[1] as float)
#pragma ksearch
static __global__ void k() {}
