/* driver/search/lab_kernels.c - what the kernels of a trial, or of the original, are made of: what
 * ptxas says of each, and the machine instructions where a tool of the toolkit tells them. */
#include "driver/search/lab_facts.h"

#include <string.h>

#include "driver/build/cubin.h"
#include "driver/build/rewrite.h"
#include "driver/build/sass.h"
#include "driver/build/symbol.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

enum { KERNELS_MOST = 8 };

struct compiled { /* some kernels, in a cubin with others */
    const struct buf *cubin;
    const char *said; /* by ptxas */
    const char *const *idents;
    size_t n;
};

static bool is_among(const struct compiled *c, const char *symbol)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(symbol, c->idents[i]) == 0 || cubin_holds(symbol, c->idents[i]))
            return true;
    return false;
}

static json_t *kernel_fact(struct search *s, const struct compiled *c, const char *symbol,
                           const struct sass *sass)
{
    struct usage u = usage_read(c->said ? c->said : "", &symbol, 1);
    const struct sass_kernel *k = sass_find(sass, symbol);
    json_t *fact =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "symbol", symbol, "name",
                  symbol_text(s->arena, symbol), "regs", (json_int_t)u.regs, "smem",
                  (json_int_t)u.smem, "spills", (json_int_t)u.spills, "stack", (json_int_t)u.stack);
    if (!k)
        return fact;
    json_t *count = json_object();
    for (int i = 0; i < SASS_KINDS; i++)
        if (k->count[i])
            json_object_set_new(count, sass_kind_name(i), json_integer(k->count[i]));
    json_object_set_new(fact, "instructions", json_integer(k->total));
    json_object_set_new(fact, "count", count);
    return fact;
}

/* the instructions; none where no tool tells them */
static struct sass disassembled(struct search *s, const struct buf *image)
{
    const struct units_target *t = &s->job->target;
    const char *nvcc = t->command->nvcc, *path = arena_printf(s->arena, "%s/kernels.cubin", t->dir);
    struct sass sass;
    sass_of_image(s->arena, nvcc, path, image, &sass, NULL);
    return sass;
}

static json_t *kernels_fact(struct search *s, const struct compiled *c)
{
    struct error err = {""};
    struct cubin cubin;
    json_t *kernels = json_array();
    if (cubin_read(s->arena, c->cubin->data, c->cubin->len, &cubin, &err) == 0) {
        struct sass sass = disassembled(s, c->cubin);
        for (size_t i = 0; i < cubin.n && json_array_size(kernels) < KERNELS_MOST; i++)
            if (is_among(c, cubin.kernels[i].symbol))
                json_array_append_new(kernels, kernel_fact(s, c, cubin.kernels[i].symbol, &sass));
    }
    return json_pack("{s:o}", "kernels", kernels);
}

static json_t *original_fact(struct search *s)
{
    const struct units_target *t = &s->job->target;
    struct variant_ref ref = {s->spec, t->instance, NULL, ""}; /* its values name no kernel */
    struct compiled c = {.cubin = lab_plain(s), .said = s->lab.plain_said};
    c.idents = rewrite_kernels(s->arena, &ref, &c.n);
    return c.cubin->len ? kernels_fact(s, &c) : json_pack("{s:s}", "failed", "it has no cubin");
}

static json_t *trial_fact(struct search *s, const struct trial *x)
{
    const struct built *b = &x->built;
    struct compiled c = {.cubin = b->blob, .said = b->messages};
    c.idents = b->symbols ? b->symbols : &b->symbol;
    c.n = b->symbols ? s->forms[x->form]->spec->structure->nruns : 1;
    if (b->error || b->is_shared)
        return json_pack("{s:s}", "failed", b->error ? b->error : "it is a shared object");
    return kernels_fact(s, &c);
}

static json_t *make_kernels(struct search *s, void *arg)
{
    struct trial *x = arg;
    double start = now_seconds();
    if (x && !lab_built(s, x))
        return NULL;
    json_t *fact = x ? trial_fact(s, x) : original_fact(s);
    json_object_set_new(fact, "seconds", json_real(now_seconds() - start));
    return fact;
}

const json_t *lab_kernels(struct search *s, struct trial *x)
{
    const char *name = arena_printf(s->arena, "kernels/%s", lab_id(s, x));
    return json_object_get(lab_optional(s, name, make_kernels, x), "kernels");
}
