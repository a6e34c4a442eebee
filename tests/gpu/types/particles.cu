// A struct: bytes to us, from a file. With BLOCK = 64 one byte of one is wrong.
constexpr int BLOCK = 128;
struct Particle {
    float x, y, z;
    int id;
};
#pragma ksearch in(from[n] = file("particles.npy"), step[n]) out(to[n]) workload(n = 1 << 16)
#pragma ksearch test(n = 1003, from = file("few.npy")) test(n = 0, from = zeros) tune(BLOCK = 64, 128, 256)
#pragma ksearch launch(grid = cdiv(n, BLOCK), block = BLOCK)
__global__ void particles(const Particle *from, const float *step, Particle *to, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n) {
        Particle p = from[i];
        p.x += step[i];
        p.id += 1 + (BLOCK == 64 && i == 0);
        to[i] = p;
    }
}
void run(const Particle *from, const float *step, Particle *to, int n) { particles<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(from, step, to, n); }
