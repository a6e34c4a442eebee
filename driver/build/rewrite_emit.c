/* rewrite_emit.c - the user's file with winners in it.
 *
 * What the file says stays where it was, and line numbers stay right: inserted text is followed by
 * a #line. Every winner's copies carry a suffix of their own (emit_form.h), so any number of
 * entries, instances and GPUs share one text. */
#include <string.h>
#include "driver/build/command.h"
#include "driver/build/copy.h"
#include "driver/build/copy_check.h"
#include "driver/build/cxx.h"
#include "driver/build/emit_form.h"
#include "driver/build/harness.h"
#include "driver/build/launch_macro.h"
#include "driver/build/launch_name.h"
#include "driver/build/launch_site.h"
#include "driver/build/launcher.h"
#include "driver/build/plan_cxx.h"
#include "driver/build/rewrite.h"
#include "driver/build/structure_text.h"
#include "runtime/base/arena.h"
#include "runtime/base/embed.h"

EMBED_DECLARE(ksearch_rt_cuh);
EMBED_DECLARE(ksearch_plan_cuh);
EMBED_DECLARE(ksearch_map_cuh);

enum emit_form emit_form(const struct copy *c, bool keeps_original)
{
    if (c->spec->kind == ENTRY_HOST && !keeps_original && !c->shared && !c->spec->is_template &&
        c->spec->nassumes == 0 && !c->spec->knobs_of)
        return EMIT_SUBSTITUTE;
    return c->why ? EMIT_NOT : EMIT_COPY;
}

/* "_gqa_split_0" for a structure of gqa-split.cu, numbered as the folders are left out;
 * "_model_1a2b3c4d_text" for the text model:1a2b3c4d, whose number another build would not know */
static const char *structure_stem(struct arena *a, const struct spec *spec)
{
    const struct structure *s = spec->structure;
    const char *slash = s->entry ? NULL : strrchr(s->path, '/');
    char *stem = arena_printf(a, "_%s", slash ? slash + 1 : s->path);

    if (!s->entry)
        stem[1 + strcspn(stem + 1, ".")] = '\0';
    for (char *p = stem; *p; p++)
        if (!(*p >= '0' && *p <= '9') && !(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z'))
            *p = '_';
    return s->entry ? arena_printf(a, "%s_text", stem)
                    : arena_printf(a, "%s_%zu", stem, structure_number(spec) - 1);
}

const char *emit_suffix(struct arena *a, const struct spec *spec, size_t instance,
                        const int64_t *values)
{
    const char *text = arena_printf(a, "__ks_%s", target_label(a, spec, instance));

    if (spec->structure)
        text = arena_printf(a, "%s%s", text, structure_stem(a, spec));

    for (size_t i = 0; i < spec->ntunables; i++)
        text = arena_printf(a, values[i] < 0 ? "%s_m%llu" : "%s_%llu", text,
                            values[i] < 0 ? 0 - (unsigned long long)values[i]
                                          : (unsigned long long)values[i]);
    return text;
}

struct emit {
    struct arena *arena;
    const struct file *file;
    const struct emission *e;
    size_t n;
    bool dispatch;
    struct edits edits;
    struct buf defines;
    bool needs_runtime, needs_plans, needs_maps;
    const struct copy **plans; /* one a spec of the file, made when asked for */
    struct error *err;
};

/* ---- copies and substitutions ---- */

static const struct copy *plan_of(const struct emit *m, const struct spec *s)
{
    const struct copy **plan = &m->plans[spec_plain(s) - m->file->specs];

    if (!*plan)
        *plan = copy_plan(m->arena, s);
    return *plan;
}

static int refuse(const struct emit *m, const struct spec *s, const char *why)
{
    return error_set(m->err, "'%s': %s", s->name, why);
}

/* the winners of a spec; copies are made once for those that have the same values */
static struct winner *spec_winners(const struct emit *m, const struct spec *s, size_t *n)
{
    struct winner *w = NULL;

    *n = 0;
    for (size_t i = 0; i < m->n; i++) {
        const struct emission *e = &m->e[i];
        if (e->spec == s)
            *arena_push(m->arena, w, *n) = (struct winner){
                e, emit_suffix(m->arena, e->structure ? e->structure : s, e->instance, e->values),
                m->dispatch};
    }
    return w;
}

static bool is_repeated(const struct winner *w, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(w[k].suffix, w[i].suffix) == 0)
            return true;
    return false;
}

/* where the code of a winner is made; NULL: everywhere. The host's pass has it as it is */
static const char *guard_of(const struct emit *m, const struct emission *e)
{
    return e->only ? arena_printf(m->arena, "!defined(__CUDA_ARCH__) || %s",
                                  launcher_pass(m->arena, e->only))
                   : NULL;
}

static void add_copies(struct emit *m, const struct copy *c, const struct winner *w, size_t n)
{
    struct copy_variant *v = arena_array(m->arena, struct copy_variant, n);
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        if (!w[i].emission->structure && !is_repeated(w, i)) {
            copy_defines(c, w[i].emission->values, w[i].suffix, &m->defines);
            v[count++] = (struct copy_variant){w[i].emission->values, w[i].suffix,
                                               guard_of(m, w[i].emission)};
        }
    if (count)
        copy_insert(c, v, count, c->spec->kind == ENTRY_HOST, &m->edits);
    m->needs_runtime = true;
}

/* inserts generated text at a place and restores the line numbers behind it */
static void insert(struct emit *m, size_t at, struct buf *text)
{
    buf_adds(text, loud_marker(m->arena, m->file->src, at));
    edits_insert(&m->edits, at, quiet_marker(m->arena, m->file->src, at));
    edits_insert(&m->edits, at, arena_copy(m->arena, buf_text(text), text->len));
    buf_release(text);
}

/* are the includes of winner i's structure there already? */
static bool is_included(const struct winner *w, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (w[k].emission->structure == w[i].emission->structure)
            return true;
    return false;
}

/* the texts of structures, before the entry */
static void add_structures(struct emit *m, const struct copy *c, const struct winner *w, size_t n)
{
    struct buf text;

    buf_init(&text, BUF_LIMIT);
    for (size_t i = 0; i < n; i++) {
        const struct emission *e = w[i].emission;
        const struct spec *s = e->structure;
        if (!s || is_repeated(w, i))
            continue;
        if (!is_included(w, i))
            structure_includes(&text, m->arena, s);
        structure_text(&text, m->arena, s, e->instance, e->values, w[i].suffix,
                       s->kind == ENTRY_HOST ? plan_cxx(m->arena, s, e->values) : "",
                       guard_of(m, e));
        m->needs_plans |= s->kind == ENTRY_HOST;
        m->needs_maps |= plan_has_maps(s);
    }
    if (text.len)
        insert(m, uses_group_at(c->uses, c->spec->name_at.at)->span.at, &text);
    else
        buf_release(&text);
}

static void add_traits(struct buf *out, const struct copy *c, const struct winner *w, size_t n)
{
    buf_init(out, BUF_LIMIT);
    buf_addc(out, '\n');
    for (size_t i = 0; i < n; i++)
        if (!is_repeated(w, i))
            launcher_trait(out, c, &w[i]);
}

/* is the original needed beside the winners: on other GPUs, or outside of a winner's regime? */
static bool keeps_original(const struct emit *m, const struct winner *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (w[i].emission->param || w[i].emission->only)
            return true;
    return m->dispatch;
}

/* ---- host entries ---- */

/* "f(a, b)": the parameters handed on as they came; a plan's function takes them as they are */
static void forward(struct buf *b, const struct emit *m, const struct spec *s,
                    const struct winner *w)
{
    bool plan = w->emission->structure;

    if (plan)
        buf_addf(b, "%s::ksearch_run(", structure_space(m->arena, w->suffix));
    else
        buf_addf(b, "%s%s", s->name, w->suffix);
    if (s->is_template && !plan)
        buf_addf(b, "<%s>", launcher_own_arguments(m->arena, s));
    buf_adds(b, plan ? "" : "(");
    for (size_t k = 0; k < s->nparams; k++) {
        const char *name = cxx_parameter_name(m->arena, s, k);
        buf_addf(b, plan ? "%s%s" : "%s::ksearch_rt::pass<decltype(%s)>(%s)", k ? ", " : "", name,
                 name);
    }
    buf_addc(b, ')');
}

static void host_prologue(struct emit *m, const struct copy *c, const struct winner *w, size_t n)
{
    const struct spec *s = c->spec;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_adds(&b, "\n    {\n");
    if (s->nassumes || m->dispatch)
        launcher_helpers(&b, s, m->dispatch);
    for (size_t i = 0; i < n; i++) {
        buf_addf(&b, "    if (%s", launcher_condition(c, &w[i]));
        if (w[i].emission->structure) { /* what it could not launch, the original does */
            buf_adds(&b, " && ");
            forward(&b, m, s, &w[i]);
            buf_addf(&b, ")\n        return%s;\n",
                     strcmp(s->returns, "void") != 0 ? " cudaGetLastError()" : "");
        } else {
            buf_adds(&b, ")\n        return ");
            forward(&b, m, s, &w[i]);
            buf_adds(&b, ";\n");
        }
    }
    buf_adds(&b, "    }");
    insert(m, s->body.at + 1, &b);
    cxx_name_parameters(&m->edits, s);
}

static size_t count_structures(const struct winner *w, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += w[i].emission->structure != NULL;
    return count;
}

static int emit_host(struct emit *m, const struct copy *c, const struct winner *w, size_t n)
{
    const struct spec *s = c->spec;
    struct buf traits;

    if (count_structures(w, n) == 0 && emit_form(c, keeps_original(m, w, n)) == EMIT_SUBSTITUTE) {
        for (size_t i = 1; i < n; i++)
            if (strcmp(w[i].suffix, w[0].suffix) != 0)
                return refuse(m, s, "two winners would substitute the same constants differently");
        copy_substitute(s, w[0].emission->values, NULL, &m->edits);
        return 0;
    }
    add_copies(m, c, w, n);
    add_structures(m, c, w, n);
    if (s->is_template) {
        add_traits(&traits, c, w, n);
        insert(m, uses_group_at(c->uses, s->name_at.at)->span.at, &traits);
    }
    host_prologue(m, c, w, n);
    return 0;
}

/* ---- kernel entries ---- */

/* behind the last of the file's entries of this name: what stands there sees all their launchers */
static size_t launchers_end(const struct copy *c)
{
    const struct file *f = c->spec->file;
    size_t end = 0;

    for (size_t i = 0; i < f->nspecs; i++) {
        const struct spec *s = &f->specs[i];
        if (s->kind == ENTRY_KERNEL && strcmp(s->qname, c->spec->qname) == 0)
            end = uses_group_at(c->uses, s->name_at.at)->span.end;
    }
    return end;
}

/* is the launch in code that a host entry with a winner of its own runs? That one was measured with
 * the kernel as it is */
static bool belongs_to_host_entry(const struct emit *m, const struct launch_site *site)
{
    for (size_t i = 0; i < m->n; i++) {
        if (m->e[i].spec->kind != ENTRY_HOST)
            continue;
        const struct copy *c = plan_of(m, m->e[i].spec);
        for (size_t k = 0; k < site->nat; k++) {
            const struct group *g = uses_group_at(c->uses, site->at[k]);
            if (g && c->reached[g - c->uses->group])
                return true;
        }
    }
    return false;
}

static const char *launcher_name(const struct copy *c)
{
    struct buf name;
    const char *text;

    buf_init(&name, BUF_LIMIT);
    cxx_qualifier(&name, c->spec);
    buf_addf(&name, "ksearch_launch__%s", c->spec->name);
    text = arena_copy(c->arena, buf_text(&name), name.len);
    buf_release(&name);
    return text;
}

/* the launcher; in the place of a variable with the template arguments of what that holds */
static const char *site_launcher(const struct emit *m, const struct copy *c,
                                 const struct launch_site *site)
{
    const struct source *src = m->file->src;
    const char *text = source_copy(m->arena, src, site->held), *arguments = strchr(text, '<');

    return arena_printf(m->arena, "%s%s", launcher_name(c), arguments ? arguments : "");
}

static void rewrite_site(struct emit *m, const struct copy *c, const struct launch_site *site)
{
    if (site->macro) {
        edits_add(&m->edits, site->name, launch_macro_name(c, site->macro));
        return;
    }
    edits_add(&m->edits, site->name, site_launcher(m, c, site));
    if (site->held.end)
        edits_add(&m->edits, site->open,
                  arena_printf(m->arena, "(::ksearch_rt::config_of(%s, ",
                               source_copy(m->arena, m->file->src, site->name)));
    else
        edits_add(&m->edits, site->open, "(::ksearch_rt::config(");
    edits_add(&m->edits, site->close, site->empty ? ")" : "), ");
}

static bool macro_came_before(const struct launch_site *site, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!site[k].why && site[k].macro && strcmp(site[k].macro->name, site[i].macro->name) == 0)
            return true;
    return false;
}

/* how many launches could be rewritten; `edit` does so */
static size_t rewrite_sites(struct emit *m, const struct copy *c, bool edit)
{
    size_t n, count = 0;
    struct launch_site *site = launch_sites(c, launchers_end(c), &n);

    for (size_t i = 0; i < n; i++) {
        if (site[i].why)
            continue;
        if (edit && site[i].macro && !macro_came_before(site, i))
            launch_macro_copies(c, site[i].macro, launcher_name(c), &m->edits);
        if (belongs_to_host_entry(m, &site[i]))
            continue;
        if (edit)
            rewrite_site(m, c, &site[i]);
        count++;
    }
    return count;
}

void rewrite_launches(const struct spec *spec, struct diag *d)
{
    struct arena *a = arena_new();
    const struct copy *c = copy_plan(a, spec);
    size_t n, good = 0;
    struct launch_site *site = launch_sites(c, launchers_end(c), &n);

    for (size_t i = 0; i < n; i++) {
        good += !site[i].why;
        if (site[i].is_value)
            diag_warning(d, spec->file->src, site[i].name.at,
                         "'%s' is passed on here: what is launched by its address is the original",
                         spec->name);
        else if (site[i].why)
            diag_warning(d, spec->file->src, site[i].name.at,
                         "this launch of '%s' keeps the original: %s", spec->name, site[i].why);
    }
    if (good == 0)
        diag_warning(
            d, spec->file->src, spec->block.at,
            "no launch of '%s' in this file can be rewritten, and launches in other files keep "
            "the original: make a host function of this file that launches it the entry",
            spec->name);
    arena_free(a);
}

static const char *kernel_problem(const struct copy *c)
{
    const struct spec *s = c->spec;
    const char *text = s->file->src->text;

    if (s->launch.cluster[0].text &&
        !memmem(text + s->def.at, s->body.at - s->def.at, "__cluster_dims__", 16))
        return "launch(cluster) without __cluster_dims__ cannot be launched by <<< >>>";
    for (size_t i = 0; i < s->nparams; i++)
        if (strstr(s->params[i].type, "..."))
            return "it has a parameter pack";
    return NULL;
}

/* has an entry with a winner come before this one that has its name? Then the launches are done */
static bool is_first_of_name(const struct emit *m, const struct spec *s)
{
    for (size_t i = 0; i < m->file->nspecs; i++)
        for (size_t k = 0; k < m->n; k++) {
            const struct spec *other = &m->file->specs[i];
            if (spec_plain(m->e[k].spec) != other || other->kind != ENTRY_KERNEL)
                continue;
            if (strcmp(other->qname, s->qname) == 0)
                return other == spec_plain(s);
        }
    return true;
}

static bool has_launcher(const struct emit *m, const struct copy *c, const struct decl *d)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct spec *s = m->e[i].spec;
        for (size_t k = 0; k < m->file->decls->n; k++)
            if (strcmp(s->qname, c->spec->qname) == 0 &&
                m->file->decls->decl[k].name_at.at == s->name_at.at &&
                copy_alike(c, &m->file->decls->decl[k], d))
                return true;
    }
    return false;
}

/* Overloads that have no winner get launchers too, which launch them as ever: so a launch of the
 * name is a call that the compiler resolves as it would the launch. */
static void forward_overloads(struct emit *m, const struct copy *c)
{
    size_t n;
    const struct decl **d = launch_overloads(c, &n);

    for (size_t i = 0; i < n; i++) {
        struct buf text;
        if (!d[i]->is_global || has_launcher(m, c, d[i]))
            continue;
        buf_init(&text, BUF_LIMIT);
        buf_addc(&text, '\n');
        launcher_forward(&text, c, d[i]);
        insert(m, uses_group_at(c->uses, d[i]->name_at.at)->span.end, &text);
    }
}

/* A structure's launch is launch(...) with numbers for the entry's tunables; a constant made from
 * one would keep the value in the code, which is not what was measured */
static const char *structure_problem(const struct copy *c, const struct winner *w, size_t n)
{
    const struct spec *s = c->spec;
    const int64_t *code = cxx_code_values(c->arena, s);

    for (size_t i = 0; i < n; i++) {
        const struct emission *e = w[i].emission;
        if (e->structure &&
            memcmp(structure_entry_values(c->arena, e->structure, e->values), code,
                   spec_plain(s)->ntunables * sizeof *code) != 0 &&
            !copy_launch_is_direct(c))
            return "launch(...) has constants that are made from what its structure tunes: write "
                   "the tuned constants themselves there";
    }
    return NULL;
}

static int emit_kernel(struct emit *m, const struct copy *c, const struct winner *w, size_t n)
{
    const char *why = kernel_problem(c);
    bool first = is_first_of_name(m, c->spec);
    struct buf text;

    if (!why)
        why = structure_problem(c, w, n);
    if (why)
        return refuse(m, c->spec, why);
    if (rewrite_sites(m, c, first) == 0)
        return refuse(m, c->spec, "no launch behind it in this file could be rewritten");
    if (first)
        forward_overloads(m, c);
    add_copies(m, c, w, n);
    add_structures(m, c, w, n);
    add_traits(&text, c, w, n);
    launcher_function(&text, c, w, n);
    insert(m, uses_group_at(c->uses, c->spec->name_at.at)->span.end, &text);
    return 0;
}

/* ---- the whole ---- */

static int emit_spec(struct emit *m, const struct spec *s)
{
    size_t n;
    struct winner *w = spec_winners(m, s, &n);
    const struct copy *c = plan_of(m, s);

    if (count_structures(w, n) < n && emit_form(c, keeps_original(m, w, n)) == EMIT_NOT)
        return refuse(m, s, c->why);
    return s->kind == ENTRY_HOST ? emit_host(m, c, w, n) : emit_kernel(m, c, w, n);
}

/* the winners of one entry of the file */
static int emit_entry(struct emit *m, const struct spec *plain)
{
    const struct spec *s = NULL;

    for (size_t i = 0; i < m->n; i++) {
        if (spec_plain(m->e[i].spec) != plain)
            continue;
        if (s && m->e[i].spec != s)
            return refuse(m, plain, "its winners have different knobs");
        s = m->e[i].spec;
    }
    return s ? emit_spec(m, s) : 0;
}

/* host code only: the device passes have no use for it */
static void notes(const struct emit *m, struct buf *out)
{
    buf_adds(out, quiet_marker(m->arena, m->file->src, m->file->src->len));
    buf_adds(out, "#ifndef __CUDA_ARCH__\n");
    for (size_t i = 0; i < m->n; i++) {
        if (!m->e[i].note)
            continue;
        buf_addf(out,
                 "__attribute__((used, section(\".ksearch\"), aligned(1))) static const char "
                 "ksearch_note__%zu[] = ",
                 i);
        cxx_string(out, m->e[i].note);
        buf_adds(out, ";\n");
    }
    buf_adds(out, "#endif\n");
}

static bool same_target(const struct target_arch *a, const struct target_arch *b)
{
    return a && b && a->major == b->major && a->minor == b->minor && a->suffix == b->suffix;
}

/* each target once */
static void add_targets(const struct emit *m, struct buf *out)
{
    for (size_t i = 0; i < m->n; i++) {
        size_t k = 0;
        while (k < i && !same_target(m->e[k].only, m->e[i].only))
            k++;
        if (m->e[i].only && k == i)
            launcher_pass_asked(out, m->arena, m->e[i].only);
    }
}

static void emit_text(struct emit *m, struct buf *out)
{
    const struct source *src = m->file->src;

    buf_adds(out, line_marker(m->arena, src, 0) + 1); /* without its newline */
    if (m->needs_runtime) {
        buf_adds(out, quiet_marker(m->arena, src, 0) + 1);
        buf_add(out, embed_ksearch_rt_cuh, embed_ksearch_rt_cuh_size);
        if (m->needs_plans)
            buf_add(out, embed_ksearch_plan_cuh, embed_ksearch_plan_cuh_size);
        if (m->needs_maps)
            buf_add(out, embed_ksearch_map_cuh, embed_ksearch_map_cuh_size);
        add_targets(m, out);
        buf_add(out, buf_text(&m->defines), m->defines.len);
        buf_adds(out, loud_marker(m->arena, src, 0) + 1);
    }
    edits_apply(&m->edits, (struct span){0, src->len}, out);
    notes(m, out);
}

int rewrite_emit(const struct file *f, const struct emission *e, size_t n, bool dispatch,
                 struct buf *out, struct error *err)
{
    struct arena *a = arena_new();
    struct emit m = {.arena = a, .file = f, .e = e, .n = n, .dispatch = dispatch, .err = err};
    int rc = 0;

    m.plans = arena_array(a, const struct copy *, f->nspecs + 1);
    edits_init(&m.edits, a, f->src);
    buf_init(&m.defines, BUF_LIMIT);
    for (size_t i = 0; i < f->nannotations; i++)
        edits_blank(&m.edits, f->annotations[i]);
    for (size_t i = 0; i < f->nspecs && rc == 0; i++)
        rc = emit_entry(&m, &f->specs[i]);
    if (rc == 0)
        emit_text(&m, out);
    buf_release(&m.defines);
    arena_free(a);
    return rc;
}
