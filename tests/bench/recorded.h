/* tests/bench/recorded.h - a recorded space: every valid configuration of a kernel with its time,
 * so that a tuner is judged without a GPU.
 *
 * A file is a TSV table, gzipped or not. Lines that begin with '#' come first: "# kernel: NAME
 * device: NAME  problem_size: ...". Then the header: a column a parameter, `time_ms`, and, where
 * they were recorded, `compile_s` and `bench_s`; what else there is is ignored. Then a row a
 * configuration; a time that is no positive number ("fail") is a failure. Values that are no
 * integers are told apart by their text, and numbered in the order of their numbers. */
#ifndef KS_BENCH_RECORDED_H
#define KS_BENCH_RECORDED_H

#include <jansson.h>
#include "driver/search/space.h"
#include "runtime/base/error.h"

struct recorded {
    struct arena *arena;
    const char *name, *kernel, *device;
    struct spec *spec;
    struct space *space;
    double *time; /* by point, ms; HUGE_VAL: failed */
    double *cost; /* by point: seconds of compiling and measuring it */
    double best, cost_mean;
    size_t n, failed;
    const char **left_out; /* constraints that are not in spec->wheres, and why */
    size_t nleft_out;
};

/* Reads the text of a table; NULL with *err, which names the line. constraints: of a folder, may be
 * NULL; those of the space's kernel, or of the space itself by name, are in spec->wheres then. One
 * that cannot be read, or that a row of the table does not meet, is left out */
struct recorded *recorded_parse(const char *name, const char *text, size_t len,
                                const json_t *constraints, struct error *err);
/* reads a file, gzipped or not; its name up to the first '.' names the space */
struct recorded *recorded_read(const char *path, const json_t *constraints, struct error *err);
/* the point of r with the values that a point of another space has, by the parameters' names;
 * SPACE_NONE: there is none */
size_t recorded_find(const struct recorded *r, const struct recorded *other, size_t point);
void recorded_free(struct recorded *r); /* NULL is fine */

#endif
