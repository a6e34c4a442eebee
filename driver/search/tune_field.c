/* driver/search/tune_field.c - the points that the surrogate looks at: all of a small space; of a
 * larger one neighbours of the best, what was expected most of before, and others at random. */
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_surrogate_impl.h"

enum {
    FIELD_WHOLE = 20480, /* points that are all looked at */
    FIELD_PART = 8192,   /* of a larger space */
    FIELD_BEST = 8,      /* whose neighbours are among them */
    FIELD_KEPT = 512,    /* that were expected most of before */
    DRAWN_MOST = 2048,   /* at random, each time */
};

static void field_set(struct surrogate *s, size_t place, size_t point)
{
    size_t n = features_count(s->features);

    s->point[place] = point;
    features_of(s->features, point, s->x);
    for (size_t i = 0; i < n; i++)
        s->field.x[i][place] = s->x[i];
}

/* valid unused points that differ from this one in one tunable */
static size_t add_neighbours(struct tuner *t, size_t point, size_t place, size_t most)
{
    struct surrogate *s = t->own;
    const struct spec *spec = t->space->spec;

    for (size_t k = 0; k < t->space->nt; k++) {
        memcpy(s->index, space_index(t->space, point), t->space->nt * sizeof *s->index);
        uint32_t at = s->index[k];
        for (uint32_t v = 0; v < spec->tunables[k].nvalues && place < most; v++) {
            if (v == at || (spec->tunables[k].nvalues > 64 && (v > at ? v - at : at - v) > 16))
                continue;
            s->index[k] = v;
            size_t p = space_find(t->space, s->index);
            if (p != SPACE_NONE && !tuner_is_used(t, p))
                field_set(s, place++, p);
        }
    }
    return place;
}

static int by_value_down(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x > y ? -1 : x < y;
}

/* those of the field that most was expected of stay, in front */
static size_t keep_best(struct tuner *t)
{
    struct surrogate *s = t->own;
    float *sorted = space_zeroed(s->field.n, sizeof *sorted), least;
    size_t place = 0;

    memcpy(sorted, s->score, s->field.n * sizeof *sorted);
    qsort(sorted, s->field.n, sizeof *sorted, by_value_down);
    least = sorted[s->field.n < FIELD_KEPT ? s->field.n - 1 : FIELD_KEPT - 1];
    for (size_t i = 0; i < s->field.n && place < FIELD_KEPT; i++)
        if (s->score[i] > 0 && s->score[i] >= least && !tuner_is_used(t, s->point[i]))
            field_set(s, place++, s->point[i]);
    free(sorted);
    return place;
}

void field_renew(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct trial_seen *best = surrogate_sorted(t->seen, t->nseen);
    size_t place = keep_best(t), fresh;

    for (size_t i = 0; i < t->ngood && i < FIELD_BEST; i++)
        place = add_neighbours(t, best[i].point, place, s->field.n / 2);
    free(best);
    for (size_t i = 0; s->earlier.is && i < s->earlier.nbest && i < FIELD_KEPT; i++)
        if (!tuner_is_used(t, s->earlier.best[i]) && place < s->field.n)
            field_set(s, place++, s->earlier.best[i]);
    fresh = place + DRAWN_MOST;
    for (; place < s->field.n && place < fresh; place++)
        field_set(s, place, space_random(t->space, &t->random));
}

void field_open(struct tuner *t, struct surrogate *s)
{
    size_t known = space_known(t->space), n;

    s->whole = space_is_enumerated(t->space) && known <= FIELD_WHOLE;
    n = s->whole ? known : FIELD_PART;
    s->point = space_zeroed(n, sizeof *s->point);
    for (size_t i = 0; i < n; i++)
        s->point[i] = s->whole ? i : space_random(t->space, &t->random);
    s->features = features_new(t->space, s->point, n);
    gp_field_init(&s->field, features_count(s->features), n);
    for (size_t i = 0; i < n; i++)
        field_set(s, i, s->point[i]);
}
