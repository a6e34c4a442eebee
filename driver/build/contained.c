/* driver/build/contained.c
 *
 * Which files a compile reads is in its command: the folders of -I and its relatives, the source's
 * own, forced includes, options files, the host compiler where it is not the system's. When the
 * caller knows the very files (target.reads, of the line markers of the original), these are shown
 * and the folders are not: what lies beside them is none of the model's business. */
#include "driver/build/contained.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/build/option.h"
#include "driver/build/said.h"
#include "driver/build/sandbox.h"
#include "driver/build/sandbox_paths.h"
#include "driver/build/words.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"

enum {
    SAID_MOST = 16 * 1024,
    READS_MOST = 2500, /* bwrap takes 9000 words, and a file has three */
};

/* ---- what the command reads ------------------------------------------------------------------ */

/* options of the host compiler that a path follows, at once or as the next word */
static const struct {
    const char *name;
    bool folder;
} host_options[] = {
    {"-isystem", true},  {"-iquote", true},   {"-idirafter", true},  {"-I", true},
    {"-include", false}, {"-imacros", false}, {"--sysroot=", false},
};

static void add_list(struct arena *a, struct words *w, const char *value)
{
    words_list(a, value, w);
}

/* the path in words[*at] of the host compiler, or in the word behind it; NULL: none */
static const char *host_path(const struct words *w, size_t *at, bool *folder)
{
    for (size_t i = 0; i < sizeof host_options / sizeof *host_options; i++) {
        size_t n = strlen(host_options[i].name);
        if (strncmp(w->word[*at], host_options[i].name, n) != 0)
            continue;
        *folder = host_options[i].folder;
        if (w->word[*at][n])
            return w->word[*at] + n;
        return *at + 1 < w->n ? w->word[++*at] : NULL;
    }
    return NULL;
}

static void add_host(struct arena *a, const struct words *host, bool folders, struct words *w)
{
    for (size_t i = 0; i < host->n; i++) {
        bool folder = false;
        const char *path = host_path(host, &i, &folder);
        size_t n = path ? strlen(path) : 0;
        if (!path || (folder && !folders))
            continue;
        if (n > 1 && *path == '"' && path[n - 1] == '"') /* quoted for the shell */
            path = arena_copy(a, path + 1, n - 2);
        words_add(a, w, path);
    }
}

/* a compiler's folder and what the compiler belongs to; `name` may be a folder with a g++ */
static void add_compiler(struct arena *a, const char *name, struct words *w)
{
    char *path = strchr(name, '/') ? strdup(name) : fs_which(name, NULL);
    const char *program = path, *tree;

    if (path && !fs_is_program(path))
        program = arena_printf(a, "%s/g++", path);
    if (program) {
        char *folder = fs_dir(program);
        words_add(a, w, arena_dup(a, folder));
        if ((tree = sandbox_tree(a, program)))
            words_add(a, w, tree);
        free(folder);
    }
    free(path);
}

static void add_compilers(struct arena *a, struct words *w)
{
    const char *named = env_given("NVCC_CCBIN");

    if (named)
        add_compiler(a, named, w);
    add_compiler(a, "g++", w);
    add_compiler(a, "gcc", w);
}

static void add_item(struct arena *a, const struct command_item *item, bool folders,
                     struct words *w, struct words *host)
{
    const char *name = item->option ? item->option->name : NULL;

    if (!item->option && !item->is_input)
        words_add(a, host, item->word);
    if (!name || !item->value)
        return;
    if (strcmp(name, "pre-include") == 0 || strcmp(name, "options-file") == 0)
        add_list(a, w, item->value);
    else if (strcmp(name, "include-path") == 0 || strcmp(name, "system-include") == 0) {
        if (folders)
            add_list(a, w, item->value);
    } else if (strcmp(name, "compiler-bindir") == 0)
        add_compiler(a, item->value, w);
    else if (strcmp(name, "compiler-options") == 0)
        add_list(a, host, item->value);
}

/* are folders shown, and not the very files? */
static bool shows_folders(const struct units_target *t)
{
    size_t n = 0;

    while (t->reads && t->reads[n] && n <= READS_MOST)
        n++;
    return !t->reads || n > READS_MOST;
}

/* files and folders that the compile reads, beside the toolkit and the system */
static void add_reads(struct arena *a, const struct units_target *t, struct words *w)
{
    struct words host = {0};
    bool folders = shows_folders(t);

    for (size_t i = 0; i < t->command->nitems; i++)
        add_item(a, &t->command->items[i], folders, w, &host);
    add_host(a, &host, folders, w);
    for (size_t i = 0; !folders && t->reads[i]; i++)
        words_add(a, w, t->reads[i]);
    if (folders) {
        char *folder = fs_dir(t->file->src->path);
        words_add(a, w, arena_dup(a, folder));
        free(folder);
    }
}

/* ---- the command line ------------------------------------------------------------------------ */

/* nvcc's own file, links followed: it finds its parts from where it lies */
static const char *real_nvcc(struct arena *a, const struct command *c)
{
    char *path = strchr(c->nvcc, '/') ? strdup(c->nvcc) : fs_which(c->nvcc, NULL);
    char real[PATH_MAX];
    const char *found = path && realpath(path, real) ? arena_dup(a, real) : NULL;

    free(path);
    return found;
}

static const char *here(struct arena *a)
{
    char path[PATH_MAX];

    return getcwd(path, sizeof path) ? arena_dup(a, path) : "/";
}

const char *const *contained_argv(struct arena *a, const struct units_target *t,
                                  const char *const *argv, const char *folder, struct error *err)
{
    struct sandbox_job job = {.kind = SANDBOX_COMPILE, .write = {folder}, .dir = here(a)};
    const char *nvcc = real_nvcc(a, t->command), *tree;
    struct words words = {0}, reads = {0};

    if (!nvcc) {
        error_set(err, "%s is not to be found", t->command->nvcc);
        return NULL;
    }
    for (; *argv; argv++)
        words_add(a, &words, strcmp(*argv, t->command->nvcc) == 0 ? nvcc : *argv);
    if ((tree = sandbox_tree(a, nvcc)))
        words_add(a, &reads, tree);
    add_compilers(a, &reads);
    add_reads(a, t, &reads);
    job.argv = words_end(a, &words);
    job.read = words_end(a, &reads);
    return sandbox_argv(a, &job, err);
}

const char *contained_said(struct arena *a, const struct units_target *t, const char *folder,
                           const char *messages, size_t len)
{
    struct words known = {0}, folders = {0};
    const char *dir = here(a);

    add_reads(a, t, &known);
    words_add(a, &known, folder);
    words_add(a, &known, t->dir);
    words_add(a, &known, dir);
    for (size_t i = 0; i < known.n; i++) {
        words_add(a, &folders, known.word[i]);
        words_add(a, &folders, paths_clean(a, dir, known.word[i]));
    }
    return said_bare(a, messages, len, words_end(a, &folders), SAID_MOST);
}
