/* tests/bench/tuner.h - what a bench of tuners measured, for those who print it. */
#ifndef KS_BENCH_TUNER_H
#define KS_BENCH_TUNER_H

#include <stdio.h>
#include "driver/search/tune.h"
#include "driver/search/tune_lesson.h"
#include "tests/bench/peer.h"
#include "tests/bench/recorded.h"

enum { EVALS = 200, STUDIES = 13, MARKS = 6, SECONDS = 4 };

struct study { /* a tuner, and how it is used */
    const char *name;
    enum tuner_kind kind;
    size_t batch;                      /* suggestions at once */
    enum { COLD, WARM, MISLED } start; /* knows the record of another GPU; the same, upside down */
    size_t every;                      /* runs one seed of so many */
    /* lessons: those that the tuner ships with; of the folder's other kernels; of all of them,
     * upside down; none */
    enum { SHIPPED, OTHERS, WRONG, NOTHING } taught;
    size_t ahead; /* compiled before they are measured, and then measured in the tuner's order */
};

struct run {
    bool is;
    float found[EVALS];     /* best time there is over best time found, by evaluation */
    float seconds[SECONDS]; /* the same, when so many seconds have passed: see SECONDS_OF */
    float ms, late_ms;      /* of processor a suggestion; of the last quarter of them */
    float mb;               /* what the tuner holds at its end */
};

struct bench {
    const char *folder, *only; /* only: studies whose names match it; NULL: all */
    struct recorded **space;
    struct recorded **other; /* one a space: of the same kernel on another GPU; NULL: none */
    struct lesson **lesson, **wrong; /* one a space: of it; the same, upside down */
    struct peer peer;                /* a genetic algorithm, beside ours; n 0: none */
    size_t nspaces, seeds;
    struct run *run; /* [study][space][seed] */
};

extern const struct study STUDY[STUDIES];
extern const size_t MARK[MARKS];
/* SECONDS_OF[i] evaluations at random cost, on average, the seconds of `seconds[i]` */
extern const size_t SECONDS_OF[SECONDS];

static inline struct run *bench_run(const struct bench *b, size_t study, size_t space, size_t seed)
{
    return &b->run[(study * b->nspaces + space) * b->seeds + seed];
}

/* are the spaces of one kernel, perhaps of two versions of it: "gemm" and "gemm_milo"? */
bool bench_same_kernel(const struct bench *b, size_t one, size_t other);
/* writes the lessons of all kernels as C, for tune_shipped.c */
void report_lessons(const struct bench *b, FILE *out);
void report_text(const struct bench *b, FILE *out);
int report_json(const struct bench *b, FILE *out);
int report_svg(const struct bench *b, const char *path);

#endif
