/* decls.c - the declarations at namespace scope, one after another.
 *
 * The walk follows namespaces and extern "C" blocks into their braces and steps over everything
 * else: declarations that a keyword gives away (using, typedef, static_assert, ...) are done here,
 * the rest in declare.c. Nothing is an error: what makes no sense becomes a DECL_OTHER that ends at
 * the next `;` or brace, and the walk always moves on. */
#include "driver/lang/brackets.h"
#include "driver/lang/declare.h"
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

struct level {     /* a brace that was entered */
    size_t closer; /* token index */
    size_t outer;  /* the scope to return to */
};

bool scanner_punct(const struct scanner *s, size_t t, char c)
{
    return lex_punct(s->ts->src, &s->ts->token[t], c);
}

bool scanner_is_any(const struct scanner *s, size_t t, const char *const *words)
{
    if (s->ts->token[t].kind != TOKEN_NAME)
        return false;
    for (; *words; words++)
        if (lex_is(s->ts->src, &s->ts->token[t], *words))
            return true;
    return false;
}

static bool is_line(const struct scanner *s, size_t t)
{
    enum token_kind kind = s->ts->token[t].kind;

    return kind == TOKEN_DIRECTIVE || kind == TOKEN_ANNOTATION;
}

size_t scanner_skip_lines(const struct scanner *s, size_t t)
{
    while (is_line(s, t))
        t++;
    return t;
}

size_t scanner_statement_end(const struct scanner *s, size_t t)
{
    for (; s->ts->token[t].kind != TOKEN_END; t++) {
        if (scanner_punct(s, t, ';'))
            return t + 1;
        if (scanner_punct(s, t, '}'))
            return t;
        if (scanner_punct(s, t, '(') || scanner_punct(s, t, '[') || scanner_punct(s, t, '{')) {
            t = s->match[t];
            if (s->ts->token[t].kind != TOKEN_PUNCT) /* it is never closed */
                return t;
        }
    }
    return t;
}

struct span scanner_span(const struct scanner *s, size_t first, size_t last)
{
    struct span span = {s->ts->token[first].span.at, s->ts->token[first].span.at};

    if (last > first)
        span.end = s->ts->token[last - 1].span.end;
    return span;
}

struct decl *scanner_add(struct scanner *s, enum decl_kind kind, size_t first, size_t last)
{
    struct decl *d = arena_push(s->arena, s->out->decl, s->out->n);

    d->kind = kind;
    d->name = "";
    d->span = scanner_span(s, first, last);
    d->name_at = d->value = d->params = d->tparams = d->body =
        (struct span){d->span.at, d->span.at};
    d->scope = s->scope;
    d->first = first;
    d->last = last;
    return d;
}

void scanner_name(struct scanner *s, struct decl *d, size_t t)
{
    d->name_at = s->ts->token[t].span;
    d->name = source_copy(s->arena, s->ts->src, d->name_at);
}

static void add_directive(struct scanner *s, size_t t)
{
    struct span name, params, value;
    struct decl *d;

    if (directive_define(s->ts->src, &s->ts->token[t], &name, &params, &value)) {
        d = scanner_add(s, DECL_MACRO, t, t + 1);
        d->name = source_copy(s->arena, s->ts->src, name);
        d->name_at = name;
        d->params = params;
        d->value = value;
    } else if (directive_kind(s->ts->src, &s->ts->token[t]) == DIRECTIVE_PRAGMA) {
        scanner_add(s, DECL_OTHER, t, t + 1);
    }
}

/* a namespace as opened at the brace `open`; name is a token or 0 for an anonymous one */
static void open_scope(struct scanner *s, size_t name, bool is_inline, size_t open)
{
    size_t parent = s->scope, index = s->out->nscopes, close = s->match[open];
    struct scope *scope = arena_push(s->arena, s->out->scope, s->out->nscopes);

    if (name)
        scope->name = source_copy(s->arena, s->ts->src, s->ts->token[name].span);
    scope->is_inline = is_inline;
    scope->parent = parent;
    scope->body.at = s->ts->token[open].span.at;
    scope->body.end = s->ts->token[close].kind == TOKEN_PUNCT ? s->ts->token[close].span.end
                                                              : s->ts->token[close].span.at;
    s->scope = index;
}

/* behind attributes: [[...]] and __attribute__((...)) */
static size_t skip_attributes(const struct scanner *s, size_t t)
{
    for (;;) {
        t = scanner_skip_lines(s, t);
        if (scanner_punct(s, t, '[')) {
            t = s->match[t];
            t += s->ts->token[t].kind == TOKEN_PUNCT;
        } else if (token_is(s->ts, t, "__attribute__") && scanner_punct(s, t + 1, '(')) {
            t = s->match[t + 1];
            t += s->ts->token[t].kind == TOKEN_PUNCT;
        } else {
            return t;
        }
    }
}

/* `namespace A::B {`, from the word on: enters it and returns what is behind the brace; for an
 * alias or anything else, what is behind that */
static size_t read_namespace(struct scanner *s, size_t first, size_t t, bool is_inline)
{
    size_t names[64], n = 0, end, outer = s->scope;
    struct decl *d;

    t = skip_attributes(s, t + 1);
    while (s->ts->token[t].kind == TOKEN_NAME || lex_is(s->ts->src, &s->ts->token[t], "::")) {
        if (token_is(s->ts, t, "inline"))
            is_inline = true;
        else if (s->ts->token[t].kind == TOKEN_NAME && n < sizeof names / sizeof *names)
            names[n++] = t;
        t = skip_attributes(s, t + 1);
    }
    if (scanner_punct(s, t, '{')) {
        for (size_t i = 0; i < n; i++)
            open_scope(s, names[i], is_inline && i + 1 == n, t);
        if (n == 0)
            open_scope(s, 0, is_inline, t);
        return t + 1;
    }
    end = scanner_statement_end(s, t);
    s->scope = outer;
    d = scanner_add(s, n && scanner_punct(s, t, '=') ? DECL_ALIAS : DECL_OTHER, first, end);
    if (d->kind == DECL_ALIAS)
        scanner_name(s, d, names[0]);
    return end;
}

/* the name that a typedef of tokens [t, end) declares: the last one outside of parentheses, or the
 * one behind `(*` */
static size_t typedef_name(const struct scanner *s, size_t t, size_t end)
{
    size_t name = 0;

    for (; t < end; t++) {
        if (s->ts->token[t].kind == TOKEN_NAME)
            name = t;
        else if (scanner_punct(s, t, ',') && name)
            return name;
        else if (scanner_punct(s, t, '(') && scanner_punct(s, t + 1, '*') &&
                 s->ts->token[t + 2].kind == TOKEN_NAME)
            return t + 2;
        else if (scanner_punct(s, t, '<') && brackets_angle(s->ts, s->match, t))
            t = brackets_angle(s->ts, s->match, t) - 1;
        else if (scanner_punct(s, t, '(') || scanner_punct(s, t, '[') || scanner_punct(s, t, '{'))
            t = s->match[t];
    }
    return name;
}

static size_t read_using(struct scanner *s, size_t first, size_t t)
{
    size_t end = scanner_statement_end(s, t), name = t + 1, at = end;
    struct decl *d;

    if (s->ts->token[name].kind == TOKEN_NAME)
        at = skip_attributes(s, name + 1);
    if (at < end && scanner_punct(s, at, '=')) {
        d = scanner_add(s, DECL_ALIAS, first, end);
        scanner_name(s, d, name);
        d->value = scanner_span(s, at + 1, scanner_punct(s, end - 1, ';') ? end - 1 : end);
    } else {
        scanner_add(s, DECL_OTHER, first, end);
    }
    return end;
}

static size_t read_typedef(struct scanner *s, size_t t)
{
    size_t end = scanner_statement_end(s, t), name = typedef_name(s, t + 1, end);
    struct decl *d = scanner_add(s, name ? DECL_ALIAS : DECL_OTHER, t, end);

    if (name) {
        scanner_name(s, d, name);
        d->value = scanner_span(s, t + 1, name);
    }
    return end;
}

/* `template <...> using X = ...;`: the declaration's first token is `template` */
static size_t read_template(struct scanner *s, size_t first)
{
    size_t t = first + 1, end;
    struct decl *d;

    if (!scanner_punct(s, t, '<')) { /* an explicit instantiation */
        end = scanner_statement_end(s, t);
        scanner_add(s, DECL_OTHER, first, end);
        return end;
    }
    end = brackets_angle(s->ts, s->match, t);
    if (!end || !token_is(s->ts, end, "using"))
        return scanner_declaration(s, first);
    t = read_using(s, first, end);
    d = &s->out->decl[s->out->n - 1];
    d->is_template = true;
    return t;
}

/* one declaration, or the opening of a block, at token t; returns what is behind it */
static size_t read_one(struct scanner *s, size_t t)
{
    static const char *const STATEMENTS[] = {"static_assert", "_Static_assert", "asm", "__asm__",
                                             NULL};
    size_t end;

    if (token_is(s->ts, t, "namespace"))
        return read_namespace(s, t, t, false);
    if (token_is(s->ts, t, "inline") && token_is(s->ts, t + 1, "namespace"))
        return read_namespace(s, t, t + 1, true);
    if (token_is(s->ts, t, "extern") && s->ts->token[t + 1].kind == TOKEN_STRING &&
        scanner_punct(s, t + 2, '{'))
        return t + 3;
    if (token_is(s->ts, t, "using"))
        return read_using(s, t, t);
    if (token_is(s->ts, t, "typedef"))
        return read_typedef(s, t);
    if (token_is(s->ts, t, "template"))
        return read_template(s, t);
    if (scanner_is_any(s, t, STATEMENTS)) {
        end = scanner_statement_end(s, t);
        scanner_add(s, DECL_OTHER, t, end);
        return end;
    }
    return scanner_declaration(s, t);
}

struct decls *scan_decls(struct arena *a, const struct tokens *ts)
{
    struct decls *out = arena_alloc(a, sizeof *out);
    struct scanner s = {a, ts, brackets_match(a, ts), out, 0, 0};
    struct level *levels = NULL;
    size_t nlevels = 0, depth = 0; /* levels[0 .. depth) are open */

    arena_push(a, out->scope, out->nscopes)->body = (struct span){0, ts->src->len};
    for (size_t t = 0; ts->token[t].kind != TOKEN_END;) {
        size_t outer = s.scope, next;
        if (depth > 0 && t >= levels[depth - 1].closer) {
            s.scope = levels[--depth].outer;
            t += t == levels[depth].closer && scanner_punct(&s, t, '}');
            continue;
        }
        if (is_line(&s, t)) {
            add_directive(&s, t++);
            continue;
        }
        if (scanner_punct(&s, t, ';') || scanner_punct(&s, t, '}')) {
            t++;
            continue;
        }
        next = read_one(&s, t);
        if (scanner_punct(&s, next - 1, '{') &&
            s.match[next - 1] >= next) { /* a block was entered */
            if (depth == nlevels)
                arena_push(a, levels, nlevels);
            levels[depth++] = (struct level){s.match[next - 1], outer};
        }
        t = next > t ? next : t + 1;
    }
    return out;
}
