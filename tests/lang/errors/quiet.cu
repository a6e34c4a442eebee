constexpr int BLOCK = 256;

KSEARCH(in(a[n], b[n]) // comment
        out(c[n]) /* more */ launch(grid = 1,
                                block = 1)
        wrkload(n = 1024))
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
}
