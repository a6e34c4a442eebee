/* runtime/worker/module.c - loading and launching variants.
 *
 * A shared object goes through a file that is removed once it is open: the loader knows objects by
 * path, so every one has a path of its own. It is opened lazily and locally, as a user's file may
 * name functions of other files, which are never called here.
 *
 * A kernel may be local to its cubin (static, or in an anonymous namespace); drivers look up only
 * the global ones by name, so then the module's functions are listed and compared. */
#include "runtime/worker/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/error.h"
#include "runtime/base/fs.h"
#include "runtime/worker/limits.h"
#include "runtime/worker/session.h"
#include "runtime/worker/sets.h"

void *object_open(const void *blob, size_t len, struct refusal *r)
{
    struct error err = {{0}};
    char *folder = fs_tempdir("ksearch-object", &err), path[PATH_MAX];
    void *object = NULL;

    if (!folder) {
        refuse(r, REFUSE_LOAD, "%s", err.text);
        return NULL;
    }
    snprintf(path, sizeof path, "%s/entry.so", folder);
    if (fs_write(path, blob, len, &err))
        refuse(r, REFUSE_LOAD, "%s", err.text);
    else if (!(object = dlopen(path, RTLD_LAZY | RTLD_LOCAL)))
        refuse(r, REFUSE_LOAD, "the shared object cannot be opened: %s", dlerror());
    fs_remove(folder);
    free(folder);
    return object;
}

static void find(void *object, const char *what, const char *label, void *slot)
{
    char name[512];
    void *p;

    snprintf(name, sizeof name, "ksearch_%s__%s", what, label);
    p = dlsym(object, name);
    memcpy(slot, &p, sizeof p);
}

void harness_find(void *object, const char *label, struct harness *h)
{
    find(object, "call", label, &h->call);
    find(object, "reference", label, &h->reference);
    find(object, "check", label, &h->check);
    find(object, "extent", label, &h->extent);
    find(object, "elem", label, &h->elem);
    find(object, "gen", label, &h->gen);
    find(object, "setup", label, &h->setup);
    find(object, "geom", label, &h->geom);
    find(object, "args", label, &h->args);
}

/* what a CUDA runtime call returned; the numbers are the driver's, but for a few of its own */
static int runtime_check(int code, const char *what, struct refusal *r)
{
    enum { INVALID_VALUE = 1, INVALID_CONFIGURATION = 9, NO_KERNEL_IMAGE = 209 };

    if (code == INVALID_VALUE || code == INVALID_CONFIGURATION)
        return refuse(r, REFUSE_LIMIT, "%s: the launch asks for what the GPU does not have (%d)",
                      what, code);
    if (code == NO_KERNEL_IMAGE)
        return refuse(r, REFUSE_LOAD, "%s: it was not compiled for this GPU", what);
    return cuda_check((CUresult)code, REFUSE_LIMIT, what, r);
}

int harness_start(void *object, const struct harness *h, const struct device *d, struct refusal *r)
{
    struct {
        long long sms, smem, regs, l2;
    } *gpu = dlsym(object, "ksearch_gpu");

    if (gpu) {
        gpu->sms = d->sms;
        gpu->smem = d->smem;
        gpu->regs = d->regs;
        gpu->l2 = d->l2;
    }
    return h->setup ? runtime_check(h->setup(), "the entry's setup", r) : 0;
}

static struct module *module_find(struct session *s, int id)
{
    struct module *m = s->modules;

    while (m && m->id != id)
        m = m->next;
    return m;
}

int module_load(struct session *s, int id, bool is_cubin, const void *blob, size_t len,
                struct refusal *r)
{
    struct module *m;

    if (module_find(s, id))
        return refuse(r, REFUSE_PROTOCOL, "module %d is loaded already", id);
    m = calloc(1, sizeof *m);
    m->id = id;
    if (is_cubin) {
        if (cuda_check(cu.cuModuleLoadData(&m->cubin, blob), REFUSE_LOAD, "loading a cubin", r)) {
            free(m);
            return -1;
        }
    } else if (!(m->object = object_open(blob, len, r))) {
        free(m);
        return -1;
    }
    m->next = s->modules;
    s->modules = m;
    return 0;
}

void variant_free_graphs(struct variant *v)
{
    while (v->graphs) {
        struct graph *g = v->graphs;

        v->graphs = g->next;
        if (g->exec)
            cu.cuGraphExecDestroy(g->exec);
        free(g);
    }
}

static void variants_drop(struct session *s, const struct module *m)
{
    for (struct variant **at = &s->variants; *at;) {
        struct variant *v = *at;

        if (v->module != m) {
            at = &v->next;
            continue;
        }
        *at = v->next;
        variant_free_graphs(v);
        free(v->tunables);
        free(v);
    }
}

void module_drop(struct session *s, int id)
{
    for (struct module **at = &s->modules; *at; at = &(*at)->next) {
        struct module *m = *at;

        if (m->id != id)
            continue;
        *at = m->next;
        variants_drop(s, m);
        if (m->cubin)
            cu.cuModuleUnload(m->cubin);
        if (m->object)
            dlclose(m->object);
        free(m);
        return;
    }
}

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

static int function_find(struct variant *v, const char *symbol, struct refusal *r)
{
    CUresult result = cu.cuModuleGetFunction(&v->function, v->module->cubin, symbol);

    if (result == CUDA_ERROR_NOT_FOUND)
        v->function = function_among_all(v->module->cubin, symbol);
    else if (cuda_check(result, REFUSE_LOAD, "finding a kernel in a cubin", r))
        return -1;
    if (!v->function)
        return refuse(r, REFUSE_LOAD, "the cubin has no kernel %s", symbol);
    if (cuda_check(cu.cuFuncGetAttribute(&v->regs, CU_FUNC_ATTRIBUTE_NUM_REGS, v->function),
                   REFUSE_LOAD, symbol, r) ||
        cuda_check(
            cu.cuFuncGetAttribute(&v->smem, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, v->function),
            REFUSE_LOAD, symbol, r) ||
        cuda_check(
            cu.cuFuncGetAttribute(&v->local, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, v->function),
            REFUSE_LOAD, symbol, r) ||
        cuda_check(cu.cuFuncGetAttribute(&v->threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
                                         v->function),
                   REFUSE_LOAD, symbol, r))
        return -1;
    return 0;
}

static int entry_find(struct session *s, struct variant *v, const char *label, struct refusal *r)
{
    struct harness h;

    harness_find(v->module->object, label, &h);
    if (!h.call)
        return refuse(r, REFUSE_LOAD, "the shared object has no ksearch_call__%s", label);
    v->call = h.call;
    return harness_start(v->module->object, &h, s->device, r);
}

struct variant *variant_add(struct session *s, int id, int module, const char *symbol,
                            const long long *tunables, size_t n, struct refusal *r)
{
    struct variant *v = calloc(1, sizeof *v);

    v->id = id;
    v->most_smem = -1;
    v->module = module_find(s, module);
    v->ntunables = n;
    v->tunables = malloc((n + 1) * sizeof *v->tunables);
    if (n)
        memcpy(v->tunables, tunables, n * sizeof *v->tunables);
    for (struct variant *other = s->variants; other; other = other->next)
        if (other->id == id)
            refuse(r, REFUSE_PROTOCOL, "variant %d exists already", id);
    if (!v->module)
        refuse(r, REFUSE_PROTOCOL, "there is no module %d", module);
    else if (v->module->cubin && (!s->harness.geom || !s->harness.args))
        refuse(r, REFUSE_LOAD, "the harness has no ksearch_geom__%s and ksearch_args__%s", s->entry,
               s->entry);
    if (r->class ||
        (v->module->cubin ? function_find(v, symbol, r) : entry_find(s, v, symbol, r))) {
        free(v->tunables);
        free(v);
        return NULL;
    }
    v->next = s->variants;
    s->variants = v;
    return v;
}

/* ---- launching ---- */

enum { ARGS_MOST = 4096, USUAL_SMEM = 48 * 1024 };

/* whether the GPU has what the launch wants; says which limit it breaks */
static int geometry_check(const struct variant *v, const struct device *d, const unsigned g[10],
                          struct refusal *r)
{
    unsigned long long threads = (unsigned long long)g[3] * g[4] * g[5];
    unsigned clusters = g[6] ? g[6] * g[7] * g[8] : 1;

    if (!threads || g[3] > 1024 || g[4] > 1024 || g[5] > 64 ||
        threads > (unsigned long long)d->threads)
        return refuse(r, REFUSE_LIMIT, "a block of %u x %u x %u threads; the GPU allows %d", g[3],
                      g[4], g[5], d->threads);
    if (threads > (unsigned long long)v->threads)
        return refuse(r, REFUSE_LIMIT,
                      "a block of %llu threads; this kernel allows %d (%d "
                      "registers a thread)",
                      threads, v->threads, v->regs);
    if (g[0] > INT_MAX || g[1] > 65535 || g[2] > 65535)
        return refuse(r, REFUSE_LIMIT, "a grid of %u x %u x %u blocks is more than the GPU allows",
                      g[0], g[1], g[2]);
    if ((unsigned long long)v->smem + g[9] > (unsigned long long)d->smem)
        return refuse(r, REFUSE_LIMIT, "%d + %u bytes of shared memory a block; the GPU has %lld",
                      v->smem, g[9], (long long)d->smem);
    if (limits_smem(v, v->smem, g[9], r))
        return -1;
    if (g[6] && (clusters > 16 || g[0] % g[6] || g[1] % g[7] || g[2] % g[8]))
        return refuse(r, REFUSE_LIMIT, "clusters of %u x %u x %u do not fit a grid of %u x %u x %u",
                      g[6], g[7], g[8], g[0], g[1], g[2]);
    return 0;
}

static int function_prepare(struct variant *v, const unsigned g[10], struct refusal *r)
{
    int dynamic = (int)g[9];

    if (v->smem + dynamic > USUAL_SMEM && dynamic > v->dynamic) {
        if (cuda_check(cu.cuFuncSetAttribute(
                           v->function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, dynamic),
                       REFUSE_LIMIT, "asking for shared memory", r))
            return -1;
        v->dynamic = dynamic;
    }
    if (g[6] && g[6] * g[7] * g[8] > 8 && !v->has_large_clusters) {
        if (cuda_check(cu.cuFuncSetAttribute(
                           v->function, CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, 1),
                       REFUSE_LIMIT, "asking for a large cluster", r))
            return -1;
        v->has_large_clusters = true;
    }
    return 0;
}

static int function_launch(struct session *s, struct variant *v, struct point *p, void *const *a,
                           struct refusal *r)
{
    static _Alignas(128) unsigned char values[32768];
    static unsigned offsets[ARGS_MOST];
    static void *params[ARGS_MOST];
    unsigned g[10] = {0};
    CUlaunchAttribute cluster = {.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION};
    CUlaunchConfig config;
    int n;

    if (s->harness.geom(v->tunables, p->dims, g))
        return refuse(r, REFUSE_LIMIT,
                      "the grid, block or shared memory of the launch is out of "
                      "range at %s",
                      p->label);
    if (!g[0] || !g[1] || !g[2])
        return 0; /* nothing to do; launching it would be an error */
    n = s->harness.args(p->dims, a, values, sizeof values, offsets);
    if (n < 0 || n > ARGS_MOST)
        return refuse(r, REFUSE_LIMIT, "the kernel's parameters take more than %zu bytes",
                      sizeof values);
    if (geometry_check(v, s->device, g, r) || function_prepare(v, g, r))
        return -1;
    for (int i = 0; i < n; i++)
        params[i] = values + offsets[i];
    config = (CUlaunchConfig){g[0], g[1], g[2], g[3], g[4], g[5], g[9], s->device->stream, NULL, 0};
    if (g[6]) {
        cluster.value.clusterDim.x = g[6];
        cluster.value.clusterDim.y = g[7];
        cluster.value.clusterDim.z = g[8];
        config.attrs = &cluster;
        config.numAttrs = 1;
    }
    return cuda_check(cu.cuLaunchKernelEx(&config, v->function, params, NULL), REFUSE_LIMIT,
                      "launching the kernel", r);
}

/* what a function of the user's that launches returned */
static int code_check(const struct session *s, int code, const char *what, struct refusal *r)
{
    if (code >= CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED && code <= CUDA_ERROR_CAPTURED_EVENT) {
        if (!s->is_capturing)
            return 0; /* left over from an attempt at capturing: nobody reset the last error */
        return refuse(r, REFUSE_UNSUPPORTED,
                      "the entry cannot be captured in a graph: it "
                      "synchronises, allocates or uses the default stream (%d)",
                      code);
    }
    return runtime_check(code, what, r);
}

int variant_launch(struct session *s, struct variant *v, struct point *p, unsigned set,
                   struct refusal *r)
{
    void **a = sets_addresses(p->sets, set);

    if (v->function)
        return function_launch(s, v, p, a, r);
    return code_check(s, v->call(p->dims, a, s->device->stream), "calling the entry", r);
}

int reference_launch(struct session *s, struct point *p, unsigned set, struct refusal *r)
{
    void **a = sets_addresses(p->sets, set);

    return code_check(s, s->harness.reference(p->dims, a, s->device->stream),
                      "calling the reference", r);
}
