/* runtime/worker/module.h - code that was loaded: shared objects and cubins, and launching it. */
#ifndef KS_MODULE_H
#define KS_MODULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "runtime/worker/cuda.h"
#include "runtime/worker/function.h"
#include "runtime/worker/refusal.h"

struct session;
struct point;

struct elem { /* ksh::elem */
    int type, size;
};

/* the functions that a harness exports for a target; what they take is in driver/build/harness.h */
struct harness {
    int (*call)(const long long *d, void *const *a, void *stream);
    int (*reference)(const long long *d, void *const *a, void *stream);
    int (*check)(int array, const void *expected, const void *got, long long n);
    long long (*extent)(int array, int k, const long long *d);
    struct elem (*elem)(int array);
    double (*gen)(int array, int gen, int arg, const long long *d);
    int (*setup)(void);
    int (*geom)(const long long *t, const long long *d, unsigned g[10]);
    int (*args)(const long long *d, void *const *a, void *buf, unsigned cap, unsigned *offset);
    int (*scalars)(const long long *d, void *const *a, long long *values);
};

struct module {
    int id;
    void *object; /* dlopen's handle, or NULL */
    CUmodule cubin;
    struct module *next;
};

struct graph { /* the launches of a sample, captured; one a variant and point */
    int point;
    CUgraphExec exec; /* NULL: cannot be captured, launched plainly; or empty */
    bool is_plain, is_made;
    unsigned wanted;                /* launches, for a sample to be long enough; 0: not known yet */
    unsigned launches, uses, start; /* in it; the set that it begins with */
    uint64_t generation;            /* of the sets whose addresses are in it */
    struct graph *next;
};

struct variant {
    int id;
    struct module *module;
    int (*call)(const long long *d, void *const *a, void *stream); /* shared objects */
    struct function function; /* cubins: of a kernel entry; handle NULL: none */
    struct plan *plan;        /* cubins: of a host entry */
    long long *tunables;
    size_t ntunables;
    long long most_smem; /* bytes that a block may have, dynamic ones too; -1: all */
    struct graph *graphs;
    struct variant *next;
};

/* finds the functions of target `label`; those that are missing are NULL */
void harness_find(void *object, const char *label, struct harness *h);

int module_load(struct session *s, int id, bool is_cubin, const void *blob, size_t len,
                struct refusal *r);
void module_drop(struct session *s, int id); /* and its variants; none of that id is fine */
/* names a variant of a loaded module: by a symbol with tunables, or by a plan (plan.h) */
struct variant *variant_add(struct session *s, int id, int module, const char *symbol,
                            const json_t *plan, const long long *tunables, size_t n,
                            struct refusal *r);
/* is it launched by us, not by a function of the user's? */
bool variant_is_device(const struct variant *v);
/* puts one launch over set `set` of the point into the device's stream */
int variant_launch(struct session *s, struct variant *v, struct point *p, unsigned set,
                   struct refusal *r);
/* the same with the reference(...) of the entry, which the harness must have */
int reference_launch(struct session *s, struct point *p, unsigned set, struct refusal *r);

#endif
