/* tests/fuzz/expr_fuzz.c - expressions: what they are worth, computed twice.
 *
 * Each byte of the input stands for a token, so that most inputs are nearly expressions. They are
 * written out and given to the parser and evaluator, and read a second time here, by a descent with
 * one function a level of C's grammar that computes in 128 bits as it goes. Both must find the same
 * text well-formed, and the same value or the same kind of trouble. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

__extension__ typedef __int128 wide;

enum { MOST_TOKENS = 150 }; /* below every limit on nesting and size */

static const struct {
    const char *text;
    bool has_value; /* a name's or number's */
    int64_t value;
} TOKENS[] = {
    {"(", false, 0},
    {")", false, 0},
    {",", false, 0},
    {"?", false, 0},
    {":", false, 0},
    {"||", false, 0},
    {"&&", false, 0},
    {"|", false, 0},
    {"^", false, 0},
    {"&", false, 0},
    {"==", false, 0},
    {"!=", false, 0},
    {"<", false, 0},
    {"<=", false, 0},
    {">", false, 0},
    {">=", false, 0},
    {"<<", false, 0},
    {">>", false, 0},
    {"+", false, 0},
    {"-", false, 0},
    {"*", false, 0},
    {"/", false, 0},
    {"%", false, 0},
    {"!", false, 0},
    {"~", false, 0},
    {"cdiv(", false, 0},
    {"min(", false, 0},
    {"max(", false, 0},
    {"0", true, 0},
    {"1", true, 1},
    {"2u", true, 2},
    {"3", true, 3},
    {"010", true, 8},
    {"0x3F", true, 63},
    {"0b1000000", true, 64},
    {"1'000'000", true, 1000000},
    {"4294967296", true, INT64_C(1) << 32},
    {"0x4000000000000000", true, INT64_C(1) << 62},
    {"9223372036854775807", true, INT64_MAX},
    {"true", true, 1},
    {"false", true, 0},
    {"n", true, -7},
    {"lowest", true, INT64_MIN},
    {"a::b", true, 48},
    {"gpu.smem", true, 232448},
    {"unknown", false, 0},
};

enum { NTOKENS = sizeof TOKENS / sizeof *TOKENS };

enum trouble { NONE, NO_VALUE, DIVISION, SHIFT, RANGE };

struct result {
    wide value;
    enum trouble trouble;
};

struct reader { /* of the same tokens, on its own */
    const uint8_t *token;
    size_t n, i;
    bool malformed;
};

static bool at(const struct reader *r, const char *text)
{
    return r->i < r->n && strcmp(TOKENS[r->token[r->i]].text, text) == 0;
}

static bool take(struct reader *r, const char *text)
{
    bool is = at(r, text);

    r->i += is;
    return is;
}

static void expect(struct reader *r, const char *text)
{
    r->malformed |= !take(r, text);
}

static struct result ranged(wide value)
{
    bool fits = value >= INT64_MIN && value <= INT64_MAX;

    return (struct result){value, fits ? NONE : RANGE};
}

static struct result failed(enum trouble trouble)
{
    return (struct result){0, trouble};
}

/* the first of two parts that is in trouble is what is reported */
static bool either(struct result a, struct result b, struct result *out)
{
    *out = a.trouble ? a : b;
    return out->trouble != NONE;
}

static struct result conditional(struct reader *r);

/* (a + b - 1) / b, each step in 64 bits, as the harness's cdiv computes it */
static struct result quotient_up(wide a, wide b)
{
    if (ranged(a + b).trouble || ranged(a + b - 1).trouble)
        return failed(RANGE);
    if (b == 0)
        return failed(DIVISION);
    return ranged((a + b - 1) / b);
}

static struct result call(struct reader *r, char which)
{
    struct result a = conditional(r), b;
    size_t parts = 1;

    while (!r->malformed && (parts < 2 || (which != 'c' && at(r, ",")))) {
        expect(r, ",");
        b = conditional(r);
        parts++;
        if (a.trouble || b.trouble)
            a = a.trouble ? a : b;
        else if (which == 'c')
            a = quotient_up(a.value, b.value);
        else if (which == 'm' ? b.value < a.value : b.value > a.value)
            a = b;
    }
    expect(r, ")");
    return a;
}

static struct result primary(struct reader *r)
{
    struct result inner;
    size_t i = r->i;

    if (take(r, "cdiv("))
        return call(r, 'c');
    if (take(r, "min("))
        return call(r, 'm');
    if (take(r, "max("))
        return call(r, 'M');
    if (take(r, "unknown"))
        return failed(NO_VALUE);
    if (take(r, "(")) {
        inner = conditional(r);
        expect(r, ")");
        return inner;
    }
    if (i == r->n || !TOKENS[r->token[i]].has_value) {
        r->malformed = true;
        return failed(NONE);
    }
    r->i++;
    return ranged(TOKENS[r->token[i]].value);
}

static struct result unary(struct reader *r)
{
    struct result a;

    if (r->malformed)
        return failed(NONE);
    if (take(r, "+"))
        return unary(r);
    if (take(r, "-"))
        return a = unary(r), a.trouble ? a : ranged(-a.value);
    if (take(r, "!"))
        return a = unary(r), a.trouble ? a : ranged(a.value == 0);
    if (take(r, "~"))
        return a = unary(r), a.trouble ? a : ranged(-a.value - 1);
    return primary(r);
}

static struct result multiplicative(struct reader *r)
{
    struct result a = unary(r), b, c;

    for (;;) {
        char op = at(r, "*") ? '*' : at(r, "/") ? '/' : at(r, "%") ? '%' : 0;
        if (!op || r->malformed)
            return a;
        r->i++;
        b = unary(r);
        if (either(a, b, &c))
            a = c;
        else if (op == '*')
            a = ranged(a.value * b.value);
        else if (b.value == 0)
            a = failed(DIVISION);
        else if (op == '%') /* lowest % -1 is as far out of range as lowest / -1, as C has it */
            a = ranged(a.value / b.value).trouble ? failed(RANGE) : ranged(a.value % b.value);
        else
            a = ranged(a.value / b.value);
    }
}

static struct result additive(struct reader *r)
{
    struct result a = multiplicative(r), b, c;

    while (!r->malformed && (at(r, "+") || at(r, "-"))) {
        int sign = at(r, "+") ? 1 : -1;
        r->i++;
        b = multiplicative(r);
        a = either(a, b, &c) ? c : ranged(a.value + sign * b.value);
    }
    return a;
}

static struct result shifted(struct result a, struct result b, bool left)
{
    struct result c;

    if (either(a, b, &c))
        return c;
    if (b.value < 0 || b.value > 63)
        return failed(SHIFT);
    if (left)
        return ranged(a.value * ((wide)1 << (int)b.value));
    c.value = a.value / ((wide)1 << (int)b.value);
    if (c.value * ((wide)1 << (int)b.value) > a.value)
        c.value--; /* towards minus infinity */
    return ranged(c.value);
}

static struct result shift(struct reader *r)
{
    struct result a = additive(r);

    while (!r->malformed && (at(r, "<<") || at(r, ">>"))) {
        bool left = at(r, "<<");
        r->i++;
        a = shifted(a, additive(r), left);
    }
    return a;
}

static struct result relational(struct reader *r)
{
    struct result a = shift(r), b, c;

    while (!r->malformed && (at(r, "<") || at(r, "<=") || at(r, ">") || at(r, ">="))) {
        bool less = at(r, "<") || at(r, "<="), equal = at(r, "<=") || at(r, ">=");
        r->i++;
        b = shift(r);
        if (either(a, b, &c))
            a = c;
        else
            a = ranged(a.value == b.value ? equal : (a.value < b.value) == less);
    }
    return a;
}

static struct result equality(struct reader *r)
{
    struct result a = relational(r), b, c;

    while (!r->malformed && (at(r, "==") || at(r, "!="))) {
        bool same = at(r, "==");
        r->i++;
        b = relational(r);
        a = either(a, b, &c) ? c : ranged((a.value == b.value) == same);
    }
    return a;
}

/* bit by bit, so that nothing of the evaluator's own & ^ | is believed */
static struct result bitwise(struct result a, struct result b, unsigned table)
{
    wide value = 0;
    struct result c;

    if (either(a, b, &c))
        return c;
    for (int i = 0; i < 64; i++) {
        unsigned x = (unsigned)((uint64_t)a.value >> i & 1), y = (uint64_t)b.value >> i & 1;
        wide bit = (table >> (2 * x + y)) & 1;
        value += i < 63 ? bit * ((wide)1 << i) : -bit * ((wide)1 << i);
    }
    return ranged(value);
}

static struct result bit_and(struct reader *r)
{
    struct result a = equality(r);

    while (!r->malformed && take(r, "&"))
        a = bitwise(a, equality(r), 8);
    return a;
}

static struct result bit_xor(struct reader *r)
{
    struct result a = bit_and(r);

    while (!r->malformed && take(r, "^"))
        a = bitwise(a, bit_and(r), 6);
    return a;
}

static struct result bit_or(struct reader *r)
{
    struct result a = bit_xor(r);

    while (!r->malformed && take(r, "|"))
        a = bitwise(a, bit_xor(r), 14);
    return a;
}

static struct result both(struct reader *r)
{
    struct result a = bit_or(r), b;

    while (!r->malformed && take(r, "&&")) {
        b = bit_or(r);
        if (a.trouble || a.value == 0)
            continue; /* the second part does not count */
        a = b.trouble ? b : ranged(b.value != 0);
    }
    return a;
}

static struct result any(struct reader *r)
{
    struct result a = both(r), b;

    while (!r->malformed && take(r, "||")) {
        b = both(r);
        if (a.trouble)
            continue;
        if (a.value != 0)
            a.value = 1;
        else
            a = b.trouble ? b : ranged(b.value != 0);
    }
    return a;
}

static struct result conditional(struct reader *r)
{
    struct result a = r->malformed ? failed(NONE) : any(r), then, otherwise;

    if (r->malformed || !take(r, "?"))
        return a;
    then = conditional(r);
    expect(r, ":");
    otherwise = conditional(r);
    return a.trouble ? a : a.value ? then : otherwise;
}

/* --- the two, side by side --- */

static int lookup(void *arg, const char *name, int64_t *value)
{
    (void)arg;
    for (size_t i = 0; i < NTOKENS; i++) {
        if (!TOKENS[i].has_value || strcmp(TOKENS[i].text, name) != 0)
            continue;
        *value = TOKENS[i].value;
        return 1;
    }
    return 0;
}

static const char *const TROUBLE[] = {"", "has no value", "division by zero", "a shift by",
                                      "64 bits"};

static void compare(const struct expr *e, struct result wanted)
{
    struct error err = {""};
    int64_t value = 0;
    int rc = expr_eval(e, lookup, NULL, &value, &err);

    if ((rc != 0) != (wanted.trouble != NONE))
        abort();
    if (rc == 0 ? value != wanted.value : !strstr(err.text, TROUBLE[wanted.trouble]))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    uint8_t token[MOST_TOKENS];
    struct reader r = {.token = token};
    struct source *src;
    struct result wanted;
    struct cursor c;
    struct expr *e;
    struct buf text;

    buf_init(&text, BUF_LIMIT);
    for (; r.n < size && r.n < MOST_TOKENS; r.n++) {
        token[r.n] = data[r.n] % NTOKENS;
        buf_addf(&text, "%s ", TOKENS[token[r.n]].text);
    }
    src = source_wrap(a, "expr", buf_text(&text), text.len);
    cursor_init(&c, a, NULL, src, (struct span){0, text.len});
    e = expr_parse(&c);
    wanted = conditional(&r);
    if ((e && cursor_at_end(&c)) != (!r.malformed && r.i == r.n))
        abort();
    if (e && cursor_at_end(&c))
        compare(e, wanted);
    buf_release(&text);
    arena_free(a);
    return 0;
}
