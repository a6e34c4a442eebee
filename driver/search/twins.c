/* driver/search/twins.c - see twins.h.
 *
 * By name, and rather too careful: a mention anywhere else in the file, in a constant that a launch
 * may be made of, keeps two variants apart. So do macros, of which a header may make use. */
#include "driver/search/twins.h"

#include <ctype.h>
#include <string.h>

/* ---- mentions ---- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool mentions_n(const char *text, size_t len, const char *name)
{
    size_t n = strlen(name);
    for (size_t at = 0; at + n <= len; at++)
        if (memcmp(text + at, name, n) == 0 && (!at || !is_word(text[at - 1])) &&
            (at + n == len || !is_word(text[at + n])))
            return true;
    return false;
}

static bool mentions(const struct cxx *c, const char *name)
{
    return c->text && mentions_n(c->text, strlen(c->text), name);
}

static bool any_mentions(const struct cxx *c, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (mentions(&c[i], name))
            return true;
    return false;
}

/* ---- the annotation ---- */

static bool named_mention(const struct named *all, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (mentions(&all[i].value, name))
            return true;
    return false;
}

static bool arrays_mention(const struct spec *s, const char *name)
{
    for (size_t i = 0; i < s->narrays; i++)
        if (any_mentions(s->arrays[i].extents, s->arrays[i].nextents, name))
            return true;
    return false;
}

static bool params_mention(const struct spec *s, const char *name)
{
    for (size_t i = 0; i < s->nparams; i++)
        if (mentions(&s->params[i].value, name))
            return true;
    return false;
}

/* does anything that says how the entry is launched, and with what? */
static bool annotation_mentions(const struct spec *s, const char *name)
{
    const struct launch *l = &s->launch;
    return any_mentions(l->grid, 3, name) || any_mentions(l->block, 3, name) ||
           any_mentions(l->cluster, 3, name) || mentions(&l->smem, name) ||
           mentions(&s->call, name) || mentions(&s->setup, name) ||
           named_mention(s->lets, s->nlets, name) || named_mention(s->args, s->nargs, name) ||
           arrays_mention(s, name) || params_mention(s, name);
}

/* ---- the file ---- */

static bool is_within(struct span inner, struct span outer)
{
    return inner.at >= outer.at && inner.end <= outer.end;
}

static bool file_mentions(const struct spec *s, const struct tunable *t)
{
    const struct tokens *all = s->file->tokens;
    for (size_t i = 0; i < all->n; i++) {
        const struct token *x = &all->token[i];
        bool is_text = x->kind == TOKEN_NAME || x->kind == TOKEN_DIRECTIVE;
        if (!is_text || is_within(x->span, s->def) || is_within(x->span, t->defined))
            continue;
        if (mentions_n(all->src->text + x->span.at, x->span.end - x->span.at, t->name))
            return true;
    }
    return false;
}

static bool is_code_only(const struct spec *s, const struct tunable *t)
{
    if (t->kind == TUNABLE_KNOB)
        return true;
    return s->kind == ENTRY_KERNEL && !s->structure &&
           (t->kind == TUNABLE_CONSTANT || t->kind == TUNABLE_TEMPLATE) &&
           !annotation_mentions(s, t->name) && !file_mentions(s, t);
}

bool twins_are_alike(const struct spec *a, const int64_t *values_a, const struct spec *b,
                     const int64_t *values_b)
{
    for (size_t i = 0; i < a->ntunables; i++) {
        const struct tunable *t = &a->tunables[i];
        int at = spec_find_tunable(b, t->name);
        bool same = at >= 0 && values_a[i] == values_b[at];
        if (!same && !is_code_only(a, t))
            return false;
    }
    return true;
}
