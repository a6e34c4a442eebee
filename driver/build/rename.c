#include "driver/build/rename.h"

#include <string.h>
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

void renames_init(struct renames *r, struct arena *a)
{
    *r = (struct renames){a, NULL, 0};
}

struct rename *renames_add(struct renames *r, const char *name, const char *to)
{
    struct rename *n = arena_push(r->arena, r->entry, r->n);

    n->name = name;
    n->to = to;
    return n;
}

const struct rename *renames_find(const struct renames *r, const char *name, size_t len)
{
    for (size_t i = 0; i < r->n; i++)
        if (strlen(r->entry[i].name) == len && memcmp(r->entry[i].name, name, len) == 0)
            return &r->entry[i];
    return NULL;
}

static bool is_member(const struct source *src, const struct token *token, size_t t)
{
    return t > 0 && (lex_punct(src, &token[t - 1], '.') || lex_is(src, &token[t - 1], "->"));
}

/* can the name before a `::` be no qualifier, as in `return ::x`? */
static bool is_keyword(const struct source *src, const struct token *t)
{
    static const char *const WORDS[] = {"return", "else",      "case",   "new",
                                        "delete", "sizeof",    "const",  "static",
                                        "throw",  "constexpr", "inline", "extern"};

    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (lex_is(src, t, WORDS[i]))
            return true;
    return false;
}

static bool is_inline(const struct source *src, const struct token *t, const struct rename *r)
{
    for (size_t i = 0; i < r->ninlines; i++)
        if (lex_is(src, t, r->inlines[i]))
            return true;
    return false;
}

/* The qualifiers are read from the last to the first; what is left of the scope at the end need not
 * have been written, unless the name begins with `::`. A `>` before `::` is a template's instance.
 */
size_t name_chain(const struct source *src, const struct token *token, size_t t,
                  const struct rename *r, bool *ours)
{
    const char *also = r->also;
    size_t left = r->nscope;

    *ours = !is_member(src, token, t);
    while (t > 0 && lex_is(src, &token[t - 1], "::")) {
        t--;
        if (t > 0 && lex_punct(src, &token[t - 1], '>')) {
            *ours = false;
            return t;
        }
        if (t == 0 || token[t - 1].kind != TOKEN_NAME || is_keyword(src, &token[t - 1])) {
            *ours = *ours && left == 0; /* from the global namespace on */
            return t;
        }
        t--;
        if (also && lex_is(src, &token[t], also))
            ;
        else if (left > 0 && lex_is(src, &token[t], r->scope[left - 1]))
            left--;
        else if (!is_inline(src, &token[t], r))
            *ours = false;
        also = NULL;
    }
    return t;
}

static void rename_one(const struct source *src, const struct token *token, size_t t,
                       const struct renames *r, struct edits *e)
{
    struct span at = token[t].span;
    const struct rename *to = renames_find(r, src->text + at.at, at.end - at.at);
    bool ours;

    if (!to)
        return;
    size_t first = name_chain(src, token, t, to, &ours);
    if (!ours)
        return;
    if (to->unqualified)
        at.at = token[first].span.at;
    edits_add(e, at, to->to);
}

static void rename_directive(const struct source *src, const struct token *t,
                             const struct renames *r, struct edits *e)
{
    size_t n;
    const struct token *in = lexer_all(e->arena, src, t->span, &n);

    if (n < 2 || lex_is(src, &in[1], "include") || lex_is(src, &in[1], "error"))
        return;
    for (size_t i = 2; i < n; i++)
        if (in[i].kind == TOKEN_NAME)
            rename_one(src, in, i, r, e);
}

void rename_tokens(const struct tokens *ts, size_t first, size_t last, const struct renames *r,
                   struct edits *e)
{
    for (size_t t = first; t < last; t++) {
        if (ts->token[t].kind == TOKEN_NAME)
            rename_one(ts->src, ts->token, t, r, e);
        else if (ts->token[t].kind == TOKEN_DIRECTIVE)
            rename_directive(ts->src, &ts->token[t], r, e);
    }
}

const char *rename_text(const char *text, const struct renames *r)
{
    struct source *src = source_wrap(r->arena, "", text, strlen(text));
    struct edits e;
    struct buf out;
    size_t n;
    const struct token *token = lexer_all(r->arena, src, (struct span){0, src->len}, &n);

    edits_init(&e, r->arena, src);
    for (size_t t = 0; t < n; t++)
        if (token[t].kind == TOKEN_NAME)
            rename_one(src, token, t, r, &e);
    if (e.n == 0)
        return text;
    buf_init(&out, BUF_LIMIT);
    edits_apply(&e, (struct span){0, src->len}, &out);
    text = arena_copy(r->arena, buf_text(&out), out.len);
    buf_release(&out);
    return text;
}

bool text_mentions(struct arena *a, const char *text, const char *name)
{
    struct source *src = source_wrap(a, "", text, strlen(text));
    size_t n;
    const struct token *token = lexer_all(a, src, (struct span){0, src->len}, &n);

    for (size_t t = 0; t < n; t++)
        if (token[t].kind == TOKEN_NAME && lex_is(src, &token[t], name) &&
            !is_member(src, token, t))
            return true;
    return false;
}
