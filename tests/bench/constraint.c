/* tests/bench/constraint.c
 *
 * Arithmetic is written alike in both languages, and copied. What differs is around it: words for
 * the logical operators, comparisons, which are chained and bind less than every arithmetic
 * operator, and `in`. So every operand of a comparison is put into parentheses. Whether what comes
 * out is an expression is for its reader to say. */
#include "tests/bench/constraint.h"

#include <ctype.h>
#include <string.h>

enum { NESTING_MOST = 100, TEXT_MOST = 1 << 20 };

struct reader {
    const char *text, *at;
    struct error *err;
    int nesting;
};

static int read_or(struct reader *r, struct buf *out);

static int reader_error(struct reader *r, const char *what)
{
    return error_set(r->err, "%s at \"%.20s\" in \"%.200s\"", what, r->at, r->text);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* is it next: an operator, or a word that ends there? */
static bool is_next(struct reader *r, const char *what)
{
    size_t n = strlen(what);

    while (isspace((unsigned char)*r->at))
        r->at++;
    return strncmp(r->at, what, n) == 0 && !(is_word(*what) && is_word(r->at[n]));
}

static bool take(struct reader *r, const char *what)
{
    bool is = is_next(r, what);

    if (is)
        r->at += strlen(what);
    return is;
}

static const char *take_comparison(struct reader *r)
{
    static const char *const operators[] = {"==", "!=", "<=", ">=", "<", ">"};

    if (is_next(r, "<<") || is_next(r, ">>"))
        return NULL;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (take(r, operators[i]))
            return operators[i];
    return NULL;
}

/* expressions with commas between them, up to `close` */
static int read_list(struct reader *r, const char *between, const char *close, struct buf *out)
{
    do {
        if (read_or(r, out))
            return -1;
        if (is_next(r, ","))
            buf_adds(out, between);
    } while (take(r, ","));
    return take(r, close) ? 0 : reader_error(r, "expected a closing bracket");
}

static int read_word(struct reader *r, struct buf *out)
{
    if (take(r, "True") || take(r, "False"))
        buf_addc(out, r->at[-2] == 'u' ? '1' : '0');
    while (is_word(*r->at))
        buf_addc(out, *r->at++);
    if (r->at[0] == '.' && r->at[1] == '0' && !is_word(r->at[2]))
        r->at += 2;
    else if (*r->at == '.')
        return reader_error(r, "a number that is not whole");
    return 0;
}

static bool ends_operand(struct reader *r)
{
    static const char *const ends[] = {"and", "or", "not", "in", "if", "else"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (is_next(r, ends[i]))
            return true;
    return false;
}

/* arithmetic, as far as it goes */
static int read_operand(struct reader *r, struct buf *out)
{
    int rc = 0;

    buf_addc(out, '(');
    while (rc == 0 && !ends_operand(r)) {
        if (take(r, "**"))
            rc = reader_error(r, "a power");
        else if (take(r, "//"))
            buf_addc(out, '/');
        else if (take(r, "<<") || take(r, ">>"))
            buf_add(out, r->at - 2, 2);
        else if (take(r, "(")) {
            buf_addc(out, '(');
            rc = read_list(r, ", ", ")", out);
            buf_addc(out, ')');
        } else if (is_word(*r->at)) {
            rc = read_word(r, out);
        } else if (*r->at && strchr("+-*/%&|^~", *r->at)) {
            buf_addf(out, " %c ", *r->at++);
        } else {
            break;
        }
    }
    buf_addc(out, ')');
    return rc;
}

/* a in (1, 2) is a == 1 || a == 2 */
static int read_in(struct reader *r, const char *left, struct buf *out)
{
    struct buf between;
    int rc;

    if (!is_next(r, "(") && !is_next(r, "["))
        return reader_error(r, "expected a list");
    buf_init(&between, TEXT_MOST);
    buf_addf(&between, " || %s == ", left);
    buf_addf(out, "(%s == ", left);
    const char *close = *r->at++ == '(' ? ")" : "]";
    rc = read_list(r, buf_text(&between), close, out);
    buf_addc(out, ')');
    buf_release(&between);
    return rc;
}

/* a < b < c is a < b && b < c */
static int read_comparison(struct reader *r, struct buf *out)
{
    struct buf left, right;
    const char *op;
    bool chained = false, negated;
    int rc;

    buf_init(&left, TEXT_MOST);
    buf_init(&right, TEXT_MOST);
    rc = read_operand(r, &left);
    negated = rc == 0 && take(r, "not");
    if (negated && !is_next(r, "in"))
        rc = reader_error(r, "expected 'in'");
    if (rc == 0 && take(r, "in")) {
        buf_adds(out, negated ? "!" : "");
        rc = read_in(r, buf_text(&left), out);
    } else {
        while (rc == 0 && (op = take_comparison(r))) {
            rc = read_operand(r, &right);
            buf_addf(out, "%s%s %s %s", chained ? " && " : "", buf_text(&left), op,
                     buf_text(&right));
            buf_clear(&left);
            buf_adds(&left, buf_text(&right));
            buf_clear(&right);
            chained = true;
        }
        if (!chained)
            buf_adds(out, buf_text(&left));
    }
    buf_release(&left);
    buf_release(&right);
    return rc;
}

static int read_not(struct reader *r, struct buf *out)
{
    int rc;

    if (!take(r, "not"))
        return read_comparison(r, out);
    if (++r->nesting > NESTING_MOST)
        return reader_error(r, "nested too deeply");
    buf_adds(out, "!(");
    rc = read_not(r, out);
    buf_addc(out, ')');
    r->nesting--;
    return rc;
}

static int read_or(struct reader *r, struct buf *out)
{
    if (++r->nesting > NESTING_MOST)
        return reader_error(r, "nested too deeply");
    for (;;) {
        if (read_not(r, out))
            return -1;
        if (take(r, "and"))
            buf_adds(out, " && ");
        else if (take(r, "or"))
            buf_adds(out, " || ");
        else
            break;
    }
    r->nesting--;
    return 0;
}

int constraint_translate(const char *python, struct buf *c, struct error *err)
{
    struct reader r = {python, python, err, 0};

    if (read_or(&r, c))
        return -1;
    if (!is_next(&r, "") || *r.at)
        return reader_error(&r, "this could not be read");
    return 0;
}
