/* runtime/base/proc.c
 *
 * A child leads a process group, so that a deadline ends what it started as well (nvcc starts a
 * dozen programs). Whether a child could be started at all is told by a pipe that closes on exec:
 * a program that is missing is an error of ours, not a child that failed.
 *
 * The end of a child is the end of its process, not of its output: a daemon that it left behind
 * may hold the pipes open for ever. What is left of the group is killed before the child is reaped,
 * while its number cannot yet belong to anyone else. */
#include "runtime/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "runtime/base/log.h"
#include "runtime/base/terminal.h"

#define OUT_MOST ((size_t)64 << 20)
#define ERR_MOST ((size_t)4 << 20)

enum {
    CHUNK = 64 * 1024,
    CHUNKS_A_CALL = 64, /* an endless writer must not keep us from looking at the clock */
    BLIND_MS = 10,      /* how often to look at a child whose end cannot be waited for */
};

struct proc {
    pid_t pid;
    int pidfd; /* -1 where the kernel has none */
    int out, err;
    double started, deadline; /* deadline 0: none */
    bool killed;
    struct proc_result result;
    bool shown; /* what comes is written to our own output too */
};

static volatile sig_atomic_t interrupted, patient, finish;

static void note_signal(int sig)
{
    if (sig == SIGINT && patient && !finish)
        finish = 1;
    else if (!interrupted)
        interrupted = sig;
}

void proc_finish_first(void)
{
    patient = 1;
}

bool proc_should_finish(void)
{
    return finish;
}

static void (*pipe_before)(int) = SIG_DFL; /* what SIGPIPE did before us */

static bool lacks_streams;

static void hold_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        lacks_streams |= fd != STDIN_FILENO;
        if (open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
            return; /* as good as closed */
    }
}

bool proc_has_streams(void)
{
    return !lacks_streams;
}

void proc_init(void)
{
    struct sigaction action = {.sa_handler = note_signal}, old;
    static const int signals[] = {SIGINT, SIGTERM};

    hold_streams();

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        /* started by nohup, or in the background of a shell without job control: stay ignored */
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
    pipe_before = signal(SIGPIPE, SIG_IGN);
}

void proc_become(const char *const *argv)
{
    signal(SIGPIPE, pipe_before);
    execvp(argv[0], (char *const *)argv);
}

int proc_interrupted(void)
{
    return interrupted;
}

void proc_end_by_signal(void)
{
    sigset_t mask;
    int sig = interrupted;

    if (!sig)
        return;
    log_progress_end();
    signal(sig, SIG_DFL);
    sigemptyset(&mask);
    sigaddset(&mask, sig);
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    raise(sig);
}

double now_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- starting ---------------------------------------------------------------------------- */

struct pipes {
    int in; /* a file in memory: a child that does not read cannot keep us from writing */
    int out[2], err[2], started[2];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void pipes_close(struct pipes *p)
{
    for (int i = 0; i < 2; i++) {
        close_fd(&p->out[i]);
        close_fd(&p->err[i]);
        close_fd(&p->started[i]);
    }
    close_fd(&p->in);
}

/* the child's standard input, from its beginning */
static int input_open(const struct proc_spec *spec, struct error *err)
{
    const char *bytes = spec->input;
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd < 0)
        return error_errno(err, "cannot make the input of %s", spec->argv[0]);
    for (size_t done = 0; done < spec->input_len;) {
        ssize_t n = write(fd, bytes + done, spec->input_len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            error_errno(err, "cannot write the input of %s", spec->argv[0]);
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* an end for us and one for the child: of a pipe, or of a terminal where `ours` is one */
static int ends_open(int ends[2], bool terminal, int ours)
{
    if ((!terminal || terminal_pair(ours, ends) < 0) && pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return 0;
}

/* standard output of the child: a file, a pipe, or ours (then both ends stay -1) */
static int pipes_open(struct pipes *p, const struct proc_spec *spec, struct error *err)
{
    *p = (struct pipes){-1, {-1, -1}, {-1, -1}, {-1, -1}};
    if (spec->input && (p->in = input_open(spec, err)) < 0)
        return -1;
    if (spec->stdout_path) {
        p->out[1] = open(spec->stdout_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (p->out[1] < 0)
            return error_errno(err, "cannot write %s", spec->stdout_path);
    }
    if (pipe2(p->started, O_CLOEXEC) < 0)
        return error_errno(err, "cannot make a pipe");
    if (spec->inherit)
        return 0;
    if ((p->out[1] < 0 && ends_open(p->out, spec->terminal, STDOUT_FILENO) < 0) ||
        ends_open(p->err, spec->terminal, STDERR_FILENO) < 0)
        return error_errno(err, "cannot make a pipe");
    return 0;
}

static void child_signals(void)
{
    sigset_t none;

    for (int sig = 1; sig < NSIG; sig++) {
        struct sigaction old;
        /* ours are reset; what was ignored before us stays so */
        if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == note_signal)
            signal(sig, SIG_DFL);
    }
    signal(SIGPIPE, pipe_before);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int child_redirect(const struct proc_spec *spec, const struct pipes *p)
{
    if (p->in >= 0) {
        if (dup2(p->in, STDIN_FILENO) < 0)
            return -1;
    } else if (!spec->inherit && !spec->shown) {
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (null < 0 || dup2(null, STDIN_FILENO) < 0)
            return -1;
    }
    if (p->out[1] >= 0 && dup2(p->out[1], STDOUT_FILENO) < 0)
        return -1;
    if (p->err[1] >= 0 && dup2(p->err[1], STDERR_FILENO) < 0)
        return -1;
    return 0;
}

/* both limits, so that the child cannot take it back; never above what we have ourselves */
static int child_limit(int what, long long most)
{
    struct rlimit r;

    if (most <= 0)
        return 0;
    if (getrlimit(what, &r) < 0)
        return -1;
    /* a process that leaves SIGXCPU unheeded is killed at the second limit, a second later */
    if (r.rlim_max > (rlim_t)most + (what == RLIMIT_CPU))
        r.rlim_max = (rlim_t)most + (what == RLIMIT_CPU);
    r.rlim_cur = r.rlim_max < (rlim_t)most ? r.rlim_max : (rlim_t)most;
    return setrlimit(what, &r);
}

static int child_limits(const struct proc_limits *l)
{
    if (!l)
        return 0;
    return child_limit(RLIMIT_AS, l->address) || child_limit(RLIMIT_CPU, l->cpu) ||
                   child_limit(RLIMIT_FSIZE, l->file)
               ? -1
               : 0;
}

_Noreturn static void child_run(const struct proc_spec *spec, const struct pipes *p, pid_t parent)
{
    int why;

    setpgid(0, 0);
    if (spec->niceness)
        setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + spec->niceness);
    child_signals();
    /* the parent may have died before prctl was called */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() != parent)
        _exit(127);
    if (child_redirect(spec, p) == 0 && (!spec->dir || chdir(spec->dir) == 0) &&
        child_limits(spec->limits) == 0)
        execvpe(spec->argv[0], (char *const *)spec->argv,
                spec->env ? (char *const *)spec->env : environ);
    why = errno;
    while (write(p->started[1], &why, sizeof why) < 0 && errno == EINTR)
        ;
    _exit(127);
}

/* vfork: of an engine with a large space in memory a fork costs milliseconds, and as much again in
 * page faults after it. Until it runs its program the child uses our memory, so none of our signal
 * handlers may run in it */
static pid_t child_start(const struct proc_spec *spec, const struct pipes *pipes)
{
    sigset_t all, before;
    pid_t parent = getpid(), pid;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = vfork();
    if (pid == 0)
        child_run(spec, pipes, parent);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* 0 once the child runs its program; else the errno that kept it from that */
static int wait_started(int fd)
{
    int why = 0;
    ssize_t n;

    do {
        n = read(fd, &why, sizeof why);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof why ? why : 0;
}

static struct proc *proc_new(pid_t pid, struct pipes *pipes, const struct proc_spec *spec)
{
    struct proc *p = calloc(1, sizeof *p);

    if (!p)
        fatal("out of memory");
    p->pid = pid;
    p->pidfd = pidfd_open(pid, 0);
    p->out = pipes->out[0];
    p->err = pipes->err[0];
    pipes->out[0] = pipes->err[0] = -1;
    p->started = now_seconds();
    p->deadline = spec->timeout_ms > 0 ? p->started + spec->timeout_ms * 1e-3 : 0;
    buf_init(&p->result.out, OUT_MOST);
    buf_init(&p->result.err, ERR_MOST);
    p->result.timeout_ms = spec->timeout_ms;
    p->shown = spec->shown;
    return p;
}

struct proc *proc_start(const struct proc_spec *spec, struct error *err)
{
    struct proc *p = NULL;
    struct pipes pipes;
    pid_t pid;
    int why;

    if (pipes_open(&pipes, spec, err) < 0)
        goto out;
    pid = child_start(spec, &pipes);
    if (pid < 0) {
        error_errno(err, "cannot start %s", spec->argv[0]);
        goto out;
    }
    setpgid(pid, pid); /* whichever of the two comes first */
    close_fd(&pipes.started[1]);
    why = wait_started(pipes.started[0]);
    if (why) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        errno = why;
        error_errno(err, "cannot run %s", spec->argv[0]);
        goto out;
    }
    p = proc_new(pid, &pipes, spec);
out:
    pipes_close(&pipes);
    return p;
}

/* ---- running ----------------------------------------------------------------------------- */

/* shows: where the bytes go as well, -1 nowhere */
static void take_output(int *fd, struct buf *b, int shows)
{
    char chunk[CHUNK];

    for (int i = 0; *fd >= 0 && i < CHUNKS_A_CALL; i++) {
        ssize_t n = read(*fd, chunk, sizeof chunk);
        size_t room = b->limit - b->len;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            close_fd(fd);
            return;
        }
        for (ssize_t at = 0, done; shows >= 0 && at < n; at += done) {
            done = write(shows, chunk + at, (size_t)(n - at));
            if (done < 0 && errno != EINTR)
                break; /* nobody listens */
            done = done < 0 ? 0 : done;
        }
        /* keep the beginning up to the limit; the rest is read, so that the child can go on */
        buf_add(b, chunk, (size_t)n < room ? (size_t)n : room);
        if ((size_t)n > room)
            b->full = true;
    }
}

static void group_kill(struct proc *p)
{
    /* the child itself as well, should it have left its group */
    kill(-p->pid, SIGKILL);
    kill(p->pid, SIGKILL);
    p->killed = true;
}

static bool has_ended(const struct proc *p)
{
    siginfo_t info = {0};

    /* WNOWAIT keeps the number ours until reap() */
    if (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return errno != EINTR;
    return info.si_pid == p->pid;
}

static int reap(struct proc *p)
{
    int status = 0;

    while (waitpid(p->pid, &status, 0) < 0) {
        if (errno != EINTR)
            return 255 << 8; /* someone else reaped it: say that it failed */
    }
    return status;
}

static void proc_free(struct proc *p)
{
    close_fd(&p->out);
    close_fd(&p->err);
    close_fd(&p->pidfd);
    proc_result_release(&p->result);
    free(p);
}

bool proc_poll(struct proc *p, struct proc_result *result)
{
    bool ended = has_ended(p);

    if (!ended && !p->killed) {
        p->result.timed_out = p->deadline > 0 && now_seconds() >= p->deadline;
        if (p->result.timed_out || interrupted)
            group_kill(p);
    }
    if (ended)
        kill(-p->pid, SIGKILL);
    take_output(&p->out, &p->result.out, p->shown ? STDOUT_FILENO : -1);
    take_output(&p->err, &p->result.err, p->shown ? STDERR_FILENO : -1);
    if (!ended)
        return false;
    p->result.status = reap(p);
    p->result.seconds = now_seconds() - p->started;
    *result = p->result;
    buf_init(&p->result.out, 0);
    buf_init(&p->result.err, 0);
    proc_free(p);
    return true;
}

void proc_kill(struct proc *p)
{
    if (!p)
        return;
    group_kill(p);
    reap(p);
    proc_free(p);
}

/* the shortest of ms and the time to a deadline; 0 when something is due already */
static int sleep_ms(struct proc *const *procs, size_t n, int ms)
{
    double now = now_seconds();

    for (size_t i = 0; i < n; i++) {
        const struct proc *p = procs[i];
        double left = (p->deadline - now) * 1e3 + 1;

        if (p->pidfd < 0 && ms > BLIND_MS)
            ms = BLIND_MS;
        if (p->killed)
            continue;
        if (interrupted)
            return 0;
        if (p->deadline > 0 && left < ms)
            ms = left > 0 ? (int)left : 0;
    }
    return ms > 0 ? ms : 0;
}

void proc_wait_any(struct proc *const *procs, size_t n, int ms)
{
    struct pollfd *fds = calloc(3 * n + 1, sizeof *fds);
    struct timespec wait;
    sigset_t block, before;
    nfds_t used = 0;

    if (!fds)
        fatal("out of memory");
    for (size_t i = 0; i < n; i++) {
        const int each[] = {procs[i]->out, procs[i]->err, procs[i]->pidfd};
        for (int k = 0; k < 3; k++) {
            if (each[k] >= 0)
                fds[used++] = (struct pollfd){.fd = each[k], .events = POLLIN};
        }
    }
    /* a signal between the look at `interrupted` and the wait must end the wait */
    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    sigaddset(&block, SIGTERM);
    sigprocmask(SIG_BLOCK, &block, &before);
    ms = sleep_ms(procs, n, ms);
    wait = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    ppoll(fds, used, &wait, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    free(fds);
}

void proc_await(struct proc *p, struct proc_result *result)
{
    while (!proc_poll(p, result))
        proc_wait_any(&p, 1, 60 * 1000);
}

int proc_run(const struct proc_spec *spec, struct proc_result *result, struct error *err)
{
    struct proc *p = proc_start(spec, err);

    if (!p) {
        *result = (struct proc_result){.status = 127 << 8};
        return -1;
    }
    proc_await(p, result);
    return 0;
}

/* ---- results ----------------------------------------------------------------------------- */

bool proc_ok(const struct proc_result *result)
{
    return !result->timed_out && WIFEXITED(result->status) && WEXITSTATUS(result->status) == 0;
}

const char *proc_describe(const struct proc_result *result, char text[80])
{
    int status = result->status;

    if (result->timed_out)
        snprintf(text, 80, "ran out of its %.3g s", result->timeout_ms * 1e-3);
    else if (WIFSIGNALED(status))
        snprintf(text, 80, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(text, 80, "exited with %d", WEXITSTATUS(status));
    return text;
}

void proc_result_release(struct proc_result *result)
{
    buf_release(&result->out);
    buf_release(&result->err);
}
