/* tests/unit/infile_test.c - which files fit which arrays, and reading them in pieces. */
#include "tests/unit/check.h"

#include <stdio.h>

#include "runtime/base/error.h"
#include "runtime/base/fs.h"
#include "runtime/base/npy.h"
#include "runtime/worker/infile.h"

static char *dir, path[4096];

static int make_dir(void **state)
{
    (void)state;
    dir = fs_tempdir("infile-test-", NULL);
    snprintf(path, sizeof path, "%s/x.npy", dir);
    return dir ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    fs_remove(dir);
    free(dir);
    return 0;
}

static void write_file(char kind, unsigned size, int ndims, const uint64_t *dims, const void *data)
{
    struct npy a = {.kind = kind, .size = size, .ndims = ndims};
    struct error err = {""};

    memcpy(a.dims, dims, (size_t)ndims * sizeof *dims);
    if (npy_write(path, &a, data, &err))
        fail_msg("%s", err.text);
}

static void files_that_fit_and_that_do_not(void **state)
{
    static const struct {
        int type, size, lanes, nextents;
        uint64_t extents[2];
        char kind;
        unsigned width;
        int ndims;
        uint64_t dims[3];
        const char *said; /* NULL: it fits */
    } cases[] = {
        {ELEM_F32, 4, 1, 1, {5}, 'f', 4, 1, {5}, NULL},
        {ELEM_F32, 4, 1, 2, {2, 3}, 'f', 4, 2, {2, 3}, NULL},
        {ELEM_F32, 4, 1, 0, {0}, 'f', 4, 0, {0}, NULL},
        {ELEM_F32, 4, 1, 2, {0, 3}, 'f', 4, 2, {0, 3}, NULL},
        {ELEM_BOOL, 1, 1, 1, {3}, 'b', 1, 1, {3}, NULL},
        {ELEM_BF16, 2, 1, 1, {3}, 'V', 2, 1, {3}, NULL},
        {ELEM_BF16, 2, 1, 1, {3}, 'u', 2, 1, {3}, NULL},
        {ELEM_E4M3, 1, 1, 1, {3}, 'V', 1, 1, {3}, NULL},
        {ELEM_E5M2, 1, 1, 1, {3}, 'u', 1, 1, {3}, NULL},
        {ELEM_F32, 4, 4, 1, {3}, 'f', 4, 2, {3, 4}, NULL},
        {ELEM_F32, 4, 4, 1, {3}, 'V', 16, 1, {3}, NULL},
        {ELEM_F32, 4, 2, 1, {3}, 'c', 8, 1, {3}, NULL},
        {ELEM_F64, 8, 2, 1, {3}, 'c', 16, 1, {3}, NULL},
        {ELEM_BF16, 2, 2, 1, {3}, 'u', 2, 2, {3, 2}, NULL},
        {ELEM_OPAQUE, 12, 1, 1, {3}, 'V', 12, 1, {3}, NULL},
        {ELEM_OPAQUE, 12, 1, 1, {3}, 'u', 1, 2, {3, 12}, NULL},
        {ELEM_I32, 4, 1, 1, {65}, 'i', 8, 1, {65}, "holds int64[65], 'x' is int32[65] here"},
        {ELEM_I32, 4, 1, 1, {65}, 'u', 4, 1, {65}, "holds uint32[65], 'x' is int32[65] here"},
        {ELEM_I32, 4, 1, 1, {65}, 'i', 4, 1, {64}, "holds int32[64], 'x' is int32[65] here"},
        {ELEM_I32, 4, 1, 1, {6}, 'i', 4, 2, {6, 1}, "holds int32[6][1], 'x' is int32[6] here"},
        {ELEM_I32, 4, 1, 1, {1}, 'i', 4, 0, {0}, "holds int32, 'x' is int32[1] here"},
        {ELEM_F32, 4, 1, 1, {3}, 'V', 4, 1, {3}, "holds V4[3], 'x' is float32[3] here"},
        {ELEM_F16, 2, 1, 1, {3}, 'u', 2, 1, {3}, "holds uint16[3], 'x' is float16[3] here"},
        {ELEM_BF16, 2, 1, 1, {3}, 'f', 2, 1, {3}, "'x' is bfloat16 (V2 or u2)[3] here"},
        {ELEM_BOOL, 1, 1, 1, {3}, 'u', 1, 1, {3}, "holds uint8[3], 'x' is bool[3] here"},
        {ELEM_I32, 4, 2, 1, {3}, 'c', 8, 1, {3}, "holds complex64[3], 'x' is int32[3][2] here"},
        {ELEM_F32, 4, 4, 1, {3}, 'f', 4, 2, {3, 3}, "'x' is float32[3][4] here"},
        {ELEM_OPAQUE, 12, 1, 1, {3}, 'V', 16, 1, {3}, "holds V16[3], 'x' is V12[3] here"},
        {ELEM_OPAQUE, 12, 1, 1, {3}, 'f', 4, 2, {3, 3}, "holds float32[3][3], 'x' is V12[3]"},
    };
    static const char zeros[4096];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct shape s = {.type = cases[i].type,
                          .size = cases[i].size,
                          .lanes = cases[i].lanes,
                          .nextents = cases[i].nextents};
        struct refusal r = {0};

        memcpy(s.extents, cases[i].extents, sizeof cases[i].extents);
        write_file(cases[i].kind, cases[i].width, cases[i].ndims, cases[i].dims, zeros);
        if (!infile_check(path, "x", &s, &r) != !cases[i].said ||
            (cases[i].said && !strstr(r.text, cases[i].said)))
            fail_msg("case %zu: %s", i, r.text);
    }
}

static CUresult copy(CUdeviceptr to, const void *from, size_t n)
{
    memcpy((void *)(uintptr_t)to, from, n);
    return CUDA_SUCCESS;
}

static void pieces_make_the_whole(void **state)
{
    const uint64_t n = 5000001; /* 20 MB: more pieces than one, the last an odd one */
    struct shape s = {.type = ELEM_I32, .size = 4, .lanes = 1, .nextents = 1, .extents = {n}};
    int32_t *x = malloc(n * 4), *y = calloc(n, 4);
    struct refusal r = {0};

    (void)state;
    cu.cuMemcpyHtoD = copy;
    for (uint64_t i = 0; i < n; i++)
        x[i] = (int32_t)(i * 2654435761u);
    write_file('i', 4, 1, &n, x);
    assert_int_equal(infile_upload(path, "x", &s, (CUdeviceptr)(uintptr_t)y, &r), 0);
    assert_memory_equal(x, y, n * 4);
    free(x);
    free(y);
}

static void bools_are_zero_or_one(void **state)
{
    const uint64_t n = 3;
    struct shape s = {.type = ELEM_BOOL, .size = 1, .lanes = 1, .nextents = 1, .extents = {3}};
    unsigned char to[3] = {9, 9, 9};
    struct refusal r = {0};

    (void)state;
    cu.cuMemcpyHtoD = copy;
    write_file('b', 1, 1, &n, "\1\0\1");
    assert_int_equal(infile_upload(path, "x", &s, (CUdeviceptr)(uintptr_t)to, &r), 0);
    assert_memory_equal(to, "\1\0\1", 3);
    write_file('b', 1, 1, &n, "\1\2\1");
    assert_int_equal(infile_upload(path, "x", &s, (CUdeviceptr)(uintptr_t)to, &r), -1);
    assert_non_null(strstr(r.text, "a bool is 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_fit_and_that_do_not),
        cmocka_unit_test(pieces_make_the_whole),
        cmocka_unit_test(bools_are_zero_or_one),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
