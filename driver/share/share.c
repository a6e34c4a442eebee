/* driver/share/share.c - rows of envelopes, read and written.
 *
 * A row is read, changed and written back, and most servers have no way to do that as one step. Two
 * machines that put a record of the same key in the same instant may lose one of them there; its
 * machine still has it, and `ksnvcc cache push` puts it again. */
#include "driver/share/share.h"

#include <stdlib.h>
#include <string.h>
#include "cache/envelope.h"
#include "runtime/base/buf.h"
#include "runtime/base/env.h"
#include "runtime/base/log.h"

struct share {
    struct remote *remote;
    struct keyring ring; /* the signer's key is in it */
    struct signing_key signer;
    bool has_signer;
    struct error no_signer; /* why a key that is there cannot be used */
    bool takes_unsigned;
    struct error trouble; /* of the last question */
    struct hash *seen;    /* keys that were asked for */
    size_t nseen;
};

struct share *share_open(const char *cache_dir, bool asked, struct error *err)
{
    struct share *s;
    struct remote *remote = NULL;
    struct error why = {""};

    if (remote_open(cache_dir, asked, &remote, &why) < 0) {
        if (!asked)
            log_warn("no remote cache: %s", why.text);
        error_set(err, "%s", why.text);
    }
    if (!remote)
        return NULL;
    s = calloc(1, sizeof *s);
    if (!s)
        fatal("out of memory");
    s->remote = remote;
    s->takes_unsigned = env_is_on("KSEARCH_REMOTE_UNSIGNED");
    if (keyring_read(&s->ring, &why) < 0) {
        remote_warn(remote, "no key is trusted: %s", why.text);
        error_set(err, "%s", why.text);
        share_close(s);
        return NULL;
    }
    s->has_signer = signing_key_read(&s->signer, &s->no_signer) > 0;
    if (s->has_signer)
        keyring_add(&s->ring, &s->signer.public, s->signer.name);
    return s;
}

void share_close(struct share *s)
{
    if (!s)
        return;
    remote_close(s->remote);
    keyring_release(&s->ring);
    signing_key_clear(&s->signer);
    free(s->seen);
    free(s);
}

struct remote *share_remote(struct share *s)
{
    return s->remote;
}

const struct keyring *share_keyring(const struct share *s)
{
    return &s->ring;
}

const struct signing_key *share_signer(const struct share *s, struct error *why)
{
    if (s->has_signer)
        return &s->signer;
    error_set(why, "%s",
              s->no_signer.text[0] ? s->no_signer.text
                                   : "there is no signing key: ksnvcc cache keygen");
    return NULL;
}

bool share_takes_unsigned(const struct share *s)
{
    return s->takes_unsigned;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool was_seen(struct share *s, const struct key *key)
{
    for (size_t i = 0; i < s->nseen; i++)
        if (hash_equal(&s->seen[i], &key->all))
            return true;
    s->seen = reallocarray(s->seen, s->nseen + 1, sizeof *s->seen);
    if (!s->seen)
        fatal("out of memory");
    s->seen[s->nseen++] = key->all;
    return false;
}

/* what to do about a key that is not known */
static void warn_refused(struct share *s, const struct key *key, enum seal seal,
                         const struct error *why)
{
    char hex[65];

    hash_hex(&key->all, hex);
    if (seal == SEAL_STRANGER)
        remote_warn(s->remote,
                    "records of the remote cache are refused: %s; to trust it, put "
                    "'ksearch-public:' with these digits into %s",
                    why->text, s->ring.path ? s->ring.path : "KSEARCH_TRUSTED_KEYS");
    else if (seal == SEAL_NONE)
        remote_warn(s->remote, "records of the remote cache are refused: %s", why->text);
    else if (seal == SEAL_BROKEN)
        remote_warn(s->remote, "the remote cache's record of %.12s is refused: %s", hex, why->text);
}

/* the row under a key: 1, 0, -1 */
static int get_row(struct share *s, const struct key *key, struct buf *row, struct error *err)
{
    int rc = remote_get(s->remote, key, row, err);

    if (rc == 1 && row->len > ENVELOPE_BYTES_MAX)
        rc = error_set(err, "the remote cache has more under a key than records can be");
    return rc;
}

static bool same_result(const struct record *a, const struct record *b)
{
    return strcmp(a->created, b->created) == 0 && a->nwinners == b->nwinners &&
           a->ratio == b->ratio;
}

/* of two records for the same key and GPU: is the first the one to have? */
static bool is_better(const struct record *a, const struct record *b)
{
    if (!a->nwinners != !b->nwinners)
        return a->nwinners > 0;
    return same_result(a, b) || strcmp(a->created, b->created) > 0;
}

struct findings { /* records of a row that may be believed, one a GPU */
    struct record **records;
    size_t n, refused;
};

/* takes rec, unless there is a better one for its GPU */
static void findings_add(struct findings *f, struct record *rec)
{
    size_t i = 0;

    while (i < f->n && strcmp(f->records[i]->gpu, rec->gpu) != 0)
        i++;
    if (i < f->n && is_better(f->records[i], rec)) {
        record_free(rec);
        return;
    }
    if (i < f->n) {
        record_free(f->records[i]);
    } else {
        f->records = reallocarray(f->records, ++f->n, sizeof(struct record *));
        if (!f->records)
            fatal("out of memory");
    }
    f->records[i] = rec;
}

/* opens all of a row; -1 where it does not end as one */
static int read_row(struct share *s, const struct key *key, const struct buf *row,
                    struct findings *f, struct error *err)
{
    struct error end = {""};
    struct envelope e;
    size_t at = 0;
    int rc = 0;

    for (int n = 0;
         n < ENVELOPES_MAX && (rc = envelope_next(row->data, row->len, &at, &e, &end)) == 1; n++) {
        struct error why = {""};
        enum seal seal;
        struct record *rec = envelope_open(&e, key, &s->ring, s->takes_unsigned, &seal, &why);
        if (rec) {
            findings_add(f, rec);
            continue;
        }
        f->refused++;
        warn_refused(s, key, seal, &why);
        error_set(err, "the remote cache's record is refused: %s", why.text);
    }
    if (rc < 0 && !at && strcmp(end.text, ENVELOPE_NONE) == 0)
        remote_give_up(s->remote, end.text); /* a page of a proxy, say */
    else if (rc < 0)
        warn_refused(s, key, SEAL_BROKEN, &end);
    if (rc < 0)
        error_set(err, "the remote cache's record is refused: %s", end.text);
    return rc < 0 ? -1 : 0;
}

int share_find(struct share *s, const struct key *key,
               void (*visit)(void *arg, const struct record *rec), void *arg, int *refused,
               struct error *err)
{
    struct findings f = {0};
    struct error why = {""};
    struct buf row;
    int rc = 0;

    s->trouble.text[0] = '\0';
    buf_init(&row, (size_t)2 * ENVELOPE_BYTES_MAX);
    if (!was_seen(s, key))
        rc = get_row(s, key, &row, &why);
    if (rc == 1)
        rc = read_row(s, key, &row, &f, &why);
    buf_release(&row);
    for (size_t i = 0; i < f.n; i++) {
        visit(arg, f.records[i]);
        record_free(f.records[i]);
    }
    free(f.records);
    if (refused)
        *refused = (int)f.refused;
    if (why.text[0]) {
        error_set(err, "%s", why.text);
        s->trouble = why;
    }
    return rc < 0 && !f.n ? -1 : (int)f.n;
}

const char *share_trouble(const struct share *s)
{
    return s->trouble.text[0] ? s->trouble.text : NULL;
}

int share_keep(struct store *store, const struct record *rec, struct error *err)
{
    struct record *there = NULL;
    bool stays = false;

    if (store_get(store, &rec->key, rec->gpu, &there, NULL) == 1)
        stays = there->signer ? is_better(there, rec) : there->nwinners || !rec->nwinners;
    record_free(there);
    return stays ? 0 : store_put(store, rec, err) < 0 ? -1 : 1;
}

/* ---- writing ------------------------------------------------------------------------------- */

bool share_writes(const struct share *s)
{
    struct remote_about about;

    remote_about(s->remote, &about);
    return about.mode == REMOTE_WRITES;
}

static bool is_ours(const struct share *s, const struct envelope *e)
{
    if (!e->is_known)
        return false;
    return s->has_signer ? e->is_signed && !memcmp(&e->signer, &s->signer.public, sizeof e->signer)
                         : !e->is_signed;
}

/* all that stays of the row, into `next`: 1; 0 when the record is not to be added. What cannot be
 * read at its end is left out */
static int keep_others(const struct share *s, const struct buf *row, const struct record *rec,
                       struct buf *next)
{
    struct envelope e;
    size_t at = 0;

    for (int n = 0; n < ENVELOPES_MAX - 1 && envelope_next(row->data, row->len, &at, &e, NULL) == 1;
         n++) {
        struct record *there = NULL;
        bool replaced = false;
        if (is_ours(s, &e))
            there = envelope_open(&e, &rec->key, &s->ring, true, NULL, NULL);
        if (there && strcmp(there->gpu, rec->gpu) == 0) {
            if (is_better(there, rec)) {
                record_free(there);
                return 0;
            }
            replaced = true;
        }
        replaced |= is_ours(s, &e) && !there; /* ours, and broken */
        record_free(there);
        if (!replaced)
            buf_add(next, e.bytes, e.n);
    }
    return 1;
}

int share_put(struct share *s, const struct record *rec, struct error *err)
{
    struct buf row, next;
    int rc;

    if (!s->has_signer && !s->takes_unsigned)
        return share_signer(s, err) ? 0 : -1;
    buf_init(&row, (size_t)2 * ENVELOPE_BYTES_MAX);
    buf_init(&next, ENVELOPE_BYTES_MAX);
    rc = get_row(s, &rec->key, &row, err);
    if (rc >= 0 && envelope_seal(rec, s->has_signer ? &s->signer : NULL, &next, err) < 0)
        rc = -1;
    if (rc >= 0)
        rc = keep_others(s, &row, rec, &next);
    if (rc > 0 && next.full)
        rc =
            error_set(err, "there is no room for the record of %s in the remote cache", rec->entry);
    if (rc > 0 && remote_put(s->remote, &rec->key, next.data, next.len, err) < 0)
        rc = -1;
    buf_release(&row);
    buf_release(&next);
    return rc;
}
