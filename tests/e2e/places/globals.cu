// Device memory of all kinds in reach of an entry; texture and surface objects in a parameter.
#include <cstdio>
constexpr int B = 32;
static __constant__ float weights[4];
__device__ float bias = 1.5f;
__managed__ int calls;
static __device__ int ticket;
__constant__ float scaled[2] = {1, 2};
struct View { cudaTextureObject_t texture; cudaSurfaceObject_t surface; };
void upload(float a) { float w[4] = {a, a, a, a}; cudaMemcpyToSymbol(weights, w, sizeof w); }
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B) setup(upload(2))
__global__ void add(float *x, int n)
{
    if (threadIdx.x == 0) atomicAdd(&calls, 1), ticket += B;
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] += weights[threadIdx.x % 4] * bias + scaled[0];
}
static __global__ void look(View v, float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] += tex1Dfetch<float>(v.texture, threadIdx.x) + weights[0];
}
#pragma ksearch inout(x[n] as float) workload(n = 64) tune(B = 32, 64) call(textured(View{}, x, (int)n)) name(tex)
void textured(View v, float *x, int n) { look<<<(n + B - 1) / B, B>>>(v, x, n); }
int main()
{
    float *x = nullptr;
    upload(1);
    add<<<2, 32>>>(x, 64);
    textured(View{}, x, 64);
    std::printf("%d\n", (int)cudaGetLastError());
}
