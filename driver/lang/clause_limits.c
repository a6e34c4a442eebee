/* clause_limits.c - the clauses that say what is right, wanted and allowed: check, reference,
 * objective, budget, require, and quantities with their units. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/clause.h"
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"

/* the index of the name at the cursor in a list that NULL ends, stepped over; -1, reported with the
 * list, when it is none of them */
static int take_one(struct cursor *c, const struct word *words, const char *what)
{
    struct span at;
    const char *name = cursor_name(c, what, &at);

    for (int i = 0; name && words[i].word; i++)
        if (strcmp(name, words[i].word) == 0)
            return i;
    if (name)
        cursor_error(c, at.at, "expected %s, found '%s'", what, name);
    return -1;
}

/* --- numbers with units --- */

/* the number at the cursor and the unit glued to it or behind it; false, reported, for no number */
static bool take_number(struct cursor *c, const char *what, double *value, const char **unit,
                        struct span *at)
{
    const struct token *t = cursor_peek(c);
    char *text, *end;

    *at = t->span;
    if (t->kind != TOKEN_NUMBER) {
        cursor_expected(c, what);
        return false;
    }
    text = source_copy(c->arena, c->src, t->span);
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X' || text[1] == 'b' || text[1] == 'B')) {
        int64_t whole = 0;
        if (expr_number(text, strlen(text), &whole)) {
            cursor_expected(c, what);
            return false;
        }
        *value = (double)whole;
        end = text + strlen(text);
    } else {
        *value = strtod(text, &end);
    }
    cursor_next(c);
    *unit = end;
    if (!*end && cursor_peek(c)->kind == TOKEN_NAME) {
        at->end = cursor_peek(c)->span.end;
        *unit = cursor_name(c, "a unit", NULL);
    }
    return true;
}

const struct word size_words[] = {
    {"K", "64K", "1024 bytes; of counts, 1000"},
    {"M", "64M", "1024 K; of counts, 1000 K"},
    {"G", "1G", "1024 M; of counts, 1000 M"},
    {NULL, NULL, NULL},
};

bool clause_quantity(struct cursor *c, int64_t kilo, int64_t *value)
{
    const char *unit;
    struct span at;
    double number;
    size_t known = 0;

    if (!take_number(c, "a number", &number, &unit, &at))
        return false;
    while (*unit && size_words[known].word && strcmp(unit, size_words[known].word) != 0)
        known++;
    if (!size_words[known].word) {
        cursor_error(c, at.at, "'%s' is no unit here: write K, M or G", unit);
        return false;
    }
    for (size_t i = 0; *unit && i <= known; i++)
        number *= (double)kilo;
    if (number > 1e15 || number != floor(number)) {
        cursor_error(c, at.at,
                     number > 1e15 ? "this number is too large" : "expected a whole number");
        return false;
    }
    *value = (int64_t)number;
    return true;
}

const struct word time_words[] = {
    {"s", "90s", "seconds"},
    {"min", "10min", "minutes"},
    {"h", "2h", "hours"},
    {NULL, NULL, NULL},
};

static bool take_time(struct cursor *c, double *seconds)
{
    static const double SECONDS[] = {1, 60, 3600};
    const char *unit;
    struct span at;

    if (!take_number(c, "a time, as in 10min", seconds, &unit, &at))
        return false;
    for (size_t i = 0; time_words[i].word; i++) {
        if (strcmp(unit, time_words[i].word) != 0)
            continue;
        *seconds *= SECONDS[i];
        if (*seconds > 0 && *seconds <= 1e9)
            return true;
        cursor_error(c, at.at, "a budget's time must be more than 0");
        return false;
    }
    cursor_error(c, at.at, "a time needs a unit: s, min or h");
    return false;
}

/* --- check --- */

/* a function's name, which is pasted */
static bool take_function(struct cursor *c, const char *what, struct cxx *name)
{
    name->text = cursor_qname(c, what, &name->at);
    return name->text != NULL;
}

static bool take_tolerance(struct cursor *c, const char *name, double *value)
{
    const struct token *t = cursor_peek(c);
    const char *text = source_copy(c->arena, c->src, t->span);
    char *end = NULL;

    if (t->kind == TOKEN_NUMBER)
        *value = strtod(text, &end);
    if (end && (*end == '\0' || strcmp(end, "f") == 0) && isfinite(*value)) {
        cursor_next(c);
        if (strcmp(name, "bad") != 0 || *value <= 1)
            return true;
        cursor_error(c, t->span.at, "bad is a share of the elements: from 0 to 1");
        return false;
    }
    cursor_expected(c, arena_printf(c->arena, "a number for %s", name));
    return false;
}

const struct word check_words[] = {
    {"exact", "exact", "bit for bit; always so for integers"},
    {"rtol", "rtol = X", "off by at most X times the reference's element, beside atol"},
    {"atol", "atol = X",
     "off by at most X times the root mean square of the reference's array, beside rtol"},
    {"ulp", "ulp = X", "off by at most X units in the last place, instead of rtol and atol"},
    {"bad", "bad = X", "this share of the elements, from 0 to 1, may be wrong; 0 if not given"},
    {"by", "by = FUNCTION", "a host function judges what does not pass otherwise"},
    {NULL, NULL, NULL},
};

/* check(y, OPTION, ...): of an output y with elements of type T,
 *
 *   exact               equal bit for bit
 *   rtol = x, atol = x  |got - expected| <= atol * rms(expected) + rtol * |expected|
 *   ulp = x             so many numbers of the type apart, instead of the two
 *   bad = x             a share x of the elements may miss
 *   by = f              where y does not pass so, a host function is asked about all of it,
 *                       `bool f(const T *expected, const T *got, size_t n)`, and its answer
 *                       counts; without another option that is wherever y is not equal bit for
 *                       bit
 *
 * The arrays that f gets are copies on the host. It is any function that the file's end sees, also
 * one of the file that reference("...") names. */
bool clause_check(struct cursor *c, struct clause *clause)
{
    struct check *check = &clause->check;
    double *const values[] = {NULL, &check->rtol, &check->atol, &check->ulp, &check->bad};

    clause->name = cursor_name(c, "an array's name", &clause->name_at);
    if (!clause->name)
        return false;
    while (cursor_take(c, ",")) {
        struct span at = cursor_peek(c)->span;
        int option = take_one(c, check_words, "exact, rtol, atol, ulp, bad or by");
        bool twice;
        if (option < 0)
            return false;
        twice = option == 0  ? check->exact
                : option < 5 ? *values[option] >= 0
                             : check->by.text != NULL;
        if (twice) {
            cursor_error(c, at.at, "'%s' is given twice", check_words[option].word);
            return false;
        }
        if (option == 0) {
            check->exact = true;
            continue;
        }
        if (!cursor_expect(c, "="))
            return false;
        if (option < 5 && !take_tolerance(c, check_words[option].word, values[option]))
            return false;
        if (option == 5 && !take_function(c, "a function's name", &check->by))
            return false;
    }
    return true;
}

/* --- reference, objective, budget, require --- */

/* reference(f), reference("file.cu", f), reference(original): what computes the right answers. It
 * takes the entry's arguments: a kernel for a kernel (launched with launch(...) as it is for the
 * values in the code), else a host function, which for a kernel may take a stream behind them; with
 * call(...) its name stands there in the place of the entry's. The file is included behind the
 * annotated text, so it sees what that declares; its path is from the annotated file's folder. */
bool clause_reference(struct cursor *c, struct clause *clause)
{
    if (cursor_peek(c)->kind == TOKEN_STRING) {
        clause->kind_text = cursor_string(c, "a file's name");
        return clause->kind_text && cursor_expect(c, ",") &&
               take_function(c, "a function's name", &clause->symbol);
    }
    if (cursor_is(c, "original") && !cursor_is_ahead(c, 1, "::")) {
        cursor_next(c);
        clause->kind_text = "original";
        return true;
    }
    clause->kind_text = "";
    return take_function(c, "original, a function's name, or a file's name in quotes",
                         &clause->symbol);
}

const struct word objective_words[] = {
    {"time", "time", "how long a launch takes; what holds if nothing is said"},
    {"energy", "energy", "what a launch takes in, by the GPU's own counter"},
    {"cold", "cold", "with nothing of the arrays in the L2 cache; what holds if nothing is said"},
    {"warm", "warm", "with the arrays in the L2 cache as the launch before left them"},
    {"p50", "p50", "the median of the launches; what holds if nothing is said"},
    {"p90", "p90", "what nine launches of ten stay below, each timed alone"},
    {NULL, NULL, NULL},
};

/* energy is a mean over many launches: there is no p90 of it */
bool clause_objective(struct cursor *c, struct clause *clause)
{
    enum { HOW = 2 }; /* the first word of how, behind those of what */
    struct span at = cursor_peek(c)->span;
    int what = take_one(c, objective_words, "time or energy");
    unsigned given = 0;

    if (what < 0)
        return false;
    clause->energy = what == 1;
    while (cursor_take(c, ",")) {
        int how;
        at = cursor_peek(c)->span;
        how = take_one(c, objective_words + HOW, "cold, warm, p50 or p90");
        unsigned pair = how < 2 ? 3u : 12u;
        if (how < 0)
            return false;
        if (given & pair) {
            cursor_error(c, at.at, "'%s' says again what was said before it",
                         objective_words[HOW + how].word);
            return false;
        }
        given |= 1u << how;
        if (how == 3 && clause->energy) {
            cursor_error(c, at.at, "energy is a mean over many launches: there is no p90 of it");
            return false;
        }
        clause->warm |= how == 1;
        clause->p90 |= how == 3;
    }
    return true;
}

const struct word budget_words[] = {
    {"time", "time = TIME",
     "of the whole search; 2 min at build time if neither this nor KSEARCH_BUDGET is given"},
    {"evals", "evals = COUNT", "how many variants are tried"},
    {"tokens", "tokens = COUNT", "what a model may read and write"},
    {NULL, NULL, NULL},
};

bool clause_budget(struct cursor *c, struct clause *clause)
{
    do {
        struct span at = cursor_peek(c)->span;
        int what = take_one(c, budget_words, "time, evals or tokens");
        int64_t *count = what == 1 ? &clause->evals : &clause->tokens;
        if (what < 0)
            return false;
        if (what == 0 ? clause->seconds > 0 : *count > 0) {
            cursor_error(c, at.at, "'%s' is given twice", budget_words[what].word);
            return false;
        }
        if (!cursor_expect(c, "="))
            return false;
        if (what == 0 ? !take_time(c, &clause->seconds) : !clause_quantity(c, 1000, count))
            return false;
        if (what > 0 && *count == 0) {
            cursor_error(c, at.at, "a budget must be more than 0");
            return false;
        }
    } while (cursor_take(c, ","));
    return true;
}

const struct word require_words[] = {
    {"deterministic", "deterministic", "the same bits from every launch on the same inputs"},
    {"graph", "graph", "the call can be captured into a CUDA graph"},
    {"smem", "smem <= SIZE", "shared memory of a block, static and dynamic"},
    {"regs", "regs <= COUNT", "registers of a thread"},
    {"spills", "spills <= SIZE", "bytes of registers that a thread spills"},
    {NULL, NULL, NULL},
};

/* require(...) is about what may take the original's place, which itself need not keep to it: smem
 * is all of a block's shared memory, regs are a thread's, spills the bytes that a thread stores for
 * want of registers */
bool clause_require(struct cursor *c, struct clause *clause)
{
    struct require *r = &clause->require;
    int64_t *const limits[] = {NULL, NULL, &r->smem, &r->regs, &r->spills};

    do {
        int what = take_one(c, require_words, "deterministic, graph, smem, regs or spills");
        if (what < 0)
            return false;
        r->deterministic |= what == 0;
        r->graph |= what == 1;
        if (what < 2)
            continue;
        if (!cursor_is(c, "<=")) {
            cursor_expected(c, "'<='");
            return false;
        }
        cursor_next(c);
        cursor_next(c);
        if (!clause_quantity(c, 1024, limits[what]))
            return false;
    } while (cursor_take(c, ","));
    return true;
}
