/* driver/finder.c - worker, harness and budget for searches in a build.
 *
 * The worker and the harness (the file as a shared object) serve all entries of a file, and cost
 * seconds: they are made when the first entry is searched. */
#include "driver/finder.h"

#include <stdlib.h>
#include <string.h>

#include "driver/build/copy.h"
#include "driver/build/depfile.h"
#include "driver/build/harness.h"
#include "driver/build/sandbox.h"
#include "driver/cupti.h"
#include "driver/priors.h"
#include "driver/recordings.h"
#include "driver/runs.h"
#include "driver/search/loop.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

struct finder {
    struct inspection *in;
    struct unit_source *source;
    char *dir;
    struct bench *bench;
    struct buf harness;
    const struct settings *settings;
    const char *const *reads; /* see finder_reads */
    bool asks; /* models; what they write is compiled and run in a sandbox, or they are not asked */
    struct error broken; /* why it cannot search at all; "" so far */
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
    buf_init(&f->harness, BUF_LIMIT);
    return f;
}

void finder_free(struct finder *f)
{
    if (!f)
        return;
    bench_free(f->bench);
    buf_release(&f->harness);
    if (f->dir)
        fs_remove(f->dir);
    free(f->dir);
    free(f);
}

/* what was set, else the annotation's, else the default */
static double budget_seconds(const struct finder *f, const struct spec *spec)
{
    if (f->settings->seconds >= 0)
        return f->settings->seconds;
    return spec->budget.seconds > 0 ? spec->budget.seconds : SEARCH_SECONDS;
}

static struct units_target finder_target(const struct finder *f, const struct target *t)
{
    const struct target_arch *arch = &f->in->arch;
    return (struct units_target){.command = &f->in->command,
                                 .file = f->source->file,
                                 .spec = t->spec,
                                 .instance = t->instance,
                                 .major = arch->major,
                                 .minor = arch->minor,
                                 .suffix = arch->suffix,
                                 .dir = f->dir,
                                 .reads = f->reads};
}

static int finder_harness(struct finder *f, const struct units_target *target, struct error *err)
{
    struct buf text;
    buf_init(&text, BUF_LIMIT);
    buf_adds(&text, line_marker(f->in->arena, f->source->src, 0) + 1); /* without its newline */
    rewrite_blank(f->source->file, &text);
    harness_tail(f->source->file, &text);
    int rc = units_shared(target, buf_text(&text), "harness", &f->harness, err);
    buf_release(&text);
    return rc;
}

/* what a contained compile may read: the files of the user's own device pass. Where that cannot be
 * told, the include folders */
static void finder_reads(struct finder *f)
{
    const struct source *src = f->source->src;
    const struct target_arch *arch = &f->in->arch;
    struct buf text;
    buf_init(&text, BUF_LIMIT);
    if (plan_preprocess(&f->in->plan, src->path, arch->major, arch->minor, NULL, &text, NULL) == 0)
        f->reads = depfile_names(f->in->arena, buf_text(&text), text.len);
    buf_release(&text);
}

/* 0 when worker and harness are there */
static int finder_ready(struct finder *f, const struct target *t)
{
    if (*f->broken.text)
        return -1;
    if (f->settings->replay)
        return f->dir || (f->dir = fs_tempdir("ksearch", &f->broken)) ? 0 : -1;
    if (!f->dir && !(f->dir = fs_tempdir("ksearch", &f->broken)))
        return -1;
    if (!f->bench) {
        if (!(f->bench = bench_start(f->asks, &f->broken)))
            return -1;
        bench_use_cupti(f->bench, cupti_find(f->in->arena));
        if (f->asks)
            finder_reads(f);
    }
    struct units_target target = finder_target(f, t);
    return f->harness.len || finder_harness(f, &target, &f->broken) == 0 ? 0 : -1;
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
    const char *file = fs_base(f->source->src->path);
    if (run->resumed)
        log_line("%s: %s: going on with the search %s", file, t->name, run->name);
    else
        log_line("%s: %s: searching on %s, at most %.0f s", file, t->name, f->in->gpu.name,
                 seconds);
}

/* the search itself, with everything that it needs at hand */
static bool finder_do(struct finder *f, struct target *t, struct run *run,
                      struct journal *recording, struct models *models)
{
    const struct settings *set = f->settings;
    struct error err = {""};
    struct diag diag;
    json_t *priors = priors_read(f->in->cache_dir), *learned = NULL;
    bool waits = false;
    struct search_job job = {
        .target = finder_target(f, t),
        .bench = f->bench,
        .harness = &f->harness,
        .gpu = f->in->gpu,
        .journal = run->journal,
        .recording = recording,
        .models = models,
        .key = &t->key,
        .toolkit = f->in->toolkit,
        .seconds = budget_seconds(f, t->spec),
        .evals = set->evals ? set->evals : t->spec->budget.evals,
        .seed = set->seed,
        .knobs = set->knobs,
        .priors = priors,
        .learned = &learned,
        .finish = set->finish,
        .waits = &waits,
    };
    finder_say(f, t, run, job.seconds);
    diag_init(&diag, f->in->arena);
    t->record = search_run(&job, &diag, &err);
    diag_print(&diag);
    if (t->record)
        t->found = FOUND_SEARCH;
    else
        t->why = arena_dup(f->in->arena, err.text);
    if (learned && !recording)
        priors_write(f->in->cache_dir, learned);
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
    int held = lib->store ? store_search_begin(lib->store, &t->key, finder_waits, t) : -1;
    if (!again)
        library_find(lib, f->in, t);
    if (!t->record && !proc_interrupted()) {
        if (finder_ready(f, t))
            t->why = arena_dup(f->in->arena, f->broken.text);
        else
            waits = finder_run(f, t, again);
        if (t->record)
            library_keep(lib, t);
    }
    if (held >= 0)
        store_search_end(held);
    return waits;
}
