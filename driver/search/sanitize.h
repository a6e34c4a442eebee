/* driver/search/sanitize.h - compute-sanitizer over a variant that is about to win.
 *
 * Its tools see what comparing results does not: a read beyond an array that happened to find
 * zeros, a race in shared memory that went well, a barrier that not all threads reach, memory that
 * is read before it is written. To begin takes each some seconds, and they slow kernels down by a
 * factor of a hundred, racecheck by thousands: so a search's winners run once, together, at one
 * small size, and under racecheck at a smaller one.
 *
 * The original is judged by the same measure: where a tool finds something in it too, that tool has
 * no say about the variant. */
#ifndef KS_SANITIZE_H
#define KS_SANITIZE_H

#include "driver/search/bench.h"
#include "runtime/base/buf.h"

/* The first finding of a tool's log, as one line ("Invalid __global__ write of size 4 bytes at
 * add(float *, int)+0x90 by thread (3,0,0) in block (1,0,0)") in *out; false: there is none. What
 * is about the worker's own kernels (ks_...) is none */
bool sanitize_finding(const char *log, size_t len, struct buf *out);

struct sanitizing {
    size_t *variants; /* of the bench */
    size_t n;
    size_t point;  /* of the bench: a small size */
    size_t few;    /* the same, for racecheck: what blocks share each has of its own, so that few of
                      them show it as much as many */
    bool thorough; /* all tools, as for what a model wrote; else memcheck and racecheck: what nobody
                      wrote outputs and scratch memory show by their poison */
    struct buf ran; /* which tools judged them, "memcheck, racecheck"; the caller's to init */
    size_t bad;     /* the index of the one that was refused */
};

/* Runs the variants at the point, all of them in one worker a tool. Where none can be run, nothing
 * is refused. BENCH_FAILED: a tool found something, *err says what */
enum bench_result sanitize_run(struct bench *b, struct sanitizing *job, struct error *err);

#endif
