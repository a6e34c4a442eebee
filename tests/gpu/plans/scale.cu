// A host entry whose structure has two groups, a workspace that is cleared, clusters, more shared
// memory than a kernel gets unasked, a struct argument and a regime in which the original runs.
#include <cstdio>
#include <vector>

struct Scale {
    float by, plus;
};

static __global__ void scale_one(float *y, const float *x, Scale s, int n)
{
    for (int i = threadIdx.x; i < n; i += blockDim.x)
        y[i] = x[i] * s.by + s.plus;
}

static __global__ void total_one(float *total, const float *x, int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    *total = sum;
}

#pragma ksearch in(x[n]) out(y[n], total[1]) arg(s = Scale{2.f, 0.5f})
#pragma ksearch workload(n = 5000, 100000) test(n = 1, 33, 4096, 70000) check(total, rtol = 1e-3)
#pragma ksearch scratch(1M) structure("scale_plan.cu") budget(time = 30s) require(graph)
void scale(float *y, float *total, const float *x, Scale s, int n, cudaStream_t stream)
{
    scale_one<<<1, 256, 0, stream>>>(y, x, s, n);
    total_one<<<1, 1, 0, stream>>>(total, x, n);
}

int main()
{
    int bad = 0;
    for (int n : {1, 20, 5000, 70000, 100000}) {
        std::vector<float> x(n), y(n);
        float *dx, *dy, *dt, total = 0;
        double want = 0;
        for (int i = 0; i < n; i++) {
            x[i] = (float)(i % 17) / 8;
            want += (double)x[i] * x[i];
        }
        cudaMalloc(&dx, n * sizeof(float)), cudaMalloc(&dy, n * sizeof(float)), cudaMalloc(&dt, sizeof(float));
        cudaMemcpy(dx, x.data(), n * sizeof(float), cudaMemcpyHostToDevice);
        for (int k = 0; k < 3; k++)
            scale(dy, dt, dx, Scale{3.f, 1.f}, n, 0);
        cudaMemcpy(y.data(), dy, n * sizeof(float), cudaMemcpyDeviceToHost);
        cudaMemcpy(&total, dt, sizeof total, cudaMemcpyDeviceToHost);
        for (int i = 0; i < n; i++)
            bad += y[i] != x[i] * 3 + 1;
        bad += !(total >= want * 0.999 && total <= want * 1.001);
    }
    std::printf("%d wrong, %s\n", bad, cudaGetErrorString(cudaGetLastError()));
    return bad != 0;
}
