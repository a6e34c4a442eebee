/* driver/lang/clause.h - annotations as written: clauses with their places, nothing resolved.
 *
 * All spans point into the clause's own source: the annotated file, or the one that use("...")
 * names. Types shared with spec.h hold such spans until resolve.c makes a spec of them. */
#ifndef KS_CLAUSE_H
#define KS_CLAUSE_H

#include "driver/lang/cursor.h"
#include "driver/lang/language.h"
#include "driver/lang/spec.h"

enum clause_kind {
    CLAUSE_IN,
    CLAUSE_OUT,
    CLAUSE_INOUT,
    CLAUSE_TEMP,
    CLAUSE_WORKLOAD,
    CLAUSE_TEST,
    CLAUSE_LET,
    CLAUSE_ARG,
    CLAUSE_INSTANCE,
    CLAUSE_LAUNCH,
    CLAUSE_CALL,
    CLAUSE_SETUP,
    CLAUSE_TUNE,
    CLAUSE_WHERE,
    CLAUSE_ASSUME,
    CLAUSE_CHECK,
    CLAUSE_REFERENCE,
    CLAUSE_OBJECTIVE,
    CLAUSE_BUDGET,
    CLAUSE_REQUIRE,
    CLAUSE_SCRATCH,
    CLAUSE_ALLOW,
    CLAUSE_HINT,
    CLAUSE_NAME,
    CLAUSE_USE,
    CLAUSE_STRUCTURE,
    CLAUSE_KINDS, /* how many there are */
};

struct bind_value {
    struct expr *expr; /* NULL: a generator */
    struct gen gen;
    struct span at;
};

struct bind { /* workload, test: name = value, value, ... */
    const char *name;
    struct span at;
    struct bind_value *values;
    size_t nvalues;
    double weight; /* of the bind `weight = w`, which has no values */
};

enum launch_part { LAUNCH_GRID, LAUNCH_BLOCK, LAUNCH_CLUSTER, LAUNCH_SMEM };

struct launch_dim {
    enum launch_part part;
    struct cxx value[3];
    size_t n;
    struct span at;
};

enum domain_kind { DOMAIN_LIST, DOMAIN_RANGE, DOMAIN_POW2 };

struct domain {
    enum domain_kind kind;
    struct expr **exprs; /* the values; or lo, hi and perhaps step */
    size_t n;
    struct span at;
};

struct require {
    bool deterministic, graph;
    int64_t smem, regs, spills; /* negative: not limited */
};

struct clause {
    enum clause_kind kind;
    const struct source *src;
    struct span at;     /* the clause's word, in src */
    struct span use_at; /* in the annotated file: the same, or the use() that brought it */
    bool is_on, holds;  /* its line has on(...); whether that names this GPU */
    const char *on;     /* that on(...), one pointer for the clauses of a line; NULL */
    const char *name;   /* workload, test: "" without; check, tune, name: what they are about */
    struct span name_at;
    struct array *arrays; /* in, out, inout, temp */
    size_t narrays;
    struct bind *binds; /* workload, test */
    size_t nbinds;
    struct named *named; /* let, arg, instance */
    size_t nnamed;
    struct launch_dim *dims;
    size_t ndims;
    struct cxx cxx;           /* call, setup */
    struct domain domain;     /* tune */
    struct constraint *exprs; /* where, assume */
    size_t nexprs;
    struct check check;
    const char *kind_text; /* reference: as in spec.h */
    struct cxx symbol;
    bool warm, p90, energy; /* objective */
    double seconds;         /* budget; 0: not given */
    int64_t evals, tokens;
    struct require require;
    int64_t scratch;
    const char *text; /* hint, use, structure */
};

struct clause_form {
    struct word is;
    bool once; /* at most one for a function */
    bool (*parse)(struct cursor *c, struct clause *clause);
    const char *example; /* shown where one cannot be read */
};

struct generator {
    const char *name;
    const char *params[3];
    size_t least, most;  /* arguments without a name of their own, or given by it */
    const char *promise; /* what holds for every array that it fills */
};

/* What is linear in a text may be quadratic in the clauses of a function, so these are counted: as
 * clauses when they are read, and with all that they list when they are resolved. */
enum { CLAUSE_LIMIT = 4096, POINT_LIMIT = 4096, VALUE_LIMIT = 1000000 };

/* the clauses at the cursor, to its end, added to the array; on(...) is decided for gpu (NULL: no
 * on() holds). -1 when something was reported: the clauses that could be read are there all the
 * same */
int clauses_parse(struct cursor *c, const struct gpu *gpu, struct clause **clauses, size_t *n);
const char *clause_word(enum clause_kind kind);
/* the one clause at the cursor, added to the array; false, reported, when it cannot be read */
bool clause_parse(struct cursor *c, struct clause **clauses, size_t *n);
const struct clause_form *clause_form(enum clause_kind kind);
/* all of them, n of them */
const struct generator *clause_generators(size_t *n);
/* what stands in a line beside clauses; in launch(), tune(), check(), objective(), budget() and
 * require(); and the units of budget's time and of sizes and counts. A word that is NULL ends each
 */
extern const struct word line_words[], launch_words[], domain_words[], check_words[],
    objective_words[], budget_words[], require_words[], time_words[], size_words[];

/* --- parts, for clause.c only --- */

/* name [expr]... [as type] [= generator], at the cursor */
bool clause_array(struct cursor *c, struct array *array);
/* name = value, value, ... as far as the next `name =`; is `weight` a bind of its own here? */
bool clause_bind(struct cursor *c, struct bind *bind, bool weight);
/* one "grid = ..." */
bool clause_launch_dim(struct cursor *c, struct launch_dim *dim);
bool clause_domain(struct cursor *c, struct domain *domain);
bool clause_check(struct cursor *c, struct clause *clause);
bool clause_reference(struct cursor *c, struct clause *clause);
bool clause_objective(struct cursor *c, struct clause *clause);
bool clause_budget(struct cursor *c, struct clause *clause);
bool clause_require(struct cursor *c, struct clause *clause);
/* 64M and the like, in bytes; what a K is: 1024, or 1000 for counts */
bool clause_quantity(struct cursor *c, int64_t kilo, int64_t *value);

#endif
