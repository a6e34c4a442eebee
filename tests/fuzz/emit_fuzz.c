/* tests/fuzz/emit_fuzz.c - any bytes as a file with annotations that can be read.
 *
 * Every text that is made of it is made or refused with a reason: the harness, a unit, and the file
 * with a winner for each entry; what is said of launches lies in the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/harness.h"
#include "driver/build/rewrite.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const int64_t *code_values(struct arena *a, const struct spec *s)
{
    int64_t *values = arena_array(a, int64_t, s->ntunables + 1);

    for (size_t i = 0; i < s->ntunables; i++)
        values[i] = s->tunables[i].values[s->tunables[i].def];
    return values;
}

static void check_unit(struct arena *a, const struct spec *s)
{
    const struct variant_ref v = {s, 0, code_values(a, s), "__ks1"};
    struct buf text;
    size_t n;

    buf_init(&text, BUF_LIMIT);
    require(rewrite_unit(s->file, &v, 1, &text, NULL) == 0 && text.len > 0);
    rewrite_kernels(a, &v, &n);
    buf_release(&text);
}

static void check_emission(struct arena *a, const struct file *f, bool dispatch)
{
    struct emission *e = arena_array(a, struct emission, f->nspecs);
    struct error err = {""};
    struct buf text;

    for (size_t i = 0; i < f->nspecs; i++)
        e[i] = (struct emission){
            .spec = &f->specs[i], .values = code_values(a, &f->specs[i]), .major = 9, .note = "{}"};
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
    f = annotations_read(a, src, NULL, NULL, 0, &d);
    for (size_t i = 0; f && i < f->nspecs; i++) {
        check_unit(a, &f->specs[i]);
        if (f->specs[i].kind == ENTRY_KERNEL)
            check_launches(a, &f->specs[i]);
    }
    if (f && f->nspecs) {
        buf_init(&text, BUF_LIMIT);
        harness_tail(f, &text);
        require(text.len > 0);
        buf_release(&text);
        check_emission(a, f, false);
        check_emission(a, f, true);
    }
    arena_free(a);
    return 0;
}
