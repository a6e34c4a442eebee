/* tests/fake/vadd.c - tests/gpu/vadd.cu and vadd_harness.cu for the fake driver of cuda.cc.
 *
 * Without VARIANT: the harness, whose entries compute at once, as if in a stream of their own. With
 * it: what stands for a cubin. */
#include <limits.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct elem {
    int type, size;
};
enum { F32 = 2, I32 = 9 };

#ifdef VARIANT

enum {
    RIGHT,
    WRONG,
    PAST,
    INPUT,
    FAULT,
    HANG,
    UNWRITTEN,
    LAZY,
    BEFORE,
    SLOW,
    UNSTEADY,
    SPY,
    BLIND,
    FIXED
};
enum { ILLEGAL_ADDRESS = 700 };

int vadd(void **params);

#if VARIANT == 11
/* what no worker that is contained may have: 1 when there is any of it */
static int spies(void)
{
    struct sockaddr_un far = {.sun_family = AF_UNIX, .sun_path = "\0ksearch-spy"};
    int file = open("/etc/passwd", O_RDONLY), net = socket(AF_UNIX, SOCK_STREAM, 0);
    int found =
        file >= 0 || getenv("SPY") ||
        connect(net, (struct sockaddr *)&far, offsetof(struct sockaddr_un, sun_path) + 12) == 0;

    close(file);
    close(net);
    return found;
}
#else
static int spies(void)
{
    return 0;
}
#endif

int vadd_params = 4;

int vadd(void **params)
{
    static unsigned runs;
    const float *a = *(const float **)params[0];
    float *b = *(float **)params[1], *c = *(float **)params[2];
    int n = *(int *)params[3], spy = spies();

    while (VARIANT == HANG)
        pause();
    if (VARIANT == FAULT)
        return ILLEGAL_ADDRESS;
    for (int k = 0; k < (VARIANT == SLOW ? 16 : 1); k++)
        for (int i = 0; i < n; i++) {
            float volatile sum = a[i] + b[i];

            if (VARIANT == UNWRITTEN && i == n - 1)
                continue;
            if (VARIANT == LAZY && !isnan(c[i]))
                continue;
            c[i] = VARIANT == WRONG || (VARIANT == SPY && spy) ? sum + 1 : sum;
            if (VARIANT == UNSTEADY && runs++ % 7 == 0)
                c[i] *= 1.000001f;
            if (VARIANT == BLIND && isnan(c[i]))
                c[i] = 0;
            if (VARIANT == FIXED)
                c[i] = (rintf(a[i] * 524288) + rintf(b[i] * 524288)) / 524288;
        }
    if (VARIANT == PAST)
        c[n] = 1;
    if (VARIANT == BEFORE)
        c[-1] = 1;
    if (VARIANT == INPUT)
        b[0] = c[0];
    return 0;
}

#else

/* what only the whole program has, of which a harness is one file; no entry needs it */
extern const int only_in_the_program[];
void only_by_the_program(void);
const int *const missing_data = only_in_the_program;
void (*const missing_function)(void) = only_by_the_program;

struct {
    long long sms, smem, regs, l2;
} ksearch_gpu;

#define TARGET(name, of_index, lanes)                                           \
    int ksearch_call__##name(const long long *d, void *const *a, void *stream); \
    long long ksearch_extent__##name(int array, int k, const long long *d);     \
    struct elem ksearch_elem__##name(int array);                                \
    long long ksearch_extent__##name(int array, int k, const long long *d)      \
    {                                                                           \
        (void)array;                                                            \
        return k ? LLONG_MIN : d[0];                                            \
    }                                                                           \
    struct elem ksearch_elem__##name(int array)                                 \
    {                                                                           \
        return (struct elem){array == of_index ? I32 : F32, 4 * lanes};         \
    }

TARGET(vadd_0, -1, 1)
TARGET(sync_0, -1, 1)
TARGET(unstable_0, -1, 1)
TARGET(axpy_0, 1, 1)
TARGET(quads_0, -1, 4)
TARGET(checked_0, -1, 1)
TARGET(differs_0, -1, 1)

int ksearch_geom__vadd_0(const long long *t, const long long *d, unsigned g[10]);
int ksearch_args__vadd_0(const long long *d, void *const *a, void *buf, unsigned cap,
                         unsigned *offset);
int ksearch_setup__vadd_0(void);
int ksearch_scalars__vadd_0(const long long *d, void *const *a, long long *value);
double ksearch_gen__axpy_0(int array, int gen, int arg, const long long *d);

int ksearch_call__vadd_0(const long long *d, void *const *a, void *stream)
{
    const float *x = a[0], *y = a[1];
    float *z = a[2];

    (void)stream;
    for (long long i = 0; i < d[0]; i++)
        z[i] = x[i] + y[i];
    return 0;
}

/* as of a function that waits for its stream: refused while that is captured */
int ksearch_call__sync_0(const long long *d, void *const *a, void *stream)
{
    void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    int (*synchronize)(void *) = NULL;
    void *p = driver ? dlsym(driver, "cuStreamSynchronize") : NULL;

    memcpy(&synchronize, &p, sizeof p);
    ksearch_call__vadd_0(d, a, stream);
    return synchronize ? synchronize(stream) : 0;
}

/* arrays of float4 */
int ksearch_call__quads_0(const long long *d, void *const *a, void *stream)
{
    long long n = 4 * d[0];

    return ksearch_call__vadd_0(&n, a, stream);
}

int ksearch_call__quads_bad_0(const long long *d, void *const *a, void *stream);

int ksearch_call__quads_bad_0(const long long *d, void *const *a, void *stream)
{
    ksearch_call__quads_0(d, a, stream);
    ((float *)a[2])[4 * 5 + 2] += 1;
    return 0;
}

int ksearch_call__unstable_0(const long long *d, void *const *a, void *stream)
{
    const float *x = a[0], *y = a[1];
    float *z = a[2];

    (void)stream;
    for (long long i = 0; i < d[0]; i++)
        z[i] += x[i] + y[i];
    return 0;
}

int ksearch_geom__vadd_0(const long long *t, const long long *d, unsigned g[10])
{
    memset(g, 0, 10 * sizeof *g);
    g[0] = (unsigned)((d[0] + t[0] - 1) / t[0]);
    g[3] = (unsigned)t[0];
    g[1] = g[2] = g[4] = g[5] = 1;
    return 0;
}

int ksearch_args__vadd_0(const long long *d, void *const *a, void *buf, unsigned cap,
                         unsigned *offset)
{
    long long n = d[0];

    if (cap < 32)
        return -1;
    for (unsigned i = 0; i < 3; i++)
        memcpy((char *)buf + (offset[i] = 8 * i), &a[i], 8);
    memcpy((char *)buf + (offset[3] = 24), &n, 8);
    for (unsigned i = 0; i < 4; i++)
        offset[4 + i] = 8;
    return 4;
}

int ksearch_geom__checked_0(const long long *t, const long long *d, unsigned g[10]);
int ksearch_args__checked_0(const long long *d, void *const *a, void *buf, unsigned cap,
                            unsigned *offset);
int ksearch_reference__checked_0(const long long *d, void *const *a, void *stream);
int ksearch_reference__differs_0(const long long *d, void *const *a, void *stream);
int ksearch_check__checked_0(int array, const void *expected, const void *got, long long n);

int ksearch_call__checked_0(const long long *d, void *const *a, void *stream)
{
    return ksearch_call__vadd_0(d, a, stream);
}

int ksearch_call__differs_0(const long long *d, void *const *a, void *stream)
{
    return ksearch_call__vadd_0(d, a, stream);
}

/* half of one more: the original is right only for who asks the checker */
int ksearch_reference__checked_0(const long long *d, void *const *a, void *stream)
{
    float *z = a[2];

    ksearch_call__vadd_0(d, a, stream);
    for (long long i = 0; i < d[0]; i++)
        z[i] += 0.5f;
    return 0;
}

int ksearch_reference__differs_0(const long long *d, void *const *a, void *stream)
{
    return ksearch_reference__checked_0(d, a, stream);
}

int ksearch_check__checked_0(int array, const void *expected, const void *got, long long n)
{
    const float *e = expected, *g = got;
    int right = array == 2 ? 1 : -1;

    for (long long i = 0; i < n && right > 0; i++)
        right = fabsf(e[i] - g[i]) < 0.75f;
    return right;
}

/* with a kilobyte of dynamic shared memory */
int ksearch_geom__checked_0(const long long *t, const long long *d, unsigned g[10])
{
    int result = ksearch_geom__vadd_0(t, d, g);

    g[9] = 1024;
    return result;
}

int ksearch_args__checked_0(const long long *d, void *const *a, void *buf, unsigned cap,
                            unsigned *offset)
{
    return ksearch_args__vadd_0(d, a, buf, cap, offset);
}

int ksearch_scalars__vadd_0(const long long *d, void *const *a, long long *value)
{
    (void)a;
    value[3] = d[0];
    return 4;
}

int ksearch_setup__vadd_0(void)
{
    return ksearch_gpu.sms > 0 ? 0 : 1;
}

int ksearch_call__axpy_0(const long long *d, void *const *a, void *stream)
{
    const float *x = a[0];
    const int *index = a[1];
    float *y = a[2], *t = a[3];

    (void)stream;
    for (long long i = 0; i < d[0]; i++)
        t[i] = x[index[i]];
    for (long long i = 0; i < d[0]; i++)
        y[i] += t[i];
    return 0;
}

double ksearch_gen__axpy_0(int array, int gen, int arg, const long long *d)
{
    (void)gen;
    (void)arg;
    return array == 1 ? (double)d[0] : 0;
}

#endif
