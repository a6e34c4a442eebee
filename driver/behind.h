/* driver/behind.h - a compile whose output is the same everywhere, through a launcher behind us.
 *
 * In `ksnvcc ccache nvcc ...` ccache runs nvcc, whose output is never the same twice. For an output
 * that is, we run the steps of nvcc's plan ourselves; ccache, which knows compilers and no plans,
 * is then given a program in nvcc's place that does so. What that program makes depends on more
 * than its arguments and what it reads, so all of that is named in it, and a compiler's cache keys
 * by its content. */
#ifndef KS_BEHIND_H
#define KS_BEHIND_H

#include <stdbool.h>
#include "driver/inspect.h"

struct proc_result;

/* Compiles as the command says, through its launchers, without winners. True when the output is
 * there; what was said is in *said then (to be released), and shown. False, with nothing shown,
 * when there is no launcher or it did not work out: nothing is lost then but its cache */
bool behind_run(struct inspection *in, struct proc_result *said);
/* what the launcher runs: words are nvcc and its arguments. Makes outputs that are the same
 * everywhere or none: the exit status is then not 0. What compiles nothing is nvcc's */
int behind_compile(const char *const *words);

#endif
