/* tests/fuzz/envelope_fuzz.c - any bytes as what a remote keeps under a key, and as a list of
 * trusted keys.
 *
 * A row is walked to its end, and nothing in it is believed: not even by who takes what nobody
 * signed, unless it is a record of the key that was asked for. With a frame of any bytes in an
 * envelope that is right around it, zstd, JSON and the record's reader are reached. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cache/envelope.h"
#include "runtime/base/buf.h"

static void walk(const uint8_t *data, size_t size, const struct key *key,
                 const struct keyring *ring)
{
    struct envelope e;
    struct error err = {""};
    size_t at = 0, before = 0;
    int rc;

    while ((rc = envelope_next(data, size, &at, &e, &err)) == 1) {
        struct error why = {""};
        enum seal seal;
        struct record *rec = envelope_open(&e, key, ring, true, &seal, &why);
        if (at <= before || at > size || e.bytes != data + before || e.n != at - before)
            abort();
        before = at;
        if (!rec != (why.text[0] != '\0') || (rec && !hash_equal(&rec->key.all, &key->all)))
            abort();
        if (seal == SEAL_GOOD || (rec && (seal != SEAL_NONE || *rec->signer)))
            abort(); /* nobody can sign */
        record_free(rec);
    }
    if (rc < 0 && !err.text[0])
        abort();
    if (rc == 0 && at != size)
        abort();
}

/* the bytes as the frame of an envelope that nobody signed */
static void wrapped(const uint8_t *data, size_t size, const struct key *key,
                    const struct keyring *ring)
{
    static const uint8_t zeros[96];
    struct hash hash = hash_bytes(data, size);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_add(&b, "KSE\1", 4);
    for (int i = 0; i < 4; i++)
        buf_addc(&b, (char)(size >> (8 * i) & 0xff));
    buf_add(&b, zeros, sizeof zeros);
    buf_add(&b, hash.byte, sizeof hash.byte);
    buf_add(&b, data, size);
    walk((const uint8_t *)b.data, b.len, key, ring);
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keyring ring = {0};
    struct public_key public = {{1}};
    struct error err = {""};
    struct key key = {0}; /* that the seeds are of */

    if (keyring_parse(&ring, "x", (const char *)data, size, &err) < 0 &&
        strncmp(err.text, "x:", 2) != 0)
        abort();
    keyring_add(&ring, &public, "somebody");
    walk(data, size, &key, &ring);
    wrapped(data, size, &key, &ring);
    keyring_release(&ring);
    return 0;
}
