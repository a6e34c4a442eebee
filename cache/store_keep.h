/* cache/store_keep.h - what becomes of records that nobody looks up any more, and of damage.
 *
 * A record was last used when somebody looked it up, or an object that holds its winner was used
 * (cache/objects.h). The first is the time of an empty file, used/KEY, beside the records: marking
 * a use is then no write to the database. */
#ifndef KS_STORE_KEEP_H
#define KS_STORE_KEEP_H

#include "cache/store.h"

/* of a folder's limit (objects_limit) records get at most half */
unsigned long long store_limit(void);
/* the key was looked up now; silent on failure */
void store_touch(struct store *s, const struct hash *key);

struct store_sum {
    size_t n, damaged;
    unsigned long long bytes;
};

/* calls visit (may be NULL) for each record, or with NULL and the reason where it is damaged, and
 * counts. -1 when the database itself cannot be read; what could be was visited */
int store_verify(struct store *s,
                 void (*visit)(void *arg, const struct record *rec, const char *reason), void *arg,
                 struct store_sum *sum, struct error *err);
/* removes those that were not used for longest until at most that many bytes are left, and what is
 * damaged. What was put meanwhile stays. -1 with *err */
int store_trim(struct store *s, unsigned long long most, struct store_sum *removed,
               struct error *err);
/* puts a database that cannot be read aside, as data.mdb.damaged, and begins another with what can
 * be read of it; how much that is, or -1 */
int store_renew(struct store *s, struct error *err);
/* removes all records */
int store_clear(struct store *s, struct error *err);

#endif
