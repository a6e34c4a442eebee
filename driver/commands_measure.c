/* driver/commands_measure.c - profile and bench: an entry is measured outside of a search.
 *
 * Both take a source and the flags of its compile, put its entries on a stage, one after the other,
 * and print what was measured of the original and of the winners that are on file. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/abtest.h"
#include "driver/called.h"
#include "driver/ceilings.h"
#include "driver/codes.h"
#include "driver/commands.h"
#include "driver/profile.h"
#include "driver/sources.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/status.h"

struct measured { /* the command line, and what came of it */
    const struct command_call *call;
    json_t *(*collect)(struct measured *m, const struct codes *c);
    void (*text)(const json_t *entry, struct buf *out);
    int pairs; /* of a bench; 0: as many as a confirmation takes */
    json_t *entries;
    struct called called; /* which entries are wanted */
    bool failed, no_gpu;
};

static json_t *collect_profile(struct measured *m, const struct codes *c)
{
    struct ceilings ceilings =
        ceilings_measure(c->stage->in->cache_dir, c->stage->bench, c->timed[0]);

    (void)m;
    return profile_collect(c, &ceilings);
}

static json_t *collect_bench(struct measured *m, const struct codes *c)
{
    return abtest_collect(c, m->pairs);
}

/* ---- one entry ---- */

static bool is_wanted(const struct measured *m, const struct target *t)
{
    return called_is(&m->called, t->name, t->spec->qname);
}

static void say(const struct measured *m, const json_t *entry)
{
    struct buf text;

    buf_init(&text, BUF_LIMIT);
    m->text(entry, &text);
    if (json_array_size(m->entries))
        putchar('\n');
    fputs(buf_text(&text), stdout);
    fflush(stdout);
    buf_release(&text);
}

/* is something in it that could not be measured? */
static bool has_error(const json_t *value)
{
    const char *name;
    json_t *x;
    size_t i;

    json_object_foreach((json_t *)value, name, x)
    {
        if (strcmp(name, "error") == 0 || has_error(x))
            return true;
    }
    json_array_foreach(value, i, x)
    {
        if (has_error(x))
            return true;
    }
    return false;
}

static void measure_target(struct measured *m, struct stage *stage, struct target *t)
{
    struct codes codes;
    struct error err = {""};
    json_t *entry = NULL;

    if (codes_open(&codes, stage, t, &err) == 0)
        entry = m->collect(m, &codes);
    codes_close(&codes);
    if (entry && !m->call->json)
        say(m, entry);
    if (entry) {
        m->failed |= has_error(entry);
        json_array_append_new(m->entries, entry);
    } else {
        command_fail(1, "%s: %s", t->name, err.text);
        m->failed = true;
    }
}

static void measure_source(void *arg, struct inspection *in, struct unit_source *u,
                           struct library *lib)
{
    struct measured *m = arg;
    struct stage stage;

    for (size_t i = 0; i < u->ntargets; i++)
        called_see(&m->called, u->targets[i].name, u->targets[i].spec->qname);
    if (!m->called.how || called_many(&m->called))
        return;
    if (!in->have_gpu) {
        if (!m->no_gpu)
            command_fail(EXIT_NO_GPU, "%s measures on a GPU: %s", m->call->name, in->no_gpu.text);
        m->no_gpu = true;
        return;
    }
    for (size_t i = 0; i < u->ntargets; i++)
        library_find(lib, in, &u->targets[i]);
    stage_init(&stage, in, u, codes_untrusted(u));
    u->file->takes_texts |= stage.contained; /* before the harness is made */
    for (size_t i = 0; i < u->ntargets && !proc_interrupted(); i++)
        if (is_wanted(m, &u->targets[i]))
            measure_target(m, &stage, &u->targets[i]);
    stage_release(&stage);
}

/* ---- the commands ---- */

/* 1, said, when nothing was measured because of the name */
static int check_found(struct measured *m)
{
    struct called *c = &m->called;

    if (called_many(c))
        return command_fail(1, "'%s' is not one entry: there are %s", c->word,
                            called_list(c, &c->names));
    if (!c->how && c->word)
        return command_fail(1, "there is no entry '%s': %s%s", c->word,
                            c->others.n ? "there are " : "nothing is annotated there",
                            called_list(c, &c->others));
    if (!c->how && !m->call->json)
        log_line("nothing is annotated there");
    return 0;
}

static int measure(struct measured *m)
{
    const struct sources_use use = {.visit = measure_source, .arg = m};
    const struct command_call *call = m->call;
    int rc = 0;

    if (!call->n)
        return command_fail(EXIT_USAGE, "%s what? ksnvcc %s --help says how", call->name,
                            call->name);
    m->entries = json_array();
    m->called = (struct called){.arena = arena_new(), .word = call->entry};
    for (size_t i = 0; rc == 0 && i < call->n && !proc_interrupted(); i++)
        rc = sources_of_file(call->words[i], call->rest, &use);
    if (rc == 0 && m->no_gpu)
        rc = EXIT_NO_GPU;
    if (rc == 0)
        rc = check_found(m);
    if (call->json && (rc == 0 || json_array_size(m->entries)))
        command_print_json(json_incref(m->entries));
    json_decref(m->entries);
    arena_free(m->called.arena);
    proc_end_by_signal();
    return rc ? rc : m->failed;
}

int command_profile(const struct command_call *call)
{
    return measure(
        &(struct measured){.call = call, .collect = collect_profile, .text = profile_text});
}

int command_bench(const struct command_call *call)
{
    struct measured m = {.call = call, .collect = collect_bench, .text = abtest_text};
    char *end = NULL;

    if (call->samples && ((m.pairs = (int)strtol(call->samples, &end, 10)) < 1 || *end))
        return command_fail(EXIT_USAGE, "bench: --samples takes a number of pairs, not '%s'",
                            call->samples);
    return measure(&m);
}
