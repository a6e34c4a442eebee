/* cache/sign.h - whose record is this? Ed25519 keys (libsodium), and which of them are trusted.
 *
 * A key is a line of text, in files and in variables alike; 64 hexadecimal digits and what people
 * call it:
 *
 *     ksearch-public:0d3f... ci
 *     ksearch-secret:9a01... ci       the seed; in a file that only its owner may read
 *
 * The list of trusted keys is a file of such public lines; blank lines and those that begin with #
 * are skipped. */
#ifndef KS_SIGN_H
#define KS_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/base/error.h"

enum { SIGN_NAME_MAX = 64 };

struct public_key {
    uint8_t byte[32];
};

struct signature {
    uint8_t byte[64];
};

struct signing_key { /* a secret: clear it after use */
    uint8_t secret[64];
    struct public_key public;
    char name[SIGN_NAME_MAX + 1];
};

struct trusted_key {
    struct public_key key;
    char name[SIGN_NAME_MAX + 1];
};

struct keyring {
    char *path; /* of the list; NULL: it was given as text, or no home is known */
    struct trusted_key *keys;
    size_t n;
};

/* ---- the key that signs ---- */

/* KSEARCH_SIGNING_KEY, else signing-key in $XDG_CONFIG_HOME/ksearch, else in ~/.config/ksearch;
 * free() it. NULL when no home is known, or the variable holds the key itself */
char *signing_key_path(void);
/* makes a key and writes it to a new file, 0600, whole or not at all; one that is there stays */
int signing_key_make(const char *path, const char *name, struct signing_key *key,
                     struct error *err);
/* 1 and the key; 0: there is none. -1 with *err, where it may not be used: others can read the
 * file, say. The text of a secret is in no message */
int signing_key_read(struct signing_key *key, struct error *err);
void signing_key_clear(struct signing_key *key);
void sign(const struct signing_key *key, const void *bytes, size_t n, struct signature *s);

/* ---- those that are trusted ---- */

/* KSEARCH_TRUSTED_KEYS (a file, or the lines themselves), else trusted-keys in the folder above. A
 * list that is not there is an empty one, unless it was named. -1 with *err, which says where: then
 * nobody is trusted */
int keyring_read(struct keyring *ring, struct error *err);
/* the same from a text; path is for messages */
int keyring_parse(struct keyring *ring, const char *path, const char *text, size_t n,
                  struct error *err);
/* also trust this one, unless it is there */
void keyring_add(struct keyring *ring, const struct public_key *key, const char *name);
/* what the list calls the key; NULL: it is not trusted */
const char *keyring_name(const struct keyring *ring, const struct public_key *key);
void keyring_release(struct keyring *ring);

bool sign_verify(const struct public_key *key, const void *bytes, size_t n,
                 const struct signature *s);
void public_key_hex(const struct public_key *key, char hex[65]);
/* "ksearch-public:0d3f... ci"; free() it */
char *public_key_line(const struct public_key *key, const char *name);

#endif
