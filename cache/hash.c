/* cache/hash.c
 *
 * A field is its length as eight little-endian bytes, then the bytes. A missing string has a length
 * that no real one can have, so that NULL and "" differ. */
#include "cache/hash.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"

#define NO_STRING UINT64_MAX

struct hasher {
    crypto_generichash_state state;
};

struct hasher *hasher_new(void)
{
    /* the state asks for more alignment than malloc gives */
    size_t align = _Alignof(struct hasher);
    struct hasher *h = aligned_alloc(align, (sizeof *h + align - 1) / align * align);

    if (!h)
        fatal("out of memory");
    if (sodium_init() < 0)
        fatal("libsodium cannot start");
    crypto_generichash_init(&h->state, NULL, 0, sizeof(struct hash));
    return h;
}

void hasher_bytes(struct hasher *h, const void *bytes, size_t n)
{
    crypto_generichash_update(&h->state, bytes, n);
}

static void hasher_u64(struct hasher *h, uint64_t n)
{
    unsigned char le[8];

    for (int i = 0; i < 8; i++)
        le[i] = (unsigned char)(n >> (8 * i));
    hasher_bytes(h, le, sizeof le);
}

void hasher_field(struct hasher *h, const void *bytes, size_t n)
{
    hasher_u64(h, n);
    hasher_bytes(h, bytes, n);
}

void hasher_string(struct hasher *h, const char *s)
{
    if (s)
        hasher_field(h, s, strlen(s));
    else
        hasher_u64(h, NO_STRING);
}

void hasher_number(struct hasher *h, long long n)
{
    hasher_u64(h, 8);
    hasher_u64(h, (uint64_t)n);
}

struct hash hasher_end(struct hasher *h)
{
    struct hash hash;

    crypto_generichash_final(&h->state, hash.byte, sizeof hash.byte);
    free(h);
    return hash;
}

struct hash hash_bytes(const void *bytes, size_t n)
{
    struct hasher *h = hasher_new();

    hasher_bytes(h, bytes, n);
    return hasher_end(h);
}

void hash_hex(const struct hash *h, char hex[65])
{
    sodium_bin2hex(hex, 65, h->byte, sizeof h->byte);
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int hash_parse(const char *hex, struct hash *h)
{
    struct hash hash;

    for (size_t i = 0; i < sizeof hash.byte; i++) {
        int high = digit_value(hex[2 * i]), low;

        if (high < 0 || (low = digit_value(hex[2 * i + 1])) < 0)
            return -1;
        hash.byte[i] = (uint8_t)(high * 16 + low);
    }
    if (hex[2 * sizeof hash.byte])
        return -1;
    *h = hash;
    return 0;
}

int hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}
