/* driver/lang/block.h - the annotations of a file, put together: which clauses belong to which
 * function, and what stands between begin and end. */
#ifndef KS_BLOCK_H
#define KS_BLOCK_H

#include "driver/lang/clause.h"

struct block { /* all clauses for one function */
    struct clause *clauses;
    size_t nclauses;
    size_t decl; /* index of the function; SIZE_MAX when there is none */
    size_t at;   /* the first clause, in the file */
    bool failed; /* something was reported */
    bool full;   /* there are as many clauses as there may be */
};

struct region {
    size_t at;        /* the word `begin` */
    const char *name; /* NULL: none given */
    struct span name_at;
    struct span inner;  /* between the two annotations */
    size_t scope;       /* where it begins */
    bool ended, broken; /* broken: another one began before its end */
};

struct blocks {
    struct block *block;
    size_t n;
    struct region *region;
    size_t nregions;
};

/* Reads every active annotation of f. What is wrong is reported; the blocks it concerns are marked
 * as failed. Files that use("...") names are added to f->used. */
void blocks_read(struct file *f, const struct gpu *gpu, const bool *active, size_t nactive,
                 struct diag *d, struct blocks *out);

/* index of the innermost namespace around a place of the file */
size_t blocks_scope(const struct file *f, size_t at);

#endif
