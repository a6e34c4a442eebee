/* driver/abreast.h - nvcc with the host's and the device's half of a compile side by side.
 *
 * nvcc makes the device's code when the host's text is made, since that names the module that both
 * are of. It need not: who names the module beforehand has both at once, which takes a third of the
 * time from the compile that a search begins with (the harness). */
#ifndef KS_ABREAST_H
#define KS_ABREAST_H

/* Compiles as nvcc and its arguments say, with outputs that differ from nvcc's in the name of the
 * module alone. Whatever does not work out is left to nvcc, whose status and words it then has */
int abreast_compile(const char *const *words);

#endif
