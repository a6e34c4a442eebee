#include "driver/build/launch_site.h"

#include <string.h>

#include "driver/build/launch_macro.h"
#include "driver/build/launch_name.h"
#include "driver/build/launch_nested.h"
#include "driver/build/launch_variable.h"
#include "driver/lang/brackets.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

/* text to look for launches in, the file's or a macro's, and where it is read */
struct passage {
    const struct copy *c;
    const struct launch_macros *macros;
    const struct launch_text *r;
    size_t at;    /* byte of the file */
    bool is_used; /* of a macro whose launches are those of its uses in the file's text */
};

static bool in_device_code(const struct file *f, size_t at)
{
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (d->kind == DECL_FUNCTION && d->body.at <= at && at < d->body.end)
            return d->is_global || d->is_device;
    }
    return false;
}

/* does a variable that is launched hold the entry? */
static bool is_held(const struct passage *in, size_t t, struct launch_held *held)
{
    size_t first;

    return in->r->tokens == in->c->spec->file->tokens && launch_variable(in->c, in->r, t, held) &&
           launch_name(in->c, in->r->tokens->token, held->name, in->at, &first) == LAUNCH_OURS;
}

/* the launch whose `<<<` is at token t */
static bool read_site(const struct passage *in, size_t t, struct launch_site *site)
{
    const struct launch_text *r = in->r;
    const struct token *token = r->tokens->token;
    struct launch_held held = {0};
    struct launch_parts p;
    enum launch_whose whose = LAUNCH_OURS;
    size_t first;

    if (!launch_read(r, t, &p))
        return false;
    if (is_held(in, first = p.name, &held))
        ;
    else if (token_is(r->tokens, p.name, in->c->spec->name))
        whose = launch_name(in->c, token, p.name, in->at, &first);
    else
        return false;
    if (whose == LAUNCH_OTHER)
        return false;
    *site = (struct launch_site){
        .name = {token[first].span.at, token[p.name].span.end},
        .held = held.kernel,
        .open = {token[t].span.at, token[t + 2].span.end},
        .close = {token[p.close].span.at, token[p.paren].span.end},
        .empty = lex_punct(r->tokens->src, &token[p.paren + 1], ')'),
    };
    if (whose == LAUNCH_UNCLEAR)
        site->why = LAUNCH_UNCLEAR_TEXT;
    return true;
}

static bool is_ours(const struct passage *in, size_t t)
{
    size_t first;

    return launch_name(in->c, in->r->tokens->token, t, in->at, &first) == LAUNCH_OURS;
}

/* launches by a function of the runtime, to which the kernel is an argument */
static bool read_call(const struct passage *in, size_t t, struct launch_site *site)
{
    static const char *const CALLS[] = {"cudaLaunchKernel", "cudaLaunchKernelEx",
                                        "cudaLaunchKernelExC", "cudaLaunchCooperativeKernel"};
    const struct copy *c = in->c;
    const struct tokens *ts = in->r->tokens;
    bool is_call = false;

    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
        is_call |= token_is(ts, t, CALLS[i]);
    if (!is_call || !lex_punct(ts->src, &ts->token[t + 1], '('))
        return false;
    for (size_t k = t + 2; k < in->r->match[t + 1]; k++)
        if (token_is(ts, k, c->spec->name) && is_ours(in, k)) {
            *site = (struct launch_site){.name = ts->token[t].span};
            site->why = arena_printf(c->arena, "only <<< >>> can be rewritten, not %s",
                                     source_copy(c->arena, ts->src, site->name));
            return true;
        }
    return false;
}

/* ---- kernels as values ---- */

/* Is the place in a function of the host, or in a class, whose functions may hand kernels on?
 * *code is where a declaration hides the kernel from it: of a function what stands before it,
 * parameters included, of a class all. */
static bool in_host_code(const struct file *f, size_t at, struct span *code)
{
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (d->body.at > at || at >= d->body.end)
            continue;
        *code = d->kind == DECL_FUNCTION ? (struct span){d->params.at, at + 1} : d->body;
        return d->kind == DECL_TYPE || (d->kind == DECL_FUNCTION && !d->is_global && !d->is_device);
    }
    return false;
}

/* is a parameter, variable or member of the name declared there, `float scale`? */
static bool is_shadowed(const struct tokens *ts, struct span code, const char *name)
{
    for (size_t t = 1; t < ts->n && ts->token[t].span.at < code.end; t++) {
        const struct token *before = &ts->token[t - 1];
        if (ts->token[t].span.at >= code.at && token_is(ts, t, name) &&
            ((before->kind == TOKEN_NAME && !lex_is(ts->src, before, "return")) ||
             lex_punct(ts->src, before, '*')))
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
           lex_punct(src, &ts->token[end], ';') || lex_punct(src, &ts->token[end], ':');
}

/* cudaFuncSetAttribute, cuOccupancyMaxActiveBlocksPerMultiprocessor */
static bool is_runtime_name(const char *name)
{
    size_t n = strncmp(name, "cuda", 4) == 0 ? 4 : strncmp(name, "cu", 2) == 0 ? 2 : 0;

    return n && name[n] >= 'A' && name[n] <= 'Z';
}

/* does a function of the runtime get it, which asks about the kernel and launches nothing, or a
 * macro, which launches it? */
static bool is_asked_about(const struct passage *in, size_t t)
{
    const struct launch_text *r = in->r;
    const struct tokens *ts = r->tokens;
    const struct decl *macro;
    const char *why;

    for (size_t k = t; k-- > 1 && !lex_punct(ts->src, &ts->token[k], ';');)
        if (lex_punct(ts->src, &ts->token[k], '(') && r->match[k] > t &&
            ts->token[k - 1].kind == TOKEN_NAME &&
            (is_runtime_name(ts->src->text + ts->token[k - 1].span.at) ||
             launch_macro_use(in->c, in->macros, r, k - 1, in->at, &macro, &why)))
            return true;
    return false;
}

/* `run(scale, grid, x)`: who gets the kernel may launch it, and nothing here shows how */
static bool read_value(const struct passage *in, size_t t, struct launch_site *site)
{
    const struct tokens *ts = in->r->tokens;
    const struct file *f = in->c->spec->file;
    const char *name = in->c->spec->name;
    struct span code;

    if (!token_is(ts, t, name) || !is_value(in->r, t) || !is_ours(in, t) ||
        !in_host_code(f, in->at, &code) || is_asked_about(in, t) ||
        (ts == f->tokens && is_shadowed(ts, code, name)))
        return false;
    *site = (struct launch_site){.name = ts->token[t].span, .is_value = true, .why = ""};
    return true;
}

/* ---- all ---- */

static bool read_macro_use(const struct passage *in, size_t t, struct launch_site *site)
{
    *site = (struct launch_site){.name = in->r->tokens->token[t].span};
    return launch_macro_use(in->c, in->macros, in->r, t, in->at, &site->macro, &site->why);
}

/* What is at token t, wherever the text is read; what is not the same everywhere is unclear. */
static bool read_at(struct passage in, size_t t, const size_t *at, size_t n,
                    struct launch_site *site)
{
    size_t found = 0;
    struct launch_site s;

    for (size_t i = 0; i < n; i++) {
        in.at = at[i];
        if ((!in.is_used && (read_site(&in, t, &s) || read_macro_use(&in, t, &s))) ||
            read_call(&in, t, &s) || read_value(&in, t, &s))
            *site = s, found++;
    }
    if (found && found < n && !site->why)
        site->why = LAUNCH_UNCLEAR_TEXT;
    site->at = at;
    site->nat = n;
    return found;
}

/* those in the text of macros that others expand */
static void in_macros(struct passage in, struct launch_site **sites, size_t *n)
{
    const struct source *src = in.c->spec->file->src;
    size_t nmacros;
    struct nested_macro *m = launch_nested(in.c, in.macros, in.r, &nmacros);

    for (size_t i = 0; i < nmacros; i++) {
        struct tokens text = {src, NULL, 0};
        text.token = lexer_all(in.c->arena, src, m[i].decl->value, &text.n);
        struct launch_text r = launch_text(in.c->arena, &text);
        struct launch_site site;
        in.r = &r;
        in.is_used = !m[i].is_nested;
        for (size_t t = 0; t + 1 < text.n; t++)
            if (read_at(in, t, m[i].at, m[i].n, &site))
                *arena_push(in.c->arena, *sites, *n) = site;
    }
}

/* is it the use of a macro in whose text a launch is listed? */
static bool is_listed(const struct launch_macros *macros, const struct launch_site *use,
                      const struct launch_site *sites, size_t n)
{
    for (size_t i = 0; i < macros->nall && use->macro; i++) {
        const struct decl *d = &macros->all[i];
        for (size_t k = 0; k < n && strcmp(d->name, use->macro->name) == 0; k++)
            if (d->value.at <= sites[k].name.at && sites[k].name.at < d->value.end)
                return true;
    }
    return false;
}

/* can the launcher be called there? */
static void check_places(const struct copy *c, size_t from, struct launch_site *site)
{
    for (size_t i = 0; i < site->nat && !site->why; i++) {
        if (site->at[i] < from)
            site->why = "it stands before the kernel's definition";
        else if (in_device_code(c->spec->file, site->at[i]))
            site->why = "it is launched from device code";
    }
}

/* is it the kernel that is put into a variable, whose launches are listed? */
static bool is_launched(const struct launch_site *value, const struct launch_site *sites, size_t n)
{
    for (size_t i = 0; i < n && value->is_value; i++)
        if (sites[i].held.at <= value->name.at && value->name.at < sites[i].held.end)
            return true;
    return false;
}

/* without those whose kernel is launched by a variable */
static size_t drop_launched(struct launch_site *sites, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!is_launched(&sites[i], sites, n))
            sites[kept++] = sites[i];
    return kept;
}

struct launch_site *launch_sites(const struct copy *c, size_t from, size_t *n)
{
    const struct file *f = c->spec->file;
    struct launch_text r = launch_text(c->arena, f->tokens);
    struct launch_macros macros = launch_macros(c);
    struct passage in = {c, &macros, &r, 0, false};
    struct launch_site *sites = NULL, site;
    size_t nmacros;

    *n = 0;
    in_macros(in, &sites, n);
    nmacros = *n;
    for (size_t t = 1; t + 1 < f->tokens->n; t++)
        if (read_at(in, t, &f->tokens->token[t].span.at, 1, &site) &&
            !is_listed(&macros, &site, sites, nmacros))
            *arena_push(c->arena, sites, *n) = site;
    *n = drop_launched(sites, *n);
    for (size_t i = 0; i < *n; i++)
        check_places(c, from, &sites[i]);
    return sites;
}
