/* cache/store.c
 *
 * The LMDB behind the cache. Each call forks a child (lmdb_child.h says why) that opens the
 * environment, does one transaction, sends what it found and ends: about a millisecond. Beside the
 * messages of lmdb_child.h it sends
 *
 *     'r'  a value; 'k' its key before it, where keys are wanted
 *     's'  how many bytes all values take
 *
 * The environment: in the database `meta` the schema under "schema", in decimal; in `records` the
 * values of store_value.c under key.all and the GPU model. */
#include "cache/store_impl.h"

#include <stdint.h>
#include <string.h>
#include "cache/lmdb_child.h"

/* far more than a whole walk takes: a reader that is still there runs in circles */
enum { READ_SECONDS = 10 };

/* one call, from the parent to its child by being in memory when it forks */
struct job {
    struct store *s;
    const void *key; /* whole, or a prefix for each */
    size_t nkey;
    const void *value;
    size_t n;
    store_keeps *keeps;
    const struct store_victim *victims;
    size_t nvictims;
    bool keys; /* are wanted too */
    int (*work)(const struct job *);
    int out; /* the child's end of the line */
};

/* ---- the child ------------------------------------------------------------------------------ */

/* 1 when there are records to read, 0 when the cache is empty, -1 after telling */
static int open_records(const struct job *job, MDB_txn *txn, MDB_dbi *records)
{
    MDB_dbi meta;
    int rc = mdb_dbi_open(txn, "meta", 0, &meta);

    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return lmdb_fail(job->out, "open its databases", rc);
    rc = lmdb_schema(job->out, txn, meta, job->s->schema);
    if (rc && rc != LMDB_OLDER)
        return rc == MDB_NOTFOUND ? 0 : -1;
    rc = mdb_dbi_open(txn, "records", 0, records);
    if (rc == MDB_NOTFOUND)
        return 0;
    return rc ? lmdb_fail(job->out, "open its databases", rc) : 1;
}

static int send_value(const struct job *job, const MDB_val *value)
{
    static const char text[] = "a record's size makes no sense";

    if (value->mv_size <= STORE_VALUE_MAX)
        return child_send(job->out, 'r', value->mv_data, value->mv_size) ? 0 : -1;
    child_send(job->out, 'e', text, strlen(text));
    return -1;
}

/* sends every value whose key begins with the job's */
static int send_range(const struct job *job, MDB_txn *txn, MDB_dbi records)
{
    MDB_val key = {job->nkey, (void *)job->key}, value;
    MDB_cursor *cursor;
    int n = 0, rc = mdb_cursor_open(txn, records, &cursor);

    if (rc)
        return lmdb_fail(job->out, "read its records", rc);
    rc = mdb_cursor_get(cursor, &key, &value, job->nkey ? MDB_SET_RANGE : MDB_FIRST);
    while (rc == 0 && key.mv_size >= job->nkey &&
           (!job->nkey || memcmp(key.mv_data, job->key, job->nkey) == 0)) {
        if (job->keys && !child_send(job->out, 'k', key.mv_data, key.mv_size))
            return -1;
        if (send_value(job, &value) < 0)
            return -1;
        n++;
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return rc && rc != MDB_NOTFOUND ? lmdb_fail(job->out, "read its records", rc) : n;
}

static int send_one(const struct job *job, MDB_txn *txn, MDB_dbi records)
{
    MDB_val key = {job->nkey, (void *)job->key}, value;
    int rc = mdb_get(txn, records, &key, &value);

    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return lmdb_fail(job->out, "read a record", rc);
    return send_value(job, &value) < 0 ? -1 : 1;
}

static int read_with(const struct job *job, int (*send)(const struct job *, MDB_txn *, MDB_dbi))
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi records;
    int rc, result;

    if (lmdb_is_empty(job->s->dir))
        return 0;
    rc = lmdb_open(job->s->dir, job->s->map, MDB_RDONLY, job->out, &env);
    if (rc)
        return lmdb_fail(job->out, "open it", rc);
    rc = lmdb_begin(env, MDB_RDONLY, &txn);
    if (rc) {
        result = lmdb_fail(job->out, "begin to read it", rc);
        goto out;
    }
    result = open_records(job, txn, &records);
    if (result == 1)
        result = send ? send(job, txn, records) : 0;
    mdb_txn_abort(txn);
out:
    mdb_env_close(env);
    return result;
}

static int child_schema(const struct job *job)
{
    return read_with(job, NULL);
}

static int child_get(const struct job *job)
{
    return read_with(job, send_one);
}

static int child_each(const struct job *job)
{
    return read_with(job, send_range);
}

/* an earlier version's values that this one cannot read */
static int drop_unreadable(MDB_txn *txn, MDB_dbi records)
{
    MDB_val key, value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, records, &cursor);

    if (rc)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        struct record *rec = store_decode(value.mv_data, value.mv_size, NULL);
        if (!rec && (rc = mdb_cursor_del(cursor, 0)) != 0)
            break;
        record_free(rec);
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int send_size(const struct job *job, MDB_txn *txn, MDB_dbi records)
{
    unsigned long long bytes;
    MDB_stat st;
    int rc = mdb_stat(txn, records, &st);

    if (rc)
        return rc;
    bytes = (st.ms_branch_pages + st.ms_leaf_pages + st.ms_overflow_pages) *
            (unsigned long long)st.ms_psize;
    return child_send(job->out, 's', &bytes, sizeof bytes) ? 0 : -1;
}

/* 0, an error of LMDB, or -1 when it was told already */
static int put_in(const struct job *job, MDB_txn *txn)
{
    MDB_val key = {job->nkey, (void *)job->key}, value;
    MDB_dbi meta, records;
    int rc = mdb_dbi_open(txn, "meta", MDB_CREATE, &meta);
    bool older;

    if (rc)
        return rc;
    rc = lmdb_schema(job->out, txn, meta, job->s->schema);
    older = rc == LMDB_OLDER;
    if (rc == MDB_NOTFOUND || older)
        rc = lmdb_set_schema(txn, meta, job->s->schema);
    if (rc == 0)
        rc = mdb_dbi_open(txn, "records", MDB_CREATE, &records);
    if (rc == 0 && older)
        rc = drop_unreadable(txn, records);
    if (rc)
        return rc;
    rc = mdb_get(txn, records, &key, &value);
    if (rc && rc != MDB_NOTFOUND)
        return rc;
    if (rc == 0 && job->keeps(value.mv_data, value.mv_size))
        return 0;
    value = (MDB_val){job->n, (void *)job->value};
    rc = mdb_put(txn, records, &key, &value, 0);
    return rc ? rc : send_size(job, txn, records);
}

/* the same; *n of the victims were there */
static int remove_in(const struct job *job, MDB_txn *txn, int *n)
{
    MDB_dbi records;
    int rc = open_records(job, txn, &records);

    *n = 0;
    if (rc != 1)
        return rc;
    rc = 0;
    for (size_t i = 0; i < job->nvictims && (rc == 0 || rc == MDB_NOTFOUND); i++) {
        const struct store_victim *v = &job->victims[i];
        MDB_val key = {v->nname, v->name}, value;
        rc = mdb_get(txn, records, &key, &value);
        if (rc == 0 && value.mv_size == v->bytes && !memcmp(value.mv_data, v->head, v->nhead)) {
            rc = mdb_del(txn, records, &key, NULL);
            *n += rc == 0;
        }
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int put_once(const struct job *job, MDB_env *env, int *n)
{
    MDB_txn *txn;
    int rc = lmdb_begin(env, 0, &txn);

    if (rc)
        return rc;
    rc = job->nvictims ? remove_in(job, txn, n) : put_in(job, txn);
    if (rc == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

static int child_put(const struct job *job)
{
    MDB_env *env;
    int rc = lmdb_open(job->s->dir, job->s->map, 0, job->out, &env), dead, n = 0;

    if (rc)
        return lmdb_fail(job->out, "open it", rc);
    mdb_reader_check(env, &dead); /* a killed reader keeps old pages alive: the file would grow */
    rc = put_once(job, env, &n);
    while (rc == MDB_MAP_FULL && (rc = lmdb_grow(env)) == 0)
        rc = put_once(job, env, &n);
    mdb_env_close(env);
    if (rc == -1)
        return -1;
    return rc ? lmdb_fail(job->out, "write to it", rc) : n;
}

/* ---- the parent ----------------------------------------------------------------------------- */

enum { CHILD_DIED = -2, CHILD_STOPPED = -3 };

struct naming { /* of a walk: the key of the next value */
    store_named_row *row;
    void *arg;
    char key[512];
    size_t n;
};

/* takes frames until the child is done: its result, CHILD_DIED when none came, CHILD_STOPPED when
 * row had enough */
static int receive(const struct job *job, int fd, store_row *row, void *arg, bool *newer,
                   struct error *err)
{
    struct naming *naming = job->keys ? arg : NULL;
    int result = CHILD_DIED, rows = 0;
    struct buf b;
    char kind;

    buf_init(&b, STORE_VALUE_MAX);
    while (result == CHILD_DIED && child_receive(fd, &kind, &b)) {
        if (kind == 'd' && b.len == sizeof result) {
            memcpy(&result, b.data, sizeof result);
        } else if (kind == 's' && b.len == sizeof job->s->bytes) {
            memcpy(&job->s->bytes, b.data, b.len);
        } else if (kind == 'k' && naming && b.len <= sizeof naming->key) {
            naming->n = b.len;
            memcpy(naming->key, b.data, b.len);
        } else if (kind == 'r') {
            rows++;
            if (row && row(arg, b.data, b.len) != 0)
                result = CHILD_STOPPED;
        } else {
            *newer = kind == 'n';
            error_set(err, "the cache %s cannot be used: %s%s", job->s->dir, b.data,
                      kind == 'n' ? "" : "; if this stays, remove the folder");
        }
    }
    buf_release(&b);
    return result == CHILD_STOPPED ? rows : result;
}

static void job_work(int fd, void *arg)
{
    struct job *job = arg;
    int result;

    job->out = fd;
    result = job->work(job);
    child_send(fd, 'd', &result, sizeof result);
}

/* runs job->work in a child and takes what it sends; the child's result, or -1 with *err */
static int job_run(struct job *job, unsigned seconds, store_row *row, void *arg, bool *newer,
                   struct error *err)
{
    struct child child = {.what = "the cache",
                          .dir = job->s->dir,
                          .advice = "; remove the folder",
                          .seconds = seconds};
    bool ignored = false;
    int result;

    if (child_start(&child, job_work, job, err) < 0)
        return -1;
    result = receive(job, child.fd, row, arg, newer ? newer : &ignored, err);
    if (result == CHILD_DIED)
        return child_fate(&child, err);
    child_end(&child);
    return result;
}

static int schema(struct store *s, bool *newer, struct error *err)
{
    struct job job = {.s = s, .work = child_schema};

    return job_run(&job, READ_SECONDS, NULL, NULL, newer, err);
}

static int take_value(void *arg, const void *value, size_t n)
{
    buf_add(arg, value, n);
    return 0;
}

static int get(struct store *s, const void *key, size_t nkey, struct buf *value, struct error *err)
{
    struct job job = {.s = s, .key = key, .nkey = nkey, .work = child_get};

    return job_run(&job, READ_SECONDS, take_value, value, NULL, err);
}

static int each(struct store *s, const void *prefix, size_t n, store_row *row, void *arg,
                struct error *err)
{
    struct job job = {.s = s, .key = prefix, .nkey = n, .work = child_each};

    return job_run(&job, READ_SECONDS, row, arg, NULL, err);
}

static int put(struct store *s, const void *key, size_t nkey, const void *value, size_t n,
               store_keeps *keeps, struct error *err)
{
    struct job job = {.s = s,
                      .key = key,
                      .nkey = nkey,
                      .value = value,
                      .n = n,
                      .keeps = keeps,
                      .work = child_put};

    return job_run(&job, s->patience, NULL, NULL, NULL, err);
}

static int take_named(void *arg, const void *value, size_t n)
{
    struct naming *naming = arg;

    return naming->row(naming->arg, naming->key, naming->n, value, n);
}

static int walk(struct store *s, store_named_row *row, void *arg, struct error *err)
{
    struct naming naming = {.row = row, .arg = arg};
    struct job job = {.s = s, .key = "", .work = child_each, .keys = true};

    return job_run(&job, s->patience, take_named, &naming, NULL, err);
}

static int remove_all(struct store *s, const struct store_victim *v, size_t n, struct error *err)
{
    struct job job = {.s = s, .victims = v, .nvictims = n, .work = child_put};

    return n ? job_run(&job, s->patience, NULL, NULL, NULL, err) : 0;
}

const struct store_backend store_lmdb = {schema, get, each, put, walk, remove_all};
