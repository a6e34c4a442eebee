/* evidence_class.c - what kind of computation a text is, by its tokens.
 *
 * Coarse on purpose: the class only pools what searches learned, so it has to be the same for
 * code that is alike, and may be wrong now and then. In this order, the first that holds:
 *
 *   attention    a function's name says so (attn, attention, flash, gqa, mha, mla);
 *                or exponentials, and parameters q, k and v (kc, vc)
 *   gemm         a name says so (gemm, gemv, matmul, matvec, conv2d and the like),
 *                or tensor core functions
 *   gather       a name says so (gather, scatter, embed, spmv, sparse, permut),
 *                or an index that is read from an array, a[b[i]]
 *   scan         a name says so (scan, prefix, cumsum), or __shfl_up_sync
 *   gemm         sums of products of two arrays, s += a[i] * b[j]
 *   reduction    a name says so (reduc, sum, norm, softmax, mean, argmax, dot, hist),
 *                shuffles between lanes, or atomics
 *   stencil      a name says so (stencil, jacobi, laplac, blur, filter), or an array at
 *                places beside each other, a[i - 1] and a[i + 1], also at(x - 1, y)
 *   reduction    a sum over an array, s += a[i]
 *   elementwise  an element of an array is written
 *   other        none of these */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include "driver/lang/lex.h"
#include "driver/search/evidence.h"
#include "runtime/base/arena.h"

enum { NAME_MOST = 256, NEAR_MOST = 16 };

struct text {
    struct arena *a;
    const struct spec *spec;
    const struct source *src;
    const struct tokens *tokens;
    const struct decls *decls;
};

/* --- names --- */

static bool says(const char *name, const char *const *words)
{
    char lower[NAME_MOST];
    size_t n = 0;

    for (; name[n] && n + 1 < sizeof lower; n++)
        lower[n] = (char)tolower((unsigned char)name[n]);
    lower[n] = '\0';
    for (; *words; words++)
        if (strstr(lower, *words))
            return true;
    return false;
}

/* the entry's name, or that of a function of the text */
static bool named(const struct text *t, const char *const *words)
{
    if (says(t->spec->name, words))
        return true;
    for (size_t i = 0; i < t->decls->n; i++)
        if (t->decls->decl[i].kind == DECL_FUNCTION && says(t->decls->decl[i].name, words))
            return true;
    return false;
}

#define NAMED(t, ...) named(t, (const char *const[]){__VA_ARGS__, NULL})

static const char *word(const struct text *t, size_t i, size_t *n)
{
    const struct span *at = &t->tokens->token[i].span;

    *n = at->end - at->at;
    return t->src->text + at->at;
}

static bool is_name(const struct text *t, size_t i)
{
    return t->tokens->token[i].kind == TOKEN_NAME;
}

static bool punct(const struct text *t, size_t i, char c)
{
    return i < t->tokens->n && lex_punct(t->src, &t->tokens->token[i], c);
}

/* is there a name that begins with one of those? */
static bool has_name(const struct text *t, const char *const *prefixes)
{
    for (size_t i = 0; i < t->tokens->n; i++) {
        size_t n;
        const char *at = word(t, i, &n);
        for (size_t k = 0; is_name(t, i) && prefixes[k]; k++)
            if (strlen(prefixes[k]) <= n && memcmp(at, prefixes[k], strlen(prefixes[k])) == 0)
                return true;
    }
    return false;
}

#define HAS(t, ...) has_name(t, (const char *const[]){__VA_ARGS__, NULL})

static bool has_param(const struct spec *s, char letter)
{
    for (size_t i = 0; i < s->nparams; i++) {
        const char *name = s->params[i].name;
        if (s->params[i].is_pointer && tolower((unsigned char)name[0]) == letter &&
            strlen(name) <= 2)
            return true;
    }
    return false;
}

/* --- subscripts --- */

/* the token behind the bracket that closes the one at i */
static size_t behind(const struct text *t, size_t i)
{
    size_t depth = 0;

    for (; i < t->tokens->n && t->tokens->token[i].kind != TOKEN_END; i++) {
        depth += punct(t, i, '[') || punct(t, i, '(');
        depth -= (punct(t, i, ']') || punct(t, i, ')')) && depth > 0;
        if (depth == 0)
            return i + 1;
    }
    return i;
}

/* a[b[i]]: an array read inside of a subscript */
static bool has_indirection(const struct text *t)
{
    for (size_t i = 0; i + 1 < t->tokens->n; i++) {
        if (!is_name(t, i) || !punct(t, i + 1, '['))
            continue;
        size_t end = behind(t, i + 1);
        for (size_t k = i + 2; k + 1 < end; k++)
            if (is_name(t, k) && punct(t, k + 1, '['))
                return true;
    }
    return false;
}

/* the end of the expression at i: a `;`, or the `)` of a loop's head */
static size_t expression_end(const struct text *t, size_t i)
{
    size_t depth = 0;

    for (; i < t->tokens->n && t->tokens->token[i].kind != TOKEN_END && !punct(t, i, ';'); i++) {
        if (depth == 0 && punct(t, i, ')'))
            break;
        depth += punct(t, i, '(');
        depth -= punct(t, i, ')');
    }
    return i;
}

/* `+ =` in [i, i + 2): tokens are single bytes */
static bool is_sum(const struct text *t, size_t i)
{
    return punct(t, i, '+') && punct(t, i + 1, '=');
}

/* how many different arrays are subscripted in [i, end), at most 2; product: there is a `*` outside
 * of subscripts */
static int arrays_in(const struct text *t, size_t i, size_t end, bool *product)
{
    const char *first = NULL;
    size_t first_n = 0;
    int found = 0;

    *product = false;
    for (; i < end; i++) {
        size_t n;
        const char *at = word(t, i, &n);
        *product |= punct(t, i, '*');
        if (!is_name(t, i) || !punct(t, i + 1, '['))
            continue;
        if (!first || n != first_n || memcmp(first, at, n) != 0)
            found = first ? 2 : 1;
        if (!first) {
            first = at;
            first_n = n;
        }
        while (i + 1 < end && punct(t, i + 1, '['))
            i = behind(t, i + 1) - 1;
    }
    return found;
}

/* s += ... with at least `arrays` different arrays: of two a product, of one into no element */
static bool has_sum(const struct text *t, int arrays)
{
    for (size_t i = 0; i + 2 < t->tokens->n; i++) {
        bool product;
        if (!is_sum(t, i))
            continue;
        int found = arrays_in(t, i + 2, expression_end(t, i + 2), &product);
        if (found >= arrays && (arrays < 2 ? i && !punct(t, i - 1, ']') : product))
            return true;
    }
    return false;
}

/* is there plus or minus a small number in [i, end), calls aside? '+', '-', or 0 */
static char is_near(const struct text *t, size_t i, size_t end)
{
    for (; i + 1 < end; i++) {
        size_t n;
        if (is_name(t, i) && punct(t, i + 1, '(')) {
            i = behind(t, i + 1) - 1;
            continue;
        }
        const char *at = word(t, i + 1, &n);
        if ((punct(t, i, '+') || punct(t, i, '-')) &&
            t->tokens->token[i + 1].kind == TOKEN_NUMBER && n == 1 && *at >= '1' && *at <= '4')
            return punct(t, i, '+') ? '+' : '-';
    }
    return 0;
}

struct near { /* an array, or a function that reads one */
    const char *at;
    size_t n;
    int plus, minus;
};

static struct near *near_find(struct near *seen, size_t *nseen, const char *at, size_t n)
{
    for (size_t k = 0; k < *nseen; k++)
        if (seen[k].n == n && memcmp(seen[k].at, at, n) == 0)
            return &seen[k];
    if (*nseen == NEAR_MOST)
        return NULL;
    seen[*nseen] = (struct near){at, n, 0, 0};
    return &seen[(*nseen)++];
}

/* one array at two or more places beside; a function, at(x - 1, y), on both sides, since
 * min(x, n - 1) is no neighbour */
static bool has_neighbours(const struct text *t)
{
    struct near seen[NEAR_MOST], *x;
    size_t nseen = 0, n;

    for (size_t i = 0; i + 1 < t->tokens->n; i++) {
        const char *at = word(t, i, &n);
        bool subscript = punct(t, i + 1, '[');
        if (!is_name(t, i) || (!subscript && !punct(t, i + 1, '(')))
            continue;
        char side = is_near(t, i + 2, behind(t, i + 1));
        if (!side || !(x = near_find(seen, &nseen, at, n)))
            continue;
        x->plus += side == '+';
        x->minus += side == '-';
        if (subscript ? x->plus + x->minus >= 2 : x->plus && x->minus)
            return true;
    }
    return false;
}

/* a[i] = ..., or a[i] += ... */
static bool has_store(const struct text *t)
{
    for (size_t i = 0; i + 1 < t->tokens->n; i++) {
        if (!is_name(t, i) || !punct(t, i + 1, '['))
            continue;
        size_t end = behind(t, i + 1);
        if (end + 1 < t->tokens->n && (punct(t, end, '=') || punct(t, end + 1, '=')) &&
            !(punct(t, end, '=') && punct(t, end + 1, '=')))
            return true;
    }
    return false;
}

static const char *class_of(const struct text *t)
{
    if (NAMED(t, "attn", "attention", "flash", "gqa", "mha", "mla_") ||
        (HAS(t, "exp", "__expf", "exp2f", "ex2") && has_param(t->spec, 'q') &&
         has_param(t->spec, 'k') && has_param(t->spec, 'v')))
        return "attention";
    if (NAMED(t, "gemm", "gemv", "matmul", "matvec", "convol", "conv1", "conv2", "conv3") ||
        HAS(t, "wmma", "mma_sync", "wgmma", "tcgen05"))
        return "gemm";
    if (NAMED(t, "gather", "scatter", "embed", "spmv", "sparse", "permut") || has_indirection(t))
        return "gather";
    if (NAMED(t, "scan", "prefix", "cumsum") || HAS(t, "__shfl_up_sync"))
        return "scan";
    if (has_sum(t, 2))
        return "gemm";
    if (NAMED(t, "reduc", "sum", "norm", "softmax", "mean", "argmax", "dot", "hist") ||
        HAS(t, "__shfl_xor_sync", "__shfl_down_sync", "__reduce_", "atomic"))
        return "reduction";
    if (NAMED(t, "stencil", "jacobi", "laplac", "blur", "filter") || has_neighbours(t))
        return "stencil";
    if (has_sum(t, 1))
        return "reduction";
    return has_store(t) ? "elementwise" : "other";
}

const char *evidence_class(const struct spec *spec, const char *text)
{
    struct text t = {.a = arena_new(), .spec = spec};
    const struct source *own = spec->file->src;
    const char *found;

    if (!text)
        text = arena_copy(t.a, own->text + spec->region.at, spec->region.end - spec->region.at);
    t.src = source_wrap(t.a, "", text, strlen(text));
    t.tokens = scan_tokens(t.a, t.src);
    t.decls = scan_decls(t.a, t.tokens);
    found = class_of(&t);
    arena_free(t.a);
    return found;
}
