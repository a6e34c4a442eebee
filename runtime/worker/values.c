/* runtime/worker/values.c - see values.h. */
#include "runtime/worker/values.h"

#include <string.h>

static const struct {
    const char *name, *text;
} cases[VALUES_CASES] = {
    [VALUES_DRAWN] = {"drawn", "on usual inputs"},
    [VALUES_INTEGERS] = {"integers", "on small integers, where results are exact"},
    [VALUES_UNITS] = {"units", "on inputs of -1, 0 and 1, where results are exact"},
    [VALUES_ZEROS] = {"zeros", "on inputs of zeros"},
    [VALUES_EQUAL] = {"equal", "on inputs that are all equal"},
    [VALUES_LEAST] = {"least", "on inputs that are all the least that may come"},
    [VALUES_MOST] = {"most", "on inputs that are all the most that may come"},
    [VALUES_DENORMAL] = {"denormal", "on denormal inputs"},
    [VALUES_SMALL] = {"small", "on inputs that are all small"},
    [VALUES_LARGE] = {"large", "on inputs that are all large"},
    [VALUES_WIDE] = {"wide", "on inputs of exponents far apart"},
    [VALUES_SORTED] = {"sorted", "on sorted inputs"},
    [VALUES_NAN] = {"nan", "with one NaN among the inputs"},
    [VALUES_INFINITY] = {"infinity", "with one infinity among the inputs"},
    [VALUES_FAR] = {"far", "with one number far from the others among the inputs"},
    [VALUES_CONSTANTS] = {"constants", "with other numbers in arrays that are always the same"},
};

enum values values_find(const char *name)
{
    int v = VALUES_DRAWN;

    while (name && v < VALUES_CASES && strcmp(cases[v].name, name))
        v++;
    return (enum values)v;
}

const char *values_text(enum values v)
{
    return cases[v].text;
}

bool values_are_exact(enum values v)
{
    return v == VALUES_INTEGERS || v == VALUES_UNITS;
}

static bool becomes(struct gen *gen, int kind, double a, double b)
{
    *gen = (struct gen){.kind = kind, .arg = {a, b, 0}, .row = gen->row, .any = gen->any};
    return true;
}

/* the range of a generator that names one: integers and sorted values have the same */
static bool range_of(const struct gen *gen, double *lo, double *hi)
{
    if (gen->kind != GEN_UNIFORM && gen->kind != GEN_INTEGERS && gen->kind != GEN_SORTED &&
        gen->kind != GEN_BERNOULLI)
        return false;
    *lo = gen->kind == GEN_BERNOULLI ? 0 : gen->arg[0];
    *hi = gen->kind == GEN_BERNOULLI ? 1 : gen->arg[1];
    return true;
}

/* integers of -most..most, or those of them that the generator may give */
static bool small_integers(double most, struct gen *gen)
{
    double lo, hi;

    if (gen->kind == GEN_NORMAL)
        return becomes(gen, GEN_INTEGERS, -most, most);
    if (gen->kind != GEN_UNIFORM || !range_of(gen, &lo, &hi))
        return false;
    lo = fmax(ceil(lo), -most);
    hi = fmin(floor(hi), most);
    return lo <= hi && becomes(gen, GEN_INTEGERS, lo, hi);
}

static double least_normal(int type)
{
    switch (type) {
    case ELEM_F64:
        return 2.2250738585072014e-308;
    case ELEM_F16:
    case ELEM_E5M2:
        return 6.103515625e-5;
    case ELEM_E4M3:
        return 0.015625;
    }
    return 1.1754943508222875e-38;
}

/* powers of two on either side of 1 that a number may have without its square leaving the type */
static double wide_exponent(int type)
{
    return type == ELEM_F64 ? 60 : type == ELEM_F32 || type == ELEM_BF16 ? 20 : 4;
}

static bool gen_any(enum values v, const struct shape *shape, unsigned turn, struct gen *gen)
{
    switch (v) {
    case VALUES_ZEROS:
        return becomes(gen, GEN_CONST, turn % 2 ? -0.0 : 0.0, 0);
    case VALUES_EQUAL:
        return becomes(gen, GEN_CONST, turn % 2 ? -0.75 : 1, 0);
    case VALUES_DENORMAL:
        return becomes(gen, GEN_UNIFORM, -0.5 * least_normal(shape->type),
                       0.5 * least_normal(shape->type));
    case VALUES_SMALL:
        return becomes(gen, GEN_NORMAL, 0, exp2(-wide_exponent(shape->type)));
    case VALUES_LARGE:
        return becomes(gen, GEN_NORMAL, 0, exp2(wide_exponent(shape->type)));
    case VALUES_WIDE:
        return becomes(gen, GEN_WIDE, wide_exponent(shape->type), 0);
    case VALUES_SORTED:
        return becomes(gen, GEN_SORTED, -3, 3);
    default:
        return false;
    }
}

static bool gen_constant(const struct shape *shape, struct gen *gen)
{
    double c = gen->kind == GEN_ONES ? 1 : gen->kind == GEN_ZEROS ? 0 : gen->arg[0];

    if (!elem_is_float(shape->type) ||
        (gen->kind != GEN_ZEROS && gen->kind != GEN_ONES && gen->kind != GEN_CONST))
        return false;
    return c == 0 ? becomes(gen, GEN_UNIFORM, -1, 1)
                  : becomes(gen, GEN_UNIFORM, fmin(0.5 * c, 1.5 * c), fmax(0.5 * c, 1.5 * c));
}

bool values_gen(enum values v, const struct shape *shape, unsigned turn, struct gen *gen)
{
    double lo, hi;

    if (gen->kind == GEN_FILE || shape->type == ELEM_OPAQUE)
        return false;
    if (v == VALUES_CONSTANTS)
        return gen_constant(shape, gen);
    if (values_are_exact(v))
        return elem_is_float(shape->type) && small_integers(v == VALUES_UNITS ? 1 : 4, gen);
    if (gen->any)
        return gen_any(v, shape, turn, gen);
    if (!range_of(gen, &lo, &hi))
        return false;
    switch (v) {
    case VALUES_LEAST:
        return becomes(gen, GEN_CONST, lo, 0);
    case VALUES_MOST:
        return becomes(gen, GEN_CONST, hi, 0);
    case VALUES_SORTED:
        return gen->kind != GEN_BERNOULLI && becomes(gen, GEN_SORTED, lo, hi);
    default:
        return false;
    }
}

bool values_plant(enum values v, const struct shape *shape, const struct gen *gen, uint64_t *bits)
{
    if (!gen->any || !elem_is_float(shape->type) || !shape->count)
        return false;
    switch (v) {
    case VALUES_NAN:
        *bits = elem_bits_of(NAN, shape->type);
        return true;
    case VALUES_INFINITY:
        *bits = elem_bits_of(INFINITY, shape->type);
        return shape->type != ELEM_E4M3;
    case VALUES_FAR: /* its square is a number still: what overflows depends on the order */
        *bits = elem_bits_of(exp2(2 * wide_exponent(shape->type) - 1), shape->type);
        return true;
    default:
        return false;
    }
}
