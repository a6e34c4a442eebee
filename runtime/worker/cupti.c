/* runtime/worker/cupti.c - see cupti.h.
 *
 * libcupti opens libnvperf_host.so and libnvperf_target.so by their bare names, which the dynamic
 * linker finds only where the toolkit's folder is one of its own. It finds those that are open
 * already, so they are opened first, from the folder of libcupti. */
#include "runtime/worker/cupti.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

struct cupti cupti;

static void open_beside(const char *path)
{
    static const char *const names[] = {"libnvperf_host.so", "libnvperf_target.so"};
    const char *slash = strrchr(path, '/');
    char beside[4096];

    for (size_t i = 0; slash && i < sizeof names / sizeof *names; i++) {
        int n = snprintf(beside, sizeof beside, "%.*s/%s", (int)(slash - path), path, names[i]);
        if (n > 0 && (size_t)n < sizeof beside)
            dlopen(beside, RTLD_NOW | RTLD_LOCAL); /* what is missing CUPTI itself says */
    }
}

static void *open_anywhere(void)
{
    static const char *const names[] = {"libcupti.so.13", "libcupti.so.12", "libcupti.so"};
    void *library = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return library;
}

static int symbol(void *library, const char *name, void *slot, struct refusal *r)
{
    void *p = dlsym(library, name);

    memcpy(slot, &p, sizeof p);
    return p ? 0
             : refuse(r, REFUSE_UNSUPPORTED,
                      "counters need CUPTI 12.6 or newer: this libcupti has no %s", name);
}

static int symbols(void *library, struct refusal *r)
{
    struct cupti found;

#define LOOK(name)                              \
    if (symbol(library, #name, &found.name, r)) \
        return -1;
    CUPTI_FUNCTIONS(LOOK)
#undef LOOK
    cupti = found;
    return 0;
}

int cupti_open(const char *path, struct refusal *r)
{
    void *library;

    if (cupti.cuptiGetResultString)
        return 0;
    if (path)
        open_beside(path);
    library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : open_anywhere();
    if (!library) {
        const char *why = dlerror();

        return refuse(r, REFUSE_UNSUPPORTED,
                      "counters need libcupti of the CUDA toolkit (package cuda-cupti): %s",
                      why ? why : "it cannot be opened");
    }
    return symbols(library, r);
}

/* what a person can do about it */
static const char *needed(CUptiResult result)
{
    switch (result) {
    case CUPTI_ERROR_INSUFFICIENT_PRIVILEGES:
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES:
        return "permission (the driver's option NVreg_RestrictProfilingToAdminUsers=0, or the "
               "capability CAP_SYS_ADMIN)";
    case CUPTI_ERROR_HARDWARE_BUSY:
    case CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED:
        return "the GPU's counters to themselves (another profiler, or DCGM, has them)";
    default:
        return "a GPU and a driver that this CUPTI knows";
    }
}

int cupti_check(CUptiResult result, const char *call, struct refusal *r)
{
    const char *text = NULL;

    if (result == CUPTI_SUCCESS)
        return 0;
    cupti.cuptiGetResultString(result, &text);
    return refuse(r, REFUSE_UNSUPPORTED, "counters need %s: %s: %s (%d)", needed(result), call,
                  text ? text : "unknown error", (int)result);
}
