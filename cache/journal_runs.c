/* cache/journal_runs.c - which runs a cache folder has. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cache/journal.h"
#include "runtime/base/log.h"

struct run {
    char *name;
    struct timespec changed;
};

/* when anything was last written to it; false when it is no journal */
static bool last_change(const char *cache_dir, const char *name, struct timespec *when)
{
    static const char *const files[] = {"data.mdb", "journal.log"};
    char *folder = journal_path(cache_dir, name), *path;
    struct stat st;
    bool found = false;

    for (size_t i = 0; i < sizeof files / sizeof *files && !found; i++) {
        if (asprintf(&path, "%s/%s", folder, files[i]) < 0)
            fatal("out of memory");
        found = stat(path, &st) == 0;
        free(path);
    }
    free(folder);
    if (found)
        *when = st.st_mtim;
    return found;
}

static int newest_first(const void *a, const void *b)
{
    const struct run *x = a, *y = b;

    if (x->changed.tv_sec != y->changed.tv_sec)
        return x->changed.tv_sec < y->changed.tv_sec ? 1 : -1;
    if (x->changed.tv_nsec != y->changed.tv_nsec)
        return x->changed.tv_nsec < y->changed.tv_nsec ? 1 : -1;
    return strcmp(x->name, y->name);
}

char **journal_runs(const char *cache_dir)
{
    char *folder = journal_path(cache_dir, ""), **names;
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, NULL), kept = 0;
    struct run *runs = calloc(n > 0 ? (size_t)n : 1, sizeof *runs);

    names = calloc(n > 0 ? (size_t)n + 1 : 1, sizeof *names);
    if (!runs || !names)
        fatal("out of memory");
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] != '.' && last_change(cache_dir, name, &runs[kept].changed) &&
            !(runs[kept++].name = strdup(name)))
            fatal("out of memory");
        free(entries[i]);
    }
    qsort(runs, (size_t)kept, sizeof *runs, newest_first);
    for (int i = 0; i < kept; i++)
        names[i] = runs[i].name;
    free(runs);
    free(entries);
    free(folder);
    return names;
}
