#include "driver/build/launch_nested.h"

#include <string.h>
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

static bool text_names(const struct copy *c, const struct decl *macro, const char *name)
{
    const struct source *src = c->spec->file->src;
    size_t n;
    const struct token *t = lexer_all(c->arena, src, macro->value, &n);

    for (size_t i = 0; i < n; i++)
        if (t[i].kind == TOKEN_NAME && lex_is(src, &t[i], name))
            return true;
    return false;
}

/* does the text of another macro name it? */
static bool is_in_text(const struct copy *c, const struct launch_macros *macros,
                       const struct decl *macro)
{
    for (size_t i = 0; i < macros->nall; i++)
        if (strcmp(macros->all[i].name, macro->name) != 0 &&
            text_names(c, &macros->all[i], macro->name))
            return true;
    return false;
}

/* Is its name alone handed to something, which can only be a macro? */
static bool is_handed_on(const struct launch_text *r, const struct decl *macro)
{
    const struct tokens *ts = r->tokens;

    if (ts->src->text[macro->name_at.end] != '(')
        return false;
    for (size_t t = 0; t + 1 < ts->n; t++)
        if (token_is(ts, t, macro->name) && !lex_punct(ts->src, &ts->token[t + 1], '('))
            return true;
    return false;
}

/* Of several definitions, in branches of #if, one may launch by other means, and has no copy. */
static bool is_defined_again(const struct launch_macros *macros, const struct decl *macro)
{
    for (size_t i = 0; i < macros->nall; i++)
        if (&macros->all[i] != macro && strcmp(macros->all[i].name, macro->name) == 0)
            return true;
    return false;
}

/* the macro, and all whose text leads to it */
static bool *carriers(const struct copy *c, const struct launch_macros *macros,
                      const struct decl *macro)
{
    bool *is = arena_array(c->arena, bool, macros->nall), more = true;

    for (size_t i = 0; i < macros->nall; i++)
        is[i] = strcmp(macros->all[i].name, macro->name) == 0;
    while (more) {
        more = false;
        for (size_t i = 0; i < macros->nall; i++)
            for (size_t k = 0; k < macros->nall && !is[i]; k++)
                if (is[k] && text_names(c, &macros->all[i], macros->all[k].name))
                    more = is[i] = true;
    }
    return is;
}

static size_t *places(const struct copy *c, const struct launch_macros *macros,
                      const struct launch_text *r, const struct decl *macro, size_t *n)
{
    const bool *is = carriers(c, macros, macro);
    const char **name = NULL;
    size_t *at = NULL, nnames = 0;

    for (size_t i = 0; i < macros->nall; i++)
        if (is[i])
            *arena_push(c->arena, name, nnames) = macros->all[i].name;
    *n = 0;
    for (size_t t = 0; t < r->tokens->n; t++)
        for (size_t i = 0; i < nnames; i++)
            if (token_is(r->tokens, t, name[i])) {
                *arena_push(c->arena, at, *n) = r->tokens->token[t].span.at;
                break;
            }
    return at;
}

struct nested_macro *launch_nested(const struct copy *c, const struct launch_macros *macros,
                                   const struct launch_text *r, size_t *n)
{
    struct nested_macro *list = NULL;

    *n = 0;
    for (size_t i = 0; i < macros->nall; i++) {
        struct nested_macro m = {.decl = &macros->all[i]};
        if (!text_names(c, m.decl, c->spec->name))
            continue;
        m.is_nested = is_in_text(c, macros, m.decl) || is_handed_on(r, m.decl) ||
                      is_defined_again(macros, m.decl);
        m.at = places(c, macros, r, m.decl, &m.n);
        if (m.n)
            *arena_push(c->arena, list, *n) = m;
    }
    return list;
}
