/* driver/share/share.h - records that others measured, and ours for them.
 *
 * A remote is believed in nothing: a record counts when a key that the user trusts has signed it
 * together with the key that it was asked by (cache/envelope.h). What it gives otherwise is refused
 * with a warning, once in a build, and never fails one. */
#ifndef KS_SHARE_SHARE_H
#define KS_SHARE_SHARE_H

#include "cache/record.h"
#include "cache/sign.h"
#include "cache/store.h"
#include "driver/share/remote.h"

struct share;

/* NULL where no remote is set (KSEARCH_REMOTE), or none that can be used, which is a warning; or,
 * `asked` for by a command of the user's, an error in *err */
struct share *share_open(const char *cache_dir, bool asked, struct error *err);
void share_close(struct share *s); /* NULL is fine */
struct remote *share_remote(struct share *s);
const struct keyring *share_keyring(const struct share *s);
/* who signs; NULL: nobody, and *why (may be NULL) says why not */
const struct signing_key *share_signer(const struct share *s, struct error *why);
bool share_takes_unsigned(const struct share *s);

/* Calls visit with the records under the key that may be believed; of several for a GPU with the
 * newest win. How many there were, 0 also where this process asked for the key before; -1 with
 * *err. *refused (may be NULL) counts those that may not, and *err has why the first of them may
 * not */
int share_find(struct share *s, const struct key *key,
               void (*visit)(void *arg, const struct record *rec), void *arg, int *refused,
               struct error *err);
/* what was wrong when it was asked last: with it, or with what it has; NULL: nothing */
const char *share_trouble(const struct share *s);
/* Keeps a record that was found in our cache: 1; 0 when that has a better one, or one that was
 * measured here; -1 with *err */
int share_keep(struct store *store, const struct record *rec, struct error *err);
/* is a search's result to be put there? */
bool share_writes(const struct share *s);
/* Puts a record beside those of other GPUs and of other signers, in the place of our own of that
 * GPU: 1; 0 when what is there is as good; -1 with *err */
int share_put(struct share *s, const struct record *rec, struct error *err);

#endif
