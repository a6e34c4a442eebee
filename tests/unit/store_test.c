/* The cache as its callers see it; the same tests run over both backends. What breaks it from
 * outside is in store_fault_test.c. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/sample_record.h"
#include "cache/store.h"
#include "cache/store_impl.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

static char *dir;

static int set_up(void **state)
{
    (void)state;
    unsetenv("KSEARCH_CACHE_DIR");
    dir = fs_tempdir("store-test-", NULL);
    return dir ? 0 : -1;
}

static int set_up_lmdb(void **state)
{
    setenv("KSEARCH_CACHE_FILES", "0", 1);
    return set_up(state);
}

static int set_up_files(void **state)
{
    setenv("KSEARCH_CACHE_FILES", "1", 1);
    return set_up(state);
}

static int tear_down(void **state)
{
    (void)state;
    fs_remove(dir);
    free(dir);
    return 0;
}

static struct store *open_store(bool read_only)
{
    struct error err = {""};
    struct store *s = store_open(dir, read_only, &err);

    assert_string_equal(err.text, "");
    assert_non_null(s);
    return s;
}

static void put(struct store *s, const struct record *r)
{
    struct error err = {""};

    if (store_put(s, r, &err) != 0)
        fail_msg("%s", err.text);
}

static void put_sample(struct store *s, const char *entry, const char *gpu, int n)
{
    struct record *r = sample_record(entry, gpu, n);

    put(s, r);
    record_free(r);
}

/* what the cache has for this key; free it */
static struct record *get(struct store *s, const struct key *key, const char *gpu)
{
    struct error err = {""};
    struct record *r;
    int rc = store_get(s, key, gpu, &r, &err);

    assert_string_equal(err.text, "");
    assert_int_equal(rc, r ? 1 : 0);
    return r;
}

static void assert_kept(struct store *s, const struct record *r)
{
    struct record *back = get(s, &r->key, r->gpu);

    assert_non_null(back);
    assert_same_record(r, back);
    record_free(back);
}

static void an_empty_cache_misses(void **state)
{
    struct store *s = open_store(false);
    struct key key = sample_key("f", 0);

    (void)state;
    assert_false(store_is_read_only(s));
    assert_null(get(s, &key, H200));
    assert_int_equal(store_each(s, NULL, NULL, NULL, NULL), 0);
    assert_int_equal(store_each(s, &key, NULL, NULL, NULL), 0);
    store_close(s);
}

static void a_record_is_kept(void **state)
{
    struct store *s = open_store(false);
    struct record *r = sample_record("f", H200, 1);
    struct key other = sample_key("f", 2);

    (void)state;
    put(s, r);
    assert_kept(s, r);
    assert_null(get(s, &other, H200));
    assert_null(get(s, &r->key, A100));
    store_close(s);
    s = open_store(true); /* and by another process */
    assert_true(store_is_read_only(s));
    assert_kept(s, r);
    store_close(s);
    record_free(r);
}

static void gpu_models_live_side_by_side(void **state)
{
    struct store *s = open_store(false);
    struct record *a = sample_record("f", H200, 1), *b = sample_record("f", A100, 1);

    (void)state;
    b->trials = 7;
    put(s, a);
    put(s, b);
    assert_kept(s, a);
    assert_kept(s, b);
    store_close(s);
    record_free(a);
    record_free(b);
}

static void a_win_outlives_no_gain(void **state)
{
    struct store *s = open_store(false);
    struct record *win = sample_record("f", H200, 1), *none = sample_record("f", H200, 1),
                  *later = sample_record("f", H200, 1);

    (void)state;
    drop_winners(none);
    later->trials = 99;
    put(s, none);
    assert_kept(s, none);
    put(s, win);
    assert_kept(s, win);
    put(s, none);
    assert_kept(s, win);
    put(s, later);
    assert_kept(s, later);
    store_close(s);
    record_free(win);
    record_free(none);
    record_free(later);
}

struct seen {
    int n, reasons, limit;
    long long trials;
};

static int count_record(void *arg, const struct record *rec, const char *reason)
{
    struct seen *seen = arg;

    seen->n++;
    seen->reasons += reason != NULL;
    assert_true(!rec == !!reason);
    seen->trials += rec ? rec->trials : 0;
    return seen->limit && seen->n == seen->limit;
}

static void each_record_is_visited(void **state)
{
    struct store *s = open_store(false);
    struct key key = sample_key("f", 3);
    struct seen all = {0}, one = {0}, two = {.limit = 2};

    (void)state;
    for (int i = 0; i < 5; i++)
        put_sample(s, "f", H200, i);
    put_sample(s, "f", A100, 3);
    assert_int_equal(store_each(s, NULL, count_record, &all, NULL), 6);
    assert_int_equal(all.n, 6);
    assert_int_equal(all.trials, 5 * 40 + 0 + 1 + 2 + 3 + 4 + 43);
    assert_int_equal(store_each(s, &key, count_record, &one, NULL), 2);
    assert_int_equal(one.trials, 86);
    assert_int_equal(store_each(s, NULL, count_record, &two, NULL), 2);
    assert_int_equal(two.n, 2);
    store_close(s);
}

static void a_large_record_is_kept(void **state)
{
    struct store *s = open_store(false);
    struct record *r = sample_record("f", H200, 1);
    json_t *list = json_object_get(r->workloads[0].samples, "winner");

    (void)state;
    for (int i = 0; i < 50000; i++)
        json_array_append_new(list, json_real(300 + i / 7.0));
    put(s, r);
    assert_kept(s, r);
    store_close(s);
    record_free(r);
}

static void what_cannot_be_read_is_not_written(void **state)
{
    struct store *s = open_store(false);
    struct record *r = sample_record("f", H200, 1);
    struct error err = {""};

    (void)state;
    r->low = 99;
    assert_int_equal(store_put(s, r, &err), -1);
    assert_string_equal(err.text, "this record cannot be kept: field 'low' is above 'high'");
    assert_null(get(s, &r->key, H200));
    store_close(s);
    record_free(r);
}

/* runs work(n) in n processes at once; all must end well */
static void in_processes(int n, void (*work)(int))
{
    int status;

    for (int i = 0; i < n; i++) {
        if (fork() == 0) {
            work(i);
            _exit(0);
        }
    }
    for (int i = 0; i < n; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
}

enum { WRITERS = 8, WRITES = 12 };

static void write_some(int writer)
{
    struct store *s = store_open(dir, false, NULL);
    int rc = 0;

    for (int i = 0; s && i < WRITES; i++) {
        char entry[32];
        struct record *r, *back;
        snprintf(entry, sizeof entry, "writer%d", writer);
        r = sample_record(entry, H200, i);
        rc |= store_put(s, r, NULL);
        rc |= store_get(s, &r->key, H200, &back, NULL) != 1;
        record_free(back);
        r->key = sample_key("shared", 0);
        rc |= store_put(s, r, NULL);
        record_free(r);
        store_count(s, STAT_HIT);
    }
    _exit(s && rc == 0 ? 0 : 1);
}

static void many_processes_write_at_once(void **state)
{
    struct seen seen = {0};
    unsigned long long counts[STAT_COUNT];
    struct store *s;

    (void)state;
    in_processes(WRITERS, write_some);
    s = open_store(true);
    assert_int_equal(store_each(s, NULL, count_record, &seen, NULL), WRITERS * WRITES + 1);
    assert_int_equal(seen.reasons, 0);
    store_stats(s, counts);
    assert_int_equal(counts[STAT_HIT], WRITERS * WRITES);
    store_close(s);
}

static void counters_count(void **state)
{
    struct store *s = open_store(false);
    unsigned long long counts[STAT_COUNT];
    char *path = store_path(s, "stats");

    (void)state;
    store_stats(s, counts);
    for (int i = 0; i < STAT_COUNT; i++)
        assert_int_equal(counts[i], 0);
    for (int i = 0; i < STAT_COUNT; i++) {
        for (int j = 0; j <= i; j++)
            store_count(s, i);
    }
    store_stats(s, counts);
    for (int i = 0; i < STAT_COUNT; i++)
        assert_int_equal(counts[i], i + 1);
    assert_int_equal(fs_write(path, "hit x\nmiss 5\n\n\xff", 15, NULL), 0);
    store_count(s, STAT_MISS);
    store_stats(s, counts);
    assert_int_equal(counts[STAT_HIT], 0);
    assert_int_equal(counts[STAT_MISS], 6);
    free(path);
    store_close(s);
}

static void note_wait(void *arg)
{
    ++*(int *)arg;
}

/* each holder finds the number that the one before left, and nobody else meanwhile */
static void search_once(int n)
{
    struct store *s = store_open(dir, false, NULL);
    struct key key = sample_key("f", 0);
    int handle = store_search_begin(s, &key, NULL, NULL), value = 0;
    char *path = store_path(s, "turn");
    FILE *f;

    (void)n;
    if (handle < 0)
        _exit(2);
    if ((f = fopen(path, "r"))) {
        if (fscanf(f, "%d", &value) != 1)
            _exit(3);
        fclose(f);
    }
    usleep(2000);
    f = fopen(path, "w");
    fprintf(f, "%d", value + 1);
    fclose(f);
    store_search_end(handle);
    _exit(0);
}

static void one_process_searches_a_key(void **state)
{
    struct store *s = open_store(false);
    struct buf b;
    char *path = store_path(s, "turn"), *locks = store_path(s, "locks");

    (void)state;
    in_processes(12, search_once);
    buf_init(&b, 100);
    assert_int_equal(fs_read(path, &b, NULL), 0);
    assert_string_equal(buf_text(&b), "12");
    assert_int_equal(rmdir(locks), 0); /* no lock files stay */
    buf_release(&b);
    free(path);
    free(locks);
    store_close(s);
}

static void who_waits_is_told_once(void **state)
{
    struct store *s = open_store(false);
    struct key key = sample_key("f", 0), other = sample_key("f", 1);
    int waited = 0, handle = store_search_begin(s, &key, note_wait, &waited), second;
    pid_t pid;

    (void)state;
    assert_true(handle >= 0);
    assert_int_equal(waited, 0);
    second = store_search_begin(s, &other, note_wait, &waited);
    assert_true(second >= 0);
    assert_int_equal(waited, 0);
    store_search_end(second);
    pid = fork();
    if (pid == 0) {
        int mine, told = 0;
        close(handle); /* the copy that the fork made */
        mine = store_search_begin(s, &key, note_wait, &told);
        _exit(mine >= 0 && told == 1 ? 0 : 1);
    }
    usleep(200000);
    store_search_end(handle);
    assert_int_equal(waitpid(pid, &waited, 0), pid);
    assert_int_equal(waited, 0);
    store_search_end(-1);
    store_close(s);
}

static void the_folder_comes_from_the_environment(void **state)
{
    char *path;

    (void)state;
    setenv("KSEARCH_CACHE_DIR", "/a/b", 1);
    path = store_default_dir();
    assert_string_equal(path, "/a/b");
    free(path);
    setenv("KSEARCH_CACHE_DIR", "", 1);
    setenv("XDG_CACHE_HOME", "/xdg", 1);
    path = store_default_dir();
    assert_string_equal(path, "/xdg/ksearch");
    free(path);
    setenv("XDG_CACHE_HOME", "relative", 1);
    setenv("HOME", "/home/u", 1);
    path = store_default_dir();
    assert_string_equal(path, "/home/u/.cache/ksearch");
    free(path);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    assert_null(store_default_dir());
}

static void a_missing_folder_is_made_but_for_reading(void **state)
{
    char *deep, *file;
    struct error err = {""};
    struct store *s;

    (void)state;
    assert_true(asprintf(&deep, "%s/a/b", dir) > 0);
    assert_null(store_open(deep, true, &err));
    assert_non_null(strstr(err.text, "cannot open the cache"));
    s = store_open(deep, false, NULL);
    assert_non_null(s);
    store_close(s);
    assert_true(asprintf(&file, "%s/file", dir) > 0);
    assert_int_equal(fs_write(file, "x", 1, NULL), 0);
    err.text[0] = '\0';
    assert_null(store_open(file, false, &err));
    assert_string_not_equal(err.text, "");
    free(deep);
    free(file);
}

#define WITH(test)                                             \
    {#test " (database)", test, set_up_lmdb, tear_down, NULL}, \
    {                                                          \
#test " (files)", test, set_up_files, tear_down, NULL  \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(an_empty_cache_misses),
        WITH(a_record_is_kept),
        WITH(gpu_models_live_side_by_side),
        WITH(a_win_outlives_no_gain),
        WITH(each_record_is_visited),
        WITH(a_large_record_is_kept),
        WITH(what_cannot_be_read_is_not_written),
        WITH(many_processes_write_at_once),
        WITH(counters_count),
        WITH(one_process_searches_a_key),
        WITH(who_waits_is_told_once),
        WITH(a_missing_folder_is_made_but_for_reading),
        cmocka_unit_test_setup_teardown(the_folder_comes_from_the_environment, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
