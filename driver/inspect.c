/* driver/inspect.c - from a command line to keys, cheapest questions first.
 *
 * Order matters for speed: the scan of the sources needs nothing; the GPU is a file read away after
 * the first time (when CUDA has to start, nvcc is asked meanwhile); only then does nvcc get asked
 * for its plan and the preprocessor for its text. */
#include "driver/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "cache/store.h"
#include "driver/build/harness.h"
#include "driver/build/headers.h"
#include "driver/build/meaning.h"
#include "driver/build/plan_add.h"
#include "driver/build/rewrite.h"
#include "driver/build/specific.h"
#include "driver/here.h"
#include "driver/reproducible.h"
#include "driver/keep.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/timeline.h"

const char *found_name(enum found found)
{
    static const char *const names[] = {"nothing", "lockfile", "cache", "search", "remote"};
    return names[found];
}

/* machine code for major.minor runs on cards of the same major and no lesser minor; of several the
 * closest, and of sm_90 and sm_90a the latter */
const struct target_arch *inspection_code_for(const struct inspection *in, int major, int minor)
{
    const struct command *c = &in->command;
    const struct target_arch *best = NULL;
    for (size_t i = 0; i < c->narchs; i++) {
        const struct target_arch *x = &c->archs[i];
        bool runs =
            x->sass && x->major == major && x->minor <= minor && (!x->suffix || x->minor == minor);
        if (runs && (!best || x->minor > best->minor ||
                     (x->minor == best->minor && x->suffix && !best->suffix)))
            best = x;
    }
    return best;
}

/* ---- code for one compute capability alone ---- */

static bool is_named(const struct command *c, int major, int minor, char suffix)
{
    for (size_t i = 0; i < c->narchs; i++)
        if (c->archs[i].sass && c->archs[i].major == major && c->archs[i].minor == minor &&
            c->archs[i].suffix == suffix)
            return true;
    return false;
}

/* what nvcc's plan has against it, once that is known */
static const char *why_not_planned(const struct inspection *in, int major, int minor)
{
    struct plan p = in->plan;
    struct error err = {""};
    for (size_t i = 0; p.n && i < in->nsources; i++)
        if (plan_add_specific(in->arena, &p, in->sources[i].src->path, major, minor, &err))
            return arena_dup(in->arena, err.text);
    return NULL;
}

/* why such a target cannot be added to those of the command; NULL: it can */
static const char *why_not_added(const struct inspection *in, int major, int minor)
{
    const struct command *c = &in->command;
    if (!env_is_not_off("KSEARCH_ARCH_SPECIFIC"))
        return "KSEARCH_ARCH_SPECIFIC=0 forbids it";
    if (c->relocatable)
        return "relocatable device code has just the targets that the command names";
    if (c->phase == PHASE_CUBIN || c->phase == PHASE_PTX)
        return "the output has code for one target";
    bool native = c->native && in->have_gpu && in->gpu.major == major && in->gpu.minor == minor;
    if (!native && !is_named(c, major, minor, 0))
        return arena_printf(in->arena, "the command makes no code for sm_%d%d", major, minor);
    return why_not_planned(in, major, minor);
}

enum specific inspection_specific(const struct inspection *in, int major, int minor,
                                  const char **why)
{
    const char *none = NULL;
    enum specific is = SPECIFIC_NOT;
    if (is_named(&in->command, major, minor, SPECIFIC_SUFFIX))
        is = SPECIFIC_OWN;
    else if (specific_exists(major, minor) && !(none = why_not_added(in, major, minor)))
        is = SPECIFIC_ADDED;
    if (why)
        *why = none;
    return is;
}

bool inspection_can_use(const struct inspection *in, const struct record *r, const char **why)
{
    const char *reason;
    for (size_t i = 0; i < r->nwinners; i++) {
        if (!r->winners[i].arch ||
            inspection_specific(in, r->major, r->minor, &reason) != SPECIFIC_NOT)
            continue;
        *why = arena_printf(in->arena, "its winner needs %s: %s", r->winners[i].arch,
                            reason ? reason : "there is no such target");
        return false;
    }
    return true;
}

static void inspect_arch(struct inspection *in)
{
    const struct command *c = &in->command;
    const struct gpu *gpu = &in->gpu;
    const struct target_arch *code =
        in->have_gpu ? inspection_code_for(in, gpu->major, gpu->minor) : NULL;
    if (code)
        in->arch = *code;
    if (in->have_gpu && c->native)
        in->arch = (struct target_arch){.major = gpu->major, .minor = gpu->minor, .sass = true};
    if (in->have_gpu && !in->arch.major) {
        in->have_gpu = false;
        error_set(&in->no_gpu, "this compile makes no machine code for %s (sm_%d%d)", gpu->name,
                  gpu->major, gpu->minor);
    }
    for (size_t i = 0; !in->have_gpu && !in->arch.major && i < c->narchs; i++)
        if (c->archs[i].sass)
            in->arch = c->archs[i];
    if (!in->have_gpu && in->arch.major)
        gpu_of_arch(in->arch.major, in->arch.minor, &in->gpu);
}

/* keeps a source that has annotations */
static int inspect_source(struct inspection *in, const char *path, struct error *err)
{
    const struct source *src = source_read(in->arena, path, err);
    in->unreadable |= !src;
    if (!src)
        return -1;
    if (memchr(src->text, '\0', src->len))
        return error_set(err, "%s holds a zero byte", path);
    if (in->headers)
        src = headers_merge(in->arena, &in->command, src);
    const struct file *found = annotations_find(in->arena, src);
    if (found->nannotations)
        *arena_push(in->arena, in->sources, in->nsources) =
            (struct unit_source){.src = src, .annotations = found};
    return 0;
}

/* what the folder for intermediate files is beside; a program's default name says nothing */
static const char *inspect_output(const struct inspection *in)
{
    const struct command *c = &in->command;
    if (c->output)
        return c->output;
    return c->phase == PHASE_LINK || c->phase == PHASE_OTHER
               ? fs_base(c->inputs[0])
               : command_default_output(in->arena, c, c->phase);
}

int inspection_plan(struct inspection *in, struct error *err)
{
    if (in->plan.n)
        return 0;
    if (!in->keep_dir) {
        char *dir = keep_open(inspect_output(in), err);
        if (!dir)
            return -1;
        in->keep_dir = arena_dup(in->arena, dir);
        free(dir);
    }
    return plan_make(in->arena, &in->command, in->keep_dir, &in->plan, err);
}

/* what nvcc has to be asked, while CUDA starts; whoever needs it and does not find it asks again,
 * and says what is wrong */
static void inspect_nvcc(void *arg)
{
    struct inspection *in = arg;
    struct error later;
    in->toolkit = command_toolkit(in->arena, &in->command, in->cache_dir, &later);
    inspection_plan(in, &later);
}

/* the GPU in this machine, unless another is asked for */
static void inspect_gpu(struct inspection *in)
{
    in->gpu_name = env_given("KSEARCH_GPU");
    in->hermetic = in->builds && reproducible_hermetic(&in->command);
    if (in->hermetic)
        error_set(&in->no_gpu, "the build is reproducible, so it looks at no GPU");
    else
        in->have_gpu = gpu_here(in->cache_dir, inspect_nvcc, in, &in->gpu, &in->no_gpu) == 0;
    if (in->have_gpu && in->gpu_name && strcmp(in->gpu_name, in->gpu.name) != 0) {
        in->have_gpu = false;
        error_set(&in->no_gpu, "KSEARCH_GPU asks for %s, and this machine has %s", in->gpu_name,
                  in->gpu.name);
    }
}

struct headers_of { /* whose headers */
    struct inspection *in;
    const struct unit_source *u;
};

static const struct source *inspect_headers(void *arg)
{
    const struct headers_of *of = arg;
    const struct source *whole = NULL;
    struct error err;
    struct buf text;
    buf_init(&text, BUF_LIMIT);
    if (inspection_plan(of->in, &err) == 0 &&
        plan_defines(&of->in->plan, of->u->src->path, &text, &err) == 0)
        whole = source_text(of->in->arena, of->u->src->path, buf_text(&text), text.len);
    else
        log_debug("%s: what its headers define is not known: %s", of->u->src->path, err.text);
    buf_release(&text);
    return whole;
}

/* parses a source's annotations; with `active`, only those that the preprocessor keeps */
static void inspect_annotations(struct inspection *in, struct unit_source *u, const bool *active,
                                size_t nactive)
{
    struct headers_of *of = arena_alloc(in->arena, sizeof *of);
    struct headers *headers = arena_alloc(in->arena, sizeof *headers);
    struct reading reading = {in->arch.major ? &in->gpu : NULL, active, nactive, headers};
    *of = (struct headers_of){in, u};
    *headers = (struct headers){.text = inspect_headers, .arg = of};
    u->file = annotations_read(in->arena, u->src, &reading, &in->diag);
    for (size_t i = 0; u->file && i < u->file->nspecs; i++) {
        const struct spec *spec = &u->file->specs[i];
        for (size_t k = 0; k < spec->ninstances; k++) {
            struct target *t = arena_push(in->arena, u->targets, u->ntargets);
            t->spec = spec, t->instance = k;
            t->name = target_name(in->arena, spec, k);
        }
        if (spec->kind == ENTRY_KERNEL)
            rewrite_launches(spec, &in->diag);
    }
}

/* the probes of u that one pass of the compile keeps */
static int inspect_pass(struct inspection *in, const struct unit_source *u, int major, int minor,
                        bool *active, struct error *err)
{
    const struct file *found = u->annotations;
    struct buf text;
    buf_init(&text, BUF_LIMIT);
    int rc = plan_preprocess(&in->plan, u->src->path, major, minor, annotations_probe(found), &text,
                             err);
    if (rc == 0)
        annotations_active(buf_text(&text), text.len, active, annotations_probes(found));
    buf_release(&text);
    return rc;
}

/* Asks the preprocessor which annotations of u it keeps, and which of several definitions of a
 * constant. A constant that is another one for the GPU than for the host has no one value: both
 * count as active. */
static int inspect_active(struct inspection *in, struct unit_source *u, struct error *err)
{
    const struct file *found = u->annotations;
    size_t n = annotations_probes(found);
    bool *active = arena_array(in->arena, bool, n + 1);
    bool *device = arena_array(in->arena, bool, n + 1);
    if (inspect_pass(in, u, 0, 0, active, err))
        return -1;
    if (found->nguarded && in->arch.major &&
        inspect_pass(in, u, in->arch.major, in->arch.minor, device, err) == 0)
        for (size_t i = found->nannotations; i < n; i++)
            active[i] |= device[i];
    inspect_annotations(in, u, active, n);
    return 0;
}

int inspection_open(struct inspection *in, const char *const *words, struct error *err)
{
    *in = (struct inspection){.builds = in->builds,
                              .headers = in->headers || env_is_on("KSEARCH_HEADERS"),
                              .arena = arena_new()};
    diag_init(&in->diag, in->arena);
    if (command_parse(in->arena, words, &in->command, err))
        return -1;
    for (size_t i = 0; i < in->command.ninputs; i++)
        if (inspect_source(in, in->command.inputs[i], err))
            return -1;
    if (!in->nsources)
        return 0;
    in->cache_dir = store_default_dir();
    if (in->cache_dir)
        fs_mkdirs(in->cache_dir, NULL);
    inspect_gpu(in);
    inspect_arch(in);
    for (size_t i = 0; i < in->nsources; i++) {
        struct unit_source *u = &in->sources[i];
        if (!u->annotations->conditional)
            inspect_annotations(in, u, NULL, 0);
        else if (inspection_plan(in, err) || inspect_active(in, u, err))
            return -1;
    }
    return 0;
}

/* can any of the compile's architectures have code that it may not have? */
static void inspect_apart(struct inspection *in)
{
    const struct command *c = &in->command;
    bool asked = env_is_not_off("KSEARCH_ARCH_SPECIFIC");
    const char *why = NULL;
    for (size_t i = 0; i < c->narchs && !why; i++)
        if (c->archs[i].sass)
            inspection_specific(in, c->archs[i].major, c->archs[i].minor, &why);
    if (!why && c->native && in->have_gpu)
        inspection_specific(in, in->gpu.major, in->gpu.minor, &why);
    in->apart = !why ? APART_NOT : asked ? APART_AFTER : APART_TOO;
}

/* the plain key and the apart one */
static void target_keys(const struct inspection *in, struct target *t)
{
    struct hasher *h = hasher_new();
    t->plain = t->apart = t->key;
    hasher_field(h, t->key.part[KEY_FLAGS].byte, sizeof t->key.part[KEY_FLAGS].byte);
    hasher_string(h, "no target with an a");
    t->apart.part[KEY_FLAGS] = hasher_end(h);
    key_finish(&t->apart, t->name);
    if (in->apart == APART_TOO)
        t->key = t->apart;
}

/* clauses that use("...") reads are part of the annotation, though they stand in another file */
static void inspect_used(const struct file *f, const char *name, struct key *key)
{
    struct hasher *h = hasher_new();
    hasher_field(h, key->part[KEY_CLAUSES].byte, sizeof key->part[KEY_CLAUSES].byte);
    for (size_t i = 0; i < f->nused; i++)
        hasher_field(h, f->used[i]->text, f->used[i]->len);
    key->part[KEY_CLAUSES] = hasher_end(h);
    key_finish(key, name);
}

/* says that annotations do not count, and why */
static void inspect_unread(const struct inspection *in, const struct unit_source *u)
{
    const char *from, *name = fs_base(u->src->path);
    const char *header = u->meaning ? meaning_annotated_header(in->arena, u->meaning, &from) : NULL;

    if (header && in->headers)
        log_line(
            "%s: the annotations in %s are not looked at where %s includes it: headers have to "
            "be included by quotes, all the way from the file that is compiled",
            name, header, from);
    else if (header)
        log_line("%s: the annotations in %s are not looked at: only those of the file that is "
                 "compiled are (KSEARCH_HEADERS=1: those in headers, too)",
                 name, header);
}

int inspection_keys(struct inspection *in, struct error *err)
{
    double start = now_seconds();
    if (!in->toolkit)
        in->toolkit = command_toolkit(in->arena, &in->command, in->cache_dir, err);
    if (!in->toolkit || inspection_plan(in, err))
        return -1;
    inspect_apart(in);
    for (size_t i = 0; i < in->nsources; i++) {
        struct unit_source *u = &in->sources[i];
        struct meaning *m = u->ntargets ? meaning_open(in->arena, u->file, &in->plan, err) : NULL;
        if (u->ntargets && !m)
            return -1;
        u->meaning = m;
        inspect_unread(in, u);
        for (size_t k = 0; k < u->ntargets; k++) {
            struct target *t = &u->targets[k];
            meaning_target(in->arena, m, t->spec, t->instance, in->toolkit, &t->key);
            if (u->file->nused)
                inspect_used(u->file, t->name, &t->key);
            target_keys(in, t);
        }
    }
    timeline_span(TIMELINE_ENGINE, "keys", start);
    return 0;
}

void inspection_release(struct inspection *in)
{
    for (size_t i = 0; i < in->nsources; i++)
        for (size_t k = 0; k < in->sources[i].ntargets; k++) {
            struct target *t = &in->sources[i].targets[k];
            record_free(t->record);
            for (size_t o = 0; o < t->nothers; o++)
                record_free(t->others[o].record);
        }
    if (in->keep_dir)
        fs_remove(in->keep_dir);
    free(in->cache_dir);
    arena_free(in->arena);
    memset(in, 0, sizeof *in);
}
