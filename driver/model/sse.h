/* driver/model/sse.h - a stream of server-sent events, taken apart as it arrives.
 *
 * What a stream says: https://html.spec.whatwg.org/multipage/server-sent-events.html, "Interpreting
 * an event stream". Chunks may be cut anywhere. Bytes are handed on as they are: whether they are
 * UTF-8 is the receiver's business. */
#ifndef KS_SSE_H
#define KS_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/buf.h"

/* one event: its name ("message" where the stream gives none) and its data, NUL-terminated.
 * What is not 0 ends the feeding */
typedef int sse_event(void *arg, const char *name, const char *data, size_t n);

struct sse {
    struct buf line, data;
    char name[64];
    size_t begun; /* bytes of a byte order mark seen so far; 3 is past it */
    bool after_cr, has_data;
    sse_event *event;
    void *arg;
};

/* no line and no event's data may be longer than `most` bytes */
void sse_init(struct sse *s, size_t most, sse_event *event, void *arg);
/* 0; what `event` returned, when not 0; -1 when a line or an event is too long */
int sse_feed(struct sse *s, const char *bytes, size_t n);
void sse_release(struct sse *s);

#endif
