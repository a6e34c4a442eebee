/* driver/build/sandbox.c
 *
 * The command line of bubblewrap is the sandbox: whatever is not named there is not there inside.
 * The root is an empty file system in memory, made read-only once all is in place.
 *
 * The environment is emptied before bwrap starts, by env -i, and not only by bwrap's --clearenv:
 * process 1 inside is a copy of bwrap itself, and its /proc/1/environ is what bwrap was started
 * with, keys for language models included.
 *
 * Compilers get neither /proc (its files say what the machine is and does, and may be #included)
 * nor devices other than /dev/null (an #include of /dev/zero never ends). Workers need both: CUDA
 * reads /proc/driver/nvidia and /sys, and writes /proc/self/task/N/comm. */
#include "driver/build/sandbox.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/build/sandbox_paths.h"
#include "driver/build/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

#define VARIABLE "KSEARCH_SANDBOX"
#define UNMET                                                                                    \
    "text that a model wrote is compiled and run in a sandbox only (" VARIABLE "=none: without " \
    "one)"

struct made { /* a sandbox's command line as it grows */
    struct arena *a;
    const struct sandbox_job *job;
    struct words w, read;
};

static void option(struct made *m, const char *word, const char *first, const char *second)
{
    words_add(m->a, &m->w, word);
    if (first)
        words_add(m->a, &m->w, first);
    if (second)
        words_add(m->a, &m->w, second);
}

/* ---- the environment ------------------------------------------------------------------------- */

/* what may be known inside of our environment; folders: a list of folders, which are shown */
static const struct passed {
    const char *name;
    bool worker, folders;
} passed[] = {
    {"NVCC_PREPEND_FLAGS", false, false},  {"NVCC_APPEND_FLAGS", false, false},
    {"NVCC_CCBIN", false, false},          {"CPATH", false, true},
    {"C_INCLUDE_PATH", false, true},       {"CPLUS_INCLUDE_PATH", false, true},
    {"LD_LIBRARY_PATH", false, true},      {"LD_LIBRARY_PATH", true, true},
    {"CUDA_VISIBLE_DEVICES", true, false}, {"CUDA_DEVICE_ORDER", true, false},
    {"KSEARCH_LOCK_DIR", true, false},
};

/* what is set whatever ours says */
static const struct given {
    const char *name, *value;
    bool worker;
} given[] = {
    {"CUDA_CACHE_DISABLE", "1", true}, /* no folder for it, and each variant is new */
    {"CUDA_MPS_PIPE_DIRECTORY", "/tmp/no-mps", true}, /* clients of one server fail together */
    {"LANG", "C", true},
    {"LANG", "C", false},
    {"TMPDIR", "/tmp", true},
    {"TMPDIR", "/tmp", false},
};

static void read_folders(struct made *m, const char *list)
{
    char *copy = arena_dup(m->a, list), *save = NULL;

    for (char *f = strtok_r(copy, ":", &save); f; f = strtok_r(NULL, ":", &save))
        words_add(m->a, &m->read, f);
}

static void add_environment(struct made *m)
{
    bool worker = m->job->kind == SANDBOX_WORKER;

    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (given[i].worker == worker)
            option(m, "--setenv", given[i].name, given[i].value);
    }
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
        const char *value = passed[i].worker == worker ? getenv(passed[i].name) : NULL;
        if (!value || !*value)
            continue;
        option(m, "--setenv", passed[i].name, value);
        if (passed[i].folders)
            read_folders(m, value);
    }
}

/* is a folder of PATH one that is shown? */
static bool path_shown(const struct made *m, const char *folder)
{
    if (strncmp(folder, "/usr/", 5) == 0)
        return true;
    for (size_t i = 0; i < m->read.n; i++) {
        size_t n = strlen(m->read.word[i]);
        if (strncmp(folder, m->read.word[i], n) == 0 && (!folder[n] || folder[n] == '/'))
            return true;
    }
    return false;
}

/* Those folders of PATH that are shown, in its order: programs are found as outside */
static void add_path(struct made *m)
{
    static const char usual[] = "/usr/local/bin:/usr/bin:/bin";
    const char *path = getenv("PATH");
    char *copy = arena_dup(m->a, path ? path : ""), *save = NULL;
    struct buf b;

    buf_init(&b, 1 << 20);
    for (char *f = strtok_r(copy, ":", &save); f; f = strtok_r(NULL, ":", &save)) {
        if (*f == '/' && path_shown(m, f))
            buf_addf(&b, "%s:", f);
    }
    buf_adds(&b, usual);
    option(m, "--setenv", "PATH", arena_copy(m->a, buf_text(&b), b.len));
    buf_release(&b);
}

/* ---- the GPU --------------------------------------------------------------------------------- */

static void add_nodes(struct made *m)
{
    static const char *const patterns[] = {"/dev/nvidia*", "/dev/dxg"};
    glob_t found;

    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        if (glob(patterns[i], 0, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc; k++) {
            const char *node = arena_dup(m->a, found.gl_pathv[k]);
            option(m, "--dev-bind", node, node);
        }
        globfree(&found);
    }
}

/* the folder of a library, and that of the file which its name is a link to */
static void read_library(struct made *m, const char *path)
{
    char real[PATH_MAX];

    words_add(m->a, &m->read, arena_copy(m->a, path, (size_t)(strrchr(path, '/') - path)));
    if (realpath(path, real) && strrchr(real, '/') > real)
        words_add(m->a, &m->read, arena_copy(m->a, real, (size_t)(strrchr(real, '/') - real)));
}

/* The driver's library where the dynamic linker finds it: folders of LD_LIBRARY_PATH are shown
 * anyway, and the linker's cache is a table with the paths as text behind it. */
static void read_driver(struct made *m)
{
    static const char name[] = "/libcuda.so.1"; /* with the NUL behind it */
    const char *path = getenv("LD_LIBRARY_PATH");
    char *copy = arena_dup(m->a, path ? path : ""), *save = NULL;
    struct buf b;

    for (char *f = strtok_r(copy, ":", &save); f; f = strtok_r(NULL, ":", &save)) {
        const char *library = arena_printf(m->a, "%s%s", f, name);
        if (*f == '/' && fs_exists(library))
            read_library(m, library);
    }
    buf_init(&b, 64 << 20);
    if (fs_read("/etc/ld.so.cache", &b, NULL) == 0) {
        const char *at = b.data, *end = b.data + b.len;
        while (at && (at = memmem(at, (size_t)(end - at), name, sizeof name))) {
            const char *start = at;
            while (start > b.data && start[-1])
                start--;
            if (*start == '/' && start < at)
                read_library(m, arena_dup(m->a, start));
            at += sizeof name;
        }
    }
    buf_release(&b);
}

/* ---- the command line ------------------------------------------------------------------------ */

static void add_devices(struct made *m)
{
    if (m->job->kind == SANDBOX_COMPILE) {
        option(m, "--dev-bind", "/dev/null", "/dev/null");
        return;
    }
    option(m, "--proc", "/proc", NULL);
    option(m, "--dev", "/dev", NULL);
    add_nodes(m);
    option(m, "--ro-bind", "/sys", "/sys");
}

/* a program that is not the system's, what lies beside it, and what it belongs to */
static void read_program(struct made *m)
{
    const char *name = m->job->argv[0], *tree;
    char *path = strchr(name, '/') ? strdup(name) : fs_which(name, NULL), *folder;

    if (path) {
        folder = fs_dir(path);
        words_add(m->a, &m->read, arena_dup(m->a, path));
        words_add(m->a, &m->read, arena_dup(m->a, folder));
        if ((tree = sandbox_tree(m->a, path)))
            words_add(m->a, &m->read, tree);
        free(folder);
    }
    free(path);
}

static void add_files(struct made *m)
{
    const struct sandbox_job *job = m->job;
    size_t n = sizeof job->write / sizeof *job->write;

    for (size_t i = 0; job->read && job->read[i]; i++)
        words_add(m->a, &m->read, job->read[i]);
    paths_read(m->a, job->dir, m->read.word, m->read.n, &m->w);
    if (job->dir)
        option(m, "--dir", job->dir, NULL);
    for (size_t i = 0; i < n && job->write[i]; i++)
        option(m, "--bind", job->write[i], paths_clean(m->a, job->dir, job->write[i]));
}

static const char **made_end(struct made *m)
{
    for (const char *const *arg = m->job->argv; *arg; arg++)
        words_add(m->a, &m->w, *arg);
    words_end(m->a, &m->w);
    return m->w.word;
}

static const char **argv_make(struct arena *a, const struct sandbox_job *job, const char *bwrap)
{
    static const char *const options[] = {
        "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop",
        "ALL",           "--tmpfs",           "/tmp"};
    struct made m = {.a = a, .job = job};

    option(&m, "env", "-i", bwrap);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        words_add(a, &m.w, options[i]);
    paths_system(a, &m.w);
    add_environment(&m);
    add_devices(&m);
    if (job->kind == SANDBOX_WORKER)
        read_driver(&m);
    read_program(&m);
    add_files(&m);
    add_path(&m);
    option(&m, "--remount-ro", "/", NULL);
    option(&m, "--chdir", job->dir ? job->dir : "/", "--");
    return made_end(&m);
}

/* ---- which layer ----------------------------------------------------------------------------- */

/* runs nothing, with all that a worker would see */
static int layer_try(const char *bwrap, struct error *err)
{
    static const char *const nothing[] = {"sh", "-c", ":", NULL};
    struct sandbox_job job = {.kind = SANDBOX_WORKER, .argv = nothing};
    struct arena *a = arena_new();
    struct proc_spec spec = {.argv = argv_make(a, &job, bwrap), .timeout_ms = 20000};
    struct proc_result r;
    int rc = proc_run(&spec, &r, err);

    if (rc == 0 && !proc_ok(&r)) {
        char status[80];
        int line = (int)strcspn(buf_text(&r.err), "\n");
        rc = line ? error_set(err, UNMET ", and none can be made: %.*s", line, buf_text(&r.err))
                  : error_set(err, UNMET ", and %s %s", bwrap, proc_describe(&r, status));
    }
    proc_result_release(&r);
    arena_free(a);
    return rc;
}

static const char *layer_find(char **bwrap, struct error *err)
{
    const char *word = getenv(VARIABLE);

    if (word && strcmp(word, "none") == 0)
        return "none";
    if (word && *word && strcmp(word, "bwrap") != 0) {
        error_set(err, VARIABLE "=%s: it is 'bwrap' (what is used without it) or 'none'", word);
        return NULL;
    }
    *bwrap = fs_which("bwrap", NULL);
    if (!*bwrap) {
        error_set(err, UNMET ", and there is no bwrap in PATH: apt-get install bubblewrap");
        return NULL;
    }
    return layer_try(*bwrap, err) == 0 ? "bwrap" : NULL;
}

static const char *layer(const char **program, struct error *err)
{
    static const char *found;
    static char *bwrap;
    static struct error why;
    static bool tried;

    if (!tried)
        found = layer_find(&bwrap, &why);
    tried = true;
    if (program)
        *program = bwrap;
    if (!found)
        error_set(err, "%s", why.text);
    return found;
}

const char *sandbox_layer(struct error *err)
{
    return layer(NULL, err);
}

const char **sandbox_argv(struct arena *a, const struct sandbox_job *job, struct error *err)
{
    const char *bwrap, *which = layer(&bwrap, err);
    struct made plain = {.a = a, .job = job};

    if (!which)
        return NULL;
    return strcmp(which, "none") == 0 ? made_end(&plain) : argv_make(a, job, bwrap);
}

const struct proc_limits *sandbox_limits(enum sandbox_kind kind)
{
    static const struct proc_limits compile = {.address = 8LL << 30, .cpu = 120, .file = 1LL << 30};

    return kind == SANDBOX_COMPILE ? &compile : NULL;
}

const char *sandbox_tree(struct arena *a, const char *program)
{
    char real[PATH_MAX], *folder, *tree;
    size_t n;

    if (!realpath(program, real) || strncmp(real, "/usr/", 5) == 0)
        return NULL;
    *strrchr(real, '/') = '\0';
    folder = arena_dup(a, *real ? real : "/");
    n = strlen(folder);
    if (n <= 4 || strcmp(folder + n - 4, "/bin") != 0)
        return folder;
    tree = arena_copy(a, folder, n - 4);
    return paths_is_wide(tree) ? folder : tree;
}
