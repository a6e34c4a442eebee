/* driver/emission.c - the compile with winners in it.
 *
 * What ships is what was measured: each winner's machine code in the emitted object is compared
 * with the record's before anything is written. A winner that cannot be emitted, or whose code
 * differs, is refused and the rest is tried without it.
 *
 * A winner that needs a target with an `a` (build/specific.h) has its source compiled for that,
 * too. Its kernels, and those of any structure where there are several architectures, are empty in
 * the passes for other targets, which may not have what they use, and are not launched there. */
#include "driver/emission_impl.h"

#include <stdlib.h>
#include <string.h>

#include "driver/build/fixed.h"
#include "driver/build/plan_add.h"
#include "driver/reproducible.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

static bool has_specific(const struct record *r)
{
    bool has = false;
    for (size_t i = 0; r && i < r->nwinners; i++)
        has |= r->winners[i].arch != NULL;
    return has;
}

/* is there a winner that needs a target of its own? Even where that is all that is named, nvcc
 * makes PTX without the `a` */
static bool any_specific(const struct inspection *in)
{
    for (size_t i = 0; i < in->nsources; i++)
        for (size_t k = 0; k < in->sources[i].ntargets; k++) {
            const struct target *t = &in->sources[i].targets[k];
            if (!t->refused && has_specific(t->record))
                return true;
            for (size_t o = 0; o < t->nothers; o++)
                if (!t->others[o].refused && has_specific(t->others[o].record))
                    return true;
        }
    return false;
}

/* several architectures in one object: the winner must not run on the others */
static bool needs_dispatch(const struct inspection *in)
{
    const struct command *c = &in->command;
    if (any_specific(in))
        return true;
    for (size_t i = 0; i < c->narchs; i++)
        if (c->archs[i].major != in->arch.major || c->archs[i].minor != in->arch.minor)
            return true;
    return false;
}

void emission_refuse(struct target *t, const struct record *r)
{
    t->refused |= r == t->record;
    for (size_t i = 0; i < t->nothers; i++)
        t->others[i].refused |= r == t->others[i].record;
}

bool emission_is_refused(const struct target *t, const struct record *r)
{
    for (size_t i = 0; i < t->nothers; i++)
        if (t->others[i].record == r)
            return t->others[i].refused;
    return t->refused;
}

const struct target_arch *emission_code(const struct inspection *in, const struct record *r)
{
    return in->have_gpu && in->command.native && r->major == in->gpu.major &&
                   r->minor == in->gpu.minor
               ? &in->arch
               : inspection_code_for(in, r->major, r->minor);
}

/* where an output is to be the same everywhere, so are those with winners */
static void emit_fix(struct inspection *in)
{
    struct error err = {""};
    if (reproducible_asked(NULL) == REPRODUCIBLE_NO || !in->plan.n)
        return;
    if (fixed_plan(in->arena, &in->plan, &in->command, &err))
        log_warn("the output will not be reproducible: %s", err.text);
}

/* The steps of this attempt: the compile's own, and those for the targets that winners need beside.
 * -1: one of these cannot be added, and its winners are refused */
static int emit_plan(struct emit *e, struct error *err)
{
    struct inspection *in = e->in;
    in->plan = e->plain;
    in->plan.steps = arena_array(in->arena, struct step, e->plain.n + 1);
    memcpy(in->plan.steps, e->plain.steps, e->plain.n * sizeof *e->plain.steps);
    for (size_t i = 0; i < e->n; i++) {
        struct emitted *x = &e->emitted[i];
        if (!x->specific || plan_add_specific(in->arena, &in->plan, x->source->src->path, x->major,
                                              x->minor, err) == 0)
            continue;
        struct error why_not = *err;
        *err = (struct error){""};
        emission_refuse(x->target, x->record);
        return error_set(err, "%s: the winner cannot be emitted: %s", x->target->name,
                         why_not.text);
    }
    emit_fix(in);
    return 0;
}

/* compiles with the winners of all sources. 0: done. Positive: nvcc must do it alone (the text may
 * be at fault). -1: a winner was refused, try again without it */
static int emit_once(struct emit *e, struct error *why)
{
    struct inspection *in = e->in;
    struct splice *splices = arena_array(in->arena, struct splice, in->nsources + 1);
    struct error err = {""};
    size_t n = 0;
    int rc = 1;
    emission_start(e);
    e->dispatch = needs_dispatch(in);
    for (size_t i = 0; i < in->nsources; i++) {
        char *text = emission_text(e, &in->sources[i]);
        if (text)
            splices[n++] = (struct splice){in->sources[i].src->path, text,
                                           in->sources[i].src->piece, in->sources[i].src->npieces};
    }
    if (n)
        rc = emit_plan(e, &err) ? -1 : 1;
    if (n && rc > 0)
        rc = plan_run(&in->plan, &in->command, splices, n, emission_check, e, true, &err);
    if (rc < 0)
        log_warn("%s", err.text);
    if (rc > 0 && *err.text)
        error_set(why, "the text with the winners does not compile: %s", err.text);
    if (rc == 0)
        rc = emission_unverified(e);
    for (size_t i = 0; i < n; i++)
        free((char *)splices[i].text);
    return rc;
}

int emission_possible(const struct inspection *in, const struct unit_source *u,
                      const struct target *t, struct error *err)
{
    int64_t *values = arena_array(in->arena, int64_t, t->spec->ntunables + 1);
    struct emission e = {.spec = t->spec, .instance = t->instance, .values = values};
    struct buf text;
    for (size_t i = 0; i < t->spec->ntunables; i++)
        values[i] = t->spec->tunables[i].values[t->spec->tunables[i].def];
    buf_init(&text, BUF_LIMIT);
    int rc = rewrite_emit(u->file, &e, 1, needs_dispatch(in), &text, err);
    buf_release(&text);
    return rc;
}

static size_t count_refused(const struct inspection *in)
{
    size_t n = 0;
    for (size_t i = 0; i < in->nsources; i++)
        for (size_t k = 0; k < in->sources[i].ntargets; k++) {
            const struct target *t = &in->sources[i].targets[k];
            n += t->refused;
            for (size_t o = 0; o < t->nothers; o++)
                n += t->others[o].refused;
        }
    return n;
}

bool emission_refused(const struct inspection *in)
{
    return count_refused(in) != 0;
}

bool emission_fixed(struct inspection *in, struct error *why)
{
    if (in->command.keeps) {
        error_set(why, "--keep asks for the intermediate files of nvcc's own run");
        return false;
    }
    if (inspection_plan(in, why) || fixed_plan(in->arena, &in->plan, &in->command, why))
        return false;
    return plan_run(&in->plan, &in->command, NULL, 0, NULL, NULL, true, why) == 0;
}

bool emission_run(struct inspection *in, struct error *why)
{
    struct emit e = {.in = in, .plain = in->plan};
    size_t before;
    int rc;
    for (size_t i = 0; i < in->nsources; i++)
        for (size_t k = 0; k < in->sources[i].ntargets; k++)
            emission_foresee(in, &in->sources[i], &in->sources[i].targets[k]);
    do {
        before = count_refused(in);
        rc = emit_once(&e, why);
    } while (rc < 0 && count_refused(in) > before && !proc_interrupted());
    if (rc == 0)
        return true;
    in->plan = e.plain;
    for (size_t i = 0; i < in->nsources; i++)
        for (size_t k = 0; k < in->sources[i].ntargets; k++) {
            struct target *t = &in->sources[i].targets[k];
            t->refused = t->record && t->record->nwinners;
            for (size_t o = 0; o < t->nothers; o++)
                t->others[o].refused = true;
        }
    return false;
}
