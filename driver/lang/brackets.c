/* brackets.c - pairing brackets in text whose #if branches are all present at once.
 *
 * `#if A / void f(int a) { / #else / void f(long a) { / #endif / ... }` has two openers for one
 * closer. Each branch therefore starts from the brackets that were open at the #if, and the last
 * one's stay open: the branches before are dropped, closed by the line that ends them. Closers that
 * do not fit close what they can and are ignored otherwise. */
#include "driver/lang/brackets.h"

#include <string.h>
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

struct stack {
    size_t *item;
    size_t n, cap;
};

static void stack_push(struct arena *a, struct stack *s, size_t item)
{
    if (s->n == s->cap) {
        size_t *grown = arena_array(a, size_t, s->cap ? s->cap * 2 : 64);
        if (s->n)
            memcpy(grown, s->item, s->n * sizeof *grown);
        s->item = grown;
        s->cap = s->cap ? s->cap * 2 : 64;
    }
    s->item[s->n++] = item;
}

static char byte_of(const struct tokens *ts, size_t t)
{
    return ts->src->text[ts->token[t].span.at];
}

/* `closer` at t ends the nearest opener of its kind; a brace also ends parentheses left open inside
 * of it, while a parenthesis never reaches beyond a brace */
static void close_bracket(const struct tokens *ts, size_t *match, struct stack *open, size_t t)
{
    char closer = byte_of(ts, t), wanted = closer == ')' ? '(' : closer == ']' ? '[' : '{';
    size_t i = open->n;

    while (i > 0 && byte_of(ts, open->item[i - 1]) != wanted) {
        if (byte_of(ts, open->item[i - 1]) == '{')
            return;
        i--;
    }
    if (i == 0)
        return;
    while (open->n >= i)
        match[open->item[--open->n]] = t;
}

static void branch(const struct tokens *ts, size_t *match, struct stack *open, struct stack *ifs,
                   size_t t, struct arena *a)
{
    switch (directive_kind(ts->src, &ts->token[t])) {
    case DIRECTIVE_IF:
        stack_push(a, ifs, open->n);
        break;
    case DIRECTIVE_ELSE:
        if (ifs->n == 0)
            break;
        while (open->n > ifs->item[ifs->n - 1])
            match[open->item[--open->n]] = t;
        /* what the branch closed is open again, as far as it is still known */
        if (ifs->item[ifs->n - 1] <= open->cap)
            open->n = ifs->item[ifs->n - 1];
        break;
    case DIRECTIVE_ENDIF:
        if (ifs->n > 0)
            ifs->n--;
        break;
    default:
        break;
    }
}

size_t *brackets_match(struct arena *a, const struct tokens *ts)
{
    size_t *match = arena_array(a, size_t, ts->n);
    struct stack open = {0}, ifs = {0};

    for (size_t t = 0; t < ts->n; t++) {
        if (ts->token[t].kind == TOKEN_DIRECTIVE) {
            branch(ts, match, &open, &ifs, t, a);
        } else if (ts->token[t].kind == TOKEN_PUNCT) {
            char c = byte_of(ts, t);
            if (c == '(' || c == '[' || c == '{')
                stack_push(a, &open, t);
            else if (c == ')' || c == ']' || c == '}')
                close_bracket(ts, match, &open, t);
        }
    }
    while (open.n > 0)
        match[open.item[--open.n]] = ts->n - 1;
    return match;
}

size_t brackets_angle(const struct tokens *ts, const size_t *match, size_t t)
{
    size_t depth = 0, limit = t + 4096; /* longer than any argument list, shorter than a file */

    for (; t < ts->n && t < limit; t++) {
        const struct token *k = &ts->token[t];
        if (k->kind != TOKEN_PUNCT)
            continue;
        switch (ts->src->text[k->span.at]) {
        case '<':
            depth++;
            break;
        case '>':
            if (--depth == 0)
                return t + 1;
            break;
        case '(':
        case '[':
        case '{':
            t = match[t];
            break;
        case ')':
        case ']':
        case '}':
        case ';':
            return 0;
        default:
            break;
        }
    }
    return 0;
}
