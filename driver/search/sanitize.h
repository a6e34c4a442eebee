/* driver/search/sanitize.h - compute-sanitizer over a variant that is about to win.
 *
 * Its tools see what comparing results does not: a read beyond an array that happened to find
 * zeros, a race in shared memory that went well, a barrier that not all threads reach, memory that
 * is read before it is written. They slow a kernel down by a factor of a hundred, so one small size
 * is run, by a worker of its own under the tool.
 *
 * The original is judged by the same measure: where a tool finds something in it too, that tool has
 * no say about the variant. */
#ifndef KS_SANITIZE_H
#define KS_SANITIZE_H

#include "driver/search/bench.h"

struct buf;

/* The first finding of a tool's log, as one line ("Invalid __global__ write of size 4 bytes at
 * add(float *, int)+0x90 by thread (3,0,0) in block (1,0,0)") in *out; false: there is none. What
 * is about the worker's own kernels (ks_...) is none */
bool sanitize_finding(const char *log, size_t len, struct buf *out);

/* Runs the variant at the point (of the bench) under each tool. `ran` gets which tools judged it
 * ("memcheck, racecheck") or why none could ("no compute-sanitizer ..."), for people.
 * BENCH_FAILED: one found something, *err says what. */
enum bench_result sanitize_run(struct bench *b, size_t variant, size_t point, struct buf *ran,
                               struct error *err);

#endif
