/* driver/search/bench_json.c - see bench_json.h. */
#include "driver/search/bench_json.h"

#include <stdlib.h>

#include "driver/build/harness.h"
#include "driver/search/bench.h"
#include "driver/search/files.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

/* ---- requests ---- */

static json_t *arg_json(const struct spec *spec, const struct gen_arg *x)
{
    if (!x->is_string)
        return json_pack("{s:s?,s:n}", "name", x->name, "value");
    char *path = files_path(spec, x->string);
    json_t *arg = json_pack("{s:s?,s:o}", "name", x->name, "string", utf8_json(path));
    free(path);
    return arg;
}

static json_t *gen_json(const struct spec *spec, const struct gen *g)
{
    if (!g->name)
        return json_null();
    json_t *args = json_array();
    for (size_t i = 0; i < g->nargs; i++)
        json_array_append_new(args, arg_json(spec, &g->args[i]));
    return json_pack("{s:s,s:o}", "name", g->name, "args", args);
}

static json_t *arrays_json(const struct spec *spec)
{
    static const char *const roles[] = {"in", "out", "inout", "temp"};
    json_t *arrays = json_array();
    for (size_t i = 0; i < spec->narrays; i++) {
        const struct array *x = &spec->arrays[i];
        json_t *check =
            json_pack("{s:b,s:f,s:f,s:f,s:f}", "exact", x->check.exact, "rtol", x->check.rtol,
                      "atol", x->check.atol, "ulp", x->check.ulp, "bad", x->check.bad);
        if (x->check.by.text)
            json_object_set_new(check, "by", utf8_json(x->check.by.text));
        json_array_append_new(arrays, json_pack("{s:o,s:s,s:o,s:o}", "name", utf8_json(x->name),
                                                "role", roles[x->role], "gen",
                                                gen_json(spec, &x->gen), "check", check));
    }
    return arrays;
}

json_t *bench_open_json(struct arena *a, const struct spec *spec, size_t instance, uint64_t seed)
{
    json_t *dims = json_array();
    for (size_t i = 0; i < spec->ndims; i++)
        json_array_append_new(dims, utf8_json(spec->dims[i]));
    return json_pack(
        "{s:s,s:o,s:b,s:I,s:o,s:o,s:{s:b,s:b},s:b,s:b,s:b}", "op", "open", "entry",
        utf8_json(target_label(a, spec, instance)), "kernel", spec->kind == ENTRY_KERNEL, "seed",
        (json_int_t)(seed & INT64_MAX), "dims", dims, "arrays", arrays_json(spec), "require",
        "deterministic", spec->require.deterministic, "graph", spec->require.graph, "warm",
        spec->objective_warm, "single", spec->objective_p90, "energy", spec->objective_energy);
}

json_t *bench_point_json(const struct spec *spec, const struct point *p, size_t i)
{
    json_t *dims = json_array(), *gens = json_array();
    for (size_t d = 0; d < spec->ndims; d++)
        json_array_append_new(dims,
                              json_integer(p->bound && !p->bound[d] ? INT64_MIN : p->dims[d]));
    for (size_t k = 0; k < spec->narrays; k++)
        json_array_append_new(gens, p->gens ? gen_json(spec, &p->gens[k]) : json_null());
    return json_pack("{s:s,s:I,s:o,s:o,s:b,s:o}", "op", "point", "point", (json_int_t)i, "label",
                     utf8_json(p->label), "dims", dims, "timed", p->timed, "gens", gens);
}

/* ---- samples ---- */

void samples_release(struct samples *s)
{
    free(s->us);
    free(s->mhz);
    *s = (struct samples){0};
}

void samples_add(struct samples *s, const json_t *us, const json_t *mhz)
{
    size_t n = json_array_size(us);
    bool has_clocks = json_array_size(mhz) == n;
    s->us = realloc(s->us, (s->n + n + 1) * sizeof *s->us);
    s->mhz = realloc(s->mhz, (s->n + n + 1) * sizeof *s->mhz);
    if (!s->us || !s->mhz)
        fatal("out of memory");
    for (size_t i = 0; i < n; i++) {
        s->mhz[s->n] = has_clocks ? json_number_value(json_array_get(mhz, i)) : 0;
        s->us[s->n++] = json_number_value(json_array_get(us, i));
    }
}

static json_t *numbers_json(const double *x, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_real(x[i]));
    return array;
}

json_t *samples_json(const struct samples *s)
{
    return numbers_json(s->us, s->n);
}

json_t *samples_clocks_json(const struct samples *s)
{
    return numbers_json(s->mhz, s->n);
}

struct sampling sampling_read(const json_t *object)
{
    return (struct sampling){
        .launches = (int)json_integer_value(json_object_get(object, "launches")),
        .sets = (int)json_integer_value(json_object_get(object, "sets")),
        .graph = json_is_true(json_object_get(object, "graph")),
        .others = (int)json_integer_value(json_object_get(object, "others")),
    };
}

void sampling_write(const struct sampling *how, json_t *object)
{
    if (!how->launches)
        return;
    json_object_set_new(object, "launches", json_integer(how->launches));
    json_object_set_new(object, "sets", json_integer(how->sets));
    json_object_set_new(object, "graph", json_boolean(how->graph));
    if (how->others > 0)
        json_object_set_new(object, "others", json_integer(how->others));
}

/* ---- the GPU ---- */

static void copy_text(char *to, size_t cap, const json_t *object, const char *member)
{
    const char *s = json_string_value(json_object_get(object, member));
    snprintf(to, cap, "%s", s ? s : "");
}

int bench_gpu_from_json(const json_t *object, struct gpu *gpu)
{
    json_int_t major, minor, sms, smem, regs, l2, memory, driver;
    *gpu = (struct gpu){0};
    if (json_unpack((json_t *)object, "{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "major", &major, "minor",
                    &minor, "sms", &sms, "smem", &smem, "regs", &regs, "l2", &l2, "memory", &memory,
                    "driver", &driver))
        return -1;
    copy_text(gpu->name, sizeof gpu->name, object, "name");
    copy_text(gpu->uuid, sizeof gpu->uuid, object, "uuid");
    gpu->major = (int)major, gpu->minor = (int)minor, gpu->driver = (int)driver;
    gpu->sms = sms, gpu->smem = smem, gpu->regs = regs, gpu->l2 = l2, gpu->memory = memory;
    return 0;
}

json_t *bench_gpu_json(const struct gpu *gpu)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:i}", "name", gpu->name,
                     "uuid", gpu->uuid, "major", gpu->major, "minor", gpu->minor, "sms",
                     (json_int_t)gpu->sms, "smem", (json_int_t)gpu->smem, "regs",
                     (json_int_t)gpu->regs, "l2", (json_int_t)gpu->l2, "memory",
                     (json_int_t)gpu->memory, "driver", gpu->driver);
}
