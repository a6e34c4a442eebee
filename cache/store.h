/* cache/store.h - records on disk, by key and GPU model.
 *
 * One LMDB environment a cache folder (data.mdb in it, plus a `stats` file of counters). Values
 * carry a checksum. Readers never block. Any error of the database is, for the build, a miss: calls
 * return -1 with *err and the caller warns once and goes on. A folder of a newer schema is left
 * untouched (every call then fails saying so). Remote file systems (NFS, FUSE, by statfs) get one
 * file a key, written by rename, since LMDB must not be used there; KSEARCH_CACHE_FILES=1 or 0
 * decides where statfs cannot tell. */
#ifndef KS_STORE_H
#define KS_STORE_H

#include <stdbool.h>
#include "cache/key.h"
#include "cache/record.h"
#include "runtime/base/error.h"

struct store;

/* KSEARCH_CACHE_DIR, else $XDG_CACHE_HOME/ksearch, else ~/.cache/ksearch; free() it. NULL when no
 * home is known */
char *store_default_dir(void);
/* opens the cache in dir, creating it unless read_only or the folder cannot be written: then it is
 * opened for reading. NULL on failure. Nothing is kept open between calls: each opens, copies out
 * and closes. */
struct store *store_open(const char *dir, bool read_only, struct error *err);
/* the same without a look at what is there, which each call takes for itself: for a glance */
struct store *store_peek(const char *dir);
void store_close(struct store *s);
bool store_is_read_only(const struct store *s);
/* 1 and *rec (free it) when a record for this key and GPU model is there; 0 when not; -1 */
int store_get(struct store *s, const struct key *key, const char *gpu_model, struct record **rec,
              struct error *err);
/* calls visit for each record (not kept) until it returns non-zero; with key, only that key's.
 * Corrupt records are passed as NULL with the reason. Returns how many were visited, or -1 */
int store_each(struct store *s, const struct key *key,
               int (*visit)(void *arg, const struct record *rec, const char *reason), void *arg,
               struct error *err);
/* of all that is there under a key: it changes with every record that is put or removed. -1 when it
 * cannot be read */
int store_stamp(struct store *s, const struct hash *key, struct hash *stamp, struct error *err);
/* keeps rec, replacing what was there for its key and GPU model unless that has
 * winners and rec has none */
int store_put(struct store *s, const struct record *rec, struct error *err);

enum store_stat {
    STAT_HIT,
    STAT_LOCK_HIT,
    STAT_MISS,
    STAT_SEARCH,
    STAT_WIN,
    STAT_NO_GAIN,
    STAT_FALLBACK,
    STAT_REMOTE_HIT,
    STAT_OBJECT_HIT,
    STAT_OBJECT_MISS,
    STAT_OBJECT_KEPT,
    STAT_COUNT
};
const char *store_stat_name(enum store_stat stat);
/* counts one; silent on failure, and without a store (NULL) */
void store_count(struct store *s, enum store_stat stat);
/* the counters so far (zero where the file is missing) */
void store_stats(struct store *s, unsigned long long counts[STAT_COUNT]);
/* serialises searches of one key among processes: waits (calling waiting() once, if it has to)
 * until nobody else searches it, then holds a flock until store_search_end. Returns a handle or -1
 * (go on without) */
int store_search_begin(struct store *s, const struct key *key, void (*waiting)(void *), void *arg);
void store_search_end(int handle);

#endif
