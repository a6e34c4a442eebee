#include "driver/build/launch_text.h"

#include "driver/lang/brackets.h"
#include "driver/lang/lex.h"

struct launch_text launch_text(struct arena *a, const struct tokens *tokens)
{
    return (struct launch_text){tokens, brackets_match(a, tokens)};
}

static bool is(const struct launch_text *r, size_t t, char c)
{
    return t < r->tokens->n && lex_punct(r->tokens->src, &r->tokens->token[t], c);
}

/* three of a kind without space between them */
static bool is_triple(const struct launch_text *r, size_t t, char c)
{
    const struct token *token = r->tokens->token;

    return is(r, t, c) && is(r, t + 1, c) && is(r, t + 2, c) &&
           token[t].span.end == token[t + 1].span.at &&
           token[t + 1].span.end == token[t + 2].span.at;
}

/* the name before the `<<<` at t, behind which template arguments may stand; n when there is none
 */
static size_t kernel_name(const struct launch_text *r, size_t t)
{
    const struct token *token = r->tokens->token;
    int angle = 0, paren = 0;

    if (t == 0)
        return r->tokens->n;
    if (!is(r, --t, '>'))
        return token[t].kind == TOKEN_NAME ? t : r->tokens->n;
    for (;; t--) {
        paren += (is(r, t, ')') || is(r, t, ']')) - (is(r, t, '(') || is(r, t, '['));
        if (paren == 0)
            angle += is(r, t, '>') - is(r, t, '<');
        if (angle == 0 && paren == 0)
            break;
        if (t == 0 || paren < 0 || is(r, t, ';') || is(r, t, '{') || is(r, t, '}'))
            return r->tokens->n;
    }
    return t > 0 && token[t - 1].kind == TOKEN_NAME ? t - 1 : r->tokens->n;
}

/* the `>>>` that ends the configuration that begins at t; n when none does */
static size_t config_end(const struct launch_text *r, size_t t)
{
    const struct token *token = r->tokens->token;

    for (; t < r->tokens->n && token[t].kind != TOKEN_END; t++) {
        if (is_triple(r, t, '>'))
            return t;
        if (is(r, t, ';') || is(r, t, '}') || is(r, t, ')'))
            return r->tokens->n;
        if (is(r, t, '(') || is(r, t, '[') || is(r, t, '{')) {
            t = r->match[t];
        } else if (is(r, t, '<') && token[t - 1].kind == TOKEN_NAME) {
            size_t close = brackets_angle(r->tokens, r->match, t);
            if (close && (is(r, close, '(') || is(r, close, '{') ||
                          lex_is(r->tokens->src, &token[close], "::")))
                t = close - 1;
        }
    }
    return r->tokens->n;
}

bool launch_read(const struct launch_text *r, size_t t, struct launch_parts *out)
{
    if (!is_triple(r, t, '<'))
        return false;
    out->open = t;
    out->name = kernel_name(r, t);
    if (out->name == r->tokens->n)
        return false;
    out->close = config_end(r, t + 3);
    out->paren = out->close + 3;
    return out->close < r->tokens->n && is(r, out->paren, '(');
}
