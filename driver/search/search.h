/* driver/search/search.h - the inside of one search, shared by the files that make it up:
 * loop.c (from compile to screened trials), contest.c (race and confirmation over some workloads),
 * verdict.c (one winner, or one for each regime), outcome.c (the record and what a person reads).
 * Callers of a search want loop.h. */
#ifndef KS_SEARCH_H
#define KS_SEARCH_H

#include "driver/lang/structure.h"
#include "driver/search/judge.h"
#include "driver/search/loop.h"
#include "driver/search/trials.h"
#include "driver/search/tune.h"

/* one way of writing the entry: its own text, or a structure; with a space of its own */
struct form {
    const struct spec *spec;
    struct space *space;
    struct tuner *tuner;
    struct units *units;
    size_t *module_of_unit; /* [unit]: bench module + 1; 0: not told yet */
    size_t nmodules;
};

struct search {
    struct arena *arena; /* lives as long as the search */
    const struct search_job *job;
    const struct spec *spec;
    struct bench *bench;
    struct form *forms; /* [0]: the entry's own text */
    size_t nforms;
    struct trials trials;
    size_t *timed, *tests; /* point numbers */
    size_t ntimed, ntests;
    double *weight, *original_us; /* one a timed point */
    double noise;                 /* original against itself, see judge_margin */
    char name[256];
    double start, deadline;    /* now_seconds; the deadline is that of exploring */
    struct bench_clock before; /* the bench's clock when this search began */
    double idle;               /* seconds in which the GPU waited for compilers */
    bool lost;                 /* the bench is */
};

/* the trial of the values in the code; NULL before it was queued */
struct trial *search_default(struct search *s);
/* valid points of all forms */
double search_size(const struct search *s);
/* the values of a trial's tunables, and "gqa_split.cu with WAVES=2" */
const int64_t *trial_values(const struct search *s, const struct trial *x);
const char *trial_text(const struct search *s, const struct trial *x, char *text, size_t cap);

/* ---- contest.c ---- */

struct confirmation { /* interleaved pairs of the original and a variant; entries one a timed point
                       */
    struct samples *original, *variant;
    struct interval *interval; /* ratio 0: not confirmed on that workload */
};
void confirmation_init(struct search *s, struct confirmation *c);
void confirmation_release(struct confirmation *c, size_t workloads);

struct field {              /* workloads that a contest is about */
    const size_t *workload; /* indices into search.timed */
    size_t n;
    bool weighted; /* one may pay for another, as judge.h says; else none may get slower */
};

/* the indices of all workloads */
const size_t *field_all(const struct search *s);
/* Races the good trials over the field and confirms the best until one is a proven win there: that
 * one, with its pairs in *c for the field's workloads; NULL when none is. `prefer` (may be NULL) is
 * taken for the best when it is nearly so. */
struct trial *contest_run(struct search *s, const struct field *field, struct trial *prefer,
                          struct confirmation *c);
/* measures s->noise: the original against its own values compiled as a variant. -1 when that does
 * not work like the original, with what is wrong in *err */
int contest_noise(struct search *s, struct error *err);

/* ---- verdict.c ---- */

struct part { /* a winner and the regime in which it is one */
    struct trial *trial;
    int64_t low, high; /* of the verdict's parameter */
};

struct verdict {
    const char *param; /* NULL: one winner everywhere */
    struct part *part;
    size_t nparts;         /* 0: no proven gain */
    struct confirmation c; /* of each workload's winner */
    struct interval mean;  /* over all workloads */
};

/* decides; release with verdict_release */
void verdict_reach(struct search *s, struct verdict *v);
void verdict_release(struct search *s, struct verdict *v);

/* ---- outcome.c ---- */

/* the record of what was found; `done`: the space was exhausted, not the budget. NULL with *err
 * when a winner's machine code cannot be had */
struct record *outcome_record(struct search *s, const struct verdict *v, bool done,
                              struct error *err);
/* a line for each kind of failure, with the first of it */
void outcome_say_failures(const struct search *s);
/* each workload's times, and where the search's time went */
void outcome_say(const struct search *s, const struct record *r);

#endif
