/* driver/recordings.c - a file, or the files of a folder, by what their first fact says. */
#include "driver/recordings.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "driver/search/bench.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"

const char *recordings_path(const char *model)
{
    return model && strncmp(model, "replay:", 7) == 0 ? model + 7 : NULL;
}

/* what was read so far: a replay asks for its recording more than once, and one takes a while to
 * read */
static struct imported {
    struct imported *next;
    char *path;
    struct journal *journal;
} * imported;

static struct journal *import_once(const char *path, struct error *err)
{
    struct imported *i = imported;
    while (i && strcmp(i->path, path) != 0)
        i = i->next;
    if (i)
        return i->journal;
    struct journal *j = journal_import(path, err);
    if (!j)
        return NULL;
    log_debug("the recording %s is read", path);
    i = malloc(sizeof *i);
    if (!i || !(i->path = strdup(path)))
        fatal("out of memory");
    i->journal = j;
    i->next = imported;
    imported = i;
    return j;
}

static int is_recording(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 8 && strcmp(entry->d_name + n - 8, ".ksearch") == 0;
}

static const char *fact_text(const struct journal *j, const char *member)
{
    return json_string_value(json_object_get(journal_fact(j, "run"), member));
}

/* true when it is the one that is looked for; key NULL: any is */
static bool is_wanted(const struct journal *j, const struct key *key)
{
    const char *text = fact_text(j, "key");
    char hex[65];
    if (!key)
        return true;
    hash_hex(&key->all, hex);
    return text && strcmp(text, hex) == 0;
}

/* every file of the folder in the order of names, until one is wanted */
static struct journal *find_in_folder(const char *path, const struct key *key, int n,
                                      struct dirent **entries, struct error *err)
{
    struct arena *a = arena_new();
    struct journal *found = NULL;
    for (int i = 0; i < n; i++) {
        struct error why = {""};
        struct journal *j = NULL;
        if (!found)
            j = import_once(arena_printf(a, "%s/%s", path, entries[i]->d_name), &why);
        if (j && is_wanted(j, key))
            found = j;
        if (*why.text)
            error_set(err, "%s", why.text);
        free(entries[i]);
    }
    arena_free(a);
    return found;
}

struct journal *recordings_find(const char *path, const struct key *key, struct error *err)
{
    struct dirent **entries;
    struct error why = {""};
    struct journal *j;
    int n = scandir(path, &entries, is_recording, alphasort);
    if (n >= 0) {
        j = find_in_folder(path, key, n, entries, &why);
        free(entries);
    } else {
        j = import_once(path, &why);
        if (j && !is_wanted(j, key)) {
            error_set(&why, "%s is a search of other code", path);
            j = NULL;
        }
    }
    if (!j)
        error_set(err, "no recording of this search: %s", *why.text ? why.text : path);
    return j;
}

int recordings_gpu(const char *path, struct gpu *gpu, struct error *err)
{
    struct journal *j = recordings_find(path, NULL, err);
    int rc = -1;
    if (j && bench_gpu_from_json(json_object_get(journal_fact(j, "run"), "card"), gpu))
        error_set(err, "%s does not say on which card it was made", path);
    else if (j)
        rc = 0;
    return rc;
}
