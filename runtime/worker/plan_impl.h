/* runtime/worker/plan_impl.h - a plan as plan_read.c makes it and plan.c executes it. */
#ifndef KS_WORKER_PLAN_IMPL_H
#define KS_WORKER_PLAN_IMPL_H

#include "runtime/base/arena.h"
#include "runtime/base/integer.h"
#include "runtime/worker/plan.h"

enum { PARAMS_MOST = 2048, RANK = 5 };

enum number_kind { NUMBER_VALUE = INTEGER_OPS, NUMBER_LET, NUMBER_PARAM, NUMBER_GPU };

struct number {    /* an expression */
    int kind;      /* enum integer_op, or one of those */
    int64_t value; /* or which let, parameter, figure */
    struct number *a, *b, *c;
};

struct numbers {
    struct number *number[RANK];
    size_t n;
};

enum step_kind { STEP_LET, STEP_SCRATCH, STEP_MAP, STEP_ZERO, STEP_RUN };
enum arg_kind { ARG_PARAM, ARG_SCRATCH, ARG_MAP, ARG_INT, ARG_NULL };

struct arg {
    enum arg_kind kind;
    size_t index;
    struct number *number;
};

struct step {
    enum step_kind kind;
    size_t index; /* let, scratch, map */
    struct number *value;
    struct numbers extents, box; /* of scratch, a map, a zero */
    int size;                    /* of an element of scratch */
    int type;                    /* of scratch: enum elem_type, for maps of it */
    bool of_scratch;
    size_t of, array; /* a map or zero: which scratch or parameter, and that one's array */
    int swizzle;
    size_t function; /* run */
    struct numbers grid, block, cluster;
    struct number *smem;
    struct arg *args;
    size_t nargs;
};

struct steps {
    struct step *step;
    size_t n;
};

struct group {
    struct number *when; /* NULL: always */
    struct steps steps;
};

struct space { /* the workspace at one point */
    int point;
    CUdeviceptr memory, base, tally; /* base: behind the first guard */
    uint64_t bytes, stride;
    unsigned copies; /* that sets take in turn */
    struct space *next;
};

struct plan {
    struct arena *arena;
    uint64_t limit;
    struct steps common;
    struct group *groups;
    size_t ngroups;
    struct function *functions;
    size_t nfunctions;
    size_t nlets, nscratch, nmaps;
    struct space *spaces;
};

#endif
