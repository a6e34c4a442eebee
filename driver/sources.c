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

static int open_compile(struct inspection *in, const char *const *words,
                        const struct sources_use *use)
{
    struct error err = {""};

    if (inspection_open(in, words, &err))
        return command_fail(1, "%s", err.text);
    diag_print(&in->diag);
    if (in->diag.nerrors)
        return EXIT_ANNOTATION;
    for (size_t i = 0; use->early && i < in->nsources; i++)
        use->early(use->arg, in, &in->sources[i]);
    if (in->nsources && inspection_keys(in, &err))
        return command_fail(1, "%s", err.text);
    return 0;
}

static int sources_of_compile(const char *const *words, const struct sources_use *use)
{
    struct inspection in = {0};
    struct error err = {""};
    int rc = open_compile(&in, words, use);

    for (size_t i = 0; rc == 0 && i < in.nsources; i++) {
        struct library lib;
        if (library_open(&lib, &in, in.sources[i].src->path, &err))
            rc = command_fail(EXIT_LOCKFILE, "%s", err.text);
        else
            use->visit(use->arg, &in, &in.sources[i], &lib);
        library_close(&lib);
    }
    if (use->leave)
        use->leave(use->arg);
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

int sources_of_file(const char *file, const char *const *flags, const struct sources_use *use)
{
    struct arena *a = arena_new();
    const char *const *words = sources_words(a, file, flags);
    int rc;

    if (!words)
        rc = EXIT_NO_NVCC;
    else if (access(file, R_OK) < 0)
        rc = command_fail(1, "cannot read %s: %s", file, strerror(errno));
    else
        rc = sources_of_compile(words, use);
    arena_free(a);
    return rc;
}

/* ---- compile_commands.json ---- */

static int visit_compile(void *arg, const char *file, const char *const *words)
{
    const struct sources_use *use = arg;
    (void)file;
    return sources_of_compile(words, use);
}

int sources_of_project(const char *commands, const char *const *files, size_t n,
                       const struct sources_use *use)
{
    struct arena *a = arena_new();
    int rc = compiles_each(a, commands, files, n, visit_compile, (void *)use);
    arena_free(a);
    return rc;
}
