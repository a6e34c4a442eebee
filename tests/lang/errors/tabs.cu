constexpr int BLOCK = 256;

	#pragma ksearch	in(a[n],	bb[n])	out(c[n]) launch(grid = 1, block = 1)
#pragma ksearch workload(n = 1024)
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
}
