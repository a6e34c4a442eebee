#include "driver/build/launch_site.h"

#include <string.h>

#include "driver/build/launch_macro.h"
#include "driver/build/launch_name.h"
#include "driver/build/launch_text.h"
#include "driver/lang/brackets.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

/* the function whose body a place is in; NULL: it is in none */
static const struct decl *function_at(const struct file *f, size_t at)
{
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (d->kind == DECL_FUNCTION && d->body.at <= at && at < d->body.end)
            return d;
    }
    return NULL;
}

static bool is_device_code(const struct decl *d)
{
    return d->is_global || d->is_device;
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

/* ---- kernels as values ---- */

/* has the function a parameter or variable of the name, `float scale`, before token t? */
static bool is_shadowed(const struct tokens *ts, const struct decl *d, size_t t, const char *name)
{
    for (size_t k = t; k-- > 1 && ts->token[k].span.at >= d->params.at;) {
        const struct token *before = &ts->token[k - 1];
        if (token_is(ts, k, name) &&
            (before->kind == TOKEN_NAME || lex_punct(ts->src, before, '*')))
            return true;
    }
    return false;
}

/* Is it the name alone, with template arguments or without, and nothing that is launched, called or
 * a member? */
static bool is_value(const struct launch_text *r, size_t t)
{
    const struct tokens *ts = r->tokens;
    const struct source *src = ts->src;
    size_t end = t + 1;

    if (t && (lex_punct(src, &ts->token[t - 1], '.') || lex_is(src, &ts->token[t - 1], "->")))
        return false;
    if (lex_punct(src, &ts->token[end], '<') && !(end = brackets_angle(ts, r->match, end)))
        return false;
    return lex_punct(src, &ts->token[end], ',') || lex_punct(src, &ts->token[end], ')') ||
           lex_punct(src, &ts->token[end], ';');
}

/* cudaFuncSetAttribute, cuOccupancyMaxActiveBlocksPerMultiprocessor */
static bool is_runtime_name(const char *name)
{
    size_t n = strncmp(name, "cuda", 4) == 0 ? 4 : strncmp(name, "cu", 2) == 0 ? 2 : 0;

    return n && name[n] >= 'A' && name[n] <= 'Z';
}

/* does a function of the runtime get it, which asks about the kernel and launches nothing, or a
 * macro, which launches it? */
static bool is_asked_about(const struct copy *c, const struct launch_macros *macros,
                           const struct launch_text *r, size_t t)
{
    const struct tokens *ts = r->tokens;
    const struct decl *macro;
    const char *why;

    for (size_t k = t; k-- > 1 && !lex_punct(ts->src, &ts->token[k], ';');)
        if (lex_punct(ts->src, &ts->token[k], '(') && r->match[k] > t &&
            ts->token[k - 1].kind == TOKEN_NAME &&
            (is_runtime_name(ts->src->text + ts->token[k - 1].span.at) ||
             launch_macro_use(c, macros, r, k - 1, &macro, &why)))
            return true;
    return false;
}

/* `run(scale, grid, x)`: who gets the kernel may launch it, and nothing here shows how */
static bool read_value(const struct copy *c, const struct launch_macros *macros,
                       const struct launch_text *r, size_t t, struct launch_site *site)
{
    const struct tokens *ts = r->tokens;
    const struct decl *d;

    if (!token_is(ts, t, c->spec->name) || !is_value(r, t) || !is_ours(c, t))
        return false;
    d = function_at(c->spec->file, ts->token[t].span.at);
    if (!d || is_device_code(d) || is_shadowed(ts, d, t, c->spec->name) ||
        is_asked_about(c, macros, r, t))
        return false;
    *site = (struct launch_site){.name = ts->token[t].span, .is_value = true, .why = ""};
    return true;
}

/* ---- all ---- */

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
    const struct decl *d;

    *n = 0;
    for (size_t t = 1; t + 1 < f->tokens->n; t++) {
        if (!read_site(c, &r, t, &site) && !read_call(c, &r, t, &site) &&
            !read_macro_use(c, &macros, &r, t, &site) && !read_value(c, &macros, &r, t, &site))
            continue;
        if (!site.why && site.name.at < from)
            site.why = "it stands before the kernel's definition";
        if (!site.why && (d = function_at(f, site.name.at)) && is_device_code(d))
            site.why = "it is launched from device code";
        *arena_push(c->arena, sites, *n) = site;
    }
    return sites;
}
