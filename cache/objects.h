/* cache/objects.h - compiled objects on disk, with all that a compile writes.
 *
 * An object lies in a file of its own with its manifest, under the key of the command that made it.
 * A key has several, of several states of the sources; which one is meant is for the manifests to
 * say. There is no index beside the files: their names are the keys and their times when they were
 * last used, so nothing can come apart when a process dies, and it is the same on every file
 * system. */
#ifndef KS_OBJECTS_H
#define KS_OBJECTS_H

#include <stdbool.h>
#include "cache/hash.h"
#include "cache/manifest.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

struct object {
    struct manifest manifest;
    struct buf output, depfile, out, err; /* the files; what went to the standard streams */
    bool has_depfile;
    bool terminal; /* it was said to a terminal: there may be colours in it */
};

void object_init(struct object *o);
void object_release(struct object *o); /* its manifest is its arena's */

/* The newest object of that key, in the cache folder dir, whose manifest holds and that `fits` (may
 * be NULL) accepts; what is damaged is passed over. *why gets what did not hold, when there is none
 */
bool objects_find(const char *dir, const struct hash *key, struct arena *a,
                  bool (*fits)(void *arg, const struct manifest *m), void *arg, struct object *o,
                  const char **why);
/* keeps an object, and removes what was not used for longest where that is too much. One in whose
 * manifest nothing is different is replaced */
int objects_put(const char *dir, const struct hash *key, const struct object *o, struct error *err);

/* KSEARCH_CACHE_SIZE, else 5 GB: how large a cache folder may be */
unsigned long long objects_limit(void);
/* what of it the records take, at most half */
unsigned long long objects_records(const char *dir);
/* "5G", "500M", "64k", a number of bytes; 0 when it is none */
unsigned long long objects_bytes(const char *text);

struct objects_sum {
    size_t n, damaged;
    unsigned long long bytes;
};

/* counts what is there; with `read`, looks for damage too, and calls `bad` (may be NULL) for it */
void objects_sum(const char *dir, bool read, void (*bad)(void *arg, const char *path), void *arg,
                 struct objects_sum *sum);
/* removes those that were not used for longest until at most that many bytes are left, what is
 * left of writers that died, and, with `damaged`, what is damaged */
void objects_trim(const char *dir, unsigned long long most, bool damaged,
                  struct objects_sum *removed);
/* calls visit with the keys of the records of each object, and when it was last used */
void objects_keys(const char *dir, void (*visit)(void *arg, const struct hash *key, int64_t used),
                  void *arg);

#endif
