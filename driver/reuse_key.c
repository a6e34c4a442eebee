/* driver/reuse_key.c - what an object is found by.
 *
 * The key names all that a compile is told: the words of its command (of options files too), the
 * folder, the environment as far as compilers and we look at it, the GPU, the lockfile's place, and
 * this program. nvcc names symbols after the real path of the source, so an object is good for one
 * path only. */
#include "driver/reuse_impl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/build/roots.h"
#include "driver/here.h"
#include "driver/reproducible.h"

#define SELF "/proc/self/exe"

extern char **environ;

/* variables that the toolkit, the host compiler or we look at; NAME* are all that begin so */
static const char *const shaping[] = {
    "PATH",
    "PWD",
    "CPATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "COMPILER_PATH",
    "LIBRARY_PATH",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "SOURCE_DATE_EPOCH",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "CI",
    "TOP",
    "INCLUDES",
    "SYSTEM_INCLUDES",
    "LIBRARIES",
    "CICC_*",
    "NVVMIR_LIBRARY_DIR",
    "PTXAS_FLAGS",
    "CUDAFE_FLAGS",
    "NVCC_*",
    "CUDA_*",
    "GCC_*",
    "CLANG_*",
    "CCC_*",
    "_HERE_",
    "_THERE_",
    "_TARGET_*",
    "_NVVM_*",
    "_CUDART_",
    "_SPACE_",
    "KSEARCH_*",
};

/* of KSEARCH_*: what neither changes an object nor what is said */
static const char *const silent[] = {
    "KSEARCH_DEPTH",       "KSEARCH_LIBEXEC",      "KSEARCH_CACHE_DIR",    "KSEARCH_CACHE_SIZE",
    "KSEARCH_CACHE_FILES", "KSEARCH_JOBS",         "KSEARCH_LOCK_DIR",     "KSEARCH_MODEL_KEY",
    "KSEARCH_OBJECTS",     "KSEARCH_REMOTE_TOKEN", "KSEARCH_REMOTE_LOGIN", "KSEARCH_REMOTE_TIMEOUT",
};

static bool is_named(const char *line, const char *pattern)
{
    size_t n = strlen(pattern);

    if (pattern[n - 1] == '*')
        return strncmp(line, pattern, n - 1) == 0;
    return strncmp(line, pattern, n) == 0 && line[n] == '=';
}

static bool is_among(const char *line, const char *const *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_named(line, patterns[i]))
            return true;
    return false;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void hash_environment(struct arena *a, struct hasher *h)
{
    const char **lines = NULL;
    size_t n = 0;

    for (size_t i = 0; environ[i]; i++)
        if (is_among(environ[i], shaping, sizeof shaping / sizeof *shaping) &&
            !is_among(environ[i], silent, sizeof silent / sizeof *silent))
            *arena_push(a, lines, n) = environ[i];
    if (n)
        qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++)
        hasher_string(h, lines[i]);
    hasher_number(h, (long long)n);
}

static void hash_file_identity(struct hasher *h, const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        memset(&st, 0, sizeof st);
    hasher_number(h, st.st_size);
    hasher_number(h, st.st_mtim.tv_sec);
    hasher_number(h, st.st_mtim.tv_nsec);
    hasher_number(h, (long long)st.st_ino);
}

static void hash_real(struct hasher *h, const char *path)
{
    char *real = realpath(path, NULL);

    hasher_string(h, real ? real : path);
    free(real);
}

static void hash_words(struct hasher *h, const struct command *c)
{
    for (size_t i = 0; i < c->nitems; i++) {
        hasher_string(h, c->items[i].word);
        hasher_string(h, c->items[i].next);
        hasher_number(h, c->items[i].depth);
    }
    hasher_string(h, c->nvcc);
    hash_real(h, c->inputs[0]);
}

/* the GPU as a compile sees it: inspection_open asks the same */
static void hash_gpu(struct reuse *r, struct hasher *h)
{
    struct error why = {""};
    char model[160] = "";
    struct gpu gpu;

    r->have_gpu = gpu_here(r->cache_dir, NULL, NULL, &gpu, &why) == 0;
    if (r->have_gpu)
        gpu_model(&gpu, model);
    hasher_string(h, model);
    hasher_string(h, why.text);
}

/* the folders that a reproducible output does not name: which they are depends on what lies in
 * those above us */
static void hash_roots(struct reuse *r, struct hasher *h)
{
    struct roots roots = {0};

    if (reproducible_asked(NULL) != REPRODUCIBLE_NO)
        roots_find(r->arena, &r->command, NULL, &roots);
    for (size_t i = 0; i < roots.n; i++)
        hasher_string(h, roots.folder[i]);
    hasher_number(h, (long long)roots.n);
}

struct hash reuse_key(struct reuse *r)
{
    struct hasher *h = hasher_new();
    char cwd[PATH_MAX] = "";

    hasher_string(h, "ksearch object 1 " KS_VERSION);
    hash_file_identity(h, SELF);
    hasher_string(h, getcwd(cwd, sizeof cwd));
    hash_words(h, &r->command);
    hash_environment(r->arena, h);
    hash_gpu(r, h);
    hasher_string(h, mode_name(r->mode));
    hasher_string(h, r->lock_path);
    hash_roots(r, h);
    return hasher_end(h);
}

bool reuse_asks_others(void)
{
    for (size_t i = 0; environ[i]; i++)
        if (is_named(environ[i], "KSEARCH_REMOTE*") && environ[i][strcspn(environ[i], "=")] &&
            environ[i][strcspn(environ[i], "=") + 1])
            return true;
    return false;
}
