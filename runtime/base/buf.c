/* runtime/base/buf.c */
#include "runtime/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"

enum { FIRST_CAP = 128 };

void buf_init(struct buf *b, size_t limit)
{
    /* cap is limit + 1 at most, so that the terminator always has room */
    *b = (struct buf){.limit = limit < (size_t)-1 / 4 ? limit : (size_t)-1 / 4};
}

/* Makes room for n more bytes and the terminator; false when that passes the limit. Once full,
 * later and shorter pieces are dropped too: a text with holes would be worse than a short one. */
static bool buf_reserve(struct buf *b, size_t n)
{
    size_t cap = b->cap ? b->cap : FIRST_CAP;

    if (b->full || n > b->limit - b->len) {
        b->full = true;
        return false;
    }
    if (b->len + n < b->cap)
        return true;
    while (cap <= b->len + n)
        cap *= 2;
    if (cap > b->limit + 1)
        cap = b->limit + 1;
    b->data = realloc(b->data, cap);
    if (!b->data)
        fatal("out of memory (%zu bytes)", cap);
    b->cap = cap;
    b->data[b->len] = '\0';
    return true;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (!buf_reserve(b, n))
        return;
    if (n)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_addv(struct buf *b, const char *format, va_list args)
{
    va_list again;
    int n;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    if (n < 0)
        fatal("a text cannot be formatted: %s", format);
    if (buf_reserve(b, (size_t)n)) {
        vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void buf_addf(struct buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_addv(b, format, args);
    va_end(args);
}

const char *buf_text(const struct buf *b)
{
    return b->data ? b->data : "";
}

char *buf_steal(struct buf *b)
{
    char *data;

    if (!b->data) { /* the caller gets a string in any case */
        data = calloc(1, 1);
        if (!data)
            fatal("out of memory");
    } else {
        data = b->data;
    }
    buf_init(b, b->limit);
    return data;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->full = false;
    if (b->data)
        b->data[0] = '\0';
}

void buf_release(struct buf *b)
{
    free(b->data);
    buf_init(b, b->limit);
}
