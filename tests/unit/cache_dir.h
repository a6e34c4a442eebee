/* tests/unit/cache_dir.h - a cache folder for tests that break it. */
#ifndef KS_TEST_CACHE_DIR_H
#define KS_TEST_CACHE_DIR_H

#include <stdio.h>
#include <sys/stat.h>
#include "cache/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "tests/unit/check.h"
#include "tests/unit/sample_record.h"

enum { RECORDS = 24 };

static char *dir;

static inline int set_up(void **state)
{
    (void)state;
    setenv("KSEARCH_CACHE_FILES", "0", 1);
    dir = fs_tempdir("store-fault-", NULL);
    return dir ? 0 : -1;
}

static inline int set_up_files(void **state)
{
    int rc = set_up(state);

    setenv("KSEARCH_CACHE_FILES", "1", 1);
    return rc;
}

static inline int tear_down(void **state)
{
    (void)state;
    chmod(dir, 0700);
    fs_remove(dir);
    free(dir);
    return 0;
}

/* splitmix64 */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline const char *in_dir(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static inline void read_file(const char *name, struct buf *b)
{
    buf_init(b, BUF_LIMIT);
    buf_adds(b, "");
    assert_int_equal(fs_read(in_dir(name), b, NULL), 0);
}

static inline void fill(int n)
{
    struct store *s = store_open(dir, false, NULL);

    assert_non_null(s);
    for (int i = 0; i < n; i++) {
        struct record *r = sample_record("f", H200, i);
        assert_int_equal(store_put(s, r, NULL), 0);
        record_free(r);
    }
    store_close(s);
}

/* looks every record of fill() up: each must be as it was, or a miss; counts those that are there.
 * A miss of -1 must have a reason. */
static inline int readable(int n)
{
    struct store *s = store_open(dir, true, NULL);
    int found = 0;

    assert_non_null(s);
    for (int i = 0; i < n; i++) {
        struct record *r = sample_record("f", H200, i), *back;
        struct error err = {""};
        int rc = store_get(s, &r->key, H200, &back, &err);
        assert_int_equal(rc == 1, back != NULL);
        assert_int_equal(rc == -1, err.text[0] != '\0');
        if (back)
            assert_same_record(r, back);
        found += rc == 1;
        record_free(back);
        record_free(r);
    }
    store_close(s);
    return found;
}

static inline int note_damage(void *arg, const struct record *rec, const char *reason)
{
    assert_true(!rec == !!reason);
    *(int *)arg += !rec;
    return 0;
}

#define LMDB(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define FILES(test) cmocka_unit_test_setup_teardown(test, set_up_files, tear_down)

#endif
