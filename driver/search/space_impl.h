/* driver/search/space_impl.h - what the files behind space.h share; for nobody else. */
#ifndef KS_SPACE_IMPL_H
#define KS_SPACE_IMPL_H

#include "driver/search/space.h"

enum {
    SPACE_MOST = 1000000, /* points that are enumerated */
    CHUNK = 4096,         /* points whose indices are stored together and never move */
};

enum verdict { POINT_VALID, POINT_INVALID, POINT_ERROR };

struct space_name {
    const char *name;
    int64_t value;
};

struct space {
    const struct spec *spec;
    const struct gpu *gpu;
    struct diag *diag;   /* only while space_new runs */
    struct arena *arena; /* value arrays of the points that were asked for */
    size_t nt;           /* tunables */
    size_t *first;       /* constraints of depth k: order[first[k]] .. order[first[k + 1] - 1] */
    size_t *order;       /* depth k: the first k tunables have to be bound */
    bool *uses;          /* [constraint * nt + tunable] */
    bool *told;          /* an error of this constraint's evaluation was reported */
    struct space_name *fixed; /* names in constraints that are no tunables */
    size_t nfixed;
    uint32_t **chunk;   /* indices of points, nt each */
    int64_t **value;    /* values of points, NULL until asked for */
    size_t known, room; /* points; places in value */
    bool enumerated;
    double size;
    size_t def;
    size_t *table, table_size; /* sampled: point numbers + 1 by hash of their indices */
    size_t killer;             /* place in order of the constraint that went deepest and refused */
    const uint32_t *bound;     /* the point under test: its first nbound tunables have values */
    size_t nbound;
};

/* tests the constraints that become decidable with the first `depth` tunables of index bound */
enum verdict space_test(struct space *s, const uint32_t *index, size_t depth);
/* the value of an expression over the tunables at a point: 0, or -1 when it has none */
int space_compute(struct space *s, const struct expr *e, size_t point, int64_t *value);
/* numbers one more point */
size_t space_add(struct space *s, const uint32_t *index);
/* the number of a valid point of a sampled space, new or old */
size_t space_meet(struct space *s, const uint32_t *index);
/* fills index with a valid point at random: true, or false when none was met in reasonable time */
bool space_draw(struct space *s, uint64_t *state, uint32_t *index);
/* about how many valid points there are, from random descents */
double space_estimate(struct space *s, uint64_t seed);
/* splitmix64: advances *state */
uint64_t space_rand(uint64_t *state);
/* zeroed memory, one element more than n; ends the program rather than fail */
void *space_zeroed(size_t n, size_t size);

#endif
