#include "driver/build/launch_macro.h"

#include <string.h>
#include "driver/build/launch_name.h"
#include "driver/build/launch_text.h"
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

struct macro {
    const struct decl *decl;
    struct tokens text;
    struct launch_parts *launch; /* those of a parameter, or of the entry's name */
    size_t nlaunches;
    int param; /* number of the parameter that names the kernel; -1: the text does */
};

static const struct source *source_of(const struct copy *c)
{
    return c->spec->file->src;
}

/* the number of the macro's parameter at token t of its text; -1 when it is none */
static int parameter(const struct copy *c, const struct decl *d, const struct token *name)
{
    const struct source *src = source_of(c);
    size_t n, len = name->span.end - name->span.at;
    const struct token *t = lexer_all(c->arena, src, d->params, &n);
    int number = 0;

    for (size_t i = 0; i + 1 < n; i++) {
        number += lex_punct(src, &t[i], ',');
        if (t[i].kind == TOKEN_NAME && t[i].span.end - t[i].span.at == len &&
            memcmp(src->text + t[i].span.at, src->text + name->span.at, len) == 0)
            return number;
    }
    return -1;
}

/* false when the macro launches neither the entry nor a parameter */
static bool read_macro(const struct copy *c, const struct decl *d, struct macro *m,
                       const char **why)
{
    const struct source *src = source_of(c);
    struct launch_text r;

    *m = (struct macro){.decl = d, .text = {src, NULL, 0}, .param = -1};
    if (!memmem(src->text + d->value.at, d->value.end - d->value.at, "<<<", 3))
        return false;
    m->text.token = lexer_all(c->arena, src, d->value, &m->text.n);
    r = launch_text(c->arena, &m->text);
    for (size_t t = 0; t < m->text.n; t++) {
        struct launch_parts parts;
        int param;
        if (!launch_read(&r, t, &parts))
            continue;
        param = parameter(c, d, &m->text.token[parts.name]);
        if (param < 0 && !lex_is(src, &m->text.token[parts.name], c->spec->name))
            continue;
        if (m->nlaunches && param != m->param)
            *why = "its macro launches several kernels";
        m->param = param;
        *arena_push(c->arena, m->launch, m->nlaunches) = parts;
    }
    return m->nlaunches > 0;
}

/* does the macro's text name one of those in m? */
static bool is_nested(const struct copy *c, const struct decl *d, const struct launch_macros *m)
{
    const struct source *src = source_of(c);
    size_t n;
    const struct token *t = lexer_all(c->arena, src, d->value, &n);

    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; t[k].kind == TOKEN_NAME && i < m->n; i++)
            if (lex_is(src, &t[k], m->macro[i]->name))
                return true;
    return false;
}

/* The declarations of a file know the #defines between them only, and functions have some of their
 * own: `#define LAUNCH(T) ...` beside the switch that uses it. */
static struct decl *all_defines(const struct copy *c, size_t *n)
{
    const struct tokens *ts = c->spec->file->tokens;
    struct decl *all = NULL, d = {.kind = DECL_MACRO};

    *n = 0;
    for (size_t t = 0; t < ts->n; t++) {
        if (ts->token[t].kind != TOKEN_DIRECTIVE ||
            !directive_define(ts->src, &ts->token[t], &d.name_at, &d.params, &d.value))
            continue;
        d.name = source_copy(c->arena, ts->src, d.name_at);
        d.span = ts->token[t].span;
        *arena_push(c->arena, all, *n) = d;
    }
    return all;
}

struct launch_macros launch_macros(const struct copy *c)
{
    struct launch_macros m = {0}, nested = {0};

    m.all = all_defines(c, &m.nall);
    for (size_t i = 0; i < m.nall; i++) {
        struct macro read;
        const char *why = NULL;
        if (read_macro(c, &m.all[i], &read, &why))
            *arena_push(c->arena, m.macro, m.n) = &m.all[i];
    }
    for (size_t i = 0; m.n && i < m.nall; i++)
        if (is_nested(c, &m.all[i], &m))
            *arena_push(c->arena, nested.macro, nested.n) = &m.all[i];
    for (size_t i = 0; i < nested.n; i++)
        *arena_push(c->arena, m.macro, m.n) = nested.macro[i];
    return m;
}

/* argument `number` of the use whose ( is at token t: its tokens, none when there are fewer */
static void argument(const struct launch_text *r, size_t t, int number, size_t *first, size_t *last)
{
    const struct tokens *ts = r->tokens;
    size_t end = r->match[t];

    *first = *last = t + 1;
    for (t++; t <= end; t++) {
        bool ends = t == end || lex_punct(ts->src, &ts->token[t], ',');
        if (ends && number-- == 0) {
            *last = t;
            return;
        }
        if (ends)
            *first = t + 1;
        if (t < end && r->match[t] > t)
            t = r->match[t];
    }
    *first = *last = end;
}

static bool mentions(const struct copy *c, const struct launch_text *r, size_t first, size_t last)
{
    for (; first < last; first++)
        if (token_is(r->tokens, first, c->spec->name))
            return true;
    return false;
}

/* is the argument a name that may be the entry's? */
static bool argument_is_kernel(const struct copy *c, const struct launch_text *r, size_t at,
                               size_t first, size_t last, const char **why)
{
    const struct tokens *ts = r->tokens;
    enum launch_whose whose;
    size_t name;

    if (!mentions(c, r, first, last))
        return false;
    if (!token_is(ts, last - 1, c->spec->name)) {
        *why = "a macro launches it, and is given more than its name";
        return true;
    }
    whose = launch_name(c, ts->token, last - 1, at, &name);
    if (whose == LAUNCH_UNCLEAR)
        *why = LAUNCH_UNCLEAR_TEXT;
    else if (name != first)
        *why = "a macro launches it, and is given more than its name";
    return whose != LAUNCH_OTHER;
}

/* a macro without parameters has none where it is used either; a use of another without them is
 * none
 */
static bool is_function_like(const struct copy *c, const struct decl *d)
{
    return source_of(c)->text[d->name_at.end] == '(';
}

/* the launches of a macro that itself names the kernel, as they are read at byte `at` */
static bool launches_entry(const struct copy *c, const struct macro *m, size_t at, const char **why)
{
    size_t ours = 0, unclear = 0, first;

    for (size_t i = 0; i < m->nlaunches; i++) {
        enum launch_whose whose = launch_name(c, m->text.token, m->launch[i].name, at, &first);
        ours += whose == LAUNCH_OURS;
        unclear += whose == LAUNCH_UNCLEAR;
    }
    if (unclear)
        *why = LAUNCH_UNCLEAR_TEXT;
    else if (ours && ours < m->nlaunches)
        *why = "its macro launches several kernels";
    return ours + unclear > 0;
}

static bool use_of(const struct copy *c, const struct launch_text *r, size_t t, size_t at,
                   const struct decl *d, const char **why)
{
    const struct tokens *ts = r->tokens;
    bool has_arguments = is_function_like(c, d);
    size_t first, last;
    struct macro m;

    if (has_arguments && !lex_punct(ts->src, &ts->token[t + 1], '('))
        return false;
    if (!read_macro(c, d, &m, why)) {
        if (!has_arguments || !mentions(c, r, t + 2, r->match[t + 1]))
            return false;
        *why = "a macro launches it through another macro";
        return true;
    }
    if (m.param < 0)
        return launches_entry(c, &m, at, why);
    argument(r, t + 1, m.param, &first, &last);
    return argument_is_kernel(c, r, at, first, last, why);
}

bool launch_macro_use(const struct copy *c, const struct launch_macros *macros,
                      const struct launch_text *r, size_t t, size_t at, const struct decl **macro,
                      const char **why)
{
    *why = NULL;
    for (size_t i = 0; i < macros->n; i++) {
        *macro = macros->macro[i];
        if (token_is(r->tokens, t, (*macro)->name) && use_of(c, r, t, at, *macro, why))
            return true;
    }
    return false;
}

const char *launch_macro_name(const struct copy *c, const struct decl *macro)
{
    return arena_printf(c->arena, "%s__ks_%s", macro->name, c->spec->name);
}

/* one definition of the macro as its copy */
static void render(const struct copy *c, const struct macro *m, const char *launcher,
                   struct buf *out)
{
    const struct source *src = source_of(c);
    const char *name = launch_macro_name(c, m->decl);
    struct edits e;

    edits_init(&e, c->arena, src);
    edits_add(&e, m->decl->name_at, name);
    for (size_t i = 0; i < m->nlaunches; i++) {
        const struct launch_parts *p = &m->launch[i];
        const struct token *t = m->text.token;
        struct span open = {t[p->open].span.at, t[p->open + 2].span.end};
        struct span close = {t[p->close].span.at, t[p->paren].span.end};
        bool empty = lex_punct(src, &t[p->paren + 1], ')');
        size_t first;
        launch_name(c, t, p->name, m->decl->span.at, &first);
        edits_add(&e, (struct span){t[first].span.at, t[p->name].span.end}, launcher);
        edits_add(&e, open, "(::ksearch_rt::config(");
        edits_add(&e, close, empty ? ")" : "), ");
    }
    buf_addf(out, "\n#undef %s\n", name);
    edits_apply(&e, m->decl->span, out);
}

void launch_macro_copies(const struct copy *c, const struct decl *macro, const char *launcher,
                         struct edits *e)
{
    size_t n;
    const struct decl *all = all_defines(c, &n);
    struct buf text;

    buf_init(&text, BUF_LIMIT);
    for (size_t i = 0; i < n; i++) {
        const struct decl *d = &all[i];
        const char *why = NULL;
        struct macro m;
        if (strcmp(d->name, macro->name) != 0 || !read_macro(c, d, &m, &why))
            continue;
        buf_clear(&text);
        render(c, &m, launcher, &text);
        buf_adds(&text, line_marker(c->arena, e->src, d->span.end));
        edits_insert(e, d->span.end, arena_copy(e->arena, buf_text(&text), text.len));
    }
    buf_release(&text);
}
