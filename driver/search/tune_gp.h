/* driver/search/tune_gp.h - a Gaussian process over points of a space: what is expected of a point
 * that was not tried, and how far that can be trusted, from those that were.
 *
 * A point is a row of features, each from 0 to 1. How alike two points are is a product of all
 * features beside a sum over each alone (Matern 5/2); how far each feature reaches, the share of
 * the sum and the noise are hyper-parameters, which are drawn from what the data and a prior say of
 * them. The level of the values and their variance are integrated out.
 *
 * Nothing here depends on the processor: sums are in a fixed order, and no operation is fused. */
#ifndef KS_TUNE_GP_H
#define KS_TUNE_GP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GP_FEATURES = 40,
    GP_ROWS = 320, /* at most */
    GP_TILE = 512, /* points of a field that are worked on together */
};

struct gp_prior { /* normal, of logarithms */
    double mean, sd;
};

struct gp_values {
    double y[GP_ROWS];
    bool known[GP_ROWS]; /* else what is expected there is believed, and only doubted less */
};

struct gp_data { /* the points that were measured, or are being */
    size_t nf, n;
    float *x[GP_FEATURES]; /* GP_ROWS each */
    double noise[GP_ROWS]; /* variance of its value that is known beforehand */
    struct gp_prior length[GP_FEATURES];
    double *work; /* of gp_sample */
};

struct gp_field {          /* points that predictions are wanted of */
    size_t n, room;        /* room: n, rounded up to whole tiles */
    float *x[GP_FEATURES]; /* columns */
};

struct gp {
    double
        theta[GP_FEATURES + 2]; /* logarithms: reach of each feature, noise; logit of the share */
    double density;
    size_t n;  /* rows in the factor and of v */
    double *r; /* upper factor, GP_ROWS wide */
    double s2; /* variance of the values */
    float *v;  /* a tile after the other, each `rows` rows of GP_TILE */
    size_t rows;
    float *own; /* v, when it was not lent */
    float *mu, *var;
};

struct gp_data *gp_data_new(size_t nf);
void gp_data_free(struct gp_data *d);
void gp_field_init(struct gp_field *f, size_t nf, size_t n);
void gp_field_release(struct gp_field *f);

/* with room for GP_ROWS rows, or none */
struct gp *gp_new(const struct gp_data *d, const struct gp_field *f, bool has_room);
/* keeps what it knows of the field in v from now on, room * rows floats */
void gp_lend(struct gp *g, float *v, size_t rows);
void gp_free(struct gp *g);
/* moves the hyper-parameters: `steps` steps of Metropolis, over the first n rows */
void gp_sample(struct gp *g, const struct gp_data *d, const struct gp_values *y, size_t n,
               int steps, uint64_t *random);
/* the field is another, or the rows are */
void gp_forget(struct gp *g);
/* Takes in the rows of data that are new, no more than it has room for, which after gp_sample,
 * gp_lend or gp_forget are all of them. What is expected at all points of the field goes into mu[];
 * returns the variance of the values, of which g->var is the share that is left at each point */
double gp_predict(struct gp *g, const struct gp_data *d, const struct gp_values *y,
                  const struct gp_field *f, float *mu);
/* adds to score[] by how much each point is expected to be below `best` */
void gp_improvement(const struct gp *g, const struct gp_field *f, double best, float *score);

#endif
