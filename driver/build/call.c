/* call.c - a call of the user's function from values that C knows.
 *
 * All generated functions stand in the entry's own namespaces, reopened at the end of the file, so
 * that names mean there what they mean to the entry; exported ones at global scope call them. A
 * snippet of the user sees the dimensions, then the lets, as `const long long`. */
#include "driver/build/call.h"

#include <string.h>
#include "driver/build/copy.h"
#include "driver/build/cxx.h"
#include "runtime/base/arena.h"
#include "runtime/base/embed.h"

EMBED_DECLARE(ksh_cuh);

void call_prelude(struct buf *out)
{
    buf_adds(out, "\n#undef cdiv\n#undef min\n#undef max\n");
    buf_add(out, embed_ksh_cuh, embed_ksh_cuh_size);
    buf_adds(out, "extern \"C\" {\n"
                  "__attribute__((visibility(\"default\"))) ksh::gpu_t ksearch_gpu;\n}\n");
}

void call_scope(struct buf *out, const struct call *c)
{
    const struct spec *s = c->spec;

    cxx_helpers(out, s, "ksh");
    buf_adds(out,
             "    const ::ksh::gpu_t &gpu = ::ksearch_gpu;\n    (void)gpu;\n    (void)ks_d;\n");
    for (size_t i = 0; i < s->ndims; i++)
        if (spec_find_let(s, s->dims[i]) < 0)
            buf_addf(out, "    const long long %s = ks_d[%zu];\n    (void)%s;\n", s->dims[i], i,
                     s->dims[i]);
    for (size_t i = 0; i < s->nlets; i++) {
        const struct named *let = &s->lets[i];
        int dim = spec_find_dim(s, let->name);
        const char *before =
            arena_printf(c->arena, "    const long long %s = (long long)(", let->name);
        if (dim >= 0)
            before = arena_printf(c->arena,
                                  "    const long long %s = ks_d[%d] != ::ksh::unbound ? ks_d[%d] "
                                  ": (long long)(",
                                  let->name, dim, dim);
        cxx_snippet(out, s, &let->value, NULL, before, "    );\n");
        buf_addf(out, "    (void)%s;\n", let->name);
    }
}

void call_arrays(struct buf *out, const struct call *c)
{
    const struct spec *s = c->spec;

    buf_adds(out, "    (void)ks_a;\n");
    for (size_t i = 0; i < s->narrays; i++) {
        const struct array *x = &s->arrays[i];
        if (x->as.text)
            cxx_snippet(out, s, &x->as, NULL, "    ::ksh::plain_t<", "    > *");
        else if (x->param >= 0)
            buf_addf(out, "    ::ksh::plain_t<%s> ", s->params[x->param].type);
        else
            buf_adds(out, "    void *");
        buf_addf(out, "%s = (decltype(%s))ks_a[%zu];\n    (void)%s;\n", x->name, x->name, i,
                 x->name);
    }
}

static bool launch_mentions(const struct call *c, const char *name)
{
    const struct launch *l = &c->spec->launch;

    for (int i = 0; i < 3; i++)
        if ((l->grid[i].text && text_mentions(c->arena, l->grid[i].text, name)) ||
            (l->block[i].text && text_mentions(c->arena, l->block[i].text, name)) ||
            (l->cluster[i].text && text_mentions(c->arena, l->cluster[i].text, name)))
            return true;
    return l->smem.text && text_mentions(c->arena, l->smem.text, name);
}

void call_launch_scalars(struct buf *out, const struct call *c)
{
    const struct spec *s = c->spec;

    for (size_t i = 0; i < s->nparams; i++) {
        const struct param *p = &s->params[i];
        if (!*p->name || p->is_pointer || !p->value.text || spec_param_array(s, i) ||
            spec_find_dim(s, p->name) >= 0 || spec_find_let(s, p->name) >= 0 ||
            !launch_mentions(c, p->name))
            continue;
        cxx_snippet(out, s, &p->value, NULL,
                    arena_printf(c->arena,
                                 "    const ::ksh::plain_t<%s> %s = (::ksh::plain_t<%s>)(", p->type,
                                 p->name, p->type),
                    "    );\n");
        buf_addf(out, "    (void)%s;\n", p->name);
    }
}

/* how many arguments a call needs: those at the end that keep their defaults are left out */
static size_t call_arguments(const struct spec *spec)
{
    size_t n = spec->nparams;

    while (n > 0 && !spec->params[n - 1].value.text && !spec->params[n - 1].is_stream &&
           !spec_param_array(spec, n - 1) && spec->params[n - 1].fallback.text)
        n--;
    return n;
}

void call_values(struct buf *out, const struct call *c, size_t n)
{
    const struct spec *s = c->spec;

    for (size_t i = 0; i < n; i++) {
        const struct param *p = &s->params[i];
        const struct array *x = spec_param_array(s, i);
        const struct cxx *value = p->value.text ? &p->value : &p->fallback;
        const char *before =
            arena_printf(c->arena, "    ::ksh::plain_t<%s> ks_v%zu = (::ksh::plain_t<%s>)(",
                         p->type, i, p->type);
        if (x)
            buf_addf(out, "%s%s);\n", before, x->name);
        else if (p->is_stream)
            buf_addf(out, "%sstream);\n", before);
        else
            cxx_snippet(out, s, value, NULL, before, "    );\n");
    }
}

static void value_names(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%sks_v%zu", i ? ", " : "", i);
}

/* ---- the calls ---- */

static void dim3_of(struct buf *out, const struct call *c, const char *name,
                    const struct cxx dim[3])
{
    for (int i = 0; i < 3; i++) {
        if (dim[i].text)
            cxx_snippet(out, c->spec, &dim[i], c->names,
                        arena_printf(c->arena, "    const unsigned %s%d = (unsigned)(", name, i),
                        "    );\n");
        else
            buf_addf(out, "    const unsigned %s%d = 1;\n", name, i);
    }
}

/* a cluster that is not part of the kernel's type needs the extensible launch */
static void launch_cluster(struct buf *out, const struct call *c, const char *address, size_t n)
{
    dim3_of(out, c, "ks_c", c->spec->launch.cluster);
    buf_adds(out, "    cudaLaunchAttribute ks_attribute;\n"
                  "    ks_attribute.id = cudaLaunchAttributeClusterDimension;\n"
                  "    ks_attribute.val.clusterDim.x = ks_c0;\n"
                  "    ks_attribute.val.clusterDim.y = ks_c1;\n"
                  "    ks_attribute.val.clusterDim.z = ks_c2;\n"
                  "    cudaLaunchConfig_t ks_config = {};\n"
                  "    ks_config.gridDim = dim3(ks_g0, ks_g1, ks_g2);\n"
                  "    ks_config.blockDim = dim3(ks_b0, ks_b1, ks_b2);\n"
                  "    ks_config.dynamicSmemBytes = ks_smem;\n"
                  "    ks_config.stream = stream;\n"
                  "    ks_config.attrs = &ks_attribute;\n"
                  "    ks_config.numAttrs = 1;\n"
                  "    void *ks_args[] = {");
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "(void *)&ks_v%zu, ", i);
    buf_addf(out, "nullptr};\n    cudaLaunchKernelExC(&ks_config, (const void *)%s, ks_args);\n",
             address);
}

static bool has_cluster(const struct spec *s)
{
    const char *def = s->file->src->text + s->def.at;

    return s->launch.cluster[0].text &&
           !memmem(def, s->body.at - s->def.at, "__cluster_dims__", 16);
}

/* `at`: where the kernel is named; `address`: an expression for its address */
static void launch(struct buf *out, const struct call *c, const char *kernel, const char *address,
                   struct span at)
{
    const struct spec *s = c->spec;

    call_launch_scalars(out, c);
    call_values(out, c, s->nparams);
    dim3_of(out, c, "ks_g", s->launch.grid);
    dim3_of(out, c, "ks_b", s->launch.block);
    /* nothing to do; launching it would be an error */
    buf_adds(out, "    if (ks_g0 == 0 || ks_g1 == 0 || ks_g2 == 0)\n        return 0;\n");
    if (s->launch.smem.text)
        cxx_snippet(out, s, &s->launch.smem, c->names, "    const size_t ks_smem = (size_t)(",
                    "    );\n");
    else
        buf_adds(out, "    const size_t ks_smem = 0;\n");
    buf_adds(out, line_marker(c->arena, s->file->src, at.at));
    if (s->launch.smem.text)
        buf_addf(out,
                 "    if (ks_smem > 0)\n        cudaFuncSetAttribute((const void *)%s, "
                 "cudaFuncAttributeMaxDynamicSharedMemorySize, (int)ks_smem);\n",
                 address);
    if (has_cluster(s)) {
        launch_cluster(out, c, address, s->nparams);
        return;
    }
    buf_addf(out,
             "    %s<<<dim3(ks_g0, ks_g1, ks_g2), dim3(ks_b0, ks_b1, ks_b2), ks_smem, stream>>>(",
             kernel);
    value_names(out, s->nparams);
    buf_adds(out, ");\n");
}

/* qualified, as a dimension may have the entry's name */
static const char *entry_name(const struct call *c)
{
    const struct rename *r =
        c->names ? renames_find(c->names, c->spec->name, strlen(c->spec->name)) : NULL;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    cxx_qualifier(&b, c->spec);
    buf_addf(&b, "%s%s", r ? r->to : c->spec->name,
             cxx_template_arguments(c->arena, c->spec, c->instance, c->values));
    const char *name = arena_copy(c->arena, buf_text(&b), b.len);
    buf_release(&b);
    return name;
}

static const char *entry_address(const struct call *c, const char *entry)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    cxx_kernel_pointer(&b, c->spec, entry);
    const char *address = arena_copy(c->arena, buf_text(&b), b.len);
    buf_release(&b);
    return address;
}

static void call_function(struct buf *out, const struct call *c, const struct cxx *function,
                          size_t n, bool stream)
{
    call_values(out, c, n);
    cxx_snippet(out, c->spec, function, NULL, "    (void)", "    (");
    value_names(out, n);
    buf_adds(out, stream ? n ? ", stream);\n" : "stream);\n" : ");\n");
}

static void call_body(struct buf *out, const struct call *c)
{
    const struct spec *s = c->spec;
    const char *entry = entry_name(c);

    if (s->call.text) {
        cxx_snippet(out, s, &s->call, c->names, "    ", "    ;\n");
    } else if (s->kind == ENTRY_KERNEL) {
        launch(out, c, entry, entry_address(c, entry), s->name_at);
    } else {
        call_function(out, c, &(struct cxx){entry, s->name_at}, call_arguments(s), false);
    }
}

void call_export(struct buf *out, const struct call *c, const char *returns, const char *what,
                 const char *params, const char *args)
{
    for (int define = 0; define < 2; define++) /* declared first: no warning for its absence */
        buf_addf(out, "extern \"C\" %s%s ksearch_%s__%s(%s)%s",
                 define ? "" : "__attribute__((visibility(\"default\"))) ", returns, what, c->label,
                 params, define ? "\n{\n    return " : ";\n");
    cxx_qualifier(out, c->spec);
    buf_addf(out, "ksearch_%s_%s(%s);\n}\n", what, c->label, args);
}

static void setup_function(struct buf *out, const struct call *c)
{
    cxx_open(out, c->spec);
    buf_addf(out, "static int ksearch_setup_%s()\n{\n", c->label);
    cxx_template_scope(out, c->arena, c->spec, c->instance, c->values, true);
    cxx_snippet(out, c->spec, &c->spec->setup, c->names, "    ",
                "    ;\n    return (int)cudaGetLastError();\n}\n");
    cxx_close(out, c->spec);
    call_export(out, c, "int", "setup", "void", "");
}

/* the namespaces of the entry, as rename.h wants them */
static const char *const *entry_scope(const struct call *c, size_t *n)
{
    const char **path = NULL;

    *n = 0;
    for (size_t i = 0; i < c->spec->nns; i++)
        if (c->spec->ns[i].name && !c->spec->ns[i].is_inline)
            *arena_push(c->arena, path, *n) = c->spec->ns[i].name;
    return path;
}

/* of a template only a pointer of the entry's type says which instance is meant */
static void launch_reference(struct buf *out, const struct call *c, const struct cxx *symbol)
{
    if (!c->spec->reference.is_template) {
        launch(out, c, symbol->text, symbol->text, symbol->at);
        return;
    }
    buf_adds(out, "    void (*ks_reference)(");
    cxx_parameters(out, c->arena, c->spec, false);
    cxx_snippet(out, c->spec, symbol, NULL, ") = ", "    ;\n");
    launch(out, c, "ks_reference", "ks_reference", symbol->at);
}

/* the reference in the place of the entry: as a function, a kernel, or by name in call(...) */
static void reference_body(struct buf *out, const struct call *c)
{
    const struct spec *s = c->spec;
    const struct cxx *symbol = &s->reference.symbol;

    if (s->call.text) {
        struct renames names;
        struct rename *r;
        renames_init(&names, c->arena);
        r = renames_add(&names, s->name, symbol->text);
        r->scope = entry_scope(c, &r->nscope);
        r->unqualified = true;
        cxx_snippet(out, s, &s->call, &names, "    ", "    ;\n");
    } else if (s->reference.is_kernel) {
        launch_reference(out, c, symbol);
    } else {
        size_t n = s->kind == ENTRY_KERNEL ? s->nparams : call_arguments(s);
        call_function(out, c, symbol, n, s->reference.takes_stream);
    }
}

static void caller(struct buf *out, const struct call *c, const char *what,
                   void (*body)(struct buf *, const struct call *))
{
    cxx_open(out, c->spec);
    buf_addf(out,
             "static int ksearch_%s_%s(const long long *ks_d, void *const *ks_a, "
             "cudaStream_t stream)\n{\n    (void)stream;\n",
             what, c->label);
    cxx_template_scope(out, c->arena, c->spec, c->instance, c->values, true);
    call_scope(out, c);
    call_arrays(out, c);
    body(out, c);
    buf_adds(out, "    return (int)cudaGetLastError();\n}\n");
    cxx_close(out, c->spec);
    call_export(out, c, "int", what, "const long long *ks_d, void *const *ks_a, void *ks_stream",
                "ks_d, ks_a, (cudaStream_t)ks_stream");
}

void call_reference(struct buf *out, const struct call *c)
{
    if (c->spec->reference.symbol.text)
        caller(out, c, "reference", reference_body);
}

void call_functions(struct buf *out, const struct call *c)
{
    caller(out, c, "call", call_body);
    if (c->spec->setup.text)
        setup_function(out, c);
}
