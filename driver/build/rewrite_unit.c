/* rewrite_unit.c - one translation unit with several variants of a target in it. */
#include <string.h>
#include "driver/build/call.h"
#include "driver/build/copy.h"
#include "driver/build/cxx.h"
#include "driver/build/harness.h"
#include "driver/build/lean.h"
#include "driver/build/rewrite.h"
#include "driver/build/structure_text.h"
#include "runtime/base/arena.h"

struct unit_text {
    struct arena *arena;
    const struct copy *plan;
    const struct variant_ref *v;
    size_t n;
    bool copies, lean;
};

static void user_text(const struct unit_text *u, const struct file *f, struct buf *out)
{
    struct copy_variant *variants = arena_array(u->arena, struct copy_variant, u->n);
    struct edits e;

    edits_init(&e, u->arena, f->src);
    for (size_t i = 0; i < f->nannotations; i++)
        edits_blank(&e, f->annotations[i]);
    for (size_t i = 0; i < u->n; i++)
        variants[i] = (struct copy_variant){u->v[i].values, u->v[i].suffix, NULL};
    if (u->lean)
        lean_unit(u->plan, true, &e);
    if (u->copies)
        copy_insert(u->plan, variants, u->n, false, &e);
    else
        copy_substitute(u->v->spec, u->v->values, NULL, &e);
    buf_adds(out, line_marker(u->arena, f->src, 0) + 1); /* without its newline */
    for (size_t i = 0; u->copies && i < u->n; i++)
        copy_defines(u->plan, u->v[i].values, u->v[i].suffix, out);
    if (u->copies)
        buf_adds(out, line_marker(u->arena, f->src, 0) + 1);
    edits_apply(&e, (struct span){0, f->src->len}, out);
    buf_addc(out, '\n');
}

/* A kernel whose address an exported function takes is compiled, be it static or a template. */
static void use_kernels(const struct unit_text *u, struct buf *out)
{
    const struct spec *s = u->v->spec;

    cxx_open(out, s);
    buf_adds(out, "static void ksearch_use__ks(void **ks_p)\n{\n    (void)ks_p;\n");
    for (size_t i = 0; i < u->n; i++) {
        const struct variant_ref *v = &u->v[i];
        buf_adds(out, "    {\n");
        cxx_template_scope(out, u->arena, s, v->instance, v->values, true);
        buf_addf(out, "    ks_p[%zu] = (void *)", i);
        cxx_kernel_pointer(
            out, s,
            arena_printf(u->arena, "%s%s%s", s->name, u->copies ? v->suffix : "",
                         cxx_template_arguments(u->arena, s, v->instance, v->values)));
        buf_adds(out, ";\n    }\n");
    }
    buf_adds(out, "}\n");
    cxx_close(out, s);
    buf_adds(out, "void ksearch_use_all__ks(void **ks_p);\n"
                  "void ksearch_use_all__ks(void **ks_p)\n{\n    ");
    cxx_qualifier(out, s);
    buf_adds(out, "ksearch_use__ks(ks_p);\n}\n");
}

static void call_variants(const struct unit_text *u, struct buf *out)
{
    call_prelude(out);
    for (size_t i = 0; i < u->n; i++) {
        const struct variant_ref *v = &u->v[i];
        struct renames names = copy_renames(u->plan, v->suffix);
        struct call c = {.arena = u->arena, .spec = v->spec, .instance = v->instance};
        c.label =
            arena_printf(u->arena, "%s%s", target_label(u->arena, v->spec, v->instance), v->suffix);
        c.values = v->values;
        c.names = u->copies ? &names : NULL;
        call_functions(out, &c);
    }
}

/* an exported function that reaches what the variants launch */
static void use_structures(struct arena *a, const struct variant_ref *v, size_t n, struct buf *out)
{
    buf_adds(out, "void ksearch_use_all__ks(void **ks_p);\n"
                  "void ksearch_use_all__ks(void **ks_p)\n{\n");
    for (size_t i = 0; i < n; i++) {
        buf_adds(out, "    ");
        cxx_qualifier(out, v[i].spec);
        buf_addf(out, "%s::ksearch_use(ks_p);\n", structure_space(a, v[i].suffix));
    }
    buf_adds(out, "}\n");
}

/* variants of a structure, before the entry */
static void structure_unit(struct arena *a, const struct file *f, const struct variant_ref *v,
                           size_t n, bool tables, bool lean, struct buf *out)
{
    size_t place = structure_place(a, v->spec);
    struct edits e;
    struct buf text;

    edits_init(&e, a, f->src);
    for (size_t i = 0; i < f->nannotations; i++)
        edits_blank(&e, f->annotations[i]);
    if (lean)
        lean_unit(copy_plan(a, v->spec), false, &e);
    buf_init(&text, BUF_LIMIT);
    structure_includes(&text, a, v->spec);
    for (size_t i = 0; i < n; i++)
        structure_text(&text, a, v[i].spec, v[i].instance, v[i].values, v[i].suffix,
                       tables ? structure_table(a, v[i].spec, v[i].instance)
                              : structure_use(a, v[i].spec, v[i].instance),
                       NULL);
    buf_adds(&text, line_marker(a, f->src, place));
    edits_insert(&e, place, arena_copy(a, buf_text(&text), text.len));
    buf_release(&text);
    buf_adds(out, line_marker(a, f->src, 0) + 1); /* without its newline */
    edits_apply(&e, (struct span){0, f->src->len}, out);
    buf_addc(out, '\n');
    if (!tables)
        use_structures(a, v, n, out);
}

void rewrite_tables(const struct file *f, const struct variant_ref *v, size_t n, bool lean,
                    struct buf *out)
{
    struct arena *a = arena_new();

    structure_unit(a, f, v, n, true, lean, out);
    arena_free(a);
}

int rewrite_unit(const struct file *f, const struct variant_ref *v, size_t n, bool lean,
                 struct buf *out, struct error *err)
{
    struct arena *a = arena_new();
    struct unit_text u = {a, NULL, v, n, false, lean && !rewrite_is_shared(v->spec)};
    int rc = 0;

    if (v->spec->structure) {
        structure_unit(a, f, v, n, false, lean, out);
        arena_free(a);
        return 0;
    }
    u.plan = copy_plan_unit(a, v->spec);
    u.copies = !u.plan->why;
    if (!u.copies && n > 1) {
        rc = error_set(err, "'%s' allows only one variant a unit: %s", v->spec->name, u.plan->why);
    } else {
        user_text(&u, f, out);
        if (rewrite_is_shared(v->spec))
            call_variants(&u, out);
        else
            use_kernels(&u, out);
    }
    arena_free(a);
    return rc;
}
