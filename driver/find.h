/* driver/find.h - which nvcc? */
#ifndef KS_FIND_H
#define KS_FIND_H

#include <stdbool.h>

struct buf;

/* The nvcc that is meant where none is named: KSEARCH_NVCC, CUDACXX (where that is an nvcc),
 * CUDA_HOME's and CUDA_PATH's bin/nvcc, then PATH; never the program `self` itself, by device and
 * inode. free() it; NULL when there is none. Appends to tried, unless NULL, what was looked at and
 * why it is not it: "KSEARCH_NVCC is not set; PATH has no nvcc". */
char *find_nvcc(const char *self, struct buf *tried);
/* are both paths there and the same file? */
bool find_is_same(const char *a, const char *b);

#endif
