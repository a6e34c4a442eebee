// What main.cu needs of another file; it launches a kernel of main.cu too.
__global__ void elsewhere(float *x, int n);
int outside(int x)
{
    return x + 1;
}
void run_elsewhere(float *x, int n)
{
    elsewhere<<<(n + 63) / 64, 64>>>(x, n);
}
