/* tests/unit/npy_test.c - .npy files: what is written is read, and what is wrong is said. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/unit/folder.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/npy.h"

/* a file of version `version` with this dictionary and n bytes of elements */
static const char *file_of(int version, const char *dictionary, const void *elements, size_t n)
{
    const char *path = in_dir("made.npy");
    size_t length = strlen(dictionary);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_add(&b, "\x93NUMPY", 6);
    buf_add(&b, (const char[]){(char)version, 0}, 2);
    buf_add(&b, (const char[]){(char)(length & 255), (char)(length >> 8), 0, 0},
            version == 1 ? 2 : 4);
    buf_adds(&b, dictionary);
    buf_add(&b, elements, n);
    assert_int_equal(fs_write(path, b.data, b.len, NULL), 0);
    buf_release(&b);
    return path;
}

static int open_good(const char *path, struct npy *a)
{
    struct error err = {""};
    int fd = npy_open(path, a, &err);

    if (fd < 0)
        fail_msg("%s", err.text);
    return fd;
}

static void written_is_read(void **state)
{
    static const struct {
        char kind;
        unsigned size;
        int ndims;
        uint64_t dims[3];
        const char *text;
    } cases[] = {{'f', 4, 1, {5}, "float32[5]"},      {'i', 8, 2, {3, 2}, "int64[3][2]"},
                 {'u', 1, 0, {0}, "uint8"},           {'b', 1, 3, {2, 1, 3}, "bool[2][1][3]"},
                 {'c', 16, 1, {2}, "complex128[2]"},  {'V', 12, 1, {4}, "V12[4]"},
                 {'f', 2, 2, {0, 7}, "float16[0][7]"}};
    char text[NPY_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct npy a = {.kind = cases[i].kind, .size = cases[i].size, .ndims = cases[i].ndims}, b;
        unsigned char bytes[64], got[64];
        struct error err = {""};
        uint64_t count = 1;

        for (int k = 0; k < a.ndims; k++)
            count *= a.dims[k] = cases[i].dims[k];
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (unsigned char)(k * 7 + i);
        assert_int_equal(npy_write(in_dir("a.npy"), &a, bytes, &err), 0);
        int fd = open_good(in_dir("a.npy"), &b);
        assert_true(b.kind == a.kind && b.size == a.size && b.ndims == a.ndims &&
                    b.count == count && b.at % 64 == 0 && !b.is_swapped);
        assert_memory_equal(a.dims, b.dims, (size_t)a.ndims * sizeof *a.dims);
        assert_int_equal(npy_read(fd, &b, "a.npy", 0, count, got, &err), 0);
        assert_memory_equal(got, bytes, count * a.size);
        assert_int_equal(npy_read(fd, &b, "a.npy", count, 1, got, &err), -1);
        npy_text(&b, text, sizeof text);
        assert_string_equal(text, cases[i].text);
        close(fd);
    }
}

static void what_other_tools_write(void **state)
{
    static const struct {
        int version;
        const char *dictionary;
        char kind;
        unsigned size;
        int ndims;
        uint64_t count;
    } cases[] = {
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }   \n", 'f', 4, 1, 2},
        {2, "{\"shape\":(2),\"x\"", 0, 0, 0, 0},
        {2, "{\"shape\":(2,1),\"descr\":\"|i4\",\"fortran_order\":True}", 'i', 4, 2, 2},
        {3, "{'fortran_order':\tFalse,'shape':(),'descr':'V8'}", 'V', 8, 0, 1},
        {1, "{'descr': '=u2', 'fortran_order': True, 'shape': (4L,), }", 'u', 2, 1, 4},
        {1, "{'descr': '<V2', 'fortran_order': True, 'shape': (2, 0, 3)}", 'V', 2, 3, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *path = file_of(cases[i].version, cases[i].dictionary, "12345678",
                                   cases[i].count * cases[i].size);
        struct error err = {""};
        struct npy a;
        int fd;

        if (!cases[i].kind) {
            assert_int_equal(npy_open(path, &a, &err), -1);
            continue;
        }
        fd = open_good(path, &a);
        assert_true(a.kind == cases[i].kind && a.size == cases[i].size &&
                    a.ndims == cases[i].ndims && a.count == cases[i].count);
        close(fd);
    }
}

static void the_other_byte_order(void **state)
{
    static const char doubles[] = "\x3f\xf0\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0";
    static const char complex[] = "\x3f\x80\0\0\x40\0\0\0";
    struct error err = {""};
    struct npy a;
    double d[2];
    float c[2];
    int fd;

    (void)state;
    fd = open_good(file_of(1, "{'descr':'>f8','fortran_order':False,'shape':(2,)}", doubles, 16),
                   &a);
    assert_int_equal(npy_read(fd, &a, "x", 0, 2, d, &err), 0);
    assert_true(d[0] == 1 && d[1] == -2);
    close(fd);
    fd = open_good(file_of(1, "{'descr':'>c8','fortran_order':False,'shape':()}", complex, 8), &a);
    assert_int_equal(npy_read(fd, &a, "x", 0, 1, c, &err), 0);
    assert_true(c[0] == 1 && c[1] == 2);
    close(fd);
}

static void wrong_ones_are_refused(void **state)
{
#define HEAD "'fortran_order': False, 'shape': "
    static const struct {
        const char *dictionary;
        size_t bytes;
        const char *said;
    } cases[] = {
        {"{'descr': '<f4', " HEAD "(5,)}", 12,
         "the header says 5 elements of 4 bytes, the file holds 12 bytes"},
        {"{'descr': '|u1', " HEAD "(1,)}", 2, "says 1 element of 1 byte, the file holds 2 bytes"},
        {"{'descr': '<f16', " HEAD "(1,)}", 16, "type '<f16' are not read"},
        {"{'descr': '|O', " HEAD "(1,)}", 8, "type '|O' are not read"},
        {"{'descr': '<U5', " HEAD "(1,)}", 20, "type '<U5' are not read"},
        {"{'descr': '<V-2', " HEAD "(1,)}", 2, "are not read"},
        {"{'descr': [('x', '<f4')], " HEAD "(1,)}", 4, "named fields"},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", 16, "Fortran order"},
        {"{'descr': '<f4', " HEAD "(4294967296, 4294967296, 2)}", 16, "more than 64 bits"},
        {"{'descr': '<f4', " HEAD "(9223372036854775807,)}", 16, "the file holds 16 bytes"},
        {"{'descr': '<f4', " HEAD "(99999999999999999999,)}", 16, "does not fit in 64 bits"},
        {"{'descr': '<f4', " HEAD "(-1,)}", 4, "no number at its byte"},
        {"{'descr': '<f4', " HEAD "(1)}", 4, "no comma"},
        {"{'descr': '<f4', " HEAD "1}", 4, "no shape"},
        {"{'descr': '<f4', 'shape': (1,)}", 4, "no 'fortran_order'"},
        {"{'descr': '<f4', 'descr': '<f4', " HEAD "(1,)}", 4, "'descr' twice"},
        {"{'dtype': '<f4', " HEAD "(1,)}", 4, "'dtype' in it"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", 4, "no True or False"},
        {"{'descr': '<f4', " HEAD "(1,)} + 1", 4, "no end"},
        {"{'descr': '<f4", 4, "no text in quotes"},
        {"{'descr': '<f\x01', " HEAD "(1,)}", 4, "no text in quotes"},
        {"[]", 4, "no dictionary"},
        {"", 4, "no dictionary"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *path = file_of(1, cases[i].dictionary, "0123456789abcdef0123", cases[i].bytes);
        struct error err = {""};
        struct npy a;

        assert_int_equal(npy_open(path, &a, &err), -1);
        if (!strstr(err.text, cases[i].said) || strncmp(err.text, path, strlen(path)) != 0)
            fail_msg("%s: %s", cases[i].dictionary, err.text);
    }
}

static void what_is_no_array(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *said;
    } cases[] = {
        {"", 0, "no .npy file"},
        {"\x93NUMPX\1\0\2\0{}", 12, "no .npy file"},
        {"\x93NUMPY\4\0\2\0{}", 12, "version 4.0 of the format"},
        {"\x93NUMPY\1\0\2", 9, "ends within its header"},
        {"\x93NUMPY\1\0\3\0{}", 12, "ends within its header"},
        {"\x93NUMPY\2\0\0\0\0\1{}", 14, "a header of 16777216 bytes"},
    };
    struct error err = {""};
    struct npy a;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error why = {""};

        fs_write(in_dir("b.npy"), cases[i].bytes, cases[i].n, NULL);
        assert_int_equal(npy_open(in_dir("b.npy"), &a, &why), -1);
        if (!strstr(why.text, cases[i].said))
            fail_msg("%zu: %s", i, why.text);
    }
    assert_int_equal(npy_open(in_dir("none.npy"), &a, &err), -1);
    assert_non_null(strstr(err.text, "none.npy: No such file"));
    err.text[0] = '\0';
    assert_int_equal(npy_open(dir, &a, &err), -1);
    assert_non_null(strstr(err.text, "no regular file"));
}

/* five gigabytes, nearly all of them a hole */
static void files_above_four_gigabytes(void **state)
{
    const uint64_t count = (5ull << 30) / 4;
    struct npy a = {.kind = 'i', .size = 4, .ndims = 2, .dims = {count / 1024, 1024}}, b;
    int32_t value = 77, got[3] = {0, 0, 0};
    struct error err = {""};
    struct buf header;
    int fd = open(in_dir("large.npy"), O_RDWR | O_CREAT, 0666);

    (void)state;
    buf_init(&header, BUF_LIMIT);
    npy_header(&a, &header);
    if (pwrite(fd, header.data, header.len, 0) != (ssize_t)header.len ||
        pwrite(fd, &value, 4, (off_t)(header.len + (count - 1) * 4)) != 4) {
        print_message("# no room for a file of 5 GB\n");
    } else {
        int again = open_good(in_dir("large.npy"), &b);
        assert_true(b.count == count);
        assert_int_equal(npy_read(again, &b, "large", count - 3, 3, got, &err), 0);
        assert_true(got[0] == 0 && got[2] == 77);
        ftruncate(fd, (off_t)(header.len + 4 * count - 2));
        assert_int_equal(npy_read(again, &b, "large", count - 3, 3, got, &err), -1);
        assert_non_null(strstr(err.text, "shortened"));
        close(again);
    }
    buf_release(&header);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_is_read),      cmocka_unit_test(what_other_tools_write),
        cmocka_unit_test(the_other_byte_order), cmocka_unit_test(wrong_ones_are_refused),
        cmocka_unit_test(what_is_no_array),     cmocka_unit_test(files_above_four_gigabytes),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
