/* cache/journal_row.c - rows and values as bytes; the format is in journal_impl.h.
 *
 * What is read may be anything: lengths are checked before they are believed, a text is unpacked
 * into no more than a value may have, and nothing is JSON until its hash holds. */
#include "cache/journal_impl.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include "cache/hash.h"
#include "runtime/base/log.h"

static const char magic[4] = {'K', 'S', 'R', 1};

enum {
    KIND_AT = sizeof magic,
    LENGTHS_AT = KIND_AT + 1,
    CHECK_AT = LENGTHS_AT + 8,
    CHECK = 8,
    HEAD = CHECK_AT + CHECK,
    VALUE_HEAD = 1 + sizeof(struct hash),
    PACK_FROM = 1024, /* smaller texts gain nothing */
    PACK_LEVEL = 3,
};

static void put_u32(char *at, size_t n)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(n >> (8 * i));
}

static size_t get_u32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;

    return (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
}

void journal_number(size_t number, char key[8])
{
    for (int i = 0; i < 8; i++)
        key[i] = (char)((uint64_t)number >> (8 * (7 - i)));
}

static struct hash head_hash(const char *head, const char *key, size_t nkey)
{
    struct hasher *h = hasher_new();

    hasher_bytes(h, head + KIND_AT, CHECK_AT - KIND_AT);
    hasher_bytes(h, key, nkey);
    return hasher_end(h);
}

static struct hash value_hash(char kind, const char *key, size_t nkey, char packing,
                              const void *text, size_t n)
{
    struct hasher *h = hasher_new();

    hasher_bytes(h, &kind, 1);
    hasher_field(h, key, nkey);
    hasher_bytes(h, &packing, 1);
    hasher_bytes(h, text, n);
    return hasher_end(h);
}

void journal_row_copy(struct buf *b, const struct journal_row *row)
{
    char head[HEAD];
    struct hash hash;

    memcpy(head, magic, sizeof magic);
    head[KIND_AT] = row->kind;
    put_u32(head + LENGTHS_AT, row->nkey);
    put_u32(head + LENGTHS_AT + 4, row->n);
    hash = head_hash(head, row->key, row->nkey);
    memcpy(head + CHECK_AT, hash.byte, CHECK);
    buf_add(b, head, HEAD);
    buf_add(b, row->key, row->nkey);
    if (row->n)
        buf_add(b, row->value, row->n);
}

/* the value's bytes for a text */
static void value_add(struct buf *b, char kind, const char *key, size_t nkey, const char *text)
{
    size_t n = strlen(text), room = ZSTD_compressBound(n);
    char packing = 'j', *packed = NULL;
    struct hash hash;

    if (n >= PACK_FROM) {
        packed = malloc(room);
        if (!packed)
            fatal("out of memory");
        room = ZSTD_compress(packed, room, text, n, PACK_LEVEL);
        if (!ZSTD_isError(room) && room < n) {
            packing = 'z';
            text = packed;
            n = room;
        }
    }
    hash = value_hash(kind, key, nkey, packing, text, n);
    buf_addc(b, packing);
    buf_add(b, hash.byte, sizeof hash.byte);
    buf_add(b, text, n);
    free(packed);
}

int journal_row_add(struct buf *b, char kind, const void *key, size_t nkey, const json_t *value,
                    struct error *err)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    struct journal_row row = {.kind = kind, .key = key, .nkey = nkey};
    struct buf bytes;
    int rc = 0;

    buf_init(&bytes, JOURNAL_VALUE_MAX);
    if (value && !text)
        rc = error_set(err, "a fact cannot be kept: it is no JSON");
    else if (text && strlen(text) > JOURNAL_VALUE_MAX - VALUE_HEAD)
        rc = error_set(err, "a fact of %zu bytes cannot be kept: at most %zu", strlen(text),
                       JOURNAL_VALUE_MAX - VALUE_HEAD);
    if (rc == 0 && text)
        value_add(&bytes, kind, key, nkey, text);
    row.value = bytes.data;
    row.n = bytes.len;
    if (rc == 0)
        journal_row_copy(b, &row);
    buf_release(&bytes);
    free(text);
    return rc;
}

size_t journal_row_read(const char *bytes, size_t n, struct journal_row *row)
{
    struct hash hash;

    if (n < HEAD || memcmp(bytes, magic, sizeof magic) != 0)
        return 0;
    row->kind = bytes[KIND_AT];
    row->nkey = get_u32(bytes + LENGTHS_AT);
    row->n = get_u32(bytes + LENGTHS_AT + 4);
    if (row->nkey > JOURNAL_NAME_MAX || row->n > JOURNAL_VALUE_MAX || n - HEAD < row->nkey + row->n)
        return 0;
    row->key = bytes + HEAD;
    row->value = row->key + row->nkey;
    hash = head_hash(bytes, row->key, row->nkey);
    return memcmp(hash.byte, bytes + CHECK_AT, CHECK) == 0 ? HEAD + row->nkey + row->n : 0;
}

/* the text of a value into a new string */
static char *unpack(const char *bytes, size_t n, size_t *length)
{
    unsigned long long size = ZSTD_getFrameContentSize(bytes, n);
    char *text;

    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
        size > JOURNAL_VALUE_MAX)
        return NULL;
    text = malloc((size_t)size + 1);
    if (!text)
        fatal("out of memory");
    *length = ZSTD_decompress(text, (size_t)size, bytes, n);
    if (!ZSTD_isError(*length) && *length == size)
        return text;
    free(text);
    return NULL;
}

json_t *journal_row_value(const struct journal_row *row, struct error *err)
{
    const char *at = row->value + VALUE_HEAD;
    struct hash stored, actual;
    char *text = NULL;
    json_error_t why;
    json_t *value;
    size_t n;

    if (row->n < VALUE_HEAD || (*row->value != 'j' && *row->value != 'z')) {
        error_set(err, "it does not begin as one");
        return NULL;
    }
    n = row->n - VALUE_HEAD;
    memcpy(stored.byte, row->value + 1, sizeof stored.byte);
    actual = value_hash(row->kind, row->key, row->nkey, *row->value, at, n);
    if (!hash_equal(&stored, &actual)) {
        error_set(err, "its checksum differs");
        return NULL;
    }
    if (*row->value == 'z' && !(at = text = unpack(at, n, &n))) {
        error_set(err, "it cannot be unpacked");
        return NULL;
    }
    value = json_loadb(at, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (!value)
        error_set(err, "it is no JSON: %s", why.text);
    free(text);
    return value;
}
