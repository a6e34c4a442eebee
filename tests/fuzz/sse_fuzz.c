/* tests/fuzz/sse_fuzz.c - any bytes as a stream of events.
 *
 * However a stream is cut into chunks, its events are the same, and they are those of a parser that
 * sees all of it at once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/sse.h"

enum { MOST = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* the events as one text: name, length and data of each */
static int note(void *arg, const char *name, const char *text, size_t n)
{
    struct buf *b = arg;

    if (text[n] != '\0')
        abort();
    buf_addf(b, "%s %zu ", name, n);
    buf_add(b, text, n);
    return 0;
}

static int parse(const char *bytes, size_t n, size_t chunk, struct buf *events)
{
    struct sse s;
    int rc = 0;

    sse_init(&s, MOST, note, events);
    for (size_t at = 0; rc == 0 && at < n; at += chunk) {
        size_t length = n - at < chunk ? n - at : chunk;
        char *copy = malloc(length); /* so that a read past the chunk is seen */
        if (!copy)
            abort();
        memcpy(copy, bytes + at, length);
        rc = sse_feed(&s, copy, length);
        free(copy);
    }
    sse_release(&s);
    return rc;
}

/* the length of a line without its break; *next is behind that */
static size_t line_length(const char *bytes, size_t n, size_t *next)
{
    size_t i = 0;

    while (i < n && bytes[i] != '\r' && bytes[i] != '\n')
        i++;
    *next = i + (i < n) + (i + 1 < n && bytes[i] == '\r' && bytes[i + 1] == '\n');
    return i;
}

/* the standard's words, over the whole text */
static void expect(const char *p, size_t n, struct buf *events)
{
    char name[64] = "";
    size_t lines = 0;
    struct buf data;

    buf_init(&data, BUF_LIMIT);
    if (n >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3))
        p += 3, n -= 3;
    while (n) {
        size_t next, length = line_length(p, n, &next), colon = 0, value;
        if (length == n) /* without its break it is no line yet */
            break;
        while (colon < length && p[colon] != ':')
            colon++;
        value = colon + (colon < length);
        value += value < length && p[value] == ' ';
        if (!length) {
            if (lines)
                note(events, name[0] ? name : "message", buf_text(&data), data.len);
            lines = 0;
            name[0] = '\0';
            buf_clear(&data);
        } else if (colon == 4 && !memcmp(p, "data", 4)) {
            if (lines++)
                buf_addc(&data, '\n');
            buf_add(&data, p + value, length - value);
        } else if (colon == 5 && !memcmp(p, "event", 5)) {
            size_t most = length - value < 63 ? length - value : 63;
            memset(name, 0, sizeof name);
            memcpy(name, p + value, most);
        }
        p += next;
        n -= next;
    }
    buf_release(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct buf whole, pieces, wanted;

    if (size >= MOST)
        return 0;
    buf_init(&whole, BUF_LIMIT);
    buf_init(&pieces, BUF_LIMIT);
    buf_init(&wanted, BUF_LIMIT);
    expect(bytes, size, &wanted);
    if (parse(bytes, size, size + 1, &whole) != 0 || whole.len != wanted.len ||
        memcmp(buf_text(&whole), buf_text(&wanted), whole.len) != 0)
        abort();
    for (size_t chunk = 1; chunk < 6; chunk++) {
        buf_clear(&pieces);
        if (parse(bytes, size, chunk, &pieces) != 0 || pieces.len != whole.len ||
            memcmp(buf_text(&pieces), buf_text(&whole), whole.len) != 0)
            abort();
    }
    buf_release(&whole);
    buf_release(&pieces);
    buf_release(&wanted);
    return 0;
}
