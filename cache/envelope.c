/* cache/envelope.c
 *
 * Reading comes in the order of distrust: sizes, the hash, whether the signer is one of ours, the
 * signature, and only then zstd, JSON and the record's own checks. What is signed names the key
 * under which the record may be found, so a server cannot pass off one record for another. */
#include "cache/envelope.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include "runtime/base/buf.h"
#include "runtime/base/log.h"

#define DOMAIN "ksearch record 1" /* signed with its NUL: the signature is of nothing else */
#define TEXT_MAX ((size_t)8 << 20)

enum { SCHEMA = 1, LEVEL = 9 };

/* where the parts of an envelope are */
enum {
    SIZE_AT = 4,
    SIGNER_AT = 8,
    SIGNATURE_AT = SIGNER_AT + sizeof(struct public_key),
    HASH_AT = SIGNATURE_AT + sizeof(struct signature),
    FRAME_AT = HASH_AT + sizeof(struct hash),
};

static const uint8_t magic[4] = {'K', 'S', 'E', 1};

/* what is signed */
struct signed_bytes {
    char domain[sizeof DOMAIN];
    uint8_t key[32], frame[32];
};
_Static_assert(sizeof(struct signed_bytes) == sizeof DOMAIN + 64, "no padding is signed");

static void fill_signed(struct signed_bytes *s, const struct key *key, const struct hash *frame)
{
    memcpy(s->domain, DOMAIN, sizeof s->domain);
    memcpy(s->key, key->all.byte, sizeof s->key);
    memcpy(s->frame, frame->byte, sizeof s->frame);
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
    while (n && !bytes[n - 1])
        n--;
    return n == 0;
}

/* ---- the row ------------------------------------------------------------------------------- */

int envelope_next(const void *row, size_t n, size_t *at, struct envelope *e, struct error *err)
{
    const uint8_t *bytes;
    size_t left = n - *at, size;

    if (!left)
        return 0;
    bytes = (const uint8_t *)row + *at;
    if (memcmp(bytes, magic, left < 3 ? left : 3) != 0)
        return error_set(err, "%s",
                         *at ? "something that is no record follows one" : ENVELOPE_NONE);
    if (left < FRAME_AT)
        return error_set(err, "a record was cut short");
    size = (size_t)bytes[SIZE_AT] | (size_t)bytes[SIZE_AT + 1] << 8 |
           (size_t)bytes[SIZE_AT + 2] << 16 | (size_t)bytes[SIZE_AT + 3] << 24;
    if (size > left - FRAME_AT)
        return error_set(err, "a record was cut short");
    *e = (struct envelope){.bytes = bytes, .n = FRAME_AT + size};
    *at += e->n;
    e->is_known = bytes[3] == magic[3];
    if (e->is_known) {
        memcpy(e->signer.byte, bytes + SIGNER_AT, sizeof e->signer.byte);
        e->is_signed = !is_zero(bytes + SIGNER_AT, HASH_AT - SIGNER_AT);
    }
    return 1;
}

/* ---- opening ------------------------------------------------------------------------------- */

/* whose it is; what came of it */
static enum seal check_seal(const struct envelope *e, const struct key *key,
                            const struct keyring *ring, bool takes_unsigned, struct error *err)
{
    struct hash stored, actual = hash_bytes(e->bytes + FRAME_AT, e->n - FRAME_AT);
    struct signed_bytes bytes;
    struct signature signature;
    char hex[65];

    memcpy(stored.byte, e->bytes + HASH_AT, sizeof stored.byte);
    memcpy(signature.byte, e->bytes + SIGNATURE_AT, sizeof signature.byte);
    if (!hash_equal(&stored, &actual)) {
        error_set(err, "it is damaged: its checksum differs");
        return SEAL_BROKEN;
    }
    if (!e->is_signed) {
        if (!takes_unsigned)
            error_set(err, "nobody signed it (KSEARCH_REMOTE_UNSIGNED=1 would take it)");
        return SEAL_NONE;
    }
    if (!keyring_name(ring, &e->signer)) {
        public_key_hex(&e->signer, hex);
        error_set(err, "it is signed by the key %s, which is not trusted", hex);
        return SEAL_STRANGER;
    }
    fill_signed(&bytes, key, &stored);
    if (sign_verify(&e->signer, &bytes, sizeof bytes, &signature))
        return SEAL_GOOD;
    error_set(err, "the signature of %s does not hold: it was changed, or is that of another key",
              keyring_name(ring, &e->signer));
    return SEAL_BROKEN;
}

/* the text of the frame into b */
static int unpack(const struct envelope *e, struct buf *b, struct error *err)
{
    const void *frame = e->bytes + FRAME_AT;
    size_t n = e->n - FRAME_AT, got;
    unsigned long long size = ZSTD_getFrameContentSize(frame, n);
    char *text;

    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > TEXT_MAX)
        return error_set(err, "it is no frame of zstd, or one too large");
    text = malloc((size_t)size + 1);
    if (!text)
        fatal("out of memory");
    got = ZSTD_decompress(text, (size_t)size, frame, n);
    if (!ZSTD_isError(got))
        buf_add(b, text, got);
    free(text);
    return ZSTD_isError(got) ? error_set(err, "it cannot be unpacked") : 0;
}

static struct record *read_record(const struct envelope *e, enum seal *seal, struct error *err)
{
    struct record *rec = NULL;
    json_t *root = NULL;
    struct buf b;

    buf_init(&b, TEXT_MAX + 1);
    if (unpack(e, &b, err) == 0)
        root = json_loadb(buf_text(&b), b.len, JSON_REJECT_DUPLICATES, NULL);
    if (root && json_integer_value(json_object_get(root, "ksearch")) > SCHEMA) {
        *seal = SEAL_LATER;
        error_set(err, "it is of a later version of ksnvcc");
    } else if (root && json_integer_value(json_object_get(root, "ksearch")) == SCHEMA) {
        rec = record_from_json(json_object_get(root, "record"), err);
    }
    if (!rec)
        error_set(err, "it holds no record");
    json_decref(root);
    buf_release(&b);
    return rec;
}

struct record *envelope_open(const struct envelope *e, const struct key *key,
                             const struct keyring *ring, bool takes_unsigned, enum seal *seal,
                             struct error *err)
{
    struct record *rec = NULL;
    enum seal is = SEAL_LATER;
    char hex[65];

    if (e->is_known)
        is = check_seal(e, key, ring, takes_unsigned, err);
    else
        error_set(err, "it is of a later version of ksnvcc");
    if (is == SEAL_GOOD || (is == SEAL_NONE && takes_unsigned)) {
        rec = read_record(e, &is, err);
        if (!rec && is != SEAL_LATER)
            is = SEAL_BROKEN;
    }
    if (rec && !hash_equal(&rec->key.all, &key->all)) {
        error_set(err, "it is a record of another key");
        record_free(rec);
        rec = NULL;
        is = SEAL_BROKEN;
    }
    public_key_hex(&e->signer, hex);
    if (rec) /* whatever it says itself */
        record_set_signer(rec, e->is_signed ? hex : "",
                          e->is_signed ? keyring_name(ring, &e->signer) : "");
    if (seal)
        *seal = is;
    return rec;
}

/* ---- sealing ------------------------------------------------------------------------------- */

/* the record as text, without where we have it from; NULL with *err */
static char *record_text(const struct record *rec, struct error *err)
{
    json_t *object = record_to_json(rec, true), *root;
    char *text;

    json_object_del(object, "signed");
    root = json_pack("{s:i, s:o}", "ksearch", SCHEMA, "record", object);
    text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    if (!text || strlen(text) > TEXT_MAX) {
        error_set(err, "the record of %s cannot be sent: %s", rec->entry,
                  text ? "it is too large" : "it is no JSON");
        free(text);
        text = NULL;
    }
    json_decref(root);
    return text;
}

static void add_envelope(struct buf *row, const struct record *rec, const struct signing_key *key,
                         const uint8_t *frame, size_t n)
{
    struct signature signature = {{0}};
    struct public_key signer = {{0}};
    struct hash hash = hash_bytes(frame, n);
    struct signed_bytes bytes;

    fill_signed(&bytes, &rec->key, &hash);
    if (key) {
        signer = key->public;
        sign(key, &bytes, sizeof bytes, &signature);
    }
    buf_add(row, magic, sizeof magic);
    for (int i = 0; i < 4; i++)
        buf_addc(row, (char)(n >> (8 * i) & 0xff));
    buf_add(row, signer.byte, sizeof signer.byte);
    buf_add(row, signature.byte, sizeof signature.byte);
    buf_add(row, hash.byte, sizeof hash.byte);
    buf_add(row, frame, n);
}

int envelope_seal(const struct record *rec, const struct signing_key *key, struct buf *row,
                  struct error *err)
{
    char *text = record_text(rec, err);
    size_t room = text ? ZSTD_compressBound(strlen(text)) : 0, n;
    uint8_t *frame = malloc(room + 1);
    int rc = -1;

    if (!frame)
        fatal("out of memory");
    if (text) {
        n = ZSTD_compress(frame, room, text, strlen(text), LEVEL);
        if (ZSTD_isError(n))
            error_set(err, "the record of %s cannot be packed: %s", rec->entry,
                      ZSTD_getErrorName(n));
        else {
            add_envelope(row, rec, key, frame, n);
            rc =
                row->full ? error_set(err, "there is no room for the record of %s", rec->entry) : 0;
        }
    }
    free(frame);
    free(text);
    return rc;
}
