// The source stays as it is; the clauses come from a file.
KSEARCH(use("11_use.ks"))
void scale(float *x, float factor, unsigned n, cudaStream_t stream = 0, bool checked = false, int mode = 3)
{
}
