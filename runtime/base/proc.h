/* runtime/base/proc.h - children: argv in, output and status out, a deadline on each.
 *
 * A child runs in its own process group and dies with us (PR_SET_PDEATHSIG). When SIGINT or
 * SIGTERM reaches us while children run, proc_interrupted() turns true, running children are
 * killed, and the calls return; the caller unwinds and ends as the signal would have it. */
#ifndef KS_PROC_H
#define KS_PROC_H

#include <stdbool.h>
#include <sys/types.h>
#include "buf.h"
#include "error.h"

struct proc_limits {   /* of each process that is started, not of all together; 0: none */
    long long address; /* bytes of address space */
    long long cpu;     /* seconds of processor time, then SIGXCPU */
    long long file;    /* bytes of a file that is written */
};

struct proc_spec {
    const char *const *argv; /* argv[0] is looked up in PATH; NULL at the end */
    const char *const *env;  /* NULL: ours. Else the whole environment */
    const char *dir;         /* NULL: ours */
    int timeout_ms;          /* 0: none. Then SIGKILL to the group */
    int niceness;            /* beyond ours: how far it gives way to others */
    bool inherit;            /* output goes to our own stdout and stderr, nothing is kept */
    bool shown;              /* output is kept, and goes to our own as well while it comes */
    bool terminal;           /* with output kept: where our own is a terminal, the child's is one */
    const char *stdout_path; /* not NULL: standard output goes to this file */
    const void *input;       /* not NULL: these bytes are its standard input; else it is empty */
    size_t input_len;
    const struct proc_limits *limits; /* NULL: ours */
};

struct proc;

struct proc_result {
    int status; /* wait status; see proc_ok, proc_describe */
    bool timed_out;
    struct buf out; /* standard output, at most 64 MiB */
    struct buf err; /* standard error, at most 4 MiB */
    double seconds; /* wall time */
    int timeout_ms; /* the deadline it had; 0: none */
};

/* installs the SIGINT/SIGTERM/SIGPIPE handling described above, and puts /dev/null in the place of
 * standard streams that are closed, until a program takes our place or is started: a file that we
 * open must not become one of them. Once, early in main */
void proc_init(void);
/* were standard output and standard error open then? */
bool proc_has_streams(void);
/* runs another program in our place, with the signals as we found them; returns, with errno, only
 * when it cannot */
void proc_become(const char *const *argv);
int proc_interrupted(void); /* the signal that arrived, or 0 */
/* From here on the first SIGINT is a wish, that what is being done come to its end with what it
 * has; a second one interrupts as ever */
void proc_finish_first(void);
bool proc_should_finish(void); /* it was wished */
/* ends the process the way the signal would have; returns only when none arrived */
void proc_end_by_signal(void);

/* runs to the end. -1 only when it could not be started; a failing child is a result */
int proc_run(const struct proc_spec *spec, struct proc_result *result, struct error *err);
bool proc_ok(const struct proc_result *result); /* exited with 0 */
/* "exited with 2", "was killed by signal 9 (Killed)", "ran out of its 60 s" into text */
const char *proc_describe(const struct proc_result *result, char text[80]);
void proc_result_release(struct proc_result *result);

/* the same, side by side: start, then poll until it is done. proc_start returns NULL on failure */
struct proc *proc_start(const struct proc_spec *spec, struct error *err);
/* takes what output there is, without waiting; true once ended, when *result is filled and p is
 * freed */
bool proc_poll(struct proc *p, struct proc_result *result);
void proc_await(struct proc *p, struct proc_result *result); /* the same, waiting */
void proc_kill(struct proc *p);                              /* and frees it */
/* waits at most ms for any of the n to have output or end */
void proc_wait_any(struct proc *const *procs, size_t n, int ms);

/* seconds on the monotonic clock */
double now_seconds(void);

#endif
