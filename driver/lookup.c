/* driver/lookup.c - choosing among the records of one key. */
#include "driver/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "cache/store_keep.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

int library_open(struct library *lib, const struct inspection *in, const char *source,
                 struct error *err)
{
    bool asked;
    struct error why = {""};
    *lib = (struct library){.lock_path = lock_find(source, &asked)};
    if (lib->lock_path && !(lib->lock = lock_read(lib->lock_path, err)))
        return -1;
    if (!in->cache_dir)
        log_warn("no cache folder is known (set KSEARCH_CACHE_DIR or HOME): nothing will be kept");
    else if (!(lib->store = store_open(in->cache_dir, false, &why)))
        log_warn("the cache cannot be used: %s", why.text);
    lib->share = share_open(in->cache_dir, false, NULL);
    return 0;
}

void library_close(struct library *lib)
{
    free(lib->lock_path);
    lock_free(lib->lock);
    store_close(lib->store);
    share_close(lib->share);
    *lib = (struct library){0};
}

struct choice { /* the best record met so far */
    const struct inspection *in;
    const struct target_arch *arch; /* not NULL: only a record of a GPU of this one counts */
    struct record *best;
    char model[160];     /* of this machine's GPU, "" without one */
    char other[160];     /* another model that would do as well: then neither is taken */
    const char *useless; /* why one that was met is not taken, as the compile cannot have it */
};

/* is this record for the GPU or architecture that is meant? */
static bool choice_fits(const struct choice *c, const struct record *r)
{
    if (c->arch)
        return r->major == c->arch->major && r->minor == c->arch->minor;
    if (*c->model)
        return !strcmp(r->gpu, c->model);
    const char *name = c->in->gpu_name;
    return !strncmp(r->gpu, name, strlen(name)) && r->gpu[strlen(name)] == '/';
}

static int choice_visit(void *arg, const struct record *r, const char *reason)
{
    struct choice *c = arg;
    if (!r) {
        log_debug("a record of the cache is passed over: %s", reason);
        return 0;
    }
    const char *why;
    if (!choice_fits(c, r))
        return 0;
    if (!inspection_can_use(c->in, r, &why)) {
        c->useless = why;
        return 0;
    }
    if (c->best && strcmp(c->best->gpu, r->gpu) != 0)
        snprintf(c->other, sizeof c->other, "%s", r->gpu);
    else if (!c->best)
        c->best = record_copy(r, true);
    return 0;
}

struct arrivals { /* records that a remote has */
    struct library *lib;
    struct choice *choice;
};

/* each is kept: those of other GPUs are asked for next, or say that it is not clear which is meant
 */
static void arrival_visit(void *arg, const struct record *r)
{
    struct arrivals *a = arg;
    struct error err = {""};
    if (a->lib->store && !store_is_read_only(a->lib->store) &&
        share_keep(a->lib->store, r, &err) < 0)
        log_warn("%s: the remote cache's result cannot be kept: %s", r->entry, err.text);
    choice_visit(a->choice, r, NULL);
}

/* gives t what was chosen, if anything was */
static void choice_take(struct choice *c, struct target *t, enum found found)
{
    if (!c->best)
        return;
    if (*c->other) {
        t->why = arena_printf(
            c->in->arena, "records of %s and %s are on file: set KSEARCH_GPU to say which is meant",
            c->best->gpu, c->other);
        record_free(c->best);
    } else {
        t->record = c->best;
        t->found = found;
    }
}

static void look_in_lock(struct library *lib, const struct target *t, struct choice *c)
{
    for (size_t i = 0; lib->lock && i < lib->lock->n; i++)
        if (hash_equal(&lib->lock->records[i]->key.all, &t->key.all))
            choice_visit(c, lib->lock->records[i], NULL);
}

static void look_in_store(struct library *lib, const struct target *t, struct choice *c)
{
    struct error err = {""};
    if (lib->store && !c->in->hermetic &&
        store_each(lib->store, &t->key, choice_visit, c, &err) < 0)
        log_warn("the cache cannot be read: %s", err.text);
}

static void look_in_share(struct library *lib, const struct target *t, struct choice *c)
{
    struct arrivals a = {lib, c};
    if (lib->share && !c->in->hermetic)
        share_find(lib->share, &t->key, arrival_visit, &a, NULL, NULL);
}

/* where it is, nearest first; *c has it */
static enum found look_everywhere(struct library *lib, const struct target *t, struct choice *c)
{
    look_in_lock(lib, t, c);
    if (c->best)
        return FOUND_LOCK;
    look_in_store(lib, t, c);
    if (c->best) {
        if (lib->store)
            store_touch(lib->store, &t->key.all);
        return FOUND_CACHE;
    }
    look_in_share(lib, t, c);
    return c->best ? FOUND_REMOTE : FOUND_NOTHING;
}

/* is architecture k of the compile one with machine code that did not come before? */
static bool arch_counts(const struct inspection *in, size_t k)
{
    const struct target_arch *arch = in->command.archs;
    for (size_t i = 0; i < k; i++)
        if (arch[i].sass && arch[i].major == arch[k].major && arch[i].minor == arch[k].minor)
            return false;
    return arch[k].sass;
}

/* By the plain key, then, where that is another one, by the apart one, which t->key is from there
 * on. A search that follows is by that, too */
static enum found look_by_keys(struct library *lib, struct target *t, struct choice *c)
{
    c->useless = NULL;
    t->key = t->plain;
    enum found found = look_everywhere(lib, t, c);
    const char *useless = c->useless;
    if (c->best || c->in->apart == APART_NOT || (c->in->apart == APART_AFTER && !useless))
        return found;
    t->key = t->apart;
    t->useless = useless;
    return look_everywhere(lib, t, c);
}

void library_find(struct library *lib, const struct inspection *in, struct target *t)
{
    struct choice c = {.in = in};
    const char *why = NULL;
    if (in->have_gpu)
        gpu_model(&in->gpu, c.model);
    if (in->have_gpu || in->gpu_name) {
        choice_take(&c, t, look_by_keys(lib, t, &c));
        return;
    }
    for (size_t k = 0; k < in->command.narchs && !t->record; k++) {
        c = (struct choice){.in = in, .arch = &in->command.archs[k]};
        if (arch_counts(in, k))
            choice_take(&c, t, look_by_keys(lib, t, &c));
        why = why ? why : t->why;
        t->why = t->record ? NULL : why;
    }
}

/* is it the architecture of the GPU in the machine, or of the record that t has? */
static bool arch_is_own(const struct inspection *in, const struct target *t,
                        const struct target_arch *arch)
{
    const struct record *r = t->record;
    return (in->have_gpu && arch->major == in->arch.major && arch->minor == in->arch.minor) ||
           (r && arch->major == r->major && arch->minor == r->minor);
}

void library_find_others(struct library *lib, const struct inspection *in, struct target *t)
{
    bool named = in->gpu_name && !t->record; /* of which architecture it is, is not known */
    for (size_t k = 0; !named && k < in->command.narchs; k++) {
        struct choice c = {.in = in, .arch = &in->command.archs[k]};
        if (!arch_counts(in, k) || arch_is_own(in, t, c.arch))
            continue;
        struct target other = *t;
        enum found found = look_by_keys(lib, &other, &c);
        if (c.best && !*c.other)
            *arena_push(in->arena, t->others, t->nothers) =
                (struct elsewhere){c.best, found, false};
        else
            record_free(c.best);
    }
}

static void stamp_lock(const struct lockfile *lock, const struct hash *key, struct hasher *h)
{
    for (size_t i = 0; lock && i < lock->n; i++) {
        if (!hash_equal(&lock->records[i]->key.all, key))
            continue;
        json_t *object = record_to_json(lock->records[i], false);
        char *text = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
        hasher_string(h, text);
        free(text);
        json_decref(object);
    }
}

int library_stamp(struct library *lib, const struct hash *keys, size_t n, struct hash *stamp,
                  struct error *err)
{
    struct hasher *h = hasher_new();
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        struct hash here = {{0}};
        stamp_lock(lib->lock, &keys[i], h);
        if (lib->store)
            rc = store_stamp(lib->store, &keys[i], &here, err);
        hasher_field(h, &here, sizeof here);
    }
    *stamp = hasher_end(h);
    return rc;
}

static bool lock_has_win(const struct library *lib, const struct key *key, const struct record *r)
{
    bool several;
    const struct record *old =
        lib->lock ? lock_get(lib->lock, key, r->gpu, r->major, r->minor, &several) : NULL;
    return old && old->nwinners;
}

/* A win of the same code that is in the lockfile is not replaced by no win, as in the cache; nor by
 * anything of a compile that may not use it, since there is one place for both */
static bool lock_keeps_win(const struct library *lib, const struct target *t)
{
    bool apart = !hash_equal(&t->key.all, &t->plain.all);
    return (apart && lock_has_win(lib, &t->plain, t->record)) ||
           (!t->record->nwinners && lock_has_win(lib, &t->key, t->record));
}

/* for others, where that is wanted */
static void library_share(struct library *lib, const struct target *t)
{
    struct error err = {""};
    if (!lib->share || !share_writes(lib->share))
        return;
    if (!share_signer(lib->share, &err) && !share_takes_unsigned(lib->share))
        remote_warn(share_remote(lib->share), "results cannot be put into the remote cache: %s",
                    err.text);
    else
        share_put(lib->share, t->record, NULL); /* what goes wrong is in the log */
}

void library_keep(struct library *lib, const struct target *t)
{
    struct error err = {""};
    if (lib->store && t->found == FOUND_SEARCH && store_put(lib->store, t->record, &err))
        log_warn("%s: the result cannot be kept in the cache: %s", t->name, err.text);
    if (t->found == FOUND_SEARCH)
        library_share(lib, t);
    err = (struct error){""};
    if (lib->lock_path && t->found != FOUND_LOCK && !lock_keeps_win(lib, t) &&
        lock_put(lib->lock_path, t->record, &err))
        log_warn("%s: the result cannot be written to %s: %s", t->name, lib->lock_path, err.text);
}

/* "cache", or "remote, signed by ci (3f2a...)" */
static void found_text(const struct record *r, enum found found, char text[200])
{
    char signer[160];
    if (found == FOUND_REMOTE && record_signer_text(r, signer))
        snprintf(text, 200, "%s, %s", found_name(found), signer);
    else
        snprintf(text, 200, "%s", found_name(found));
}

/* of the GPU's model only the name, "NVIDIA H200" */
static void record_say(const char *file, const struct target *t, const struct record *r,
                       enum found found, bool refused)
{
    char *values = record_values_text(r), gain[GAIN_TEXT], from[200];
    int gpu = (int)strcspn(r->gpu, "/");
    found_text(r, found, from);
    if (refused && r->nwinners)
        log_line("%s: %s: original (the winner %s was not emitted)", file, t->name, values);
    else if (r->nwinners)
        log_line("%s: %s: %s %s on %.*s (%s)", file, t->name, values, record_gain_text(r, gain),
                 gpu, r->gpu, from);
    else
        log_line("%s: %s: original: no proven gain on %.*s (%s%s)", file, t->name, gpu, r->gpu,
                 from, record_end_text(r, gain));
    free(values);
}

void target_say(const struct unit_source *u, const struct target *t)
{
    const char *file = fs_base(u->src->path);
    if (t->record)
        record_say(file, t, t->record, t->found, t->refused);
    else
        log_line("%s: %s: original%s%s", file, t->name, t->why ? ": " : "", t->why ? t->why : "");
    for (size_t i = 0; i < t->nothers; i++)
        record_say(file, t, t->others[i].record, t->others[i].found, t->others[i].refused);
}
