/* harness.c - the generated functions behind the user's text, for every target of the file.
 *
 * Two rounds: first the functions that see tunables as the code has them, then the launch
 * geometries of kernel entries, in which the tunables are local variables. Constants of the file
 * that are made from tunables are declared again there, in their order; a tunable that is a macro
 * is undefined for that function. */
#include "driver/build/harness.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/call.h"
#include "driver/build/copy.h"
#include "driver/build/cxx.h"
#include "driver/lang/structure.h"
#include "runtime/base/arena.h"

const char *target_label(struct arena *a, const struct spec *spec, size_t instance)
{
    return arena_printf(a, "%s_%zu", spec->label, instance);
}

const char *target_name(struct arena *a, const struct spec *spec, size_t instance)
{
    const char *suffix = spec->instances[instance].suffix;
    int scope = (int)(strlen(spec->qname) - strlen(spec->name));

    return arena_printf(a, "%.*s%s%s%s%s", scope, spec->qname, spec->label, *suffix ? "<" : "",
                        suffix, *suffix ? ">" : "");
}

static void begin(struct buf *out, const struct call *c, const char *returns, const char *what,
                  const char *params)
{
    cxx_open(out, c->spec);
    buf_addf(out, "static %s ksearch_%s_%s(%s)\n{\n", returns, what, c->label, params);
}

static void extents(struct buf *out, const struct call *c)
{
    static const char params[] = "int ks_array, int ks_k, const long long *ks_d";

    begin(out, c, "long long", "extent", params);
    cxx_template_scope(out, c->arena, c->spec, c->instance, c->values, true);
    call_scope(out, c);
    for (size_t i = 0; i < c->spec->narrays; i++)
        for (size_t k = 0; k < c->spec->arrays[i].nextents; k++)
            cxx_snippet(out, c->spec, &c->spec->arrays[i].extents[k], NULL,
                        arena_printf(c->arena,
                                     "    if (ks_array == %zu && ks_k == %zu) return (long long)(",
                                     i, k),
                        "    );\n");
    buf_adds(out, "    (void)ks_array;\n    (void)ks_k;\n    return ::ksh::no_extent;\n}\n");
    cxx_close(out, c->spec);
    call_export(out, c, "long long", "extent", params, "ks_array, ks_k, ks_d");
}

static void elements(struct buf *out, const struct call *c)
{
    begin(out, c, "::ksh::elem", "elem", "int ks_array");
    cxx_template_scope(out, c->arena, c->spec, c->instance, c->values, true);
    for (size_t i = 0; i < c->spec->narrays; i++) {
        const struct array *x = &c->spec->arrays[i];
        const char *test =
            arena_printf(c->arena, "    if (ks_array == %zu) return ::ksh::elem_of<", i);
        if (x->as.text)
            cxx_snippet(out, c->spec, &x->as, NULL, test, "    >();\n");
        else if (x->param >= 0)
            buf_addf(out, "%s::ksh::pointee_t<%s>>();\n", test, c->spec->params[x->param].type);
    }
    buf_adds(out, "    (void)ks_array;\n    return ::ksh::elem{0, 0};\n}\n");
    cxx_close(out, c->spec);
    call_export(out, c, "ksh::elem", "elem", "int ks_array", "ks_array");
}

/* points of one workload clause share their overrides; `gens` are the generators i of those that do
 * with point p, told by a test on ks_gen */
static const char *same_points(const struct call *c, size_t array, size_t p)
{
    const struct point *points = c->spec->points;
    const struct gen *g = &points[p].gens[array];
    const char *test = NULL;

    for (size_t q = 0; q < c->spec->npoints; q++) {
        const struct gen *other = points[q].gens ? &points[q].gens[array] : NULL;
        if (!other || !other->name || other->at.at != g->at.at)
            continue;
        if (q < p)
            return NULL; /* done with that one */
        test = arena_printf(c->arena, "%s%sks_gen == %zu", test ? test : "", test ? " || " : "",
                            q + 1);
    }
    return test;
}

static void generator(struct buf *out, const struct call *c, size_t array, const struct gen *g,
                      const char *test)
{
    for (size_t k = 0; k < g->nargs; k++)
        if (!g->args[k].is_string)
            cxx_snippet(out, c->spec, &g->args[k].value, NULL,
                        arena_printf(c->arena,
                                     "    if (ks_array == %zu && ks_arg == %zu && (%s)) return "
                                     "(double)(",
                                     array, k, test),
                        "    );\n");
}

static void generators(struct buf *out, const struct call *c)
{
    static const char params[] = "int ks_array, int ks_gen, int ks_arg, const long long *ks_d";

    begin(out, c, "double", "gen", params);
    cxx_template_scope(out, c->arena, c->spec, c->instance, c->values, true);
    call_scope(out, c);
    for (size_t i = 0; i < c->spec->narrays; i++) {
        generator(out, c, i, &c->spec->arrays[i].gen, "ks_gen == 0");
        for (size_t p = 0; p < c->spec->npoints; p++) {
            const struct point *point = &c->spec->points[p];
            const char *test = point->gens && point->gens[i].name ? same_points(c, i, p) : NULL;
            if (test)
                generator(out, c, i, &point->gens[i], test);
        }
    }
    buf_adds(out, "    (void)ks_array;\n    (void)ks_gen;\n    (void)ks_arg;\n    return 0;\n}\n");
    cxx_close(out, c->spec);
    call_export(out, c, "double", "gen", params, "ks_array, ks_gen, ks_arg, ks_d");
}

/* the user's checkers, by array; -1: that one has none */
static void checkers(struct buf *out, const struct call *c)
{
    static const char params[] =
        "int ks_array, const void *ks_expected, const void *ks_got, long long ks_n";
    const struct spec *s = c->spec;
    bool any = false;

    for (size_t i = 0; i < s->narrays; i++)
        any |= s->arrays[i].check.by.text != NULL;
    if (!any)
        return;
    begin(out, c, "int", "check", params);
    cxx_template_scope(out, c->arena, s, c->instance, c->values, true);
    for (size_t i = 0; i < s->narrays; i++) {
        const struct array *x = &s->arrays[i];
        if (!x->check.by.text)
            continue;
        buf_addf(out, "    if (ks_array == %zu) {\n", i);
        if (x->as.text)
            cxx_snippet(out, s, &x->as, NULL, "    using ks_t = const ::ksh::plain_t<", "    >;\n");
        else
            buf_addf(out, "    using ks_t = const ::ksh::pointee_t<%s>;\n",
                     s->params[x->param].type);
        cxx_snippet(out, s, &x->check.by, NULL, "    return ",
                    "    ((ks_t *)ks_expected, (ks_t *)ks_got, (size_t)ks_n) ? 1 : 0;\n    }\n");
    }
    buf_adds(out,
             "    (void)ks_expected;\n    (void)ks_got;\n    (void)ks_n;\n    return -1;\n}\n");
    cxx_close(out, s);
    call_export(out, c, "int", "check", params, "ks_array, ks_expected, ks_got, ks_n");
}

static void arguments(struct buf *out, const struct call *c)
{
    static const char params[] = "const long long *ks_d, void *const *ks_a, void *ks_buf, "
                                 "unsigned ks_cap, unsigned *ks_offset";
    size_t n = c->spec->nparams;

    begin(out, c, "int", "args", params);
    if (c->spec->call.text) { /* what call() passes, only the compiler knows */
        buf_adds(out, "    (void)ks_d;\n    (void)ks_a;\n    (void)ks_buf;\n    (void)ks_cap;\n"
                      "    (void)ks_offset;\n    return -1;\n}\n");
    } else {
        buf_adds(out, "    const cudaStream_t stream = 0;\n    (void)stream;\n"
                      "    unsigned ks_at = 0;\n    bool ks_fits = true;\n");
        cxx_template_scope(out, c->arena, c->spec, c->instance, c->values, true);
        call_scope(out, c);
        call_arrays(out, c);
        call_values(out, c, n);
        for (size_t i = 0; i < n; i++)
            buf_addf(out,
                     "    ks_fits = ::ksh::put(ks_buf, ks_cap, &ks_at, &ks_offset[%zu], ks_v%zu) "
                     "&& ks_fits;\n",
                     i, i);
        for (size_t i = 0; i < n; i++)
            buf_addf(out, "    ks_offset[%zu] = (unsigned)sizeof ks_v%zu;\n", n + i, i);
        buf_addf(out,
                 "    (void)ks_buf;\n    (void)ks_cap;\n    (void)ks_offset;\n    (void)ks_at;\n"
                 "    return ks_fits ? %zu : -1;\n}\n",
                 n);
    }
    cxx_close(out, c->spec);
    call_export(out, c, "int", "args", params, "ks_d, ks_a, ks_buf, ks_cap, ks_offset");
}

/* the integers among the values, which a plan computes with */
static void scalars(struct buf *out, const struct call *c)
{
    static const char params[] = "const long long *ks_d, void *const *ks_a, long long *ks_value";
    size_t n = c->spec->nparams;

    begin(out, c, "int", "scalars", params);
    buf_adds(out, "    const cudaStream_t stream = 0;\n    (void)stream;\n    (void)ks_value;\n");
    cxx_template_scope(out, c->arena, c->spec, c->instance, c->values, true);
    call_scope(out, c);
    call_arrays(out, c);
    call_values(out, c, n);
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "    ks_value[%zu] = ::ksh::integer_of(ks_v%zu);\n", i, i);
    buf_addf(out, "    return %zu;\n}\n", n);
    cxx_close(out, c->spec);
    call_export(out, c, "int", "scalars", params, "ks_d, ks_a, ks_value");
}

/* ---- geometry ---- */

static bool fits_int(const struct tunable *t)
{
    for (size_t i = 0; i < t->nvalues; i++)
        if (t->values[i] < INT_MIN || t->values[i] > INT_MAX)
            return false;
    return true;
}

/* local variables for the tunables, of the type that the code gives them where it tells */
static void tunable_locals(struct buf *out, const struct spec *s)
{
    buf_adds(out, "    (void)ks_t;\n");
    for (size_t i = 0; i < s->ntunables; i++) {
        const struct tunable *t = &s->tunables[i];
        const char *type = fits_int(t) ? "int" : "long long";
        if (t->kind == TUNABLE_KNOB)
            continue;
        for (size_t k = 0; k < s->ntparams; k++)
            if (s->tparams[k].tunable == (int)i && *s->tparams[k].kind)
                type = s->tparams[k].kind;
        buf_addf(out, "    const %s %s = (%s)ks_t[%zu];\n    (void)%s;\n", type, t->name, type, i,
                 t->name);
    }
}

/* how the initialiser was written: `= v`, `{v}` or `(v)` */
static const char *initialiser(struct arena *a, const struct spec *s, const struct decl *d,
                               const struct renames *names)
{
    const char *text = s->file->src->text;
    const char *value = rename_text(source_copy(a, s->file->src, d->value), names);
    size_t at = d->value.at;

    while (at > d->name_at.end && strchr(" \t\n", text[at - 1]))
        at--;
    return arena_printf(a,
                        text[at - 1] == '{'   ? "{%s}"
                        : text[at - 1] == '(' ? "(%s)"
                                              : " = %s",
                        value);
}

/* a constant of the file that depends on tunables, as a local variable of the same name */
static void derived_local(struct buf *out, const struct call *c, const struct decl *d,
                          const struct renames *names)
{
    struct arena *a = c->arena;
    size_t n;
    const char *const *path = scope_path(a, c->spec->file->decls, d->scope, &n);

    buf_adds(out, line_marker(a, c->spec->file->src, d->name_at.at));
    buf_adds(out, "    decltype(::");
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%s::", path[i]);
    buf_addf(out, "%s) %s%s;\n    (void)%s;\n", d->name, d->name, initialiser(a, c->spec, d, names),
             d->name);
}

static void derived_locals(struct buf *out, const struct call *c, const struct copy *plan,
                           const struct renames *names)
{
    const struct uses *u = plan->uses;
    const bool *needed = copy_launch_needs(plan);

    for (size_t i = 0; i < u->ngroups; i++)
        for (size_t k = 0; needed[i] && k < u->group[i].ndecls; k++) {
            const struct decl *d = uses_decl(u, &u->group[i], k);
            if (d->kind == DECL_VARIABLE && d->value.at < d->value.end && !d->is_inactive &&
                spec_find_tunable(c->spec, d->name) < 0)
                derived_local(out, c, d, names);
        }
}

static void dimension(struct buf *out, const struct call *c, const struct cxx *dim,
                      const struct renames *names, int slot, int absent)
{
    if (dim->text)
        cxx_snippet(out, c->spec, dim, names,
                    arena_printf(c->arena, "    ks_g[%d] = (unsigned)(", slot), "    );\n");
    else
        buf_addf(out, "    ks_g[%d] = %d;\n", slot, absent);
}

/* names of the copies as local variables, which nobody can qualify */
static struct renames local_names(const struct copy *plan)
{
    struct renames r = copy_renames(plan, "");

    for (size_t i = 0; i < r.n; i++)
        r.entry[i].unqualified = true;
    return r;
}

static void geometry(struct buf *out, const struct call *c, const struct copy *plan)
{
    static const char params[] = "const long long *ks_t, const long long *ks_d, unsigned *ks_g";
    const struct launch *l = &c->spec->launch;
    struct renames names = local_names(plan);
    bool clustered = l->cluster[0].text != NULL;

    begin(out, c, "int", "geom", params);
    tunable_locals(out, c->spec);
    cxx_template_scope(out, c->arena, c->spec, c->instance, c->values, false);
    call_scope(out, c);
    derived_locals(out, c, plan, &names);
    call_launch_scalars(out, c);
    for (int i = 0; i < 3; i++) {
        dimension(out, c, &l->grid[i], &names, i, 1);
        dimension(out, c, &l->block[i], &names, 3 + i, 1);
        dimension(out, c, &l->cluster[i], &names, 6 + i, clustered);
    }
    dimension(out, c, &l->smem, &names, 9, 0);
    buf_addf(out, "    return %d;\n}\n", copy_launch_odd(plan) ? -1 : 0);
    cxx_close(out, c->spec);
    call_export(out, c, "int", "geom", params, "ks_t, ks_d, ks_g");
}

/* Macros that are tunables, or that launch() reaches: tunables are gone while the geometry is
 * compiled, so that the local variables are seen, and those that qualify the name of one do
 * without. */
static void macros_off(struct buf *out, struct arena *a, const struct copy *plan)
{
    const struct renames names = local_names(plan);
    const struct uses *u = plan->uses;
    const bool *needed = copy_launch_needs(plan);

    for (size_t i = 0; i < u->ngroups; i++) {
        const struct decl *d = uses_decl(u, &u->group[i], 0);
        const char *line, *renamed;
        if (d->kind != DECL_MACRO || !(needed[i] || spec_find_tunable(plan->spec, d->name) >= 0))
            continue;
        line = source_copy(a, u->file->src, d->span);
        renamed = rename_text(line, &names);
        if (spec_find_tunable(plan->spec, d->name) < 0 && strcmp(line, renamed) == 0)
            continue;
        buf_addf(out, "\n#undef %s\n", d->name);
        if (spec_find_tunable(plan->spec, d->name) < 0)
            buf_addf(out, "%s\n", renamed);
    }
}

/* all macros that macros_off may touch, saved before and restored behind */
static void macros_keep(struct buf *out, const struct copy *plan, const char *verb)
{
    const struct uses *u = plan->uses;
    const bool *needed = copy_launch_needs(plan);

    for (size_t i = 0; i < u->ngroups; i++) {
        const struct decl *d = uses_decl(u, &u->group[i], 0);
        if (d->kind == DECL_MACRO && (needed[i] || spec_find_tunable(plan->spec, d->name) >= 0))
            buf_addf(out, "\n#pragma %s_macro(\"%s\")\n", verb, d->name);
    }
}

static void geometries(struct buf *out, struct arena *a, const struct spec *s)
{
    const struct copy *plan = copy_plan(a, s);

    macros_keep(out, plan, "push");
    macros_off(out, a, plan);
    for (size_t i = 0; i < s->ninstances; i++) {
        struct call c = {a, s, i, target_label(a, s, i), cxx_code_values(a, s), NULL};
        geometry(out, &c, plan);
    }
    macros_keep(out, plan, "pop");
}

/* The files that references come from, once each, before anything of ours: under their own names,
 * so that is where the compiler's messages about them point. */
static void include_references(struct buf *out, const struct file *f)
{
    for (size_t k = 0; k < f->nspecs; k++) {
        const char *path = f->specs[k].reference.path;
        char *real = path ? realpath(path, NULL) : NULL;
        size_t before = 0;

        while (path && before < k &&
               (!f->specs[before].reference.path || strcmp(f->specs[before].reference.path, path)))
            before++;
        if (path && before == k)
            buf_addf(out, "\n#include \"%s\"\n", real ? real : path);
        free(real);
    }
}

void harness_tail(const struct file *f, struct buf *out)
{
    struct arena *a = arena_new();

    include_references(out, f);
    call_prelude(out);
    for (size_t k = 0; k < f->nspecs; k++)
        for (size_t i = 0; i < f->specs[k].ninstances; i++) {
            const struct spec *s = &f->specs[k];
            struct call c = {a, s, i, target_label(a, s, i), cxx_code_values(a, s), NULL};
            call_functions(out, &c);
            call_reference(out, &c);
            checkers(out, &c);
            extents(out, &c);
            elements(out, &c);
            generators(out, &c);
            bool plans = s->kind == ENTRY_HOST &&
                         (s->nstructures || (f->takes_texts && structure_possible(s)));
            if (s->kind == ENTRY_KERNEL || plans)
                arguments(out, &c);
            if (plans)
                scalars(out, &c);
        }
    for (size_t k = 0; k < f->nspecs; k++)
        if (f->specs[k].kind == ENTRY_KERNEL)
            geometries(out, a, &f->specs[k]);
    arena_free(a);
}
