/* driver/search/tune.c - what all tuners have in common: which points were asked for, what came
 * back, and when there is nothing left. */
#include "driver/search/tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_impl.h"
#include "driver/search/tune_lesson.h"
#include "runtime/base/log.h"

enum {
    STARTS = 8,      /* suggestions before anything is known */
    AHEAD_LEAST = 4, /* and then, until a fourth of the reports is more */
    AHEAD_PART = 4,
    OUTSTANDING_MOST = 64, /* suggestions without a report, unless all will be tried anyway */
    DRAWS = 100,
};

static const struct tuner_way *const WAYS[TUNER_KINDS] = {
    [TUNER_SURROGATE] = &tune_surrogate,
    [TUNER_GA] = &tune_ga,
    [TUNER_RANDOM] = &tune_random,
};

enum tuner_kind tuner_kind_named(const char *name)
{
    int kind = 0;

    while (kind < TUNER_KINDS && strcmp(WAYS[kind]->name, name) != 0)
        kind++;
    return (enum tuner_kind)kind;
}

const char *tuner_kind_name(enum tuner_kind kind)
{
    return WAYS[kind]->name;
}

void *tuner_grow(void *array, size_t n, size_t size)
{
    array = reallocarray(array, n, size);
    if (!array)
        fatal("out of memory");
    return array;
}

double tuner_uniform(struct tuner *t)
{
    return (double)(space_rand(&t->random) >> 11) * 0x1p-53;
}

size_t tuner_below(struct tuner *t, size_t n)
{
    return (size_t)(space_rand(&t->random) % n);
}

bool tuner_is_used(const struct tuner *t, size_t point)
{
    return point < t->nused && t->used[point];
}

static void use(struct tuner *t, size_t point)
{
    if (point >= t->nused) {
        size_t n = point + 1 > 2 * t->nused ? point + 1 : 2 * t->nused;
        t->used = tuner_grow(t->used, n, sizeof *t->used);
        memset(t->used + t->nused, 0, (n - t->nused) * sizeof *t->used);
        t->nused = n;
    }
    t->used[point] = true;
    if (t->nasked == t->asked_room) {
        t->asked_room = t->asked_room ? 2 * t->asked_room : 256;
        t->asked = tuner_grow(t->asked, t->asked_room, sizeof *t->asked);
    }
    t->asked[t->nasked++] = point;
}

struct tuner *tuner_new(struct space *space, enum tuner_kind kind, uint64_t seed, size_t evals)
{
    struct tuner *t = calloc(1, sizeof *t);

    if (!t)
        fatal("out of memory");
    t->way = WAYS[kind];
    t->space = space;
    t->random = seed;
    t->evals = evals;
    t->whole = space_is_enumerated(space) && space_known(space) <= evals + 1;
    if (space_default(space) != SPACE_NONE)
        use(t, space_default(space));
    t->lesson = tuner_grow(t->lesson, LESSONS_SHIPPED_N + 1, sizeof *t->lesson);
    for (size_t i = 0; i < LESSONS_SHIPPED_N; i++)
        t->lesson[t->nlessons++] = &LESSONS_SHIPPED[i];
    t->own = t->way->open ? t->way->open(t) : NULL;
    return t;
}

void tuner_free(struct tuner *t)
{
    if (!t)
        return;
    if (t->way->close)
        t->way->close(t->own);
    free(t->used);
    free(t->asked);
    free(t->seen);
    free(t->recalled);
    free(t->lesson);
    free(t->rest);
    free(t);
}

/* the next of a shuffled list of all points, for when drawing meets used ones only; only in an
 * enumerated space */
static size_t tuner_rest(struct tuner *t)
{
    if (!space_is_enumerated(t->space))
        return SPACE_NONE;
    if (!t->rest) {
        t->nrest = space_known(t->space);
        t->rest = tuner_grow(NULL, t->nrest, sizeof *t->rest);
        for (size_t i = 0; i < t->nrest; i++) {
            size_t j = tuner_below(t, i + 1);
            t->rest[i] = t->rest[j];
            t->rest[j] = i;
        }
    }
    while (t->nrest && tuner_is_used(t, t->rest[t->nrest - 1]))
        t->nrest--;
    return t->nrest ? t->rest[t->nrest - 1] : SPACE_NONE;
}

size_t tuner_draw(struct tuner *t)
{
    for (int i = 0; i < DRAWS; i++) {
        size_t point = space_random(t->space, &t->random);
        if (!tuner_is_used(t, point))
            return point;
    }
    return SPACE_NONE;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Suggestions that may be outstanding. The first know nothing, whether asked for together or not;
 * right after them each report tells the most, and what is suggested without it is the worse. Who
 * asks for 16 gets 8, 4, 4, 4, 5, 6, 7, 9, 11, 14, and then 16. Who runs ahead wants compilers
 * busy, and chooses among the suggestions later on (tuner_rank) */
static size_t outstanding_most(const struct tuner *t)
{
    size_t most = larger(AHEAD_LEAST, t->nseen / AHEAD_PART);

    if (t->ahead)
        most = larger(t->ahead, t->nseen / 2);
    else if (t->suggested < STARTS)
        most = STARTS;
    return most < OUTSTANDING_MOST ? most : OUTSTANDING_MOST;
}

size_t tuner_suggest(struct tuner *t, size_t *points, size_t max)
{
    size_t most = outstanding_most(t), n = 0;

    while (n < max && t->suggested < t->evals && !t->finished &&
           (t->whole || t->outstanding < most)) {
        size_t point = t->way->next(t);
        if (point == TUNER_WAITS)
            break;
        if (point == SPACE_NONE)
            point = tuner_rest(t);
        if (point == SPACE_NONE) {
            t->finished = true;
            break;
        }
        use(t, point);
        points[n++] = point;
        t->suggested++;
        t->outstanding++;
    }
    return n;
}

void tuner_ahead(struct tuner *t, size_t n)
{
    t->ahead = larger(n, STARTS);
}

bool tuner_rank(struct tuner *t, const size_t *points, size_t n, float *gain)
{
    return t->way->rank && n > 1 && t->way->rank(t, points, n, gain);
}

static struct trial_seen trial_of(size_t point, bool failed, double score)
{
    struct trial_seen x = {point, failed || !(score > 0) || !isfinite(score), 0, 0};

    if (!x.failed)
        x.score = log(score);
    return x;
}

static void append(struct trial_seen **trials, size_t *n, size_t *room, struct trial_seen x)
{
    if (*n == *room) {
        *room = *room ? 2 * *room : 256;
        *trials = tuner_grow(*trials, *room, sizeof **trials);
    }
    (*trials)[(*n)++] = x;
}

static void learn(struct tuner *t, size_t point, bool failed, double score)
{
    append(&t->seen, &t->nseen, &t->seen_room, trial_of(point, failed, score));
    t->seen[t->nseen - 1].noise = t->noise;
    t->ngood += !t->seen[t->nseen - 1].failed;
    if (t->way->learn)
        t->way->learn(t, &t->seen[t->nseen - 1]);
}

void tuner_report(struct tuner *t, size_t point, bool failed, double score)
{
    if (point != space_default(t->space) && t->outstanding)
        t->outstanding--;
    learn(t, point, failed, score);
}

void tuner_noise(struct tuner *t, double sd)
{
    t->noise = sd > 0 && isfinite(sd) ? sd : 0;
}

void tuner_know(struct tuner *t, size_t point, bool failed, double score)
{
    if (!tuner_is_used(t, point))
        use(t, point);
    learn(t, point, failed, score);
}

void tuner_recall(struct tuner *t, size_t point, bool failed, double score)
{
    append(&t->recalled, &t->nrecalled, &t->recalled_room, trial_of(point, failed, score));
}

void tuner_teach(struct tuner *t, const struct lesson *const *lessons, size_t n)
{
    t->lesson = tuner_grow(t->lesson, n + 1, sizeof *t->lesson);
    t->nlessons = n;
    for (size_t i = 0; i < n; i++)
        t->lesson[i] = lessons[i];
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

void tuner_sort(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_number);
}

/* what is far above the median, and what failed, is just bad */
static double score_cut(const struct tuner *t)
{
    double *good = tuner_grow(NULL, t->nseen + 1, sizeof *good), cut;
    size_t n = 0;

    for (size_t i = 0; i < t->nseen; i++)
        if (!t->seen[i].failed)
            good[n++] = t->seen[i].score;
    cut = n ? tuner_cut(good, n) : 0;
    free(good);
    return cut;
}

struct lesson *tuner_lesson(const struct tuner *t, const char *name)
{
    struct slots *s = slots_new(t->space);
    size_t *point = tuner_grow(NULL, t->nseen + 1, sizeof *point);
    double *value = tuner_grow(NULL, t->nseen + 1, sizeof *value), cut = score_cut(t);
    struct lesson *l;

    for (size_t i = 0; i < t->nseen; i++) {
        const struct trial_seen *x = &t->seen[i];
        point[i] = x->point;
        value[i] = x->failed || x->score > cut ? cut : x->score;
    }
    l = lesson_learn(name, s, point, value, t->nseen);
    slots_free(s);
    free(point);
    free(value);
    return l;
}

double tuner_cut(double *v, size_t n)
{
    double middle;

    tuner_sort(v, n);
    middle = v[(n - 1) / 2];
    return middle + 0.5 * (middle - v[0]) + 0.1;
}

bool tuner_is_spent(const struct tuner *t)
{
    return t->finished || t->suggested >= t->evals;
}

bool tuner_done(const struct tuner *t)
{
    return t->outstanding == 0 && tuner_is_spent(t);
}
