/* driver/build/specific.h - instructions that exist for one compute capability alone.
 *
 * wgmma, setmaxnreg and tcgen05 are assembled for a target with an `a` behind its number: sm_90a,
 * sm_100a. Code for that runs on just this compute capability, so builds name sm_90, and a variant
 * that needs more is compiled for sm_90a (units.h). Where it wins, that target is added to those
 * which its file is compiled for (plan_add.h). */
#ifndef KS_SPECIFIC_H
#define KS_SPECIFIC_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define SPECIFIC_SUFFIX 'a'

/* why one is not added to what a file is compiled for: a kernel's name goes in */
#define SPECIFIC_OTHER "%s, which stays as it is, would be other machine code for it"

/* is there such a target for this compute capability? */
bool specific_exists(int major, int minor);
/* "sm_90a" */
const char *specific_name(struct arena *a, int major, int minor);
/* "__CUDA_ARCH_FEAT_SM90_ALL": what nvcc defines where it compiles for that target, and nowhere
 * else */
const char *specific_macro(struct arena *a, int major, int minor);
/* do a compiler's messages say that code was refused because it was compiled for the target without
 * the `a`? Whether it is fine with it is another question */
bool specific_is_refused(const char *said, int major, int minor);
/* does a text ask whether it is compiled for such a target? Then it compiles without the `a` as
 * well, but to something else */
bool specific_is_asked(const char *text);

#endif
