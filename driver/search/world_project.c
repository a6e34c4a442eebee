/* driver/search/world_project.c - the tree as text for a person and a model, within a budget.
 *
 *     41 ideas; the best of all take 0.612 of the original's time; #7 leads
 *     active: #0 > #3 > #9
 *     best: #0 > #3 > #7
 *     #0 the original | us: small 12.3, large 410
 *      #3<#0 closed "Vector loads" gain 1.5 [1.1 to 2] measured 1.12 | 1 cycle: 1 build, 2 gain |
 * ... not shown: 3 open, 12 closed, 20 pruned
 *
 * An idea is one line, whole or not there: a tree that is cut in the middle tells lies. The two
 * paths are always there as numbers, which takes a few bytes an idea however deep they are; then
 * lines are added while they fit: the active idea, the best, what leads to them, upwards, then open
 * ideas by value and closed ones by how lately something happened to them, two for one, then pruned
 * ones. An idea of a path whose line does not fit has a shorter one. Only the active idea's own
 * line and the numbers may pass the budget, where it is smaller than they are. */
#include <stdlib.h>
#include <string.h>
#include "driver/search/space_impl.h"
#include "driver/search/world_impl.h"

enum { TIMES_MOST = 4, INDENT_MOST = 8, LEFT_OUT_BYTES = 96 };

struct ranked {
    double key;
    size_t id;
};

struct view {
    const struct world *w;
    size_t bytes, used;
    char **line;  /* of the ideas that are shown, by id */
    size_t *lead; /* id that leads, by workload */
    struct buf *out;
};

/* ---- one idea ---------------------------------------------------------------------------- */

static void add_quoted(struct buf *b, const char *s)
{
    buf_addc(b, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_addc(b, '\\');
        buf_addc(b, *s);
    }
    buf_addc(b, '"');
}

/* "#12<#3 closed "Vector loads"", after an indent */
static void add_head(struct buf *b, const struct node *n)
{
    for (size_t i = 0; i < n->depth && i < INDENT_MOST; i++)
        buf_addc(b, ' ');
    if (n->idea.id == 0) {
        buf_adds(b, "#0 the original");
        return;
    }
    buf_addf(b, "#%zu<#%zu %s ", n->idea.id, n->idea.parent, world_states[n->idea.state]);
    add_quoted(b, n->idea.title);
}

static void add_predictions(const struct world *w, const struct node *n, struct buf *b)
{
    const struct idea *idea = &n->idea;

    if (*idea->regime) {
        buf_adds(b, " for ");
        add_quoted(b, idea->regime);
    }
    buf_addf(b, " gain %.3g [%.3g to %.3g]", idea->likely, idea->low, idea->high);
    if (idea->gain > 0)
        buf_addf(b, " measured %.3g", idea->gain);
    buf_addf(b, " difficulty %d", idea->difficulty);
    if (idea->state == IDEA_OPEN) {
        struct idea_value v = world_value(w, idea->id);
        buf_addf(b, " believed %.3g, works %.2f", v.gain, v.works);
        if (idea->cool_down)
            buf_addf(b, ", waits for %zu choices", idea->cool_down);
    }
}

static void add_attempts(const struct idea *idea, struct buf *b)
{
    const char *before = ": ";

    if (idea->cycles == 0)
        return;
    buf_addf(b, " | %zu %s", idea->cycles, idea->cycles == 1 ? "cycle" : "cycles");
    for (int i = 0; i < ATTEMPTS; i++) {
        if (idea->attempts[i]) {
            buf_addf(b, "%s%zu %s", before, idea->attempts[i], world_attempts[i]);
            before = ", ";
        }
    }
}

/* the times on the workloads that it leads on, marked, then on others, a few */
static void add_times(const struct view *v, const struct node *n, struct buf *b)
{
    size_t shown = 0, measured = 0;

    for (int leads = 1; leads >= 0; leads--) {
        for (size_t i = 0; n->us && v->w->given && i < v->w->nw; i++) {
            if (!(n->us[i] > 0) || (v->lead[i] == n->idea.id) != leads)
                continue;
            measured++;
            if (shown == TIMES_MOST)
                continue;
            buf_adds(b, shown++ ? ", " : " | us: ");
            buf_addf(b, "%s %.4g%s", v->w->labels[i], n->us[i], leads ? "*" : "");
        }
    }
    if (measured > shown)
        buf_addf(b, " and on %zu more", measured - shown);
}

static char *whole_line(const struct view *v, const struct node *n)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    add_head(&b, n);
    if (n->idea.id)
        add_predictions(v->w, n, &b);
    add_attempts(&n->idea, &b);
    add_times(v, n, &b);
    if (n->why)
        buf_addf(&b, " | why: %s", n->why);
    buf_addc(&b, '\n');
    return buf_steal(&b);
}

static char *short_line(const struct node *n)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    add_head(&b, n);
    buf_addc(&b, '\n');
    return buf_steal(&b);
}

/* ---- which ------------------------------------------------------------------------------- */

/* takes the line where it fits, or must be */
static bool take(struct view *v, size_t id, char *line, bool must)
{
    size_t n = strlen(line);

    if (!must && v->used + n > v->bytes) {
        free(line);
        return false;
    }
    v->line[id] = line;
    v->used += n;
    return true;
}

static void take_one(struct view *v, size_t id, bool short_too, bool must)
{
    const struct node *n = v->w->nodes[id];

    if (v->line[id] || take(v, id, whole_line(v, n), false) || !short_too)
        return;
    take(v, id, short_line(n), must);
}

static void take_path(struct view *v, size_t id)
{
    while (id) {
        id = v->w->nodes[id]->idea.parent;
        take_one(v, id, true, false);
    }
}

static int by_key(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* the ideas in a state, best first; an active one counts as open */
static size_t rank(const struct view *v, enum idea_state state, struct ranked *list)
{
    size_t n = 0;

    for (size_t i = 1; i < v->w->n; i++) {
        const struct node *node = v->w->nodes[i];
        enum idea_state is = node->idea.state == IDEA_ACTIVE ? IDEA_OPEN : node->idea.state;
        if (is == state) {
            double value = state == IDEA_OPEN ? world_value(v->w, i).value : (double)node->touched;
            list[n++] = (struct ranked){value, i};
        }
    }
    qsort(list, n, sizeof *list, by_key);
    return n;
}

static void take_others(struct view *v)
{
    struct ranked *open = space_zeroed(v->w->n, sizeof *open),
                  *closed = space_zeroed(v->w->n, sizeof *closed);
    size_t nopen = rank(v, IDEA_OPEN, open), nclosed = rank(v, IDEA_CLOSED, closed);

    for (size_t i = 0; i < nopen || i / 2 < nclosed; i++) {
        if (i < nopen)
            take_one(v, open[i].id, false, false);
        if (i % 2 == 0 && i / 2 < nclosed)
            take_one(v, closed[i / 2].id, false, false);
    }
    nclosed = rank(v, IDEA_PRUNED, closed);
    for (size_t i = 0; i < nclosed; i++)
        take_one(v, closed[i].id, false, false);
    free(open);
    free(closed);
}

/* ---- the whole --------------------------------------------------------------------------- */

static void add_path_numbers(struct view *v, const char *what, size_t id)
{
    size_t *path = space_zeroed(v->w->n, sizeof *path), n = 0;

    for (;; id = v->w->nodes[id]->idea.parent) {
        path[n++] = id;
        if (!id)
            break;
    }
    buf_addf(v->out, "%s: ", what);
    while (n--)
        buf_addf(v->out, "#%zu%s", path[n], n ? " > " : "\n");
    free(path);
}

/* the lines that were taken, each below its parent's or its nearest ancestor's */
static void add_lines(struct view *v)
{
    const struct world *w = v->w;
    size_t *child = space_zeroed(w->n, sizeof *child),
           *sibling = space_zeroed(w->n, sizeof *sibling), id = 0;

    for (size_t i = w->n; i-- > 1;) {
        sibling[i] = child[w->nodes[i]->idea.parent];
        child[w->nodes[i]->idea.parent] = i;
    }
    for (;;) {
        if (v->line[id])
            buf_adds(v->out, v->line[id]);
        if (child[id]) {
            id = child[id];
            continue;
        }
        while (id && !sibling[id])
            id = w->nodes[id]->idea.parent;
        if (!id)
            break;
        id = sibling[id];
    }
    free(child);
    free(sibling);
}

static void add_left_out(struct view *v)
{
    size_t left[4] = {0}, n = 0;

    for (size_t i = 1; i < v->w->n; i++)
        left[v->w->nodes[i]->idea.state] += !v->line[i];
    for (int i = 0; i < 4; i++) {
        if (left[i])
            buf_addf(v->out, "%s%zu %s", n++ ? ", " : "not shown: ", left[i], world_states[i]);
    }
    if (n)
        buf_addc(v->out, '\n');
}

void world_project(const struct world *w, size_t active, size_t bytes, struct buf *out)
{
    struct view v = {.w = w, .bytes = bytes, .out = out};
    size_t best = world_best(w), before = out->len;

    active = active < w->n ? active : 0;
    v.line = space_zeroed(w->n, sizeof *v.line);
    v.lead = space_zeroed(w->nw, sizeof *v.lead);
    for (size_t i = 0; i < w->nw; i++)
        world_least(w, i, &v.lead[i]);
    buf_addf(out, "%zu ideas; the best of all take %.3g of the original's time; #%zu leads\n",
             w->n - 1, world_portfolio(w), best);
    if (active)
        add_path_numbers(&v, "active", active);
    add_path_numbers(&v, "best", best);
    v.used = out->len - before + LEFT_OUT_BYTES;
    take_one(&v, active, true, true);
    take_one(&v, best, true, false);
    take_path(&v, active);
    take_path(&v, best);
    take_others(&v);
    add_lines(&v);
    add_left_out(&v);
    for (size_t i = 0; i < w->n; i++)
        free(v.line[i]);
    free(v.line);
    free(v.lead);
}
