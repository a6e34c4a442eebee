/* driver/lock_state.c - see lock_state.h.
 *
 * A record is for one entry of one file (by its base name) on one GPU model. It is fine when some
 * compile of that entry has its key, since two configurations of a build share a lockfile; it is
 * stale when the entry is compiled, and no compile has. That a file is not compiled here says
 * nothing as long as there is such a file: another configuration may compile it. */
#include "driver/lock_state.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/build/meaning.h"
#include "driver/build/words.h"
#include "driver/emission.h"
#include "driver/inspect.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

struct seen { /* an annotated entry in a compile */
    const char *file, *entry;
    struct key key;
    struct hash apart;           /* another that the compile looks at; or that of key */
    const char **useless_record; /* one a record of the lockfile: why it is not used where it is
                                    found; NULL */
    const struct target_arch *archs;
    size_t narchs;
    bool native;
    const char *toolkit;
    const char *useless; /* why no winner could be used; NULL */
    json_t *made_of;     /* as a record has it */
};

struct visited { /* a source in a compile */
    const char *file;
    const char *why; /* nvcc does it alone; NULL */
};

struct lock_state {
    struct arena *a;
    const struct lockfile *lock;
    struct seen *seen;
    size_t nseen;
    struct visited *visited;
    size_t nvisited;
    struct lock_item *items;
    size_t nitems;
};

const char *lock_status_name(enum lock_status status)
{
    static const char *const names[] = {"ok", "stale", "missing", "orphan", "skipped"};
    return names[status];
}

struct lock_state *lock_state_new(struct arena *a, const struct lockfile *lock)
{
    struct lock_state *s = arena_alloc(a, sizeof *s);
    s->a = a;
    s->lock = lock;
    return s;
}

void lock_state_release(struct lock_state *s)
{
    for (size_t i = 0; i < s->nseen; i++)
        json_decref(s->seen[i].made_of);
}

/* ---- a compile ---- */

/* is the source one whose winners this lockfile has? */
static bool is_ours(const struct lock_state *s, const char *source)
{
    char *found = lock_find(source, NULL);
    char *theirs = found ? realpath(found, NULL) : NULL, *ours = realpath(s->lock->path, NULL);
    bool same = theirs && ours && strcmp(theirs, ours) == 0;
    free(found);
    free(theirs);
    free(ours);
    return same;
}

static const char **useless_records(struct lock_state *s, const struct inspection *in)
{
    const char **why = arena_array(s->a, const char *, s->lock->n + 1);
    for (size_t i = 0; i < s->lock->n; i++)
        if (!inspection_can_use(in, s->lock->records[i], &why[i]))
            why[i] = arena_dup(s->a, why[i]);
    return why;
}

static void add_target(struct lock_state *s, const struct inspection *in,
                       const struct unit_source *u, const struct target *t)
{
    struct seen *x = arena_push(s->a, s->seen, s->nseen);
    const struct command *c = &in->command;
    struct target_arch *archs = arena_array(s->a, struct target_arch, c->narchs + 1);
    struct error err = {""};
    for (size_t i = 0; i < c->narchs; i++)
        archs[i] = c->archs[i];
    *x = (struct seen){.file = arena_dup(s->a, fs_base(u->src->path)),
                       .entry = arena_dup(s->a, t->name),
                       .key = t->plain,
                       .apart = in->apart == APART_NOT ? t->plain.all : t->apart.all,
                       .useless_record = useless_records(s, in),
                       .archs = archs,
                       .narchs = c->narchs,
                       .native = c->native,
                       .toolkit = arena_dup(s->a, in->toolkit),
                       .made_of = meaning_made_of(s->a, u->meaning, t->spec, t->instance)};
    if (emission_possible(in, u, t, &err))
        x->useless = arena_printf(s->a, "no winner could be used: %s", err.text);
}

static void add_visited(struct lock_state *s, const char *file, const char *why)
{
    *arena_push(s->a, s->visited, s->nvisited) =
        (struct visited){arena_dup(s->a, fs_base(file)), why ? arena_dup(s->a, why) : NULL};
}

static int say_failure(const struct inspection *in, const struct error *err)
{
    log_warn("%s: this compile cannot be read: %s",
             in->command.ninputs ? in->command.inputs[0] : "a source", err->text);
    return -1;
}

/* a list of compiles outlives the files that it names: those are gone, and no trouble */
static bool is_gone(const struct command *c)
{
    for (size_t i = 0; i < c->ninputs; i++)
        if (!fs_exists(c->inputs[i]))
            return true;
    return false;
}

static bool is_readable(const struct command *c)
{
    for (size_t i = 0; i < c->ninputs; i++)
        if (access(c->inputs[i], R_OK) < 0)
            return false;
    return true;
}

int lock_state_add(struct lock_state *s, const char *const *words)
{
    struct inspection in = {0};
    struct error err = {""};
    bool ours = false;
    int rc = inspection_open(&in, words, &err);
    bool gone = rc && is_gone(&in.command), untold = rc != 0;
    if (rc && !gone && !is_readable(&in.command))
        rc = say_failure(&in, &err);
    else if (rc) /* nvcc's alone: no record of it is looked up */
        rc = 0;
    else if (in.diag.nerrors)
        rc = error_set(&err, "its annotations are malformed");
    if (in.diag.nerrors)
        diag_print(&in.diag);
    for (size_t i = 0; rc == 0 && i < in.nsources; i++)
        ours |= is_ours(s, in.sources[i].src->path);
    if (rc == 0 && ours && inspection_keys(&in, &err))
        rc = say_failure(&in, &err);
    for (size_t i = 0; rc == 0 && ours && i < in.nsources; i++)
        for (size_t k = 0; is_ours(s, in.sources[i].src->path) && k < in.sources[i].ntargets; k++)
            add_target(s, &in, &in.sources[i], &in.sources[i].targets[k]);
    for (size_t i = 0; !gone && i < in.command.ninputs; i++)
        add_visited(s, in.command.inputs[i], rc || untold ? err.text : NULL);
    inspection_release(&in);
    return rc;
}

/* ---- a record ---- */

static struct lock_item *add_item(struct lock_state *s, enum lock_status status,
                                  const struct record *r, const char *file, const char *entry)
{
    struct lock_item *x = arena_push(s->a, s->items, s->nitems);
    *x = (struct lock_item){.status = status, .record = r, .file = file, .entry = entry};
    return x;
}

static void add_reason(struct lock_state *s, struct lock_item *x, const char *part,
                       const char *text, const char *old, const char *now)
{
    *arena_push(s->a, x->reasons, x->nreasons) = (struct lock_reason){part, text, old, now};
}

static bool is_of(const struct seen *x, const struct record *r)
{
    return strcmp(x->file, r->file) == 0 && strcmp(x->entry, r->entry) == 0;
}

/* does the compile look at the record? */
static bool finds(const struct seen *x, const struct record *r)
{
    return hash_equal(&x->key.all, &r->key.all) || hash_equal(&x->apart, &r->key.all);
}

static const char *why_useless(const struct lock_state *s, const struct seen *x,
                               const struct record *r)
{
    size_t i = 0;
    while (s->lock->records[i] != r)
        i++;
    return x->useless_record[i];
}

/* does the compile make machine code that the record's GPU runs? */
static bool runs_on(const struct seen *x, const struct record *r)
{
    for (size_t i = 0; i < x->narchs; i++)
        if (x->archs[i].sass && x->archs[i].major == r->major && x->archs[i].minor <= r->minor)
            return true;
    return x->native;
}

static const char *archs_text(struct lock_state *s, const struct seen *x)
{
    const char *text = "";
    for (size_t i = 0; i < x->narchs; i++)
        text = arena_printf(s->a, "%s%ssm_%d%d", text, *text ? ", " : "", x->archs[i].major,
                            x->archs[i].minor);
    return *text ? text : "no GPU's code";
}

static int parts_changed(const struct seen *x, const struct record *r)
{
    int n = 0;
    for (int i = 0; i < KEY_PARTS; i++)
        n += !hash_equal(&x->key.part[i], &r->key.part[i]);
    return n;
}

/* as the lockfile calls it; key_part_name is for people */
static const char *part_word(int part)
{
    return part == KEY_REGION ? "region" : part == KEY_CLAUSES ? "clauses" : "toolkit";
}

/* the constants that the entry uses: which have another value, or are new, or not there any more */
static void compare_constants(struct lock_state *s, struct lock_item *item, json_t *old,
                              json_t *now)
{
    const char *name;
    json_t *value;
    json_object_foreach(old, name, value)
    {
        const json_t *other = json_object_get(now, name);
        if (!json_equal(value, other))
            add_reason(s, item, "context", arena_printf(s->a, "the constant %s changed", name),
                       arena_dup(s->a, json_string_value(value)),
                       other ? arena_dup(s->a, json_string_value(other)) : "not there");
    }
    json_object_foreach(now, name, value)
    {
        if (!json_object_get(old, name))
            add_reason(s, item, "context", arena_printf(s->a, "it uses the constant %s", name),
                       "not there", arena_dup(s->a, json_string_value(value)));
    }
}

static void compare_files(struct lock_state *s, struct lock_item *item, json_t *old, json_t *now)
{
    const char *name;
    json_t *value;
    json_object_foreach(old, name, value)
    {
        const json_t *other = json_object_get(now, name);
        if (!json_equal(value, other))
            add_reason(s, item, "context",
                       arena_printf(s->a,
                                    other ? "what it uses from %s changed"
                                          : "it uses nothing from %s any more",
                                    name),
                       NULL, NULL);
    }
    json_object_foreach(now, name, value)
    {
        if (!json_object_get(old, name))
            add_reason(s, item, "context",
                       arena_printf(s->a, "it uses something from %s now", name), NULL, NULL);
    }
}

/* The context has the region's code and the clauses in it, as the preprocessor leaves them. Where
 * these changed, that it is another one says nothing more */
static void compare_context(struct lock_state *s, struct lock_item *item, const struct record *r,
                            const struct seen *x)
{
    size_t before = item->nreasons;
    json_t *old = r->made_of, *now = x->made_of;
    if (json_object_get(old, "files")) {
        compare_constants(s, item, json_object_get(old, "constants"),
                          json_object_get(now, "constants"));
        compare_files(s, item, json_object_get(old, "files"), json_object_get(now, "files"));
    }
    if (item->nreasons == before && !before)
        add_reason(s, item, "context",
                   json_object_get(old, "files")
                       ? "a macro in its code, or what only the GPU's pass sees, changed"
                       : "the declarations that the region depends on changed",
                   NULL, NULL);
}

/* the words of one that the other has not */
static const char *words_beyond(struct lock_state *s, const char *text, const char *other)
{
    struct words mine = {0}, theirs = {0};
    const char *out = "";
    words_shell(s->a, text, NULL, &mine, NULL);
    words_shell(s->a, other, NULL, &theirs, NULL);
    for (size_t i = 0; i < mine.n; i++) {
        size_t k = 0;
        while (k < theirs.n && strcmp(mine.word[i], theirs.word[k]) != 0)
            k++;
        if (k == theirs.n)
            out = arena_printf(s->a, "%s%s%s", out, *out ? " " : "", mine.word[i]);
    }
    return *out ? out : "without";
}

static void compare_flags(struct lock_state *s, struct lock_item *item, const struct record *r,
                          const struct seen *x)
{
    const char *old = json_string_value(json_object_get(r->made_of, "flags")),
               *now = json_string_value(json_object_get(x->made_of, "flags"));
    bool known = old && now && strcmp(old, now) != 0;
    add_reason(s, item, "flags", "the compiler's options changed",
               known ? words_beyond(s, old, now) : NULL, known ? words_beyond(s, now, old) : NULL);
}

static void add_stale(struct lock_state *s, const struct record *r, const struct seen *x)
{
    struct lock_item *item = add_item(s, LOCK_STALE, r, r->file, r->entry);
    for (int i = 0; i < KEY_PARTS; i++) {
        if (hash_equal(&x->key.part[i], &r->key.part[i]))
            continue;
        if (i == KEY_CONTEXT)
            compare_context(s, item, r, x);
        else if (i == KEY_FLAGS)
            compare_flags(s, item, r, x);
        else
            add_reason(s, item, part_word(i),
                       arena_printf(s->a, "%s changed", key_part_name((enum key_part)i)),
                       i == KEY_TOOLKIT ? r->toolkit : NULL, i == KEY_TOOLKIT ? x->toolkit : NULL);
    }
    if (!item->nreasons) /* the parts are the same, and the whole is not */
        add_reason(s, item, "format", "this ksnvcc makes other keys than the one that wrote it",
                   r->version, KS_VERSION);
}

/* has the entry another record, which the compile finds? */
static bool has_other(const struct lock_state *s, const struct seen *x, const struct record * not )
{
    for (size_t i = 0; i < s->lock->n; i++) {
        const struct record *r = s->lock->records[i];
        if (r != not &&is_of(x, r) && finds(x, r) && runs_on(x, r))
            return true;
    }
    return false;
}

static void add_other_gpu(struct lock_state *s, const struct record *r, const struct seen *x)
{
    bool other = has_other(s, x, r);
    struct lock_item *item = add_item(s, other ? LOCK_SKIPPED : LOCK_STALE, r, r->file, r->entry);
    add_reason(s, item, "GPU",
               other ? "the compile makes no code for this GPU, and has another record"
                     : "the compile makes no code for this GPU",
               arena_printf(s->a, "sm_%d%d", r->major, r->minor), archs_text(s, x));
}

/* the record of an entry that is compiled */
static void judge_compiled(struct lock_state *s, const struct record *r)
{
    const struct seen *near = NULL, *same = NULL;
    for (size_t i = 0; i < s->nseen; i++) {
        const struct seen *x = &s->seen[i];
        if (!is_of(x, r))
            continue;
        if (finds(x, r) && (!same || (runs_on(x, r) && !why_useless(s, x, r))))
            same = x;
        if (!near || parts_changed(x, r) < parts_changed(near, r))
            near = x;
    }
    if (!same)
        add_stale(s, r, near);
    else if (why_useless(s, same, r))
        add_reason(s, add_item(s, LOCK_SKIPPED, r, r->file, r->entry), NULL,
                   why_useless(s, same, r), NULL, NULL);
    else if (runs_on(same, r))
        add_item(s, LOCK_OK, r, r->file, r->entry);
    else
        add_other_gpu(s, r, same);
}

/* ---- a record without a compile ---- */

static const char *wanted_name; /* nftw has no argument of its own */

static int walk_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    const char *name = path + at->base;
    if (type == FTW_D && at->level > 0 && strcmp(name, ".git") == 0)
        return FTW_SKIP_SUBTREE;
    return type == FTW_F && strcmp(name, wanted_name) == 0 ? FTW_STOP : FTW_CONTINUE;
}

static bool is_below(const char *dir, const char *name)
{
    wanted_name = name;
    return nftw(dir, walk_file, 32, FTW_PHYS | FTW_ACTIONRETVAL) == FTW_STOP;
}

static void judge_alone(struct lock_state *s, const struct record *r)
{
    const struct visited *seen = NULL;
    char *dir;
    for (size_t i = 0; i < s->nvisited; i++)
        if (strcmp(s->visited[i].file, r->file) == 0 && (!seen || s->visited[i].why))
            seen = &s->visited[i];
    struct lock_item *item = add_item(s, LOCK_SKIPPED, r, r->file, r->entry);
    if (seen && seen->why) {
        add_reason(s, item, NULL, seen->why, NULL, NULL);
    } else if (seen) {
        item->status = LOCK_ORPHAN;
        add_reason(s, item, NULL, arena_printf(s->a, "%s has no such entry", r->file), NULL, NULL);
    } else {
        dir = fs_dir(s->lock->path);
        bool there = is_below(dir, r->file);
        item->status = there ? LOCK_SKIPPED : LOCK_ORPHAN;
        add_reason(s, item, NULL,
                   there ? arena_printf(s->a, "no compile of %s was looked at", r->file)
                         : arena_printf(s->a, "there is no %s below %s", r->file, dir),
                   NULL, NULL);
        free(dir);
    }
}

/* ---- an entry without a record ---- */

/* the same entry in an earlier compile, where it came to the same */
static bool is_repeated(const struct lock_state *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(s->seen[i].file, s->seen[at].file) == 0 &&
            strcmp(s->seen[i].entry, s->seen[at].entry) == 0 &&
            hash_equal(&s->seen[i].key.all, &s->seen[at].key.all))
            return true;
    return false;
}

static void judge_entry(struct lock_state *s, const struct seen *x)
{
    bool any = false, served = false;
    for (size_t i = 0; i < s->lock->n; i++) {
        const struct record *r = s->lock->records[i];
        if (!is_of(x, r))
            continue;
        any = true;
        if (finds(x, r))
            return; /* the record has said all */
        for (size_t k = 0; k < s->nseen; k++)
            served |= is_of(&s->seen[k], r) && finds(&s->seen[k], r);
    }
    if (any && !served)
        return; /* it is stale */
    struct lock_item *item =
        add_item(s, any || x->useless ? LOCK_SKIPPED : LOCK_MISSING, NULL, x->file, x->entry);
    add_reason(s, item, NULL,
               any ? "the record is of another compile of it, and this one gets the original"
               : x->useless ? x->useless
                            : "no record: a search writes one",
               NULL, NULL);
}

/* Two records that a build finds, of cards that run the same code: without a GPU it takes neither,
 * unless it is told which is meant */
static void judge_pair(struct lock_state *s, struct lock_item *x, const struct lock_item *y)
{
    const struct record *a = x->record, *b = y->record;
    if (x->status != LOCK_OK || y->status != LOCK_OK || x == y || env_given("KSEARCH_GPU") ||
        strcmp(x->file, y->file) != 0 || strcmp(x->entry, y->entry) != 0 || a->major != b->major ||
        a->minor != b->minor)
        return;
    add_reason(s, x, NULL,
               arena_printf(s->a,
                            "a build without a GPU needs KSEARCH_GPU to tell this card from %.*s",
                            (int)strcspn(b->gpu, "/"), b->gpu),
               NULL, NULL);
}

/* ---- all ---- */

static int by_place(const void *left, const void *right)
{
    const struct lock_item *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    if (!order)
        order = strcmp(a->entry, b->entry);
    return order ? order : strcmp(a->record ? a->record->gpu : "", b->record ? b->record->gpu : "");
}

static bool is_wanted(const char *file, const char *const *files, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(fs_base(files[i]), file) == 0)
            return true;
    return n == 0;
}

const struct lock_item *lock_state_items(struct lock_state *s, const char *const *files,
                                         size_t nfiles, size_t *n)
{
    for (size_t i = 0; i < s->lock->n; i++) {
        const struct record *r = s->lock->records[i];
        bool compiled = false;
        if (!is_wanted(r->file, files, nfiles))
            continue;
        for (size_t k = 0; k < s->nseen && !compiled; k++)
            compiled = is_of(&s->seen[k], r);
        if (compiled)
            judge_compiled(s, r);
        else
            judge_alone(s, r);
    }
    for (size_t i = 0; i < s->nseen; i++)
        if (!is_repeated(s, i) && is_wanted(s->seen[i].file, files, nfiles))
            judge_entry(s, &s->seen[i]);
    if (s->nitems)
        qsort(s->items, s->nitems, sizeof *s->items, by_place);
    for (size_t i = 0; i < s->nitems; i++)
        for (size_t k = 0; k < s->nitems; k++)
            judge_pair(s, &s->items[i], &s->items[k]);
    *n = s->nitems;
    return s->items;
}
