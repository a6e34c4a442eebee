/* driver/reuse.c
 *
 * An object is found by a key of all that a compile is told (reuse_key.c). What the compile then
 * reads is in the manifest (driver/build/reads.h), and so is what was on file of winners. */
#include "driver/reuse_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/build/meaning.h"
#include "driver/build/reads.h"
#include "driver/build/words.h"
#include "driver/lang/structure.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/terminal.h"

#define OUTPUT_MOST ((size_t)1 << 30)

/* ---- taking part ----------------------------------------------------------------------------- */

static const char *output_of(const struct reuse *r)
{
    const struct command *c = &r->command;

    return c->output ? c->output : command_default_output(r->arena, c, c->phase);
}

/* a file that a compile may replace: not there, or a regular one */
static bool is_plain_file(const char *path)
{
    struct stat st;

    return lstat(path, &st) < 0 ? errno == ENOENT : S_ISREG(st.st_mode);
}

static int check_possible(struct reuse *r, const char *const *words, struct error *err)
{
    if (!env_is_not_off("KSEARCH_OBJECTS") || env_is_on("KSEARCH_AGAIN"))
        return error_set(err, "it is not wanted");
    if (!proc_has_streams()) /* nvcc fails where it wants to say something */
        return error_set(err, "a standard stream is closed");
    if (command_parse(r->arena, words, &r->command, err) < 0 ||
        reads_possible(&r->command, err) < 0)
        return -1;
    if (r->command.native)
        return error_set(err, "nvcc asks for the GPU itself");
    if (!is_plain_file(output_of(r)) || (r->command.depfile && !is_plain_file(r->command.depfile)))
        return error_set(err, "its output is no regular file");
    if (!(r->cache_dir = store_default_dir()))
        return error_set(err, "no cache folder is known");
    return 0;
}

void reuse_open(struct reuse *r, const char *const *words, enum mode mode)
{
    struct error err = {""};
    bool asked;

    *r = (struct reuse){.arena = arena_new(), .mode = mode, .started = manifest_now(), .lock = -1};
    object_init(&r->object);
    if (check_possible(r, words, &err) < 0) {
        log_debug("the object is neither looked for nor kept: %s", err.text);
        reuse_close(r);
        return;
    }
    r->lock_path = lock_find(r->command.inputs[0], &asked);
    r->key = reuse_key(r);
}

void reuse_close(struct reuse *r)
{
    if (!r->arena)
        return;
    log_copy(NULL, false);
    store_search_end(r->lock);
    object_release(&r->object);
    free(r->lock_path);
    free(r->cache_dir);
    arena_free(r->arena);
    r->arena = NULL;
}

/* ---- what is on file of winners -------------------------------------------------------------- */

/* the lockfile and the cache, read again; -1 when one cannot be read */
static int library_again(const struct reuse *r, struct library *lib, struct error *err)
{
    *lib = (struct library){.store = store_peek(r->cache_dir)};
    if (r->lock_path && !(lib->lock = lock_read(r->lock_path, err)))
        return -1;
    return 0;
}

static bool fits(void *arg, const struct manifest *m)
{
    const struct reuse *r = arg;
    struct error err = {""};
    struct library lib;
    struct hash stamp;
    bool same = library_again(r, &lib, &err) == 0 &&
                library_stamp(&lib, m->keys, m->nkeys, &stamp, &err) == 0 &&
                hash_equal(&stamp, &m->stamp);

    library_close(&lib);
    return same;
}

/* ---- a hit ----------------------------------------------------------------------------------- */

/* what was said to a terminal has colours, which are none in a file */
static void say(int fd, const struct buf *b, bool terminal)
{
    struct buf plain;
    size_t at = 0;

    buf_init(&plain, b->limit);
    if (terminal && !isatty(fd)) {
        terminal_plain(buf_text(b), b->len, &plain);
        b = &plain;
    }
    while (at < b->len) {
        ssize_t n = write(fd, b->data + at, b->len - at);
        if (n < 0 && errno != EINTR)
            break; /* nobody listens */
        at += n > 0 ? (size_t)n : 0;
    }
    buf_release(&plain);
}

/* As the assembler does, the old file is removed first: a rename over it would have ext4 write the
 * new one to the disk at once */
static int put_file(const char *path, const struct buf *b, struct error *err)
{
    unlink(path);
    return fs_write(path, buf_text(b), b->len, err);
}

static bool put_files(struct reuse *r)
{
    const struct object *o = &r->object;
    const char *depfile = r->command.depfile;
    struct error err = {""};

    if (o->has_depfile != (depfile != NULL))
        return false;
    if (put_file(output_of(r), &o->output, &err) < 0 ||
        (depfile && put_file(depfile, &o->depfile, &err) < 0)) {
        log_debug("%s", err.text);
        return false;
    }
    return true;
}

static bool find_once(struct reuse *r)
{
    const char *why = NULL;

    object_release(&r->object);
    object_init(&r->object);
    if (objects_find(r->cache_dir, &r->key, r->arena, fits, r, &r->object, &why) && put_files(r)) {
        if (r->object.manifest.renewed)
            objects_put(r->cache_dir, &r->key, &r->object, NULL);
        return true;
    }
    log_debug("no object is on file%s%s", why ? ": it is not what it was: " : "", why ? why : "");
    object_release(&r->object);
    object_init(&r->object);
    return false;
}

static void waited(void *arg)
{
    *(bool *)arg = true;
}

bool reuse_find(struct reuse *r)
{
    struct store *store;
    bool had_to_wait = false, found;

    if (!r->arena)
        return false;
    found = find_once(r);
    if (!found)
        fs_mkdirs(r->cache_dir, NULL);
    store = store_peek(r->cache_dir);
    if (!found) {
        const struct key key = {.all = r->key};
        r->lock = store_search_begin(store, &key, waited, &had_to_wait);
        if (had_to_wait)
            found = find_once(r);
    }
    store_count(store, found ? STAT_OBJECT_HIT : STAT_OBJECT_MISS);
    store_close(store);
    if (found) {
        say(STDOUT_FILENO, &r->object.out, r->object.terminal);
        say(STDERR_FILENO, &r->object.err, r->object.terminal);
    } else {
        log_copy(&r->object.err, false);
    }
    return found;
}

/* ---- keeping --------------------------------------------------------------------------------- */

/* the passes that keys were made of, and those of the compile itself, where we ran its plan: the
 * text of a winner may include more */
static const struct reads_text *passes_of(struct reuse *r, const struct inspection *in, size_t *n)
{
    struct reads_text *passes = NULL;
    const char *text;
    size_t len;

    for (size_t i = 0; i < in->nsources; i++)
        for (size_t k = 0; (text = meaning_pass(in->sources[i].meaning, k, &len)); k++)
            *arena_push(r->arena, passes, *n) = (struct reads_text){text, len};
    for (size_t i = 0; i < in->plan.n; i++) {
        const struct step *s = &in->plan.steps[i];
        struct buf b;
        buf_init(&b, OUTPUT_MOST);
        if (s->tool <= TOOL_CPP_DEVICE && s->output && fs_exists(s->output) &&
            fs_read(s->output, &b, NULL) == 0)
            *arena_push(r->arena, passes, *n) =
                (struct reads_text){arena_copy(r->arena, buf_text(&b), b.len), b.len};
        buf_release(&b);
    }
    return passes;
}

/* the source, and what its annotations name */
static const char *const *sources_of(struct reuse *r, const struct inspection *in)
{
    struct words w = {0};

    words_add(r->arena, &w, in->command.inputs[0]);
    for (size_t i = 0; i < in->nsources; i++) {
        const struct file *f = in->sources[i].file;
        for (size_t k = 0; k < f->src->npieces; k++) /* headers whose text is part of ours */
            words_add(r->arena, &w, f->src->piece[k].path);
        for (size_t k = 0; k < f->nused; k++)
            words_add(r->arena, &w, f->used[k]->path);
        for (size_t k = 0; k < f->nspecs; k++) {
            const struct spec *s = &f->specs[k];
            if (s->reference.path)
                words_add(r->arena, &w, s->reference.path);
            for (size_t n = 0; n < s->nstructures; n++)
                words_add(r->arena, &w, s->structures[n].structure->src->path);
        }
    }
    return words_end(r->arena, &w);
}

static bool same_record(const struct record *a, const struct record *b)
{
    json_t *x = a ? record_to_json(a, true) : NULL, *y = b ? record_to_json(b, true) : NULL;
    bool same = (!a && !b) || (x && y && json_equal(x, y));

    json_decref(x);
    json_decref(y);
    return same;
}

/* is what this compile used what a next one would find? Says of each entry what that would say */
static bool same_winners(const struct reuse *r, struct inspection *in, struct library *lib,
                         struct buf *lines)
{
    bool same = true;

    log_copy(lines, true);
    for (size_t i = 0; i < in->nsources; i++) {
        for (size_t k = 0; k < in->sources[i].ntargets && same; k++) {
            struct target *t = &in->sources[i].targets[k], again = *t;
            again.record = NULL;
            library_find(lib, in, &again);
            same = same_record(t->record, again.record) && !t->refused;
            if (!again.record && ((r->mode == MODE_SEARCH && in->have_gpu) || reuse_asks_others()))
                same = false; /* next time there may be one */
            target_say(&in->sources[i], &again);
            record_free(again.record);
        }
    }
    log_copy(NULL, false);
    return same;
}

static void add_keys(struct reuse *r, const struct inspection *in)
{
    struct manifest *m = &r->object.manifest;

    for (size_t i = 0; i < in->nsources; i++)
        for (size_t k = 0; k < in->sources[i].ntargets; k++) {
            const struct target *t = &in->sources[i].targets[k];
            *arena_push(r->arena, m->keys, m->nkeys) = t->plain.all;
            if (in->apart != APART_NOT)
                *arena_push(r->arena, m->keys, m->nkeys) = t->apart.all;
        }
}

/* what is on file, looked at before and after: it does not change meanwhile */
static int stamp_winners(struct reuse *r, struct inspection *in, struct buf *lines,
                         struct error *err)
{
    struct manifest *m = &r->object.manifest;
    struct library before = {0}, after = {0};
    struct hash stamp;
    int rc;

    add_keys(r, in);
    rc = library_again(r, &before, err);
    if (rc == 0)
        rc = library_stamp(&before, m->keys, m->nkeys, &m->stamp, err);
    if (rc == 0 && !same_winners(r, in, &before, lines))
        rc = error_set(err, "what is on file is not what it was compiled with");
    if (rc == 0)
        rc = library_again(r, &after, err);
    if (rc == 0)
        rc = library_stamp(&after, m->keys, m->nkeys, &stamp, err);
    if (rc == 0 && !hash_equal(&stamp, &m->stamp))
        rc = error_set(err, "what is on file changes");
    library_close(&before);
    library_close(&after);
    return rc;
}

/* a file that the compile wrote; -1 when somebody else writes it, too */
static int take_output(const struct reuse *r, const char *path, struct buf *b, struct error *err)
{
    struct stat before, after;

    if (lstat(path, &before) < 0 || !S_ISREG(before.st_mode))
        return error_set(err, "%s is no regular file", path);
    if (before.st_mtim.tv_sec < r->started.tv_sec)
        return error_set(err, "%s is older than the compile", path);
    if (fs_read(path, b, err) < 0)
        return -1;
    if (lstat(path, &after) < 0 || before.st_ino != after.st_ino ||
        before.st_size != after.st_size || before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
        before.st_mtim.tv_nsec != after.st_mtim.tv_nsec)
        return error_set(err, "%s changes while it is read", path);
    return 0;
}

static void insert(struct buf *b, size_t at, const struct buf *lines)
{
    struct buf whole;

    buf_init(&whole, b->limit);
    buf_add(&whole, buf_text(b), at);
    buf_add(&whole, buf_text(lines), lines->len);
    buf_add(&whole, buf_text(b) + at, b->len - at);
    buf_release(b);
    *b = whole;
}

void reuse_said(struct reuse *r, const struct buf *out, const struct buf *err)
{
    buf_add(&r->object.out, buf_text(out), out->len);
    buf_add(&r->object.err, buf_text(err), err->len);
    r->object.out.full |= out->full;
    r->object.err.full |= err->full;
}

void reuse_entries(struct reuse *r)
{
    log_copy(NULL, false);
    r->entries_at = r->object.err.len;
}

static int keep(struct reuse *r, struct inspection *in, struct error *err)
{
    struct object *o = &r->object;
    const struct reads_text *passes;
    struct buf lines;
    size_t n = 0;
    int rc;

    manifest_init(&o->manifest, r->arena, r->cache_dir);
    o->manifest.started = r->started;
    if (o->out.full || o->err.full)
        return error_set(err, "it said too much");
    passes = passes_of(r, in, &n);
    rc = reads_add(&o->manifest, &in->command, &in->plan, sources_of(r, in), passes, n, err);
    buf_init(&lines, 1 << 20);
    if (rc == 0)
        rc = stamp_winners(r, in, &lines, err);
    if (rc == 0) {
        insert(&o->err, r->entries_at, &lines);
        o->has_depfile = r->command.depfile != NULL;
        o->terminal = isatty(STDOUT_FILENO) || isatty(STDERR_FILENO);
        rc = take_output(r, output_of(r), &o->output, err);
    }
    buf_release(&lines);
    if (rc == 0 && o->has_depfile)
        rc = take_output(r, r->command.depfile, &o->depfile, err);
    return rc == 0 ? objects_put(r->cache_dir, &r->key, o, err) : -1;
}

void reuse_keep(struct reuse *r, struct inspection *in)
{
    struct error err = {""};
    struct store *store;

    if (!r->arena)
        return;
    log_copy(NULL, false);
    if (r->lock < 0)
        error_set(&err, "the cache cannot be written");
    if (r->lock < 0 || keep(r, in, &err) < 0) {
        log_debug("the object is not kept: %s", err.text);
        return;
    }
    store = store_peek(r->cache_dir);
    store_count(store, STAT_OBJECT_KEPT);
    store_close(store);
}
