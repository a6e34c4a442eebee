/* driver/emission_check.c - what ships is what was measured.
 *
 * Each winner's machine code is compared with the record's, after the assembler and before anything
 * is written. */
#include "driver/emission_impl.h"

#include <string.h>
#include <sys/stat.h>

#include "driver/build/cubin.h"
#include "driver/build/specific.h"
#include "driver/build/symbol.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

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
    emission_refuse(x->target, x->record);
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
        emission_refuse(x->target, x->record);
        error_set(err, "%s: the winner needs %s, and %s", x->target->name, x->winner->arch,
                  why.text);
    }
    return -1;
}

int emission_check(void *arg, const struct step *ptxas, struct error *err)
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
    if (!emission_is_refused(t, r))
        log_line("%s: %s: the compile makes no machine code that could be compared with what was "
                 "measured",
                 fs_base(u->src->path), t->name);
    emission_refuse(t, r);
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
    const struct target_arch *code = emission_code(in, r);
    const struct plan *p = &in->plan;
    for (size_t i = 0; code && i < p->n; i++)
        if (p->steps[i].tool == TOOL_PTXAS && p->steps[i].major == code->major &&
            p->steps[i].minor == code->minor && p->steps[i].output) /* else it looks at PTX only */
            return can_be_read_back(p->steps[i].output);
    return false;
}

void emission_foresee(const struct inspection *in, const struct unit_source *u, struct target *t)
{
    if (t->record && t->record->nwinners && !plan_assembles(in, t->record))
        refuse_unseen(u, t, t->record);
    for (size_t i = 0; i < t->nothers; i++)
        if (t->others[i].record->nwinners && !plan_assembles(in, t->others[i].record))
            refuse_unseen(u, t, t->others[i].record);
}

bool emission_unverified(struct emit *e)
{
    bool any = false;
    for (size_t i = 0; i < e->n; i++) {
        if (e->emitted[i].verified)
            continue;
        refuse_unseen(e->emitted[i].source, e->emitted[i].target, e->emitted[i].record);
        any = true;
    }
    return any;
}
