// The kernels that the worker fills, sums and compares with (runtime/worker/kernels.cu), over three slices of 4096 x 4096 elements, beside a
// device copy of as many bytes: milliseconds, medians of nine. See kernels.sh.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "runtime/worker/kernels.cu"

#define CHECK(call)                                                                         \
    do {                                                                                    \
        cudaError_t code = (call);                                                          \
        if (code) {                                                                         \
            std::fprintf(stderr, "%s: %s\n", #call, cudaGetErrorString(code));              \
            std::exit(1);                                                                   \
        }                                                                                   \
    } while (0)

const unsigned SLICES = 3;
const uint64_t COUNT = 4096 * 4096;

static float timed(const std::function<void()> &launch)
{
    cudaEvent_t begin, end;
    std::vector<float> all(9);
    CHECK(cudaEventCreate(&begin));
    CHECK(cudaEventCreate(&end));
    for (float &ms : all) {
        CHECK(cudaEventRecord(begin));
        launch();
        CHECK(cudaEventRecord(end));
        CHECK(cudaEventSynchronize(end));
        CHECK(cudaGetLastError());
        CHECK(cudaEventElapsedTime(&ms, begin, end));
    }
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
}

// as device_run() in runtime/worker/cuda.c has it
static float timed(void (*kernel)(const job), const job &j, uint64_t items)
{
    uint64_t blocks = std::min((items + 1023) / 1024, uint64_t(16384 / SLICES + 1));
    return timed([&] { kernel<<<dim3(unsigned(blocks), SLICES), 256>>>(j); });
}

static void measure(const char *name, int type, int size)
{
    uint64_t bytes = COUNT * uint64_t(size), stride = bytes + KS_GUARD;
    char *data, *expected, *tallies, *scales;
    job j = {};
    CHECK(cudaMalloc(&data, SLICES * stride + 2 * KS_GUARD));
    CHECK(cudaMalloc(&expected, SLICES * stride));
    CHECK(cudaMalloc(&tallies, SLICES * sizeof(tally)));
    CHECK(cudaMalloc(&scales, SLICES * sizeof(scale)));
    CHECK(cudaMemset(tallies, 0, SLICES * sizeof(tally)));
    CHECK(cudaMemset(scales, 0, SLICES * sizeof(scale)));
    j.base = uint64_t(data) + KS_GUARD, j.from = uint64_t(expected);
    j.stride = j.from_stride = stride, j.bytes = bytes, j.count = COUNT, j.slices = SLICES;
    j.tallies = uint64_t(tallies), j.scales = uint64_t(scales);
    j.type = type, j.size = size, j.seed = 1, j.seal = 2;
    j.match.ulp = -1, j.match.rtol = j.match.atol = 1e-5;
    j.gen.kind = elem_is_float(type) ? GEN_NORMAL : GEN_INTEGERS;
    j.gen.arg[1] = elem_is_float(type) ? 1 : 100;

    float copy = timed([&] {
        for (unsigned i = 0; i < SLICES; i++)
            CHECK(cudaMemcpyAsync(expected + i * stride, data + i * stride, bytes, cudaMemcpyDeviceToDevice));
    });
    float generate = timed(ks_generate, j, COUNT);
    job keep = j;
    std::swap(keep.base, keep.from);
    keep.sealed = SEALED_TO;
    float kept = timed(ks_copy, keep, bytes / 4), scaled = timed(ks_scale, j, COUNT);
    float sum = timed(ks_sum, j, bytes / 4), same = timed(ks_compare, j, COUNT);
    float nudged = timed(ks_nudge, j, COUNT), off = timed(ks_compare, j, COUNT);
    j.byte = 0xff;
    float fill = timed(ks_fill, j, bytes / 4);
    j.byte = -1;
    float noise = timed(ks_fill, j, bytes / 4);
    std::printf("%-5s %8.2f %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f\n", name, 1e-9 * SLICES * double(bytes), copy, generate,
                kept, scaled, sum, same, off, nudged, fill, noise);
    for (char *p : {data, expected, tallies, scales})
        CHECK(cudaFree(p));
}

int main()
{
    std::printf("%-5s %8s %8s %8s %8s %8s %8s %8s %8s %8s %8s %8s\n", "type", "GB", "copy", "generate", "seal", "scale", "sum", "same", "off", "nudge", "fill",
                "noise");
    measure("f32", ELEM_F32, 4);
    measure("f16", ELEM_F16, 2);
    measure("bf16", ELEM_BF16, 2);
    measure("f64", ELEM_F64, 8);
    measure("i32", ELEM_I32, 4);
    measure("u8", ELEM_U8, 1);
}
