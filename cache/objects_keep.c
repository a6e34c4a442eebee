/* cache/objects_keep.c - what becomes of objects that nobody uses any more. */
#include "cache/objects.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cache/objects_impl.h"
#include "runtime/base/log.h"

#define LIMIT_DEFAULT (5ULL << 30)
#define READ_MOST ((size_t)1 << 30)

enum { LEFT_OVER_S = 3600, MEMO_S = 90 * 24 * 3600 };

unsigned long long objects_bytes(const char *text)
{
    static const char units[] = "kMGT";
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    const char *unit;

    if (end == text || !isdigit((unsigned char)*text))
        return 0;
    if (!*end)
        return n;
    unit = strchr(units, *end == 'K' ? 'k' : *end);
    if (!unit || end[1 + (end[1] == 'B' || end[1] == 'b')])
        return 0;
    for (const char *u = units; u <= unit; u++)
        n = n > (~0ULL >> 10) ? ~0ULL : n << 10;
    return n;
}

unsigned long long objects_limit(void)
{
    const char *text = getenv("KSEARCH_CACHE_SIZE");
    unsigned long long n = text && *text ? objects_bytes(text) : 0;

    if (text && *text && !n && strcmp(text, "0") != 0)
        log_warn("KSEARCH_CACHE_SIZE=%s is no size (500M, 5G): 5G is taken", text);
    return n || (text && strcmp(text, "0") == 0) ? n : LIMIT_DEFAULT;
}

unsigned long long objects_records(const char *dir)
{
    unsigned long long half = objects_limit() / 2;
    struct stat st;
    char *path;

    if (asprintf(&path, "%s/data.mdb", dir) < 0)
        fatal("out of memory");
    if (stat(path, &st) < 0)
        st.st_size = 0;
    free(path);
    return (unsigned long long)st.st_size < half ? (unsigned long long)st.st_size : half;
}

/* ---- all files ------------------------------------------------------------------------------- */

struct walk {
    struct arena *a;
    void (*visit)(struct walk *w, const char *path, const struct stat *st);
    void *arg;
};

/* visits the files at that depth below a folder */
static void walk_folder(struct walk *w, const char *folder, int depth)
{
    DIR *dir = opendir(folder);
    struct dirent *d;
    struct stat st;

    while (dir && (d = readdir(dir))) {
        const char *path;
        if (d->d_name[0] == '.' || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        path = arena_printf(w->a, "%s/%s", folder, d->d_name);
        if (depth && S_ISDIR(st.st_mode)) {
            walk_folder(w, path, depth - 1);
            rmdir(path); /* when nothing is in it any more */
        } else if (!depth && S_ISREG(st.st_mode)) {
            w->visit(w, path, &st);
        }
    }
    if (dir)
        closedir(dir);
}

static void walk_objects(const char *dir,
                         void (*visit)(struct walk *w, const char *path, const struct stat *st),
                         void *arg)
{
    struct walk w = {arena_new(), visit, arg};

    walk_folder(&w, arena_printf(w.a, "%s/objects", dir), 2);
    arena_free(w.a);
}

static bool is_temporary(const char *path)
{
    size_t n = strlen(path);

    return n > 4 && strcmp(path + n - 4, ".tmp") == 0;
}

static bool is_damaged(const char *path)
{
    const char *manifest, *packed;
    struct objects_head head;
    size_t npacked;
    struct buf b;
    bool bad;

    buf_init(&b, READ_MOST);
    bad = objects_read(path, &b, &head, &manifest, &packed, &npacked) < 0;
    buf_release(&b);
    return bad;
}

/* ---- counting -------------------------------------------------------------------------------- */

struct counting {
    struct objects_sum *sum;
    bool read;
    void (*bad)(void *arg, const char *path);
    void *arg;
};

static void count_one(struct walk *w, const char *path, const struct stat *st)
{
    struct counting *c = w->arg;

    c->sum->bytes += (unsigned long long)st->st_size;
    if (is_temporary(path))
        return;
    c->sum->n++;
    if (!c->read || !is_damaged(path))
        return;
    c->sum->damaged++;
    if (c->bad)
        c->bad(c->arg, path);
}

void objects_sum(const char *dir, bool read, void (*bad)(void *arg, const char *path), void *arg,
                 struct objects_sum *sum)
{
    struct counting c = {sum, read, bad, arg};

    *sum = (struct objects_sum){0};
    walk_objects(dir, count_one, &c);
}

/* ---- removing -------------------------------------------------------------------------------- */

struct file {
    const char *path;
    struct timespec used;
    unsigned long long bytes;
};

struct trimming {
    struct arena *a;
    struct file *files;
    size_t n;
    unsigned long long sum;
    bool damaged;
    struct objects_sum *removed;
};

static void remove_one(struct objects_sum *removed, const char *path, unsigned long long bytes)
{
    if (unlink(path) < 0)
        return;
    removed->n++;
    removed->bytes += bytes;
}

static void take_one(struct walk *w, const char *path, const struct stat *st)
{
    struct trimming *t = w->arg;
    unsigned long long bytes = (unsigned long long)st->st_size;

    if (is_temporary(path)) {
        if (st->st_mtime < time(NULL) - LEFT_OVER_S)
            unlink(path);
    } else if (t->damaged && is_damaged(path)) {
        t->removed->damaged++;
        remove_one(t->removed, path, bytes);
    } else {
        struct file *f = arena_push(t->a, t->files, t->n);
        *f = (struct file){arena_dup(t->a, path), st->st_mtim, bytes};
        t->sum += bytes;
    }
}

static int oldest_first(const void *a, const void *b)
{
    const struct timespec *x = &((const struct file *)a)->used,
                          *y = &((const struct file *)b)->used;

    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

static void forget_one(struct walk *w, const char *path, const struct stat *st)
{
    (void)w;
    if (st->st_mtime < time(NULL) - MEMO_S)
        unlink(path);
}

void objects_trim(const char *dir, unsigned long long most, bool damaged,
                  struct objects_sum *removed)
{
    struct trimming t = {.a = arena_new(), .damaged = damaged, .removed = removed};
    struct walk memos = {t.a, forget_one, NULL};

    *removed = (struct objects_sum){0};
    walk_objects(dir, take_one, &t);
    if (t.n)
        qsort(t.files, t.n, sizeof *t.files, oldest_first);
    for (size_t i = 0; i < t.n && t.sum > most; i++) {
        remove_one(removed, t.files[i].path, t.files[i].bytes);
        t.sum -= t.files[i].bytes;
    }
    walk_folder(&memos, arena_printf(t.a, "%s/hashes", dir), 0);
    walk_folder(&memos, arena_printf(t.a, "%s/looked", dir), 0);
    arena_free(t.a);
}

/* ---- the records behind them ----------------------------------------------------------------- */

struct keys {
    void (*visit)(void *arg, const struct hash *key, int64_t used);
    void *arg;
};

static void keys_of(struct walk *w, const char *path, const struct stat *st)
{
    const struct keys *k = w->arg;
    const char *bytes, *packed;
    struct objects_head head;
    struct manifest m = {0};
    size_t npacked;
    struct buf b;

    buf_init(&b, READ_MOST);
    if (!is_temporary(path) && objects_read(path, &b, &head, &bytes, &packed, &npacked) == 0 &&
        manifest_decode(&m, w->a, bytes, (size_t)head.nmanifest) == 0)
        for (size_t i = 0; i < m.nkeys; i++)
            k->visit(k->arg, &m.keys[i], st->st_mtime);
    buf_release(&b);
}

void objects_keys(const char *dir, void (*visit)(void *arg, const struct hash *key, int64_t used),
                  void *arg)
{
    struct keys k = {visit, arg};

    walk_objects(dir, keys_of, &k);
}
