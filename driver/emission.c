/* driver/emission.c - the compile with winners in it.
 *
 * What ships is what was measured: each winner's machine code in the emitted object is compared
 * with the record's before anything is written. A winner that cannot be emitted, or whose code
 * differs, is refused and the rest is tried without it.
 *
 * A winner that needs a target with an `a` (build/specific.h) has its source compiled for that,
 * too. Its kernels, and those of any structure where there are several architectures, are empty in
 * the passes for other targets, which may not have what they use, and are not launched there. */
#include "driver/emission.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "driver/build/cubin.h"
#include "driver/build/fixed.h"
#include "driver/build/plan_add.h"
#include "driver/build/rewrite.h"
#include "driver/build/specific.h"
#include "driver/build/symbol.h"
#include "driver/reproducible.h"
#include "driver/winner.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

struct emitted { /* one winner that is emitted: whose it is, and what to compare its code with */
    const struct unit_source *source;
    struct target *target;
    const struct record *record;
    const struct record_winner *winner;
    int major, minor; /* what the code that was measured is compiled for */
    bool specific;    /* and that with an `a` */
    bool verified;    /* its machine code was seen, and is what was measured */
};

struct emit {
    struct inspection *in;
    struct emission *emission; /* of all sources, one source after the other */
    struct emitted *emitted;   /* beside it */
    size_t n;
    bool dispatch;
    struct plan plain; /* the compile's own */
};

/* what `ksnvcc explain OBJECT` reads; nothing in it differs between two builds from the same record
 */
static const char *provenance(struct arena *a, const struct record *r,
                              const struct record_winner *w)
{
    char hex[65];
    hash_hex(&r->key.all, hex);
    json_t *values = json_object();
    for (size_t i = 0; i < w->nvalues; i++)
        json_object_set_new(values, w->values[i].name, json_integer(w->values[i].value));
    json_t *note = json_pack("{s:o,s:o,s:o,s:f,s:f,s:f,s:s,s:s,s:s,s:s}", "entry",
                             utf8_json(r->entry), "file", utf8_json(r->file), "winner", values,
                             "speedup", r->ratio, "low", r->low, "high", r->high, "gpu", r->gpu,
                             "toolkit", r->toolkit, "measured", r->created, "key", hex);
    if (r->is_energy)
        json_object_set_new(note, "objective", json_string("energy"));
    if (w->structure)
        json_object_set_new(note, "structure", utf8_json(w->structure));
    if (w->text)
        json_object_set_new(note, "written_by", json_string("model"));
    if (w->arch)
        json_object_set_new(note, "arch", json_string(w->arch));
    if (r->signer)
        json_object_set_new(
            note, "signed",
            json_pack("{s:o,s:s}", "by", utf8_json(r->signer_name), "key", r->signer));
    if (w->param)
        json_object_set_new(note, "when",
                            json_pack("{s:s,s:I,s:I}", "param", w->param, "low", (json_int_t)w->low,
                                      "high", (json_int_t)w->high));
    char *text = json_dumps(note, JSON_COMPACT | JSON_REAL_PRECISION(6));
    const char *kept = arena_dup(a, text);
    free(text);
    json_decref(note);
    return kept;
}

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

/* none of this record's winners is to be emitted */
static void refuse(struct target *t, const struct record *r)
{
    t->refused |= r == t->record;
    for (size_t i = 0; i < t->nothers; i++)
        t->others[i].refused |= r == t->others[i].record;
}

static bool is_refused(const struct target *t, const struct record *r)
{
    for (size_t i = 0; i < t->nothers; i++)
        if (t->others[i].record == r)
            return t->others[i].refused;
    return t->refused;
}

/* the code of this compile that the record's GPU runs; NULL: there is none */
static const struct target_arch *record_code(const struct inspection *in, const struct record *r)
{
    return in->have_gpu && in->command.native && r->major == in->gpu.major &&
                   r->minor == in->gpu.minor
               ? &in->arch
               : inspection_code_for(in, r->major, r->minor);
}

/* The one target that a winner's code is made for, as others have not got what it uses: what it
 * needs; or, of a structure in a file for several architectures, its own. NULL: all of the
 * command's do */
static const struct target_arch *winner_target(const struct inspection *in, const struct record *r,
                                               const struct record_winner *w,
                                               const struct spec *spec,
                                               const struct target_arch *code)
{
    struct target_arch *only = arena_alloc(in->arena, sizeof *only);
    const struct command *c = &in->command;
    *only = (struct target_arch){
        .major = r->major, .minor = r->minor, .suffix = w->arch ? SPECIFIC_SUFFIX : '\0'};
    if (w->arch)
        return only;
    only->major = code->major, only->minor = code->minor;
    for (size_t i = 0; spec->structure && i < c->narchs; i++)
        if (c->archs[i].major != code->major || c->archs[i].minor != code->minor)
            return only;
    return NULL;
}

/* one winner; -1 when it does not fit the source, with *err saying more where there is more to say
 */
static int emit_winner(struct emit *e, struct unit_source *u, struct target *t,
                       const struct record *r, const struct spec *own,
                       const struct record_winner *w, struct error *err)
{
    const struct target_arch *code = record_code(e->in, r);
    const char *why;
    if (w->arch && !inspection_can_use(e->in, r, &why))
        return error_set(err, "%s", why);
    const struct spec *spec = winner_spec(u, t, own, w, err);
    const int64_t *values = spec ? winner_values(e->in->arena, w, spec, err) : NULL;
    if (!values)
        return -1;
    if (w->param && spec_find_param(t->spec, w->param) < 0)
        return error_set(err, "it does not fit the code: it has no parameter '%s'", w->param);
    const struct target_arch *only = winner_target(e->in, r, w, spec, code);
    e->emitted[e->n] =
        (struct emitted){u, t, r, w, code->major, code->minor, w->arch != NULL, false};
    e->emission[e->n++] = (struct emission){.spec = own,
                                            .structure = spec->structure ? spec : NULL,
                                            .instance = t->instance,
                                            .values = values,
                                            .major = r->major,
                                            .minor = r->minor,
                                            .only = only,
                                            .note = provenance(e->in->arena, r, w),
                                            .param = w->param,
                                            .low = w->low,
                                            .high = w->high};
    return 0;
}

/* adds the winners of one record: all of them or, when one does not fit the source, none */
static void emit_record(struct emit *e, struct unit_source *u, struct target *t,
                        const struct record *r, const struct spec *own)
{
    size_t before = e->n;
    for (size_t i = 0; r && !is_refused(t, r) && i < r->nwinners; i++) {
        struct error err = {""};
        if (emit_winner(e, u, t, r, own, &r->winners[i], &err) == 0)
            continue;
        log_warn("%s: %s: the winner cannot be emitted: %s", fs_base(u->src->path), t->name,
                 err.text);
        refuse(t, r);
        e->n = before;
    }
}

/* adds the winners of one target */
static void emit_add(struct emit *e, struct unit_source *u, struct target *t,
                     const struct spec *own)
{
    emit_record(e, u, t, t->record, own);
    for (size_t i = 0; i < t->nothers; i++)
        emit_record(e, u, t, t->others[i].record, own);
}

static size_t count_winners(const struct target *t)
{
    size_t n = t->record ? t->record->nwinners : 0;
    for (size_t i = 0; i < t->nothers; i++)
        n += t->others[i].record->nwinners;
    return n;
}

/* room for the winners of all sources */
static void emit_start(struct emit *e)
{
    size_t most = 0;
    for (size_t i = 0; i < e->in->nsources; i++)
        for (size_t k = 0; k < e->in->sources[i].ntargets; k++)
            most += count_winners(&e->in->sources[i].targets[k]);
    e->emission = arena_array(e->in->arena, struct emission, most + 1);
    e->emitted = arena_array(e->in->arena, struct emitted, most + 1);
    e->n = 0;
}

/* whose target an error of rewrite_emit names ("'vadd': ..."), else the last one */
static const struct emitted *emit_culprit(const struct emit *e, size_t from,
                                          const struct error *err)
{
    for (size_t i = from; i < e->n; i++) {
        const char *name = e->emission[i].spec->name;
        size_t len = strlen(name);
        if (err->text[0] == '\'' && !strncmp(err->text + 1, name, len) &&
            err->text[1 + len] == '\'')
            return &e->emitted[i];
    }
    return &e->emitted[e->n - 1];
}

/* the text with all winners of u that can be emitted together; those that cannot are marked
 * refused. NULL when none is left */
static char *emit_text(struct emit *e, struct unit_source *u)
{
    const struct spec **specs = winner_specs(e->in->arena, u);
    size_t from = e->n;
    for (;;) {
        struct buf text;
        struct error err = {""};
        e->n = from;
        for (size_t i = 0; i < u->ntargets; i++)
            emit_add(e, u, &u->targets[i], specs[i]);
        if (e->n == from)
            return NULL;
        buf_init(&text, BUF_LIMIT);
        if (rewrite_emit(u->file, e->emission + from, e->n - from, e->dispatch, &text, &err) == 0)
            return buf_steal(&text);
        buf_release(&text);
        const struct emitted *x = emit_culprit(e, from, &err);
        log_warn("%s: %s: the winner cannot be emitted: %s", fs_base(u->src->path), x->target->name,
                 err.text);
        refuse(x->target, x->record);
    }
}

/* ---- what ships is what was measured ---- */

static bool has_none(const struct cubin *cubin, const char *const *idents, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cubin_has(cubin, idents[i]))
            return false;
    return true;
}

/* is winner i in code for that target? */
static bool is_in(const struct emitted *x, const struct step *ptxas)
{
    return x->major == ptxas->major && x->minor == ptxas->minor &&
           (!x->specific || ptxas->suffix == SPECIFIC_SUFFIX);
}

/* the kernels of winner i, as they are named in the text */
static const char **emitted_kernels(struct arena *a, const struct emit *e, size_t i, size_t *n)
{
    const struct emission *m = &e->emission[i];
    struct variant_ref ref = {m->structure ? m->structure : m->spec, m->instance, m->values, ""};
    return rewrite_emitted_kernels(a, &ref, e->dispatch || m->param, n);
}

/* The symbol that the winner's kernel would have by its own name, "_Z5scaleIfEvPT_" for
 * "_Z12scale__ks_64IfEvPT_"; NULL where other arguments of a template tell them apart, too */
static const char *original_symbol(struct arena *a, const struct spec *s, const char *symbol,
                                   const char *ident)
{
    const char *sized = arena_printf(a, "%zu%s", strlen(ident), ident), *at;
    for (size_t i = 0; i < s->ntunables; i++)
        if (s->tunables[i].kind == TUNABLE_TEMPLATE)
            return NULL;
    at = strstr(symbol, sized);
    return at ? arena_printf(a, "%.*s%zu%s%s", (int)(at - symbol), symbol, strlen(s->name), s->name,
                             at + strlen(sized))
              : NULL;
}

/* Winners of an instance are in the object whether or not somebody launches it. What launches it
 * needs the original as well, so where that is not, nobody does */
static void warn_unused(struct arena *a, const struct emit *e, size_t i, const struct cubin *cubin,
                        const char *ident)
{
    const struct spec *s = e->emission[i].spec;
    const struct cubin_kernel *k = cubin_find(cubin, ident);
    const char *original;
    if (s->kind != ENTRY_KERNEL || !s->is_template || e->emission[i].structure || !k)
        return;
    original = original_symbol(a, s, k->symbol, ident);
    for (size_t c = 0; original && c < cubin->n; c++)
        if (strcmp(cubin->kernels[c].symbol, original) == 0)
            return;
    if (original)
        log_warn("%s: %s: nothing in this file launches this instance, so nothing gets its winner",
                 fs_base(e->emitted[i].source->src->path), e->emitted[i].target->name);
}

/* compares the kernels of one winner, if the cubin has them, with the record's */
static int emit_verify(struct arena *a, const struct emit *e, size_t i, const struct cubin *cubin,
                       struct error *err)
{
    struct emitted *x = &e->emitted[i];
    size_t n;
    const char **idents = emitted_kernels(a, e, i, &n);
    if (has_none(cubin, idents, n))
        return 0; /* another source's */
    struct hash code = cubin_code_hash(cubin, idents, n);
    x->verified = hash_equal(&code, &x->winner->code);
    if (x->verified) {
        warn_unused(a, e, i, cubin, idents[0]);
        return 0;
    }
    refuse(x->target, x->record);
    return error_set(err, "%s: its machine code is not what was measured", x->target->name);
}

static bool is_measured(const struct emit *e, const struct step *ptxas)
{
    for (size_t i = 0; i < e->n; i++)
        if (is_in(&e->emitted[i], ptxas))
            return true;
    return false;
}

static int read_cubin(struct arena *a, const char *path, struct buf *image, struct cubin *cubin,
                      struct error *err)
{
    buf_init(image, BUF_LIMIT);
    return fs_read(path, image, err) || cubin_read(a, image->data, image->len, cubin, err) ? -1 : 0;
}

/* is the kernel one that is made for one target alone? */
static bool is_specific(void *arg, const char *symbol)
{
    const struct emit *e = arg;
    struct arena *a = arena_new();
    bool is = false;
    for (size_t i = 0; i < e->n; i++) {
        size_t n = 0;
        const char **idents = e->emitted[i].specific ? emitted_kernels(a, e, i, &n) : NULL;
        for (size_t k = 0; k < n; k++)
            is |= cubin_holds(symbol, idents[k]);
    }
    arena_free(a);
    return is;
}

/* On the GPU that has it, the code that was added is all that runs of this file: what no winner
 * stands for must be in it as it is in the user's own. -1 where it is not, as the source asks which
 * target it is compiled for */
static int emit_compare(struct arena *a, struct emit *e, const struct cubin *added,
                        const char *path, struct error *err)
{
    struct cubin own;
    struct buf image;
    int rc = read_cubin(a, path, &image, &own, err);
    const struct cubin_kernel *k = rc ? NULL : cubin_other_code(&own, added, is_specific, e);
    if (k)
        rc = error_set(err, SPECIFIC_OTHER, symbol_text(a, k->symbol));
    buf_release(&image);
    return rc;
}

/* the target that was added is not wanted after all: refuses the winners that it was added for */
static int refuse_specific(struct arena *a, struct emit *e, const struct cubin *added,
                           struct error *err)
{
    struct error why = *err;
    *err = (struct error){""};
    for (size_t i = 0; i < e->n; i++) {
        struct emitted *x = &e->emitted[i];
        size_t n;
        const char **idents = emitted_kernels(a, e, i, &n);
        if (!x->specific || has_none(added, idents, n))
            continue;
        refuse(x->target, x->record);
        error_set(err, "%s: the winner needs %s, and %s", x->target->name, x->winner->arch,
                  why.text);
    }
    return -1;
}

static int emit_check(void *arg, const struct step *ptxas, struct error *err)
{
    struct emit *e = arg;
    if (!is_measured(e, ptxas))
        return 0;
    struct arena *a = arena_new();
    struct buf image;
    struct cubin cubin;
    int rc = read_cubin(a, ptxas->output, &image, &cubin, err);
    for (size_t i = 0; rc == 0 && i < e->n; i++)
        if (is_in(&e->emitted[i], ptxas))
            rc = emit_verify(a, e, i, &cubin, err);
    if (rc == 0 && ptxas->like && emit_compare(a, e, &cubin, ptxas->like, err))
        rc = refuse_specific(a, e, &cubin, err);
    buf_release(&image);
    arena_free(a);
    return rc;
}

static void refuse_unseen(const struct unit_source *u, struct target *t, const struct record *r)
{
    if (!is_refused(t, r))
        log_line("%s: %s: the compile makes no machine code that could be compared with what was "
                 "measured",
                 fs_base(u->src->path), t->name);
    refuse(t, r);
}

/* what was written to a pipe is gone */
static bool can_be_read_back(const char *path)
{
    struct stat st;
    return path && (stat(path, &st) < 0 || S_ISREG(st.st_mode));
}

/* does the plan make machine code for the record's GPU, which we can look at? */
static bool plan_assembles(const struct inspection *in, const struct record *r)
{
    const struct target_arch *code = record_code(in, r);
    const struct plan *p = &in->plan;
    for (size_t i = 0; code && i < p->n; i++)
        if (p->steps[i].tool == TOOL_PTXAS && p->steps[i].major == code->major &&
            p->steps[i].minor == code->minor && p->steps[i].output) /* else it looks at PTX only */
            return can_be_read_back(p->steps[i].output);
    return false;
}

/* Winners whose machine code would not be seen are refused before anything is compiled: with -ptx,
 * say, there is none */
static void emit_foresee(const struct inspection *in, const struct unit_source *u, struct target *t)
{
    if (t->record && t->record->nwinners && !plan_assembles(in, t->record))
        refuse_unseen(u, t, t->record);
    for (size_t i = 0; i < t->nothers; i++)
        if (t->others[i].record->nwinners && !plan_assembles(in, t->others[i].record))
            refuse_unseen(u, t, t->others[i].record);
}

/* and those that were not in it after all */
static int emit_unverified(struct emit *e)
{
    int rc = 0;
    for (size_t i = 0; i < e->n; i++) {
        if (e->emitted[i].verified)
            continue;
        refuse_unseen(e->emitted[i].source, e->emitted[i].target, e->emitted[i].record);
        rc = 1;
    }
    return rc;
}

/* ---- the compile ---- */

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
        refuse(x->target, x->record);
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
    emit_start(e);
    e->dispatch = needs_dispatch(in);
    for (size_t i = 0; i < in->nsources; i++) {
        char *text = emit_text(e, &in->sources[i]);
        if (text)
            splices[n++] = (struct splice){in->sources[i].src->path, text,
                                           in->sources[i].src->piece, in->sources[i].src->npieces};
    }
    if (n)
        rc = emit_plan(e, &err) ? -1 : 1;
    if (n && rc > 0)
        rc = plan_run(&in->plan, &in->command, splices, n, emit_check, e, true, &err);
    if (rc < 0)
        log_warn("%s", err.text);
    if (rc > 0 && *err.text)
        error_set(why, "the text with the winners does not compile: %s", err.text);
    if (rc == 0)
        rc = emit_unverified(e);
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
            emit_foresee(in, &in->sources[i], &in->sources[i].targets[k]);
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
