/* tests/fake/noharness.c - a real harness whose entry does nothing.
 *
 * The harness that the engine generates needs a GPU only to call the entry: what it says of
 * parameters and extents it says without one. With the harness's path for REAL and its target for
 * LABEL, by sed, this stands in for it. */
#include <dlfcn.h>
#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

static void *real(const char *name)
{
    static void *harness;

    if (!harness)
        harness = dlopen("REAL", RTLD_NOW);
    return harness ? dlsym(harness, name) : NULL;
}

struct elem {
    int type, size;
};

EXPORT int ksearch_call__LABEL(const long long *d, void *const *a, void *stream)
{
    (void)d;
    (void)a;
    (void)stream;
    return 0;
}

EXPORT long long ksearch_extent__LABEL(int array, int k, const long long *d)
{
    return ((long long (*)(int, int, const long long *))real("ksearch_extent__LABEL"))(array, k, d);
}

EXPORT struct elem ksearch_elem__LABEL(int array)
{
    return ((struct elem(*)(int))real("ksearch_elem__LABEL"))(array);
}

EXPORT int ksearch_args__LABEL(const long long *d, void *const *a, void *buf, unsigned cap,
                               unsigned *offset)
{
    return ((int (*)(const long long *, void *const *, void *, unsigned, unsigned *))real(
        "ksearch_args__LABEL"))(d, a, buf, cap, offset);
}

EXPORT int ksearch_scalars__LABEL(const long long *d, void *const *a, long long *value)
{
    return ((int (*)(const long long *, void *const *, long long *))real("ksearch_scalars__LABEL"))(
        d, a, value);
}
