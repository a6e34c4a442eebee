/* cache/objects.c */
#include "cache/objects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include "cache/objects_impl.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

#define OBJECT_MOST ((size_t)1 << 30)

static const char magic[4] = {'K', 'S', 'O', 1};

enum {
    HASH_AT = sizeof magic,
    HEAD_AT = HASH_AT + sizeof(struct hash),
    BODY_AT = HEAD_AT + sizeof(struct objects_head),
    HAS_DEPFILE = 1, /* flags of a head */
    TERMINAL = 2,
    A_KEY = 8, /* objects of one key */
    LEVEL = 3,
};

void object_init(struct object *o)
{
    *o = (struct object){.has_depfile = false};
    buf_init(&o->output, OBJECT_MOST);
    buf_init(&o->depfile, OBJECT_MOST);
    buf_init(&o->out, OBJECT_MOST);
    buf_init(&o->err, OBJECT_MOST);
}

void object_release(struct object *o)
{
    buf_release(&o->output);
    buf_release(&o->depfile);
    buf_release(&o->out);
    buf_release(&o->err);
}

/* the folder of a key */
static const char *key_folder(struct arena *a, const char *dir, const struct hash *key)
{
    char hex[65];

    hash_hex(key, hex);
    return arena_printf(a, "%s/objects/%.2s/%s", dir, hex, hex + 2);
}

/* ---- reading --------------------------------------------------------------------------------- */

int objects_read(const char *path, struct buf *b, struct objects_head *head, const char **manifest,
                 const char **packed, size_t *npacked)
{
    struct hash hash, stored;

    if (fs_read(path, b, NULL) < 0 || b->len < BODY_AT || memcmp(b->data, magic, sizeof magic) != 0)
        return -1;
    memcpy(&stored, b->data + HASH_AT, sizeof stored);
    hash = hash_bytes(b->data + HEAD_AT, b->len - HEAD_AT);
    memcpy(head, b->data + HEAD_AT, sizeof *head);
    if (!hash_equal(&hash, &stored) || head->nmanifest > b->len - BODY_AT)
        return -1;
    *manifest = b->data + BODY_AT;
    *packed = *manifest + head->nmanifest;
    *npacked = b->len - BODY_AT - (size_t)head->nmanifest;
    return 0;
}

static struct buf *part(struct object *o, int i)
{
    struct buf *const parts[] = {&o->output, &o->depfile, &o->out, &o->err};

    return parts[i];
}

static int unpack(const struct objects_head *head, const char *packed, size_t n, struct object *o)
{
    size_t size = 0, at = 0;
    char *bytes;
    bool ok;

    for (int i = 0; i < 4; i++) {
        if (head->size[i] > OBJECT_MOST)
            return -1;
        size += (size_t)head->size[i];
    }
    bytes = malloc(size + 1);
    if (!bytes)
        return -1;
    ok = ZSTD_decompress(bytes, size, packed, n) == size;
    for (int i = 0; ok && i < 4; i++) {
        buf_add(part(o, i), bytes + at, (size_t)head->size[i]);
        at += (size_t)head->size[i];
    }
    o->has_depfile = head->flags & HAS_DEPFILE;
    o->terminal = head->flags & TERMINAL;
    free(bytes);
    return ok ? 0 : -1;
}

struct found { /* a file of a key's folder */
    char name[40];
    struct timespec used;
};

static int newest_first(const void *a, const void *b)
{
    const struct timespec *x = &((const struct found *)a)->used,
                          *y = &((const struct found *)b)->used;

    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? 1 : -1;
    return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

static struct found *list_folder(struct arena *a, const char *folder, size_t *n)
{
    DIR *dir = opendir(folder);
    struct found *files = NULL;
    struct dirent *d;
    struct stat st;

    *n = 0;
    while (dir && (d = readdir(dir))) {
        struct found *f;
        if (d->d_name[0] == '.' || strlen(d->d_name) >= sizeof f->name || strchr(d->d_name, '.') ||
            fstatat(dirfd(dir), d->d_name, &st, 0) < 0)
            continue;
        f = arena_push(a, files, *n);
        strcpy(f->name, d->d_name);
        f->used = st.st_mtim;
    }
    if (dir)
        closedir(dir);
    if (*n)
        qsort(files, *n, sizeof *files, newest_first);
    return files;
}

/* does the object in that file hold? Then it is in *o */
static bool try_one(const char *path, struct arena *a, struct buf *b,
                    bool (*fits)(void *arg, const struct manifest *m), void *arg, struct object *o,
                    const char **why)
{
    const char *manifest, *packed;
    struct objects_head head;
    size_t npacked;

    buf_clear(b);
    *why = path;
    if (objects_read(path, b, &head, &manifest, &packed, &npacked) < 0)
        return false;
    /* what is found keeps its manifest: it outlives b */
    manifest = arena_copy(a, manifest, (size_t)head.nmanifest);
    o->manifest = (struct manifest){.started = manifest_now()};
    if (manifest_decode(&o->manifest, a, manifest, (size_t)head.nmanifest) < 0 ||
        !manifest_holds(&o->manifest, why))
        return false;
    *why = "what is on file of winners";
    if (fits && !fits(arg, &o->manifest))
        return false;
    *why = path;
    return unpack(&head, packed, npacked, o) == 0;
}

bool objects_find(const char *dir, const struct hash *key, struct arena *a,
                  bool (*fits)(void *arg, const struct manifest *m), void *arg, struct object *o,
                  const char **why)
{
    const char *folder = key_folder(a, dir, key), *first = NULL;
    struct found *files;
    bool found = false;
    struct buf b;
    size_t n;

    files = list_folder(a, folder, &n);
    buf_init(&b, OBJECT_MOST);
    for (size_t i = 0; i < n && !found; i++) {
        const char *path = arena_printf(a, "%s/%s", folder, files[i].name);
        found = try_one(path, a, &b, fits, arg, o, why);
        if (found) /* the newest is what was used last */
            utimensat(AT_FDCWD, path, NULL, 0);
        first = first ? first : *why;
    }
    buf_release(&b);
    *why = first;
    return found;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void encode(const struct object *o, struct buf *out, struct hash *name)
{
    struct objects_head head = {.flags = (o->has_depfile ? HAS_DEPFILE : 0) |
                                         (o->terminal ? TERMINAL : 0)};
    struct buf manifest, plain;
    struct hasher *h;
    struct hash hash;
    size_t room, n;
    char *packed;

    buf_init(&manifest, OBJECT_MOST);
    buf_init(&plain, OBJECT_MOST);
    manifest_encode(&o->manifest, &manifest);
    for (int i = 0; i < 4; i++) {
        const struct buf *p = part((struct object *)o, i);
        head.size[i] = p->len;
        buf_add(&plain, buf_text(p), p->len);
    }
    room = ZSTD_compressBound(plain.len);
    packed = malloc(room);
    if (!packed)
        fatal("out of memory");
    n = ZSTD_compress(packed, room, buf_text(&plain), plain.len, LEVEL);
    head.nmanifest = manifest.len;
    h = hasher_new();
    hasher_bytes(h, &head, sizeof head);
    hasher_bytes(h, buf_text(&manifest), manifest.len);
    hasher_bytes(h, packed, ZSTD_isError(n) ? 0 : n);
    hash = hasher_end(h);
    buf_add(out, magic, sizeof magic);
    buf_add(out, &hash, sizeof hash);
    buf_add(out, &head, sizeof head);
    buf_add(out, buf_text(&manifest), manifest.len);
    buf_add(out, packed, ZSTD_isError(n) ? 0 : n);
    out->full |= ZSTD_isError(n) || manifest.full || plain.full;
    free(packed);
    buf_release(&plain);
    buf_release(&manifest);
    /* the same sources, whatever their times are, have the same name */
    h = hasher_new();
    for (size_t i = 0; i < o->manifest.nfiles; i++) {
        hasher_string(h, o->manifest.files[i].path);
        hasher_field(h, &o->manifest.files[i].hash, sizeof hash);
    }
    *name = hasher_end(h);
}

/* of one key only the newest stay */
static void drop_old(struct arena *a, const char *folder)
{
    size_t n;
    struct found *files = list_folder(a, folder, &n);

    for (size_t i = A_KEY; i < n; i++)
        unlink(arena_printf(a, "%s/%s", folder, files[i].name));
}

/* adds to the count of bytes; makes room when it says that there is too much */
static void account(struct arena *a, const char *dir, size_t written)
{
    const char *path = arena_printf(a, "%s/objects/size", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    unsigned long long sum, limit = objects_limit() - objects_records(dir);
    char text[32] = "";

    if (fd < 0)
        return;
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
    if (pread(fd, text, sizeof text - 1, 0) < 0)
        text[0] = '\0';
    sum = strtoull(text, NULL, 10) + written;
    if (sum > limit) {
        struct objects_sum removed, left;
        objects_trim(dir, limit / 10 * 9, false, &removed);
        objects_sum(dir, false, NULL, NULL, &left);
        sum = left.bytes;
    }
    snprintf(text, sizeof text, "%llu\n", sum);
    if (pwrite(fd, text, strlen(text), 0) == (ssize_t)strlen(text) &&
        ftruncate(fd, (off_t)strlen(text)) < 0)
        log_debug("%s cannot be written: %s", path, strerror(errno));
    close(fd);
}

int objects_put(const char *dir, const struct hash *key, const struct object *o, struct error *err)
{
    struct arena *a = arena_new();
    const char *folder = key_folder(a, dir, key);
    struct hash name;
    struct buf bytes;
    char hex[65];
    int rc;

    buf_init(&bytes, OBJECT_MOST);
    encode(o, &bytes, &name);
    hash_hex(&name, hex);
    if (bytes.full)
        rc = error_set(err, "it is too large");
    else if (bytes.len > objects_limit() / 2)
        rc = error_set(err, "the cache may not be that large (KSEARCH_CACHE_SIZE)");
    else
        rc = fs_mkdirs(folder, err);
    if (rc == 0)
        rc = fs_write(arena_printf(a, "%s/%.16s", folder, hex), bytes.data, bytes.len, err);
    if (rc == 0) {
        drop_old(a, folder);
        account(a, dir, bytes.len);
    }
    buf_release(&bytes);
    arena_free(a);
    return rc;
}
