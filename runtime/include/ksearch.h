/* ksearch.h - KSEARCH(...): an annotation that other compilers do not see.
 *
 *     KSEARCH(in(a[n]) out(b[n]) workload(n = 1<<20) launch(grid = cdiv(n, 256), block = 256))
 *     __global__ void f(const float *a, float *b, int n)
 *
 * means what the same clauses mean behind `#pragma ksearch`, and may span lines; ksnvcc reads it
 * from the source text. Unlike an unknown pragma it draws no warning from any compiler. */
#ifndef KSEARCH_H
#define KSEARCH_H

#define KSEARCH(...)

#endif
