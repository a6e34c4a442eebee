/* cache/store_impl.h - what the files behind store.h share; for nobody else. */
#ifndef KS_STORE_IMPL_H
#define KS_STORE_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cache/record.h"
#include "cache/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

/* The layout of a cache folder. One with a higher number belongs to a later version, and is left
 * alone. One with a lower number is read as it is, as every value says for itself what it is, and
 * is ours from the next put on, which takes out what cannot be read */
#define STORE_SCHEMA 1
#define STORE_VALUE_MAX ((size_t)64 << 20)
#define STORE_VALUE_HEAD (4 + sizeof(struct hash)) /* what a value begins with */

/* keeps the value old, rather than the one being put? Runs inside the transaction */
typedef bool store_keeps(const void *old, size_t n);
/* takes the bytes of a value; ends the walk with non-zero */
typedef int store_row(void *arg, const void *value, size_t n);

/* a value that is to go, if it still begins with `head` */
struct store_victim {
    char *name; /* as a walk tells it: LMDB's key; KEY/MODEL of a file */
    size_t nname, bytes;
    char head[STORE_VALUE_HEAD];
    size_t nhead;
    int64_t used; /* when it was last looked up */
};
/* takes the name of a value, and its bytes */
typedef int store_named_row(void *arg, const void *name, size_t nname, const void *value, size_t n);

/* Where values are. Keys are key.all and the GPU model, one behind the other, without a NUL. */
struct store_backend {
    /* 0 when the folder is of our schema or empty; -1 with *err, and *newer set when that is why */
    int (*schema)(struct store *s, bool *newer, struct error *err);
    int (*get)(struct store *s, const void *key, size_t nkey, struct buf *value, struct error *err);
    int (*each)(struct store *s, const void *prefix, size_t n, store_row *row, void *arg,
                struct error *err);
    int (*put)(struct store *s, const void *key, size_t nkey, const void *value, size_t n,
               store_keeps *keeps, struct error *err);
    /* every value with its name */
    int (*walk)(struct store *s, store_named_row *row, void *arg, struct error *err);
    /* removes the victims; how many there were, or -1 */
    int (*remove)(struct store *s, const struct store_victim *v, size_t n, struct error *err);
};

struct store {
    char *dir;
    bool read_only;
    int schema; /* STORE_SCHEMA; tests are of a later version */
    const struct store_backend *backend;
    size_t map;               /* bytes of address space to begin with; tests make it small */
    unsigned long long bytes; /* of all values, as the last put found; 0: not known */
    unsigned patience;        /* seconds that a writer may wait for others; tests make it small */
    struct error refused; /* not empty: a folder of a later version, of which nothing is touched */
};

extern const struct store_backend store_lmdb;  /* store.c */
extern const struct store_backend store_files; /* store_files.c */

/* appends the value of a record to b; -1 when it holds what a record may not */
int store_encode(const struct record *rec, struct buf *b, struct error *err);
/* NULL with the reason when the bytes are not what store_encode wrote */
struct record *store_decode(const void *value, size_t n, struct error *err);
/* the path of a file of the folder (free() it) */
char *store_path(const struct store *s, const char *name);

#endif
