/* driver/build/uses.h - which declarations of a file mention which names.
 *
 * By name, not by meaning: a local variable called like a function counts as a mention of it. That
 * takes too much rather than too little. */
#ifndef KS_USES_H
#define KS_USES_H

#include <stdbool.h>
#include "driver/lang/spec.h"

struct group { /* one outermost declaration with all that it declares: an enum and its enumerators,
                  `int a, b;`, a #define */
    struct span span;
    size_t first, last; /* tokens */
    const size_t *decl; /* into decls.decl */
    size_t ndecls;
    const size_t *name;  /* ids of the names that occur in it, its own included; each once */
    const size_t *times; /* how often */
    size_t nnames;
};

struct uses {
    const struct file *file;
    struct group *group; /* in file order */
    size_t ngroups;
    size_t nids; /* names are numbered from 0 */
    struct name_table *table;
};

struct uses *uses_read(struct arena *a, const struct file *f);
/* the number of a name, nids when it does not occur in the file */
size_t uses_id(const struct uses *u, const char *name, size_t len);
/* declaration number i of a group */
const struct decl *uses_decl(const struct uses *u, const struct group *g, size_t i);
/* how often a group declares the name of a number */
size_t uses_declares(const struct uses *u, const struct group *g, size_t id);
/* What is reached from the names whose ids are set: one flag a group is set for what declares one
 * of them, and then for what declares a name that occurs in that; ids become those of all these
 * names */
void uses_reach(const struct uses *u, bool *ids, bool *reached);
/* the group that holds a place, NULL when none does */
struct group *uses_group_at(const struct uses *u, size_t at);
/* ids of the names in a snippet, each once or more, into *ids and *n of the arena */
void uses_of_text(const struct uses *u, struct arena *a, const char *text, size_t **ids, size_t *n);

#endif
