/* driver/commands_cache.c - `cache ls|show|stats` and `lock show`: records for people.
 *
 * Both look only: the cache is opened for reading. A record that cannot be read is shown as such,
 * beside those that can. A cache that is not there yet is an empty one. */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cache/lock.h"
#include "cache/objects.h"
#include "cache/store.h"
#include "driver/commands.h"
#include "driver/commands_keep.h"
#include "runtime/base/fs.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

enum { SHORT_KEY = 12 };

struct listing {        /* of a walk over records */
    const char *prefix; /* of the keys that are meant */
    bool json, whole;   /* whole: everything of each record */
    json_t *out;
    size_t n, wins, corrupt;
};

static void speedup_text(const struct record *r, char text[64])
{
    if (r->nwinners)
        snprintf(text, 64, "%.3fx (%.3f to %.3f)", r->ratio, r->low, r->high);
    else
        snprintf(text, 64, "no proven gain");
}

static void print_line(const struct record *r)
{
    char hex[65], speedup[64], *values = record_values_text(r);

    hash_hex(&r->key.all, hex);
    speedup_text(r, speedup);
    printf("%.*s  %-24s  %-22s  %s  %s\n", SHORT_KEY, hex, r->entry, speedup, r->gpu, values);
    free(values);
}

static void print_workloads(const struct record *r)
{
    printf("  %-32s %7s %12s %12s %8s  %-17s %10s\n", "workload", "weight",
           r->is_energy ? "original uJ" : "original us", r->is_energy ? "winner uJ" : "winner us",
           "ratio", "99 % interval", "floor us");
    for (size_t i = 0; i < r->nworkloads; i++) {
        const struct record_workload *w = &r->workloads[i];
        printf("  %-32s %7g %12.2f %12.2f %8.3f  %.3f to %.3f    ", w->label, w->weight,
               w->original_us, w->winner_us, w->ratio, w->low, w->high);
        if (w->floor_us > 0)
            printf("%10.2f\n", w->floor_us);
        else
            printf("%10s\n", "-");
    }
}

/* is the text of winner i one that an earlier one has, too? */
static bool is_printed(const struct record *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (r->winners[k].text && strcmp(r->winners[k].structure, r->winners[i].structure) == 0)
            return true;
    return false;
}

/* the structures that a model wrote, each once */
static void print_texts(const struct record *r)
{
    for (size_t i = 0; i < r->nwinners; i++) {
        const char *at = r->winners[i].text;
        if (!at || is_printed(r, i))
            continue;
        printf("  %s, written by a model:\n", r->winners[i].structure);
        while (*at) {
            size_t n = strcspn(at, "\n");
            printf("    %.*s\n", (int)n, at);
            at += n + (at[n] == '\n');
        }
    }
}

static void print_whole(const struct record *r)
{
    char hex[65], speedup[64], signer[160], *values = record_values_text(r);

    hash_hex(&r->key.all, hex);
    speedup_text(r, speedup);
    printf("%s\n  entry     %s (%s)\n  GPU       %s\n", hex, r->entry, r->file, r->gpu);
    printf("  speed-up  %s; noise of the original %.2f %%\n", speedup, 100 * r->noise);
    if (r->others)
        printf("  beside    %d other process%s that had the GPU open\n", r->others,
               r->others == 1 ? "" : "es");
    if (r->nwinners)
        printf("  passed    compute-sanitizer: %s\n",
               r->sanitizer ? r->sanitizer : "it did not run");
    if (record_signer_text(r, signer))
        printf("  shared    %s\n", signer);
    if (r->nwinners)
        printf("  %-9s %s\n", r->nwinners == 1 ? "winner" : "winners", values);
    print_workloads(r);
    printf("  search    %lld of %lld variants in %.1f s%s, %s, ksnvcc %s, CUDA %s\n", r->trials,
           r->space, r->seconds, r->interrupted ? " (the budget ended it)" : "", r->created,
           r->version, r->toolkit);
    for (int i = 0; i < KEY_PARTS; i++) {
        hash_hex(&r->key.part[i], hex);
        printf("  of the key: %.*s  %s\n", SHORT_KEY, hex, key_part_name((enum key_part)i));
    }
    print_texts(r);
    free(values);
}

static int show_record(void *arg, const struct record *r, const char *reason)
{
    struct listing *l = arg;
    char hex[65] = "";

    if (r)
        hash_hex(&r->key.all, hex);
    if (l->prefix && strncmp(hex, l->prefix, strlen(l->prefix)) != 0)
        return 0;
    l->n++;
    l->wins += r && r->nwinners;
    l->corrupt += !r;
    if (l->json)
        json_array_append_new(l->out, r ? record_to_json(r, l->whole)
                                        : json_pack("{s:o}", "corrupt", utf8_json(reason)));
    else if (!r)
        printf("corrupt: %s\n", reason);
    else if (l->whole)
        print_whole(r);
    else
        print_line(r);
    return 0;
}

static int count_record(void *arg, const struct record *r, const char *reason)
{
    struct listing *l = arg;

    (void)reason;
    l->n++;
    l->wins += r && r->nwinners;
    l->corrupt += !r;
    return 0;
}

/* 1 and *s; 0 when there is no cache yet; -1 after saying what is wrong */
static int cache_open(char **dir, struct store **s)
{
    struct error err = {0};

    *dir = store_default_dir();
    if (!*dir) {
        command_fail(1, "no cache folder: set KSEARCH_CACHE_DIR or HOME");
        return -1;
    }
    if (!fs_exists(*dir))
        return 0;
    *s = store_open(*dir, true, &err);
    if (*s)
        return 1;
    command_fail(1, "%s", err.text);
    return -1;
}

static int cache_list(struct store *s, const char *dir, struct listing *l)
{
    struct error err = {0};
    int rc = 0;

    l->out = json_array();
    if (s && store_each(s, NULL, show_record, l, &err) < 0)
        rc = command_fail(1, "%s", err.text);
    else if (l->prefix && l->n == 0)
        rc = command_fail(1, "no record in %s has a key that begins with %s", dir, l->prefix);
    else if (!l->json && l->n == 0)
        printf("%s holds no records\n", dir);
    else if (l->json)
        rc = command_print_json(json_incref(l->out));
    json_decref(l->out);
    return rc;
}

static int stats_json(const char *dir, const struct listing *l, const struct objects_sum *objects,
                      const unsigned long long *counts)
{
    json_t *builds = json_object();

    for (int i = 0; i < STAT_COUNT; i++)
        json_object_set_new(builds, store_stat_name((enum store_stat)i),
                            json_integer((json_int_t)counts[i]));
    return command_print_json(
        json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "dir", utf8_json(dir), "records",
                  (json_int_t)l->n, "wins", (json_int_t)l->wins, "corrupt", (json_int_t)l->corrupt,
                  "objects", (json_int_t)objects->n, "object_bytes", (json_int_t)objects->bytes,
                  "limit", (json_int_t)objects_limit(), "builds", builds));
}

static int cache_stats(struct store *s, const char *dir, bool json)
{
    unsigned long long counts[STAT_COUNT] = {0};
    struct listing l = {0};
    struct objects_sum objects;
    struct error err = {0};

    objects_sum(dir, false, NULL, NULL, &objects);
    if (s && store_each(s, NULL, count_record, &l, &err) < 0)
        return command_fail(1, "%s", err.text);
    if (s)
        store_stats(s, counts);
    if (json)
        return stats_json(dir, &l, &objects, counts);
    printf("%s\n%-20s %zu (%zu with a winner, %zu corrupt)\n", dir, "records", l.n, l.wins,
           l.corrupt);
    printf("%-20s %zu (%.1f MB; the limit of all is %.0f MB)\n", "objects", objects.n,
           (double)objects.bytes / (1 << 20), (double)objects_limit() / (1 << 20));
    for (int i = 0; i < STAT_COUNT; i++)
        printf("%-20s %llu\n", store_stat_name((enum store_stat)i), counts[i]);
    return 0;
}

/* lower case, hexadecimal, at most a whole key; NULL after saying what is wrong */
static char *key_prefix(const char *word)
{
    char *prefix = strdup(word);

    for (char *p = prefix; p && *p; p++)
        *p = (char)tolower((unsigned char)*p);
    if (prefix && *prefix && strspn(prefix, "0123456789abcdef") == strlen(prefix) &&
        strlen(prefix) <= 64)
        return prefix;
    command_fail(EXIT_USAGE, "'%s' is no key: give its first hexadecimal digits, as cache ls does",
                 word);
    free(prefix);
    return NULL;
}

static int usage(const char *text)
{
    return command_fail(EXIT_USAGE, "usage: ksnvcc %s", text);
}

static int cache_do(const struct command_call *call, struct store *s, const char *dir)
{
    struct listing l = {.json = call->json};
    const char *verb = call->words[0];
    char *prefix;
    int rc;

    if (strcmp(verb, "stats") == 0)
        return cache_stats(s, dir, call->json);
    if (strcmp(verb, "ls") == 0)
        return cache_list(s, dir, &l);
    prefix = key_prefix(call->words[1]);
    if (!prefix)
        return EXIT_USAGE;
    l.prefix = prefix;
    l.whole = true;
    rc = cache_list(s, dir, &l);
    free(prefix);
    return rc;
}

int command_cache(const struct command_call *call)
{
    const char *verb = call->n ? call->words[0] : "";
    bool show = strcmp(verb, "show") == 0;
    struct store *s = NULL;
    char *dir = NULL;
    int rc = 1;

    if (!strcmp(verb, "keygen") || !strcmp(verb, "keys") || !strcmp(verb, "push") ||
        !strcmp(verb, "pull"))
        return command_remote(call);
    if (commands_keep_has(verb))
        return commands_keep(call);
    if ((!show && strcmp(verb, "ls") != 0 && strcmp(verb, "stats") != 0) || call->n != 1u + show)
        return usage("cache [--json] ls | show KEY | stats | gc [SIZE] | verify | export FILE|- "
                     "[KEY...] | import FILE | clear [objects] | keygen [NAME] | keys | "
                     "push [KEY] | pull FILE... | -p compile_commands.json | KEY...");
    if (cache_open(&dir, &s) >= 0)
        rc = cache_do(call, s, dir);
    store_close(s);
    free(dir);
    return rc;
}

int command_lock_show(const struct command_call *call)
{
    struct listing l = {.json = call->json, .whole = !call->json};
    struct error err = {0};
    struct lockfile *lock;
    char *path;

    if (call->n > 2)
        return usage("lock [--json] show [FILE]");
    path = call->n == 2 ? strdup(call->words[1]) : lock_find("./x.cu", NULL);
    if (!path)
        return command_fail(1, "no ksearch.lock in this folder or a parent of it");
    lock = fs_exists(path) ? lock_read(path, &err) : NULL;
    if (!lock) {
        command_fail(1, "%s%s", err.text[0] ? err.text : "there is no file ",
                     err.text[0] ? "" : path);
        free(path);
        return err.text[0] ? EXIT_LOCKFILE : 1;
    }
    l.out = json_array();
    for (size_t i = 0; i < lock->n; i++)
        show_record(&l, lock->records[i], NULL);
    if (!l.json && l.n == 0)
        printf("%s holds no records\n", path);
    int rc = l.json ? command_print_json(json_incref(l.out)) : 0;
    json_decref(l.out);
    lock_free(lock);
    free(path);
    return rc;
}
