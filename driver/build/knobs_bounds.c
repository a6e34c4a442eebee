/* knobs_bounds.c - launch bounds and register limits of kernels.
 *
 * Both stand behind `__global__`. A head in which anything but the words of the language and CUDA's
 * own attributes stands (a macro, say) is not touched, as it may hold bounds already. CUDA takes
 * launch bounds or a number of registers, not both.
 *
 * With bounds of B threads a launch with more fails, so B must hold for every launch there will be.
 * A kernel entry's copy is launched only by its launcher, with the block that launch(...) gives
 * (one that device code launches too has no knobs): B is that expression, written where the kernel
 * stands, so all of it must be constants that are declared before. For a host entry it is the most
 * that any block can have. */
#include <stdlib.h>
#include <string.h>
#include "driver/build/knobs_impl.h"
#include "driver/lang/brackets.h"
#include "driver/lang/constant.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

struct head {
    bool is_plain;   /* it has no words that we do not know, and `end` is set */
    bool is_bounded; /* it has launch bounds */
    size_t bounds;   /* the `)` of launch bounds that have one argument; 0: none are such */
    struct span end; /* behind __global__ */
};

/* may an argument of launch bounds be several, by a macro? */
static bool is_list(const struct knob_finder *k, size_t t)
{
    const struct decls *decls = k->spec->file->decls;

    for (size_t i = 0; k->token[t].kind == TOKEN_NAME && i < decls->n; i++) {
        const struct decl *d = &decls->decl[i];
        if (d->kind == DECL_MACRO && lex_is(k->src, &k->token[t], d->name) &&
            memchr(k->src->text + d->value.at, ',', d->value.end - d->value.at))
            return true;
    }
    return false;
}

static void read_bounds(const struct knob_finder *k, size_t open, struct head *h)
{
    bool one = true;

    h->is_bounded = true;
    for (size_t t = open + 1; t < k->match[open]; t++)
        one &= !knobs_punct(k, t, ',') && !is_list(k, t);
    if (one && k->match[open] > open + 1)
        h->bounds = k->match[open];
}

/* the token behind the one at t of a head, or 0 when it is none that we know */
static size_t read_word(const struct knob_finder *k, size_t t, struct head *h)
{
    static const char *const PLAIN[] = {"static", "inline",          "extern",
                                        "void",   "__forceinline__", NULL};
    static const char *const WITH[] = {"__launch_bounds__", "__cluster_dims__", NULL};
    const struct token *token = &k->token[t];

    if (lex_is(k->src, token, "__global__")) {
        h->end = (struct span){token->span.end, token->span.end};
        return t + 1;
    }
    if (lex_is(k->src, token, "template"))
        return brackets_angle(k->spec->file->tokens, k->match, t + 1);
    if (knobs_is_any(k, t, PLAIN) || token->kind == TOKEN_STRING)
        return t + 1;
    if (!knobs_is_any(k, t, WITH) || !knobs_punct(k, t + 1, '(') ||
        !knobs_punct(k, k->match[t + 1], ')'))
        return 0;
    if (lex_is(k->src, token, "__launch_bounds__"))
        read_bounds(k, t + 1, h);
    return k->match[t + 1] + 1;
}

static struct head read_head(const struct knob_finder *k, const struct knob_function *f)
{
    struct head h = {.is_plain = false};
    const struct decl *d = f->decl;
    size_t t = d->first, next;

    for (; k->token[t].span.at < d->name_at.at; t = next)
        if (!(next = read_word(k, t, &h)))
            return h;
    h.is_plain = k->token[t].span.at == d->name_at.at && h.end.at &&
                 knobs_punct(k, f->open - 1, ')') && k->token[f->open - 1].span.at == d->params.end;
    return h;
}

/* has another declaration of the kernel's name attributes that would have to agree with ours? */
static bool is_declared_with(const struct knob_finder *k, const struct decl *d)
{
    static const char *const WORDS[] = {"__launch_bounds__", "__maxnreg__", NULL};
    const struct decls *decls = k->spec->file->decls;

    for (size_t i = 0; i < decls->n; i++) {
        const struct decl *o = &decls->decl[i];
        if (o == d || o->kind != DECL_FUNCTION || strcmp(o->name, d->name) != 0)
            continue;
        for (size_t t = o->first; t < o->last && k->token[t].span.at < o->body.at; t++)
            if (knobs_is_any(k, t, WORDS))
                return true;
        for (size_t t = o->first; t < o->last && o->body.at == o->body.end; t++)
            if (knobs_is_any(k, t, WORDS))
                return true;
    }
    return false;
}

/* ---- the block of launch(...) ---- */

static bool is_outer(const struct spec *s, const char *name)
{
    return spec_find_dim(s, name) >= 0 || spec_find_let(s, name) >= 0 ||
           spec_find_param(s, name) >= 0 || strcmp(name, "gpu") == 0;
}

/* is it a constant, or a number that the template is given, where the kernel stands? */
static bool is_constant(const struct knob_finder *k, const char *name)
{
    const struct spec *s = k->spec;
    const struct group *g = uses_group_at(k->copy->uses, s->name_at.at);
    bool found = false;

    if (is_outer(s, name))
        return false;
    for (size_t i = 0; i < s->ntparams; i++)
        if (strcmp(s->tparams[i].name, name) == 0)
            return strcmp(s->tparams[i].kind, "int") == 0 ||
                   strcmp(s->tparams[i].kind, "unsigned") == 0;
    for (size_t i = 0; i < s->file->decls->n; i++) {
        const struct decl *d = &s->file->decls->decl[i];
        if (strcmp(d->name, name) != 0)
            continue;
        if (!g || d->span.end > g->span.at || d->kind == DECL_FUNCTION || d->kind == DECL_TYPE ||
            d->kind == DECL_ALIAS || d->params.at < d->params.end ||
            !constants_is_constant(s->file, d))
            return false;
        found = true;
    }
    return found;
}

/* the snippet on one line, without comments, where it is an expression of constants; else NULL */
static const char *constant_text(struct knob_finder *k, const struct cxx *x)
{
    struct source *src = source_wrap(k->scratch, "", x->text, strlen(x->text));
    const char *text = "";
    size_t n;
    const struct token *token = lexer_all(k->scratch, src, (struct span){0, src->len}, &n);

    for (size_t t = 0; token[t].kind != TOKEN_END; t++) {
        const char *word = source_copy(k->scratch, src, token[t].span);
        bool fits = token[t].kind == TOKEN_NUMBER || lex_is(src, &token[t], "::") ||
                    (token[t].kind == TOKEN_PUNCT && strchr("+-*/%()", *word));
        if (token[t].kind == TOKEN_NAME)
            fits = lex_is(src, &token[t + 1], "::") || is_constant(k, word);
        if (!fits)
            return NULL;
        text = arena_printf(k->scratch, "%s%s%s", text, *text ? " " : "", word);
    }
    return *text ? text : NULL;
}

/* threads of a block, as the kernel's head may say it, and their factors; NULL: not known there */
static const char *block_text(struct knob_finder *k, const char *factor[3], size_t *n)
{
    const char *text = "";

    *n = 0;
    for (int i = 0; i < 3; i++) {
        const struct cxx *x = &k->spec->launch.block[i];
        const char *one = x->text ? constant_text(k, x) : "";
        if (!one)
            return NULL;
        if (!*one)
            continue;
        text = arena_printf(k->scratch, "%s%s(%s)", text, *text ? " * " : "", one);
        factor[(*n)++] = one;
    }
    return *text ? text : NULL;
}

/* ---- the knobs ---- */

static const int64_t BLOCKS[] = {0, 1, 2, 4}, REGISTERS[] = {0, 32, 64, 96, 128, 168};

/* the least that a number or a constant can be; 1 where that is not seen */
static int64_t least(struct knob_finder *k, const char *word)
{
    int tunable = spec_find_tunable(k->spec, word);
    struct constants *constants;
    struct gpu gpu;
    const struct decl *d;
    struct error err = {""};
    int64_t value = strtoll(word, NULL, 0);
    size_t n;

    for (size_t i = 0; tunable >= 0 && i < k->spec->tunables[tunable].nvalues; i++)
        if (i == 0 || k->spec->tunables[tunable].values[i] < value)
            value = k->spec->tunables[tunable].values[i];
    if (value > 0)
        return value;
    gpu_of_arch(9, 0, &gpu); /* no constant of a file depends on it */
    constants = constants_new(k->scratch, k->spec->file, &gpu);
    d = constants_find(constants, 0, word, &n);
    return d && n == 1 && constants_value(constants, d, &value, &err) == 0 && value > 0 ? value : 1;
}

/* How many of BLOCKS a multiprocessor may have, for a block of one or several factors: none takes
 * more than 2048 threads, and the compiler warns of bounds that cannot be kept */
static size_t blocks_that_fit(struct knob_finder *k, const char *const *factor, size_t n)
{
    int64_t threads = 1;
    size_t fit = sizeof BLOCKS / sizeof *BLOCKS;

    for (size_t i = 0; i < n && threads <= 2048; i++)
        threads *= least(k, factor[i]);
    while (fit > 1 && (threads > 1024 || BLOCKS[fit - 1] * threads > 2048))
        fit--;
    return fit;
}

static void add(struct knob_finder *k, enum knob_kind kind, const struct knob_function *f,
                size_t nvalues, struct span at, const char *before)
{
    struct knob_site *site = arena_alloc(k->arena, sizeof *site);

    if (nvalues < 2)
        return;
    *site = (struct knob_site){at, before, before[1] == ' ' ? "" : ")"};
    knobs_add(k, kind, f, 0, kind == KNOB_MAXREG ? REGISTERS : BLOCKS, nvalues, site, 1);
}

static void kernel_knobs(struct knob_finder *k, const struct knob_function *f, const struct head *h)
{
    bool own = f->decl->name_at.at == k->spec->name_at.at;
    const char *block, *factor[3] = {"1024"};
    size_t n = 1;

    if (h->is_bounded) {
        struct span at = k->token[h->bounds].span;
        factor[0] = h->bounds ? source_copy(k->scratch, k->src, k->token[h->bounds - 1].span) : "";
        if (h->bounds && !knobs_punct(k, h->bounds - 2, '('))
            n = 0; /* no single word */
        if (h->bounds)
            add(k, KNOB_BLOCKS, f, blocks_that_fit(k, factor, n), (struct span){at.at, at.at},
                ", ");
    } else if (k->spec->kind == ENTRY_HOST) {
        add(k, KNOB_BLOCKS, f, blocks_that_fit(k, factor, 1), h->end, " __launch_bounds__(1024, ");
    } else if (own && (block = block_text(k, factor, &n))) {
        add(k, KNOB_BLOCKS, f, blocks_that_fit(k, factor, n), h->end,
            arena_printf(k->arena, " __launch_bounds__(%s, ", block));
    } else if (own) {
        add(k, KNOB_MAXREG, f, sizeof REGISTERS / sizeof *REGISTERS, h->end, " __maxnreg__(");
    }
}

/* is the entry named by other device code of its own? */
static bool is_named_again(const struct knob_finder *k)
{
    const struct uses *u = k->copy->uses;
    size_t id = uses_id(u, k->spec->name, strlen(k->spec->name));

    for (size_t i = 0; i < u->ngroups; i++)
        for (size_t j = 0; k->copy->reached[i] && j < u->group[i].nnames; j++)
            if (u->group[i].name[j] == id &&
                u->group[i].times[j] > uses_declares(u, &u->group[i], id))
                return true;
    return false;
}

/* is anything launched from device code? */
static bool is_launched_inside(const struct knob_finder *k)
{
    for (size_t i = 0; i < k->nfunctions; i++)
        for (size_t t = k->functions[i].open; t + 2 < k->functions[i].close; t++)
            if (knobs_pair(k, t, '<', '<') && knobs_pair(k, t + 1, '<', '<'))
                return true;
    return is_named_again(k);
}

int knobs_bounds(struct knob_finder *k)
{
    struct knob_site *guards = NULL;

    if (k->spec->kind == ENTRY_KERNEL && is_launched_inside(k))
        return -1;
    for (size_t i = 0; i < k->nfunctions; i++) {
        const struct knob_function *f = &k->functions[i];
        if (!f->decl->is_global)
            continue;
        struct head h = read_head(k, f);
        bool good = h.is_plain && !is_declared_with(k, f->decl);
        if (good)
            kernel_knobs(k, f, &h);
        if (k->spec->kind != ENTRY_HOST || (h.is_plain && h.is_bounded))
            continue;
        if (!good)
            return -1;
        *arena_push(k->arena, guards, k->nguards) =
            (struct knob_site){h.end, " __launch_bounds__(1024)", NULL};
    }
    k->guards = guards;
    return 0;
}
