/* tests/harness.c - asks a harness what it knows, without a GPU.
 *
 *   harness SO extent L ARRAY DIMS...     all extents
 *   harness SO elem L ARRAY               type and size
 *   harness SO gen L ARRAY GEN ARG DIMS...
 *   harness SO geom L VALUES DIMS...      VALUES: "128,4"
 *   harness SO args L ARRAYS CAP DIMS...  parameters as "offset:hex"; array i is at 0x1000 * (i +
 *                                         1)
 *   harness SO call|reference|setup L DIMS...   what is returned; the stream is 0x10. Over the
 *                                         runtime of tests/fake/cudart.c: what is launched
 *   harness SO check L ARRAY EXPECTED GOT of floats: "1,2.5"
 *   harness SO has SYMBOL
 *
 * A dimension may be "unbound". ksearch_gpu gets sms 132, smem 1000, regs 2000, l2 3000. */
#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"

enum { MOST = 64 };

static long long numbers[MOST];

static const long long *read_numbers(char **words)
{
    for (int i = 0; i < MOST && words[i]; i++)
        numbers[i] = strcmp(words[i], "unbound") == 0 ? LLONG_MIN : strtoll(words[i], NULL, 0);
    return numbers;
}

static void find(void *so, const char *what, const char *label, void *slot)
{
    char name[256];

    snprintf(name, sizeof name, "ksearch_%s__%s", what, label);
    void *p = dlsym(so, name);
    if (!p)
        fatal("no %s", name);
    memcpy(slot, &p, sizeof p);
}

static void extent(void *so, char **w)
{
    long long (*f)(int, int, const long long *), x;

    find(so, "extent", w[0], &f);
    for (int k = 0; (x = f(atoi(w[1]), k, read_numbers(w + 2))) != LLONG_MIN; k++)
        printf("%s%lld", k ? " " : "", x);
    putchar('\n');
}

static void elem(void *so, char **w)
{
    struct {
        int type, size;
    } (*f)(int), e;

    find(so, "elem", w[0], &f);
    e = f(atoi(w[1]));
    printf("%d %d\n", e.type, e.size);
}

static void gen(void *so, char **w)
{
    double (*f)(int, int, int, const long long *);

    find(so, "gen", w[0], &f);
    printf("%g\n", f(atoi(w[1]), atoi(w[2]), atoi(w[3]), read_numbers(w + 4)));
}

static void geom(void *so, char **w)
{
    int (*f)(const long long *, const long long *, unsigned[10]);
    long long values[MOST];
    unsigned g[10] = {0};
    int n = 0;

    find(so, "geom", w[0], &f);
    for (char *p = w[1]; n < MOST && *p; p += *p == ',')
        values[n++] = strtoll(p, &p, 10);
    if (f(values, read_numbers(w + 2), g))
        puts("refused");
    else
        printf("%u %u %u / %u %u %u / %u %u %u / %u\n", g[0], g[1], g[2], g[3], g[4], g[5], g[6],
               g[7], g[8], g[9]);
}

static void args(void *so, char **w)
{
    int (*f)(const long long *, void *const *, void *, unsigned, unsigned *);
    unsigned char buf[4096] = {0};
    unsigned offset[MOST], cap = (unsigned)atoi(w[2]);
    void *array[MOST] = {0};

    find(so, "args", w[0], &f);
    for (int i = 0; i < atoi(w[1]) && i < MOST; i++)
        array[i] = (void *)(uintptr_t)(0x1000 * (i + 1));
    int n = f(read_numbers(w + 3), array, buf, cap, offset);
    printf("%d", n);
    for (int i = 0; i < n; i++) {
        unsigned long long bits = 0;
        unsigned size = i + 1 < n ? offset[i + 1] - offset[i] : 8;
        memcpy(&bits, buf + offset[i], size < 8 ? size : 8);
        printf(" %u:%llx", offset[i], bits);
    }
    putchar('\n');
}

static void call_of(void *so, const char *what, char **w)
{
    int (*f)(const long long *, void *const *, void *);
    void *array[MOST];

    for (int i = 0; i < MOST; i++)
        array[i] = (void *)(uintptr_t)(0x1000 * (i + 1));
    find(so, what, w[0], &f);
    printf("%d\n", f(read_numbers(w + 1), array, (void *)(uintptr_t)0x10));
}

static void call(void *so, char **w)
{
    call_of(so, "call", w);
}

static void reference(void *so, char **w)
{
    call_of(so, "reference", w);
}

static void setup(void *so, char **w)
{
    int (*f)(void);

    find(so, "setup", w[0], &f);
    printf("%d\n", f());
}

static int floats(const char *text, float x[MOST])
{
    int n = 0;
    char *end;

    for (const char *p = text; n < MOST && *p; p = end + (*end == ','))
        x[n++] = strtof(p, &end);
    return n;
}

static void check(void *so, char **w)
{
    int (*f)(int, const void *, const void *, long long);
    float expected[MOST] = {0}, got[MOST] = {0};
    int n = floats(w[2], expected);

    floats(w[3], got);
    find(so, "check", w[0], &f);
    printf("%d\n", f(atoi(w[1]), expected, got, n));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int words;
        void (*run)(void *so, char **words);
    } ASK[] = {
        {"extent", 2, extent},       {"elem", 2, elem},   {"gen", 4, gen},
        {"geom", 2, geom},           {"args", 3, args},   {"call", 1, call},
        {"reference", 1, reference}, {"setup", 1, setup}, {"check", 4, check},
    };
    void *so = argc > 3 ? dlopen(argv[1], RTLD_LAZY | RTLD_LOCAL) : NULL;

    if (!so)
        fatal("%s", argc > 3 ? dlerror() : "too few words");
    long long *gpu = dlsym(so, "ksearch_gpu");
    if (gpu)
        memcpy(gpu, (long long[]){132, 1000, 2000, 3000}, 4 * sizeof *gpu);
    if (strcmp(argv[2], "has") == 0)
        return dlsym(so, argv[3]) ? 0 : 1;
    for (size_t i = 0; i < sizeof ASK / sizeof *ASK; i++)
        if (strcmp(argv[2], ASK[i].name) == 0 && argc >= 3 + ASK[i].words) {
            ASK[i].run(so, argv + 3);
            return 0;
        }
    fatal("no such question: %s", argv[2]);
}
