/* cache/journal_lock.c - who writes in a journal's folder: one process at a time.
 *
 * "writer.lock" is held by the writer. "handed.lock" is held by it and by the child that writes
 * what it hands over (journal_lmdb.c), so that who goes on with the journal of a killed writer
 * begins behind the last of that. */
#include "cache/journal_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>
#include "runtime/base/log.h"

enum {
    LOCK_TRIES = 100,    /* a child that a killed writer had just forked holds it until it runs */
    HANDED_TRIES = 6000, /* it has left something to its child, which is as slow as the disk */
    LOCK_WAIT_US = 10000,
};

/* the file, locked; -1 when it cannot be opened, or with *busy after so many tries. Where there are
 * no locks, nobody can be told from nobody, and it is as good as locked */
static int lock_file(const struct journal *j, const char *name, int tries, bool *busy,
                     struct error *err)
{
    char *path = journal_file(j, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0)
        error_errno(err, "cannot open %s", path);
    free(path);
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            break;
        if (--tries == 0) {
            *busy = true;
            close(fd);
            return error_set(err, "the journal %s is in use: another process searches there",
                             j->path);
        }
        usleep(LOCK_WAIT_US);
    }
    return fd;
}

int journal_lock(struct journal *j, bool *busy, struct error *err)
{
    j->lock = lock_file(j, "writer.lock", LOCK_TRIES, busy, err);
    if (j->lock >= 0)
        j->handed = lock_file(j, "handed.lock", HANDED_TRIES, busy, err);
    return j->handed < 0 ? -1 : 0;
}

void journal_unlock(struct journal *j)
{
    if (j->handed >= 0)
        close(j->handed);
    if (j->lock >= 0)
        close(j->lock);
}

bool journal_is_held(const char *path)
{
    char *lock;
    bool held;
    int fd;

    if (asprintf(&lock, "%s/writer.lock", path) < 0)
        fatal("out of memory");
    fd = open(lock, O_RDONLY | O_CLOEXEC);
    free(lock);
    if (fd < 0)
        return false;
    held = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}
