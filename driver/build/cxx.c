#include "driver/build/cxx.h"

#include <string.h>
#include "driver/build/copy.h"
#include "runtime/base/arena.h"

void cxx_open(struct buf *out, const struct spec *spec)
{
    for (size_t i = 0; i < spec->nns; i++)
        buf_addf(out, "%snamespace %s%s{\n", spec->ns[i].is_inline ? "inline " : "",
                 spec->ns[i].name ? spec->ns[i].name : "", spec->ns[i].name ? " " : "");
}

void cxx_close(struct buf *out, const struct spec *spec)
{
    for (size_t i = 0; i < spec->nns; i++)
        buf_adds(out, "}\n");
}

void cxx_qualifier(struct buf *out, const struct spec *spec)
{
    buf_adds(out, "::");
    for (size_t i = 0; i < spec->nns; i++)
        if (spec->ns[i].name)
            buf_addf(out, "%s::", spec->ns[i].name);
}

void cxx_snippet(struct buf *out, const struct spec *spec, const struct cxx *snippet,
                 const struct renames *names, const char *before, const char *behind)
{
    struct arena *a = arena_new();

    buf_adds(out, line_marker(a, spec->file->src, snippet->at.at));
    buf_adds(out, before);
    buf_adds(out, names ? arena_dup(a, rename_text(snippet->text, names)) : snippet->text);
    buf_addf(out, "\n%s", behind);
    arena_free(a);
}

static bool is_taken(const struct spec *s, const char *name)
{
    return spec_find_param(s, name) >= 0 || spec_find_dim(s, name) >= 0 ||
           spec_find_let(s, name) >= 0 || spec_find_array(s, name) >= 0;
}

void cxx_helpers(struct buf *out, const struct spec *spec, const char *space)
{
    static const char *const NAMES[] = {"cdiv", "min", "max"};

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (!is_taken(spec, NAMES[i]))
            buf_addf(out, "    using ::%s::%s;\n", space, NAMES[i]);
}

const char *cxx_number(struct arena *a, int64_t value)
{
    return arena_printf(a, value < 0 ? "(%lld)" : "%lld", (long long)value);
}

void cxx_string(struct buf *out, const char *text)
{
    buf_addc(out, '"');
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\' || *p == '?') /* ?: no trigraphs */
            buf_addf(out, "\\%c", *p);
        else if (*p < ' ' || *p >= 127)
            buf_addf(out, "\\%03o", *p);
        else
            buf_addc(out, (char)*p);
    }
    buf_addc(out, '"');
}

const int64_t *cxx_code_values(struct arena *a, const struct spec *spec)
{
    int64_t *values = arena_array(a, int64_t, spec->ntunables + 1);

    for (size_t i = 0; i < spec->ntunables; i++)
        values[i] = spec->tunables[i].values[spec->tunables[i].def];
    return values;
}

/* ---- template parameters ---- */

bool cxx_is_type(const struct tparam *p)
{
    return strcmp(p->kind, "typename") == 0 || strcmp(p->kind, "class") == 0;
}

static const char *bound(const struct spec *spec, size_t instance, const char *name)
{
    const struct instance *in = &spec->instances[instance];

    for (size_t i = 0; i < in->nbinds; i++)
        if (strcmp(in->binds[i].name, name) == 0)
            return in->binds[i].value.text;
    return NULL;
}

const char *cxx_template_argument(struct arena *a, const struct spec *spec, size_t instance,
                                  const int64_t *values, size_t i)
{
    const struct tparam *p = &spec->tparams[i];
    const char *text = bound(spec, instance, p->name);
    struct renames earlier;

    if (p->tunable >= 0)
        return cxx_number(a, values[p->tunable]);
    if (!text)
        text = p->fallback.text;
    if (!text)
        return NULL;
    renames_init(&earlier, a);
    for (size_t k = 0; k < i; k++) {
        const char *value = cxx_template_argument(a, spec, instance, values, k);
        if (value)
            renames_add(&earlier, spec->tparams[k].name, value);
    }
    text = rename_text(text, &earlier);
    return p->kind[0] && !cxx_is_type(p) && !strpbrk(p->kind, "<(") ? arena_printf(a, "(%s)", text)
                                                                    : text;
}

const char *cxx_template_arguments(struct arena *a, const struct spec *spec, size_t instance,
                                   const int64_t *values)
{
    const char *text = "";

    for (size_t i = 0; i < spec->ntparams; i++) {
        const char *value = cxx_template_argument(a, spec, instance, values, i);
        if (value)
            text = arena_printf(a, "%s%s%s", text, *text ? ", " : "<", value);
    }
    return *text ? arena_printf(a, "%s>", text) : text;
}

void cxx_template_scope(struct buf *out, struct arena *a, const struct spec *spec, size_t instance,
                        const int64_t *values, bool tuned)
{
    for (size_t i = 0; i < spec->ntparams; i++) {
        const struct tparam *p = &spec->tparams[i];
        const char *value = cxx_template_argument(a, spec, instance, values, i);
        if (!value || !*p->name || (p->tunable >= 0 && !tuned))
            continue;
        if (cxx_is_type(p))
            buf_addf(out, "    using %s __attribute__((unused)) = %s;\n", p->name, value);
        else if (strchr(p->kind, '(')) /* a function's address, whose type stands around the name */
            buf_addf(out, "    using ks_%s = %s;\n    constexpr ks_%s %s = %s;\n    (void)%s;\n",
                     p->name, p->kind, p->name, p->name, value, p->name);
        else if (!strchr(p->kind, '<')) /* a template: its uses are replaced, it has no alias */
            buf_addf(out, "    constexpr %s %s = %s;\n    (void)%s;\n", p->kind, p->name, value,
                     p->name);
    }
}

/* ---- parameters ---- */

const char *cxx_parameter_name(struct arena *a, const struct spec *spec, size_t i)
{
    return *spec->params[i].name ? spec->params[i].name : arena_printf(a, "ks_p%zu", i);
}

/* a pointer to a function has its name inside of its type */
static bool holds_name(const struct param *p)
{
    return strstr(p->type, "(*") || strstr(p->type, "(&");
}

void cxx_parameters(struct buf *out, struct arena *a, const struct spec *spec, bool defaults)
{
    for (size_t i = 0; i < spec->nparams; i++) {
        const struct param *p = &spec->params[i];
        buf_addf(out, "%s%s", i ? ", " : "", p->type);
        if (!holds_name(p))
            buf_addf(out, " %s", cxx_parameter_name(a, spec, i));
        if (defaults && p->fallback.text)
            buf_addf(out, " = %s\n", p->fallback.text);
    }
}

void cxx_kernel_pointer(struct buf *out, const struct spec *spec, const char *kernel)
{
    buf_adds(out, "static_cast<void (*)(");
    for (size_t i = 0; i < spec->nparams; i++)
        buf_addf(out, "%s%s", i ? ", " : "", spec->params[i].type);
    buf_addf(out, ")>(&%s)", kernel);
}

void cxx_parameter_names(struct buf *out, struct arena *a, const struct spec *spec)
{
    for (size_t i = 0; i < spec->nparams; i++)
        buf_addf(out, "%s%s%s", i ? ", " : "", cxx_parameter_name(a, spec, i),
                 strstr(spec->params[i].type, "...") ? "..." : "");
}

void cxx_name_parameters(struct edits *e, const struct spec *spec)
{
    for (size_t i = 0; i < spec->nparams; i++)
        if (!*spec->params[i].name)
            edits_insert(e, spec->params[i].type_at.end, arena_printf(e->arena, " ks_p%zu", i));
}
