// Parameters that are called as the helpers of expressions are, a kernel that a template launches, constants of every kind of
// parameter: what is generated around them has no warning under options that know many.
constexpr int B = 32;
#pragma ksearch instance(T = float) inout(x[k]) arg(min = -1.f, max = 1.f) workload(k = 64) tune(B = 32, 64) launch(grid = cdiv(k, B), block = B)
template <class T> static __global__ void clip(T *__restrict__ x, const T min, const T max, const int k)
{
    const int i = int(blockIdx.x) * B + int(threadIdx.x);
    if (i < k)
        x[i] = x[i] < min ? min : max < x[i] ? max : x[i];
}
template <class T> static void clip_on(T *x, const T min, const T max, const int k, cudaStream_t stream)
{
    clip<<<(k + B - 1) / B, B, 0, stream>>>(x, min, max, k);
}
#pragma ksearch inout(cdiv[min]) arg(circular = false) workload(min = 64) tune(B = 32, 64)
static int fill(float *cdiv, const int min, const bool circular, cudaStream_t stream)
{
    clip<<<(min + B - 1) / B, B, 0, stream>>>(cdiv, circular ? 0.f : 1.f, 1.f, min);
    return B;
}
int main()
{
    float *x = nullptr;
    clip_on(x, 0.f, 1.f, 64, nullptr);
    clip_on(reinterpret_cast<double *>(x), 0., 1., 64, nullptr);
    return fill(x, 64, true, nullptr) != B && fill(x, 64, true, nullptr) != 2 * B;
}
