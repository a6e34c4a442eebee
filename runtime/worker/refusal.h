/* runtime/worker/refusal.h - why a request could not be done: a class of PROTOCOL.md and a
 * sentence.
 *
 * The first one wins, as with struct error. A function that takes one returns -1 when it refused.
 */
#ifndef KS_REFUSAL_H
#define KS_REFUSAL_H

#define REFUSE_NO_GPU "no-gpu"
#define REFUSE_LOAD "load"
#define REFUSE_LIMIT "limit"
#define REFUSE_FAULT "fault"
#define REFUSE_UNSUPPORTED "unsupported"
#define REFUSE_PROTOCOL "protocol"

struct refusal {
    const char *class; /* one of the above; NULL: nothing was refused */
    char text[1024];
};

/* always -1 */
int refuse(struct refusal *r, const char *class, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
