/* driver/build/command.h - one nvcc command line, understood.
 *
 * One table says for each option how it takes its value and what it is for. What is not in the
 * table makes the command "not understood", and the caller hands it to nvcc untouched.
 * NVCC_PREPEND_FLAGS and NVCC_APPEND_FLAGS are left to nvcc itself, but read for what they say
 * (inputs, output, architectures). --options-file is followed. */
#ifndef KS_COMMAND_H
#define KS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/arena.h"
#include "runtime/base/error.h"

struct option;

enum phase {
    PHASE_LINK,
    PHASE_C,
    PHASE_DC,
    PHASE_DW,
    PHASE_PTX,
    PHASE_CUBIN,
    PHASE_FATBIN,
    PHASE_OTHER
};

struct target_arch {  /* one -gencode or what -arch stands for */
    int major, minor; /* of the machine code, or of the PTX when there is none: 9, 0 */
    char suffix;      /* 'a', 'f' or 0 */
    bool sass, ptx;
};

struct command_item { /* one option with its value, one input, or one unknown word for the host
                         compiler */
    const struct option *option; /* NULL: not an option of nvcc's */
    const char *word, *next;     /* as written; next: a value in a word of its own, or NULL */
    const char *value;           /* NULL: none */
    bool is_input;
    bool is_env; /* from NVCC_PREPEND_FLAGS or NVCC_APPEND_FLAGS */
    int depth; /* 0: from the command line or the environment; 1: from an options file there; ... */
};

struct command {
    const char *const *launcher; /* words before nvcc ("ccache"), NULL-terminated; often none */
    const char *nvcc;            /* as given */
    const char *const *args;     /* behind nvcc, NULL-terminated */
    size_t nargs;
    enum phase phase;
    const char **inputs; /* .cu inputs (or -x cu) */
    size_t ninputs;
    const char *output;    /* NULL: nvcc's default */
    const char *depfile;   /* -MF, or derived from -MD; NULL: none is written */
    const char *deptarget; /* -MT; NULL: the output */
    struct target_arch *archs;
    size_t narchs;
    bool native;      /* -arch=native: what it stands for is not in archs */
    bool relocatable; /* -rdc=true, -dc, ... */
    bool depsystem;   /* -MD: system headers too; else -MMD */
    bool depphony;    /* -MP */
    bool keeps;       /* --keep: the user wants the intermediate files */
    bool query;       /* nothing is compiled that could hold a winner: -E, --version, ... */
    bool verbose;     /* -v: the commands are shown */
    int threads;      /* -t N: how many steps may run side by side; 0 without it */
    bool jobserver;   /* --jobserver: each further one needs a token of make's */
    bool times;       /* --time or -fdevice-time-trace: text that only nvcc itself can write */
    const struct command_item *items; /* in nvcc's order, environment and options files included */
    size_t nitems;
};

/* words: the compiler and its arguments (launchers first). 0; or -1 with the reason in *err: not
 * understood, or nothing that is ours to do (-E, --version, --dryrun, link-time optimisation, no
 * .cu input). Items are there then as well, where the words could be told apart */
int command_parse(struct arena *a, const char *const *words, struct command *out,
                  struct error *err);

enum variant_kind {
    VARIANT_CUBIN,
    VARIANT_UNLINKED, /* a cubin as it is in an object, where nothing is linked yet */
    VARIANT_SHARED,
};
/* the command that compiles a variant unit with the exact flags of this compile, for one
 * architecture only: nvcc FLAGS -cubin|-shared -gencode arch=compute_XY,code=sm_XY -iquote
 * SOURCE_DIR... in -o out. NULL-terminated. With relocatable device code the cubin is linked, so
 * that it can be loaded and searched like any other. A shared object may leave symbols of the
 * user's other files undefined: see elf_weaken() in cubin.h */
const char *const *command_variant(struct arena *a, const struct command *c, enum variant_kind kind,
                                   int major, int minor, char suffix, const char *source_dir,
                                   const char *in, const char *out);
/* the command that makes nvcc print its plan for c, intermediate files in keep_dir */
const char *const *command_dryrun(struct arena *a, const struct command *c, const char *keep_dir);
/* where nvcc writes the result of this phase when there is no -o: "a.o" for input "dir/a.cu";
 * "a.out" for a link. As the target of the depfile, nvcc names the object whatever the phase is: so
 * does `phase` PHASE_C */
char *command_default_output(struct arena *a, const struct command *c, enum phase phase);
/* release and build of the nvcc that c names, "13.0.88"; memoised by path, size, mtime and inode in
 * memo_dir (may be NULL). NULL on failure */
char *command_toolkit(struct arena *a, const struct command *c, const char *memo_dir,
                      struct error *err);
/* a program of the toolkit that nvcc belongs to, "nvdisasm": beside it, where compute-sanitizer has
 * a folder of its own, else in PATH; NULL: nowhere */
const char *toolkit_program(struct arena *a, const char *nvcc, const char *name);

#endif
