/* driver/build/messages.c
 *
 * A warning is a line that begins at the margin and the indented or empty lines behind it; a line
 * that ends with a colon, as in "In function 'f':", belongs to the one below. Copies stand in the
 * same rows as their originals, so a warning that both give is the same text twice. */
#include "driver/build/messages.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define OURS "__ks_"

/* the text without the suffixes of copies */
static void strip_names(const char *text, size_t len, struct buf *out)
{
    const char *end = text + len, *at;

    while ((at = memmem(text, (size_t)(end - text), OURS, sizeof OURS - 1))) {
        buf_add(out, text, (size_t)(at - text));
        while (at < end && (isalnum((unsigned char)*at) || *at == '_'))
            at++;
        text = at;
    }
    buf_add(out, text, (size_t)(end - text));
}

static const char *next_line(const char *at, const char *end)
{
    const char *nl = memchr(at, '\n', (size_t)(end - at));

    return nl ? nl + 1 : end;
}

/* one past the message that begins at `at` */
static const char *message_end(const char *at, const char *end)
{
    bool leads = true; /* so far there are only lines that lead to another */

    while (at < end && (leads || isspace((unsigned char)*at))) {
        const char *next = next_line(at, end);
        leads = next - at > 1 && next[-1] == '\n' && next[-2] == ':';
        at = next;
    }
    return at;
}

static bool is_warning(const char *at, size_t n)
{
    return memmem(at, n, "warning", 7) || memmem(at, n, "remark", 6);
}

void messages_add(struct buf *out, const char *text, size_t len)
{
    struct buf plain;
    const char *at, *end;
    size_t from = out->len;

    buf_init(&plain, BUF_LIMIT);
    strip_names(text, len, &plain);
    at = buf_text(&plain);
    end = at + plain.len;
    for (const char *next; at < end; at = next) {
        size_t n;
        next = message_end(at, end);
        n = (size_t)(next - at);
        if (!is_warning(at, n) || out->len == from ||
            !memmem(out->data + from, out->len - from, at, n))
            buf_add(out, at, n);
    }
    buf_release(&plain);
}
