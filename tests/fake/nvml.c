/* tests/fake/nvml.c - an NVML for tests: any GPU is there, KSEARCH_FAKE_OTHERS processes use it
 * beside the one that asks, and it draws 100 W. */
#include <stdlib.h>
#include <unistd.h>

struct process {
    unsigned pid;
    unsigned long long memory;
    unsigned gpu_instance, compute_instance;
};

int nvmlInit_v2(void);
int nvmlDeviceGetHandleByUUID(const char *uuid, void **device);
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *n, struct process *out);

int nvmlInit_v2(void)
{
    return 0;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, void **device)
{
    *device = (void *)(size_t)uuid;
    return 0;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *n, struct process *out)
{
    const char *others = getenv("KSEARCH_FAKE_OTHERS");
    unsigned all = 1 + (others ? (unsigned)atoi(others) : 0);

    (void)device;
    if (all > *n)
        return 7; /* NVML_ERROR_INSUFFICIENT_SIZE */
    for (unsigned i = 0; i < all; i++)
        out[i].pid = (unsigned)getpid() + i;
    *n = all;
    return 0;
}
