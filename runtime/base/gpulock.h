/* runtime/base/gpulock.h - one measurement at a time on a GPU, whoever starts it.
 *
 * The lock is an flock on <dir>/ksearch-gpu-<uuid>.lock, dir being $KSEARCH_LOCK_DIR or /tmp, so
 * that workers of several users and builds share a card, in turns; the kernel drops it with the
 * process. */
#ifndef KS_GPULOCK_H
#define KS_GPULOCK_H

#include "runtime/base/error.h"

/* Waits for the lock of this GPU; calls `waiting` with the seconds so far once a second. Returns a
 * descriptor, which holds the lock until it is closed; -1 when there can be no lock (err says why),
 * or `waiting` returned non-zero. */
int gpulock_take(const char *uuid, int (*waiting)(void *arg, double seconds), void *arg,
                 struct error *err);
/* the path of that file, which is made if it is not there: a worker in a sandbox must be shown the
 * same file. free() it; NULL with *err */
char *gpulock_path(const char *uuid, struct error *err);
void gpulock_release(int fd); /* -1 is fine */

#endif
