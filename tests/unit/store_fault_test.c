/* What can happen to a cache from outside: killed writers, damaged bytes, full disks, folders of
 * others and of later versions. The rule is always the same: a miss with a reason, nothing lost
 * that was whole, and never a crash or a hang. */
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/sample_record.h"
#include "cache/store.h"
#include "cache/store_impl.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

enum { RECORDS = 24 };

static char *dir;

static int set_up(void **state)
{
    (void)state;
    setenv("KSEARCH_CACHE_FILES", "0", 1);
    dir = fs_tempdir("store-fault-", NULL);
    return dir ? 0 : -1;
}

static int set_up_files(void **state)
{
    int rc = set_up(state);

    setenv("KSEARCH_CACHE_FILES", "1", 1);
    return rc;
}

static int tear_down(void **state)
{
    (void)state;
    chmod(dir, 0700);
    fs_remove(dir);
    free(dir);
    return 0;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static const char *in_dir(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void read_file(const char *name, struct buf *b)
{
    buf_init(b, BUF_LIMIT);
    buf_adds(b, "");
    assert_int_equal(fs_read(in_dir(name), b, NULL), 0);
}

static void fill(int n)
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
static int readable(int n)
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

static int note_damage(void *arg, const struct record *rec, const char *reason)
{
    assert_true(!rec == !!reason);
    *(int *)arg += !rec;
    return 0;
}

/* ---- damaged bytes -------------------------------------------------------------------------- */

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

/* ---- killed writers ------------------------------------------------------------------------- */

static void write_for_ever(int first)
{
    struct store *s = store_open(dir, false, NULL);

    setpgid(0, 0);
    for (int i = first;; i = (i + 1) % RECORDS) {
        struct record *r = sample_record("f", H200, i);
        store_put(s, r, NULL);
        record_free(r);
    }
}

static void killed_writers_leave_whole_records(void **state)
{
    uint64_t random = 3;

    (void)state;
    fill(RECORDS);
    for (int round = 0; round < 25; round++) {
        pid_t pid[2];
        for (int i = 0; i < 2; i++) {
            pid[i] = fork();
            if (pid[i] == 0)
                write_for_ever(i * RECORDS / 2);
            setpgid(pid[i], pid[i]);
        }
        usleep((useconds_t)(3000 + next_random(&random) % 20000));
        for (int i = 0; i < 2; i++) {
            kill(-pid[i], SIGKILL); /* with the child that is in the transaction */
            assert_int_equal(waitpid(pid[i], NULL, 0), pid[i]);
        }
        assert_int_equal(readable(RECORDS), RECORDS);
    }
    fill(RECORDS); /* and writing goes on */
    assert_int_equal(readable(RECORDS), RECORDS);
}

/* ---- folders that are not for us ------------------------------------------------------------ */

static void set_schema(const char *text)
{
    MDB_val key = {6, (void *)(uintptr_t) "schema"},
            value = {strlen(text), (void *)(uintptr_t)text};
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi meta;

    assert_int_equal(mdb_env_create(&env), 0);
    mdb_env_set_maxdbs(env, 2);
    assert_int_equal(mdb_env_open(env, dir, 0, 0666), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "meta", MDB_CREATE, &meta), 0);
    assert_int_equal(mdb_put(txn, meta, &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void assert_untouched(const char *file)
{
    struct record *r = sample_record("f", H200, 0), *back;
    struct error err = {""};
    unsigned long long counts[STAT_COUNT];
    struct buf before, after;
    struct store *s;

    read_file(file, &before);
    s = store_open(dir, false, NULL);
    assert_non_null(s);
    assert_int_equal(store_get(s, &r->key, H200, &back, &err), -1);
    assert_non_null(strstr(err.text, "it is of a later version (schema 2, this is 1)"));
    err.text[0] = '\0';
    assert_int_equal(store_put(s, r, &err), -1);
    assert_non_null(strstr(err.text, "later version"));
    assert_int_equal(store_each(s, NULL, note_damage, NULL, NULL), -1);
    store_count(s, STAT_HIT);
    store_stats(s, counts);
    assert_int_equal(counts[STAT_HIT], 0);
    assert_int_equal(store_search_begin(s, &r->key, NULL, NULL), -1);
    assert_false(fs_exists(in_dir("stats")));
    assert_false(fs_exists(in_dir("locks")));
    read_file(file, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.data, after.data, after.len);
    buf_release(&before);
    buf_release(&after);
    record_free(r);
    store_close(s);
}

static void a_later_schema_is_left_alone(void **state)
{
    (void)state;
    fill(2);
    set_schema("2");
    assert_untouched("data.mdb");
}

static void a_later_schema_of_files_is_left_alone(void **state)
{
    (void)state;
    fill(2);
    assert_int_equal(fs_write(in_dir("schema"), "2\n", 2, NULL), 0);
    assert_untouched("schema");
}

static void a_schema_that_is_none_is_damage(void **state)
{
    struct key key = sample_key("f", 0);
    struct record *rec;
    struct store *s;
    struct error err = {""};

    (void)state;
    fill(1);
    set_schema("x");
    s = store_open(dir, false, NULL);
    assert_int_equal(store_get(s, &key, H200, &rec, &err), -1);
    assert_non_null(strstr(err.text, "its schema makes no sense"));
    store_close(s);
}

/* as nobody, since root may write anywhere */
static void use_as_nobody(void)
{
    struct store *s;
    struct record *r = sample_record("f", H200, 0), *back;
    struct error err = {""};

    if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
        _exit(2);
    s = store_open(dir, false, &err);
    if (!s || !store_is_read_only(s) || store_get(s, &r->key, H200, &back, &err) != 1)
        _exit(3);
    record_free(back);
    store_count(s, STAT_HIT);
    if (store_search_begin(s, &r->key, NULL, NULL) != -1)
        _exit(4);
    if (store_put(s, r, &err) != -1 || !strstr(err.text, "read-only"))
        _exit(5);
    record_free(r);
    store_close(s);
    _exit(0);
}

static void a_read_only_folder_is_read(void **state)
{
    int status;

    (void)state;
    fill(1);
    assert_int_equal(chmod(dir, 0555), 0);
    if (fork() == 0)
        use_as_nobody();
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(dir, 0755), 0);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    struct error err = {""};

    (void)state;
    assert_null(store_open("/proc/nowhere/cache", false, &err));
    assert_non_null(strstr(err.text, "/proc/nowhere"));
}

/* ---- limits --------------------------------------------------------------------------------- */

/* puts records until one fails, under a limit on the size of files: as a full disk, but ours */
static void write_until_full(void)
{
    const struct rlimit limit = {300000, 300000};
    struct store *s = store_open(dir, false, NULL);
    struct error err = {""};
    int i = 0;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        _exit(2);
    for (; i < 2000; i++) {
        struct record *r = sample_record("f", H200, i), *back;
        int rc = store_put(s, r, &err);
        if (rc == 0 && store_get(s, &r->key, H200, &back, NULL) == 1)
            record_free(back);
        record_free(r);
        if (rc < 0)
            break;
    }
    _exit(i > RECORDS && i < 2000 && err.text[0] ? 0 : 3);
}

static void a_full_disk_loses_nothing(void **state)
{
    int status;

    (void)state;
    fill(RECORDS);
    if (fork() == 0)
        write_until_full();
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
    assert_int_equal(readable(RECORDS), RECORDS);
    fill(RECORDS + 5); /* the disk has room again */
    assert_int_equal(readable(RECORDS + 5), RECORDS + 5);
}

/* a disk that has no room for even the first page */
static void write_to_nothing(void)
{
    const struct rlimit limit = {100, 100};
    struct store *s = store_open(dir, false, NULL);
    struct record *r = sample_record("f", H200, 0), *back;
    struct error err = {""};

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        _exit(2);
    if (store_put(s, r, &err) != -1 || !err.text[0])
        _exit(3);
    store_count(s, STAT_HIT);
    _exit(store_get(s, &r->key, H200, &back, NULL) == 1 ? 4 : 0);
}

static void a_disk_without_room_is_told(void **state)
{
    int status;

    (void)state;
    if (fork() == 0)
        write_to_nothing();
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
    fill(2);
    assert_int_equal(readable(2), 2);
}

static void a_full_map_grows(void **state)
{
    struct store *small = store_open(dir, false, NULL), *other;
    struct record *r = sample_record("f", H200, 0), *back;
    json_t *list = json_object_get(r->workloads[0].samples, "winner");

    (void)state;
    for (int i = 0; i < 20000; i++)
        json_array_append_new(list, json_real(300 + i / 7.0));
    small->map = 200000;
    other = store_open(dir, true, NULL);
    other->map = 200000; /* sees a file that another process let grow */
    for (int i = 0; i < 8; i++) {
        r->key = sample_key("f", i);
        assert_int_equal(store_put(small, r, NULL), 0);
        assert_int_equal(store_get(other, &r->key, H200, &back, NULL), 1);
        record_free(back);
    }
    record_free(r);
    store_close(other);
    store_close(small);
}

#if defined(__SANITIZE_ADDRESS__)
#define CAN_LIMIT_MEMORY 0 /* its shadow needs terabytes */
#else
#define CAN_LIMIT_MEMORY 1
#endif

static void write_in_little_memory(void)
{
    const struct rlimit limit = {600 << 20, 600 << 20};
    struct record *r = sample_record("f", H200, 0);
    struct store *s;

    if (setrlimit(RLIMIT_AS, &limit) < 0)
        _exit(2);
    s = store_open(dir, false, NULL);
    _exit(s && store_put(s, r, NULL) == 0 ? 0 : 1);
}

static void little_memory_is_enough(void **state)
{
    int status;

    (void)state;
    if (!CAN_LIMIT_MEMORY)
        skip();
    if (fork() == 0)
        write_in_little_memory();
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
    assert_int_equal(readable(1), 1);
}

/* another process in the middle of its transaction, and not going on */
static void hold_lock(int ready)
{
    MDB_env *env;
    MDB_txn *txn;

    if (mdb_env_create(&env) || mdb_env_open(env, dir, 0, 0666) ||
        mdb_txn_begin(env, NULL, 0, &txn))
        _exit(1);
    if (write(ready, "x", 1) == 1)
        pause();
    _exit(1);
}

static void a_stopped_writer_is_not_waited_for(void **state)
{
    struct store *s = store_open(dir, false, NULL);
    struct record *r = sample_record("f", H200, 1);
    struct error err = {""};
    int ready[2];
    char byte;
    pid_t pid;

    (void)state;
    fill(1);
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0)
        hold_lock(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    s->patience = 1;
    assert_int_equal(store_put(s, r, &err), -1);
    assert_non_null(strstr(err.text, "does not answer"));
    assert_int_equal(readable(1), 1);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(store_put(s, r, NULL), 0);
    assert_int_equal(readable(2), 2);
    close(ready[0]);
    close(ready[1]);
    record_free(r);
    store_close(s);
}

#define LMDB(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define FILES(test) cmocka_unit_test_setup_teardown(test, set_up_files, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LMDB(damaged_bytes_are_a_miss),
        LMDB(a_truncated_database_is_a_miss),
        LMDB(a_file_that_is_no_database_is_a_miss),
        LMDB(a_damaged_record_is_one_miss),
        FILES(a_damaged_file_is_one_miss),
        FILES(a_record_must_be_of_its_key),
        LMDB(killed_writers_leave_whole_records),
        FILES(killed_writers_leave_whole_records),
        LMDB(a_stopped_writer_is_not_waited_for),
        LMDB(a_later_schema_is_left_alone),
        FILES(a_later_schema_of_files_is_left_alone),
        LMDB(a_schema_that_is_none_is_damage),
        LMDB(a_read_only_folder_is_read),
        FILES(a_read_only_folder_is_read),
        LMDB(a_folder_that_cannot_be_made_is_told),
        LMDB(a_full_disk_loses_nothing),
        LMDB(a_disk_without_room_is_told),
        LMDB(a_full_map_grows),
        LMDB(little_memory_is_enough),
    };

    return cmocka_run_group_tests_name("store faults", tests, NULL, NULL);
}
