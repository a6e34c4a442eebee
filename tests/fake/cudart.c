/* tests/fake/cudart.c - as much of the CUDA runtime as a program needs that launches kernels,
 * without a GPU: each launch is a line on standard output, the kernel's mangled name and its
 * geometry, and so is each copy to a variable.
 *
 *   FAKE_CAPABILITY  of all devices, "90"
 *   FAKE_SECOND      of the second, "80"
 *   FAKE_REFUSE      a launch of a kernel whose name holds this fails
 *   FAKE_SMEM        most dynamic shared memory that may be asked for
 *   FAKE_SMS         multiprocessors, "7"
 *   FAKE_SPECIFIC    the driver took the code of the target with an `a`, "90" for that of sm_90a
 *   FAKE_SIZES       launches are written as launchlog.h says
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "launchlog.h"

enum { OK, INVALID_VALUE = 1, NO_DEVICE = 100, MAJOR = 75, MINOR = 76, SMS = 16, MOST = 64 };

struct dim3 {
    unsigned x, y, z;
};

static struct {
    const void *host;
    const char *name;
    int smem;
} kernels[MOST];
static struct {
    const void *host;
    const char *name;
} variables[MOST];
static int nkernels, nvariables, last_error, attribute_calls, device_calls;

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
    if (getenv("FAKE_ASKED"))
        printf("asked for the device %d times\n", device_calls);
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

void __cudaRegisterManagedVar(void **handle, void **host, char *device, const char *name,
                              int external, size_t size, int constant, int global)
{
    (void)handle, (void)host, (void)device, (void)name;
    (void)external, (void)size, (void)constant, (void)global;
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
    if (getenv("FAKE_SIZES")) {
        const unsigned numbers[10] = {grid.x,  grid.y, grid.z, block.x, block.y,
                                      block.z, 0,      0,      0,       (unsigned)smem};
        launchlog_write(stdout, kernels[k].name, numbers, args);
        return OK;
    }
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

int cudaThreadExchangeStreamCaptureMode(int *mode)
{
    (void)mode;
    return OK;
}

struct attributes { /* cudaFuncAttributes */
    size_t shared, constant, local;
    int threads, regs, ptx, binary, rest[16];
};

/* is the code that the driver took of the target that a kernel is named after, as ksearch_is_sm_90
 * or ksearch_is_sm_90a is? */
static int is_taken(const char *name)
{
    static const char mark[] = "ksearch_is_sm_";
    const char *at = strstr(name, mark), *specific = getenv("FAKE_SPECIFIC");
    const char *capability = getenv("FAKE_CAPABILITY");
    char *end = NULL;
    long target = at ? strtol(at + sizeof mark - 1, &end, 10) : 0;

    if (!at || !capability || target != atoi(capability))
        return 0;
    return *end != 'a' || (specific && target == atoi(specific));
}

int cudaFuncGetAttributes(struct attributes *to, const void *host)
{
    *to = (struct attributes){.threads = is_taken(kernels[kernel_of(host)].name) ? 32 : 64};
    return OK;
}

int cudaGetDevice(int *device)
{
    *device = 0;
    device_calls++;
    return getenv("FAKE_CAPABILITY") ? OK : refuse(NO_DEVICE);
}

int cudaGetDeviceCount(int *n)
{
    *n = getenv("FAKE_DEVICES") ? atoi(getenv("FAKE_DEVICES")) : 1;
    return getenv("FAKE_CAPABILITY") ? OK : refuse(NO_DEVICE);
}

int cudaDeviceGetAttribute(int *value, int attribute, int device)
{
    const char *second = getenv("FAKE_SECOND");
    int capability = atoi(device == 1 && second ? second : getenv("FAKE_CAPABILITY"));

    *value = attribute == MAJOR ? capability / 10 : attribute == MINOR ? capability % 10 : 0;
    if (attribute == SMS)
        *value = getenv("FAKE_SMS") ? atoi(getenv("FAKE_SMS")) : 7;
    return OK;
}

void __cudaRegisterVar(void **handle, const void *host, char *device, const char *name)
{
    (void)handle;
    (void)device;
    if (nvariables == MOST)
        abort();
    variables[nvariables].host = host;
    variables[nvariables++].name = name;
}

int cudaMemcpyToSymbol(const void *host, const void *from, size_t n, size_t offset, int kind)
{
    (void)from;
    (void)kind;
    for (int i = 0; i < nvariables; i++)
        if (variables[i].host == host)
            printf("%s[%zu] <- %zu bytes\n", variables[i].name, offset, n);
    return OK;
}

int cudaGetLastError(void)
{
    int code = last_error;

    last_error = OK;
    return code;
}

/* ---- what plans of launches use ---- */

struct launch_config { /* cudaLaunchConfig_t */
    struct dim3 grid, block;
    size_t smem;
    void *stream;
    const struct {
        int id;
        char pad[4];
        struct dim3 cluster;
        char rest[52];
    } * attrs;
    unsigned nattrs;
};

int cudaLaunchKernelExC(const struct launch_config *c, const void *host, void **args)
{
    const struct dim3 cluster = c->nattrs ? c->attrs[0].cluster : (struct dim3){0, 0, 0};
    const unsigned numbers[10] = {c->grid.x,  c->grid.y, c->grid.z, c->block.x, c->block.y,
                                  c->block.z, cluster.x, cluster.y, cluster.z,  (unsigned)c->smem};

    launchlog_write(stdout, kernels[kernel_of(host)].name, numbers, args);
    return OK;
}

int cudaMemsetAsync(void *to, int value, size_t n, void *stream)
{
    (void)stream;
    printf("memset @%llx %d %zu\n", (unsigned long long)(uintptr_t)to, value, n);
    return OK;
}

int cudaMemPoolCreate(void **pool, const void *props)
{
    (void)props;
    *pool = pushed.stream ? pushed.stream : (void *)kernels;
    return OK;
}

int cudaMemPoolSetAttribute(void *pool, int attribute, void *value)
{
    (void)pool;
    (void)attribute;
    (void)value;
    return OK;
}

int cudaMemPoolDestroy(void *pool)
{
    (void)pool;
    return OK;
}

static int workspaces;

int cudaMallocFromPoolAsync(void **p, size_t n, void *pool, void *stream)
{
    (void)pool;
    (void)stream;
    if (getenv("FAKE_NO_MEMORY"))
        return refuse(2);
    *p = malloc(n);
    workspaces++;
    return *p ? OK : 2;
}

int cudaFreeAsync(void *p, void *stream)
{
    (void)stream;
    free(p);
    if (--workspaces < 0)
        abort();
    return OK;
}

static int encode(void *map, int type, unsigned rank, void *base, const unsigned long long *dims,
                  const unsigned long long *strides, const unsigned *box, const unsigned *steps,
                  int interleave, int swizzle, int promotion, int fill)
{
    (void)base;
    (void)steps;
    (void)interleave;
    (void)promotion;
    (void)fill;
    launchlog_map(map, type, rank, dims, strides, box, swizzle);
    return OK;
}

int cudaGetDriverEntryPointByVersion(const char *name, void **found, unsigned version,
                                     unsigned long long flags, int *status)
{
    int (*function)(void *, int, unsigned, void *, const unsigned long long *,
                    const unsigned long long *, const unsigned *, const unsigned *, int, int, int,
                    int) = encode;

    (void)version;
    (void)flags;
    memcpy(found, &function, sizeof *found);
    *status = strcmp(name, "cuTensorMapEncodeTiled") != 0;
    return OK;
}
