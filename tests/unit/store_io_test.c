/* A disk that fails at any call: nothing that was kept is lost, what is told to be kept is there,
 * and reading gives what was written or nothing. */
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/cache_dir.h"
#include "tests/unit/faulty_io.h"
#include "tests/unit/sample_record.h"
#include "cache/store_keep.h"

enum { CALLS_MOST = 120 }; /* that one of these makes */

static void use_failing(int i)
{
    struct store *s = store_open(dir, false, NULL);
    struct record *r = sample_record("f", H200, RECORDS + i), *back = NULL;
    struct store_sum removed;
    struct error err = {""};
    bool kept = s && store_put(s, r, &err) == 0;

    assert_true(!s || kept == !err.text[0]);
    if (s && store_get(s, &r->key, H200, &back, NULL) == 1)
        assert_same_record(r, back);
    record_free(back);
    if (s)
        store_trim(s, 1 << 30, &removed, NULL);
    store_close(s);
    io_fails.at = 0;
    s = store_open(dir, false, NULL);
    assert_non_null(s);
    if (kept) { /* it was said to be */
        assert_int_equal(store_get(s, &r->key, H200, &back, NULL), 1);
        record_free(back);
    }
    store_close(s);
    record_free(r);
}

static void fail_everywhere(int with, bool all)
{
    fill(RECORDS);
    for (int i = 1; i <= CALLS_MOST; i += all ? 3 : 1) {
        io_fails.at = i;
        io_fails.with = with;
        io_fails.all = all;
        use_failing(i);
        if (i % 8 == 0 || i < 8)
            assert_int_equal(readable(RECORDS), RECORDS);
    }
    assert_int_equal(readable(RECORDS), RECORDS);
}

static void one_error_loses_nothing(void **state)
{
    (void)state;
    fail_everywhere(EIO, false);
}

static void a_disk_that_went_loses_nothing(void **state)
{
    (void)state;
    fail_everywhere(EIO, true);
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    fail_everywhere(ENOSPC, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LMDB(one_error_loses_nothing),        FILES(one_error_loses_nothing),
        LMDB(a_disk_that_went_loses_nothing), FILES(a_disk_that_went_loses_nothing),
        LMDB(a_full_disk_loses_nothing),      FILES(a_full_disk_loses_nothing),
    };

    return cmocka_run_group_tests_name("store io", tests, NULL, NULL);
}
