/* driver/sources.c - see sources.h. */
#include "driver/sources.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/build/words.h"
#include "driver/commands.h"
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

int sources_of_file(const char *file, const char *const *flags, sources_visit *visit, void *arg)
{
    char *nvcc = find_nvcc("/proc/self/exe", NULL);
    struct arena *a = arena_new();
    struct words w = {0};
    int rc;

    words_add(a, &w, nvcc ? nvcc : "nvcc");
    for (; *flags; flags++)
        words_add(a, &w, *flags);
    words_add(a, &w, "-c");
    words_add(a, &w, file);
    if (!nvcc)
        rc = command_fail(EXIT_NO_NVCC, "no nvcc found: ksnvcc doctor says where it looks");
    else if (access(file, R_OK) < 0)
        rc = command_fail(1, "cannot read %s: %s", file, strerror(errno));
    else
        rc = sources_of_compile(words_end(a, &w), visit, arg);
    arena_free(a);
    free(nvcc);
    return rc;
}

/* ---- compile_commands.json ---- */

/* the words of one entry; NULL when it has none */
static const char *const *entry_words(struct arena *a, const json_t *entry, struct error *err)
{
    const json_t *arguments = json_object_get(entry, "arguments");
    const char *command = json_string_value(json_object_get(entry, "command"));
    struct words w = {0}, env = {0};

    words_end(a, &env);
    for (size_t i = 0; i < json_array_size(arguments); i++)
        words_add(a, &w, json_string_value(json_array_get(arguments, i)));
    if (!w.n && (!command || words_shell(a, command, &env, &w, err)))
        return NULL;
    const char *const *words = words_end(a, &w);
    return w.n > 1 && strcmp(fs_base(words[0]), "ksnvcc") == 0 ? words + 1 : words;
}

static bool is_wanted(const char *file, const char *const *files, size_t n)
{
    size_t length = strlen(file);
    for (size_t i = 0; i < n; i++)
        if (strcmp(fs_base(files[i]), fs_base(file)) == 0)
            return true;
    return !n && length > 3 && strcmp(file + length - 3, ".cu") == 0;
}

static int sources_of_entry(const char *commands, size_t i, const json_t *entry,
                            sources_visit *visit, void *arg)
{
    const char *dir = json_string_value(json_object_get(entry, "directory"));
    struct arena *a = arena_new();
    struct error err = {""};
    const char *const *words = entry_words(a, entry, &err);
    int rc;

    if (!words || (dir && chdir(dir) < 0))
        rc = command_fail(1, "%s: entry %zu: %s", commands, i,
                          words       ? strerror(errno)
                          : *err.text ? err.text
                                      : "no command");
    else
        rc = sources_of_compile(words, visit, arg);
    arena_free(a);
    return rc;
}

int sources_of_project(const char *commands, const char *const *files, size_t n,
                       sources_visit *visit, void *arg)
{
    json_error_t why;
    json_t *all = json_load_file(commands, 0, &why), *entry;
    int rc = 0;
    size_t i;

    if (!json_is_array(all)) {
        json_decref(all);
        return command_fail(1, "%s: %s", commands, *why.text ? why.text : "no list of compiles");
    }
    json_array_foreach(all, i, entry)
    {
        const char *file = json_string_value(json_object_get(entry, "file"));
        if (rc == 0 && file && is_wanted(file, files, n))
            rc = sources_of_entry(commands, i, entry, visit, arg);
    }
    json_decref(all);
    return rc;
}
