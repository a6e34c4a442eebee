/* runtime/worker/sets.h - the buffers of a point: K sets of all its arrays.
 *
 * Every launch of a sample has a set of its own, so that each has other inputs, none finds its
 * answer in memory, and all outputs can be compared afterwards. An array has one allocation with K
 * slices and guard zones around each (kernels.h); outputs have a second one with the original's
 * answers, sealed. Inputs are made again from their seeds, never kept. What comes from a file is
 * the same in all sets and draws, and is read once as long as nobody changes it.
 *
 * Nobody can tell from an address what lies at another: arrays begin and follow each other at
 * distances that are drawn, and which slice of an input belongs to which set is drawn too. So a
 * launch cannot do the work of the next one. */
#ifndef KS_SETS_H
#define KS_SETS_H

#include "runtime/worker/session.h"
#include "runtime/worker/values.h"

enum poison {
    POISON_NAN,   /* NaN, or a large integer */
    POISON_OTHER, /* the right answer of another set: for who computes only where he sees NaN */
    POISON_NOISE
};

struct slab {
    CUdeviceptr memory;
    uint64_t base, bytes, stride;
};

/* how far the original is from itself when its inputs move by a unit in the last place: nobody can
 * be asked to be closer. Of an array, the most of all sets */
struct noise {
    double most; /* of an element, beside the root mean square of all */
    double norm; /* of the whole error, beside the whole output */
};

struct sets {
    unsigned k, wanted; /* as many as memory allowed of those that were asked for */
    unsigned active;    /* the first so many are in use: all for timing, few for a check */
    size_t narrays;
    uint64_t generation;   /* differs whenever the addresses differ */
    uint64_t drawn;        /* the generation at the last draw */
    struct slab *data;     /* one an array */
    struct slab *expected; /* one an array; of outputs only */
    void **addresses;      /* k times one an array */
    CUdeviceptr tallies, scales;
    struct tally *tally; /* the host's copy: array times k */
    struct scale *scale; /* the host's, which the device is given again for every comparison */
    uint64_t secret;     /* where things lie, and what seals the answers */
    enum values values;  /* of this draw */
    unsigned turn;       /* and which draw of those values it is */
    double quantum;      /* results are multiples of it, and compared so; 0: they are not exact */
    struct gen *gen;     /* of this draw, one an array */
    struct noise *noise; /* one an array */
    bool has_noise;      /* it is known, for the values of this draw */
    uint64_t *sums;      /* of the inputs as they were made: array times k */
    void **made;         /* structured inputs: as many slices as... */
    unsigned *nmade;     /* ...this, shared out among the sets in turn */
    unsigned *loaded;    /* of in arrays from files: as many slices hold what the file has */
    uint64_t seed, runs; /* of this draw; runs of it so far */
};

/* makes the point's sets, at least 2, k if half of the free memory holds them; frees those of other
 * points when that is what it takes. Keeps what there is when k are there already. The first k, or
 * all, are active then: see t->active. */
int sets_ensure(struct session *s, struct point *p, unsigned k, struct refusal *r);
void sets_free(struct session *s, struct point *p);
/* the arrays' device addresses in one set, in the spec's order */
void **sets_addresses(struct sets *t, unsigned set);
/* the first n sets are in use from here on */
void sets_use(struct sets *t, const struct session *s, unsigned n);
/* has every active set inputs as the generators say, and their answers? */
bool sets_are_drawn(const struct sets *t);
/* fresh inputs, and the right answers to them: the original's, or those of its reference(...) */
int sets_draw(struct session *s, struct point *p, struct refusal *r);
/* the same with other values; *applies: they make a difference, and results can be compared */
int sets_draw_values(struct session *s, struct point *p, enum values values, unsigned turn,
                     bool *applies, struct refusal *r);
/* what seals the answers of a slice */
uint64_t sets_seal(const struct sets *t, size_t array, unsigned slice);
/* the tolerances of an array at this draw: its own, not below what the original's noise asks for */
struct match sets_match(const struct session *s, const struct sets *t, size_t array);
double sets_norm(const struct session *s, const struct sets *t, size_t array);
/* before a run: inout as it was drawn, outputs poisoned, temporaries full of noise */
int sets_reset(struct session *s, struct point *p, enum poison poison, struct refusal *r);
/* reads all arrays, so that those that fit are in the L2 cache */
int sets_touch(struct session *s, struct point *p, struct refusal *r);
/* After a run over the n sets from `start` on, in a circle: compares their outputs, and the inputs
 * and guards of all sets; the result is in t->tally. Outputs have sums only where they are asked to
 * be the same each time. Waits for the GPU. */
int sets_verify(struct session *s, struct point *p, unsigned start, unsigned n, struct refusal *r);
/* all sets have the same inputs: those of a file, or constants */
bool sets_are_alike(const struct session *s, const struct point *p);
/* bytes that one launch must move: in, out, and twice inout */
uint64_t point_bytes(const struct session *s, const struct point *p);

#endif
