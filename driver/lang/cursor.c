#include "driver/lang/cursor.h"

#include <stdarg.h>
#include <string.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

enum { NAME_LIMIT = 1000 };

/* Is it one word to the compiler, and two tokens here, as a backslash at the end of a line stands
 * inside? */
static bool is_split(const struct source *src, const struct token *first,
                     const struct token *second)
{
    const char *gap = src->text + first->span.end;
    size_t n = second->span.at - first->span.end;

    return n > 0 && *gap == '\\' && first->kind != TOKEN_PUNCT && first->kind != TOKEN_STRING &&
           (second->kind == TOKEN_NAME || second->kind == TOKEN_NUMBER) &&
           strspn(gap, "\\\r\n") >= n;
}

static void refuse_split(struct cursor *c)
{
    for (size_t i = 0; i + 1 < c->n; i++)
        if (is_split(c->src, &c->token[i], &c->token[i + 1]))
            cursor_error(c, c->token[i].span.at,
                         "a backslash at the end of a line stands inside of this word: end the "
                         "line between words");
}

void cursor_init(struct cursor *c, struct arena *a, struct diag *d, const struct source *src,
                 struct span range)
{
    memset(c, 0, sizeof *c);
    c->arena = a;
    c->diag = d;
    c->src = src;
    c->token = lexer_all(a, src, range, &c->n);
    c->end = "the end of the annotation";
    if (d)
        refuse_split(c);
}

const struct token *cursor_ahead(const struct cursor *c, size_t k)
{
    return k < c->n - c->i ? &c->token[c->i + k] : &c->token[c->n - 1];
}

const struct token *cursor_peek(const struct cursor *c)
{
    return &c->token[c->i];
}

bool cursor_at_end(const struct cursor *c)
{
    return cursor_peek(c)->kind == TOKEN_END;
}

bool cursor_is_ahead(const struct cursor *c, size_t k, const char *text)
{
    const struct token *t = cursor_ahead(c, k);

    return (t->kind == TOKEN_NAME || t->kind == TOKEN_PUNCT) && lex_is(c->src, t, text);
}

bool cursor_is(const struct cursor *c, const char *text)
{
    const struct token *t = cursor_peek(c), *second = cursor_ahead(c, 1);

    if (cursor_is_ahead(c, 0, text))
        return true;
    return strlen(text) == 2 && t->kind == TOKEN_PUNCT && second->kind == TOKEN_PUNCT &&
           second->span.at == t->span.end && c->src->text[t->span.at] == text[0] &&
           c->src->text[second->span.at] == text[1] && second->span.end == second->span.at + 1;
}

const struct token *cursor_next(struct cursor *c)
{
    const struct token *t = cursor_peek(c);

    if (t->kind != TOKEN_END)
        c->i++;
    return t;
}

bool cursor_is_tuple(const struct cursor *c)
{
    size_t k = 0, depth = 0;

    if (!cursor_is(c, "("))
        return false;
    do {
        if (cursor_ahead(c, k)->kind == TOKEN_END)
            return false;
        depth += cursor_is_ahead(c, k, "(");
        depth -= cursor_is_ahead(c, k, ")");
        k++;
    } while (depth > 0);
    return cursor_is_ahead(c, k, ",") || cursor_is_ahead(c, k, ")") ||
           cursor_ahead(c, k)->kind == TOKEN_END;
}

bool cursor_take(struct cursor *c, const char *text)
{
    bool is = cursor_is_ahead(c, 0, text);

    if (is)
        cursor_next(c);
    return is;
}

int cursor_error(struct cursor *c, size_t at, const char *format, ...)
{
    va_list args;

    c->failed = true;
    if (!c->diag)
        return -1;
    va_start(args, format);
    diag_errorv(c->diag, c->src, at, format, args);
    va_end(args);
    return -1;
}

/* how a message names the next token: in quotes, cut where it is long */
static const char *found(const struct cursor *c, const struct token *t)
{
    size_t n = t->span.end - t->span.at;

    if (t->kind == TOKEN_END)
        return c->end;
    return arena_printf(c->arena, n > 40 ? "'%.40s...'" : "'%s'",
                        cursor_text(c->arena, c->src, t->span));
}

int cursor_expected(struct cursor *c, const char *what)
{
    const struct token *t = cursor_peek(c);

    c->misread = true;
    return cursor_error(c, t->span.at, "expected %s, found %s", what, found(c, t));
}

bool cursor_expect(struct cursor *c, const char *text)
{
    if (cursor_take(c, text))
        return true;
    cursor_expected(c, arena_printf(c->arena, "'%s'", text));
    return false;
}

const char *cursor_name(struct cursor *c, const char *what, struct span *at)
{
    const struct token *t = cursor_peek(c);

    if (t->kind != TOKEN_NAME) {
        cursor_expected(c, what);
        return NULL;
    }
    if (t->span.end - t->span.at > NAME_LIMIT) {
        cursor_error(c, t->span.at, "this name has more than %d bytes", NAME_LIMIT);
        return NULL;
    }
    if (at)
        *at = t->span;
    cursor_next(c);
    return source_copy(c->arena, c->src, t->span);
}

const char *cursor_qname(struct cursor *c, const char *what, struct span *at)
{
    struct span span, part;
    struct buf text;
    const char *name;

    cursor_take(c, "::");
    name = cursor_name(c, what, &span);
    if (!name || !cursor_is(c, "::")) {
        if (name && at)
            *at = span;
        return name;
    }
    buf_init(&text, NAME_LIMIT);
    buf_adds(&text, name);
    while (name && cursor_take(c, "::")) {
        name = cursor_name(c, what, &part);
        buf_addf(&text, "::%s", name ? name : "");
        span.end = part.end;
    }
    if (name && text.full)
        cursor_error(c, span.at, "this name has more than %d bytes", NAME_LIMIT);
    name = name && !text.full ? arena_dup(c->arena, buf_text(&text)) : NULL;
    buf_release(&text);
    if (name && at)
        *at = span;
    return name;
}

/* --- strings --- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* appends what the escape behind the backslash means; returns the place behind it */
static const char *add_escape(struct buf *out, const char *p, const char *end)
{
    static const char FROM[] = "abfnrtv", TO[] = "\a\b\f\n\r\t\v";
    const char *known;
    int value = 0;

    if (*p == '\r' && p + 1 < end && p[1] == '\n') /* a line splice */
        return p + 2;
    if (*p == '\n')
        return p + 1;
    if (*p == 'x' && p + 1 < end && hex_digit(p[1]) >= 0) {
        for (p++; p < end && hex_digit(*p) >= 0; p++)
            value = (value * 16 + hex_digit(*p)) & 0xff;
        buf_addc(out, (char)value);
        return p;
    }
    if (*p >= '0' && *p <= '7') {
        for (int i = 0; i < 3 && p < end && *p >= '0' && *p <= '7'; i++)
            value = (value * 8 + *p++ - '0') & 0xff;
        buf_addc(out, (char)value);
        return p;
    }
    known = *p ? strchr(FROM, *p) : NULL;
    buf_addc(out, known ? TO[known - FROM] : *p);
    return p + 1;
}

/* the same of a raw one, from its opening quote on */
static bool add_raw(struct buf *out, const char *quote, const char *end)
{
    const char *open = memchr(quote, '(', (size_t)(end - quote)), *close;
    size_t delimiter = open ? (size_t)(open - quote - 1) : 0;

    for (close = open; close; close++) {
        close = memchr(close, ')', (size_t)(end - close));
        if (!close || (size_t)(end - close) < delimiter + 2)
            return false;
        if (memcmp(close + 1, quote + 1, delimiter) == 0 && close[delimiter + 1] == '"')
            break;
    }
    if (!open)
        return false;
    buf_add(out, open + 1, (size_t)(close - open - 1));
    return true;
}

/* appends the contents of one literal; false when it is never closed */
static bool add_literal(struct buf *out, const char *p, const char *end)
{
    const char *quote = memchr(p, '"', (size_t)(end - p));

    if (!quote)
        return false;
    if (quote > p && quote[-1] == 'R')
        return add_raw(out, quote, end);
    for (p = quote + 1; p < end && *p != '"';) {
        if (*p == '\\' && p + 1 < end)
            p = add_escape(out, p + 1, end);
        else
            buf_addc(out, *p++);
    }
    return p < end;
}

const char *cursor_string(struct cursor *c, const char *what)
{
    const char *text = NULL;
    struct buf out;

    if (cursor_peek(c)->kind != TOKEN_STRING) {
        cursor_expected(c, what);
        return NULL;
    }
    buf_init(&out, BUF_LIMIT);
    while (cursor_peek(c)->kind == TOKEN_STRING) {
        const struct token *t = cursor_next(c);
        if (!add_literal(&out, c->src->text + t->span.at, c->src->text + t->span.end)) {
            cursor_error(c, t->span.at, "this string is never closed");
            goto done;
        }
    }
    if (strlen(buf_text(&out)) != out.len)
        cursor_error(c, cursor_peek(c)->span.at, "a zero byte in a string");
    else
        text = arena_dup(c->arena, buf_text(&out));
done:
    buf_release(&out);
    return text;
}

/* --- C++ --- */

const char *cursor_text(struct arena *a, const struct source *src, struct span span)
{
    char *text = arena_alloc(a, span.end - span.at + 1), *p = text;
    size_t last = span.at;
    struct lexer l;

    lexer_init(&l, src, span, true);
    for (struct token t = lexer_next(&l); t.kind != TOKEN_END; t = lexer_next(&l)) {
        if (t.span.at > last && p > text)
            *p++ = ' ';
        memcpy(p, src->text + t.span.at, t.span.end - t.span.at);
        p += t.span.end - t.span.at;
        last = t.span.end;
    }
    *p = '\0';
    return text;
}

static bool is_one_of(const struct cursor *c, const char *bytes)
{
    const struct token *t = cursor_peek(c);

    return t->kind == TOKEN_PUNCT && t->span.end == t->span.at + 1 &&
           strchr(bytes, c->src->text[t->span.at]) != NULL;
}

/* over one token, or over a bracket and all to its closing one */
static void skip_balanced(struct cursor *c)
{
    size_t depth = 0;

    do {
        if (is_one_of(c, "([{"))
            depth++;
        else if (is_one_of(c, ")]}"))
            depth -= depth > 0;
        cursor_next(c);
    } while (depth > 0 && !cursor_at_end(c));
}

/* does `, name =` follow, which ends the C++ before it? */
static bool ends_list(const struct cursor *c)
{
    return cursor_is_ahead(c, 0, ",") && cursor_ahead(c, 1)->kind == TOKEN_NAME &&
           cursor_is_ahead(c, 2, "=") &&
           !(cursor_is_ahead(c, 3, "=") &&
             cursor_ahead(c, 3)->span.at == cursor_ahead(c, 2)->span.end);
}

static bool take_cxx(struct cursor *c, const char *what, char stop, bool list, struct cxx *cxx)
{
    size_t first = c->i;

    while (!cursor_at_end(c) && !is_one_of(c, ")]}")) {
        if (list ? ends_list(c) : is_one_of(c, ","))
            break;
        if (stop && is_one_of(c, (char[]){stop, '\0'}))
            break;
        skip_balanced(c);
    }
    if (c->i == first) {
        cursor_expected(c, what);
        return false;
    }
    cxx->at = (struct span){c->token[first].span.at, c->token[c->i - 1].span.end};
    cxx->text = cursor_text(c->arena, c->src, cxx->at);
    return true;
}

bool cursor_cxx(struct cursor *c, const char *what, char stop, struct cxx *cxx)
{
    return take_cxx(c, what, stop, false, cxx);
}

bool cursor_cxx_list(struct cursor *c, const char *what, struct cxx *cxx)
{
    return take_cxx(c, what, 0, true, cxx);
}

void cursor_skip_group(struct cursor *c)
{
    while (!cursor_at_end(c) && !is_one_of(c, ")"))
        skip_balanced(c);
    cursor_take(c, ")");
}
