/* runtime/worker/module.c - loading and launching variants.
 *
 * A shared object goes through a file that is removed once it is open: the loader knows objects by
 * path, so every one has a path of its own. It is opened lazily and locally, as a user's file may
 * name functions of other files, which are never called here. */
#include "runtime/worker/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/error.h"
#include "runtime/base/fs.h"
#include "runtime/worker/plan.h"
#include "runtime/worker/limits.h"
#include "runtime/worker/missing.h"
#include "runtime/worker/session.h"
#include "runtime/worker/sets.h"

/* once more without what it names and nobody defines */
static void *open_incomplete(const void *blob, size_t len, const char *path)
{
    char *copy = malloc(len + 1);
    struct error err = {{0}};
    void *object = NULL;

    if (!copy)
        return NULL;
    memcpy(copy, blob, len);
    missing_allow(copy, len);
    if (fs_write(path, copy, len, &err) == 0)
        object = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    free(copy);
    return object;
}

static void *object_open(const void *blob, size_t len, struct refusal *r)
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
    else if (!(object = dlopen(path, RTLD_LAZY | RTLD_LOCAL)) &&
             !(object = open_incomplete(blob, len, path)))
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
    find(object, "scalars", label, &h->scalars);
}

/* what a CUDA runtime call returned; the numbers are the driver's, but for a few of its own */
static int runtime_check(int code, const char *what, struct refusal *r)
{
    enum { INVALID_VALUE = 1, INVALID_CONFIGURATION = 9, NO_KERNEL_IMAGE = 209 };

    if (code == INVALID_VALUE || code == INVALID_CONFIGURATION)
        return refuse(r, REFUSE_LIMIT,
                      "%s: CUDA refuses the launch (%d): a block, a grid or shared memory larger "
                      "than the GPU has",
                      what, code);
    if (code == NO_KERNEL_IMAGE)
        return refuse(r, REFUSE_LOAD, "%s: it was not compiled for this GPU", what);
    return cuda_check((CUresult)code, REFUSE_LIMIT, what, r);
}

/* tells the object what GPU this is and runs its setup, if it has one */
static int harness_start(void *object, const struct harness *h, const struct device *d,
                         struct refusal *r)
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

static void variant_free_graphs(struct variant *v)
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
        plan_free(v->plan);
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

static int entry_find(struct session *s, struct variant *v, const char *label, struct refusal *r)
{
    struct harness h;

    harness_find(v->module->object, label, &h);
    if (!h.call)
        return refuse(r, REFUSE_LOAD, "the shared object has no ksearch_call__%s", label);
    v->call = h.call;
    return harness_start(v->module->object, &h, s->device, r);
}

/* what the module is to the variant: the kernel, the plan or the function that it is made of */
static int variant_find(struct session *s, struct variant *v, const char *symbol,
                        const json_t *plan, struct refusal *r)
{
    if (!v->module->cubin)
        return plan ? refuse(r, REFUSE_PROTOCOL, "a plan needs a cubin")
                    : entry_find(s, v, symbol, r);
    if (!s->harness.args || (plan ? !s->harness.scalars : !s->harness.geom))
        return refuse(r, REFUSE_LOAD, "the harness has no ksearch_%s__%s and ksearch_args__%s",
                      plan ? "scalars" : "geom", s->entry, s->entry);
    if (!plan)
        return function_find(&v->function, v->module->cubin, symbol, r);
    v->plan = plan_read(plan, v->module->cubin, r);
    return v->plan ? 0 : -1;
}

struct variant *variant_add(struct session *s, int id, int module, const char *symbol,
                            const json_t *plan, const long long *tunables, size_t n,
                            struct refusal *r)
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
    if (r->class || variant_find(s, v, symbol, plan, r)) {
        free(v->tunables);
        free(v);
        return NULL;
    }
    v->next = s->variants;
    s->variants = v;
    return v;
}

bool variant_is_device(const struct variant *v)
{
    return v->function.handle || v->plan;
}

/* ---- launching ---- */

enum { ARGS_MOST = 4096 };

/* the kernel of a kernel entry, launched as its launch() says for the variant's tunables */
static int kernel_launch(struct session *s, struct variant *v, struct point *p, void *const *a,
                         struct refusal *r)
{
    static _Alignas(128) unsigned char values[32768];
    static unsigned offsets[2 * ARGS_MOST];
    static void *params[ARGS_MOST];
    unsigned g[LAUNCH_NUMBERS] = {0};
    int n;

    if (s->harness.geom(v->tunables, p->dims, g))
        return refuse(r, REFUSE_LIMIT,
                      "the grid, block or shared memory of the launch is out of "
                      "range at %s",
                      p->label);
    n = s->harness.args(p->dims, a, values, sizeof values, offsets);
    if (n < 0 || n > ARGS_MOST)
        return refuse(r, REFUSE_LIMIT, "the kernel's parameters take more than %zu bytes",
                      sizeof values);
    for (int i = 0; i < n; i++)
        params[i] = values + offsets[i];
    if (limits_smem(v, v->function.smem, g[LAUNCH_SMEM], r))
        return -1;
    return function_launch(&v->function, s->device, g, params, r);
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

    if (v->plan)
        return plan_launch(s, v, p, set, r);
    if (v->function.handle)
        return kernel_launch(s, v, p, a, r);
    return code_check(s, v->call(p->dims, a, s->device->stream), "calling the entry", r);
}

int reference_launch(struct session *s, struct point *p, unsigned set, struct refusal *r)
{
    void **a = sets_addresses(p->sets, set);

    return code_check(s, s->harness.reference(p->dims, a, s->device->stream),
                      "calling the reference", r);
}
