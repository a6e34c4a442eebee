/* driver/search/files.c - see files.h.
 *
 * Only the header is looked at here, so that what is missing is told before variants are compiled.
 * Whether it fits the array's extents and type the worker knows. */
#include "driver/search/files.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/fs.h"
#include "runtime/base/npy.h"

char *files_path(const struct spec *spec, const char *name)
{
    char *folder = fs_dir(source_place(spec->file->src, spec->region.at).path),
         *real = realpath(folder, NULL);
    struct buf path;

    buf_init(&path, 1 << 16);
    if (*name != '/')
        buf_addf(&path, "%s/", real ? real : folder);
    buf_adds(&path, name);
    free(folder);
    free(real);
    return buf_steal(&path);
}

static int file_check(const struct spec *spec, const struct gen *g, const char *name,
                      struct diag *d)
{
    char *path = files_path(spec, name);
    json_t *text = json_string(path);
    struct error err = {""};
    struct npy npy;
    int fd = -1;

    if (!text)
        error_set(&err, "the path of '%s' is not UTF-8", name);
    else if ((fd = npy_open(path, &npy, &err)) >= 0)
        close(fd);
    json_decref(text);
    free(path);
    return fd >= 0 ? 0 : diag_error(d, spec->file->src, g->at.at, "%s", err.text);
}

static int gen_check(const struct spec *spec, const struct gen *g, struct diag *d)
{
    for (size_t i = 0; g->name && i < g->nargs; i++)
        if (g->args[i].is_string)
            return file_check(spec, g, g->args[i].string, d);
    return 0;
}

/* points of one clause share their generators: said once */
static bool seen_before(const struct spec *spec, size_t point, size_t array)
{
    const struct gen *g = &spec->points[point].gens[array];

    for (size_t p = 0; p < point; p++)
        if (spec->points[p].gens && spec->points[p].gens[array].name &&
            spec->points[p].gens[array].at.at == g->at.at)
            return true;
    return false;
}

int files_check(const struct spec *spec, struct diag *d)
{
    int rc = 0;

    for (size_t i = 0; i < spec->narrays; i++) {
        rc |= gen_check(spec, &spec->arrays[i].gen, d);
        for (size_t p = 0; p < spec->npoints; p++)
            if (spec->points[p].gens && !seen_before(spec, p, i))
                rc |= gen_check(spec, &spec->points[p].gens[i], d);
    }
    return rc ? -1 : 0;
}

static void gen_list(struct arena *a, const struct spec *spec, const struct gen *g,
                     const char ***list, size_t *n)
{
    for (size_t i = 0; g->name && i < g->nargs; i++) {
        char *path = g->args[i].is_string ? files_path(spec, g->args[i].string) : NULL;
        if (path)
            *arena_push(a, *list, *n) = arena_dup(a, path);
        free(path);
    }
}

const char *const *files_list(struct arena *a, const struct spec *spec)
{
    const char **list = NULL;
    size_t n = 0;

    for (size_t i = 0; i < spec->narrays; i++) {
        gen_list(a, spec, &spec->arrays[i].gen, &list, &n);
        for (size_t p = 0; p < spec->npoints; p++)
            if (spec->points[p].gens && !seen_before(spec, p, i))
                gen_list(a, spec, &spec->points[p].gens[i], &list, &n);
    }
    *arena_push(a, list, n) = NULL;
    return list;
}
