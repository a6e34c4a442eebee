/* driver/build/jobs.h - may a compiler more run now?
 *
 * A search wants a compiler on every core, and so do the fifteen beside it under `make -j16`. The
 * first compiler of a process is the job that its build started it for, and may always run. Each
 * further one needs a token of make's jobserver; or, where none can be reached, a slot of those
 * that the searches of a user share, which are KSEARCH_JOBS, else the N of make's -jN, else the
 * cores. */
#ifndef KS_JOBS_H
#define KS_JOBS_H

#include <stdbool.h>

/* how many compilers one process may run at once: KSEARCH_JOBS, else the cores it may use */
int jobs_most(void);
/* may a compiler more run? Then it counts, until jobs_give. Does not wait */
bool jobs_take(void);
/* Waits until a compiler may run, and counts it. One that has ended but was not given back yet
 * makes room as well, so that nobody waits for himself; and after 5 min it runs all the same */
void jobs_wait(void);
void jobs_give(void);

#endif
