/* driver/codes.c - see codes.h. */
#include "driver/codes.h"

#include "driver/build/specific.h"
#include "driver/build/units.h"
#include "driver/winner.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

#define WAIT_MS 50

bool codes_untrusted(const struct unit_source *u)
{
    for (size_t i = 0; i < u->ntargets; i++) {
        const struct record *r = u->targets[i].record;
        for (size_t k = 0; r && k < r->nwinners; k++)
            if (r->winners[k].text)
                return true;
    }
    return false;
}

static const char *winner_name(struct arena *a, const struct record_winner *w)
{
    struct buf b;
    buf_init(&b, BUF_LIMIT);
    record_winner_text(w, &b);
    const char *name = arena_dup(a, buf_text(&b));
    buf_release(&b);
    return name;
}

bool code_is_for(const struct codes *c, const struct code *code, size_t point)
{
    const struct spec *spec = c->target->spec;
    const struct record_winner *w = code->winner;
    if (!w || !w->param)
        return true;
    int i = spec_find_param(spec, w->param), d = i < 0 ? -1 : spec_param_dim(spec, (size_t)i);
    return d >= 0 && spec->points[point].dims[d] >= w->low &&
           spec->points[point].dims[d] <= w->high;
}

/* ---- winners ---- */

/* compiles one variant and tells the bench of it */
static int code_build(struct codes *c, struct code *code, const struct units_target *target,
                      const int64_t *values, struct error *err)
{
    struct units *u = units_new(target, 1, NULL);
    struct arena *a = c->stage->in->arena;
    struct built b;
    int got;
    units_add(u, 0, values);
    for (units_pump(u); !(got = units_next(u, &b)) && !proc_interrupted(); units_pump(u))
        units_wait(u, WAIT_MS);
    if (!got)
        error_set(err, "interrupted");
    else if (b.error)
        error_set(err, "%s", b.error);
    if (!*err->text) {
        size_t module = bench_add_module(c->stage->bench, b.is_shared, b.blob);
        code->variant = bench_add_built(c->stage->bench, a, module, target->spec, values, &b);
        code->messages = arena_dup(a, b.messages);
        code->is_there = true;
    }
    units_free(u);
    return *err->text ? -1 : 0;
}

static int code_make(struct codes *c, struct target *t, struct code *code, const struct spec *own,
                     struct error *err)
{
    struct units_target target = stage_target(c->stage, t);
    const struct record_winner *w = code->winner;
    const struct spec *spec = winner_spec(c->stage->source, t, own, w, err);
    const int64_t *values = spec ? winner_values(c->stage->in->arena, w, spec, err) : NULL;
    struct hash hash;
    if (!values)
        return -1;
    target.spec = spec;
    if (w->arch)
        target.suffix = SPECIFIC_SUFFIX;
    target.contained = w->text != NULL;
    target.whole = true; /* it is to be the code that the file's object has */
    target.tells_usage = true;
    if (code_build(c, code, &target, values, err))
        return -1;
    if (units_code(&target, values, &hash, &code->cubin, err))
        return -1;
    if (!hash_equal(&hash, &w->code))
        return error_set(err, "its machine code is not what the search measured");
    return 0;
}

static void codes_winners(struct codes *c, struct target *t)
{
    struct arena *a = c->stage->in->arena;
    const struct spec **own = winner_specs(a, c->stage->source);
    size_t k = (size_t)(t - c->stage->source->targets);
    for (size_t i = 0; t->record && i < t->record->nwinners; i++) {
        struct code *code = &c->code[c->n++];
        struct error err = {""};
        *code = (struct code){.winner = &t->record->winners[i],
                              .name = winner_name(a, &t->record->winners[i])};
        buf_init(&code->cubin, BUF_LIMIT);
        if (code_make(c, t, code, own[k], &err))
            code->why = arena_dup(a, err.text);
    }
}

/* ---- all of them ---- */

int codes_open(struct codes *c, struct stage *s, struct target *t, struct error *err)
{
    struct arena *a = s->in->arena;
    *c = (struct codes){.stage = s, .target = t};
    if (stage_ready(s, t))
        return error_set(err, "%s", s->broken.text);
    if (bench_open(s->bench, t->spec, t->instance, &s->harness, 1, err) != BENCH_OK)
        return -1;
    c->timed = arena_array(a, size_t, t->spec->npoints + 1);
    for (size_t i = 0; i < t->spec->npoints; i++)
        if (t->spec->points[i].timed)
            c->timed[c->ntimed++] = i;
    if (!c->ntimed)
        return error_set(err, "it has no workload(...)");
    c->code = arena_array(a, struct code, (t->record ? t->record->nwinners : 0) + 1);
    c->code[c->n++] = (struct code){
        .name = "original", .variant = BENCH_ORIGINAL, .is_there = true, .messages = s->said};
    buf_init(&c->code[0].cubin, BUF_LIMIT);
    codes_winners(c, t);
    return 0;
}

void codes_close(struct codes *c)
{
    for (size_t i = 0; i < c->n; i++)
        buf_release(&c->code[i].cubin);
}

/* ---- what they are made of ---- */

struct usage code_usage(const struct code *code, const char *symbol)
{
    if (!code->messages || !symbol)
        return (struct usage){-1, -1, -1, -1};
    return usage_read(code->messages, &symbol, 1);
}

int code_instructions(const struct codes *c, const struct code *code, struct sass *out,
                      struct error *err)
{
    struct arena *a = c->stage->in->arena;
    struct units_target target = stage_target(c->stage, c->target);
    const char *nvcc = c->stage->in->command.nvcc;
    const char *path = arena_printf(a, "%s/code.cubin", c->stage->dir);
    struct buf *cubin = (struct buf *)&code->cubin;
    *out = (struct sass){NULL, 0};
    if (!sass_argv(a, nvcc, path, err))
        return -1;
    if (!cubin->len && !code->winner && units_plain(&target, cubin, NULL, err))
        return -1;
    if (!cubin->len)
        return error_set(err, "there is no machine code of it");
    return sass_of_image(a, nvcc, path, cubin, out, err);
}
