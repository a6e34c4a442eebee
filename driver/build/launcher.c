/* launcher.c - original or winner, decided at each launch.
 *
 * The winner is launched only in place of a launch that is the one it was measured against: the
 * site's geometry must be what launch() gives for the values in the code. Anything else, be it
 * another geometry, another instance of the template, another GPU, or a winner that this device
 * refuses, launches the original as the site has it. The kernel goes to the runtime by address with
 * its arguments by address, so one function serves every instance of a template. */
#include "driver/build/launcher.h"

#include <string.h>
#include "driver/build/cxx.h"
#include "driver/build/structure_text.h"
#include "runtime/base/arena.h"

const char *launcher_own_arguments(struct arena *a, const struct spec *spec)
{
    const char *text = "";

    for (size_t i = 0; i < spec->ntparams; i++)
        text = arena_printf(a, "%s%s%s", text, i ? ", " : "", spec->tparams[i].name);
    return text;
}

static const struct decl *entry_decl(const struct spec *s)
{
    const struct decls *decls = s->file->decls;

    for (size_t i = 0; i < decls->n; i++)
        if (decls->decl[i].kind == DECL_FUNCTION && decls->decl[i].name_at.at == s->name_at.at)
            return &decls->decl[i];
    return NULL;
}

/* "template <typename T, int N = 4>\n", "" when the entry is no template */
static const char *template_head(struct arena *a, const struct spec *s)
{
    const struct decl *d = entry_decl(s);

    if (!s->is_template || !d)
        return "";
    return arena_printf(a, "template <%s\n>\n", source_copy(a, s->file->src, d->tparams));
}

/* the winner's kernel: a copy of the entry, or a structure's */
static const char *winner_kernel(struct arena *a, const struct spec *s, const struct winner *w)
{
    const struct emission *e = w->emission;

    if (e->structure)
        return arena_printf(a, "%s::%s%s", structure_space(a, w->suffix), s->name,
                            structure_arguments(a, e->structure, e->instance));
    return arena_printf(a, "%s%s%s", s->name, w->suffix,
                        cxx_template_arguments(a, s, e->instance, e->values));
}

void launcher_trait(struct buf *out, const struct copy *c, const struct winner *w)
{
    const struct spec *s = c->spec;
    struct arena *a = c->arena;
    const int64_t *code = cxx_code_values(a, s);
    size_t instance = w->emission->instance;
    bool kernel = s->kind == ENTRY_KERNEL;

    if (!s->is_template)
        return;
    buf_addf(out, "%sstruct ksearch_at%s {\n    static constexpr bool is = false;\n",
             template_head(a, s), w->suffix);
    if (kernel)
        buf_adds(out, "    static const void *kernel() { return nullptr; }\n");
    buf_addf(out, "};\ntemplate <> struct ksearch_at%s%s {\n    static constexpr bool is = true;\n",
             w->suffix, cxx_template_arguments(a, s, instance, code));
    if (kernel)
        buf_addf(out, "    static const void *kernel() { return (const void *)&%s; }\n",
                 winner_kernel(a, s, w));
    buf_adds(out, "};\n");
}

/* ---- geometry ---- */

static bool is_dimension(const struct spec *s, const char *name)
{
    for (size_t i = 0; i < s->ndims; i++)
        if (strcmp(s->dims[i], name) == 0)
            return true;
    for (size_t i = 0; i < s->nlets; i++)
        if (strcmp(s->lets[i].name, name) == 0)
            return true;
    return false;
}

/* launch() was measured with its dimensions as long long */
static void widen_dimensions(struct renames *names, const struct spec *s)
{
    for (size_t i = 0; i < s->nparams; i++) {
        const char *name = s->params[i].name;
        if (*name && is_dimension(s, name))
            renames_add(names, name, arena_printf(names->arena, "((long long)%s)", name));
    }
}

/* launch() with a structure's values: the entry's own constants become numbers */
static struct renames structure_names(const struct copy *c, const struct winner *w)
{
    const int64_t *values =
        structure_entry_values(c->arena, w->emission->structure, w->emission->values);
    struct renames names;

    renames_init(&names, c->arena);
    for (size_t i = 0; i < c->spec->ntunables; i++)
        renames_add(&names, c->spec->tunables[i].name, cxx_number(c->arena, values[i]));
    widen_dimensions(&names, c->spec);
    return names;
}

static struct renames winner_names(const struct copy *c, const struct winner *w)
{
    if (w->emission->structure)
        return structure_names(c, w);
    struct renames names = copy_renames(c, w->suffix);

    for (size_t i = 0; i < c->spec->ntunables; i++)
        if (c->spec->tunables[i].kind == TUNABLE_TEMPLATE)
            renames_add(&names, c->spec->tunables[i].name,
                        cxx_number(c->arena, w->emission->values[i]));
    widen_dimensions(&names, c->spec);
    return names;
}

/* what the winner was checked under, it is run under: the assumptions are part of the condition */
const char *launcher_condition(const struct copy *c, const struct winner *w)
{
    struct arena *a = c->arena;
    struct renames names = winner_names(c, w);
    const char *text = w->dispatch ? arena_printf(a, "::ksearch_rt::device_is(%d, %d)",
                                                  w->emission->major, w->emission->minor)
                                   : "::ksearch_rt::any_device()";

    if (c->spec->is_template)
        text = arena_printf(a, "ksearch_at%s<%s>::is && %s", w->suffix,
                            launcher_own_arguments(a, c->spec), text);
    if (w->emission->param)
        text = arena_printf(a, "%s && (long long)%s >= %s && (long long)%s <= %s", text,
                            w->emission->param, cxx_number(a, w->emission->low), w->emission->param,
                            cxx_number(a, w->emission->high));
    for (size_t i = 0; i < c->spec->nassumes; i++)
        text = arena_printf(a, "%s && (%s)", text, rename_text(c->spec->assumes[i].text, &names));
    return text;
}

static void dim3_text(struct buf *out, const struct cxx dim[3], const struct renames *names)
{
    buf_adds(out, "dim3(");
    for (int i = 0; i < 3; i++) {
        buf_adds(out, i ? ", " : "");
        if (dim[i].text)
            buf_addf(out, "(unsigned)(%s\n)", rename_text(dim[i].text, names));
        else
            buf_adds(out, "1");
    }
    buf_adds(out, ")");
}

static void config_text(struct buf *out, const struct spec *s, const struct renames *names)
{
    buf_adds(out, "::ksearch_rt::config(");
    dim3_text(out, s->launch.grid, names);
    buf_adds(out, ", ");
    dim3_text(out, s->launch.block, names);
    if (s->launch.smem.text)
        buf_addf(out, ", (size_t)(%s\n)", rename_text(s->launch.smem.text, names));
    else
        buf_adds(out, ", 0");
    buf_adds(out, ", ks_site.stream)");
}

static bool mentions_gpu(const struct copy *c)
{
    const struct launch *l = &c->spec->launch;
    bool yes = l->smem.text && text_mentions(c->arena, l->smem.text, "gpu");

    for (int i = 0; i < 3; i++)
        yes = yes || (l->grid[i].text && text_mentions(c->arena, l->grid[i].text, "gpu")) ||
              (l->block[i].text && text_mentions(c->arena, l->block[i].text, "gpu"));
    for (size_t i = 0; i < c->spec->nassumes; i++)
        yes = yes || text_mentions(c->arena, c->spec->assumes[i].text, "gpu");
    return yes;
}

void launcher_helpers(struct buf *out, const struct copy *c)
{
    buf_adds(out, "    using ::ksearch_rt::cdiv;\n    using ::ksearch_rt::min;\n"
                  "    using ::ksearch_rt::max;\n");
    if (mentions_gpu(c))
        buf_adds(out, "    const ::ksearch_rt::gpu_t gpu = ::ksearch_rt::gpu();\n");
}

/* ---- the function ---- */

static void try_winner(struct buf *out, const struct copy *c, const struct winner *w)
{
    struct renames names = winner_names(c, w);

    buf_addf(out,
             "        if (%s) {\n            static int ks_granted[64];\n            if "
             "(::ksearch_rt::launch(",
             launcher_condition(c, w));
    if (c->spec->is_template)
        buf_addf(out, "ksearch_at%s<%s>::kernel(), ", w->suffix,
                 launcher_own_arguments(c->arena, c->spec));
    else
        buf_addf(out, "(const void *)&%s, ", winner_kernel(c->arena, c->spec, w));
    config_text(out, c->spec, &names);
    buf_adds(out, ", ks_args, ks_granted))\n                return;\n        }\n");
}

void launcher_function(struct buf *out, const struct copy *c, const struct winner *w, size_t n)
{
    const struct spec *s = c->spec;
    struct renames dims;

    renames_init(&dims, c->arena);
    widen_dimensions(&dims, s);
    buf_addf(out,
             "%sstatic inline __attribute__((unused)) void ksearch_launch__%s(const "
             "::ksearch_rt::config &ks_site%s",
             template_head(c->arena, s), s->name, s->nparams ? ", " : "");
    cxx_parameters(out, c->arena, s, true);
    buf_adds(out, ")\n{\n");
    launcher_helpers(out, c);
    buf_adds(out, "    if (::ksearch_rt::same(ks_site, ");
    config_text(out, s, &dims);
    buf_adds(out, ")) {\n        void *ks_args[] = {");
    for (size_t i = 0; i < s->nparams; i++)
        buf_addf(out, "(void *)&%s, ", cxx_parameter_name(c->arena, s, i));
    buf_adds(out, "nullptr};\n");
    for (size_t i = 0; i < n; i++)
        try_winner(out, c, &w[i]);
    buf_addf(out, "    }\n    %s", s->name);
    if (s->is_template)
        buf_addf(out, "<%s>", launcher_own_arguments(c->arena, s));
    buf_adds(out, "<<<ks_site.grid, ks_site.block, ks_site.smem, ks_site.stream>>>(");
    cxx_parameter_names(out, c->arena, s);
    buf_adds(out, ");\n}\n");
}
