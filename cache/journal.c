/* cache/journal.c - the calls of journal.h.
 *
 * All of a journal is in memory: opening reads it, and afterwards it is only written to. So what is
 * on disk may be repaired from here. What is found when it is opened:
 *
 *   - A fact that is damaged is left out; it may be put again.
 *   - Steps end at the first that is damaged or whose fact is. Those behind it are removed before
 *     anything is written, since a search that takes another turn there must not find them later.
 *   - A database of which LMDB makes no sense any more is put aside (damaged.mdb), and a new one is
 *     begun with what could be read. The same happens when that shows while writing.
 *
 * Facts wait in memory for the step that is taken with them, so that both are one write. Those that
 * could not be written are written with what comes next: disks get room again. A step that could
 * not ends the steps: with one missing in the middle, a second run would be led astray. */
#include "cache/journal_impl.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cache/lmdb_child.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

#define MAP_FIRST ((size_t)1 << 30)

char *journal_path(const char *cache_dir, const char *run)
{
    char *path;

    if (asprintf(&path, "%s/runs/%s", cache_dir, run) < 0)
        fatal("out of memory");
    return path;
}

char *journal_file(const struct journal *j, const char *name)
{
    char *path;

    if (asprintf(&path, "%s/%s", j->path, name) < 0)
        fatal("out of memory");
    return path;
}

struct journal *journal_new(const char *path, enum journal_mode mode)
{
    struct journal *j = calloc(1, sizeof *j);

    if (!j || !(j->path = strdup(path)) || !(j->facts = json_object()))
        fatal("out of memory");
    j->mode = mode;
    j->lock = j->handed = -1;
    buf_init(&j->put, JOURNAL_ROWS_MAX);
    buf_init(&j->posted, JOURNAL_ROWS_MAX);
    return j;
}

static void forget_raw(struct journal *j)
{
    for (size_t i = 0; i < j->nraw; i++)
        free(j->raw[i].name);
    free(j->raw);
    j->raw = NULL;
    j->nraw = 0;
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    journal_sync(j, NULL);
    if (j->backend)
        j->backend->close(j);
    journal_unlock(j);
    forget_raw(j);
    buf_release(&j->put);
    buf_release(&j->posted);
    json_decref(j->facts);
    free(j->steps);
    free(j->path);
    free(j);
}

/* grows an array of n elements by one where n is a power of two */
static void *grow(void *array, size_t n, size_t element)
{
    if (n & (n - 1))
        return array;
    array = realloc(array, (n ? 2 * n : 1) * element);
    if (!array)
        fatal("out of memory");
    return array;
}

void journal_push_step(struct journal *j, double seconds, const char *name)
{
    void *at = json_object_iter_at(j->facts, name);

    j->steps = grow(j->steps, j->nsteps, sizeof *j->steps);
    j->steps[j->nsteps++] = (struct journal_step){seconds, json_object_iter_key(at)};
}

/* ---- reading -------------------------------------------------------------------------------- */

void journal_note_damage(struct journal *j, const char *what)
{
    if (j->damaged++ == 0)
        error_set(&j->damage, "%s", what);
}

int journal_check_name(const char *name, size_t n, struct error *err)
{
    json_t *text = n ? json_stringn(name, n) : NULL; /* NULL unless it is UTF-8 */
    bool ok = text && n <= JOURNAL_NAME_MAX;

    json_decref(text);
    for (size_t i = 0; i < n; i++)
        ok = ok && (unsigned char)name[i] >= ' ' && name[i] != 0x7f;
    return ok ? 0
              : error_set(err, "a fact's name must be 1 to %d bytes of UTF-8, and none of control",
                          JOURNAL_NAME_MAX);
}

static void take_fact(struct journal *j, const struct journal_row *row)
{
    struct error why = {""};
    char name[JOURNAL_NAME_MAX + 1], text[JOURNAL_NAME_MAX + 64];
    json_t *fact = NULL;

    if (journal_check_name(row->key, row->nkey, &why) < 0) {
        journal_note_damage(j, "a name that is none");
        return;
    }
    memcpy(name, row->key, row->nkey);
    name[row->nkey] = '\0';
    fact = journal_row_value(row, &why);
    if (!fact) {
        snprintf(text, sizeof text, "%s: %s", name, why.text);
        journal_note_damage(j, text);
    } else {
        json_object_set_new(j->facts, name, fact); /* in a log, in the place of earlier ones */
    }
}

/* only the steps before number n count */
static void cut_raw(struct journal *j, size_t n)
{
    while (j->nraw > n)
        free(j->raw[--j->nraw].name);
    j->most_raw = n;
}

static void take_step(struct journal *j, const struct journal_row *row, size_t number)
{
    struct error why = {""};
    json_t *value = journal_row_value(row, &why), *at = json_array_get(value, 0);
    const char *name = json_string_value(json_array_get(value, 1));
    char text[96];

    if (number < j->most_raw)
        cut_raw(j, number); /* a log has what was there before as well */
    j->most_raw = number + 1;
    if (!json_is_number(at) || !name) {
        snprintf(text, sizeof text, "step %zu: %.60s", number,
                 why.text[0] ? why.text : "it is none");
        journal_note_damage(j, text);
    } else if (number == j->nraw) { /* else one before it is missing */
        j->raw = grow(j->raw, j->nraw, sizeof *j->raw);
        j->raw[j->nraw] = (struct raw_step){json_number_value(at), strdup(name)};
        if (!j->raw[j->nraw++].name)
            fatal("out of memory");
    }
    json_decref(value);
}

void journal_take(struct journal *j, const struct journal_row *row)
{
    size_t number = 0;

    if (row->kind == 'f') {
        take_fact(j, row);
        return;
    }
    for (size_t i = 0; i < row->nkey && i < 8; i++)
        number = number << 8 | (unsigned char)row->key[i];
    if (row->nkey != 8 || (row->kind != 's' && row->kind != 'c'))
        journal_note_damage(j, "an entry of no known kind");
    else if (row->kind == 's')
        take_step(j, row, number);
    else if (number < j->most_raw)
        cut_raw(j, number);
}

/* the steps up to the first whose fact is not there; true when those on disk go on */
static bool settle_steps(struct journal *j)
{
    size_t i = 0;

    for (; i < j->nraw && json_object_get(j->facts, j->raw[i].name); i++)
        journal_push_step(j, j->raw[i].seconds, j->raw[i].name);
    forget_raw(j);
    return j->nsteps < j->most_raw;
}

/* ---- writing -------------------------------------------------------------------------------- */

static int add_step(struct buf *rows, size_t number, double seconds, const char *name,
                    struct error *err)
{
    json_t *value = json_pack("[f, s]", seconds, name);
    char key[8];
    int rc;

    journal_number(number, key);
    rc = value ? journal_row_add(rows, 's', key, sizeof key, value, err)
               : error_set(err, "a step cannot be kept: its clock is not a number");
    json_decref(value);
    return rc;
}

/* all that is known into the empty database, some megabytes at a time */
static int write_everything(struct journal *j, struct error *err)
{
    const char *name;
    json_t *fact;
    struct buf rows;
    int rc = 0;

    buf_init(&rows, JOURNAL_ROWS_MAX);
    json_object_foreach(j->facts, name, fact)
    {
        if (rc == 0)
            rc = journal_row_add(&rows, 'f', name, strlen(name), fact, err);
        if (rc == 0 && rows.len >= JOURNAL_PUT_MOST) {
            rc = j->backend->write(j, &rows, err);
            buf_clear(&rows);
        }
    }
    for (size_t i = 0; i < j->nsteps && rc == 0; i++)
        rc = add_step(&rows, i, j->steps[i].seconds, j->steps[i].name, err);
    if (rc == 0 && rows.len)
        rc = j->backend->write(j, &rows, err);
    buf_release(&rows);
    return rc ? -1 : 0;
}

static int renew(struct journal *j, const char *why, struct error *err)
{
    if (j->backend->renew(j, err) < 0 || write_everything(j, err) < 0)
        return -1;
    log_warn("%s: the journal is begun anew with the %zu facts that could be read", why,
             json_object_size(j->facts));
    return 0;
}

/* rc: what the backend said of the rows */
static int rows_written(struct journal *j, const struct buf *rows, int rc, const char *said,
                        struct error *err)
{
    struct error why = {""};

    error_set(&why, "%s", said);
    if (rc == 1 && renew(j, why.text, &why) == 0)
        rc = j->backend->write(j, rows, &why);
    return rc ? error_set(err, "%s", why.text) : 0;
}

static int write_rows(struct journal *j, const struct buf *rows, struct error *err)
{
    struct error why = {""};
    int rc = j->backend->write(j, rows, &why);

    return rows_written(j, rows, rc, why.text, err);
}

/* waits until what was posted is written */
static int settle_posted(struct journal *j, struct error *err)
{
    struct error why = {""};

    if (!j->posted.len)
        return 0;
    int rc = rows_written(j, &j->posted, j->backend->settle(j, &j->posted, &why), why.text, err);
    buf_clear(&j->posted);
    return rc;
}

static int cut_steps(struct journal *j, struct error *err)
{
    struct buf rows;
    char key[8];
    int rc;

    buf_init(&rows, 256);
    journal_number(j->nsteps, key);
    journal_row_add(&rows, 'c', key, sizeof key, NULL, NULL);
    rc = write_rows(j, &rows, err);
    buf_release(&rows);
    return rc;
}

/* ---- opening -------------------------------------------------------------------------------- */

static bool has_file(const struct journal *j, const char *name)
{
    char *path = journal_file(j, name);
    bool is = fs_exists(path);

    free(path);
    return is;
}

static int choose_backend(struct journal *j, struct error *err)
{
    bool unsuited = lmdb_is_unsuited(j->path), base = has_file(j, "data.mdb");

    if (has_file(j, "journal.log"))
        j->backend = &journal_log;
    else if (base && unsuited && j->mode == JOURNAL_WRITE)
        return error_set(err,
                         "the journal %s cannot be used: it is a database (LMDB) on a file system "
                         "that is no place for one",
                         j->path);
    else if (!base && j->mode == JOURNAL_READ)
        return error_set(err, "there is no journal in %s", j->path);
    else
        j->backend = base || !unsuited ? &journal_lmdb : &journal_log;
    return 0;
}

/* a new file is there after a loss of power only when its folder was synced */
static void sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static void sync_folders(const char *path)
{
    char *above = fs_dir(path);

    sync_folder(path);
    sync_folder(above);
    free(above);
}

/* reads it all, and repairs what is to be written on */
static int load(struct journal *j, struct error *err)
{
    struct error why = {""};
    int rc = j->backend->load(j, &why);
    bool more = settle_steps(j);

    if (rc < 0)
        return error_set(err, "%s", why.text);
    if (j->damaged)
        log_warn("the journal %s is damaged: %zu of its entries are left out (%s)", j->path,
                 j->damaged, j->damage.text);
    if (more)
        log_warn("the journal %s is damaged: of its %zu steps %zu are left", j->path, j->most_raw,
                 j->nsteps);
    if (j->mode == JOURNAL_READ) {
        if (rc == 1)
            log_warn("%s: shown is what could be read", why.text);
        return 0;
    }
    if (rc == 1)
        return renew(j, why.text, err);
    return more ? cut_steps(j, err) : 0;
}

struct journal *journal_open_sized(const char *path, enum journal_mode mode, size_t map, bool *busy,
                                   struct error *err)
{
    struct journal *j = journal_new(path, mode);
    bool ignored;

    busy = busy ? busy : &ignored;
    *busy = false;
    j->map = map;
    if (mode == JOURNAL_WRITE && (fs_mkdirs(path, err) < 0 || journal_lock(j, busy, err) < 0))
        goto fail;
    if (choose_backend(j, err) < 0 || load(j, err) < 0)
        goto fail;
    if (mode == JOURNAL_WRITE)
        sync_folders(path);
    return j;
fail:
    journal_close(j);
    return NULL;
}

struct journal *journal_open(const char *path, enum journal_mode mode, bool *busy,
                             struct error *err)
{
    return journal_open_sized(path, mode, MAP_FIRST, busy, err);
}

/* ---- its contents --------------------------------------------------------------------------- */

const json_t *journal_fact(const struct journal *j, const char *name)
{
    return json_object_get(j->facts, name);
}

static int check_writable(const struct journal *j, struct error *err)
{
    return j->mode == JOURNAL_WRITE
               ? 0
               : error_set(err, "the journal %s is open for reading only", j->path);
}

static void say_kept(const struct buf *rows)
{
    struct journal_row row;

    for (size_t at = 0, n; (n = journal_row_read(rows->data + at, rows->len - at, &row)); at += n)
        if (row.kind == 'f')
            log_debug("kept: %.*s", (int)row.nkey, row.key);
}

/* writes what waits. Rows from `from` on are given up when they cannot be written: their caller is
 * told so */
static int write_put(struct journal *j, size_t from, struct error *err)
{
    if (settle_posted(j, err) < 0 ||
        (j->backend && j->put.len && write_rows(j, &j->put, err) < 0)) {
        j->put.len = from;
        return -1;
    }
    if (j->backend && log_is_debug())
        say_kept(&j->put);
    buf_clear(&j->put);
    return 0;
}

/* hands over what waits, where there is somebody to take it */
static int post_put(struct journal *j, size_t from, struct error *err)
{
    struct buf empty = j->posted;

    if (!j->backend || !j->backend->post)
        return write_put(j, from, err);
    if (settle_posted(j, err) < 0) {
        j->put.len = from;
        return -1;
    }
    j->posted = j->put;
    j->put = empty;
    buf_clear(&j->put);
    if (j->backend->post(j, &j->posted, err) && settle_posted(j, err))
        return -1;
    if (log_is_debug()) /* not before: who dies now has handed it over */
        say_kept(&j->posted);
    return 0;
}

static int put_row(struct journal *j, const char *name, const json_t *fact, struct error *err)
{
    if (!fact)
        return error_set(err, "the fact %s cannot be kept: it is no JSON", name);
    if (check_writable(j, err) < 0 || journal_check_name(name, strlen(name), err) < 0)
        return -1;
    if (j->put.len >= JOURNAL_PUT_MOST && journal_sync(j, err) < 0)
        return -1;
    return journal_row_add(&j->put, 'f', name, strlen(name), fact, err);
}

int journal_replace(struct journal *j, const char *name, json_t *fact, struct error *err)
{
    if (put_row(j, name, fact, err) == 0)
        return json_object_set_new(j->facts, name, fact);
    json_decref(fact);
    return -1;
}

int journal_put(struct journal *j, const char *name, json_t *fact, struct error *err)
{
    if (!json_object_get(j->facts, name))
        return journal_replace(j, name, fact, err);
    json_decref(fact);
    return 0;
}

int journal_sync(struct journal *j, struct error *err)
{
    return write_put(j, j->put.len, err);
}

typedef int write_way(struct journal *j, size_t from, struct error *err);

static int put_step(struct journal *j, double seconds, const char *name, write_way *way,
                    struct error *err)
{
    size_t from = j->put.len;

    if (!json_object_get(j->facts, name))
        return error_set(err, "a step cannot be kept: there is no fact %s", name);
    if (add_step(&j->put, j->nsteps, seconds, name, err) < 0)
        return -1;
    return way(j, from, err);
}

static int step(struct journal *j, double seconds, const char *name, write_way *way,
                struct error *err)
{
    if (check_writable(j, err) < 0)
        return -1;
    if (j->is_cut)
        return error_set(err, "the steps of the journal %s ended with one that was not kept",
                         j->path);
    if (put_step(j, seconds, name, way, err) < 0) {
        j->is_cut = true;
        return -1;
    }
    journal_push_step(j, seconds, name);
    return 0;
}

int journal_step(struct journal *j, double seconds, const char *name, struct error *err)
{
    return step(j, seconds, name, write_put, err);
}

int journal_post(struct journal *j, double seconds, const char *name, struct error *err)
{
    return step(j, seconds, name, post_put, err);
}

size_t journal_steps(const struct journal *j)
{
    return j->nsteps;
}

struct journal_step journal_step_at(const struct journal *j, size_t i)
{
    return j->steps[i];
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void journal_each(const struct journal *j, const char *prefix,
                  void (*visit)(void *arg, const char *name, const json_t *fact), void *arg)
{
    size_t most = json_object_size(j->facts), n = 0;
    const char **names = calloc(most + 1, sizeof *names), *name;
    json_t *fact;

    if (!names)
        fatal("out of memory");
    json_object_foreach(j->facts, name, fact)
    {
        if (strncmp(name, prefix, strlen(prefix)) == 0)
            names[n++] = name;
    }
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++)
        visit(arg, names[i], json_object_get(j->facts, names[i]));
    free(names);
}
