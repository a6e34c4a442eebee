/* cache/journal_log.c - a journal as one file, for file systems where LMDB must not be used.
 *
 * `journal.log` is a line that names its format, and then rows (journal_impl.h) one behind the
 * other, each written at once and synced. A write that was cut off leaves part of a row at the end:
 * nobody was told that it is there, and a writer cuts it off. Bytes in the middle that are no row
 * are damage, which costs the rows in it alone, since the next one is found by its first bytes. */
#include "cache/journal_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

static const char name[] = "journal.log";
static const char title[] = "ksearch journal ", first_line[] = "ksearch journal 1\n";

enum { FIRST = sizeof first_line - 1 };

struct log {
    int fd;
    off_t end; /* behind the last whole row */
};

/* gives all rows in it to the journal; where the last one ends */
static size_t take_rows(struct journal *j, const struct buf *b)
{
    size_t at = FIRST, end = FIRST;
    struct journal_row row;

    while (at < b->len) {
        size_t n = journal_row_read(b->data + at, b->len - at, &row);
        const char *next;

        if (n) {
            if (at != end)
                journal_note_damage(j, "bytes that are no entry");
            journal_take(j, &row);
            end = at += n;
            continue;
        }
        next = memmem(b->data + at + 1, b->len - at - 1, "KSR\1", 4);
        at = next ? (size_t)(next - b->data) : b->len;
    }
    return end;
}

static int check_first_line(const struct journal *j, const struct buf *b, struct error *err)
{
    long format;

    if (b->len < FIRST || memcmp(b->data, title, sizeof title - 1) != 0)
        return 0; /* new, or damaged: rows say themselves that they are some */
    format = strtol(b->data + sizeof title - 1, NULL, 10);
    if (format > JOURNAL_SCHEMA)
        return error_set(err,
                         "the journal %s cannot be used: it is of a later version (schema %ld, "
                         "this is %d)",
                         j->path, format, JOURNAL_SCHEMA);
    return 0;
}

static int write_at(const struct journal *j, off_t at, const char *bytes, size_t n,
                    struct error *err)
{
    const struct log *log = j->kept;

    while (n) {
        ssize_t done = pwrite(log->fd, bytes, n, at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return error_errno(err, "cannot write to the journal %s", j->path);
        bytes += done;
        at += done;
        n -= (size_t)done;
    }
    if (fdatasync(log->fd) < 0)
        return error_errno(err, "cannot write to the journal %s", j->path);
    return 0;
}

/* cuts off what is no whole row, and begins a new file */
static int settle_end(struct journal *j, size_t size, struct error *err)
{
    struct log *log = j->kept;

    if (size < FIRST && write_at(j, 0, first_line, FIRST, err) < 0)
        return -1;
    if ((off_t)size > log->end && ftruncate(log->fd, log->end) < 0)
        return error_errno(err, "cannot write to the journal %s", j->path);
    return 0;
}

static int log_load(struct journal *j, struct error *err)
{
    int flags = j->mode == JOURNAL_WRITE ? O_RDWR | O_CREAT : O_RDONLY, rc = -1;
    char *path = journal_file(j, name);
    struct log *log = calloc(1, sizeof *log);
    struct buf b;

    if (!log)
        fatal("out of memory");
    j->kept = log;
    buf_init(&b, BUF_LIMIT);
    log->fd = open(path, flags | O_CLOEXEC, 0666);
    if (log->fd < 0)
        error_errno(err, "cannot open %s", path);
    else if (fs_read(path, &b, err) == 0 && check_first_line(j, &b, err) == 0) {
        log->end = (off_t)take_rows(j, &b);
        rc = j->mode == JOURNAL_WRITE ? settle_end(j, b.len, err) : 0;
    }
    buf_release(&b);
    free(path);
    return rc;
}

static int log_write(struct journal *j, const struct buf *rows, struct error *err)
{
    struct log *log = j->kept;

    if (write_at(j, log->end, rows->data, rows->len, err) < 0) {
        /* what of it is there must not come back as written; should this fail as well, the next
         * write goes over it */
        (void)!ftruncate(log->fd, log->end);
        return -1;
    }
    log->end += (off_t)rows->len;
    return 0;
}

static int log_renew(struct journal *j, struct error *err)
{
    return error_set(err, "the journal %s cannot be used", j->path); /* never damaged as a whole */
}

static void log_close(struct journal *j)
{
    struct log *log = j->kept;

    if (log && log->fd >= 0)
        close(log->fd);
    free(log);
}

const struct journal_backend journal_log = {log_load, log_write, NULL, NULL, log_renew, log_close};
