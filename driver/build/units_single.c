/* driver/build/units_single.c - results of units.h that are made one at a time, and waited for: the
 * harness, the user's text as it is, a winner's machine code. */
#include "driver/build/units.h"

#include <string.h>

#include "driver/build/copy.h"
#include "driver/build/cubin.h"
#include "driver/build/jobs.h"
#include "driver/build/unit_compile.h"
#include "driver/build/words.h"
#include "runtime/base/log.h"
#include "runtime/base/timeline.h"

#define SHARED_WAIT_MS 20

static int unit_single(struct arena *a, const struct units_target *t, enum variant_kind kind,
                       const struct buf *text, const char *name, struct buf *result,
                       struct buf *said, struct error *err)
{
    jobs_wait();
    int rc = unit_compile(a, t, kind, text, name, result, said, err);
    jobs_give();
    return rc;
}

static const char *const *through;

void shared_through(const char *const *words)
{
    through = words;
}

static const char *const *through_words(struct arena *a, const char *const *argv)
{
    struct words w = {0};

    if (through)
        words_all(a, &w, through);
    words_all(a, &w, argv);
    return words_end(a, &w);
}

struct shared {
    struct arena *arena;
    struct units_target target;
    struct compile compile;
    struct proc *proc;
    double start;
};

struct shared *shared_begin(const struct units_target *target, const char *text, const char *name,
                            struct error *err)
{
    struct arena *a = arena_new();
    struct shared *x = arena_alloc(a, sizeof *x);
    *x = (struct shared){.arena = a, .target = *target, .start = now_seconds()};
    x->target.contained = false; /* the harness is the user's text */
    if (unit_command(a, &x->target, VARIANT_SHARED, text, strlen(text), name, &x->compile, err) ==
        0) {
        x->compile.argv = through_words(a, x->compile.argv);
        struct proc_spec spec = unit_spec(a, &x->target, &x->compile);
        jobs_wait();
        x->proc = proc_start(&spec, err);
        if (!x->proc)
            jobs_give();
    }
    if (x->proc)
        return x;
    arena_free(a);
    return NULL;
}

int shared_end(struct shared *x, void (*idle)(void *), void *arg, struct buf *so, struct buf *said,
               struct error *err)
{
    struct proc_result r;
    while (!proc_poll(x->proc, &r)) {
        if (idle)
            idle(arg);
        proc_wait_any(&x->proc, 1, SHARED_WAIT_MS);
    }
    jobs_give();
    timeline_span(TIMELINE_ENGINE, "harness", x->start);
    int rc = unit_result(x->arena, &x->target, VARIANT_SHARED, &x->compile, &r, so, said, err);
    arena_free(x->arena);
    return rc;
}

void shared_drop(struct shared *x)
{
    if (!x)
        return;
    proc_kill(x->proc);
    jobs_give();
    arena_free(x->arena);
}

int units_plain(const struct units_target *target, struct buf *cubin, struct buf *said,
                struct error *err)
{
    struct arena *a = arena_new();
    struct units_target own = *target;
    struct buf text;
    own.contained = false;
    buf_init(&text, BUF_LIMIT);
    buf_adds(&text, line_marker(a, target->file->src, 0) + 1); /* without its newline */
    rewrite_blank(target->file, &text);
    int rc = unit_single(a, &own, VARIANT_CUBIN, &text, "plain", cubin, said, err);
    buf_release(&text);
    arena_free(a);
    return rc;
}

/* ---- a winner's machine code ---- */

/* the text of one variant with all of the file */
static int code_text(const struct units_target *target, const struct variant_ref *ref,
                     struct buf *text, struct error *err)
{
    buf_init(text, BUF_LIMIT);
    return rewrite_unit(target->file, ref, 1, false, text, err);
}

static struct variant_ref code_ref(const struct units_target *target, const int64_t *values)
{
    return (struct variant_ref){target->spec, target->instance, values, UNITS_FIRST};
}

static int code_read(struct arena *a, const struct variant_ref *ref, const struct buf *image,
                     struct hash *code, struct error *err)
{
    struct cubin cubin;
    size_t n;
    if (cubin_read(a, image->data, image->len, &cubin, err))
        return -1;
    const char **idents = rewrite_kernels(a, ref, &n);
    *code = cubin_code_hash(&cubin, idents, n);
    return 0;
}

int units_code(const struct units_target *target, const int64_t *values, struct hash *code,
               struct buf *image, struct error *err)
{
    struct arena *a = arena_new();
    struct variant_ref ref = code_ref(target, values);
    struct buf text, own;
    buf_init(&own, BUF_LIMIT);
    /* what ships is compared with it before it is linked, which changes addresses in the code */
    bool apart = image && target->command->relocatable;
    struct buf *hashed = image && !apart ? image : &own;
    int rc = code_text(target, &ref, &text, err);
    if (rc == 0)
        rc = unit_single(a, target, VARIANT_UNLINKED, &text, "winner", hashed, NULL, err);
    if (rc == 0 && apart)
        rc = unit_single(a, target, VARIANT_CUBIN, &text, "linked", image, NULL, err);
    if (rc == 0)
        rc = code_read(a, &ref, hashed, code, err);
    buf_release(&text);
    buf_release(&own);
    arena_free(a);
    return rc;
}

struct coding {
    struct arena *arena;
    struct units_target target;
    struct variant_ref ref;
    struct compile compile;
    struct proc *proc;
};

struct coding *code_begin(const struct units_target *target, const int64_t *values)
{
    static size_t begun;
    struct arena *a = arena_new();
    struct coding *c = arena_alloc(a, sizeof *c);
    struct error why;
    struct buf text;
    *c = (struct coding){.arena = a, .target = *target, .ref = code_ref(target, values)};
    int rc = code_text(target, &c->ref, &text, &why);
    if (rc == 0)
        rc = unit_command(a, &c->target, VARIANT_UNLINKED, text.data, text.len,
                          arena_printf(a, "code%zu", begun++), &c->compile, &why);
    buf_release(&text);
    if (rc == 0 && jobs_take()) {
        struct proc_spec spec = unit_spec(a, &c->target, &c->compile);
        if (!(c->proc = proc_start(&spec, &why)))
            jobs_give();
    }
    if (c->proc)
        return c;
    arena_free(a);
    return NULL;
}

int code_end(struct coding *c, struct hash *code, struct error *err)
{
    struct proc_result r;
    struct buf image;
    buf_init(&image, BUF_LIMIT);
    proc_await(c->proc, &r);
    jobs_give();
    int rc =
        unit_result(c->arena, &c->target, VARIANT_UNLINKED, &c->compile, &r, &image, NULL, err);
    if (rc == 0)
        rc = code_read(c->arena, &c->ref, &image, code, err);
    buf_release(&image);
    arena_free(c->arena);
    return rc;
}

void code_drop(struct coding *c)
{
    if (!c)
        return;
    proc_kill(c->proc);
    jobs_give();
    arena_free(c->arena);
}

bool units_need_specific(const struct units_target *target, const int64_t *values,
                         const struct hash *code)
{
    struct units_target plain = *target;
    struct hash without;
    plain.suffix = 0;
    return units_code(&plain, values, &without, NULL, NULL) || !hash_equal(&without, code);
}
