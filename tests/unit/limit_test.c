/* what limits a kernel, why that is said, and the counters that it follows from */
#include "tests/unit/check.h"

#include <string.h>

#include "driver/search/counted.h"
#include "driver/search/evidence.h"
#include "driver/search/limit.h"

static const char *why_of(const struct limit_figures *f, char text[512])
{
    struct buf b;

    buf_init(&b, 1 << 12);
    limit_why(f, limit_of(f), &b);
    snprintf(text, 512, "%s: %s", limit_name(limit_of(f)), buf_text(&b));
    buf_release(&b);
    return text;
}

static struct limit_figures timed(double us, double floor_us)
{
    struct limit_figures f = limit_nothing();

    f.us = us;
    f.floor_us = floor_us;
    return f;
}

static void test_launch(void **state)
{
    struct limit_figures f = timed(4, 1);
    char text[512];

    (void)state;
    assert_string_equal(why_of(&f, text),
                        "launch: 4 us for 1 launch; moving the bytes would take 25 % of the time");
    f = timed(100, 10);
    f.launches = 12;
    f.counted_us = 55;
    assert_string_equal(why_of(&f, text), "launch: 100 us for 12 launches; 45 % of it no kernel "
                                          "runs; moving the bytes would take 10 % of the time");
    f.counted_us = 61;
    assert_int_equal(limit_of(&f), LIMIT_LATENCY);
    f.counted_us = 130; /* counting slows it down: no gaps follow from that */
    assert_int_equal(limit_of(&f), LIMIT_LATENCY);
}

static void test_memory(void **state)
{
    struct limit_figures f = timed(100, 65);
    char text[512];

    (void)state;
    f.has_counters = true;
    f.dram = 91.4;
    f.l2 = 40;
    assert_string_equal(why_of(&f, text), "memory: DRAM is 91 % busy; moving the bytes at this "
                                          "card's bandwidth would take 65 % of the time");
    f = timed(100, 0);
    f.l2 = 70;
    assert_int_equal(limit_of(&f), LIMIT_MEMORY);
}

static void test_compute(void **state)
{
    struct limit_figures f = timed(100, 5);
    char text[512];

    (void)state;
    f.ops_us = 60;
    assert_string_equal(why_of(&f, text),
                        "compute: the operations at this card's peak would take 60 % of the time");
    f.ops_us = 0;
    f.has_counters = true;
    f.tensor = 55;
    f.fma = 3;
    f.issue = 21;
    assert_string_equal(why_of(&f, text), "compute: the tensor cores are 55 % busy; the FMA pipe "
                                          "is 3 % busy; the schedulers are 21 % busy");
    f.tensor = 0;
    assert_int_equal(limit_of(&f), LIMIT_LATENCY);
    f.computes = true; /* counters say otherwise */
    assert_int_equal(limit_of(&f), LIMIT_LATENCY);
    f.has_counters = false;
    assert_int_equal(limit_of(&f), LIMIT_COMPUTE);
}

static void test_occupancy(void **state)
{
    struct limit_figures f = timed(100, 5);
    char text[512];

    (void)state;
    f.has_counters = true;
    f.warps = 12;
    f.warps_most = 25;
    f.warps_limit = "registers";
    f.waves = 3;
    assert_string_equal(why_of(&f, text),
                        "occupancy: 12 % of the warps that a multiprocessor could hold are there; "
                        "registers allow no more than 25 %");
    assert_string_equal(limit_class(limit_of(&f)), "latency");
    f.warps_most = 100;
    assert_int_equal(limit_of(&f), LIMIT_LATENCY); /* they could be there, and are waited for */
    f.waves = 0.24;
    assert_string_equal(why_of(&f, text),
                        "occupancy: 12 % of the warps that a multiprocessor could hold are there; "
                        "the blocks fill 24 % of the card");
    f.has_counters = false;
    f.warps = -1; /* what the grid alone tells */
    assert_int_equal(limit_of(&f), LIMIT_OCCUPANCY);
    f.waves = 0.9;
    assert_int_equal(limit_of(&f), LIMIT_LATENCY);
    f.waves = 0.24;
    f.warps_most = 0;
    assert_int_equal(limit_of(&f), LIMIT_LATENCY);
}

static void test_latency(void **state)
{
    struct limit_figures f = timed(100, 12);
    char text[512];

    (void)state;
    f.has_counters = true;
    f.dram = 14;
    f.fma = 8;
    f.tensor = 0;
    f.issue = 11;
    f.active = 60;
    f.warps = 80;
    assert_string_equal(why_of(&f, text),
                        "latency: DRAM 14 % busy; arithmetic 8 % busy; an instruction is issued in "
                        "11 % of the cycles; 60 % of the multiprocessors have work on average; "
                        "moving the bytes would take 12 % of the time");
    f = limit_nothing();
    assert_string_equal(why_of(&f, text), "unknown: what was measured does not tell");
}

/* ---- counters ---- */

static json_t *kernels(void)
{
    json_t *list = json_loads(
        "[{\"name\":\"_Z1av\",\"launches\":2,\"grid\":[8,2,1],\"block\":[32,4,1],\"smem\":0,"
        "\"metrics\":{\"gpu__time_duration.sum\":1000,\"dram__bytes_read.sum\":100,"
        "\"dram__bytes_write.sum\":50,\"smsp__issue_active.avg.pct_of_peak_sustained_active\":10,"
        "\"smsp__sass_thread_inst_executed_op_ffma_pred_on.sum\":5,"
        "\"smsp__sass_thread_inst_executed_op_fadd_pred_on.sum\":1,"
        "\"sm__cycles_active.avg.pct_of_peak_sustained_elapsed\":80,"
        "\"sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active\":0,"
        "\"sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active\":50}},"
        "{\"name\":null,\"launches\":1,\"metrics\":{\"gpu__time_duration.sum\":6000,"
        "\"dram__bytes_read.sum\":1000,\"dram__bytes_write.sum\":0,"
        "\"smsp__issue_active.avg.pct_of_peak_sustained_active\":50,"
        "\"sm__ops_path_tensor_src_bf16_dst_fp32.sum\":4096,"
        "\"sm__cycles_active.avg.pct_of_peak_sustained_elapsed\":100,"
        "\"sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active\":96,"
        "\"sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active\":10}}]",
        0, NULL);

    assert_non_null(list);
    return list;
}

static void test_counted(void **state)
{
    json_t *list = kernels();
    const json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
    struct limit_figures f = limit_nothing();

    (void)state;
    assert_true(counted_us(first) == 2 && counted_us(second) == 6);
    assert_true(counted_all_us(list) == 8);
    assert_ptr_equal(counted_longest(list), second);
    assert_int_equal(counted_blocks(first), 16);
    assert_int_equal(counted_threads(first), 128);
    assert_int_equal(counted_cluster(first), 0);
    assert_int_equal(counted_threads(second), 0);
    assert_true(counted_dram(list) == 1300);
    assert_true(counted_operations(list, OPS_F32) == 22);
    assert_true(counted_operations(list, OPS_TENSOR_BF16) == 4096);
    assert_true(counted_operations(list, OPS_F64) == -1);
    assert_float_equal(counted_arithmetic(list), 0.75 * 96 * 0.95, 1e-9);
    evidence_counted(list, &f);
    assert_true(f.has_counters && f.issue == 40 && f.l2 == -1);
    assert_true(counted_is_operation("sm__ops_path_tensor_src_fp8.sum"));
    assert_false(counted_is_operation("dram__bytes_read.sum"));
    json_decref(list);
}

static void test_nothing_counted(void **state)
{
    json_t *list = json_pack("[{s:s, s:i, s:{}}]", "name", "k", "launches", 1, "metrics");
    struct limit_figures f = limit_nothing();

    (void)state;
    assert_true(counted_all_us(list) == -1 && counted_dram(list) == -1);
    assert_true(counted_arithmetic(list) == -1 && counted_operations(list, OPS_F32) == -1);
    assert_ptr_equal(counted_longest(list), json_array_get(list, 0));
    evidence_counted(list, &f);
    assert_false(f.has_counters);
    assert_null(counted_longest(NULL));
    assert_true(counted_all_us(NULL) == -1);
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_launch),          cmocka_unit_test(test_memory),
        cmocka_unit_test(test_compute),         cmocka_unit_test(test_occupancy),
        cmocka_unit_test(test_latency),         cmocka_unit_test(test_counted),
        cmocka_unit_test(test_nothing_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
