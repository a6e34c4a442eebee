/* tests/fake/worker.c - a worker without a GPU, for tests of the search: it speaks the protocol of
 * runtime/worker/PROTOCOL.md, passes every variant, and invents its times.
 *
 *     fake_worker [SPEEDS]
 *
 * SPEEDS is JSON, in the argument itself (a contained worker sees no files), without blanks:
 * {"base_us": 100, "delay_ms": 0, "values": {"[128]": 0.8}, "names": {"model:1a2b3c4d": 0.5},
 * "wrong": ["model:..."], "blind": ["[64]"]}: times of a variant are base_us times the factor of
 * its tunables, or of its structure's name (a name that is not there: a factor between 0.6 and 1.4
 * that follows from the name and the values), with a little noise that follows from a counter. What
 * is in "energies" are the same for microjoules, where an entry is about energy. What
 * is in "wrong" fails its check; what is in "blind" does so where the size was drawn. "counted":
 * {"1": {"gpu__time_duration.sum": 100000}} are the counters of each tier, of one kernel whose
 * symbol is "kernel"; a tier that is not there is unsupported. "gpu" is the
 * card's name. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/frame.h"

#define MOST 100000

static json_t *speeds;
static char *key_of[MOST];  /* of a variant */
static bool is_drawn[MOST]; /* a point */
static unsigned counter;
static bool is_energy; /* what is open is about it */

static double number(const char *name, double otherwise)
{
    const json_t *value = json_object_get(speeds, name);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

static double from_text(const char *text)
{
    unsigned long long h = 1469598103934665603ull;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211ull;
    return 0.6 + 0.8 * (double)(h >> 40) / (double)(1 << 24);
}

static double factor(const char *key, const char *table)
{
    const json_t *value = json_object_get(json_object_get(speeds, table), key);
    if (strcmp(key, "original") == 0)
        return 1;
    if (!value) { /* ["model:1a2b3c4d",8] is found by the name in it as well */
        const char *end = key[0] == '[' && key[1] == '"' ? strchr(key + 2, '"') : NULL;
        char name[200] = "";
        if (end && (size_t)(end - key - 2) < sizeof name)
            memcpy(name, key + 2, (size_t)(end - key - 2));
        value = json_object_get(json_object_get(speeds, "names"), name);
    }
    return value ? json_number_value(value) : from_text(key);
}

static bool is_listed(const char *list, const char *key)
{
    const json_t *wrong = json_object_get(speeds, list);
    for (size_t i = 0; i < json_array_size(wrong); i++)
        if (strstr(key, json_string_value(json_array_get(wrong, i))))
            return true;
    return false;
}

static const char *key_at(const json_t *request, const char *member)
{
    json_int_t v = json_integer_value(json_object_get(request, member));
    return v > 0 && v < MOST && key_of[v] ? key_of[v] : "original";
}

static json_t *times(const char *key, const char *table, const json_t *request, const char *count)
{
    json_t *array = json_array();
    json_int_t n = json_integer_value(json_object_get(request, count));
    double point = 1 + 0.25 * (double)json_integer_value(json_object_get(request, "point"));
    for (json_int_t i = 0; i < n; i++)
        json_array_append_new(array, json_real(number("base_us", 100) * point * factor(key, table) *
                                               (1 + 0.0005 * (double)(counter++ % 3))));
    return array;
}

static json_t *clocks(const json_t *request, const char *count)
{
    json_t *array = json_array();
    for (json_int_t n = json_integer_value(json_object_get(request, count)); n > 0; n--)
        json_array_append_new(array, json_integer(1980));
    return array;
}

static json_t *hello(void)
{
    const char *gpu = json_string_value(json_object_get(speeds, "gpu"));

    return json_pack("{s:b, s:i, s:{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:i}}", "ok", 1,
                     "version", 1, "gpu", "name", gpu ? gpu : "NVIDIA H200", "uuid",
                     "GPU-00000000-0000-0000-0000-000000000000", "major", 9, "minor", 0, "sms", 132,
                     "smem", 232448, "regs", 65536, "l2", 62914560, "memory",
                     (json_int_t)150754820096, "driver", 13000);
}

static json_t *opened(const json_t *request)
{
    json_t *arrays = json_array();
    is_energy = json_is_true(json_object_get(request, "energy"));
    for (size_t n = json_array_size(json_object_get(request, "arrays")); n > 0; n--)
        json_array_append_new(arrays,
                              json_pack("{s:s, s:i, s:i}", "type", "f32", "size", 4, "lanes", 1));
    return json_pack("{s:b, s:o}", "ok", 1, "arrays", arrays);
}

static void keep_variant(const json_t *request)
{
    json_int_t v = json_integer_value(json_object_get(request, "variant"));
    const json_t *name = json_object_get(request, "name");
    if (v <= 0 || v >= MOST)
        return;
    free(key_of[v]);
    key_of[v] = json_dumps(name ? name : json_object_get(request, "tunables"), JSON_COMPACT);
}

static void keep_point(const json_t *request)
{
    json_int_t i = json_integer_value(json_object_get(request, "point"));
    const char *label = json_string_value(json_object_get(request, "label"));
    if (i >= 0 && i < MOST && label)
        is_drawn[i] = strstr(label, ", drawn") != NULL;
}

static json_t *checked(const json_t *request)
{
    const char *key = key_at(request, "variant");
    json_int_t i = json_integer_value(json_array_get(json_object_get(request, "points"), 0));
    if (is_listed("wrong", key) || (i >= 0 && i < MOST && is_drawn[i] && is_listed("blind", key)))
        return json_pack("{s:b, s:b, s:s, s:s}", "ok", 1, "pass", 0, "reason", "wrong", "text",
                         "c[7]: expected 1.5, got 0");
    return json_pack("{s:b, s:b}", "ok", 1, "pass", 1);
}

static json_t *profiled(const json_t *request)
{
    const json_t *name = json_object_get(speeds, "kernel");
    json_t *metrics;
    char tier[24];
    snprintf(tier, sizeof tier, "%lld",
             (long long)json_integer_value(json_object_get(request, "tier")));
    metrics = json_object_get(json_object_get(speeds, "counted"), tier);
    if (!metrics)
        return json_pack("{s:b, s:s, s:s}", "ok", 0, "class", "unsupported", "error", "no GPU");
    return json_pack("{s:b, s:b, s:i, s:[{s:s, s:i, s:[i, i, i], s:[i, i, i], s:i, s:O}]}", "ok", 1,
                     "pass", 1, "passes", 1, "kernels", "name",
                     name ? json_string_value(name) : "k", "launches", 1, "grid", 64, 1, 1, "block",
                     128, 1, 1, "smem", 0, "metrics", metrics);
}

static json_t *timed(const json_t *request)
{
    const char *key = key_at(request, "variant");
    json_t *us = times(key, "values", request, "samples");
    json_t *uj = is_energy ? times(key, "energies", request, "samples") : NULL;
    return json_pack("{s:b, s:b, s:o, s:o*, s:o, s:i, s:i, s:b}", "ok", 1, "pass", 1, "us", us,
                     "uj", uj, "mhz", clocks(request, "samples"), "launches", 10, "sets", 3,
                     "graph", 1);
}

static json_t *paired(const json_t *request)
{
    static const char *const names[2][3] = {{"a", "a_uj", "a_mhz"}, {"b", "b_uj", "b_mhz"}};
    json_t *reply = json_pack("{s:b, s:b}", "ok", 1, "pass", 1);
    for (int i = 0; i < 2; i++) {
        const char *key = key_at(request, names[i][0]);
        json_object_set_new(reply, names[i][0], times(key, "values", request, "pairs"));
        if (is_energy)
            json_object_set_new(reply, names[i][1], times(key, "energies", request, "pairs"));
        json_object_set_new(reply, names[i][2], clocks(request, "pairs"));
    }
    return reply;
}

static json_t *answer(const json_t *request)
{
    const char *op = json_string_value(json_object_get(request, "op"));
    if (strcmp(op, "hello") == 0)
        return hello();
    if (strcmp(op, "open") == 0)
        return opened(request);
    if (strcmp(op, "variant") == 0)
        keep_variant(request);
    if (strcmp(op, "point") == 0)
        keep_point(request);
    if (strcmp(op, "variant") == 0)
        return json_pack("{s:b, s:i, s:i, s:i}", "ok", 1, "regs", 32, "smem", 0, "local", 0);
    if (strcmp(op, "check") == 0)
        return checked(request);
    if (strcmp(op, "time") == 0)
        return timed(request);
    if (strcmp(op, "pair") == 0)
        return paired(request);
    if (strcmp(op, "floor") == 0)
        return json_pack("{s:b, s:i, s:f}", "ok", 1, "bytes", 1000000, "us", number("floor_us", 1));
    if (strcmp(op, "profile") == 0)
        return profiled(request);
    if (strcmp(op, "peaks") == 0)
        return json_pack("{s:b, s:s, s:s}", "ok", 0, "class", "unsupported", "error", "no GPU");
    return json_pack("{s:b}", "ok", 1);
}

int main(int argc, char **argv)
{
    struct error err = {""};
    struct buf blob;
    json_t *request;

    bool is_probe = argc > 1 && strcmp(argv[argc - 1], "--probe") == 0;
    speeds = argc > 1 + is_probe ? json_loads(argv[1], 0, NULL) : json_object();
    if (is_probe) {
        json_t *reply = hello();
        json_dumpf(json_object_get(reply, "gpu"), stdout, JSON_COMPACT);
        json_decref(reply);
        return 0;
    }
    if (!speeds) {
        fprintf(stderr, "fake worker: %s is no JSON\n", argv[1]);
        return 2;
    }
    buf_init(&blob, BUF_LIMIT);
    while (frame_read(0, -1, NULL, NULL, &request, &blob, &err) == 1) {
        json_t *reply = answer(request);
        struct timespec delay = {0, (long)(number("delay_ms", 0) * 1e6)};
        nanosleep(&delay, NULL);
        if (frame_write(1, reply, NULL, 0, &err))
            return 1;
        json_decref(reply);
        json_decref(request);
        buf_clear(&blob);
    }
    buf_release(&blob);
    for (size_t i = 0; i < MOST; i++)
        free(key_of[i]);
    json_decref(speeds);
    return 0;
}
