#include "driver/build/launch_site.h"

#include <string.h>
#include "driver/build/launch_macro.h"
#include "driver/build/launch_name.h"
#include "driver/build/launch_text.h"
#include "driver/lang/brackets.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

static bool in_device_code(const struct file *f, size_t at)
{
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (d->kind == DECL_FUNCTION && d->body.at <= at && at < d->body.end)
            return d->is_global || d->is_device;
    }
    return false;
}

/* the launch whose `<<<` is at token t */
static bool read_site(const struct copy *c, const struct launch_text *r, size_t t,
                      struct launch_site *site)
{
    const struct token *token = r->tokens->token;
    struct launch_parts p;
    enum launch_whose whose;
    size_t first;

    if (!launch_read(r, t, &p) || !token_is(r->tokens, p.name, c->spec->name))
        return false;
    whose = launch_name(c, token, p.name, token[p.name].span.at, &first);
    if (whose == LAUNCH_OTHER)
        return false;
    *site = (struct launch_site){
        .name = {token[first].span.at, token[p.name].span.end},
        .open = {token[t].span.at, token[t + 2].span.end},
        .close = {token[p.close].span.at, token[p.paren].span.end},
        .empty = lex_punct(r->tokens->src, &token[p.paren + 1], ')'),
    };
    if (whose == LAUNCH_UNCLEAR)
        site->why = LAUNCH_UNCLEAR_TEXT;
    return true;
}

static bool is_ours(const struct copy *c, size_t t)
{
    const struct token *token = c->spec->file->tokens->token;
    size_t first;

    return launch_name(c, token, t, token[t].span.at, &first) == LAUNCH_OURS;
}

/* launches by a function of the runtime, to which the kernel is an argument */
static bool read_call(const struct copy *c, const struct launch_text *r, size_t t,
                      struct launch_site *site)
{
    static const char *const CALLS[] = {"cudaLaunchKernel", "cudaLaunchKernelEx",
                                        "cudaLaunchKernelExC", "cudaLaunchCooperativeKernel"};
    const struct tokens *ts = r->tokens;
    bool is_call = false;

    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
        is_call |= token_is(ts, t, CALLS[i]);
    if (!is_call || !lex_punct(ts->src, &ts->token[t + 1], '('))
        return false;
    for (size_t k = t + 2; k < r->match[t + 1]; k++)
        if (token_is(ts, k, c->spec->name) && is_ours(c, k)) {
            *site = (struct launch_site){.name = ts->token[t].span};
            site->why = arena_printf(c->arena, "only <<< >>> can be rewritten, not %s",
                                     source_copy(c->arena, ts->src, site->name));
            return true;
        }
    return false;
}

static bool is_name(const struct launch_text *r, size_t t)
{
    return r->tokens->token[t].kind == TOKEN_NAME;
}

/* the function that is called with what begins at t as an argument, whatever is cast on the way;
 * NULL when none shows */
static const char *called_with(const struct copy *c, const struct launch_text *r, size_t t)
{
    const struct tokens *ts = r->tokens;
    size_t inside = t;

    while (t-- > 0 && !lex_punct(ts->src, &ts->token[t], ';') &&
           !lex_punct(ts->src, &ts->token[t], '{') && !lex_punct(ts->src, &ts->token[t], '}'))
        if (lex_punct(ts->src, &ts->token[t], '(') && r->match[t] > inside && t > 0) {
            if (is_name(r, t - 1))
                return source_copy(c->arena, ts->src, ts->token[t - 1].span);
            inside = t;
        }
    return NULL;
}

/* may a function of that name launch a kernel that it is given? The runtime's own do not, but for
 * those above; macros of this file were looked at, and capitals are those of others */
static bool may_launch(const struct file *f, const char *name)
{
    static const char *const OTHERS[] = {"sizeof", "decltype", "alignof", "if", "while", "return"};

    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (strcmp(name, OTHERS[i]) == 0)
            return false;
    for (size_t i = 0; i < f->decls->n; i++)
        if (f->decls->decl[i].kind == DECL_MACRO && strcmp(f->decls->decl[i].name, name) == 0)
            return false;
    return strncmp(name, "cuda", 4) != 0 && name[strcspn(name, "abcdefghijklmnopqrstuvwxyz")];
}

/* the kernel as an argument of a function that may launch it, `launch(k<float>, config, x)` */
static bool read_argument(const struct copy *c, const struct launch_text *r, size_t t,
                          struct launch_site *site)
{
    const struct tokens *ts = r->tokens;
    const struct token *token = ts->token;
    size_t first, behind = t + 1;
    const char *callee;

    if (!token_is(ts, t, c->spec->name) ||
        launch_name(c, token, t, token[t].span.at, &first) != LAUNCH_OURS)
        return false;
    if (lex_punct(ts->src, &token[behind], '<'))
        behind = brackets_angle(ts, r->match, behind);
    if (!behind ||
        !(lex_punct(ts->src, &token[behind], ',') || lex_punct(ts->src, &token[behind], ')')))
        return false;
    callee = called_with(c, r, first);
    if (!callee || !may_launch(c->spec->file, callee))
        return false;
    *site = (struct launch_site){.name = {token[first].span.at, token[t].span.end}};
    site->why = arena_printf(c->arena,
                             "only <<< >>> can be rewritten, not what '%s' does with a kernel that "
                             "it is given",
                             callee);
    return true;
}

static bool read_macro_use(const struct copy *c, const struct launch_macros *macros,
                           const struct launch_text *r, size_t t, struct launch_site *site)
{
    *site = (struct launch_site){.name = r->tokens->token[t].span};
    return launch_macro_use(c, macros, r, t, &site->macro, &site->why);
}

struct launch_site *launch_sites(const struct copy *c, size_t from, size_t *n)
{
    const struct file *f = c->spec->file;
    struct launch_text r = launch_text(c->arena, f->tokens);
    struct launch_macros macros = launch_macros(c);
    struct launch_site *sites = NULL, site;

    *n = 0;
    for (size_t t = 1; t + 1 < f->tokens->n; t++) {
        if (!read_site(c, &r, t, &site) && !read_call(c, &r, t, &site) &&
            !read_macro_use(c, &macros, &r, t, &site) && !read_argument(c, &r, t, &site))
            continue;
        if (!site.why && site.name.at < from)
            site.why = "it stands before the kernel's definition";
        if (!site.why && in_device_code(f, site.name.at))
            site.why = "it is launched from device code";
        *arena_push(c->arena, sites, *n) = site;
    }
    return sites;
}
