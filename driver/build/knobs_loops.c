/* knobs_loops.c - counted loops, to be unrolled by so much.
 *
 * The compiler may unroll any loop as it likes, so a pragma that tells it how often is right
 * wherever it stands before a loop. What must be sure is that it does stand there: what comes
 * before the `for` ends a statement or begins one. A name that is none of the language's may be a
 * macro that holds such a pragma already, and what is in parentheses may be the argument of one.
 * `_Pragma` needs no line of its own, so that none behind it moves. */
#include <stdlib.h>
#include <string.h>
#include "driver/build/knobs_impl.h"
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

enum { LOOPS_MOST = 6 };

struct loop {
    const struct knob_function *function;
    size_t number;  /* among the counted loops of the function */
    size_t at, end; /* tokens: `for`, and the last of the body */
    size_t depth;   /* how many loops are around it */
    bool is_free;   /* nothing says yet how to unroll it */
    bool is_inner;  /* none is in it */
};

/* the `;` at or behind t and before end that stands in no brackets; end when there is none, or when
 * the preprocessor has a say */
static size_t semicolon(const struct knob_finder *k, size_t t, size_t end)
{
    for (; t < end; t++) {
        if (k->token[t].kind != TOKEN_PUNCT)
            continue;
        if (knobs_punct(k, t, ';'))
            return t;
        if (strchr("([{", k->src->text[k->token[t].span.at]))
            t = k->match[t];
    }
    return end;
}

static bool is_changed(const struct knob_finder *k, size_t t, size_t end)
{
    for (; t < end; t++)
        if (knobs_punct(k, t, '=') ||
            (t + 1 < end && (knobs_pair(k, t, '+', '+') || knobs_pair(k, t, '-', '-'))))
            return true;
    return false;
}

static bool mentions(const struct knob_finder *k, size_t t, size_t end, const struct token *name)
{
    size_t n = name->span.end - name->span.at;

    for (; t < end; t++)
        if (k->token[t].kind == TOKEN_NAME && k->token[t].span.end - k->token[t].span.at == n &&
            memcmp(k->src->text + k->token[t].span.at, k->src->text + name->span.at, n) == 0)
            return true;
    return false;
}

/* `for (...; i < n; i += 2)`, whose step changes what the condition looks at */
static bool is_counted(const struct knob_finder *k, size_t open, size_t close)
{
    size_t first = semicolon(k, open + 1, close), second = semicolon(k, first + 1, close);

    if (first >= close || second >= close || !is_changed(k, second + 1, close))
        return false;
    for (size_t t = open; t < close; t++)
        if (k->token[t].kind == TOKEN_DIRECTIVE || lex_is(k->src, &k->token[t], "->"))
            return false;
    for (size_t t = second + 1; t < close; t++)
        if (k->token[t].kind == TOKEN_NAME && mentions(k, first + 1, second, &k->token[t]))
            return true;
    return false;
}

/* may a pragma be put before the `for` at t? */
static bool is_free(const struct knob_finder *k, const bool *begins, size_t t)
{
    static const char *const BEFORE[] = {"else", "do", NULL};
    size_t before = t - 1;

    for (; k->token[before].kind == TOKEN_DIRECTIVE || k->token[before].kind == TOKEN_ANNOTATION;
         before--)
        if (directive_kind(k->src, &k->token[before]) == DIRECTIVE_PRAGMA)
            return false;
    if (k->token[before].kind == TOKEN_NAME)
        return knobs_is_any(k, before, BEFORE);
    return begins[before + 1] || knobs_punct(k, before, ';') || knobs_punct(k, before, '{') ||
           knobs_punct(k, before, '}') || knobs_punct(k, before, ':');
}

/* the last token of the loop's body; an else or while that belongs to it may be left out */
static size_t body_end(const struct knob_finder *k, size_t t, size_t limit)
{
    for (; t < limit; t++) {
        if (k->token[t].kind != TOKEN_PUNCT)
            continue;
        if (knobs_punct(k, t, '{'))
            return k->match[t];
        if (knobs_punct(k, t, ';'))
            return t;
        if (knobs_punct(k, t, '(') || knobs_punct(k, t, '['))
            t = k->match[t];
    }
    return limit;
}

static void find_loops(struct knob_finder *k, const struct knob_function *f, struct loop **loops,
                       size_t *n)
{
    const bool *begins = knobs_statements(k, f);
    size_t number = 0, first = *n;

    for (size_t t = f->open + 1; t < f->close; t++) {
        size_t close = k->match[t + 1];
        if (lex_is(k->src, &k->token[t], "for") && knobs_punct(k, t + 1, '(') && close < f->close &&
            knobs_punct(k, close, ')')) {
            if (is_counted(k, t + 1, close))
                *arena_push(k->scratch, *loops, *n) =
                    (struct loop){.function = f,
                                  .number = ++number,
                                  .at = t,
                                  .end = body_end(k, close + 1, f->close),
                                  .is_free = is_free(k, begins, t),
                                  .is_inner = true};
            t = close;
        } else if (knobs_punct(k, t, '(')) {
            t = k->match[t];
        }
    }
    for (size_t i = first; i < *n; i++)
        for (size_t j = i + 1; j < *n && (*loops)[j].at < (*loops)[i].end; j++) {
            (*loops)[j].depth++;
            (*loops)[i].is_inner = false;
        }
}

static int by_promise(const void *left, const void *right)
{
    const struct loop *a = left, *b = right;

    if (a->is_inner != b->is_inner)
        return a->is_inner ? -1 : 1;
    if (a->depth != b->depth)
        return a->depth > b->depth ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

void knobs_unroll(struct knob_finder *k)
{
    static const int64_t VALUES[] = {0, 1, 2, 4, 8};
    struct loop *loops = NULL;
    size_t n = 0, added = 0;

    for (size_t i = 0; i < k->nfunctions; i++)
        find_loops(k, &k->functions[i], &loops, &n);
    if (n)
        qsort(loops, n, sizeof *loops, by_promise);
    for (size_t i = 0; i < n && added < LOOPS_MOST; i++) {
        struct knob_site *site;
        size_t at = k->token[loops[i].at].span.at;
        if (!loops[i].is_free)
            continue;
        site = arena_alloc(k->arena, sizeof *site);
        *site = (struct knob_site){{at, at}, "_Pragma(\"unroll ", "\") "};
        knobs_add(k, KNOB_UNROLL, loops[i].function, loops[i].number, VALUES,
                  sizeof VALUES / sizeof *VALUES, site, 1);
        added++;
    }
}
