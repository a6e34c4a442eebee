/* driver/build/sandbox_paths.c
 *
 * A path is shown under the name by which the command knows it, whatever links it leads through:
 * the links themselves are not there inside. Names on the way that are only passed through
 * ("src" in "src/../include") become empty folders.
 *
 * A folder with more in it than the sources of one project (a home folder, /tmp) is not shown
 * whole: only the headers that lie directly in it. Of the others, names that begin with a dot are
 * covered: repositories with their remotes' passwords, .env files. */
#include "driver/build/sandbox_paths.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_ENTRIES = 4096 };

static void add(struct arena *a, struct words *w, const char *option, const char *from,
                const char *to)
{
    words_add(a, w, option);
    words_add(a, w, from);
    if (to)
        words_add(a, w, to);
}

/* ---- the system ------------------------------------------------------------------------------ */

/* a link stays a link ("/lib" is "usr/lib"), a folder is shown */
static void add_root(struct arena *a, struct words *w, const char *path)
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);

    if (n > 0)
        add(a, w, "--symlink", arena_copy(a, target, (size_t)n), path);
    else if (access(path, F_OK) == 0)
        add(a, w, "--ro-bind", path, path);
}

void paths_system(struct arena *a, struct words *w)
{
    static const char *const roots[] = {"/usr",   "/bin",    "/sbin",      "/lib",      "/lib32",
                                        "/lib64", "/libx32", "/nix/store", "/gnu/store"};
    static const char *const etc[] = {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
                                      "/etc/alternatives"};

    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        add_root(a, w, roots[i]);
    for (size_t i = 0; i < sizeof etc / sizeof *etc; i++) {
        if (access(etc[i], F_OK) == 0)
            add(a, w, "--ro-bind", etc[i], etc[i]);
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

/* is path the folder, or in it? Both clean */
static bool is_in(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return strncmp(path, folder, n) == 0 && (n == 1 || !path[n] || path[n] == '/');
}

/* cleans path in place of `out`; each folder that a ".." leaves is added to *left (NULL: not) */
static char *clean(struct arena *a, const char *dir, const char *path, struct words *left)
{
    char *whole =
        *path == '/' ? arena_dup(a, path) : arena_printf(a, "%s/%s", dir ? dir : "", path);
    char *out = arena_alloc(a, strlen(whole) + 2), *end = out, *save = NULL;

    for (char *part = strtok_r(whole, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
        if (strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0) {
            if (left && end > out)
                words_add(a, left, arena_copy(a, out, (size_t)(end - out)));
            while (end > out && *--end != '/')
                ;
            *end = '\0';
            continue;
        }
        *end++ = '/';
        end = stpcpy(end, part);
    }
    if (end == out)
        strcpy(out, "/");
    return out;
}

char *paths_clean(struct arena *a, const char *dir, const char *path)
{
    return clean(a, dir, path, NULL);
}

bool paths_is_wide(const char *path)
{
    static const char *const wide[] = {"/",     "/tmp", "/var",   "/var/tmp", "/etc",  "/home",
                                       "/root", "/mnt", "/media", "/srv",     "/run",  "/dev",
                                       "/proc", "/sys", "/opt",   "/data",    "/work", "/scratch"};
    const char *home = getenv("HOME"), *tmp = getenv("TMPDIR");

    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (strcmp(path, wide[i]) == 0)
            return true;
    }
    if (strncmp(path, "/home/", 6) == 0 && !strchr(path + 6, '/'))
        return true;
    if (is_in(path, "/etc") || is_in(path, "/dev") || is_in(path, "/proc") || is_in(path, "/sys") ||
        is_in(path, "/run"))
        return true;
    /* home, the folder for temporary files, and what they lie in */
    return (home && is_in(home, path)) || (tmp && is_in(tmp, path));
}

/* ---- what is read ---------------------------------------------------------------------------- */

struct shown {
    const char *path, *real;
    bool is_folder, is_wide;
};

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct shown *)a)->path, ((const struct shown *)b)->path);
}

static bool is_header(const char *name)
{
    static const char *const suffix[] = {"h",   "hh",  "hpp", "hxx", "cuh", "cu",
                                         "inl", "inc", "ipp", "tpp", "cc",  "cpp"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && dot != name && i < sizeof suffix / sizeof *suffix; i++) {
        if (strcmp(dot + 1, suffix[i]) == 0)
            return true;
    }
    return false;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* calls `each` for every name in a folder */
static void each_entry(const char *folder, void (*each)(void *arg, const struct dirent *entry),
                       void *arg)
{
    DIR *d = opendir(folder);
    struct dirent *entry;

    for (int n = 0; d && n < MOST_ENTRIES && (entry = readdir(d));) {
        if (is_dots(entry->d_name))
            continue;
        each(arg, entry);
        n += entry->d_name[0] == '.' || is_header(entry->d_name);
    }
    if (d)
        closedir(d);
}

struct look {
    struct arena *a;
    struct words *w;
    const struct shown *in;
};

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void hide(void *arg, const struct dirent *entry)
{
    struct look *l = arg;
    const char *path;
    struct stat st;

    if (entry->d_name[0] != '.')
        return;
    path = arena_printf(l->a, "%s/%s", l->in->path, entry->d_name);
    /* a link leads nowhere inside, or to what is shown */
    if (lstat(path, &st) < 0 || S_ISLNK(st.st_mode))
        return;
    if (S_ISDIR(st.st_mode))
        add(l->a, l->w, "--tmpfs", path, NULL);
    else
        add(l->a, l->w, "--ro-bind", "/dev/null", path);
}

static void show_header(void *arg, const struct dirent *entry)
{
    struct look *l = arg;
    const char *path = arena_printf(l->a, "%s/%s", l->in->path, entry->d_name);
    struct stat st;

    if (entry->d_name[0] != '.' && is_header(entry->d_name) && lstat(path, &st) == 0 &&
        S_ISREG(st.st_mode))
        add(l->a, l->w, "--ro-bind", path, path);
}

/* is it shown already, as a part of one before it? */
static bool is_covered(const struct shown *list, size_t n, const struct shown *x)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(list[i].path), real = strlen(list[i].real);
        const char *rest = x->path + len;

        if (!list[i].is_folder || list[i].is_wide || !is_in(x->path, list[i].path) ||
            strstr(rest, "/."))
            continue;
        if (strncmp(x->real, list[i].real, real) == 0 && strcmp(x->real + real, rest) == 0)
            return true;
    }
    return false;
}

static bool is_system(const struct shown *x)
{
    return is_in(x->path, "/usr") && is_in(x->real, "/usr");
}

static void show(struct arena *a, const struct shown *x, struct words *w)
{
    struct look l = {a, w, x};

    if (x->is_wide) {
        add(a, w, "--dir", x->path, NULL);
        each_entry(x->path, show_header, &l);
        return;
    }
    add(a, w, "--ro-bind", x->real, x->path);
    if (x->is_folder)
        each_entry(x->path, hide, &l);
}

void paths_read(struct arena *a, const char *dir, const char *const *path, size_t n,
                struct words *w)
{
    struct shown *list = arena_array(a, struct shown, n + 1);
    struct words left = {0};
    char real[PATH_MAX];
    size_t m = 0, kept = 0;

    for (size_t i = 0; i < n; i++) {
        struct shown x = {.path = clean(a, dir, path[i], &left)};
        if (!realpath(x.path, real))
            continue;
        x.real = arena_dup(a, real);
        x.is_folder = is_folder(real);
        x.is_wide = x.is_folder && (paths_is_wide(x.path) || paths_is_wide(real));
        if (!is_system(&x))
            list[m++] = x;
    }
    qsort(list, m, sizeof *list, by_path);
    for (size_t i = 0; i < m; i++) {
        if (kept && strcmp(list[kept - 1].path, list[i].path) == 0)
            continue;
        if (is_covered(list, kept, &list[i]))
            continue;
        list[kept++] = list[i];
        show(a, &list[kept - 1], w);
    }
    /* last: a name that is shown by now stays as it is */
    for (size_t i = 0; i < left.n; i++) {
        if (!is_in(left.word[i], "/usr") && is_folder(left.word[i]))
            add(a, w, "--dir", left.word[i], NULL);
    }
}
