/* tests/fake/capture/app.c - a program that launches kernels, as the CUDA runtime would.
 *
 *   app WORD...   each word is a step; see main */
#include <cuda.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/fake/capture/fake.h"

enum { PTR = 8, INT = 4 };

#define ARG(type, i) (*(type *)params[i])

static void run_vadd(void **params)
{
    for (int i = 0; i < ARG(int, 3); i++)
        ARG(float *, 2)[i] = ARG(float *, 0)[i] + ARG(float *, 1)[i];
}

static void run_scale(void **params)
{
    for (int i = 0; i < ARG(int, 2) * ARG(int, 3); i++)
        ARG(float *, 0)[i] *= ARG(float, 1);
}

static void run_histogram(void **params)
{
    for (unsigned i = 0; i < ARG(unsigned, 2); i++)
        ARG(unsigned *, 1)[ARG(unsigned char *, 0)[i]]++;
}

struct view {
    float *at;
    int n, pad;
};

static void run_fill(void **params)
{
    for (int i = 0; i < ARG(struct view, 0).n; i++)
        ARG(struct view, 0).at[i] = 1;
}

static void run_nothing(void **params)
{
    (void)params;
}

static void run_poke(void **params)
{
    *(float *)ARG(unsigned long long, 0) = 1;
}

static const struct fake_param poke_params[] = {{0, 8}};
static const struct fake_param vadd_params[] = {{0, PTR}, {8, PTR}, {16, PTR}, {24, INT}};
static const struct fake_param scale_params[] = {{0, PTR}, {8, 4}, {12, INT}, {16, INT}};
static const struct fake_param histogram_params[] = {{0, PTR}, {8, PTR}, {16, INT}};
static const struct fake_param fill_params[] = {{0, 16}};
static const struct fake_param bodies_params[] = {{0, PTR}, {8, INT}};

static struct CUfunc_st vadd = {"_Z4vaddPKfS0_Pfi", vadd_params, 4, run_vadd};
static struct CUfunc_st scale = {"_ZN4blas5scaleIfLi256EEEvPT_S1_ii", scale_params, 4, run_scale};
static struct CUfunc_st histogram = {"_Z9histogramPKhPjj", histogram_params, 3, run_histogram};
static struct CUfunc_st fill = {"_Z4fill4View", fill_params, 1, run_fill};
static struct CUfunc_st bodies = {"_Z4moveP4Bodyi", bodies_params, 2, run_nothing};
static struct CUfunc_st poke = {"_Z4pokey", poke_params, 1, run_poke};
static struct CUfunc_st plain = {"plain", vadd_params, 4, run_vadd};

static void *device(size_t bytes)
{
    CUdeviceptr at = 0;

    cuMemAlloc(&at, bytes);
    return (void *)at;
}

static float *floats(int n)
{
    float *at = device((size_t)n * sizeof *at);

    for (int i = 0; i < n; i++)
        at[i] = (float)i;
    return at;
}

static void add(CUfunction f, int n, float *c)
{
    float *a = floats(n), *b = floats(n);
    void *params[] = {&a, &b, &c, &n};

    if (cuLaunchKernel(f, (unsigned)(n + 255) / 256, 1, 1, 256, 1, 1, 0, NULL, params, NULL))
        printf("launch failed\n");
}

static void do_vadd(int n)
{
    add(&vadd, n, device((size_t)n * sizeof(float)));
}

/* parameters in a buffer, launched with a cluster */
static void do_scale(void)
{
    struct {
        float *x;
        float by;
        int rows, columns;
    } packed = {floats(32 * 48), 2.5f, 32, 48};
    size_t size = sizeof packed;
    void *extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &packed, CU_LAUNCH_PARAM_BUFFER_SIZE, &size,
                     CU_LAUNCH_PARAM_END};
    CUlaunchAttribute cluster = {.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION};
    CUlaunchConfig config = {.gridDimX = 3,
                             .gridDimY = 2,
                             .gridDimZ = 1,
                             .blockDimX = 16,
                             .blockDimY = 16,
                             .blockDimZ = 1,
                             .sharedMemBytes = 1024,
                             .attrs = &cluster,
                             .numAttrs = 1};

    cluster.value.clusterDim.x = 2;
    cluster.value.clusterDim.y = cluster.value.clusterDim.z = 1;
    cuLaunchKernelEx(&config, &scale, NULL, extra);
}

static void do_histogram(void)
{
    unsigned char *data = device(1000);
    unsigned *counts = device(256 * sizeof *counts), n = 1000;
    void *params[] = {&data, &counts, &n};

    for (unsigned i = 0; i < n; i++)
        data[i] = (unsigned char)(i * 7);
    memset(counts, 0, 256 * sizeof *counts);
    cuLaunchKernel(&histogram, 4, 1, 1, 256, 1, 1, 0, NULL, params, NULL);
}

static void do_struct(void)
{
    struct view v = {floats(64), 64, 0};
    void *params[] = {&v};

    cuLaunchKernel(&fill, 1, 1, 1, 64, 1, 1, 0, NULL, params, NULL);
}

static void do_bodies(void)
{
    int n = 100;
    void *at = floats(7 * n), *params[] = {&at, &n};

    cuLaunchKernel(&bodies, 1, 1, 1, 128, 1, 1, 0, NULL, params, NULL);
}

/* an address that is no pointer to the compiler */
static void do_poke(void)
{
    unsigned long long at = (unsigned long long)floats(16);
    void *params[] = {&at};

    cuLaunchKernel(&poke, 1, 1, 1, 32, 1, 1, 0, NULL, params, NULL);
}

/* three arrays out of one allocation, each rounded up to 512 bytes */
static void do_pool(void)
{
    int n = 1000;
    char *pool = device(1 << 16);
    float *a = (float *)(void *)pool, *b = (float *)(void *)(pool + 4096),
          *c = (float *)(void *)(pool + 8192);
    void *params[] = {&a, &b, &c, &n};

    for (int i = 0; i < n; i++)
        a[i] = b[i] = (float)i;
    cuLaunchKernel(&vadd, 4, 1, 1, 256, 1, 1, 0, NULL, params, NULL);
}

static void do_graph(void)
{
    CUgraph graph = NULL;

    cuStreamBeginCapture(NULL, CU_STREAM_CAPTURE_MODE_GLOBAL);
    do_vadd(512);
    cuStreamEndCapture(NULL, &graph);
    cuGraphLaunch(NULL, NULL);
}

static int step(const char *word)
{
    if (strncmp(word, "vadd", 4) == 0)
        do_vadd(word[4] ? atoi(word + 5) : 1000);
    else if (strcmp(word, "scale") == 0)
        do_scale();
    else if (strcmp(word, "histogram") == 0)
        do_histogram();
    else if (strcmp(word, "struct") == 0)
        do_struct();
    else if (strcmp(word, "bodies") == 0)
        do_bodies();
    else if (strcmp(word, "plain") == 0)
        add(&plain, 300, device(300 * sizeof(float)));
    else if (strcmp(word, "poke") == 0)
        do_poke();
    else if (strcmp(word, "pool") == 0)
        do_pool();
    else if (strcmp(word, "graph") == 0)
        do_graph();
    else if (strcmp(word, "fork") == 0 && fork() == 0)
        exit(0);
    else if (strncmp(word, "exit", 4) == 0)
        exit(atoi(word + 5));
    else if (strcmp(word, "abort") == 0)
        abort();
    else if (strcmp(word, "wait") == 0)
        pause();
    else if (strcmp(word, "read") == 0)
        printf("read %c\n", getchar());
    return fflush(stdout);
}

int main(int argc, char **argv)
{
    cuInit(0);
    for (int i = 1; i < argc; i++)
        step(argv[i]);
    printf("done\n");
    return 0;
}
