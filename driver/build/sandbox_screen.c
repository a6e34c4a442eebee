/* driver/build/sandbox_screen.c - a structure's text, read for what no kernel needs.
 *
 * The findings are for a model to repair, so each says where it is, what is not allowed, and what
 * to write instead where there is something. The reader is the one that annotations are found
 * with; a text that fools it (names put together by ##, say) meets the sandbox and the screen of
 * the machine code behind it. */
#include "driver/build/sandbox.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "driver/lang/lex.h"
#include "runtime/base/buf.h"

enum { MOST_FINDINGS = 50, MOST_DEPTH = 256, ATTRIBUTE_REACH = 12 };

struct screen {
    const struct source *src;
    struct buf *errors;
    struct arena *a;
    int findings;
};

static void finding(struct screen *s, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void finding(struct screen *s, size_t at, const char *format, ...)
{
    struct place place = source_place(s->src, at);
    va_list args;

    if (s->findings++ >= MOST_FINDINGS)
        return;
    buf_addf(s->errors, "%d:%d: ", place.row, place.column);
    va_start(args, format);
    buf_addv(s->errors, format, args);
    va_end(args);
    buf_addc(s->errors, '\n');
}

static bool is_word(const char *word, size_t n, const char *text)
{
    return strlen(text) == n && memcmp(word, text, n) == 0;
}

static bool in_list(const char *word, size_t n, const char *const *list)
{
    for (; *list; list++) {
        if (is_word(word, n, *list))
            return true;
    }
    return false;
}

/* ---- names ----------------------------------------------------------------------------------- */

static const struct {
    const char *name, *why;
} refused[] = {
    {"printf", "kernels of a structure only compute"},
    {"vprintf", "kernels of a structure only compute"},
    {"malloc", "device code has no heap here: use shared memory, registers, or scratch(...)"},
    {"free", "device code has no heap here: use shared memory, registers, or scratch(...)"},
    {"__managed__", "memory is what the entry is given, shared memory and scratch(...)"},
    {"__has_include", "name the toolkit's headers directly"},
    {"__has_include_next", "name the toolkit's headers directly"},
    {"__has_embed", "name the toolkit's headers directly"},
};

static void screen_name(struct screen *s, const struct token *t, const struct token *next)
{
    const char *word = s->src->text + t->span.at;
    size_t n = t->span.end - t->span.at;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (is_word(word, n, refused[i].name))
            finding(s, t->span.at, "%s is not allowed: %s", refused[i].name, refused[i].why);
    }
    if (n > 9 && strncmp(word, "__cudart_", 9) == 0)
        finding(s, t->span.at, "%.*s is not allowed: such names are the toolkit's", (int)n, word);
    if (n > 4 && strncmp(word, "cuda", 4) == 0 && isupper((unsigned char)word[4]) &&
        lex_punct(s->src, next, '('))
        finding(s, t->span.at,
                "%.*s is not allowed: a structure is device code, and its launches are in its plan",
                (int)n, word);
}

static void screen_string(struct screen *s, const struct token *t)
{
    static const char *const directives[] = {".incbin", ".include"};
    const char *text = s->src->text + t->span.at;
    size_t n = t->span.end - t->span.at;

    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        if (memmem(text, n, directives[i], strlen(directives[i])))
            finding(s, t->span.at, "%s is not allowed: files are not read", directives[i]);
    }
}

/* ---- the preprocessor ------------------------------------------------------------------------ */

static bool is_library(const char *name, size_t n)
{
    static const char *const exact[] = {"assert.h",
                                        "float.h",
                                        "limits.h",
                                        "math.h",
                                        "mma.h",
                                        "stddef.h",
                                        "stdint.h",
                                        "string.h",
                                        "vector_types.h",
                                        "vector_functions.h",
                                        "math_constants.h",
                                        "math_functions.h",
                                        "device_functions.h",
                                        "device_launch_parameters.h",
                                        "cuda.h",
                                        "stdio.h",
                                        "stdlib.h",
                                        "stdbool.h",
                                        "cooperative_groups.h",
                                        "curand_kernel.h",
                                        NULL};
    static const char *const begin[] = {"cuda_",  "cuda/", "cub/", "thrust/",
                                        "nv/",    "sm_",   "crt/", "cooperative_groups/",
                                        "curand_"};
    bool plain = n > 0;

    if (memmem(name, n, "..", 2) || in_list(name, n, exact))
        return !memmem(name, n, "..", 2);
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
        if (n > strlen(begin[i]) && memcmp(name, begin[i], strlen(begin[i])) == 0)
            return true;
    }
    for (size_t i = 0; i < n; i++)
        plain &=
            islower((unsigned char)name[i]) || isdigit((unsigned char)name[i]) || name[i] == '_';
    return plain; /* <cstdint>, <type_traits> */
}

static void screen_include(struct screen *s, size_t at, size_t end)
{
    const char *text = s->src->text + at, *close;

    if (at < end && *text == '<' && (close = memchr(text, '>', end - at))) {
        int n = (int)(close - text - 1);
        if (!is_library(text + 1, (size_t)n))
            finding(s, at,
                    "<%.*s> is not allowed: only headers of the CUDA toolkit and of the C++ "
                    "library are",
                    n, text + 1);
    } else if (at < end && *text == '"' && (close = memchr(text + 1, '"', end - at - 1))) {
        int n = (int)(close - text - 1);
        if (is_library(text + 1, (size_t)n))
            finding(s, at, "write #include <%.*s>", n, text + 1);
        else
            finding(s, at,
                    "\"%.*s\" is not allowed: what the entry's file includes is there; of "
                    "others only headers of the CUDA toolkit and of the C++ library are, "
                    "as <name>",
                    n, text + 1);
    } else {
        finding(s, at, "#include is for <a header of the toolkit or the C++ library>, named there");
    }
}

/* what follows #pragma, or stands in the string of _Pragma */
static void screen_pragma(struct screen *s, size_t at, size_t end)
{
    static const char *const allowed[] = {"unroll", "nounroll", "nv_diag",
                                          "nv_",    "ksearch",  "once"};
    const char *text = s->src->text + at;

    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        size_t n = strlen(allowed[i]);
        if (end - at >= n && memcmp(text, allowed[i], n) == 0)
            return;
    }
    finding(s, at, "this #pragma is not allowed: only unroll, nounroll, nv_diag_... and ksearch");
}

static void screen_token(struct screen *s, const struct token *t, const struct token *next)
{
    if (t->kind == TOKEN_NAME)
        screen_name(s, t, next);
    else if (t->kind == TOKEN_STRING)
        screen_string(s, t);
}

static void screen_directive(struct screen *s, struct span span)
{
    static const char *const plain[] = {"define",  "undef",    "if",    "ifdef", "ifndef",
                                        "else",    "elif",     "endif", "error", "warning",
                                        "elifdef", "elifndef", NULL};
    size_t n;
    const struct token *t = lexer_all(s->a, s->src, span, &n);
    size_t at = 0, end = span.end;
    const char *word;

    if (n && lex_punct(s->src, &t[0], '#'))
        at = 1;
    if (at + 1 >= n)
        return; /* the empty directive */
    word = s->src->text + t[at].span.at;
    size_t len = t[at].span.end - t[at].span.at, next = t[at + 1].span.at;
    while (end > next && isspace((unsigned char)s->src->text[end - 1]))
        end--;
    if (is_word(word, len, "include"))
        screen_include(s, next < end ? next : end, end);
    else if (is_word(word, len, "pragma"))
        screen_pragma(s, next < end ? next : end, end);
    else if (in_list(word, len, plain))
        for (size_t i = at + 1; i + 1 < n; i++)
            screen_token(s, &t[i], &t[i + 1]);
    else
        finding(s, t[at].span.at, "#%.*s is not allowed", (int)len, word);
}

/* ---- asm and attributes ---------------------------------------------------------------------- */

struct nest {              /* where in the brackets we are */
    bool code[MOST_DEPTH]; /* [depth]: these braces are of a function, or in one */
    size_t depth;
    size_t head; /* the first token of the declaration at hand */
};

/* is what `{` at token `at` opens a namespace, a class or the like, where no code can be? */
static bool opens_scope(const struct screen *s, const struct token *t, size_t head, size_t at)
{
    static const char *const words[] = {"namespace", "class", "struct", "union", "enum", NULL};
    int angle = 0;

    if (at > head && lex_punct(s->src, &t[at - 1], ')'))
        return false;
    for (size_t i = head; i < at; i++) {
        const char *word = s->src->text + t[i].span.at;
        size_t n = t[i].span.end - t[i].span.at;
        angle += lex_punct(s->src, &t[i], '<') - lex_punct(s->src, &t[i], '>');
        if (angle <= 0 && t[i].kind == TOKEN_NAME && in_list(word, n, words))
            return true;
        if (lex_is(s->src, &t[i], "extern") && t[i + 1].kind == TOKEN_STRING && i + 2 == at)
            return true;
    }
    return false;
}

static bool in_code(const struct nest *n)
{
    return n->depth && (n->depth >= MOST_DEPTH || n->code[n->depth - 1]);
}

static void nest_step(struct screen *s, struct nest *n, const struct token *t, size_t i)
{
    if (lex_punct(s->src, &t[i], '{')) {
        bool code = in_code(n) || !opens_scope(s, t, n->head, i);
        if (n->depth < MOST_DEPTH)
            n->code[n->depth] = code;
        n->depth++;
        n->head = i + 1;
    } else if (lex_punct(s->src, &t[i], '}')) {
        n->depth -= n->depth > 0;
        n->head = i + 1;
    } else if (lex_punct(s->src, &t[i], ';') || t[i].kind == TOKEN_DIRECTIVE) {
        n->head = i + 1;
    }
}

static void screen_asm(struct screen *s, const struct nest *n, const struct token *t)
{
    static const char *const words[] = {"asm", "__asm", "__asm__", NULL};
    const char *word = s->src->text + t->span.at;

    if (!in_code(n) && in_list(word, t->span.end - t->span.at, words))
        finding(s, t->span.at, "asm is not allowed outside of functions");
}

static void screen_attribute(struct screen *s, const struct token *t, size_t i)
{
    static const char *const words[] = {"constructor", "destructor", "__constructor__",
                                        "__destructor__", NULL};
    const char *word = s->src->text + t[i].span.at;

    if (!in_list(word, t[i].span.end - t[i].span.at, words))
        return;
    for (size_t k = i > ATTRIBUTE_REACH ? i - ATTRIBUTE_REACH : 0; k < i; k++) {
        if (lex_is(s->src, &t[k], "__attribute__") || lex_is(s->src, &t[k], "__attribute") ||
            lex_is(s->src, &t[k], "gnu")) {
            finding(s, t[i].span.at, "the attribute %.*s is not allowed: nothing runs by itself",
                    (int)(t[i].span.end - t[i].span.at), word);
            return;
        }
    }
}

/* ---- spellings that hide others -------------------------------------------------------------- */

static void screen_digraph(struct screen *s, const struct token *t, const struct token *next)
{
    static const char *const pairs[] = {"<:", ":>", "<%", "%>", "%:"};

    if (t->span.end != next->span.at)
        return;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (lex_punct(s->src, t, pairs[i][0]) && lex_punct(s->src, next, pairs[i][1]))
            finding(s, t->span.at, "%s is not allowed: write the bracket itself", pairs[i]);
    }
}

static void screen_trigraphs(struct screen *s)
{
    for (size_t i = 0; i + 2 < s->src->len; i++) {
        const char *p = s->src->text + i;
        if (p[0] == '?' && p[1] == '?' && p[2] && strchr("=/'()!<>-", p[2]))
            finding(s, i, "%.3s is not allowed: write the character itself", p);
    }
}

/* between two tokens: a line that goes on in the middle of a name makes one name of two */
static void screen_splice(struct screen *s, size_t from, size_t to)
{
    for (size_t i = from; i + 1 < to; i++) {
        if (s->src->text[i] == '\\' && strchr("\r\n", s->src->text[i + 1]))
            finding(s, i, "a backslash at the end of a line is for #define only");
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void screen_all(struct screen *s)
{
    struct nest nest = {.depth = 0};
    struct lexer l;
    struct token *t = NULL;
    size_t n = 0, last = 0;

    lexer_init(&l, s->src, (struct span){0, s->src->len}, false);
    do {
        *arena_push(s->a, t, n) = lexer_next(&l);
    } while (t[n - 1].kind != TOKEN_END);
    for (size_t i = 0; i + 1 < n; i++) {
        screen_splice(s, last, t[i].span.at);
        last = t[i].span.end;
        if (t[i].kind == TOKEN_DIRECTIVE)
            screen_directive(s, t[i].span);
        else if (t[i].kind == TOKEN_NAME) {
            screen_asm(s, &nest, &t[i]);
            screen_attribute(s, t, i);
        } else if (t[i].kind == TOKEN_PUNCT) {
            screen_digraph(s, &t[i], &t[i + 1]);
        }
        if (lex_is(s->src, &t[i], "_Pragma") && i + 3 < n && t[i + 2].kind == TOKEN_STRING)
            screen_pragma(s, t[i + 2].span.at + 1, t[i + 2].span.end);
        screen_token(s, &t[i], &t[i + 1]);
        nest_step(s, &nest, t, i);
    }
    screen_trigraphs(s);
}

int sandbox_screen(const char *text, size_t len, struct buf *errors)
{
    struct screen s = {.errors = errors, .a = arena_new()};
    const char *nul = memchr(text, '\0', len);

    s.src = source_wrap(s.a, "structure", arena_copy(s.a, text, len), len);
    if (nul)
        finding(&s, (size_t)(nul - text), "a byte 0 is not allowed");
    screen_all(&s);
    if (s.findings > MOST_FINDINGS)
        buf_addf(errors, "... and %d more\n", s.findings - MOST_FINDINGS);
    arena_free(s.a);
    return s.findings ? -1 : 0;
}
