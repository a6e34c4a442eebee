/* cache/store_files.c
 *
 * The cache without a database, for file systems that several machines share:
 *
 *     schema                      STORE_SCHEMA in decimal
 *     records/KEY/MODEL           a value of store_value.c; KEY is key.all in hexadecimal, MODEL
 * the first 32 digits of the hash of the GPU model records.lock                held (flock) by a
 * writer
 *
 * A file is written beside its name and renamed, so a reader sees all of one value. */
#include "cache/store_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

enum { KEY_BYTES = sizeof(struct hash), KEY_DIGITS = 2 * KEY_BYTES, MODEL_DIGITS = 32 };

static int files_schema(struct store *s, bool *newer, struct error *err)
{
    char *path = store_path(s, "schema");
    struct buf b;
    int rc = 0;
    long number;

    buf_init(&b, 64);
    if (fs_exists(path))
        rc = fs_read(path, &b, err);
    number = strtol(buf_text(&b), NULL, 10);
    if (rc == 0 && b.len && (number < 1 || number > s->schema)) {
        *newer = number > s->schema;
        rc = error_set(err,
                       *newer
                           ? "the cache %s cannot be used: it is of a later version (schema %ld, "
                             "this is %d)"
                           : "the cache %s is damaged: its schema makes no sense (%ld, this is %d)",
                       s->dir, number, s->schema);
    }
    buf_release(&b);
    free(path);
    return rc;
}

/* the folder of a key's records, and the file of one; free() it */
static char *key_path(const struct store *s, const void *key, size_t nkey)
{
    struct hash all, model;
    char name[sizeof "records/" + KEY_DIGITS + 1 + 2 * sizeof(struct hash)] = "records/";

    memcpy(all.byte, key, KEY_BYTES);
    hash_hex(&all, name + strlen(name));
    if (nkey > KEY_BYTES) {
        model = hash_bytes((const char *)key + KEY_BYTES, nkey - KEY_BYTES);
        strcat(name, "/");
        hash_hex(&model, name + strlen(name));
        name[strlen("records/") + KEY_DIGITS + 1 + MODEL_DIGITS] = '\0';
    }
    return store_path(s, name);
}

/* 1 and the bytes, 0 when there is no such file */
static int read_value(const char *path, struct buf *value, struct error *err)
{
    if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    return fs_read(path, value, err) < 0 ? -1 : 1;
}

static int files_get(struct store *s, const void *key, size_t nkey, struct buf *value,
                     struct error *err)
{
    char *path = key_path(s, key, nkey);
    int rc = read_value(path, value, err);

    free(path);
    return rc;
}

static bool is_hex(const char *name, size_t digits)
{
    return strlen(name) == digits && strspn(name, "0123456789abcdef") == digits;
}

/* the names in a folder that are `digits` hexadecimal digits, sorted; free() each and the list */
static int list_folder(const char *path, size_t digits, char ***names, struct error *err)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort), kept = 0;

    *names = NULL;
    if (n < 0)
        return errno == ENOENT ? 0 : error_errno(err, "cannot read %s", path);
    *names = calloc((size_t)n + 1, sizeof **names);
    if (!*names)
        fatal("out of memory");
    for (int i = 0; i < n; i++) {
        if (is_hex(entries[i]->d_name, digits) && !((*names)[kept++] = strdup(entries[i]->d_name)))
            fatal("out of memory");
        free(entries[i]);
    }
    free(entries);
    return kept;
}

static void free_names(char **names, int n)
{
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

/* passes the values of one key's folder to row; adds to *visited; true when row had enough */
static bool each_in(const char *folder, store_named_row *row, void *arg, int *visited)
{
    char **names, *path;
    int n = list_folder(folder, MODEL_DIGITS, &names, NULL);
    struct buf value;
    bool enough = false;

    buf_init(&value, STORE_VALUE_MAX);
    for (int i = 0; i < n && !enough; i++) {
        if (asprintf(&path, "%s/%s", folder, names[i]) < 0)
            fatal("out of memory");
        buf_clear(&value);
        buf_add(&value, "", 0);
        int rc = read_value(path, &value, NULL);
        if (rc != 0) { /* an unreadable one is a damaged one, without bytes */
            ++*visited;
            if (rc < 0)
                buf_clear(&value);
            char *name = strdup(path + strlen(path) - (KEY_DIGITS + 1 + MODEL_DIGITS));
            if (!name)
                fatal("out of memory");
            enough = row(arg, name, strlen(name), value.data, value.len) != 0;
            free(name);
        }
        free(path);
    }
    buf_release(&value);
    free_names(names, n);
    return enough;
}

static int files_walk_from(struct store *s, const void *prefix, size_t n, store_named_row *row,
                           void *arg, struct error *err)
{
    char *folder = n ? key_path(s, prefix, KEY_BYTES) : store_path(s, "records"), **names, *path;
    int visited = 0, nkeys;
    bool enough = false;

    if (n) {
        each_in(folder, row, arg, &visited);
        free(folder);
        return visited;
    }
    nkeys = list_folder(folder, KEY_DIGITS, &names, err);
    for (int i = 0; i < nkeys && !enough; i++) {
        if (asprintf(&path, "%s/%s", folder, names[i]) < 0)
            fatal("out of memory");
        enough = each_in(path, row, arg, &visited);
        free(path);
    }
    free_names(names, nkeys);
    free(folder);
    return nkeys < 0 ? -1 : visited;
}

struct unnamed {
    store_row *row;
    void *arg;
};

static int without_name(void *arg, const void *name, size_t nname, const void *value, size_t n)
{
    const struct unnamed *u = arg;

    (void)name;
    (void)nname;
    return u->row(u->arg, value, n);
}

static int files_each(struct store *s, const void *prefix, size_t n, store_row *row, void *arg,
                      struct error *err)
{
    struct unnamed u = {row, arg};

    return files_walk_from(s, prefix, n, without_name, &u, err);
}

static int files_walk(struct store *s, store_named_row *row, void *arg, struct error *err)
{
    return files_walk_from(s, NULL, 0, row, arg, err);
}

static int put_locked(struct store *s, const char *path, const void *value, size_t n,
                      store_keeps *keeps, struct error *err)
{
    char *folder = fs_dir(path), *schema = store_path(s, "schema"), text[24];
    struct buf old, was;
    bool newer;
    int rc;

    buf_init(&old, STORE_VALUE_MAX);
    rc = files_schema(s, &newer, err);
    snprintf(text, sizeof text, "%d\n", s->schema);
    buf_init(&was, 64);
    if (rc == 0 && (fs_read(schema, &was, NULL) < 0 || strcmp(buf_text(&was), text) != 0)) {
        rc = fs_write(schema, text, strlen(text), err);
    }
    if (rc == 0)
        rc = fs_mkdirs(folder, err);
    if (rc == 0 && !(read_value(path, &old, NULL) == 1 && old.data && keeps(old.data, old.len)))
        rc = fs_write(path, value, n, err);
    buf_release(&was);
    buf_release(&old);
    free(schema);
    free(folder);
    return rc;
}

/* where there are no locks, writers may race: the last one's file stays, whole */
static int lock_records(const struct store *s)
{
    char *lock = store_path(s, "records.lock");
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR)
        continue;
    free(lock);
    return fd;
}

static int files_put(struct store *s, const void *key, size_t nkey, const void *value, size_t n,
                     store_keeps *keeps, struct error *err)
{
    char *path = key_path(s, key, nkey);
    int rc, fd = lock_records(s);

    rc = put_locked(s, path, value, n, keeps, err);
    if (fd >= 0)
        close(fd);
    free(path);
    return rc;
}

/* is the file still what was seen? */
static bool begins_with(const char *path, const struct store_victim *v)
{
    struct buf value;
    bool same;

    buf_init(&value, STORE_VALUE_MAX);
    same = fs_read(path, &value, NULL) == 0 && value.len == v->bytes &&
           memcmp(buf_text(&value), v->head, v->nhead) == 0;
    buf_release(&value);
    return same;
}

static int files_remove(struct store *s, const struct store_victim *v, size_t n, struct error *err)
{
    int removed = 0, fd = lock_records(s);

    for (size_t i = 0; i < n; i++) {
        char *records = store_path(s, "records"), *path, *folder;
        if (asprintf(&path, "%s/%s", records, v[i].name) < 0)
            fatal("out of memory");
        folder = fs_dir(path);
        if (begins_with(path, &v[i])) {
            if (unlink(path) == 0)
                removed++;
            else if (errno != ENOENT)
                removed = error_errno(err, "cannot remove %s", path);
            rmdir(folder);
        }
        free(folder);
        free(path);
        free(records);
        if (removed < 0)
            break;
    }
    if (fd >= 0)
        close(fd);
    return removed;
}

const struct store_backend store_files = {files_schema, files_get,  files_each,
                                          files_put,    files_walk, files_remove};
