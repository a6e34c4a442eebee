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

struct opener { /* never changed, so that what was open at an #if is known as long as one likes */
    size_t token;
    unsigned round, square; /* how many ( and [ are open since the last {, this one included */
    unsigned curly;         /* how many { are open */
    const struct opener *up;
};

struct condition { /* an #if around */
    size_t token;
    const struct opener *open; /* at the #if */
    struct condition *up;
};

struct walk {
    struct arena *a;
    const struct tokens *ts;
    size_t *match;
    const struct opener *open; /* the innermost */
    struct condition *ifs;
};

struct levels {
    size_t *item;
    size_t n, cap;
};

static char byte_of(const struct tokens *ts, size_t t)
{
    return ts->src->text[ts->token[t].span.at];
}

static void open_bracket(struct walk *w, size_t t)
{
    struct opener *o = arena_alloc(w->a, sizeof *o);
    char c = byte_of(w->ts, t);

    if (w->open)
        *o = *w->open;
    o->token = t;
    o->curly += c == '{';
    o->round = c == '{' ? 0 : o->round + (c == '(');
    o->square = c == '{' ? 0 : o->square + (c == '[');
    o->up = w->open;
    w->open = o;
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
static void close_bracket(struct walk *w, size_t t)
{
    char closer = byte_of(w->ts, t),
         wanted = closer == ')'   ? '('
                  : closer == ']' ? '['
                                  : '{',
         found;
    const struct opener *o = w->open;

    if (!o || (closer == ')' ? o->round : closer == ']' ? o->square : o->curly) == 0)
        return;
    do {
        w->match[w->open->token] = t;
        found = byte_of(w->ts, w->open->token);
        w->open = w->open->up;
    } while (found != wanted);
}

static void branch(struct walk *w, size_t t)
{
    struct condition *c = w->ifs;

    switch (directive_kind(w->ts->src, &w->ts->token[t])) {
    case DIRECTIVE_IF:
        c = arena_alloc(w->a, sizeof *c);
        *c = (struct condition){t, w->open, w->ifs};
        w->ifs = c;
        break;
    case DIRECTIVE_ELSE:
        if (!c)
            break;
        for (; w->open && w->open->token > c->token; w->open = w->open->up)
            w->match[w->open->token] = t;
        w->open = c->open; /* also what the branch closed */
        break;
    case DIRECTIVE_ENDIF:
        if (c)
            w->ifs = c->up;
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
    struct walk w = {.a = a, .ts = ts, .match = arena_array(a, size_t, ts->n)};

    for (size_t t = 0; t < ts->n; t++) {
        if (ts->token[t].kind == TOKEN_DIRECTIVE) {
            branch(&w, t);
        } else if (ts->token[t].kind == TOKEN_PUNCT) {
            char c = byte_of(ts, t);
            if (c == '(' || c == '[' || c == '{')
                open_bracket(&w, t);
            else if (c == ')' || c == ']' || c == '}')
                close_bracket(&w, t);
        }
    }
    for (; w.open; w.open = w.open->up)
        w.match[w.open->token] = ts->n - 1;
    match_angles(a, ts, w.match);
    return w.match;
}

size_t brackets_angle(const struct tokens *ts, const size_t *match, size_t t)
{
    return t < ts->n && match[t] ? match[t] + 1 : 0;
}
