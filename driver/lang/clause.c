/* clause.c - the grammar of a line of clauses.
 *
 *   body   = ["on" "(" gpu {"," gpu} ")"] clause {clause}
 *   clause = word "(" ... ")"
 *
 * A clause that cannot be read is reported and stepped over to its closing parenthesis, so that one
 * run reports the mistakes of all of them. */
#include "driver/lang/clause.h"

#include <ctype.h>
#include <string.h>
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"

const struct word line_words[] = {
    {"begin", "begin [NAME]",
     "a region begins: all up to `end` may be replaced, not only the entry"},
    {"end", "end [NAME]", "it ends"},
    {"on", "on(GPU, ...) CLAUSE ...",
     "the clauses of this line hold on these GPUs only, and there override those of other lines"},
    {NULL, NULL, NULL},
};

/* --- the clauses that are lists --- */

static bool parse_arrays(struct cursor *c, struct clause *clause)
{
    do {
        struct array *array = arena_push(c->arena, clause->arrays, clause->narrays);
        array->role = (enum role)(clause->kind - CLAUSE_IN);
        if (!clause_array(c, array))
            return false;
    } while (cursor_take(c, ","));
    return true;
}

static bool parse_point(struct cursor *c, struct clause *clause)
{
    clause->name = "";
    if (cursor_is_ahead(c, 1, ":")) {
        clause->name = cursor_name(c, "a name", &clause->name_at);
        if (!clause->name)
            return false;
        cursor_next(c); /* : */
    }
    do {
        struct bind *bind = arena_push(c->arena, clause->binds, clause->nbinds);
        if (!clause_bind(c, bind, clause->kind == CLAUSE_WORKLOAD))
            return false;
    } while (cursor_take(c, ","));
    return true;
}

static bool parse_named(struct cursor *c, struct clause *clause)
{
    do {
        struct named *named = arena_push(c->arena, clause->named, clause->nnamed);
        named->name = cursor_name(c, "a name", &named->at);
        if (!named->name || !cursor_expect(c, "=") ||
            !cursor_cxx_list(c, "an expression", &named->value))
            return false;
    } while (cursor_take(c, ","));
    return true;
}

static bool parse_launch(struct cursor *c, struct clause *clause)
{
    do {
        if (!clause_launch_dim(c, arena_push(c->arena, clause->dims, clause->ndims)))
            return false;
    } while (cursor_take(c, ","));
    return true;
}

/* call(...) and setup(...): everything up to the closing parenthesis */
static bool parse_cxx(struct cursor *c, struct clause *clause)
{
    struct cxx part;
    const struct token *first = cursor_peek(c);

    do {
        if (!cursor_cxx(c, "a call", 0, &part))
            return false;
    } while (cursor_take(c, ","));
    clause->cxx.at = (struct span){first->span.at, part.at.end};
    clause->cxx.text = cursor_text(c->arena, c->src, clause->cxx.at);
    return true;
}

static bool parse_tune(struct cursor *c, struct clause *clause)
{
    clause->name = cursor_qname(c, "the name of a constant", &clause->name_at);
    return clause->name && cursor_expect(c, "=") && clause_domain(c, &clause->domain);
}

static bool parse_exprs(struct cursor *c, struct clause *clause)
{
    do {
        struct constraint *k = arena_push(c->arena, clause->exprs, clause->nexprs);
        k->expr = expr_parse(c);
        if (!k->expr)
            return false;
        k->at = expr_span(k->expr);
        k->text = cursor_text(c->arena, c->src, k->at);
    } while (cursor_take(c, ","));
    return true;
}

static bool parse_allow(struct cursor *c, struct clause *clause)
{
    (void)clause; /* there is nothing else to allow */
    if (cursor_take(c, "host"))
        return true;
    cursor_expected(c, "'host'");
    return false;
}

static bool parse_text(struct cursor *c, struct clause *clause)
{
    clause->text = cursor_string(c, "a string");
    return clause->text != NULL;
}

static bool parse_name(struct cursor *c, struct clause *clause)
{
    clause->name = cursor_name(c, "a name", &clause->name_at);
    return clause->name != NULL;
}

static bool parse_scratch(struct cursor *c, struct clause *clause)
{
    return clause_quantity(c, 1024, &clause->scratch);
}

enum times { MANY, ONCE };

static const struct clause_form FORMS[CLAUSE_KINDS] = {
    [CLAUSE_IN] = {{"in", "in(ARRAY, ...)", "arrays that the entry reads"},
                   MANY,
                   parse_arrays,
                   "in(x[n], w[rows][d] = uniform(0, 1))"},
    [CLAUSE_OUT] = {{"out", "out(ARRAY, ...)",
                     "arrays that it writes, all of them: they are checked"},
                    MANY,
                    parse_arrays,
                    "out(y[rows][d])"},
    [CLAUSE_INOUT] = {{"inout", "inout(ARRAY, ...)",
                       "arrays that it reads and writes: restored before each launch, and checked"},
                      MANY,
                      parse_arrays,
                      "inout(y[n] = zeros)"},
    [CLAUSE_TEMP] = {{"temp", "temp(ARRAY, ...)",
                      "scratch that the caller provides: neither filled nor checked"},
                     MANY,
                     parse_arrays,
                     "temp(work[n])"},
    [CLAUSE_WORKLOAD] = {{"workload", "workload([NAME:] DIM = VALUE, ... [, weight = W])",
                          "sizes that are timed, and checked"},
                         MANY,
                         parse_point,
                         "workload(rows = 1, 16, d = 4096)"},
    [CLAUSE_TEST] = {{"test", "test([NAME:] DIM = VALUE, ...)",
                      "sizes that are checked, never timed"},
                     MANY,
                     parse_point,
                     "test(rows = 3, d = 1000)"},
    [CLAUSE_LET] = {{"let", "let(NAME = C++, ...)",
                     "names for values that sizes are computed from"},
                    MANY,
                    parse_named,
                    "let(pages = tokens / 16)"},
    [CLAUSE_ARG] = {{"arg", "arg(PARAMETER = C++, ...)",
                     "what is passed for a parameter that is no array and no size"},
                    MANY,
                    parse_named,
                    "arg(eps = 1e-5f)"},
    [CLAUSE_INSTANCE] = {{"instance", "instance(PARAMETER = C++, ...)",
                          "an instance of a template: each is measured by itself"},
                         MANY,
                         parse_named,
                         "instance(T = float)"},
    [CLAUSE_LAUNCH] = {{"launch",
                        "launch(grid = DIMS, block = DIMS [, cluster = DIMS] [, smem = C++])",
                        "how the host launches a `__global__` entry"},
                       ONCE,
                       parse_launch,
                       "launch(grid = (cdiv(w, 32), h), block = 256, smem = 1024)"},
    [CLAUSE_CALL] = {{"call", "call(C++)",
                      "the call of a host entry, where its parameters do not tell"},
                     ONCE,
                     parse_cxx,
                     "call(halve(View{x, (int)n}, y, stream))"},
    [CLAUSE_SETUP] = {{"setup", "setup(C++)",
                       "runs once after the code is loaded, to fill `__constant__` tables, say"},
                      ONCE,
                      parse_cxx,
                      "setup(fill_table(0.5f))"},
    [CLAUSE_TUNE] = {{"tune", "tune(CONSTANT = DOMAIN)",
                      "a constant of the code and the values that it may have"},
                     MANY,
                     parse_tune,
                     "tune(BLOCK = 64, 128, 256) or tune(N = range(1, 8))"},
    [CLAUSE_WHERE] = {{"where", "where(EXPR, ...)",
                       "which combinations of tuned values make sense"},
                      MANY,
                      parse_exprs,
                      "where(TX * TY <= 1024)"},
    [CLAUSE_ASSUME] =
        {{"assume", "assume(EXPR, ...)",
          "what a variant may rely on; the emitted code tests it and calls the original otherwise"},
         MANY,
         parse_exprs,
         "assume(d % 4 == 0)"},
    [CLAUSE_CHECK] = {{"check",
                       "check(ARRAY [, exact] [, rtol = X] [, atol = X] [, ulp = X] [, bad = X] [, "
                       "by = FUNCTION])",
                       "when an output counts as right"},
                      MANY,
                      clause_check,
                      "check(y, rtol = 1e-3, atol = 1e-5)"},
    [CLAUSE_REFERENCE] =
        {{"reference", "reference(original), reference(FUNCTION) or reference(\"FILE\", FUNCTION)",
          "what outputs are compared with"},
         ONCE,
         clause_reference,
         "reference(slow) or reference(\"slow.cu\", slow)"},
    [CLAUSE_OBJECTIVE] = {{"objective", "objective(WHAT [, cold] [, warm] [, p50] [, p90])",
                           "what is made small"},
                          ONCE,
                          clause_objective,
                          "objective(time, warm)"},
    [CLAUSE_BUDGET] = {{"budget", "budget(time = TIME, evals = COUNT, tokens = COUNT)",
                        "what a search may cost"},
                       ONCE,
                       clause_budget,
                       "budget(time = 60s)"},
    [CLAUSE_REQUIRE] =
        {{"require", "require(deterministic, graph, smem <= SIZE, regs <= COUNT, spills <= SIZE)",
          "what every variant must hold to"},
         MANY,
         clause_require,
         "require(deterministic, regs <= 64)"},
    [CLAUSE_SCRATCH] = {{"scratch", "scratch(SIZE)",
                         "how much memory a variant may ask the runtime for"},
                        ONCE,
                        parse_scratch,
                        "scratch(64M)"},
    [CLAUSE_ALLOW] = {{"allow", "allow(host)", "variants may bring host code of their own"},
                      MANY,
                      parse_allow,
                      "allow(host)"},
    [CLAUSE_HINT] = {{"hint", "hint(\"TEXT\")", "words for a model that writes variants"},
                     MANY,
                     parse_text,
                     "hint(\"memory bound\")"},
    [CLAUSE_NAME] = {{"name", "name(NAME)", "what the entry is called in reports and lockfiles"},
                     ONCE,
                     parse_name,
                     "name(fill_float)"},
    [CLAUSE_STRUCTURE] = {{"structure", "structure(\"FILE\")",
                           "another way of writing the entry, which the search tries too"},
                          MANY,
                          parse_text,
                          "structure(\"split.cuh\")"},
    [CLAUSE_USE] = {{"use", "use(\"FILE\")", "reads clauses from a file, as if they stood here"},
                    MANY,
                    parse_text,
                    "use(\"sums.ks\")"},
};

static void show_example(struct cursor *c, enum clause_kind kind, size_t at)
{
    if (c->diag && c->misread)
        diag_note(c->diag, c->src, at, "for example, %s", FORMS[kind].example);
}

const struct clause_form *clause_form(enum clause_kind kind)
{
    return &FORMS[kind];
}

const char *clause_word(enum clause_kind kind)
{
    return FORMS[kind].is.word;
}

/* --- on --- */

/* "sm_90", "sm_90a": 1 or 0 for whether the GPU is one; -1 when it is no such name */
static int is_arch(const char *name, const struct gpu *gpu)
{
    int number = 0;

    if (strncmp(name, "sm_", 3) != 0 || !isdigit((unsigned char)name[3]))
        return -1;
    for (name += 3; isdigit((unsigned char)*name) && number < 100000; name++)
        number = number * 10 + *name - '0';
    if (*name && (name[1] || (*name != 'a' && *name != 'f')))
        return -1;
    return gpu && gpu->major * 10 + gpu->minor == number;
}

static bool parse_on(struct cursor *c, const struct gpu *gpu, bool *holds)
{
    *holds = false;
    if (!cursor_expect(c, "("))
        return false;
    do {
        if (cursor_peek(c)->kind == TOKEN_STRING) {
            const char *text = cursor_string(c, "a GPU's name");
            if (!text)
                return false;
            *holds |= gpu && *text && strcasestr(gpu->name, text) != NULL;
        } else {
            struct span at;
            const char *name = cursor_name(c, "sm_NN or a GPU's name in quotes", &at);
            int is = name ? is_arch(name, gpu) : -1;
            if (name && is < 0)
                cursor_error(c, at.at,
                             "'%s' is no architecture; write sm_90, or \"H200\" in quotes", name);
            if (is < 0)
                return false;
            *holds |= is;
        }
    } while (cursor_take(c, ","));
    return cursor_expect(c, ")");
}

/* --- clauses --- */

/* false when nothing sensible can follow */
static bool unknown_clause(struct cursor *c, const char *name, struct span at)
{
    const char *words[CLAUSE_KINDS], *near;

    for (size_t i = 0; i < CLAUSE_KINDS; i++)
        words[i] = FORMS[i].is.word;
    near = diag_full(c->diag) ? NULL : diag_nearest(name, words, CLAUSE_KINDS);
    if (strcmp(name, "on") == 0)
        cursor_error(c, at.at, "on(...) must come first in its line");
    else if (strcmp(name, "begin") == 0 || strcmp(name, "end") == 0)
        cursor_error(c, at.at, "'%s' must stand alone in its line", name);
    else
        cursor_error(c, at.at,
                     near ? "unknown clause '%s'; did you mean '%s'?" : "unknown clause '%s'", name,
                     near);
    if (cursor_take(c, "("))
        cursor_skip_group(c);
    return strcmp(name, "begin") != 0 && strcmp(name, "end") != 0;
}

/* what people put between clauses, and what editors leave at the ends of lines; false, reported */
static bool can_begin(struct cursor *c)
{
    const struct token *t = cursor_peek(c);

    if (cursor_is(c, ",") || cursor_is(c, ";"))
        cursor_error(c, t->span.at, "nothing stands between clauses: leave out '%s'",
                     source_copy(c->arena, c->src, t->span));
    else if (cursor_is(c, "\\"))
        cursor_error(c, t->span.at, "blanks stand behind this backslash, so the line ends here");
    else
        return true;
    return false;
}

/* one clause; false when the cursor cannot go on */
static bool parse_clause(struct cursor *c, struct clause **clauses, size_t *n, struct clause *model)
{
    struct span at;
    const char *name;
    struct clause *clause;
    size_t kind = 0, inside;

    c->misread = false;
    if (!can_begin(c))
        return false;
    name = cursor_name(c, "a clause", &at);
    if (!name)
        return false;
    while (kind < CLAUSE_KINDS && strcmp(name, FORMS[kind].is.word) != 0)
        kind++;
    if (kind == CLAUSE_KINDS)
        return unknown_clause(c, name, at);
    if (*n == CLAUSE_LIMIT) {
        cursor_error(c, at.at, "more than %d clauses for one function", CLAUSE_LIMIT);
        return false;
    }
    clause = arena_push(c->arena, *clauses, *n);
    *clause = *model;
    clause->kind = (enum clause_kind)kind;
    clause->at = clause->use_at = at;
    clause->check = (struct check){false, -1, -1, -1, -1, {0}};
    clause->require = (struct require){false, false, -1, -1, -1};
    if (!cursor_expect(c, "(")) {
        show_example(c, clause->kind, at.at);
        return false;
    }
    inside = c->i;
    if (FORMS[kind].parse(c, clause) && cursor_take(c, ")"))
        return true;
    if (!c->failed)
        cursor_expected(c, "',' or ')'");
    show_example(c, clause->kind, at.at);
    c->i = inside; /* from here the brackets are known to balance */
    cursor_skip_group(c);
    return true;
}

bool clause_parse(struct cursor *c, struct clause **clauses, size_t *n)
{
    struct clause model = {.src = c->src};

    c->failed = false;
    return parse_clause(c, clauses, n, &model) && !c->failed;
}

int clauses_parse(struct cursor *c, const struct gpu *gpu, struct clause **clauses, size_t *n)
{
    struct clause model = {.src = c->src};
    bool failed = false;

    if (cursor_is(c, "on") && cursor_is_ahead(c, 1, "(")) {
        size_t at = cursor_next(c)->span.at;
        model.is_on = true;
        if (!parse_on(c, gpu, &model.holds))
            return -1;
        model.on = cursor_text(c->arena, c->src, (struct span){at, c->token[c->i - 1].span.end});
    }
    if (cursor_at_end(c))
        return cursor_expected(c, "a clause");
    while (!cursor_at_end(c)) {
        bool go_on;
        c->failed = false;
        go_on = parse_clause(c, clauses, n, &model);
        failed |= c->failed;
        if (!go_on)
            break;
    }
    return failed ? -1 : 0;
}
