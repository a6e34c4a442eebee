/* cache/lock.c
 *
 * The lockfile is read and merged by people and by git, so its text depends on the records alone:
 * records in the order of entry, GPU model, key and file; members in record_to_json's order, one a
 * line, without raw samples; numbers with six digits, which is more than was measured, and which
 * read back and written again give the same six.
 *
 *     {
 *       "ksearch": 1,
 *       "records": [
 *         { a record without samples, see record_to_json },
 *
 * One record an entry and GPU model: two for one would make a build depend on which comes first, so
 * that is an error, as an unresolved merge is. Nothing in the file is repaired silently. */
#include "cache/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

enum { LOCK_VERSION = 1, DIGITS = 6, FILE_MAX = 64 << 20 };

/* ---- where it is ---------------------------------------------------------------------------- */

/* may the file of this folder decide what is compiled from a folder of `owner`'s? */
static bool is_trusted(const char *dir, uid_t owner)
{
    struct stat st;

    return stat(dir, &st) == 0 && st.st_uid == owner && !(st.st_mode & S_IWOTH);
}

static char *join(const char *dir, const char *name)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_addf(&b, "%s%s%s", dir, strcmp(dir, "/") == 0 ? "" : "/", name);
    return buf_steal(&b);
}

static bool holds(const char *dir, const char *name)
{
    char *path = join(dir, name);
    bool there = fs_exists(path);

    free(path);
    return there;
}

/* the first ksearch.lock from dir upwards; dir is absolute and is overwritten */
static char *climb(char *dir)
{
    struct stat st;
    char *slash;

    if (stat(dir, &st) < 0)
        return NULL;
    for (;;) {
        if (holds(dir, "ksearch.lock"))
            return join(dir, "ksearch.lock");
        slash = strrchr(dir, '/');
        if (holds(dir, ".git") || !slash || !dir[1])
            return NULL;
        slash[slash == dir] = '\0';
        if (!is_trusted(dir, st.st_uid))
            return NULL;
    }
}

char *lock_find(const char *source, bool *asked)
{
    const char *named = getenv("KSEARCH_LOCK");
    char *folder, *dir, *found = NULL;

    if (asked)
        *asked = named && *named;
    if (named && *named) {
        found = strdup(named);
        if (!found)
            fatal("out of memory");
        return found;
    }
    folder = fs_dir(source);
    dir = realpath(folder, NULL);
    if (dir)
        found = climb(dir);
    free(dir);
    free(folder);
    return found;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* git's marker lines; "=======" alone could be text elsewhere, but never in JSON */
bool lock_is_conflict(const char *line, size_t n)
{
    static const char *const markers[] = {"<<<<<<<", "|||||||", "=======", ">>>>>>>"};

    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++) {
        if (n >= 7 && memcmp(line, markers[i], 7) == 0)
            return true;
    }
    return false;
}

static int check_conflicts(const char *path, const char *text, size_t n, struct error *err)
{
    size_t row = 1;

    for (const char *line = text, *end = text + n; line < end; row++) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        if (lock_is_conflict(line, (size_t)((next ? next : end) - line)))
            return error_set(
                err,
                "%s:%zu: a merge conflict is not resolved: `ksnvcc lock merge %s` does "
                "that, keeping both sides' records",
                path, row, path);
        line = next ? next + 1 : end;
    }
    return 0;
}

/* Is this "entry" the name of a record's member? A parameter may be called entry, too (then no
 * colon follows), as may a tunable (then no string does). */
static bool is_entry(const char *after, const char *end)
{
    while (after < end && (*after == ' ' || *after == ':'))
        after++;
    return after < end && *after == '"' && after[-1] != '"';
}

/* The line where record i begins: that of the i-th member named "entry", as every record has one.
 * For messages; a file that is not in our layout may get a line nearby. */
static size_t record_row(const char *text, size_t n, size_t i)
{
    static const char member[] = "\"entry\"";
    const char *at = text, *end = text + n;
    size_t row = 1;

    for (size_t seen = 0;; at++) {
        const char *hit = memmem(at, (size_t)(end - at), member, sizeof member - 1);
        if (!hit)
            return row;
        for (; at < hit; at++)
            row += *at == '\n';
        if (!is_entry(hit + sizeof member - 1, end))
            continue;
        if (seen++ == i)
            return row;
    }
}

bool lock_same_slot(const struct record *a, const struct record *b)
{
    return strcmp(a->entry, b->entry) == 0 && strcmp(a->gpu, b->gpu) == 0 &&
           strcmp(a->file, b->file) == 0;
}

static struct lockfile *lock_new(const char *path)
{
    struct lockfile *l = calloc(1, sizeof *l);

    if (!l || !(l->path = strdup(path)))
        fatal("out of memory");
    return l;
}

void lock_free(struct lockfile *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++)
        record_free(l->records[i]);
    free(l->records);
    free(l->path);
    free(l);
}

static int add_record(struct lockfile *l, const json_t *object, const char *text, size_t n,
                      struct error *err)
{
    struct error why = {0};
    struct record *rec = record_from_json(object, &why);

    if (!rec)
        return error_set(err, "%s:%zu: record %zu: %s", l->path, record_row(text, n, l->n),
                         l->n + 1, why.text);
    l->records[l->n++] = rec;
    for (size_t i = 0; i + 1 < l->n; i++) {
        if (lock_same_slot(l->records[i], rec))
            return error_set(
                err,
                "%s:%zu: a second record of %s in %s for %s; the first is in line %zu: "
                "remove one of them",
                l->path, record_row(text, n, l->n - 1), rec->entry, rec->file, rec->gpu,
                record_row(text, n, i));
    }
    return 0;
}

static int check_version(const char *path, const json_t *root, struct error *err)
{
    const json_t *version = json_object_get(root, "ksearch");
    json_int_t n = json_integer_value(version);

    if (!json_is_object(root) || !json_is_integer(version) || n < 1)
        return error_set(err, "%s:1: this is no lockfile of ksearch", path);
    if (n > LOCK_VERSION)
        return error_set(err,
                         "%s:1: written by a later version of ksnvcc (format %lld, this one reads "
                         "%d)",
                         path, (long long)n, LOCK_VERSION);
    return 0;
}

static int add_records(struct lockfile *l, const json_t *root, const char *text, size_t n,
                       struct error *err)
{
    const json_t *list = json_object_get(root, "records"), *object;
    size_t i;

    if (check_version(l->path, root, err) < 0)
        return -1;
    if (!json_is_array(list))
        return error_set(err, "%s:1: the lockfile has no list 'records'", l->path);
    l->records = calloc(json_array_size(list) + 1, sizeof *l->records);
    if (!l->records)
        fatal("out of memory");
    json_array_foreach(list, i, object)
    {
        if (add_record(l, object, text, n, err) < 0)
            return -1;
    }
    return 0;
}

/* an empty file is what a project starts with */
static bool is_blank(const char *text, size_t n)
{
    while (n > 0 && memchr(" \t\r\n", text[n - 1], 4))
        n--;
    return n == 0;
}

struct lockfile *lock_parse(const char *path, const char *text, size_t n, struct error *err)
{
    struct lockfile *l;
    json_error_t why;
    json_t *root;

    if (is_blank(text, n))
        return lock_new(path);
    if (check_conflicts(path, text, n, err) < 0)
        return NULL;
    root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
    if (!root) {
        error_set(err, "%s:%d:%d: %s", path, why.line, why.column, why.text);
        return NULL;
    }
    l = lock_new(path);
    if (add_records(l, root, text, n, err) < 0) {
        lock_free(l);
        l = NULL;
    }
    json_decref(root);
    return l;
}

/* the bytes of the file, none when it is not there */
static int read_text(const char *path, struct buf *b, struct error *err)
{
    buf_init(b, FILE_MAX);
    buf_adds(b, "");
    return fs_exists(path) ? fs_read(path, b, err) : 0;
}

struct lockfile *lock_read(const char *path, struct error *err)
{
    struct lockfile *l = NULL;
    struct buf b;

    if (!fs_exists(path))
        return lock_new(path);
    if (read_text(path, &b, err) == 0)
        l = lock_parse(path, buf_text(&b), b.len, err);
    buf_release(&b);
    return l;
}

const struct record *lock_get(const struct lockfile *l, const struct key *key,
                              const char *gpu_model, int major, int minor, bool *several)
{
    const struct record *found = NULL;

    if (several)
        *several = false;
    for (size_t i = 0; i < l->n; i++) {
        const struct record *r = l->records[i];
        if (!hash_equal(&r->key.all, &key->all))
            continue;
        if (gpu_model ? strcmp(r->gpu, gpu_model) != 0 : r->major != major || r->minor != minor)
            continue;
        if (gpu_model)
            return r;
        if (found && strcmp(found->gpu, r->gpu) != 0) {
            if (several)
                *several = true;
            return NULL;
        }
        found = found ? found : r;
    }
    return found;
}

/* ---- writing -------------------------------------------------------------------------------- */

static int compare_records(const void *left, const void *right)
{
    const struct record *a = *(struct record *const *)left, *b = *(struct record *const *)right;
    int order = strcmp(a->entry, b->entry);

    if (!order)
        order = strcmp(a->gpu, b->gpu);
    if (!order)
        order = memcmp(&a->key.all, &b->key.all, sizeof a->key.all);
    return order ? order : strcmp(a->file, b->file);
}

static char *text_of(const struct lockfile *l, bool whole)
{
    struct record **sorted = calloc(l->n + 1, sizeof(struct record *));
    json_t *list = json_array(),
           *root = json_pack("{s:i, s:o}", "ksearch", LOCK_VERSION, "records", list);
    struct buf b;
    char *text;

    if (!sorted || !root)
        fatal("out of memory");
    if (l->n)
        memcpy(sorted, l->records, l->n * sizeof(struct record *));
    qsort(sorted, l->n, sizeof(struct record *), compare_records);
    for (size_t i = 0; i < l->n; i++)
        json_array_append_new(list, record_to_json(sorted[i], whole));
    text = json_dumps(root, whole ? JSON_COMPACT : JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS));
    if (!text)
        fatal("out of memory");
    buf_init(&b, BUF_LIMIT);
    buf_addf(&b, "%s\n", text);
    free(text);
    json_decref(root);
    free(sorted);
    return buf_steal(&b);
}

char *lock_text(const struct lockfile *l)
{
    return text_of(l, false);
}

char *lock_text_whole(const struct lockfile *l)
{
    return text_of(l, true);
}

/* the record as the file will give it back, which also says whether it may be in one */
static struct record *record_for_file(const struct record *rec, struct error *err)
{
    json_t *object = record_to_json(rec, false);
    struct error why = {0};
    struct record *copy = object ? record_from_json(object, &why) : NULL;

    if (!object)
        error_set(err, "the record of %s holds a number that is not finite", rec->entry);
    else if (!copy)
        error_set(err, "the record of %s cannot be kept: %s", rec->entry, why.text);
    json_decref(object);
    return copy;
}

static void put_record(struct lockfile *l, struct record *rec)
{
    for (size_t i = 0; i < l->n; i++) {
        if (lock_same_slot(l->records[i], rec)) {
            record_free(l->records[i]);
            l->records[i] = rec;
            return;
        }
    }
    l->records = reallocarray(l->records, l->n + 1, sizeof(struct record *));
    if (!l->records)
        fatal("out of memory");
    l->records[l->n++] = rec;
}

static int write_text(const char *path, const struct lockfile *l, const struct buf *old,
                      struct error *err)
{
    char *text = lock_text(l);
    int rc = 0;

    /* the same text: leave its time alone, as objects depend on the file */
    if (strcmp(text, buf_text(old)) != 0 || !fs_exists(path))
        rc = fs_write(path, text, strlen(text), err);
    free(text);
    return rc;
}

int lock_write(const char *path, const struct lockfile *l, struct error *err)
{
    struct buf old;
    int rc = read_text(path, &old, err);

    if (rc == 0)
        rc = write_text(path, l, &old, err);
    buf_release(&old);
    return rc;
}

/* Reads the file, has it changed, and writes it, alone of all that do so. Some file systems lock no
 * folders: then writers of several processes may lose a record, which the next build finds in the
 * cache and puts again */
static int edit(const char *path, int (*change)(struct lockfile *l, void *arg), void *arg,
                struct error *err)
{
    char *folder = fs_dir(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;
    struct lockfile *l = NULL;
    struct buf old;

    while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR)
        continue;
    rc = read_text(path, &old, err);
    if (rc == 0 && !(l = lock_parse(path, buf_text(&old), old.len, err)))
        rc = -1;
    if (rc == 0) {
        rc = change(l, arg);
        if (write_text(path, l, &old, err) < 0)
            rc = -1;
    }
    lock_free(l);
    buf_release(&old);
    if (fd >= 0)
        close(fd);
    free(folder);
    return rc;
}

/* puts the record, and so takes it over */
static int change_put(struct lockfile *l, void *arg)
{
    struct record **rec = arg;

    put_record(l, *rec);
    *rec = NULL;
    return 0;
}

int lock_put(const char *path, const struct record *rec, struct error *err)
{
    struct record *copy = record_for_file(rec, err);
    int rc;

    if (!copy)
        return -1;
    rc = edit(path, change_put, &copy, err);
    record_free(copy);
    return rc;
}

struct removal {
    const struct record *const *gone;
    size_t n;
};

static bool is_gone(const struct removal *r, const struct record *rec)
{
    for (size_t i = 0; i < r->n; i++)
        if (lock_same_slot(r->gone[i], rec) && hash_equal(&r->gone[i]->key.all, &rec->key.all))
            return true;
    return false;
}

static int change_remove(struct lockfile *l, void *arg)
{
    size_t kept = 0, before = l->n;

    for (size_t i = 0; i < before; i++) {
        if (is_gone(arg, l->records[i]))
            record_free(l->records[i]);
        else
            l->records[kept++] = l->records[i];
    }
    l->n = kept;
    return (int)(before - kept);
}

int lock_remove(const char *path, const struct record *const *gone, size_t n, struct error *err)
{
    return edit(path, change_remove, &(struct removal){gone, n}, err);
}
