/* tests/fake/nvml.c - an NVML for tests: any GPU is there, KSEARCH_FAKE_OTHERS processes use it
 * beside the one that asks, and it draws 100 W. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    PID_MOST = 4 << 20
}; /* no process has a greater one: the next one might be another worker */

struct process {
    unsigned pid;
    unsigned long long memory;
    unsigned gpu_instance, compute_instance;
};

int nvmlInit_v2(void);
int nvmlDeviceGetHandleByUUID(const char *uuid, void **device);
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *n, struct process *out);

int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *mj);

/* the counter moves every 10 ms */
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *mj)
{
    struct timespec t;

    (void)device;
    clock_gettime(CLOCK_MONOTONIC, &t);
    *mj = 1000 * ((unsigned long long)t.tv_sec * 100 + (unsigned long long)t.tv_nsec / 10000000);
    return getenv("KSEARCH_FAKE_NO_ENERGY") ? 3 : 0; /* NVML_ERROR_NOT_SUPPORTED */
}

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
    out[0].pid = (unsigned)getpid();
    for (unsigned i = 1; i < all; i++)
        out[i].pid = PID_MOST + i;
    *n = all;
    return 0;
}
