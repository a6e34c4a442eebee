/* driver/compile.h - one compile of an annotated file, in nvcc's place. */
#ifndef KS_COMPILE_H
#define KS_COMPILE_H

/* words: the compiler (launchers first) and its arguments, NULL-terminated. Compiles as they say,
 * with the winners that are on file or that a search finds; whatever goes wrong on our side, as
 * nvcc alone would. Returns the exit status: nvcc's, or one of runtime/base/status.h; may instead
 * become nvcc by exec. */
int compile_run(const char *const *words);

#endif
