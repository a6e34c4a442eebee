#include "driver/build/launch_site.h"

#include "driver/lang/brackets.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

struct reader {
    const struct file *file;
    const struct token *token;
    size_t n;
    const size_t *match;
};

static bool is(const struct reader *r, size_t t, char c)
{
    return t < r->n && lex_punct(r->file->src, &r->token[t], c);
}

/* three of a kind without space between them */
static bool is_triple(const struct reader *r, size_t t, char c)
{
    return is(r, t, c) && is(r, t + 1, c) && is(r, t + 2, c) &&
           r->token[t].span.end == r->token[t + 1].span.at &&
           r->token[t + 1].span.end == r->token[t + 2].span.at;
}

/* the name before the `<<<` at t, behind which template arguments may stand; n when there is none
 */
static size_t kernel_name(const struct reader *r, size_t t)
{
    int angle = 0, paren = 0;

    if (t == 0)
        return r->n;
    if (!is(r, --t, '>'))
        return r->token[t].kind == TOKEN_NAME ? t : r->n;
    for (;; t--) {
        paren += (is(r, t, ')') || is(r, t, ']')) - (is(r, t, '(') || is(r, t, '['));
        if (paren == 0)
            angle += is(r, t, '>') - is(r, t, '<');
        if (angle == 0 && paren == 0)
            break;
        if (t == 0 || paren < 0 || is(r, t, ';') || is(r, t, '{') || is(r, t, '}'))
            return r->n;
    }
    return t > 0 && r->token[t - 1].kind == TOKEN_NAME ? t - 1 : r->n;
}

/* the `>>>` that ends the configuration that begins at t; n when none does */
static size_t config_end(const struct reader *r, size_t t)
{
    for (; t < r->n && r->token[t].kind != TOKEN_END; t++) {
        if (is_triple(r, t, '>'))
            return t;
        if (is(r, t, ';') || is(r, t, '}') || is(r, t, ')'))
            return r->n;
        if (is(r, t, '(') || is(r, t, '[') || is(r, t, '{')) {
            t = r->match[t];
        } else if (is(r, t, '<') && r->token[t - 1].kind == TOKEN_NAME) {
            size_t close = brackets_angle(r->file->tokens, r->match, t);
            if (close && (is(r, close, '(') || is(r, close, '{') ||
                          lex_is(r->file->src, &r->token[close], "::")))
                t = close - 1;
        }
    }
    return r->n;
}

static bool in_device_code(const struct file *f, size_t at)
{
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (d->kind == DECL_FUNCTION && d->body.at <= at && at < d->body.end)
            return d->is_global || d->is_device;
    }
    return false;
}

/* the site whose `<<<` is at token t */
static bool read_site(const struct reader *r, size_t t, const struct rename *kernel,
                      struct launch_site *site)
{
    size_t name = kernel_name(r, t), end;
    bool ours;

    if (name == r->n || !lex_is(r->file->src, &r->token[name], kernel->name))
        return false;
    size_t first = name_chain(r->file->src, r->token, name, kernel, &ours);
    end = config_end(r, t + 3);
    if (!ours || end == r->n || !is(r, end + 3, '('))
        return false;
    site->name = (struct span){r->token[first].span.at, r->token[name].span.end};
    site->open = (struct span){r->token[t].span.at, r->token[t + 2].span.end};
    site->close = (struct span){r->token[end].span.at, r->token[end + 3].span.end};
    site->empty = is(r, end + 4, ')');
    return true;
}

struct launch_site *launch_sites(struct arena *a, const struct file *f, const struct rename *kernel,
                                 size_t from, size_t *n)
{
    struct reader r = {f, f->tokens->token, f->tokens->n, brackets_match(a, f->tokens)};
    struct launch_site *sites = NULL, site;

    *n = 0;
    for (size_t t = 1; t < r.n; t++)
        if (r.token[t].span.at >= from && is_triple(&r, t, '<') &&
            read_site(&r, t, kernel, &site) && !in_device_code(f, site.open.at))
            *arena_push(a, sites, *n) = site;
    return sites;
}
