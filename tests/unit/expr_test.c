/* tests/unit/expr_test.c - the evaluator against a reference in 128 bits, and what it must refuse.
 *
 * Random trees are written out as text with only the parentheses that C's precedence needs, so that
 * the parser's precedence is tested along with the arithmetic. */
#include <inttypes.h>
#include <stdio.h>
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "tests/unit/check.h"

__extension__ typedef __int128 wide;

static int lookup(void *arg, const char *name, int64_t *value)
{
    static const struct {
        const char *name;
        int64_t value;
    } NAMES[] = {{"N", 1000}, {"ns::M", -7}, {"gpu.smem", 232448}, {"zero", 0}};

    (void)arg;
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (strcmp(name, NAMES[i].name) == 0) {
            *value = NAMES[i].value;
            return 1;
        }
    }
    return 0;
}

/* parses and evaluates all of the text: 0, or -1 with the message of the parser or the evaluator */
static int evaluate(const char *text, int64_t *value, struct error *err)
{
    struct arena *a = arena_new();
    struct diag d;
    struct cursor c;
    struct expr *e;
    int rc = -1;

    diag_init(&d, a);
    cursor_init(&c, a, &d, source_wrap(a, "t", text, strlen(text)), (struct span){0, strlen(text)});
    e = expr_parse(&c);
    if (e && cursor_at_end(&c))
        rc = expr_eval(e, lookup, NULL, value, err);
    else
        error_set(err, "%s", d.nmessages ? d.messages[0].text : "more behind the expression");
    arena_free(a);
    return rc;
}

static void is_value(const char *text, int64_t wanted)
{
    struct error err = {""};
    int64_t value = 0;

    if (evaluate(text, &value, &err))
        fail_msg("%s: %s", text, err.text);
    assert_int_equal(value, wanted);
}

static void is_error(const char *text, const char *wanted)
{
    struct error err = {""};
    int64_t value = 0;

    if (evaluate(text, &value, &err) == 0)
        fail_msg("%s is %" PRId64, text, value);
    assert_string_equal(err.text, wanted);
}

static void literals(void **state)
{
    (void)state;
    is_value("0", 0);
    is_value("1'000'000", 1000000);
    is_value("0x1F", 31);
    is_value("0b101", 5);
    is_value("017", 15);
    is_value("64u", 64);
    is_value("64ULL", 64);
    is_value("0xFFuz", 255);
    is_value("9223372036854775807", INT64_MAX);
    is_value("true + true + false", 2);
    is_error("9223372036854775808", "'9223372036854775808' is not an integer of 64 bits");
    is_error("1.5", "'1.5' is not an integer of 64 bits");
    is_error("0x", "'0x' is not an integer of 64 bits");
    is_error("08", "'08' is not an integer of 64 bits");
    is_error("12ab", "'12ab' is not an integer of 64 bits");
    is_error("'a'", "expected an expression, found ''a''");
}

static void precedence(void **state)
{
    (void)state;
    is_value("2 + 3 * 4", 14);
    is_value("(2 + 3) * 4", 20);
    is_value("20 - 5 - 3", 12);
    is_value("100 / 10 / 5", 2);
    is_value("1 << 2 + 1", 8);
    is_value("1 << 2 << 3", 32);
    is_value("5 & 6 == 6", 1);
    is_value("1 | 2 ^ 3 & 2", 1 | (2 ^ (3 & 2)));
    is_value("1 || 0 && 0", 1);
    is_value("3 < 5 == 1", 1);
    is_value("-2 * -3", 6);
    is_value("!0 + ~0", 0);
    is_value("- - + 3", 3);
    is_value("1 ? 2 : 0 ? 3 : 4", 2);
    is_value("0 ? 2 : 0 ? 3 : 4", 4);
    is_value("0 ? 1 : 2 + 3", 5);
    is_value("7 >= 7 && 7 <= 7 && 7 != 8", 1);
    is_error("1 < < 2", "expected an expression, found '<'");
    is_error("1 = 2", "more behind the expression");
    is_error("1 +", "expected an expression, found the end of the annotation");
    is_error("(1", "expected ')', found the end of the annotation");
    is_error("1 ? 2", "expected ':', found the end of the annotation");
}

static void names_and_calls(void **state)
{
    (void)state;
    is_value("N + ns::M", 993);
    is_value("::ns::M", -7);
    is_value("gpu.smem / 1024", 227);
    is_value("cdiv(N, 256)", 4);
    is_value("cdiv(0, 3)", 0);
    is_value("min(3, N)", 3);
    is_value("max(1, 2, 3, N, 4)", 1000);
    is_error("unknown + 1", "'unknown' has no value");
    is_error("gpu.sms", "'gpu.sms' has no value");
    is_error("gpu.sm", "gpu has no 'sm'; did you mean 'sms'?");
    is_error("gpu.cores", "gpu has no 'cores'; it has sms, smem, regs and l2");
    is_error("min(3)", "expected ',', found ')'");
    is_error("cdiv(1, 2, 3)", "expected ')', found ','");
    is_error("sqrt(4)", "'sqrt' cannot be called here: expressions know cdiv, min and max");
}

static void undefined_behaviour(void **state)
{
    static const char *const TOO_LARGE[] = {
        "9223372036854775807 + 1",
        "-9223372036854775807 - 2",
        "4611686018427387904 * 2",
        "(-9223372036854775807 - 1) / -1",
        "(-9223372036854775807 - 1) % -1",
        "-(-9223372036854775807 - 1)",
        "1 << 63",
        "3 << 62",
        "cdiv(9223372036854775807, 2)",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(TOO_LARGE); i++)
        is_error(TOO_LARGE[i], "the result does not fit 64 bits");
    is_error("1 / zero", "division by zero");
    is_error("1 % zero", "division by zero");
    is_error("cdiv(1, zero)", "division by zero");
    is_error("1 << 64", "a shift by 64 bits");
    is_error("1 >> -1", "a shift by -1 bits");
    is_value("-1 << 3", -8);
    is_value("-9 >> 1", -5);
    is_value("-1 << 63", INT64_MIN);
    is_value("zero != 0 && 1 / zero", 0);
    is_value("1 || 1 / zero", 1);
    is_value("zero ? 1 / zero : 5", 5);
}

static void limits(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, BUF_LIMIT);
    for (int i = 0; i < 199; i++)
        buf_addc(&text, '(');
    buf_addc(&text, '7');
    for (int i = 0; i < 199; i++)
        buf_addc(&text, ')');
    is_value(buf_text(&text), 7);
    buf_clear(&text);
    for (int i = 0; i < 100000; i++)
        buf_addc(&text, i % 2 ? '(' : '-');
    is_error(buf_text(&text), "this expression is nested too deeply");
    buf_clear(&text);
    for (int i = 0; i < 100000; i++)
        buf_adds(&text, "0 ? 1 : ");
    is_error(buf_text(&text), "this expression is nested too deeply");
    buf_clear(&text);
    for (int i = 0; i < 1500; i++)
        buf_adds(&text, "1 + ");
    buf_adds(&text, "1");
    is_value(buf_text(&text), 1501);
    for (int i = 0; i < 100000; i++)
        buf_adds(&text, " + 1");
    is_error(buf_text(&text), "this expression is too long");
    buf_release(&text);
}

/* --- random trees --- */

static uint64_t random_state = 1;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

struct reference {
    bool bad; /* the value does not exist, or does not fit */
    wide value;
    int level; /* how tightly its text binds, 11 for primaries */
};

static const struct {
    const char *text;
    int level;
} BINARY[] = {{"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5},  {"==", 6},
              {"!=", 6}, {"<", 7},  {"<=", 7}, {">", 7},  {">=", 7}, {"<<", 8},
              {">>", 8}, {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};

static bool fits(wide v)
{
    return v >= INT64_MIN && v <= INT64_MAX;
}

/* what C says of a op b in unlimited integers; *bad where it says nothing */
static wide apply(size_t op, wide a, wide b, bool *bad)
{
    bool shift = op == 11 || op == 12, divide = op == 16 || op == 17;

    if ((divide && b == 0) || (shift && (b < 0 || b > 63))) {
        *bad = true;
        return 0;
    }
    switch (op) {
    case 2:
        return a | b;
    case 3:
        return a ^ b;
    case 4:
        return a & b;
    case 5:
        return a == b;
    case 6:
        return a != b;
    case 7:
        return a < b;
    case 8:
        return a <= b;
    case 9:
        return a > b;
    case 10:
        return a >= b;
    case 11:
        return a * ((wide)1 << b);
    case 12: /* rounds down */
        return a >= 0 ? a / ((wide)1 << b) : -((-a + ((wide)1 << b) - 1) / ((wide)1 << b));
    case 13:
        return a + b;
    case 14:
        return a - b;
    case 15:
        return a * b;
    case 16:
        *bad = !fits(a / b);
        return a / b;
    default:
        *bad = !fits(a / b); /* as the division would be */
        return a % b;
    }
}

static struct reference tree(struct buf *out, int depth);

/* a part of a larger expression, in parentheses where it binds less tightly than `level` */
static struct reference part(struct buf *out, int depth, int level)
{
    struct buf inner;
    struct reference r;

    buf_init(&inner, BUF_LIMIT);
    r = tree(&inner, depth);
    buf_addf(out, r.level < level ? "(%s)" : "%s", buf_text(&inner));
    buf_release(&inner);
    return r;
}

static struct reference binary(struct buf *out, int depth)
{
    size_t op = next_random() % COUNT(BINARY);
    struct reference a = part(out, depth - 1, BINARY[op].level), b,
                     r = {false, 0, BINARY[op].level};

    buf_addf(out, next_random() % 2 ? " %s " : "%s", BINARY[op].text);
    buf_addc(out, ' '); /* so that `- -` and `& &` stay two */
    b = part(out, depth - 1, BINARY[op].level + 1);
    if (op < 2) {
        bool decided = !a.bad && (a.value != 0) == (op == 0);
        r.bad = a.bad || (!decided && b.bad);
        r.value = decided ? op == 0 : b.value != 0;
    } else {
        r.bad = a.bad || b.bad;
        r.value = r.bad ? 0 : apply(op, a.value, b.value, &r.bad);
    }
    r.bad |= !fits(r.value);
    return r;
}

static struct reference leaf(struct buf *out)
{
    static const int64_t SPECIAL[] = {0, 1, 2, 63, 64, INT64_MAX, 1 << 20, 4294967296};
    struct reference r = {false, 0, 11};

    if (next_random() % 4 == 0) {
        r.value = next_random() % 2 ? 1000 : -7;
        buf_adds(out, r.value > 0 ? "N" : "ns::M");
    } else {
        r.value = next_random() % 2 ? SPECIAL[next_random() % COUNT(SPECIAL)]
                                    : (int64_t)(next_random() % 100);
        buf_addf(out, next_random() % 3 ? "%" PRId64 : "0x%" PRIx64, (int64_t)r.value);
    }
    return r;
}

static struct reference unary(struct buf *out, int depth)
{
    char op = "-!~"[next_random() % 3];
    struct reference r;

    buf_addf(out, "%c ", op);
    r = part(out, depth - 1, 11);
    r.value = op == '-' ? -r.value : op == '!' ? !r.value : -r.value - 1;
    r.bad |= !fits(r.value);
    r.level = 11;
    return r;
}

static struct reference tree(struct buf *out, int depth)
{
    unsigned which = (unsigned)(next_random() % 10);
    struct reference a, b, c;

    if (depth == 0 || which == 0)
        return leaf(out);
    if (which == 1)
        return unary(out, depth);
    if (which > 2)
        return binary(out, depth);
    a = part(out, depth - 1, 1);
    buf_adds(out, " ? ");
    b = part(out, depth - 1, 0);
    buf_adds(out, " : ");
    c = part(out, depth - 1, 0);
    if (a.bad)
        return (struct reference){true, 0, 0};
    return (struct reference){a.value ? b.bad : c.bad, a.value ? b.value : c.value, 0};
}

static void random_trees(void **state)
{
    int good = 0, bad = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct error err = {""};
        struct reference r;
        int64_t value = 0;
        struct buf text;
        buf_init(&text, BUF_LIMIT);
        r = tree(&text, 1 + (int)(next_random() % 5));
        if (evaluate(buf_text(&text), &value, &err) != (r.bad ? -1 : 0))
            fail_msg("%s: %s", buf_text(&text), err.text[0] ? err.text : "should be an error");
        if (!r.bad && value != (int64_t)r.value)
            fail_msg("%s is %" PRId64 ", not %" PRId64, buf_text(&text), value, (int64_t)r.value);
        good += !r.bad;
        bad += r.bad;
        buf_release(&text);
    }
    assert_in_range(good, 5000, 20000); /* the trees test both */
    assert_in_range(bad, 1000, 20000);
}

/* --- names, spans --- */

static void collect(void *arg, const char *name, struct span at)
{
    buf_addf(arg, "%s@%zu-%zu ", name, at.at, at.end);
}

static void visits_names(void **state)
{
    static const char TEXT[] = "BM * gpu.smem + (a::b ? cdiv(x, BM) : 1)";
    struct arena *a = arena_new();
    struct cursor c;
    struct expr *e;
    struct buf names;

    (void)state;
    cursor_init(&c, a, NULL, source_wrap(a, "t", TEXT, strlen(TEXT)),
                (struct span){0, strlen(TEXT)});
    e = expr_parse(&c);
    assert_non_null(e);
    buf_init(&names, BUF_LIMIT);
    expr_names(e, collect, &names);
    assert_string_equal(buf_text(&names), "BM@0-2 gpu.smem@5-13 a::b@17-21 x@29-30 BM@32-34 ");
    assert_int_equal(expr_span(e).at, 0);
    assert_int_equal(expr_span(e).end, strlen(TEXT));
    buf_release(&names);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals),        cmocka_unit_test(precedence),
        cmocka_unit_test(names_and_calls), cmocka_unit_test(undefined_behaviour),
        cmocka_unit_test(limits),          cmocka_unit_test(random_trees),
        cmocka_unit_test(visits_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
