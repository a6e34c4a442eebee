/* driver/finder.c - models, journal and budget for searches in a build. */
#include "driver/finder.h"

#include <stdlib.h>

#include "driver/build/meaning.h"
#include "driver/build/sandbox.h"
#include "driver/lessons.h"
#include "driver/priors.h"
#include "driver/recordings.h"
#include "driver/report_t4.h"
#include "driver/runs.h"
#include "driver/search/loop.h"
#include "driver/stage.h"
#include "driver/tried.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

struct finder {
    struct inspection *in;
    struct unit_source *source;
    struct stage stage;
    const struct settings *settings;
    bool asks; /* models; what they write is compiled and run in a sandbox, or they are not asked */
};

/* does anything hold what a model writes? Else none is asked */
static bool finder_contains(void)
{
    struct error err = {""};
    if (sandbox_layer(&err))
        return true;
    log_warn("no model is asked, since nothing would contain what it writes: %s", err.text);
    return false;
}

struct finder *finder_new(struct inspection *in, struct unit_source *source,
                          const struct settings *settings)
{
    struct finder *f = calloc(1, sizeof *f);
    if (!f)
        fatal("out of memory");
    f->in = in;
    f->source = source;
    f->settings = settings;
    f->asks = settings->has_models && finder_contains();
    source->file->takes_texts = f->asks || settings->replay;
    stage_init(&f->stage, in, source, f->asks);
    return f;
}

void finder_free(struct finder *f)
{
    if (!f)
        return;
    stage_release(&f->stage);
    free(f);
}

/* what was set, else the annotation's, else the default */
static double budget_seconds(const struct finder *f, const struct spec *spec)
{
    if (f->settings->seconds >= 0)
        return f->settings->seconds;
    if (f->settings->all)
        return SEARCH_FOR_EVER;
    return spec->budget.seconds > 0 ? spec->budget.seconds : SEARCH_SECONDS;
}

/* 0 when all that a search begins with is there: of a recorded one that is a folder */
static int finder_ready(struct finder *f, const struct target *t)
{
    return f->settings->replay ? stage_folder(&f->stage) : stage_worker(&f->stage, t);
}

void finder_begin(struct finder *f)
{
    const struct target *t = &f->source->targets[0];
    json_t *tried = tried_read(f->in->cache_dir, fs_base(f->source->src->path), t->name);
    if (!tried && !f->settings->replay)
        stage_begin(&f->stage, t);
    json_decref(tried);
}

/* models cost money: they are asked for one entry at a time, each with its own limits */
static struct models *finder_models(const struct finder *f, const struct spec *spec,
                                    struct error *err)
{
    struct models_config config = f->settings->models;
    if (!f->asks)
        return NULL;
    config.step = f->settings->step;
    if (!config.tokens)
        config.tokens = spec->budget.tokens;
    return models_open(&config, err);
}

static void finder_say(const struct finder *f, const struct target *t, const struct run *run,
                       double seconds)
{
    if (t->useless)
        log_line("%s: a result is on file, but %s", t->name, t->useless);
    if (run->resumed)
        log_line("%s: going on with the search %s", t->name, run->name);
    else if (seconds >= SEARCH_FOR_EVER)
        log_line("%s: searching on %s, all of its points", t->name, f->in->gpu.name);
    else
        log_line("%s: searching on %s, at most %.0f s", t->name, f->in->gpu.name, seconds);
}

static int finder_harness(void *arg, void (*idle)(void *), void *idle_arg, struct error *err)
{
    struct finder *f = arg;
    return stage_harness(&f->stage, idle, idle_arg) ? error_set(err, "%s", f->stage.broken.text)
                                                    : 0;
}

/* the search itself, with everything that it needs at hand */
static bool finder_do(struct finder *f, struct target *t, struct run *run,
                      struct journal *recording, struct models *models)
{
    const struct settings *set = f->settings;
    struct error err = {""};
    struct diag diag;
    const char *file = fs_base(f->source->src->path);
    json_t *priors = priors_read(f->in->cache_dir), *learned = NULL;
    json_t *tried = tried_read(f->in->cache_dir, file, t->name), *made = NULL;
    json_t *lessons = lessons_read(f->in->cache_dir), *taught = NULL;
    bool waits = false;
    struct search_job job = {
        .target = stage_target(&f->stage, t),
        .bench = f->stage.bench,
        .harness = &f->stage.harness,
        .harness_ready = finder_harness,
        .harness_arg = f,
        .gpu = f->in->gpu,
        .journal = run->journal,
        .recording = recording,
        .models = models,
        .key = &t->key,
        .toolkit = f->in->toolkit,
        .seconds = budget_seconds(f, t->spec),
        .evals = set->evals ? set->evals : t->spec->budget.evals,
        .seed = set->seed,
        .knobs = set->knobs && !set->all,
        .all = set->all,
        .tuner = set->tuner,
        .priors = priors,
        .learned = &learned,
        .tried = tried,
        .made = &made,
        .lessons = lessons,
        .taught = &taught,
        .finish = set->finish,
        .waits = &waits,
    };
    finder_say(f, t, run, job.seconds);
    diag_init(&diag, f->in->arena);
    t->record = search_run(&job, &diag, &err);
    diag_print(&diag);
    if (t->record) {
        t->found = FOUND_SEARCH;
        t->record->made_of =
            meaning_made_of(f->in->arena, f->source->meaning, t->spec, t->instance);
    } else {
        t->why = arena_dup(f->in->arena, err.text);
    }
    if (learned && !recording)
        priors_write(f->in->cache_dir, learned);
    if (made && !recording)
        tried_write(f->in->cache_dir, file, t->name, made);
    if (taught && !recording)
        lessons_write(f->in->cache_dir, taught);
    json_decref(taught);
    json_decref(lessons);
    json_decref(made);
    json_decref(tried);
    json_decref(learned);
    json_decref(priors);
    return waits;
}

static bool finder_run(struct finder *f, struct target *t, bool again)
{
    const struct settings *set = f->settings;
    struct error err = {""};
    struct journal *recording = NULL;
    bool waits = false;
    if (set->replay) /* was made where all could be tried */
        t->key = t->plain;
    if (set->replay && !(recording = recordings_find(set->replay, &t->key, &err))) {
        t->why = arena_dup(f->in->arena, err.text);
        return false;
    }
    struct models *models = finder_models(f, t->spec, &err);
    if (*err.text)
        log_warn("%s: no model is asked: %s", t->name, err.text);
    err = (struct error){""};
    struct run run = runs_open(f->in->cache_dir, t->name, &t->key, &f->in->gpu, set->run,
                               recording != NULL, again, &err);
    if (!run.journal)
        log_warn("%s: the search leaves no journal: %s", t->name, err.text);
    if (run.journal || !set->run)
        waits = finder_do(f, t, &run, recording, models);
    if (set->t4 && run.journal) {
        json_t *results = t4_results(run.journal);
        json_array_extend(set->t4, results);
        json_decref(results);
    }
    runs_close(&run);
    models_free(models);
    return waits;
}

static void finder_waits(void *arg)
{
    const struct target *t = arg;
    log_line("%s: another process searches it; waiting for its result", t->name);
}

bool finder_search(struct finder *f, struct library *lib, struct target *t, bool again)
{
    bool waits = false;
    log_about(fs_base(f->source->src->path));
    int held = lib->store ? store_search_begin(lib->store, &t->key, finder_waits, t) : -1;
    if (!again)
        library_find(lib, f->in, t);
    if (!t->record && !proc_interrupted()) {
        if (finder_ready(f, t))
            t->why = arena_dup(f->in->arena, f->stage.broken.text);
        else
            waits = finder_run(f, t, again);
        if (t->record)
            library_keep(lib, t);
    }
    if (held >= 0)
        store_search_end(held);
    log_about(NULL);
    return waits;
}
