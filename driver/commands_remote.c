/* driver/commands_remote.c - `cache keygen|keys|push|pull`: records shared with others.
 *
 * These ask the remote whatever builds think of it (driver/share/state.h), and say what it said. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cache/store.h"
#include "driver/commands.h"
#include "driver/share/share.h"
#include "driver/sources.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

enum { FAILURES_IN_A_ROW = 3 }; /* then the rest is not tried */

static int usage(const char *text)
{
    return command_fail(EXIT_USAGE, "usage: ksnvcc cache %s", text);
}

/* ---- keys ---------------------------------------------------------------------------------- */

/* "user@host" */
static void default_name(char name[SIGN_NAME_MAX + 1])
{
    const char *user = getenv("USER");
    char host[HOST_NAME_MAX + 1] = "";

    gethostname(host, sizeof host - 1);
    snprintf(name, SIGN_NAME_MAX + 1, "%.30s@%.32s", user && *user ? user : "somebody", host);
}

static int keygen(const struct command_call *call)
{
    char name[SIGN_NAME_MAX + 1], *path = signing_key_path(), *line;
    const char *wanted = call->n > 1 ? call->words[1] : NULL;
    struct signing_key key;
    struct error err = {0};
    int rc = 0;

    if (call->n > 2)
        rc = usage("keygen [NAME]");
    else if (wanted && (!*wanted || strlen(wanted) > SIGN_NAME_MAX || strpbrk(wanted, "\t\n") ||
                        utf8_plain(wanted, strlen(wanted)) != strlen(wanted)))
        rc = command_fail(EXIT_USAGE, "a key's name is a line of at most %d bytes", SIGN_NAME_MAX);
    else if (!path)
        rc =
            command_fail(1, "no file to write it to: set HOME, or name one by KSEARCH_SIGNING_KEY");
    default_name(name);
    if (rc == 0 && signing_key_make(path, wanted ? wanted : name, &key, &err) < 0)
        rc = command_fail(1, "%s", err.text);
    if (rc) {
        free(path);
        return rc;
    }
    line = public_key_line(&key.public, key.name);
    if (call->json)
        rc = command_print_json(json_pack("{s:o, s:o, s:o}", "path", utf8_json(path), "name",
                                          utf8_json(key.name), "public", utf8_json(line)));
    else
        printf(
            "The key that signs is in %s; keep it to yourself.\n"
            "Who is to believe its records puts this line into ~/.config/ksearch/trusted-keys:\n\n"
            "%s\n",
            path, line);
    signing_key_clear(&key);
    free(line);
    free(path);
    return rc;
}

static void print_key(const char *what, const struct public_key *key, const char *name)
{
    char *line = public_key_line(key, name);

    printf("%-8s %s\n", what, line);
    free(line);
}

static json_t *key_json(const struct public_key *key, const char *name)
{
    char hex[65];

    public_key_hex(key, hex);
    return json_pack("{s:o, s:s}", "name", utf8_json(name), "key", hex);
}

static int print_keys_json(const struct signing_key *key, const struct keyring *ring,
                           const char *why)
{
    json_t *trusted = json_array();

    for (size_t i = 0; i < ring->n; i++)
        json_array_append_new(trusted, key_json(&ring->keys[i].key, ring->keys[i].name));
    return command_print_json(json_pack(
        "{s:o, s:o, s:o, s:o}", "signs", key ? key_json(&key->public, key->name) : json_null(),
        "why", *why ? utf8_json(why) : json_null(), "trusted", trusted, "path",
        ring->path ? utf8_json(ring->path) : json_null()));
}

static int keys(const struct command_call *call)
{
    struct signing_key key;
    struct keyring ring;
    struct error err = {0}, why = {0};
    int has = signing_key_read(&key, &why), rc = 0;

    if (call->n > 1) {
        rc = usage("keys");
    } else if (keyring_read(&ring, &err) < 0) {
        rc = command_fail(1, "%s", err.text);
        keyring_release(&ring);
    } else {
        if (call->json)
            rc = print_keys_json(has > 0 ? &key : NULL, &ring, why.text);
        else if (has > 0)
            print_key("signs", &key.public, key.name);
        else
            printf("%-8s nothing: %s\n", "signs",
                   why.text[0] ? why.text : "ksnvcc cache keygen makes a key");
        for (size_t i = 0; i < ring.n && !call->json; i++)
            print_key("trusted", &ring.keys[i].key, ring.keys[i].name);
        if (!call->json && !ring.n)
            printf("%-8s nobody else%s%s\n", "trusted", ring.path ? ": there is no key in " : "",
                   ring.path ? ring.path : "");
        keyring_release(&ring);
    }
    signing_key_clear(&key);
    return rc;
}

/* ---- push ---------------------------------------------------------------------------------- */

struct push {
    const char *prefix;
    struct record **records;
    size_t n, foreign, sent, there;
    json_t *failed;
};

/* nothing is sent in here: the database waits */
static int push_collect(void *arg, const struct record *r, const char *reason)
{
    struct push *p = arg;
    char hex[65];
    json_t *object;

    if (!r) {
        log_warn("a record is passed over: %s", reason);
        return 0;
    }
    hash_hex(&r->key.all, hex);
    if (strncmp(hex, p->prefix, strlen(p->prefix)) != 0)
        return 0;
    if (r->signer) { /* whoever measured it sends it */
        p->foreign++;
        return 0;
    }
    object = record_to_json(r, true);
    p->records = reallocarray(p->records, p->n + 1, sizeof *p->records);
    if (!p->records)
        fatal("out of memory");
    p->records[p->n] = record_from_json(object, NULL);
    p->n += p->records[p->n] != NULL;
    json_decref(object);
    return 0;
}

static void push_failed(struct push *p, const struct record *r, const char *why)
{
    char hex[65];

    hash_hex(&r->key.all, hex);
    json_array_append_new(p->failed, json_pack("{s:s, s:o, s:o}", "key", hex, "entry",
                                               utf8_json(r->entry), "why", utf8_json(why)));
    command_fail(1, "%s: %s", r->entry, why);
}

static void push_all(struct push *p, struct share *s)
{
    int row = 0;

    for (size_t i = 0; i < p->n && row < FAILURES_IN_A_ROW && !proc_interrupted(); i++) {
        struct error err = {0};
        int rc = share_put(s, p->records[i], &err);
        row = rc < 0 ? row + 1 : 0;
        p->sent += rc > 0;
        p->there += rc == 0;
        if (rc < 0)
            push_failed(p, p->records[i], err.text);
    }
}

static int push_report(const struct push *p, const char *url, bool json)
{
    size_t failed = json_array_size(p->failed), left = p->n - p->sent - p->there - failed;

    if (json)
        command_print_json(json_pack("{s:o, s:I, s:I, s:I, s:O, s:I}", "remote", utf8_json(url),
                                     "sent", (json_int_t)p->sent, "there", (json_int_t)p->there,
                                     "foreign", (json_int_t)p->foreign, "failed", p->failed,
                                     "untried", (json_int_t)left));
    else
        printf(
            "%s: %zu sent, %zu there already, %zu of others not sent, %zu failed, %zu not tried\n",
            url, p->sent, p->there, p->foreign, failed, left);
    return failed || left ? 1 : 0;
}

/* our cache, for reading or not; NULL after saying why */
static struct store *cache_open(bool read_only)
{
    char *dir = store_default_dir();
    struct error err = {0};
    struct store *s = dir ? store_open(dir, read_only, &err) : NULL;

    if (!s)
        command_fail(1, "%s", dir ? err.text : "no cache folder: set KSEARCH_CACHE_DIR or HOME");
    free(dir);
    return s;
}

/* the remote, asked whatever was; NULL after saying why */
static struct share *share_asked(void)
{
    char *dir = store_default_dir();
    struct error err = {0};
    struct share *s = share_open(dir, true, &err);

    if (!s)
        command_fail(1, "%s",
                     err.text[0] ? err.text : "no remote cache: KSEARCH_REMOTE is not set");
    free(dir);
    return s;
}

static int push_to(const struct command_call *call, struct share *s, struct store *store)
{
    struct push p = {.prefix = call->n > 1 ? call->words[1] : "", .failed = json_array()};
    struct remote_about about;
    struct error err = {0};
    int rc;

    remote_about(share_remote(s), &about);
    if (store_each(store, NULL, push_collect, &p, &err) < 0) {
        rc = command_fail(1, "%s", err.text);
    } else if (*p.prefix && !p.n && !p.foreign) {
        rc = command_fail(1, "no record here has a key that begins with %s", p.prefix);
    } else {
        push_all(&p, s);
        rc = push_report(&p, about.url, call->json);
    }
    for (size_t i = 0; i < p.n; i++)
        record_free(p.records[i]);
    free(p.records);
    json_decref(p.failed);
    return rc;
}

static int push(const struct command_call *call)
{
    struct share *s;
    struct store *store = NULL;
    struct remote_about about;
    struct error err = {0};
    int rc = 1;

    if (call->n > 2)
        return usage("push [KEY]");
    s = share_asked();
    if (!s)
        return 1;
    remote_about(share_remote(s), &about);
    if (about.mode == REMOTE_READS && about.is_mode_given)
        command_fail(1, "KSEARCH_REMOTE_MODE=read-only: nothing is put into %s", about.url);
    else if (!share_signer(s, &err) && !share_takes_unsigned(s))
        command_fail(1, "%s", err.text);
    else if ((store = cache_open(true)))
        rc = push_to(call, s, store);
    store_close(store);
    share_close(s);
    return rc;
}

/* ---- pull ---------------------------------------------------------------------------------- */

struct pull {
    struct share *share;
    struct store *store;
    bool json, failed;
    json_t *got;
    const char *file, *entry; /* that is being asked for; NULL: a key alone */
};

static void pull_keep(void *arg, const struct record *r)
{
    struct pull *p = arg;
    struct error err = {0};
    char hex[65], signer[160], *values = record_values_text(r);

    hash_hex(&r->key.all, hex);
    record_signer_text(r, signer);
    if (share_keep(p->store, r, &err) < 0) {
        command_fail(1, "%s: %s", r->entry, err.text);
        p->failed = true;
    } else {
        json_array_append_new(p->got, json_pack("{s:o, s:o}", "file",
                                                p->file ? utf8_json(p->file) : json_null(),
                                                "record", record_to_json(r, false)));
        if (!p->json)
            printf("%s: %s: %s on %s, %s\n", p->file ? p->file : "-", r->entry,
                   r->nwinners ? values : "no proven gain", r->gpu, signer);
    }
    free(values);
}

static void pull_key(struct pull *p, const struct key *key)
{
    struct error err = {0};
    int refused, n = share_find(p->share, key, pull_keep, p, &refused, &err);

    if (n < 0 || refused) {
        command_fail(1, "%s%s%s", p->entry ? p->entry : "", p->entry ? ": " : "", err.text);
        p->failed = true;
    }
}

static void pull_source(void *arg, struct inspection *in, struct unit_source *u,
                        struct library *lib)
{
    struct pull *p = arg;

    (void)lib;
    p->file = u->src->path;
    for (size_t i = 0; i < u->ntargets && !proc_interrupted(); i++) {
        p->entry = u->targets[i].name;
        pull_key(p, &u->targets[i].plain);
        if (in->apart != APART_NOT)
            pull_key(p, &u->targets[i].apart);
    }
    p->file = p->entry = NULL;
}

static int pull_words(const struct command_call *call, struct pull *p)
{
    const struct sources_use use = {.visit = pull_source, .arg = p};
    const char *const *files = call->words + 1;
    size_t n = call->n - 1;
    int rc = 0;

    if (call->project)
        return sources_of_project(call->project, files, n, &use);
    for (size_t i = 0; rc == 0 && i < n && !proc_interrupted(); i++) {
        struct key key = {0};
        if (hash_parse(files[i], &key.all) == 0)
            pull_key(p, &key);
        else
            rc = sources_of_file(files[i], call->rest, &use);
    }
    return rc;
}

static int pull(const struct command_call *call)
{
    struct pull p = {.json = call->json, .got = json_array()};
    int rc = 1;

    if (call->n < 2 && !call->project)
        rc = usage("pull FILE... [-- FLAGS] | -p compile_commands.json [FILE...] | KEY...");
    else if ((p.share = share_asked()) && (p.store = cache_open(false)))
        rc = pull_words(call, &p);
    if (p.store && rc == 0 && call->json)
        rc = command_print_json(json_incref(p.got));
    else if (p.store && rc == 0 && !json_array_size(p.got) && !p.failed)
        puts("nothing of that is there");
    store_close(p.store);
    share_close(p.share);
    json_decref(p.got);
    return rc ? rc : p.failed;
}

int command_remote(const struct command_call *call)
{
    static const struct {
        const char *name;
        int (*run)(const struct command_call *call);
    } verbs[] = {{"keygen", keygen}, {"keys", keys}, {"push", push}, {"pull", pull}};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(call->words[0], verbs[i].name) == 0)
            return verbs[i].run(call);
    return usage("--help");
}
