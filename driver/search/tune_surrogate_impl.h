/* driver/search/tune_surrogate_impl.h - what the files of the surrogate share:
 *
 *   tune_surrogate.c  what is tried, and what the model learns from
 *   tune_field.c      the points that are looked at
 *   tune_earlier.c    what an earlier search says of them
 *   tune_taught.c     what searches of other spaces say of them
 *   tune_rank.c       which of those that were asked for to measure first */
#ifndef KS_TUNE_SURROGATE_IMPL_H
#define KS_TUNE_SURROGATE_IMPL_H

#include "driver/search/tune_features.h"
#include "driver/search/tune_gp.h"
#include "driver/search/tune_impl.h"
#include "driver/search/tune_lesson.h"

enum {
    MODELS_MOST = 8, /* draws of hyper-parameters */
    TAUGHT_MOST = 12,
};

struct earlier {
    bool is;          /* there was an earlier search */
    float *log_score; /* by place in the field */
    size_t *best;     /* its best points first */
    size_t nbest, next;
    double trust;             /* what a difference there says of one here */
    struct trial_seen *trial; /* by point, in order; the last one counts */
    size_t n;
};

struct taught {
    size_t n; /* lessons in use */
    const struct lesson *lesson[TAUGHT_MOST];
    struct slots *slots;
    double alike[TAUGHT_MOST];  /* from 0 to 1: is it of a space like this one? */
    double before[TAUGHT_MOST]; /* how far each is believed before anything was measured */
    double slope[TAUGHT_MOST];  /* and now, as logarithms of scores */
    float *row[TAUGHT_MOST], *field[TAUGHT_MOST]; /* what each says of the points of both */
    double *sum;                                  /* of the field, all together */
};

struct surrogate {
    struct features *features;
    struct gp_field field;
    size_t *point; /* of the field */
    bool whole;    /* the field is the space */
    struct gp_data *data;
    struct gp_values time, failure;
    size_t *row;          /* points of data */
    double said[GP_ROWS]; /* what is said of each row beforehand, as a logarithm of its score */
    struct gp *gp[MODELS_MOST];
    size_t models, drawn; /* of them in use; which is drawn again next */
    float *memory;        /* of all together */
    size_t refit_at;      /* reports */
    float *score, *mu;
    struct earlier earlier;
    struct rank *rank; /* NULL: nothing was ranked yet */
    struct taught taught;
    float x[FEATURES_MOST];
    uint32_t *index;
};

/* a copy, the best first and failures last; free() it */
struct trial_seen *surrogate_sorted(const struct trial_seen *from, size_t n);

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

struct scale { /* of the values that the model is given */
    double source_cut, shift, factor, best;
};
/* the values of the rows as they are known now: around 0, with a variance of 1 */
struct scale surrogate_values(struct tuner *t);

bool rank_points(struct tuner *t, const size_t *points, size_t n, float *gain);
void rank_close(struct rank *r);

/* takes the lessons that are most like the space */
void taught_open(struct tuner *t);
void taught_release(struct taught *o);
/* the field is another */
void taught_place(struct tuner *t);
/* row i is this point */
void taught_row(struct surrogate *s, size_t i, size_t point);
/* how far all of them together are believed before anything was measured, from 0 to 1 */
double taught_belief(const struct surrogate *s);
/* learns how far each holds for the values of the known rows */
void taught_learn(struct surrogate *s);
/* what they say together: of a row, and of each place in the field; NULL: there are no lessons */
double taught_of_row(const struct surrogate *s, size_t i);
const double *taught_of_field(struct surrogate *s);
/* what they say of a point before anything was measured; only how two compare matters */
double taught_guess(const struct surrogate *s, size_t point);

#endif
