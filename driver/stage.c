/* driver/stage.c - see stage.h. */
#include "driver/stage.h"

#include <stdlib.h>

#include "driver/build/copy.h"
#include "driver/build/depfile.h"
#include "driver/build/harness.h"
#include "driver/build/units.h"
#include "driver/cupti.h"
#include "driver/sanitizer.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

void stage_init(struct stage *s, struct inspection *in, struct unit_source *source, bool contained)
{
    *s = (struct stage){.in = in, .source = source, .contained = contained};
    buf_init(&s->harness, BUF_LIMIT);
}

void stage_release(struct stage *s)
{
    shared_drop(s->compiling);
    bench_free(s->bench);
    buf_release(&s->harness);
    if (s->dir)
        fs_remove(s->dir);
    free(s->dir);
}

struct units_target stage_target(const struct stage *s, const struct target *t)
{
    const struct target_arch *arch = &s->in->arch;
    bool own = !arch->suffix && arch->major == s->in->gpu.major && arch->minor == s->in->gpu.minor;
    const char *why = NULL;
    bool specific =
        own && inspection_specific(s->in, arch->major, arch->minor, &why) != SPECIFIC_NOT;
    return (struct units_target){.command = &s->in->command,
                                 .file = s->source->file,
                                 .spec = t->spec,
                                 .instance = t->instance,
                                 .major = arch->major,
                                 .minor = arch->minor,
                                 .suffix = arch->suffix,
                                 .specific = specific,
                                 .unspecific = why,
                                 .dir = s->dir,
                                 .reads = s->reads};
}

static int stage_compile(struct stage *s, bool lean)
{
    struct buf text;
    buf_init(&text, BUF_LIMIT);
    buf_adds(&text, line_marker(s->in->arena, s->source->src, 0) + 1); /* without its newline */
    s->is_lean = lean && rewrite_lean(s->source->file, &text);
    if (!lean)
        rewrite_blank(s->source->file, &text);
    harness_tail(s->source->file, &text);
    s->compiling = shared_begin(s->target, buf_text(&text), "harness", &s->broken);
    buf_release(&text);
    return s->compiling ? 0 : -1;
}

static int stage_compiled(struct stage *s, void (*idle)(void *), void *arg)
{
    struct buf said;
    buf_init(&said, BUF_LIMIT);
    int rc = shared_end(s->compiling, idle, arg, &s->harness, &said, &s->broken);
    s->compiling = NULL;
    s->said = arena_dup(s->in->arena, buf_text(&said));
    buf_release(&said);
    return rc;
}

int stage_harness(struct stage *s, void (*idle)(void *), void *arg)
{
    if (!s->compiling)
        return s->harness.len ? 0 : -1;
    if (stage_compiled(s, idle, arg) == 0)
        return 0;
    if (!s->is_lean || proc_interrupted())
        return -1;
    log_debug("the harness is compiled with all of the file: %s", s->broken.text);
    s->broken = (struct error){""};
    return stage_compile(s, false) || stage_compiled(s, idle, arg) ? -1 : 0;
}

/* what a contained compile may read: the files of the user's own device pass. Where that cannot be
 * told, the include folders */
static void stage_reads(struct stage *s)
{
    const struct target_arch *arch = &s->in->arch;
    struct error why;
    struct buf text;
    buf_init(&text, BUF_LIMIT);
    if (inspection_plan(s->in, &why) == 0 &&
        plan_preprocess(&s->in->plan, s->source->src->path, arch->major, arch->minor, NULL, &text,
                        NULL) == 0)
        s->reads = depfile_names(s->in->arena, buf_text(&text), text.len);
    buf_release(&text);
}

int stage_folder(struct stage *s)
{
    if (*s->broken.text)
        return -1;
    return s->dir || (s->dir = fs_tempdir("ksearch", &s->broken)) ? 0 : -1;
}

int stage_begin(struct stage *s, const struct target *t)
{
    if (stage_folder(s))
        return -1;
    if (!s->harness.len && !s->compiling) {
        s->target = arena_alloc(s->in->arena, sizeof *s->target);
        *s->target = stage_target(s, t);
        s->target->tells_usage = true;
        if (stage_compile(s, true))
            return -1;
    }
    if (s->bench)
        return 0;
    if (!(s->bench = bench_start(s->contained, &s->broken)))
        return -1;
    bench_use_cupti(s->bench, cupti_find(s->in->arena));
    bench_use_sanitizer(s->bench, sanitizer_find(s->in->arena, s->in->command.nvcc));
    if (s->contained)
        stage_reads(s);
    return 0;
}

int stage_worker(struct stage *s, const struct target *t)
{
    if (stage_begin(s, t))
        return -1;
    if (bench_await(s->bench, &s->broken) == 0)
        return 0;
    bench_free(s->bench);
    s->bench = NULL;
    return -1;
}

int stage_ready(struct stage *s, const struct target *t)
{
    return stage_worker(s, t) || stage_harness(s, NULL, NULL) ? -1 : 0;
}
