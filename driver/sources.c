/* driver/sources.c - see sources.h. */
#include "driver/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/build/words.h"
#include "driver/commands.h"
#include "driver/compiles.h"
#include "driver/find.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/status.h"

int sources_of_compile(const char *const *words, sources_visit *visit, void *arg)
{
    struct inspection in = {0};
    struct error err = {""};
    int rc = 0;

    if (inspection_open(&in, words, &err)) {
        rc = command_fail(1, "%s", err.text);
    } else {
        diag_print(&in.diag);
        if (in.diag.nerrors)
            rc = EXIT_ANNOTATION;
        else if (in.nsources && inspection_keys(&in, &err))
            rc = command_fail(1, "%s", err.text);
    }
    for (size_t i = 0; rc == 0 && i < in.nsources; i++) {
        struct library lib;
        if (library_open(&lib, &in, in.sources[i].src->path, &err))
            rc = command_fail(EXIT_LOCKFILE, "%s", err.text);
        else
            visit(arg, &in, &in.sources[i], &lib);
        library_close(&lib);
    }
    inspection_release(&in);
    return rc;
}

const char *const *sources_words(struct arena *a, const char *file, const char *const *flags)
{
    char *nvcc = find_nvcc("/proc/self/exe", NULL);
    struct words w = {0};

    if (!nvcc) {
        command_fail(EXIT_NO_NVCC, "no nvcc found: ksnvcc doctor says where it looks");
        return NULL;
    }
    words_add(a, &w, arena_dup(a, nvcc));
    for (; *flags; flags++)
        words_add(a, &w, *flags);
    words_add(a, &w, "-c");
    words_add(a, &w, file);
    free(nvcc);
    return words_end(a, &w);
}

int sources_of_file(const char *file, const char *const *flags, sources_visit *visit, void *arg)
{
    struct arena *a = arena_new();
    const char *const *words = sources_words(a, file, flags);
    int rc;

    if (!words)
        rc = EXIT_NO_NVCC;
    else if (access(file, R_OK) < 0)
        rc = command_fail(1, "cannot read %s: %s", file, strerror(errno));
    else
        rc = sources_of_compile(words, visit, arg);
    arena_free(a);
    return rc;
}

/* ---- compile_commands.json ---- */

struct each { /* what is done with the sources of each compile */
    sources_visit *visit;
    void *arg;
};

static int visit_compile(void *arg, const char *file, const char *const *words)
{
    const struct each *e = arg;
    (void)file;
    return sources_of_compile(words, e->visit, e->arg);
}

int sources_of_project(const char *commands, const char *const *files, size_t n,
                       sources_visit *visit, void *arg)
{
    struct arena *a = arena_new();
    int rc = compiles_each(a, commands, files, n, visit_compile, &(struct each){visit, arg});
    arena_free(a);
    return rc;
}
