/* driver/build/roots.c
 *
 * A compiler names files as they are spelled in its command, so roots are looked for in the
 * spelling: for a source given through a symbolic link, both that spelling and the real folder are
 * roots. The lockfile counts before .git, since it is what travels with the sources, also in an
 * archive; both count, since headers of a larger repository may lie beside the project. Where there
 * is neither, the source's own folder has to do. */
#include "driver/build/roots.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/base/fs.h"

/* does path lie in the folder? */
static void add_folder(struct arena *a, struct roots *r, const char *folder)
{
    size_t n = folder ? strlen(folder) : 0;

    /* "/" is no place of anybody's, and compilers take a '=' for the end of the name */
    if (n < 2 || folder[0] != '/' || folder[n - 1] == '/' || strchr(folder, '='))
        return;
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->folder[i], folder) == 0)
            return;
    *arena_push(a, r->folder, r->n) = arena_dup(a, folder);
}

/* the folder as spelled, and where it really is */
static void add_both(struct arena *a, struct roots *r, const char *folder)
{
    char *real = realpath(folder, NULL);

    add_folder(a, r, folder);
    add_folder(a, r, real);
    free(real);
}

/* the nearest folder at or above dir that has the file; NULL */
static const char *folder_with(struct arena *a, const char *dir, const char *name)
{
    char *at = arena_dup(a, dir), *slash;

    for (; *at; *slash = '\0') {
        if (fs_exists(arena_printf(a, "%s/%s", at, name)))
            return at;
        slash = strrchr(at, '/');
        if (!slash)
            return NULL;
    }
    return NULL;
}

static void add_project(struct arena *a, struct roots *r, const char *source)
{
    const char *path =
        *source == '/' || !r->here ? source : arena_printf(a, "%s/%s", r->here, source);
    const char *slash = strrchr(path, '/');
    const char *dir = slash ? arena_copy(a, path, (size_t)(slash - path)) : "";
    const char *lock, *git;

    if (strstr(dir, "/../") || (strlen(dir) > 2 && strcmp(dir + strlen(dir) - 3, "/..") == 0)) {
        char *real = realpath(dir, NULL);
        dir = arena_dup(a, real ? real : "");
        free(real);
    }
    lock = folder_with(a, dir, "ksearch.lock");
    git = folder_with(a, dir, ".git");
    if (lock)
        add_both(a, r, lock);
    if (git)
        add_both(a, r, git);
    if (!lock && !git && !(r->here && (strcmp(dir, r->here) == 0 || fs_is_below(dir, r->here))))
        add_both(a, r, dir);
}

static int by_length(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    size_t n = strlen(*a), m = strlen(*b);

    return n != m ? (n > m) - (n < m) : strcmp(*a, *b);
}

/* compilers believe $PWD where it is the current folder */
static void add_here(struct arena *a, struct roots *r)
{
    const char *pwd = getenv("PWD");
    struct stat real, spelled;
    char *cwd = getcwd(NULL, 0);

    if (cwd && cwd[0] == '/' && cwd[1])
        r->here = arena_dup(a, cwd);
    add_folder(a, r, cwd);
    if (cwd && pwd && stat(cwd, &real) == 0 && stat(pwd, &spelled) == 0 &&
        real.st_dev == spelled.st_dev && real.st_ino == spelled.st_ino)
        add_folder(a, r, pwd);
    free(cwd);
}

void roots_find(struct arena *a, const struct command *c, const char *keep_dir, struct roots *out)
{
    *out = (struct roots){0};
    add_here(a, out);
    add_folder(a, out, keep_dir);
    for (size_t i = 0; i < c->ninputs; i++)
        add_project(a, out, c->inputs[i]);
    if (out->n)
        qsort(out->folder, out->n, sizeof *out->folder, by_length);
}

const char *roots_path(struct arena *a, const struct roots *r, const char *path)
{
    for (size_t i = r->n; i-- > 0;) {
        if (strcmp(path, r->folder[i]) == 0)
            return ".";
        if (fs_is_below(path, r->folder[i]))
            return arena_printf(a, ".%s", path + strlen(r->folder[i]));
    }
    return path;
}
