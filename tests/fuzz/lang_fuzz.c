/* tests/fuzz/lang_fuzz.c - any bytes as a file with annotations.
 *
 * Reading ends, with specs or with messages but not with neither; whatever places a spec or a
 * message names lie in the file; and blanking and probing see the same annotations. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/spec.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_span(const struct source *src, struct span span)
{
    require(span.at <= span.end && span.end <= src->len);
}

static void check_cxx(const struct source *src, const struct cxx *cxx)
{
    if (cxx->text)
        check_span(src, cxx->at);
}

static void check_tunables(const struct spec *s)
{
    for (size_t i = 0; i < s->ntunables; i++) {
        const struct tunable *t = &s->tunables[i];
        require(t->def < t->nvalues && t->value.at < t->value.end);
        require(t->defined.at <= t->value.at && t->value.end <= t->defined.end);
        check_span(s->file->src, t->defined);
        check_span(s->file->src, t->name_at);
        check_span(s->file->src, t->at);
    }
}

static void check_spec(const struct spec *s)
{
    const struct source *src = s->file->src;
    bool timed = false;

    check_span(src, s->region);
    require(s->region.at <= s->def.at && s->def.end <= s->region.end);
    require(s->def.at <= s->name_at.at && s->name_at.end <= s->body.at &&
            s->body.end <= s->def.end);
    check_span(src, s->block);
    for (size_t i = 0; i < s->nparams; i++) {
        check_span(src, s->params[i].type_at);
        check_span(src, s->params[i].at);
        check_cxx(src, &s->params[i].value);
    }
    for (size_t i = 0; i < s->narrays; i++) {
        require(s->arrays[i].nextents > 0 && s->arrays[i].param < (int)s->nparams);
        check_span(src, s->arrays[i].at);
        for (size_t k = 0; k < s->arrays[i].nextents; k++)
            check_cxx(src, &s->arrays[i].extents[k]);
    }
    for (size_t i = 0; i < s->npoints; i++) {
        timed |= s->points[i].timed;
        require(*s->points[i].label != '\0');
    }
    require(timed && s->ninstances > 0);
    require(s->kind == ENTRY_HOST || (s->launch.grid[0].text && s->launch.block[0].text));
    check_tunables(s);
}

static size_t count_lines(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}

static void check_probes(struct arena *a, const struct source *src, const struct file *f)
{
    struct file *found = annotations_find(a, src);
    char *probe = annotations_probe(found);
    bool *active = arena_array(a, bool, annotations_probes(found));

    require(count_lines(probe, strlen(probe)) <=
            count_lines(src->text, src->len) + 2 * found->nguarded);
    annotations_active(probe, strlen(probe), active, annotations_probes(found));
    if (f)
        require(f->nannotations == found->nannotations && f->conditional == found->conditional);
    for (size_t i = 0; i < found->nannotations; i++)
        check_span(src, found->annotations[i]);
}

static void check_tokens(const struct file *f)
{
    size_t last = 0;

    for (size_t t = 0; t < f->tokens->n; t++) {
        check_span(f->src, f->tokens->token[t].span);
        require(f->tokens->token[t].span.at >= last);
        last = f->tokens->token[t].span.end;
    }
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        require(d->first < d->last && d->last < f->tokens->n && d->scope < f->decls->nscopes);
        check_span(f->src, d->span);
        check_span(f->src, d->value);
        check_span(f->src, d->body);
        check_span(f->src, d->params);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct source *src = source_wrap(a, "fuzz.cu", arena_copy(a, (const char *)data, size), size);
    struct file *f;
    struct buf text;
    struct diag d;
    json_t *json;

    diag_init(&d, a);
    f = annotations_read(a, src, &(struct reading){0}, &d);
    require((f == NULL) == (d.nerrors > 0));
    buf_init(&text, BUF_LIMIT);
    diag_text(&d, &text);
    require((text.len > 0) == (d.nmessages > 0));
    buf_release(&text);
    json = diag_json(&d);
    require(json_is_array(json));
    json_decref(json);
    for (size_t i = 0; f && i < f->nspecs; i++)
        check_spec(&f->specs[i]);
    if (f)
        check_tokens(f);
    check_probes(a, src, f);
    arena_free(a);
    return 0;
}
