/* cache/journal_impl.h - what the files behind journal.h share; for nobody else.
 *
 * Both backends keep rows, and pass them on as the same bytes: the log is these bytes one behind
 * the other, and a child that holds an LMDB environment is told rows so and tells them so.
 *
 *     4   "KSR" and the format of rows, '\1'
 *     1   kind: 'f' fact, 's' step, 'c' cut
 *     4   length of the key, 4 length of the value, both little endian
 *     8   the first bytes of the hash of the 9 before and the key: where a row begins is found by
 *         it again behind damage
 *     n   the key: the name of a fact; of a step its number, of a cut how many steps stay (both
 *         eight bytes, big endian, as LMDB sorts them)
 *     n   the value; none in a cut
 *
 * A value:
 *
 *     1   'j' JSON, 'z' JSON in a frame of zstd
 *     32  hash of kind, key and all that follows: a value under another's name is damage too
 *     n   the text. Of a step: [seconds, "name of the fact"] */
#ifndef KS_JOURNAL_IMPL_H
#define KS_JOURNAL_IMPL_H

#include "cache/journal.h"
#include "runtime/base/buf.h"

#define JOURNAL_SCHEMA 1
#define JOURNAL_VALUE_MAX ((size_t)64 << 20) /* bytes of a fact's text */
#define JOURNAL_PUT_MOST ((size_t)4 << 20)   /* bytes that wait to be written */
#define JOURNAL_ROWS_MAX (JOURNAL_PUT_MOST + JOURNAL_VALUE_MAX + 65536)
#define JOURNAL_RECORDING_MAX ((size_t)64 << 20) /* bytes of a recording's text */

enum { JOURNAL_NAME_MAX = 400 }; /* LMDB's keys end at 511 */

struct journal_row {
    char kind;
    const char *key, *value;
    size_t nkey, n;
};

/* appends a row to b; -1 when the value is no JSON, or too large */
int journal_row_add(struct buf *b, char kind, const void *key, size_t nkey, const json_t *value,
                    struct error *err);
/* appends a row whose value is encoded already */
void journal_row_copy(struct buf *b, const struct journal_row *row);
/* the row that begins at bytes, which it points into; its length, 0 when no whole one is there */
size_t journal_row_read(const char *bytes, size_t n, struct journal_row *row);
/* its value, a new reference; NULL with the reason when it is not what journal_row_add wrote */
json_t *journal_row_value(const struct journal_row *row, struct error *err);
void journal_number(size_t number, char key[8]);

/* where rows are */
struct journal_backend {
    /* gives every row to journal_take: 0; 1 when it is so damaged that there may be more, and
     * nothing can be written behind it; -1 when it cannot be used */
    int (*load)(struct journal *j, struct error *err);
    /* all of the rows or none, on disk when it returns 0; 1 as load; -1 */
    int (*write)(struct journal *j, const struct buf *rows, struct error *err);
    /* hands the rows over to who will write them, whatever becomes of us: 0, or -1. Then nothing
     * else is called before settle, which says as write does what became of them. NULL: there is
     * nobody to hand them to */
    int (*post)(struct journal *j, const struct buf *rows, struct error *err);
    int (*settle)(struct journal *j, const struct buf *rows, struct error *err);
    /* puts what is there aside and begins again, empty */
    int (*renew)(struct journal *j, struct error *err);
    void (*close)(struct journal *j);
};

extern const struct journal_backend journal_lmdb; /* journal_lmdb.c */
extern const struct journal_backend journal_log;  /* journal_log.c */

struct raw_step { /* before it is known whether its fact is there */
    double seconds;
    char *name;
};

struct journal {
    char *path; /* of its folder; of the file that was imported */
    enum journal_mode mode;
    const struct journal_backend *backend; /* NULL: in memory */
    void *kept;                            /* the backend's */
    size_t map; /* bytes of address space to begin with; tests make it small */
    int lock;   /* -1: none */
    int handed; /* the lock of who writes what the writer handed over; -1: none */
    json_t *facts;
    struct journal_step *steps;
    size_t nsteps;
    struct buf put;        /* rows of facts that are not written yet */
    struct buf posted;     /* rows that were handed over, and are not known to be written */
    bool is_cut;           /* a step could not be written: those behind it would lead astray */
    struct raw_step *raw;  /* while it is read */
    size_t nraw, most_raw; /* steps so far; the highest that was there */
    size_t damaged;        /* entries that were left out, and the first of them */
    struct error damage;
};

/* a row that was read, in the order of writing (or steps in their order) */
void journal_take(struct journal *j, const struct journal_row *row);
/* bytes that are no row */
void journal_note_damage(struct journal *j, const char *what);
/* the path of a file of its folder; free() it */
char *journal_file(const struct journal *j, const char *name);
/* takes both locks; -1 with *err, and *busy when another process has them */
int journal_lock(struct journal *j, bool *busy, struct error *err);
void journal_unlock(struct journal *j);
/* as journal_open, with a map of that many bytes to begin with */
struct journal *journal_open_sized(const char *path, enum journal_mode mode, size_t map, bool *busy,
                                   struct error *err);
/* an empty one in memory */
struct journal *journal_new(const char *path, enum journal_mode mode);
int journal_check_name(const char *name, size_t n, struct error *err);
void journal_push_step(struct journal *j, double seconds, const char *name);
/* what journal_import does with the bytes of a file */
struct journal *journal_import_bytes(const char *file, const void *bytes, size_t n,
                                     struct error *err);

#endif
