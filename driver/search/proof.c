/* driver/search/proof.c - see proof.h. */
#include "driver/search/proof.h"

#include "driver/search/sizes.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"

#define SIZES 12       /* that are to be checked, half of them at edges */
#define DRAWS 32       /* until there are as many on which the original works */
#define FAULTS 3       /* of the original; from then on sizes are drawn with care */
#define VALUES_SEEDS 3 /* draws of each kind of inputs: a lone NaN comes into three arrays */
#define RUNS 20        /* of what must be deterministic */

/* no infinity: whether inf - inf comes up is a matter of the order, and where the original happens
 * to get a number, code that is as good may not */
static const char *const values[] = {"integers", "units", "zeros", "equal",    "least",
                                     "most",     "small", "large", "denormal", "wide",
                                     "sorted",   "nan",   "far",   "constants"};

/* what the original does here, and if it does anything, what the variant does */
static enum bench_result proof_step(struct bench *b, const struct proof *p, size_t point,
                                    const struct bench_checking *c, bool *original,
                                    struct error *err)
{
    struct error why = {""};
    bool applies = true;
    enum bench_result r = bench_check_as(b, BENCH_ORIGINAL, point, c, &applies, &why);

    *original = r == BENCH_OK && applies;
    if (!*original)
        log_debug("nothing is asked of variants here: %s", r == BENCH_OK ? c->values : why.text);
    if (r == BENCH_LOST || !*original)
        return r == BENCH_LOST ? r : BENCH_OK;
    return bench_check_as(b, p->variant, point, c, NULL, err);
}

/* A function of the user's knows what is right of usual inputs, and is not asked about others */
static enum bench_result proof_values(struct bench *b, const struct proof *p, size_t point,
                                      struct error *err)
{
    enum bench_result r = BENCH_OK;
    bool original;

    if (bench_has_checker(p->spec))
        return BENCH_OK;
    for (size_t i = 0; r == BENCH_OK && i < sizeof values / sizeof *values; i++)
        r = proof_step(b, p, point, &(struct bench_checking){VALUES_SEEDS, 0, values[i]}, &original,
                       err);
    return r;
}

/* at one size that was drawn; *worked: the original did */
static enum bench_result proof_size(struct bench *b, const struct proof *p,
                                    const struct point *size, size_t *id, bool *worked,
                                    struct error *err)
{
    struct error why = {""};
    enum bench_result r = bench_add_point(b, size, id, &why);

    *worked = false;
    if (r == BENCH_FAILED) {
        log_debug("the original has no size %s: %s", size->label, why.text);
        return BENCH_OK;
    }
    why = (struct error){""};
    if (r == BENCH_OK)
        r = proof_step(b, p, *id, &(struct bench_checking){1, 0, NULL}, worked, &why);
    if (r == BENCH_FAILED)
        error_set(err, "%s (at %s; assume(...) says which sizes need not work)", why.text,
                  size->label);
    return r;
}

static enum bench_result proof_sizes(struct bench *b, const struct proof *p, struct arena *a,
                                     struct error *err)
{
    struct sizes sizes = sizes_begin(p->spec, p->values);
    enum bench_result r = BENCH_OK;
    size_t done = 0, id = 0;
    int faults = 0;

    for (unsigned k = 0; r == BENCH_OK && k < DRAWS && done < SIZES; k++) {
        const struct point *size = sizes_draw(&sizes, a, k);
        bool worked;
        if (!size)
            break;
        int before = bench_clock(b).restarts;
        r = proof_size(b, p, size, &id, &worked, err);
        faults += bench_clock(b).restarts > before;
        sizes.coarse = faults >= FAULTS;
        if (r == BENCH_OK && worked && done == 0)
            r = proof_values(b, p, id, err);
        done += worked;
        if (faults >= 2 * FAULTS)
            break;
    }
    log_debug("checked at %zu sizes that were drawn", done);
    return r;
}

static enum bench_result proof_runs(struct bench *b, const struct proof *p, struct error *err)
{
    enum bench_result r = BENCH_OK;

    for (size_t w = 0; r == BENCH_OK && p->spec->require.deterministic && w < p->ntimed; w++)
        r = bench_check_as(b, p->variant, p->timed[w], &(struct bench_checking){1, RUNS, NULL},
                           NULL, err);
    return r;
}

enum bench_result proof_run(struct bench *b, const struct proof *p, struct error *err)
{
    struct arena *a = arena_new();
    enum bench_result r = proof_sizes(b, p, a, err);

    if (r == BENCH_OK)
        r = proof_values(b, p, spec_least_point(p->spec), err);
    if (r == BENCH_OK)
        r = proof_runs(b, p, err);
    arena_free(a);
    return r;
}
