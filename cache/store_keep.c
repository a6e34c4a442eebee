/* cache/store_keep.c */
#include "cache/store_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cache/objects.h"
#include "cache/store_impl.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

unsigned long long store_limit(void)
{
    return objects_limit() / 2;
}

/* ---- uses ------------------------------------------------------------------------------------ */

static char *used_path(const struct store *s, const struct hash *key)
{
    char name[sizeof "used/" + 64] = "used/";

    hash_hex(key, name + strlen(name));
    return store_path(s, name);
}

void store_touch(struct store *s, const struct hash *key)
{
    char *path = used_path(s, key), *folder = store_path(s, "used");
    int fd;

    if (!s->read_only && !s->refused.text[0] && utimensat(AT_FDCWD, path, NULL, 0) < 0 &&
        errno == ENOENT && fs_mkdirs(folder, NULL) == 0) {
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (fd >= 0)
            close(fd);
    }
    free(folder);
    free(path);
}

/* when a record was used, as far as marks say; before there were marks, when it was made */
static int64_t used_at(const struct store *s, const struct record *rec)
{
    char *path = used_path(s, &rec->key.all);
    struct tm tm = {0};
    struct stat st;
    int64_t used = 0;

    if (stat(path, &st) == 0)
        used = st.st_mtime;
    else if (rec->created && strptime(rec->created, "%Y-%m-%dT%H:%M:%SZ", &tm))
        used = timegm(&tm);
    free(path);
    return used;
}

/* ---- a walk ---------------------------------------------------------------------------------- */

struct found { /* of a walk */
    struct store *s;
    struct arena *a;
    void (*visit)(void *arg, const struct record *rec, const char *reason);
    void *arg;
    struct store_sum *sum;
    struct store_victim *all; /* NULL-terminated by n; only where they are kept */
    struct hash *keys;
    bool *damaged;
    size_t n, nkeys, ndamaged;
    bool keeps;
};

static int found_one(void *arg, const void *name, size_t nname, const void *value, size_t n)
{
    struct found *f = arg;
    struct error why = {""};
    struct record *rec = store_decode(value, n, &why);

    f->sum->n++;
    f->sum->bytes += n;
    f->sum->damaged += !rec;
    if (f->visit)
        f->visit(f->arg, rec, rec ? NULL : why.text);
    if (f->keeps) {
        struct store_victim *v = arena_push(f->a, f->all, f->n);
        v->name = arena_copy(f->a, name, nname);
        v->nname = nname;
        v->bytes = n;
        v->nhead = n < sizeof v->head ? n : sizeof v->head;
        memcpy(v->head, value, v->nhead);
        v->used = rec ? used_at(f->s, rec) : 0;
        *arena_push(f->a, f->keys, f->nkeys) = rec ? rec->key.all : (struct hash){{0}};
        *arena_push(f->a, f->damaged, f->ndamaged) = !rec;
    }
    record_free(rec);
    return 0;
}

int store_verify(struct store *s,
                 void (*visit)(void *arg, const struct record *rec, const char *reason), void *arg,
                 struct store_sum *sum, struct error *err)
{
    struct found f = {.s = s, .visit = visit, .arg = arg, .sum = sum};

    *sum = (struct store_sum){0};
    if (s->refused.text[0])
        return error_set(err, "%s", s->refused.text);
    return s->backend->walk(s, found_one, &f, err) < 0 ? -1 : 0;
}

/* ---- removing -------------------------------------------------------------------------------- */

/* an object of that key was used */
static void used_by_object(void *arg, const struct hash *key, int64_t used)
{
    struct found *f = arg;

    for (size_t i = 0; i < f->n; i++)
        if (hash_equal(&f->keys[i], key) && f->all[i].used < used)
            f->all[i].used = used;
}

static int oldest_first(const void *a, const void *b)
{
    const struct store_victim *x = a, *y = b;

    return (x->used > y->used) - (x->used < y->used);
}

int store_trim(struct store *s, unsigned long long most, struct store_sum *removed,
               struct error *err)
{
    struct store_sum sum = {0};
    struct found f = {.s = s, .a = arena_new(), .sum = &sum, .keeps = true};
    size_t n = 0;
    int rc = -1;

    *removed = (struct store_sum){0};
    if (s->read_only || s->refused.text[0]) {
        error_set(err, "the cache %s cannot be written%s%s", s->dir, *s->refused.text ? ": " : "",
                  s->refused.text);
        goto out;
    }
    if (s->backend->walk(s, found_one, &f, err) < 0)
        goto out;
    objects_keys(s->dir, used_by_object, &f);
    for (size_t i = 0; i < f.n; i++) /* damage goes first, whatever there is room for */
        f.all[i].used = f.damaged[i] ? INT64_MIN : f.all[i].used;
    if (f.n)
        qsort(f.all, f.n, sizeof *f.all, oldest_first);
    while (n < f.n && (f.all[n].used == INT64_MIN || sum.bytes - removed->bytes > most)) {
        removed->damaged += f.all[n].used == INT64_MIN;
        removed->bytes += f.all[n++].bytes;
    }
    rc = s->backend->remove(s, f.all, n, err);
    removed->n = rc > 0 ? (size_t)rc : 0;
out:
    arena_free(f.a);
    return rc < 0 ? -1 : 0;
}

/* ---- starting anew --------------------------------------------------------------------------- */

struct saved {
    struct record **records;
    size_t n;
};

static void save_one(void *arg, const struct record *rec, const char *reason)
{
    struct saved *saved = arg;
    json_t *object = rec ? record_to_json(rec, true) : NULL;

    (void)reason;
    saved->records = reallocarray(saved->records, saved->n + 1, sizeof(struct record *));
    if (!saved->records)
        fatal("out of memory");
    if (object)
        saved->records[saved->n++] = record_from_json(object, NULL);
    json_decref(object);
}

static int put_aside(const struct store *s, const char *suffix, struct error *err)
{
    static const char *const files[] = {"lock.mdb", "data.mdb"};
    int rc = 0;

    for (size_t i = 0; i < 2; i++) {
        char *from = store_path(s, files[i]), *to;
        if (asprintf(&to, "%s%s", from, suffix) < 0)
            fatal("out of memory");
        if ((*suffix ? rename(from, to) : unlink(from)) < 0 && errno != ENOENT)
            rc = error_errno(err, "cannot put %s aside", from);
        free(to);
        free(from);
    }
    return rc;
}

int store_renew(struct store *s, struct error *err)
{
    struct saved saved = {NULL, 0};
    struct error why = {""};
    struct store_sum sum;
    int kept = 0, rc;

    store_verify(s, save_one, &saved, &sum, &why);
    rc = put_aside(s, ".damaged", err);
    for (size_t i = 0; i < saved.n; i++) {
        if (rc == 0 && saved.records[i])
            kept += store_put(s, saved.records[i], NULL) == 0;
        record_free(saved.records[i]);
    }
    free(saved.records);
    return rc < 0 ? -1 : kept;
}

int store_clear(struct store *s, struct error *err)
{
    static const char *const folders[] = {"records", "used"};
    int rc;

    if (s->read_only || s->refused.text[0])
        return error_set(err, "the cache %s cannot be written%s%s", s->dir,
                         *s->refused.text ? ": " : "", s->refused.text);
    rc = put_aside(s, "", err);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = store_path(s, folders[i]);
        fs_remove(path);
        free(path);
    }
    return rc;
}
