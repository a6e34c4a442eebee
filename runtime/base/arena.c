/* runtime/base/arena.c - a list of blocks, each cut from its front.
 *
 * A request larger than a quarter of a block gets a block of its own, put behind the current one,
 * so that one big array does not waste the rest of the block in use. */
#include "runtime/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"

enum { BLOCK_BYTES = 64 * 1024, FIRST_ELEMENTS = 4 };

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *first; /* the one that small requests are cut from */
};

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);

    if (!a)
        fatal("out of memory");
    return a;
}

void arena_free(struct arena *a)
{
    struct block *next;

    if (!a)
        return;
    for (struct block *b = a->first; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

static struct block *block_new(size_t size)
{
    struct block *b = NULL;

    if (size <= SIZE_MAX - sizeof *b)
        b = calloc(1, sizeof *b + size);
    if (!b)
        fatal("out of memory (%zu bytes)", size);
    b->size = size;
    return b;
}

static void *arena_alloc_large(struct arena *a, size_t bytes)
{
    struct block *b = block_new(bytes);

    b->used = bytes;
    if (a->first) {
        b->next = a->first->next;
        a->first->next = b;
    } else {
        a->first = b;
    }
    return b->bytes;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    void *p;

    if (bytes > BLOCK_BYTES / 4)
        return arena_alloc_large(a, bytes);
    bytes = bytes ? (bytes + align - 1) / align * align : align;
    if (!a->first || a->first->size - a->first->used < bytes) {
        struct block *b = block_new(BLOCK_BYTES);
        b->next = a->first;
        a->first = b;
    }
    p = a->first->bytes + a->first->used;
    a->first->used += bytes;
    return p;
}

char *arena_copy(struct arena *a, const char *bytes, size_t n)
{
    char *copy = arena_alloc(a, n + 1);

    if (n)
        memcpy(copy, bytes, n);
    return copy;
}

char *arena_dup(struct arena *a, const char *s)
{
    return s ? arena_copy(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        fatal("a text cannot be formatted: %s", format);
    text = arena_alloc(a, (size_t)n + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}

void *arena_push_(struct arena *a, void **array, size_t *n, size_t element)
{
    void *old, *grown;
    size_t have = *n;

    /* the caller's pointer is of another type than void *: copy it rather than alias it */
    memcpy(&old, array, sizeof old);
    if (have == 0 || (have >= FIRST_ELEMENTS && (have & (have - 1)) == 0)) {
        size_t cap = have ? have * 2 : FIRST_ELEMENTS;
        if (cap > SIZE_MAX / element)
            fatal("out of memory (%zu elements of %zu bytes)", cap, element);
        grown = arena_alloc(a, cap * element);
        if (have)
            memcpy(grown, old, have * element);
        memcpy(array, &grown, sizeof grown);
        old = grown;
    }
    *n = have + 1;
    return (char *)old + have * element;
}
