/* declare.c - functions, variables and types, told apart without knowing a single type.
 *
 * A declaration is read from its first token: specifiers and types go by, each name is remembered
 * as perhaps the declared one, and the first token that decides is waited for:
 *
 *   (  behind a name: parameters if what follows the closing one is what can follow parameters
 *      (`{` `;` `->` const noexcept ...); otherwise it was an attribute such as
 *      __launch_bounds__(256), or a macro, and the reading goes on;
 *   =  { ; ,  a variable;
 *   class struct union enum  with `{` or `;` behind its name: a type.
 *
 * Template arguments are skipped as one. A name that stands alone (`FOO(x);`, `FOO { }`) is a macro
 * or worse, and becomes a DECL_OTHER. */
#include "driver/lang/declare.h"

#include <string.h>
#include "driver/lang/brackets.h"
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"

enum { NONE = 0 }; /* no token: a declared name is never the first token that matters */

struct draft {    /* a declaration being read */
    size_t first; /* its first token */
    size_t at;    /* the next token to look at */
    size_t name;  /* candidate for what it declares; NONE */
    size_t names; /* how many names were passed */
    bool is_operator;
    bool is_template, is_global, is_device, is_host, is_constant, is_static, is_constexpr;
    struct span tparams;
};

static const char *const CLASS_KEYS[] = {"class", "struct", "union", "enum", NULL};

static void fill(struct scanner *s, const struct draft *r, struct decl *d)
{
    if (r->is_operator)
        d->name = "operator";
    else if (r->name != NONE)
        scanner_name(s, d, r->name);
    if (r->is_operator)
        d->name_at = s->ts->token[r->name].span;
    if (r->is_template)
        d->tparams = r->tparams;
    d->is_template = r->is_template;
    d->is_global = r->is_global;
    d->is_device = r->is_device;
    d->is_host = r->is_host;
    d->is_constant = r->is_constant;
    d->is_static = r->is_static;
    d->is_constexpr = r->is_constexpr;
}

static size_t other(struct scanner *s, const struct draft *r, size_t end)
{
    scanner_add(s, DECL_OTHER, r->first, end);
    return end;
}

/* notes a specifier; false when the name is none */
static bool specifier(const struct scanner *s, struct draft *r, size_t t)
{
    static const char *const PLAIN[] = {
        "extern",       "inline",    "const",         "volatile",   "typename",
        "thread_local", "register",  "mutable",       "__inline__", "__forceinline__",
        "__noinline__", "constinit", "consteval",     "virtual",    "explicit",
        "friend",       "__inline",  "__extension__", "export",     NULL};
    const struct {
        const char *word;
        bool *flag;
    } flags[] = {
        {"__global__", &r->is_global},     {"__device__", &r->is_device},
        {"__host__", &r->is_host},         {"static", &r->is_static},
        {"__constant__", &r->is_constant}, {"constexpr", &r->is_constexpr},
    };

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (token_is(s->ts, t, flags[i].word)) {
            *flags[i].flag = true;
            return true;
        }
    }
    return scanner_is_any(s, t, PLAIN);
}

/* behind a bracket that opens at t, where nothing is to be seen inside */
static size_t over(const struct scanner *s, size_t t)
{
    size_t close = s->match[t];

    return s->ts->token[close].kind == TOKEN_PUNCT ? close + 1 : close;
}

/* --- functions --- */

/* behind the function-try-block's handlers */
static size_t skip_handlers(const struct scanner *s, size_t t)
{
    while (token_is(s->ts, t, "catch") && scanner_punct(s, t + 1, '(')) {
        size_t open = scanner_skip_lines(s, over(s, t + 1));
        if (!scanner_punct(s, open, '{'))
            return open;
        t = over(s, open);
    }
    return t;
}

/* is the brace at t the body, given that constructor initialisers may stand before it? */
static bool is_body(const struct scanner *s, size_t t, bool in_initialisers)
{
    return !in_initialisers ||
           !(s->ts->token[t - 1].kind == TOKEN_NAME || scanner_punct(s, t - 1, '>'));
}

/* the function whose parameters stand between the tokens open and close */
static size_t function(struct scanner *s, const struct draft *r, size_t open, size_t close)
{
    size_t t = close + 1, body = NONE, end;
    bool in_initialisers = false;
    struct decl *d;

    for (; s->ts->token[t].kind != TOKEN_END; t++) {
        if (scanner_punct(s, t, ';') || scanner_punct(s, t, '}'))
            break;
        if (scanner_punct(s, t, '=') || (scanner_punct(s, t, ',') && !in_initialisers)) {
            t = scanner_statement_end(s, t) - 1;
            break;
        }
        if (scanner_punct(s, t, '{') && is_body(s, t, in_initialisers)) {
            body = t;
            break;
        }
        if (scanner_punct(s, t, ':'))
            in_initialisers = true;
        else if (scanner_punct(s, t, '(') || scanner_punct(s, t, '[') || scanner_punct(s, t, '{'))
            t = over(s, t) - 1;
        else if (scanner_punct(s, t, '<') && brackets_angle(s->ts, s->match, t))
            t = brackets_angle(s->ts, s->match, t) - 1;
    }
    if (body != NONE)
        end = skip_handlers(s, over(s, body));
    else
        end = scanner_punct(s, t, ';') ? t + 1 : t;
    if (end <= close)
        end = close + 1;
    d = scanner_add(s, DECL_FUNCTION, r->first, end);
    fill(s, r, d);
    d->params = (struct span){s->ts->token[open].span.end, s->ts->token[close].span.at};
    if (body != NONE)
        d->body = scanner_span(s, body, over(s, body));
    return end;
}

/* can token t stand behind a function's parameters? */
static bool is_trailer(const struct scanner *s, size_t t)
{
    static const char *const WORDS[] = {"const",         "noexcept", "override", "final",
                                        "volatile",      "throw",    "requires", "try",
                                        "__attribute__", "asm",      "__asm__",  NULL};
    const struct token *k = &s->ts->token[t];

    if (k->kind == TOKEN_NAME)
        return scanner_is_any(s, t, WORDS);
    if (k->kind != TOKEN_PUNCT)
        return false;
    return strchr(";{:=,&[", s->ts->src->text[k->span.at]) != NULL ? !lex_is(s->ts->src, k, "::")
                                                                   : lex_is(s->ts->src, k, "->");
}

/* do the parentheses hold values, as in `dim3 block(16, 16);`, rather than parameters? */
static bool holds_values(const struct scanner *s, size_t open)
{
    enum token_kind kind = s->ts->token[open + 1].kind;

    return kind == TOKEN_NUMBER || kind == TOKEN_STRING || kind == TOKEN_CHAR ||
           scanner_punct(s, open + 1, '-') || scanner_punct(s, open + 1, '{') ||
           token_is(s->ts, open + 1, "true") || token_is(s->ts, open + 1, "false");
}

/* --- variables --- */

/* is the comma at t followed by another declarator, `*name` and then one of = , ; [ { ( ? */
static bool is_next_declarator(const struct scanner *s, size_t t)
{
    t++;
    while (scanner_punct(s, t, '*') || scanner_punct(s, t, '&'))
        t++;
    if (s->ts->token[t].kind != TOKEN_NAME)
        return false;
    t++;
    return s->ts->token[t].kind == TOKEN_PUNCT && !lex_is(s->ts->src, &s->ts->token[t], "::") &&
           strchr("=,;[{(", s->ts->src->text[s->ts->token[t].span.at]) != NULL;
}

/* the end of the initialiser that begins at t: its `,` or `;`, or what ends the text before */
static size_t initialiser_end(const struct scanner *s, size_t t)
{
    for (; s->ts->token[t].kind != TOKEN_END; t++) {
        if (scanner_punct(s, t, ';') || scanner_punct(s, t, '}'))
            return t;
        if (scanner_punct(s, t, ',') && is_next_declarator(s, t))
            return t;
        if (scanner_punct(s, t, '<') && s->ts->token[t - 1].kind == TOKEN_NAME) {
            size_t close = brackets_angle(s->ts, s->match, t);
            /* `pair<int, int>{...}`: an operator is not followed by these */
            if (close && (scanner_punct(s, close, '(') || scanner_punct(s, close, '{') ||
                          lex_is(s->ts->src, &s->ts->token[close], "::")))
                t = close - 1;
        } else if (scanner_punct(s, t, '(') || scanner_punct(s, t, '[') ||
                   scanner_punct(s, t, '{')) {
            t = over(s, t) - 1;
        }
    }
    return t;
}

/* the last token of a variable's value, one past it, without the lines behind it */
static size_t trim_lines(const struct scanner *s, size_t first, size_t last)
{
    while (last > first && (s->ts->token[last - 1].kind == TOKEN_DIRECTIVE ||
                            s->ts->token[last - 1].kind == TOKEN_ANNOTATION))
        last--;
    return last;
}

/* Adds the variable, and those behind it in the same declaration: `int a = 1, b[2];`. t is what
 * follows the first one's name: `=`, `{`, `(`, `,` or `;`. All get the span of the whole. */
static size_t variables(struct scanner *s, struct draft *r, size_t t)
{
    size_t before = s->out->n, end;

    for (;;) {
        struct decl *d = scanner_add(s, DECL_VARIABLE, r->first, t + 1);
        fill(s, r, d);
        if (scanner_punct(s, t, '=')) {
            size_t value = t + 1;
            t = initialiser_end(s, value);
            d->value = scanner_span(s, value, trim_lines(s, value, t));
        } else if (scanner_punct(s, t, '{') || scanner_punct(s, t, '(')) {
            size_t inner = t + 1, close = s->match[t];
            d->value = scanner_span(s, inner, close);
            t = scanner_skip_lines(s, over(s, t));
        }
        if (!scanner_punct(s, t, ',') || !is_next_declarator(s, t))
            break;
        for (t++; s->ts->token[t].kind != TOKEN_NAME; t++)
            ;
        r->name = t++;
        while (scanner_punct(s, t, '['))
            t = over(s, t);
    }
    end = scanner_punct(s, t, ';') ? t + 1 : scanner_statement_end(s, t);
    if (end <= r->first)
        end = r->first + 1;
    for (size_t i = before; i < s->out->n; i++) {
        s->out->decl[i].span = scanner_span(s, r->first, end);
        s->out->decl[i].last = end;
    }
    return end;
}

/* --- types --- */

/* the enumerators between the braces of a namespace-scope enum */
static void scanner_enumerators(struct scanner *s, size_t open)
{
    size_t close = s->match[open], t = open + 1;

    while (t < close) {
        size_t first = t, equals = NONE;
        struct decl *d;
        if (s->ts->token[t].kind != TOKEN_NAME) {
            t++;
            continue;
        }
        for (; t < close && !scanner_punct(s, t, ','); t++) {
            if (equals == NONE && scanner_punct(s, t, '='))
                equals = t;
            else if (scanner_punct(s, t, '(') || scanner_punct(s, t, '[') ||
                     scanner_punct(s, t, '{'))
                t = over(s, t) - 1;
        }
        if (t > close)
            t = close;
        d = scanner_add(s, DECL_ENUMERATOR, first, trim_lines(s, first, t));
        scanner_name(s, d, first);
        if (equals != NONE)
            d->value = scanner_span(s, equals + 1, trim_lines(s, equals + 1, t));
        t++;
    }
}

static bool opens_type(const struct scanner *s, size_t t)
{
    return scanner_punct(s, t, '{') || scanner_punct(s, t, ':') || token_is(s->ts, t, "final");
}

/* Walks over a type's name, from behind its key to what follows: `{`, `:`, `;` or anything else.
 * NONE when a second name shows that the type is only part of another declaration. */
static size_t type_name(struct scanner *s, struct draft *r, size_t t, bool *scoped)
{
    for (; s->ts->token[t].kind != TOKEN_END; t++) {
        const struct token *k = &s->ts->token[t];
        if (token_is(s->ts, t, "class") || token_is(s->ts, t, "struct")) {
            *scoped = true;
        } else if (k->kind == TOKEN_NAME && scanner_punct(s, t + 1, '(') &&
                   (r->name == NONE || token_is(s->ts, t, "__attribute__"))) {
            t = over(s, t + 1) - 1; /* alignas(16), __align__(8), __attribute__((...)) */
        } else if (k->kind == TOKEN_NAME && !token_is(s->ts, t, "final")) {
            if (r->name != NONE && !lex_is(s->ts->src, k - 1, "::") && !opens_type(s, t + 1)) {
                s->no_type = t;
                return NONE;
            }
            r->name = t; /* A, the B of A::B, or what is behind a macro as in `class EXPORT A {` */
        } else if (scanner_punct(s, t, '<') && brackets_angle(s->ts, s->match, t)) {
            t = brackets_angle(s->ts, s->match, t) - 1;
        } else if (scanner_punct(s, t, '[')) {
            t = over(s, t) - 1;
        } else if (k->kind == TOKEN_PUNCT && !lex_is(s->ts->src, k, "::")) {
            break;
        }
    }
    return t;
}

/* a class, struct, union or enum whose key is at t: what is behind it, or NONE when it is only part
 * of another declaration's type (`struct A f();`) */
static size_t type(struct scanner *s, struct draft *r, size_t t)
{
    bool is_enum = token_is(s->ts, t, "enum"), scoped = false;
    size_t open = type_name(s, r, t + 1, &scoped), end;
    struct decl *d;

    if (open == NONE)
        return NONE;
    if (scanner_punct(s, open, ':')) /* bases, or an enum's type */
        while (s->ts->token[open].kind != TOKEN_END && !scanner_punct(s, open, '{') &&
               !scanner_punct(s, open, ';') && !scanner_punct(s, open, '}'))
            open = scanner_punct(s, open, '(') ? over(s, open) : open + 1;
    if (!scanner_punct(s, open, '{') && !scanner_punct(s, open, ';')) {
        s->no_type = open; /* so that a row of keys is walked over once */
        return NONE;
    }
    end = scanner_statement_end(s, open);
    d = scanner_add(s, DECL_TYPE, r->first, end);
    fill(s, r, d);
    if (!scanner_punct(s, open, '{'))
        return end;
    d->body = scanner_span(s, open, over(s, open));
    if (is_enum && !scoped)
        scanner_enumerators(s, open);
    return end;
}

/* --- the reading --- */

/* `operator+ (`: up to its parameters, whose `()` may be part of the name */
static void operator_name(const struct scanner *s, struct draft *r)
{
    r->is_operator = true;
    r->name = r->at;
    r->names += 2;
    for (r->at++; s->ts->token[r->at].kind != TOKEN_END; r->at++) {
        if (scanner_punct(s, r->at, ';') || scanner_punct(s, r->at, '{') ||
            scanner_punct(s, r->at, '}'))
            return;
        if (!scanner_punct(s, r->at, '('))
            continue;
        if (scanner_punct(s, r->at + 1, ')') && scanner_punct(s, r->at + 2, '('))
            r->at += 2;
        return;
    }
}

/* `void f(int a) MACRO {` */
static bool is_macro_body(const struct scanner *s, const struct draft *r, size_t t)
{
    return r->names > 1 && s->ts->token[t].kind == TOKEN_NAME && scanner_punct(s, t + 1, '{');
}

/* `(` at r->at. Returns what is behind the declaration, or NONE to read on */
static size_t parenthesis(struct scanner *s, struct draft *r)
{
    size_t open = r->at, close = s->match[open], after;

    if (s->ts->token[close].kind != TOKEN_PUNCT)
        return other(s, r, close);
    after = scanner_skip_lines(s, close + 1);
    if ((scanner_punct(s, open + 1, '*') || scanner_punct(s, open + 1, '&')) &&
        (scanner_punct(s, after, '(') || scanner_punct(s, after, '['))) {
        for (size_t t = open + 1; t < close; t++) /* void (*name)(int), int (&name)[3] */
            if (s->ts->token[t].kind == TOKEN_NAME)
                r->name = t;
        r->names++;
        r->at = over(s, after);
        return NONE;
    }
    if (r->name != NONE && (is_trailer(s, after) || is_macro_body(s, r, after))) {
        if (r->names < 2 && !scanner_punct(s, after, '{') && !scanner_punct(s, after, ':') &&
            lex_is(s->ts->src, &s->ts->token[after], "->") == 0)
            return other(s, r, scanner_statement_end(s, close + 1)); /* a macro's call */
        if (!r->is_operator && holds_values(s, open) && !scanner_punct(s, after, '{'))
            return variables(s, r, open);
        return function(s, r, open, close);
    }
    if (s->ts->token[after].kind == TOKEN_END || scanner_punct(s, after, '}'))
        return other(s, r, close + 1);
    /* an attribute, or a macro that stands for specifiers */
    if (r->names > 0 && !r->is_operator)
        r->names--;
    r->name = NONE;
    r->at = close + 1;
    return NONE;
}

/* A line in the middle: conditions and line markers go by. An annotation, a #define or an #include
 * says that what came before was no beginning of a declaration, unless it was a template's head. */
static bool ends_here(const struct scanner *s, const struct draft *r)
{
    enum directive_kind kind = directive_kind(s->ts->src, &s->ts->token[r->at]);

    if (s->ts->token[r->at].kind == TOKEN_ANNOTATION)
        return !r->is_template && r->names > 0;
    return kind == DIRECTIVE_DEFINE || kind == DIRECTIVE_INCLUDE;
}

/* punctuation at r->at. Returns what is behind the declaration, or NONE to read on */
static size_t punctuation(struct scanner *s, struct draft *r)
{
    size_t t = r->at, end;

    switch (s->ts->src->text[s->ts->token[t].span.at]) {
    case '(':
        return parenthesis(s, r);
    case '=':
        return r->name != NONE ? variables(s, r, t) : other(s, r, scanner_statement_end(s, t));
    case ',':
    case ';':
        if (r->name != NONE && r->names > 1)
            return variables(s, r, t);
        return other(s, r, scanner_statement_end(s, t));
    case '{':
        end = over(s, t);
        if (r->name != NONE && r->names > 1 &&
            (scanner_punct(s, end, ';') || scanner_punct(s, end, ',')))
            return variables(s, r, t);
        return other(s, r, scanner_punct(s, end, ';') ? end + 1 : end);
    case '}':
        return other(s, r, t > r->first ? t : t + 1);
    case '[':
        r->at = over(s, t);
        return NONE;
    case '<':
        end = brackets_angle(s->ts, s->match, t);
        r->at = end ? end : t + 1;
        return NONE;
    default:
        r->at++;
        return NONE;
    }
}

/* Is the name at t one that takes parentheses and declares nothing? Then *behind is what follows.
 * After preprocessing, __global__ and its like are attributes too. */
static bool attribute(const struct scanner *s, struct draft *r, size_t t, size_t *behind)
{
    static const char *const WORDS[] = {"__attribute__",     "alignas",     "__align__",
                                        "__launch_bounds__", "__declspec",  "__cluster_dims__",
                                        "__block_size__",    "__maxnreg__", "decltype",
                                        "__typeof__",        "explicit",    NULL};

    if (!scanner_is_any(s, t, WORDS) || !scanner_punct(s, t + 1, '('))
        return false;
    *behind = over(s, t + 1);
    if (token_is(s->ts, t, "__attribute__")) {
        for (size_t k = t + 2; k < *behind; k++) {
            r->is_global |= token_is(s->ts, k, "global");
            r->is_device |= token_is(s->ts, k, "device");
            r->is_host |= token_is(s->ts, k, "host");
            r->is_constant |= token_is(s->ts, k, "constant");
        }
    }
    r->names += token_is(s->ts, t, "decltype") || token_is(s->ts, t, "__typeof__");
    return true;
}

/* a name at r->at. Returns what is behind the declaration, or NONE to read on */
static size_t word(struct scanner *s, struct draft *r)
{
    static const char *const STATEMENTS[] = {"namespace", "using", "typedef", NULL};
    size_t t = r->at, end;

    if (t > r->first && scanner_is_any(s, t, STATEMENTS)) /* behind a macro without a semicolon */
        return other(s, r, t);
    if (token_is(s->ts, t, "operator")) {
        operator_name(s, r);
        return NONE;
    }
    if (attribute(s, r, t, &r->at))
        return NONE;
    if (scanner_is_any(s, t, CLASS_KEYS) && t >= s->no_type) {
        size_t name = r->name;
        r->name = NONE;
        end = type(s, r, t);
        if (end != NONE)
            return end;
        r->name = name;
    } else if (token_is(s->ts, t, "template") && scanner_punct(s, t + 1, '<')) {
        end = brackets_angle(s->ts, s->match, t + 1);
        if (!end)
            return other(s, r, scanner_statement_end(s, t));
        if (!r->is_template)
            r->tparams = (struct span){s->ts->token[t + 1].span.end, s->ts->token[end - 1].span.at};
        r->is_template = true;
        r->at = end;
        return NONE;
    } else if (!specifier(s, r, t)) {
        r->name = t;
        r->names++;
    }
    r->at++;
    return NONE;
}

size_t scanner_declaration(struct scanner *s, size_t first)
{
    struct draft r = {.first = first, .at = first};
    size_t end = NONE;

    while (end == NONE) {
        switch (s->ts->token[r.at].kind) {
        case TOKEN_END:
            end = other(s, &r, r.at > first ? r.at : first);
            return end;
        case TOKEN_DIRECTIVE:
        case TOKEN_ANNOTATION:
            if (ends_here(s, &r))
                end = other(s, &r, r.at);
            else
                r.at++;
            break;
        case TOKEN_NAME:
            end = word(s, &r);
            break;
        case TOKEN_PUNCT:
            end = punctuation(s, &r);
            break;
        default:
            r.at++;
        }
    }
    return end;
}
