/* The journal on a disk that is full, and in a folder whose bytes are damaged. */
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "tests/unit/journal_fixture.h"
#include "tests/unit/schema.h"
#include "runtime/base/buf.h"

/* ---- full ----------------------------------------------------------------------------------- */

static void write_until_full(void)
{
    const struct rlimit limit = {150000, 150000};
    struct error err = {""};
    struct journal *j;
    size_t i, first;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0) /* before its child is there, which has it then */
        _exit(2);
    j = journal_open(run, JOURNAL_WRITE, NULL, NULL);
    i = first = journal_steps(j);
    for (; i < 500 && put(j, i, &err) == 0; i++)
        if (journal_step(j, (double)i / 8, fact_name(i), &err) < 0)
            break;
    if (i == first || i == 500 || !err.text[0])
        _exit(3);
    if (put(j, 1000, NULL) == 0) /* the space of a small one may be there still */
        put(j, 1011, NULL);
    journal_close(j);
    _exit(i < 256 ? (int)i : 4);
}

static void a_full_disk_loses_nothing(void **state)
{
    struct journal *j;
    pid_t pid;
    int status;

    (void)state;
    fill(3);
    pid = fork();
    if (pid == 0)
        write_until_full();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) > 4);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(j->damaged, 0);
    assert_int_equal(journal_steps(j), WEXITSTATUS(status));
    check_steps(j);
    for (size_t i = journal_steps(j); i < 300; i++) /* there is room again */
        put_and_step(j, i);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 300);
    check_steps(j);
    journal_close(j);
}

/* ---- damaged -------------------------------------------------------------------------------- */

enum { ENTRIES = 60 };

static const char *data_file(void)
{
    const char *path = in_dir("runs/one/data.mdb");

    return fs_exists(path) ? path : in_dir("runs/one/journal.log");
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

/* a journal of damaged bytes may have lost things, but what it shows is right, and a search goes on
 * with it: what is written then is there afterwards */
static void use_damaged(void)
{
    struct journal *j = journal_open(run, JOURNAL_READ, NULL, NULL);
    struct error err = {""};
    size_t first;

    if (j) {
        check_steps(j);
        journal_close(j);
    }
    j = journal_open(run, JOURNAL_WRITE, NULL, &err);
    if (!j) {
        assert_true(err.text[0] != '\0');
        return;
    }
    check_steps(j);
    first = journal_steps(j);
    for (size_t i = first; i < first + 3; i++)
        put_and_step(j, i);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_steps(j), first + 3);
    check_steps(j);
    journal_close(j);
}

static void damaged_bytes_cost_what_they_hit(void **state)
{
    struct buf good, bad;
    uint64_t random = 5;

    (void)state;
    fill(ENTRIES);
    buf_init(&good, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &good, NULL), 0);
    for (int round = 0; round < 60; round++) {
        buf_init(&bad, BUF_LIMIT);
        buf_add(&bad, good.data, good.len);
        for (int n = 1 + round / 3; n > 0; n--) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            size_t at = (random >> 20) % good.len;
            if (round % 3 == 1) /* in a page's head */
                at = at / 4096 * 4096 + (random >> 60) * 4;
            if (at < good.len)
                bad.data[at] ^= (char)(1 << (random >> 17) % 8);
        }
        write_bytes(data_file(), bad.data, bad.len);
        use_damaged();
        buf_release(&bad);
    }
    buf_release(&good);
}

static void a_truncated_file_costs_its_end(void **state)
{
    struct buf good;

    (void)state;
    fill(ENTRIES);
    buf_init(&good, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &good, NULL), 0);
    for (size_t n = 0; n < good.len; n += n < 9000 ? 1511 : good.len / 23) {
        write_bytes(data_file(), good.data, n);
        use_damaged();
    }
    buf_release(&good);
}

/* changes the text of the fact of that number where it lies */
static void damage_fact(const char *text)
{
    struct buf b;
    char *at;

    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &b, NULL), 0);
    at = memmem(b.data, b.len, text, strlen(text));
    assert_non_null(at);
    for (; at; at = memmem(at, (size_t)(b.data + b.len - at), text, strlen(text)))
        *at ^= 1;
    write_bytes(data_file(), b.data, b.len);
    buf_release(&b);
}

static void steps_end_at_a_damaged_fact(void **state)
{
    struct journal *j;

    (void)state;
    fill(20);
    damage_fact("{\"n\":7,");
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(j->damaged, 1);
    assert_non_null(strstr(j->damage.text, "trial/000007: its checksum differs"));
    assert_int_equal(journal_steps(j), 7);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_steps(j), 7);
    assert_false(has(j, 7));
    for (size_t i = 8; i < 20; i++)
        assert_true(has(j, i)); /* of use still: they are found by their names */
    assert_int_equal(put(j, 7, NULL), 0);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE); /* and the steps behind it do not come back with it */
    assert_int_equal(journal_steps(j), 7);
    put_and_step(j, 7);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 8);
    check_steps(j);
    journal_close(j);
}

/* the first bytes of a row are hit: the next one is found nevertheless */
static void a_log_goes_on_behind_damage(void **state)
{
    struct journal *j;
    struct buf b;
    char *at;

    (void)state;
    fill(10);
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &b, NULL), 0);
    at = memmem(b.data, b.len, "trial/000004", 12);
    at[-1] ^= 1;
    write_bytes(data_file(), b.data, b.len);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(j->damaged, 1);
    assert_string_equal(j->damage.text, "bytes that are no entry");
    assert_int_equal(journal_steps(j), 4);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(has(j, i), i != 4);
    journal_close(j);
    buf_release(&b);
}

/* what a killed writer leaves: nobody was told of it, and it is no damage */
static void a_torn_end_of_a_log_is_cut_off(void **state)
{
    struct stat whole, cut;
    struct journal *j;
    struct buf b;

    (void)state;
    fill(10);
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &b, NULL), 0);
    stat(data_file(), &whole);
    buf_add(&b, b.data + 18, 40); /* of the first row, behind the line of the format */
    write_bytes(data_file(), b.data, b.len);
    j = open_or_fail(JOURNAL_WRITE);
    stat(data_file(), &cut);
    assert_int_equal(cut.st_size, whole.st_size);
    assert_int_equal(j->damaged, 0);
    put_and_step(j, 10);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(j->damaged, 0);
    assert_int_equal(journal_steps(j), 11);
    journal_close(j);
    buf_release(&b);
}

static void a_later_schema_is_left_alone(void **state)
{
    static const char text[] = "ksearch journal 2\nwhatever\n";
    struct error err = {""};
    struct buf b;

    (void)state;
    fs_mkdirs(run, NULL);
    write_bytes(in_dir("runs/one/journal.log"), text, strlen(text));
    for (int mode = JOURNAL_WRITE; mode <= JOURNAL_READ; mode++) {
        err.text[0] = '\0';
        assert_null(journal_open(run, (enum journal_mode)mode, NULL, &err));
        assert_non_null(strstr(err.text, "it is of a later version (schema 2, this is 1)"));
    }
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(in_dir("runs/one/journal.log"), &b, NULL), 0);
    assert_string_equal(b.data, text);
    buf_release(&b);
}

static void a_database_of_a_later_version_is_left_alone(void **state)
{
    struct error err = {""};
    struct journal *j;

    (void)state;
    fill(3);
    set_schema(run, "2");
    for (int mode = JOURNAL_WRITE; mode <= JOURNAL_READ; mode++) {
        err.text[0] = '\0';
        assert_null(journal_open(run, (enum journal_mode)mode, NULL, &err));
        assert_non_null(strstr(err.text, "it is of a later version (schema 2, this is 1)"));
    }
    set_schema(run, "1");
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 3);
    journal_close(j);
}

/* the database goes bad under the child that holds it: what was put is not lost */
static void a_database_that_goes_bad_is_begun_anew(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);
    size_t i = 0;

    (void)state;
    for (; i < 30; i++)
        put_and_step(j, i);
    assert_int_equal(truncate(data_file(), 4096 * 3), 0);
    for (; i < 60; i++)
        put_and_step(j, i);
    check_steps(j);
    journal_close(j);
    assert_true(fs_exists(in_dir("runs/one/damaged.mdb")));
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_steps(j), 60);
    check_steps(j);
    journal_close(j);
}

static void a_database_is_no_place_for_some_file_systems(void **state)
{
    struct error err = {""};
    struct journal *j;

    (void)state;
    fill(2);
    setenv("KSEARCH_CACHE_FILES", "1", 1);
    assert_null(journal_open(run, JOURNAL_WRITE, NULL, &err));
    assert_non_null(strstr(err.text, "no place for one"));
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 2);
    journal_close(j);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    struct error err = {""};

    (void)state;
    assert_null(journal_open("/proc/nowhere/run", JOURNAL_WRITE, NULL, &err));
    assert_non_null(strstr(err.text, "/proc/nowhere"));
}

int main(void)
{
    hush();

    const struct CMUnitTest tests[] = {
        BOTH(a_full_disk_loses_nothing),
        BOTH(damaged_bytes_cost_what_they_hit),
        BOTH(a_truncated_file_costs_its_end),
        BOTH(steps_end_at_a_damaged_fact),
        LOG(a_log_goes_on_behind_damage),
        LOG(a_torn_end_of_a_log_is_cut_off),
        LOG(a_later_schema_is_left_alone),
        BASE(a_database_of_a_later_version_is_left_alone),
        BASE(a_database_that_goes_bad_is_begun_anew),
        BASE(a_database_is_no_place_for_some_file_systems),
        BASE(a_folder_that_cannot_be_made_is_told),
    };

    return cmocka_run_group_tests_name("journal: damage", tests, NULL, NULL);
}
