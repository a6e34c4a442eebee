/* driver/capture/index.c - everything of a capture as one JSON text, for programs.
 *
 *     {"dir": ..., "processes": n, "notes": [...],
 *      "kernels": [{"name", "demangled", "mangled", "source", "block", "remarks", "reasons",
 *                   "geometries": [{"grid", "block", "smem", "cluster", "cooperative", "launches",
 *                                   "microseconds"}],
 *                   "launches": [{"index", "nth", "geometry", "result",
 *                                 "arguments": [{"name", "type", "size", "bytes", "value",
 *                                                "arrays": [...]}]}]}]}
 *
 * `geometry` counts in `geometries`; `bytes` are hexadecimal; `value` is null where the type does
 * not tell; `result` is null when the program ended in the launch. An array: {"word", "kind",
 * "allocation", "offset", "bytes", "kept", "shared", "fresh", "changed", "file", "after"}, where
 * the files are {"name", "dtype", "count", "size", "blake2b"} or null. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cache/hash.h"
#include "driver/capture/write.h"
#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/base/fs.h"

static json_t *sizes_json(const unsigned x[3])
{
    return json_pack("[i, i, i]", (int)x[0], (int)x[1], (int)x[2]);
}

static json_t *texts_json(const char *const *texts, size_t n)
{
    json_t *all = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, json_string(texts[i]));
    return all;
}

static json_t *group_json(const struct captured_group *g)
{
    return json_pack("{s:o, s:o, s:I, s:o, s:b, s:I, s:o}", "grid", sizes_json(g->grid), "block",
                     sizes_json(g->block), "smem", (json_int_t)g->smem, "cluster",
                     g->cluster[0] ? sizes_json(g->cluster) : json_null(), "cooperative",
                     (int)g->cooperative, "launches", (json_int_t)g->launches, "microseconds",
                     g->nanoseconds ? json_real((double)g->nanoseconds / 1000) : json_null());
}

/* false when the file cannot be read */
static bool hash_file(const char *path, char hex[65], off_t *size)
{
    struct hasher *h = hasher_new();
    char piece[65536];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    struct hash hash;

    *size = 0;
    while (fd >= 0 && (n = read(fd, piece, sizeof piece)) > 0) {
        hasher_bytes(h, piece, (size_t)n);
        *size += n;
    }
    hash = hasher_end(h);
    hash_hex(&hash, hex);
    if (fd >= 0)
        close(fd);
    return n == 0;
}

static json_t *file_json(struct captured *c, const struct captured_kernel *k,
                         const struct description *d, const struct captured_array *x,
                         const char *name)
{
    struct type t = captured_element(k, x);
    size_t size = t.size;
    char hex[65];
    off_t bytes;

    if (!name || !hash_file(arena_printf(c->arena, "%s/%s", c->dir, name), hex, &bytes))
        return json_null();
    for (size_t i = 0; i < d->narrays; i++)
        if (d->arrays[i].param == x->param && d->arrays[i].word == x->word)
            size = d->arrays[i].size;
    return json_pack("{s:s, s:s, s:I, s:I, s:s}", "name", name, "dtype",
                     type_descr(c->arena, &t, size > 1 ? size : 0), "count", (json_int_t)x->count,
                     "size", (json_int_t)bytes, "blake2b", hex);
}

static json_t *array_json(struct captured *c, const struct captured_kernel *k,
                          const struct description *d, const struct captured_array *x)
{
    return json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:b, s:b, s:o, s:o, s:o}", "word",
                     (json_int_t)x->word, "kind", x->kind, "allocation", (json_int_t)x->allocated,
                     "offset", (json_int_t)x->at, "bytes", (json_int_t)x->bytes, "kept",
                     (json_int_t)x->kept, "shared", (int)x->shared, "fresh", (int)x->poison,
                     "changed", x->is_compared ? json_integer((json_int_t)x->changed) : json_null(),
                     "file", file_json(c, k, d, x, x->file), "after",
                     file_json(c, k, d, x, x->after));
}

static const char *hex_text(struct arena *a, const struct captured_value *v)
{
    char *text = arena_alloc(a, 2 * v->size + 1);

    for (size_t i = 0; i < v->size; i++)
        sprintf(text + 2 * i, "%02x", v->bytes[i]);
    return text;
}

static json_t *argument_json(struct captured *c, const struct captured_kernel *k,
                             const struct description *d, const struct captured_launch *l, size_t p)
{
    const struct captured_param *param = &k->params[p];
    const struct captured_value *v = &l->values[p];
    json_t *arrays = json_array();

    for (size_t i = 0; i < l->narrays; i++)
        if (l->arrays[i].param == p)
            json_array_append_new(arrays, array_json(c, k, d, &l->arrays[i]));
    return json_pack("{s:s, s:s?, s:I, s:s, s:s?, s:o}", "name", param->name, "type",
                     *param->type_text ? param->type_text : NULL, "size", (json_int_t)v->size,
                     "bytes", hex_text(c->arena, v), "value",
                     type_value(c->arena, &param->type, v->bytes, v->size, NULL, NULL), "arrays",
                     arrays);
}

static json_t *launch_json(struct captured *c, const struct captured_kernel *k,
                           const struct description *d, const struct captured_launch *l)
{
    json_t *arguments = json_array();

    for (size_t p = 0; p < l->nvalues && p < k->nparams; p++)
        json_array_append_new(arguments, argument_json(c, k, d, l, p));
    return json_pack("{s:I, s:I, s:I, s:s?, s:o}", "index", (json_int_t)l->index, "nth",
                     (json_int_t)l->nth, "geometry", (json_int_t)l->group, "result", l->result,
                     "arguments", arguments);
}

static json_t *kernel_json(struct captured *c, const struct captured_kernel *k,
                           const struct description *d)
{
    json_t *groups = json_array(), *launches = json_array();
    const char *block = k->nlaunches ? arena_printf(c->arena, "%s.ks", k->label) : NULL;

    for (size_t i = 0; i < k->ngroups; i++)
        json_array_append_new(groups, group_json(&k->groups[i]));
    for (size_t i = 0; i < k->nlaunches; i++)
        json_array_append_new(launches, launch_json(c, k, d, &k->launches[i]));
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o, s:o, s:o, s:o}", "name", k->label,
                     "demangled", k->demangled, "mangled", k->mangled, "source", k->source, "block",
                     block, "remarks", texts_json(d->remarks, d->nremarks), "reasons",
                     texts_json(d->reasons, d->nreasons), "geometries", groups, "launches",
                     launches);
}

json_t *write_index(struct captured *c, const struct description *descriptions)
{
    json_t *kernels = json_array();

    for (size_t i = 0; i < c->nkernels; i++)
        json_array_append_new(kernels, kernel_json(c, &c->kernels[i], &descriptions[i]));
    return json_pack("{s:s, s:I, s:o, s:o}", "dir", c->dir, "processes", (json_int_t)c->processes,
                     "notes", texts_json(c->notes, c->nnotes), "kernels", kernels);
}

/* ---- an earlier one ---- */

/* a name that is ours: in the folder itself, and visible */
static void forget(const char *dir, const json_t *name)
{
    const char *text = json_string_value(name);
    char path[4300];

    if (text && *text != '.' && !strchr(text, '/') &&
        snprintf(path, sizeof path, "%s/%s", dir, text) < (int)sizeof path)
        unlink(path);
}

static void forget_launch(const char *dir, const json_t *launch)
{
    size_t i, k;
    json_t *argument, *array;

    json_array_foreach(json_object_get(launch, "arguments"), i, argument)
    {
        json_array_foreach(json_object_get(argument, "arrays"), k, array)
        {
            forget(dir, json_object_get(json_object_get(array, "file"), "name"));
            forget(dir, json_object_get(json_object_get(array, "after"), "name"));
        }
    }
}

int write_forget(const char *dir, struct error *err)
{
    struct arena *a = arena_new();
    const char *path = arena_printf(a, "%s/index.json", dir);
    json_t *index = json_load_file(path, 0, NULL), *kernel, *launch;
    bool ours = json_is_array(json_object_get(index, "kernels")) &&
                json_is_integer(json_object_get(index, "processes"));
    int rc = 0;
    size_t i, k;

    if (!ours && fs_exists(path))
        rc = error_set(err, "%s is there and none of ours: name another folder by --out", path);
    json_array_foreach(json_object_get(ours ? index : NULL, "kernels"), i, kernel)
    {
        forget(dir, json_object_get(kernel, "block"));
        json_array_foreach(json_object_get(kernel, "launches"), k, launch)
            forget_launch(dir, launch);
    }
    if (ours)
        unlink(path);
    json_decref(index);
    arena_free(a);
    return rc;
}
