/* driver/compile.c - the main job, and the one place where we fall back.
 *
 * compile_plain() is the ordinary compile by nvcc alone. It is what happens when there is nothing
 * for us to do, when anything of ours fails, and when no entry has a winner; so a build with ksnvcc
 * can fail only where one without it would, or for a malformed annotation (EXIT_ANNOTATION), a
 * required winner that is not on file (EXIT_REQUIRED) or a lockfile that cannot be read
 * (EXIT_LOCKFILE). */
#include "driver/compile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/build/cubin.h"
#include "driver/build/rewrite.h"
#include "driver/finder.h"
#include "driver/inspect.h"
#include "driver/lookup.h"
#include "driver/mode.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/status.h"

/* ---- nvcc alone ---- */

static int compile_plain(const char *const *words)
{
    execvp(words[0], (char *const *)words);
    fprintf(stderr, "ksnvcc: cannot run %s: %s\n", words[0], strerror(errno));
    return EXIT_NO_NVCC;
}

/* the lockfile decides what the object holds, so a build system must know it: behind the
 * prerequisites of the depfile's rule */
static void depfile_add(const char *depfile, const char *prerequisite)
{
    struct buf text;
    buf_init(&text, 64 << 20);
    if (fs_read(depfile, &text, NULL) == 0 && text.len) {
        while (text.len && strchr(" \n\\", text.data[text.len - 1]))
            text.data[--text.len] = '\0';
        buf_adds(&text, " \\\n  ");
        for (const char *p = prerequisite; *p; p++) {
            if (strchr(" #", *p))
                buf_addc(&text, '\\');
            else if (*p == '$')
                buf_addc(&text, '$');
            buf_addc(&text, *p);
        }
        buf_addc(&text, '\n');
        fs_write(depfile, text.data, text.len, NULL);
    }
    buf_release(&text);
}

/* nvcc alone as a child, since something is left to do afterwards */
static int compile_child(const char *const *words)
{
    struct proc_result r;
    if (proc_run(&(struct proc_spec){.argv = words, .inherit = true}, &r, NULL))
        return compile_plain(words);
    int status = r.status;
    proc_result_release(&r);
    if (WIFSIGNALED(status)) {
        proc_end_by_signal();
        return 128 + WTERMSIG(status);
    }
    return WEXITSTATUS(status);
}

/* ---- one compile ---- */

struct compile {
    struct inspection in;
    struct library *libs; /* one a source */
    enum mode mode;
};

static const char *found_word(enum found found)
{
    static const char *const words[] = {"nothing", "lockfile", "cache", "search"};
    return words[found];
}

/* one line for the build log */
static void say_target(const struct unit_source *u, const struct target *t)
{
    const char *file = fs_base(u->src->path);
    const struct record *r = t->record;
    if (!r) {
        log_line("%s: %s: original%s%s", file, t->name, t->why ? ": " : "", t->why ? t->why : "");
        return;
    }
    char *values = record_values_text(r);
    if (t->refused)
        log_line("%s: %s: original (the winner %s was not emitted)", file, t->name, values);
    else if (r->win)
        log_line("%s: %s: %s is %.2fx as fast [%.2f, %.2f] on %s (%s)", file, t->name, values,
                 r->ratio, r->low, r->high, r->gpu, found_word(t->found));
    else
        log_line("%s: %s: original: no proven gain on %s (%s)", file, t->name, r->gpu,
                 found_word(t->found));
    free(values);
}

/* why a target has nothing, where nothing better is known */
static const char *why_nothing(const struct compile *c)
{
    const struct inspection *in = &c->in;
    char arch[32] = "this architecture";
    if (in->arch.major)
        snprintf(arch, sizeof arch, "sm_%d%d", in->arch.major, in->arch.minor);
    if (c->mode != MODE_SEARCH)
        return arena_printf(in->arena, "nothing on file for %s, and mode %s does not search",
                            in->have_gpu ? in->gpu.name : arch, mode_name(c->mode));
    const char *native =
        in->command.native ? " (-arch=native without a GPU is nvcc's default, sm_75)" : "";
    return arena_printf(in->arena, "nothing on file for %s%s, and no search: %s", arch, native,
                        in->no_gpu.text);
}

static int compile_libraries(struct compile *c)
{
    c->libs = arena_array(c->in.arena, struct library, c->in.nsources + 1);
    for (size_t i = 0; i < c->in.nsources; i++) {
        struct error err = {""};
        if (library_open(&c->libs[i], &c->in, c->in.sources[i].src->path, &err)) {
            fprintf(stderr, "ksnvcc: error: %s\n", err.text);
            return EXIT_LOCKFILE;
        }
    }
    return 0;
}

/* looks up, and searches where that is wanted, all targets of one source */
static void compile_source(struct compile *c, struct unit_source *u, struct library *lib)
{
    struct finder *finder = NULL;
    for (size_t i = 0; i < u->ntargets && !proc_interrupted(); i++) {
        struct target *t = &u->targets[i];
        library_find(lib, &c->in, t);
        store_count(lib->store, t->found == FOUND_LOCK    ? STAT_LOCK_HIT
                                : t->found == FOUND_CACHE ? STAT_HIT
                                                          : STAT_MISS);
        if (!t->record && !t->why && c->mode == MODE_SEARCH && c->in.have_gpu) {
            if (!finder)
                finder = finder_new(&c->in, u);
            finder_search(finder, lib, t);
            store_count(lib->store, STAT_SEARCH);
            if (t->record)
                store_count(lib->store, t->record->win ? STAT_WIN : STAT_NO_GAIN);
        } else if (t->found == FOUND_CACHE && c->mode == MODE_SEARCH) {
            library_keep(lib, t);
        }
        if (!t->record && !t->why)
            t->why = why_nothing(c);
    }
    finder_free(finder);
}

/* ---- emission ---- */

struct emitted { /* what the check of a cubin needs to know of one emission */
    struct target *target;
    struct variant_ref ref;
};

struct emit {
    struct compile *c;
    struct emission *emission;
    struct emitted *emitted;
    size_t n;
    bool dispatch;
};

/* the record's values in the order of the spec's tunables; NULL when they do not fit (a record of
 * another spec) */
static const int64_t *record_point(struct arena *a, const struct record *r, const struct spec *spec)
{
    int64_t *values = arena_array(a, int64_t, spec->ntunables + 1);
    for (size_t i = 0; i < spec->ntunables; i++) {
        size_t k = 0;
        while (k < r->nvalues && strcmp(r->values[k].name, spec->tunables[i].name) != 0)
            k++;
        if (k == r->nvalues)
            return NULL;
        values[i] = r->values[k].value;
    }
    return values;
}

/* what `ksnvcc explain OBJECT` reads; nothing in it differs between two builds from the same record
 */
static const char *provenance(struct arena *a, const struct target *t)
{
    const struct record *r = t->record;
    char hex[65];
    hash_hex(&r->key.all, hex);
    json_t *values = json_object();
    for (size_t i = 0; i < r->nvalues; i++)
        json_object_set_new(values, r->values[i].name, json_integer(r->values[i].value));
    json_t *note =
        json_pack("{s:s,s:s,s:o,s:f,s:f,s:f,s:s,s:s,s:s,s:s}", "entry", r->entry, "file", r->file,
                  "winner", values, "speedup", r->ratio, "low", r->low, "high", r->high, "gpu",
                  r->gpu, "toolkit", r->toolkit, "measured", r->created, "key", hex);
    char *text = json_dumps(note, JSON_COMPACT | JSON_REAL_PRECISION(6));
    const char *kept = arena_dup(a, text);
    free(text);
    json_decref(note);
    return kept;
}

/* several architectures in one object: the winner must not run on the others */
static bool needs_dispatch(const struct inspection *in)
{
    const struct command *c = &in->command;
    for (size_t i = 0; i < c->narchs; i++)
        if (c->archs[i].major != in->arch.major || c->archs[i].minor != in->arch.minor)
            return true;
    return false;
}

static void emit_collect(struct emit *e, struct unit_source *u)
{
    struct arena *a = e->c->in.arena;
    e->emission = arena_array(a, struct emission, u->ntargets + 1);
    e->emitted = arena_array(a, struct emitted, u->ntargets + 1);
    e->n = 0;
    for (size_t i = 0; i < u->ntargets; i++) {
        struct target *t = &u->targets[i];
        const int64_t *values =
            t->record && t->record->win ? record_point(a, t->record, t->spec) : NULL;
        if (!values || t->refused)
            continue;
        e->emission[e->n] = (struct emission){t->spec,          t->instance,      values,
                                              t->record->major, t->record->minor, provenance(a, t)};
        e->emitted[e->n] = (struct emitted){t, {t->spec, t->instance, values, ""}};
        e->n++;
    }
}

/* the text with all winners of u that can be emitted together; those that cannot are marked
 * refused. NULL when none is left */
static char *emit_text(struct emit *e, struct unit_source *u)
{
    for (;;) {
        struct buf text;
        struct error err = {""};
        emit_collect(e, u);
        if (!e->n)
            return NULL;
        buf_init(&text, BUF_LIMIT);
        if (rewrite_emit(u->file, e->emission, e->n, e->dispatch, &text, &err) == 0)
            return buf_steal(&text);
        buf_release(&text);
        /* it does not say which one: try without the last */
        struct target *last = e->emitted[e->n - 1].target;
        log_warn("%s: %s: the winner cannot be emitted: %s", fs_base(u->src->path), last->name,
                 err.text);
        last->refused = true;
    }
}

/* principle: what ships is what was measured. Compares the kernels in a cubin of the emitted text
 * with the record's */
static int emit_check(void *arg, const struct step *ptxas, struct error *err)
{
    struct emit *e = arg;
    const struct inspection *in = &e->c->in;
    if (ptxas->major != in->arch.major || ptxas->minor != in->arch.minor)
        return 0;
    struct arena *a = arena_new();
    struct buf image;
    struct cubin cubin;
    buf_init(&image, BUF_LIMIT);
    int rc =
        fs_read(ptxas->output, &image, err) || cubin_read(a, image.data, image.len, &cubin, err)
            ? -1
            : 0;
    for (size_t i = 0; rc == 0 && i < e->n; i++) {
        struct emitted *x = &e->emitted[i];
        size_t n;
        const char **idents = rewrite_emitted_kernels(a, &x->ref, e->dispatch, &n);
        struct hash code = cubin_code_hash(&cubin, idents, n);
        if (hash_equal(&code, &x->target->record->code))
            continue;
        x->target->refused = true;
        rc = error_set(err, "%s: its machine code is not what was measured", x->target->name);
    }
    buf_release(&image);
    arena_free(a);
    return rc;
}

/* compiles with the winners of all sources. 0: done. Positive: nvcc must do it alone (the text may
 * be at fault). -1: a winner was refused, try again without it */
static int emit_once(struct compile *c, struct emit *e)
{
    struct inspection *in = &c->in;
    struct splice *splices = arena_array(in->arena, struct splice, in->nsources + 1);
    struct error err = {""};
    size_t n = 0;
    int rc = 1;
    for (size_t i = 0; i < in->nsources; i++) {
        struct unit_source *u = &in->sources[i];
        char *text = emit_text(e, u);
        if (text)
            splices[n++] = (struct splice){u->src->path, text};
    }
    if (n) {
        /* with several annotated sources in one command the cubins are not told apart: only the
         * last one's are checked by name, so such commands are left to nvcc */
        rc = n > 1 ? 1 : plan_run(&in->plan, &in->command, splices, n, emit_check, e, true, &err);
        if (rc < 0)
            log_warn("%s", err.text);
    }
    for (size_t i = 0; i < n; i++)
        free((char *)splices[i].text);
    return rc;
}

static bool any_refused(const struct compile *c)
{
    for (size_t i = 0; i < c->in.nsources; i++)
        for (size_t k = 0; k < c->in.sources[i].ntargets; k++)
            if (c->in.sources[i].targets[k].refused)
                return true;
    return false;
}

/* true when the output is there, with winners in it */
static bool compile_emit(struct compile *c)
{
    struct emit e = {.c = c, .dispatch = needs_dispatch(&c->in)};
    int rc = emit_once(c, &e);
    if (rc < 0 && any_refused(c) && !proc_interrupted())
        rc = emit_once(c, &e);
    if (rc == 0)
        return true;
    for (size_t i = 0; i < c->in.nsources; i++)
        for (size_t k = 0; k < c->in.sources[i].ntargets; k++) {
            struct target *t = &c->in.sources[i].targets[k];
            t->refused = t->record && t->record->win;
        }
    return false;
}

/* ---- the whole ---- */

static int missing_winners(const struct compile *c)
{
    int missing = 0;
    for (size_t i = 0; i < c->in.nsources; i++)
        for (size_t k = 0; k < c->in.sources[i].ntargets; k++) {
            const struct target *t = &c->in.sources[i].targets[k];
            if (t->record)
                continue;
            missing++;
            struct place at = source_place(c->in.sources[i].src, t->spec->block.at);
            fprintf(stderr,
                    "%s:%d:%d: error: ksearch: '%s' has no result on file and KSEARCH_MODE=require "
                    "is set: %s\n",
                    c->in.sources[i].src->path, at.row, at.column, t->name,
                    t->why ? t->why : "not found");
        }
    return missing;
}

static int compile_finish(struct compile *c, const char *const *words)
{
    bool emitted = compile_emit(c);
    for (size_t i = 0; i < c->in.nsources; i++)
        for (size_t k = 0; k < c->in.sources[i].ntargets; k++)
            say_target(&c->in.sources[i], &c->in.sources[i].targets[k]);
    if (proc_interrupted())
        return 130;
    const char *depfile = c->in.command.depfile, *lock = c->libs[0].lock_path;
    bool add = depfile && lock && fs_exists(lock);
    if (!emitted && c->libs[0].store && any_refused(c))
        store_count(c->libs[0].store, STAT_FALLBACK);
    int status = emitted ? 0 : compile_child(words);
    if (status == 0 && add)
        depfile_add(depfile, lock);
    return status;
}

static void print_diagnostics(const struct diag *d)
{
    struct buf text;
    buf_init(&text, 1 << 24);
    diag_text(d, &text);
    fputs(buf_text(&text), stderr);
    buf_release(&text);
}

/* 0 and an exit status in *status when the compile was done; -1 when nvcc must do it */
static int compile_annotated(struct compile *c, const char *const *words, int *status)
{
    struct error err = {""};
    if (inspection_open(&c->in, words, &err)) {
        log_debug("handed to nvcc: %s", err.text);
        return -1;
    }
    print_diagnostics(&c->in.diag);
    if (c->in.diag.nerrors) {
        *status = EXIT_ANNOTATION;
        return 0;
    }
    size_t targets = 0;
    for (size_t i = 0; i < c->in.nsources; i++)
        targets += c->in.sources[i].ntargets;
    if (!targets)
        return -1;
    if (inspection_keys(&c->in, &err)) {
        log_debug("handed to nvcc: %s", err.text);
        return -1;
    }
    if ((*status = compile_libraries(c)))
        return 0;
    for (size_t i = 0; i < c->in.nsources; i++)
        compile_source(c, &c->in.sources[i], &c->libs[i]);
    if (proc_interrupted() || (c->mode == MODE_REQUIRE && missing_winners(c))) {
        *status = EXIT_REQUIRED;
        return 0;
    }
    *status = compile_finish(c, words);
    return 0;
}

int compile_run(const char *const *words)
{
    struct compile c = {0};
    struct error err = {""};
    int status = 0;
    bool given;
    c.mode = mode_read(&given, &err);
    if (*err.text)
        log_warn("%s", err.text);
    if (c.mode == MODE_OFF)
        return compile_plain(words);
    int rc = compile_annotated(&c, words, &status);
    for (size_t i = 0; c.libs && i < c.in.nsources; i++)
        library_close(&c.libs[i]);
    inspection_release(&c.in);
    proc_end_by_signal();
    return rc ? compile_plain(words) : status;
}
