/* cache/key.h - what makes a result reusable.
 *
 * A key names what an entry means, part by part, so that a miss can say which part changed. It does
 * not name the GPU: records of several GPU models live under one key. */
#ifndef KS_KEY_H
#define KS_KEY_H

#include "cache/hash.h"

enum key_part {
    KEY_REGION,  /* tokens of the region, comments and layout aside, annotations left out */
    KEY_CLAUSES, /* tokens of the annotation, but hints and budgets */
    KEY_CONTEXT, /* declarations of the user's files that the region depends on, after
                    preprocessing, for the host and every architecture of the compile */
    KEY_FLAGS,   /* options of cicc and ptxas */
    KEY_TOOLKIT, /* release and build of nvcc */
    KEY_PARTS
};

struct key {
    struct hash all; /* over schema, entry and parts */
    struct hash part[KEY_PARTS];
};

/* "the region's code", "the annotation", ...: for messages */
const char *key_part_name(enum key_part part);
/* fills key->all from the parts and the entry's name ("blas::gemm<T=float>") */
void key_finish(struct key *key, const char *entry);

#endif
