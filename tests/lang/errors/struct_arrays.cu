struct Params {
    const float *x;
    float *y;
    int n;
};
#pragma ksearch arg(p = Params{}) launch(grid = cdiv(p.n, 256), block = 256) workload(n = 1024)
__global__ void step(Params p, int n)
{
    p.y[threadIdx.x] = p.x[threadIdx.x];
}
