/* tests/fake/cudart.c - as much of the CUDA runtime as a program needs that launches kernels,
 * without a GPU: each launch is a line on standard output, the kernel's mangled name and its
 * geometry.
 *
 *   FAKE_CAPABILITY  of all devices, "90"
 *   FAKE_REFUSE      a launch of a kernel whose name holds this fails
 *   FAKE_SMEM        most dynamic shared memory that may be asked for
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK, INVALID_VALUE = 1, NO_DEVICE = 100, MAJOR = 75, MINOR = 76, SMS = 16, MOST = 64 };

struct dim3 {
    unsigned x, y, z;
};

static struct {
    const void *host;
    const char *name;
    int smem;
} kernels[MOST];
static int nkernels, last_error, attribute_calls;

static struct {
    struct dim3 grid, block;
    size_t smem;
    void *stream;
} pushed;

static int refuse(int code)
{
    return last_error = code;
}

void **__cudaRegisterFatBinary(void *fatbin)
{
    static void *handle;

    (void)fatbin;
    return &handle;
}

void __cudaRegisterFatBinaryEnd(void **handle)
{
    (void)handle;
}

void __cudaUnregisterFatBinary(void **handle)
{
    (void)handle;
    if (attribute_calls)
        printf("asked for shared memory %d times\n", attribute_calls);
}

char __cudaInitModule(void **handle)
{
    (void)handle;
    return 0;
}

void __cudaRegisterFunction(void **handle, const char *host, char *device, const char *name)
{
    (void)handle;
    (void)device;
    kernels[nkernels].host = host;
    kernels[nkernels++].name = name;
}

void __cudaRegisterVar(void **handle, char *host, char *device, const char *name, int external,
                       size_t size, int constant, int global)
{
    (void)handle, (void)host, (void)device, (void)name;
    (void)external, (void)size, (void)constant, (void)global;
}

void __cudaRegisterManagedVar(void **handle, void **host, char *device, const char *name,
                              int external, size_t size, int constant, int global)
{
    (void)handle, (void)host, (void)device, (void)name;
    (void)external, (void)size, (void)constant, (void)global;
}

int cudaMemcpyToSymbol(const void *symbol, const void *from, size_t n, size_t at, int kind)
{
    (void)symbol, (void)from, (void)n, (void)at, (void)kind;
    return OK;
}

static int kernel_of(const void *host)
{
    for (int i = 0; i < nkernels; i++)
        if (kernels[i].host == host)
            return i;
    abort();
}

int __cudaGetKernel(void **kernel, const void *host)
{
    *kernel = (void *)host;
    return OK;
}

unsigned __cudaPushCallConfiguration(struct dim3 grid, struct dim3 block, size_t smem, void *stream)
{
    pushed.grid = grid;
    pushed.block = block;
    pushed.smem = smem;
    pushed.stream = stream;
    return 0;
}

int __cudaPopCallConfiguration(struct dim3 *grid, struct dim3 *block, size_t *smem, void **stream)
{
    *grid = pushed.grid;
    *block = pushed.block;
    *smem = pushed.smem;
    *stream = pushed.stream;
    return OK;
}

int cudaLaunchKernel(const void *host, struct dim3 grid, struct dim3 block, void **args,
                     size_t smem, void *stream)
{
    int k = kernel_of(host);
    const char *bad = getenv("FAKE_REFUSE");

    (void)args;
    if (bad && *bad && strstr(kernels[k].name, bad))
        return refuse(INVALID_VALUE);
    if (smem > 48 * 1024 && (int)smem > kernels[k].smem)
        return refuse(INVALID_VALUE);
    printf("%s %u %u %u / %u %u %u / %zu / %p\n", kernels[k].name, grid.x, grid.y, grid.z, block.x,
           block.y, block.z, smem, stream);
    return OK;
}

int __cudaLaunchKernel(void *kernel, struct dim3 grid, struct dim3 block, void **args, size_t smem,
                       void *stream)
{
    return cudaLaunchKernel(kernel, grid, block, args, smem, stream);
}

int cudaFuncSetAttribute(const void *host, int attribute, int value)
{
    const char *most = getenv("FAKE_SMEM");

    (void)attribute;
    attribute_calls++;
    if (most && value > atoi(most))
        return refuse(INVALID_VALUE);
    kernels[kernel_of(host)].smem = value;
    return OK;
}

int cudaGetDevice(int *device)
{
    *device = 0;
    return getenv("FAKE_CAPABILITY") ? OK : refuse(NO_DEVICE);
}

int cudaDeviceGetAttribute(int *value, int attribute, int device)
{
    int capability = atoi(getenv("FAKE_CAPABILITY"));

    (void)device;
    *value = attribute == MAJOR ? capability / 10 : attribute == MINOR ? capability % 10 : 0;
    if (attribute == SMS)
        *value = 7;
    return OK;
}

int cudaGetLastError(void)
{
    int code = last_error;

    last_error = OK;
    return code;
}
