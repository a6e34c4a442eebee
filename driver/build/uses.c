#include "driver/build/uses.h"

#include <string.h>
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

struct name_table { /* open addressing over the names of one source */
    const char **name;
    size_t *len;
    size_t n, slots;
    size_t *slot; /* id + 1; 0: free */
};

static size_t *table_slot(const struct name_table *t, const char *name, size_t len)
{
    size_t h = 1469598103934665603u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 1099511628211u;
    for (h &= t->slots - 1; t->slot[h]; h = (h + 1) & (t->slots - 1)) {
        size_t id = t->slot[h] - 1;
        if (t->len[id] == len && memcmp(t->name[id], name, len) == 0)
            break;
    }
    return &t->slot[h];
}

/* the table never gets more names than the file has bytes, so it is made large enough at once */
static struct name_table *table_new(struct arena *a, size_t names)
{
    struct name_table *t = arena_alloc(a, sizeof *t);

    for (t->slots = 64; t->slots < 2 * names; t->slots *= 2)
        ;
    t->slot = arena_array(a, size_t, t->slots);
    t->name = arena_array(a, const char *, names + 1);
    t->len = arena_array(a, size_t, names + 1);
    return t;
}

static size_t table_add(struct name_table *t, const char *name, size_t len)
{
    size_t *slot = table_slot(t, name, len);

    if (!*slot) {
        t->name[t->n] = name;
        t->len[t->n] = len;
        *slot = ++t->n;
    }
    return *slot - 1;
}

/* a growing list of ids while one group is read; `at` says where an id stands in it */
struct mentions {
    struct arena *arena;
    size_t *id, *times, n, ntimes;
    size_t *at, *stamp; /* by id: the place, valid when the stamp is this group's */
    size_t now;
};

static void mention(struct mentions *m, size_t id)
{
    if (m->stamp[id] != m->now) {
        m->stamp[id] = m->now;
        m->at[id] = m->n;
        *arena_push(m->arena, m->id, m->n) = id;
        *arena_push(m->arena, m->times, m->ntimes) = 0;
    }
    m->times[m->at[id]]++;
}

static void read_directive(struct uses *u, struct mentions *m, const struct token *t)
{
    const struct source *src = u->file->src;
    struct lexer l;
    struct token in;

    lexer_init(&l, src, t->span, true);
    lexer_next(&l); /* # */
    in = lexer_next(&l);
    if (lex_is(src, &in, "include") || lex_is(src, &in, "error"))
        return;
    while ((in = lexer_next(&l)).kind != TOKEN_END)
        if (in.kind == TOKEN_NAME)
            mention(m, table_add(u->table, src->text + in.span.at, in.span.end - in.span.at));
}

static void read_group(struct uses *u, struct mentions *m, struct group *g)
{
    const struct source *src = u->file->src;

    m->now++;
    m->id = m->times = NULL;
    m->n = m->ntimes = 0;
    for (size_t t = g->first; t < g->last; t++) {
        const struct token *k = &u->file->tokens->token[t];
        if (k->kind == TOKEN_NAME)
            mention(m, table_add(u->table, src->text + k->span.at, k->span.end - k->span.at));
        else if (k->kind == TOKEN_DIRECTIVE)
            read_directive(u, m, k);
    }
    g->name = m->id;
    g->times = m->times;
    g->nnames = m->n;
}

/* declarations come in the order of their first token; those inside of the last group join it */
static void find_groups(struct uses *u, struct arena *a)
{
    const struct decls *decls = u->file->decls;
    size_t *members = NULL, n = 0;

    for (size_t i = 0; i < decls->n; i++) {
        const struct decl *d = &decls->decl[i];
        struct group *last = u->ngroups ? &u->group[u->ngroups - 1] : NULL;
        if (!last || d->span.at >= last->span.end) {
            last = arena_push(a, u->group, u->ngroups);
            members = NULL;
            n = 0;
            *last = (struct group){.span = d->span, .first = d->first, .last = d->last};
        } else if (d->span.end > last->span.end) {
            last->span.end = d->span.end;
            last->last = d->last;
        }
        *arena_push(a, members, n) = i;
        last->decl = members;
        last->ndecls = n;
    }
}

/* at most how many names the file has: names and what may be names inside of directives */
static size_t names_bound(const struct file *f)
{
    size_t n = 0;

    for (size_t t = 0; t < f->tokens->n; t++) {
        const struct token *k = &f->tokens->token[t];
        n += k->kind == TOKEN_DIRECTIVE ? k->span.end - k->span.at : 1;
    }
    return n;
}

struct uses *uses_read(struct arena *a, const struct file *f)
{
    struct uses *u = arena_alloc(a, sizeof *u);
    size_t bound = names_bound(f);
    struct mentions m = {.arena = a};

    u->file = f;
    u->table = table_new(a, bound);
    m.at = arena_array(a, size_t, bound + 1);
    m.stamp = arena_array(a, size_t, bound + 1);
    find_groups(u, a);
    for (size_t i = 0; i < u->ngroups; i++)
        read_group(u, &m, &u->group[i]);
    u->nids = u->table->n;
    return u;
}

size_t uses_id(const struct uses *u, const char *name, size_t len)
{
    size_t slot = *table_slot(u->table, name, len);

    return slot ? slot - 1 : u->nids;
}

const struct decl *uses_decl(const struct uses *u, const struct group *g, size_t i)
{
    return &u->file->decls->decl[g->decl[i]];
}

size_t uses_declares(const struct uses *u, const struct group *g, size_t id)
{
    size_t n = 0;

    for (size_t i = 0; i < g->ndecls; i++) {
        const char *name = uses_decl(u, g, i)->name;
        n += uses_id(u, name, strlen(name)) == id;
    }
    return n;
}

static bool declares_any(const struct uses *u, const struct group *g, const bool *ids)
{
    for (size_t i = 0; i < g->ndecls; i++) {
        const char *name = uses_decl(u, g, i)->name;
        size_t id = uses_id(u, name, strlen(name));
        if (id < u->nids && ids[id])
            return true;
    }
    return false;
}

void uses_reach(const struct uses *u, bool *ids, bool *reached)
{
    bool changed = true;

    while (changed) {
        changed = false;
        for (size_t i = 0; i < u->ngroups; i++) {
            if (reached[i] || !declares_any(u, &u->group[i], ids))
                continue;
            changed = reached[i] = true;
            for (size_t k = 0; k < u->group[i].nnames; k++)
                ids[u->group[i].name[k]] = true;
        }
    }
}

struct group *uses_group_at(const struct uses *u, size_t at)
{
    for (size_t i = 0; i < u->ngroups; i++)
        if (u->group[i].span.at <= at && at < u->group[i].span.end)
            return &u->group[i];
    return NULL;
}

void uses_of_text(const struct uses *u, struct arena *a, const char *text, size_t **ids, size_t *n)
{
    struct source *src = source_wrap(a, "", text, strlen(text));
    struct lexer l;
    struct token t;

    lexer_init(&l, src, (struct span){0, src->len}, true);
    while ((t = lexer_next(&l)).kind != TOKEN_END) {
        size_t id = uses_id(u, src->text + t.span.at, t.span.end - t.span.at);
        if (t.kind == TOKEN_NAME && id < u->nids)
            *arena_push(a, *ids, *n) = id;
    }
}
