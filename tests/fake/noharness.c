/* tests/fake/noharness.c - a real harness whose entry does nothing.
 *
 * The harness that the engine generates needs a GPU only to call the entry: what it says of
 * parameters and extents it says without one. Compiled with REAL, the harness's path, and LABEL, its
 * target, this stands in for it. */
#include <dlfcn.h>
#include <stddef.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define EXPORT __attribute__((visibility("default")))
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

static void *real(const char *name)
{
    static void *harness;

    if (!harness)
        harness = dlopen(REAL, RTLD_NOW);
    return harness ? dlsym(harness, name) : NULL;
}

struct elem {
    int type, size;
};

EXPORT int JOIN(ksearch_call__, LABEL)(const long long *d, void *const *a, void *stream)
{
    (void)d;
    (void)a;
    (void)stream;
    return 0;
}

EXPORT long long JOIN(ksearch_extent__, LABEL)(int array, int k, const long long *d)
{
    return ((long long (*)(int, int, const long long *))real(TEXT(JOIN(ksearch_extent__, LABEL))))(
        array, k, d);
}

EXPORT struct elem JOIN(ksearch_elem__, LABEL)(int array)
{
    return ((struct elem(*)(int))real(TEXT(JOIN(ksearch_elem__, LABEL))))(array);
}

EXPORT int JOIN(ksearch_args__, LABEL)(const long long *d, void *const *a, void *buf, unsigned cap,
                                       unsigned *offset)
{
    return ((int (*)(const long long *, void *const *, void *, unsigned, unsigned *))real(
        TEXT(JOIN(ksearch_args__, LABEL))))(d, a, buf, cap, offset);
}

EXPORT int JOIN(ksearch_scalars__, LABEL)(const long long *d, void *const *a, long long *value)
{
    return ((int (*)(const long long *, void *const *, long long *))real(
        TEXT(JOIN(ksearch_scalars__, LABEL))))(d, a, value);
}
