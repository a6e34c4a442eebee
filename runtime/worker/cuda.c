/* runtime/worker/cuda.c - see cuda.h.
 *
 * What a failure means for the worker is decided here, in one place: a result that CUDA calls
 * sticky has cost the context, and nothing but the end of the process brings it back. */
#include "runtime/worker/cuda.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/embed.h"

EMBED_DECLARE(kernels_fatbin);

struct cuda cu;

#define CUDA_TEXT_(x) #x
#define CUDA_TEXT(x) CUDA_TEXT_(x)

static const char *const kernel_names[KERNELS] = {
    [KERNEL_GENERATE] = "ks_generate",
    [KERNEL_FILL] = "ks_fill",
    [KERNEL_NUDGE] = "ks_nudge",
    [KERNEL_COPY] = "ks_copy",
    [KERNEL_GUARD_CHECK] = "ks_guard_check",
    [KERNEL_GUARD_SET] = "ks_guard_set",
    [KERNEL_SUM] = "ks_sum",
    [KERNEL_LATTICE] = "ks_lattice",
    [KERNEL_SCALE] = "ks_scale",
    [KERNEL_COMPARE] = "ks_compare",
    [KERNEL_FLUSH] = "ks_flush",
    [KERNEL_STAMP] = "ks_stamp",
    [KERNEL_BLOCK] = "ks_block",
    [KERNEL_PEAK_F32] = "ks_peak_f32",
    [KERNEL_PEAK_F64] = "ks_peak_f64",
    [KERNEL_PEAK_F16] = "ks_peak_f16",
    [KERNEL_PEAK_BF16] = "ks_peak_bf16",
};

static int symbol(void *library, const char *name, void *slot, int needed, struct refusal *r)
{
    void *p = dlsym(library, name);

    if (!p && needed)
        return refuse(r, REFUSE_NO_GPU, "the NVIDIA driver is too old: libcuda.so.1 has no %s",
                      name);
    memcpy(slot, &p, sizeof p);
    return 0;
}

static int driver_open(struct refusal *r)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return refuse(r, REFUSE_NO_GPU,
                      "there is no NVIDIA driver here (%s); on a machine with a GPU install the "
                      "driver, in a container start it with its GPUs (docker: --gpus all)",
                      dlerror());
#define NEEDED(name)                                      \
    if (symbol(library, CUDA_TEXT(name), &cu.name, 1, r)) \
        return -1;
#define WANTED(name) symbol(library, CUDA_TEXT(name), &cu.name, 0, r);
    CUDA_FUNCTIONS(NEEDED)
    CUDA_NEWER_FUNCTIONS(WANTED)
    /* the same signature under two names, and drivers before 12.8 have the first only */
    symbol(library, "cuEventElapsedTime_v2", &cu.event_elapsed, 0, r);
    if (!cu.event_elapsed)
        return symbol(library, "cuEventElapsedTime", &cu.event_elapsed, 1, r);
    return 0;
}

static int is_sticky(CUresult result)
{
    switch (result) {
    case CUDA_ERROR_ECC_UNCORRECTABLE:
    case CUDA_ERROR_NVLINK_UNCORRECTABLE:
    case CUDA_ERROR_CONTEXT_IS_DESTROYED:
    case CUDA_ERROR_ILLEGAL_ADDRESS:
    case CUDA_ERROR_LAUNCH_TIMEOUT:
    case CUDA_ERROR_ASSERT:
    case CUDA_ERROR_HARDWARE_STACK_ERROR:
    case CUDA_ERROR_ILLEGAL_INSTRUCTION:
    case CUDA_ERROR_MISALIGNED_ADDRESS:
    case CUDA_ERROR_INVALID_ADDRESS_SPACE:
    case CUDA_ERROR_INVALID_PC:
    case CUDA_ERROR_LAUNCH_FAILED:
    case CUDA_ERROR_EXTERNAL_DEVICE:
    case CUDA_ERROR_UNKNOWN:
        return 1;
    default:
        return 0;
    }
}

static int is_limit(CUresult result)
{
    return result == CUDA_ERROR_OUT_OF_MEMORY || result == CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES ||
           result == CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE;
}

int cuda_check(CUresult result, const char *class, const char *what, struct refusal *r)
{
    const char *name = NULL, *text = NULL;

    if (result == CUDA_SUCCESS)
        return 0;
    if (cu.cuGetErrorName)
        cu.cuGetErrorName(result, &name);
    if (cu.cuGetErrorString)
        cu.cuGetErrorString(result, &text);
    if (is_sticky(result))
        class = REFUSE_FAULT;
    else if (is_limit(result))
        class = REFUSE_LIMIT;
    return refuse(r, class, "%s: %s (%s, %d)", what, text ? text : "unknown error",
                  name ? name : "?", (int)result);
}

static int attribute(CUdevice device, CUdevice_attribute a, int64_t *value, struct refusal *r)
{
    int n = 0;

    if (cuda_check(cu.cuDeviceGetAttribute(&n, a, device), REFUSE_NO_GPU,
                   "reading an attribute of the GPU", r))
        return -1;
    *value = n;
    return 0;
}

static int attributes(struct device *d, CUdevice device, struct refusal *r)
{
    int64_t major, minor, threads;

    if (attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, &major, r) ||
        attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, &minor, r) ||
        attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, &d->sms, r) ||
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, &d->smem, r) ||
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, &d->regs, r) ||
        attribute(device, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, &d->l2, r) ||
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, &threads, r))
        return -1;
    d->major = (int)major;
    d->minor = (int)minor;
    d->threads = (int)threads;
    return 0;
}

static void uuid_text(const CUuuid *id, char text[48])
{
    char *at = text + sprintf(text, "GPU");

    for (int i = 0; i < 16; i++)
        at += sprintf(at, "%s%02x", i == 0 || i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                      (unsigned char)id->bytes[i]);
}

int device_open(struct device *d, struct refusal *r)
{
    CUdevice device;
    CUuuid id;
    size_t memory;
    int count = 0;

    memset(d, 0, sizeof *d);
    /* a kernel that is loaded at its first launch could not be captured, and would be timed */
    setenv("CUDA_MODULE_LOADING", "EAGER", 1);
    if (driver_open(r) ||
        cuda_check(cu.cuInit(0), REFUSE_NO_GPU, "starting the NVIDIA driver (cuInit)", r) ||
        cuda_check(cu.cuDeviceGetCount(&count), REFUSE_NO_GPU, "counting GPUs", r))
        return -1;
    if (!count)
        return refuse(r, REFUSE_NO_GPU,
                      "the NVIDIA driver shows no GPU; see CUDA_VISIBLE_DEVICES and nvidia-smi");
    if (cuda_check(cu.cuDeviceGet(&device, 0), REFUSE_NO_GPU, "taking GPU 0", r) ||
        cuda_check(cu.cuDeviceGetName(d->name, (int)sizeof d->name, device), REFUSE_NO_GPU,
                   "reading the GPU's name", r) ||
        cuda_check(cu.cuDeviceGetUuid(&id, device), REFUSE_NO_GPU, "reading the GPU's UUID", r) ||
        cuda_check(cu.cuDeviceTotalMem(&memory, device), REFUSE_NO_GPU, "reading its memory", r) ||
        cuda_check(cu.cuDriverGetVersion(&d->driver), REFUSE_NO_GPU, "reading its version", r) ||
        attributes(d, device, r))
        return -1;
    uuid_text(&id, d->uuid);
    d->memory = (int64_t)memory;
    return 0;
}

int device_start(struct device *d, struct refusal *r)
{
    CUdevice device;

    if (d->context)
        return 0;
    if (cuda_check(cu.cuDeviceGet(&device, 0), REFUSE_NO_GPU, "taking GPU 0", r) ||
        cuda_check(cu.cuDevicePrimaryCtxRetain(&d->context, device), REFUSE_NO_GPU,
                   "making a context on the GPU", r))
        return -1;
    if (cuda_check(cu.cuCtxSetCurrent(d->context), REFUSE_NO_GPU, "using the context", r) ||
        cuda_check(cu.cuStreamCreate(&d->stream, CU_STREAM_DEFAULT), REFUSE_NO_GPU,
                   "making a stream", r) ||
        cuda_check(cu.cuModuleLoadData(&d->module, embed_kernels_fatbin), REFUSE_NO_GPU,
                   "loading the worker's own kernels (they need compute capability 7.5)", r))
        goto failed;
    for (int k = 0; k < KERNELS; k++)
        if (cuda_check(cu.cuModuleGetFunction(&d->kernels[k], d->module, kernel_names[k]),
                       REFUSE_NO_GPU, kernel_names[k], r))
            goto failed;
    return 0;
failed:
    d->context = NULL;
    return -1;
}

int device_run(struct device *d, enum kernel k, const struct job *job, uint64_t items,
               unsigned rows, struct refusal *r)
{
    uint64_t blocks = (items + 1023) / 1024, most = 16384 / (rows ? rows : 1) + 1;
    void *params[] = {(void *)job};

    if (!items || !rows)
        return 0;
    if (blocks > most)
        blocks = most;
    return cuda_check(cu.cuLaunchKernel(d->kernels[k], (unsigned)blocks, rows, 1, 256, 1, 1, 0,
                                        d->stream, params, NULL),
                      REFUSE_FAULT, kernel_names[k], r);
}

int device_wait(struct refusal *r)
{
    return cuda_check(cu.cuCtxSynchronize(), REFUSE_FAULT, "running on the GPU", r);
}

int device_alloc(CUdeviceptr *p, size_t bytes, struct refusal *r)
{
    *p = 0;
    return cuda_check(cu.cuMemAlloc(p, bytes ? bytes : 1), REFUSE_LIMIT, "taking GPU memory", r);
}

void device_free(CUdeviceptr *p)
{
    if (*p)
        cu.cuMemFree(*p);
    *p = 0;
}
