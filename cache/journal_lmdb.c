/* cache/journal_lmdb.c - a journal as an LMDB environment.
 *
 * One child holds it open for as long as the journal is (lmdb_child.h says why a child), and does
 * what it is told over the line: opening an environment and forking for every entry would cost more
 * than the write itself. Beside the messages of lmdb_child.h:
 *
 *     to the child     'l'  send everything
 *                      'w'  rows to write, in one transaction
 *     from the child   'r'  a row
 *
 * Each is answered by 'd'. A transaction is synced when it is answered, so a child that is killed
 * loses nothing that was acknowledged: another is started, and told the same again, which writes
 * the same. When that dies of it as well, or LMDB finds the pages wrong, the database is damaged;
 * journal.c then begins a new one with what it knows.
 *
 * The environment: in `meta` the schema under "schema"; in `facts` values under names; in `steps`
 * values under numbers. */
#include "cache/journal_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cache/lmdb_child.h"
#include "runtime/base/log.h"

enum { SECONDS = 60 }; /* for one thing that it is told; a disk may be slow */

struct base { /* the environment in the child, its line in the parent */
    struct child child;
    const char *dir;
    bool write;
    size_t map;
    int told; /* what begin_telling said of what was posted */
    int fd;
    MDB_env *env;
    MDB_dbi facts, steps;
};

/* ---- the child ------------------------------------------------------------------------------ */

/* 0; MDB_NOTFOUND when nothing is in it yet; another error; -1 when it was told already */
static int open_databases(struct base *b, MDB_txn *txn)
{
    unsigned create = b->write ? MDB_CREATE : 0;
    MDB_dbi meta;
    int rc = mdb_dbi_open(txn, "meta", create, &meta);

    if (rc)
        return rc;
    rc = lmdb_schema(b->fd, txn, meta, JOURNAL_SCHEMA);
    if (rc == MDB_NOTFOUND && b->write)
        rc = lmdb_set_schema(txn, meta, JOURNAL_SCHEMA);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "facts", create, &b->facts);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "steps", create, &b->steps);
    return rc;
}

static int open_base(struct base *b)
{
    int rc = lmdb_open(b->dir, b->map, b->write ? 0 : MDB_RDONLY, b->fd, &b->env), dead;
    MDB_txn *txn;

    if (rc)
        return lmdb_fail(b->fd, "open it", rc);
    if (b->write)
        mdb_reader_check(b->env, &dead); /* a killed reader keeps old pages alive */
    rc = lmdb_begin(b->env, b->write ? 0 : MDB_RDONLY, &txn);
    if (rc)
        return lmdb_fail(b->fd, "begin to read it", rc);
    rc = open_databases(b, txn);
    if (rc == 0)
        rc = mdb_txn_commit(txn);
    else
        mdb_txn_abort(txn);
    if (rc == MDB_NOTFOUND && !b->write)
        return 1;
    return rc && rc != -1 ? lmdb_fail(b->fd, "open its databases", rc) : rc;
}

static int send_rows(struct base *b, MDB_txn *txn, MDB_dbi dbi, char kind)
{
    MDB_val key, value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, dbi, &cursor);
    struct buf bytes;

    if (rc)
        return rc;
    buf_init(&bytes, JOURNAL_ROWS_MAX);
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        struct journal_row row = {kind, key.mv_data, value.mv_data, key.mv_size, value.mv_size};
        buf_clear(&bytes);
        if (key.mv_size > JOURNAL_NAME_MAX || value.mv_size > JOURNAL_VALUE_MAX)
            rc = MDB_CORRUPTED;
        else
            journal_row_copy(&bytes, &row);
        if (rc || !child_send(b->fd, 'r', bytes.data, bytes.len))
            break;
    }
    buf_release(&bytes);
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int send_all(struct base *b)
{
    MDB_txn *txn;
    int rc = lmdb_begin(b->env, MDB_RDONLY, &txn);

    if (rc)
        return lmdb_fail(b->fd, "begin to read it", rc);
    rc = send_rows(b, txn, b->steps, 's');
    if (rc == 0)
        rc = send_rows(b, txn, b->facts, 'f');
    mdb_txn_abort(txn);
    return rc ? lmdb_fail(b->fd, "read it", rc) : 0;
}

/* removes the steps from that number on */
static int cut_steps(MDB_txn *txn, MDB_dbi steps, const MDB_val *from)
{
    MDB_val key = *from, value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, steps, &cursor);

    if (rc)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)) == 0 &&
           (rc = mdb_cursor_del(cursor, 0)) == 0)
        key = *from;
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int write_rows(struct base *b, MDB_txn *txn, const struct buf *rows)
{
    struct journal_row row;
    int rc = 0;

    for (size_t at = 0, n; rc == 0 && at < rows->len; at += n) {
        n = journal_row_read(rows->data + at, rows->len - at, &row);
        if (!n)
            return EINVAL;
        MDB_val key = {row.nkey, (void *)row.key}, value = {row.n, (void *)row.value};
        rc = row.kind == 'c' ? cut_steps(txn, b->steps, &key)
                             : mdb_put(txn, row.kind == 's' ? b->steps : b->facts, &key, &value, 0);
    }
    return rc;
}

static int write_once(struct base *b, const struct buf *rows)
{
    MDB_txn *txn;
    int rc = lmdb_begin(b->env, 0, &txn);

    if (rc)
        return rc;
    rc = write_rows(b, txn, rows);
    if (rc == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

static int write_all(struct base *b, const struct buf *rows)
{
    int rc = write_once(b, rows);

    while (rc == MDB_MAP_FULL && (rc = lmdb_grow(b->env)) == 0)
        rc = write_once(b, rows);
    return rc ? lmdb_fail(b->fd, "write to it", rc) : 0;
}

static void serve(int fd, void *arg)
{
    struct base *b = arg;
    int result = 0;
    struct buf told;
    char kind;

    b->fd = fd;
    buf_init(&told, JOURNAL_ROWS_MAX);
    while (result == 0 && child_receive(fd, &kind, &told)) {
        alarm(SECONDS);
        if (!b->env)
            result = open_base(b);
        if (result == 0)
            result = kind == 'l' ? send_all(b) : write_all(b, &told);
        if (result == 1) /* an empty one */
            result = 0;
        if (!child_send(fd, 'd', &result, sizeof result))
            break;
        alarm(0);
    }
}

/* ---- the parent ----------------------------------------------------------------------------- */

enum { SAID_DAMAGED = 1, CHILD_DIED = 2 };

static void take_row(struct journal *j, const struct buf *bytes)
{
    struct journal_row row;

    if (journal_row_read(bytes->data, bytes->len, &row))
        journal_take(j, &row);
}

/* what the child answers: 0, -1 with *err, or one of the above with *err */
static int take_answer(struct journal *j, struct base *b, struct error *err)
{
    int result = CHILD_DIED;
    bool damaged = false;
    struct buf bytes;
    char kind;

    buf_init(&bytes, JOURNAL_ROWS_MAX);
    while (result == CHILD_DIED && child_receive(b->child.fd, &kind, &bytes)) {
        if (kind == 'd' && bytes.len == sizeof result) {
            memcpy(&result, bytes.data, sizeof result);
        } else if (kind == 'r') {
            take_row(j, &bytes);
        } else {
            damaged |= kind == 'x';
            error_set(err, "the journal %s cannot be used: %s", j->path, bytes.data);
        }
    }
    buf_release(&bytes);
    return damaged ? SAID_DAMAGED : result;
}

/* 0 when the child was told, else -1 or CHILD_DIED */
static int begin_telling(struct base *b, char kind, const struct buf *rows, struct error *err)
{
    if (!b->child.pid && child_start(&b->child, serve, b, err) < 0)
        return -1;
    return child_send(b->child.fd, kind, rows ? rows->data : "", rows ? rows->len : 0) ? 0
                                                                                       : CHILD_DIED;
}

/* told: what begin_telling said */
static int end_telling(struct journal *j, struct base *b, int told, struct error *err)
{
    int rc = told == 0 ? take_answer(j, b, err) : told;

    if (rc < 0 && told < 0)
        return -1;
    if (rc == CHILD_DIED) {
        child_fate(&b->child, err);
        return b->child.timed_out ? -1 : CHILD_DIED;
    }
    if (rc != 0)
        child_end(&b->child); /* an environment is not used on after an error */
    return rc;
}

static int tell(struct journal *j, char kind, const struct buf *rows, struct error *err)
{
    struct base *b = j->kept;

    return end_telling(j, b, begin_telling(b, kind, rows, err), err);
}

static int base_load(struct journal *j, struct error *err)
{
    struct base *b = calloc(1, sizeof *b);
    int rc;

    if (!b)
        fatal("out of memory");
    *b = (struct base){.dir = j->path, .write = j->mode == JOURNAL_WRITE, .map = j->map};
    b->child = (struct child){.what = "the journal",
                              .dir = j->path,
                              .advice = "",
                              .seconds = SECONDS,
                              .lasting = true,
                              .keeps = j->handed}; /* it may write yet when we are killed */
    j->kept = b;
    rc = tell(j, 'l', NULL, err);
    if (j->mode == JOURNAL_READ)
        child_end(&b->child);
    return rc > 0 ? 1 : rc;
}

/* what became of rows, of which the child was told */
static int base_written(struct journal *j, const struct buf *rows, int told, struct error *first,
                        struct error *err)
{
    int rc = end_telling(j, j->kept, told, first);

    if (rc == CHILD_DIED)
        rc = tell(j, 'w', rows, err);
    else if (rc != 0)
        error_set(err, "%s", first->text);
    return rc > 0 ? 1 : rc;
}

static int base_write(struct journal *j, const struct buf *rows, struct error *err)
{
    struct error first = {""};

    return base_written(j, rows, begin_telling(j->kept, 'w', rows, &first), &first, err);
}

/* the child reads all that was sent before it finds that we are gone */
static int base_post(struct journal *j, const struct buf *rows, struct error *err)
{
    struct base *b = j->kept;

    b->told = begin_telling(b, 'w', rows, err);
    return b->told == 0 ? 0 : -1;
}

static int base_settle(struct journal *j, const struct buf *rows, struct error *err)
{
    struct error first = {""};
    struct base *b = j->kept;

    return base_written(j, rows, b->told, &first, err);
}

static int base_renew(struct journal *j, struct error *err)
{
    struct base *b = j->kept;
    char *data = journal_file(j, "data.mdb"), *aside = journal_file(j, "damaged.mdb"),
         *lock = journal_file(j, "lock.mdb");
    int rc = 0;

    child_end(&b->child);
    if (rename(data, aside) < 0 && errno != ENOENT)
        rc = error_errno(err, "cannot rename %s", data);
    else if (unlink(lock) < 0 && errno != ENOENT)
        rc = error_errno(err, "cannot remove %s", lock);
    free(data);
    free(aside);
    free(lock);
    return rc;
}

static void base_close(struct journal *j)
{
    struct base *b = j->kept;

    if (b)
        child_end(&b->child);
    free(b);
}

const struct journal_backend journal_lmdb = {base_load,   base_write, base_post,
                                             base_settle, base_renew, base_close};
