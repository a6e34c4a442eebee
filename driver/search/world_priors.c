/* driver/search/world_priors.c - what one search leaves to the next.
 *
 *   {"version": 1, "entries": [
 *     {"class": "reduction", "bottleneck": "memory", "arch": "sm_90", "proposer": "model",
 *      "difficulty": 2,
 *      "attempts": [right, screen, build, check],
 *      "cost": [cycles, sum of log seconds, of its square],
 *      "gain": [n, x, y, xx, xy, yy]}, ...]}
 *
 * with x and y the logarithms of predicted and measured gains. The entry that was heard of last is
 * the last; past the most, the first go, so the size does not grow with the number of searches. The
 * counts of an entry are scaled down to at most a few dozen observations, by which older ones fade
 * as new ones come.
 *
 * Looking up, the closest entries count first: same kernel class, bottleneck and architecture; then
 * any architecture; then any bottleneck; then any class; then proposers of the same family
 * ("knob:unroll" and "knob:restrict"). Each step away halves what an observation counts, and adds
 * no more than is missing from what the caller lets all of them be worth, so that where the close
 * ones are many the far ones do not count. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/world_impl.h"
#include "runtime/base/log.h"

enum { VERSION = 1, ENTRIES_MOST = 256, ENTRY_WORTH = 48, LEVELS = 5 };

static const double log_gain_least = -0.7, log_gain_most = 2.8; /* a half and 16 */

/* ---- tallies ----------------------------------------------------------------------------- */

static double within(double x, double least, double most)
{
    return x < least ? least : x > most ? most : x;
}

double world_predicted(const struct node *n, double *sd)
{
    double low = log(n->idea.low), high = log(n->idea.high);

    /* low to high is taken as what eight of ten come to lie in */
    *sd = within((high - low) / 2.56, 0.02, 1);
    return within(log(n->idea.likely), -log_gain_most, log_gain_most);
}

/* An idea that is far slower than expected says no more than one that is twice as slow: the tail
 * below matters to nobody, and would widen what is believed of the one above. */
static void tally_gain(const struct node *n, struct pairs *p)
{
    double sd, x = world_predicted(n, &sd), y;

    if (n->idea.state != IDEA_CLOSED || !(n->idea.gain > 0))
        return;
    y = within(log(n->idea.gain), log_gain_least, log_gain_most);
    p->n++;
    p->x += x;
    p->y += y;
    p->xx += x * x;
    p->xy += x * y;
    p->yy += y * y;
}

void world_tally(const struct world *w, const struct node *n, struct tally *t)
{
    (void)w;
    t->works += (double)(n->idea.attempts[ATTEMPT_SLOW] + n->idea.attempts[ATTEMPT_GAIN]);
    for (int i = 0; i < 3; i++)
        t->fails[i] += (double)n->idea.attempts[i];
    t->cycles += (double)n->ended;
    t->log_cost += n->log_cost;
    t->log_cost2 += n->log_cost2;
    tally_gain(n, &t->gain);
}

/* the numbers of a tally as three arrays: attempts, cost, gain */
enum { PARTS = 3, NUMBERS = 6 };
static const struct {
    const char *name;
    size_t n;
} parts[PARTS] = {{"attempts", 4}, {"cost", 3}, {"gain", 6}};

static double *part(struct tally *t, int i, size_t j)
{
    double *const all[PARTS][NUMBERS] = {
        {&t->works, &t->fails[0], &t->fails[1], &t->fails[2]},
        {&t->cycles, &t->log_cost, &t->log_cost2},
        {&t->gain.n, &t->gain.x, &t->gain.y, &t->gain.xx, &t->gain.xy, &t->gain.yy},
    };
    return all[i][j];
}

/* the observations of a part */
static double part_count(struct tally *t, int i)
{
    return i == 0 ? t->works + t->fails[0] + t->fails[1] + t->fails[2] : *part(t, i, 0);
}

static void part_add(struct tally *a, struct tally *b, int i, double scale)
{
    for (size_t j = 0; j < parts[i].n; j++)
        *part(a, i, j) += scale * *part(b, i, j);
}

void world_tally_add(struct tally *a, const struct tally *b, double scale)
{
    struct tally copy = *b;

    for (int i = 0; i < PARTS; i++)
        part_add(a, &copy, i, scale);
}

/* no part counts for more than ENTRY_WORTH */
static void fade(struct tally *t)
{
    for (int i = 0; i < PARTS; i++) {
        double n = part_count(t, i);
        for (size_t j = 0; n > ENTRY_WORTH && j < parts[i].n; j++)
            *part(t, i, j) *= ENTRY_WORTH / n;
    }
}

/* ---- reading ----------------------------------------------------------------------------- */

/* a text of an entry; NULL where it is not one */
static const char *read_key(const json_t *entry, const char *name)
{
    const char *s = json_string_value(json_object_get(entry, name));

    return s && strlen(s) <= NAME_MOST ? s : NULL;
}

/* sums of real numbers within bounds: the mean squares are at least the squares of the means */
static bool is_sound(struct tally *t, int i)
{
    const struct pairs *p = &t->gain;
    double n = part_count(t, i), slack = 1e-6 * (n + 1);

    if (i == 0)
        return t->works >= 0 && t->fails[0] >= 0 && t->fails[1] >= 0 && t->fails[2] >= 0;
    if (i == 1)
        return n >= 0 && fabs(t->log_cost) <= 50 * n && t->log_cost2 >= 0;
    return n >= 0 && fabs(p->x) <= 3 * n && fabs(p->y) <= 3 * n && p->xx <= 9 * n &&
           p->yy <= 9 * n && p->xx * n + slack >= p->x * p->x && p->yy * n + slack >= p->y * p->y &&
           p->xx * p->yy + slack >= p->xy * p->xy;
}

/* a part that is no such thing counts nothing */
static void read_part(const json_t *entry, int i, struct tally *t)
{
    const json_t *numbers = json_object_get(entry, parts[i].name);
    bool fine = json_array_size(numbers) == parts[i].n;

    for (size_t j = 0; fine && j < parts[i].n; j++) {
        const json_t *number = json_array_get(numbers, j);
        *part(t, i, j) = json_number_value(number);
        fine = json_is_number(number) && fabs(*part(t, i, j)) < 1e9;
    }
    fine = fine && is_sound(t, i);
    for (size_t j = 0; !fine && j < parts[i].n; j++)
        *part(t, i, j) = 0;
}

static bool same_key(const struct prior *a, const struct prior *b)
{
    return a->difficulty == b->difficulty && strcmp(a->kernel_class, b->kernel_class) == 0 &&
           strcmp(a->bottleneck, b->bottleneck) == 0 && strcmp(a->arch, b->arch) == 0 &&
           strcmp(a->proposer, b->proposer) == 0;
}

static bool read_entry(const json_t *entry, struct prior *p)
{
    const json_t *difficulty = json_object_get(entry, "difficulty");

    p->kernel_class = read_key(entry, "class");
    p->bottleneck = read_key(entry, "bottleneck");
    p->arch = read_key(entry, "arch");
    p->proposer = read_key(entry, "proposer");
    p->difficulty = 0;
    if (json_is_integer(difficulty) && json_integer_value(difficulty) >= 1 &&
        json_integer_value(difficulty) <= DIFFICULTIES)
        p->difficulty = (int)json_integer_value(difficulty);
    memset(&p->tally, 0, sizeof p->tally);
    for (int i = 0; i < PARTS; i++)
        read_part(entry, i, &p->tally);
    fade(&p->tally);
    return p->kernel_class && p->bottleneck && p->arch && p->proposer && p->difficulty;
}

void world_priors_read(struct world *w, const json_t *priors)
{
    const json_t *entries = json_object_get(priors, "entries");
    size_t n = json_array_size(entries);

    if (json_integer_value(json_object_get(priors, "version")) != VERSION)
        return;
    for (size_t i = n > ENTRIES_MOST ? n - ENTRIES_MOST : 0; i < n; i++) {
        struct prior p;
        bool twice = false;
        if (!read_entry(json_array_get(entries, i), &p))
            continue;
        for (size_t j = 0; j < w->npriors; j++)
            twice = twice || same_key(&w->priors[j], &p);
        if (twice)
            continue;
        p.kernel_class = arena_dup(w->arena, p.kernel_class);
        p.bottleneck = arena_dup(w->arena, p.bottleneck);
        p.arch = arena_dup(w->arena, p.arch);
        p.proposer = arena_dup(w->arena, p.proposer);
        *arena_push(w->arena, w->priors, w->npriors) = p;
    }
}

/* ---- looking up -------------------------------------------------------------------------- */

static bool same_family(const char *a, const char *b)
{
    size_t n = strcspn(a, ":");

    return n == strcspn(b, ":") && strncmp(a, b, n) == 0;
}

/* how far an entry is from what is asked for; LEVELS: too far */
static int distance(const struct world *w, const struct prior *p, const char *bottleneck,
                    const char *proposer)
{
    if (strcmp(p->proposer, proposer) != 0)
        return same_family(p->proposer, proposer) ? 4 : LEVELS;
    if (strcmp(p->kernel_class, w->kernel_class) != 0)
        return 3;
    if (strcmp(p->bottleneck, bottleneck) != 0)
        return 2;
    return strcmp(p->arch, w->arch) != 0;
}

struct tally world_earlier(const struct world *w, const char *bottleneck, const char *proposer,
                           int difficulty, double worth)
{
    struct tally level[LEVELS + 1] = {0}, sum = {0};

    for (size_t i = 0; i < w->npriors; i++) {
        const struct prior *p = &w->priors[i];
        if (!difficulty || p->difficulty == difficulty)
            world_tally_add(&level[distance(w, p, bottleneck, proposer)], &p->tally, 1);
    }
    for (int i = 0; i < PARTS; i++) {
        double left = worth, far = 1;
        for (int l = 0; l < LEVELS; l++, far /= 2) {
            double n = part_count(&level[l], i), scale = fmin(far, left * far / fmax(n, 1e-9));
            part_add(&sum, &level[l], i, scale);
            left -= scale * n;
        }
    }
    return sum;
}

/* ---- leaving ----------------------------------------------------------------------------- */

static json_t *entry_json(const struct prior *p)
{
    struct tally t = p->tally;
    json_t *entry =
        json_pack("{s:s,s:s,s:s,s:s,s:i}", "class", p->kernel_class, "bottleneck", p->bottleneck,
                  "arch", p->arch, "proposer", p->proposer, "difficulty", p->difficulty);

    for (int i = 0; entry && i < PARTS; i++) {
        json_t *numbers = json_array();
        for (size_t j = 0; j < parts[i].n; j++)
            json_array_append_new(numbers, json_real(*part(&t, i, j)));
        json_object_set_new(entry, parts[i].name, numbers);
    }
    return entry;
}

/* adds what an idea saw to its entry, which becomes the last */
static void leave(const struct world *w, const struct node *n, struct prior *all, size_t *count)
{
    struct prior p = {
        .kernel_class = w->kernel_class,
        .bottleneck = world_facing(w, n),
        .arch = w->arch,
        .proposer = n->idea.proposer,
        .difficulty = n->idea.difficulty,
    };

    for (size_t i = 0; i < *count; i++) {
        if (same_key(&all[i], &p)) {
            p.tally = all[i].tally;
            memmove(all + i, all + i + 1, (--*count - i) * sizeof *all);
            break;
        }
    }
    world_tally(w, n, &p.tally);
    all[(*count)++] = p;
}

json_t *world_priors(const struct world *w)
{
    struct prior *all = calloc(w->npriors + w->n, sizeof *all);
    json_t *entries = json_array();
    size_t n = w->npriors;

    if (!all || !entries)
        fatal("out of memory");
    if (n)
        memcpy(all, w->priors, n * sizeof *all);
    for (size_t i = 1; i < w->n; i++) {
        const struct idea *idea = &w->nodes[i]->idea;
        if (w->nodes[i]->seen && strlen(idea->proposer) <= NAME_MOST)
            leave(w, w->nodes[i], all, &n);
    }
    for (size_t i = n > ENTRIES_MOST ? n - ENTRIES_MOST : 0; i < n; i++) {
        fade(&all[i].tally);
        /* NULL: a text that is not UTF-8, which no cache could keep */
        json_array_append_new(entries, entry_json(&all[i]));
    }
    free(all);
    return json_pack("{s:i,s:o}", "version", VERSION, "entries", entries);
}
