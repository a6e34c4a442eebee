/* runtime/worker/protocol.h - requests in, replies out; what they say is in PROTOCOL.md. */
#ifndef KS_PROTOCOL_H
#define KS_PROTOCOL_H

#include <jansson.h>
#include "runtime/base/error.h"

struct protocol {
    int in, out;        /* descriptors of the two pipes */
    const char *record; /* file to append to, or NULL */
    const char *replay; /* file to answer from, or NULL */
};

enum { EXIT_FAULT = 3 };

/* answers requests until the input ends; returns the process's exit status: 0, EXIT_FAULT after a
 * fault, or 1 with *err when a pipe broke or a file cannot be used */
int protocol_serve(const struct protocol *p, struct error *err);
/* the "gpu" object of hello, or NULL with *err */
json_t *protocol_probe(struct error *err);

#endif
