/* what a model is told of measurements and of failures */
#include "tests/unit/fixture.h"

#include "driver/search/evidence.h"

#define DRAM "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed"
#define ISSUE "smsp__issue_active.avg.pct_of_peak_sustained_active"
#define TENSOR "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active"

static struct gpu h200 = {.name = "NVIDIA H200", .major = 9, .minor = 0, .sms = 132};

static const struct sass_kernel instructions = {
    .symbol = "_Z5splitv",
    .total = 312,
    .count = {[SASS_LDG_128] = 24, [SASS_STL] = 3, [SASS_FFMA] = 110},
};

static const struct evidence_time times[] = {
    {"batch=1, ctx=2048", 9.81, 5.1, 31.2, 12, 2, NULL},
    {"batch=16, ctx=2048", 104.26, 81.6, 0, 99.05, 0, NULL},
    {"batch=4, ctx=1", 0, 0, 1234.5, 0, 1, NULL},
};

static const struct evidence_launch launches[] = {
    {"split", 1056, 128, 0, 32768, {64, 2048, 12, 96}, &instructions},
    {"merge<128>", 0, 128, 2, 0, {-1, -1, -1, -1}, NULL},
};

static const struct evidence_counter counters[] = {
    {"sm__cycles_active.avg.pct_of_peak_sustained_elapsed", 71.25},
    {DRAM, 82.1},
    {"dram__bytes_read.sum", 33554432},
    {"l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum", 0},
    {"l1tex__t_sectors_pipe_lsu_mem_local_op_ld.sum", 4096},
    {"smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio", 7.5},
    {"smsp__average_warps_issue_stalled_barrier_per_issue_active.ratio", 0.1},
    {"a__metric_of_tomorrow.sum", 1.5},
    {ISSUE, 0.0 / 0.0},
};

static const char golden[] =
    "### Split the context: WAVES=2\n"
    "\n"
    "| workload | time | floor (time over floor) | original (times faster than) | parent (times "
    "faster than) |\n"
    "| --- | --- | --- | --- | --- |\n"
    "| batch=1, ctx=2048 | 9.81 us | 5.10 us (1.92x) | 31.2 us (3.18x) | 12.0 us (1.22x) |\n"
    "| batch=16, ctx=2048 | 104.3 us | 81.6 us (1.28x) | - | 99.0 us (0.95x) |\n"
    "| batch=4, ctx=1 | - | - | 1234 us | - |\n"
    "\n"
    "Kernels:\n"
    "\n"
    "- `split` on 1056 blocks of 128 threads: 64 registers a thread, 34816 bytes of shared memory "
    "a "
    "block, 12 bytes spilled, 96 bytes of stack; at most 6 blocks a multiprocessor (24 of 64 "
    "warps), "
    "limited by shared memory; 1.33 waves on 132 multiprocessors\n"
    "  instructions (of the text, loops counted once): LDG 128-bit 24, STL (local memory) 3, "
    "FFMA/FADD/FMUL 110; 312 in all\n"
    "- `merge<128>` in blocks of 128 threads, clusters of 2: registers not known, 0 bytes of "
    "shared "
    "memory a block\n"
    "\n"
    "Counters in batch=1:\n"
    "\n"
    "- multiprocessors busy: 71.2 %: many stand idle: too few blocks, uneven blocks, or a ragged "
    "last wave\n"
    "- DRAM bandwidth used: 82.1 %: memory-bound: only moving fewer bytes helps\n"
    "- read from DRAM: 33.6 MB\n"
    "- shared memory bank conflicts: 0: none\n"
    "- sectors loaded from local memory: 4096: spills or arrays indexed at run time: fewer live "
    "values, constant indices\n"
    "- warps waiting for results of global or local loads: 7.50 at each issue: much\n"
    "- warps waiting for __syncthreads: 0.10 at each issue: little\n"
    "- a__metric_of_tomorrow.sum: 1.50\n"
    "\n"
    "By these figures it is limited by: memory.\n";

static void test_text(void **state)
{
    const struct evidence e = {"Split the context: WAVES=2",
                               &h200,
                               times,
                               COUNT(times),
                               launches,
                               COUNT(launches),
                               counters,
                               COUNT(counters),
                               "batch=1"};
    const struct evidence nothing = {.title = NULL};
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    evidence_text(&e, &b);
    assert_string_equal(buf_text(&b), golden);
    buf_clear(&b);
    evidence_text(&nothing, &b);
    assert_int_equal(b.len, 0);
    buf_release(&b);
}

static void test_workloads(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    evidence_workloads(times, COUNT(times), &b);
    assert_string_equal(buf_text(&b), "| workload | weight | time | floor | share |\n"
                                      "| --- | --- | --- | --- | --- |\n"
                                      "| batch=1, ctx=2048 | 2 | 31.2 us | 5.10 us | 5 % |\n"
                                      "| batch=16, ctx=2048 | 1 | - | 81.6 us | - |\n"
                                      "| batch=4, ctx=1 | 1 | 1234 us | - | 95 % |\n");
    buf_release(&b);
}

/* --- what limits it --- */

static const char *limited_by(double us, double floor_us, size_t nlaunches, const char *metric,
                              double value)
{
    const struct evidence_time t[] = {{"light", 1, 0.9, 0, 0, 0, NULL},
                                      {"heavy", us, floor_us, 0, 0, 1, NULL}};
    const struct evidence_launch l[3] = {{.kernel = "a"}, {.kernel = "b"}, {.kernel = "c"}};
    const struct evidence_counter c = {metric, value};
    const struct evidence e = {.times = t,
                               .ntimes = 2,
                               .launches = l,
                               .nlaunches = nlaunches,
                               .counters = &c,
                               .ncounters = metric != NULL};

    return evidence_bottleneck(&e);
}

static const char *limit_by_text(enum sass_kind kind, uint32_t count, uint32_t loads)
{
    struct sass_kernel k = {.symbol = "k", .total = 1000, .count = {[SASS_LDG_128] = loads}};
    const struct evidence_time t = {"", 100, 10, 0, 0, 0, NULL};
    const struct evidence_launch l = {.kernel = "k", .sass = &k};

    k.count[kind] = count;
    return evidence_bottleneck(
        &(struct evidence){.times = &t, .ntimes = 1, .launches = &l, .nlaunches = 1});
}

static void test_bottleneck(void **state)
{
    const struct evidence nothing = {.title = NULL};

    (void)state;
    assert_string_equal(evidence_bottleneck(&nothing), "unknown");
    assert_string_equal(limited_by(5, 2.4, 0, NULL, 0), "launch");
    assert_string_equal(limited_by(15, 2, 3, NULL, 0), "launch");
    assert_string_equal(limited_by(15, 2, 2, NULL, 0), "latency");
    assert_string_equal(limited_by(5, 3.1, 1, NULL, 0), "memory");
    assert_string_equal(limited_by(100, 60, 1, NULL, 0), "memory");
    assert_string_equal(limited_by(100, 59, 1, NULL, 0), "latency");
    assert_string_equal(limited_by(100, 20, 1, DRAM, 61), "memory");
    assert_string_equal(limited_by(100, 20, 1, DRAM, 50), "latency");
    assert_string_equal(limited_by(100, 20, 1, ISSUE, 65), "compute");
    assert_string_equal(limited_by(100, 0, 1, TENSOR, 55), "compute");
    assert_string_equal(limit_by_text(SASS_FFMA, 90, 10), "compute");
    assert_string_equal(limit_by_text(SASS_FFMA, 80, 10), "latency");
    assert_string_equal(limit_by_text(SASS_HMMA, 1, 10), "compute");
}

/* --- failures --- */

static const char *errors_of(const char *text, size_t most)
{
    struct buf b;
    const char *kept;

    buf_init(&b, BUF_LIMIT);
    evidence_errors(text, most, &b);
    kept = arena_dup(arena, buf_text(&b));
    buf_release(&b);
    return kept;
}

static void test_errors(void **state)
{
    static const char said[] =
        "/tmp/ks-x1/unit.cu(3): warning #177-D: variable \"a\" was declared\n"
        "/tmp/ks-x1/unit.cu(12): error: identifier \"bock\" is undefined\n"
        "    x = n / 2 / bock;\n"
        "            ^\n"
        "1 error detected in the compilation of \"/tmp/ks-x1/unit.cu\".";

    (void)state;
    assert_string_equal(errors_of(said, EVIDENCE_MOST),
                        "unit.cu(12): error: identifier \"bock\" is undefined\n"
                        "    x = n / 2 / bock;\n"
                        "            ^\n"
                        "1 error detected in the compilation of \"unit.cu\".\n");
    assert_string_equal(errors_of(said, 80),
                        "unit.cu(12): error: identifier \"bock\" is undefined\n"
                        "    x = n / 2 / bock;\n... 2 more lines\n");
    assert_string_equal(errors_of(said, 10), "... 4 more lines\n");
    assert_string_equal(errors_of("", 10), "");
    assert_string_equal(errors_of("y[3]: 1.5, not 2\n", 100), "y[3]: 1.5, not 2\n");
}

static void test_paths(void **state)
{
    (void)state;
    assert_string_equal(errors_of("In /home/me/secret/a.cu, -I/usr/local/include/ and /a", 200),
                        "In a.cu, -Iinclude and /a\n");
    assert_string_equal(errors_of("a/b/c.h x=/opt/x/y.h:3 '/r/s/t' 4//2 //c/d", 200),
                        "a/b/c.h x=y.h:3 't' 4//2 //c/d\n");
    assert_string_equal(errors_of("/w\xC3\xB6/e b/c d/e.cu\n/", 200), "e b/c d/e.cu\n/\n");
}

static void test_failure(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    evidence_failure("Proposal 2 did not compile", "p.cu(1): error: ```\n", 100, &b);
    assert_string_equal(buf_text(&b), "Proposal 2 did not compile:\n\n````text\np.cu(1): error: "
                                      "```\n````\n");
    buf_release(&b);
}

static void test_wrong(void **state)
{
    json_t *reply = json_loads(
        "{\"ok\":true,\"pass\":false,\"reason\":\"wrong\",\"point\":1,\"array\":\"y\",\"bad\":2,"
        "\"of\":96,\"first\":[{\"index\":[0,3],\"expected\":1.5,\"got\":\"nan\"},"
        "{\"index\":[1,0],\"lane\":1,\"expected\":7,\"got\":0.10000000000000001}],"
        "\"text\":\"y is wrong: 2 of 96\"}",
        0, NULL);
    struct buf b;

    (void)state;
    assert_non_null(reply);
    buf_init(&b, BUF_LIMIT);
    evidence_wrong(reply, &b);
    assert_string_equal(buf_text(&b), "y is wrong: 2 of 96\n"
                                      "y[0][3]: expected 1.5, got nan\n"
                                      "y[1][0] lane 1: expected 7, got 0.1\n");
    buf_clear(&b);
    json_object_clear(reply); /* a reply of another version */
    evidence_wrong(reply, &b);
    assert_string_equal(buf_text(&b), "the results are wrong\n");
    buf_release(&b);
    json_decref(reply);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_text),  TEST(test_workloads), TEST(test_bottleneck), TEST(test_errors),
        TEST(test_paths), TEST(test_failure),   TEST(test_wrong),
    };

    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
