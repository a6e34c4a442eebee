/* runtime/worker/profile.c - see profile.h.
 *
 * A run first that is not watched: it is checked, and what is only done at a first launch (a plan's
 * workspace, a user's static tables) is then not counted among the kernels. The counted run is
 * checked as well, so that no evidence is of a run that went wrong. */
#include "runtime/worker/profile.h"

#include <string.h>

#include "runtime/worker/plan.h"
#include "runtime/worker/timer.h"

enum { PROFILE_SETS = 2 }; /* as few as there are; one of them is launched */

struct run {
    struct session *s;
    struct variant *v;
    struct point *p;
};

static int prepare(void *arg, struct refusal *r)
{
    struct run *run = arg;

    return sets_reset(run->s, run->p, POISON_NAN, r) || plan_poison(run->s, run->v, run->p, r) ||
                   timer_prepare(run->s, run->p, r) || device_wait(r)
               ? -1
               : 0;
}

static int launch(void *arg, struct refusal *r)
{
    struct run *run = arg;

    return variant_launch(run->s, run->v, run->p, 0, r) || device_wait(r) ? -1 : 0;
}

static int verify(struct run *run, struct outcome *o, struct refusal *r)
{
    return check_verdict(run->s, run->v, run->p, 0, 1, o, r);
}

int profile_variant(struct session *s, struct variant *v, struct point *p, const char *cupti,
                    int tier, json_t **kernels, int *passes, struct outcome *o, struct refusal *r)
{
    struct run run = {s, v, p};
    struct counters_work work = {prepare, launch, &run};

    memset(o, 0, sizeof *o);
    *kernels = NULL;
    *passes = 0;
    if (sets_ensure(s, p, PROFILE_SETS, r))
        return -1;
    sets_use(p->sets, s, 1); /* with objective(warm) it alone is then in the cache */
    if (sets_draw(s, p, r) || prepare(&run, r) || launch(&run, r) || verify(&run, o, r))
        return -1;
    if (o->reason)
        return 0;
    if (counters_run(s->device, cupti, tier, &work, kernels, passes, r))
        return -1;
    if (!verify(&run, o, r))
        return 0;
    json_decref(*kernels);
    *kernels = NULL;
    return -1;
}
