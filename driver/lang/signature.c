/* signature.c - what tokens alone tell of a signature.
 *
 * No type is understood; it is enough to see where one ends, whether the parameter is a pointer, to
 * const or not, and whether what it points to is an integer, which matters because arbitrary
 * integers used as indices fault. */
#include "driver/lang/signature.h"

#include <string.h>
#include "driver/lang/cursor.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

struct list { /* tokens of a parameter list */
    struct arena *arena;
    const struct source *src;
    const struct token *token;
    size_t n; /* without the end */
};

static bool in_words(const struct source *src, const struct token *t, const char *const *words)
{
    for (; t->kind == TOKEN_NAME && *words; words++)
        if (lex_is(src, t, *words))
            return true;
    return false;
}

static bool is(const struct list *l, size_t t, const char *text)
{
    return t < l->n && l->token[t].kind != TOKEN_STRING && lex_is(l->src, &l->token[t], text);
}

/* over the token at t, or over the bracket that opens there and all in it; a `<` counts behind a
 * name */
static size_t over(const struct list *l, size_t t)
{
    size_t depth = 0, angle = 0;

    do {
        if (is(l, t, "(") || is(l, t, "[") || is(l, t, "{"))
            depth++;
        else if ((is(l, t, ")") || is(l, t, "]") || is(l, t, "}")) && depth > 0)
            depth--;
        else if (depth == 0 && is(l, t, "<") &&
                 (angle > 0 || (t > 0 && l->token[t - 1].kind == TOKEN_NAME)))
            angle++;
        else if (depth == 0 && is(l, t, ">") && angle > 0)
            angle--;
        t++;
    } while (t < l->n && (depth > 0 || angle > 0));
    return t;
}

/* the first `text` outside of brackets in [t, end), or end */
static size_t find(const struct list *l, size_t t, size_t end, const char *text)
{
    while (t < end && !is(l, t, text))
        t = over(l, t);
    return t < end ? t : end;
}

static struct cxx cxx_of(const struct list *l, size_t first, size_t end)
{
    struct cxx cxx = {NULL, {0, 0}};

    if (first < end) {
        cxx.at = (struct span){l->token[first].span.at, l->token[end - 1].span.end};
        cxx.text = cursor_text(l->arena, l->src, cxx.at);
    }
    return cxx;
}

/* --- types --- */

static const char *const CV[] = {"const",        "volatile",   "struct",   "class",
                                 "enum",         "typename",   "register", "__grid_constant__",
                                 "__restrict__", "__restrict", "union",    NULL};
static const char *const BUILTIN[] = {
    "void",   "bool",     "char", "short",   "int",     "long",     "float",    "double",
    "signed", "unsigned", "auto", "wchar_t", "char8_t", "char16_t", "char32_t", NULL};

/* could the name at t be the declared one? Not if it is a type's: a keyword, qualified, or the only
 * name there is */
static bool is_declared_name(const struct list *l, size_t first, size_t t)
{
    bool type = false;

    if (l->token[t].kind != TOKEN_NAME || in_words(l->src, &l->token[t], CV) ||
        in_words(l->src, &l->token[t], BUILTIN) || (t > first && is(l, t - 1, "::")))
        return false;
    for (size_t i = first; i < t; i++)
        type |= (l->token[i].kind == TOKEN_NAME && !in_words(l->src, &l->token[i], CV)) ||
                is(l, i, ">");
    return type;
}

static bool is_integer_name(const char *name)
{
    static const char *const NAMES[] = {
        "bool",           "char",       "short",         "int",           "long",
        "signed",         "unsigned",   "int8_t",        "int16_t",       "int32_t",
        "int64_t",        "uint8_t",    "uint16_t",      "uint32_t",      "uint64_t",
        "size_t",         "ssize_t",    "ptrdiff_t",     "intptr_t",      "uintptr_t",
        "char8_t",        "char16_t",   "char32_t",      "wchar_t",       "uint",
        "ushort",         "uchar",      "ulong",         "int1",          "int2",
        "int3",           "int4",       "uint1",         "uint2",         "uint3",
        "uint4",          "short1",     "short2",        "short3",        "short4",
        "ushort1",        "ushort2",    "ushort3",       "ushort4",       "char1",
        "char2",          "char3",      "char4",         "uchar1",        "uchar2",
        "uchar3",         "uchar4",     "long1",         "long2",         "ulong1",
        "ulong2",         "longlong1",  "longlong2",     "ulonglong1",    "ulonglong2",
        "long3",          "long4",      "ulong3",        "ulong4",        "longlong3",
        "longlong4",      "ulonglong3", "ulonglong4",    "long4_16a",     "long4_32a",
        "ulong4_16a",     "ulong4_32a", "longlong4_16a", "longlong4_32a", "ulonglong4_16a",
        "ulonglong4_32a",
    };

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(name, NAMES[i]) == 0)
            return true;
    return false;
}

static bool type_is_integer(struct arena *a, const struct file *f, const struct spec *spec,
                            const char *type, int depth);

/* a name that is no integer by itself: an alias of the file, or a template parameter */
static bool name_is_integer(struct arena *a, const struct file *f, const struct spec *spec,
                            const char *name, int depth)
{
    for (size_t i = 0; spec && i < spec->ninstances; i++)
        for (size_t k = 0; k < spec->instances[i].nbinds; k++)
            if (strcmp(spec->instances[i].binds[k].name, name) == 0)
                if (type_is_integer(a, f, NULL, spec->instances[i].binds[k].value.text, depth + 1))
                    return true;
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (d->kind == DECL_ALIAS && strcmp(d->name, name) == 0 && d->value.end > d->value.at)
            return type_is_integer(a, f, spec, cursor_text(a, f->src, d->value), depth + 1);
    }
    return false;
}

static bool type_is_integer(struct arena *a, const struct file *f, const struct spec *spec,
                            const char *type, int depth)
{
    struct list l = {a, source_wrap(a, "", type, strlen(type)), NULL, 0};
    const char *name = NULL;
    bool integer = false;

    if (depth > 8)
        return false;
    l.token = lexer_all(a, l.src, (struct span){0, l.src->len}, &l.n);
    l.n--;
    for (size_t t = 0; t < l.n; t = over(&l, t)) {
        if (is(&l, t, "double") || is(&l, t, "float"))
            return false;
        if (l.token[t].kind != TOKEN_NAME || is(&l, t + 1, "::") ||
            in_words(l.src, &l.token[t], CV))
            continue;
        name = source_copy(a, l.src, l.token[t].span);
        integer |= is_integer_name(name);
    }
    return integer || (name && name_is_integer(a, f, spec, name, depth));
}

bool signature_is_integer(struct arena *a, const struct file *f, const struct spec *spec,
                          const char *type)
{
    return type_is_integer(a, f, spec, type, 0);
}

/* --- parameters --- */

/* the type's text without what only a parameter's declaration may say */
static const char *type_text(const struct list *l, size_t first, size_t end, bool is_array)
{
    struct buf text;
    const char *copy;

    buf_init(&text, BUF_LIMIT);
    for (size_t t = first; t < end; t++) {
        if (is(l, t, "__grid_constant__") || is(l, t, "register"))
            continue;
        if (is(l, t, "[")) { /* an attribute */
            t = over(l, t) - 1;
            continue;
        }
        if (text.len > 0 && l->token[t].span.at > l->token[t - 1].span.end)
            buf_addc(&text, ' ');
        buf_add(&text, l->src->text + l->token[t].span.at,
                l->token[t].span.end - l->token[t].span.at);
    }
    if (is_array)
        buf_adds(&text, " *");
    copy = arena_dup(l->arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

/* sets what stars, ampersands and consts say; the type's tokens are [first, end) */
static void read_shape(const struct list *l, size_t first, size_t end, bool is_array,
                       struct param *p, struct param_shape *shape)
{
    size_t last_star = is_array ? end : first;

    shape->pointers = is_array;
    for (size_t t = first; t < end; t = over(l, t)) {
        shape->pointers += is(l, t, "*");
        shape->is_reference |= is(l, t, "&");
        shape->is_class |= is(l, t, "<");
        shape->is_void |= is(l, t, "void");
        shape->is_pack |= is(l, t, ".");
        p->is_stream |= is(l, t, "cudaStream_t") || is(l, t, "CUstream") || is(l, t, "CUstream_st");
        if (is(l, t, "*") && !is_array)
            last_star = t;
    }
    for (size_t t = first; t < last_star; t = over(l, t))
        p->is_const |= is(l, t, "const");
    p->is_pointer = shape->pointers > 0 && !p->is_stream;
    shape->is_void &= p->is_pointer;
}

/* `void (*name)(int)`: the name in the parentheses; the type is the whole */
static bool read_function_pointer(const struct list *l, size_t first, size_t end, struct param *p)
{
    size_t open = find(l, first, end, "(");

    if (open == end || !(is(l, open + 1, "*") || is(l, open + 1, "&")))
        return false;
    for (size_t t = open + 1; t < over(l, open); t++) {
        if (l->token[t].kind == TOKEN_NAME) {
            p->at = l->token[t].span;
            p->name = source_copy(l->arena, l->src, p->at);
        }
    }
    p->type_at = cxx_of(l, first, end).at;
    p->type = type_text(l, first, end, false);
    return true;
}

static void read_param(const struct list *l, size_t first, size_t end, struct param *p,
                       struct param_shape *shape)
{
    size_t equals = find(l, first, end, "="), last = equals, bracket = first;
    bool is_array;

    p->name = "";
    p->fallback = cxx_of(l, equals + 1, end);
    p->at = (struct span){l->token[first].span.at, l->token[first].span.at};
    shape->is_function = read_function_pointer(l, first, equals, p);
    if (shape->is_function)
        return;
    while (is(l, bracket, "[")) /* attributes come first, array bounds last */
        bracket = over(l, bracket);
    last = find(l, bracket, equals, "[");
    is_array = last < equals;
    if (last > first && is_declared_name(l, first, last - 1)) {
        p->at = l->token[last - 1].span;
        p->name = source_copy(l->arena, l->src, p->at);
        last--;
    }
    p->type_at = cxx_of(l, first, last).at;
    p->type = type_text(l, first, last, is_array);
    read_shape(l, first, last, is_array, p, shape);
}

static void read_params(const struct list *l, struct spec *spec, struct param_shape **shapes)
{
    size_t nshapes = 0;

    if (l->n == 0 || (l->n == 1 && is(l, 0, "void")))
        return;
    for (size_t first = 0; first < l->n;) {
        size_t end = find(l, first, l->n, ",");
        if (end > first)
            read_param(l, first, end, arena_push(l->arena, spec->params, spec->nparams),
                       arena_push(l->arena, *shapes, nshapes));
        first = end + 1;
    }
}

/* `float (*f)(float)`: the type is all but the name; false when it is no such parameter */
static bool read_function_tparam(const struct list *l, size_t first, size_t equals,
                                 struct tparam *p)
{
    size_t name = find(l, first, equals, "(") + 2;

    if (name + 1 >= equals || !(is(l, name - 1, "*") || is(l, name - 1, "&")) ||
        l->token[name].kind != TOKEN_NAME || !is(l, name + 1, ")"))
        return false;
    p->at = l->token[name].span;
    p->name = source_copy(l->arena, l->src, p->at);
    p->kind = arena_printf(l->arena, "%s%s", type_text(l, first, name, false),
                           type_text(l, name + 1, equals, false));
    return true;
}

static void read_tparam(const struct list *l, size_t first, size_t end, struct tparam *p)
{
    size_t equals = find(l, first, end, "="), name = equals - 1;

    p->name = "";
    p->kind = "";
    p->tunable = -1;
    p->whole = cxx_of(l, first, end).at;
    p->at = p->whole;
    p->fallback = cxx_of(l, equals + 1, end);
    if (equals == first || read_function_tparam(l, first, equals, p))
        return;
    if (name > first && l->token[name].kind == TOKEN_NAME &&
        !in_words(l->src, &l->token[name], BUILTIN)) {
        p->at = l->token[name].span;
        p->name = source_copy(l->arena, l->src, p->at);
    } else {
        name++;
    }
    p->kind = type_text(l, first, name, false);
}

/* the result's type: what stands before the name, specifiers and attributes left out, or behind ->
 */
static const char *read_returns(struct arena *a, const struct file *f, const struct decl *d)
{
    static const char *const SKIP[] = {
        "static",          "inline",       "extern",     "__global__", "__host__", "__device__",
        "__forceinline__", "__noinline__", "__inline__", "constexpr",  "template", NULL};
    struct list l = {a, f->src, f->tokens->token + d->first, d->last - d->first};
    struct buf text;
    const char *copy;

    buf_init(&text, BUF_LIMIT);
    for (size_t t = 0; t < l.n && l.token[t].span.at < d->name_at.at; t++) {
        bool template_word = is(&l, t, "template"), attribute = is(&l, t, "[");
        if (l.token[t].kind == TOKEN_NAME && is(&l, t + 1, "(") &&
            l.token[t].span.at != d->name_at.at) {
            t = over(&l, t + 1) - 1;
            continue;
        }
        if (template_word || attribute) {
            size_t depth = 0;
            do { /* `<` stands behind the word template, or this is [[...]] */
                t += template_word;
                template_word = false;
                depth += is(&l, t, "<") || is(&l, t, "[");
                depth -= depth > 0 && (is(&l, t, ">") || is(&l, t, "]"));
                t++;
            } while (t < l.n && depth > 0);
            t--;
            continue;
        }
        if (l.token[t].kind != TOKEN_NAME && l.token[t].kind != TOKEN_PUNCT)
            continue;
        if (in_words(f->src, &l.token[t], SKIP))
            continue;
        if (text.len > 0 && l.token[t].span.at > l.token[t - 1].span.end)
            buf_addc(&text, ' ');
        buf_add(&text, f->src->text + l.token[t].span.at, l.token[t].span.end - l.token[t].span.at);
    }
    copy = arena_dup(a, buf_text(&text));
    buf_release(&text);
    return copy;
}

static const char *trailing_returns(struct arena *a, const struct file *f, const struct decl *d)
{
    const struct token *token = f->tokens->token;

    for (size_t t = d->first; t + 1 < d->last && token[t].span.at < d->body.at; t++)
        if (token[t].span.at > d->params.end && lex_is(f->src, &token[t], "->"))
            return cursor_text(a, f->src, (struct span){token[t + 1].span.at, d->body.at});
    return NULL;
}

void signature_read(struct arena *a, const struct file *f, const struct decl *d, struct spec *spec,
                    struct param_shape **shapes)
{
    struct list l = {a, f->src, NULL, 0};

    *shapes = NULL;
    l.token = lexer_all(a, f->src, d->params, &l.n);
    l.n--;
    read_params(&l, spec, shapes);
    l.token = lexer_all(a, f->src, d->tparams, &l.n);
    l.n--;
    for (size_t first = 0; first < l.n;) {
        size_t end = find(&l, first, l.n, ",");
        if (end > first)
            read_tparam(&l, first, end, arena_push(a, spec->tparams, spec->ntparams));
        first = end + 1;
    }
    spec->returns = trailing_returns(a, f, d);
    if (!spec->returns)
        spec->returns = read_returns(a, f, d);
}
