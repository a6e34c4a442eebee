/* driver/sanitizer.h - where is compute-sanitizer, under which winners are run once? */
#ifndef KS_SANITIZER_H
#define KS_SANITIZER_H

struct arena;

/* KSEARCH_SANITIZER, where that is a program; else the one of the toolkit that nvcc belongs to
 * (NULL: the nvcc that is found where none is named), or in PATH. NULL: there is none, or it is
 * "none" */
const char *sanitizer_find(struct arena *a, const char *nvcc);

#endif
