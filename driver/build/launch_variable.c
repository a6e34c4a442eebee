#include "driver/build/launch_variable.h"

#include <string.h>
#include "driver/lang/brackets.h"
#include "driver/lang/lex.h"

static bool is(const struct launch_text *r, size_t t, char c)
{
    return t < r->tokens->n && lex_punct(r->tokens->src, &r->tokens->token[t], c);
}

static bool is_same(const struct launch_text *r, size_t a, size_t b)
{
    const struct token *t = r->tokens->token;
    size_t n = t[a].span.end - t[a].span.at;

    return t[a].kind == TOKEN_NAME && t[b].kind == TOKEN_NAME &&
           n == t[b].span.end - t[b].span.at &&
           memcmp(r->tokens->src->text + t[a].span.at, r->tokens->src->text + t[b].span.at, n) == 0;
}

/* `auto v =`, `auto *const v =`; a declaration of another type is none */
static bool is_declaration(const struct launch_text *r, size_t t)
{
    if (!is(r, t + 1, '=') || is(r, t + 2, '='))
        return false;
    while (t-- > 0)
        if (!is(r, t, '*') && !token_is(r->tokens, t, "const"))
            return token_is(r->tokens, t, "auto");
    return false;
}

/* the bracket that the one at token t closes; t where there is none */
static size_t opener(const struct launch_text *r, size_t t)
{
    for (size_t k = t; k-- > 0;)
        if (r->match[k] == t)
            return k;
    return t;
}

/* Where the variable at token t is declared: the nearest place before it in the blocks around it,
 * up to the function's own. 0 where there is none. */
static size_t declaration(const struct copy *c, const struct launch_text *r, size_t t)
{
    const struct group *g = uses_group_at(c->uses, r->tokens->token[t].span.at);

    for (size_t k = t; g && k-- > g->first + 1;) {
        if (is(r, k, '}'))
            k = opener(r, k);
        else if (is_same(r, k, t) && is(r, k + 1, '='))
            return is_declaration(r, k) ? k : 0;
    }
    return 0;
}

/* is it given another value, or its address to somebody who may, before its block ends? */
static bool is_changed(const struct launch_text *r, size_t declared)
{
    for (size_t k = declared + 1; k + 1 < r->tokens->n; k++) {
        if (is(r, k, '{') && r->match[k] > k) {
            for (size_t i = k; i < r->match[k]; i++)
                if (is_same(r, i, declared) && (is(r, i + 1, '=') || is(r, i - 1, '&')))
                    return true;
            k = r->match[k];
        } else if (is(r, k, '}')) {
            return false;
        } else if (is_same(r, k, declared) && (is(r, k + 1, '=') || is(r, k - 1, '&'))) {
            return true;
        }
    }
    return false;
}

bool launch_variable(const struct copy *c, const struct launch_text *r, size_t t,
                     struct launch_held *out)
{
    const struct token *token = r->tokens->token;
    size_t declared = token[t].kind == TOKEN_NAME ? declaration(c, r, t) : 0, first, end;

    if (!declared || is_changed(r, declared))
        return false;
    first = declared + 2 + is(r, declared + 2, '&');
    for (end = first; token[end].kind == TOKEN_NAME || lex_is(r->tokens->src, &token[end], "::");)
        end++;
    if (end == first || !token_is(r->tokens, end - 1, c->spec->name))
        return false;
    out->name = end - 1;
    if (is(r, end, '<'))
        end = brackets_angle(r->tokens, r->match, end);
    out->kernel = (struct span){token[first].span.at, token[end - 1].span.end};
    return end && is(r, end, ';');
}
