/* driver/emission_text.c - the sources with the winners in them.
 *
 * A winner that does not fit the source, or that cannot stand beside the others, is refused, and
 * the rest is tried without it. */
#include "driver/emission_impl.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "driver/build/specific.h"
#include "driver/winner.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

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
    const struct target_arch *code = emission_code(e->in, r);
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
    for (size_t i = 0; r && !emission_is_refused(t, r) && i < r->nwinners; i++) {
        struct error err = {""};
        if (emit_winner(e, u, t, r, own, &r->winners[i], &err) == 0)
            continue;
        log_warn("%s: %s: the winner cannot be emitted: %s", fs_base(u->src->path), t->name,
                 err.text);
        emission_refuse(t, r);
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

void emission_start(struct emit *e)
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

char *emission_text(struct emit *e, struct unit_source *u)
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
        emission_refuse(x->target, x->record);
    }
}
