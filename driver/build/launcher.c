/* launcher.c - original or winner, decided at each launch.
 *
 * The winner is launched only in place of a launch that is the one it was measured against: the
 * site's geometry must be what launch() gives for the values in the code. Anything else, be it
 * another geometry, another instance of the template, another GPU, or a winner that this device
 * refuses, launches the original as the site has it. The kernel goes to the runtime by address with
 * its arguments by address, so one function serves every instance of a template. */
#include "driver/build/launcher.h"

#include <string.h>
#include "driver/build/command.h"
#include "driver/build/cxx.h"
#include "driver/build/structure_text.h"
#include "driver/build/launch_name.h"
#include "driver/build/specific.h"
#include "driver/lang/signature.h"
#include "runtime/base/arena.h"

const char *launcher_own_arguments(struct arena *a, const struct spec *spec)
{
    const char *text = "";

    for (size_t i = 0; i < spec->ntparams; i++)
        text = arena_printf(a, "%s%s%s%s", text, i ? ", " : "", spec->tparams[i].name,
                            strchr(spec->tparams[i].kind, '.') ? "..." : "");
    return text;
}

/* "template <typename T, int N = 4>\n", "" when the entry is no template */
static const char *template_head(struct arena *a, const struct spec *s)
{
    const struct decl *d = spec_decl(s);

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
    return spec_find_dim(s, name) >= 0 || spec_find_let(s, name) >= 0;
}

/* What launch() and assume() name: they were measured with their dimensions as long long; figures
 * of the GPU are asked for where they are needed. */
static void outer_names(struct renames *names, const struct spec *s)
{
    for (size_t i = 0; i < s->nparams; i++) {
        const char *name = s->params[i].name;
        if (*name && is_dimension(s, name))
            renames_add(names, name, arena_printf(names->arena, "((long long)%s)", name));
    }
    renames_add(names, "gpu", "::ksearch_rt::gpu()");
}

/* launch() with a structure's values: the entry's own constants become numbers */
static struct renames structure_names(const struct copy *c, const struct winner *w)
{
    const int64_t *values =
        structure_entry_values(c->arena, w->emission->structure, w->emission->values);
    struct renames names;

    renames_init(&names, c->arena);
    for (size_t i = 0; i < spec_plain(c->spec)->ntunables; i++)
        renames_add(&names, c->spec->tunables[i].name, cxx_number(c->arena, values[i]));
    outer_names(&names, c->spec);
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
    outer_names(&names, c->spec);
    return names;
}

/* ---- targets ---- */

/* "sm_90", "sm_90a" */
static const char *pass_name(struct arena *a, const struct target_arch *only)
{
    return only->suffix ? specific_name(a, only->major, only->minor)
                        : arena_printf(a, "sm_%d%d", only->major, only->minor);
}

const char *launcher_pass(struct arena *a, const struct target_arch *only)
{
    return only->suffix
               ? arena_printf(a, "defined(%s)", specific_macro(a, only->major, only->minor))
               : arena_printf(a, "__CUDA_ARCH__ == %d", 100 * only->major + 10 * only->minor);
}

/* The driver takes the machine code that fits best, and nothing tells which that was. So there is a
 * kernel that says it: fewer threads may run it where it is of the target in question. */
void launcher_pass_asked(struct buf *out, struct arena *a, const struct target_arch *only)
{
    const char *name = pass_name(a, only);

    buf_addf(out,
             "static __global__ void\n#if defined(__CUDA_ARCH__) && %s\n"
             "__launch_bounds__(::ksearch_rt::pass_threads)\n#else\n"
             "__launch_bounds__(2 * ::ksearch_rt::pass_threads)\n#endif\n"
             "ksearch_is_%s() {}\n"
             "static inline __attribute__((unused)) bool ksearch_runs_%s()\n{\n"
             "    static signed char known[65];\n"
             "    return ::ksearch_rt::is_pass((const void *)&ksearch_is_%s, known);\n}\n",
             launcher_pass(a, only), name, name, name);
}

/* ---- conditions ---- */

static const char *join(struct arena *a, const char *tests, const char *test)
{
    return *tests ? arena_printf(a, "%s && %s", tests, test) : test;
}

/* the assumptions that ask for a figure of the GPU, or those that do not */
static const char *join_assumes(const struct copy *c, const struct renames *names, bool of_gpu,
                                const char *tests)
{
    for (size_t i = 0; i < c->spec->nassumes; i++) {
        const char *text = c->spec->assumes[i].text;
        if (text_mentions(c->arena, text, "gpu") == of_gpu)
            tests = join(c->arena, tests, arena_printf(c->arena, "(%s)", rename_text(text, names)));
    }
    return tests;
}

/* What the winner was checked under, it is run under: the assumptions are part of the condition.
 * What only compares numbers comes first, then what asks the runtime. */
const char *launcher_condition(const struct copy *c, const struct winner *w)
{
    struct arena *a = c->arena;
    const struct emission *e = w->emission;
    struct renames names = winner_names(c, w);
    const char *text = "";

    if (c->spec->is_template)
        text =
            arena_printf(a, "ksearch_at%s<%s>::is", w->suffix, launcher_own_arguments(a, c->spec));
    if (e->param)
        text = join(a, text,
                    arena_printf(a, "(long long)%s >= %s && (long long)%s <= %s", e->param,
                                 cxx_number(a, e->low), e->param, cxx_number(a, e->high)));
    text = join_assumes(c, &names, false, text);
    if (w->dispatch)
        text = join(a, text, arena_printf(a, "ks_device.is(%d, %d)", e->major, e->minor));
    if (e->only)
        text = join(a, text, arena_printf(a, "::ksearch_runs_%s()", pass_name(a, e->only)));
    text = join_assumes(c, &names, true, text);
    return *text ? text : "::ksearch_rt::any_device()";
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

void launcher_helpers(struct buf *out, const struct spec *spec, bool dispatch)
{
    cxx_helpers(out, spec, "ksearch_rt");
    if (dispatch)
        buf_adds(out, "    ::ksearch_rt::device ks_device;\n");
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
    else {
        buf_adds(out, "(const void *)");
        cxx_kernel_pointer(out, c->spec, winner_kernel(c->arena, c->spec, w));
        buf_adds(out, ", ");
    }
    config_text(out, c->spec, &names);
    buf_adds(out, ", ks_args, ks_granted))\n                return;\n        }\n");
}

static void launcher_head(struct buf *out, struct arena *a, const struct spec *s)
{
    buf_addf(out,
             "%sstatic inline __attribute__((unused)) void ksearch_launch__%s(const "
             "::ksearch_rt::config &ks_site%s",
             template_head(a, s), s->name, s->nparams ? ", " : "");
    cxx_parameters(out, a, s, true);
    buf_adds(out, ")\n{\n");
}

static void launch_original(struct buf *out, struct arena *a, const struct spec *s)
{
    buf_addf(out, "    %s", s->name);
    if (s->is_template)
        buf_addf(out, "<%s>", launcher_own_arguments(a, s));
    buf_adds(out, "<<<ks_site.grid, ks_site.block, ks_site.smem, ks_site.stream>>>(");
    cxx_parameter_names(out, a, s);
    buf_adds(out, ");\n}\n");
}

void launcher_forward(struct buf *out, const struct copy *c, const struct decl *d)
{
    struct spec s = {.file = c->spec->file, .name = d->name, .name_at = d->name_at};
    struct param_shape *shapes;

    s.is_template = d->is_template;
    signature_read(c->arena, s.file, d, &s, &shapes);
    launcher_head(out, c->arena, &s);
    launch_original(out, c->arena, &s);
}

/* an overload in a header would not be seen here; the compiler sees it, and then refuses this */
static void check_overloads(struct buf *out, const struct copy *c)
{
    size_t n;

    launch_overloads(c, &n);
    if (n == 0 && !c->spec->is_template)
        buf_addf(out, "    static_assert(sizeof(&%s) > 0, \"\");\n", c->spec->name);
}

/* copies, as gcc has no cast from the address of a `float *__restrict__` to void * under
 * -Wcast-qual
 */
static void launch_arguments(struct buf *out, struct arena *a, const struct spec *s)
{
    for (size_t i = 0; i < s->nparams; i++)
        buf_addf(out, "        auto ks_a%zu = %s;\n", i, cxx_parameter_name(a, s, i));
    buf_adds(out, "        void *ks_args[] = {");
    for (size_t i = 0; i < s->nparams; i++)
        buf_addf(out, "(void *)&ks_a%zu, ", i);
    buf_adds(out, "nullptr};\n");
}

void launcher_function(struct buf *out, const struct copy *c, const struct winner *w, size_t n)
{
    const struct spec *s = c->spec;
    struct renames dims;

    renames_init(&dims, c->arena);
    outer_names(&dims, s);
    launcher_head(out, c->arena, s);
    check_overloads(out, c);
    launcher_helpers(out, s, n > 0 && w->dispatch);
    buf_adds(out, "    if (::ksearch_rt::same(ks_site, ");
    config_text(out, s, &dims);
    buf_adds(out, ")) {\n");
    launch_arguments(out, c->arena, s);
    for (size_t i = 0; i < n; i++)
        try_winner(out, c, &w[i]);
    buf_adds(out, "    }\n");
    launch_original(out, c->arena, s);
}
