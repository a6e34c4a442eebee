/* runtime/base/foreground.h - a child that takes our place at the terminal for as long as it runs.
 *
 * Unlike the children of proc.h it is the user's program and not ours: it stays in our process
 * group, so it may read the terminal; it has no deadline and is not killed when we are interrupted.
 * Ctrl-C reaches it by itself; a signal that somebody sends to us alone is passed on. */
#ifndef KS_FOREGROUND_H
#define KS_FOREGROUND_H

struct error;

/* runs argv (looked up in PATH) to its end, with our environment and `out` as its standard output;
 * *status is its wait status. -1 when it cannot be started */
int foreground_run(const char *const *argv, int out, int *status, struct error *err);
/* ends as a child of this wait status did: returns its exit status, or dies by its signal */
int foreground_end_like(int status);

#endif
