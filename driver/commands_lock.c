/* driver/commands_lock.c - lock: show, check, prune and merge of lockfiles.
 *
 * `check` and `prune` read the compiles of a project as a build would, and search nothing; what
 * they find out is lock_state.c's. Only prune and merge write, and only the file that they are
 * given. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cache/lock_merge.h"
#include "driver/commands.h"
#include "driver/compiles.h"
#include "driver/lock_state.h"
#include "driver/sources.h"
#include "runtime/base/fs.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

enum { CANNOT_CHECK = 2 }; /* check's exit status, as of diff(1): 0 fits, 1 does not, 2 trouble */

struct asked { /* the command line behind the verb */
    struct arena *arena;
    const struct command_call *call;
    const char **words; /* lockfiles */
    size_t nwords;
    const char **files; /* FILE.cu */
    size_t nfiles;
    const char *commands, *out, *base;
};

/* ---- options ---- */

static int usage(const char *what, const char *word)
{
    return command_fail(EXIT_USAGE, "lock: %s%s; ksnvcc lock --help says how", what, word);
}

static bool is_source(const char *word)
{
    size_t n = strlen(word);

    return n > 3 && strcmp(word + n - 3, ".cu") == 0;
}

/* 0, or the status to end with */
static int read_options(struct asked *q, bool merges)
{
    const struct {
        const char *name;
        const char **value;
        bool of_merge;
    } options[] = {{"-p", &q->commands, false}, {"-o", &q->out, true}, {"--base", &q->base, true}};
    const struct command_call *call = q->call;

    for (size_t i = 1; i < call->n; i++) {
        const char *word = call->words[i];
        size_t k = 0, n = sizeof options / sizeof *options;
        while (k < n && (strcmp(options[k].name, word) != 0 || options[k].of_merge != merges))
            k++;
        if (k < n && i + 1 == call->n)
            return usage(word, " wants a value");
        if (k < n)
            *options[k].value = call->words[++i];
        else if (*word == '-')
            return usage("there is no option ", word);
        else if (is_source(word) && !merges)
            *arena_push(q->arena, q->files, q->nfiles) = word;
        else
            *arena_push(q->arena, q->words, q->nwords) = word;
    }
    return 0;
}

/* ---- check ---- */

/* the lockfile's name, absolute, as folders change; NULL after saying that there is none */
static const char *find_lock(struct asked *q)
{
    const char *near = q->nfiles ? q->files[0] : "./x.cu";
    char *found = q->nwords ? strdup(q->words[0]) : lock_find(near, NULL), *real;
    const char *path = NULL;

    if (!found) {
        command_fail(CANNOT_CHECK, "no ksearch.lock in this folder or a parent of it");
        return NULL;
    }
    real = realpath(found, NULL);
    if (real)
        path = arena_dup(q->arena, real);
    else
        command_fail(CANNOT_CHECK, "there is no file %s", found);
    free(real);
    free(found);
    return path;
}

static int add_compile(void *arg, const char *file, const char *const *words)
{
    int *failed = ((void **)arg)[1];

    (void)file;
    *failed |= lock_state_add(((void **)arg)[0], words) != 0;
    return 0;
}

/* where a build usually leaves its list of compiles; NULL */
static const char *find_commands(struct asked *q, const char *lock)
{
    static const char list[] = "compile_commands.json";
    char *beside = fs_dir(lock);
    const char *tried[] = {list, arena_printf(q->arena, "build/%s", list),
                           arena_printf(q->arena, "%s/%s", beside, list),
                           arena_printf(q->arena, "%s/build/%s", beside, list)};
    const char *found = NULL;

    free(beside);
    for (size_t i = 0; i < sizeof tried / sizeof *tried && !found; i++)
        found = fs_exists(tried[i]) ? tried[i] : NULL;
    return found;
}

/* reads all compiles that are asked for; 0, or the status to end with */
static int read_compiles(struct asked *q, const char *lock, struct lock_state *s, int *failed)
{
    const char *const *rest = q->call->rest;
    void *arg[] = {s, failed};

    if (*rest && !q->nfiles)
        return add_compile(arg, NULL, rest);
    for (size_t i = 0; *rest && i < q->nfiles; i++) {
        const char *const *words = sources_words(q->arena, q->files[i], rest);
        if (!fs_exists(q->files[i]))
            return command_fail(CANNOT_CHECK, "there is no file %s", q->files[i]);
        if (!words)
            return EXIT_NO_NVCC;
        add_compile(arg, q->files[i], words);
    }
    if (*rest)
        return 0;
    if (!q->commands && !(q->commands = find_commands(q, lock)))
        return command_fail(CANNOT_CHECK,
                            "how are the sources compiled? Name a compile_commands.json or its "
                            "folder with -p (CMake writes one with "
                            "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON), give FILE.cu... -- FLAGS, or -- "
                            "and the whole compile");
    return compiles_each(q->arena, q->commands, q->files, q->nfiles, add_compile, arg)
               ? CANNOT_CHECK
               : 0;
}

static void print_item(const struct lock_item *x)
{
    int gpu = x->record ? (int)strcspn(x->record->gpu, "/") : 0;

    printf("%-8s %s: %s", lock_status_name(x->status), x->file, x->entry);
    if (x->record)
        printf(" on %.*s", gpu, x->record->gpu);
    for (size_t i = 0; i < x->nreasons; i++) {
        const struct lock_reason *r = &x->reasons[i];
        printf("%s %s", i ? ";" : ":", r->text);
        if (r->old && r->now)
            printf(" (it was %s, and is %s)", r->old, r->now);
    }
    putchar('\n');
}

static json_t *reason_json(const struct lock_reason *r)
{
    json_t *object = json_object();

    if (r->part)
        json_object_set_new(object, "part", json_string(r->part));
    json_object_set_new(object, "text", utf8_json(r->text));
    if (r->old)
        json_object_set_new(object, "old", utf8_json(r->old));
    if (r->now)
        json_object_set_new(object, "now", utf8_json(r->now));
    return object;
}

static json_t *item_json(const struct lock_item *x)
{
    json_t *why = json_array(),
           *object = json_pack("{s:s, s:o, s:o}", "status", lock_status_name(x->status), "file",
                               utf8_json(x->file), "entry", utf8_json(x->entry));
    char hex[65];

    for (size_t i = 0; i < x->nreasons; i++)
        json_array_append_new(why, reason_json(&x->reasons[i]));
    if (x->record) {
        hash_hex(&x->record->key.all, hex);
        json_object_set_new(object, "gpu", utf8_json(x->record->gpu));
        json_object_set_new(object, "key", json_string(hex));
    }
    json_object_set_new(object, "why", why);
    return object;
}

static void print_hints(const size_t *count)
{
    if (count[LOCK_STALE] + count[LOCK_MISSING])
        printf("builds get the original for what is stale or missing: search on a GPU (ksnvcc "
               "search), and commit the lockfile\n");
    if (count[LOCK_ORPHAN])
        printf("ksnvcc lock prune takes orphans out\n");
}

static int print_items(const struct asked *q, const char *path, const struct lock_item *items,
                       size_t n)
{
    size_t count[LOCK_STATUSES] = {0};
    json_t *list = json_array(), *counts = json_object();

    for (size_t i = 0; i < n; i++) {
        count[items[i].status]++;
        if (q->call->json)
            json_array_append_new(list, item_json(&items[i]));
        else
            print_item(&items[i]);
    }
    for (int i = 0; i < LOCK_STATUSES; i++) {
        json_object_set_new(counts, lock_status_name((enum lock_status)i),
                            json_integer((json_int_t)count[i]));
        if (!q->call->json)
            printf("%s%zu %s", i ? ", " : "", count[i], lock_status_name((enum lock_status)i));
    }
    if (!q->call->json) {
        printf(": %s\n", path);
        print_hints(count);
        json_decref(list);
        json_decref(counts);
    } else if (command_print_json(json_pack("{s:o, s:o, s:o}", "lockfile", utf8_json(path),
                                            "counts", counts, "entries", list))) {
        return CANNOT_CHECK;
    }
    return count[LOCK_STALE] + count[LOCK_MISSING] + count[LOCK_ORPHAN] > 0;
}

/* ---- prune ---- */

static int prune(const struct asked *q, const char *path, const struct lock_item *items, size_t n)
{
    const struct record **gone = arena_array(q->arena, const struct record *, n + 1);
    json_t *list = json_array();
    struct error err = {""};
    size_t ngone = 0;
    int rc = 0;

    for (size_t i = 0; i < n; i++) {
        if (items[i].status != LOCK_ORPHAN)
            continue;
        gone[ngone++] = items[i].record;
        json_array_append_new(list, item_json(&items[i]));
        if (!q->call->json)
            print_item(&items[i]);
    }
    if (ngone && lock_remove(path, gone, ngone, &err) < 0)
        rc = command_fail(1, "%s", err.text);
    else if (q->call->json)
        return command_print_json(
            json_pack("{s:o, s:o}", "lockfile", utf8_json(path), "removed", list));
    else
        printf("%zu record%s taken out of %s\n", ngone, ngone == 1 ? "" : "s", path);
    json_decref(list);
    return rc;
}

static int check(struct asked *q, bool prunes)
{
    const char *path = find_lock(q);
    struct error err = {""};
    struct lockfile *lock;
    struct lock_state *s;
    int failed = 0, rc;
    size_t n;

    if (q->nwords > 1)
        return usage("one lockfile at a time, not also ", q->words[1]);
    if (!path)
        return CANNOT_CHECK;
    if (!(lock = lock_read(path, &err)))
        return command_fail(EXIT_LOCKFILE, "%s", err.text);
    if (q->nwords)
        setenv("KSEARCH_LOCK", path, 1); /* it is meant, wherever the sources are */
    s = lock_state_new(q->arena, lock);
    rc = read_compiles(q, path, s, &failed);
    if (rc == 0 && failed && prunes)
        rc = command_fail(CANNOT_CHECK, "nothing is taken out: a compile cannot be read");
    if (rc == 0) {
        const struct lock_item *items = lock_state_items(s, q->files, q->nfiles, &n);
        rc = prunes ? prune(q, path, items, n) : print_items(q, path, items, n);
    }
    lock_state_release(s);
    lock_free(lock);
    return failed ? CANNOT_CHECK : rc;
}

/* ---- merge ---- */

static int fail_reading(const struct error *err)
{
    return command_fail(EXIT_LOCKFILE, "%s", err->text);
}

static const char *const merged_names[] = {"both", "one", "first", "second"};

static json_t *choice_json(const struct merge_choice *c)
{
    const struct record *r = c->record ? c->record : c->other;

    return json_pack("{s:o, s:o, s:o, s:s}", "file", utf8_json(r->file), "entry",
                     utf8_json(r->entry), "gpu", utf8_json(r->gpu), "from",
                     c->record ? merged_names[c->from] : "removed");
}

/* what had to be decided, to standard error: standard output may be the lockfile */
static void print_choice(const struct merge_choice *c)
{
    char *kept, *left;

    if (c->from != MERGED_FIRST && c->from != MERGED_SECOND)
        return;
    kept = record_values_text(c->record);
    left = record_values_text(c->other);
    fprintf(stderr, "ksnvcc: %s: %s: kept the %s side's: %s%s, rather than %s%s\n", c->record->file,
            c->record->entry, merged_names[c->from], c->record->nwinners ? kept : "no proven gain",
            hash_equal(&c->record->key.all, &c->other->key.all) ? "" : ", which is newer",
            c->other->nwinners ? left : "no proven gain",
            hash_equal(&c->record->key.all, &c->other->key.all)
                ? ""
                : "; the code differs too: run ksnvcc lock check");
    free(kept);
    free(left);
}

/* writes the result, and says what was decided */
static int finish_merge(const struct asked *q, const char *out, const struct lockfile *merged,
                        const struct merge_choice *choices, size_t n)
{
    json_t *list = json_array();
    struct error err = {""};
    int rc = 0;

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, choice_json(&choices[i]));
        if (!q->call->json)
            print_choice(&choices[i]);
    }
    if (out && lock_write(out, merged, &err) < 0)
        rc = command_fail(1, "%s", err.text);
    if (rc == 0 && q->call->json) {
        return command_print_json(json_pack("{s:o, s:I, s:o}", "lockfile",
                                            out ? utf8_json(out) : json_null(), "records",
                                            (json_int_t)merged->n, "choices", list));
    }
    if (rc == 0 && !out) {
        char *text = lock_text(merged);
        if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
            rc = command_fail(1, "cannot write the merged lockfile");
        free(text);
    }
    json_decref(list);
    return rc;
}

static int merge_locks(struct asked *q, const char *out, const struct lockfile *a,
                       const struct lockfile *b, const struct lockfile *base)
{
    struct merge_choice *choices;
    size_t n;
    struct lockfile *merged =
        lock_merge(q->arena, out ? out : "the merged lockfile", a, b, base, &choices, &n);
    int rc = finish_merge(q, out, merged, choices, n);

    lock_free(merged);
    return rc;
}

/* a file that is missing is not taken for an empty one: git names files that are there */
static struct lockfile *read_side(const char *path, struct error *err)
{
    if (fs_exists(path))
        return lock_read(path, err);
    error_set(err, "there is no file %s", path);
    return NULL;
}

static int merge_two(struct asked *q)
{
    struct error err = {""};
    struct lockfile *a = read_side(q->words[0], &err), *b = a ? read_side(q->words[1], &err) : NULL,
                    *base = b && q->base ? read_side(q->base, &err) : NULL;
    int rc = b && (base || !q->base) ? merge_locks(q, q->out, a, b, base) : fail_reading(&err);

    lock_free(a);
    lock_free(b);
    lock_free(base);
    return rc;
}

static int merge_sides(struct asked *q, const char *path, const struct buf *first,
                       const struct buf *second)
{
    struct error err = {""};
    struct lockfile *a = lock_parse(path, buf_text(first), first->len, &err),
                    *b = a ? lock_parse(path, buf_text(second), second->len, &err) : NULL;
    int rc;

    if (b)
        rc = merge_locks(q, q->out ? q->out : path, a, b, NULL);
    else
        rc = command_fail(EXIT_LOCKFILE,
                          "a side of the conflict in %s is no lockfile by itself (%s): write both "
                          "with `git show :2:%s >OURS` and `git show :3:%s >THEIRS`, then `ksnvcc "
                          "lock merge OURS THEIRS -o %s`",
                          path, err.text, path, path, path);
    lock_free(a);
    lock_free(b);
    return rc;
}

static int merge_conflict(struct asked *q)
{
    const char *path = q->words[0];
    struct buf text, first, second;
    struct error err = {""};
    int rc, found;

    buf_init(&text, BUF_LIMIT);
    buf_init(&first, BUF_LIMIT);
    buf_init(&second, BUF_LIMIT);
    if (fs_read(path, &text, &err) < 0)
        rc = fail_reading(&err);
    else if ((found = lock_sides(path, buf_text(&text), text.len, &first, &second, &err)) < 0)
        rc = fail_reading(&err);
    else if (!found)
        rc = usage("give a second lockfile to merge with: there is no conflict in ", path);
    else
        rc = merge_sides(q, path, &first, &second);
    buf_release(&text);
    buf_release(&first);
    buf_release(&second);
    return rc;
}

static int merge(struct asked *q)
{
    if (q->nwords == 2)
        return merge_two(q);
    if (q->nwords == 1 && !q->base)
        return merge_conflict(q);
    return usage("merge takes two lockfiles, or one with conflict markers", "");
}

/* ---- the command ---- */

int command_lock(const struct command_call *call)
{
    static const char *const verbs[] = {"show", "check", "prune", "merge"};
    struct asked q = {.arena = arena_new(), .call = call};
    size_t verb = 0, n = sizeof verbs / sizeof *verbs;
    int rc;

    while (verb < n && !(call->n && strcmp(verbs[verb], call->words[0]) == 0))
        verb++;
    if (verb == n)
        rc = usage(call->n ? "it cannot " : "show, check, prune or merge?",
                   call->n ? call->words[0] : "");
    else if (verb == 0 && call->n > 1 && *call->words[1] == '-')
        rc = usage("show has no option ", call->words[1]);
    else if (verb == 0)
        rc = command_lock_show(call);
    else if (!(rc = read_options(&q, verb == 3)))
        rc = verb == 3 ? merge(&q) : check(&q, verb == 2);
    arena_free(q.arena);
    return rc;
}
