constexpr int BLOCK = 256;

KSEARCH(in(a[n])
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
}
