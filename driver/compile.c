/* driver/compile.c - the main job, and the one place where we fall back.
 *
 * compile_plain() is the ordinary compile by nvcc alone. It is what happens when there is nothing
 * for us to do, when anything of ours fails, and when no entry has a winner; so a build with ksnvcc
 * can fail only where one without it would, or for a malformed annotation (EXIT_ANNOTATION), a
 * required winner that is not on file (EXIT_REQUIRED) or a lockfile that cannot be read
 * (EXIT_LOCKFILE). */
#include "driver/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "driver/behind.h"
#include "driver/emission.h"
#include "driver/finder.h"
#include "driver/inspect.h"
#include "driver/lang/structure.h"
#include "driver/lookup.h"
#include "driver/mode.h"
#include "driver/reproducible.h"
#include "driver/reuse.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/status.h"

/* ---- nvcc alone ---- */

static int compile_plain(const char *const *words)
{
    proc_become(words);
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

/* nvcc alone as a child, since something is left to do afterwards; what it says is kept as well
 * where the object may be */
static int compile_child(const char *const *words, struct reuse *reuse)
{
    struct proc_result r;
    bool keeps = reuse->arena;
    if (proc_run(
            &(struct proc_spec){.argv = words, .inherit = !keeps, .shown = keeps, .terminal = true},
            &r, NULL))
        return compile_plain(words);
    int status = r.status;
    if (keeps)
        reuse_said(reuse, &r.out, &r.err);
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
    enum reproducible reproducible;
    struct reuse reuse;
    bool has_settings;
    struct settings settings; /* of a search: read when one begins, and warned about only then */
};

/* "sm_80 and sm_90" */
static const char *architectures(const struct inspection *in)
{
    const struct command *c = &in->command;
    const char *text = NULL;
    for (size_t i = 0; i < c->narchs; i++)
        if (c->archs[i].sass)
            text = arena_printf(in->arena, "%s%ssm_%d%d", text ? text : "", text ? " and " : "",
                                c->archs[i].major, c->archs[i].minor);
    return text ? text : "this architecture";
}

/* why a target has nothing, where nothing better is known */
static const char *why_nothing(const struct compile *c, const struct target *t)
{
    const struct inspection *in = &c->in;
    const char *arch = architectures(in);
    if (t->useless)
        return t->useless;
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

static void count_found(const struct library *lib, const struct target *t)
{
    static const enum store_stat stats[] = {STAT_MISS, STAT_LOCK_HIT, STAT_HIT, STAT_MISS,
                                            STAT_REMOTE_HIT};
    store_count(lib->store, stats[t->found]);
}

/* KSEARCH_AGAIN=1: what is on file does not count, every entry is searched anew */
static bool wants_again(void)
{
    return env_is_on("KSEARCH_AGAIN");
}

static const struct settings *compile_settings(struct compile *c)
{
    if (!c->has_settings)
        settings_read(&c->settings);
    c->has_settings = true;
    return &c->settings;
}

/* looks up, and searches where that is wanted, all targets of one source */
static void compile_source(struct compile *c, struct unit_source *u, struct library *lib)
{
    struct finder *finder = NULL;
    bool searches = c->mode == MODE_SEARCH && c->in.have_gpu, again = searches && wants_again();
    for (size_t i = 0; i < u->ntargets && !proc_interrupted(); i++) {
        struct target *t = &u->targets[i];
        if (!again)
            library_find(lib, &c->in, t);
        count_found(lib, t);
        struct error err = {""};
        if (!t->record && !t->why && searches && emission_possible(&c->in, u, t, &err)) {
            t->why =
                arena_printf(c->in.arena, "not searched, as no winner could be used: %s", err.text);
        } else if (!t->record && !t->why && searches) {
            if (!finder)
                finder = finder_new(&c->in, u, compile_settings(c));
            finder_search(finder, lib, t, again);
            store_count(lib->store, STAT_SEARCH);
            if (t->record)
                store_count(lib->store, t->record->nwinners ? STAT_WIN : STAT_NO_GAIN);
        } else if ((t->found == FOUND_CACHE || t->found == FOUND_REMOTE) &&
                   c->mode == MODE_SEARCH) {
            library_keep(lib, t);
        }
        if (!t->record && !t->why)
            t->why = why_nothing(c, t);
        library_find_others(lib, &c->in, t);
    }
    finder_free(finder);
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
                    at.path, at.row, at.column, t->name, t->why ? t->why : "not found");
        }
    return missing;
}

static void depfile_structures(const char *depfile, const struct file *f)
{
    for (size_t i = 0; i < f->nspecs; i++)
        for (size_t k = 0; k < f->specs[i].nstructures; k++)
            depfile_add(depfile, f->specs[i].structures[k].structure->src->path);
}

/* what the output depends on beside what nvcc knows: the lockfile, and the files that use("...")
 * and structure("...") name */
static void compile_depfile(const struct compile *c)
{
    const char *depfile = c->in.command.depfile, *lock = c->libs[0].lock_path;
    if (!depfile)
        return;
    if (lock && fs_exists(lock))
        depfile_add(depfile, lock);
    for (size_t i = 0; i < c->in.nsources; i++)
        for (size_t k = 0; k < c->in.sources[i].file->nused; k++)
            depfile_add(depfile, c->in.sources[i].file->used[k]->path);
    for (size_t i = 0; i < c->in.nsources; i++)
        depfile_structures(depfile, c->in.sources[i].file);
}

static void warn_unfixed(const struct error *why)
{
    log_warn("the output is nvcc's own, and not reproducible: %s", why->text);
}

/* The compile without winners, where its output is to be the same everywhere. False when nvcc must
 * do it; that its output is then nvcc's is told only when nvcc has nothing against the sources */
static bool compile_fixed(struct compile *c, struct error *why)
{
    struct proc_result said;

    if (c->reproducible == REPRODUCIBLE_NO || proc_interrupted())
        return false;
    if (c->reproducible == REPRODUCIBLE_ANNOTATED && !c->in.nsources)
        return false;
    if (behind_run(&c->in, &said)) {
        if (c->reuse.arena)
            reuse_said(&c->reuse, &said.out, &said.err);
        proc_result_release(&said);
        return true;
    }
    return !proc_interrupted() && emission_fixed(&c->in, why);
}

static int compile_finish(struct compile *c, const char *const *words)
{
    struct error why = {""};
    if (c->reuse.arena)
        c->in.plan.out = &c->reuse.object.out, c->in.plan.err = &c->reuse.object.err;
    bool emitted = emission_run(&c->in, &why);
    reuse_entries(&c->reuse);
    for (size_t i = 0; i < c->in.nsources; i++)
        for (size_t k = 0; k < c->in.sources[i].ntargets; k++)
            target_say(&c->in.sources[i], &c->in.sources[i].targets[k]);
    if (proc_interrupted())
        return 130;
    if (!emitted && c->libs[0].store && emission_refused(&c->in))
        store_count(c->libs[0].store, STAT_FALLBACK);
    struct error unfixed = {""};
    bool done = emitted || compile_fixed(c, &unfixed);
    if (proc_interrupted())
        return 130;
    int status = done ? 0 : compile_child(words, &c->reuse);
    if (status == 0 && *why.text)
        log_warn("%s", why.text);
    if (status == 0 && *unfixed.text)
        warn_unfixed(&unfixed);
    if (status == 0)
        compile_depfile(c);
    if (status == 0 && !*why.text)
        reuse_keep(&c->reuse, &c->in);
    return status;
}

/* a compile that has nothing to find for its targets, or no targets */
static int compile_nothing(struct compile *c, const char *const *words, int *status)
{
    struct error err = {""};
    if (c->reproducible == REPRODUCIBLE_NO)
        return -1;
    if (compile_fixed(c, &err)) {
        *status = 0;
        return 0;
    }
    if (!*err.text)
        return -1;
    *status = proc_interrupted() ? 130 : compile_child(words, &c->reuse);
    if (*status == 0)
        warn_unfixed(&err);
    return 0;
}

/* An annotated source of a compile that is beyond us stays what it is, and its user ought to know;
 * an error where a winner is required. What nvcc itself will complain about is its own business */
static int compile_beyond(const struct compile *c, const struct error *why, int *status)
{
    const struct command *command = &c->in.command;
    bool wrong = command->query || c->in.plan.refused || c->in.unreadable;
    for (size_t i = 0; !wrong && i < command->nitems; i++) {
        const char *path = command->items[i].word;
        size_t n = strlen(path);
        const struct source *src =
            command->items[i].is_input && n > 3 && !strcmp(path + n - 3, ".cu")
                ? source_read(c->in.arena, path, NULL)
                : NULL;
        if (!src || !annotations_find(c->in.arena, src)->nannotations)
            continue;
        if (c->mode == MODE_REQUIRE) {
            fprintf(stderr, "%s: error: ksearch: KSEARCH_MODE=require is set, but %s\n", path,
                    why->text);
            *status = EXIT_REQUIRED;
            return 0;
        }
        log_line("%s: original: %s", fs_base(path), why->text);
    }
    return -1;
}

/* 0 and an exit status in *status when the compile was done; -1 when nvcc must do it */
static int compile_annotated(struct compile *c, const char *const *words, int *status)
{
    struct error err = {""};
    c->in.builds = true;
    if (inspection_open(&c->in, words, &err)) {
        log_debug("handed to nvcc: %s", err.text);
        return compile_beyond(c, &err, status);
    }
    diag_print(&c->in.diag);
    if (c->reuse.arena)
        diag_text(&c->in.diag, &c->reuse.object.err);
    if (c->in.diag.nerrors) {
        *status = EXIT_ANNOTATION;
        return 0;
    }
    size_t targets = 0;
    for (size_t i = 0; i < c->in.nsources; i++)
        targets += c->in.sources[i].ntargets;
    if (!targets)
        return compile_nothing(c, words, status);
    if (inspection_keys(&c->in, &err)) {
        log_debug("handed to nvcc: %s", err.text);
        if (compile_beyond(c, &err, status) == 0)
            return 0;
        return compile_nothing(c, words, status);
    }
    if ((*status = compile_libraries(c)))
        return 0;
    log_copy(NULL, false); /* of a search nothing is said again */
    for (size_t i = 0; i < c->in.nsources; i++)
        compile_source(c, &c->in.sources[i], &c->libs[i]);
    log_copy(c->reuse.arena ? &c->reuse.object.err : NULL, false);
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
    const char *unknown;
    c.reproducible = reproducible_asked(&unknown);
    if (unknown)
        log_warn("KSEARCH_REPRODUCIBLE=%s is not one of 0, 1, annotated: taken as 1", unknown);
    reuse_open(&c.reuse, words, c.mode);
    if (reuse_find(&c.reuse)) {
        reuse_close(&c.reuse);
        return 0;
    }
    int rc = compile_annotated(&c, words, &status);
    for (size_t i = 0; c.libs && i < c.in.nsources; i++)
        library_close(&c.libs[i]);
    reuse_close(&c.reuse);
    inspection_release(&c.in);
    proc_end_by_signal();
    return rc ? compile_plain(words) : status;
}
