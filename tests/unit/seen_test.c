/* What was seen of a file is remembered as long as it is that file. Tests move the moment at which
 * a look began instead of waiting until a file is old enough. */
#include "driver/seen.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/folder.h"

enum { LATER = 1000, TICK_NS = 30 * 1000 * 1000 };

static const char *const question[] = {"word", "a.cu", NULL};

static int begin_test(void **state)
{
    int rc = make_dir(state);

    if (rc == 0)
        setenv("KSEARCH_CACHE_DIR", in_dir("cache"), 1);
    return rc;
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* longer than the clock of a file system takes for a step */
static void tick(void)
{
    nanosleep(&(struct timespec){0, TICK_NS}, NULL);
}

/* looks at a file, `later` seconds from now, if the answer is not known; returns what was known */
static int look(const char *path, int answer, int later)
{
    struct seen s;
    struct stat st;
    int known = seen_begin(&s, question), fd;

    s.began += later;
    if (known < 0) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0 && fstat(fd, &st) == 0);
        seen_file(&s, path, fd, &st);
        close(fd);
    }
    seen_end(&s, known < 0 ? answer : known);
    return known;
}

static int known(void)
{
    struct seen s;
    int answer = seen_begin(&s, question);

    seen_end(&s, -1);
    return answer;
}

/* a file that was looked at long after it was written; the test is skipped where a file system
 * may not keep the time of changes */
static const char *looked_at(int answer)
{
    const char *path = in_dir("a.cu");

    if (fs_is_remote(dir))
        skip();
    put(path, "one");
    assert_int_equal(look(path, answer, LATER), -1);
    assert_int_equal(known(), answer);
    tick();
    return path;
}

/* the one memo of the folder */
static const char *memo(void)
{
    const char *path = NULL;
    DIR *folder = opendir(in_dir("cache/looked"));
    struct dirent *e;

    assert_non_null(folder);
    while ((e = readdir(folder)))
        if (e->d_name[0] != '.') {
            assert_null(path);
            path = arena_printf(arena, "%s/cache/looked/%s", dir, e->d_name);
        }
    closedir(folder);
    assert_non_null(path);
    return path;
}

/* ---- files ---- */

static void both_answers(void **state)
{
    const char *path = looked_at(0);

    (void)state;
    put(path, "two");
    assert_int_equal(look(path, 1, LATER), -1);
    assert_int_equal(look(path, 0, LATER), 1);
    assert_int_equal(known(), 1);
}

static void another_size(void **state)
{
    const char *path = looked_at(0);

    (void)state;
    put(path, "three");
    assert_int_equal(known(), -1);
}

static void times_put_back(void **state)
{
    const char *path = looked_at(0);
    struct stat st, after;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    put(path, "two");
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[]){st.st_atim, st.st_mtim}, 0), 0);
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size == st.st_size && after.st_mtim.tv_sec == st.st_mtim.tv_sec &&
                after.st_mtim.tv_nsec == st.st_mtim.tv_nsec);
    assert_int_equal(known(), -1);
}

static void another_file_of_that_name(void **state)
{
    const char *path = looked_at(0), *other = in_dir("other");
    struct stat st;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    put(other, "two");
    utimensat(AT_FDCWD, other, (struct timespec[]){st.st_atim, st.st_mtim}, 0);
    assert_int_equal(rename(other, path), 0);
    assert_int_equal(known(), -1);
}

static void no_file_of_that_name(void **state)
{
    (void)state;
    unlink(looked_at(0));
    assert_int_equal(known(), -1);
}

static void recent_files(void **state)
{
    const char *path = in_dir("a.cu");

    (void)state;
    put(path, "one");
    assert_int_equal(look(path, 0, 0), -1);
    assert_int_equal(known(), -1);
    /* changed now, whatever it says of itself; or said to change one day */
    utimensat(AT_FDCWD, path, (struct timespec[]){{1000, 0}, {1000, 0}}, 0);
    assert_int_equal(look(path, 0, 0), -1);
    assert_int_equal(known(), -1);
    utimensat(AT_FDCWD, path, (struct timespec[]){{1000, 0}, {time(NULL) + 10 * LATER, 0}}, 0);
    assert_int_equal(look(path, 0, LATER), -1);
    assert_int_equal(known(), -1);
}

static void a_change_while_it_is_read(void **state)
{
    const char *path = in_dir("a.cu");
    struct stat st;
    struct seen s;
    int fd;

    (void)state;
    put(path, "one");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(fstat(fd, &st), 0);
    tick();
    assert_int_equal(seen_begin(&s, question), -1);
    s.began += LATER;
    put(path, "two");
    seen_file(&s, path, fd, &st);
    seen_end(&s, 0);
    close(fd);
    assert_int_equal(known(), -1);
}

static void what_is_not_there(void **state)
{
    const char *path = in_dir("b.h");
    struct seen s;

    (void)state;
    assert_int_equal(seen_begin(&s, question), -1);
    seen_nothing(&s, path);
    seen_end(&s, 0);
    assert_int_equal(known(), 0);
    assert_int_equal(mkdir(path, 0777), 0);
    assert_int_equal(known(), 0); /* no file either */
    rmdir(path);
    put(path, "one");
    assert_int_equal(known(), -1);
}

static void doubts(void **state)
{
    struct seen s;

    (void)state;
    seen_begin(&s, question);
    seen_nothing(&s, in_dir("b.h"));
    seen_doubt(&s);
    seen_end(&s, 0);
    assert_int_equal(known(), -1);
    seen_begin(&s, question);
    seen_nothing(&s, in_dir("b\n- c"));
    seen_end(&s, 0);
    assert_int_equal(known(), -1);
    seen_begin(&s, question); /* nothing was looked at */
    seen_end(&s, 0);
    assert_int_equal(known(), -1);
}

/* ---- memos ---- */

static void damage(void **state)
{
    const char *path;
    struct buf b, changed;

    looked_at(0);
    (void)state;
    path = memo();
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(path, &b, NULL), 0);
    buf_init(&changed, BUF_LIMIT);
    for (size_t i = 0; i < b.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            buf_clear(&changed);
            buf_add(&changed, b.data, b.len);
            changed.data[i] = (char)(changed.data[i] ^ 1 << bit);
            fs_write(path, changed.data, changed.len, NULL);
            assert_int_equal(known(), -1);
        }
    for (size_t n = 0; n < b.len; n++) {
        fs_write(path, b.data, n, NULL);
        assert_int_equal(known(), -1);
    }
    fs_write_two(path, b.data, b.len, "- x\n", 4, NULL);
    assert_int_equal(known(), -1);
    fs_write(path, b.data, b.len, NULL);
    assert_int_equal(known(), 0);
    buf_release(&changed);
    buf_release(&b);
}

static void another_question(void **state)
{
    static const char *const others[][4] = {{"wo", "rda.cu", NULL},
                                            {"word", "a.c", "u", NULL},
                                            {"word", NULL},
                                            {"word", "/a.cu", NULL}};
    const char *path;
    struct buf b;
    struct seen s;

    looked_at(1);
    (void)state;
    path = memo();
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(path, &b, NULL), 0);
    for (size_t i = 0; i < COUNT(others); i++) { /* in the place of each, the memo of ours */
        seen_begin(&s, others[i]);
        assert_int_equal(fs_write(s.memo, b.data, b.len, NULL), 0);
        seen_end(&s, -1);
        assert_int_equal(seen_begin(&s, others[i]), -1);
        seen_end(&s, -1);
    }
    buf_release(&b);
}

/* a path that leads to the same from everywhere */
static void absolute(void)
{
    const char *const words[] = {"word", "/a/b.cu", NULL};
    struct seen s;

    assert_int_equal(seen_begin(&s, words), -1);
    seen_nothing(&s, in_dir("b.h"));
    seen_end(&s, 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(seen_begin(&s, words), 0);
    seen_end(&s, -1);
}

static void places(void **state)
{
    struct seen s;

    (void)state;
    unsetenv("KSEARCH_CACHE_DIR");
    setenv("XDG_CACHE_HOME", in_dir("xdg"), 1);
    setenv("HOME", in_dir("home"), 1);
    seen_begin(&s, question);
    assert_int_equal(strncmp(s.memo, in_dir("xdg/ksearch/looked/"), strlen(dir) + 20), 0);
    seen_end(&s, -1);
    setenv("XDG_CACHE_HOME", "relative", 1);
    seen_begin(&s, question);
    assert_int_equal(strncmp(s.memo, in_dir("home/.cache/ksearch/looked/"), strlen(dir) + 28), 0);
    seen_nothing(&s, in_dir("b.h"));
    seen_end(&s, 1);
    assert_int_equal(known(), 1);
    assert_int_equal(chdir(dir), 0); /* another folder's */
    assert_int_equal(known(), -1);
    absolute();
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", "", 1);
    assert_int_equal(seen_begin(&s, question), -1);
    assert_null(s.memo);
    seen_nothing(&s, in_dir("b.h"));
    seen_end(&s, 1);
    assert_int_equal(known(), -1);
}

static void no_place(void **state)
{
    const char *path = in_dir("a.cu");

    (void)state;
    put(path, "one");
    put(in_dir("cache"), "a file, no folder");
    assert_int_equal(look(path, 0, LATER), -1);
    assert_int_equal(known(), -1);
    setenv("KSEARCH_CACHE_DIR", "/proc/none", 1); /* where nobody can write */
    assert_int_equal(look(path, 0, LATER), -1);
    assert_int_equal(known(), -1);
    setenv("KSEARCH_CACHE_DIR", in_dir("closed"), 1);
    assert_int_equal(fs_mkdirs(in_dir("closed/looked"), NULL), 0);
    chmod(in_dir("closed/looked"), 0555);
    assert_int_equal(look(path, 0, LATER), -1);
    if (geteuid() != 0)
        assert_int_equal(known(), -1);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, begin_test, remove_dir)
    const struct CMUnitTest tests[] = {
        IN_DIR(both_answers),
        IN_DIR(another_size),
        IN_DIR(times_put_back),
        IN_DIR(another_file_of_that_name),
        IN_DIR(no_file_of_that_name),
        IN_DIR(recent_files),
        IN_DIR(a_change_while_it_is_read),
        IN_DIR(what_is_not_there),
        IN_DIR(doubts),
        IN_DIR(damage),
        IN_DIR(another_question),
        IN_DIR(places),
        IN_DIR(no_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
