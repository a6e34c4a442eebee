// Powers that are none: they are computed as C++ computes them, and said to be.
constexpr int TILE = 256;
#pragma ksearch inout(x[n]) workload(n = 10^6, 3 * 2^20, 10^3 + 1) test(n = 0xB^6, 10^0x2, (20)^(6))
#pragma ksearch tune(TILE = 2^8, 256) where(TILE <= 10^40, TILE ^ 3)
void f(float *x, int n)
{
}
