/* tests/unit/faulty_io.h - a disk that fails, call by call.
 *
 * The calls by which LMDB and we reach files are defined here, before libc's, for the program that
 * includes this: the one that fails_at counts down to fails with fails_with, and with `all` those
 * behind it too. A process that is forked counts on from where its parent was. */
#ifndef KS_TEST_FAULTY_IO_H
#define KS_TEST_FAULTY_IO_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    long at; /* 0: all is well */
    int with;
    bool all;
} io_fails;

static inline bool io_is_broken(void)
{
    if (io_fails.at == 0)
        return false;
    if (io_fails.at > 1) {
        io_fails.at--;
        return false;
    }
    if (!io_fails.all)
        io_fails.at = 0;
    errno = io_fails.with;
    return true;
}

ssize_t read(int fd, void *bytes, size_t n)
{
    return io_is_broken() ? -1 : syscall(SYS_read, fd, bytes, n);
}

ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
    return io_is_broken() ? -1 : syscall(SYS_pread64, fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    return io_is_broken() ? -1 : syscall(SYS_write, fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return io_is_broken() ? -1 : syscall(SYS_pwrite64, fd, bytes, n, at);
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at)
{
    return io_is_broken() ? -1 : syscall(SYS_pwritev, fd, v, n, at, 0);
}

int fdatasync(int fd)
{
    return io_is_broken() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return io_is_broken() ? -1 : (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t n)
{
    return io_is_broken() ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}

int rename(const char *from, const char *to)
{
    return io_is_broken() ? -1 : (int)syscall(SYS_rename, from, to);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list args;

    va_start(args, flags);
    if (flags & O_CREAT)
        mode = va_arg(args, mode_t);
    va_end(args);
    return io_is_broken() ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#endif
