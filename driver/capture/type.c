/* driver/capture/type.c
 *
 * A type is read word by word: qualifiers are dropped, stars counted, and what is left is a name
 * that is in the table or unknown. The builtin integers' words come in any order ("unsigned long",
 * "long unsigned int"), so they are counted rather than listed. */
#include "driver/capture/type.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

static const struct {
    const char *name;
    enum scalar scalar;
    size_t size;
} known[] = {
    {"float", SCALAR_FLOAT, 4},
    {"double", SCALAR_FLOAT, 8},
    {"__half", SCALAR_FLOAT, 2},
    {"half", SCALAR_FLOAT, 2},
    {"__nv_bfloat16", SCALAR_BFLOAT, 2},
    {"nv_bfloat16", SCALAR_BFLOAT, 2},
    {"__nv_fp8_e4m3", SCALAR_BITS, 1},
    {"__nv_fp8_e5m2", SCALAR_BITS, 1},
    {"bool", SCALAR_BOOL, 1},
    {"int8_t", SCALAR_SIGNED, 1},
    {"int16_t", SCALAR_SIGNED, 2},
    {"int32_t", SCALAR_SIGNED, 4},
    {"int64_t", SCALAR_SIGNED, 8},
    {"ptrdiff_t", SCALAR_SIGNED, 8},
    {"ssize_t", SCALAR_SIGNED, 8},
    {"uint8_t", SCALAR_UNSIGNED, 1},
    {"uint16_t", SCALAR_UNSIGNED, 2},
    {"uint32_t", SCALAR_UNSIGNED, 4},
    {"uint64_t", SCALAR_UNSIGNED, 8},
    {"size_t", SCALAR_UNSIGNED, 8},
    {"uchar", SCALAR_UNSIGNED, 1},
    {"ushort", SCALAR_UNSIGNED, 2},
    {"uint", SCALAR_UNSIGNED, 4},
    {"ulong", SCALAR_UNSIGNED, 8},
};

/* CUDA's vector types are one of these and a digit; the others as they are */
static const struct {
    const char *base;
    enum scalar scalar;
    size_t size;
} vectors[] = {
    {"char", SCALAR_SIGNED, 1},          {"uchar", SCALAR_UNSIGNED, 1},
    {"short", SCALAR_SIGNED, 2},         {"ushort", SCALAR_UNSIGNED, 2},
    {"int", SCALAR_SIGNED, 4},           {"uint", SCALAR_UNSIGNED, 4},
    {"long", SCALAR_SIGNED, 8},          {"ulong", SCALAR_UNSIGNED, 8},
    {"longlong", SCALAR_SIGNED, 8},      {"ulonglong", SCALAR_UNSIGNED, 8},
    {"float", SCALAR_FLOAT, 4},          {"double", SCALAR_FLOAT, 8},
    {"__half", SCALAR_FLOAT, 2},         {"half", SCALAR_FLOAT, 2},
    {"__nv_bfloat16", SCALAR_BFLOAT, 2}, {"nv_bfloat16", SCALAR_BFLOAT, 2},
};

/* ---- reading ---- */

struct words { /* of a builtin integer */
    int longs, shorts, chars, ints, is_signed, is_unsigned, others;
};

static bool count_builtin(struct words *w, const char *word)
{
    static const char *const names[] = {"long", "short", "char", "int", "signed", "unsigned"};
    int *const counts[] = {&w->longs, &w->shorts,    &w->chars,
                           &w->ints,  &w->is_signed, &w->is_unsigned};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(word, names[i]) == 0) {
            ++*counts[i];
            return true;
        }
    }
    w->others++;
    return false;
}

static bool is_qualifier(const char *word)
{
    static const char *const words[] = {"const",
                                        "volatile",
                                        "struct",
                                        "class",
                                        "enum",
                                        "typename",
                                        "union",
                                        "register",
                                        "__restrict__",
                                        "__restrict",
                                        "__grid_constant__"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* the name behind the last ::, outside of template arguments */
static const char *unqualified(const char *name)
{
    const char *last = name;
    int depth = 0;

    for (const char *p = name; *p; p++) {
        depth += (*p == '<' || *p == '(') - (*p == '>' || *p == ')');
        if (depth == 0 && p[0] == ':' && p[1] == ':')
            last = p + 2;
    }
    return last;
}

static void set_builtin(struct type *t, const struct words *w)
{
    t->scalar = w->is_unsigned ? SCALAR_UNSIGNED : SCALAR_SIGNED;
    t->size = w->chars ? 1 : w->shorts ? 2 : w->longs ? 8 : 4;
}

static void set_named(struct type *t)
{
    const char *name = unqualified(t->name);
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i].name) == 0) {
            t->scalar = known[i].scalar;
            t->size = known[i].size;
            return;
        }
    }
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        if (n > 1 && name[n - 1] >= '1' && name[n - 1] <= '4' && strlen(vectors[i].base) == n - 1 &&
            strncmp(name, vectors[i].base, n - 1) == 0) {
            t->scalar = vectors[i].scalar;
            t->lanes = (size_t)(name[n - 1] - '0');
            t->size = vectors[i].size * t->lanes;
        }
    }
}

/* the end of the word at p: a name with its :: and template arguments */
static const char *word_end(const char *p)
{
    int depth = 0;

    if (!isalnum((unsigned char)*p) && *p != '_' && *p != ':' && *p != '(')
        return p + 1;
    for (; *p; p++) {
        if (*p == '<' || *p == '(')
            depth++;
        else if ((*p == '>' || *p == ')') && depth > 0)
            depth--;
        else if (depth == 0 && !isalnum((unsigned char)*p) && *p != '_' && *p != ':' && *p != '$')
            break;
    }
    return p;
}

struct type type_read(struct arena *a, const char *text)
{
    struct type t = {.lanes = 1, .name = ""};
    struct words w = {0};
    bool is_const = false;
    struct buf name;

    buf_init(&name, BUF_LIMIT);
    for (const char *p = text, *end; *p; p = end) {
        end = word_end(p);
        const char *word = arena_copy(a, p, (size_t)(end - p));
        if (*p == '*') {
            t.is_const = is_const; /* of all but the outermost level is of no interest */
            is_const = false;
            t.pointers++;
        } else if (strcmp(word, "const") == 0) {
            is_const = true;
        } else if (!isspace((unsigned char)*p) && *p != '&' && !is_qualifier(word)) {
            count_builtin(&w, word);
            buf_addf(&name, "%s%s", name.len ? " " : "", word);
        }
    }
    if (t.pointers == 0)
        t.is_const = is_const;
    t.name = arena_dup(a, buf_text(&name));
    buf_release(&name);
    if (w.others == 0 && (w.longs || w.shorts || w.chars || w.ints || w.is_signed || w.is_unsigned))
        set_builtin(&t, &w);
    else
        set_named(&t);
    return t;
}

/* ---- NumPy's names ---- */

const char *type_descr(struct arena *a, const struct type *t, size_t size)
{
    static const char letters[] = {
        [SCALAR_FLOAT] = 'f', [SCALAR_SIGNED] = 'i', [SCALAR_UNSIGNED] = 'u',
        [SCALAR_BOOL] = 'b',  [SCALAR_BFLOAT] = 'V', [SCALAR_BITS] = 'V'};
    size_t each = t->size / t->lanes;

    if (t->scalar == SCALAR_UNKNOWN)
        return size > 0 ? arena_printf(a, "|V%zu", size) : "|u1";
    return arena_printf(a, "%c%c%zu", each == 1 || letters[t->scalar] == 'V' ? '|' : '<',
                        letters[t->scalar], each);
}

/* ---- values ---- */

static double half_value(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double x = exponent == 0    ? ldexp(fraction, -24)
               : exponent == 31 ? (fraction ? NAN : INFINITY)
                                : ldexp(1024 + fraction, exponent - 25);

    return bits & 0x8000 ? -x : x;
}

static double float_value(const struct type *t, const unsigned char *bytes)
{
    uint16_t half;
    uint32_t wide = 0;
    float single;
    double x;

    if (t->size == 2) {
        memcpy(&half, bytes, sizeof half);
        wide = (uint32_t)half << 16;
        memcpy(&single, &wide, sizeof single);
        return t->scalar == SCALAR_BFLOAT ? (double)single : half_value(half);
    }
    if (t->size == 4) {
        memcpy(&single, bytes, sizeof single);
        return (double)single;
    }
    memcpy(&x, bytes, sizeof x);
    return x;
}

static const char *float_text(struct arena *a, const struct type *t, double x)
{
    if (isnan(x))
        return "__builtin_nan(\"\")";
    if (isinf(x))
        return x < 0 ? "-__builtin_inf()" : "__builtin_inf()";
    return arena_printf(a, "%.*g", t->size == 8 ? 17 : t->size == 4 ? 9 : 5, x);
}

static long long whole_value(const struct type *t, const unsigned char *bytes, size_t size)
{
    uint64_t x = 0;

    memcpy(&x, bytes, size);
    if (t->scalar == SCALAR_SIGNED && size < 8 && x >> (8 * size - 1))
        x |= ~(uint64_t)0 << (8 * size);
    return (long long)x;
}

const char *type_value(struct arena *a, const struct type *t, const unsigned char *bytes,
                       size_t size, long long *integer, bool *is_integer)
{
    bool whole =
        t->scalar == SCALAR_SIGNED || t->scalar == SCALAR_UNSIGNED || t->scalar == SCALAR_BOOL;
    /* an enumeration, most likely, when nothing is known of its name */
    bool guess = t->scalar == SCALAR_UNKNOWN && (size == 1 || size == 2 || size == 4 || size == 8);

    if (is_integer)
        *is_integer = false;
    if (t->pointers > 0 || t->lanes > 1 || (t->size && t->size != size))
        return NULL;
    if (t->scalar == SCALAR_FLOAT || t->scalar == SCALAR_BFLOAT)
        return float_text(a, t, float_value(t, bytes));
    if (!whole && !guess)
        return NULL;
    if (integer)
        *integer = whole_value(t, bytes, size);
    if (is_integer)
        *is_integer = true;
    return arena_printf(a, "%lld", whole_value(t, bytes, size));
}
