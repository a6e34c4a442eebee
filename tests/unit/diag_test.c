/* tests/unit/diag_test.c - messages as text and JSON, places in a source, suggestions, and GPUs. */
#include <jansson.h>
#include <unistd.h>
#include "driver/lang/diag.h"
#include "driver/lang/gpu.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "tests/unit/check.h"

static void text_is(const struct diag *d, const char *wanted)
{
    struct buf out;

    buf_init(&out, BUF_LIMIT);
    diag_text(d, &out);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
}

static void shows_place_and_caret(void **state)
{
    static const char TEXT[] = "int a;\n\tint\tb;\r\n\xc3\xa9t\xc3\xa9 c\nend";
    struct arena *a = arena_new();
    struct source *src = source_wrap(a, "dir/f.cu", TEXT, strlen(TEXT));
    struct diag d;

    (void)state;
    diag_init(&d, a);
    assert_int_equal(diag_error(&d, src, 12, "here is %s", "b"), -1);
    diag_note(&d, src, 0, "and here");
    text_is(&d, "dir/f.cu:2:6: error: ksearch: here is b\n\tint\tb;\n\t   \t^\n"
                "dir/f.cu:1:1: note: and here\nint a;\n^\n");
    diag_init(&d, a);
    diag_warning(&d, src, 22, "columns are bytes");
    text_is(&d, "dir/f.cu:3:7: warning: ksearch: columns are bytes\n\xc3\xa9t\xc3\xa9 c\n    ^\n");
    diag_init(&d, a);
    diag_error(&d, src, strlen(TEXT), "at the end");
    text_is(&d, "dir/f.cu:4:4: error: ksearch: at the end\nend\n   ^\n");
    arena_free(a);
}

static void shows_in_order_of_files(void **state)
{
    struct arena *a = arena_new();
    struct source *one = source_wrap(a, "one", "a b c", 5), *two = source_wrap(a, "two", "d e", 3);
    struct diag d;

    (void)state;
    diag_init(&d, a);
    diag_error(&d, one, 4, "third");
    diag_note(&d, two, 2, "of the third");
    diag_error(&d, two, 0, "fourth");
    diag_error(&d, one, 0, "first");
    diag_warning(&d, one, 2, "second");
    assert_int_equal(d.nerrors, 3);
    assert_int_equal(d.nmessages, 5);
    text_is(&d, "one:1:1: error: ksearch: first\na b c\n^\n"
                "one:1:3: warning: ksearch: second\na b c\n  ^\n"
                "one:1:5: error: ksearch: third\na b c\n    ^\n"
                "two:1:3: note: of the third\nd e\n  ^\n"
                "two:1:1: error: ksearch: fourth\nd e\n^\n");
    arena_free(a);
}

static void as_json(void **state)
{
    struct arena *a = arena_new();
    struct source *src = source_wrap(a, "f", "a b\nc", 5);
    json_t *got, *wanted;
    struct diag d;

    (void)state;
    diag_init(&d, a);
    diag_error(&d, src, 4, "name %s", "\xff");
    diag_warning(&d, src, 2, "odd");
    diag_note(&d, src, 0, "why");
    got = diag_json(&d);
    wanted = json_pack("[{s:s, s:s, s:i, s:i, s:s, s:[{s:s, s:s, s:i, s:i, s:s}]},"
                       " {s:s, s:s, s:i, s:i, s:s, s:[]}]",
                       "kind", "warning", "file", "f", "row", 1, "column", 3, "text", "odd",
                       "notes", "kind", "note", "file", "f", "row", 1, "column", 1, "text", "why",
                       "kind", "error", "file", "f", "row", 2, "column", 1, "text",
                       "name \xef\xbf\xbd", "notes");
    assert_non_null(wanted);
    assert_true(json_equal(got, wanted));
    json_decref(got);
    json_decref(wanted);
    arena_free(a);
}

static void suggests(void **state)
{
    static const char *const NAMES[] = {"workload", "where", "in", "out", "inout", "BLOCK"};

    (void)state;
    assert_string_equal(diag_nearest("workloads", NAMES, COUNT(NAMES)), "workload");
    assert_string_equal(diag_nearest("wokrload", NAMES, COUNT(NAMES)), "workload");
    assert_string_equal(diag_nearest("BLOKC", NAMES, COUNT(NAMES)), "BLOCK");
    assert_string_equal(diag_nearest("iin", NAMES, COUNT(NAMES)), "in");
    assert_null(diag_nearest("x", NAMES, COUNT(NAMES)));
    assert_null(diag_nearest("", NAMES, COUNT(NAMES)));
    assert_null(diag_nearest("launch", NAMES, COUNT(NAMES)));
    assert_null(diag_nearest("workload", NAMES, 0));
    assert_null(
        diag_nearest("a name of more letters than anyone would want to have in a suggestion", NAMES,
                     COUNT(NAMES)));
}

static void finds_places(void **state)
{
    struct arena *a = arena_new();
    struct source *src = source_wrap(a, "f", "a\n\nbc\n", 6);
    static const struct {
        int row, column;
    } WANTED[] = {{1, 1}, {1, 2}, {2, 1}, {3, 1}, {3, 2}, {3, 3}, {4, 1}};

    (void)state;
    assert_int_equal(src->lines, 4);
    for (size_t at = 0; at < COUNT(WANTED); at++) {
        assert_int_equal(source_place(src, at).row, WANTED[at].row);
        assert_int_equal(source_place(src, at).column, WANTED[at].column);
    }
    assert_int_equal(source_place(src, 100).row, 4); /* past the end: the end */
    assert_string_equal(source_copy(a, src, (struct span){3, 5}), "bc");
    src = source_wrap(a, "empty", "", 0);
    assert_int_equal(source_place(src, 0).row, 1);
    arena_free(a);
}

static void reads_files(void **state)
{
    static const char BYTES[] = "a\0b\n\xff";
    char path[] = "/tmp/ksearch-source-XXXXXX";
    int fd = mkstemp(path);
    struct arena *a = arena_new();
    struct error err = {""};
    struct source *src;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, BYTES, sizeof BYTES - 1), sizeof BYTES - 1);
    close(fd);
    src = source_read(a, path, &err);
    assert_non_null(src);
    assert_int_equal(src->len, sizeof BYTES - 1);
    assert_memory_equal(src->text, BYTES, sizeof BYTES); /* and the zero behind it */
    assert_int_equal(src->lines, 2);
    assert_string_equal(src->path, path);
    unlink(path);
    assert_null(source_read(a, path, &err));
    assert_non_null(strstr(err.text, path));
    arena_free(a);
}

static void knows_gpus(void **state)
{
    struct gpu gpu;
    char text[160];

    (void)state;
    assert_int_equal(gpu_of_arch(9, 0, &gpu), 1);
    assert_int_equal(gpu.smem, 227 * 1024);
    assert_int_equal(gpu.regs, 65536);
    assert_int_equal(gpu.sms, 132);
    assert_int_equal(gpu.l2, 50 << 20);
    assert_int_equal(gpu.memory, 0);
    assert_string_equal(gpu.name, "");
    assert_int_equal(gpu_of_arch(7, 5, &gpu), 1);
    assert_int_equal(gpu.smem, 64 * 1024);
    assert_int_equal(gpu.sms, 0);
    assert_int_equal(gpu_of_arch(12, 1, &gpu), 1);
    assert_int_equal(gpu.smem, 99 * 1024);
    assert_int_equal(gpu.minor, 1);
    assert_int_equal(gpu_of_arch(7, 0, &gpu), 0);
    assert_int_equal(gpu_of_arch(9, 1, &gpu), 0);
    gpu = (struct gpu){.name = "NVIDIA H200", .major = 9, .sms = 132, .memory = 143771000000};
    gpu_model(&gpu, text);
    assert_string_equal(text, "NVIDIA H200/9.0/132/143GB");
    memset(gpu.name, 'x', sizeof gpu.name - 1); /* the longest there can be still fits */
    gpu.sms = gpu.memory = INT64_MAX;
    gpu_model(&gpu, text);
    assert_non_null(strstr(text, "xx/9.0/9223372036854775807/9223372036GB"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_place_and_caret),
        cmocka_unit_test(shows_in_order_of_files),
        cmocka_unit_test(as_json),
        cmocka_unit_test(suggests),
        cmocka_unit_test(finds_places),
        cmocka_unit_test(reads_files),
        cmocka_unit_test(knows_gpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
