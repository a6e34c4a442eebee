// on(...) limits its line to GPUs, and there overrides the same clause of the other lines.
enum { UNROLL = 4, WIDTH };
#define ROWS (UNROLL * 2) // a macro made of an enumerator
static const int STAGES = WIDTH - 1;

#pragma ksearch in(x[n][d], skip[n] = bernoulli(0.5)) inout(y[n] = uniform(lo = -1, hi = 1))
#pragma ksearch workload(n = 4096, 1 << 20, d = 64) test(n = 1, 7, d = 64)
#pragma ksearch tune(UNROLL = range(1, 8)) tune(STAGES = range(2, 6, 2)) tune(ROWS = 4, 8, 16)
#pragma ksearch where(ROWS * STAGES <= 64, UNROLL > 3 ? STAGES > 2 : true)
#pragma ksearch launch(grid = (cdiv(n, ROWS) + 1) / 2, block = (32, ROWS), cluster = (2), smem = ROWS * 64)
#pragma ksearch hint("everywhere") require(graph, smem <= 96K) require(smem <= 48K, regs <= 128)
#pragma ksearch check(y, ulp = 2, bad = 0.01, by = near::enough) objective(time, p50, warm)
#pragma ksearch on(sm_80, sm_90a) tune(UNROLL = 4, 8) hint("on sm_80 and sm_90") budget(evals = 10)
#pragma ksearch on("h200") in(x[n][d] = normal(0, 2)) hint("on an H200 only")
__global__ void reduce(const float *__restrict__ x, const bool *skip, float y[], int n, int d)
{
}
