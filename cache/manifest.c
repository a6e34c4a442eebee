/* cache/manifest.c
 *
 * Encoded, integers as this machine has them (a number in front tells another one's apart):
 *
 *     4  MARK             4  files      4  folders      4  names      4  keys
 *     1  every_name       1  exact_times
 *     32 stamp            32 each of the keys
 *        files, then folders: 1 there, 1 settled, 48 identity, 32 hash, path and NUL
 *        names: each with its NUL */
#include "cache/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/base/fs.h"

#define MARK UINT32_C(0x4b534d31)
#define FILE_MOST ((size_t)1 << 30)
/* bytes of a file whose hash is worth a file of its own */
#define MEMO_FROM ((uint64_t)256 << 10)

enum {
    RESTED_S = 3, /* since its last change: no later one can have the same time */
    SKEW_S = 5,   /* clocks of file servers */
    FOLDERS_MOST = 4096,
    DEPTH_MOST = 12,
};

void manifest_init(struct manifest *m, struct arena *a, const char *memo_dir)
{
    *m = (struct manifest){.arena = a, .started = manifest_now(), .memo_dir = memo_dir};
}

struct timespec manifest_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now;
}

/* ---- identities ------------------------------------------------------------------------------ */

static struct identity identity_of(const struct stat *st)
{
    return (struct identity){(uint64_t)st->st_ino, (uint64_t)st->st_size, st->st_mtim.tv_sec,
                             st->st_mtim.tv_nsec,  st->st_ctim.tv_sec,    st->st_ctim.tv_nsec};
}

static bool identity_equal(const struct identity *a, const struct identity *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* was it last changed before `when`, less `seconds`? */
static bool is_older(const struct identity *id, struct timespec when, int seconds)
{
    int64_t limit = (int64_t)when.tv_sec - seconds;
    bool m = id->mtime_s < limit || (id->mtime_s == limit && id->mtime_ns < when.tv_nsec);
    bool c = id->ctime_s < limit || (id->ctime_s == limit && id->ctime_ns < when.tv_nsec);

    return m && c;
}

/* files of one compile lie on few file systems: each is asked about once */
static bool is_remote(const char *path, dev_t device)
{
    static struct {
        dev_t device;
        bool remote;
    } known[8];
    static size_t n;
    size_t i = 0;

    while (i < n && known[i].device != device)
        i++;
    if (i < n)
        return known[i].remote;
    i = n < sizeof known / sizeof *known ? n++ : n - 1;
    known[i].device = device;
    known[i].remote = fs_is_remote(path);
    return known[i].remote;
}

static bool is_settled(const char *path, const struct stat *st, struct timespec now)
{
    struct identity id = identity_of(st);

    return is_older(&id, now, RESTED_S) && !is_remote(path, st->st_dev);
}

/* ---- contents -------------------------------------------------------------------------------- */

/* where the hash of such a file is remembered; NULL when it is not */
static const char *memo_path(const struct manifest *m, const char *path, const struct identity *id)
{
    struct hasher *h;
    struct hash name;
    char hex[65];

    if (!m->memo_dir || id->size < MEMO_FROM)
        return NULL;
    h = hasher_new();
    hasher_string(h, path);
    hasher_bytes(h, id, sizeof *id);
    name = hasher_end(h);
    hash_hex(&name, hex);
    return arena_printf(m->arena, "%s/hashes/%.32s", m->memo_dir, hex);
}

static bool memo_read(const char *memo, struct hash *hash)
{
    struct buf b;
    bool ok;

    buf_init(&b, 64);
    ok = fs_read(memo, &b, NULL) == 0 && b.len == 64 && hash_parse(b.data, hash) == 0;
    buf_release(&b);
    return ok;
}

static void memo_write(const struct manifest *m, const char *memo, const struct hash *hash)
{
    char hex[65];

    hash_hex(hash, hex);
    if (fs_mkdirs(arena_printf(m->arena, "%s/hashes", m->memo_dir), NULL) == 0)
        fs_write(memo, hex, 64, NULL);
}

static int hash_file(const char *path, struct buf *text, struct hash *hash, struct error *err)
{
    struct buf own, *b = text ? text : &own;
    size_t from;
    int rc;

    buf_init(&own, FILE_MOST);
    from = b->len;
    rc = fs_read(path, b, err);
    if (rc == 0)
        *hash = hash_bytes(buf_text(b) + from, b->len - from);
    buf_release(&own);
    return rc;
}

static int hash_program(const struct manifest *m, const char *path, bool settled,
                        const struct identity *id, struct hash *hash, struct error *err)
{
    const char *memo = settled ? memo_path(m, path, id) : NULL;

    if (memo && memo_read(memo, hash))
        return 0;
    if (hash_file(path, NULL, hash, err) < 0)
        return -1;
    if (memo)
        memo_write(m, memo, hash);
    return 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int add_file(struct manifest *m, const char *path, bool program, struct buf *text,
                    struct error *err)
{
    struct timespec now = manifest_now();
    struct manifest_item *f;
    struct stat st, after = {0};
    struct identity id;
    int rc;

    f = arena_push(m->arena, m->files, m->nfiles);
    f->path = arena_dup(m->arena, path);
    if (stat(path, &st) < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0
                                                   : error_errno(err, "cannot look at %s", path);
    f->there = true;
    f->id = identity_of(&st);
    f->settled = is_settled(path, &st, now);
    if (!S_ISREG(st.st_mode))
        return error_set(err, "%s is no regular file", path);
    if (!is_older(&f->id, m->started, is_remote(path, st.st_dev) ? SKEW_S : 0))
        return error_set(err, "%s was changed after the compile began", path);
    rc = program ? hash_program(m, path, f->settled, &f->id, &f->hash, err)
                 : hash_file(path, text, &f->hash, err);
    if (rc == 0 && stat(path, &after) < 0)
        rc = error_errno(err, "cannot look at %s", path);
    id = identity_of(&after);
    if (rc == 0 && !identity_equal(&id, &f->id))
        rc = error_set(err, "%s changes while it is read", path);
    return rc;
}

int manifest_file(struct manifest *m, const char *path, struct buf *text, struct error *err)
{
    return add_file(m, path, false, text, err);
}

int manifest_program(struct manifest *m, const char *path, struct error *err)
{
    return add_file(m, path, true, NULL, err);
}

/* ---- names ----------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void manifest_name(struct manifest *m, const char *path)
{
    while (*path) {
        size_t n = strcspn(path, "/");
        if (n && !(n == 1 && path[0] == '.') && !(n == 2 && path[0] == '.' && path[1] == '.'))
            *arena_push(m->arena, m->names, m->nnames) = arena_copy(m->arena, path, n);
        path += n + (path[n] == '/');
    }
}

/* sorts, each once. The array does not grow any more */
static void names_settle(struct manifest *m)
{
    size_t n = 0;

    if (m->nnames)
        qsort(m->names, m->nnames, sizeof *m->names, compare_names);
    for (size_t i = 0; i < m->nnames; i++)
        if (n == 0 || strcmp(m->names[n - 1], m->names[i]) != 0)
            m->names[n++] = m->names[i];
    m->nnames = n;
}

/* what compilers leave beside sources, this compile among them */
static bool is_output(const char *name)
{
    static const char *const ends[] = {".o",   ".d",     ".obj", ".ks",
                                       ".tmp", ".cubin", ".ptx", ".fatbin"};
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (n > strlen(ends[i]) && strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

/* a precompiled header takes the place of the one whose name it continues */
static bool matters(const struct manifest *m, const char *name)
{
    size_t n = strlen(name);

    if ((m->every_name && !is_output(name)) || (n > 4 && strcmp(name + n - 4, ".gch") == 0))
        return true;
    return m->nnames &&
           bsearch(&name, m->names, m->nnames, sizeof *m->names, compare_names) != NULL;
}

/* ---- folders --------------------------------------------------------------------------------- */

/* the names in a folder that matter, sorted, NULL at the end; of one that is not there, none. NULL
 * when it cannot be read */
static const char **folder_names(const struct manifest *m, struct arena *a, const char *path)
{
    DIR *dir = opendir(*path ? path : ".");
    const char **names = NULL;
    struct dirent *d;
    size_t n = 0;

    if (!dir && errno != ENOENT && errno != ENOTDIR)
        return NULL;
    while (dir && (d = readdir(dir)))
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 && matters(m, d->d_name))
            *arena_push(a, names, n) = arena_dup(a, d->d_name);
    if (dir)
        closedir(dir);
    if (n)
        qsort(names, n, sizeof *names, compare_names);
    *arena_push(a, names, n) = NULL;
    return names;
}

static struct hash hash_names(const char *const *names)
{
    struct hasher *h = hasher_new();

    for (; *names; names++)
        hasher_string(h, *names);
    return hasher_end(h);
}

static bool has_folder(const struct manifest *m, const char *path)
{
    for (size_t i = 0; i < m->nfolders; i++)
        if (strcmp(m->folders[i].path, path) == 0)
            return true;
    return false;
}

static int add_folder(struct manifest *m, const char *path, int depth, struct error *err)
{
    struct timespec now = manifest_now();
    struct manifest_item *f;
    const char **names;
    struct stat st;

    if (has_folder(m, path))
        return 0;
    if (m->nfolders == FOLDERS_MOST || depth > DEPTH_MOST)
        return error_set(err, "too many folders are searched for headers");
    f = arena_push(m->arena, m->folders, m->nfolders);
    f->path = arena_dup(m->arena, path);
    f->there = stat(*path ? path : ".", &st) == 0;
    if (f->there) {
        f->id = identity_of(&st);
        f->settled = is_settled(path, &st, now);
    }
    names = folder_names(m, m->arena, path);
    if (!names)
        return error_errno(err, "cannot read the folder %s", path);
    f->hash = hash_names(names);
    for (; *names; names++) {
        const char *below = arena_printf(m->arena, "%s%s%s", path, *path ? "/" : "", *names);
        if (stat(below, &st) == 0 && S_ISDIR(st.st_mode) && !m->every_name &&
            add_folder(m, below, depth + 1, err) < 0)
            return -1;
    }
    return 0;
}

int manifest_folders(struct manifest *m, const char *const *folders, struct error *err)
{
    size_t nfiles = m->nfiles;

    for (size_t i = 0; i < nfiles; i++)
        manifest_name(m, m->files[i].path);
    names_settle(m);
    for (; *folders; folders++)
        if (add_folder(m, *folders, 0, err) < 0)
            return -1;
    for (size_t i = 0; i < nfiles; i++) {
        const char *path = m->files[i].path, *slash = strrchr(path, '/');
        const char *folder = slash ? arena_copy(m->arena, path, (size_t)(slash - path)) : "";
        if (add_folder(m, slash == path ? "/" : folder, 0, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* The folder of the file that was looked at last. Files are in the order of their names, so one
 * walk down a path does for all that lie in a folder: half of the time of a hit */
struct place {
    const char *path; /* as far as its last slash */
    size_t n;
    int fd; /* -1: there is none */
};

static void place_close(struct place *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

static int place_stat(struct place *p, const char *path, struct stat *st)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    char folder[PATH_MAX];

    if (n == 0 || n >= sizeof folder)
        return stat(path, st);
    if (p->fd < 0 || p->n != n || memcmp(p->path, path, n) != 0) {
        place_close(p);
        memcpy(folder, path, n);
        folder[n] = '\0';
        *p = (struct place){path, n, open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    }
    return p->fd < 0 ? -1 : fstatat(p->fd, slash + 1, st, 0);
}

static bool file_holds(struct manifest *m, struct manifest_item *f, struct place *place)
{
    struct timespec now;
    struct identity id;
    struct hash hash;
    struct stat st;

    if (place_stat(place, f->path, &st) < 0)
        return !f->there && (errno == ENOENT || errno == ENOTDIR);
    id = identity_of(&st);
    if (!f->there || id.size != f->id.size)
        return false;
    if (m->exact_times && (id.mtime_s != f->id.mtime_s || id.mtime_ns != f->id.mtime_ns))
        return false;
    if (f->settled && identity_equal(&id, &f->id) && !is_remote(f->path, st.st_dev))
        return true;
    now = manifest_now();
    if (hash_program(m, f->path, false, &id, &hash, NULL) < 0 || !hash_equal(&hash, &f->hash))
        return false;
    f->id = id;
    f->settled = is_settled(f->path, &st, now);
    m->renewed |= f->settled;
    return true;
}

static bool folder_holds(struct manifest *m, struct manifest_item *f)
{
    struct timespec now = manifest_now();
    struct identity id = {0};
    const char **names;
    struct hash hash;
    struct stat st;
    bool there = stat(*f->path ? f->path : ".", &st) == 0;

    if (!there && !f->there)
        return true;
    if (there)
        id = identity_of(&st);
    if (there && f->there && f->settled && identity_equal(&id, &f->id) &&
        !is_remote(f->path, st.st_dev))
        return true;
    names = folder_names(m, m->arena, f->path);
    if (!names)
        return false;
    hash = hash_names(names);
    if (!hash_equal(&hash, &f->hash))
        return false;
    f->there = there;
    f->id = id;
    f->settled = there && is_settled(f->path, &st, now);
    return true;
}

bool manifest_holds(struct manifest *m, const char **changed)
{
    struct place place = {.fd = -1};
    size_t k = 0;

    while (k < m->nfiles && file_holds(m, &m->files[k], &place))
        k++;
    place_close(&place);
    if (k < m->nfiles)
        return *changed = m->files[k].path, false;
    for (size_t i = 0; i < m->nfolders; i++)
        if (!folder_holds(m, &m->folders[i]))
            return *changed = m->folders[i].path, false;
    return true;
}

/* ---- as bytes -------------------------------------------------------------------------------- */

static void put_number(struct buf *out, size_t n)
{
    uint32_t number = (uint32_t)n;

    buf_add(out, &number, sizeof number);
}

static void put_items(struct buf *out, const struct manifest_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_addc(out, (char)items[i].there);
        buf_addc(out, (char)items[i].settled);
        buf_add(out, &items[i].id, sizeof items[i].id);
        buf_add(out, &items[i].hash, sizeof items[i].hash);
        buf_add(out, items[i].path, strlen(items[i].path) + 1);
    }
}

void manifest_encode(const struct manifest *m, struct buf *out)
{
    put_number(out, MARK);
    put_number(out, m->nfiles);
    put_number(out, m->nfolders);
    put_number(out, m->nnames);
    put_number(out, m->nkeys);
    buf_addc(out, (char)m->every_name);
    buf_addc(out, (char)m->exact_times);
    buf_add(out, &m->stamp, sizeof m->stamp);
    if (m->nkeys)
        buf_add(out, m->keys, m->nkeys * sizeof *m->keys);
    put_items(out, m->files, m->nfiles);
    put_items(out, m->folders, m->nfolders);
    for (size_t i = 0; i < m->nnames; i++)
        buf_add(out, m->names[i], strlen(m->names[i]) + 1);
}

struct reader {
    const char *at, *end;
    bool bad; /* more was read than there is */
};

static void take(struct reader *r, void *to, size_t n)
{
    r->bad |= (size_t)(r->end - r->at) < n;
    if (r->bad)
        return;
    memcpy(to, r->at, n);
    r->at += n;
}

static size_t take_number(struct reader *r)
{
    uint32_t number = 0;

    take(r, &number, sizeof number);
    return number;
}

static const char *take_text(struct reader *r)
{
    const char *text = r->at, *nul = memchr(text, 0, (size_t)(r->end - r->at));

    if (!nul) {
        r->bad = true;
        return "";
    }
    r->at = nul + 1;
    return text;
}

static struct manifest_item *take_items(struct reader *r, struct arena *a, size_t n)
{
    struct manifest_item *items = arena_array(a, struct manifest_item, n + 1);

    for (size_t i = 0; i < n && !r->bad; i++) {
        char flags[2] = {0};
        take(r, flags, sizeof flags);
        items[i].there = flags[0];
        items[i].settled = flags[1];
        take(r, &items[i].id, sizeof items[i].id);
        take(r, &items[i].hash, sizeof items[i].hash);
        items[i].path = take_text(r);
    }
    return items;
}

int manifest_decode(struct manifest *m, struct arena *a, const void *bytes, size_t n)
{
    struct reader r = {bytes, (const char *)bytes + n, false};
    size_t mark = take_number(&r);
    char flags[2] = {0};

    m->arena = a;
    m->nfiles = take_number(&r);
    m->nfolders = take_number(&r);
    m->nnames = take_number(&r);
    m->nkeys = take_number(&r);
    take(&r, flags, sizeof flags);
    m->every_name = flags[0];
    m->exact_times = flags[1];
    take(&r, &m->stamp, sizeof m->stamp);
    /* nothing of n bytes holds more than n of anything */
    if (r.bad || mark != MARK || m->nfiles > n || m->nfolders > n || m->nnames > n || m->nkeys > n)
        return -1;
    m->keys = arena_array(a, struct hash, m->nkeys + 1);
    take(&r, m->keys, m->nkeys * sizeof *m->keys);
    m->files = take_items(&r, a, m->nfiles);
    m->folders = take_items(&r, a, m->nfolders);
    m->names = arena_array(a, const char *, m->nnames + 1);
    for (size_t i = 0; i < m->nnames; i++)
        m->names[i] = take_text(&r);
    return r.bad || r.at != r.end ? -1 : 0;
}
