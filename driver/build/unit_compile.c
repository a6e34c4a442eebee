#include "driver/build/unit_compile.h"

#include <stdlib.h>

#include "driver/build/contained.h"
#include "driver/build/cubin.h"
#include "driver/build/said.h"
#include "driver/build/sandbox.h"
#include "driver/build/words.h"
#include "runtime/base/fs.h"

#define UNIT_TIMEOUT_MS 300000

/* the command, and ptxas says what each kernel uses */
static const char *const *saying_usage(struct arena *a, const char *const *argv)
{
    struct words w = {0};
    words_all(a, &w, argv);
    words_all(a, &w, (const char *const[]){"-Xptxas", "-v", NULL});
    return words_end(a, &w);
}

bool unit_wants_usage(const struct units_target *t)
{
    return t->tells_usage || usage_matters(t->spec);
}

/* a contained unit has a folder of its own: it neither reads nor writes what others left */
static const char *unit_folder(struct arena *a, const struct units_target *t, const char *name,
                               struct error *err)
{
    const char *folder = t->contained ? arena_printf(a, "%s/%s", t->dir, name) : t->dir;
    return t->contained && fs_mkdirs(folder, err) ? NULL : folder;
}

int unit_command(struct arena *a, const struct units_target *t, enum variant_kind kind,
                 const char *text, size_t len, const char *name, struct compile *out,
                 struct error *err)
{
    if (t->contained && kind == VARIANT_SHARED)
        return error_set(err, "host code that a model wrote is not compiled");
    if (!(out->folder = unit_folder(a, t, name, err)))
        return -1;
    const char *source = arena_printf(a, "%s/%s.cu", out->folder, name);
    char *source_dir = fs_dir(t->file->src->path);
    out->output =
        arena_printf(a, "%s/%s.%s", out->folder, name, kind == VARIANT_SHARED ? "so" : "cubin");
    out->argv = NULL;
    if (fs_write(source, text, len, err) == 0)
        out->argv = command_variant(a, t->command, kind, t->major, t->minor, t->suffix, source_dir,
                                    source, out->output);
    free(source_dir);
    if (out->argv && unit_wants_usage(t))
        out->argv = saying_usage(a, out->argv);
    if (out->argv && t->contained)
        out->argv = contained_argv(a, t, out->argv, out->folder, err);
    return out->argv ? 0 : -1;
}

struct proc_spec unit_spec(struct arena *a, const struct units_target *t, const struct compile *c)
{
    /* what compilers leave when they are killed lies in the folder that goes with the search */
    return (struct proc_spec){.argv = c->argv,
                              .env = words_environ(a, arena_printf(a, "TMPDIR=%s", t->dir)),
                              .timeout_ms = UNIT_TIMEOUT_MS,
                              .limits = t->contained ? sandbox_limits(SANDBOX_COMPILE) : NULL};
}

const char *unit_said(struct arena *a, const struct units_target *t, const struct compile *c,
                      const struct proc_result *r)
{
    return t->contained ? contained_said(a, t, c->folder, buf_text(&r->err), r->err.len)
                        : buf_text(&r->err);
}

const char *unit_error(struct arena *a, const struct proc_result *r, const char *said)
{
    const char *line = said_error(a, said);
    char status[80];
    return line ? line : arena_printf(a, "nvcc %s", proc_describe(r, status));
}

int unit_result(struct arena *a, const struct units_target *t, enum variant_kind kind,
                const struct compile *c, struct proc_result *r, struct buf *result,
                struct buf *said, struct error *err)
{
    int rc = proc_ok(r) ? 0 : error_set(err, "%s", unit_error(a, r, unit_said(a, t, c, r)));
    /* symbols of the user's other files must not keep a shared object from being loaded */
    if (rc == 0 && kind == VARIANT_SHARED)
        rc = elf_weaken(c->output, err);
    if (rc == 0)
        rc = fs_read(c->output, result, err);
    if (said)
        buf_add(said, r->err.data, r->err.len);
    proc_result_release(r);
    return rc;
}

int unit_compile(struct arena *a, const struct units_target *t, enum variant_kind kind,
                 const struct buf *text, const char *name, struct buf *result, struct buf *said,
                 struct error *err)
{
    struct proc_result r;
    struct compile c;
    if (unit_command(a, t, kind, buf_text(text), text->len, name, &c, err))
        return -1;
    struct proc_spec spec = unit_spec(a, t, &c);
    if (proc_run(&spec, &r, err))
        return -1;
    return unit_result(a, t, kind, &c, &r, result, said, err);
}
