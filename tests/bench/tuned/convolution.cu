// A picture through a 17 x 17 filter: BX x BY threads with TX x TY results each, of a tile in shared
// memory whose rows are PAD longer than they need be.
constexpr int BX = 32;
constexpr int BY = 8;
constexpr int TX = 1;
constexpr int TY = 1;
constexpr int PAD = 0;
#define RIM 16

#pragma ksearch in(picture[h + 16][w + 16], filter[17][17]) out(result[h][w])
#pragma ksearch launch(grid = (cdiv(w, BX * TX), cdiv(h, BY * TY)), block = (BX, BY))
#pragma ksearch workload(w = 4096, h = 4096) test(w = 67, h = 33)
#pragma ksearch tune(BX = 16, 32, 64, 128) tune(BY = 1, 2, 4, 8, 16)
#pragma ksearch tune(TX = 1, 2, 3, 4, 8) tune(TY = 1, 2, 3, 4, 8) tune(PAD = 0, 1)
#pragma ksearch where(BX * BY >= 64, BX * BY <= 1024, (BY * TY + 16) * (BX * TX + 16 + PAD) * 4 <= 48 * 1024)
extern "C" __global__ void __launch_bounds__(BX * BY)
convolution(float *result, const float *__restrict__ picture, const float *__restrict__ filter, int w, int h)
{
    __shared__ float tile[BY * TY + RIM][BX * TX + RIM + PAD];
    const int x0 = blockIdx.x * BX * TX, y0 = blockIdx.y * BY * TY;
    float sum[TY][TX] = {};

    for (int y = threadIdx.y; y < BY * TY + RIM; y += BY)
        for (int x = threadIdx.x; x < BX * TX + RIM; x += BX)
            tile[y][x] = y0 + y < h + RIM && x0 + x < w + RIM ? picture[(size_t)(y0 + y) * (w + RIM) + x0 + x] : 0.f;
    __syncthreads();
    for (int fy = 0; fy <= RIM; fy++)
        for (int fx = 0; fx <= RIM; fx++) {
            const float f = filter[fy * (RIM + 1) + fx];
            for (int ty = 0; ty < TY; ty++)
                for (int tx = 0; tx < TX; tx++)
                    sum[ty][tx] += f * tile[threadIdx.y + ty * BY + fy][threadIdx.x + tx * BX + fx];
        }
    for (int ty = 0; ty < TY; ty++)
        for (int tx = 0; tx < TX; tx++) {
            const int x = x0 + threadIdx.x + tx * BX, y = y0 + threadIdx.y + ty * BY;
            if (x < w && y < h)
                result[(size_t)y * w + x] = sum[ty][tx];
        }
}
