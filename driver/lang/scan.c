/* scan.c - the tokens of a file, with what the preprocessor's conditions have to say about each.
 *
 * Conditions are not evaluated: a token only knows how many of them stand around it. The include
 * guard around a whole file is no condition in that sense and is found at the end, when both its
 * first and its last line are known. */
#include "driver/lang/scan.h"

#include <string.h>
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

/* "X" of "#ifndef X" or "#if !defined(X)"; an empty span for any other line */
static struct span guard_name(const struct source *src, const struct token *t)
{
    struct span none = {0, 0};
    struct lexer l;
    struct token word, name;

    lexer_init(&l, src, t->span, true);
    lexer_next(&l); /* # */
    word = lexer_next(&l);
    name = lexer_next(&l);
    if (lex_is(src, &word, "ifndef"))
        return name.kind == TOKEN_NAME ? name.span : none;
    if (!lex_is(src, &word, "if") || !lex_punct(src, &name, '!'))
        return none;
    name = lexer_next(&l);
    if (!lex_is(src, &name, "defined"))
        return none;
    name = lexer_next(&l);
    if (lex_punct(src, &name, '('))
        name = lexer_next(&l);
    return name.kind == TOKEN_NAME ? name.span : none;
}

/* does the line define the name at `guard`? */
static bool defines(const struct source *src, const struct token *t, struct span guard)
{
    size_t n = guard.end - guard.at;
    struct lexer l;
    struct token name;

    if (n == 0 || directive_kind(src, t) != DIRECTIVE_DEFINE)
        return false;
    lexer_init(&l, src, t->span, true);
    lexer_next(&l); /* # */
    lexer_next(&l); /* define */
    name = lexer_next(&l);
    return name.span.end - name.span.at == n &&
           memcmp(src->text + name.span.at, src->text + guard.at, n) == 0;
}

/* takes an include guard's level away from what it encloses. The guard's #endif is the last token,
 * at the level of the first, and there is no other branch. */
static void uncount_guard(struct tokens *ts)
{
    struct token *t = ts->token;
    size_t last;

    if (ts->n < 4)
        return;
    last = ts->n - 2;
    if (t[0].kind != TOKEN_DIRECTIVE || t[1].kind != TOKEN_DIRECTIVE ||
        t[last].kind != TOKEN_DIRECTIVE || directive_kind(ts->src, &t[last]) != DIRECTIVE_ENDIF ||
        !defines(ts->src, &t[1], guard_name(ts->src, &t[0])))
        return;
    for (size_t i = 1; i < last; i++)
        if (t[i].depth_if == 0) /* an #else or #endif of the guard itself */
            return;
    for (size_t i = 1; i < last; i++)
        t[i].depth_if--;
}

struct tokens *scan_tokens(struct arena *a, const struct source *src)
{
    struct tokens *ts = arena_alloc(a, sizeof *ts);
    struct lexer l;
    unsigned depth = 0;

    ts->src = src;
    lexer_init(&l, src, (struct span){0, src->len}, false);
    if (src->len >= 3 && memcmp(src->text, "\xef\xbb\xbf", 3) == 0)
        l.at = 3; /* a byte order mark is no name */
    for (;;) {
        struct token *t = arena_push(a, ts->token, ts->n);
        enum directive_kind kind = DIRECTIVE_OTHER;
        *t = lexer_next(&l);
        if (t->kind == TOKEN_DIRECTIVE)
            kind = directive_kind(src, t);
        if ((kind == DIRECTIVE_ENDIF || kind == DIRECTIVE_ELSE) && depth > 0)
            depth--;
        t->depth_if = depth;
        if (kind == DIRECTIVE_IF || kind == DIRECTIVE_ELSE)
            depth++;
        if (t->kind == TOKEN_END)
            break;
    }
    uncount_guard(ts);
    return ts;
}

bool token_is(const struct tokens *tokens, size_t t, const char *word)
{
    return t < tokens->n && tokens->token[t].kind == TOKEN_NAME &&
           lex_is(tokens->src, &tokens->token[t], word);
}
