/* tests/gpu/smoke.h - what programs share that drive a worker over the variants of vadd.cu: a line
 * of TAP a test, and the requests that all of them make. */
#ifndef KS_TEST_SMOKE_H
#define KS_TEST_SMOKE_H

#include <math.h>
#include <stdbool.h>

#include "runtime/base/fs.h"
#include "tests/gpu/client.h"

enum { RIGHT, WRONG, PAST, INPUT, FAULT, HANG, UNWRITTEN, LAZY, BEFORE, SLOW, UNSTEADY };
enum { BLIND = 12, FIXED };
enum { WAIT = 120000 };

static const char *worker, *folder;
static int tests, failures;

static inline void ok(bool passed, const char *what)
{
    tests++;
    failures += !passed;
    printf("%sok %d - %s\n", passed ? "" : "not ", tests, what);
    fflush(stdout);
}

static inline const char *text_of(const json_t *reply, const char *key)
{
    const char *text = json_string_value(json_object_get(reply, key));

    return text ? text : "";
}

static inline bool flag(const json_t *reply, const char *key)
{
    return json_is_true(json_object_get(reply, key));
}

/* a test of a reply; shows the reply when it fails */
static inline void expect(bool passed, const char *what, json_t *reply)
{
    ok(passed, what);
    if (!passed) {
        char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

        printf("# %.2000s\n", text ? text : "no reply");
        free(text);
    }
    json_decref(reply);
}

static inline json_t *ask(struct client *c, json_t *request)
{
    return client_ask(c, request, NULL, 0, WAIT);
}

static inline json_t *ask_with_file(struct client *c, json_t *request, const char *name)
{
    char path[4096];
    struct error err = {{0}};
    struct buf bytes;
    json_t *reply;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    buf_init(&bytes, BUF_LIMIT);
    if (fs_read(path, &bytes, &err))
        printf("# %s\n", err.text);
    reply = client_ask(c, request, bytes.data, bytes.len, WAIT);
    buf_release(&bytes);
    return reply;
}

static inline json_t *open_request(const char *entry, bool deterministic)
{
    return json_pack("{s:s, s:s, s:b, s:i, s:[s], s:{s:b, s:b}, s:[{s:s, s:s, s:n}, {s:s, s:s, "
                     "s:{s:s, s:[{s:n, s:f}, {s:n, s:f}]}}, {s:s, s:s}]}",
                     "op", "open", "entry", entry, "kernel", 1, "seed", 42, "dims", "n", "require",
                     "deterministic", deterministic, "graph", 0, "arrays", "name", "a", "role",
                     "in", "gen", "name", "b", "role", "in", "gen", "name", "uniform", "args",
                     "name", "value", 0.5, "name", "value", 1.5, "name", "c", "role", "out");
}

static inline json_t *point_request(int point, long long n, bool timed)
{
    char label[64];

    snprintf(label, sizeof label, "n=%lld", n);
    return json_pack("{s:s, s:i, s:s, s:[I], s:b, s:[]}", "op", "point", "point", point, "label",
                     label, "dims", (json_int_t)n, "timed", timed, "gens");
}

static inline json_t *check_request(int variant, int point)
{
    return json_pack("{s:s, s:i, s:[i], s:i}", "op", "check", "variant", variant, "points", point,
                     "seeds", 2);
}

static inline struct client start_open(const char *entry, bool deterministic)
{
    struct client c = client_start(worker, NULL, NULL);

    json_decref(ask_with_file(&c, open_request(entry, deterministic), "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 4096, true)));
    json_decref(ask(&c, point_request(1, 1000003, true)));
    json_decref(ask(&c, point_request(2, 1, false)));
    json_decref(ask(&c, point_request(3, 0, false)));
    return c;
}

static inline json_t *load(struct client *c, int variant, int which, int block)
{
    char name[64];
    json_t *reply;

    snprintf(name, sizeof name, "vadd_%d.cubin", which);
    reply = ask_with_file(
        c, json_pack("{s:s, s:i, s:s}", "op", "module", "module", variant, "kind", "cubin"), name);
    if (!flag(reply, "ok"))
        return reply;
    json_decref(reply);
    return ask(c, json_pack("{s:s, s:i, s:i, s:s, s:[i]}", "op", "variant", "variant", variant,
                            "module", variant, "symbol", "vadd", "tunables", block));
}

static inline bool all_positive(const json_t *numbers, size_t n)
{
    json_t *x;
    size_t i;

    json_array_foreach(numbers, i, x)
    {
        if (json_number_value(x) <= 0)
            return false;
    }
    return json_array_size(numbers) == n;
}

static inline double median(const json_t *numbers)
{
    size_t n = json_array_size(numbers);
    double best = 0;

    /* the element with as many below as above it */
    for (size_t i = 0; i < n; i++) {
        double x = json_number_value(json_array_get(numbers, i));
        size_t below = 0;

        for (size_t k = 0; k < n; k++)
            below += json_number_value(json_array_get(numbers, k)) < x;
        if (below <= n / 2)
            best = fmax(best, x);
    }
    return best;
}

#endif
