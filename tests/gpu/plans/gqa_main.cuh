// The main program of gqa_decode.cu: calls the entry on given inputs, plainly and in a captured
// graph, prints a checksum of what came out and the time of a call.
#include <cstdio>
#include <cstdlib>
#include <vector>

static unsigned next_random(unsigned &x)
{
    return x = x * 1664525u + 1013904223u;
}

static float number(unsigned &x)
{
    return (float)(next_random(x) >> 8) / 8388608.f - 1.f;
}

template <typename T> static T *upload(const std::vector<T> &host)
{
    T *device;
    cudaMalloc(&device, host.size() * sizeof(T));
    cudaMemcpy(device, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice);
    return device;
}

static std::vector<attn::bf16> numbers(size_t n, unsigned seed)
{
    std::vector<attn::bf16> v(n);
    for (auto &e : v)
        e = __float2bfloat16(number(seed));
    return v;
}

static int run(int batch, int ctx)
{
    using namespace attn;
    const int pages = (ctx + PAGE - 1) / PAGE, pool = batch * pages;
    std::vector<int> indptr(batch + 1), indices(pool), last(batch);
    unsigned seed = 7;
    for (int b = 0; b <= batch; b++)
        indptr[b] = b * pages;
    for (int i = 0; i < pool; i++)
        indices[i] = i;
    for (int i = pool - 1; i > 0; i--)
        std::swap(indices[i], indices[next_random(seed) % (i + 1)]);
    for (int b = 0; b < batch; b++)
        last[b] = 1 + next_random(seed) % PAGE;
    bf16 *q = upload(numbers((size_t)batch * HQ * D, 1));
    bf16 *kc = upload(numbers((size_t)pool * PAGE * HK * D, 2)), *vc = upload(numbers((size_t)pool * PAGE * HK * D, 3));
    int *di = upload(indptr), *dx = upload(indices), *dl = upload(last);
    const size_t nout = (size_t)batch * HQ * D, nlse = (size_t)batch * HQ;
    bf16 *out = upload(std::vector<bf16>(nout));
    float *lse = upload(std::vector<float>(nlse));
    cudaStream_t stream;
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    cudaEvent_t begin, end;
    float ms = 0;
    std::vector<bf16> plain(nout), graphed(nout);

    cudaStreamCreate(&stream);
    cudaEventCreate(&begin), cudaEventCreate(&end);
    gqa_decode(out, lse, q, kc, vc, di, dx, dl, batch, 0.08838834764f, stream);
    cudaStreamSynchronize(stream);
    cudaMemcpy(plain.data(), out, nout * sizeof(bf16), cudaMemcpyDeviceToHost);
    cudaMemset(out, 0, nout * sizeof(bf16));
    cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
    gqa_decode(out, lse, q, kc, vc, di, dx, dl, batch, 0.08838834764f, stream);
    if (cudaStreamEndCapture(stream, &graph) != cudaSuccess || cudaGraphInstantiate(&exec, graph, 0) != cudaSuccess) {
        std::printf("it cannot be captured: %s\n", cudaGetErrorString(cudaGetLastError()));
        return 1;
    }
    for (int i = 0; i < 3; i++)
        cudaGraphLaunch(exec, stream);
    cudaStreamSynchronize(stream);
    cudaMemcpy(graphed.data(), out, nout * sizeof(bf16), cudaMemcpyDeviceToHost);
    for (size_t i = 0; i < nout; i++)
        if (__bfloat162float(plain[i]) != __bfloat162float(graphed[i])) {
            std::printf("element %zu is %g in a graph, %g without\n", i, __bfloat162float(graphed[i]), __bfloat162float(plain[i]));
            return 1;
        }
    cudaEventRecord(begin, stream);
    for (int i = 0; i < 20; i++)
        gqa_decode(out, lse, q, kc, vc, di, dx, dl, batch, 0.08838834764f, stream);
    cudaEventRecord(end, stream);
    cudaEventSynchronize(end);
    cudaEventElapsedTime(&ms, begin, end);
    double sum = 0, weighted = 0;
    for (size_t i = 0; i < nout; i++) {
        sum += __bfloat162float(plain[i]);
        weighted += __bfloat162float(plain[i]) * (double)(i % 97);
    }
    std::printf("batch %d ctx %d: %.1f us, sum %.2f, weighted %.0f\n", batch, ctx, ms * 50, sum, weighted);
    const cudaError_t error = cudaGetLastError();
    if (error != cudaSuccess)
        std::printf("%s\n", cudaGetErrorString(error));
    return error != cudaSuccess;
}

int main()
{
    return run(1, 2048) | run(16, 2048) | run(4, 16384) | run(3, 100);
}
