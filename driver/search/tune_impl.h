/* driver/search/tune_impl.h - what the files behind tune.h share; for nobody else. */
#ifndef KS_TUNE_IMPL_H
#define KS_TUNE_IMPL_H

#include "driver/search/space_impl.h"
#include "driver/search/tune.h"

#define TUNER_WAITS (SPACE_NONE - 1)

struct trial_seen {
    size_t point;
    bool failed;
    double score; /* logarithm of the score */
    double noise; /* standard deviation of that */
};

/* one way to choose */
struct tuner_way {
    const char *name;
    void *(*open)(struct tuner *t); /* its own state; NULL is fine */
    void (*close)(void *own);
    /* a point that was not tried yet; SPACE_NONE: it knows of none; TUNER_WAITS: it has to know
     * more first, and some are outstanding */
    size_t (*next)(struct tuner *t);
    /* tuner_rank; NULL: it cannot tell */
    bool (*rank)(struct tuner *t, const size_t *points, size_t n, float *gain);
    /* a trial came back, which is in t->seen; NULL: it looks there when it needs to */
    void (*learn)(struct tuner *t, const struct trial_seen *trial);
};

struct tuner {
    const struct tuner_way *way;
    void *own; /* the way's */
    struct space *space;
    uint64_t random;
    size_t evals, suggested, outstanding;
    size_t ahead;  /* that may always be outstanding; 0: nobody said */
    double noise;  /* of the scores that come next */
    bool whole;    /* the budget covers the space */
    bool finished; /* no new point was to be found */
    bool *used;    /* by point number */
    size_t nused;
    size_t *asked; /* every point suggested, and the default, in order */
    size_t nasked, asked_room;
    struct trial_seen *seen; /* as they came */
    size_t nseen, ngood, seen_room;
    struct trial_seen *recalled; /* of earlier searches */
    size_t nrecalled, recalled_room;
    const struct lesson **lesson; /* of other spaces */
    size_t nlessons;
    size_t *rest; /* a shuffle of the enumerated points, made when needed */
    size_t nrest;
};

extern const struct tuner_way tune_surrogate, tune_ga, tune_random;

/* reallocarray that ends the program rather than fail */
void *tuner_grow(void *array, size_t n, size_t size);
void tuner_sort(double *v, size_t n);
/* above it a score is just bad. n > 0; sorts v */
double tuner_cut(double *v, size_t n);
/* 0 <= x < 1 */
double tuner_uniform(struct tuner *t);
size_t tuner_below(struct tuner *t, size_t n);
bool tuner_is_used(const struct tuner *t, size_t point);
/* an unused point at random; SPACE_NONE when drawing meets none */
size_t tuner_draw(struct tuner *t);

#endif
