#pragma ksearch tune(N = 3) where(ROWS > 4) run(k<<<1, 1>>>()) run(inner<<<1, 1>>>())
constexpr int N = 4;
static __global__ void k() {}
namespace a { static __global__ void inner() {} }
