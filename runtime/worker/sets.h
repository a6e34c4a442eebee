/* runtime/worker/sets.h - the buffers of a point: K sets of all its arrays.
 *
 * Every launch of a sample has a set of its own, so that each has other inputs, none finds its
 * answer in memory, and all outputs can be compared afterwards. An array has one allocation with K
 * slices and guard zones around each (kernels.h); outputs have a second one with the original's
 * answers. Inputs are made again from their seeds, never kept. What comes from a file is the same
 * in all sets and draws, and is read once as long as nobody changes it. */
#ifndef KS_SETS_H
#define KS_SETS_H

#include "runtime/worker/session.h"

enum poison {
    POISON_NAN,   /* NaN, or a large integer */
    POISON_OTHER, /* the right answer of another set: for who computes only where he sees NaN */
    POISON_NOISE
};

struct slab {
    CUdeviceptr memory;
    uint64_t base, bytes, stride;
};

struct sets {
    unsigned k, wanted; /* as many as memory allowed of those that were asked for */
    unsigned active;    /* the first so many are in use: all for timing, few for a check */
    size_t narrays;
    uint64_t generation;   /* differs whenever the addresses differ */
    struct slab *data;     /* one an array */
    struct slab *expected; /* one an array; of outputs only */
    void **addresses;      /* k times one an array */
    CUdeviceptr tallies, scales;
    struct tally *tally; /* the host's copy: array times k */
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
/* fresh inputs, and the right answers to them: the original's, or those of its reference(...) */
int sets_draw(struct session *s, struct point *p, struct refusal *r);
/* before a run: inout as it was drawn, outputs poisoned, temporaries full of noise */
int sets_reset(struct session *s, struct point *p, enum poison poison, struct refusal *r);
/* reads all arrays, so that those that fit are in the L2 cache */
int sets_touch(struct session *s, struct point *p, struct refusal *r);
/* after a run: compares everything; the result is in t->tally. Waits for the GPU. */
int sets_verify(struct session *s, struct point *p, struct refusal *r);
/* bytes that one launch must move: in, out, and twice inout */
uint64_t point_bytes(const struct session *s, const struct point *p);

#endif
