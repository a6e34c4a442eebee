/* tests/fuzz/structure_fuzz.c - any bytes as the text of a structure, or as a plan for the worker.
 *
 * A text is taken or refused with a message, from a file and from memory; from memory no more is
 * taken than from a file. One that is taken gives, for the values in the code
 * and for the last of each tunable, a unit, an emitted file that holds it, and a plan that the
 * worker reads. Bytes that are a JSON object are such a plan themselves: read or refused with a
 * reason. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "driver/build/plan_cxx.h"
#include "driver/build/plan_json.h"
#include "driver/build/rewrite.h"
#include "driver/build/structure_text.h"
#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "tests/fuzz/plan_reads.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* an entry of each kind, with the path of the structure to be filled in */
static const char *const CODE[] = {
    "constexpr int ROWS = 4;\n"
    "#pragma ksearch in(x[rows][ctx], ids[rows] = integers(0, 3)) out(y[rows]) inout(z[rows * 2])\n"
    "#pragma ksearch let(ctx = 8) arg(scale = 2) workload(rows = 4) scratch(1M) structure(\"%s\")\n"
    "void f(float *y, float *z, const float *x, const int *ids, float scale, int rows, "
    "cudaStream_t s)\n"
    "{\n"
    "}\n",
    "#pragma ksearch in(x[n]) out(y[n]) workload(n = 4) launch(grid = n, block = 1)\n"
    "#pragma ksearch structure(\"%s\")\n"
    "__global__ void f(float *y, const float *x, int n)\n"
    "{\n"
    "}\n",
};

static const int64_t *some_values(struct arena *a, const struct spec *s, bool last)
{
    int64_t *values = arena_array(a, int64_t, s->ntunables + 1);

    for (size_t i = 0; i < s->ntunables; i++)
        values[i] = s->tunables[i].values[last ? s->tunables[i].nvalues - 1 : s->tunables[i].def];
    return values;
}

static void check_plan(struct arena *a, const struct spec *s, const int64_t *values)
{
    const char **symbols = arena_array(a, const char *, s->structure->nruns + 1);
    json_t *plan;

    for (size_t i = 0; i < s->structure->nruns; i++)
        symbols[i] = "kernel";
    plan = plan_json(s, values, symbols);
    require(plan_reads(plan));
    json_decref(plan);
    require(strstr(plan_cxx(a, s, values), "ksearch_run") != NULL);
}

static void check_texts(const struct spec *s, const int64_t *values)
{
    const struct variant_ref v = {s, 0, values, "__ks1"};
    struct emission e = {.spec = structure_entry(s), .structure = s, .values = values, .major = 9};
    struct error err = {""};
    struct buf text;

    e.note = "{}";
    buf_init(&text, BUF_LIMIT);
    require(rewrite_unit(s->file, &v, 1, true, &text, NULL) == 0 &&
            text.len > s->structure->src->len / 2);
    buf_clear(&text);
    require(rewrite_emit(s->file, &e, 1, true, &text, &err) == 0 ? text.len > s->file->src->len
                                                                 : err.text[0] != 0);
    buf_release(&text);
}

static void check_structure(struct arena *a, const struct spec *s)
{
    for (int last = 0; last < 2; last++) {
        const int64_t *values = some_values(a, s, last);
        check_texts(s, values);
        if (s->kind == ENTRY_HOST)
            check_plan(a, s, values);
    }
}

/* the path of a file in memory with these bytes */
static const char *memory_file(const uint8_t *data, size_t size)
{
    static char path[32];
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("structure", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    require(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    return path;
}

/* the same bytes as a text that is no file */
static void check_text(const char *code, const uint8_t *data, size_t size, bool taken)
{
    struct arena *a = arena_new();
    struct diag d;
    const struct spec *s;
    struct file *f;

    diag_init(&d, a);
    f = annotations_read(a, source_wrap(a, "fuzz.cu", code, strlen(code)), &(struct reading){0},
                         &d);
    require(f && f->nspecs == 1);
    s = structure_read(f, f->specs, "model:1a2b3c4d", (const char *)data, size, &d);
    require(s ? taken && f->ntexts == 1 : d.nerrors > 0 && f->ntexts == 0);
    if (s)
        check_structure(a, s);
    structure_hash((const char *)data, size);
    arena_free(a);
}

/* the code without its structure("...") */
static const char *without(struct arena *a, const char *code)
{
    const char *at = strstr(code, "structure("), *end = strchr(at, '\n');

    return arena_printf(a, "%.*shint(\"\")%s", (int)(at - code), code, end);
}

static void check_code(const char *code, const char *path, const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    const char *text = arena_printf(a, code, path);
    struct diag d;
    struct file *f;

    diag_init(&d, a);
    f = annotations_read(a, source_wrap(a, "fuzz.cu", text, strlen(text)), &(struct reading){0},
                         &d);
    require(f ? f->nspecs == 1 && f->specs->nstructures == 1 : d.nerrors > 0);
    if (f)
        check_structure(a, f->specs->structures);
    check_text(without(a, code), data, size, f != NULL);
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = memory_file(data, size);
    json_t *plan = size && *data == '{' ? json_loadb((const char *)data, size, 0, NULL) : NULL;

    if (plan)
        plan_reads(plan);
    json_decref(plan);
    for (size_t i = 0; i < sizeof CODE / sizeof *CODE; i++)
        check_code(CODE[i], path, data, size);
    return 0;
}
