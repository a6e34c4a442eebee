/* Objects on disk: what is found is what was kept, whole, or nothing is. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/cache_dir.h"
#include "tests/unit/faulty_io.h"
#include "tests/unit/rounds.h"
#include "cache/objects.h"
#include "runtime/base/arena.h"

static struct arena *arena;
static char *source; /* a file that objects are made of, outside of the cache */

static int set_up_objects(void **state)
{
    int rc = set_up(state);

    arena = arena_new();
    if (asprintf(&source, "%s-source", dir) < 0)
        return -1;
    unsetenv("KSEARCH_CACHE_SIZE");
    return rc;
}

static int tear_down_objects(void **state)
{
    unlink(source);
    free(source);
    arena_free(arena);
    return tear_down(state);
}

#define OBJECTS(test) cmocka_unit_test_setup_teardown(test, set_up_objects, tear_down_objects)

static void write_source(const char *text)
{
    assert_int_equal(fs_write(source, text, strlen(text), NULL), 0);
    usleep(20000); /* it is older than what begins now */
}

static struct hash key_of(int n)
{
    return hash_bytes(&n, sizeof n);
}

/* the bytes of object n: they differ, and do not compress to nothing */
static void fill_object(struct object *o, int n, size_t bytes)
{
    uint64_t random = (uint64_t)n + 1;

    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word = next_random(&random) & 0x0f0f0f0f0f0f0f0fu;
        buf_add(&o->output, &word, 8);
    }
    buf_addf(&o->depfile, "o%d: source\n", n);
    buf_addf(&o->err, "warning of %d\n", n);
    o->has_depfile = true;
}

static int put(int n, size_t bytes, struct error *err)
{
    struct object o;
    struct hash key = key_of(n);
    int rc;

    object_init(&o);
    fill_object(&o, n, bytes);
    manifest_init(&o.manifest, arena, dir);
    rc = manifest_file(&o.manifest, source, NULL, err);
    if (rc == 0)
        rc = manifest_folders(&o.manifest, (const char *const[]){NULL}, err);
    if (rc == 0)
        rc = objects_put(dir, &key, &o, err);
    object_release(&o);
    return rc;
}

/* whether object n is there; if it is, it is object n */
static bool is_there(int n, size_t bytes)
{
    struct object o, wanted;
    struct hash key = key_of(n);
    const char *why;
    bool found;

    object_init(&o);
    object_init(&wanted);
    fill_object(&wanted, n, bytes);
    found = objects_find(dir, &key, arena, NULL, NULL, &o, &why);
    if (found) {
        assert_int_equal(o.output.len, wanted.output.len);
        assert_memory_equal(o.output.data, wanted.output.data, wanted.output.len);
        assert_string_equal(buf_text(&o.depfile), buf_text(&wanted.depfile));
        assert_string_equal(buf_text(&o.err), buf_text(&wanted.err));
        assert_int_equal(o.out.len, 0);
        assert_true(o.has_depfile);
    }
    object_release(&wanted);
    object_release(&o);
    return found;
}

static const char *object_path(int n)
{
    static char found[4200];
    struct hash key = key_of(n);
    char hex[65], command[8300];
    FILE *f;

    hash_hex(&key, hex);
    snprintf(command, sizeof command, "ls %s/objects/%.2s/%s/*", dir, hex, hex + 2);
    f = popen(command, "r");
    assert_non_null(fgets(found, sizeof found, f));
    pclose(f);
    found[strcspn(found, "\n")] = '\0';
    return found;
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static void an_object_is_kept(void **state)
{
    (void)state;
    write_source("one");
    assert_false(is_there(1, 1000));
    assert_int_equal(put(1, 1000, NULL), 0);
    assert_true(is_there(1, 1000));
    assert_false(is_there(2, 1000));
    assert_int_equal(put(2, 0, NULL), 0);
    assert_true(is_there(2, 0));
}

static void states_of_the_source_lie_side_by_side(void **state)
{
    char text[16];

    (void)state;
    for (int i = 0; i < 12; i++) {
        snprintf(text, sizeof text, "state %d", i);
        write_source(text);
        assert_false(is_there(1, 100));
        assert_int_equal(put(1, 100, NULL), 0);
    }
    write_source("state 11");
    assert_true(is_there(1, 100));
    write_source("state 6");
    assert_true(is_there(1, 100));
    write_source("state 1"); /* too long ago */
    assert_false(is_there(1, 100));
}

static void a_file_that_is_written_during_the_compile_is_not_believed(void **state)
{
    struct manifest m;
    struct error err = {""};

    (void)state;
    write_source("one");
    manifest_init(&m, arena, NULL);
    usleep(20000);
    write_source("two");
    assert_int_equal(manifest_file(&m, source, NULL, &err), -1);
    assert_non_null(strstr(err.text, "after the compile began"));
}

/* size and time may be what they were: only the time of the change tells */
static void a_change_that_hides_is_seen(void **state)
{
    struct timespec times[2];
    struct stat st;

    (void)state;
    write_source("one");
    for (int rested = 0; rested < 2; rested++) {
        write_source("one");
        if (rested)
            sleep(4); /* now its identity is believed */
        assert_int_equal(put(1 + rested, 100, NULL), 0);
        assert_true(is_there(1 + rested, 100));
        assert_int_equal(stat(source, &st), 0);
        int fd = open(source, O_WRONLY);
        assert_int_equal(pwrite(fd, "eno", 3, 0), 3);
        close(fd);
        times[0] = st.st_atim, times[1] = st.st_mtim;
        assert_int_equal(utimensat(AT_FDCWD, source, times, 0), 0);
        assert_false(is_there(1 + rested, 100));
    }
}

static void what_a_manifest_says_survives_its_bytes(void **state)
{
    const char *const folders[] = {dir, "/nowhere/at/all", NULL};
    struct manifest m, back;
    struct buf b;

    (void)state;
    write_source("one");
    manifest_init(&m, arena, NULL);
    assert_int_equal(manifest_file(&m, source, NULL, NULL), 0);
    assert_int_equal(manifest_file(&m, "/nowhere/missing.h", NULL, NULL), 0);
    manifest_name(&m, "some/where/asked.h");
    m.exact_times = true;
    assert_int_equal(manifest_folders(&m, folders, NULL), 0);
    buf_init(&b, BUF_LIMIT);
    manifest_encode(&m, &b);
    assert_int_equal(manifest_decode(&back, arena, b.data, b.len), 0);
    assert_int_equal(back.nfiles, 2);
    assert_string_equal(back.files[1].path, "/nowhere/missing.h");
    assert_false(back.files[1].there);
    assert_true(back.exact_times);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(manifest_decode(&back, arena, b.data, n), -1);
    buf_release(&b);
}

static void new_names_count_where_they_matter(void **state)
{
    const char *const folders[] = {dir, NULL};
    const char *changed, *below;
    struct manifest m;

    (void)state;
    write_source("one");
    assert_int_equal(fs_mkdirs(in_dir("some"), NULL), 0);
    manifest_init(&m, arena, NULL);
    assert_int_equal(manifest_file(&m, source, NULL, NULL), 0);
    manifest_name(&m, "some/asked.h");
    assert_int_equal(manifest_folders(&m, folders, NULL), 0);
    assert_true(manifest_holds(&m, &changed));
    assert_int_equal(fs_write(in_dir("some/other.h"), "", 0, NULL), 0);
    assert_int_equal(fs_mkdirs(in_dir("else"), NULL), 0);
    assert_true(manifest_holds(&m, &changed));
    assert_int_equal(fs_write(in_dir("some/asked.h"), "", 0, NULL), 0);
    assert_false(manifest_holds(&m, &changed));
    below = in_dir("some");
    assert_string_equal(changed, below);
    unlink(in_dir("some/asked.h"));
    assert_true(manifest_holds(&m, &changed));
}

/* ---- room ------------------------------------------------------------------------------------ */

static void those_that_were_used_last_stay(void **state)
{
    struct objects_sum sum, removed;
    struct timespec times[2] = {{0, UTIME_NOW}, {0, 0}};

    (void)state;
    write_source("one");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(put(i, 4000, NULL), 0);
        times[1].tv_sec = 1000000000 + (i + 5) % 10; /* 5 is the oldest, 4 the newest */
        assert_int_equal(utimensat(AT_FDCWD, object_path(i), times, 0), 0);
    }
    assert_true(is_there(5, 4000)); /* and now the newest of all */
    objects_sum(dir, true, NULL, NULL, &sum);
    assert_int_equal(sum.n, 10);
    objects_trim(dir, sum.bytes / 10 * 3 + 100, false, &removed);
    assert_int_equal(removed.n, 7);
    assert_true(is_there(5, 4000));
    assert_true(is_there(4, 4000));
    assert_true(is_there(3, 4000));
    assert_false(is_there(6, 4000));
}

static void the_limit_is_kept(void **state)
{
    struct objects_sum sum;

    (void)state;
    setenv("KSEARCH_CACHE_SIZE", "64k", 1);
    write_source("one");
    for (int i = 0; i < 60; i++) {
        assert_int_equal(put(i, 6000, NULL), 0);
        assert_true(is_there(i, 6000));
        objects_sum(dir, false, NULL, NULL, &sum);
        assert_true(sum.bytes <= 64 << 10);
    }
    assert_true(sum.n > 5);
    assert_int_equal(put(100, 200000, NULL), -1);
    unsetenv("KSEARCH_CACHE_SIZE");
}

static void sizes_are_read(void **state)
{
    (void)state;
    assert_int_equal(objects_bytes("1000"), 1000);
    assert_int_equal(objects_bytes("2k"), 2048);
    assert_int_equal(objects_bytes("3MB"), 3 << 20);
    assert_true(objects_bytes("5G") == 5ULL << 30);
    assert_int_equal(objects_bytes("x"), 0);
    assert_int_equal(objects_bytes("-1"), 0);
    assert_int_equal(objects_bytes("5Gx"), 0);
    assert_int_equal(objects_bytes(""), 0);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void every_damaged_byte_is_a_miss(void **state)
{
    struct objects_sum sum;
    struct buf good;
    const char *path;
    char byte;
    int fd;

    (void)state;
    write_source("one");
    assert_int_equal(put(1, 600, NULL), 0);
    path = object_path(1);
    buf_init(&good, BUF_LIMIT);
    assert_int_equal(fs_read(path, &good, NULL), 0);
    fd = open(path, O_WRONLY);
    for (size_t at = 0; at < good.len; at++) {
        byte = (char)(good.data[at] ^ (1 << at % 8));
        assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
        assert_false(is_there(1, 600));
        assert_int_equal(pwrite(fd, good.data + at, 1, (off_t)at), 1);
    }
    assert_true(is_there(1, 600));
    for (size_t n = good.len - 1; n > 0; n -= n > 40 ? 37 : 1) {
        assert_int_equal(ftruncate(fd, (off_t)n), 0);
        assert_false(is_there(1, 600));
    }
    objects_sum(dir, true, NULL, NULL, &sum);
    assert_int_equal(sum.damaged, 1);
    assert_int_equal(put(1, 600, NULL), 0); /* the compile that missed keeps it again */
    assert_true(is_there(1, 600));
    close(fd);
    buf_release(&good);
}

static void a_disk_that_fails_is_a_miss(void **state)
{
    (void)state;
    write_source("one");
    for (int all = 0; all < 2; all++) {
        for (int i = 1; i < 40; i++) {
            struct error err = {""};
            bool kept;
            io_fails.at = i;
            io_fails.with = i % 2 ? EIO : ENOSPC;
            io_fails.all = all;
            kept = put(i, 20000, &err) == 0;
            is_there(i, 20000);
            is_there(i - 1, 20000);
            io_fails.at = 0;
            if (kept)
                assert_true(is_there(i, 20000));
            assert_int_equal(put(i, 20000, NULL), 0);
            assert_true(is_there(i, 20000));
        }
    }
}

/* ---- many at once, and killed ---------------------------------------------------------------- */

static void use_for_ever(int seed)
{
    uint64_t random = (uint64_t)seed;

    for (;;) {
        int n = (int)(next_random(&random) % 6);
        if (next_random(&random) % 2)
            put(n, 3000 + 100 * (size_t)n, NULL);
        else
            is_there(n, 3000 + 100 * (size_t)n); /* fails the process when it is another's */
    }
}

static void killed_processes_leave_whole_objects(void **state)
{
    uint64_t random = 7;
    struct objects_sum sum;

    (void)state;
    write_source("one");
    setenv("KSEARCH_CACHE_SIZE", "60k", 1); /* so that they remove as well */
    for (int round = 0; round < rounds(60); round++) {
        pid_t pid[3];
        int status;
        for (int i = 0; i < 3; i++) {
            pid[i] = fork();
            if (pid[i] == 0) {
                use_for_ever(round * 3 + i + 1);
                _exit(1);
            }
        }
        usleep((useconds_t)(500 + next_random(&random) % 6000));
        for (int i = 0; i < 3; i++) {
            kill(pid[i], SIGKILL);
            assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        }
        for (int n = 0; n < 6; n++)
            is_there(n, 3000 + 100 * (size_t)n);
    }
    objects_sum(dir, true, NULL, NULL, &sum);
    assert_int_equal(sum.damaged, 0);
    unsetenv("KSEARCH_CACHE_SIZE");
    for (int n = 0; n < 6; n++)
        assert_int_equal(put(n, 3000 + 100 * (size_t)n, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OBJECTS(an_object_is_kept),
        OBJECTS(states_of_the_source_lie_side_by_side),
        OBJECTS(a_file_that_is_written_during_the_compile_is_not_believed),
        OBJECTS(a_change_that_hides_is_seen),
        OBJECTS(what_a_manifest_says_survives_its_bytes),
        OBJECTS(new_names_count_where_they_matter),
        OBJECTS(those_that_were_used_last_stay),
        OBJECTS(the_limit_is_kept),
        OBJECTS(sizes_are_read),
        OBJECTS(every_damaged_byte_is_a_miss),
        OBJECTS(a_disk_that_fails_is_a_miss),
        OBJECTS(killed_processes_leave_whole_objects),
    };

    return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
