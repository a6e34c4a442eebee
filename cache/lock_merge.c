/* cache/lock_merge.c - see lock_merge.h. */
#include "cache/lock_merge.h"

#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"

/* ---- which of two ---------------------------------------------------------------------------- */

static char *record_text(const struct record *r)
{
    json_t *object = record_to_json(r, false);
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6)) : strdup("");

    json_decref(object);
    if (!text)
        fatal("out of memory");
    return text;
}

static int compare_texts(const struct record *a, const struct record *b)
{
    char *x = record_text(a), *y = record_text(b);
    int order = strcmp(x, y);

    free(x);
    free(y);
    return order;
}

static bool same_record(const struct record *a, const struct record *b)
{
    return a && b ? compare_texts(a, b) == 0 : a == b;
}

int merge_prefer(const struct record *a, const struct record *b)
{
    bool same_code = hash_equal(&a->key.all, &b->key.all);
    int newer = strcmp(b->created, a->created);

    if (same_code && !a->nwinners != !b->nwinners)
        return a->nwinners ? -1 : 1;
    if (same_code && a->nwinners && a->low != b->low)
        return a->low > b->low ? -1 : 1;
    return newer ? newer : compare_texts(a, b);
}

/* ---- the union ------------------------------------------------------------------------------- */

static const struct record *find_slot(const struct lockfile *l, const struct record *r)
{
    for (size_t i = 0; l && i < l->n; i++)
        if (lock_same_slot(l->records[i], r))
            return l->records[i];
    return NULL;
}

static struct record *copy_of(const struct record *r)
{
    struct record *copy = record_copy(r, false);

    if (!copy)
        fatal("a record of a lockfile cannot be copied");
    return copy;
}

/* what becomes of a slot; a choice without a record: it is removed */
static struct merge_choice choose(const struct record *a, const struct record *b,
                                  const struct record *base, bool has_base)
{
    if (same_record(a, b))
        return (struct merge_choice){a, NULL, MERGED_BOTH};
    if (has_base && same_record(a, base))
        return (struct merge_choice){b, a, MERGED_ONE};
    if (has_base && same_record(b, base))
        return (struct merge_choice){a, b, MERGED_ONE};
    if (!a || !b) /* changed by one, and removed by the other or never there */
        return (struct merge_choice){a ? a : b, NULL, MERGED_ONE};
    if (merge_prefer(a, b) <= 0)
        return (struct merge_choice){a, b, MERGED_FIRST};
    return (struct merge_choice){b, a, MERGED_SECOND};
}

struct lockfile *lock_merge(struct arena *a, const char *path, const struct lockfile *first,
                            const struct lockfile *second, const struct lockfile *base,
                            struct merge_choice **choices, size_t *n)
{
    struct lockfile *out = calloc(1, sizeof *out);
    struct merge_choice *all = NULL;
    size_t nall = 0;

    if (!out || !(out->path = strdup(path)) ||
        !(out->records = calloc(first->n + second->n + 1, sizeof *out->records)))
        fatal("out of memory");
    for (size_t i = 0; i < first->n + second->n; i++) {
        bool is_first = i < first->n;
        const struct record *r = is_first ? first->records[i] : second->records[i - first->n];
        if (!is_first && find_slot(first, r))
            continue;
        struct merge_choice c = choose(is_first ? r : NULL, is_first ? find_slot(second, r) : r,
                                       find_slot(base, r), base != NULL);
        *arena_push(a, all, nall) = c;
        if (c.record)
            out->records[out->n++] = copy_of(c.record);
    }
    if (choices)
        *choices = all;
    if (n)
        *n = nall;
    return out;
}

/* ---- the sides of a conflict ----------------------------------------------------------------- */

enum side { SIDE_BOTH, SIDE_FIRST, SIDE_BASE, SIDE_SECOND };

/* the side that begins behind this marker; -1 when it is out of place */
static int next_side(enum side now, char marker)
{
    switch (marker) {
    case '<':
        return now == SIDE_BOTH ? SIDE_FIRST : -1;
    case '|':
        return now == SIDE_FIRST ? SIDE_BASE : -1;
    case '=':
        return now == SIDE_FIRST || now == SIDE_BASE ? SIDE_SECOND : -1;
    default:
        return now == SIDE_SECOND ? SIDE_BOTH : -1;
    }
}

int lock_sides(const char *path, const char *text, size_t n, struct buf *first, struct buf *second,
               struct error *err)
{
    const char *end = text + n, *next;
    int side = SIDE_BOTH, found = 0;
    size_t row = 1;

    for (const char *line = text; line < end; line = next, row++) {
        next = memchr(line, '\n', (size_t)(end - line));
        next = next ? next + 1 : end;
        if (lock_is_conflict(line, (size_t)(next - line))) {
            found = 1;
            side = next_side((enum side)side, *line);
            if (side < 0)
                return error_set(err, "%s:%zu: this marker of a merge conflict is out of place",
                                 path, row);
            continue;
        }
        if (side == SIDE_BOTH || side == SIDE_FIRST)
            buf_add(first, line, (size_t)(next - line));
        if (side == SIDE_BOTH || side == SIDE_SECOND)
            buf_add(second, line, (size_t)(next - line));
    }
    return side == SIDE_BOTH ? found
                             : error_set(err, "%s:%zu: the merge conflict has no end", path, row);
}
