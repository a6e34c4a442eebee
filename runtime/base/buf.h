/* runtime/base/buf.h - one growable byte buffer.
 *
 * Invariants: data is NUL-terminated after every call (data[len] == 0) once anything was added;
 * len never exceeds the limit given to buf_init. Running past the limit sets `full` and drops
 * the bytes, so a writer may add freely and test once at the end. Running out of memory ends
 * the program. */
#ifndef KS_BUF_H
#define KS_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL until something is added */
    size_t len, cap, limit;
    bool full;
};

#define BUF_LIMIT ((size_t)1 << 30) /* for a caller with no better limit */

void buf_init(struct buf *b, size_t limit);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* the text so far, "" when empty; valid until the next call */
const char *buf_text(const struct buf *b);
/* gives the bytes to the caller (free() them); the buffer is empty again */
char *buf_steal(struct buf *b);
/* keeps the memory, forgets the bytes */
void buf_clear(struct buf *b);
void buf_release(struct buf *b);

#endif
