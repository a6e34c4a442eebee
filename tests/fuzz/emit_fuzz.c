/* tests/fuzz/emit_fuzz.c - any bytes as a file with annotations that can be read.
 *
 * Every text that is made of it is made or refused with a reason: the harness, also without what it
 * does not need, a unit, and the file
 * with a winner for each entry, each with all of its knobs turned too; what is said of launches
 * lies in the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/command.h"
#include "driver/build/harness.h"
#include "driver/build/knobs.h"
#include "driver/build/rewrite.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* the values in the code, of knobs the last ones */
static const int64_t *code_values(struct arena *a, const struct spec *s)
{
    int64_t *values = arena_array(a, int64_t, s->ntunables + 1);

    for (size_t i = 0; i < s->ntunables; i++) {
        const struct tunable *t = &s->tunables[i];
        values[i] = t->values[t->kind == TUNABLE_KNOB ? t->nvalues - 1 : t->def];
    }
    return values;
}

/* The entry with all of its knobs. What is offered lies in the file, has a name of its own, and is
 * found by it */
static const struct spec *with_knobs(struct arena *a, const struct spec *s)
{
    struct knob *knob;
    size_t n = knobs_find(a, s, &knob);
    const struct knob **set = arena_array(a, const struct knob *, n + 1);
    const char **names = arena_array(a, const char *, n + 1), *missing;

    for (size_t i = 0; i < n; i++) {
        set[i] = &knob[i];
        names[i] = knob[i].name;
        require(knob[i].values[0] == 0 && knob[i].nvalues > 1);
        for (size_t k = 0; k < i; k++)
            require(strcmp(names[k], names[i]) != 0);
        for (size_t k = 0; k < knob[i].nsites; k++)
            require(knob[i].sites[k].span.at <= knob[i].sites[k].span.end &&
                    knob[i].sites[k].span.end <= s->file->src->len);
    }
    require(knobs_spec_for(a, s, names, n, &missing)->ntunables == s->ntunables + n && !missing);
    return knobs_spec(a, s, set, n);
}

/* what is left out is blank, and nothing else is another */
static void check_lean(const struct file *f)
{
    struct buf all, lean;
    const char *a, *b;

    buf_init(&all, BUF_LIMIT);
    buf_init(&lean, BUF_LIMIT);
    rewrite_blank(f, &all);
    rewrite_lean(f, &lean);
    require(all.len == lean.len);
    a = buf_text(&all), b = buf_text(&lean);
    for (size_t i = 0; i < all.len; i++)
        require(a[i] == b[i] || (a[i] != '\n' && b[i] == ' '));
    buf_release(&all);
    buf_release(&lean);
}

static void check_unit(struct arena *a, const struct spec *s)
{
    const struct variant_ref v = {s, 0, code_values(a, s), "__ks1"};
    struct buf text;
    size_t n;

    buf_init(&text, BUF_LIMIT);
    require(rewrite_unit(s->file, &v, 1, true, &text, NULL) == 0 && text.len > 0);
    rewrite_kernels(a, &v, &n);
    buf_release(&text);
}

static void check_emission(struct arena *a, const struct file *f, const struct spec *const *spec,
                           bool dispatch)
{
    static const struct target_arch only = {.major = 9, .suffix = 'a'};
    struct emission *e = arena_array(a, struct emission, f->nspecs);
    struct error err = {""};
    struct buf text;

    for (size_t i = 0; i < f->nspecs; i++)
        e[i] = (struct emission){.spec = spec[i],
                                 .values = code_values(a, spec[i]),
                                 .major = 9,
                                 .note = "{}",
                                 .only = dispatch ? &only : NULL};
    buf_init(&text, BUF_LIMIT);
    require(rewrite_emit(f, e, f->nspecs, dispatch, &text, &err) == 0 ? text.len > f->src->len / 2
                                                                      : err.text[0] == '\'');
    buf_release(&text);
}

static void check_launches(struct arena *a, const struct spec *s)
{
    struct diag d;

    diag_init(&d, a);
    rewrite_launches(s, &d);
    require(d.nerrors == 0);
    for (size_t i = 0; i < d.nmessages; i++)
        require(d.messages[i].at < s->file->src->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct source *src = source_wrap(a, "fuzz.cu", (const char *)data, size);
    struct diag d;
    struct file *f;
    struct buf text;

    diag_init(&d, a);
    f = annotations_read(a, src, &(struct reading){0}, &d);
    const struct spec **plain = arena_array(a, const struct spec *, f ? f->nspecs + 1 : 1);
    const struct spec **with = arena_array(a, const struct spec *, f ? f->nspecs + 1 : 1);
    for (size_t i = 0; f && i < f->nspecs; i++) {
        plain[i] = &f->specs[i];
        with[i] = with_knobs(a, plain[i]);
        check_unit(a, plain[i]);
        check_unit(a, with[i]);
        if (f->specs[i].kind == ENTRY_KERNEL)
            check_launches(a, &f->specs[i]);
    }
    if (f && f->nspecs) {
        buf_init(&text, BUF_LIMIT);
        harness_tail(f, &text);
        require(text.len > 0);
        buf_release(&text);
        check_lean(f);
        check_emission(a, f, plain, false);
        check_emission(a, f, plain, true);
        check_emission(a, f, with, true);
    }
    arena_free(a);
    return 0;
}
