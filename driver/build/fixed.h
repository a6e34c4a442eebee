/* driver/build/fixed.h - a plan whose output does not tell where, when and by whom it was run.
 *
 * What nvcc's own steps leave of that, and what is done about it:
 *
 *   names of the project's folders     below "." (roots.h): in __FILE__, in debug information, in
 *                                      what -lineinfo and -G keep of the PTX
 *   the module's number, a checksum    of the source's name below "." and of its text: the names of
 *   of the source's real path          what an anonymous namespace or `static` holds are made of it
 *   the current folder and cudafe++'s  a checksum of the preprocessed text
 *   process, in the module's name, of
 *   a source without names to be seen
 *   the sources' times and sizes       ones: ptxas writes them beside the names of files
 *   the command line of ptxas          run in the folder of intermediate files, so it names no
 * other
 *   __DATE__, __TIME__, __TIMESTAMP__  SOURCE_DATE_EPOCH, else the epoch itself
 *   numbers drawn by the host compiler drawn from the source's name and text
 *
 * The steps' order, their options and the text that they read stay nvcc's. */
#ifndef KS_FIXED_H
#define KS_FIXED_H

#include "driver/build/plan.h"
#include "driver/build/roots.h"

struct proc_result;

struct fixed;

/* Changes the steps of p; once, after what is asked of the plan for keys. -1 when the plan has a
 * part that is not understood: then p is as it was */
int fixed_plan(struct arena *a, struct plan *p, const struct command *c, struct error *err);
/* What is to be done around a step, beside running it: nothing where p was not changed.
 * fixed_before returns the folder to run it in, NULL for ours, in *dir */
int fixed_before(const struct plan *p, const struct step *s, const char **dir, struct error *err);
int fixed_after(const struct plan *p, const struct step *s, struct error *err);
/* what a step said, with the names of files that the user knows; into *out (initialised) */
void fixed_said(const struct plan *p, const struct step *s, const char *text, struct buf *out);
/* path as the output of p names it: path itself where p was not changed */
const char *fixed_path(struct arena *a, const struct plan *p, const char *path);

#endif
