/* cache/store.c
 *
 * The LMDB behind the cache, and the only file that sees lmdb.h. Each call forks a child that opens
 * the environment, does one transaction, sends what it found through a pipe and ends. That buys
 * three things that LMDB alone does not give:
 *
 *   - LMDB trusts its pages. A file with a flipped bit or cut short makes it read outside its map,
 *     walk in circles or fail an assertion. All of that ends the child, and is a miss with a
 * reason.
 *   - A writer that was stopped (SIGSTOP) holds the lock for ever. An alarm ends the child instead
 *     of the build waiting with it.
 *   - Nothing of the environment stays open in a process that goes on to fork compilers.
 *
 * It costs about a millisecond. A frame on the pipe is one byte of kind, the length in four bytes
 * of this machine's order, and that many bytes:
 *
 *     'r'  a value
 *     'e'  the text of an error; 'n' likewise, where it is that the folder is of a later version
 *     'd'  done: an int, the result of the call
 *
 * The environment: in the database `meta` the schema under "schema", in decimal; in `records` the
 * values of store_value.c under key.all and the GPU model. */
#include "cache/store_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "runtime/base/log.h"

#define MAP_SMALL ((size_t)64 << 20) /* where address space is limited (ulimit -v) */
#define MAP_MOST ((size_t)1 << 40)

/* far more than a whole walk takes: a reader that is still there runs in circles */
enum { READ_SECONDS = 10, MAX_READERS = 1024, MODE = 0666 };

/* one call, from the parent to its child by being in memory when it forks */
struct job {
    struct store *s;
    const void *key; /* whole, or a prefix for each */
    size_t nkey;
    const void *value;
    size_t n;
    store_keeps *keeps;
    int out; /* the child's end of the pipe */
};

/* ---- the child ------------------------------------------------------------------------------ */

static bool send_all(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static bool send_frame(int fd, char kind, const void *bytes, size_t n)
{
    char head[1 + sizeof(uint32_t)] = {kind};
    uint32_t length = (uint32_t)n;

    memcpy(head + 1, &length, sizeof length);
    return send_all(fd, head, sizeof head) && send_all(fd, bytes, n);
}

static int send_error(const struct job *job, const char *doing, int rc)
{
    char text[256];
    int n = snprintf(text, sizeof text, "cannot %s: %s", doing, mdb_strerror(rc));

    send_frame(job->out, 'e', text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
    return -1;
}

static int job_fd; /* LMDB's assertion callback knows the environment only */

static void on_assert(MDB_env *env, const char *text)
{
    (void)env;
    send_frame(job_fd, 'e', "its pages make no sense", strlen("its pages make no sense"));
    (void)text;
    _exit(1);
}

static int env_try(const struct job *job, size_t map, unsigned flags, MDB_env **env)
{
    int rc = mdb_env_create(env);

    if (rc)
        return rc;
    mdb_env_set_assert(*env, on_assert);
    mdb_env_set_maxdbs(*env, 2);
    mdb_env_set_maxreaders(*env, MAX_READERS);
    mdb_env_set_mapsize(*env, map);
    rc = mdb_env_open(*env, job->s->dir, flags, MODE);
    if (rc) {
        mdb_env_close(*env);
        *env = NULL;
    }
    return rc;
}

static int env_open(const struct job *job, unsigned flags, MDB_env **env)
{
    size_t map = job->s->map;
    int rc = env_try(job, map, flags, env);

    if (rc == ENOMEM && map > MAP_SMALL)
        rc = env_try(job, map = MAP_SMALL, flags, env);
    /* Where we may not write the lock file, reading goes without one. A writer elsewhere may then
     * reuse a page under us: that is found by the checksum or ends this child. */
    if ((rc == EACCES || rc == EPERM) && (flags & MDB_RDONLY))
        rc = env_try(job, map, flags | MDB_NOLOCK, env);
    return rc;
}

static int txn_begin(MDB_env *env, unsigned flags, MDB_txn **txn)
{
    int rc = mdb_txn_begin(env, NULL, flags, txn);

    if (rc == MDB_MAP_RESIZED && (rc = mdb_env_set_mapsize(env, 0)) == 0)
        rc = mdb_txn_begin(env, NULL, flags, txn);
    return rc;
}

/* 0 when the schema is ours, MDB_NOTFOUND when there is none yet; else -1 after telling */
static int check_schema(const struct job *job, MDB_txn *txn, MDB_dbi meta)
{
    MDB_val key = {6, "schema"}, value;
    char text[24] = "", message[160];
    int rc = mdb_get(txn, meta, &key, &value);
    long number;

    if (rc == MDB_NOTFOUND)
        return rc;
    if (rc)
        return send_error(job, "read its schema", rc);
    if (value.mv_size < sizeof text)
        memcpy(text, value.mv_data, value.mv_size);
    number = strtol(text, NULL, 10);
    if (number == STORE_SCHEMA)
        return 0;
    snprintf(message, sizeof message,
             number > STORE_SCHEMA ? "it is of a later version (schema %ld, this is %d)"
                                   : "its schema makes no sense (%ld, this is %d)",
             number, STORE_SCHEMA);
    send_frame(job->out, number > STORE_SCHEMA ? 'n' : 'e', message, strlen(message));
    return -1;
}

/* 1 when there are records to read, 0 when the cache is empty, -1 after telling */
static int open_records(const struct job *job, MDB_txn *txn, MDB_dbi *records)
{
    MDB_dbi meta;
    int rc = mdb_dbi_open(txn, "meta", 0, &meta);

    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return send_error(job, "open its databases", rc);
    rc = check_schema(job, txn, meta);
    if (rc)
        return rc == MDB_NOTFOUND ? 0 : -1;
    rc = mdb_dbi_open(txn, "records", 0, records);
    if (rc == MDB_NOTFOUND)
        return 0;
    return rc ? send_error(job, "open its databases", rc) : 1;
}

static int send_value(const struct job *job, const MDB_val *value)
{
    static const char text[] = "a record's size makes no sense";

    if (value->mv_size <= STORE_VALUE_MAX)
        return send_frame(job->out, 'r', value->mv_data, value->mv_size) ? 0 : -1;
    send_frame(job->out, 'e', text, strlen(text));
    return -1;
}

/* sends every value whose key begins with the job's */
static int send_range(const struct job *job, MDB_txn *txn, MDB_dbi records)
{
    MDB_val key = {job->nkey, (void *)job->key}, value;
    MDB_cursor *cursor;
    int n = 0, rc = mdb_cursor_open(txn, records, &cursor);

    if (rc)
        return send_error(job, "read its records", rc);
    rc = mdb_cursor_get(cursor, &key, &value, job->nkey ? MDB_SET_RANGE : MDB_FIRST);
    while (rc == 0 && key.mv_size >= job->nkey &&
           (!job->nkey || memcmp(key.mv_data, job->key, job->nkey) == 0)) {
        if (send_value(job, &value) < 0)
            return -1;
        n++;
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return rc && rc != MDB_NOTFOUND ? send_error(job, "read its records", rc) : n;
}

static int send_one(const struct job *job, MDB_txn *txn, MDB_dbi records)
{
    MDB_val key = {job->nkey, (void *)job->key}, value;
    int rc = mdb_get(txn, records, &key, &value);

    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return send_error(job, "read a record", rc);
    return send_value(job, &value) < 0 ? -1 : 1;
}

/* no database yet is an empty cache; a reader must not create one */
static bool is_empty(const struct job *job)
{
    char *path = store_path(job->s, "data.mdb");
    struct stat st;
    bool empty = stat(path, &st) < 0 ? errno == ENOENT : st.st_size == 0;

    free(path);
    return empty;
}

static int read_with(const struct job *job, int (*send)(const struct job *, MDB_txn *, MDB_dbi))
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi records;
    int rc, result;

    if (is_empty(job))
        return 0;
    rc = env_open(job, MDB_RDONLY, &env);
    if (rc)
        return send_error(job, "open it", rc);
    rc = txn_begin(env, MDB_RDONLY, &txn);
    if (rc) {
        result = send_error(job, "begin to read it", rc);
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

/* 0, an error of LMDB, or -1 when it was told already */
static int put_in(const struct job *job, MDB_txn *txn)
{
    MDB_val name = {6, "schema"}, number, key = {job->nkey, (void *)job->key}, value;
    char text[24];
    MDB_dbi meta, records;
    int rc = mdb_dbi_open(txn, "meta", MDB_CREATE, &meta);

    if (rc)
        return rc;
    rc = check_schema(job, txn, meta);
    if (rc == MDB_NOTFOUND) {
        number.mv_size = (size_t)snprintf(text, sizeof text, "%d", STORE_SCHEMA);
        number.mv_data = text;
        rc = mdb_put(txn, meta, &name, &number, 0);
    }
    if (rc == 0)
        rc = mdb_dbi_open(txn, "records", MDB_CREATE, &records);
    if (rc)
        return rc;
    rc = mdb_get(txn, records, &key, &value);
    if (rc && rc != MDB_NOTFOUND)
        return rc;
    if (rc == 0 && job->keeps(value.mv_data, value.mv_size))
        return 0;
    value = (MDB_val){job->n, (void *)job->value};
    return mdb_put(txn, records, &key, &value, 0);
}

static int put_once(const struct job *job, MDB_env *env)
{
    MDB_txn *txn;
    int rc = txn_begin(env, 0, &txn);

    if (rc)
        return rc;
    rc = put_in(job, txn);
    if (rc == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

static int grow_map(MDB_env *env)
{
    MDB_envinfo info;
    int rc = mdb_env_info(env, &info);

    if (rc)
        return rc;
    return info.me_mapsize >= MAP_MOST ? MDB_MAP_FULL
                                       : mdb_env_set_mapsize(env, info.me_mapsize * 2);
}

static int child_put(const struct job *job)
{
    MDB_env *env;
    int rc = env_open(job, 0, &env), dead;

    if (rc)
        return send_error(job, "open it", rc);
    mdb_reader_check(env, &dead); /* a killed reader keeps old pages alive: the file would grow */
    rc = put_once(job, env);
    while (rc == MDB_MAP_FULL && (rc = grow_map(env)) == 0)
        rc = put_once(job, env);
    mdb_env_close(env);
    if (rc == -1)
        return -1;
    return rc ? send_error(job, "write to it", rc) : 0;
}

/* the caller's signal handlers, limits and output are not for here */
static void child_settle(unsigned seconds)
{
    static const int defaults[] = {SIGINT, SIGTERM, SIGHUP, SIGSEGV, SIGBUS,
                                   SIGFPE, SIGABRT, SIGILL, SIGALRM};
    const struct rlimit no_core = {0, 0};
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    sigset_t none;

    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        signal(defaults[i], SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file too large is then an error of write */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setrlimit(RLIMIT_CORE, &no_core);
    if (null >= 0)
        dup2(null, STDERR_FILENO); /* glibc speaks up when a damaged file confuses malloc */
    alarm(seconds);
}

/* ---- the parent ----------------------------------------------------------------------------- */

/* 1 when all n bytes came, 0 at the end of the stream */
static int receive_all(int fd, void *bytes, size_t n)
{
    char *p = bytes;

    while (n) {
        ssize_t got = read(fd, p, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        p += got;
        n -= (size_t)got;
    }
    return 1;
}

static int receive_frame(int fd, char *kind, struct buf *b)
{
    char head[1 + sizeof(uint32_t)], chunk[16384];
    uint32_t n;

    buf_clear(b);
    if (!receive_all(fd, head, sizeof head))
        return 0;
    *kind = head[0];
    memcpy(&n, head + 1, sizeof n);
    buf_add(b, "", 0);
    while (n) {
        size_t part = n < sizeof chunk ? n : sizeof chunk;
        if (!receive_all(fd, chunk, part))
            return 0;
        buf_add(b, chunk, part);
        n -= (uint32_t)part;
    }
    return !b->full;
}

enum { CHILD_DIED = -2, CHILD_STOPPED = -3 };

/* takes frames until the child is done: its result, CHILD_DIED when none came, CHILD_STOPPED when
 * row had enough */
static int receive(const struct job *job, int fd, store_row *row, void *arg, bool *newer,
                   struct error *err)
{
    int result = CHILD_DIED, rows = 0;
    struct buf b;
    char kind;

    buf_init(&b, STORE_VALUE_MAX);
    while (result == CHILD_DIED && receive_frame(fd, &kind, &b)) {
        if (kind == 'd' && b.len == sizeof result) {
            memcpy(&result, b.data, sizeof result);
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

static int child_fate(const struct job *job, pid_t pid, struct error *err)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return error_errno(err, "the cache %s cannot be used", job->s->dir);
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        return error_set(err,
                         "the cache %s does not answer: another process holds it, or it is "
                         "damaged; if this stays, remove the folder",
                         job->s->dir);
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM))
        return error_set(err, "interrupted");
    return error_set(err, "the cache %s is damaged (reading it ended with %s); remove the folder",
                     job->s->dir, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no answer");
}

/* runs work in a child and takes what it sends; the child's result, or -1 with *err */
static int job_run(struct job *job, int (*work)(const struct job *), unsigned seconds,
                   store_row *row, void *arg, bool *newer, struct error *err)
{
    int fds[2], result;
    bool ignored = false;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return error_errno(err, "the cache cannot be used");
    pid = fork();
    if (pid < 0) {
        close(fds[0]);
        close(fds[1]);
        return error_errno(err, "the cache cannot be used");
    }
    if (pid == 0) {
        child_settle(seconds);
        job_fd = job->out = fds[1];
        result = work(job);
        _exit(send_frame(fds[1], 'd', &result, sizeof result) ? 0 : 1);
    }
    close(fds[1]);
    result = receive(job, fds[0], row, arg, newer ? newer : &ignored, err);
    close(fds[0]); /* a child that still sends gets EPIPE */
    if (result == CHILD_DIED)
        return child_fate(job, pid, err);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return result;
}

static int lmdb_schema(struct store *s, bool *newer, struct error *err)
{
    struct job job = {.s = s};

    return job_run(&job, child_schema, READ_SECONDS, NULL, NULL, newer, err);
}

static int take_value(void *arg, const void *value, size_t n)
{
    buf_add(arg, value, n);
    return 0;
}

static int lmdb_get(struct store *s, const void *key, size_t nkey, struct buf *value,
                    struct error *err)
{
    struct job job = {.s = s, .key = key, .nkey = nkey};

    return job_run(&job, child_get, READ_SECONDS, take_value, value, NULL, err);
}

static int lmdb_each(struct store *s, const void *prefix, size_t n, store_row *row, void *arg,
                     struct error *err)
{
    struct job job = {.s = s, .key = prefix, .nkey = n};

    return job_run(&job, child_each, READ_SECONDS, row, arg, NULL, err);
}

static int lmdb_put(struct store *s, const void *key, size_t nkey, const void *value, size_t n,
                    store_keeps *keeps, struct error *err)
{
    struct job job = {.s = s, .key = key, .nkey = nkey, .value = value, .n = n, .keeps = keeps};

    return job_run(&job, child_put, s->patience, NULL, NULL, NULL, err);
}

const struct store_backend store_lmdb = {lmdb_schema, lmdb_get, lmdb_each, lmdb_put};
