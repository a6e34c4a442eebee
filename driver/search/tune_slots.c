/* driver/search/tune_slots.c */
#include "driver/search/tune_slots.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/space_impl.h"

enum {
    NAME_MOST = 32,
    CHOICES_MOST = 3, /* values from 0 to here are choices, not sizes */
    GROUP_LEAST = 64, /* a tile with values from here on is of a block, not of a thread */
    WARP = 32,
};

enum kind {
    KIND_BLOCK,
    KIND_WARPS,
    KIND_GROUP_TILE,
    KIND_DEPTH,
    KIND_TILE,
    KIND_UNROLL,
    KIND_VECTOR,
    KIND_STAGES,
    KIND_RESIDENT,
    KIND_PADDING,
    KIND_SHARED,
    KIND_READ_ONLY,
    KIND_STRIDE,
    KINDS,
};

static const char *const KIND_NAME[KINDS] = {
    [KIND_BLOCK] = "block",     [KIND_WARPS] = "warps",   [KIND_GROUP_TILE] = "group",
    [KIND_TILE] = "tile",       [KIND_DEPTH] = "depth",   [KIND_UNROLL] = "unroll",
    [KIND_VECTOR] = "vector",   [KIND_STAGES] = "stages", [KIND_RESIDENT] = "resident",
    [KIND_PADDING] = "padding", [KIND_SHARED] = "shared", [KIND_READ_ONLY] = "readonly",
    [KIND_STRIDE] = "stride",
};

struct slot {
    char name[NAME_MOST];
    size_t tunable;
    float *value; /* by number of the tunable's value; NULL: threads or work */
};

struct slots {
    struct space *space;
    enum kind *kind; /* of each tunable */
    struct slot slot[SLOTS_MOST];
    size_t n, threads, work; /* slots; SLOTS_MOST: there is none */
};

/* ---- kinds ---------------------------------------------------------------------------------- */

struct word {
    const char *text; /* in the name; "=bm": the name */
    enum kind kind;
};

/* the first that fits counts */
static const struct word SWITCHES[] = {
    {"pad", KIND_PADDING},   {"shmem", KIND_SHARED},      {"smem", KIND_SHARED},
    {"shared", KIND_SHARED}, {"sh_", KIND_SHARED},        {"lds", KIND_SHARED},
    {"=sa", KIND_SHARED},    {"=sb", KIND_SHARED},        {"read", KIND_READ_ONLY},
    {"ldg", KIND_READ_ONLY}, {"texture", KIND_READ_ONLY}, {"stride", KIND_STRIDE},
};
static const struct word SIZES[] = {
    {"unroll", KIND_UNROLL},
    {"vec", KIND_VECTOR},
    {"=vw", KIND_VECTOR},
    {"=vwm", KIND_VECTOR},
    {"=vwn", KIND_VECTOR},
    {"stage", KIND_STAGES},
    {"buffer", KIND_STAGES},
    {"pipe", KIND_STAGES},
    {"per_sm", KIND_RESIDENT},
    {"min_blocks", KIND_RESIDENT},
    {"warps", KIND_WARPS},
    {"=bm", KIND_GROUP_TILE},
    {"=bn", KIND_GROUP_TILE},
    {"=bk", KIND_DEPTH},
    {"=mwg", KIND_GROUP_TILE},
    {"=nwg", KIND_GROUP_TILE},
    {"=kwg", KIND_DEPTH},
    {"block_m", KIND_GROUP_TILE},
    {"block_n", KIND_GROUP_TILE},
    {"block_k", KIND_DEPTH},
    {"block_tile", KIND_GROUP_TILE},
    {"tile", KIND_TILE},
    {"per_thread", KIND_TILE},
    {"items", KIND_TILE},
    {"work", KIND_TILE},
    {"coarse", KIND_TILE},
    {"=tm", KIND_TILE},
    {"=tn", KIND_TILE},
    {"=tx", KIND_TILE},
    {"=ty", KIND_TILE},
    {"block", KIND_BLOCK},
    {"thread", KIND_BLOCK},
    {"bdim", KIND_BLOCK},
    {"=tpb", KIND_BLOCK},
    {"=bx", KIND_BLOCK},
    {"=by", KIND_BLOCK},
    {"=bz", KIND_BLOCK},
    {"=mdimc", KIND_BLOCK},
    {"=ndimc", KIND_BLOCK},
};

static enum kind word_kind(const struct word *w, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (w[i].text[0] == '=' ? strcmp(name, w[i].text + 1) == 0
                                : strstr(name, w[i].text) != NULL)
            return w[i].kind;
    return KINDS;
}

static void lower(const char *name, char *to)
{
    size_t n = 0;

    for (; name[n] && n + 1 < NAME_MOST; n++)
        to[n] = (char)tolower((unsigned char)name[n]);
    to[n] = '\0';
}

static enum kind kind_of(const struct tunable *t)
{
    char name[NAME_MOST];
    int64_t low = t->values[0], high = t->values[0];
    enum kind kind;

    lower(t->name, name);
    for (size_t i = 0; i < t->nvalues; i++) {
        low = t->values[i] < low ? t->values[i] : low;
        high = t->values[i] > high ? t->values[i] : high;
    }
    if (low < 0 || t->kind == TUNABLE_KNOB)
        return KINDS;
    if (high <= 1)
        return word_kind(SWITCHES, sizeof SWITCHES / sizeof *SWITCHES, name);
    kind = word_kind(SIZES, sizeof SIZES / sizeof *SIZES, name);
    return kind == KIND_TILE && high >= GROUP_LEAST ? KIND_GROUP_TILE : kind;
}

/* ---- slots ---------------------------------------------------------------------------------- */

static float scaled(int64_t v, bool is_choice)
{
    return is_choice ? (float)v : (float)log2(v > 0 ? (double)v : 0.5);
}

static void add_tunable(struct slots *s, size_t tunable)
{
    const struct tunable *t = &s->space->spec->tunables[tunable];
    struct slot *x = &s->slot[s->n];
    enum kind kind = s->kind[tunable];
    bool is_choice = true;
    size_t before = 0;

    if (t->nvalues < 2 || s->n == SLOTS_MOST - 2)
        return;
    for (size_t i = 0; i < tunable; i++)
        before += s->kind[i] == kind;
    *x->name = '=';
    lower(t->name, x->name + (kind == KINDS));
    if (kind != KINDS)
        snprintf(x->name, sizeof x->name, "%s%zu", KIND_NAME[kind], before);
    x->tunable = tunable;
    x->value = space_zeroed(t->nvalues, sizeof *x->value);
    for (size_t i = 0; i < t->nvalues; i++)
        is_choice = is_choice && t->values[i] >= 0 && t->values[i] <= CHOICES_MOST;
    for (size_t i = 0; i < t->nvalues; i++)
        x->value[i] = scaled(t->values[i], is_choice && kind != KIND_TILE);
    s->n++;
}

static bool has_kind(const struct slots *s, enum kind kind)
{
    for (size_t i = 0; i < s->space->nt; i++)
        if (s->kind[i] == kind)
            return true;
    return false;
}

/* product over the tunables of a kind */
static double product(const struct slots *s, const int64_t *values, enum kind kind)
{
    double p = 1;

    for (size_t i = 0; i < s->space->nt; i++)
        if (s->kind[i] == kind && values[i] > 0)
            p *= (double)values[i];
    return p;
}

static size_t add_product(struct slots *s, const char *name)
{
    snprintf(s->slot[s->n].name, NAME_MOST, "%s", name);
    return s->n++;
}

struct slots *slots_new(struct space *space)
{
    struct slots *s = space_zeroed(1, sizeof *s);

    s->space = space;
    s->threads = s->work = SLOTS_MOST;
    s->kind = space_zeroed(space->nt, sizeof *s->kind);
    for (size_t i = 0; i < space->nt; i++)
        s->kind[i] = kind_of(&space->spec->tunables[i]);
    for (size_t i = 0; i < space->nt; i++)
        add_tunable(s, i);
    if (has_kind(s, KIND_BLOCK) || has_kind(s, KIND_WARPS))
        s->threads = add_product(s, "threads");
    if (has_kind(s, KIND_TILE) || (has_kind(s, KIND_GROUP_TILE) && s->threads < SLOTS_MOST))
        s->work = add_product(s, "work");
    return s;
}

void slots_free(struct slots *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->slot[i].value);
    free(s->kind);
    free(s);
}

size_t slots_count(const struct slots *s)
{
    return s->n;
}

const char *slots_name(const struct slots *s, size_t slot)
{
    return s->slot[slot].name;
}

size_t slots_find(const struct slots *s, const char *name)
{
    size_t i = 0;

    while (i < s->n && strcmp(s->slot[i].name, name) != 0)
        i++;
    return i;
}

void slots_of(const struct slots *s, size_t point, float *x)
{
    const uint32_t *index = space_index(s->space, point);
    const int64_t *values = space_values(s->space, point);
    double threads, work;

    for (size_t i = 0; i < s->n; i++)
        if (s->slot[i].value)
            x[i] = s->slot[i].value[index[s->slot[i].tunable]];
    threads = product(s, values, KIND_BLOCK);
    if (has_kind(s, KIND_WARPS))
        threads *= product(s, values, KIND_WARPS) * WARP;
    work = has_kind(s, KIND_TILE) ? product(s, values, KIND_TILE)
                                  : product(s, values, KIND_GROUP_TILE) / threads;
    if (s->threads < SLOTS_MOST)
        x[s->threads] = (float)log2(threads);
    if (s->work < SLOTS_MOST)
        x[s->work] = (float)log2(work);
}
