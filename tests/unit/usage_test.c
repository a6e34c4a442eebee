/* what ptxas says of kernels, and require(...) of that */
#include "tests/unit/check.h"

#include <string.h>
#include "driver/build/usage.h"

static const char said[] =
    "ptxas info    : 0 bytes gmem\n"
    "ptxas info    : Compiling entry function '_Z9vadd__ks1PKfS0_Pfi' for 'sm_90'\n"
    "ptxas info    : Function properties for _Z9vadd__ks1PKfS0_Pfi\n"
    "    1064 bytes stack frame, 1256 bytes spill stores, 1544 bytes spill loads\n"
    "ptxas info    : Used 64 registers, used 1 barriers, 1064 bytes cumulative stack size, 512 "
    "bytes "
    "smem\n"
    "ptxas info    : Function properties for _Z6calledv\n"
    "    16 bytes stack frame, 4000 bytes spill stores, 8 bytes spill loads\n"
    "ptxas info    : Compile time = 47.978 ms\n"
    "ptxas info    : Compiling entry function '_Z10vadd__ks12PKfS0_Pfi' for 'sm_90'\n"
    "ptxas info    : Function properties for _Z10vadd__ks12PKfS0_Pfi\n"
    "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
    "ptxas info    : Used 8 registers, used 0 barriers\n"
    "ptxas info    : Compiling entry function '_Z5helpsv' for 'sm_90'\n"
    "ptxas info    : Used 20 registers, used 0 barriers, 96 bytes smem, 400 bytes cmem[0]\n";

static struct usage read_of(const char *first, const char *second)
{
    const char *idents[] = {first, second};

    return usage_read(said, idents, second ? 2 : 1);
}

static void check_usage(struct usage u, int64_t regs, int64_t smem, int64_t spills, int64_t stack)
{
    assert_int_equal(u.regs, regs);
    assert_int_equal(u.smem, smem);
    assert_int_equal(u.spills, spills);
    assert_int_equal(u.stack, stack);
}

static void test_read(void **state)
{
    (void)state;
    check_usage(read_of("vadd__ks1", NULL), 64, 512, 4000, 1064); /* with what it calls */
    check_usage(read_of("vadd__ks12", NULL), 8, 0, 0, 0);      /* and not those of another's name */
    check_usage(read_of("vadd__ks12", "helps"), 20, 96, 0, 0); /* the most of each */
    check_usage(read_of("nothing", NULL), -1, -1, -1, -1);
}

static void check_limit(int64_t regs, int64_t smem, int64_t spills, const char *wrong)
{
    struct spec spec = {.require = {.regs = regs, .smem = smem, .spills = spills}};
    const struct usage known = {64, 512, 16, 0};
    struct error err = {""};

    assert_int_equal(usage_check(&known, &spec, &err), wrong ? -1 : 0);
    assert_non_null(strstr(err.text, wrong ? wrong : ""));
    assert_int_equal(usage_matters(&spec), regs >= 0 || smem >= 0 || spills >= 0);
}

static void test_check(void **state)
{
    const struct usage unknown = {-1, -1, -1, -1};
    struct spec spec = {.require = {.regs = 255, .smem = -1, .spills = -1}};
    struct error err = {""};

    (void)state;
    check_limit(-1, -1, -1, NULL);
    check_limit(64, 512, 16, NULL);
    check_limit(63, -1, -1, "64 registers a thread, and require(regs <= 63)");
    check_limit(-1, 511, -1, "512 bytes of shared memory a block, and require(smem <= 511)");
    check_limit(-1, -1, 0, "16 bytes of spilled registers, and require(spills <= 0)");
    assert_int_equal(usage_check(&unknown, &spec, &err), -1);
    assert_non_null(strstr(err.text, "does not say how many registers"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_check)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
