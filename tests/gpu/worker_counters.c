/* tests/gpu/worker_counters.c - has a worker count, over the variants of vadd.cu.
 *
 *     worker_counters WORKER FOLDER CUPTI SCRATCH
 *
 * FOLDER as for worker_smoke; CUPTI is the path of a libcupti, of the toolkit or
 * tests/fake/cupti.c: which one, the GPU's name tells. Prints TAP, and the counters for whoever
 * reads them. */
#include <math.h>

#include "tests/gpu/smoke.h"

static const char *cupti;
static bool is_fake;

static json_t *profile_request(const char *path, int variant, int point, int tier)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:s}", "op", "profile", "variant", variant, "point",
                     point, "tier", tier, "cupti", path);
}

static void show(const char *what, const json_t *reply)
{
    char *text = reply ? json_dumps(reply, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;

    printf("# %s: %s\n", what, text ? text : "no reply");
    free(text);
}

static json_t *profile(struct client *c, const char *what, int variant, int point, int tier)
{
    json_t *reply = ask(c, profile_request(cupti, variant, point, tier));

    show(what, reply);
    return reply;
}

static const json_t *kernel(const json_t *reply, size_t i)
{
    return json_array_get(json_object_get(reply, "kernels"), i);
}

static size_t kernels(const json_t *reply)
{
    return json_array_size(json_object_get(reply, "kernels"));
}

static double metric(const json_t *reply, size_t i, const char *name)
{
    return json_number_value(json_object_get(json_object_get(kernel(reply, i), "metrics"), name));
}

static double duration_us(const json_t *reply, size_t i)
{
    return 1e-3 * metric(reply, i, "gpu__time_duration.sum");
}

static bool is_named(const json_t *reply, size_t i, const char *name)
{
    return strstr(text_of(kernel(reply, i), "name"), name) != NULL;
}

static int launches(const json_t *reply, size_t i)
{
    return (int)json_integer_value(json_object_get(kernel(reply, i), "launches"));
}

static bool is_unsupported(const json_t *reply, const char *word)
{
    return !strcmp(text_of(reply, "class"), "unsupported") &&
           !strncmp(text_of(reply, "error"), "counters need ", 14) &&
           strstr(text_of(reply, "error"), word);
}

static json_t *timed(struct client *c, int variant, int point, double *us)
{
    json_t *reply = ask(c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", variant,
                                     "point", point, "samples", 9)),
           *all = json_object_get(reply, "us"), *x;
    size_t i;

    *us = INFINITY;
    json_array_foreach(all, i, x) *us = fmin(*us, json_number_value(x));
    return reply;
}

static json_t *module_request(int module)
{
    return json_pack("{s:s, s:i, s:s}", "op", "module", "module", module, "kind", "cubin");
}

/* clears the output, then adds twice */
static json_t *plan_request(int variant, int module)
{
    static const char text[] =
        "{\"op\":\"variant\",\"plan\":{\"limit\":1000000,\"common\":[],\"groups\":[{\"when\":null,"
        "\"steps\":[{\"zero\":{\"param\":2,\"array\":2},\"extents\":[[\"param\",3]]},RUN,RUN]}]}}";
    static const char run[] =
        "{\"run\":{\"symbol\":\"vadd\",\"grid\":[[\"/\",[\"+\",[\"param\",3],255],256]],"
        "\"block\":[256],\"cluster\":[],\"smem\":null,\"args\":[{\"param\":0},{\"param\":1},"
        "{\"param\":2},{\"param\":3}]}}";
    char whole[2048];
    const char *at = strstr(text, "RUN");
    json_t *request;

    snprintf(whole, sizeof whole, "%.*s%s,%s%s", (int)(at - text), text, run, run, at + 7);
    request = json_loads(whole, 0, NULL);
    json_object_set_new(request, "variant", json_integer(variant));
    json_object_set_new(request, "module", json_integer(module));
    return request;
}

static void look(void)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply = ask(&c, json_pack("{s:s}", "op", "hello"));

    show("hello", reply);
    is_fake = !strcmp(text_of(json_object_get(reply, "gpu"), "name"), "Fake GPU");
    json_decref(reply);
    client_end(&c, 0);
}

/* whether there are counters here; says why not */
static bool test_lacks(void)
{
    struct client c = start_open("vadd_0", false);
    json_t *reply;
    double us;
    bool has;

    json_decref(load(&c, 1, RIGHT, 256));
    reply = ask(&c, profile_request("/nonexistent/libcupti.so", 1, 0, 1));
    expect(is_unsupported(reply, "/nonexistent/libcupti.so") ||
               is_unsupported(reply, "a worker that was built with"),
           "without libcupti counters are unsupported", reply);
    for (int tier = -1; tier <= 4; tier += 5) {
        reply = ask(&c, profile_request(cupti, 1, 0, tier));
        expect(!strcmp(text_of(reply, "class"), "protocol"), "there is no such tier", reply);
    }
    reply = ask(&c, profile_request(cupti, 9, 0, 1));
    expect(!strcmp(text_of(reply, "class"), "protocol"), "nor variant", reply);
    reply = timed(&c, 1, 0, &us);
    expect(flag(reply, "pass"), "the worker goes on", reply);
    reply = profile(&c, "the first profile", 1, 0, 1);
    has = flag(reply, "ok");
    if (!has && !is_fake && is_unsupported(reply, "")) {
        ok(true, "counters # SKIP they cannot be had here");
        json_decref(reply);
    } else {
        expect(has, "counters are had", reply);
    }
    client_end(&c, 0);
    return has;
}

/* point 1 is of 4096 elements, in blocks of 256 */
static void is_vadd_geometry(const json_t *reply)
{
    const json_t *k = kernel(reply, 0);
    long long blocks = json_integer_value(json_array_get(json_object_get(k, "grid"), 0));
    long long threads = json_integer_value(json_array_get(json_object_get(k, "block"), 0));

    printf("# %lld blocks of %lld threads\n", blocks, threads);
    ok(blocks > 1 && threads == 256 && json_object_get(k, "smem") && !json_object_get(k, "cluster"),
       "its geometry is told");
}

static void test_one_kernel(void)
{
    struct client c = start_open("vadd_0", false);
    double before, after;
    json_t *reply;

    json_decref(load(&c, 1, RIGHT, 256));
    json_decref(load(&c, 2, WRONG, 256));
    json_decref(timed(&c, 1, 1, &before));
    for (int tier = 1; tier <= 3; tier++) {
        reply = profile(&c, "a variant", 1, 1, tier);
        is_vadd_geometry(reply);
        expect(flag(reply, "pass") && kernels(reply) == 1 && is_named(reply, 0, "vadd") &&
                   launches(reply, 0) == 1 && duration_us(reply, 0) > 0 &&
                   json_integer_value(json_object_get(reply, "passes")) >= tier &&
                   json_object_size(json_object_get(kernel(reply, 0), "metrics")) >= (tier == 1 ? 9U
                                                                                      : tier == 2
                                                                                          ? 13U
                                                                                          : 30U),
               "a variant's kernel is counted", reply);
    }
    reply = profile(&c, "a variant, not counted", 1, 1, 0);
    is_vadd_geometry(reply);
    expect(flag(reply, "pass") && kernels(reply) == 1 &&
               json_object_size(json_object_get(kernel(reply, 0), "metrics")) == 1 &&
               duration_us(reply, 0) > 0 &&
               json_integer_value(json_object_get(reply, "passes")) == 0,
           "tier 0 counts nothing, and has the time from the activity records", reply);
    reply = timed(&c, 1, 1, &after);
    printf("# best of 9: %.3f us before, %.3f us after\n", before, after);
    expect(flag(reply, "pass"), "and timed afterwards", reply);
    reply = profile(&c, "a wrong variant", 2, 1, 1);
    expect(!flag(reply, "pass") && !strcmp(text_of(reply, "reason"), "wrong"),
           "a wrong variant is not counted", reply);
    reply = profile(&c, "no elements", 1, 3, 1);
    expect((flag(reply, "pass") || (!is_fake && is_unsupported(reply, ""))) && kernels(reply) == 0,
           "where nothing is launched, nothing is counted", reply);
    reply = ask(&c, check_request(1, 1));
    expect(flag(reply, "pass"), "checks go on", reply);
    ok(client_end(&c, 0) == 0, "and the worker ends as ever");
}

static void test_plan(void)
{
    struct client c = start_open("vadd_0", false);
    json_t *reply;

    json_decref(ask_with_file(&c, module_request(1), "vadd_0.cubin"));
    reply = ask(&c, plan_request(1, 1));
    expect(flag(reply, "ok"), "a plan of two launches and a memset", reply);
    reply = profile(&c, "a plan", 1, 1, 1);
    expect(flag(reply, "pass") && kernels(reply) == 1 && is_named(reply, 0, "vadd") &&
               launches(reply, 0) == 2,
           "launches of one name are one kernel", reply);
    client_end(&c, 0);
}

static json_t *axpy_request(void)
{
    return json_pack("{s:s, s:s, s:b, s:i, s:[s], s:{s:b}, s:[{s:s, s:s}, {s:s, s:s, s:{s:s, "
                     "s:[{s:n, s:n}]}}, {s:s, s:s}, {s:s, s:s}]}",
                     "op", "open", "entry", "axpy_0", "kernel", 0, "seed", 7, "dims", "n",
                     "require", "deterministic", 1, "arrays", "name", "x", "role", "in", "name",
                     "index", "role", "in", "gen", "name", "permutation", "args", "name", "value",
                     "name", "y", "role", "inout", "name", "t", "role", "temp");
}

/* ---- on a GPU ---- */

static bool is_near(double a, double b)
{
    return a > b / 1.5 && a < b * 1.5;
}

static void test_original(void)
{
    double counted[2];
    struct client c = start_open("vadd_0", false);
    json_t *reply = profile(&c, "the original", 0, 1, 1);

    expect(flag(reply, "pass") && kernels(reply) == 1 && is_named(reply, 0, "vadd") &&
               launches(reply, 0) == 1,
           "the original, which the runtime launches, is counted", reply);
    client_end(&c, 0);
    c = client_start(worker, NULL, NULL);
    json_decref(ask_with_file(&c, axpy_request(), "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 1000003, true)));
    for (int tier = 1; tier <= 2; tier++) {
        reply = profile(&c, "two kernels", 0, 0, tier);
        expect(flag(reply, "pass") && kernels(reply) == 2 && is_named(reply, 0, "gather") &&
                   is_named(reply, 1, "add") && duration_us(reply, 1) > 0,
               "two kernels are counted in their order, and an inout is put back between passes",
               reply);
    }
    reply = profile(&c, "two kernels, not counted", 0, 0, 1);
    for (int k = 0; k < 2; k++)
        counted[k] = duration_us(reply, (size_t)k);
    json_decref(reply);
    reply = profile(&c, "two kernels, not counted", 0, 0, 0);
    printf("# counted %.2f and %.2f us, recorded %.2f and %.2f us\n", counted[0], counted[1],
           duration_us(reply, 0), duration_us(reply, 1));
    expect(flag(reply, "pass") && kernels(reply) == 2 &&
               is_near(duration_us(reply, 0), counted[0]) &&
               is_near(duration_us(reply, 1), counted[1]),
           "and how long each takes is known without counters", reply);
    client_end(&c, 0);
}

/* beyond the L2 cache: every byte comes from memory */
static void test_size(void)
{
    const long long n = 1 << 25;
    struct client c = start_open("vadd_0", false);
    double before, after, read;
    json_t *reply;

    json_decref(load(&c, 1, RIGHT, 256));
    json_decref(ask(&c, point_request(10, n, true)));
    for (int variant = 0; variant < 2; variant++) {
        json_decref(timed(&c, variant, 10, &before));
        for (int turn = 0; turn < 2; turn++) {
            reply = profile(&c, variant ? "a variant, 2^25" : "the original, 2^25", variant, 10,
                            1 + turn);
            read = metric(reply, 0, "dram__bytes_read.sum");
            printf("# %.3f us timed, %.3f us counted; %.1f of %.1f MB read\n", before,
                   duration_us(reply, 0), 1e-6 * read, 8e-6 * (double)n);
            ok(duration_us(reply, 0) > before / 3 && duration_us(reply, 0) < before * 3,
               "the counted duration is about the timed one");
            expect(read > 0.5 * 8 * (double)n, "the inputs came from memory", reply);
        }
        reply = timed(&c, variant, 10, &after);
        printf("# best of 9: %.3f us before, %.3f us after (%+.1f %%)\n", before, after,
               100 * (after / before - 1));
        expect(flag(reply, "pass") && after < before * 1.5 && after > before / 1.5,
               "times are what they were before", reply);
    }
    client_end(&c, 0);
}

/* ---- with the fake CUPTI ---- */

static const char *const calls[] = {
    "cuptiSubscribe",
    "cuptiEnableCallback",
    "cuptiProfilerInitialize",
    "cuptiProfilerDeviceSupported",
    "cuptiDeviceGetChipName",
    "cuptiProfilerGetCounterAvailability",
    "cuptiProfilerHostInitialize",
    "cuptiProfilerHostConfigAddMetrics",
    "cuptiProfilerHostGetConfigImageSize",
    "cuptiProfilerHostGetConfigImage",
    "cuptiProfilerHostGetNumOfPasses",
    "cuptiRangeProfilerEnable",
    "cuptiRangeProfilerGetCounterDataSize",
    "cuptiRangeProfilerCounterDataImageInitialize",
    "cuptiRangeProfilerSetConfig",
    "cuptiRangeProfilerStart",
    "cuptiRangeProfilerStop",
    "cuptiRangeProfilerDecodeData",
    "cuptiRangeProfilerGetCounterDataInfo",
    "cuptiProfilerHostEvaluateToGpuValues",
};

/* a call fails once: that is said, all is switched off, and the next time it works */
static void test_failures(void)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char failure[128];
        struct client c;
        json_t *reply;

        snprintf(failure, sizeof failure, "%s:35:1", calls[i]);
        setenv("FAKE_CUPTI_FAIL", failure, 1);
        c = start_open("vadd_0", false);
        json_decref(load(&c, 1, RIGHT, 256));
        reply = ask(&c, profile_request(cupti, 1, 0, 1));
        expect(is_unsupported(reply, calls[i]) && strstr(text_of(reply, "error"), "permission"),
               calls[i], reply);
        reply = ask(&c, profile_request(cupti, 1, 0, 1));
        expect(flag(reply, "pass") && kernels(reply) == 1, "and again", reply);
        client_end(&c, 0);
    }
    unsetenv("FAKE_CUPTI_FAIL");
}

/* activity records that cannot be had are no reason to know nothing; those that stay on are one */
static void test_activity(void)
{
    struct client c;
    json_t *reply;

    setenv("FAKE_CUPTI_FAIL", "cuptiActivityEnable:35:1", 1);
    c = start_open("vadd_0", false);
    json_decref(load(&c, 1, RIGHT, 256));
    reply = ask(&c, profile_request(cupti, 1, 0, 0));
    expect(flag(reply, "pass") && kernels(reply) == 1 &&
               json_object_size(json_object_get(kernel(reply, 0), "metrics")) == 0,
           "without activity records launches are told alone", reply);
    reply = ask(&c, profile_request(cupti, 1, 0, 0));
    expect(flag(reply, "pass") && duration_us(reply, 0) == 1, "and again", reply);
    client_end(&c, 0);
    setenv("FAKE_CUPTI_FAIL", "cuptiActivityDisable:999", 1);
    c = start_open("vadd_0", false);
    json_decref(load(&c, 1, RIGHT, 256));
    reply = ask(&c, profile_request(cupti, 1, 0, 0));
    expect(!strcmp(text_of(reply, "class"), "fault") &&
               strstr(text_of(reply, "error"), "cuptiActivityDisable"),
           "records that stay on end the worker", reply);
    ok(client_end(&c, 0) == 3, "which says so");
    unsetenv("FAKE_CUPTI_FAIL");
}

/* what stays on would be timed, so the worker must not go on */
static void test_stuck(void)
{
    static const char *const stuck[] = {"cuptiUnsubscribe", "cuptiRangeProfilerDisable"};

    for (size_t i = 0; i < sizeof stuck / sizeof *stuck; i++) {
        char failure[128];
        struct client c;
        json_t *reply;

        snprintf(failure, sizeof failure, "%s:999", stuck[i]);
        setenv("FAKE_CUPTI_FAIL", failure, 1);
        c = start_open("vadd_0", false);
        json_decref(load(&c, 1, RIGHT, 256));
        reply = ask(&c, profile_request(cupti, 1, 0, 1));
        expect(!strcmp(text_of(reply, "class"), "fault") &&
                   strstr(text_of(reply, "error"), stuck[i]),
               stuck[i], reply);
        ok(client_end(&c, 0) == 3, "ends the worker");
    }
    unsetenv("FAKE_CUPTI_FAIL");
}

static void test_fake(void)
{
    struct client c = start_open("vadd_0", false);
    json_t *reply;

    json_decref(ask_with_file(&c, module_request(1), "vadd_0.cubin"));
    json_decref(ask(&c, plan_request(1, 1)));
    reply = profile(&c, "a plan", 1, 0, 1);
    expect(metric(reply, 0, "gpu__time_duration.sum") == 1500 &&
               !json_object_get(json_object_get(kernel(reply, 0), "metrics"),
                                "gpc__cycles_elapsed.max") &&
               !json_object_get(json_object_get(kernel(reply, 0), "metrics"),
                                "l1tex__t_sector_hit_rate.pct"),
           "the mean over launches; without what is no number, or not the chip's", reply);
    client_end(&c, 0);
    setenv("FAKE_CUPTI_EXTRA", "1", 1);
    c = start_open("vadd_0", false);
    json_decref(load(&c, 1, RIGHT, 256));
    reply = profile(&c, "one range too many", 1, 0, 1);
    expect(flag(reply, "pass") && kernels(reply) == 2 &&
               json_is_null(json_object_get(kernel(reply, 0), "name")),
           "ranges that are not the launches seen have no name", reply);
    client_end(&c, 0);
    unsetenv("FAKE_CUPTI_EXTRA");
    setenv("FAKE_CUPTI_VIRTUAL", "1", 1);
    setenv("KSEARCH_CUPTI", cupti, 1);
    c = start_open("vadd_0", false);
    json_decref(load(&c, 1, RIGHT, 256));
    reply = ask(&c, profile_request("/nonexistent/libcupti.so", 1, 0, 1));
    expect(is_unsupported(reply, "vGPU"), "a GPU without profiling; KSEARCH_CUPTI counts", reply);
    client_end(&c, 0);
    unsetenv("FAKE_CUPTI_VIRTUAL");
    unsetenv("KSEARCH_CUPTI");
}

static void test_peaks(void)
{
    struct client c = start_open("vadd_0", false);
    json_t *first = ask(&c, json_pack("{s:s}", "op", "peaks")), *again, *ops;
    double f32, bf16;

    show("peaks", first);
    ops = json_object_get(first, "ops");
    f32 = json_number_value(json_object_get(ops, "f32"));
    bf16 = json_number_value(json_object_get(ops, "bf16"));
    again = ask(&c, json_pack("{s:s}", "op", "peaks"));
    expect(json_equal(first, again), "peaks are measured once", again);
    expect(f32 > 1e6 && json_number_value(json_object_get(ops, "f64")) > 1e6 &&
               (is_fake ? !bf16 : bf16 > f32 && f32 > 1e12),
           "so many operations a second; none where there are no instructions", first);
    first = ask(&c, check_request(0, 0));
    expect(flag(first, "pass"), "and the worker goes on", first);
    client_end(&c, 0);
}

static void test_record(const char *scratch)
{
    char path[4096];
    json_t *reply[2];

    snprintf(path, sizeof path, "%s/recording.json", scratch);
    unlink(path);
    for (int i = 0; i < 2; i++) {
        struct client c = client_start(worker, i ? "--replay" : "--record", path);

        json_decref(ask(&c, json_pack("{s:s}", "op", "hello")));
        json_decref(ask_with_file(&c, open_request("vadd_0", false), "vadd_harness.so"));
        json_decref(ask(&c, point_request(i, 4096, true)));
        json_decref(load(&c, i + 1, RIGHT, 256));
        reply[i] = ask(&c, profile_request(i ? "/nonexistent" : cupti, i + 1, i, 1));
        client_end(&c, 0);
    }
    ok(flag(reply[0], "pass") && json_equal(reply[0], reply[1]), "a replay has the counters too");
    json_decref(reply[0]);
    json_decref(reply[1]);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: worker_counters WORKER FOLDER CUPTI SCRATCH\n");
        return 2;
    }
    worker = argv[1];
    folder = argv[2];
    cupti = argv[3];
    look();
    test_peaks();
    if (test_lacks()) {
        test_one_kernel();
        test_plan();
        test_record(argv[4]);
        if (is_fake) {
            test_fake();
            test_failures();
            test_stuck();
            test_activity();
        } else {
            test_original();
            test_size();
        }
    }
    printf("1..%d\n", tests);
    return failures ? 1 : 0;
}
