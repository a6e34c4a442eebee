// Forces of all bodies on each, a thread a body.
#pragma ksearch in(x[n], y[n], z[n]) out(fx[n], fy[n], fz[n]) launch(grid = cdiv(n, 256), block = 256)
#pragma ksearch check(fx, rtol = 1e-2, atol = 1) check(fy, rtol = 1e-2, atol = 1) check(fz, rtol = 1e-2, atol = 1)
#pragma ksearch workload(n = 16384) test(n = 300)
__global__ void forces(const float *x, const float *y, const float *z, float *fx, float *fy, float *fz, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i >= n)
        return;
    float ax = 0, ay = 0, az = 0;
    for (int j = 0; j < n; j++) {
        float dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
        float r = rsqrtf(dx * dx + dy * dy + dz * dz + 0.01f), s = r * r * r;
        ax += dx * s;
        ay += dy * s;
        az += dz * s;
    }
    fx[i] = ax;
    fy[i] = ay;
    fz[i] = az;
}

void run_forces(const float *x, const float *y, const float *z, float *fx, float *fy, float *fz, int n)
{
    forces<<<(n + 255) / 256, 256>>>(x, y, z, fx, fy, fz, n);
}
