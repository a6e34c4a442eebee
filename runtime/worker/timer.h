/* runtime/worker/timer.h - how long a launch takes; every timed launch is compared afterwards. */
#ifndef KS_TIMER_H
#define KS_TIMER_H

#include "runtime/worker/check.h"

struct sample {
    double us;  /* a launch, the mean over the sample */
    double mhz; /* of the multiprocessors meanwhile; 0: not known */
    double uj;  /* microjoules a launch, where the session is about energy; else 0 */
};

struct timing {
    unsigned n;       /* samples */
    double least_us;  /* enough of them when all so far took longer a launch, and lasted long enough
                         to be believed; 0: all are taken */
    bool same_inputs; /* as the last variant had here, where that is possible; else fresh ones */
};
struct timed {
    struct sample *samples; /* free() it */
    unsigned n;
    bool graph; /* whether they ran as a graph */
};
/* Times samples of v, or stops at the first that is not right (o->reason is set then) */
int timer_time(struct session *s, struct variant *v, struct point *p, const struct timing *how,
               struct timed *out, struct outcome *o, struct refusal *r);
/* Times a and b in turns, a b b a, on the same inputs, n pairs in which the clocks agree within 2 %
 * (or, when that takes more than 2 n, the best there are). The samples of a are in out[0], b's in
 * out[1]. */
int timer_pair(struct session *s, struct variant *a, struct variant *b, struct point *p, unsigned n,
               struct sample *out[2], bool *graph, struct outcome *o, struct refusal *r);
/* the caches as they are before a sample, once the stream has come so far */
int timer_prepare(struct session *s, struct point *p, struct refusal *r);
/* microseconds that moving the point's bytes takes at the bandwidth of a copy on this card */
int timer_floor(struct session *s, struct point *p, double *us, struct refusal *r);
/* forgets its buffers and events; before the context goes */
void timer_close(void);

#endif
