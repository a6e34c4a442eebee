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

struct opener {
    size_t token;
    unsigned round, square; /* how many ( and [ are open since the last {, this one included */
    unsigned curly;         /* how many { are open */
};

struct stack {
    struct opener *item;
    size_t n, cap;
};

struct levels { /* how many brackets were open at each #if around */
    size_t *item;
    size_t n, cap;
};

static char byte_of(const struct tokens *ts, size_t t)
{
    return ts->src->text[ts->token[t].span.at];
}

static void open_bracket(struct arena *a, const struct tokens *ts, struct stack *s, size_t t)
{
    struct opener top = {0, 0, 0, 0};
    char c = byte_of(ts, t);

    if (s->n > 0)
        top = s->item[s->n - 1];
    if (s->n == s->cap) {
        struct opener *grown = arena_array(a, struct opener, s->cap ? s->cap * 2 : 64);
        if (s->n)
            memcpy(grown, s->item, s->n * sizeof *grown);
        s->item = grown;
        s->cap = s->cap ? s->cap * 2 : 64;
    }
    top.token = t;
    top.curly += c == '{';
    top.round = c == '{' ? 0 : top.round + (c == '(');
    top.square = c == '{' ? 0 : top.square + (c == '[');
    s->item[s->n++] = top;
}

static void level_push(struct arena *a, struct levels *l, size_t item)
{
    if (l->n == l->cap) {
        size_t *grown = arena_array(a, size_t, l->cap ? l->cap * 2 : 64);
        if (l->n)
            memcpy(grown, l->item, l->n * sizeof *grown);
        l->item = grown;
        l->cap = l->cap ? l->cap * 2 : 64;
    }
    l->item[l->n++] = item;
}

/* `closer` at t ends the nearest opener of its kind; a brace also ends parentheses left open inside
 * of it, while a parenthesis never reaches beyond a brace. Whether there is one is known from the
 * counts, so that closers without any are not looked up in vain. */
static void close_bracket(const struct tokens *ts, size_t *match, struct stack *open, size_t t)
{
    char closer = byte_of(ts, t), wanted = closer == ')' ? '(' : closer == ']' ? '[' : '{', found;
    const struct opener *top = open->n > 0 ? &open->item[open->n - 1] : NULL;

    if (!top || (closer == ')' ? top->round : closer == ']' ? top->square : top->curly) == 0)
        return;
    do {
        const struct opener *last = &open->item[--open->n];
        match[last->token] = t;
        found = byte_of(ts, last->token);
    } while (found != wanted);
}

static void branch(const struct tokens *ts, size_t *match, struct stack *open, struct levels *ifs,
                   size_t t, struct arena *a)
{
    switch (directive_kind(ts->src, &ts->token[t])) {
    case DIRECTIVE_IF:
        level_push(a, ifs, open->n);
        break;
    case DIRECTIVE_ELSE:
        if (ifs->n == 0)
            break;
        while (open->n > ifs->item[ifs->n - 1])
            match[open->item[--open->n].token] = t;
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

/* A `<` is closed by a `>` that stands in the same brackets and the same statement. One walk pairs
 * all of them: `bar` is what is open on the outside of the brackets around, which no `>` inside of
 * them closes. */
static void match_angles(struct arena *a, const struct tokens *ts, size_t *match)
{
    struct levels angles = {0}, bars = {0}, ends = {0};
    size_t bar = 0;

    for (size_t t = 0; t < ts->n; t++) {
        bool closes = false;
        while (ends.n > 0 && t >= ends.item[ends.n - 1]) {
            closes |= t == ends.item[ends.n - 1];
            angles.n = bar;
            ends.n--;
            bar = bars.item[--bars.n];
        }
        if (closes || ts->token[t].kind != TOKEN_PUNCT ||
            ts->token[t].span.end - ts->token[t].span.at > 1)
            continue;
        switch (byte_of(ts, t)) {
        case '<':
            level_push(a, &angles, t);
            break;
        case '>':
            if (angles.n > bar)
                match[angles.item[--angles.n]] = t;
            break;
        case '(':
        case '[':
        case '{':
            level_push(a, &bars, bar);
            level_push(a, &ends, match[t]);
            bar = angles.n;
            break;
        case ')':
        case ']':
        case '}':
        case ';':
            angles.n = bar;
            break;
        default:
            break;
        }
    }
}

size_t *brackets_match(struct arena *a, const struct tokens *ts)
{
    size_t *match = arena_array(a, size_t, ts->n);
    struct stack open = {0};
    struct levels ifs = {0};

    for (size_t t = 0; t < ts->n; t++) {
        if (ts->token[t].kind == TOKEN_DIRECTIVE) {
            branch(ts, match, &open, &ifs, t, a);
        } else if (ts->token[t].kind == TOKEN_PUNCT) {
            char c = byte_of(ts, t);
            if (c == '(' || c == '[' || c == '{')
                open_bracket(a, ts, &open, t);
            else if (c == ')' || c == ']' || c == '}')
                close_bracket(ts, match, &open, t);
        }
    }
    while (open.n > 0)
        match[open.item[--open.n].token] = ts->n - 1;
    match_angles(a, ts, match);
    return match;
}

size_t brackets_angle(const struct tokens *ts, const size_t *match, size_t t)
{
    return t < ts->n && match[t] ? match[t] + 1 : 0;
}
