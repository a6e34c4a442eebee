// Launches the kernel of another file, and calls its host function, which is an entry too.
__global__ void two(float *x, int n);
int both(float *x, int n);
int main()
{
    two<<<2, 32>>>(nullptr, 64);
    return both(nullptr, 64) != 64;
}
