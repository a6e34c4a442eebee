/* driver/build/option.h - the options of nvcc 13, as one table. */
#ifndef KS_OPTION_H
#define KS_OPTION_H

#include <stdbool.h>

enum option_class {                /* what an option is for, and so who gets to see it */
                    OPTION_PHASE,  /* how far to compile */
                    OPTION_INPUT,  /* -x */
                    OPTION_OUTPUT, /* -o, -odir */
                    OPTION_DEPEND, /* the depfile */
                    OPTION_ARCH,   /* what for */
                    OPTION_SIDE,   /* files and text beside the output, or only how the work is done
                                    */
                    OPTION_HOST,   /* the host compiler's */
                    OPTION_DEVICE, /* device code */
                    OPTION_BOTH,
                    OPTION_CHECK,  /* what counts as an error; never the code */
                    OPTION_LINK,   /* linking */
                    OPTION_DRIVER, /* how nvcc finds its parts and reads its options */
                    OPTION_QUERY,  /* compiles nothing */
};

enum option_id { /* those that are looked for by name; the rest is OPT_ANY */
                 OPT_ANY,
                 OPT_COMPILE,
                 OPT_DC,
                 OPT_DW,
                 OPT_PTX,
                 OPT_CUBIN,
                 OPT_FATBIN,
                 OPT_LINK,
                 OPT_LIB,
                 OPT_OUTPUT,
                 OPT_ODIR,
                 OPT_X,
                 OPT_MD,
                 OPT_MMD,
                 OPT_MF,
                 OPT_MT,
                 OPT_MP,
                 OPT_ARCH,
                 OPT_CODE,
                 OPT_GENCODE,
                 OPT_RDC,
                 OPT_EWP,
                 OPT_LTO,
                 OPT_FORWARD,
                 OPT_FILE,
                 OPT_KEEP,
                 OPT_KEEP_DIR,
                 OPT_TIME,
                 OPT_THREADS,
                 OPT_VERBOSE,
};

struct option {
    const char *name;  /* behind "--" */
    const char *brief; /* behind "-" */
    bool value;        /* takes one: as the next word, or behind '=' */
    bool joined;       /* or at once behind the brief name: -Idir */
    enum option_class class;
    enum option_id id;
};

/* the option that a word beginning with '-' names, or NULL; *value is its value where the word
 * holds one, else NULL (an option with `value` then takes the next word) */
const struct option *option_find(const char *word, const char **value);

#endif
