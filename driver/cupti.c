/* driver/cupti.c - see cupti.h. */
#include "driver/cupti.h"

#include <dlfcn.h>
#include <glob.h>
#include <stdlib.h>
#include "driver/find.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/capture/trace.h"

static const char *cupti_below(struct arena *a, const char *home)
{
    static const char *const places[] = {"extras/CUPTI/lib64", "lib64", "targets/*-linux/lib",
                                         "lib"};
    const char *found = NULL;
    glob_t g;

    for (size_t i = 0; home && *home && !found && i < sizeof places / sizeof *places; i++) {
        if (glob(arena_printf(a, "%s/%s/libcupti.so*", home, places[i]), 0, NULL, &g) == 0)
            found = arena_dup(a, g.gl_pathv[0]);
        globfree(&g);
    }
    return found;
}

/* where the dynamic linker finds it */
static const char *cupti_anywhere(void)
{
    static const char *const names[] = {"libcupti.so.13", "libcupti.so.12", "libcupti.so"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
        if (library) {
            dlclose(library);
            return names[i];
        }
    }
    return NULL;
}

/* the folder above the bin of the nvcc in use, links followed */
static const char *nvcc_home(struct arena *a)
{
    char *nvcc = find_nvcc("/proc/self/exe", NULL), *real = nvcc ? realpath(nvcc, NULL) : NULL;
    char *bin = real ? fs_dir(real) : NULL, *home = bin ? fs_dir(bin) : NULL;
    const char *copy = arena_dup(a, home);

    free(home);
    free(bin);
    free(real);
    free(nvcc);
    return copy;
}

const char *cupti_find(struct arena *a)
{
    const char *given = getenv(TRACE_CUPTI_VARIABLE);
    const char *const homes[] = {getenv("CUDA_HOME"), getenv("CUDA_PATH"), nvcc_home(a),
                                 "/usr/local/cuda"};
    const char *found = NULL;

    if (given && *given)
        return given;
    for (size_t i = 0; !found && i < sizeof homes / sizeof *homes; i++)
        found = cupti_below(a, homes[i]);
    return found ? found : cupti_anywhere();
}
