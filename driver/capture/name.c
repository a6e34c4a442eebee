/* driver/capture/name.c - what kernels and their parameters are called.
 *
 * The driver knows the mangled name, which holds the types of the parameters but not their names;
 * those are in the source, where the user gives it. A kernel that is declared extern "C" has
 * neither without its source. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "driver/capture/captured.h"
#include "driver/lang/scan.h"
#include "driver/lang/signature.h"
#include "runtime/base/arena.h"
#include "runtime/base/demangle.h"
#include "runtime/base/error.h"

/* ---- the demangled name ---- */

static void name_kernel(struct captured *c, struct captured_kernel *k)
{
    char *plain = demangle(k->mangled);

    k->demangled = plain ? arena_dup(c->arena, plain) : k->mangled;
    free(plain);
    k->name = kernel_name_read(c->arena, k->demangled);
}

static void name_params(struct captured *c, struct captured_kernel *k)
{
    size_t n = k->nlaunches ? 0 : k->name.nparams;

    for (size_t i = 0; i < k->nlaunches; i++)
        n = k->launches[i].nvalues > n ? k->launches[i].nvalues : n;
    for (size_t i = 0; i < n; i++) {
        struct captured_param *p = arena_push(c->arena, k->params, k->nparams);
        p->name = arena_printf(c->arena, "p%zu", i);
        p->type_text = k->name.has_params && i < k->name.nparams ? k->name.params[i] : "";
        p->type = type_read(c->arena, p->type_text);
    }
}

/* the name as it can stand in a file's; kernels that share it are numbered */
static void label_kernel(struct captured *c, struct captured_kernel *k)
{
    char *label = arena_dup(c->arena, *k->name.name ? k->name.name : "kernel");
    size_t same = 0;

    for (char *p = label; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_')
            *p = '_';
    if (strlen(label) > 100)
        label[100] = '\0';
    for (struct captured_kernel *other = c->kernels; other < k; other++)
        same += strcmp(other->name.name, k->name.name) == 0;
    k->label = same ? arena_printf(c->arena, "%s-%zu", label, same + 1) : label;
}

/* ---- the source ---- */

/* "blas::scale"; namespaces without a name are as the demangler prints them */
static const char *qualified(struct arena *a, const struct decls *decls, const struct decl *d)
{
    const char *name = d->name;

    for (size_t s = d->scope; s != 0; s = decls->scope[s].parent)
        name = arena_printf(a, "%s::%s",
                            decls->scope[s].name ? decls->scope[s].name : "(anonymous namespace)",
                            name);
    return name;
}

/* how well a function of the source fits a kernel: 0 not at all. Overloads are told apart by their
 * parameters' types, where those can be compared */
static size_t match(struct arena *a, const struct file *f, const struct decl *d,
                    const struct captured_kernel *k, const struct spec *spec)
{
    size_t score = 1;

    if (strcmp(d->name, k->name.name) != 0 || spec->nparams != k->nparams ||
        (k->name.has_params && strcmp(qualified(a, f->decls, d), k->name.qualified) != 0))
        return 0;
    for (size_t i = 0; i < k->nparams; i++) {
        struct type theirs = type_read(a, spec->params[i].type), ours = k->params[i].type;
        if (!*k->params[i].type_text)
            continue;
        if (theirs.pointers != ours.pointers && theirs.scalar != SCALAR_UNKNOWN)
            return 0;
        score += theirs.scalar == ours.scalar && theirs.size == ours.size;
    }
    return score + (d->body.end > d->body.at);
}

static void take_names(struct arena *a, struct captured_kernel *k, const struct spec *spec,
                       const char *path)
{
    k->source = path;
    for (size_t i = 0; i < k->nparams; i++) {
        struct captured_param *p = &k->params[i];
        if (*spec->params[i].name) {
            p->name = spec->params[i].name;
            p->is_named = true;
        }
        if (!*p->type_text) {
            p->type_text = spec->params[i].type;
            p->type = type_read(a, p->type_text);
        }
    }
    if (spec->ntparams != k->name.ntargs || spec->ntparams == 0)
        return;
    k->tparams = arena_array(a, struct captured_tparam, spec->ntparams);
    for (size_t i = 0; i < spec->ntparams; i++)
        k->tparams[i] =
            (struct captured_tparam){spec->tparams[i].name, spec->tparams[i].fallback.text};
}

static void name_from_source(struct captured *c, struct captured_kernel *k, const struct file *f)
{
    struct spec best = {0};
    size_t best_score = 0;

    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        struct spec spec = {0};
        struct param_shape *shapes;
        size_t score;
        if (d->kind != DECL_FUNCTION || !d->is_global)
            continue;
        signature_read(c->arena, f, d, &spec, &shapes);
        score = match(c->arena, f, d, k, &spec);
        if (score > best_score) {
            best = spec;
            best_score = score;
        }
    }
    if (best_score > 0)
        take_names(c->arena, k, &best, f->src->path);
}

int captured_name(struct captured *c, const char *const *sources, size_t n, struct error *err)
{
    for (size_t i = 0; i < c->nkernels; i++) {
        name_kernel(c, &c->kernels[i]);
        name_params(c, &c->kernels[i]);
        label_kernel(c, &c->kernels[i]);
    }
    for (size_t s = 0; s < n; s++) {
        struct file f = {.arena = c->arena};
        f.src = source_read(c->arena, sources[s], err);
        if (!f.src)
            return -1;
        f.tokens = scan_tokens(c->arena, f.src);
        f.decls = scan_decls(c->arena, f.tokens);
        for (size_t i = 0; i < c->nkernels; i++)
            if (!c->kernels[i].source)
                name_from_source(c, &c->kernels[i], &f);
    }
    return 0;
}

struct type captured_element(const struct captured_kernel *k, const struct captured_array *a)
{
    struct type t = k->params[a->param].type;

    if (t.pointers == 1 && a->word == 0) {
        t.pointers = 0;
        return t;
    }
    return (struct type){.name = "", .lanes = 1};
}

const char *captured_array_name(struct arena *arena, const struct captured_kernel *k,
                                const struct captured_array *a)
{
    const struct captured_param *p = &k->params[a->param];

    if (p->type.pointers > 0 || a->word == 0)
        return p->name;
    return arena_printf(arena, "%s_%zu", p->name, a->word);
}
