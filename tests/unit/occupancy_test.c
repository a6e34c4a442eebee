/* our estimate against NVIDIA's own calculator, a header of the toolkit */
#include "tests/unit/check.h"

#include <cuda_occupancy.h>
#include <stdio.h>
#include "driver/search/occupancy.h"

static const struct card {
    int major, minor, warps, smem_kib;
} CARDS[] = {
    {7, 5, 32, 64},   {8, 0, 64, 164},  {8, 6, 48, 100},  {8, 9, 48, 100},  {9, 0, 64, 228},
    {10, 0, 64, 228}, {10, 3, 64, 228}, {11, 0, 48, 228}, {12, 0, 48, 100},
};

static int reference(const struct card *c, int threads, int regs, size_t smem)
{
    size_t all = (size_t)c->smem_kib << 10, own = c->major >= 8 ? 1024 : 0;
    cudaOccDeviceProp p = {0};
    cudaOccFuncAttributes f = {0};
    cudaOccDeviceState state = {0};
    cudaOccResult r;

    p.computeMajor = c->major;
    p.computeMinor = c->minor;
    p.maxThreadsPerBlock = 1024;
    p.maxThreadsPerMultiprocessor = c->warps * 32;
    p.regsPerBlock = p.regsPerMultiprocessor = 65536;
    p.warpSize = 32;
    p.sharedMemPerBlock = 48 << 10;
    p.sharedMemPerMultiprocessor = all;
    p.sharedMemPerBlockOptin = all - own;
    p.reservedSharedMemPerBlock = own;
    p.numSms = 100;
    f.maxThreadsPerBlock = 1024;
    f.numRegs = regs;
    f.maxDynamicSharedSizeBytes = all;
    f.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
    state.carveoutConfig = SHAREDMEM_CARVEOUT_MAX_SHARED;
    if (cudaOccMaxActiveBlocksPerMultiprocessor(&r, &p, &f, &state, threads, smem) !=
        CUDA_OCC_SUCCESS)
        fail_msg("the calculator refuses %d.%d: %d threads, %d registers, %zu bytes", c->major,
                 c->minor, threads, regs, smem);
    return r.activeBlocksPerMultiprocessor;
}

static void check_card(const struct card *c)
{
    struct occupancy o;

    for (int threads = 1; threads <= 1024; threads += threads < 33 ? 8 : 31)
        for (int regs = 1; regs <= 255; regs += 7)
            for (size_t smem = 0; smem + 1024 <= (size_t)c->smem_kib << 10; smem += 4099) {
                assert_true(occupancy_of(c->major, c->minor, threads, regs, (int64_t)smem, &o));
                int wanted = reference(c, threads, regs, smem);
                if (o.blocks != wanted)
                    fail_msg("%d.%d: %d threads, %d registers, %zu bytes: %d, not %d", c->major,
                             c->minor, threads, regs, smem, o.blocks, wanted);
            }
}

static void test_like_the_calculator(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CARDS); i++)
        check_card(&CARDS[i]);
}

static void check_limit(int64_t threads, int64_t regs, int64_t smem, int blocks, int warps,
                        const char *limit)
{
    struct occupancy o;

    assert_true(occupancy_of(9, 0, threads, regs, smem, &o));
    assert_int_equal(o.blocks, blocks);
    assert_int_equal(o.warps, warps);
    assert_int_equal(o.most, 64);
    assert_string_equal(o.limit, limit);
}

static void test_limits(void **state)
{
    struct occupancy o;

    (void)state;
    check_limit(256, 32, 0, 8, 64, "warps");
    check_limit(256, 64, 0, 4, 32, "registers");
    check_limit(256, 32, 113 << 10, 2, 16, "shared memory");
    check_limit(256, 32, 114 << 10, 1, 8, "shared memory");
    check_limit(32, 16, 0, 32, 32, "blocks");
    check_limit(1024, 128, 0, 0, 0, "registers");
    check_limit(1025, 16, 0, 0, 0, "warps");
    check_limit(32, 16, 228 << 10, 0, 0, "shared memory");
    assert_false(occupancy_of(7, 0, 32, 16, 0, &o)); /* not known */
    assert_false(occupancy_of(9, 0, 0, 16, 0, &o));
    assert_false(occupancy_of(9, 0, 32, -1, 0, &o));
    assert_false(occupancy_of(9, 0, 32, 16, INT64_MAX, &o));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_the_calculator),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests_name("occupancy", tests, NULL, NULL);
}
