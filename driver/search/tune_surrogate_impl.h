/* driver/search/tune_surrogate_impl.h - what the files of the surrogate share:
 *
 *   tune_surrogate.c  what is tried, and what the model learns from
 *   tune_field.c      the points that are looked at
 *   tune_earlier.c    what an earlier search says of them
 *   tune_rank.c       which of those that were asked for to measure first */
#ifndef KS_TUNE_SURROGATE_IMPL_H
#define KS_TUNE_SURROGATE_IMPL_H

#include "driver/search/tune_features.h"
#include "driver/search/tune_gp.h"
#include "driver/search/tune_impl.h"

enum { MODELS = 2 /* draws of hyper-parameters */ };

struct earlier {
    bool is;          /* there was an earlier search */
    float *log_score; /* by place in the field */
    size_t *best;     /* its best points first */
    size_t nbest, next;
    double trust;             /* what a difference there says of one here */
    struct trial_seen *trial; /* by point, in order; the last one counts */
    size_t n;
};

struct surrogate {
    struct features *features;
    struct gp_field field;
    size_t *point; /* of the field */
    bool whole;    /* the field is the space */
    struct gp_data *data;
    struct gp_values time, failure;
    size_t *row; /* points of data */
    struct gp *gp[MODELS];
    size_t refit_at; /* reports */
    float *score, *mu;
    struct earlier earlier;
    struct rank *rank; /* NULL: nothing was ranked yet */
    float x[FEATURES_MOST];
    uint32_t *index;
};

/* zeroed memory, one element more than n; ends the program rather than fail */
void *surrogate_zeroed(size_t n, size_t size);
/* a copy, the best first and failures last; free() it */
struct trial_seen *surrogate_sorted(const struct trial_seen *from, size_t n);
/* above it a score is just bad. n > 0; sorts v */
double surrogate_cut(double *v, size_t n);

void field_open(struct tuner *t, struct surrogate *s);
/* a new choice of points: a larger space is seen through it */
void field_renew(struct tuner *t);

/* takes what the tuner was told before it began */
void earlier_open(struct tuner *t);
void earlier_release(struct earlier *o);
/* the field is another */
void earlier_place(struct tuner *t);
/* its best point that was not tried; SPACE_NONE: there is none */
size_t earlier_point(struct tuner *t);
/* what it says of each row, cut off as scores are */
void earlier_rows(struct tuner *t, double *value, double *cut);
/* the slope of what was measured over what it says, from 0 to 1.2: 1 until it is seen to be
 * otherwise */
double earlier_trust(const struct surrogate *s, const double *value);

/* the values of the rows as they are known now */
void surrogate_refresh(struct tuner *t);

bool rank_points(struct tuner *t, const size_t *points, size_t n, float *gain);
void rank_close(struct rank *r);

#endif
