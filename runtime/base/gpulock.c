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

enum { POLL_MS = 20, NEXT_MS = 2 }; /* of those that wait, and of the one whose turn is next */

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

/* ---- waiting ---- */

/* Who has the lock and wants it again at once would get it each time before those who only look for
 * it now and then. So there is a turn as well, a lock on the file's first byte: it is taken first
 * and kept while one waits for the lock itself, and whoever wants the lock again comes behind. */
static int turn_lock(int fd, short kind)
{
    struct flock first = {.l_type = kind, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};

    return fcntl(fd, F_OFD_SETLK, &first);
}

static int take_turn(int fd)
{
    if (turn_lock(fd, F_WRLCK) == 0)
        return 0;
    return errno == EAGAIN || errno == EACCES || errno == EINTR ? -1 : 0; /* do without */
}

static int take_gpu(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB);
}

struct wait {
    int (*waiting)(void *arg, double seconds);
    void *arg;
    double begun, told;
};

/* until take() gives 0; -1 when it cannot, or nobody waits any more */
static int wait_for(int fd, int (*take)(int fd), int poll_ms, struct wait *w, struct error *err)
{
    struct timespec nap = {0, poll_ms * 1000000L};

    while (take(fd)) {
        double now = now_seconds();

        if (errno != EWOULDBLOCK && errno != EACCES && errno != EINTR)
            return error_errno(err, "cannot lock the GPU");
        if (now - w->told >= 1) {
            w->told = now;
            if (w->waiting && w->waiting(w->arg, now - w->begun))
                return error_set(err, "nobody waits for the GPU any more");
        }
        nanosleep(&nap, NULL);
    }
    return 0;
}

int gpulock_take(const char *uuid, int (*waiting)(void *arg, double seconds), void *arg,
                 struct error *err)
{
    double now = now_seconds();
    struct wait w = {waiting, arg, now, now};
    int fd = lock_open(uuid, err);

    if (fd < 0)
        return -1;
    if (wait_for(fd, take_turn, POLL_MS, &w, err) || wait_for(fd, take_gpu, NEXT_MS, &w, err)) {
        gpulock_release(fd);
        return -1;
    }
    turn_lock(fd, F_UNLCK);
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
