/* driver/finder.c - worker, harness and budget for searches in a build.
 *
 * The worker and the harness (the file as a shared object) serve all entries of a file, and cost
 * seconds: they are made when the first entry is searched. */
#include "driver/finder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "driver/build/copy.h"
#include "driver/build/harness.h"
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
    struct error broken; /* why it cannot search at all; "" so far */
};

struct finder *finder_new(struct inspection *in, struct unit_source *source)
{
    struct finder *f = calloc(1, sizeof *f);
    if (!f)
        fatal("out of memory");
    f->in = in;
    f->source = source;
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

double finder_seconds(const char *text)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"sec", 1}, {"m", 60}, {"min", 60}, {"h", 3600}};
    char *end;
    double n = strtod(text, &end);
    if (end == text || !(n >= 0) || !isfinite(n))
        return -1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].unit))
            return n * units[i].seconds;
    return -1;
}

/* KSEARCH_BUDGET, else the annotation's, else the default */
static double budget_seconds(const struct spec *spec)
{
    const char *given = getenv("KSEARCH_BUDGET");
    double seconds = given && *given ? finder_seconds(given) : -1;
    if (given && *given && seconds < 0)
        log_warn("KSEARCH_BUDGET=%s is no time (90s, 10min, 2h): not used", given);
    if (seconds >= 0)
        return seconds;
    return spec->budget.seconds > 0 ? spec->budget.seconds : SEARCH_SECONDS;
}

static uint64_t search_seed(void)
{
    const char *given = getenv("KSEARCH_SEED");
    return given && *given ? strtoull(given, NULL, 10) : 1;
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
                                 .dir = f->dir};
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

/* 0 when worker and harness are there */
static int finder_ready(struct finder *f, const struct target *t)
{
    if (*f->broken.text)
        return -1;
    if (!f->dir && !(f->dir = fs_tempdir("ksearch", &f->broken)))
        return -1;
    if (!f->bench && !(f->bench = bench_start(false, &f->broken)))
        return -1;
    struct units_target target = finder_target(f, t);
    return f->harness.len || finder_harness(f, &target, &f->broken) == 0 ? 0 : -1;
}

static void finder_run(struct finder *f, struct target *t)
{
    struct error err = {""};
    struct diag diag;
    struct search_job job = {
        .target = finder_target(f, t), .key = &t->key, .toolkit = f->in->toolkit};
    job.bench = f->bench;
    job.harness = &f->harness;
    job.seconds = budget_seconds(t->spec);
    job.evals = t->spec->budget.evals;
    job.seed = search_seed();
    log_line("%s: %s: searching on %s, at most %.0f s", fs_base(f->source->src->path), t->name,
             bench_gpu(f->bench)->name, job.seconds);
    diag_init(&diag, f->in->arena);
    t->record = search_run(&job, &diag, &err);
    diag_print(&diag);
    if (t->record)
        t->found = FOUND_SEARCH;
    else
        t->why = arena_dup(f->in->arena, err.text);
}

static void finder_waits(void *arg)
{
    const struct target *t = arg;
    log_line("%s: another process searches it; waiting for its result", t->name);
}

void finder_search(struct finder *f, struct library *lib, struct target *t, bool again)
{
    int held = lib->store ? store_search_begin(lib->store, &t->key, finder_waits, t) : -1;
    if (!again)
        library_find(lib, f->in, t);
    if (!t->record && !proc_interrupted()) {
        if (finder_ready(f, t))
            t->why = arena_dup(f->in->arena, f->broken.text);
        else
            finder_run(f, t);
        if (t->record)
            library_keep(lib, t);
    }
    if (held >= 0)
        store_search_end(held);
}
