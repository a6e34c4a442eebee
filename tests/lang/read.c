/* tests/lang/read.c - what annotations_read() makes of a file, as text for golden tests.
 *
 *   read FILE [--gpu MAJOR.MINOR[:NAME]] [--active 0101...]
 *
 * Prints the messages as a compiler would and exits with 1; or the specs as JSON on standard output
 * (and the warnings on standard error) and exits with 0.
 *
 *   read --probe FILE          the text with numbered pragmas
 *   read --active-in FILE N    which of N probes are left in a preprocessed file */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/spec.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

static void set_text(json_t *o, const char *key, const char *text)
{
    if (text)
        json_object_set_new(o, key, json_string(text));
}

static void set_place(json_t *o, const char *key, const struct source *src, size_t at)
{
    struct place place = source_place(src, at);

    json_object_set_new(o, key, json_sprintf("%d:%d", place.row, place.column));
}

/* the text of a span, so that the golden shows that the span is right */
static void set_span(json_t *o, const char *key, const struct source *src, struct span span)
{
    json_object_set_new(
        o, key, json_stringn(src->text + span.at, span.end > span.at ? span.end - span.at : 0));
}

static json_t *cxx_json(const struct source *src, const struct cxx *cxx)
{
    json_t *o;

    if (!cxx->text)
        return json_null();
    o = json_object();
    set_text(o, "text", cxx->text);
    set_place(o, "at", src, cxx->at.at);
    return o;
}

static json_t *gen_json(const struct gen *gen)
{
    json_t *o, *args;

    if (!gen->name)
        return json_null();
    o = json_object();
    args = json_array();
    set_text(o, "name", gen->name);
    for (size_t i = 0; i < gen->nargs; i++) {
        json_t *arg = json_object();
        set_text(arg, "name", gen->args[i].name);
        set_text(arg, gen->args[i].is_string ? "string" : "value",
                 gen->args[i].is_string ? gen->args[i].string : gen->args[i].value.text);
        json_array_append_new(args, arg);
    }
    json_object_set_new(o, "args", args);
    return o;
}

static json_t *check_json(const struct check *check)
{
    json_t *o = json_object();

    if (check->exact)
        json_object_set_new(o, "exact", json_true());
    if (check->rtol >= 0)
        json_object_set_new(o, "rtol", json_real(check->rtol));
    if (check->atol >= 0)
        json_object_set_new(o, "atol", json_real(check->atol));
    if (check->ulp >= 0)
        json_object_set_new(o, "ulp", json_real(check->ulp));
    if (check->bad >= 0)
        json_object_set_new(o, "bad", json_real(check->bad));
    set_text(o, "by", check->by.text);
    return o;
}

static json_t *arrays_json(const struct spec *s)
{
    static const char *const ROLES[] = {"in", "out", "inout", "temp"};
    json_t *all = json_array();

    for (size_t i = 0; i < s->narrays; i++) {
        const struct array *a = &s->arrays[i];
        json_t *o = json_object(), *extents = json_array();
        set_text(o, "name", a->name);
        set_place(o, "at", s->file->src, a->at.at);
        set_text(o, "role", ROLES[a->role]);
        for (size_t k = 0; k < a->nextents; k++)
            json_array_append_new(extents, cxx_json(s->file->src, &a->extents[k]));
        json_object_set_new(o, "extents", extents);
        set_text(o, "as", a->as.text);
        json_object_set_new(o, "gen", gen_json(&a->gen));
        json_object_set_new(o, "check", check_json(&a->check));
        json_object_set_new(o, "param", json_integer(a->param));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *params_json(const struct spec *s)
{
    json_t *all = json_array();

    for (size_t i = 0; i < s->nparams; i++) {
        const struct param *p = &s->params[i];
        json_t *o = json_object();
        set_text(o, "name", p->name);
        set_text(o, "type", p->type);
        set_span(o, "type_at", s->file->src, p->type_at);
        set_text(o, "fallback", p->fallback.text);
        set_text(o, "value", p->value.text);
        json_object_set_new(
            o, "is",
            json_sprintf("%s%s%s%s", p->is_pointer ? "pointer " : "", p->is_const ? "const " : "",
                         p->is_integer ? "integer " : "", p->is_stream ? "stream " : ""));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *named_json(const struct spec *s, const struct named *named, size_t n)
{
    json_t *all = json_array();

    for (size_t i = 0; i < n; i++) {
        json_t *o = json_object();
        set_text(o, "name", named[i].name);
        json_object_set_new(o, "value", cxx_json(s->file->src, &named[i].value));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *tparams_json(const struct spec *s)
{
    json_t *all = json_array();

    for (size_t i = 0; i < s->ntparams; i++) {
        const struct tparam *p = &s->tparams[i];
        json_t *o = json_object();
        set_text(o, "name", p->name);
        set_text(o, "kind", p->kind);
        set_span(o, "whole", s->file->src, p->whole);
        set_text(o, "fallback", p->fallback.text);
        json_object_set_new(o, "tunable", json_integer(p->tunable));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *points_json(const struct spec *s)
{
    json_t *all = json_array();

    for (size_t i = 0; i < s->npoints; i++) {
        const struct point *p = &s->points[i];
        json_t *o = json_object(), *dims = json_object(), *gens = json_object();
        set_text(o, "label", p->label);
        set_text(o, "name", p->name);
        json_object_set_new(o, "timed", json_boolean(p->timed));
        json_object_set_new(o, "weight", json_real(p->weight));
        for (size_t k = 0; k < s->ndims; k++)
            json_object_set_new(dims, s->dims[k],
                                p->bound[k] ? json_integer(p->dims[k]) : json_null());
        for (size_t k = 0; k < s->narrays; k++)
            if (p->gens[k].name)
                json_object_set_new(gens, s->arrays[k].name, gen_json(&p->gens[k]));
        json_object_set_new(o, "dims", dims);
        json_object_set_new(o, "gens", gens);
        set_place(o, "at", s->file->src, p->at.at);
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *tunables_json(const struct spec *s)
{
    static const char *const KINDS[] = {"constant", "macro", "enumerator", "template"};
    json_t *all = json_array();

    for (size_t i = 0; i < s->ntunables; i++) {
        const struct tunable *t = &s->tunables[i];
        json_t *o = json_object(), *values = json_array();
        for (size_t k = 0; k < t->nvalues && k < 100; k++)
            json_array_append_new(values, json_integer(t->values[k]));
        set_text(o, "name", t->name);
        set_text(o, "kind", KINDS[t->kind]);
        json_object_set_new(o, "values", values);
        json_object_set_new(o, "def", json_integer((json_int_t)t->def));
        json_object_set_new(o, "is",
                            json_string(t->is_pow2    ? "pow2"
                                        : t->is_range ? "range"
                                                      : "list"));
        set_place(o, "at", s->file->src, t->at.at);
        set_span(o, "value", s->file->src, t->value);
        set_span(o, "defined", s->file->src, t->defined);
        set_span(o, "name_at", s->file->src, t->name_at);
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *constraints_json(const struct spec *s, const struct constraint *k, size_t n)
{
    json_t *all = json_array();

    for (size_t i = 0; i < n; i++) {
        json_t *o = json_object();
        set_text(o, "text", k[i].text);
        set_place(o, "at", s->file->src, k[i].at.at);
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *launch_json(const struct spec *s)
{
    const struct cxx *const parts[] = {s->launch.grid, s->launch.block, s->launch.cluster};
    static const char *const NAMES[] = {"grid", "block", "cluster"};
    json_t *o = json_object();

    for (size_t i = 0; i < 3; i++) {
        json_t *part = json_array();
        for (size_t k = 0; k < 3; k++)
            if (parts[i][k].text)
                json_array_append_new(part, cxx_json(s->file->src, &parts[i][k]));
        json_object_set_new(o, NAMES[i], part);
    }
    json_object_set_new(o, "smem", cxx_json(s->file->src, &s->launch.smem));
    return o;
}

static json_t *instances_json(const struct spec *s)
{
    json_t *all = json_array();

    for (size_t i = 0; i < s->ninstances; i++) {
        json_t *o = json_object();
        set_text(o, "suffix", s->instances[i].suffix);
        json_object_set_new(o, "binds",
                            named_json(s, s->instances[i].binds, s->instances[i].nbinds));
        json_array_append_new(all, o);
    }
    return all;
}

static void set_settings(json_t *o, const struct spec *s)
{
    json_t *hints = json_array();

    for (size_t i = 0; i < s->nhints; i++)
        json_array_append_new(hints, json_string(s->hints[i]));
    json_object_set_new(o, "hints", hints);
    json_object_set_new(o, "require",
                        json_pack("{s:b, s:b, s:I, s:I, s:I}", "deterministic",
                                  s->require.deterministic, "graph", s->require.graph, "smem",
                                  (json_int_t)s->require.smem, "regs", (json_int_t)s->require.regs,
                                  "spills", (json_int_t)s->require.spills));
    json_object_set_new(o, "budget",
                        json_pack("{s:f, s:I, s:I}", "seconds", s->budget.seconds, "evals",
                                  (json_int_t)s->budget.evals, "tokens",
                                  (json_int_t)s->budget.tokens));
    json_object_set_new(
        o, "objective",
        json_string(s->objective_energy ? s->objective_warm ? "energy warm" : "energy"
                    : s->objective_p90  ? s->objective_warm ? "time warm p90" : "time p90"
                    : s->objective_warm ? "time warm"
                                        : "time"));
    json_object_set_new(o, "scratch", json_integer(s->scratch));
    json_object_set_new(o, "allow_host", json_boolean(s->allow_host));
    if (s->reference.kind)
        json_object_set_new(o, "reference",
                            json_pack("{s:s, s:s?, s:s?, s:s}", "kind", s->reference.kind, "symbol",
                                      s->reference.symbol.text, "path", s->reference.path, "called",
                                      s->reference.is_kernel      ? "as a kernel"
                                      : s->reference.takes_stream ? "with the stream"
                                                                  : "plainly"));
}

static json_t *dims_json(const struct spec *s)
{
    json_t *all = json_array();

    for (size_t i = 0; i < s->ndims; i++)
        json_array_append_new(all, json_string(s->dims[i]));
    return all;
}

static void set_entry(json_t *o, const struct spec *s)
{
    const struct source *src = s->file->src;
    struct place first = source_place(src, s->region.at), last = source_place(src, s->region.end);
    struct place def = source_place(src, s->def.at), end = source_place(src, s->def.end);

    set_text(o, "name", s->name);
    set_text(o, "qname", s->qname);
    set_text(o, "label", s->label);
    set_text(o, "kind", s->kind == ENTRY_KERNEL ? "kernel" : "host");
    set_text(o, "returns", s->returns);
    json_object_set_new(
        o, "is",
        json_sprintf("%s%s", s->is_static ? "static " : "", s->is_template ? "template " : ""));
    set_place(o, "block", src, s->block.at);
    json_object_set_new(o, "region",
                        json_sprintf("%d:%d-%d:%d%s", first.row, first.column, last.row,
                                     last.column, s->has_region ? " begin/end" : ""));
    json_object_set_new(o, "def",
                        json_sprintf("%d:%d-%d:%d", def.row, def.column, end.row, end.column));
    set_span(o, "name_at", src, s->name_at);
    set_place(o, "body", src, s->body.at);
}

static json_t *spec_json(const struct spec *s)
{
    json_t *o = json_object();

    set_entry(o, s);
    json_object_set_new(o, "tparams", tparams_json(s));
    json_object_set_new(o, "params", params_json(s));
    json_object_set_new(o, "arrays", arrays_json(s));
    json_object_set_new(o, "lets", named_json(s, s->lets, s->nlets));
    json_object_set_new(o, "args", named_json(s, s->args, s->nargs));
    json_object_set_new(o, "dims", dims_json(s));
    json_object_set_new(o, "points", points_json(s));
    json_object_set_new(o, "launch", launch_json(s));
    json_object_set_new(o, "call", cxx_json(s->file->src, &s->call));
    json_object_set_new(o, "setup", cxx_json(s->file->src, &s->setup));
    json_object_set_new(o, "tunables", tunables_json(s));
    json_object_set_new(o, "wheres", constraints_json(s, s->wheres, s->nwheres));
    json_object_set_new(o, "assumes", constraints_json(s, s->assumes, s->nassumes));
    json_object_set_new(o, "instances", instances_json(s));
    set_settings(o, s);
    return o;
}

static void print_specs(const struct file *f)
{
    json_t *all = json_array();
    char *text;

    for (size_t i = 0; i < f->nspecs; i++)
        json_array_append_new(all, spec_json(&f->specs[i]));
    text = json_dumps(all, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    puts(text ? text : "(cannot be written as JSON)");
    free(text);
    json_decref(all);
}

static int read_specs(struct arena *a, const struct source *src, const struct gpu *gpu,
                      const char *flags)
{
    bool *active = arena_array(a, bool, strlen(flags));
    struct file *f;
    struct diag d;
    struct buf out;

    for (size_t i = 0; flags[i]; i++)
        active[i] = flags[i] == '1';
    diag_init(&d, a);
    f = annotations_read(a, src,
                         &(struct reading){gpu, *flags ? active : NULL, strlen(flags), NULL}, &d);
    buf_init(&out, BUF_LIMIT);
    diag_text(&d, &out);
    fwrite(buf_text(&out), 1, out.len, f ? stderr : stdout);
    buf_release(&out);
    if (f)
        print_specs(f);
    return f ? 0 : 1;
}

static int show_active(const struct source *src, int n)
{
    bool active[256];

    annotations_active(src->text, src->len, active, (size_t)n);
    for (int i = 0; i < n; i++)
        putchar(active[i] ? '1' : '0');
    putchar('\n');
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 && argv[1][0] == '-' ? argv[1] : "", *flags = "";
    const char *path = argv[*mode ? 2 : 1];
    struct arena *a = arena_new();
    struct gpu gpu, *given = NULL;
    struct error err = {""};
    struct source *src = path ? source_read(a, path, &err) : NULL;
    int rc = 2, major, minor, used = 0;

    for (int i = *mode ? argc : 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--active") == 0)
            flags = argv[i + 1];
        else if (sscanf(argv[i + 1], "%d.%d%n", &major, &minor, &used) == 2 &&
                 gpu_of_arch(major, minor, &gpu)) {
            given = &gpu;
            snprintf(gpu.name, sizeof gpu.name, "%s",
                     argv[i + 1][used] ? argv[i + 1] + used + 1 : "");
        }
    }
    if (!src)
        fprintf(stderr, "read: %s\n", err.text);
    else if (strcmp(mode, "--probe") == 0)
        rc = puts(annotations_probe(annotations_find(a, src))) < 0;
    else if (strcmp(mode, "--active-in") == 0)
        rc = show_active(src, argc > 3 && atoi(argv[3]) <= 256 ? atoi(argv[3]) : 0);
    else
        rc = read_specs(a, src, given, flags);
    arena_free(a);
    return rc;
}
