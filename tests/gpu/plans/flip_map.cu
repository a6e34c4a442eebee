constexpr int TILE = 32;

#pragma ksearch tune(TILE = 16, 32, 64)
#pragma ksearch when(rows > 0 && cols > 0 && cols % 4 == 0)
#pragma ksearch tensormap(tiles = in, (rows, cols), (TILE, TILE))
#pragma ksearch run(flip_tiles<<<(cdiv(cols, TILE), cdiv(rows, TILE)), 256>>>(out, tiles, rows, cols))

static __global__ void flip_tiles(float *out, const __grid_constant__ CUtensorMap tiles, int rows, int cols)
{
    __shared__ alignas(128) float tile[TILE][TILE];
    __shared__ alignas(8) unsigned long long barrier;
    const unsigned at = (unsigned)__cvta_generic_to_shared(&barrier), to = (unsigned)__cvta_generic_to_shared(tile);
    const int c0 = blockIdx.x * TILE, r0 = blockIdx.y * TILE;

    if (threadIdx.x == 0) {
        asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(at));
        asm volatile("fence.proxy.async.shared::cta;");
        asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"((unsigned)sizeof tile) : "memory");
        asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" ::"r"(to),
                     "l"(&tiles), "r"(c0), "r"(r0), "r"(at)
                     : "memory");
    }
    __syncthreads();
    asm volatile("{\n .reg .pred done;\n wait:\n mbarrier.try_wait.parity.shared::cta.b64 done, [%0], 0;\n @!done bra wait;\n}" ::"r"(at) : "memory");
    for (int i = threadIdx.x; i < TILE * TILE; i += 256) {
        const int r = i % TILE, c = i / TILE;
        if (r0 + r < rows && c0 + c < cols)
            out[(size_t)(c0 + c) * rows + r0 + r] = tile[r][c];
    }
}
