/* runtime/base/gpulock.c - see gpulock.h.
 *
 * /tmp is everybody's: links are not followed, and a file that exists is opened without O_CREAT,
 * which some kernels refuse for the files of others there (fs.protected_regular). Whoever makes the
 * file makes it writable for all, whatever the umask, or the next user could not lock it. */
#include "runtime/base/gpulock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/proc.h"

enum { POLL_MS = 20 };

static int lock_name(const char *uuid, char path[PATH_MAX], struct error *err)
{
    const char *dir = getenv("KSEARCH_LOCK_DIR");

    if (!dir || !*dir)
        dir = "/tmp";
    if (snprintf(path, PATH_MAX, "%s/ksearch-gpu-%s.lock", dir, uuid) >= PATH_MAX)
        return error_set(err, "KSEARCH_LOCK_DIR is too long");
    return 0;
}

static int lock_open(const char *uuid, struct error *err)
{
    char path[PATH_MAX];
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW, fd = -1;

    if (lock_name(uuid, path, err))
        return -1;
    for (int tries = 0; fd < 0 && tries < 10; tries++) {
        fd = open(path, flags);
        if (fd < 0 && errno == EACCES)
            fd = open(path, (flags & ~O_RDWR) | O_RDONLY); /* enough for flock */
        if (fd >= 0 || errno != ENOENT)
            break;
        fd = open(path, flags | O_CREAT | O_EXCL, 0666);
        if (fd >= 0)
            (void)!fchmod(fd, 0666);
        else if (errno != EEXIST)
            break;
    }
    return fd < 0 ? error_errno(err, "cannot open %s", path) : fd;
}

int gpulock_take(const char *uuid, int (*waiting)(void *arg, double seconds), void *arg,
                 struct error *err)
{
    struct timespec nap = {0, POLL_MS * 1000000L};
    double begun = now_seconds(), told = begun;
    int fd = lock_open(uuid, err);

    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
        double now = now_seconds();

        if (errno != EWOULDBLOCK && errno != EINTR) {
            error_errno(err, "cannot lock the GPU");
            gpulock_release(fd);
            return -1;
        }
        if (now - told >= 1) {
            told = now;
            if (waiting && waiting(arg, now - begun)) {
                error_set(err, "nobody waits for the GPU any more");
                gpulock_release(fd);
                return -1;
            }
        }
        nanosleep(&nap, NULL);
    }
    return fd;
}

char *gpulock_path(const char *uuid, struct error *err)
{
    char path[PATH_MAX];
    int fd = lock_open(uuid, err);

    if (fd < 0 || lock_name(uuid, path, err))
        return NULL;
    close(fd);
    return strdup(path);
}

void gpulock_release(int fd)
{
    if (fd >= 0)
        close(fd);
}
