/* driver/build/plan.h - what nvcc would do, step by step: `nvcc --dryrun`, read and run.
 *
 * Steps are known by tool and option name, never by position, and checked; a plan that looks odd is
 * an error, and the caller falls back. */
#ifndef KS_PLAN_H
#define KS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include "cache/hash.h"
#include "driver/build/command.h"
#include "driver/lang/source.h"
#include "runtime/base/buf.h"

enum tool {
    TOOL_CPP_HOST,
    TOOL_CPP_DEVICE,
    TOOL_CUDAFE,
    TOOL_CICC,
    TOOL_PTXAS,
    TOOL_FATBINARY,
    TOOL_HOST_CC,
    TOOL_NVLINK,
    TOOL_LINK,
    TOOL_DEPFILE, /* nvcc's own step: argv[0] is the file to write */
    TOOL_REMOVE,  /* rm, done by ourselves: argv[1] and on */
    TOOL_OTHER
};

struct step {
    enum tool tool;
    const char *const *argv; /* NULL-terminated */
    int major, minor;        /* architecture of a device step: 9, 0; else 0 */
    char suffix;
    const char *input; /* of a preprocessor step: the source; of ptxas: the PTX */
    const char *output;
    const char *like; /* of a step that plan_add.h added: the output of the one it was made of */
};

struct plan {
    struct step *steps;
    size_t n;
    const char *const *env; /* our environment with the plan's assignments, NULL-terminated */
    const char *keep_dir;
    bool refused; /* plan_make failed because nvcc did: the command is wrong, and nvcc says so
                     itself */
    const char *messages;  /* what nvcc said beside the plan (warnings); "" when nothing */
    struct buf *out, *err; /* not NULL: what plan_run prints is appended to these as well */
    struct fixed *fixed;   /* not NULL: its output is to be the same everywhere (fixed.h) */
};

/* cudafe++'s words when it takes the module's name from a file, which is *file, instead of making
 * one and writing it there; NULL when the step makes none */
const char *const *step_module_given(struct arena *a, const struct step *s, const char **file);

/* asks nvcc for the plan of c, intermediate files in keep_dir (created; the caller removes it,
 * whatever the plan_ functions return) */
int plan_make(struct arena *a, const struct command *c, const char *keep_dir, struct plan *out,
              struct error *err);
/* the first preprocessor step for source, host pass (major 0) or an architecture's; NULL when the
 * plan has none */
const struct step *plan_cpp(const struct plan *p, const char *source, int major, int minor);
/* output of the preprocessor step for source, host pass (major 0) or one architecture's, with
 * `text` (NULL: the file itself) in the source's place under its name; into *out */
int plan_preprocess(const struct plan *p, const char *source, int major, int minor,
                    const char *text, struct buf *out, struct error *err);
/* Outputs of n preprocessor steps with `text` in their source's place, for keys: __LINE__ and what
 * tells one day from another are constants in it. They run side by side where jobs.h has room.
 * out: as many, initialised */
int plan_settled(const struct plan *p, const struct step *const *steps, size_t n, const char *text,
                 struct buf *out, struct error *err);
/* output of the host pass over source, with the #define lines left in it; where there is none
 * (-cubin), of the first architecture's */
int plan_defines(const struct plan *p, const char *source, struct buf *out, struct error *err);

struct splice {         /* a source whose text is another than the file's */
    const char *source; /* as the command names it */
    const char *text;
    const struct piece *
        piece; /* the other files that stand in it: the depfile has them as if they were included */
    size_t npieces;
};
/* runs all steps with the texts in place of the sources, as nvcc would: output of the tools goes
 * through with the user's file names, the depfile gets no temporary name. `check`, unless NULL, is
 * called with each cubin's path once ptxas wrote it, and may refuse (non-zero) before anything of
 * the output is written. Returns the exit status of the first failing step or 0; -1 with *err when
 * our own part failed or check refused. With status != 0 or -1 no output file is left that nvcc
 * would not have left. quiet_failure: when it fails nothing of what the tools said is shown (the
 * first error is in *err), as the caller will have nvcc compile it and say it. */
int plan_run(struct plan *p, const struct command *c, const struct splice *splices, size_t n,
             int (*check)(void *arg, const struct step *ptxas, struct error *err), void *arg,
             bool quiet_failure, struct error *err);
/* hash over the options that shape device code: cicc's and ptxas' of one architecture, file names
 * and what does not matter left out. The host compiler's options are not in it: what they make of
 * the text is in the preprocessed text, and host code is not what is searched */
struct hash plan_flags_hash(const struct plan *p, int major, int minor);
/* the options that the hash is over, as text */
char *plan_flags_text(struct arena *a, const struct plan *p, int major, int minor);

#endif
