/* cache/envelope.h - a record on its way between machines: sealed by who measured it, and believed
 * only when the seal holds.
 *
 * What a remote keeps under a key is a row of envelopes, one behind the other: of several GPU
 * models, and of several who sign. Each is
 *
 *     4   "KSE" and the format of envelopes, '\1'
 *     4   n, little endian
 *     32  the public key of who signed; zeros: nobody did
 *     64  the Ed25519 signature of: "ksearch record 1", NUL, the 32 bytes of the record's key, the
 *         32 bytes below; zeros: nobody did
 *     32  hash of the n bytes that follow
 *     n   a frame of zstd with its size: {"ksearch": 1, "record": a record with its samples}
 *
 * The signature is checked before anything of the frame is looked at. One of a later format has the
 * same first eight bytes behind another number; it is passed over, and kept by who adds to the row.
 */
#ifndef KS_ENVELOPE_H
#define KS_ENVELOPE_H

#include "cache/record.h"
#include "cache/sign.h"

struct buf;

enum { ENVELOPES_MAX = 64, ENVELOPE_BYTES_MAX = 8 << 20 }; /* of a row: so many, so much */

struct envelope { /* a view of one in a row */
    const uint8_t *bytes;
    size_t n;       /* all of it */
    bool is_known;  /* of this format; else no more is known of it */
    bool is_signed; /* by whom: */
    struct public_key signer;
};

enum seal {
    SEAL_GOOD,
    SEAL_BROKEN, /* damaged, or not what was signed, or of another key: nobody's fault or malice */
    SEAL_STRANGER, /* of a key that is not trusted */
    SEAL_NONE,     /* nobody signed it */
    SEAL_LATER,    /* of a later version */
};

#define ENVELOPE_NONE "what is there is no record of ksnvcc" /* an error of envelope_next */

/* the next one of the row at *at, which moves behind it: 1; 0 at the row's end; -1 with *err where
 * something else stands there */
int envelope_next(const void *row, size_t n, size_t *at, struct envelope *e, struct error *err);
/* The record of an envelope that was found under `key`, with record_set_signer; NULL with *err. A
 * signature by a key of the ring is wanted, or none with takes_unsigned. *seal (may be NULL) says
 * what it was */
struct record *envelope_open(const struct envelope *e, const struct key *key,
                             const struct keyring *ring, bool takes_unsigned, enum seal *seal,
                             struct error *err);
/* appends an envelope with the record in it; key NULL: unsigned */
int envelope_seal(const struct record *rec, const struct signing_key *key, struct buf *row,
                  struct error *err);

#endif
