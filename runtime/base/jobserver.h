/* runtime/base/jobserver.h - the job slots of make, of which we are a client.
 *
 * `make -jN` lets N jobs run at once. Each job that it starts has one slot; for each process that
 * it runs beside its first one it takes a token, a byte, out of make's pipe, and writes the same
 * byte back when that process has ended. MAKEFLAGS says where the pipe is: `--jobserver-auth=R,W`
 * are descriptors (GNU make up to 4.3), `--jobserver-auth=fifo:PATH` is a file (since 4.4;
 * ninja 1.13 hands it on).
 *
 * Up to 4.3 make closes the descriptors for recipe lines that neither begin with + nor name
 * $(MAKE), which is every compile; MAKEFLAGS names them all the same. They are then those of the
 * make that started us, and are opened there, in its /proc/PID/fd.
 *
 * Tokens come back however we end: while we hold any, a child of ours waits for our death. */
#ifndef KS_JOBSERVER_H
#define KS_JOBSERVER_H

#include <stdbool.h>
#include "runtime/base/error.h"

struct jobserver;

/* The jobserver that these flags (of MAKEFLAGS; NULL: none) name; NULL where they name none, or,
 * with *err, one that cannot be reached */
struct jobserver *jobserver_open(const char *flags, struct error *err);
/* N of the -jN in these flags, 0 where there is none */
int jobserver_width(const char *flags);
/* a token more, without waiting; false: there is none now */
bool jobserver_take(struct jobserver *j);
/* the one that was taken last goes back */
void jobserver_give(struct jobserver *j);
void jobserver_close(struct jobserver *j); /* and gives back what is held; NULL is fine */

#endif
