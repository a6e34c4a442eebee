/* driver/build/copy.h - which declarations a variant repeats under other names, and their text.
 *
 * Tainted is what mentions a tunable, or something tainted. A variant repeats its entry and every
 * tainted declaration that the entry reaches; all else it shares with the original. Each copy
 * stands directly behind what it is a copy of, so names and conditions around it mean the same to
 * both. */
#ifndef KS_COPY_H
#define KS_COPY_H

#include <stdbool.h>
#include <stdint.h>
#include "driver/build/edits.h"
#include "driver/build/rename.h"
#include "driver/build/uses.h"
#include "driver/lang/spec.h"

struct copy {
    struct arena *arena;
    const struct spec *spec;
    struct uses *uses;
    bool *tainted, *reached, *copied; /* one a group */
    struct renames names;             /* what the copies rename; `to` is NULL, see copy_renames */
    bool shared;                      /* code that the entry does not reach is tainted too */
    const char *why;                  /* why there can be no copies; NULL: there can */
};

struct copy *copy_plan(struct arena *a, const struct spec *spec);
/* The same for a unit, where call(...) must reach the copy and not the original: what stands
 * between call(...) and the entry (a method, a function that takes views) is repeated too. */
struct copy *copy_plan_unit(struct arena *a, const struct spec *spec);
/* does call(...) reach the entry, by the names in this file? true without a call(...) */
bool copy_is_called(const struct spec *spec);
/* the names of the copies for one suffix */
struct renames copy_renames(const struct copy *c, const char *suffix);
/* appends the macros that a variant's tunables have become, to stand before all else */
void copy_defines(const struct copy *c, const int64_t *values, const char *suffix, struct buf *out);

struct copy_variant {
    const int64_t *values;
    const char *suffix;
    const char *guard; /* see copy_guard; NULL: none */
};
/* inserts the copies of n variants; with entry_first those of the entry before it, not behind */
void copy_insert(const struct copy *c, const struct copy_variant *v, size_t n, bool entry_first,
                 struct edits *e);
/* puts a variant's values in the place of the initialisers, and what its knobs write into their
 * places, with the names in that replaced (NULL: none) */
void copy_substitute(const struct spec *spec, const int64_t *values, const struct renames *names,
                     struct edits *e);
/* source names of the __global__ functions that the entry reaches, the entry itself first when it
 * is one; those that are copied get the suffix (NULL: none do) */
const char **copy_kernels(const struct copy *c, const char *suffix, size_t *n);
/* one flag a group: launch() reaches it, and it depends on a tunable */
const bool *copy_launch_needs(const struct copy *c);
/* the first of those that is no constant or macro, and cannot be given other values without a
 * compiler; NULL where all can */
const struct decl *copy_launch_odd(const struct copy *c);
/* does it see tunables by their own names alone, not through constants that are made from them? */
bool copy_launch_is_direct(const struct copy *c);
/* puts what a kernel does, between its braces, under "#if guard"; nothing of other declarations */
void copy_guard(struct edits *e, const struct decl *d, const char *guard);
/* "\n#line 12 \"path\"\n" for the line of a place */
const char *line_marker(struct arena *a, const struct source *src, size_t at);
/* the same where text begins that nobody wrote, of which no compiler is to warn, and where the
 * user's own goes on; #line between them leaves that as it is */
const char *quiet_marker(struct arena *a, const struct source *src, size_t at);
const char *loud_marker(struct arena *a, const struct source *src, size_t at);
/* a name of a namespace's members, written by nobody: the names around a declaration, outermost
 * first, without anonymous and inline ones */
const char *const *scope_path(struct arena *a, const struct decls *decls, size_t scope, size_t *n);

#endif
