/* runtime/worker/inputs.c - reading a generator and checking that it fits its array.
 *
 * Everything that could make a fill loop for ever, divide by zero or leave a type's range is
 * refused here, with a sentence for the person who wrote the annotation; the code that fills trusts
 * it. */
#include "runtime/worker/inputs.h"

#include <stdio.h>
#include <string.h>

struct param {
    const char *name;
    double fallback; /* NAN: must be given */
};

struct kind {
    const char *name;
    struct param params[3];
};

static const struct kind kinds[GEN_KINDS] = {
    [GEN_ZEROS] = {"zeros", {{0}}},
    [GEN_ONES] = {"ones", {{0}}},
    [GEN_CONST] = {"const", {{"value", NAN}}},
    [GEN_IOTA] = {"iota", {{"start", 0}, {"step", 1}}},
    [GEN_NORMAL] = {"normal", {{"mean", 0}, {"sd", 1}}},
    [GEN_UNIFORM] = {"uniform", {{"lo", 0}, {"hi", 1}}},
    [GEN_INTEGERS] = {"integers", {{"lo", NAN}, {"hi", NAN}}},
    [GEN_BERNOULLI] = {"bernoulli", {{"p", 0.5}}},
    [GEN_PERMUTATION] = {"permutation", {{"n", -1}}},
    [GEN_DISTINCT] = {"distinct", {{"lo", NAN}, {"hi", NAN}, {"zipf", 0}}},
    [GEN_OFFSETS] = {"offsets", {{"total", NAN}}},
    [GEN_SORTED] = {"sorted", {{"lo", NAN}, {"hi", NAN}}},
    [GEN_SIMPLEX] = {"simplex", {{0}}},
    [GEN_FILE] = {"file", {{"path", NAN}}},
};

static const char *const type_names[ELEM_TYPES] = {
    "opaque", "f64", "f32", "f16", "bf16", "e4m3", "e5m2", "i64",
    "u64",    "i32", "u32", "i16", "u16",  "i8",   "u8",   "bool",
};

const char *gen_name(int kind)
{
    return kind >= 0 && kind < GEN_KINDS ? kinds[kind].name : "?";
}

const char *elem_name(int type)
{
    return type >= 0 && type < ELEM_TYPES ? type_names[type] : "?";
}

bool gen_is_structured(const struct gen *gen)
{
    return gen->kind >= GEN_PERMUTATION;
}

static int kind_find(const char *name)
{
    for (int k = 0; k < GEN_KINDS; k++)
        if (!strcmp(kinds[k].name, name))
            return k;
    return -1;
}

/* whether all integers of lo..hi exist in the type (floats: are exact) */
static bool range_fits(int type, int size, double lo, double hi)
{
    double most;

    switch (type) {
    case ELEM_OPAQUE:
        return false;
    case ELEM_BOOL:
        return lo >= 0 && hi <= 1;
    case ELEM_F64:
        most = 9007199254740992.0;
        break;
    case ELEM_F32:
        most = 16777216;
        break;
    case ELEM_F16:
        most = 2048;
        break;
    case ELEM_BF16:
        most = 256;
        break;
    case ELEM_E4M3:
        most = 16;
        break;
    case ELEM_E5M2:
        most = 8;
        break;
    default:
        most = ldexp(1, size * 8 - (elem_is_signed(type) ? 1 : 0));
        return lo >= (elem_is_signed(type) ? -most : 0) && hi < most;
    }
    return lo >= -most && hi <= most;
}

static int default_of(const struct shape *shape, struct gen *gen, struct refusal *r)
{
    if (elem_is_float(shape->type)) {
        *gen = (struct gen){GEN_NORMAL, {0, 1, 0}};
        return 0;
    }
    return refuse(r, REFUSE_UNSUPPORTED, "an input of type %s needs a generator (%s)",
                  elem_name(shape->type),
                  shape->type == ELEM_OPAQUE ? "zeros is the only one for it"
                                             : "integers, offsets, permutation, ...");
}

static int slot_of(int kind, const char *name, size_t position)
{
    const struct param *params = kinds[kind].params;

    for (int i = 0; i < 3 && params[i].name; i++)
        if (name ? !strcmp(params[i].name, name) : (size_t)i == position)
            return i;
    return -1;
}

static int args_read(const json_t *args, double (*ask)(void *, int), void *arg, struct gen *gen,
                     struct refusal *r)
{
    const json_t *item;
    size_t i;

    for (int k = 0; k < 3; k++)
        gen->arg[k] = kinds[gen->kind].params[k].name ? kinds[gen->kind].params[k].fallback : 0;
    json_array_foreach(args, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        const json_t *value = json_object_get(item, "value");
        int slot = slot_of(gen->kind, name, i);

        if (slot < 0)
            return refuse(r, REFUSE_PROTOCOL, "generator %s has no argument %s%s",
                          gen_name(gen->kind), name ? name : "",
                          name ? "" : "at this place: too many");
        if (json_is_number(value))
            gen->arg[slot] = json_number_value(value);
        else if (ask && !json_object_get(item, "string"))
            gen->arg[slot] = ask(arg, (int)i);
    }
    for (int k = 0; k < 3 && kinds[gen->kind].params[k].name; k++)
        if (!isfinite(gen->arg[k]))
            return refuse(r, REFUSE_PROTOCOL, "generator %s needs a finite argument '%s'",
                          gen_name(gen->kind), kinds[gen->kind].params[k].name);
    return 0;
}

static int check_range(struct gen *gen, const struct shape *shape, struct refusal *r)
{
    gen->arg[0] = ceil(gen->arg[0]);
    gen->arg[1] = floor(gen->arg[1]);
    if (gen->arg[0] > gen->arg[1])
        return refuse(r, REFUSE_UNSUPPORTED, "%s(%g, %g) has no integers in it",
                      gen_name(gen->kind), gen->arg[0], gen->arg[1]);
    if (!range_fits(shape->type, shape->size, gen->arg[0], gen->arg[1]) ||
        fabs(gen->arg[0]) > 9e15 || fabs(gen->arg[1]) > 9e15)
        return refuse(r, REFUSE_UNSUPPORTED, "%s(%.0f, %.0f) does not fit in elements of type %s",
                      gen_name(gen->kind), gen->arg[0], gen->arg[1], elem_name(shape->type));
    return 0;
}

/* one value, which must exist in an integer type */
static int check_value(const struct gen *gen, double value, const struct shape *shape,
                       struct refusal *r)
{
    if (elem_is_float(shape->type) || range_fits(shape->type, shape->size, value, value))
        return 0;
    return refuse(r, REFUSE_UNSUPPORTED, "%s(%g) does not fit in elements of type %s",
                  gen_name(gen->kind), value, elem_name(shape->type));
}

static int check_structured(struct gen *gen, const struct shape *shape, struct refusal *r)
{
    struct gen range = *gen;

    switch (gen->kind) {
    case GEN_PERMUTATION:
        if (gen->arg[0] < 0)
            gen->arg[0] = (double)shape->count;
        if ((double)shape->count > gen->arg[0])
            return refuse(r, REFUSE_UNSUPPORTED, "permutation(%.0f) cannot fill %llu elements",
                          gen->arg[0], (unsigned long long)shape->count);
        if (gen->arg[0] > 1e9)
            return refuse(r, REFUSE_LIMIT, "permutation(%.0f) is too large", gen->arg[0]);
        return check_value(gen, gen->arg[0] > 0 ? gen->arg[0] - 1 : 0, shape, r);
    case GEN_DISTINCT:
        if (check_range(gen, shape, r))
            return -1;
        if ((double)shape->row > gen->arg[1] - gen->arg[0] + 1)
            return refuse(r, REFUSE_UNSUPPORTED, "distinct(%.0f, %.0f) cannot fill rows of %llu",
                          gen->arg[0], gen->arg[1], (unsigned long long)shape->row);
        if (gen->arg[2] < 0 || (gen->arg[2] > 0 && gen->arg[1] - gen->arg[0] > 1 << 24))
            return refuse(r, REFUSE_UNSUPPORTED,
                          "distinct(..., zipf=%g): zipf must not be "
                          "negative, and allows at most 2^24 values",
                          gen->arg[2]);
        return 0;
    case GEN_OFFSETS:
        range.arg[0] = 0;
        range.arg[1] = gen->arg[0] = floor(gen->arg[0]);
        return check_range(&range, shape, r);
    case GEN_SORTED:
        if (!elem_is_float(shape->type))
            return check_range(gen, shape, r);
        return gen->arg[0] <= gen->arg[1] ? 0 : refuse(r, REFUSE_UNSUPPORTED, "sorted: lo > hi");
    case GEN_SIMPLEX:
        if (!elem_is_float(shape->type))
            return refuse(r, REFUSE_UNSUPPORTED,
                          "simplex makes numbers between 0 and 1, and "
                          "cannot fill elements of type %s",
                          elem_name(shape->type));
        return 0;
    }
    return refuse(r, REFUSE_UNSUPPORTED, "inputs from files are not supported yet");
}

static int check_single(struct gen *gen, const struct shape *shape, struct refusal *r)
{
    double last = gen->arg[0] + gen->arg[1] * (shape->count ? (double)(shape->count - 1) : 0);

    switch (gen->kind) {
    case GEN_INTEGERS:
        return check_range(gen, shape, r);
    case GEN_CONST:
        return check_value(gen, gen->arg[0], shape, r);
    case GEN_IOTA:
        return check_value(gen, gen->arg[0], shape, r) || check_value(gen, last, shape, r) ? -1 : 0;
    case GEN_UNIFORM:
        if (gen->arg[0] > gen->arg[1])
            return refuse(r, REFUSE_UNSUPPORTED, "uniform(%g, %g): lo is above hi", gen->arg[0],
                          gen->arg[1]);
        return check_value(gen, gen->arg[0], shape, r) || check_value(gen, gen->arg[1], shape, r)
                   ? -1
                   : 0;
    case GEN_NORMAL:
        if (!elem_is_float(shape->type))
            return refuse(r, REFUSE_UNSUPPORTED,
                          "normal cannot fill elements of type %s; use "
                          "integers(lo, hi)",
                          elem_name(shape->type));
        return 0;
    }
    return 0;
}

int gen_read(const json_t *object, const struct shape *shape, double (*ask)(void *, int), void *arg,
             struct gen *gen, struct refusal *r)
{
    const char *name = json_string_value(json_object_get(object, "name"));

    memset(gen, 0, sizeof *gen);
    if (!name)
        return default_of(shape, gen, r);
    gen->kind = kind_find(name);
    if (gen->kind < 0)
        return refuse(r, REFUSE_PROTOCOL, "there is no generator '%.80s'", name);
    if (gen->kind == GEN_FILE)
        return refuse(r, REFUSE_UNSUPPORTED, "inputs from files are not supported yet");
    if (shape->type == ELEM_OPAQUE && gen->kind != GEN_ZEROS)
        return refuse(r, REFUSE_UNSUPPORTED, "%s cannot fill elements of a type that is no number",
                      name);
    if (args_read(json_object_get(object, "args"), ask, arg, gen, r))
        return -1;
    return gen_is_structured(gen) ? check_structured(gen, shape, r) : check_single(gen, shape, r);
}
