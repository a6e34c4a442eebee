#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/sample_record.h"
#include "cache/lock.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static char *dir, path[4096];

static int set_up(void **state)
{
    (void)state;
    unsetenv("KSEARCH_LOCK");
    dir = fs_tempdir("lock-test-", NULL);
    if (!dir)
        return -1;
    snprintf(path, sizeof path, "%s/ksearch.lock", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fs_remove(dir);
    free(dir);
    return 0;
}

static void put(const char *entry, const char *gpu, int n)
{
    struct record *r = sample_record(entry, gpu, n);
    struct error err = {""};

    if (lock_put(path, r, &err) != 0)
        fail_msg("%s", err.text);
    record_free(r);
}

static struct lockfile *read_lock(void)
{
    struct error err = {""};
    struct lockfile *l = lock_read(path, &err);

    assert_string_equal(err.text, "");
    assert_non_null(l);
    return l;
}

/* the file's bytes; free() them */
static char *bytes(void)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(path, &b, NULL), 0);
    return buf_steal(&b);
}

static void a_missing_file_is_empty(void **state)
{
    struct lockfile *l = read_lock();
    struct key key = sample_key("f", 0);
    bool several = true;

    (void)state;
    assert_int_equal(l->n, 0);
    assert_string_equal(l->path, path);
    assert_null(lock_get(l, &key, H200, 9, 0, &several));
    assert_false(several);
    lock_free(l);
}

static void an_empty_file_is_a_beginning(void **state)
{
    struct lockfile *l;

    (void)state;
    assert_int_equal(fs_write(path, " \n", 2, NULL), 0);
    l = read_lock();
    assert_int_equal(l->n, 0);
    lock_free(l);
    put("f", H200, 1);
    l = read_lock();
    assert_int_equal(l->n, 1);
    lock_free(l);
}

static void a_record_travels(void **state)
{
    struct record *r = sample_record("blas::gemm<T=float>", H200, 1);
    struct lockfile *l;
    const struct record *back;

    (void)state;
    put("blas::gemm<T=float>", H200, 1);
    l = read_lock();
    assert_int_equal(l->n, 1);
    back = lock_get(l, &r->key, H200, 9, 0, NULL);
    assert_non_null(back);
    assert_string_equal(back->entry, r->entry);
    assert_int_equal(back->winners[0].values[0].value, 65);
    assert_true(hash_equal(&back->winners[0].code, &r->winners[0].code));
    assert_null(back->workloads[0].samples);
    assert_float_equal(back->ratio, r->ratio, 1e-5);
    assert_null(lock_get(l, &r->key, A100, 8, 0, NULL));
    lock_free(l);
    record_free(r);
}

static void the_text_does_not_depend_on_the_order(void **state)
{
    static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
    static const char *const entry[] = {"a", "a", "b", "c"};
    static const char *const gpu[] = {H200, A100, H200, A100};
    char *first = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(orders); i++) {
        char *text;
        unlink(path);
        for (size_t k = 0; k < 4; k++) {
            int n = orders[i][k];
            put(entry[n], gpu[n], n);
        }
        text = bytes();
        if (first)
            assert_string_equal(text, first);
        else
            first = strdup(text);
        free(text);
    }
    assert_true(strstr(first, A100) < strstr(first, H200));
    assert_true(strstr(first, "\"entry\": \"b\"") < strstr(first, "\"entry\": \"c\""));
    free(first);
}

static void it_reads_and_writes_the_same_bytes(void **state)
{
    struct lockfile *l;
    char *before, *again;
    struct stat one, two;

    (void)state;
    for (int n = 0; n < 20; n++)
        put(n % 2 ? "x" : "y", n % 3 ? H200 : A100, n);
    for (int n = 0; n < 50; n++) {
        char entry[16];
        snprintf(entry, sizeof entry, "entry%d", n);
        put(entry, H200, n);
    }
    before = bytes();
    l = read_lock();
    assert_int_equal(l->n, 54);
    again = lock_text(l);
    assert_string_equal(before, again);
    assert_int_equal(before[strlen(before) - 1], '\n');
    lock_free(l);
    free(again);
    assert_int_equal(stat(path, &one), 0);
    put("entry7", H200, 7); /* what is there already does not touch the file */
    assert_int_equal(stat(path, &two), 0);
    assert_int_equal(one.st_ino, two.st_ino);
    free(before);
}

static void one_member_stands_on_a_line(void **state)
{
    char *text;
    int lines = 0;

    (void)state;
    put("f", H200, 1);
    text = bytes();
    assert_ptr_equal(strstr(text,
                            "{\n  \"ksearch\": 1,\n  \"records\": [\n    {\n      \"entry\": \"f\","
                            "\n      \"gpu\": \"" H200 "\",\n      \"key\": \""),
                     text);
    assert_non_null(strstr(text, "\n      \"ratio\": 1.24286,\n"));
    assert_non_null(strstr(text, "\n            \"BM\": 65,\n            \"TN\": -8\n"));
    for (char *line = text; *line; line = strchr(line, '\n') + 1, lines++)
        assert_true(strcspn(line, "\n") < 100);
    assert_true(lines > 40);
    free(text);
}

static void an_entry_has_one_record_a_gpu(void **state)
{
    struct lockfile *l;
    struct key old = sample_key("f", 1), new = sample_key("f", 2);
    struct record *twin = sample_record("f", H200, 9);

    (void)state;
    put("f", H200, 1);
    put("f", A100, 1);
    put("g", H200, 1);
    put("f", H200, 2);
    l = read_lock();
    assert_int_equal(l->n, 3);
    assert_null(lock_get(l, &old, H200, 9, 0, NULL));
    assert_non_null(lock_get(l, &new, H200, 9, 0, NULL));
    assert_non_null(lock_get(l, &old, A100, 8, 0, NULL));
    lock_free(l);
    free(twin->file); /* a static kernel of the same name in another file is another entry */
    twin->file = strdup("other.cu");
    assert_int_equal(lock_put(path, twin, NULL), 0);
    l = read_lock();
    assert_int_equal(l->n, 4);
    lock_free(l);
    record_free(twin);
}

static void without_a_gpu_the_architecture_decides(void **state)
{
    struct lockfile *l;
    struct key key = sample_key("f", 1);
    const struct record *r;
    bool several = false;

    (void)state;
    put("f", H200, 1);
    put("f", A100, 1);
    l = read_lock();
    r = lock_get(l, &key, NULL, 9, 0, &several);
    assert_non_null(r);
    assert_string_equal(r->gpu, H200);
    assert_false(several);
    r = lock_get(l, &key, NULL, 8, 0, NULL);
    assert_string_equal(r->gpu, A100);
    assert_null(lock_get(l, &key, NULL, 8, 6, &several));
    assert_false(several);
    lock_free(l);
    put("f", "NVIDIA H100/9.0/132/80GB", 1);
    l = read_lock();
    assert_null(lock_get(l, &key, NULL, 9, 0, &several));
    assert_true(several);
    assert_non_null(lock_get(l, &key, H200, 9, 0, &several));
    assert_false(several);
    assert_null(lock_get(l, &key, NULL, 9, 0, NULL));
    lock_free(l);
}

enum { WRITERS = 8, WRITES = 10 };

static void parallel_compiles_lose_nothing(void **state)
{
    struct lockfile *l;
    int status;

    (void)state;
    for (int w = 0; w < WRITERS; w++) {
        if (fork() == 0) {
            for (int i = 0; i < WRITES; i++) {
                char entry[32];
                snprintf(entry, sizeof entry, "writer%d_%d", w, i);
                put(entry, H200, i);
            }
            _exit(0);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    l = read_lock();
    assert_int_equal(l->n, WRITERS * WRITES);
    lock_free(l);
}

static void assert_refused(const char *text, const char *message)
{
    struct record *r = sample_record("f", H200, 0);
    struct error err = {""};
    char expected[5000], *after;

    assert_int_equal(fs_write(path, text, strlen(text), NULL), 0);
    assert_null(lock_read(path, &err));
    snprintf(expected, sizeof expected, "%s%s", path, message);
    if (strncmp(err.text, expected, strlen(expected)) != 0)
        fail_msg("'%s' does not begin with '%s'", err.text, expected);
    err.text[0] = '\0';
    assert_int_equal(lock_put(path, r, &err), -1); /* and it is not overwritten */
    assert_int_equal(strncmp(err.text, expected, strlen(expected)), 0);
    after = bytes();
    assert_string_equal(after, text);
    free(after);
    record_free(r);
}

static void wrong_files_are_refused_with_their_place(void **state)
{
    (void)state;
    assert_refused("{\n \"ksearch\": 1,\n \"records\": [\n}\n", ":4:1: unexpected token near '}'");
    assert_refused("[]", ":1: this is no lockfile of ksearch");
    assert_refused("{\"records\": []}", ":1: this is no lockfile of ksearch");
    assert_refused("{\"ksearch\": \"1\", \"records\": []}", ":1: this is no lockfile of ksearch");
    assert_refused("{\"ksearch\": 2, \"records\": 7}",
                   ":1: written by a later version of ksnvcc (format 2, this one reads 1)");
    assert_refused("{\"ksearch\": 1}", ":1: the lockfile has no list 'records'");
    assert_refused("{\"ksearch\": 1, \"ksearch\": 1, \"records\": []}", ":1:");
    assert_refused("{\"ksearch\": 1,\n\"records\": [\n{\"entry\": \"f\"}]}",
                   ":3: record 1: field 'gpu' is missing");
    assert_refused("{\n  \"ksearch\": 1,\n<<<<<<< HEAD\n  \"records\": []\n}\n",
                   ":3: a merge conflict is not resolved");
    assert_refused("{\n  \"ksearch\": 1,\n  \"records\": []\n}\n>>>>>>> other",
                   ":5: a merge conflict is not resolved");
    assert_refused("{\n||||||| base\n", ":2: a merge conflict is not resolved");
    assert_refused("{\n=======\n", ":2: a merge conflict is not resolved");
}

/* the text with one piece replaced; free() it */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *result;

    assert_non_null(at);
    assert_true(asprintf(&result, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
    return result;
}

static void a_wrong_record_is_named_with_its_line(void **state)
{
    char *text, *wrong, message[200];
    int row = 1;

    (void)state;
    put("a", H200, 1);
    put("b", H200, 2);
    text = bytes();
    for (const char *p = text; p < strstr(text, "\"entry\": \"b\""); p++)
        row += *p == '\n';
    wrong = replaced(text, "\"driver\": 13000", "\"driver\": -1");
    assert_refused(wrong, ":5: record 1: field 'driver' is out of range: -1");
    free(wrong);
    wrong = replaced(text, "\"entry\": \"b\"", "\"entry\": \"a\"");
    snprintf(message, sizeof message,
             ":%d: a second record of a in gemm.cu for " H200
             "; the first is in line 5: remove one of them",
             row);
    assert_refused(wrong, message);
    free(wrong);
    free(text);
}

/* a parameter and a tunable may be called as the member that rows are counted by */
static void rows_are_those_of_records(void **state)
{
    struct record *r = sample_record("a", H200, 1);
    char *text, *wrong, message[100];
    int row = 1;

    (void)state;
    sample_regimes(r, "entry");
    for (size_t i = 0; i < r->nwinners; i++) {
        free(r->winners[i].values[0].name);
        r->winners[i].values[0].name = strdup("entry");
    }
    assert_int_equal(lock_put(path, r, NULL), 0);
    put("b", H200, 2);
    text = bytes();
    wrong = replaced(text, "\"driver\": 13000", "\"driver\": 13001"); /* the first one is right */
    free(text);
    text = replaced(wrong, "\"driver\": 13000", "\"driver\": -1");
    free(wrong);
    for (const char *p = text; p < strstr(text, "\"entry\": \"b\""); p++)
        row += *p == '\n';
    snprintf(message, sizeof message, ":%d: record 2: field 'driver' is out of range: -1", row);
    assert_refused(text, message);
    free(text);
    record_free(r);
}

static void winners_for_sizes_travel(void **state)
{
    struct record *r = sample_record("f", H200, 1);
    const struct record *back;
    struct lockfile *l;

    (void)state;
    sample_regimes(r, "rows");
    assert_int_equal(lock_put(path, r, NULL), 0);
    l = read_lock();
    back = lock_get(l, &r->key, H200, 9, 0, NULL);
    assert_non_null(back);
    assert_int_equal(back->nwinners, 2);
    assert_string_equal(back->winners[1].param, "rows");
    assert_int_equal(back->winners[0].high, 16);
    assert_true(hash_equal(&back->winners[1].code, &r->winners[1].code));
    lock_free(l);
    record_free(r);
}

static void a_record_with_no_number_is_not_put(void **state)
{
    struct record *r = sample_record("f", H200, 0);
    struct error err = {""};

    (void)state;
    r->seconds = -1;
    assert_int_equal(lock_put(path, r, &err), -1);
    assert_string_equal(err.text,
                        "the record of f cannot be kept: field 'seconds' is out of range: -1");
    assert_false(fs_exists(path));
    record_free(r);
}

static void a_folder_that_cannot_be_written_is_told(void **state)
{
    struct record *r = sample_record("f", H200, 0);
    struct error err = {""};

    (void)state;
    assert_int_equal(lock_put("/proc/nowhere/ksearch.lock", r, &err), -1);
    assert_non_null(strstr(err.text, "cannot write /proc/nowhere/ksearch.lock"));
    record_free(r);
}

static char *in_dir(const char *name)
{
    char *p;

    assert_true(asprintf(&p, "%s/%s", dir, name) > 0);
    return p;
}

static void touch(const char *name)
{
    char *p = in_dir(name);

    assert_int_equal(fs_write(p, "", 0, NULL), 0);
    free(p);
}

static void make(const char *name)
{
    char *p = in_dir(name);

    assert_int_equal(fs_mkdirs(p, NULL), 0);
    free(p);
}

/* what is found for a source; "" for nothing, relative to the test's folder */
static const char *found_for(const char *source)
{
    static char result[4096];
    char *p = in_dir(source), *found;
    bool asked = true;

    found = lock_find(p, &asked);
    assert_false(asked);
    snprintf(result, sizeof result, "%s", found ? found + strlen(dir) + 1 : "");
    free(found);
    free(p);
    return result;
}

static void it_is_found_upwards_to_the_project(void **state)
{
    char *p;

    (void)state;
    make("project/.git");
    make("project/src/gpu");
    make("plain/src");
    make("open/src");
    touch("ksearch.lock");
    touch("open/ksearch.lock");
    assert_string_equal(found_for("project/src/gpu/a.cu"), ""); /* .git ends the climb */
    assert_string_equal(found_for("plain/src/a.cu"), "ksearch.lock");
    assert_string_equal(found_for("open/src/a.cu"), "open/ksearch.lock");
    p = in_dir("open");
    assert_int_equal(chmod(p, 0777), 0); /* anybody could have put it there */
    assert_string_equal(found_for("open/src/a.cu"), "");
    free(p);
    touch("project/ksearch.lock");
    assert_string_equal(found_for("project/src/gpu/a.cu"), "project/ksearch.lock");
    touch("project/src/gpu/ksearch.lock");
    assert_string_equal(found_for("project/src/gpu/a.cu"), "project/src/gpu/ksearch.lock");
    assert_string_equal(found_for("project/nowhere/a.cu"), "");
}

static void the_environment_names_it(void **state)
{
    bool asked = false;
    char *found;

    (void)state;
    setenv("KSEARCH_LOCK", "/some/where.lock", 1);
    found = lock_find("a.cu", &asked);
    assert_true(asked);
    assert_string_equal(found, "/some/where.lock");
    free(found);
    found = lock_find("a.cu", NULL);
    assert_non_null(found);
    free(found);
    setenv("KSEARCH_LOCK", "", 1);
    found = lock_find("/proc/a.cu", &asked);
    assert_false(asked);
    assert_null(found);
}

#define LOCK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOCK(a_missing_file_is_empty),
        LOCK(an_empty_file_is_a_beginning),
        LOCK(a_record_travels),
        LOCK(the_text_does_not_depend_on_the_order),
        LOCK(it_reads_and_writes_the_same_bytes),
        LOCK(one_member_stands_on_a_line),
        LOCK(an_entry_has_one_record_a_gpu),
        LOCK(without_a_gpu_the_architecture_decides),
        LOCK(parallel_compiles_lose_nothing),
        LOCK(wrong_files_are_refused_with_their_place),
        LOCK(a_wrong_record_is_named_with_its_line),
        LOCK(rows_are_those_of_records),
        LOCK(winners_for_sizes_travel),
        LOCK(a_record_with_no_number_is_not_put),
        LOCK(a_folder_that_cannot_be_written_is_told),
        LOCK(it_is_found_upwards_to_the_project),
        LOCK(the_environment_names_it),
    };

    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
