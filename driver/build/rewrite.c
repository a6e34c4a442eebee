#include "driver/build/rewrite.h"

#include "driver/build/copy.h"
#include "driver/build/structure_text.h"
#include "driver/build/emit_form.h"
#include "driver/build/lean.h"
#include "runtime/base/arena.h"

static bool blanked(const struct file *f, bool lean, struct buf *out)
{
    struct arena *a = arena_new();
    struct edits e;
    bool less;

    edits_init(&e, a, f->src);
    for (size_t i = 0; i < f->nannotations; i++)
        edits_blank(&e, f->annotations[i]);
    less = lean && lean_harness(f, &e);
    edits_apply(&e, (struct span){0, f->src->len}, out);
    arena_free(a);
    return less;
}

void rewrite_blank(const struct file *f, struct buf *out)
{
    blanked(f, false, out);
}

bool rewrite_lean(const struct file *f, struct buf *out)
{
    return blanked(f, true, out);
}

bool rewrite_copyable(const struct spec *spec, struct error *why)
{
    struct arena *a;
    const struct copy *c;
    bool can;

    if (spec->structure) /* stands in a namespace of its own */
        return true;
    a = arena_new();
    c = copy_plan(a, spec);
    can = !c->why;
    if (!can)
        error_set(why, "%s", c->why);
    arena_free(a);
    return can;
}

/* the kernels of a structure are all those of its namespace */
static const char **space_kernels(struct arena *a, const char *suffix, size_t *n)
{
    const char **list = arena_array(a, const char *, 1);

    list[0] = structure_space(a, suffix);
    *n = 1;
    return list;
}

bool rewrite_together(const struct spec *spec)
{
    struct arena *a;
    bool can;

    if (spec->structure)
        return true;
    a = arena_new();
    can = !copy_plan_unit(a, spec)->why;
    arena_free(a);
    return can;
}

bool rewrite_is_shared(const struct spec *spec)
{
    return !spec->structure && (spec->kind == ENTRY_HOST || spec->setup.text);
}

const char **rewrite_kernels(struct arena *a, const struct variant_ref *v, size_t *n)
{
    if (v->spec->structure)
        return space_kernels(a, v->suffix, n);
    const struct copy *c = copy_plan_unit(a, v->spec);

    return copy_kernels(c, c->why ? NULL : v->suffix, n);
}

const char **rewrite_emitted_kernels(struct arena *a, const struct variant_ref *v, bool dispatch,
                                     size_t *n)
{
    if (v->spec->structure)
        return space_kernels(a, emit_suffix(a, v->spec, v->instance, v->values), n);
    const struct copy *c = copy_plan(a, v->spec);
    bool copied = emit_form(c, dispatch) == EMIT_COPY;

    return copy_kernels(c, copied ? emit_suffix(a, v->spec, v->instance, v->values) : NULL, n);
}
