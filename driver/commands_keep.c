/* driver/commands_keep.c
 *
 * An export is a lockfile with the samples in it (cache/lock.h), so a lockfile can be imported, and
 * an export can be committed as one. */
#include "driver/commands_keep.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cache/lock.h"
#include "cache/objects.h"
#include "cache/store.h"
#include "cache/store_keep.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

struct keep { /* one command */
    const struct command_call *call;
    const char *dir;
    struct store *store;
};

static void bytes_text(unsigned long long bytes, char text[32])
{
    if (bytes < 10 << 10)
        snprintf(text, 32, "%llu bytes", bytes);
    else if (bytes < 10 << 20)
        snprintf(text, 32, "%.1f KB", (double)bytes / 1024);
    else
        snprintf(text, 32, "%.1f MB", (double)bytes / (1 << 20));
}

static void print_removed(const char *what, size_t n, size_t damaged, unsigned long long bytes)
{
    char text[32];

    bytes_text(bytes, text);
    printf("%-8s %zu removed, %zu of them damaged (%s)\n", what, n, damaged, text);
}

static json_t *sum_json(size_t n, size_t damaged, unsigned long long bytes)
{
    return json_pack("{s:I, s:I, s:I}", "n", (json_int_t)n, "damaged", (json_int_t)damaged, "bytes",
                     (json_int_t)bytes);
}

/* ---- gc -------------------------------------------------------------------------------------- */

static int keep_gc(struct keep *k)
{
    const char *size = k->call->n > 1 ? k->call->words[1] : NULL;
    unsigned long long limit = size ? objects_bytes(size) : objects_limit(), half = limit / 2;
    struct store_sum records = {0}, left = {0};
    struct objects_sum objects;
    struct error err = {""};
    int renewed = -1;

    if (size && !limit && strcmp(size, "0") != 0)
        return command_fail(EXIT_USAGE, "'%s' is no size: give bytes, or the likes of 500M, 5G",
                            size);
    if (store_trim(k->store, half, &records, &err) < 0 &&
        (store_is_read_only(k->store) || (renewed = store_renew(k->store, &err)) < 0))
        return command_fail(1, "%s", err.text);
    store_verify(k->store, NULL, NULL, &left, NULL);
    objects_trim(k->dir, limit - (left.bytes < half ? left.bytes : half), true, &objects);
    if (k->call->json)
        return command_print_json(json_pack(
            "{s:o, s:o, s:b}", "records", sum_json(records.n, records.damaged, records.bytes),
            "objects", sum_json(objects.n, objects.damaged, objects.bytes), "renewed",
            renewed >= 0));
    if (renewed >= 0)
        printf("the database could not be read: it lies in data.mdb.damaged, and a new one has the "
               "%d records that could be\n",
               renewed);
    print_removed("records", records.n, records.damaged, records.bytes);
    print_removed("objects", objects.n, objects.damaged, objects.bytes);
    return 0;
}

/* ---- verify ---------------------------------------------------------------------------------- */

struct verify {
    bool json;
    json_t *list;
};

static void tell(struct verify *v, const char *what, const char *text)
{
    if (v->json)
        json_array_append_new(v->list,
                              json_pack("{s:s, s:o}", "what", what, "why", utf8_json(text)));
    else
        printf("%s: %s\n", what, text);
}

static void tell_record(void *arg, const struct record *rec, const char *reason)
{
    if (!rec)
        tell(arg, "record", reason);
}

static void tell_object(void *arg, const char *path)
{
    tell(arg, "object", path);
}

static int keep_verify(struct keep *k)
{
    struct verify v = {k->call->json, json_array()};
    struct objects_sum objects;
    struct store_sum records;
    struct error err = {""};
    int rc = 0;

    if (store_verify(k->store, tell_record, &v, &records, &err) < 0) {
        tell(&v, "database", err.text);
        rc = 1;
    }
    objects_sum(k->dir, true, tell_object, &v, &objects);
    rc |= records.damaged || objects.damaged;
    if (k->call->json) {
        int failed = command_print_json(
            json_pack("{s:b, s:o, s:o, s:O}", "ok", !rc, "records",
                      sum_json(records.n, records.damaged, records.bytes), "objects",
                      sum_json(objects.n, objects.damaged, objects.bytes), "damage", v.list));
        rc = failed ? failed : rc;
    } else {
        printf("records  %zu, %zu damaged\nobjects  %zu, %zu damaged\n", records.n, records.damaged,
               objects.n, objects.damaged);
        if (rc)
            printf("ksnvcc cache gc removes what is damaged; builds pass it over\n");
    }
    json_decref(v.list);
    return rc;
}

/* ---- export, import -------------------------------------------------------------------------- */

struct exporting {
    const struct command_call *call;
    struct lockfile lock;
    size_t damaged;
};

static bool is_wanted(const struct exporting *e, const struct record *rec)
{
    char hex[65];
    bool wanted = e->call->n == 2;

    hash_hex(&rec->key.all, hex);
    for (size_t i = 2; i < e->call->n; i++)
        wanted |= strncmp(hex, e->call->words[i], strlen(e->call->words[i])) == 0;
    return wanted;
}

static void export_one(void *arg, const struct record *rec, const char *reason)
{
    struct exporting *e = arg;
    json_t *object;

    (void)reason;
    e->damaged += !rec;
    if (!rec || !is_wanted(e, rec))
        return;
    object = record_to_json(rec, true);
    e->lock.records = reallocarray(e->lock.records, e->lock.n + 1, sizeof(struct record *));
    if (e->lock.records && object)
        e->lock.records[e->lock.n++] = record_from_json(object, NULL);
    json_decref(object);
}

static int keep_export(struct keep *k)
{
    struct exporting e = {.call = k->call};
    const char *file = k->call->words[1];
    struct error err = {""};
    struct store_sum sum;
    int rc = 0;
    char *text;

    if (store_verify(k->store, export_one, &e, &sum, &err) < 0)
        rc = command_fail(1, "%s", err.text);
    else if (e.lock.n == 0 && k->call->n > 2)
        rc = command_fail(1, "no record in %s has such a key", k->dir);
    if (rc == 0) {
        text = lock_text_whole(&e.lock);
        if (strcmp(file, "-") == 0)
            rc = fputs(text, stdout) == EOF || fflush(stdout) == EOF
                     ? command_fail(1, "cannot write the answer")
                     : 0;
        else if (fs_write(file, text, strlen(text), &err) < 0)
            rc = command_fail(1, "%s", err.text);
        free(text);
    }
    if (rc == 0 && k->call->json && strcmp(file, "-") != 0)
        rc = command_print_json(json_pack("{s:o, s:I, s:I}", "file", utf8_json(file), "records",
                                          (json_int_t)e.lock.n, "damaged", (json_int_t)e.damaged));
    else if (rc == 0 && strcmp(file, "-") != 0)
        printf("%s has %zu records%s\n", file, e.lock.n,
               e.damaged ? "; damaged ones were left out" : "");
    for (size_t i = 0; i < e.lock.n; i++)
        record_free(e.lock.records[i]);
    free(e.lock.records);
    return rc;
}

/* what is here already stays where it was made later, or is a win and the other is none */
static bool is_newer_here(struct store *s, const struct record *rec)
{
    struct record *here = NULL;
    bool newer = store_get(s, &rec->key, rec->gpu, &here, NULL) == 1 &&
                 (strcmp(here->created, rec->created) >= 0 || (here->nwinners && !rec->nwinners));

    record_free(here);
    return newer;
}

static int keep_import(struct keep *k)
{
    const char *file = k->call->words[1];
    struct error err = {""};
    struct lockfile *lock;
    size_t put = 0;
    int rc = 0;

    if (!fs_exists(file))
        return command_fail(1, "there is no file %s", file);
    lock = lock_read(file, &err);
    if (!lock)
        return command_fail(1, "%s", err.text);
    for (size_t i = 0; i < lock->n && rc == 0; i++) {
        if (is_newer_here(k->store, lock->records[i]))
            continue;
        /* who signed it, no file can say: it is the user's own word that counts here */
        record_set_signer(lock->records[i], NULL, NULL);
        if (store_put(k->store, lock->records[i], &err) < 0)
            rc = command_fail(1, "%s", err.text);
        put += rc == 0;
    }
    if (rc == 0 && k->call->json)
        rc = command_print_json(json_pack("{s:I, s:I}", "imported", (json_int_t)put, "older",
                                          (json_int_t)(lock->n - put)));
    else if (rc == 0)
        printf("%zu records of %zu; the others are here already\n", put, lock->n);
    lock_free(lock);
    return rc;
}

/* ---- clear ----------------------------------------------------------------------------------- */

static int keep_clear(struct keep *k)
{
    bool only_objects = k->call->n > 1;
    struct objects_sum objects = {0};
    struct error err = {""};
    struct arena *a = arena_new();
    int rc = 0;

    objects_sum(k->dir, false, NULL, NULL, &objects);
    if (!only_objects && store_clear(k->store, &err) < 0)
        rc = command_fail(1, "%s", err.text);
    if (rc == 0) {
        fs_remove(arena_printf(a, "%s/objects", k->dir));
        if (!only_objects) {
            fs_remove(arena_printf(a, "%s/hashes", k->dir));
            fs_remove(arena_printf(a, "%s/looked", k->dir));
        }
        if (k->call->json)
            rc = command_print_json(json_pack("{s:b, s:I}", "records", !only_objects, "objects",
                                              (json_int_t)objects.n));
        else
            printf("%s%zu objects were removed; the journals of searches stay\n",
                   only_objects ? "" : "all records and ", objects.n);
    }
    arena_free(a);
    return rc;
}

/* ---- which ----------------------------------------------------------------------------------- */

static const struct verb {
    const char *name;
    size_t least, most; /* words, itself included */
    const char *second; /* the only word that may follow; NULL: any */
    int (*run)(struct keep *k);
} verbs[] = {
    {"gc", 1, 2, NULL, keep_gc},
    {"verify", 1, 1, NULL, keep_verify},
    {"export", 2, SIZE_MAX, NULL, keep_export},
    {"import", 2, 2, NULL, keep_import},
    {"clear", 1, 2, "objects", keep_clear},
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

bool commands_keep_has(const char *verb)
{
    return find_verb(verb) != NULL;
}

int commands_keep(const struct command_call *call)
{
    const struct verb *v = find_verb(call->words[0]);
    struct keep k = {.call = call};
    struct error err = {""};
    char *dir;
    int rc;

    if (call->n < v->least || call->n > v->most ||
        (call->n > 1 && v->second && strcmp(call->words[1], v->second) != 0))
        return command_fail(EXIT_USAGE,
                            "usage: ksnvcc cache [--json] gc [SIZE] | verify | export FILE|- "
                            "[KEY...] | import FILE | clear [objects]");
    dir = store_default_dir();
    if (!dir)
        return command_fail(1, "no cache folder: set KSEARCH_CACHE_DIR or HOME");
    k.dir = dir;
    k.store = store_open(dir, strcmp(v->name, "verify") == 0, &err);
    if (!k.store && strcmp(v->name, "verify") == 0 && !fs_exists(dir))
        k.store = store_peek(dir);
    rc = k.store ? v->run(&k) : command_fail(1, "%s", err.text);
    store_close(k.store);
    free(dir);
    return rc;
}
