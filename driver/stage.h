/* driver/stage.h - where the entries of one source are measured: a worker, the harness (the file as
 * a shared object), a folder for compiles.
 *
 * They serve all entries of the file and cost seconds, so they are made when first needed. */
#ifndef KS_STAGE_H
#define KS_STAGE_H

#include "driver/inspect.h"
#include "driver/search/bench.h"

struct shared;
struct units_target;

struct stage {
    struct inspection *in;
    struct unit_source *source;
    bool contained; /* code that a model wrote is among what runs: all of it is in a sandbox */
    char *dir;
    struct bench *bench;
    struct shared *compiling;    /* the harness, still; NULL: it is not */
    struct units_target *target; /* for which */
    bool is_lean; /* the text that is compiled is without what it does not need (lean.h) */
    struct buf harness;
    const char *said;         /* by the compiler of the harness, with what each kernel uses */
    const char *const *reads; /* by contained compiles; NULL: all of the include folders */
    struct error broken;      /* why nothing can be measured at all; "" so far */
};

void stage_init(struct stage *s, struct inspection *in, struct unit_source *source, bool contained);
/* a folder is there; 0, or -1 with why in s->broken */
int stage_folder(struct stage *s);
/* the folder is there, and worker and harness are on their way */
int stage_begin(struct stage *s, const struct target *t);
/* and the worker has come */
int stage_worker(struct stage *s, const struct target *t);
/* the harness has come; `idle` is called while it has not (NULL: nothing is) */
int stage_harness(struct stage *s, void (*idle)(void *), void *arg);
/* all of them */
int stage_ready(struct stage *s, const struct target *t);
/* how variants of t's own spec are compiled there */
struct units_target stage_target(const struct stage *s, const struct target *t);
void stage_release(struct stage *s);

#endif
