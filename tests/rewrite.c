/* tests/rewrite.c - the generated texts of a file, for shell tests.
 *
 *   rewrite blank|harness FILE
 *   rewrite unit|tables|kernels FILE LABEL INSTANCE VALUES...       suffixes __ks1, __ks2, ...
 *   rewrite plan FILE LABEL INSTANCE VALUES CUBIN    a structure's plan as the worker gets it, with
 *                                                    the kernels of a unit (tables) of that variant
 *   rewrite emit|emitted [-d] FILE LABEL INSTANCE VALUES [ARCH]  ... (four words a winner with -d)
 *
 * LABEL:PATH is the entry's structure of that path. VALUES are those of the tunables,
 * "64,64,16,4,4"; ARCH is "9.0". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/harness.h"
#include "driver/build/cubin.h"
#include "driver/build/plan_json.h"
#include "driver/build/rewrite.h"
#include "driver/build/structure_text.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

static const struct spec *find_spec(const struct file *f, const char *label)
{
    size_t n = strcspn(label, ":");

    for (size_t i = 0; i < f->nspecs; i++) {
        const struct spec *s = &f->specs[i];
        if (strncmp(s->label, label, n) != 0 || s->label[n])
            continue;
        if (label[n])
            s = structure_find(s, label + n + 1);
        if (s)
            return s;
    }
    fatal("no entry or structure is called '%s'", label);
}

static size_t instance_of(const struct spec *s, const char *text)
{
    size_t n = strtoul(text, NULL, 10);

    if (n >= s->ninstances)
        fatal("'%s' has no instance %zu", s->name, n);
    return n;
}

static int64_t *values_of(struct arena *a, const struct spec *s, const char *text)
{
    int64_t *values = arena_array(a, int64_t, s->ntunables + 1);
    char *end = NULL;

    for (size_t i = 0; i < s->ntunables; i++) {
        values[i] = strtoll(text, &end, 10);
        if (end == text || (*end != ',' && *end))
            fatal("'%s' are not %zu values", text, s->ntunables);
        text = end + (*end == ',');
    }
    return values;
}

static int unit(struct arena *a, const struct file *f, int argc, char **argv, bool names,
                bool tables, struct buf *out, struct error *err)
{
    if (argc < 3)
        fatal("a unit needs an entry, an instance and values");
    struct variant_ref *v = arena_array(a, struct variant_ref, argc);
    const struct spec *s = find_spec(f, argv[0]);
    size_t n = 0;

    for (int i = 2; i < argc; i++, n++)
        v[n] = (struct variant_ref){s, instance_of(s, argv[1]), values_of(a, s, argv[i]),
                                    arena_printf(a, "__ks%zu", n + 1)};
    if (tables)
        rewrite_tables(f, v, n, out);
    if (tables || !names)
        return tables ? 0 : rewrite_unit(f, v, n, out, err);
    for (size_t i = 0; i < n; i++) {
        size_t count;
        const char **list = rewrite_kernels(a, &v[i], &count);
        for (size_t k = 0; k < count; k++)
            buf_addf(out, "%s\n", list[k]);
    }
    return 0;
}

static int plan(struct arena *a, const struct file *f, int argc, char **argv, struct buf *out,
                struct error *err)
{
    const char *const *symbols;
    struct buf image;
    size_t n;

    if (argc < 4)
        fatal("a plan needs a structure, an instance, values and a cubin");
    const struct spec *s = find_spec(f, argv[0]);
    buf_init(&image, BUF_LIMIT);
    int rc = fs_read(argv[3], &image, err) ||
                     cubin_table(a, image.data, image.len, structure_space(a, "__ks1"),
                                 STRUCTURE_TABLE, &symbols, &n, err)
                 ? -1
                 : 0;
    if (rc == 0) {
        json_t *object = plan_json(s, values_of(a, s, argv[2]), symbols);
        char *text = json_dumps(object, JSON_COMPACT);
        buf_addf(out, "%s\n", text);
        free(text);
        json_decref(object);
    }
    buf_release(&image);
    return rc;
}

static int emit(struct arena *a, const struct file *f, int argc, char **argv, bool dispatch,
                bool names, struct buf *out, struct error *err)
{
    int words = dispatch ? 4 : 3;
    struct emission *e = arena_array(a, struct emission, argc + 1);
    size_t n = 0;

    for (int i = 0; i + words <= argc; i += words, n++) {
        const struct spec *s = find_spec(f, argv[i]);
        e[n] = (struct emission){
            .spec = structure_entry(s),
            .structure = s->structure ? s : NULL,
            .instance = instance_of(s, argv[i + 1]),
            .values = values_of(a, s, argv[i + 2]),
            .note = arena_printf(a, "{\"entry\":\"%s\",\"why??\":\"a\\\\b\"}", argv[i])};
        if (dispatch && sscanf(argv[i + 3], "%d.%d", &e[n].major, &e[n].minor) != 2)
            fatal("'%s' is no architecture", argv[i + 3]);
    }
    if (!names)
        return rewrite_emit(f, e, n, dispatch, out, err);
    for (size_t i = 0; i < n; i++) {
        struct variant_ref v = {e[i].structure ? e[i].structure : e[i].spec, e[i].instance,
                                e[i].values, ""};
        size_t count;
        const char **list = rewrite_emitted_kernels(a, &v, dispatch, &count);
        for (size_t k = 0; k < count; k++)
            buf_addf(out, "%s\n", list[k]);
    }
    return 0;
}

static int write_text(struct arena *a, const char *what, const struct file *f, int argc,
                      char **argv, bool dispatch, struct buf *out, struct error *err)
{
    if (strcmp(what, "blank") == 0) {
        rewrite_blank(f, out);
        return 0;
    }
    if (strcmp(what, "harness") == 0) {
        buf_addf(out, "#line 1 \"%s\"\n", f->src->path);
        rewrite_blank(f, out);
        harness_tail(f, out);
        return 0;
    }
    if (strcmp(what, "unit") == 0 || strcmp(what, "kernels") == 0 || strcmp(what, "tables") == 0)
        return unit(a, f, argc, argv, *what == 'k', *what == 't', out, err);
    if (strcmp(what, "plan") == 0)
        return plan(a, f, argc, argv, out, err);
    if (strcmp(what, "emit") == 0 || strcmp(what, "emitted") == 0)
        return emit(a, f, argc, argv, dispatch, what[4] != 0, out, err);
    fatal("no such text: %s", what);
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new();
    struct error err = {""};
    struct diag d;
    struct gpu gpu;
    struct buf out;
    bool dispatch = argc > 2 && strcmp(argv[2], "-d") == 0;
    int at = dispatch ? 3 : 2;

    if (argc <= at)
        fatal("too few words");
    gpu_of_arch(9, 0, &gpu);
    buf_init(&out, BUF_LIMIT);
    diag_init(&d, a);
    struct source *src = source_read(a, argv[at], &err);
    struct file *f = src ? annotations_read(a, src, &gpu, NULL, 0, &d) : NULL;
    if (!f) {
        diag_text(&d, &out);
        fatal("%s%s", err.text, buf_text(&out));
    }
    int rc = write_text(a, argv[1], f, argc - at - 1, argv + at + 1, dispatch, &out, &err);
    if (rc != 0)
        fprintf(stderr, "%s\n", err.text);
    fwrite(buf_text(&out), 1, out.len, stdout);
    buf_release(&out);
    arena_free(a);
    return rc ? 1 : 0;
}
