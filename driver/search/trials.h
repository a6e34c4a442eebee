/* driver/search/trials.h - what was tried in one search and what came of it. */
#ifndef KS_TRIALS_H
#define KS_TRIALS_H

#include "driver/build/units.h"
#include "driver/search/bench.h"
#include "driver/search/space.h"

enum trial_state { TRIAL_WAITING, TRIAL_GOOD, TRIAL_NO_BUILD, TRIAL_LIMIT, TRIAL_WRONG };

struct trial {
    size_t form;  /* which way of writing the entry: of search.forms */
    size_t point; /* of its space */
    enum trial_state state;
    bool is_queued, is_built; /* its compile; not needed while the journal knows what came of it */
    float
        gain; /* what measuring it would bring, among those of its form (tuner_rank); 0 at first */
    struct built built;
    struct usage usage;    /* -1: not known */
    bool is_specific;      /* it was compiled for the target with an `a` */
    bool is_whole;         /* it is compiled with all of the file: its code is another without */
    struct coding *coding; /* a compile that tells its code is on its way (units.h) */
    const char *code;      /* its machine code's hash, in hexadecimal; NULL: not known */
    size_t
        twin; /* trial + 1 that launches the same machine code, and was measured for both; or 0 */
    size_t variant;          /* of the bench; 0: not told */
    size_t *measured;        /* [workload]: requests so far, which number the facts */
    const char *sanitizer;   /* tools that found nothing in it; NULL: none looked */
    char *why;               /* of a failure */
    struct samples *samples; /* one a workload */
    double score; /* weighted geometric mean of time over the original's; HUGE_VAL unknown */
};

struct trials {
    struct trial *trial;
    size_t n, cap;
    size_t workloads;
};

/* The median of the samples, or with p90 what nine of ten stay below; they stay in order. 0 when
 * there are none */
double samples_figure(const struct samples *s, bool p90);
size_t trials_add(struct trials *t, size_t form, size_t point);
void trials_fail(struct trial *x, enum trial_state state, const char *why);
/* score from the samples so far: weighted geometric mean over the workloads that have any */
double trials_score(const struct trial *x, const double *original_us, const double *weight,
                    size_t workloads, bool p90);
/* standard deviation of the logarithm of the score, from how the samples scatter; weights, which
 * add up to 1, can only make it less */
double trials_noise(const struct trial *x, size_t workloads);
size_t trials_count(const struct trials *t, enum trial_state state);
/* the first failure of that kind, NULL if there is none */
const struct trial *trials_first(const struct trials *t, enum trial_state state);
/* the good trial with the least score, NULL if there is none */
const struct trial *trials_best(const struct trials *t);
void trials_release(struct trials *t);

#endif
