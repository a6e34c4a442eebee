// tests/gpu/capture/replay.cu - does the original, called through its harness, make of the captured inputs what
// it made of them in the program?
//
//   replay HARNESS.so LABEL PREFIX DIMS ARRAY...
//
// PREFIX.ARRAY.npy goes in and PREFIX.ARRAY.after.npy should come out (PREFIX.ARRAY.npy again where there is no
// such file), for the arrays of the annotation in its order. DIMS: "n=8000", or "-" for none; only values count.
// Bytes must be equal: the same code on the same GPU, launched alike, has no reason to differ.
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>
#include "check.cuh"

constexpr size_t HEADER = 128;

static bool read(const std::string &path, std::vector<char> &bytes)
{
    std::ifstream f(path, std::ios::binary);
    std::string all((std::istreambuf_iterator<char>(f)), std::istreambuf_iterator<char>());

    if (!f || all.size() < HEADER)
        return false;
    bytes.assign(all.begin() + HEADER, all.end());
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    void *so = dlopen(argv[1], RTLD_LAZY | RTLD_LOCAL);
    if (!so) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    auto call = (int (*)(const long long *, void *const *, void *))dlsym(so, (std::string("ksearch_call__") + argv[2]).c_str());
    auto *gpu = (long long *)dlsym(so, "ksearch_gpu");
    int sms = 0, bad = 0;
    std::vector<long long> dims;
    std::vector<void *> arrays;
    std::vector<std::vector<char>> before(argc - 5);

    if (!call)
        return 2;
    CHECK(cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, 0));
    if (gpu)
        gpu[0] = sms;
    for (const char *p = argv[4]; (p = strchr(p, '=')); p++)
        dims.push_back(atoll(p + 1));
    for (int i = 5; i < argc; i++) {
        std::vector<char> &b = before[i - 5];
        void *at;
        if (!read(std::string(argv[3]) + "." + argv[i] + ".npy", b)) {
            fprintf(stderr, "no %s.%s.npy\n", argv[3], argv[i]);
            return 2;
        }
        CHECK(cudaMalloc(&at, b.size()));
        CHECK(cudaMemcpy(at, b.data(), b.size(), cudaMemcpyHostToDevice));
        arrays.push_back(at);
    }
    CHECK((cudaError_t)call(dims.data(), arrays.data(), nullptr));
    CHECK(cudaDeviceSynchronize());
    for (int i = 5; i < argc; i++) {
        std::vector<char> want, got(before[i - 5].size());
        size_t differ = 0;
        bool changed = read(std::string(argv[3]) + "." + argv[i] + ".after.npy", want);
        if (!changed)
            want = before[i - 5];
        CHECK(cudaMemcpy(got.data(), arrays[i - 5], got.size(), cudaMemcpyDeviceToHost));
        for (size_t k = 0; k < want.size() && k < got.size(); k++)
            differ += want[k] != got[k];
        printf("%s: %zu bytes, %s by the launch, %zu differ\n", argv[i], want.size(), changed ? "changed" : "unchanged", differ);
        bad += differ != 0 || want.size() != got.size();
    }
    return bad;
}
