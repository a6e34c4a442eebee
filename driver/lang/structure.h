/* driver/lang/structure.h - another way of writing an entry: device code and, for a host entry, a
 * plan that says what to launch.
 *
 * A structure is a text of its own, named by structure("file.cu") in the annotation. It is device
 * code that sees all that stands before the entry, with `#pragma ksearch` (or KSEARCH()) lines that
 * hold, beside tune() and where() about constants of this text, the plan:
 *
 *   plan  = { "let" "(" name "=" expr {"," name "=" expr} ")"
 *           | "when" "(" expr ")"            the steps that follow, up to the next when, hold under
 *                                            this condition; the first group that holds is run
 *           | "scratch" "(" name "[" expr "]" {"[" expr "]"} "as" type {"," ...} ")"
 *           | "zero" "(" name {"," name} ")" a memset of scratch or of an out array
 *           | "tensormap" "(" name "=" name "," "(" dims ")" "," "(" box ")" ["," swizzle] ")"
 *           | "run" "(" kernel "<<<" grid "," block ["," smem ["," cluster]] ">>>" "(" args ")" ")"
 *           } ;
 *
 * grid, block and cluster are one expression, or up to three in parentheses. dims and box are in
 * the order of extents, outermost first; swizzle is 0, 32, 64 or 128 bytes. Expressions see the
 * entry's integer parameters, earlier lets, the structure's tunables, integer constants of both
 * texts, and gpu.*. What stands before the first `when` belongs to every group, and launches
 * nothing there. Where no group's condition holds the original runs; a condition that is `true`
 * holds always. An argument is a parameter of the entry, scratch, a tensor map, nullptr, or an
 * integer expression.
 *
 * A structure of a kernel entry has no plan: it defines a kernel of the entry's name and
 * parameters, which is launched as the entry is.
 *
 * A structure may also come as a text that no annotation names and that stands in no file: a model
 * wrote it, or a record holds it. It has a name instead of a path ("model:1a2b3c4d"), and is
 * everywhere else what a file's structure is. It depends on nothing of the file system: it includes
 * only what the compiler finds by itself, #include <...>. */
#ifndef KS_STRUCTURE_H
#define KS_STRUCTURE_H

#include "driver/lang/spec.h"

enum plan_step_kind { PLAN_LET, PLAN_SCRATCH, PLAN_MAP, PLAN_ZERO, PLAN_RUN };

enum plan_arg_kind {
    PLAN_ARG_PARAM,   /* parameter `index` of the entry as it is: a pointer, a float, a struct */
    PLAN_ARG_SCRATCH, /* the address of scratch `index` */
    PLAN_ARG_MAP,     /* tensor map `index` */
    PLAN_ARG_INTEGER, /* expr, converted to the integer type of the kernel's parameter */
    PLAN_ARG_NULL,
};

struct plan_arg {
    enum plan_arg_kind kind;
    size_t index;
    struct expr *expr;
    struct span at;
};

struct plan_list { /* expressions; of a grid and the like at most three */
    struct expr *expr[5];
    size_t n;
};

struct plan_run {
    const char *name;                      /* of the kernel, a function of the structure's text */
    struct cxx arguments;                  /* "<64, T>"; text NULL: no template arguments */
    struct plan_list grid, block, cluster; /* n 0: no cluster */
    struct expr *smem;                     /* NULL: none */
    struct plan_arg *args;
    size_t nargs;
    size_t number; /* counts the runs of the plan: the kernel's place in the table */
};

struct plan_step {
    enum plan_step_kind kind;
    struct span at;
    const char *name;      /* let, scratch, tensormap: what it declares; zero: what it clears */
    size_t index;          /* counts the steps of its kind */
    struct expr *value;    /* let */
    struct plan_list list; /* scratch: extents; tensormap: dims; zero of an array: its extents */
    struct plan_list box;  /* tensormap */
    const char *type;      /* scratch: of an element, as written */
    int size;              /* its bytes */
    const char *of;        /* tensormap, zero: of what */
    bool of_scratch;       /* of_index is a scratch, else a parameter */
    size_t of_index;
    int swizzle; /* tensormap: bytes */
    struct plan_run run;
};

struct plan_group {
    struct expr *when; /* NULL: always */
    struct plan_step *steps;
    size_t nsteps;
};

enum { STRUCTURE_TEXT_LIMIT = 256 << 10 }; /* bytes of one that is no file */

struct structure {
    const char *path;         /* as the annotation names it: what records call it */
    const struct spec *entry; /* of a text that is no file: whose structure it is; else NULL */
    size_t number;            /* of such a text: how many the file had before it */
    const struct file *file;  /* its text, tokens and declarations; no specs */
    const struct source *src;
    const struct decl *kernel; /* of a kernel entry: the one that takes its place */
    struct plan_step *common;  /* lets, scratch and maps before the first `when` */
    size_t ncommon;
    struct plan_group *groups;
    size_t ngroups, nlets, nscratch, nmaps, nzeros, nruns;
};

/* the spec's structure of that name: the entry's spec with the structure's tunables and wheres, and
 * `structure` set; NULL when there is none */
const struct spec *structure_find(const struct spec *entry, const char *path);
/* Adds a structure to an entry of a file that annotations_read has read, from a text in memory,
 * which is copied: the spec as structure_find gives it, with the same checks as of a file's. It is
 * not among the entry's `structures`, so nothing else of the entry changes, its key neither. NULL
 * when there are errors in d, located in the text under its name. The same text under the same name
 * is read once; another one under that name is an error. The spec lives as long as the file */
const struct spec *structure_read(struct file *f, const struct spec *entry, const char *name,
                                  const char *text, size_t len, struct diag *d);
/* may an entry have structures at all? Says nothing of why not */
bool structure_possible(const struct spec *entry);
/* the entry's own spec; of a spec that is no structure's, itself */
const struct spec *structure_entry(const struct spec *spec);

/* which of its entry's it is, for names: 0 the entry itself, from 1 structures, all different */
size_t structure_number(const struct spec *spec);

/* the name of the kernel of a run, by its number */
const char *structure_run_name(const struct structure *s, size_t number);
/* the kernel of a run as its text calls it: "merge<4>" */
const char *structure_kernel(struct arena *a, const struct plan_run *run);
/* the text in which the spec's tunables and constraints stand */
const struct source *structure_source(const struct spec *spec);

/* bytes of an element of a type that scratch may have ("float", "uint4", ...), 0 for any other */
int structure_type_size(const char *type);
/* the kinds of the names in a plan's expressions */
enum plan_name { PLAN_NAME_NONE, PLAN_NAME_LET, PLAN_NAME_PARAM, PLAN_NAME_TUNABLE, PLAN_NAME_GPU };
/* what a name in an expression of the structure's plan means, and which (not of figures of the
 * GPU); constants have become numbers when the plan was read. `let` is looked for among the common
 * steps and the group's */
enum plan_name plan_name_find(const struct spec *spec, const struct plan_group *g, const char *name,
                              size_t *index);

#endif
