/* cache/store_api.c
 *
 * The calls of store.h: which folder, which backend, what a value is worth. LMDB must not be used
 * on a remote file system (its lock and its map are this machine's), so there, and where
 * KSEARCH_CACHE_FILES=1 asks for it, records are files.
 *
 * What comes out of a backend is believed only when its checksum holds and the record says itself
 * that it is of the key and the GPU that were asked for. */
#include "cache/store_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cache/lmdb_child.h"
#include "cache/store_keep.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

#define MAP_FIRST ((size_t)1 << 30)

enum {
    KEY_MAX = 511,      /* LMDB's */
    WRITE_SECONDS = 60, /* writers wait for one another, a few milliseconds each */
};

char *store_path(const struct store *s, const char *name)
{
    char *path;

    if (asprintf(&path, "%s/%s", s->dir, name) < 0)
        fatal("out of memory");
    return path;
}

char *store_default_dir(void)
{
    const char *dir = getenv("KSEARCH_CACHE_DIR"), *xdg = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    char *path = NULL;
    int n = 0;

    if (dir && *dir)
        n = asprintf(&path, "%s", dir);
    else if (xdg && *xdg == '/') /* the specification has relative ones ignored */
        n = asprintf(&path, "%s/ksearch", xdg);
    else if (home && *home)
        n = asprintf(&path, "%s/.cache/ksearch", home);
    if (n < 0)
        fatal("out of memory");
    return path;
}

static struct store *store_new(const char *dir)
{
    struct store *s = calloc(1, sizeof *s);

    if (!s || !(s->dir = strdup(dir)))
        fatal("out of memory");
    s->schema = STORE_SCHEMA;
    s->map = MAP_FIRST;
    s->patience = WRITE_SECONDS;
    s->backend = lmdb_is_unsuited(dir) ? &store_files : &store_lmdb;
    return s;
}

static bool can_write(const struct store *s)
{
    char *data = store_path(s, "data.mdb");
    bool ok = faccessat(AT_FDCWD, s->dir, W_OK | X_OK, AT_EACCESS) == 0 &&
              (faccessat(AT_FDCWD, data, W_OK, AT_EACCESS) == 0 || errno == ENOENT);

    free(data);
    return ok;
}

struct store *store_peek(const char *dir)
{
    struct store *s = store_new(dir);

    s->read_only = !can_write(s);
    return s;
}

struct store *store_open(const char *dir, bool read_only, struct error *err)
{
    struct error why = {0};
    struct store *s;
    bool newer = false;

    if (!read_only)
        fs_mkdirs(dir, &why);
    if (faccessat(AT_FDCWD, dir, R_OK | X_OK, AT_EACCESS) < 0) {
        if (why.text[0])
            error_set(err, "%s", why.text);
        else
            error_errno(err, "cannot open the cache %s", dir);
        return NULL;
    }
    s = store_new(dir);
    s->read_only = read_only || !can_write(s);
    why.text[0] = '\0';
    if (s->backend->schema(s, &newer, &why) < 0 && newer)
        s->refused = why; /* what is damaged is told by the call that meets it */
    return s;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    free(s->dir);
    free(s);
}

bool store_is_read_only(const struct store *s)
{
    return s->read_only;
}

/* key.all and the model into bytes[KEY_MAX]; how many, or 0 with *err */
static size_t key_bytes(const struct key *key, const char *gpu_model, char *bytes,
                        struct error *err)
{
    size_t n = strlen(gpu_model);

    if (n > KEY_MAX - sizeof key->all.byte) {
        error_set(err, "the name of the GPU model is too long for the cache");
        return 0;
    }
    memcpy(bytes, key->all.byte, sizeof key->all.byte);
    memcpy(bytes + sizeof key->all.byte, gpu_model, n);
    return sizeof key->all.byte + n;
}

static int refused(const struct store *s, struct error *err)
{
    return s->refused.text[0] ? error_set(err, "%s", s->refused.text) : 0;
}

int store_get(struct store *s, const struct key *key, const char *gpu_model, struct record **rec,
              struct error *err)
{
    char bytes[KEY_MAX];
    size_t n = key_bytes(key, gpu_model, bytes, err);
    struct buf value;
    int rc;

    *rec = NULL;
    if (!n || refused(s, err) < 0)
        return -1;
    buf_init(&value, STORE_VALUE_MAX);
    rc = s->backend->get(s, bytes, n, &value, err);
    if (rc == 1 && !(*rec = store_decode(value.data, value.len, err)))
        rc = -1;
    buf_release(&value);
    if (rc == 1 &&
        (!hash_equal(&(*rec)->key.all, &key->all) || strcmp((*rec)->gpu, gpu_model) != 0)) {
        record_free(*rec);
        *rec = NULL;
        rc = error_set(err, "the cache %s is damaged: a record lies under another's key", s->dir);
    }
    return rc;
}

struct visitor {
    int (*visit)(void *arg, const struct record *rec, const char *reason);
    void *arg;
};

static int visit_row(void *arg, const void *value, size_t n)
{
    const struct visitor *v = arg;
    struct error why = {0};
    struct record *rec = store_decode(value, n, &why);
    int rc = v->visit(v->arg, rec, rec ? NULL : why.text);

    record_free(rec);
    return rc;
}

int store_each(struct store *s, const struct key *key,
               int (*visit)(void *arg, const struct record *rec, const char *reason), void *arg,
               struct error *err)
{
    struct visitor v = {visit, arg};

    if (refused(s, err) < 0)
        return -1;
    return s->backend->each(s, key ? key->all.byte : NULL, key ? sizeof key->all.byte : 0,
                            visit_row, &v, err);
}

/* a value begins with its own hash */
static int stamp_row(void *arg, const void *value, size_t n)
{
    hasher_field(arg, value, n < STORE_VALUE_HEAD ? n : STORE_VALUE_HEAD);
    return 0;
}

int store_stamp(struct store *s, const struct hash *key, struct hash *stamp, struct error *err)
{
    struct hasher *h = hasher_new();
    int n = s->backend->each(s, key->byte, sizeof key->byte, stamp_row, h, err);

    *stamp = hasher_end(h);
    return n < 0 ? -1 : 0;
}

static bool keep_nothing(const void *old, size_t n)
{
    (void)old;
    (void)n;
    return false;
}

static bool keep_win(const void *old, size_t n)
{
    struct record *rec = store_decode(old, n, NULL);
    bool win = rec && rec->nwinners > 0;

    record_free(rec);
    return win;
}

int store_put(struct store *s, const struct record *rec, struct error *err)
{
    char bytes[KEY_MAX];
    size_t n = key_bytes(&rec->key, rec->gpu, bytes, err);
    struct store_sum removed;
    struct buf value;
    int rc = -1;

    if (!n || refused(s, err) < 0)
        return -1;
    if (s->read_only)
        return error_set(err, "the cache %s is read-only", s->dir);
    buf_init(&value, STORE_VALUE_MAX);
    if (store_encode(rec, &value, err) == 0)
        rc = s->backend->put(s, bytes, n, value.data, value.len,
                             rec->nwinners > 0 ? keep_nothing : keep_win, err);
    buf_release(&value);
    if (rc == 0)
        store_touch(s, &rec->key.all);
    if (rc == 0 && s->bytes > store_limit())
        store_trim(s, store_limit() / 10 * 9, &removed, NULL);
    return rc;
}
