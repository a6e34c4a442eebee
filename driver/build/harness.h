/* driver/build/harness.h - C++ around a user's file, so that C can call its entries.
 *
 * The harness is the user's text, annotations blanked, with generated functions behind it, compiled
 * as a shared object with the user's flags. It exports, for every target L (an entry and an
 * instance; see target_label), with d the values of spec.dims and a the arrays' device addresses in
 * spec order:
 *
 *   int       ksearch_call__L(const long long *d, void *const *a, void *stream)    cudaError_t
 *   long long ksearch_extent__L(int array, int k, const long long *d)  extent k; behind the last
 * one LLONG_MIN (any other negative one is the user's mistake) ksh::elem ksearch_elem__L(int array)
 * {type, size}, see ksh.cuh double    ksearch_gen__L(int array, int gen, int arg, const long long
 * *d)  value of a generator's argument; gen 0 is the array's own, gen 1+p the override of point p
 *
 * where there is setup(...), reference(...), or a check(..., by = f):
 *
 *   int       ksearch_setup__L(void)                                   0, or a cudaError_t
 *   int       ksearch_reference__L(const long long *d, void *const *a, void *stream)
 *   int       ksearch_check__L(int array, const void *expected, const void *got, long long n)
 *             of two whole arrays on the host: 1 right, 0 wrong, -1 when that array has no checker
 *
 * and for kernel entries (args and scalars for host entries with structures too), with t the values
 * of spec.tunables:
 *
 *   int       ksearch_geom__L(const long long *t, const long long *d, unsigned g[10])
 *             grid x y z, block x y z, cluster x y z (0 0 0: none), dynamic shared bytes
 *   int       ksearch_args__L(const long long *d, void *const *a, void *buf, unsigned cap,
 *                             unsigned *offset)
 *             values of the parameters laid into buf, their offsets in offset[], their sizes behind
 *             those; returns how many, or -1 when cap is too small
 *   int       ksearch_scalars__L(const long long *d, void *const *a, long long *value)
 *             the integers among them, 0 for others; returns how many parameters there are
 *
 * The host fills `ksearch_gpu` (ksh::gpu_t) before the first call. Lets are computed inside from d,
 * unless the point binds them: then they are dimensions, and d holds LLONG_MIN where a point leaves
 * them to their expression. */
#ifndef KS_HARNESS_H
#define KS_HARNESS_H

#include "driver/lang/spec.h"
#include "runtime/base/buf.h"

/* "gemm_0": label and instance number; the suffix of every symbol of that target */
const char *target_label(struct arena *a, const struct spec *spec, size_t instance);
/* "blas::gemm<T=float>", with the label for the function's name: for people, records and the
 * lockfile */
const char *target_name(struct arena *a, const struct spec *spec, size_t instance);

/* appends the functions for all targets of the file (to go behind the user's text, already spliced)
 */
void harness_tail(const struct file *f, struct buf *out);

#endif
