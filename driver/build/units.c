/* driver/build/units.c - the queue of variants, the units being compiled, the results.
 *
 * The size of a unit follows the queue: as many variants as keep every core busy with one unit, at
 * least 4 where there are so many (four in one unit cost half of four units), at most 16; in a
 * hurry at least 2. Variants whose region cannot be copied go one a unit.
 *
 * A unit that the assembler refuses for want of the target with an `a` is compiled for that as a
 * whole, and once one was, so are all later ones: they are of the same text. */
#include "driver/build/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/build/copy.h"
#include "driver/build/cubin.h"
#include "driver/build/harness.h"
#include "driver/build/jobs.h"
#include "driver/build/specific.h"
#include "driver/build/structure_text.h"
#include "driver/build/unit_compile.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/timeline.h"

/* as many compilers as cores: what feeds the GPU, and the harness, must not wait for them */
#define NICENESS 5
#define ASSEMBLER_ERROR "ptxas error"
#define LEAST_IN_UNIT 4
#define LEAST_IN_HURRY 2
#define MOST_IN_UNIT 16

struct job { /* one variant on its way */
    size_t tag;
    const int64_t *values;
    const char *suffix;
};

struct unit {
    struct job job[MOST_IN_UNIT];
    size_t n;
    bool specific; /* for the target with an `a` */
    enum {
        TEXT_LEAN, /* without what these variants do not need of the file (lean.h) */
        TEXT_WHOLE,
        TEXT_RESTORED /* whole, because it did not compile lean */
    } text;
    struct proc *proc;
    struct compile compile;
    double start;
};

struct units {
    struct arena *arena;
    struct units_target target;
    bool copyable, is_shared, is_ambiguous;
    bool specific, hurry;
    bool lean_works; /* a lean unit compiled: what does not is the variants' fault */
    size_t id;       /* of this process's units, which may share a folder */
    int jobs;
    int share;         /* how many compilers we seem to get, with others beside us */
    int *all, own;     /* running compilers, of all units that share them */
    struct job *queue; /* the first `taken` are gone */
    size_t nqueue, taken;
    struct unit *running; /* n == 0: free */
    size_t nunits;        /* started so far */
    size_t compiling;     /* variants in running units */
    struct unit *retry;   /* halves of units that failed; the first `retried` are gone */
    size_t nretry, retried;
    struct built *done;
    size_t ndone, given;
    struct buf **blobs;
    size_t nblobs;
    struct units_clock clock;
};

struct units *units_new(const struct units_target *target, int jobs, int *running)
{
    static size_t made;
    struct arena *a = arena_new();
    struct units *u = arena_alloc(a, sizeof *u);
    u->arena = a;
    u->target = *target;
    u->id = made++;
    u->jobs = u->share = jobs;
    u->all = running ? running : &u->own;
    u->copyable = rewrite_together(target->spec);
    u->is_shared = rewrite_is_shared(target->spec);
    u->is_ambiguous = target->spec->structure && structure_is_ambiguous(target->spec);
    u->specific = target->specific && target->spec->structure &&
                  specific_is_asked(target->spec->structure->src->text);
    u->running = arena_array(a, struct unit, jobs);
    return u;
}

void units_add(struct units *u, size_t tag, const int64_t *values)
{
    struct job *j = arena_push(u->arena, u->queue, u->nqueue);
    *j = (struct job){tag, values, arena_printf(u->arena, "__ks%zu", tag)};
}

static void unit_retry(struct units *u, const struct unit *x)
{
    if (x->n)
        *(struct unit *)arena_push(u->arena, u->retry, u->nretry) = *x;
}

void units_again(struct units *u, size_t tag, const int64_t *values)
{
    struct job job = {tag, values, arena_printf(u->arena, "__ks%zu", tag)};
    unit_retry(u, &(struct unit){.job = {job}, .n = 1, .text = TEXT_WHOLE});
}

/* variants queued or being compiled */
static size_t units_pending(const struct units *u)
{
    size_t n = u->nqueue - u->taken + u->compiling;
    for (size_t i = u->retried; i < u->nretry; i++)
        n += u->retry[i].n;
    return n;
}

size_t units_running(const struct units *u)
{
    return u->compiling;
}

struct units_clock units_clock(const struct units *u)
{
    return u->clock;
}

/* ---- one unit ---- */

static struct built *units_done(struct units *u, const struct unit *x, size_t i, const char *error)
{
    struct built *b = arena_push(u->arena, u->done, u->ndone);
    *b = (struct built){.tag = x->job[i].tag,
                        .error = error,
                        .is_shared = u->is_shared,
                        .is_specific = x->specific};
    if (x->proc)
        b->unit_seconds = now_seconds() - x->start;
    b->seconds = b->unit_seconds / (double)x->n;
    return b;
}

static const char *unit_name(struct units *u, const char *what)
{
    return arena_printf(u->arena, "%s%zu_%zu", what, u->id, u->nunits++);
}

static size_t unit_refs(const struct units *u, const struct unit *x,
                        struct variant_ref ref[MOST_IN_UNIT])
{
    for (size_t i = 0; i < x->n; i++)
        ref[i] = (struct variant_ref){u->target.spec, u->target.instance, x->job[i].values,
                                      x->job[i].suffix};
    return x->n;
}

/* how this unit is compiled */
static struct units_target unit_target(const struct units *u, const struct unit *x)
{
    struct units_target t = u->target;
    if (x->specific)
        t.suffix = SPECIFIC_SUFFIX;
    return t;
}

/* takes back that a unit is for the target with an `a`, where that cannot be */
static void unit_settle(struct units *u, struct unit *x)
{
    if (!x->specific || !u->target.alike)
        return;
    jobs_give(); /* it comes back when those compiles, which take turns with all others, are over */
    units_alike_ask(u->target.alike, &u->target);
    jobs_wait();
    if (!u->target.alike->why)
        return;
    u->target.specific = u->specific = x->specific = false;
    u->target.unspecific = u->target.alike->why;
}

/* 0 when the unit's compiler runs */
static int unit_start(struct units *u, struct unit *x, struct error *err)
{
    unit_settle(u, x);
    if (x->text == TEXT_LEAN && (u->target.whole || u->is_shared))
        x->text = TEXT_WHOLE;
    const struct units_target target = unit_target(u, x);
    struct variant_ref ref[MOST_IN_UNIT];
    struct buf text;
    buf_init(&text, 64 << 20);
    int rc = rewrite_unit(target.file, ref, unit_refs(u, x, ref), x->text == TEXT_LEAN, &text, err);
    if (rc == 0)
        rc = unit_command(u->arena, &target, u->is_shared ? VARIANT_SHARED : VARIANT_CUBIN,
                          text.data, text.len, unit_name(u, "unit"), &x->compile, err);
    buf_release(&text);
    if (rc)
        return -1;
    struct proc_spec spec = unit_spec(u->arena, &target, &x->compile);
    spec.niceness = NICENESS;
    x->start = now_seconds();
    x->proc = proc_start(&spec, err);
    return x->proc ? 0 : -1;
}

/* does the compiler's message name the variant? */
static bool is_named(const char *said, const struct job *job)
{
    size_t n = strlen(job->suffix);
    for (const char *at = said; (at = strstr(at, job->suffix)); at += n)
        if (at[n] < '0' || at[n] > '9')
            return true;
    return false;
}

/* the assembler's line that says what is wrong with this variant's kernel; NULL: there is none */
static const char *own_error(struct units *u, const char *said, const struct job *job)
{
    for (const char *line = said, *end; line && *line; line = *end ? end + 1 : end) {
        end = line + strcspn(line, "\n");
        const char *text = arena_copy(u->arena, line, (size_t)(end - line));
        if (strncmp(text, ASSEMBLER_ERROR, strlen(ASSEMBLER_ERROR)) == 0 && is_named(text, job))
            return text;
    }
    return NULL;
}

/* What messages name is tried again alone and the rest together; where they name none or all, two
 * halves are */
static void unit_split(struct units *u, const struct unit *x, const char *said)
{
    struct unit rest = {.specific = x->specific}, named = rest;
    for (size_t i = 0; i < x->n; i++) {
        struct unit *to = said && is_named(said, &x->job[i]) ? &named : &rest;
        to->job[to->n++] = x->job[i];
    }
    if (named.n && rest.n) {
        unit_retry(u, &rest);
        for (size_t i = 0; i < named.n; i++)
            unit_retry(u, &(struct unit){.job = {named.job[i]}, .n = 1, .specific = x->specific});
        return;
    }
    named = rest = (struct unit){.specific = x->specific};
    for (size_t i = 0; i < x->n; i++) {
        struct unit *to = i < x->n / 2 ? &named : &rest;
        to->job[to->n++] = x->job[i];
    }
    unit_retry(u, &named);
    unit_retry(u, &rest);
}

/* Of several variants those that the assembler refuses by name are failed at once; what a model
 * wrote is compiled alone first, so that the model sees what belongs to it */
static void unit_divide(struct units *u, struct unit *x, const char *said)
{
    struct unit left = {.specific = x->specific};
    for (size_t i = 0; i < x->n; i++) {
        const char *line = u->target.contained || !said ? NULL : own_error(u, said, &x->job[i]);
        if (line)
            units_done(u, x, i, line);
        else
            left.job[left.n++] = x->job[i];
    }
    if (left.n == x->n)
        unit_split(u, x, said);
    else
        unit_retry(u, &left);
}

/* `said` is what a person may read of it, of a contained one */
static void unit_failed(struct units *u, struct unit *x, const char *why, const char *said)
{
    if (x->n == 1)
        units_done(u, x, 0, why)->said = u->target.contained ? said : NULL;
    else
        unit_divide(u, x, said);
}

/* the assembler knows what they use, but not for this target: all of it once more for the other. 0
 * where that is not it, or was tried */
static bool unit_specific(struct units *u, const struct unit *x, const char *said)
{
    struct unit again = {.n = x->n, .specific = true, .text = x->text};
    if (x->specific || !u->target.specific ||
        !specific_is_refused(said, u->target.major, u->target.minor))
        return false;
    memcpy(again.job, x->job, sizeof again.job);
    unit_retry(u, &again);
    return true;
}

/* What was left out of the file may be what is missing, as long as nothing compiled without it: all
 * of it once more, whole. 0 where that is not it, or was tried */
static bool unit_restore(struct units *u, const struct unit *x, const char *said)
{
    struct unit again = {.n = x->n, .specific = x->specific, .text = TEXT_RESTORED};
    u->lean_works |= x->text == TEXT_LEAN && strstr(said, ASSEMBLER_ERROR); /* it was all there */
    if (x->text != TEXT_LEAN || u->lean_works)
        return false;
    memcpy(again.job, x->job, sizeof again.job);
    unit_retry(u, &again);
    return true;
}

/* why it was not compiled for the target that has what is missing; NULL: nothing is */
static const char *unit_unspecific(struct units *u, const char *said)
{
    const struct units_target *t = &u->target;
    if (!t->unspecific || !specific_is_refused(said, t->major, t->minor))
        return NULL;
    return arena_printf(u->arena, "not compiled for %s: %s",
                        specific_name(u->arena, t->major, t->minor), t->unspecific);
}

/* The compiler failed; all that it said, and what a person may read of that */
static void unit_refused(struct units *u, struct unit *x, const struct proc_result *r)
{
    const char *all = buf_text(&r->err), *said = unit_said(u->arena, &u->target, &x->compile, r);
    const char *why = unit_error(u->arena, r, said), *more = unit_unspecific(u, all);
    if (unit_specific(u, x, all) || unit_restore(u, x, all))
        return;
    unit_failed(u, x, more ? arena_printf(u->arena, "%s (%s)", why, more) : why,
                more ? arena_printf(u->arena, "%s%s\n", said, more) : said);
}

/* the symbol by which the worker finds variant i in the unit's result */
static void text_built(struct units *u, const struct unit *x, size_t i, const struct cubin *cubin,
                       const char *const *idents, size_t n, struct built *b)
{
    if (u->is_shared) {
        b->symbol = arena_printf(u->arena, "%s%s",
                                 target_label(u->arena, u->target.spec, u->target.instance),
                                 x->job[i].suffix);
        return;
    }
    const struct cubin_kernel *k = n ? cubin_find(cubin, idents[0]) : NULL;
    b->symbol = k ? k->symbol : NULL;
    if (!b->symbol)
        b->error = "its kernel is not in the compiled unit, or several of its name are";
}

/* ---- the kernels of a structure ---- */

/* Compiles the unit's tables and reads them: [variant][run] is the mangled name that the kernel of
 * a run has there. NULL with *err */
static const char *const **unit_tables(struct units *u, const struct unit *x, struct error *err)
{
    const char *const **symbols = arena_array(u->arena, const char *const *, x->n);
    struct variant_ref ref[MOST_IN_UNIT];
    struct buf text, image;
    size_t n = 0;
    buf_init(&text, BUF_LIMIT);
    buf_init(&image, BUF_LIMIT);
    unit_refs(u, x, ref);
    const struct units_target target = unit_target(u, x);
    rewrite_tables(target.file, ref, x->n, x->text == TEXT_LEAN, &text);
    int rc = unit_compile(u->arena, &target, VARIANT_CUBIN, &text, unit_name(u, "tables"), &image,
                          NULL, err);
    for (size_t i = 0; rc == 0 && i < x->n; i++)
        rc = cubin_table(u->arena, image.data, image.len,
                         structure_space(u->arena, x->job[i].suffix), STRUCTURE_TABLE, &symbols[i],
                         &n, err);
    if (rc == 0 && n != u->target.spec->structure->nruns)
        rc = error_set(err, "the table of its kernels has another length");
    buf_release(&text);
    buf_release(&image);
    return rc ? NULL : symbols;
}

/* the kernel whose name goes on behind its own as that of the table does: the two compiles differ
 * in what stands before it, the number of an anonymous namespace */
static const struct cubin_kernel *find_instance(const struct cubin *cubin, const char *space,
                                                const char *name, const char *symbol)
{
    const char *wanted = symbol ? cubin_behind(symbol, space, name) : NULL;
    for (size_t i = 0; wanted && i < cubin->n; i++) {
        const char *rest = cubin_behind(cubin->kernels[i].symbol, space, name);
        if (rest && strcmp(rest, wanted) == 0)
            return &cubin->kernels[i];
    }
    return NULL;
}

static const char *const *plan_symbols(struct units *u, const char *space,
                                       const struct cubin *cubin, const char *const *table)
{
    const struct structure *s = u->target.spec->structure;
    const char **symbols = arena_array(u->arena, const char *, s->nruns + 1);
    for (size_t i = 0; i < s->nruns; i++) {
        const char *name = structure_run_name(s, i);
        const struct cubin_kernel *k =
            table ? find_instance(cubin, space, name, table[i]) : cubin_find_in(cubin, space, name);
        if (!k)
            return NULL;
        symbols[i] = k->symbol;
    }
    return symbols;
}

static void structure_built(struct units *u, const struct job *job, const struct cubin *cubin,
                            const char *const *table, struct built *b)
{
    const char *space = structure_space(u->arena, job->suffix);
    const struct spec *spec = u->target.spec;
    if (spec->structure->kernel) {
        const struct cubin_kernel *k = cubin_find_in(cubin, space, spec->name);
        b->symbol = k ? k->symbol : NULL;
    } else {
        b->symbols = plan_symbols(u, space, cubin, table);
    }
    if (!b->symbol && !b->symbols)
        b->error = "a kernel that it launches is not in the compiled unit";
}

static void unit_built(struct units *u, struct unit *x, const char *messages)
{
    struct error err = {""};
    struct cubin cubin = {0};
    struct buf *blob = arena_alloc(u->arena, sizeof *blob);
    buf_init(blob, BUF_LIMIT);
    if ((u->is_shared && elf_weaken(x->compile.output, &err)) ||
        fs_read(x->compile.output, blob, &err) ||
        (!u->is_shared && cubin_read(u->arena, blob->data, blob->len, &cubin, &err))) {
        buf_release(blob);
        unit_failed(u, x, arena_dup(u->arena, err.text), NULL);
        return;
    }
    const char *const **tables = NULL;
    if (u->is_ambiguous && !(tables = unit_tables(u, x, &err))) {
        buf_release(blob);
        unit_failed(u, x, arena_dup(u->arena, err.text), NULL);
        return;
    }
    *(struct buf **)arena_push(u->arena, u->blobs, u->nblobs) = blob;
    u->specific |= x->specific;
    u->lean_works |= x->text == TEXT_LEAN;
    if (x->text == TEXT_RESTORED && !u->target.whole) {
        log_debug("%s: variants are compiled with all of the file", u->target.spec->name);
        u->target.whole = true;
    }
    if (unit_wants_usage(&u->target))
        messages = arena_dup(u->arena, messages);
    struct variant_ref ref[MOST_IN_UNIT];
    unit_refs(u, x, ref);
    for (size_t i = 0; i < x->n; i++) {
        struct built *b = units_done(u, x, i, NULL);
        size_t n;
        const char **idents = rewrite_kernels(u->arena, &ref[i], &n);
        u->clock.variants++;
        b->unit = u->nblobs - 1;
        b->blob = blob;
        if (unit_wants_usage(&u->target)) {
            b->usage = usage_read(messages, idents, n);
            b->messages = messages;
        }
        if (u->target.spec->structure)
            structure_built(u, &x->job[i], &cubin, tables ? tables[i] : NULL, b);
        else
            text_built(u, x, i, &cubin, idents, n, b);
        if (!u->is_shared)
            b->code = cubin_code_hash(&cubin, idents, n);
    }
}

/* ---- the queue ---- */

static size_t unit_size(const struct units *u)
{
    size_t left = u->nqueue - u->taken, n = (left + (size_t)u->share - 1) / (size_t)u->share;
    size_t least = u->hurry ? LEAST_IN_HURRY : LEAST_IN_UNIT;
    return !u->copyable ? 1 : n < least ? least : n > MOST_IN_UNIT ? MOST_IN_UNIT : n;
}

void units_hurry(struct units *u, bool hurry)
{
    u->hurry = hurry;
}

/* takes the next unit from the retries or the queue, where something is left */
static void units_take(struct units *u, struct unit *x)
{
    if (u->retried < u->nretry) {
        *x = u->retry[u->retried++];
        return;
    }
    *x = (struct unit){.specific = u->specific};
    for (size_t n = unit_size(u); x->n < n && u->taken < u->nqueue;)
        x->job[x->n++] = u->queue[u->taken++];
}

static void unit_account(struct units *u, struct unit *x, int slot)
{
    char name[64];
    snprintf(name, sizeof name, "%zu variants", x->n);
    timeline_span(TIMELINE_COMPILER + slot, name, x->start);
    u->clock.seconds += now_seconds() - x->start;
    u->clock.units++;
}

static void units_reap(struct units *u)
{
    for (int i = 0; i < u->jobs; i++) {
        struct unit *x = &u->running[i];
        struct proc_result r;
        if (!x->n || !proc_poll(x->proc, &r))
            continue;
        unit_account(u, x, i);
        if (proc_ok(&r))
            unit_built(u, x, buf_text(&r.err));
        else
            unit_refused(u, x, &r);
        proc_result_release(&r);
        u->compiling -= x->n;
        x->n = 0;
        --*u->all;
        jobs_give();
    }
}

/* may a compiler more run, and is there anything for it? */
static bool units_may(struct units *u)
{
    if (*u->all >= u->jobs || (u->retried == u->nretry && u->taken == u->nqueue))
        return false;
    bool may = jobs_take();
    if (!may)
        u->share = *u->all > 0 ? *u->all : 1;
    else if (u->share <= *u->all)
        u->share = *u->all + 1;
    return may;
}

void units_pump(struct units *u)
{
    units_reap(u);
    for (int i = 0; i < u->jobs && !proc_interrupted(); i++) {
        struct unit *x = &u->running[i];
        struct error err = {""};
        if (x->n)
            continue;
        if (!units_may(u))
            break;
        units_take(u, x);
        if (unit_start(u, x, &err) == 0) {
            u->compiling += x->n;
            ++*u->all;
        } else {
            unit_failed(u, x, arena_dup(u->arena, err.text), NULL);
            x->n = 0;
            jobs_give();
        }
    }
}

void units_wait(struct units *u, int ms)
{
    struct proc *procs[64];
    size_t n = 0;
    for (int i = 0; i < u->jobs && n < 64; i++)
        if (u->running[i].n)
            procs[n++] = u->running[i].proc;
    if (u->given < u->ndone)
        return;
    if (n)
        proc_wait_any(procs, n, ms);
    else if (units_pending(u)) /* they wait for the compilers of others */
        nanosleep(&(struct timespec){0, (ms < 10 ? ms : 10) * 1000000L}, NULL);
}

int units_next(struct units *u, struct built *out)
{
    if (u->given == u->ndone)
        return 0;
    *out = u->done[u->given++];
    return 1;
}

void units_free(struct units *u)
{
    if (!u)
        return;
    for (int i = 0; i < u->jobs; i++)
        if (u->running[i].n) {
            proc_kill(u->running[i].proc);
            --*u->all;
            jobs_give();
        }
    for (size_t i = 0; i < u->nblobs; i++)
        buf_release(u->blobs[i]);
    arena_free(u->arena);
}
