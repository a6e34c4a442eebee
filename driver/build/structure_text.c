#include "driver/build/structure_text.h"

#include <string.h>
#include "driver/build/copy.h"
#include "driver/build/cxx.h"
#include "driver/build/uses.h"
#include "driver/lang/directive.h"
#include "runtime/base/arena.h"

const char *structure_space(struct arena *a, const char *suffix)
{
    return arena_printf(a, "ksearch_space%s", suffix);
}

size_t structure_place(struct arena *a, const struct spec *entry)
{
    const struct group *g = uses_group_at(uses_read(a, entry->file), entry->name_at.at);

    return g ? g->span.at : entry->def.at;
}

/* ---- includes ---- */

static bool is_include(const struct source *src, const struct token *t)
{
    return t->kind == TOKEN_DIRECTIVE && directive_kind(src, t) == DIRECTIVE_INCLUDE;
}

void structure_includes(struct buf *out, struct arena *a, const struct spec *spec)
{
    const struct structure *s = spec->structure;
    const struct tokens *ts = s->file->tokens;
    bool any = false;

    for (size_t t = 0; t < ts->n; t++) {
        if (!is_include(s->src, &ts->token[t]))
            continue;
        if (!any) {
            buf_addc(out, '\n');
            cxx_close(out, spec);
        }
        any = true;
        buf_adds(out, line_marker(a, s->src, ts->token[t].span.at));
        buf_add(out, s->src->text + ts->token[t].span.at,
                ts->token[t].span.end - ts->token[t].span.at);
        buf_addc(out, '\n');
    }
    if (any)
        cxx_open(out, spec);
}

/* ---- the text ---- */

/* the structure's text with a variant's values in it, annotations and includes blanked */
static void own_text(struct buf *out, struct arena *a, const struct spec *spec,
                     const int64_t *values)
{
    const struct structure *s = spec->structure;
    const struct tokens *ts = s->file->tokens;
    struct edits e;

    edits_init(&e, a, s->src);
    for (size_t t = 0; t < ts->n; t++)
        if (ts->token[t].kind == TOKEN_ANNOTATION || is_include(s->src, &ts->token[t]))
            edits_blank(&e, ts->token[t].span);
    for (size_t i = 0; i < spec->ntunables; i++)
        edits_add(&e, spec->tunables[i].value, cxx_number(a, values[i]));
    edits_apply(&e, (struct span){0, s->src->len}, out);
}

/* saves, or restores, the macros that the text defines */
static void macros(struct buf *out, const struct spec *spec, const char *verb)
{
    const struct decls *decls = spec->structure->file->decls;

    for (size_t i = 0; i < decls->n; i++)
        if (decls->decl[i].kind == DECL_MACRO)
            buf_addf(out, "\n#pragma %s_macro(\"%s\")", verb, decls->decl[i].name);
    buf_addc(out, '\n');
}

/* the names of the entry's template parameters mean there what the instance says */
static void template_names(struct buf *out, struct arena *a, const struct spec *spec,
                           size_t instance)
{
    const struct spec *entry = structure_entry(spec);
    const int64_t *code = cxx_code_values(a, entry);

    for (size_t i = 0; i < entry->ntparams; i++) {
        const struct tparam *p = &entry->tparams[i];
        const char *value = cxx_template_argument(a, entry, instance, code, i);
        if (!value || p->tunable >= 0 || !*p->name || strchr(p->kind, '<'))
            continue;
        if (cxx_is_type(p))
            buf_addf(out, "using %s = %s;\n", p->name, value);
        else
            buf_addf(out, "constexpr %s %s = %s;\n", p->kind, p->name, value);
    }
}

void structure_text(struct buf *out, struct arena *a, const struct spec *spec, size_t instance,
                    const int64_t *values, const char *suffix, const char *tail)
{
    macros(out, spec, "push");
    buf_addf(out, "namespace %s {\n", structure_space(a, suffix));
    template_names(out, a, spec, instance);
    buf_adds(out, line_marker(a, spec->structure->src, 0) + 1); /* without its newline */
    own_text(out, a, spec, values);
    buf_addf(out, "\n%s} // namespace\n", tail);
    macros(out, spec, "pop");
}

/* ---- the kernels ---- */

static void add_runs(struct buf *out, const struct plan_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct plan_run *run = &steps[i].run;
        if (steps[i].kind == PLAN_RUN)
            buf_addf(out, "    (void *)%s%s,\n", run->name,
                     run->arguments.text ? run->arguments.text : "");
    }
}

const char *structure_arguments(struct arena *a, const struct spec *spec, size_t instance)
{
    const struct spec *entry = structure_entry(spec);

    return spec->structure->kernel->is_template
               ? cxx_template_arguments(a, entry, instance, cxx_code_values(a, entry))
               : "";
}

/* of a kernel entry: converted to the type of the entry's own kernel, which it must have */
static void add_kernel(struct buf *out, struct arena *a, const struct spec *spec, size_t instance)
{
    buf_adds(out, "    (void *)static_cast<void (*)(");
    for (size_t i = 0; i < spec->nparams; i++)
        buf_addf(out, "%s%s", i ? ", " : "", spec->params[i].type);
    buf_addf(out, ")>(%s%s),\n", spec->name, structure_arguments(a, spec, instance));
}

const char *structure_table(struct arena *a, const struct spec *spec, size_t instance)
{
    const struct structure *s = spec->structure;
    const char *text;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_adds(&b, "extern __device__ void *" STRUCTURE_TABLE "[];\n"
                 "__device__ void *" STRUCTURE_TABLE "[] = {\n");
    if (s->kernel)
        add_kernel(&b, a, spec, instance);
    for (size_t i = 0; i < s->ngroups; i++)
        add_runs(&b, s->groups[i].steps, s->groups[i].nsteps);
    buf_adds(&b, "};\n");
    text = arena_copy(a, buf_text(&b), b.len);
    buf_release(&b);
    return text;
}

const int64_t *structure_entry_values(struct arena *a, const struct spec *structure,
                                      const int64_t *values)
{
    const struct spec *entry = structure_entry(structure);
    int64_t *own = arena_array(a, int64_t, entry->ntunables + 1);

    memcpy(own, cxx_code_values(a, entry), entry->ntunables * sizeof *own);
    for (size_t i = 0; i < entry->ntunables; i++)
        for (size_t k = 0; k < structure->ntunables; k++)
            if (strcmp(entry->tunables[i].name, structure->tunables[k].name) == 0)
                own[i] = values[k];
    return own;
}
