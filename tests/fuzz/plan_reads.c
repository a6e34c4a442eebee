/* tests/fuzz/plan_reads.c - see plan_reads.h. */
#include "tests/fuzz/plan_reads.h"

#include <stdlib.h>
#include "runtime/worker/plan.h"

static CUresult any_function(CUfunction *f, CUmodule module, const char *name)
{
    static int one;

    (void)module;
    (void)name;
    *f = (CUfunction)(void *)&one;
    return CUDA_SUCCESS;
}

static CUresult any_attribute(int *value, CUfunction_attribute attribute, CUfunction f)
{
    (void)attribute;
    (void)f;
    *value = 32;
    return CUDA_SUCCESS;
}

bool plan_reads(const json_t *plan)
{
    struct refusal r = {0};
    struct plan *p;

    cu.cuModuleGetFunction = any_function;
    cu.cuFuncGetAttribute = any_attribute;
    p = plan_read(plan, NULL, &r);
    if (!p && !*r.text)
        abort();
    plan_free(p);
    return p != NULL;
}
