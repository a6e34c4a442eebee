/* driver/search/worker.c - starting, asking and ending a worker.
 *
 * The worker is a child with two pipes of its own rather than a `struct proc`: it lives for the
 * whole search and talks in frames. Its standard error is ours, so that what it says to people
 * reaches them. */
#include "driver/search/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "driver/build/sandbox.h"
#include "driver/build/words.h"
#include "runtime/base/frame.h"
#include "runtime/base/fs.h"
#include "runtime/base/gpulock.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/timeline.h"

struct worker {
    pid_t pid;
    int in, out; /* its standard input and output, our ends */
    char op[32]; /* what it was asked last */
    double asked, timeout_s;
};

#define WORKER_WORDS 64

/* splits KSEARCH_WORKER at blanks, or names the installed worker. The strings live in *store */
static int worker_words(char **store, const char *words[WORKER_WORDS], struct error *err)
{
    size_t n = 0;
    const char *given = getenv("KSEARCH_WORKER");
    if (given && *given) {
        *store = strdup(given);
        char *save = NULL;
        for (char *w = strtok_r(*store, " \t", &save); w && n < WORKER_WORDS - 2;
             w = strtok_r(NULL, " \t", &save))
            words[n++] = w;
    } else {
        words[n++] = *store = fs_beside_self("ksearch-worker");
    }
    words[n] = NULL;
    if (!n || !*store)
        return error_set(err, "no worker program: KSEARCH_WORKER is empty");
    return 0;
}

/* puts the tool's words before those of the worker */
static int worker_under(const struct worker_tool *tool, const char *words[WORKER_WORDS],
                        struct error *err)
{
    size_t n = 0, at = 0, more = 0;
    while (words[n])
        n++;
    while (tool->words[more])
        more++;
    while (at < n && strcmp(fs_base(words[at]), "ksearch-worker") != 0)
        at++;
    if (at == n || n + more >= WORKER_WORDS)
        return error_set(err, "KSEARCH_WORKER does not name ksearch-worker, but '%s'", words[0]);
    memmove(words + at + more, words + at, (n - at + 1) * sizeof *words);
    memcpy(words + at, tool->words, more * sizeof *words);
    return 0;
}

/* in the child: pipes to 0 and 1, dies with us, a group of its own so that Ctrl-C reaches it only
 * through us */
static void worker_exec(const char *const *words, int in, int out, pid_t parent)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    dup2(in, 0);
    dup2(out, 1);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(words[0], (char *const *)words);
    dprintf(2, "ksnvcc: cannot run %s: %s\n", words[0], strerror(errno));
    _exit(127);
}

/* a file that is written must be there to be shown */
static const char *writable(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0)
        close(fd);
    return fd >= 0 ? path : NULL;
}

/* the command line that runs the words inside, or NULL. The harness comes over the pipe, so all
 * that is shown is the worker's own program and a tool's, what they write, and the user's arrays */
static const char *const *worker_contain(struct arena *a, const struct worker_box *box,
                                         const struct worker_tool *tool, const char *const *words,
                                         struct error *err)
{
    size_t writes = 1;
    char here[PATH_MAX];
    const char *file;
    struct words read = {0};
    struct sandbox_job job = {.kind = SANDBOX_WORKER, .argv = words};
    char *lock = gpulock_path(box->uuid, err);
    if (!lock)
        return NULL;
    job.write[0] = arena_dup(a, lock);
    free(lock);
    for (size_t i = 0; words[i]; i++) {
        if (strchr(words[i], '/') && fs_is_program(words[i])) /* "nice -5 /a/ksearch-worker" */
            words_add(a, &read, words[i]);
        if (!words[i + 1])
            break;
        if (strcmp(words[i], "--replay") == 0)
            words_add(a, &read, words[i + 1]);
        if (strcmp(words[i], "--record") == 0 && (file = writable(words[i + 1])))
            job.write[writes++] = file;
    }
    if (tool && (file = writable(tool->log)))
        job.write[writes++] = file;
    for (size_t i = 0; box->read && box->read[i]; i++)
        words_add(a, &read, box->read[i]);
    job.read = words_end(a, &read);
    /* names are relative to it */
    job.dir = getcwd(here, sizeof here) ? arena_dup(a, here) : NULL;
    return sandbox_argv(a, &job, err);
}

struct worker *worker_start(const struct worker_box *box, const struct worker_tool *tool,
                            struct error *err)
{
    const char *words[WORKER_WORDS], *const *argv = words;
    struct arena *a = arena_new();
    char *store = NULL;
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    struct worker *w = NULL;
    if (worker_words(&store, words, err) || (tool && worker_under(tool, words, err)))
        goto done;
    if (box && !(argv = worker_contain(a, box, tool, words, err)))
        goto done;
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
        error_errno(err, "cannot make a pipe for the worker");
        goto done;
    }
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        worker_exec(argv, in[0], out[1], parent);
    if (pid < 0) {
        error_errno(err, "cannot start the worker");
        goto done;
    }
    w = calloc(1, sizeof *w);
    if (!w)
        fatal("out of memory");
    w->pid = pid, w->in = in[1], w->out = out[0];
    fcntl(w->in, F_SETFL, O_NONBLOCK);
    in[1] = out[0] = -1;
done:
    for (int i = 0; i < 2; i++) {
        if (in[i] >= 0)
            close(in[i]);
        if (out[i] >= 0)
            close(out[i]);
    }
    free(store);
    arena_free(a);
    return w;
}

/* Why there is no answer: what became of the process, and over what. The original and the variants
 * of a host entry are loaded with the rest of their file, so static constructors run. */
static int worker_died(const struct worker *w, const char *op, struct error *err)
{
    siginfo_t info = {0};
    bool loads = !strcmp(op, "open") || !strcmp(op, "variant");
    /* it has closed its pipe, so it is about to be gone; worker_end() takes it away */
    for (int ms = 0; ms < 500 && !info.si_pid; ms += 5) {
        if (ms)
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        if (waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOHANG | WNOWAIT))
            break;
    }
    int sig = info.si_pid && info.si_code != CLD_EXITED ? info.si_status
              : info.si_pid && info.si_status > 128     ? info.si_status - 128
                                                        : 0;
    if (!sig)
        return error_set(err, "the worker ended without an answer to '%s'", op);
    error_set(err, "the worker was killed by signal %d (%s) over '%s'%s", sig, strsignal(sig), op,
              loads && sig != SIGKILL
                  ? "; a static constructor of the file may use something of another file, "
                    "which is not there"
                  : "");
    return sig == SIGKILL ? WORKER_KILLED : -1;
}

int worker_ask(struct worker *w, json_t *request, const struct buf *blob, double timeout_s,
               int (*idle)(void *), void *arg, struct error *err)
{
    struct error why = {""}, gone = {""};
    const char *op = json_string_value(json_object_get(request, "op"));
    snprintf(w->op, sizeof w->op, "%s", op ? op : "");
    w->asked = now_seconds();
    w->timeout_s = timeout_s;
    int rc = frame_write_timed(w->in, (int)(timeout_s * 1000), idle, arg, request,
                               blob ? blob->data : NULL, blob ? blob->len : 0, &why);
    json_decref(request);
    if (rc == 0)
        return 0;
    rc = worker_died(w, w->op, &gone); /* it may have gone since its last answer */
    error_set(err, "the worker cannot be asked: %s; %s", why.text, gone.text);
    return rc;
}

static int answer_read(struct worker *w, int (*idle)(void *), void *arg, json_t **reply,
                       struct error *err)
{
    double end = now_seconds() + w->timeout_s;
    for (;;) {
        double left = end - now_seconds();
        struct error why = {""};
        struct buf junk;
        buf_init(&junk, 1 << 20);
        int got =
            frame_read(w->out, left > 0 ? (int)(left * 1000) : 0, idle, arg, reply, &junk, &why);
        buf_release(&junk);
        if (got == 0)
            return worker_died(w, w->op, err);
        if (got < 0)
            return error_set(err, "the worker does not answer: %s", why.text);
        json_t *event = json_object_get(*reply, "event");
        if (!event)
            return 0;
        end += json_number_value(json_object_get(*reply, "seconds")) > 0 ? 1.0 : 0.0;
        json_decref(*reply);
        *reply = NULL;
    }
}

int worker_answer(struct worker *w, int (*idle)(void *), void *arg, json_t **reply,
                  struct error *err)
{
    *reply = NULL;
    int rc = answer_read(w, idle, arg, reply, err);
    timeline_span(TIMELINE_GPU, w->op, w->asked);
    return rc;
}

/* the worker may be a sandbox, a launcher or a shell with the real one as its child */
static void worker_kill(const struct worker *w)
{
    kill(-w->pid, SIGKILL);
    kill(w->pid, SIGKILL); /* should it have no group of its own yet */
}

int worker_end(struct worker *w, bool at_once)
{
    bool gone = false;
    if (!w)
        return 0;
    close(w->in);
    if (at_once)
        worker_kill(w);
    /* a worker that does not go in 5 s hangs in a launch, and a killed one whose GPU is wedged may
     * never go: it is then left to the system */
    for (int ms = 0; ms < 15000 && !gone; ms += 5) {
        pid_t pid = waitpid(w->pid, NULL, WNOHANG);
        gone = pid == w->pid || (pid < 0 && errno == ECHILD);
        if (ms == 5000)
            worker_kill(w);
        if (!gone)
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    close(w->out);
    free(w);
    return gone ? 0 : -1;
}

static struct proc *probe_start(struct error *err)
{
    const char *words[WORKER_WORDS];
    char *store = NULL;
    if (worker_words(&store, words, err))
        return NULL;
    size_t n = 0;
    while (words[n])
        n++;
    words[n++] = "--probe";
    words[n] = NULL;
    struct proc *p = proc_start(&(struct proc_spec){.argv = words, .timeout_ms = 30000}, err);
    free(store);
    return p;
}

/* what it said */
static json_t *probe_gpu(const struct proc_result *r, struct error *err)
{
    json_error_t why;
    json_t *gpu = proc_ok(r) ? json_loadb(buf_text(&r->out), r->out.len, 0, &why) : NULL;
    char status[80];
    size_t line = strcspn(buf_text(&r->err), "\n");
    if (!gpu && line)
        error_set(err, "%.*s", (int)line, buf_text(&r->err));
    else if (!gpu)
        error_set(err, "the worker %s", proc_describe(r, status));
    return gpu;
}

json_t *worker_probe(void (*meanwhile)(void *arg), void *arg, struct error *err)
{
    struct proc *p = probe_start(err);
    struct proc_result r;
    if (!p)
        return NULL;
    if (meanwhile)
        meanwhile(arg);
    proc_await(p, &r);
    json_t *gpu = probe_gpu(&r, err);
    proc_result_release(&r);
    return gpu;
}
