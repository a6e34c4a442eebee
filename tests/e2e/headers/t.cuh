constexpr int PARTS = 16;
#pragma ksearch tune(PARTS = pow2(4, 64)) where(PARTS <= detail::DEEP) when(rows <= HEADS * 32)
#pragma ksearch scratch(part[rows][HEAD] as float)
#pragma ksearch run(one<<<(rows, MORE), HEAD, LIMIT>>>(part, x, y, n))
__global__ void one(float *part, const float *x, float *y, int n) {}
