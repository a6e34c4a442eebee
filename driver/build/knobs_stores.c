/* knobs_stores.c - assignments to what a kernel's pointers point to, as streaming stores.
 *
 * `p[i] = v;` becomes `__stcs(&p[i], v);`, which stores the same value to the same place: v is
 * converted to the same type as a parameter. Three things could make a difference, and each must be
 * ruled out by the tokens, or the assignment, or all of the pointer, is left alone:
 *
 *   - p is not the parameter there but something else of that name, in shared or local memory, or
 *     was made to point to some: the instruction is one for global memory. So the name may only be
 *     subscripted, added to, and be cast.
 *   - the order: an assignment evaluates v first, the arguments of a call come in any order. So the
 *     subscript is made of things that evaluating v does not change.
 *   - the statement is none of its own: a part of an expression, or of a `for`'s head. */
#include <string.h>
#include "driver/build/knobs_impl.h"
#include "driver/lang/constant.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

enum { STORES_MOST = 64 };

static const char *const TYPES[] = {"float",
                                    "double",
                                    "int",
                                    "unsigned",
                                    "unsigned int",
                                    "long long",
                                    "short",
                                    "unsigned short",
                                    "char",
                                    "unsigned char",
                                    "signed char",
                                    "float2",
                                    "float4",
                                    "double2",
                                    "int2",
                                    "int4",
                                    "uint2",
                                    "uint4",
                                    "short2",
                                    "short4",
                                    "ushort2",
                                    "ushort4",
                                    "char2",
                                    "char4",
                                    "uchar2",
                                    "uchar4",
                                    "longlong2",
                                    "ulonglong2",
                                    "__half",
                                    "half",
                                    "__half2",
                                    "half2",
                                    "long",
                                    "unsigned long",
                                    "int32_t",
                                    "uint32_t",
                                    "__nv_bfloat16",
                                    "__nv_bfloat162",
                                    "unsigned long long",
                                    NULL};

struct store {                     /* `p[i] = v;` */
    size_t name, open, close, end; /* tokens: p, [, ], ; */
};

struct kernel {
    const struct knob_function *function;
    const bool *begins; /* knobs_statements */
    struct knob_site *sites;
    size_t nsites;
};

/* ---- parameters ---- */

/* `float *__restrict__ p`: the token of the name, or 0 when the type is none that is stored so */
static size_t pointer_name(struct knob_finder *k, size_t t, size_t end)
{
    static const char *const BEHIND[] = {"__restrict__", "__restrict", "restrict", "const", NULL};
    const char *type = "";

    for (; t < end && k->token[t].kind == TOKEN_NAME; t++)
        type = arena_printf(k->scratch, "%s%s%s", type, *type ? " " : "",
                            source_copy(k->scratch, k->src, k->token[t].span));
    if (t >= end || !knobs_punct(k, t, '*'))
        return 0;
    for (t++; t < end && knobs_is_any(k, t, BEHIND); t++)
        ;
    if (t + 1 != end || k->token[t].kind != TOKEN_NAME)
        return 0;
    for (const char *const *one = TYPES; *one; one++)
        if (strcmp(type, *one) == 0)
            return t;
    return 0;
}

static bool is_same(const struct knob_finder *k, size_t t, size_t name)
{
    struct span a = k->token[t].span, b = k->token[name].span;

    return k->token[t].kind == TOKEN_NAME && a.end - a.at == b.end - b.at &&
           memcmp(k->src->text + a.at, k->src->text + b.at, a.end - a.at) == 0;
}

/* is the byte at token t one of these? */
static bool one_of(const struct knob_finder *k, size_t t, const char *bytes)
{
    const struct token *x = &k->token[t];

    return x->kind == TOKEN_PUNCT && x->span.end - x->span.at == 1 &&
           strchr(bytes, k->src->text[x->span.at]);
}

/* may the name at t still be the parameter, pointing where it did? */
static bool is_harmless(const struct knob_finder *k, size_t t, size_t outer)
{
    static const char *const BEFORE[] = {"return", "else", "do", NULL};
    size_t before = t - 1, behind = t + 1;

    if (lex_is(k->src, &k->token[before], "::") || knobs_punct(k, before, '>') ||
        (k->token[before].kind == TOKEN_NAME && !knobs_is_any(k, before, BEFORE)))
        return false;
    if (knobs_punct(k, before, '.') || lex_is(k->src, &k->token[before], "->"))
        return true; /* a member */
    if (knobs_punct(k, behind, '['))
        return !knobs_punct(k, before, ',') || outer;
    if (knobs_punct(k, before, '&'))
        return false;
    return one_of(k, behind, "+-") || (knobs_punct(k, before, ')') && !knobs_punct(k, behind, '='));
}

static bool is_kept(const struct knob_finder *k, const struct knob_function *f, size_t name)
{
    size_t outer = 0; /* the end of the parentheses around */

    for (size_t t = f->open + 1; t < f->close; t++) {
        if (t > outer)
            outer = 0;
        if (k->token[t].kind == TOKEN_DIRECTIVE && !outer &&
            memmem(k->src->text + k->token[t].span.at, k->token[t].span.end - k->token[t].span.at,
                   "define", 6))
            return false;
        if (is_same(k, t, name) && !is_harmless(k, t, outer))
            return false;
        if (knobs_punct(k, t, '(') && !outer)
            outer = k->match[t];
    }
    return true;
}

/* ---- assignments ---- */

/* do the tokens only read? */
static bool only_reads(const struct knob_finder *k, size_t t, size_t end)
{
    for (; t < end; t++) {
        const struct token *x = &k->token[t];
        if (x->kind == TOKEN_DIRECTIVE || x->kind == TOKEN_ANNOTATION || knobs_punct(k, t, '{') ||
            knobs_pair(k, t, '+', '+') || knobs_pair(k, t, '-', '-'))
            return false;
        if (knobs_pair(k, t, '=', '=') || knobs_pair(k, t, '!', '=') ||
            ((knobs_pair(k, t, '<', '=') || knobs_pair(k, t, '>', '=')) && !one_of(k, t - 1, "<>")))
            t++; /* a comparison */
        else if (knobs_punct(k, t, '='))
            return false;
    }
    return true;
}

/* a macro of this file may be anything; one that stands for a number is none the worse */
static bool is_macro(const struct knob_finder *k, size_t t)
{
    const struct decls *decls = k->spec->file->decls;

    for (size_t i = 0; k->token[t].kind == TOKEN_NAME && i < decls->n; i++) {
        const struct decl *d = &decls->decl[i];
        if (d->kind != DECL_MACRO || !lex_is(k->src, &k->token[t], d->name))
            continue;
        if (d->params.at < d->params.end || d->value.at == d->value.end)
            return true;
        for (size_t at = d->value.at; at < d->value.end; at++)
            if (!strchr("0123456789.abcdefxABCDEFXuUlL", k->src->text[at]))
                return true;
    }
    return false;
}

static bool has_macro(const struct knob_finder *k, size_t t, size_t end)
{
    for (; t < end; t++)
        if (is_macro(k, t))
            return true;
    return false;
}

static bool is_call(const struct knob_finder *k, size_t t)
{
    return knobs_punct(k, t, '(') &&
           (k->token[t - 1].kind == TOKEN_NAME || one_of(k, t - 1, ")]>"));
}

static bool has_call(const struct knob_finder *k, size_t t, size_t end)
{
    for (; t < end; t++)
        if (is_call(k, t))
            return true;
    return false;
}

/* a variable of the file, which what is called may change */
static bool is_global(const struct knob_finder *k, size_t t)
{
    const struct decls *decls = k->spec->file->decls;

    for (size_t i = 0; i < decls->n; i++)
        if (decls->decl[i].kind == DECL_VARIABLE &&
            lex_is(k->src, &k->token[t], decls->decl[i].name) &&
            !constants_is_constant(k->spec->file, &decls->decl[i]))
            return true;
    return false;
}

/* may what is called in v have the name at t, which stands in v, as a reference? */
static bool is_lent(const struct knob_finder *k, size_t t)
{
    static const char *const BUILT_IN[] = {"threadIdx", "blockIdx", "blockDim", "gridDim", NULL};

    if (knobs_is_any(k, t, BUILT_IN))
        return false;
    return lex_is(k->src, &k->token[t + 1], "->") || knobs_punct(k, t + 1, '.') ||
           (one_of(k, t - 1, "(,?:&=") && one_of(k, t + 1, "),?:;"));
}

/* v calls something: is the subscript made of numbers and of names that it cannot get at? */
static bool is_apart(const struct knob_finder *k, const struct store *s)
{
    for (size_t i = s->open + 1; i < s->close; i++) {
        const struct token *x = &k->token[i];
        if (x->kind == TOKEN_PUNCT && !one_of(k, i, "+-*/%()."))
            return false;
        if (knobs_punct(k, i, '*') && k->token[i - 1].kind == TOKEN_PUNCT &&
            !knobs_punct(k, i - 1, ')'))
            return false;
        if (x->kind != TOKEN_NAME)
            continue;
        if (is_global(k, i))
            return false;
        for (size_t t = s->close + 2; t < s->end; t++)
            if (is_same(k, t, i) && is_lent(k, t))
                return false;
    }
    return true;
}

/* a lambda's `[`, and a comma that would be another argument */
static bool is_one_value(const struct knob_finder *k, size_t t, size_t end)
{
    for (; t < end; t++) {
        if (knobs_punct(k, t, ','))
            return false;
        if (knobs_punct(k, t, '(') || knobs_punct(k, t, '[')) {
            if (k->match[t] >= end)
                return false;
            for (size_t i = t; i < k->match[t]; i++)
                if (knobs_punct(k, i, '[') && k->token[i - 1].kind != TOKEN_NAME &&
                    !one_of(k, i - 1, ")]"))
                    return false;
            t = k->match[t];
        }
    }
    return true;
}

static bool begins_statement(const struct knob_finder *k, const struct kernel *n, size_t t)
{
    static const char *const BEFORE[] = {"else", "do", NULL};

    return n->begins[t] || one_of(k, t - 1, ";{}") || knobs_is_any(k, t - 1, BEFORE);
}

static bool read_store(const struct knob_finder *k, const struct kernel *n, size_t t,
                       struct store *s)
{
    *s = (struct store){.name = t, .open = t + 1, .close = k->match[t + 1]};
    if (!begins_statement(k, n, t) || !knobs_punct(k, s->open, '[') ||
        s->close >= n->function->close || !knobs_punct(k, s->close, ']') ||
        !knobs_punct(k, s->close + 1, '=') || knobs_pair(k, s->close + 1, '=', '='))
        return false;
    for (s->end = s->close + 2; s->end < n->function->close && !knobs_punct(k, s->end, ';');
         s->end++)
        ;
    return s->end < n->function->close && s->end > s->close + 2 && s->close > s->open + 1 &&
           only_reads(k, s->open, s->close) && only_reads(k, s->close + 2, s->end) &&
           !has_macro(k, s->open, s->end) && !has_call(k, s->open + 1, s->close) &&
           is_one_value(k, s->open + 1, s->close) && is_one_value(k, s->close + 2, s->end) &&
           (!has_call(k, s->close + 2, s->end) || is_apart(k, s));
}

static void add_site(struct knob_finder *k, struct kernel *n, size_t at, size_t end,
                     const char *text)
{
    *arena_push(k->arena, n->sites, n->nsites) = (struct knob_site){{at, end}, text, NULL};
}

static void find_stores(struct knob_finder *k, struct kernel *n, size_t name)
{
    const struct knob_function *f = n->function;
    struct store s;

    if (!is_kept(k, f, name))
        return;
    for (size_t t = f->open + 1; t < f->close && n->nsites < 3 * STORES_MOST; t++) {
        if (knobs_punct(k, t, '('))
            t = k->match[t];
        if (t >= f->close || !is_same(k, t, name) || !read_store(k, n, t, &s))
            continue;
        add_site(k, n, k->token[t].span.at, k->token[t].span.at, "__stcs(&");
        add_site(k, n, k->token[s.close + 1].span.at, k->token[s.close + 1].span.end, ",");
        add_site(k, n, k->token[s.end].span.at, k->token[s.end].span.at, ")");
        t = s.end;
    }
}

static void kernel_stores(struct knob_finder *k, const struct knob_function *f)
{
    static const int64_t VALUES[] = {0, 1};
    struct kernel n = {.function = f, .begins = knobs_statements(k, f)};
    size_t first = f->decl->first;

    while (k->token[first].span.at < f->decl->params.at)
        first++;
    for (size_t t = first; k->token[first].span.at < f->decl->params.end; t++) {
        bool ends = k->token[t].span.at >= f->decl->params.end || knobs_punct(k, t, ',');
        size_t name;
        if (!ends)
            continue;
        name = pointer_name(k, first, t);
        if (name)
            find_stores(k, &n, name);
        if (k->token[t].span.at >= f->decl->params.end)
            break;
        first = t + 1;
    }
    if (n.nsites)
        knobs_add(k, KNOB_STREAM, f, 0, VALUES, 2, n.sites, n.nsites);
}

void knobs_stream(struct knob_finder *k)
{
    for (size_t i = 0; i < k->nfunctions; i++)
        if (k->functions[i].decl->is_global)
            kernel_stores(k, &k->functions[i]);
}
