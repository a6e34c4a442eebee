/* driver/capture/block.c - a description as an annotation to paste. */
#include <stdlib.h>
#include <string.h>
#include "driver/capture/write.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

/* ---- paths ---- */

static size_t common(const char *a, const char *b)
{
    size_t n = 0, last = 0;

    for (; a[n] && a[n] == b[n]; n++)
        if (a[n] == '/')
            last = n + 1;
    if (!a[n] && b[n] == '/')
        last = n + 1;
    return last;
}

/* a path to `to` as seen from the folder `from`, which both exist */
static const char *write_relative(struct arena *a, const char *from, const char *to)
{
    char *x = realpath(from, NULL), *y = realpath(to, NULL);
    const char *path = "";

    if (!x || !y) {
        path = arena_dup(a, to);
    } else if (strcmp(x, y) == 0) {
        path = ".";
    } else {
        size_t n = common(x, y);
        for (const char *p = n > strlen(x) ? "" : x + n; *p; p += strcspn(p, "/")) {
            p += *p == '/';
            path = arena_printf(a, "%s../", path);
        }
        path = arena_printf(a, "%s%s", path, y + n);
    }
    free(x);
    free(y);
    return path;
}

/* ---- clauses ---- */

struct writer {
    struct captured *c;
    const struct description *d;
    const char *folder; /* of the files, as the block names it */
    struct buf *out;
    bool comment; /* nothing but comments */
};

static void line_begin(struct writer *w)
{
    buf_addf(w->out, "%s#pragma ksearch", w->comment ? "// " : "");
}

static void write_file(struct writer *w, const struct described_array *a, size_t launch)
{
    const struct captured_array *x = described_in(&w->d->kernel->launches[launch], a);

    buf_addf(w->out, " = file(\"");
    for (const char *p = w->folder; *p; p++)
        buf_addf(w->out, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
    buf_addf(w->out, "/%s\")", x->file ? x->file : "?");
}

static bool is_input(const struct described_array *a)
{
    return a->role != DESCRIBED_OUT;
}

/* where the files are named: at the arrays; in the workloads when these differ, or have nothing
 * else to say */
static bool files_at_arrays(const struct writer *w)
{
    bool dims = false;

    for (size_t i = 0; i < w->d->nscalars; i++)
        dims |= w->d->scalars[i].is_dim;
    return dims && w->d->nlaunches == 1;
}

/* one line a role; one an array where files make it long */
static void write_role(struct writer *w, enum described_role role, const char *name)
{
    bool files = role != DESCRIBED_OUT && files_at_arrays(w);
    size_t n = 0;

    for (size_t i = 0; i < w->d->narrays; i++) {
        const struct described_array *a = &w->d->arrays[i];
        if (a->role != role)
            continue;
        if (n++ == 0 || files) {
            line_begin(w);
            buf_addf(w->out, " %s(", name);
        } else {
            buf_adds(w->out, ", ");
        }
        buf_addf(w->out, "%s[%s]", a->name, a->extent);
        if (a->as)
            buf_addf(w->out, " as %s", a->as);
        if (files) {
            write_file(w, a, w->d->launches[0]);
            buf_adds(w->out, ")\n");
        }
    }
    if (n && !files)
        buf_adds(w->out, ")\n");
}

static void write_arrays_lines(struct writer *w)
{
    write_role(w, DESCRIBED_IN, "in");
    write_role(w, DESCRIBED_OUT, "out");
    write_role(w, DESCRIBED_INOUT, "inout");
}

static void write_instance(struct writer *w)
{
    const struct captured_kernel *k = w->d->kernel;
    size_t n = 0;

    for (size_t i = 0; k->tparams && i < k->name.ntargs; i++) {
        const struct captured_tparam *t = &k->tparams[i];
        if (t->fallback && strcmp(t->fallback, k->name.targs[i]) == 0)
            continue;
        if (n == 0)
            line_begin(w);
        buf_addf(w->out, "%s%s = %s", n ? ", " : " instance(", t->name, k->name.targs[i]);
        n++;
    }
    if (n)
        buf_adds(w->out, ")\n");
}

static void write_dims(struct writer *w, const char *name, const char *const dims[3])
{
    int n = 3;

    while (n > 1 && strcmp(dims[n - 1], "1") == 0)
        n--;
    buf_addf(w->out, "%s = %s", name, n > 1 ? "(" : "");
    for (int i = 0; i < n; i++)
        buf_addf(w->out, "%s%s", i ? ", " : "", dims[i]);
    buf_adds(w->out, n > 1 ? ")" : "");
}

static void write_launch(struct writer *w)
{
    line_begin(w);
    buf_adds(w->out, " launch(");
    write_dims(w, "grid", w->d->grid);
    buf_adds(w->out, ", ");
    write_dims(w, "block", w->d->block);
    if (w->d->cluster[0]) {
        buf_adds(w->out, ", ");
        write_dims(w, "cluster", w->d->cluster);
    }
    if (w->d->smem)
        buf_addf(w->out, ", smem = %u", w->d->smem);
    buf_adds(w->out, ")\n");
}

static void write_args(struct writer *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->d->nscalars; i++) {
        const struct described_scalar *s = &w->d->scalars[i];
        if (s->is_dim)
            continue;
        if (n == 0)
            line_begin(w);
        buf_addf(w->out, "%s%s = %s", n ? ", " : " arg(", s->name, s->value);
        n++;
    }
    if (n)
        buf_adds(w->out, ")\n");
}

static void write_workload(struct writer *w, size_t launch)
{
    const struct captured_launch *l = &w->d->kernel->launches[w->d->launches[launch]];
    const char *comma = "";

    if (w->d->nscalars + w->d->narrays == 0) /* and said so */
        return;
    line_begin(w);
    buf_adds(w->out, " workload(");
    if (w->d->nlaunches > 1)
        buf_addf(w->out, "launch%zu: ", l->index);
    for (size_t i = 0; i < w->d->nscalars; i++) {
        if (!w->d->scalars[i].is_dim)
            continue;
        buf_addf(w->out, "%s%s = %lld", comma, w->d->scalars[i].name,
                 w->d->scalars[i].values[launch]);
        comma = ", ";
    }
    for (size_t i = 0; i < w->d->narrays && !files_at_arrays(w); i++) {
        if (!is_input(&w->d->arrays[i]))
            continue;
        buf_addf(w->out, "%s%s", comma, w->d->arrays[i].name);
        write_file(w, &w->d->arrays[i], w->d->launches[launch]);
        comma = ", ";
    }
    buf_adds(w->out, ")\n");
}

static void write_head(struct writer *w)
{
    const struct captured_kernel *k = w->d->kernel;

    buf_addf(w->out, "// captured: %s\n", k->demangled);
    if (!k->source)
        buf_addf(w->out, "// the files are named as seen from this capture's folder; ksnvcc looks "
                         "for them from the source's\n");
    for (size_t i = 0; i < w->d->nremarks; i++)
        buf_addf(w->out, "// %s\n", w->d->remarks[i]);
    if (w->comment)
        buf_adds(w->out, "// no annotation above the kernel can describe this launch:\n");
    for (size_t i = 0; i < w->d->nreasons; i++)
        buf_addf(w->out, "//   %s\n", w->d->reasons[i]);
}

void write_block(struct captured *c, const struct description *d, const char *from, struct buf *out)
{
    struct writer w = {.c = c, .d = d, .out = out, .comment = d->nreasons > 0};

    w.folder = write_relative(c->arena, from, c->dir);
    write_head(&w);
    write_instance(&w);
    write_arrays_lines(&w);
    write_args(&w);
    write_launch(&w);
    for (size_t i = 0; i < d->nlaunches; i++)
        write_workload(&w, i);
}
