/* driver/capture/infer.c
 *
 * All candidates are tried, from the simplest on. A scalar that is 0 or less gives none; one that
 * is 1 throughout is left out of products. */
#include "driver/capture/infer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/arena.h"

enum { FACTORS = 3, NOT = -1 };

struct form { /* factor * scalar * scalar * scalar + plus, or cdiv of it */
    int scalar[FACTORS];
    uint64_t factor, plus, divisor;
};

/* a product that overflows is no size */
static bool times(uint64_t *x, long long by)
{
    return by > 0 && !__builtin_mul_overflow(*x, (uint64_t)by, x);
}

static bool form_value(const struct infer *in, const struct form *f, size_t sample, uint64_t *x)
{
    *x = f->factor;
    for (int i = 0; i < FACTORS; i++)
        if (f->scalar[i] != NOT && !times(x, in->scalars[f->scalar[i]].values[sample]))
            return false;
    if (f->divisor)
        *x = *x / f->divisor + (*x % f->divisor != 0);
    *x += f->plus;
    return true;
}

static bool fits(const struct infer *in, const struct form *f, const uint64_t *values,
                 uint64_t slack)
{
    uint64_t x;

    for (size_t s = 0; s < in->nsamples; s++)
        if (!form_value(in, f, s, &x) || x > values[s] || values[s] - x > slack)
            return false;
    return in->nsamples > 0;
}

/* "n * m + 1"; as the language reads it again: see infer_value */
static const char *form_text(const struct infer *in, const struct form *f)
{
    char *text = arena_dup(in->arena, "");

    if (f->factor > 1)
        text = arena_printf(in->arena, "%llu", (unsigned long long)f->factor);
    for (int i = 0; i < FACTORS; i++)
        if (f->scalar[i] != NOT)
            text = arena_printf(in->arena, "%s%s%s", text, *text ? " * " : "",
                                in->scalars[f->scalar[i]].name);
    if (f->divisor)
        text = arena_printf(in->arena, "cdiv(%s, %llu)", text, (unsigned long long)f->divisor);
    if (f->plus)
        text = arena_printf(in->arena, "%s + %llu", text, (unsigned long long)f->plus);
    return text;
}

static bool is_one(const struct infer *in, int scalar)
{
    for (size_t s = 0; s < in->nsamples; s++)
        if (in->scalars[scalar].values[s] != 1)
            return false;
    return true;
}

struct search {
    const struct infer *in;
    const uint64_t *values;
    uint64_t slack; /* as of infer_extent */
    const char *found, *also;
};

static void consider(struct search *s, struct form f)
{
    if (!fits(s->in, &f, s->values, s->slack))
        return;
    if (!s->found)
        s->found = form_text(s->in, &f);
    else if (!s->also)
        s->also = form_text(s->in, &f);
}

/* every product of so many scalars, in the order of the parameters */
static void consider_products(struct search *s, int degree, struct form f)
{
    int n = (int)s->in->nscalars;

    for (int i = 0; i < n; i++) {
        f.scalar[0] = i;
        f.scalar[1] = f.scalar[2] = NOT;
        if (degree == 1)
            consider(s, f);
        for (int k = i; degree > 1 && k < n && !is_one(s->in, i); k++) {
            f.scalar[1] = k;
            f.scalar[2] = NOT;
            if (degree == 2 && !is_one(s->in, k))
                consider(s, f);
            for (int m = k; degree > 2 && m < n && !is_one(s->in, k); m++) {
                f.scalar[2] = m;
                if (!is_one(s->in, m))
                    consider(s, f);
            }
        }
    }
}

static void search_products(struct search *s)
{
    for (int degree = 1; degree <= FACTORS && !s->found; degree++)
        consider_products(s, degree, (struct form){.factor = 1});
}

static void search_others(struct search *s)
{
    static const uint64_t factors[] = {2, 3, 4, 6, 8, 16};

    for (int degree = 1; degree <= 2 && !s->found; degree++)
        consider_products(s, degree, (struct form){.factor = 1, .plus = 1});
    for (int degree = 1; degree <= 2; degree++)
        for (size_t i = 0; i < sizeof factors / sizeof *factors && !s->found; i++)
            consider_products(s, degree, (struct form){.factor = factors[i]});
}

const char *infer_extent(const struct infer *in, const uint64_t *counts, uint64_t slack,
                         const char **also)
{
    struct search s = {.in = in, .values = counts};

    search_products(&s);
    if (!s.found)
        search_others(&s);
    s.slack = slack;
    if (slack > 0 && !s.found) /* so much fits roughly that only the simple is believed */
        search_products(&s);
    *also = s.also;
    return s.found;
}

/* the text is our own: numbers, scalars, * and + */
uint64_t infer_value(const struct infer *in, const char *extent, size_t sample)
{
    uint64_t sum = 0, product = 1;

    for (const char *p = extent; *p;) {
        size_t n = strcspn(p, " ");
        if (*p == '+') {
            sum += product;
            product = 1;
        } else if (*p >= '0' && *p <= '9') {
            product *= strtoull(p, NULL, 10);
        } else if (*p != '*') {
            for (size_t i = 0; i < in->nscalars; i++)
                if (strlen(in->scalars[i].name) == n && strncmp(in->scalars[i].name, p, n) == 0)
                    product *= (uint64_t)in->scalars[i].values[sample];
        }
        p += n + strspn(p + n, " ");
    }
    return sum + product;
}

/* divided by unit, twice that, ... most times that */
static void search_divided(struct search *s, uint64_t unit, uint64_t most)
{
    for (uint64_t times = 1; unit > 1 && times <= most; times *= 2)
        for (int degree = 1; degree <= 2 && !s->found; degree++)
            consider_products(s, degree, (struct form){.factor = 1, .divisor = unit * times});
}

const char *infer_grid(const struct infer *in, const uint64_t *grid, uint64_t block,
                       uint64_t threads, const char **also)
{
    struct search s = {.in = in, .values = grid};
    bool ones = true;

    *also = NULL;
    for (size_t i = 0; i < in->nsamples; i++)
        ones &= grid[i] == 1;
    if (ones)
        return NULL;
    search_divided(&s, block, 1);
    for (int degree = 1; degree <= 2 && !s.found; degree++)
        consider_products(&s, degree, (struct form){.factor = 1});
    search_divided(&s, threads, 1);
    search_divided(&s, threads / 32, 1); /* a warp for each */
    search_divided(&s, block, 16);       /* several for each thread */
    search_divided(&s, threads, 16);
    *also = s.also;
    return s.found;
}
