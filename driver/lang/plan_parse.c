/* plan_parse.c - see plan_parse.h.
 *
 * What stands between <<< and >>> is read as a text of its own, so that the `>` of the closing
 * bracket is never taken for an operator. */
#include "driver/lang/plan_parse.h"

#include <string.h>
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"

const struct word plan_words[] = {
    {"let", "let(NAME = EXPR, ...)", "names for numbers"},
    {"when", "when(EXPR)",
     "what follows, up to the next `when`, is one of several ways: the first whose EXPR is not 0"},
    {"scratch", "scratch(NAME[EXPR]... as TYPE, ...)",
     "memory of the call, from the runtime's pool; it holds whatever was there"},
    {"zero", "zero(NAME, ...)", "scratch, or an `out` or `temp` array, is set to zeros"},
    {"tensormap", "tensormap(NAME = ARRAY, (DIMS), (BOX) [, SWIZZLE])",
     "a descriptor of tiles for the bulk copy engine, dimensions outermost first, swizzle in "
     "bytes"},
    {"run", "run(KERNEL<<<GRID, BLOCK [, SMEM [, CLUSTER]]>>>(ARGUMENT, ...))",
     "a launch of one of the structure's kernels"},
    {NULL, NULL, NULL},
};

enum { NWORDS = sizeof plan_words / sizeof *plan_words - 1, LIST_LIMIT = 5 };

bool plan_is_word(const struct cursor *c)
{
    for (size_t i = 0; i < NWORDS; i++)
        if (cursor_is(c, plan_words[i].word))
            return true;
    return false;
}

static struct plan_step *step_add(struct cursor *c, struct structure *s, enum plan_step_kind kind)
{
    struct plan_group *g = s->ngroups ? &s->groups[s->ngroups - 1] : NULL;
    struct plan_step *step =
        g ? arena_push(c->arena, g->steps, g->nsteps) : arena_push(c->arena, s->common, s->ncommon);

    step->kind = kind;
    step->at = cursor_peek(c)->span;
    return step;
}

/* --- lists --- */

static struct expr **list_add(struct cursor *c, struct plan_list *list)
{
    if (list->n < LIST_LIMIT)
        return &list->expr[list->n++];
    cursor_error(c, cursor_peek(c)->span.at, "more than %d of them", LIST_LIMIT);
    return NULL;
}

static bool list_expr(struct cursor *c, struct plan_list *list)
{
    struct expr **slot = list_add(c, list);

    return slot && (*slot = expr_parse(c)) != NULL;
}

/* "(" expr {"," expr} ")" */
static bool parse_tuple(struct cursor *c, struct plan_list *list)
{
    if (!cursor_expect(c, "("))
        return false;
    do {
        if (!list_expr(c, list))
            return false;
    } while (cursor_take(c, ","));
    return cursor_expect(c, ")");
}

/* a dimension of a launch: one expression, or up to three in parentheses (behind dim3 or not) */
static bool parse_dim(struct cursor *c, const char *what, struct plan_list *list)
{
    size_t at = cursor_peek(c)->span.at;

    if (cursor_is(c, "dim3") && cursor_is_ahead(c, 1, "("))
        cursor_next(c);
    if (!(cursor_is_tuple(c) ? parse_tuple(c, list) : list_expr(c, list)))
        return false;
    if (list->n <= 3)
        return true;
    cursor_error(c, at, "%s has at most three dimensions", what);
    return false;
}

/* --- run --- */

/* `<64, T>`, perhaps, at the cursor */
static bool parse_template(struct cursor *c, struct plan_run *run)
{
    size_t first = c->i, depth = 0;

    if (!cursor_is(c, "<") || cursor_is(c, "<<"))
        return true;
    do {
        depth += cursor_is_ahead(c, 0, "<");
        depth -= cursor_is_ahead(c, 0, ">");
        if (cursor_at_end(c)) {
            cursor_expected(c, "'>'");
            return false;
        }
        cursor_next(c);
    } while (depth > 0);
    run->arguments.at = (struct span){c->token[first].span.at, c->token[c->i - 1].span.end};
    run->arguments.text = cursor_text(c->arena, c->src, run->arguments.at);
    return true;
}

static bool is_triple(const struct cursor *c, size_t k, char byte)
{
    for (size_t i = 0; i < 3; i++) {
        const struct token *t = cursor_ahead(c, k + i);
        if (!lex_punct(c->src, t, byte) || t->span.at != cursor_ahead(c, k)->span.at + i)
            return false;
    }
    return true;
}

/* the cursor over what stands between <<< and >>>, and c behind it */
static bool enter_config(struct cursor *c, struct cursor *inside)
{
    size_t depth = 0, at;

    if (!is_triple(c, 0, '<')) {
        cursor_expected(c, "'<<<'");
        return false;
    }
    c->i += 3;
    at = cursor_peek(c)->span.at;
    while (!cursor_at_end(c) &&
           !(depth == 0 && (is_triple(c, 0, '>') || cursor_is_ahead(c, 0, ")")))) {
        depth += cursor_is_ahead(c, 0, "(");
        depth -= depth > 0 && cursor_is_ahead(c, 0, ")");
        cursor_next(c);
    }
    cursor_init(inside, c->arena, c->diag, c->src, (struct span){at, cursor_peek(c)->span.at});
    inside->end = "'>>>'";
    if (!is_triple(c, 0, '>')) {
        cursor_expected(c, "'>>>'");
        return false;
    }
    c->i += 3;
    return true;
}

static bool parse_config(struct cursor *c, struct plan_run *run)
{
    struct cursor in;

    if (!enter_config(c, &in))
        return false;
    if (parse_dim(&in, "a grid", &run->grid) && cursor_expect(&in, ",") &&
        parse_dim(&in, "a block", &run->block)) {
        if (cursor_take(&in, ","))
            run->smem = expr_parse(&in);
        if (!in.failed && cursor_take(&in, ","))
            parse_dim(&in, "a cluster", &run->cluster);
        if (!in.failed && !cursor_at_end(&in))
            cursor_expected(&in, run->cluster.n ? "'>>>'" : "',' or '>>>'");
    }
    c->failed |= in.failed;
    return !in.failed;
}

static bool parse_args(struct cursor *c, struct plan_run *run)
{
    if (!cursor_expect(c, "("))
        return false;
    if (cursor_take(c, ")"))
        return true;
    do {
        struct plan_arg *arg = arena_push(c->arena, run->args, run->nargs);
        arg->at = cursor_peek(c)->span;
        arg->expr = expr_parse(c);
        if (!arg->expr)
            return false;
        arg->at = expr_span(arg->expr);
    } while (cursor_take(c, ","));
    return cursor_expect(c, ")");
}

static bool parse_run(struct cursor *c, struct structure *s)
{
    struct plan_step *step = step_add(c, s, PLAN_RUN);
    struct plan_run *run = &step->run;

    run->number = s->nruns++;
    run->name = cursor_name(c, "the name of a kernel", &step->at);
    return run->name && parse_template(c, run) && parse_config(c, run) && parse_args(c, run);
}

/* --- the other statements --- */

static bool parse_let(struct cursor *c, struct structure *s)
{
    do {
        struct plan_step *step = step_add(c, s, PLAN_LET);
        step->index = s->nlets++;
        step->name = cursor_name(c, "a name", &step->at);
        if (!step->name || !cursor_expect(c, "=") || !(step->value = expr_parse(c)))
            return false;
    } while (cursor_take(c, ","));
    return true;
}

static bool parse_when(struct cursor *c, struct structure *s)
{
    struct plan_group *g = arena_push(c->arena, s->groups, s->ngroups);

    g->when = expr_parse(c);
    return g->when != NULL;
}

/* a type's words: `float`, `unsigned char`, `ns::half2` */
static const char *parse_type(struct cursor *c)
{
    struct cxx type;

    return cursor_cxx(c, "a type", 0, &type) ? type.text : NULL;
}

static bool parse_scratch(struct cursor *c, struct structure *s)
{
    do {
        struct plan_step *step = step_add(c, s, PLAN_SCRATCH);
        step->index = s->nscratch++;
        step->name = cursor_name(c, "a name", &step->at);
        if (!step->name)
            return false;
        do {
            if (!cursor_expect(c, "[") || !list_expr(c, &step->list) || !cursor_expect(c, "]"))
                return false;
        } while (cursor_is(c, "["));
        if (!cursor_expect(c, "as"))
            return false;
        size_t at = cursor_peek(c)->span.at;
        if (!(step->type = parse_type(c)))
            return false;
        step->size = structure_type_size(step->type);
        if (!step->size) {
            cursor_error(c, at,
                         "scratch of type '%s': its size is not known here; use a plain number or "
                         "vector type, or char",
                         step->type);
            return false;
        }
    } while (cursor_take(c, ","));
    return true;
}

static bool parse_zero(struct cursor *c, struct structure *s)
{
    do {
        struct plan_step *step = step_add(c, s, PLAN_ZERO);
        step->index = s->nzeros++;
        step->of = cursor_name(c, "the name of scratch or of an array", &step->at);
        if (!step->of)
            return false;
    } while (cursor_take(c, ","));
    return true;
}

static bool parse_tensormap(struct cursor *c, struct structure *s)
{
    struct plan_step *step = step_add(c, s, PLAN_MAP);
    struct span of;

    step->index = s->nmaps++;
    step->name = cursor_name(c, "a name", &step->at);
    if (!step->name || !cursor_expect(c, "=") || !(step->of = cursor_name(c, "an array", &of)) ||
        !cursor_expect(c, ",") || !parse_tuple(c, &step->list) || !cursor_expect(c, ",") ||
        !parse_tuple(c, &step->box))
        return false;
    if (step->list.n != step->box.n) {
        cursor_error(c, step->at.at, "a tensor map of %zu dimensions with a box of %zu",
                     step->list.n, step->box.n);
        return false;
    }
    if (cursor_take(c, ",")) {
        const struct token *t = cursor_next(c);
        int64_t swizzle = -1;
        if (t->kind == TOKEN_NUMBER)
            expr_number(c->src->text + t->span.at, t->span.end - t->span.at, &swizzle);
        if (swizzle != 0 && swizzle != 32 && swizzle != 64 && swizzle != 128) {
            cursor_error(c, t->span.at, "a swizzle is 0, 32, 64 or 128 (bytes)");
            return false;
        }
        step->swizzle = (int)swizzle;
    }
    return true;
}

bool plan_parse(struct cursor *c, struct structure *s)
{
    static bool (*const PARSERS[NWORDS])(struct cursor *, struct structure *) = {
        parse_let, parse_when, parse_scratch, parse_zero, parse_tensormap, parse_run,
    };
    size_t kind = 0, inside;

    while (!cursor_is(c, plan_words[kind].word))
        kind++;
    c->failed = false;
    cursor_next(c);
    if (!cursor_expect(c, "("))
        return false;
    inside = c->i;
    if (PARSERS[kind](c, s) && cursor_take(c, ")"))
        return true;
    if (!c->failed)
        cursor_expected(c, "',' or ')'");
    c->i = inside;
    cursor_skip_group(c);
    return false;
}
