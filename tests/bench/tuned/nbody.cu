// Forces between all of n bodies: BLOCK threads with ITEMS bodies each, over tiles of BLOCK others, in
// shared memory or not, UNROLL at a time.
constexpr int BLOCK = 256;
constexpr int ITEMS = 1;
constexpr int UNROLL = 1;
constexpr int SHARED = 1;
constexpr int FAST = 0;

#pragma ksearch in(body[n]) out(force[n])
#pragma ksearch launch(grid = cdiv(n, BLOCK * ITEMS), block = BLOCK)
#pragma ksearch workload(n = 65536) test(n = 257)
#pragma ksearch tune(BLOCK = 32, 64, 128, 192, 256, 384, 512, 1024) tune(ITEMS = 1, 2, 3, 4)
#pragma ksearch tune(UNROLL = 1, 2, 4, 8, 16, 32) tune(SHARED = 0, 1) tune(FAST = 0, 1)
#pragma ksearch check(force, rtol = 1e-3, atol = 1e-4)
extern "C" __global__ void __launch_bounds__(BLOCK)
nbody(float4 *force, const float4 *__restrict__ body, int n)
{
    __shared__ float4 tile[SHARED ? BLOCK : 1];
    const int first = blockIdx.x * BLOCK * ITEMS + threadIdx.x;
    float4 own[ITEMS], sum[ITEMS];

    for (int i = 0; i < ITEMS; i++) {
        own[i] = first + i * BLOCK < n ? body[first + i * BLOCK] : make_float4(0, 0, 0, 0);
        sum[i] = make_float4(0, 0, 0, 0);
    }
    for (int start = 0; start < n; start += BLOCK) {
        const int many = n - start < BLOCK ? n - start : BLOCK;
        if (SHARED) {
            __syncthreads();
            tile[threadIdx.x] = (int)threadIdx.x < many ? body[start + threadIdx.x] : make_float4(0, 0, 0, 0);
            __syncthreads();
        }
#pragma unroll UNROLL
        for (int k = 0; k < many; k++) {
            const float4 other = SHARED ? tile[k] : body[start + k];
            for (int i = 0; i < ITEMS; i++) {
                const float x = other.x - own[i].x, y = other.y - own[i].y, z = other.z - own[i].z;
                const float d = x * x + y * y + z * z + 1e-2f;
                const float r = FAST ? rsqrtf(d) : 1.f / sqrtf(d), f = other.w * r * r * r;
                sum[i].x += f * x, sum[i].y += f * y, sum[i].z += f * z;
            }
        }
    }
    for (int i = 0; i < ITEMS; i++)
        if (first + i * BLOCK < n)
            force[first + i * BLOCK] = sum[i];
}
