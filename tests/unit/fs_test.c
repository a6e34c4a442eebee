#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "tests/unit/folder.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

static void put(const char *path, const char *text)
{
    struct error err = {""};

    if (fs_write(path, text, strlen(text), &err) < 0)
        fail_msg("%s", err.text);
}

static void assert_holds(const char *path, const char *text)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(path, &b, NULL), 0);
    assert_string_equal(buf_text(&b), text);
    buf_release(&b);
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void write_then_read(void **state)
{
    struct error err = {""};
    size_t n = 300 * 1000;
    char *bytes = malloc(n);
    struct buf b;

    (void)state;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 31 + i / 256);
    assert_int_equal(fs_write(in_dir("f"), bytes, n, &err), 0);
    buf_init(&b, n);
    assert_int_equal(fs_read(in_dir("f"), &b, &err), 0);
    assert_int_equal(b.len, n);
    assert_memory_equal(b.data, bytes, n);
    buf_release(&b);
    free(bytes);
}

static void too_large_is_an_error(void **state)
{
    struct error err = {""};
    struct buf b;

    (void)state;
    put(in_dir("f"), "123456");
    buf_init(&b, 5);
    assert_int_equal(fs_read(in_dir("f"), &b, &err), -1);
    assert_non_null(strstr(err.text, "larger than 5 bytes"));
    buf_release(&b);
}

static void missing_is_named(void **state)
{
    struct error err = {""};
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    assert_int_equal(fs_read(in_dir("absent"), &b, &err), -1);
    assert_non_null(strstr(err.text, "/absent: No such file or directory"));
    err.text[0] = '\0';
    assert_int_equal(fs_read(dir, &b, &err), -1);
    assert_non_null(strstr(err.text, "Is a directory"));
    buf_release(&b);
}

static void replacing_keeps_the_mode(void **state)
{
    (void)state;
    put(in_dir("f"), "old");
    assert_int_equal(chmod(in_dir("f"), 0640), 0);
    put(in_dir("f"), "new");
    assert_holds(in_dir("f"), "new");
    assert_int_equal(mode_of(in_dir("f")), 0640);
}

static void a_new_file_follows_the_umask(void **state)
{
    mode_t before = umask(027);

    (void)state;
    put(in_dir("f"), "x");
    umask(before);
    assert_int_equal(mode_of(in_dir("f")), 0640);
}

static void a_link_stays_a_link(void **state)
{
    struct stat st;

    (void)state;
    put(in_dir("real"), "old");
    assert_int_equal(symlink("real", in_dir("link")), 0);
    put(in_dir("link"), "new");
    assert_int_equal(lstat(in_dir("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_holds(in_dir("real"), "new");
}

static void no_temporary_is_left(void **state)
{
    struct error err = {""};

    (void)state;
    assert_int_equal(mkdir(in_dir("d"), 0777), 0);
    put(in_dir("d/f"), "x");
    /* a folder cannot be replaced by a file: the write fails, and cleans up */
    assert_int_equal(mkdir(in_dir("d/g"), 0777), 0);
    assert_int_equal(fs_write(in_dir("d/g"), "x", 1, &err), -1);
    assert_int_not_equal(err.text[0], 0);
    assert_int_equal(unlink(in_dir("d/f")), 0);
    assert_int_equal(rmdir(in_dir("d/g")), 0);
    assert_int_equal(rmdir(in_dir("d")), 0); /* only an empty one can be */
}

static void devices_are_written_in_place(void **state)
{
    struct stat st;

    (void)state;
    put("/dev/null", "gone");
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(fs_write("/dev/full", "x", 1, NULL), -1);
}

static void folders_with_parents(void **state)
{
    struct error err = {""};

    (void)state;
    assert_int_equal(fs_mkdirs(in_dir("a//b/c/"), &err), 0);
    assert_int_equal(fs_mkdirs(in_dir("a/b/c"), &err), 0); /* again */
    assert_int_equal(fs_mkdirs("/", &err), 0);
    assert_true(fs_exists(in_dir("a/b/c")));
    put(in_dir("a/file"), "x");
    assert_int_equal(fs_mkdirs(in_dir("a/file/d"), &err), -1);
    assert_non_null(strstr(err.text, "Not a directory"));
    assert_int_equal(fs_mkdirs("", NULL), -1);
}

static void remove_does_not_follow_links(void **state)
{
    (void)state;
    assert_int_equal(fs_mkdirs(in_dir("keep"), NULL), 0);
    put(in_dir("keep/file"), "x");
    assert_int_equal(fs_mkdirs(in_dir("gone/deep"), NULL), 0);
    put(in_dir("gone/deep/file"), "x");
    assert_int_equal(symlink("../keep", in_dir("gone/link")), 0);
    fs_remove(in_dir("gone"));
    assert_false(fs_exists(in_dir("gone")));
    assert_true(fs_exists(in_dir("keep/file")));
    fs_remove(in_dir("never-was"));
}

static void tempdir_honours_tmpdir(void **state)
{
    struct error err = {""};
    char *made;

    (void)state;
    setenv("TMPDIR", dir, 1);
    made = fs_tempdir("x-", &err);
    assert_non_null(made);
    assert_memory_equal(made, in_dir("x-"), strlen(dir) + 3);
    assert_int_equal(mode_of(made), 0700);
    free(made);
    setenv("TMPDIR", in_dir("absent"), 1);
    assert_null(fs_tempdir("x-", &err));
    assert_non_null(strstr(err.text, "absent: No such file or directory"));
    unsetenv("TMPDIR");
}

static void make_old(const char *name)
{
    struct timespec then[2] = {{time(NULL) - 3600, 0}, {time(NULL) - 3600, 0}};

    assert_int_equal(utimensat(AT_FDCWD, in_dir(name), then, 0), 0);
}

/* one that a process left, an hour ago; its file is in it, or another, or (NULL) none */
static void make_left(const char *name, const char *file)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", name, file ? file : "");
    assert_int_equal(fs_mkdirs(in_dir(name), NULL), 0);
    if (file)
        put(in_dir(path), "");
    make_old(path);
    make_old(name);
}

static void tempdir_sweeps(void **state)
{
    char *made;
    int fd;

    (void)state;
    setenv("TMPDIR", dir, 1);
    make_left("y-gone00", ".in-use");
    make_left("y-lives0", ".in-use");
    make_left("y-theirs", "file");
    make_left("y-empty0", NULL);
    assert_int_equal(fs_mkdirs(in_dir("y-young0"), NULL), 0);
    make_left("y-longer-name", ".in-use");
    fd = open(in_dir("y-lives0/.in-use"), O_RDWR);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    made = fs_tempdir("y-", NULL);
    assert_non_null(made);
    assert_false(fs_exists(in_dir("y-gone00")));
    assert_true(fs_exists(in_dir("y-lives0")));
    assert_true(fs_exists(in_dir("y-theirs/file")));
    assert_false(fs_exists(in_dir("y-empty0")));
    assert_true(fs_exists(in_dir("y-young0")));
    assert_true(fs_exists(in_dir("y-longer-name")));
    close(fd);
    free(made);
    unsetenv("TMPDIR");
}

static void make_program(const char *path)
{
    put(path, "#!/bin/sh\n");
    assert_int_equal(chmod(path, 0755), 0);
}

static void which_skips_itself(void **state)
{
    char *path = arena_dup(arena, getenv("PATH")), *found;

    (void)state;
    assert_int_equal(fs_mkdirs(in_dir("1/tool"), NULL), 0); /* a folder is no program */
    assert_int_equal(fs_mkdirs(in_dir("2"), NULL), 0);
    assert_int_equal(fs_mkdirs(in_dir("3"), NULL), 0);
    put(in_dir("2/other"), "not executable");
    make_program(in_dir("3/tool"));
    assert_int_equal(symlink("../3/tool", in_dir("2/tool")), 0);
    setenv("PATH", arena_printf(arena, "%s/1:%s/2:%s/3", dir, dir, dir), 1);
    found = fs_which("tool", NULL);
    assert_string_equal(found, in_dir("2/tool"));
    free(found);
    assert_null(fs_which("tool", in_dir("3/tool"))); /* the link leads there too */
    assert_null(fs_which("other", NULL));
    assert_null(fs_which("", NULL));
    found = fs_which(in_dir("3/tool"), NULL);
    assert_string_equal(found, in_dir("3/tool"));
    free(found);
    setenv("PATH", path, 1);
}

static void parts_of_paths(void **state)
{
    static const char *const cases[][3] = {{"a/b/c.cu", "c.cu", "a/b"}, {"c.cu", "c.cu", "."},
                                           {"/c.cu", "c.cu", "/"},      {"a/", "", "a"},
                                           {"/a/b", "b", "/a"},         {"", "", "."}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *parent = fs_dir(cases[i][0]);
        assert_string_equal(fs_base(cases[i][0]), cases[i][1]);
        assert_string_equal(parent, cases[i][2]);
        free(parent);
    }
}

static void beside_self(void **state)
{
    char *path = fs_beside_self("fs_test");

    (void)state;
    assert_true(fs_is_program(path));
    free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(write_then_read),
        TEST(too_large_is_an_error),
        TEST(missing_is_named),
        TEST(replacing_keeps_the_mode),
        TEST(a_new_file_follows_the_umask),
        TEST(a_link_stays_a_link),
        TEST(no_temporary_is_left),
        TEST(devices_are_written_in_place),
        TEST(folders_with_parents),
        TEST(remove_does_not_follow_links),
        TEST(tempdir_honours_tmpdir),
        TEST(tempdir_sweeps),
        TEST(which_skips_itself),
        TEST(parts_of_paths),
        TEST(beside_self),
    };

    return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
