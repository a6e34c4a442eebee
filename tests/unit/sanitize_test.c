/* tests/unit/sanitize_test.c - what a log of compute-sanitizer says, from logs of a real one
 * (tests/data/sanitizer). */
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#include "driver/search/sanitize.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

#define DATA "tests/data/sanitizer/"

/* the first finding; "" where there is none */
static const char *finding_in(const char *log, size_t len)
{
    static char text[1000];
    struct buf found;

    buf_init(&found, BUF_LIMIT);
    *text = '\0';
    if (sanitize_finding(log, len, &found))
        snprintf(text, sizeof text, "%s", buf_text(&found));
    else
        assert_int_equal(found.len, 0);
    buf_release(&found);
    return text;
}

static const char *finding_of(const char *file)
{
    struct error err = {""};
    struct buf log;
    const char *text;

    buf_init(&log, BUF_LIMIT);
    assert_int_equal(fs_read(file, &log, &err), 0);
    text = finding_in(log.data, log.len);
    buf_release(&log);
    return text;
}

static void real_logs(void **state)
{
    (void)state;
    assert_string_equal(finding_of(DATA "past.memcheck"),
                        "Invalid __global__ write of size 4 bytes at past(int *, int)+0x80 in "
                        "more.cu:3 by thread (63,0,0) in block (0,0,0) Access to 0x7ff45c800100 is "
                        "out of bounds and is 1 bytes after the nearest allocation at "
                        "0x7ff45c800000 of size 256 bytes");
    assert_string_equal(
        finding_of(DATA "race.racecheck"),
        "Error: Race reported between Write access at shared_race(const float *, const float *, "
        "float *, int)+0xa0 in shared_race2.cu:13 and Read access at shared_race(const float *, "
        "const float *, float *, int)+0x100 in shared_race2.cu:16 [4000 hazards]");
    assert_string_equal(finding_of(DATA "parted.synccheck"),
                        "Barrier error detected. Divergent thread(s) in warp. at "
                        "parted(int *)+0x70 in more.cu:5 by thread (0,0,0) in block (0,0,0)");
    assert_string_equal(finding_of(DATA "fresh.initcheck"),
                        "Uninitialized __global__ memory read of size 4 bytes at fresh(const int "
                        "*, int *)+0x60 in more.cu:4 by thread (0,0,0) in block (0,0,0) Address "
                        "0x7fec4e800000");
    assert_string_equal(finding_of(DATA "failed.initcheck"), "");
    assert_string_equal(finding_of(DATA "clean.racecheck"), "");
}

/* what is about our own kernels is passed over, and what comes behind it is not */
static void kernels_of_ours(void **state)
{
    static const char log[] = "========= COMPUTE-SANITIZER\n"
                              "========= Uninitialized __global__ memory read of size 4 bytes\n"
                              "=========     at ks_compare+0x60\n"
                              "=========     by thread (0,0,0) in block (0,0,0)\n"
                              "========= \n"
                              "========= Invalid __shared__ read of size 8 bytes\n"
                              "=========     at add(float *)+0x10\n"
                              "========= ERROR SUMMARY: 2 errors\n";
    const char *second = strstr(log, "========= Invalid");

    (void)state;
    assert_string_equal(finding_in(log, sizeof log - 1),
                        "Invalid __shared__ read of size 8 bytes at add(float *)+0x10");
    assert_string_equal(finding_in(log, (size_t)(second - log)), "");
}

static const char *finding_of_text(const char *text)
{
    return finding_in(text, strlen(text));
}

/* a log that is cut anywhere, is empty, or is of something else */
static void broken_logs(void **state)
{
    static const char log[] = "========= COMPUTE-SANITIZER\n========= Invalid __global__ write of "
                              "size 4 bytes\n=========     at past(int *)+0x80\n";

    (void)state;
    for (size_t n = 0; n < sizeof log - 1; n++) { /* each from memory of just this size */
        char *copy = malloc(n);
        assert_true(copy || !n);
        memcpy(copy, log, n);
        finding_in(copy, n);
        free(copy);
    }
    assert_string_equal(finding_of_text(""), "");
    assert_string_equal(finding_of_text("=========\n========= \n=========    \n"), "");
    assert_string_equal(finding_of_text("at add(int)\n"), "");
    assert_string_equal(finding_of_text("========= Warning: Race at add(int)+0x1\n"), "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_logs),
        cmocka_unit_test(kernels_of_ours),
        cmocka_unit_test(broken_logs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
