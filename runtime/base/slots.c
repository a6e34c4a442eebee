/* runtime/base/slots.c - see slots.h.
 *
 * The locks are those of an open file description: a child that we start closes it on exec, and a
 * process does not exclude itself, so what it holds is noted here too. */
#include "runtime/base/slots.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/log.h"

struct slots {
    int fd;
    bool held[SLOTS_MOST];
};

struct slots *slots_open(struct error *err)
{
    const char *dir = getenv("KSEARCH_LOCK_DIR");
    char path[PATH_MAX];
    struct slots *s;
    struct stat st;
    int fd;

    if (snprintf(path, sizeof path, "%s/ksearch-jobs-%u", dir && *dir ? dir : "/tmp",
                 (unsigned)geteuid()) >= PATH_MAX) {
        error_set(err, "KSEARCH_LOCK_DIR is too long");
        return NULL;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0) {
        error_errno(err, "cannot open %s", path);
        return NULL;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
        error_set(err, "%s is not a file of ours", path);
        close(fd);
        return NULL;
    }
    if (!(s = calloc(1, sizeof *s)))
        fatal("out of memory");
    s->fd = fd;
    return s;
}

static int slot_lock(const struct slots *s, int slot, short kind)
{
    struct flock byte = {.l_type = kind, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1};

    return fcntl(s->fd, F_OFD_SETLK, &byte);
}

int slots_take(struct slots *s, int most)
{
    for (int i = 0; i < most && i < SLOTS_MOST; i++) {
        if (!s->held[i] && slot_lock(s, i, F_WRLCK) == 0) {
            s->held[i] = true;
            return i;
        }
    }
    return -1;
}

void slots_give(struct slots *s, int slot)
{
    slot_lock(s, slot, F_UNLCK);
    s->held[slot] = false;
}

void slots_close(struct slots *s)
{
    if (!s)
        return;
    close(s->fd);
    free(s);
}
