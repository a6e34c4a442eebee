/* cache/lmdb_child.c - see the header for why. */
#include "cache/lmdb_child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

#define MAP_SMALL ((size_t)64 << 20) /* where address space is limited (ulimit -v) */
#define MAP_MOST ((size_t)1 << 40)

enum { MAX_READERS = 1024, MODE = 0666 };

/* ---- messages ------------------------------------------------------------------------------- */

/* send and not write: who has gone is an error, never a SIGPIPE */
static bool send_all(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n) {
        ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

bool child_send(int fd, char kind, const void *bytes, size_t n)
{
    char head[1 + sizeof(uint32_t)] = {kind};
    uint32_t length = (uint32_t)n;

    memcpy(head + 1, &length, sizeof length);
    return n <= UINT32_MAX && send_all(fd, head, sizeof head) && send_all(fd, bytes, n);
}

static bool receive_all(int fd, void *bytes, size_t n)
{
    char *p = bytes;

    while (n) {
        ssize_t got = read(fd, p, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

bool child_receive(int fd, char *kind, struct buf *b)
{
    char head[1 + sizeof(uint32_t)], chunk[16384];
    uint32_t n;

    buf_clear(b);
    if (!receive_all(fd, head, sizeof head))
        return false;
    *kind = head[0];
    memcpy(&n, head + 1, sizeof n);
    buf_add(b, "", 0);
    while (n) {
        size_t part = n < sizeof chunk ? n : sizeof chunk;
        if (!receive_all(fd, chunk, part))
            return false;
        buf_add(b, chunk, part);
        n -= (uint32_t)part;
    }
    return !b->full;
}

/* ---- the process ---------------------------------------------------------------------------- */

/* false: the system cannot close so many at once */
static bool close_from_to(int first, int last)
{
#ifdef SYS_close_range
    return first > last || syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0u) == 0;
#else
    return first > last;
#endif
}

/* all descriptors but the standard ones and two: a lasting child must not keep the parent's other
 * children from seeing the end of their pipes, or another lock from being given up */
static void close_others(int fd, int keeps)
{
    int low = keeps > 2 && keeps < fd ? keeps : fd, high = keeps > fd ? keeps : fd;
    long most = sysconf(_SC_OPEN_MAX);

    if (close_from_to(3, low - 1) && close_from_to(low + 1, high - 1) &&
        close_from_to(high + 1, INT_MAX))
        return;
    for (int i = 3; i < most; i++)
        if (i != fd && i != keeps)
            close(i);
}

/* the caller's signal handlers, limits and output are not for here */
static void settle(const struct child *c, int fd)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGALRM};
    static const int endings[] = {SIGINT, SIGTERM, SIGHUP};
    const struct rlimit no_core = {0, 0};
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigset_t none;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        signal(faults[i], SIG_DFL);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        signal(endings[i], c->lasting ? SIG_IGN : SIG_DFL);
    signal(SIGXFSZ, SIG_IGN); /* a file too large is then an error of write */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setrlimit(RLIMIT_CORE, &no_core);
    /* glibc speaks up when a damaged file confuses malloc */
    for (int i = c->lasting ? STDIN_FILENO : STDERR_FILENO; null >= 0 && i <= STDERR_FILENO; i++)
        dup2(null, i);
    if (c->lasting)
        close_others(fd, c->keeps);
    alarm(c->seconds);
}

int child_start(struct child *c, void (*work)(int fd, void *arg), void *arg, struct error *err)
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return error_errno(err, "%s cannot be used", c->what);
    c->pid = fork();
    if (c->pid < 0) {
        c->pid = 0;
        close(fds[0]);
        close(fds[1]);
        return error_errno(err, "%s cannot be used", c->what);
    }
    if (c->pid == 0) {
        close(fds[0]);
        settle(c, fds[1]);
        work(fds[1], arg);
        _exit(0);
    }
    close(fds[1]);
    c->fd = fds[0];
    return 0;
}

/* its status as of waitpid; -1 with errno */
static int hang_up(struct child *c)
{
    pid_t pid = c->pid;
    int status = 0;

    if (!pid)
        return 0;
    close(c->fd); /* a child that still sends gets EPIPE, one that waits the end of the stream */
    c->pid = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return status;
}

void child_end(struct child *c)
{
    hang_up(c);
}

int child_fate(struct child *c, struct error *err)
{
    int status = hang_up(c);

    if (status == -1)
        return error_errno(err, "%s %s cannot be used", c->what, c->dir);
    c->timed_out = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    if (c->timed_out)
        return error_set(err,
                         "%s %s does not answer: another process holds it, or it is damaged; if "
                         "this stays, remove the folder",
                         c->what, c->dir);
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM))
        return error_set(err, "interrupted");
    return error_set(err, "%s %s is damaged (reading it ended with %s)%s", c->what, c->dir,
                     WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no answer", c->advice);
}

/* ---- the database --------------------------------------------------------------------------- */

static bool is_damage(int rc)
{
    return rc == MDB_INVALID || rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND ||
           rc == MDB_VERSION_MISMATCH || rc == MDB_INCOMPATIBLE || rc == MDB_PAGE_FULL ||
           rc == MDB_CURSOR_FULL || rc == MDB_BAD_TXN || rc == MDB_BAD_DBI;
}

int lmdb_fail(int fd, const char *doing, int rc)
{
    char text[256];
    int n = snprintf(text, sizeof text, "cannot %s: %s", doing, mdb_strerror(rc));

    child_send(fd, is_damage(rc) ? 'x' : 'e', text,
               (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
    return -1;
}

static int assert_fd; /* LMDB's assertion callback knows the environment only */

static void on_assert(MDB_env *env, const char *text)
{
    (void)env;
    (void)text;
    child_send(assert_fd, 'x', "its pages make no sense", strlen("its pages make no sense"));
    _exit(1);
}

static int open_once(const char *dir, size_t map, unsigned flags, MDB_env **env)
{
    int rc = mdb_env_create(env);

    if (rc)
        return rc;
    mdb_env_set_assert(*env, on_assert);
    mdb_env_set_maxdbs(*env, 3);
    mdb_env_set_maxreaders(*env, MAX_READERS);
    mdb_env_set_mapsize(*env, map);
    rc = mdb_env_open(*env, dir, flags, MODE);
    if (rc) {
        mdb_env_close(*env);
        *env = NULL;
    }
    return rc;
}

int lmdb_open(const char *dir, size_t map, unsigned flags, int fd, MDB_env **env)
{
    int rc;

    assert_fd = fd;
    rc = open_once(dir, map, flags, env);
    if (rc == ENOMEM && map > MAP_SMALL)
        rc = open_once(dir, map = MAP_SMALL, flags, env);
    /* Where we may not write the lock file, reading goes without one. A writer elsewhere may then
     * reuse a page under us: that is found by the checksum or ends this child. */
    if ((rc == EACCES || rc == EPERM || rc == EROFS) && (flags & MDB_RDONLY))
        rc = open_once(dir, map, flags | MDB_NOLOCK, env);
    return rc;
}

int lmdb_begin(MDB_env *env, unsigned flags, MDB_txn **txn)
{
    int rc = mdb_txn_begin(env, NULL, flags, txn);

    if (rc == MDB_MAP_RESIZED && (rc = mdb_env_set_mapsize(env, 0)) == 0)
        rc = mdb_txn_begin(env, NULL, flags, txn);
    return rc;
}

int lmdb_grow(MDB_env *env)
{
    MDB_envinfo info;
    int rc = mdb_env_info(env, &info);

    if (rc)
        return rc;
    return info.me_mapsize >= MAP_MOST ? MDB_MAP_FULL
                                       : mdb_env_set_mapsize(env, info.me_mapsize * 2);
}

int lmdb_schema(int fd, MDB_txn *txn, MDB_dbi meta, int schema)
{
    MDB_val key = {6, "schema"}, value;
    char text[24] = "", message[160];
    int rc = mdb_get(txn, meta, &key, &value);
    long number;

    if (rc == MDB_NOTFOUND)
        return rc;
    if (rc)
        return lmdb_fail(fd, "read its schema", rc);
    if (value.mv_size < sizeof text)
        memcpy(text, value.mv_data, value.mv_size);
    number = strtol(text, NULL, 10);
    if (number > 0 && number <= schema)
        return number < schema ? LMDB_OLDER : 0;
    snprintf(message, sizeof message,
             number > schema ? "it is of a later version (schema %ld, this is %d)"
                             : "its schema makes no sense (%ld, this is %d)",
             number, schema);
    child_send(fd, number > schema ? 'n' : 'x', message, strlen(message));
    return -1;
}

int lmdb_set_schema(MDB_txn *txn, MDB_dbi meta, int schema)
{
    MDB_val key = {6, "schema"}, number;
    char text[24];

    number.mv_size = (size_t)snprintf(text, sizeof text, "%d", schema);
    number.mv_data = text;
    return mdb_put(txn, meta, &key, &number, 0);
}

bool lmdb_is_empty(const char *dir)
{
    struct stat st;
    char *path;
    bool empty;

    if (asprintf(&path, "%s/data.mdb", dir) < 0)
        fatal("out of memory");
    empty = stat(path, &st) < 0 ? errno == ENOENT : st.st_size == 0;
    free(path);
    return empty;
}

bool lmdb_is_unsuited(const char *dir)
{
    const char *forced = getenv("KSEARCH_CACHE_FILES");

    return forced && *forced ? strcmp(forced, "0") != 0 : fs_is_remote(dir);
}
