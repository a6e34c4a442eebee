/* runtime/worker/check.h - is a variant right, and if not, where? */
#ifndef KS_CHECK_H
#define KS_CHECK_H

#include <jansson.h>
#include "runtime/worker/errors.h"
#include "runtime/worker/sets.h"

struct outcome {        /* of a run that was compared */
    const char *reason; /* NULL: all is right; else "wrong", "guard", "input", "unstable" */
    const struct point *point;
    const struct array *array;
    uint64_t bad, of;
    json_t *first;        /* array of {index, expected, got}, or NULL */
    struct errors errors; /* how they are distributed; n 0: not known */
    bool nothing;         /* the values that were asked for make no difference here */
    char text[1024];
};

struct checking {
    unsigned seeds, runs; /* draws of inputs, and runs over each (0: as few as will do) */
    enum values values;
};

/* runs the variant on fresh inputs of the point; -1 when it refused */
int check_point(struct session *s, struct variant *v, struct point *p, const struct checking *c,
                struct outcome *o, struct refusal *r);
/* judges what a run of v over the n sets from `start` on, in a circle, left in them (the others
 * were not run), and reads the wrong elements back */
int check_verdict(struct session *s, const struct variant *v, struct point *p, unsigned start,
                  unsigned n, struct outcome *o, struct refusal *r);
void outcome_release(struct outcome *o);
/* the reply of a check; a new reference */
json_t *outcome_json(const struct outcome *o);

#endif
