/* runtime/base/jobserver.c - see jobserver.h.
 *
 * Whatever form the pipe has, we open it anew, by a name: so reading does not wait, whatever others
 * do with theirs (a reader that was told of a token may find it taken by another), and nothing of
 * make's own descriptors is changed.
 *
 * A number in MAKEFLAGS may by now stand for anything: it is taken for the pipe only where both
 * numbers are the two ends of one pipe, and were not opened by ourselves (ours close on exec; what
 * was inherited cannot). */
#include "runtime/base/jobserver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/log.h"

enum { MOST = 256, ANCESTORS = 16 };

struct tokens { /* shared with the keeper */
    volatile sig_atomic_t n;
    char byte[MOST];
};

struct jobserver {
    int fd; /* both ends */
    struct tokens *held;
    pid_t keeper; /* 0: none, as nothing is held */
};

/* ---- MAKEFLAGS ---- */

/* The value of the last word that begins so, into value; false: there is none. What follows "--"
 * are variables */
static bool flags_find(const char *flags, const char *begins, char value[PATH_MAX])
{
    size_t n = strlen(begins);
    bool found = false;

    while (flags && *(flags += strspn(flags, " "))) {
        size_t len = strcspn(flags, " ");

        if (len == 2 && strncmp(flags, "--", 2) == 0)
            break;
        if (len >= n && len - n < PATH_MAX && strncmp(flags, begins, n) == 0) {
            snprintf(value, PATH_MAX, "%.*s", (int)(len - n), flags + n);
            found = true;
        }
        flags += len;
    }
    return found;
}

int jobserver_width(const char *flags)
{
    char value[PATH_MAX];
    char *end;
    long n;

    if (!flags_find(flags, "-j", value))
        return 0;
    n = strtol(value, &end, 10);
    return *end || n < 1 || n > INT_MAX ? 0 : (int)n;
}

/* ---- opening ---- */

static int open_named(const char *path, struct error *err)
{
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return error_errno(err, "cannot open %s", path);
    if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode)) {
        close(fd);
        return error_set(err, "%s is no pipe", path);
    }
    return fd;
}

/* opens the pipe that a process has under these two numbers */
static int open_pipe_of(const char *process, int in, int out, struct error *err)
{
    char path[2][64];
    struct stat st[2];

    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "/proc/%s/fd/%d", process, i ? out : in);
        if (stat(path[i], &st[i]) < 0)
            return error_errno(err, "cannot see %s", path[i]);
    }
    if (in == out || !S_ISFIFO(st[0].st_mode) || st[0].st_dev != st[1].st_dev ||
        st[0].st_ino != st[1].st_ino)
        return error_set(err, "%s and %d are not the ends of one pipe", path[0], out);
    return open_named(path[0], err);
}

/* the parent of a process, and whether the process is make; 0: it cannot be told */
static int parent_of(int pid, bool *is_make)
{
    char path[64], text[512], *name, *end;
    int parent = 0;
    FILE *f;
    size_t n;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!(f = fopen(path, "re")))
        return 0;
    n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    name = strchr(text, '(');
    end = strrchr(text, ')'); /* the name may have any character */
    if (!name || !end || sscanf(end + 1, " %*c %d", &parent) != 1)
        return 0;
    *end = '\0';
    *is_make = strstr(name, "make") != NULL;
    return parent;
}

/* of the make that started us, through shells and launchers */
static int open_pipe_of_make(int in, int out, struct error *err)
{
    int pid = getppid();

    for (int i = 0; i < ANCESTORS && pid > 0; i++) { /* in a container make may be number 1 */
        bool is_make = false;
        int parent = parent_of(pid, &is_make);
        char process[16];

        if (is_make) {
            snprintf(process, sizeof process, "%d", pid);
            return open_pipe_of(process, in, out, err);
        }
        pid = parent;
    }
    return error_set(err, "descriptor %d is closed, and no make is above us", in);
}

static bool is_inherited(int fd)
{
    int flags = fcntl(fd, F_GETFD);

    return flags >= 0 && !(flags & FD_CLOEXEC);
}

static int open_auth(const char *auth, struct error *err)
{
    int in, out, end = 0;

    if (strncmp(auth, "fifo:", 5) == 0)
        return open_named(auth + 5, err);
    if (sscanf(auth, "%d,%d%n", &in, &out, &end) != 2 || auth[end] || in < 0 || out < 0)
        return error_set(err, "no jobserver of a known form: %s", auth);
    if (is_inherited(in) && is_inherited(out)) {
        int fd = open_pipe_of("self", in, out, NULL);
        if (fd >= 0)
            return fd;
    }
    return open_pipe_of_make(in, out, err);
}

struct jobserver *jobserver_open(const char *flags, struct error *err)
{
    char auth[PATH_MAX];
    struct jobserver *j;
    int fd;

    if (!flags_find(flags, "--jobserver-auth=", auth) &&
        !flags_find(flags, "--jobserver-fds=", auth))
        return NULL;
    if ((fd = open_auth(auth, err)) < 0)
        return NULL;
    if (!(j = calloc(1, sizeof *j)))
        fatal("out of memory");
    j->fd = fd;
    j->held =
        mmap(NULL, sizeof *j->held, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (j->held == MAP_FAILED) {
        error_errno(err, "no memory for the tokens of make");
        close(fd);
        free(j);
        return NULL;
    }
    return j;
}

/* ---- tokens ---- */

static void give_one(int fd, struct tokens *held)
{
    char byte = held->byte[--held->n];

    while (write(fd, &byte, 1) < 0 && errno == EINTR)
        ;
}

/* The keeper: a process of a session of its own, so that no Ctrl-C reaches it, with nothing open
 * but the pipe, so that nobody waits for it and it holds no lock of ours. The kernel tells it when
 * we are gone. */
static void keep(struct jobserver *j, pid_t parent, const sigset_t *told)
{
    int sig, null = open("/dev/null", O_RDWR);

    setsid();
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    if (dup2(j->fd, 3) < 0 || close_range(4, ~0U, 0) < 0)
        _exit(1);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    while (getppid() == parent)
        sigwait(told, &sig);
    while (j->held->n > 0)
        give_one(3, j->held);
    _exit(0);
}

static void keeper_start(struct jobserver *j)
{
    sigset_t all, told, before;
    pid_t parent = getpid();

    sigfillset(&all);
    sigemptyset(&told);
    sigaddset(&told, SIGUSR1);
    sigprocmask(SIG_SETMASK, &all, &before); /* nothing but SIGKILL ends it */
    j->keeper = fork();
    if (j->keeper == 0)
        keep(j, parent, &told);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (j->keeper < 0)
        j->keeper = 0; /* then tokens come back unless we are killed */
}

static void keeper_end(struct jobserver *j)
{
    if (j->keeper) {
        kill(j->keeper, SIGKILL);
        while (waitpid(j->keeper, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    j->keeper = 0;
}

bool jobserver_take(struct jobserver *j)
{
    struct tokens *held = j->held;
    ssize_t n;

    if (held->n == MOST)
        return false;
    do {
        n = read(j->fd, &held->byte[held->n], 1);
    } while (n < 0 && errno == EINTR);
    if (n != 1)
        return false;
    held->n++;
    if (!j->keeper)
        keeper_start(j);
    return true;
}

void jobserver_give(struct jobserver *j)
{
    if (j->held->n > 0)
        give_one(j->fd, j->held);
    if (j->held->n == 0)
        keeper_end(j);
}

void jobserver_close(struct jobserver *j)
{
    if (!j)
        return;
    while (j->held->n > 0)
        jobserver_give(j);
    munmap(j->held, sizeof *j->held);
    close(j->fd);
    free(j);
}
