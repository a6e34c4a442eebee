/* cache/store_value.c
 *
 * The bytes of a value, the same in a database and in a file of its own:
 *
 *     4   "KSR" and the schema of values, '\1'
 *     32  hash of all that follows
 *     n   the record as JSON with samples (cache/record.c), compact
 *
 * The hash finds what neither LMDB nor a file system looks for: bytes that changed where they lay.
 * What decodes still is only what somebody wrote; record_from_json judges it. */
#include "cache/store_impl.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char magic[4] = {'K', 'S', 'R', 1};

enum { HASH_AT = sizeof magic, TEXT_AT = sizeof magic + sizeof(struct hash) };

/* the record as it would be read back, to keep what cannot be read from being written */
static int check_readable(const json_t *object, struct error *err)
{
    struct error why = {0};
    struct record *again = record_from_json(object, &why);

    if (!again)
        return error_set(err, "this record cannot be kept: %s", why.text);
    record_free(again);
    return 0;
}

int store_encode(const struct record *rec, struct buf *b, struct error *err)
{
    json_t *object = record_to_json(rec, true);
    char *text = NULL;
    struct hash hash;
    int rc = -1;

    if (!object)
        return error_set(err, "this record cannot be kept: it holds a number that is not finite");
    if (check_readable(object, err) < 0)
        goto out;
    text = json_dumps(object, JSON_COMPACT);
    if (!text) {
        error_set(err, "this record cannot be kept: it is no JSON");
        goto out;
    }
    hash = hash_bytes(text, strlen(text));
    buf_add(b, magic, sizeof magic);
    buf_add(b, hash.byte, sizeof hash.byte);
    buf_adds(b, text);
    rc = b->full ? error_set(err, "this record cannot be kept: it is too large") : 0;
out:
    free(text);
    json_decref(object);
    return rc;
}

struct record *store_decode(const void *value, size_t n, struct error *err)
{
    const char *bytes = value;
    struct hash stored, actual;
    struct record *rec;
    json_error_t why;
    json_t *object;

    if (n < TEXT_AT || memcmp(bytes, magic, sizeof magic) != 0) {
        error_set(err, "a record in the cache is damaged: it does not begin as one");
        return NULL;
    }
    memcpy(stored.byte, bytes + HASH_AT, sizeof stored.byte);
    actual = hash_bytes(bytes + TEXT_AT, n - TEXT_AT);
    if (!hash_equal(&stored, &actual)) {
        error_set(err, "a record in the cache is damaged: its checksum differs");
        return NULL;
    }
    object = json_loadb(bytes + TEXT_AT, n - TEXT_AT, JSON_REJECT_DUPLICATES, &why);
    if (!object) {
        error_set(err, "a record in the cache is no JSON: %s", why.text);
        return NULL;
    }
    rec = record_from_json(object, err);
    json_decref(object);
    return rec;
}
