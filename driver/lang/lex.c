/* lex.c - C++ tokens, as far as the surface of a file needs them.
 *
 * Comments and white space separate tokens; a backslash before a newline is white space too (a name
 * split by one becomes two names, which nobody writes). Literals never leave their line unless they
 * are raw strings or continue with a backslash, so that an apostrophe in a disabled part of the
 * file costs one line and not the rest of it. */
#include "driver/lang/lex.h"

#include <string.h>
#include "runtime/base/arena.h"

static bool is_name_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_part(unsigned char c)
{
    return is_name_start(c) || is_digit(c);
}

/* the bytes of a line splice at `at`, 0 when there is none */
static size_t splice(const struct lexer *l, size_t at)
{
    const char *p = l->src->text + at;

    if (at + 1 < l->end && p[0] == '\\' && p[1] == '\n')
        return 2;
    if (at + 2 < l->end && p[0] == '\\' && p[1] == '\r' && p[2] == '\n')
        return 3;
    return 0;
}

static unsigned char byte_at(const struct lexer *l, size_t at)
{
    return at < l->end ? (unsigned char)l->src->text[at] : 0;
}

static bool starts(const struct lexer *l, size_t at, const char *text)
{
    size_t n = strlen(text);

    return at + n <= l->end && memcmp(l->src->text + at, text, n) == 0;
}

/* the newline that ends the line at `at`, splices taken as part of the line; or the range's end */
static size_t line_end(const struct lexer *l, size_t at)
{
    while (at < l->end && l->src->text[at] != '\n') {
        size_t n = splice(l, at);
        at += n ? n : 1;
    }
    return at;
}

/* behind the comment that opens at `at` */
static size_t comment_end(const struct lexer *l, size_t at)
{
    const char *p;

    if (l->src->text[at + 1] == '/')
        return line_end(l, at);
    if (at + 2 >= l->end)
        return l->end;
    p = memmem(l->src->text + at + 2, l->end - at - 2, "*/", 2);
    return p ? (size_t)(p + 2 - l->src->text) : l->end;
}

static void skip_space(struct lexer *l)
{
    const char *text = l->src->text;

    while (l->at < l->end) {
        char c = text[l->at];
        size_t n;
        if (c == '\n') {
            l->line_start = true;
            l->at++;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
            l->at++;
        } else if (c == '/' && (byte_at(l, l->at + 1) == '/' || byte_at(l, l->at + 1) == '*')) {
            l->at = comment_end(l, l->at);
        } else if (c == '\\' && (n = splice(l, l->at)) > 0) {
            l->at += n;
        } else {
            return;
        }
    }
}

/* behind the literal whose opening quote is at `at`; at the newline when it is never closed */
static size_t literal_end(const struct lexer *l, size_t at)
{
    char quote = l->src->text[at++];

    while (at < l->end && l->src->text[at] != '\n') {
        size_t n = splice(l, at);
        if (l->src->text[at] == quote)
            return at + 1;
        if (n == 0 && l->src->text[at] == '\\' && byte_at(l, at + 1) != '\n')
            n = 2;
        at += n ? n : 1;
    }
    return at < l->end ? at : l->end;
}

/* behind the raw string whose opening quote is at `at` */
static size_t raw_end(const struct lexer *l, size_t at)
{
    const char *text = l->src->text;
    size_t open = at + 1;
    char close[19];
    const char *p;

    while (open < l->end && open - at <= 16 && !strchr("() \\\t\n\v\f", text[open]))
        open++;
    if (byte_at(l, open) != '(') /* no raw string after all */
        return literal_end(l, at);
    close[0] = ')';
    memcpy(close + 1, text + at + 1, open - at - 1);
    close[open - at] = '"';
    p = memmem(text + open, l->end - open, close, open - at + 1);
    return p ? (size_t)(p - text) + (open - at + 1) : l->end;
}

static size_t name_end(const struct lexer *l, size_t at)
{
    while (at < l->end && is_name_part((unsigned char)l->src->text[at]))
        at++;
    return at;
}

/* Only a decimal number has an e for its exponent: `0x1e-3`, which C's grammar takes for one
 * (broken) number, is what its author means. */
static size_t number_end(const struct lexer *l, size_t at)
{
    bool hex = at + 1 < l->end && (byte_at(l, at) == 'x' || byte_at(l, at) == 'X') &&
               l->src->text[at - 1] == '0';

    for (;;) {
        unsigned char c = byte_at(l, at), next = byte_at(l, at + 1);
        bool exponent = hex ? c == 'p' || c == 'P' : c == 'e' || c == 'E';
        if (exponent && (next == '+' || next == '-'))
            at += 2;
        else if (c == '\'' && is_name_part(next))
            at += 2;
        else if (is_name_part(c) || c == '.')
            at++;
        else
            return at < l->end ? at : l->end;
    }
}

/* a name that is the prefix of a literal: 0, or the quote that follows */
static char literal_quote(const struct lexer *l, size_t at, size_t end, bool *raw)
{
    static const char *const PREFIX[] = {"R", "L", "u", "U", "u8", "LR", "uR", "UR", "u8R"};
    char quote = (char)byte_at(l, end);

    if ((quote != '"' && quote != '\'') || end - at > 3)
        return 0;
    for (size_t i = 0; i < sizeof PREFIX / sizeof *PREFIX; i++) {
        if (strlen(PREFIX[i]) != end - at || memcmp(PREFIX[i], l->src->text + at, end - at) != 0)
            continue;
        *raw = quote == '"' && l->src->text[end - 1] == 'R';
        return quote;
    }
    return 0;
}

/* a literal with its user-defined suffix */
static struct token take_literal(struct lexer *l, size_t begin, size_t quote, bool raw)
{
    struct token t = {TOKEN_STRING, {begin, 0}, 0};

    if (l->src->text[quote] == '\'')
        t.kind = TOKEN_CHAR;
    l->at = raw ? raw_end(l, quote) : literal_end(l, quote);
    if (is_name_start(byte_at(l, l->at)))
        l->at = name_end(l, l->at);
    t.span.end = l->at;
    return t;
}

/* A preprocessor line runs to its newline, but a block comment in it may carry it further, and
 * quotes in it hide comment marks. */
static size_t directive_end(const struct lexer *l, size_t at)
{
    while (at < l->end && l->src->text[at] != '\n') {
        char c = l->src->text[at];
        size_t n = splice(l, at);
        if (n)
            at += n;
        else if (c == '"' || c == '\'')
            at = literal_end(l, at);
        else if (c == '/' && (byte_at(l, at + 1) == '/' || byte_at(l, at + 1) == '*'))
            at = comment_end(l, at);
        else
            at++;
    }
    return at;
}

static bool is_pragma(const struct source *src, struct span directive)
{
    struct lexer in;
    struct token t;

    if (!memmem(src->text + directive.at, directive.end - directive.at, "ksearch", 7))
        return false;
    lexer_init(&in, src, directive, true);
    lexer_next(&in); /* # */
    t = lexer_next(&in);
    if (!lex_is(src, &t, "pragma"))
        return false;
    t = lexer_next(&in);
    return lex_is(src, &t, "ksearch");
}

/* behind the parenthesis that closes the one at `at`; the range's end when none does */
static size_t paren_end(const struct lexer *l, size_t at)
{
    struct lexer in = *l;
    size_t depth = 0;

    in.inside = true;
    in.at = at;
    for (;;) {
        struct token t = lexer_next(&in);
        if (t.kind == TOKEN_END)
            return l->end;
        if (lex_punct(l->src, &t, '('))
            depth++;
        else if (lex_punct(l->src, &t, ')') && --depth == 0)
            return t.span.end;
    }
}

static struct token take_name(struct lexer *l)
{
    struct token t = {TOKEN_NAME, {l->at, name_end(l, l->at)}, 0};
    bool raw = false;

    if (literal_quote(l, t.span.at, t.span.end, &raw))
        return take_literal(l, t.span.at, t.span.end, raw);
    l->at = t.span.end;
    if (!l->inside && lex_is(l->src, &t, "KSEARCH")) {
        struct lexer ahead = *l;
        skip_space(&ahead);
        if (byte_at(l, ahead.at) == '(') {
            t.kind = TOKEN_ANNOTATION;
            l->at = t.span.end = paren_end(l, ahead.at);
        }
    }
    return t;
}

static struct token take_directive(struct lexer *l)
{
    struct token t = {TOKEN_DIRECTIVE, {l->at, directive_end(l, l->at)}, 0};

    if (t.span.end < l->end && l->src->text[t.span.end - 1] == '\r')
        t.span.end--; /* the other half of the newline */

    if (is_pragma(l->src, t.span))
        t.kind = TOKEN_ANNOTATION;
    l->at = t.span.end;
    return t;
}

void lexer_init(struct lexer *l, const struct source *src, struct span range, bool inside)
{
    *l = (struct lexer){src, range.at, range.end, inside, true};
}

struct token lexer_next(struct lexer *l)
{
    struct token t = {TOKEN_PUNCT, {0, 0}, 0};
    unsigned char c;
    bool line_start;

    skip_space(l);
    t.span = (struct span){l->at, l->end};
    if (l->at >= l->end) {
        t.kind = TOKEN_END;
        return t;
    }
    c = (unsigned char)l->src->text[l->at];
    line_start = l->line_start;
    l->line_start = false;
    if (is_name_start(c))
        return take_name(l);
    if (c == '"' || c == '\'')
        return take_literal(l, l->at, l->at, false);
    if (c == '#' && line_start && !l->inside)
        return take_directive(l);
    if (is_digit(c) || (c == '.' && is_digit(byte_at(l, l->at + 1)))) {
        t.kind = TOKEN_NUMBER;
        l->at = t.span.end = number_end(l, l->at + 1);
        return t;
    }
    l->at += starts(l, l->at, "::") || starts(l, l->at, "->") ? 2 : 1;
    t.span.end = l->at;
    return t;
}

struct token *lexer_all(struct arena *a, const struct source *src, struct span range, size_t *n)
{
    struct token *tokens = NULL;
    struct lexer l;

    *n = 0;
    lexer_init(&l, src, range, true);
    do
        *arena_push(a, tokens, *n) = lexer_next(&l);
    while (tokens[*n - 1].kind != TOKEN_END);
    return tokens;
}

bool lex_is(const struct source *src, const struct token *t, const char *text)
{
    size_t n = strlen(text);

    return t->span.end - t->span.at == n && memcmp(src->text + t->span.at, text, n) == 0;
}

bool lex_punct(const struct source *src, const struct token *t, char c)
{
    return t->kind == TOKEN_PUNCT && src->text[t->span.at] == c && t->span.end - t->span.at == 1;
}

struct span lex_annotation_body(const struct source *src, const struct token *t)
{
    struct span body = t->span;
    struct lexer l;
    struct token first;

    lexer_init(&l, src, t->span, true);
    first = lexer_next(&l);
    lexer_next(&l); /* pragma, or ( */
    if (first.kind == TOKEN_PUNCT)
        lexer_next(&l); /* ksearch */
    else if (src->text[body.end - 1] == ')')
        body.end--;
    body.at = l.at;
    return body;
}
