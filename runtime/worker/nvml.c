/* runtime/worker/nvml.c - see nvml.h. Functions and structures as in NVML's reference
 * (https://docs.nvidia.com/deploy/nvml-api): the toolkit need not have its header. */
#include "runtime/worker/nvml.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/log.h"

enum { SUCCESS = 0, PROCESSES_MOST = 64 };

struct process { /* nvmlProcessInfo_v2_t, which the third version of the call fills as well */
    unsigned pid;
    unsigned long long memory;
    unsigned gpu_instance, compute_instance;
};

static struct {
    int (*init)(void);
    int (*handle)(const char *uuid, void **device);
    int (*processes)(void *device, unsigned *n, struct process *out);
    int (*energy)(void *device, unsigned long long *mj);
    void *device; /* NULL: nothing is known */
} nvml;

static bool symbols(void *library)
{
    *(void **)&nvml.init = dlsym(library, "nvmlInit_v2");
    *(void **)&nvml.handle = dlsym(library, "nvmlDeviceGetHandleByUUID");
    *(void **)&nvml.processes = dlsym(library, "nvmlDeviceGetComputeRunningProcesses_v3");
    if (!nvml.processes)
        *(void **)&nvml.processes = dlsym(library, "nvmlDeviceGetComputeRunningProcesses_v2");
    *(void **)&nvml.energy = dlsym(library, "nvmlDeviceGetTotalEnergyConsumption");
    return nvml.init && nvml.handle;
}

int nvml_open(const char *uuid)
{
    static void *library;

    nvml.device = NULL;
    if (!library && !(library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL))) {
        log_debug("other processes on the GPU are not seen: %s", dlerror());
        return -1;
    }
    if (!symbols(library) || nvml.init() != SUCCESS || nvml.handle(uuid, &nvml.device) != SUCCESS)
        nvml.device = NULL;
    return nvml.device ? 0 : -1;
}

long long nvml_energy(void)
{
    unsigned long long mj = 0;

    if (!nvml.device || !nvml.energy || nvml.energy(nvml.device, &mj) != SUCCESS)
        return -1;
    return (long long)mj;
}

/* another worker measures when this one does not: they take turns */
static bool is_worker(unsigned pid)
{
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%u/comm", pid);
    FILE *f = fopen(path, "re");
    bool is = f && fgets(name, sizeof name, f) && strcmp(name, "ksearch-worker\n") == 0;

    if (f)
        fclose(f);
    return is;
}

int nvml_others(void)
{
    struct process all[PROCESSES_MOST];
    unsigned n = PROCESSES_MOST;
    int others = 0;
    bool own = false;

    memset(all, 0, sizeof all);
    if (!nvml.device || !nvml.processes || nvml.processes(nvml.device, &n, all) != SUCCESS)
        return -1;
    for (unsigned i = 0; i < n; i++) {
        own |= all[i].pid == (unsigned)getpid();
        others += all[i].pid != (unsigned)getpid() && !is_worker(all[i].pid);
    }
    /* in a container the numbers may be those outside of it: one of them is ours all the same */
    return own || others == 0 ? others : others - 1;
}
