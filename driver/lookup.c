/* driver/lookup.c - choosing among the records of one key. */
#include "driver/lookup.h"

#include <stdlib.h>
#include <string.h>

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
    return 0;
}

void library_close(struct library *lib)
{
    free(lib->lock_path);
    lock_free(lib->lock);
    store_close(lib->store);
    *lib = (struct library){0};
}

struct choice { /* the best record met so far */
    const struct inspection *in;
    const struct target_arch *arch; /* not NULL: only a record of a GPU of this one counts */
    struct record *best;
    char model[160]; /* of this machine's GPU, "" without one */
    char other[160]; /* another model that would do as well: then neither is taken */
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

static struct record *record_copy(const struct record *r)
{
    json_t *object = record_to_json(r, true);
    struct record *copy = record_from_json(object, NULL);
    json_decref(object);
    return copy;
}

static int choice_visit(void *arg, const struct record *r, const char *reason)
{
    struct choice *c = arg;
    if (!r) {
        log_debug("a record of the cache is passed over: %s", reason);
        return 0;
    }
    if (!choice_fits(c, r))
        return 0;
    if (c->best && strcmp(c->best->gpu, r->gpu) != 0)
        snprintf(c->other, sizeof c->other, "%s", r->gpu);
    else if (!c->best)
        c->best = record_copy(r);
    return 0;
}

/* gives t what was chosen; true when that settles it */
static bool choice_take(struct choice *c, struct target *t, enum found found)
{
    if (!c->best)
        return false;
    if (*c->other) {
        t->why = arena_printf(
            c->in->arena, "records of %s and %s are on file: set KSEARCH_GPU to say which is meant",
            c->best->gpu, c->other);
        record_free(c->best);
    } else {
        t->record = c->best;
        t->found = found;
    }
    return true;
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
    if (lib->store && store_each(lib->store, &t->key, choice_visit, c, &err) < 0)
        log_warn("the cache cannot be read: %s", err.text);
}

/* the lockfile first; true when that settles what t gets */
static bool look_everywhere(struct library *lib, struct choice *c, struct target *t)
{
    look_in_lock(lib, t, c);
    if (choice_take(c, t, FOUND_LOCK))
        return true;
    look_in_store(lib, t, c);
    return choice_take(c, t, FOUND_CACHE);
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

void library_find(struct library *lib, const struct inspection *in, struct target *t)
{
    struct choice c = {.in = in};
    const char *why = NULL;
    if (in->have_gpu)
        gpu_model(&in->gpu, c.model);
    if (in->have_gpu || in->gpu_name) {
        look_everywhere(lib, &c, t);
        return;
    }
    for (size_t k = 0; k < in->command.narchs && !t->record; k++) {
        c = (struct choice){.in = in, .arch = &in->command.archs[k]};
        if (arch_counts(in, k))
            look_everywhere(lib, &c, t);
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
        enum found found = FOUND_LOCK;
        if (!arch_counts(in, k) || arch_is_own(in, t, c.arch))
            continue;
        look_in_lock(lib, t, &c);
        if (!c.best) {
            look_in_store(lib, t, &c);
            found = FOUND_CACHE;
        }
        if (c.best && !*c.other)
            *arena_push(in->arena, t->others, t->nothers) =
                (struct elsewhere){c.best, found, false};
        else
            record_free(c.best);
    }
}

/* a win of the same code that is in the lockfile is not replaced by no win, as in the cache */
static bool lock_keeps_win(const struct library *lib, const struct target *t)
{
    const struct record *r = t->record;
    bool several;
    const struct record *old =
        lib->lock ? lock_get(lib->lock, &t->key, r->gpu, r->major, r->minor, &several) : NULL;
    return old && old->nwinners && !r->nwinners;
}

void library_keep(struct library *lib, const struct target *t)
{
    struct error err = {""};
    if (lib->store && t->found == FOUND_SEARCH && store_put(lib->store, t->record, &err))
        log_warn("%s: the result cannot be kept in the cache: %s", t->name, err.text);
    err = (struct error){""};
    if (lib->lock_path && t->found != FOUND_LOCK && !lock_keeps_win(lib, t) &&
        lock_put(lib->lock_path, t->record, &err))
        log_warn("%s: the result cannot be written to %s: %s", t->name, lib->lock_path, err.text);
}

/* of the GPU's model only the name, "NVIDIA H200" */
static void record_say(const char *file, const struct target *t, const struct record *r,
                       enum found found, bool refused)
{
    char *values = record_values_text(r);
    int gpu = (int)strcspn(r->gpu, "/");
    if (refused && r->nwinners)
        log_line("%s: %s: original (the winner %s was not emitted)", file, t->name, values);
    else if (r->nwinners)
        log_line("%s: %s: %s is %.2fx as fast [%.2f, %.2f] on %.*s (%s)", file, t->name, values,
                 r->ratio, r->low, r->high, gpu, r->gpu, found_name(found));
    else
        log_line("%s: %s: original: no proven gain on %.*s (%s)", file, t->name, gpu, r->gpu,
                 found_name(found));
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
