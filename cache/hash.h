/* cache/hash.h - 256-bit content hashes (BLAKE2b through libsodium's crypto_generichash). */
#ifndef KS_HASH_H
#define KS_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash {
    uint8_t byte[32];
};

struct hasher; /* opaque; hasher_new .. hasher_end */

struct hasher *hasher_new(void);
void hasher_bytes(struct hasher *h, const void *bytes, size_t n);
/* a length-prefixed field, so that neighbouring fields cannot run together */
void hasher_field(struct hasher *h, const void *bytes, size_t n);
/* as a field; NULL is a field of its own kind */
void hasher_string(struct hasher *h, const char *s);
void hasher_number(struct hasher *h, long long n); /* as a field of eight bytes */
struct hash hasher_end(struct hasher *h);          /* and frees h */

struct hash hash_bytes(const void *bytes, size_t n);
/* 64 lower-case hexadecimal digits and NUL */
void hash_hex(const struct hash *h, char hex[65]);
/* 0, or -1 when hex is not 64 hexadecimal digits */
int hash_parse(const char *hex, struct hash *h);
int hash_equal(const struct hash *a, const struct hash *b);

#endif
