#pragma ksearch begin one
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
#pragma ksearch end
