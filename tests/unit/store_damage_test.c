/* Bytes of a cache that are not what was written. The rule is always the same: a miss with a
 * reason, nothing lost that was whole, and never a crash or a hang. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/cache_dir.h"
#include "tests/unit/rounds.h"
#include "tests/unit/sample_record.h"
#include "cache/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static void write_bytes(const char *name, const struct buf *b)
{
    int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, b->data, b->len), (ssize_t)b->len);
    close(fd);
}

/* everything that a build may ask of a cache that may be damaged */
static void use_all(void)
{
    struct store *s = store_open(dir, false, NULL);
    struct record *r = sample_record("new", H200, 1), *back;
    struct error err = {""};
    int damaged = 0, rc;

    readable(RECORDS);
    assert_non_null(s);
    rc = store_each(s, NULL, note_damage, &damaged, &err);
    assert_int_equal(rc == -1, err.text[0] != '\0');
    err.text[0] = '\0';
    rc = store_put(s, r, &err);
    assert_int_equal(rc == -1, err.text[0] != '\0');
    store_get(s, &r->key, H200, &back, NULL);
    record_free(back);
    record_free(r);
    store_close(s);
}

static void damaged_bytes_are_a_miss(void **state)
{
    uint64_t random = 1;
    struct buf good, bad;

    (void)state;
    fill(RECORDS);
    assert_int_equal(readable(RECORDS), RECORDS);
    read_file("data.mdb", &good);
    for (int round = 0; round < 60; round++) {
        buf_init(&bad, BUF_LIMIT);
        buf_add(&bad, good.data, good.len);
        for (int n = round % 3 ? 1 + round : 1; n > 0; n--) {
            size_t page = next_random(&random) % (good.len / 4096), at;
            at = round % 2 ? next_random(&random) % good.len /* anywhere, or in a page's head */
                           : page * 4096 + next_random(&random) % 64;
            bad.data[at] ^= (char)(1 + next_random(&random) % 255);
        }
        write_bytes("data.mdb", &bad);
        use_all();
        buf_release(&bad);
    }
    write_bytes("data.mdb", &good);
    assert_int_equal(readable(RECORDS), RECORDS);
    buf_release(&good);
}

/* in the head of every page, where LMDB looks, and further on in it */
static void damage_in_every_page_is_a_miss(void **state)
{
    enum { PAGE = 4096 };
    uint64_t random = 5;
    struct buf good, bad;

    (void)state;
    fill(RECORDS);
    read_file("data.mdb", &good);
    for (size_t page = 0; page < good.len / PAGE; page++) {
        for (int i = 0; i < rounds(64) / 64; i++) {
            size_t at = page * PAGE + next_random(&random) % (i % 2 ? PAGE : 24);
            buf_init(&bad, BUF_LIMIT);
            buf_add(&bad, good.data, good.len);
            bad.data[at] ^= (char)(1 << next_random(&random) % 8);
            write_bytes("data.mdb", &bad);
            use_all();
            buf_release(&bad);
        }
    }
    write_bytes("data.mdb", &good);
    assert_int_equal(readable(RECORDS), RECORDS);
    buf_release(&good);
}

static void a_truncated_database_is_a_miss(void **state)
{
    struct buf good, bad;

    (void)state;
    fill(RECORDS);
    read_file("data.mdb", &good);
    for (size_t n = 0; n < good.len; n += n < 9000 ? 1500 : 4096 * 5 + 17) {
        bad = good;
        bad.len = n;
        write_bytes("data.mdb", &bad);
        use_all();
    }
    buf_release(&good);
}

static void a_file_that_is_no_database_is_a_miss(void **state)
{
    struct buf b;
    struct store *s;
    struct key key = sample_key("f", 0);
    struct record *rec;
    struct error err = {""};

    (void)state;
    buf_init(&b, BUF_LIMIT);
    for (int i = 0; i < 10000; i++)
        buf_addf(&b, "this is a text %d\n", i);
    write_bytes("data.mdb", &b);
    s = store_open(dir, false, NULL);
    assert_int_equal(store_get(s, &key, H200, &rec, &err), -1);
    assert_non_null(strstr(err.text, "cannot be used"));
    assert_non_null(strstr(err.text, dir));
    assert_non_null(strstr(err.text, "remove the folder"));
    store_close(s);
    buf_release(&b);
}

/* a flipped byte in the text of one record, found by its checksum alone */
static void a_damaged_record_is_one_miss(void **state)
{
    struct buf b;
    char *at;
    struct store *s;
    struct error err = {""};
    struct record *r = sample_record("needle", H200, 0), *back;
    int damaged = 0;

    (void)state;
    fill(3);
    s = store_open(dir, false, NULL);
    assert_int_equal(store_put(s, r, NULL), 0);
    read_file("data.mdb", &b);
    for (at = b.data; (at = memmem(at, (size_t)(b.data + b.len - at), "needle", 6)); at++)
        *at = 'N';
    write_bytes("data.mdb", &b);
    assert_int_equal(store_get(s, &r->key, H200, &back, &err), -1);
    assert_string_equal(err.text, "a record in the cache is damaged: its checksum differs");
    assert_int_equal(readable(3), 3);
    assert_int_equal(store_each(s, NULL, note_damage, &damaged, NULL), 4);
    assert_int_equal(damaged, 1);
    assert_int_equal(store_put(s, r, NULL), 0); /* and is replaced */
    assert_int_equal(store_get(s, &r->key, H200, &back, NULL), 1);
    record_free(back);
    record_free(r);
    store_close(s);
    buf_release(&b);
}

static char *first_record_file(void)
{
    char command[4200], *path = NULL;
    size_t cap = 0;
    FILE *f;

    snprintf(command, sizeof command, "find '%s/records' -type f | sort | head -1", dir);
    f = popen(command, "r");
    assert_true(getline(&path, &cap, f) > 0);
    pclose(f);
    path[strcspn(path, "\n")] = '\0';
    return path;
}

static void a_damaged_file_is_one_miss(void **state)
{
    char *path;
    int damaged = 0;
    struct store *s;

    (void)state;
    fill(3);
    assert_int_equal(readable(3), 3);
    path = first_record_file();
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(readable(3), 2);
    s = store_open(dir, false, NULL);
    assert_int_equal(store_each(s, NULL, note_damage, &damaged, NULL), 3);
    assert_int_equal(damaged, 1);
    store_close(s);
    fill(3);
    assert_int_equal(readable(3), 3);
    free(path);
}

/* a whole record under another's key: nothing is believed for where it lies */
static void a_record_must_be_of_its_key(void **state)
{
    struct store *s;
    struct record *r = sample_record("f", H200, 0), *other = sample_record("g", H200, 0), *back;
    char path[2][300], hex[65];
    struct error err = {""};

    (void)state;
    s = store_open(dir, false, NULL);
    assert_int_equal(store_put(s, r, NULL), 0);
    assert_int_equal(store_put(s, other, NULL), 0);
    hash_hex(&r->key.all, hex);
    snprintf(path[0], sizeof path[0], "%s/records/%s", dir, hex);
    hash_hex(&other->key.all, hex);
    snprintf(path[1], sizeof path[1], "%s/records/%s", dir, hex);
    fs_remove(path[1]);
    assert_int_equal(rename(path[0], path[1]), 0);
    assert_int_equal(store_get(s, &other->key, H200, &back, &err), -1);
    assert_non_null(strstr(err.text, "a record lies under another's key"));
    record_free(r);
    record_free(other);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LMDB(damaged_bytes_are_a_miss),       LMDB(damage_in_every_page_is_a_miss),
        LMDB(a_truncated_database_is_a_miss), LMDB(a_file_that_is_no_database_is_a_miss),
        LMDB(a_damaged_record_is_one_miss),   FILES(a_damaged_file_is_one_miss),
        FILES(a_record_must_be_of_its_key),
    };

    return cmocka_run_group_tests_name("store damage", tests, NULL, NULL);
}
