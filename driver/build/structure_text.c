#include "driver/build/structure_text.h"

#include <string.h>
#include "driver/build/copy.h"
#include "driver/build/cxx.h"
#include "driver/build/uses.h"
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

/* ---- which text it is ---- */

enum {
    DEFINE_NAME = 3
}; /* in "#define NAME (" the tokens before the one that a blank matters to */

/* the tokens of a preprocessor line or annotation, and whether #define NAME has a blank behind it:
 * that tells a macro with parameters from one whose value is in parentheses */
static void hash_line(struct hasher *h, const struct source *src, struct span at, bool define)
{
    struct lexer l;
    size_t end = at.at, n = 0;

    lexer_init(&l, src, at, true);
    for (struct token t = lexer_next(&l); t.kind != TOKEN_END; t = lexer_next(&l)) {
        hasher_number(h, define && n++ == DEFINE_NAME && end == t.span.at);
        hasher_field(h, src->text + t.span.at, t.span.end - t.span.at);
        end = t.span.end;
    }
    hasher_string(h, NULL);
}

struct hash structure_hash(const char *text, size_t len)
{
    struct arena *a = arena_new();
    const struct source *src = source_text(a, "", text, len);
    const struct tokens *ts = scan_tokens(a, src);
    struct hasher *h = hasher_new();

    for (size_t t = 0; t + 1 < ts->n; t++) {
        struct span at = ts->token[t].span;
        if (ts->token[t].kind == TOKEN_DIRECTIVE)
            hash_line(h, src, at, directive_kind(src, &ts->token[t]) == DIRECTIVE_DEFINE);
        else if (ts->token[t].kind == TOKEN_ANNOTATION)
            hash_line(h, src, lex_annotation_body(src, &ts->token[t]), false);
        else
            hasher_field(h, src->text + at.at, at.end - at.at);
    }
    arena_free(a);
    return hasher_end(h);
}

const char *structure_name(struct arena *a, const struct hash *hash)
{
    char hex[65];

    hash_hex(hash, hex);
    return arena_printf(a, "model:%.8s", hex);
}

/* with the rest of its line, where nothing else stands there */
static struct span whole_lines(const struct source *src, struct span at)
{
    size_t first = at.at, end = at.end;

    while (first > 0 && (src->text[first - 1] == ' ' || src->text[first - 1] == '\t'))
        first--;
    while (end < src->len && strchr(" \t\r", src->text[end]) && src->text[end])
        end++;
    if ((first > 0 && src->text[first - 1] != '\n') || end == src->len || src->text[end] != '\n')
        return at;
    return (struct span){first, end + 1};
}

/* carriage returns before newlines */
static void drop_returns(char *text)
{
    char *to = text;

    for (; *text; text++)
        if (text[0] != '\r' || text[1] != '\n')
            *to++ = *text;
    *to = '\0';
}

const char *structure_parent(struct arena *a, const struct spec *spec)
{
    const struct file *f = spec->file;
    struct span at = spec->region;
    struct edits e;
    struct buf out;
    char *text;

    if (!spec->structure && spec->kind != ENTRY_KERNEL)
        return NULL;
    if (spec->structure)
        at = (struct span){0, spec->structure->src->len};
    edits_init(&e, a, structure_source(spec));
    for (size_t i = 0; i < f->nannotations && !spec->structure; i++)
        edits_add(&e, whole_lines(f->src, f->annotations[i]), "");
    buf_init(&out, BUF_LIMIT);
    edits_apply(&e, at, &out);
    text = arena_copy(a, buf_text(&out), out.len);
    buf_release(&out);
    drop_returns(text);
    return text + strspn(text, "\n"); /* what is left of the line of `begin` */
}

/* ---- where it goes ---- */

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
                     const int64_t *values, const char *guard)
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
    for (size_t i = 0; guard && i < s->file->decls->n; i++)
        copy_guard(&e, &s->file->decls->decl[i], guard);
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
                    const int64_t *values, const char *suffix, const char *tail, const char *guard)
{
    if (guard)
        buf_adds(out, "\n#pragma nv_diagnostic push\n#pragma nv_diag_suppress 177\n");
    macros(out, spec, "push");
    buf_addf(out, "namespace %s {\n", structure_space(a, suffix));
    template_names(out, a, spec, instance);
    buf_adds(out, line_marker(a, spec->structure->src, 0) + 1); /* without its newline */
    own_text(out, a, spec, values, guard);
    buf_addf(out, "\n%s} // namespace\n", tail);
    macros(out, spec, "pop");
    if (guard)
        buf_adds(out, "#pragma nv_diagnostic pop\n");
}

/* ---- the kernels ---- */

/* the runs of the plan, in the order of their numbers */
static const struct plan_run **plan_runs(struct arena *a, const struct structure *s)
{
    const struct plan_run **run = arena_array(a, const struct plan_run *, s->nruns + 1);

    for (size_t i = 0; i < s->ngroups; i++)
        for (size_t k = 0; k < s->groups[i].nsteps; k++)
            if (s->groups[i].steps[k].kind == PLAN_RUN)
                run[s->groups[i].steps[k].run.number] = &s->groups[i].steps[k].run;
    return run;
}

bool structure_is_ambiguous(const struct spec *spec)
{
    struct arena *a = arena_new();
    const struct plan_run **run = plan_runs(a, spec->structure);
    bool is = false;

    for (size_t i = 0; i < spec->structure->nruns; i++)
        for (size_t k = 0; k < i; k++)
            is |= strcmp(run[i]->name, run[k]->name) == 0 && run[i]->arguments.text &&
                  run[k]->arguments.text &&
                  strcmp(run[i]->arguments.text, run[k]->arguments.text) != 0;
    arena_free(a);
    return is;
}

const char *structure_arguments(struct arena *a, const struct spec *spec, size_t instance)
{
    const struct spec *entry = structure_entry(spec);

    return spec->structure->kernel->is_template
               ? cxx_template_arguments(a, entry, instance, cxx_code_values(a, entry))
               : "";
}

/* "(void *)split", one for each kernel that is launched */
static const char **addresses(struct arena *a, const struct spec *spec, size_t instance, size_t *n)
{
    const struct structure *s = spec->structure;
    const struct plan_run **run = plan_runs(a, s);
    const char **text = arena_array(a, const char *, s->nruns + 1), *types = "";

    *n = s->nruns;
    for (size_t i = 0; i < s->nruns; i++)
        text[i] = arena_printf(a, "(void *)%s", structure_kernel(a, run[i]));
    if (!s->kernel)
        return text;
    /* of a kernel entry: converted to the type of the entry's own kernel, which it must have */
    for (size_t i = 0; i < spec->nparams; i++)
        types = arena_printf(a, "%s%s%s", types, i ? ", " : "", spec->params[i].type);
    text[0] = arena_printf(a, "(void *)static_cast<void (*)(%s)>(%s%s)", types, spec->name,
                           structure_arguments(a, spec, instance));
    *n = 1;
    return text;
}

const char *structure_use(struct arena *a, const struct spec *spec, size_t instance)
{
    const char *text = "static void ksearch_use(void **ks_p)\n{\n";
    size_t n;
    const char **address = addresses(a, spec, instance, &n);

    for (size_t i = 0; i < n; i++)
        text = arena_printf(a, "%s    ks_p[%zu] = %s;\n", text, i, address[i]);
    return arena_printf(a, "%s}\n", text);
}

const char *structure_table(struct arena *a, const struct spec *spec, size_t instance)
{
    const char *text = "extern __device__ void *" STRUCTURE_TABLE "[];\n__device__ void "
                       "*" STRUCTURE_TABLE "[] = {\n";
    size_t n;
    const char **address = addresses(a, spec, instance, &n);

    for (size_t i = 0; i < n; i++)
        text = arena_printf(a, "%s    %s,\n", text, address[i]);
    return arena_printf(a, "%s};\n", text);
}

const int64_t *structure_entry_values(struct arena *a, const struct spec *structure,
                                      const int64_t *values)
{
    const struct spec *entry = structure_entry(structure);
    int64_t *own = arena_array(a, int64_t, entry->ntunables + 1);

    memcpy(own, cxx_code_values(a, entry), entry->ntunables * sizeof *own);
    for (size_t i = 0; i < entry->ntunables; i++) {
        int k = spec_find_tunable(structure, entry->tunables[i].name);
        if (k >= 0)
            own[i] = values[k];
    }
    return own;
}
