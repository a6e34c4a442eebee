// tests/gpu/capture/nbody.cu - all-pairs gravitation, as a CUDA sample would have it: tiles of bodies in
// shared memory, two buffers of positions that change places each step.
#include <cmath>
#include <utility>
#include <vector>
#include "check.cuh"

constexpr int BLOCK = 256;
constexpr float SOFTENING = 0.01f;

__global__ void integrate(float4 *newPos, const float4 *oldPos, float4 *vel, float dt, float damping, int n)
{
    __shared__ float4 tile[BLOCK];
    int i = blockIdx.x * BLOCK + threadIdx.x;
    float4 p = i < n ? oldPos[i] : make_float4(0, 0, 0, 0);
    float ax = 0, ay = 0, az = 0;

    for (int first = 0; first < n; first += BLOCK) {
        int k = first + threadIdx.x;
        tile[threadIdx.x] = k < n ? oldPos[k] : make_float4(0, 0, 0, 0);
        __syncthreads();
#pragma unroll 8
        for (int j = 0; j < BLOCK; j++) {
            float4 q = tile[j];
            float x = q.x - p.x, y = q.y - p.y, z = q.z - p.z;
            float r = rsqrtf(x * x + y * y + z * z + SOFTENING), s = q.w * r * r * r;
            ax += x * s;
            ay += y * s;
            az += z * s;
        }
        __syncthreads();
    }
    if (i < n) {
        float4 v = vel[i];
        v.x = (v.x + ax * dt) * damping;
        v.y = (v.y + ay * dt) * damping;
        v.z = (v.z + az * dt) * damping;
        vel[i] = v;
        newPos[i] = make_float4(p.x + v.x * dt, p.y + v.y * dt, p.z + v.z * dt, p.w);
    }
}

// one body of the first step
static bool check(const std::vector<float4> &pos, int i, float4 got, float dt, float damping)
{
    double a[3] = {}, p[3] = {pos[i].x, pos[i].y, pos[i].z}, g[3] = {got.x, got.y, got.z};
    for (const float4 &q : pos) {
        double d[3] = {q.x - p[0], q.y - p[1], q.z - p[2]};
        double r = 1 / sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + SOFTENING);
        for (int k = 0; k < 3; k++)
            a[k] += d[k] * q.w * r * r * r;
    }
    for (int k = 0; k < 3; k++)
        if (fabs(p[k] + a[k] * dt * damping * dt - g[k]) > 1e-3)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    const int n = argc > 1 ? atoi(argv[1]) : 8000, steps = 5;
    const float dt = 0.01f, damping = 0.995f;
    std::vector<float4> pos(n), after(n);
    float4 *oldPos, *newPos, *vel;
    bool passed = true;

    srand(1);
    for (float4 &p : pos)
        p = make_float4(rand() / (float)RAND_MAX, rand() / (float)RAND_MAX, rand() / (float)RAND_MAX, 1.0f / n);
    CHECK(cudaMalloc(&oldPos, n * sizeof(float4)));
    CHECK(cudaMalloc(&newPos, n * sizeof(float4)));
    CHECK(cudaMalloc(&vel, n * sizeof(float4)));
    CHECK(cudaMemcpy(oldPos, pos.data(), n * sizeof(float4), cudaMemcpyHostToDevice));
    CHECK(cudaMemset(vel, 0, n * sizeof(float4)));
    for (int step = 0; step < steps; step++) {
        integrate<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(newPos, oldPos, vel, dt, damping, n);
        CHECK(cudaGetLastError());
        if (step == 0) {
            CHECK(cudaMemcpy(after.data(), newPos, n * sizeof(float4), cudaMemcpyDeviceToHost));
            for (int i = 0; i < n; i += 97)
                passed = passed && check(pos, i, after[i], dt, damping);
        }
        std::swap(oldPos, newPos);
    }
    CHECK(cudaDeviceSynchronize());
    return verdict(passed);
}
