/* driver/reuse_impl.h - shared by reuse.c and reuse_key.c. */
#ifndef KS_REUSE_IMPL_H
#define KS_REUSE_IMPL_H

#include "driver/reuse.h"

/* of the compile, whose command is read; notes whether there is a GPU */
struct hash reuse_key(struct reuse *r);
/* is a cache asked that others fill (KSEARCH_REMOTE)? What it has is not known from here */
bool reuse_asks_others(void);

#endif
