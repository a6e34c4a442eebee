/* runtime/worker/function.c - see function.h.
 *
 * A kernel may be local to its cubin (static, or in an anonymous namespace); drivers look up only
 * the global ones by name, so then the module's functions are listed and compared. */
#include "runtime/worker/function.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_SMEM = 48 * 1024 };

static CUfunction function_among_all(CUmodule cubin, const char *symbol)
{
    CUfunction *all, found = NULL;
    const char *name;
    unsigned n = 0;

    if (!cu.cuModuleGetFunctionCount || !cu.cuModuleEnumerateFunctions || !cu.cuFuncGetName ||
        cu.cuModuleGetFunctionCount(&n, cubin) || !n)
        return NULL;
    all = calloc(n, sizeof *all);
    if (!cu.cuModuleEnumerateFunctions(all, n, cubin))
        for (unsigned i = 0; i < n && !found; i++)
            if (!cu.cuFuncGetName(&name, all[i]) && name && !strcmp(name, symbol))
                found = all[i];
    free(all);
    if (found && cu.cuFuncLoad)
        cu.cuFuncLoad(found);
    return found;
}

int function_find(struct function *f, CUmodule cubin, const char *symbol, struct refusal *r)
{
    CUresult result = cu.cuModuleGetFunction(&f->handle, cubin, symbol);

    if (result == CUDA_ERROR_NOT_FOUND)
        f->handle = function_among_all(cubin, symbol);
    else if (cuda_check(result, REFUSE_LOAD, "finding a kernel in a cubin", r))
        return -1;
    if (!f->handle)
        return refuse(r, REFUSE_LOAD, "the cubin has no kernel %s", symbol);
    if (cuda_check(cu.cuFuncGetAttribute(&f->regs, CU_FUNC_ATTRIBUTE_NUM_REGS, f->handle),
                   REFUSE_LOAD, symbol, r) ||
        cuda_check(cu.cuFuncGetAttribute(&f->smem, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, f->handle),
                   REFUSE_LOAD, symbol, r) ||
        cuda_check(cu.cuFuncGetAttribute(&f->local, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, f->handle),
                   REFUSE_LOAD, symbol, r) ||
        cuda_check(
            cu.cuFuncGetAttribute(&f->threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, f->handle),
            REFUSE_LOAD, symbol, r))
        return -1;
    return 0;
}

/* ---- launching ---- */

/* whether the GPU has what the launch wants; says which limit it breaks */
static int geometry_check(const struct function *f, const struct device *d,
                          const unsigned g[LAUNCH_NUMBERS], struct refusal *r)
{
    unsigned long long threads = (unsigned long long)g[3] * g[4] * g[5];
    unsigned clusters = g[6] ? g[6] * g[7] * g[8] : 1;

    if (!threads || g[3] > 1024 || g[4] > 1024 || g[5] > 64 ||
        threads > (unsigned long long)d->threads)
        return refuse(r, REFUSE_LIMIT, "a block of %u x %u x %u threads; the GPU allows %d", g[3],
                      g[4], g[5], d->threads);
    if (threads > (unsigned long long)f->threads)
        return refuse(r, REFUSE_LIMIT,
                      "a block of %llu threads; this kernel allows %d (%d "
                      "registers a thread)",
                      threads, f->threads, f->regs);
    if (g[0] > INT_MAX || g[1] > 65535 || g[2] > 65535)
        return refuse(r, REFUSE_LIMIT, "a grid of %u x %u x %u blocks is more than the GPU allows",
                      g[0], g[1], g[2]);
    if ((unsigned long long)f->smem + g[9] > (unsigned long long)d->smem)
        return refuse(r, REFUSE_LIMIT, "%d + %u bytes of shared memory a block; the GPU has %lld",
                      f->smem, g[9], (long long)d->smem);
    if (g[6] && (clusters > 16 || g[0] % g[6] || g[1] % g[7] || g[2] % g[8]))
        return refuse(r, REFUSE_LIMIT, "clusters of %u x %u x %u do not fit a grid of %u x %u x %u",
                      g[6], g[7], g[8], g[0], g[1], g[2]);
    return 0;
}

static int function_prepare(struct function *f, const unsigned g[LAUNCH_NUMBERS], struct refusal *r)
{
    int dynamic = (int)g[9];

    if (f->smem + dynamic > USUAL_SMEM && dynamic > f->dynamic) {
        if (cuda_check(cu.cuFuncSetAttribute(
                           f->handle, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, dynamic),
                       REFUSE_LIMIT, "asking for shared memory", r))
            return -1;
        f->dynamic = dynamic;
    }
    if (g[6] && g[6] * g[7] * g[8] > 8 && !f->has_large_clusters) {
        if (cuda_check(cu.cuFuncSetAttribute(
                           f->handle, CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, 1),
                       REFUSE_LIMIT, "asking for a large cluster", r))
            return -1;
        f->has_large_clusters = true;
    }
    return 0;
}

int function_launch(struct function *f, struct device *d, const unsigned g[LAUNCH_NUMBERS],
                    void **params, struct refusal *r)
{
    CUlaunchAttribute cluster = {.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION};
    CUlaunchConfig config = {g[0], g[1], g[2], g[3], g[4], g[5], g[9], d->stream, NULL, 0};

    if (!g[0] || !g[1] || !g[2])
        return 0; /* nothing to do; launching it would be an error */
    if (geometry_check(f, d, g, r) || function_prepare(f, g, r))
        return -1;
    if (g[LAUNCH_CLUSTER]) {
        cluster.value.clusterDim.x = g[6];
        cluster.value.clusterDim.y = g[7];
        cluster.value.clusterDim.z = g[8];
        config.attrs = &cluster;
        config.numAttrs = 1;
    }
    return cuda_check(cu.cuLaunchKernelEx(&config, f->handle, params, NULL), REFUSE_LIMIT,
                      "launching the kernel", r);
}

int function_param(const struct function *f, size_t i, size_t *size, struct refusal *r)
{
    size_t offset;
    CUresult result;

    *size = 0;
    if (!cu.cuFuncGetParamInfo)
        return refuse(
            r, REFUSE_UNSUPPORTED,
            "this driver does not tell a kernel's parameters, which a plan needs: use one "
            "of CUDA 12.4 or later");
    result = cu.cuFuncGetParamInfo(f->handle, i, &offset, size);
    if (result == CUDA_ERROR_INVALID_VALUE) {
        *size = 0;
        return 0;
    }
    return cuda_check(result, REFUSE_LOAD, "asking for a kernel's parameters", r);
}
