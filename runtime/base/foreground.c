/* runtime/base/foreground.c - see foreground.h. */
#include "runtime/base/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "runtime/base/error.h"

static volatile sig_atomic_t child;

/* what the terminal sends goes to the whole group, the child included */
static void pass_on(int sig, siginfo_t *info, void *context)
{
    (void)context;
    if (child > 0 && info->si_code <= 0)
        kill((pid_t)child, sig);
}

enum { SIGNALS = 4 };
static const int signals[SIGNALS] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

/* what was ignored before us stays so */
static void signals_take(struct sigaction old[SIGNALS])
{
    struct sigaction now = {.sa_sigaction = pass_on, .sa_flags = SA_RESTART | SA_SIGINFO};

    sigemptyset(&now.sa_mask);
    for (int i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &old[i]);
        if (old[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &now, NULL);
    }
}

/* as the program would have them without us: handlers do not survive exec, but ignoring would */
static void signals_of_child(const struct sigaction old[SIGNALS])
{
    for (int i = 0; i < SIGNALS; i++)
        if (old[i].sa_handler != SIG_IGN)
            signal(signals[i], SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
}

static void child_run(const char *const *argv, int out, const struct sigaction old[SIGNALS],
                      int told)
{
    int why;

    signals_of_child(old);
    if (out == STDOUT_FILENO || dup2(out, STDOUT_FILENO) >= 0)
        execvp(argv[0], (char *const *)argv);
    why = errno;
    while (write(told, &why, sizeof why) < 0 && errno == EINTR)
        ;
    _exit(127);
}

/* 0 once the program runs; else the errno that kept it from that */
static int wait_started(int fd)
{
    int why = 0;
    ssize_t n;

    do
        n = read(fd, &why, sizeof why);
    while (n < 0 && errno == EINTR);
    close(fd);
    return n == (ssize_t)sizeof why ? why : 0;
}

int foreground_run(const char *const *argv, int out, int *status, struct error *err)
{
    struct sigaction old[SIGNALS];
    int told[2], why;
    pid_t pid;

    if (pipe2(told, O_CLOEXEC) < 0)
        return error_errno(err, "cannot make a pipe");
    signals_take(old);
    pid = fork();
    if (pid == 0)
        child_run(argv, out, old, told[1]);
    child = pid;
    close(told[1]);
    why = pid < 0 ? errno : wait_started(told[0]);
    if (pid < 0)
        close(told[0]);
    while (pid > 0 && waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    child = 0;
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &old[i], NULL);
    errno = why;
    return why ? error_errno(err, "cannot run %s", argv[0]) : 0;
}

int foreground_end_like(int status)
{
    struct rlimit none = {0, 0};
    sigset_t mask;

    if (!WIFSIGNALED(status))
        return WEXITSTATUS(status);
    setrlimit(RLIMIT_CORE, &none); /* the core that matters is the program's */
    signal(WTERMSIG(status), SIG_DFL);
    sigemptyset(&mask);
    sigaddset(&mask, WTERMSIG(status));
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    raise(WTERMSIG(status));
    return 128 + WTERMSIG(status);
}
