/* resolve_select.c - which clauses hold.
 *
 * A line with on(...) for another GPU is as if it were not there. One for this GPU overrides: a
 * tune, check, array, let or arg of the same name, and for every other clause all of its kind that
 * stand in lines without on(...). */
#include <string.h>
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"

static bool is_array_clause(enum clause_kind kind)
{
    return kind <= CLAUSE_TEMP;
}

/* is the name one of those that the clause is about? */
static bool speaks_of(const struct clause *c, const char *name)
{
    for (size_t i = 0; i < c->narrays; i++)
        if (strcmp(c->arrays[i].name, name) == 0)
            return true;
    for (size_t i = 0; i < c->nnamed; i++)
        if (strcmp(c->named[i].name, name) == 0)
            return true;
    return c->name && strcmp(c->name, name) == 0;
}

static bool same_kind(enum clause_kind a, enum clause_kind b)
{
    return a == b || (is_array_clause(a) && is_array_clause(b));
}

static bool overridden(const struct block *b, const struct clause *c, const char *name)
{
    for (size_t i = 0; i < b->nclauses; i++) {
        const struct clause *other = &b->clauses[i];
        if (other->is_on && other->holds && same_kind(other->kind, c->kind) &&
            (!name || speaks_of(other, name)))
            return true;
    }
    return false;
}

/* takes overridden items out of a copy of the clause; false when nothing of it is left */
static bool reduce(struct arena *a, const struct block *b, struct clause *c)
{
    struct clause whole = *c;

    if (c->is_on)
        return true;
    if (is_array_clause(c->kind)) {
        c->arrays = NULL;
        c->narrays = 0;
        for (size_t i = 0; i < whole.narrays; i++)
            if (!overridden(b, &whole, whole.arrays[i].name))
                *arena_push(a, c->arrays, c->narrays) = whole.arrays[i];
        return c->narrays > 0;
    }
    if (c->kind == CLAUSE_LET || c->kind == CLAUSE_ARG) {
        c->named = NULL;
        c->nnamed = 0;
        for (size_t i = 0; i < whole.nnamed; i++)
            if (!overridden(b, &whole, whole.named[i].name))
                *arena_push(a, c->named, c->nnamed) = whole.named[i];
        return c->nnamed > 0;
    }
    return !overridden(b, c, c->kind == CLAUSE_TUNE || c->kind == CLAUSE_CHECK ? c->name : NULL);
}

/* Most blocks have no on(...) and few clauses; with many of them, looking for what overrides each
 * would take the square of their number for nothing. */
static bool any_on(const struct block *b)
{
    for (size_t i = 0; i < b->nclauses; i++)
        if (b->clauses[i].is_on && b->clauses[i].holds)
            return true;
    return false;
}

static int check_twice(struct resolver *r)
{
    const struct clause *first[CLAUSE_KINDS] = {NULL};
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++) {
        const struct clause *c = &r->clauses[i];
        if (!clause_form(c->kind)->once)
            continue;
        if (first[c->kind]) {
            rc = resolve_error(r, c, c->at.at, "%s(...) is given twice", clause_word(c->kind));
            diag_note(r->diag, first[c->kind]->src, first[c->kind]->at.at, "first given here");
        } else {
            first[c->kind] = c;
        }
    }
    return rc;
}

/* notes the line's on(...), once for its clauses, and the file that a use() reads */
static void note_origin(struct resolver *r, const struct clause *c)
{
    struct spec *s = r->spec;

    if (c->on && (s->nons == 0 || s->ons[s->nons - 1].text != c->on))
        *arena_push(r->arena, s->ons, s->nons) =
            (struct on_line){c->on, c->holds, resolve_place(r, c, c->at)};
    if (c->kind == CLAUSE_USE && (!c->is_on || c->holds))
        *arena_push(r->arena, s->uses, s->nuses) = c->text;
}

/* everything that a clause lists */
static size_t clause_parts(const struct clause *c)
{
    size_t n = 1 + c->narrays + c->nbinds + c->nnamed + c->ndims + c->nexprs;

    for (size_t i = 0; i < c->narrays; i++)
        n += c->arrays[i].nextents;
    return n;
}

static int check_size(struct resolver *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->block->nclauses; i++) {
        const struct clause *c = &r->block->clauses[i];
        n += clause_parts(c);
        if (n > 2 * CLAUSE_LIMIT)
            return resolve_error(r, c, c->at.at,
                                 "the clauses for this function have more than %d parts",
                                 2 * CLAUSE_LIMIT);
    }
    return 0;
}

int resolve_select(struct resolver *r)
{
    bool on = any_on(r->block);

    if (check_size(r))
        return -1;
    for (size_t i = 0; i < r->block->nclauses; i++) {
        struct clause c = r->block->clauses[i];
        note_origin(r, &c);
        if ((c.is_on && !c.holds) || c.kind == CLAUSE_USE ||
            (on && !reduce(r->arena, r->block, &c)))
            continue;
        *arena_push(r->arena, r->clauses, r->nclauses) = c;
    }
    return check_twice(r);
}
