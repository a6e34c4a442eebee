/* cache/lock.h - ksearch.lock: winners that travel with the sources.
 *
 * JSON: {"ksearch":1, "records":[...]} with records in the order of entry, GPU model, key, one
 * member a line, keys in a fixed order, so that a diff reads well and git merges what does not
 * overlap. Read before the cache. */
#ifndef KS_LOCK_H
#define KS_LOCK_H

#include <stdbool.h>
#include "cache/record.h"
#include "runtime/base/error.h"

struct lockfile {
    char *path;
    struct record **records;
    size_t n;
};

/* KSEARCH_LOCK, else ksearch.lock in the folder of the source or a parent, up to the project's
 * root: the folder that has .git. Without one, the climb ends where the folders begin to belong to
 * another user or to everybody (/tmp). free() it; NULL when there is none. *asked (may be NULL) is
 * set when KSEARCH_LOCK named it */
char *lock_find(const char *source, bool *asked);
/* a missing file is an empty lockfile, and so is an empty one, which a project starts with; a file
 * that cannot be read or parsed, has a newer version, duplicates or merge conflict markers is an
 * error that says where */
struct lockfile *lock_read(const char *path, struct error *err);
void lock_free(struct lockfile *l);
/* the same from a text in memory; path is for messages and lock_text */
struct lockfile *lock_parse(const char *path, const char *text, size_t n, struct error *err);
/* the file's text (free() it): the same for the same records, whatever their order was */
char *lock_text(const struct lockfile *l);
/* the same with samples and every digit: an export of a cache */
char *lock_text_whole(const struct lockfile *l);
/* the record for this key and GPU model. With gpu_model NULL: the only one on file for that key
 * whose compute capability is major.minor; when there are several models, NULL and *several is set
 */
const struct record *lock_get(const struct lockfile *l, const struct key *key,
                              const char *gpu_model, int major, int minor, bool *several);
/* puts rec into the file at path, replacing the earlier record of that entry of that source for
 * that GPU model, under a flock on the file's folder so that parallel compiles lose nothing;
 * written by rename, and only when it changes. A file that cannot be parsed is left as it is, and
 * is an error */
int lock_put(const char *path, const struct record *rec, struct error *err);
/* takes the n records, those of the same entry, file, GPU model and key, out of the file, under the
 * same flock. Returns how many there were, or -1 */
int lock_remove(const char *path, const struct record *const *gone, size_t n, struct error *err);
/* writes l as the file at path, by rename, and only when that changes it */
int lock_write(const char *path, const struct lockfile *l, struct error *err);

/* are both of one entry of one source, for one GPU model? A lockfile has one of these */
bool lock_same_slot(const struct record *a, const struct record *b);
/* is the line one of git's conflict markers? */
bool lock_is_conflict(const char *line, size_t n);

#endif
