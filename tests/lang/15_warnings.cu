// What is odd but not wrong: a test that repeats a workload, values that do not fit this GPU.
constexpr int TILE = 256;
#pragma ksearch inout(x[n]) workload(n = 64, 128) test(n = 64, 65) tune(TILE = 128, 256)
#pragma ksearch where(TILE * 1024 <= gpu.smem, TILE <= gpu.l2, TILE < 512)
void f(float *x, int n)
{
}
