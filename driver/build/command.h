/* driver/build/command.h - one nvcc command line, understood.
 *
 * One table says for each option how it takes its value and what it is for. What is not in the table makes the
 * command "not understood", and the caller hands it to nvcc untouched. NVCC_PREPEND_FLAGS and NVCC_APPEND_FLAGS are
 * left to nvcc itself, but read for what they say (inputs, output, architectures). --options-file is followed. */
#ifndef KS_COMMAND_H
#define KS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/arena.h"
#include "runtime/base/error.h"

enum phase { PHASE_LINK, PHASE_C, PHASE_DC, PHASE_DW, PHASE_PTX, PHASE_CUBIN, PHASE_FATBIN, PHASE_OTHER };

struct target_arch { /* one -gencode or what -arch stands for */
    int major, minor;   /* of the machine code, or of the PTX when there is none: 9, 0 */
    char suffix;        /* 'a', 'f' or 0 */
    bool sass, ptx;
};

struct command {
    const char *const *launcher; /* words before nvcc ("ccache"), NULL-terminated; often none */
    const char *nvcc;            /* as given */
    const char *const *args;     /* behind nvcc, NULL-terminated */
    size_t nargs;
    enum phase phase;
    const char **inputs;         /* .cu inputs (or -x cu) */
    size_t ninputs;
    const char *output;          /* NULL: nvcc's default */
    const char *depfile;         /* -MF, or derived from -MD; NULL: none is written */
    const char *deptarget;       /* -MT; NULL: the output */
    struct target_arch *archs;
    size_t narchs;
    bool native;                 /* -arch=native */
    bool relocatable;            /* -rdc=true, -dc, ... */
};

/* words: the compiler and its arguments (launchers first). 0; or -1 with the reason in *err: not understood, or
 * nothing that is ours to do (-E, --version, --dryrun, no .cu input) */
int command_parse(struct arena *a, const char *const *words, struct command *out, struct error *err);

enum variant_kind { VARIANT_CUBIN, VARIANT_SHARED };
/* the command that compiles a variant unit with the exact flags of this compile, for one architecture only:
 * nvcc FLAGS -cubin|-shared -gencode arch=compute_XY,code=sm_XY -iquote SOURCE_DIR... in -o out. NULL-terminated */
const char *const *command_variant(struct arena *a, const struct command *c, enum variant_kind kind,
                                   int major, int minor, char suffix, const char *source_dir,
                                   const char *in, const char *out);
/* release and build of the nvcc that c names, "13.0.88"; memoised by path, size, mtime and inode in memo_dir (may be
 * NULL). NULL on failure */
char *command_toolkit(struct arena *a, const struct command *c, const char *memo_dir, struct error *err);

#endif
