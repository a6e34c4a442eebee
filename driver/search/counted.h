/* driver/search/counted.h - what the hardware counted while an entry ran once: the list "kernels"
 * of the worker's profile (runtime/worker/PROTOCOL.md), read.
 *
 * Metrics of a kernel are means over its launches. What was not counted is negative. */
#ifndef KS_COUNTED_H
#define KS_COUNTED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* microseconds of all launches of that kernel */
double counted_us(const json_t *kernel);
int64_t counted_launches(const json_t *kernel);
/* blocks of its grid, threads of a block, blocks of a cluster (0: none); 0 where it is not told */
int64_t counted_blocks(const json_t *kernel);
int64_t counted_threads(const json_t *kernel);
int64_t counted_cluster(const json_t *kernel);

/* the kernel that took most of the time; NULL: there is none */
const json_t *counted_longest(const json_t *kernels);
/* of all kernels and launches: microseconds; the mean of a metric, weighted by time */
double counted_all_us(const json_t *kernels);
double counted_mean(const json_t *kernels, const char *name);
/* bytes that DRAM read and wrote */
double counted_dram(const json_t *kernels);

/* Operations, a multiply-add being two. Those of threads by their type; those of the tensor cores,
 * by the type of their operands */
enum counted_ops { OPS_F32, OPS_F64, OPS_F16, OPS_TENSOR_F16, OPS_TENSOR_BF16, OPS_TENSOR_OTHER };
enum { COUNTED_OPS = OPS_TENSOR_OTHER + 1 };
double counted_operations(const json_t *kernels, enum counted_ops kind);
/* is the metric one that those are made of? */
bool counted_is_operation(const char *metric);
/* "f32", "tensor f16" */
const char *counted_ops_name(enum counted_ops kind);
/* whose measured peak (bench_peak) is theirs: "f32", "f16"; NULL: none is measured */
const char *counted_ops_peak(enum counted_ops kind);

/* How busy the busiest arithmetic pipe was, in percent of the whole time: 100 is all that the card
 * can do. The FMA pipe is among them where it was counted */
double counted_arithmetic(const json_t *kernels);

#endif
