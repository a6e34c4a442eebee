/* tests/unit/bench_test.c - what a bench makes of a worker's answers about counters, and of a
 * worker that is lost over them. The worker is this program, started again. */
#include "tests/unit/check.h"

#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/search/bench.h"
#include "runtime/base/arena.h"
#include "runtime/base/frame.h"
#include "runtime/base/fs.h"

/* what the worker does with a profile of the variant of that number */
enum { COUNTS, LACKS, WRONG, DIES, FAULTS, FORGETS, VARIANTS };

/* ---- the worker ---- */

static json_t *answer_profile(const json_t *request)
{
    const char *path = json_string_value(json_object_get(request, "cupti"));

    switch (json_integer_value(json_object_get(request, "variant"))) {
    case COUNTS:
        return json_pack("{s:b,s:b,s:[{s:s,s:o,s:o}]}", "ok", 1, "pass", 1, "kernels", "name",
                         path ? path : "", "tier", json_incref(json_object_get(request, "tier")),
                         "point", json_incref(json_object_get(request, "point")));
    case LACKS:
        return json_pack("{s:b,s:s,s:s}", "ok", 0, "class", "unsupported", "error",
                         "counters need luck");
    case WRONG:
        return json_pack("{s:b,s:b,s:s}", "ok", 1, "pass", 0, "text", "c[0] is wrong");
    case FAULTS:
        return json_pack("{s:b,s:s,s:s}", "ok", 0, "class", "fault", "error",
                         "the profiler cannot be switched off");
    case FORGETS:
        return json_pack("{s:b,s:b}", "ok", 1, "pass", 1);
    }
    _exit(7);
}

#define KILLS "KSEARCH_TEST_KILLS" /* a file of as many bytes as workers are still to be killed */

static json_t *answer_check(const json_t *request)
{
    struct error err = {""};
    struct buf left;

    if (json_integer_value(json_object_get(request, "variant")) == FAULTS)
        return json_pack("{s:b,s:s,s:s}", "ok", 0, "class", "fault", "error", "bad address");
    buf_init(&left, 100);
    if (getenv(KILLS) && fs_read(getenv(KILLS), &left, &err) == 0 && left.len > 0 &&
        fs_write(getenv(KILLS), buf_text(&left), left.len - 1, &err) == 0)
        raise(SIGKILL);
    buf_release(&left);
    return json_pack("{s:b,s:b}", "ok", 1, "pass", 1);
}

static json_t *answer(const json_t *request)
{
    const char *op = json_string_value(json_object_get(request, "op"));

    if (!strcmp(op, "hello"))
        return json_pack("{s:b,s:{s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i}}", "ok", 1, "gpu",
                         "name", "A GPU", "uuid", "GPU-1", "major", 9, "minor", 0, "sms", 4, "smem",
                         1, "regs", 1, "l2", 1, "memory", 1, "driver", 13000);
    if (!strcmp(op, "profile"))
        return answer_profile(request);
    if (!strcmp(op, "check"))
        return answer_check(request);
    if (!strcmp(op, "peaks"))
        return json_pack("{s:b,s:{s:f}}", "ok", 1, "ops", "f32", 6e13);
    if (!strcmp(op, "floor"))
        return json_pack("{s:b,s:f}", "ok", 1, "us", 2.5);
    return json_pack("{s:b}", "ok", 1);
}

static int work(void)
{
    struct buf blob;
    json_t *request, *reply;

    buf_init(&blob, BUF_LIMIT);
    while (frame_read(0, -1, NULL, NULL, &request, &blob, NULL) > 0) {
        reply = answer(request);
        frame_write(1, reply, NULL, 0, NULL);
        json_decref(request);
        json_decref(reply);
        buf_clear(&blob);
    }
    buf_release(&blob);
    return 0;
}

/* ---- the bench ---- */

struct fixture {
    struct spec spec;
    struct point point;
    struct bench *bench;
    struct error err;
};

static void fixture_open(struct fixture *f)
{
    struct buf harness, cubin;
    size_t module;

    memset(f, 0, sizeof *f);
    f->spec.label = "vadd";
    f->point.label = "n=1";
    f->spec.points = &f->point;
    f->spec.npoints = 1;
    f->bench = bench_start(false, &f->err);
    if (!f->bench || bench_await(f->bench, &f->err))
        fail_msg("%s", f->err.text);
    buf_init(&harness, 100);
    buf_init(&cubin, 100);
    buf_adds(&harness, "harness");
    assert_int_equal(bench_open(f->bench, &f->spec, 0, &harness, 1, &f->err), BENCH_OK);
    module = bench_add_module(f->bench, false, &cubin);
    for (size_t v = 1; v < VARIANTS; v++)
        assert_int_equal(bench_add_variant(f->bench, module, "k", NULL), v);
    buf_release(&harness);
    buf_release(&cubin);
}

/* a profile without counters; what was said of that is in f->err */
static void expect_none(struct fixture *f, size_t variant, enum bench_result result,
                        const char *why)
{
    json_t *kernels = (json_t *)(void *)f;

    f->err.text[0] = 0;
    assert_int_equal(bench_profile(f->bench, variant, 0, 1, &kernels, &f->err), result);
    assert_null(kernels);
    if (!strstr(f->err.text, why))
        fail_msg("'%s' does not say '%s'", f->err.text, why);
}

static void expect_counters(struct fixture *f, const char *path, int tier)
{
    json_t *kernels, *one;

    f->err.text[0] = 0;
    assert_int_equal(bench_profile(f->bench, COUNTS, 0, tier, &kernels, &f->err), BENCH_OK);
    assert_non_null(kernels);
    one = json_array_get(kernels, 0);
    assert_string_equal(json_string_value(json_object_get(one, "name")), path);
    assert_int_equal(json_integer_value(json_object_get(one, "tier")), tier);
    assert_int_equal(json_integer_value(json_object_get(one, "point")), 0);
    assert_string_equal(f->err.text, "");
    json_decref(kernels);
}

static void test_counters(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f);
    expect_counters(&f, "", 1);
    bench_use_cupti(f.bench, "/toolkit/libcupti.so");
    expect_counters(&f, "/toolkit/libcupti.so", 2);
    bench_free(f.bench);
}

static void test_lack_is_no_failure(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f);
    expect_none(&f, LACKS, BENCH_OK, "counters need luck");
    expect_none(&f, WRONG, BENCH_FAILED, "c[0] is wrong");
    expect_none(&f, FORGETS, BENCH_OK, "no counters");
    expect_counters(&f, "", 1);
    assert_int_equal(bench_clock(f.bench).restarts, 0);
    bench_free(f.bench);
}

/* the variant is not blamed, another worker goes on, and the profiler gets no second chance */
static void test_lost_worker(void **state)
{
    static const struct {
        size_t variant;
        const char *why;
    } cases[] = {{DIES, "ended without an answer to 'profile'"}, {FAULTS, "switched off"}};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        fixture_open(&f);
        expect_none(&f, cases[i].variant, BENCH_OK, cases[i].why);
        assert_true(bench_floor(f.bench, 0, NULL) == 2.5);
        assert_int_equal(bench_clock(f.bench).restarts, 1);
        expect_none(&f, COUNTS, BENCH_OK, cases[i].why);
        assert_int_equal(bench_clock(f.bench).restarts, 1);
        bench_free(f.bench);
    }
}

static enum bench_result check(struct fixture *f, size_t variant)
{
    static const size_t point = 0;

    f->err.text[0] = 0;
    return bench_check(f->bench, variant, &point, 1, 1, &f->err);
}

/* somebody else's SIGKILL is no fault of the variant, unless it comes each time */
static void test_killed_worker(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t kills = 0; kills <= 3; kills++) {
        assert_int_equal(fs_write(getenv(KILLS), "xxx", kills, NULL), 0);
        fixture_open(&f);
        assert_int_equal(check(&f, COUNTS), kills < 3 ? BENCH_OK : BENCH_FAILED);
        assert_true(kills < 3 || strstr(f.err.text, "killed by signal 9"));
        assert_int_equal(bench_clock(f.bench).restarts, kills < 3 ? kills : 2);
        assert_int_equal(check(&f, COUNTS), BENCH_OK); /* another one lives on */
        bench_free(f.bench);
    }
}

static void test_many_faults(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(check(&f, FAULTS), BENCH_FAILED);
        assert_string_equal(f.err.text, "bad address");
    }
    assert_int_equal(check(&f, COUNTS), BENCH_OK);
    assert_int_equal(bench_clock(f.bench).restarts, 100);
    bench_free(f.bench);
}

static void test_peaks(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f);
    assert_true(bench_peak(f.bench, "f32") == 6e13);
    assert_true(bench_peak(f.bench, "f64") == 0);
    bench_free(f.bench);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counters),    cmocka_unit_test(test_lack_is_no_failure),
        cmocka_unit_test(test_lost_worker), cmocka_unit_test(test_killed_worker),
        cmocka_unit_test(test_many_faults), cmocka_unit_test(test_peaks),
    };
    char self[4096], command[4200], kills[4096];
    ssize_t n;

    (void)argv;
    if (argc > 1)
        return work();
    n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;
    snprintf(command, sizeof command, "%s work", self);
    setenv("KSEARCH_WORKER", command, 1);
    char *dir = fs_tempdir("ksearch", NULL);
    snprintf(kills, sizeof kills, "%s/kills", dir);
    setenv(KILLS, kills, 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fs_remove(dir);
    free(dir);
    return failed;
}
