/* Extents and grids as expressions over scalar arguments. */
#include "tests/unit/fixture.h"
#include "driver/capture/infer.h"

static const char *also;

static void is(const char *got, const char *wanted)
{
    assert_string_equal(got ? got : "nothing", wanted ? wanted : "nothing");
}

/* of one launch with rows = 32, columns = 48, depth = 5, one = 1, none = 0 and less = -3 */
static struct infer one_launch(void)
{
    static const long long values[] = {32, 48, 5, 1, 0, -3};
    static const struct infer_scalar scalars[] = {{"rows", &values[0]},  {"columns", &values[1]},
                                                  {"depth", &values[2]}, {"one", &values[3]},
                                                  {"none", &values[4]},  {"less", &values[5]}};

    return (struct infer){arena, scalars, COUNT(scalars), 1};
}

static const char *extent(uint64_t count, uint64_t slack)
{
    struct infer in = one_launch();

    return infer_extent(&in, &count, slack, &also);
}

static void extents_are_products(void **state)
{
    (void)state;
    is(extent(32, 0), "rows");
    is(extent(1, 0), "one");
    is(extent(32 * 48, 0), "rows * columns");
    is(extent(32 * 32, 0), "rows * rows");
    is(extent(32 * 48 * 5, 0), "rows * columns * depth");
    is(extent(33, 0), "rows + 1");
    is(extent(32 * 48 + 1, 0), "rows * columns + 1");
    is(extent(3 * 48, 0), "3 * columns");
    is(extent(2 * 32 * 5, 0), "2 * rows * depth");
    is(extent(1009, 0), NULL);
    is(extent(0, 0), NULL);
}

static void pools_round_up(void **state)
{
    (void)state;
    is(extent(32 * 48 + 100, 127), "rows * columns");
    is(extent(32 * 48 + 128, 127), NULL);
    is(extent(32 * 48, 127), "rows * columns"); /* what is exact comes first */
}

static void every_launch_must_agree(void **state)
{
    static const long long n[] = {64, 128}, m[] = {64, 32};
    static const struct infer_scalar scalars[] = {{"m", m}, {"n", n}};
    struct infer in = {arena, scalars, 2, 2};

    (void)state;
    is(infer_extent(&in, (const uint64_t[]){64, 128}, 0, &also), "n");
    assert_null(also);
    is(infer_extent(&in, (const uint64_t[]){64, 32}, 0, &also), "m");
    is(infer_extent(&in, (const uint64_t[]){64 * 64, 128 * 32}, 0, &also), "m * n");
    is(infer_extent(&in, (const uint64_t[]){64, 64}, 0, &also), NULL);
    in.nsamples = 1; /* the first alone cannot tell them apart, and says so */
    is(infer_extent(&in, (const uint64_t[]){64, 128}, 0, &also), "m");
    is(also, "n");
}

static void values_come_back(void **state)
{
    struct infer in = one_launch();
    static const uint64_t counts[] = {1, 32, 33, 1024, 1536, 1537, 144, 320, 7680};

    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++)
        assert_int_equal(infer_value(&in, extent(counts[i], 0), 0), counts[i]);
}

static void sizes_that_overflow_are_none(void **state)
{
    static const long long n = 1ll << 40;
    static const struct infer_scalar scalars[] = {{"n", &n}};
    struct infer in = {arena, scalars, 1, 1};

    (void)state;
    is(infer_extent(&in, (const uint64_t[]){0}, 0, &also), NULL);
    is(infer_extent(&in, (const uint64_t[]){1ull << 16}, 0, &also), NULL);
}

static void a_warp_may_do_each(void **state)
{
    static const long long rows = 1000;
    static const struct infer_scalar scalars[] = {{"rows", &rows}};
    struct infer in = {arena, scalars, 1, 1};

    (void)state;
    is(infer_grid(&in, (const uint64_t[]){250}, 128, 128, &also), "cdiv(rows, 4)");
    is(infer_grid(&in, (const uint64_t[]){2}, 128, 128, &also), "cdiv(rows, 512)");
}

static const char *grid(uint64_t value, uint64_t block, uint64_t threads)
{
    struct infer in = one_launch();

    return infer_grid(&in, &value, block, threads, &also);
}

static void grids_are_divided_sizes(void **state)
{
    (void)state;
    is(grid(2, 16, 256), "cdiv(rows, 16)");
    is(grid(3, 16, 256), "cdiv(columns, 16)");
    is(grid(32, 1, 64), "rows");
    is(grid(48, 256, 256), "columns");
    is(grid(6, 256, 256), "cdiv(rows * columns, 256)");
    is(grid(12, 128, 128), "cdiv(rows * columns, 128)");
    is(grid(1, 256, 256), NULL); /* as every small launch has */
    is(grid(1234567, 256, 256), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extents_are_products),         cmocka_unit_test(pools_round_up),
        cmocka_unit_test(every_launch_must_agree),      cmocka_unit_test(values_come_back),
        cmocka_unit_test(sizes_that_overflow_are_none), cmocka_unit_test(a_warp_may_do_each),
        cmocka_unit_test(grids_are_divided_sizes),
    };

    return cmocka_run_group_tests_name("infer", tests, setup, teardown);
}
