/* driver/search/worker.h - a worker process and its pipes. */
#ifndef KS_WORKER_H
#define KS_WORKER_H

#include <jansson.h>
#include <stdbool.h>
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

struct worker;

struct worker_box {          /* how a worker is contained that runs what a model wrote */
    const char *uuid;        /* of its GPU: the lock inside is the one outside */
    const char *const *read; /* files of the user that it reads, NULL at the end; may be NULL */
};

struct worker_tool {          /* a program that runs the worker's and watches it */
    const char *const *words; /* its command line up to there, NULL at the end */
    const char *log;          /* a file that it writes */
};

/* starts the worker: the words of KSEARCH_WORKER, else ksearch-worker beside this program; in a
 * sandbox (driver/build/sandbox.h) where box is not NULL, under a tool where that is not NULL (an
 * error where KSEARCH_WORKER does not name ksearch-worker: it may be on another machine) */
struct worker *worker_start(const struct worker_box *box, const struct worker_tool *tool,
                            struct error *err);
/* Sends request (its reference is taken) and the blob, in at most timeout_s. 0, and worker_answer()
 * has to come next. -1 when the worker died or does not read: it must be ended then. WORKER_KILLED
 * when a SIGKILL ended it that was not ours. `idle` is called while it waits, and ends it unless it
 * returns 0 */
#define WORKER_KILLED (-2)
int worker_ask(struct worker *w, json_t *request, const struct buf *blob, double timeout_s,
               int (*idle)(void *), void *arg, struct error *err);
/* Waits for the reply to what was asked, again at most timeout_s from now on, not counting the time
 * that the worker waits for the GPU's lock. 0 and *reply (a new reference), else as worker_ask; -1
 * also when it broke the protocol or ran out of time */
int worker_answer(struct worker *w, int (*idle)(void *), void *arg, json_t **reply,
                  struct error *err);
/* ends it: end of input and a short wait, or at once by SIGKILL; waits until it is gone. -1 when it
 * does not go: the driver holds it, and its GPU is better left alone */
int worker_end(struct worker *w, bool at_once);
/* runs the worker with --probe and returns the GPU's JSON object, or NULL with the reason. CUDA
 * takes a while to start: `meanwhile`, unless NULL, is called once while it does */
json_t *worker_probe(void (*meanwhile)(void *arg), void *arg, struct error *err);

#endif
