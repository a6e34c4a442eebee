/* cache/store_stats.c
 *
 * Two things that lie beside the records and need no database. The file `stats` has a line "name
 * count" for each counter; who counts holds a flock, and what cannot be read counts from zero.
 *
 * locks/KEY.lock is held while somebody searches that key. The file is removed by its last holder,
 * so one that waited must look whether the file it locked is still the one of that name. */
#include "cache/store_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

enum { STATS_BYTES = 1024, LOCK_DIGITS = 32, POLL_MS = 50 };

const char *store_stat_name(enum store_stat stat)
{
    static const char *const names[STAT_COUNT] = {
        [STAT_HIT] = "hit",
        [STAT_LOCK_HIT] = "lock_hit",
        [STAT_MISS] = "miss",
        [STAT_SEARCH] = "search",
        [STAT_WIN] = "win",
        [STAT_NO_GAIN] = "no_gain",
        [STAT_FALLBACK] = "fallback",
        [STAT_OBJECT_HIT] = "object_hit",
        [STAT_OBJECT_MISS] = "object_miss",
        [STAT_OBJECT_KEPT] = "object_kept",
        [STAT_REMOTE_HIT] = "remote_hit",
    };

    return (unsigned)stat < STAT_COUNT ? names[stat] : "unknown";
}

static void stats_read(int fd, unsigned long long counts[STAT_COUNT])
{
    char text[STATS_BYTES], name[32], *line, *rest = text;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    unsigned long long count;

    memset(counts, 0, STAT_COUNT * sizeof *counts);
    text[n > 0 ? n : 0] = '\0';
    while ((line = strsep(&rest, "\n"))) {
        if (sscanf(line, "%31s %llu", name, &count) != 2)
            continue;
        for (int i = 0; i < STAT_COUNT; i++) {
            if (strcmp(name, store_stat_name(i)) == 0)
                counts[i] = count;
        }
    }
}

static void stats_write(int fd, const unsigned long long counts[STAT_COUNT])
{
    struct buf b;
    ssize_t n;

    buf_init(&b, STATS_BYTES);
    for (int i = 0; i < STAT_COUNT; i++)
        buf_addf(&b, "%s %llu\n", store_stat_name(i), counts[i]);
    n = pwrite(fd, b.data, b.len, 0);
    if (n < 0 || ftruncate(fd, n) < 0)
        n = 0; /* counters are no reason to trouble a build */
    buf_release(&b);
}

static int lock_wait(int fd, int how)
{
    int rc;

    do
        rc = flock(fd, how);
    while (rc < 0 && errno == EINTR);
    return rc;
}

void store_count(struct store *s, enum store_stat stat)
{
    unsigned long long counts[STAT_COUNT];
    char *path;
    int fd;

    if (!s || s->read_only || s->refused.text[0] || (unsigned)stat >= STAT_COUNT)
        return;
    path = store_path(s, "stats");
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    free(path);
    if (fd < 0)
        return;
    if (lock_wait(fd, LOCK_EX) == 0) {
        stats_read(fd, counts);
        counts[stat]++;
        stats_write(fd, counts);
    }
    close(fd);
}

void store_stats(struct store *s, unsigned long long counts[STAT_COUNT])
{
    char *path = store_path(s, "stats");
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    free(path);
    memset(counts, 0, STAT_COUNT * sizeof *counts);
    if (fd < 0)
        return;
    lock_wait(fd, LOCK_SH);
    stats_read(fd, counts);
    close(fd);
}

static char *search_path(const struct store *s, const struct key *key)
{
    char hex[65], name[sizeof "locks/.lock" + LOCK_DIGITS];

    hash_hex(&key->all, hex);
    snprintf(name, sizeof name, "locks/%.*s.lock", LOCK_DIGITS, hex);
    return store_path(s, name);
}

/* does the descriptor's file still have this name? */
static bool still_named(int fd, const char *path)
{
    struct stat mine, there;

    return fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
           mine.st_ino == there.st_ino;
}

/* flock, without hiding a signal that is to end the program */
static int lock_patiently(int fd, void (**waiting)(void *), void *arg)
{
    const struct timespec pause = {0, POLL_MS * 1000000L};

    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK || proc_interrupted())
            return -1;
        if (*waiting)
            (*waiting)(arg);
        *waiting = NULL;
        nanosleep(&pause, NULL);
    }
    return 0;
}

int store_search_begin(struct store *s, const struct key *key, void (*waiting)(void *), void *arg)
{
    char *folder = store_path(s, "locks"), *path = search_path(s, key);
    int fd = -1;

    if (s->read_only || s->refused.text[0] || fs_mkdirs(folder, NULL) < 0)
        goto out;
    do {
        if (fd >= 0)
            close(fd);
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd >= 0 && lock_patiently(fd, &waiting, arg) < 0) {
            close(fd);
            fd = -1;
        }
    } while (fd >= 0 && !still_named(fd, path));
out:
    free(folder);
    free(path);
    return fd;
}

void store_search_end(int handle)
{
    char link[40], path[4096];
    ssize_t n;

    if (handle < 0)
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    n = readlink(link, path, sizeof path - 1);
    if (n > 0) {
        path[n] = '\0';
        if (still_named(handle, path))
            unlink(path);
    }
    close(handle);
}
