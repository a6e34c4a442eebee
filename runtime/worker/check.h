/* runtime/worker/check.h - is a variant right, and if not, where? */
#ifndef KS_CHECK_H
#define KS_CHECK_H

#include <jansson.h>
#include "runtime/worker/sets.h"

struct outcome {        /* of a run that was compared */
    const char *reason; /* NULL: all is right; else "wrong", "guard", "input", "unstable" */
    const struct point *point;
    const struct array *array;
    uint64_t bad, of;
    json_t *first; /* array of {index, expected, got}, or NULL */
    char text[1024];
};

/* runs the variant on fresh inputs of the point, `seeds` times; -1 when it refused */
int check_point(struct session *s, struct variant *v, struct point *p, unsigned seeds,
                struct outcome *o, struct refusal *r);
/* judges the last sets_verify of v over the n sets from `start` on (the others were not run), and
 * reads the wrong elements back */
int check_verdict(struct session *s, const struct variant *v, struct point *p, unsigned start,
                  unsigned n, struct outcome *o, struct refusal *r);
void outcome_release(struct outcome *o);
/* the reply of a check; a new reference */
json_t *outcome_json(const struct outcome *o);

#endif
