/* driver/build/units.h - variants compiled side by side, several in one unit, one unit a core.
 *
 * A unit that does not compile is split, by what the compiler's messages name, else in halves,
 * until the variant at fault stands alone; that one is failed with the compiler's first error.
 * Nothing here waits unless units_wait is called. */
#ifndef KS_UNITS_H
#define KS_UNITS_H

#include "cache/hash.h"
#include "driver/build/command.h"
#include "driver/build/rewrite.h"
#include "driver/build/usage.h"

struct units;

/* May the target with an `a` be added to what a file is compiled for? All of its code that runs on
 * the GPU that has it is of that target then, and must not become another */
struct units_alike {
    bool asked;
    const char *why; /* it must not be added; NULL: it may */
};

struct units_target {
    const struct command *command;
    const struct file *file;
    const struct spec *spec;
    size_t instance;
    int major, minor; /* compiled for this architecture alone */
    char suffix;
    const char *dir; /* an existing folder for sources and results */
    /* a model wrote part of the text: compiled in a sandbox (driver/build/sandbox.h), as cubins
     * only, or not at all. The harness is the user's own and never is */
    bool contained;
    /* the files that a contained compile may read beside the system's and the toolkit's (see
     * depfile_names), NULL at the end; NULL: all of the command's include folders */
    const char *const *reads;
    bool whole; /* variants are compiled with all of the file, also what they do not need of it */
    bool tells_usage; /* built.usage is wanted, also where require(...) limits none of it */
    /* may variants that need instructions of the target with an `a` alone be compiled for that
     * (specific.h)? `unspecific`: why not, in words; NULL: they may, or there is none */
    bool specific;
    const char *unspecific;
    struct units_alike *alike; /* found out when it matters, for all that share it; NULL: it may */
};

/* what the names of the variant with the tag 0 end with */
#define UNITS_FIRST "__ks0"

struct built { /* one variant that came out, or did not */
    size_t tag;
    const char *error; /* NULL: it compiled */
    const char *said;  /* all that the compiler said about a contained one that did not; or NULL */
    size_t unit;       /* number of the unit: variants with the same number share a blob */
    bool is_shared;
    bool is_specific;           /* it was compiled for the target with an `a` */
    const struct buf *blob;     /* cubin or shared object; until units_free */
    const char *symbol;         /* of the kernel, or the suffix of ksearch_call__ */
    const char *const *symbols; /* of the kernels that a structure's plan launches, one a run;
                                   NULL: it has no plan */
    struct usage usage;         /* of its kernels; known where it was wanted */
    struct hash code;     /* cubin_code_hash over rewrite_kernels; zeros: of a shared object */
    const char *messages; /* the compiler's, which say that of each kernel; or NULL */
    double unit_seconds;  /* that the compiler took; 0: it was not started */
    double seconds;       /* its share of them */
};

/* At most `jobs` compilers run at once, together with those of all other units that count in the
 * same *running (NULL: none), and no more than jobs.h has room for. The target's pointers must
 * outlive the units */
struct units *units_new(const struct units_target *target, int jobs, int *running);
/* queues a variant; values (one a tunable) must outlive the units, tag comes back with the result
 */
void units_add(struct units *u, size_t tag, const int64_t *values);
/* queues one that was added before once more, to be compiled alone and with all of the file */
void units_again(struct units *u, size_t tag, const int64_t *values);
/* all cores are idle, and the next result is waited for: small units bring it sooner. Where cores
 * are busy they would bring fewer in all */
void units_hurry(struct units *u, bool hurry);
/* takes finished compilers' results and starts new ones; cheap, call it often */
void units_pump(struct units *u);
/* waits at most ms until a compiler has ended */
void units_wait(struct units *u, int ms);
/* 1 and *out for the next finished variant, in order of completion; 0 when none is ready */
int units_next(struct units *u, struct built *out);
/* those being compiled */
size_t units_running(const struct units *u);
struct units_clock {
    double seconds; /* that compilers ran, each counted */
    size_t units, variants;
};
/* what was compiled so far */
struct units_clock units_clock(const struct units *u);
/* kills what still runs */
void units_free(struct units *u);

/* ---- text as a shared object: the harness ---- */

struct shared;

/* words that stand before nvcc's in such a compile, NULL at the end: a program that does the same
 * in less time. For good; none at first */
void shared_through(const char *const *words);

/* starts its compiler; NULL with *err */
struct shared *shared_begin(const struct units_target *target, const char *text, const char *name,
                            struct error *err);
/* Waits for it, calling idle (NULL: nothing) now and then, and forgets it. 0, the bytes in *so and
 * what the compiler said in *said (NULL: nobody wants it); or -1 with its first error */
int shared_end(struct shared *x, void (*idle)(void *), void *arg, struct buf *so, struct buf *said,
               struct error *err);
/* kills it; NULL is fine */
void shared_drop(struct shared *x);

/* ---- single results ---- */

/* the cubin of the user's text as it is, not contained: what a structure's is compared with; *said
 * as above */
int units_plain(const struct units_target *target, struct buf *cubin, struct buf *said,
                struct error *err);
/* Compiles one variant as a cubin and hashes its machine code (cubin_code_hash over
 * rewrite_kernels). The cubin into *image (NULL: nobody wants it); its kernels are called as those
 * of the variant with the tag 0 */
int units_code(const struct units_target *target, const int64_t *values, struct hash *code,
               struct buf *image, struct error *err);
/* The same, without the cubin, beside other work: code_end waits for it, and forgets it. NULL: it
 * cannot begin now */
struct coding;
struct coding *code_begin(const struct units_target *target, const int64_t *values);
int code_end(struct coding *c, struct hash *code, struct error *err);
/* kills it; NULL is fine */
void code_drop(struct coding *c);
/* compiles the user's text as it is for both targets, and compares; nothing when that was done */
void units_alike_ask(struct units_alike *alike, const struct units_target *target);
/* does a variant whose code is that when it is compiled for target, which has an `a`, need it? Else
 * the compiler makes the same of it without */
bool units_need_specific(const struct units_target *target, const int64_t *values,
                         const struct hash *code);

#endif
