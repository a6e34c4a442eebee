/* tests/fuzz/lock_fuzz.c - any bytes as a lockfile.
 *
 * One that is read has a text, which reads as the same lockfile again and has the same text; one
 * that is not is refused with its path. A text with the markers of a merge conflict has two sides
 * without any, and the two lockfiles that these are become the same one in either order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cache/lock_merge.h"

static void check_merge(const struct lockfile *a, const struct lockfile *b)
{
    struct arena *arena = arena_new();
    struct lockfile *ab = lock_merge(arena, "x", a, b, NULL, NULL, NULL),
                    *ba = lock_merge(arena, "x", b, a, NULL, NULL, NULL);
    char *text = lock_text(ab), *other = lock_text(ba);
    struct error err = {""};
    struct lockfile *again = lock_parse("x", text, strlen(text), &err);

    if (strcmp(text, other) != 0 || !again || again->n < a->n || again->n < b->n)
        abort();
    free(text);
    free(other);
    lock_free(ab);
    lock_free(ba);
    lock_free(again);
    arena_free(arena);
}

static struct lockfile *read_side(const struct buf *text)
{
    struct error err = {""};
    struct lockfile *l = lock_parse("x", buf_text(text), text->len, &err);

    if (!l && strstr(err.text, "a merge conflict is not resolved"))
        abort();
    return l;
}

static void check_sides(const char *text, size_t n)
{
    struct buf first, second;
    struct error err = {""};
    int found;

    buf_init(&first, BUF_LIMIT);
    buf_init(&second, BUF_LIMIT);
    found = lock_sides("x", text, n, &first, &second, &err);
    if (found == 0 && (first.len != n || memcmp(buf_text(&first), text, n) != 0))
        abort();
    if (found < 0 && strncmp(err.text, "x:", 2) != 0)
        abort();
    if (found >= 0) {
        struct lockfile *a = read_side(&first), *b = read_side(&second);
        if (a && b)
            check_merge(a, b);
        lock_free(a);
        lock_free(b);
    }
    buf_release(&first);
    buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {""};
    struct lockfile *l = lock_parse("x", (const char *)data, size, &err), *again;
    char *text, *more;

    check_sides((const char *)data, size);
    if (!l) {
        if (strncmp(err.text, "x:", 2) != 0)
            abort();
        return 0;
    }
    text = lock_text(l);
    again = lock_parse("x", text, strlen(text), &err);
    if (!again || again->n != l->n)
        abort();
    more = lock_text(again);
    if (strcmp(text, more) != 0)
        abort();
    free(text);
    free(more);
    lock_free(again);
    lock_free(l);
    return 0;
}
