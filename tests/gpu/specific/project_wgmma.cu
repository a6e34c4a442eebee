// 64 rows a block, by the tensor cores of a warpgroup: wgmma takes both operands from shared memory.
constexpr int DEPTH = 64; // of a tile

#pragma ksearch tune(DEPTH = 32, 64, 128) when(k % DEPTH == 0) run(project_tiles<<<cdiv(rows, 64), 128>>>(c, a, b, rows, k))

// The descriptor of an operand in blocks of 8 rows of 16 bytes, not swizzled: bytes to the next block along k, and
// to that of the next 8 rows.
static __device__ unsigned long long operand(const uint4 *at, unsigned along, unsigned across)
{
    return (__cvta_generic_to_shared(at) & 0x3ffff) >> 4 | (unsigned long long)(along >> 4) << 16 |
           (unsigned long long)(across >> 4) << 32;
}

// 16 bytes of each row in a column of their own
static __device__ void load(uint4 *to, int pitch, const half *from, int rows, int most, int k)
{
    for (int i = threadIdx.x; i < pitch * DEPTH / 8; i += 128) {
        const int row = i / (DEPTH / 8), part = i % (DEPTH / 8);
        uint4 v = make_uint4(0, 0, 0, 0);
        if (row < rows && row < most)
            v = *reinterpret_cast<const uint4 *>(from + (size_t)row * k + 8 * part);
        to[part * pitch + row] = v;
    }
}

static __global__ void __launch_bounds__(128) project_tiles(float *c, const half *a, const half *b, int rows, int k)
{
    __shared__ __align__(128) uint4 left[DEPTH / 8 * 64];
    __shared__ __align__(128) uint4 right[DEPTH / 8 * 8];
    const int first = blockIdx.x * 64, lane = threadIdx.x % 32;
    float d0 = 0, d1 = 0, d2 = 0, d3 = 0;

    for (int j = 0; j < k; j += DEPTH) {
        load(left, 64, a + (size_t)first * k + j, rows - first, 64, k);
        load(right, 8, b + j, 8, 8, k);
        asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
        __syncthreads();
        asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
        for (int i = 0; i < DEPTH / 16; i++)
            asm volatile("{\n"
                         ".reg .pred adds;\n"
                         "setp.eq.b32 adds, 0, 0;\n"
                         "wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0, %1, %2, %3}, %4, %5, adds, 1, 1, 0, 0;\n"
                         "}"
                         : "+f"(d0), "+f"(d1), "+f"(d2), "+f"(d3)
                         : "l"(operand(left + 2 * i * 64, 64 * 16, 128)), "l"(operand(right + 2 * i * 8, 8 * 16, 128)));
        asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
        asm volatile("wgmma.wait_group.sync.aligned 0;" : "+f"(d0), "+f"(d1), "+f"(d2), "+f"(d3)::"memory");
        __syncthreads();
    }
    const int row = first + threadIdx.x / 32 * 16 + lane / 4, column = lane % 4 * 2;
    if (row < rows)
        *reinterpret_cast<float2 *>(c + (size_t)row * 8 + column) = make_float2(d0, d1);
    if (row + 8 < rows)
        *reinterpret_cast<float2 *>(c + (size_t)(row + 8) * 8 + column) = make_float2(d2, d3);
}
