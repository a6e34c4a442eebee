/* What can happen to a cache from outside, but for damaged bytes (store_damage_test.c): killed and
 * stopped writers, full disks, folders of others and of later versions. */
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/cache_dir.h"
#include "tests/unit/rounds.h"
#include "tests/unit/sample_record.h"
#include "tests/unit/schema.h"
#include "cache/store.h"
#include "cache/store_impl.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

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

static void read_for_ever(void)
{
    setpgid(0, 0);
    for (;;)
        readable(RECORDS);
}

/* two that write and one that reads, killed at any moment */
static void killed_writers_leave_whole_records(void **state)
{
    enum { PROCESSES = 3 };
    uint64_t random = 3;

    (void)state;
    fill(RECORDS);
    for (int round = 0; round < rounds(25); round++) {
        pid_t pid[PROCESSES];
        for (int i = 0; i < PROCESSES; i++) {
            pid[i] = fork();
            if (pid[i] == 0 && i == 2)
                read_for_ever();
            if (pid[i] == 0)
                write_for_ever(i * RECORDS / 2);
            setpgid(pid[i], pid[i]);
        }
        usleep((useconds_t)(3000 + next_random(&random) % 20000));
        for (int i = 0; i < PROCESSES; i++) {
            kill(-pid[i], SIGKILL); /* with the child that is in the transaction */
            assert_int_equal(waitpid(pid[i], NULL, 0), pid[i]);
        }
        assert_int_equal(readable(RECORDS), RECORDS);
    }
    fill(RECORDS); /* and writing goes on */
    assert_int_equal(readable(RECORDS), RECORDS);
    struct stat st; /* a killed reader holds no pages for ever */
    assert_true(stat(in_dir("data.mdb"), &st) < 0 || st.st_size < 8 << 20);
}

/* ---- folders that are not for us ------------------------------------------------------------ */

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
    set_schema(dir, "2");
    assert_untouched("data.mdb");
}

static void a_later_schema_of_files_is_left_alone(void **state)
{
    (void)state;
    fill(2);
    assert_int_equal(fs_write(in_dir("schema"), "2\n", 2, NULL), 0);
    assert_untouched("schema");
}

/* what this version will be to the next one */
static void an_earlier_schema_is_taken_over(void **state)
{
    struct record *r = sample_record("f", H200, RECORDS), *back;
    struct store *later, *now;
    struct error err = {""};
    int damaged = 0;

    (void)state;
    fill(RECORDS);
    later = store_open(dir, false, NULL);
    later->schema = STORE_SCHEMA + 1;
    assert_int_equal(store_get(later, &r->key, H200, &back, NULL), 0);
    assert_int_equal(store_put(later, r, NULL), 0);
    assert_int_equal(store_each(later, NULL, note_damage, &damaged, NULL), RECORDS + 1);
    assert_int_equal(damaged, 0);
    now = store_open(dir, false, NULL);
    assert_int_equal(store_put(now, r, &err), -1); /* it is theirs now */
    assert_non_null(strstr(err.text, "later version"));
    store_close(now);
    store_close(later);
    record_free(r);
}

static void a_schema_that_is_none_is_damage(void **state)
{
    struct key key = sample_key("f", 0);
    struct record *rec;
    struct store *s;
    struct error err = {""};

    (void)state;
    fill(1);
    set_schema(dir, "x");
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

/* not under AddressSanitizer: its shadow needs terabytes */
#ifndef __SANITIZE_ADDRESS__
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
    if (fork() == 0)
        write_in_little_memory();
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
    assert_int_equal(readable(1), 1);
}
#endif

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        LMDB(killed_writers_leave_whole_records),
        FILES(killed_writers_leave_whole_records),
        LMDB(a_stopped_writer_is_not_waited_for),
        LMDB(a_later_schema_is_left_alone),
        FILES(a_later_schema_of_files_is_left_alone),
        LMDB(an_earlier_schema_is_taken_over),
        FILES(an_earlier_schema_is_taken_over),
        LMDB(a_schema_that_is_none_is_damage),
        LMDB(a_read_only_folder_is_read),
        FILES(a_read_only_folder_is_read),
        LMDB(a_folder_that_cannot_be_made_is_told),
        LMDB(a_full_disk_loses_nothing),
        LMDB(a_disk_without_room_is_told),
        LMDB(a_full_map_grows),
#ifndef __SANITIZE_ADDRESS__
        LMDB(little_memory_is_enough),
#endif
    };

    return cmocka_run_group_tests_name("store faults", tests, NULL, NULL);
}
