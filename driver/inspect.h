/* driver/inspect.h - what one compile means to us: its command, GPU, annotated sources, entries and
 * keys.
 *
 * Shared by the build (driver/compile.c) and by `ksnvcc explain FILE`. */
#ifndef KS_INSPECT_H
#define KS_INSPECT_H

#include <stdbool.h>
#include "cache/key.h"
#include "cache/record.h"
#include "driver/build/command.h"
#include "driver/build/plan.h"
#include "driver/lang/spec.h"

enum found { FOUND_NOTHING, FOUND_LOCK, FOUND_CACHE, FOUND_SEARCH, FOUND_REMOTE };
/* "nothing", "lockfile", "cache", "search", "remote": for people and in JSON */
const char *found_name(enum found found);

struct elsewhere { /* what is on file for an architecture that the compile's GPU is not of */
    struct record *record; /* owned */
    enum found found;
    bool refused; /* as in a target */
};

struct target { /* one entry and instance */
    const struct spec *spec;
    size_t instance;
    const char *name; /* target_name */
    struct key key;   /* of what is on file, or would be */
    struct key plain; /* of what any compile of it finds */
    struct key apart; /* where targets with an `a` are out of the question: of what is found then,
                         and is not on file by the plain one */
    const char *useless; /* not NULL: why what is on file by the plain key is not used, in words */
    struct record *record; /* what is on file, or what a search just found; owned */
    enum found found;
    struct elsewhere *others; /* in an object for several architectures */
    size_t nothers;
    const char *why; /* not NULL: why there is no record, in words */
    bool refused;    /* its winner could not be emitted */
};

struct unit_source { /* one annotated source of the compile */
    const struct source *src;
    const struct file *annotations; /* annotations_find of it */
    struct file *file;
    struct meaning *meaning; /* after inspection_keys, where there are targets */
    struct target *targets;
    size_t ntargets;
};

/* Are there results by the apart key? Only where the GPU has such a target and the compile may not
 * use it: else nothing tells one search from another */
enum apart {
    APART_NOT,
    APART_AFTER, /* where what the plain key has cannot be used: there is no other compile of the
                    kind that could, or it is hardly ever searched */
    APART_TOO,   /* and where it has nothing: another compile may search for it with all there is */
};

struct inspection {
    struct arena *arena;
    struct command command;
    struct plan plan;
    const char *keep_dir; /* of the plan; removed by inspection_release */
    bool unreadable;      /* an input cannot be read: nvcc will say so */
    const char *toolkit;
    char *cache_dir;      /* NULL: no home is known */
    bool builds;          /* set before inspection_open: what is on file is chosen as in a build */
    bool headers;         /* annotations in headers count: set before, or by KSEARCH_HEADERS=1 */
    bool hermetic;        /* then the lockfile alone may say it: reproducible.h */
    bool have_gpu;        /* a GPU is in this machine, and it is the one that is meant */
    struct gpu gpu;       /* it, or what is known of the architecture */
    struct error no_gpu;  /* why have_gpu is false */
    const char *gpu_name; /* KSEARCH_GPU: records of this card are wanted; NULL */
    enum apart apart;
    struct target_arch arch; /* the compile's architecture that the GPU runs; major 0: none */
    struct unit_source *sources;
    size_t nsources;
    struct diag diag;
};

/* Reads the command, and its sources for annotations. 0: look at nsources (0: nothing is annotated)
 * and diag.nerrors (the annotations are malformed). -1: the compile is none of our business, or
 * beyond us: *err says why, hand it to nvcc. */
int inspection_open(struct inspection *in, const char *const *words, struct error *err);
/* makes the plan, unless it is there */
int inspection_plan(struct inspection *in, struct error *err);
/* makes the plan, finds out which annotations are active where that is in question, and gives every
 * target its key */
int inspection_keys(struct inspection *in, struct error *err);
/* which of the compile's architectures a GPU of this compute capability runs machine code for;
 * NULL: none */
const struct target_arch *inspection_code_for(const struct inspection *in, int major, int minor);
enum specific {
    SPECIFIC_NOT,   /* none is, or may be, made */
    SPECIFIC_OWN,   /* the command names that target */
    SPECIFIC_ADDED, /* it may be added */
};
/* Can code that runs on just this compute capability (driver/build/specific.h) be in what the
 * command makes? *why (may be NULL): why not, in words; NULL where there is no such code for it */
enum specific inspection_specific(const struct inspection *in, int major, int minor,
                                  const char **why);
/* the same of a record's winners: true, or false with *why */
bool inspection_can_use(const struct inspection *in, const struct record *r, const char **why);
void inspection_release(struct inspection *in);

#endif
