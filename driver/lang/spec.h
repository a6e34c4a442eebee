/* driver/lang/spec.h - what an annotated file means: one spec an entry.
 *
 * Built by annotations_read() from the source text; everything lives in its arena and points back
 * into the text by spans. C++ snippets (extents, arg, launch, ...) are kept as text with their
 * place: they are pasted under #line, never parsed here. */
#ifndef KS_SPEC_H
#define KS_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "driver/lang/diag.h"
#include "driver/lang/expr.h"
#include "driver/lang/gpu.h"
#include "driver/lang/scan.h"
#include "driver/lang/source.h"

struct arena;

struct cxx {          /* C++ to paste */
    const char *text; /* NULL: absent */
    struct span at;
};

struct named { /* let, arg, instance binding */
    const char *name;
    struct cxx value;
    struct span at; /* the name */
};

enum role { ROLE_IN, ROLE_OUT, ROLE_INOUT, ROLE_TEMP };

struct gen_arg {
    const char *name; /* NULL: positional */
    bool is_string;
    const char *string; /* file("x.npy") */
    struct cxx
        value; /* else: an expression over dims and lets, evaluated by the harness as double */
};

struct gen {
    const char *name; /* one of GENERATORS in clause_parts.c; NULL: the type's default */
    struct gen_arg *args;
    size_t nargs;
    struct span at;
};

struct check { /* negative: the default of the element type */
    bool exact;
    double rtol, atol, ulp, bad;
    struct cxx by; /* host function, bool by(const T *expected, const T *got, size_t n), asked about
                      an output that the others do not pass; alone: one that differs in any bit */
};

struct array {
    const char *name;
    enum role role;
    struct cxx *extents;
    size_t nextents;
    struct cxx as; /* element type, where the signature does not tell */
    struct gen gen;
    struct check check;
    int param; /* index into params; -1 when only call(...) uses it */
    struct span at;
};

struct param {
    struct span type_at; /* tokens of the type as written, without the name */
    const char *type;    /* the same as text, "const float *" */
    const char *name;    /* "" when unnamed */
    struct span at;      /* the name */
    struct cxx fallback; /* default argument */
    bool is_pointer, is_const, is_integer, is_stream; /* is_const: of the pointee */
    struct cxx value; /* what the harness passes: from arg, dimension or let; absent: array, stream
                         or left to its default */
};

struct tparam {
    const char *name;
    struct span at, whole; /* the name; "int BM = 64" */
    const char *kind;      /* "typename", "class", "int", ... as written */
    struct cxx fallback;
    int tunable; /* index into tunables, or -1 */
};

enum tunable_kind {
    TUNABLE_CONSTANT,
    TUNABLE_MACRO,
    TUNABLE_ENUMERATOR,
    TUNABLE_TEMPLATE,
    TUNABLE_KNOB, /* not declared by anybody: see build/knob.h. Its name is no identifier */
};

struct knob;

struct tunable {
    const char *name;
    enum tunable_kind kind;
    int64_t *values; /* in the order written; distinct */
    size_t nvalues;
    size_t def; /* index of the value in the code */
    bool is_pow2, is_range;
    struct span at;          /* the name in tune() */
    struct span value;       /* the initialiser in the code, to be substituted */
    struct span defined;     /* the defining declaration */
    struct span name_at;     /* the name there */
    const struct knob *knob; /* of a TUNABLE_KNOB, whose spans are all the knob's place */
};

struct constraint {
    struct expr *expr;
    const char *text;
    struct span at;
};

struct dim_bind {
    int64_t value;
    bool is_set;
};

struct point {         /* one workload or test size, with every dimension bound */
    const char *name;  /* "prefill" or "" */
    const char *label; /* "prefill: rows=8192, d=4096", unique within the spec */
    bool timed;        /* workload; else test */
    double weight;
    int64_t *dims;    /* one for each of spec.dims */
    bool *bound;      /* false: a dim that this point does not bind, and need not: a let with the
                         same name gives it */
    struct gen *gens; /* one for each of spec.arrays; name NULL: the array's own */
    struct span at;
};

struct on_line {      /* a line that only some GPUs read */
    const char *text; /* "on(sm_90, \"H200\")" */
    bool holds;
    struct span at;
};

struct launch {
    struct cxx grid[3], block[3], cluster[3], smem; /* absent: 1 (0 for smem) */
    struct span at;
};

struct instance {
    struct named *binds; /* template parameters that are not tuned */
    size_t nbinds;
    const char *suffix; /* "T=float"; "" when the entry is no template */
};

struct ns {
    const char *name; /* NULL: anonymous */
    bool is_inline;
};

enum entry_kind { ENTRY_KERNEL, ENTRY_HOST };

struct structure;

struct spec {
    const struct file *file;
    enum entry_kind kind;
    const char *name;  /* "gemm" */
    const char *qname; /* "blas::gemm"; an anonymous namespace is "(anonymous)" */
    const char *label; /* from name(...), begin NAME, or the function; unique in the file */
    struct ns *ns;     /* outermost first */
    size_t nns;
    struct span block;  /* first clause of the block */
    struct span region; /* what may be replaced: the definition, or all between begin and end */
    bool has_region;    /* begin/end were written */
    struct span def;    /* the function's definition */
    struct span name_at;
    struct span body; /* from { to } */
    bool is_static, is_template;
    const char *returns; /* "void" */
    struct tparam *tparams;
    size_t ntparams;
    struct param *params;
    size_t nparams;
    struct array *arrays;
    size_t narrays;
    struct named *lets;
    size_t nlets;
    struct named *args;
    size_t nargs;
    const char **dims; /* names bound by workload or test, in order of appearance */
    size_t ndims;
    struct point *points;
    size_t npoints;
    struct launch launch;
    struct cxx call, setup;
    struct tunable *tunables;
    size_t ntunables;
    struct constraint *wheres, *assumes;
    size_t nwheres, nassumes;
    struct instance *instances; /* at least one */
    size_t ninstances;
    struct {
        bool deterministic, graph;
        int64_t smem, regs, spills; /* at most; negative: no limit */
    } require;
    struct {
        double seconds; /* 0: not given */
        int64_t evals, tokens;
    } budget;
    const char **hints;
    size_t nhints;
    struct on_line *ons;
    size_t nons;
    const char **uses; /* the files that use("...") names, as written */
    size_t nuses;
    bool objective_warm, objective_p90, objective_energy;
    int64_t scratch;
    bool allow_host;
    struct {
        const char
            *kind; /* "original"; NULL: not given; "": a function of this file; or the file */
        const char *path;  /* of that file, from here; NULL: none */
        struct cxx symbol; /* as written; absent for "original" */
        bool is_kernel;    /* launched with the entry's geometry */
        bool takes_stream; /* behind the entry's arguments, which have none */
        bool is_template;  /* what its parameters are made of, the arguments tell */
    } reference;
    struct spec *structures; /* other ways of writing it, each with tunables and wheres of its own;
                                see structure.h */
    size_t nstructures;
    const struct structure *structure; /* of one of those; NULL: the text of the entry itself */
    const struct spec *knobs_of; /* the file's spec of the entry, where this one is it with knobs
                                    behind its tunables (knobs_spec); else NULL */
};

struct constants;

/* What the headers of a file define. They are looked at when an annotation first names what the
 * file itself does not define: that takes a run of the preprocessor. */
struct headers {
    /* the file with its headers in it, and their #define lines in place (-E -dD); NULL: cannot be
     * had */
    const struct source *(*text)(void *arg);
    void *arg;
    bool asked;
    struct constants *constants; /* NULL: none */
};

struct file {
    struct arena *arena;
    const struct source *src;
    struct headers *headers; /* NULL: nobody knows them */
    const struct tokens *tokens;
    const struct decls *decls;
    struct spec *specs;
    size_t nspecs;
    struct span *annotations; /* every annotation line or KSEARCH(), to be blanked */
    size_t nannotations;
    const size_t *guarded; /* constants under #if that an annotation may mean, into decls.decl */
    size_t nguarded;
    bool is_probed;             /* the preprocessor was asked which of them are active */
    const struct source **used; /* the files that use("...") names, one each time it is read */
    size_t nused;
    struct constants *constants; /* of the text; NULL before annotations_read */
    const struct spec **texts;   /* structures that came as text later: structure_read */
    size_t ntexts;
    bool takes_texts; /* some may come: the harness is made for their plans, too */
    bool conditional; /* an annotation stands inside #if, or there are guarded constants: which are
                         active, only the compiler knows; see annotations_probe() */
};

/* the entry's own declaration in its file */
const struct decl *spec_decl(const struct spec *s);
/* the index of what has that name, -1 when there is none */
int spec_find_param(const struct spec *s, const char *name);
int spec_find_array(const struct spec *s, const char *name);
int spec_find_dim(const struct spec *s, const char *name);
int spec_find_let(const struct spec *s, const char *name);
int spec_find_arg(const struct spec *s, const char *name);
int spec_find_tparam(const struct spec *s, const char *name);
int spec_find_tunable(const struct spec *s, const char *name);
/* the index of the dimension that is passed as this parameter as it is, or -1 */
int spec_param_dim(const struct spec *s, size_t param);
/* the array that is passed as this parameter; NULL: none is */
const struct array *spec_param_array(const struct spec *s, size_t param);
/* what the objective measures of a launch: "us", or "uJ" */
const char *spec_unit(const struct spec *s);
/* the named size with the least to compute */
size_t spec_least_point(const struct spec *s);
/* the file's own spec of an entry: what s is without knobs */
const struct spec *spec_plain(const struct spec *s);

struct reading { /* how one compile sees a file */
    /* decides which on(...) lines hold and what gpu.* is; NULL: none holds, and gpu.* takes sm_90's
     * figures */
    const struct gpu *gpu;
    /* one flag a probe (annotations in file order, then guarded constants); NULL: all are active */
    const bool *active;
    size_t nactive;
    struct headers *headers; /* of the caller; NULL: nobody knows them */
};

/* Reads the annotations of src. NULL when d got errors. A file without annotations is a file with
 * no specs. */
struct file *annotations_read(struct arena *a, const struct source *src,
                              const struct reading *reading, struct diag *d);
/* for a file with `conditional` set: its text with annotation i replaced by `#pragma ksearch_probe
 * i`, and one with the numbers behind those before each of the guarded constants. What survives
 * `nvcc -E` is active. */
char *annotations_probe(const struct file *f);
/* how many probes there are */
size_t annotations_probes(const struct file *f);
/* reads the probes that survived from the preprocessor's output into active[n] */
void annotations_active(const char *preprocessed, size_t len, bool *active, size_t n);
/* the annotations alone, found fast, without parsing them: what annotations_read would call
 * nannotations and conditional. Returns a file with no specs */
struct file *annotations_find(struct arena *a, const struct source *src);
/* tokens and declarations of any text, with no specs */
struct file *annotations_none(struct arena *a, const struct source *src);

#endif
