/* runtime/worker/inputs.c - reading a generator and checking that it fits its array.
 *
 * Everything that could make a fill loop for ever, divide by zero or leave a type's range is
 * refused here, with a sentence for the person who wrote the annotation; the code that fills trusts
 * it. */
#include "runtime/worker/inputs.h"

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
    [GEN_OFFSETS] = {"offsets", {{"total", NAN}, {"spread", -1}}},
    [GEN_SORTED] = {"sorted", {{"lo", 0}, {"hi", 1}}},
    [GEN_SIMPLEX] = {"simplex", {{0}}},
    [GEN_FILE] = {"file", {{"path", 0}}},
    [GEN_WIDE] = {"", {{0}}},
};

static const char *const type_names[ELEM_TYPES] = {
    "opaque", "f64", "f32", "f16", "bf16", "e4m3", "e5m2", "i64",
    "u64",    "i32", "u32", "i16", "u16",  "i8",   "u8",   "bool",
};

static const char *gen_name(int kind)
{
    return kind >= 0 && kind < GEN_KINDS ? kinds[kind].name : "?";
}

const char *elem_name(int type)
{
    return type >= 0 && type < ELEM_TYPES ? type_names[type] : "?";
}

bool gen_is_structured(const struct gen *gen)
{
    return gen->kind == GEN_OFFSETS || gen->kind == GEN_SORTED || gen->kind == GEN_SIMPLEX ||
           (gen->kind == GEN_DISTINCT && gen->arg[2] > 0);
}

bool gen_is_random(const struct gen *gen)
{
    return gen->kind > GEN_IOTA && gen->kind != GEN_FILE;
}

static int kind_find(const char *name)
{
    for (int k = 0; k < GEN_WIDE; k++)
        if (!strcmp(kinds[k].name, name))
            return k;
    return -1;
}

/* whether all integers of lo..hi exist in the type (floats: are exact) */
static bool range_fits(int type, int size, double lo, double hi)
{
    double most = elem_is_float(type) ? elem_exact(type)
                                      : ldexp(1, size * 8 - (elem_is_signed(type) ? 1 : 0));

    if (type == ELEM_OPAQUE)
        return false;
    if (type == ELEM_BOOL)
        return lo >= 0 && hi <= 1;
    if (elem_is_float(type))
        return lo >= -most && hi <= most;
    return lo >= (elem_is_signed(type) ? -most : 0) && hi < most;
}

static int default_of(const struct shape *shape, struct gen *gen, struct refusal *r)
{
    if (elem_is_float(shape->type)) {
        *gen = (struct gen){.kind = GEN_NORMAL, .arg = {0, 1, 0}, .any = 1};
        return 0;
    }
    return refuse(r, REFUSE_UNSUPPORTED, "an input of type %s needs a generator (%s)",
                  elem_name(shape->type),
                  shape->type == ELEM_OPAQUE ? "zeros or file(\"x.npy\")"
                                             : "integers, offsets, permutation, file, ...");
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

enum { EXACT_BITS = 53 }; /* of the numbers in which arguments come */

static int check_range(struct gen *gen, const struct shape *shape, struct refusal *r)
{
    const char *name = gen_name(gen->kind);

    gen->arg[0] = ceil(gen->arg[0]);
    gen->arg[1] = floor(gen->arg[1]);
    if (gen->arg[0] > gen->arg[1])
        return refuse(r, REFUSE_UNSUPPORTED, "%s(%.0f, %.0f) has no integers in it", name,
                      gen->arg[0], gen->arg[1]);
    if (!range_fits(shape->type, shape->size, gen->arg[0], gen->arg[1]))
        return refuse(r, REFUSE_UNSUPPORTED, "%s(%.0f, %.0f) does not fit in elements of type %s",
                      name, gen->arg[0], gen->arg[1], elem_name(shape->type));
    if (fmax(fabs(gen->arg[0]), fabs(gen->arg[1])) > ldexp(1, EXACT_BITS))
        return refuse(r, REFUSE_UNSUPPORTED,
                      "%s(%.0f, %.0f): generators know integers up to 2^%d only", name, gen->arg[0],
                      gen->arg[1], EXACT_BITS);
    return 0;
}

/* one value, which must exist in an integer type and not be infinite in another */
static int check_value(const struct gen *gen, double value, const struct shape *shape,
                       struct refusal *r)
{
    if (elem_is_float(shape->type) ? fabs(value) <= elem_largest(shape->type)
                                   : range_fits(shape->type, shape->size, value, value))
        return 0;
    return refuse(r, REFUSE_UNSUPPORTED, "%s: %g does not fit in elements of type %s",
                  gen_name(gen->kind), value, elem_name(shape->type));
}

static int check_both(const struct gen *gen, double a, double b, const struct shape *shape,
                      struct refusal *r)
{
    return check_value(gen, a, shape, r) || check_value(gen, b, shape, r) ? -1 : 0;
}

static int check_ordered(const struct gen *gen, const struct shape *shape, struct refusal *r)
{
    if (gen->arg[0] > gen->arg[1])
        return refuse(r, REFUSE_UNSUPPORTED, "%s(%g, %g): lo is above hi", gen_name(gen->kind),
                      gen->arg[0], gen->arg[1]);
    return check_both(gen, gen->arg[0], gen->arg[1], shape, r);
}

static int check_permutation(struct gen *gen, const struct shape *shape, struct refusal *r)
{
    double n = gen->arg[0] < 0 ? (double)shape->count : floor(gen->arg[0]);

    gen->arg[0] = n;
    if ((double)shape->count > n)
        return refuse(r, REFUSE_UNSUPPORTED, "permutation(%.0f) cannot fill %llu elements", n,
                      (unsigned long long)shape->count);
    if (!shape->count)
        return 0;
    if (n > ldexp(1, EXACT_BITS) || !range_fits(shape->type, shape->size, 0, n - 1))
        return refuse(r, REFUSE_UNSUPPORTED,
                      "permutation(%.0f) does not fit in elements of type %s", n,
                      elem_name(shape->type));
    return 0;
}

static int check_distinct(struct gen *gen, const struct shape *shape, struct refusal *r)
{
    double span;

    gen->row = shape->row;
    if (check_range(gen, shape, r))
        return -1;
    span = gen->arg[1] - gen->arg[0] + 1;
    if (shape->count && (double)shape->row > span)
        return refuse(r, REFUSE_UNSUPPORTED,
                      "distinct(%.0f, %.0f) has %.0f values, and cannot fill rows of %llu",
                      gen->arg[0], gen->arg[1], span, (unsigned long long)shape->row);
    if (gen->arg[2] < 0 || (gen->arg[2] > 0 && span > 1 << 24))
        return refuse(r, REFUSE_UNSUPPORTED,
                      "distinct(..., zipf=%g): zipf must not be "
                      "negative, and allows at most 2^24 values",
                      gen->arg[2]);
    return 0;
}

static int check_offsets(struct gen *gen, const struct shape *shape, struct refusal *r)
{
    struct gen range = *gen;

    range.arg[0] = 0;
    range.arg[1] = gen->arg[0] = floor(gen->arg[0]);
    if (range.arg[1] < 0)
        return refuse(r, REFUSE_UNSUPPORTED, "offsets(%.0f): the total is negative", gen->arg[0]);
    if (gen->arg[1] > 1)
        return refuse(r, REFUSE_UNSUPPORTED, "offsets(..., spread=%g): from 0, all alike, to 1",
                      gen->arg[1]);
    if (shape->count == 1 && gen->arg[0] > 0)
        return refuse(r, REFUSE_UNSUPPORTED,
                      "offsets(%.0f) begins with 0 and ends with the total: it needs two elements "
                      "at least, and has one",
                      gen->arg[0]);
    return check_range(&range, shape, r);
}

static int check_file(const json_t *args, struct refusal *r)
{
    if (json_is_string(json_object_get(json_array_get(args, 0), "string")))
        return 0;
    return refuse(r, REFUSE_PROTOCOL, "generator file needs a path");
}

/* everything that the generator promises must be possible in this array */
static int check_gen(struct gen *gen, const struct shape *shape, struct refusal *r)
{
    double last = gen->arg[0] + gen->arg[1] * (shape->count ? (double)(shape->count - 1) : 0);
    bool is_float = elem_is_float(shape->type);

    switch (gen->kind) {
    case GEN_INTEGERS:
        return check_range(gen, shape, r);
    case GEN_PERMUTATION:
        return check_permutation(gen, shape, r);
    case GEN_DISTINCT:
        return check_distinct(gen, shape, r);
    case GEN_OFFSETS:
        return check_offsets(gen, shape, r);
    case GEN_SORTED:
        return is_float ? check_ordered(gen, shape, r) : check_range(gen, shape, r);
    case GEN_CONST:
        return check_value(gen, gen->arg[0], shape, r);
    case GEN_IOTA:
        return check_both(gen, gen->arg[0], last, shape, r);
    case GEN_UNIFORM:
        return check_ordered(gen, shape, r);
    case GEN_BERNOULLI:
        if (gen->arg[0] < 0 || gen->arg[0] > 1)
            return refuse(r, REFUSE_UNSUPPORTED, "bernoulli(%g) is no probability", gen->arg[0]);
        return 0;
    case GEN_NORMAL:
        if (!is_float)
            return refuse(r, REFUSE_UNSUPPORTED,
                          "normal cannot fill elements of type %s; use "
                          "integers(lo, hi)",
                          elem_name(shape->type));
        return check_both(gen, gen->arg[0], gen->arg[1], shape, r);
    case GEN_SIMPLEX:
        if (!is_float)
            return refuse(r, REFUSE_UNSUPPORTED,
                          "simplex makes numbers between 0 and 1, and "
                          "cannot fill elements of type %s",
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
        return check_file(json_object_get(object, "args"), r);
    if (shape->type == ELEM_OPAQUE && gen->kind != GEN_ZEROS)
        return refuse(r, REFUSE_UNSUPPORTED, "%s cannot fill elements of a type that is no number",
                      name);
    if (args_read(json_object_get(object, "args"), ask, arg, gen, r))
        return -1;
    return check_gen(gen, shape, r);
}
