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

/* ---- a compile beside other work ---- */

struct shared {
    struct arena *arena;
    struct units_target target;
    enum variant_kind kind;
    struct compile compile;
    struct proc *proc;
    double start;
};

static struct shared *begin_new(const struct units_target *target, enum variant_kind kind)
{
    struct arena *a = arena_new();
    struct shared *x = arena_alloc(a, sizeof *x);
    *x = (struct shared){.arena = a, .target = *target, .kind = kind, .start = now_seconds()};
    return x;
}

/* Starts what x->compile says; the compiler is counted already. NULL with *err: x is gone */
static struct shared *begin(struct shared *x, struct error *err)
{
    struct proc_spec spec = unit_spec(x->arena, &x->target, &x->compile);
    if ((x->proc = proc_start(&spec, err)))
        return x;
    jobs_give();
    arena_free(x->arena);
    return NULL;
}

static int end(struct shared *x, struct proc_result *r, struct buf *result, struct buf *said,
               struct error *err)
{
    jobs_give();
    return unit_result(x->arena, &x->target, x->kind, &x->compile, r, result, said, err);
}

void shared_drop(struct shared *x)
{
    if (!x)
        return;
    proc_kill(x->proc);
    jobs_give();
    arena_free(x->arena);
}

struct shared *shared_begin(const struct units_target *target, const char *text, const char *name,
                            struct error *err)
{
    struct shared *x = begin_new(target, VARIANT_SHARED);
    x->target.contained = false; /* the harness is the user's text */
    if (unit_command(x->arena, &x->target, x->kind, text, strlen(text), name, &x->compile, err)) {
        arena_free(x->arena);
        return NULL;
    }
    x->compile.argv = through_words(x->arena, x->compile.argv);
    jobs_wait();
    return begin(x, err);
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
    timeline_span(TIMELINE_ENGINE, "harness", x->start);
    int rc = end(x, &r, so, said, err);
    arena_free(x->arena);
    return rc;
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
    struct shared *compile; /* whose arena this is in */
    struct variant_ref ref;
};

struct coding *code_begin(const struct units_target *target, const int64_t *values)
{
    static size_t begun;
    struct shared *x = begin_new(target, VARIANT_UNLINKED);
    struct coding *c = arena_alloc(x->arena, sizeof *c);
    struct error why;
    struct buf text;
    *c = (struct coding){x, code_ref(target, values)};
    int rc = code_text(target, &c->ref, &text, &why);
    if (rc == 0)
        rc = unit_command(x->arena, &x->target, x->kind, text.data, text.len,
                          arena_printf(x->arena, "code%zu", begun++), &x->compile, &why);
    buf_release(&text);
    if (rc == 0 && jobs_take())
        return begin(x, &why) ? c : NULL;
    arena_free(x->arena);
    return NULL;
}

int code_end(struct coding *c, struct hash *code, struct error *err)
{
    struct arena *a = c->compile->arena;
    struct proc_result r;
    struct buf image;
    buf_init(&image, BUF_LIMIT);
    proc_await(c->compile->proc, &r);
    int rc = end(c->compile, &r, &image, NULL, err);
    if (rc == 0)
        rc = code_read(a, &c->ref, &image, code, err);
    buf_release(&image);
    arena_free(a);
    return rc;
}

void code_drop(struct coding *c)
{
    if (c)
        shared_drop(c->compile);
}

bool units_need_specific(const struct units_target *target, const int64_t *values,
                         const struct hash *code)
{
    struct units_target plain = *target;
    struct hash without;
    plain.suffix = 0;
    return units_code(&plain, values, &without, NULL, NULL) || !hash_equal(&without, code);
}
