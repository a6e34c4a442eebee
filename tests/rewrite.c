/* tests/rewrite.c - the generated texts of a file, for shell tests.
 *
 *   rewrite blank|harness|bare FILE          bare: a harness without what it does not need
 *   rewrite unit|lean|tables|kernels FILE LABEL INSTANCE VALUES...       suffixes __ks1, __ks2, ...
 *   rewrite plan FILE LABEL INSTANCE VALUES CUBIN    a structure's plan as the worker gets it, with
 *                                                    the kernels of a unit (tables) of that variant
 *   rewrite emit|emitted [-d] FILE LABEL INSTANCE VALUES [ARCH]  ... (four words a winner with -d)
 *   rewrite knobs FILE [LABEL]       the knobs, "NAME = VALUES (line)"
 *
 * LABEL:PATH is the entry's structure of that path. VALUES are those of the tunables,
 * "64,64,16,4,4", and of a winner for a regime "64@n=1..16"; behind them may be knobs that are not
 * off, "64;unroll:k:1=4;stream:k=1". ARCH is "9.0". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/harness.h"
#include "driver/build/cubin.h"
#include "driver/build/knobs.h"
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
    size_t own = spec_plain(s)->ntunables;
    char *end = NULL;

    for (size_t i = 0; i < own; i++) {
        values[i] = strtoll(text, &end, 10);
        if (end == text || (*end != ',' && *end != '@' && *end != ';' && *end))
            fatal("'%s' are not %zu values", text, own);
        text = end + (*end == ',');
    }
    for (const char *k = strchr(text, ';'); k; k = strchr(k, ';')) {
        int i;
        k++;
        i = spec_find_tunable(s, arena_copy(a, k, strcspn(k, "=")));
        values[i] = strtoll(strchr(k, '=') + 1, NULL, 10);
    }
    return values;
}

/* the spec with the knobs that n words of VALUES name */
static const struct spec *with_knobs(struct arena *a, const struct spec *s, char **argv, int n)
{
    const char **names = arena_array(a, const char *, 64), *missing;
    size_t count = 0;

    for (int i = 0; i < n; i++)
        for (const char *k = strchr(argv[i], ';'); k && count < 64; k = strchr(k, ';')) {
            size_t len = strcspn(++k, "=");
            if (!k[len])
                fatal("'%s' is no knob with a value", k);
            names[count++] = arena_copy(a, k, len);
        }
    s = count ? knobs_spec_for(a, s, names, count, &missing) : s;
    if (count && missing)
        fatal("there is no knob '%s'", missing);
    return s;
}

static void knobs(struct arena *a, const struct file *f, const char *label, struct buf *out)
{
    for (size_t i = 0; i < f->nspecs; i++) {
        struct knob *knob;
        size_t n =
            label && strcmp(label, f->specs[i].label) != 0 ? 0 : knobs_find(a, &f->specs[i], &knob);
        for (size_t k = 0; k < n; k++) {
            buf_addf(out, "%s =", knob[k].name);
            for (size_t v = 0; v < knob[k].nvalues; v++)
                buf_addf(out, " %lld", (long long)knob[k].values[v]);
            buf_addf(out, " (%d)\n", source_place(f->src, knob[k].at.at).row);
        }
    }
}

static int unit(struct arena *a, const struct file *f, int argc, char **argv, char what,
                struct buf *out, struct error *err)
{
    if (argc < 3)
        fatal("a unit needs an entry, an instance and values");
    struct variant_ref *v = arena_array(a, struct variant_ref, argc);
    const struct spec *s = with_knobs(a, find_spec(f, argv[0]), argv + 2, argc - 2);
    size_t n = 0;

    for (int i = 2; i < argc; i++, n++)
        v[n] = (struct variant_ref){s, instance_of(s, argv[1]), values_of(a, s, argv[i]),
                                    arena_printf(a, "__ks%zu", n + 1)};
    if (what == 't')
        rewrite_tables(f, v, n, false, out);
    if (what != 'k')
        return what == 't' ? 0 : rewrite_unit(f, v, n, what == 'l', out, err);
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

static void read_regime(struct arena *a, const char *text, struct emission *e)
{
    const char *at = strchr(text, '@');
    char *name = at ? arena_dup(a, at + 1) : NULL, *equals = name ? strchr(name, '=') : NULL;
    long long low, high;

    if (!at)
        return;
    if (!equals || sscanf(equals + 1, "%lld..%lld", &low, &high) != 2)
        fatal("'%s' is no regime", at);
    *equals = 0;
    e->param = name;
    e->low = low;
    e->high = high;
}

/* with the knobs of all winners of the entry of winner i */
static const struct spec *emit_spec(struct arena *a, const struct spec *s, char **argv, int argc,
                                    int i, int words)
{
    char **values = arena_array(a, char *, argc + 1);
    int n = 0;

    for (int k = i; k + words <= argc; k += words)
        if (strcmp(argv[k], argv[i]) == 0)
            values[n++] = argv[k + 2];
    return with_knobs(a, s, values, n);
}

static int emit(struct arena *a, const struct file *f, int argc, char **argv, bool dispatch,
                bool names, struct buf *out, struct error *err)
{
    int words = dispatch ? 4 : 3;
    struct emission *e = arena_array(a, struct emission, argc + 1);
    size_t n = 0;

    for (int i = 0; i + words <= argc; i += words, n++) {
        const struct spec *s = find_spec(f, argv[i]), *own = NULL;
        for (size_t k = 0; k < n && !s->structure; k++)
            if (spec_plain(e[k].spec) == s)
                own = e[k].spec;
        if (!own)
            own = s->structure ? structure_entry(s) : emit_spec(a, s, argv, argc, i, words);
        e[n] = (struct emission){
            .spec = own,
            .structure = s->structure ? s : NULL,
            .instance = instance_of(s, argv[i + 1]),
            .values = values_of(a, s->structure ? s : own, argv[i + 2]),
            .note = arena_printf(a, "{\"entry\":\"%s\",\"why??\":\"a\\\\b\"}", argv[i])};
        read_regime(a, argv[i + 2], &e[n]);
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
    if (strcmp(what, "harness") == 0 || strcmp(what, "bare") == 0) {
        buf_addf(out, "#line 1 \"%s\"\n", f->src->path);
        if (*what == 'h')
            rewrite_blank(f, out);
        else
            rewrite_lean(f, out);
        harness_tail(f, out);
        return 0;
    }
    if (strcmp(what, "unit") == 0 || strcmp(what, "lean") == 0 || strcmp(what, "kernels") == 0 ||
        strcmp(what, "tables") == 0)
        return unit(a, f, argc, argv, *what, out, err);
    if (strcmp(what, "knobs") == 0) {
        knobs(a, f, argc ? argv[0] : NULL, out);
        return 0;
    }
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
    struct file *f = src ? annotations_read(a, src, &(struct reading){.gpu = &gpu}, &d) : NULL;
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
