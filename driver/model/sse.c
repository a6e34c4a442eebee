/* driver/model/sse.c - lines, then fields, then events.
 *
 * A line ends with CR, LF or CRLF; a CR at the end of a chunk may have its LF in the next one. An
 * event ends with an empty line, so one that the stream's end cuts off is never handed on. `id` and
 * `retry` are about reconnecting, which these streams do not offer, and are passed over with the
 * fields that do not exist. */
#include "driver/model/sse.h"

#include <stdio.h>
#include <string.h>

void sse_init(struct sse *s, size_t most, sse_event *event, void *arg)
{
    *s = (struct sse){.event = event, .arg = arg};
    buf_init(&s->line, most);
    buf_init(&s->data, most);
}

void sse_release(struct sse *s)
{
    buf_release(&s->line);
    buf_release(&s->data);
}

static int dispatch(struct sse *s)
{
    int rc = 0;

    if (s->has_data) { /* every line of data ended with a break; the last is not part of it */
        s->data.data[--s->data.len] = '\0';
        rc = s->event(s->arg, s->name[0] ? s->name : "message", s->data.data, s->data.len);
    }
    buf_clear(&s->data);
    s->has_data = false;
    s->name[0] = '\0';
    return rc;
}

static int field(struct sse *s, const char *name, size_t n, const char *value, size_t nvalue)
{
    if (n == 4 && !memcmp(name, "data", 4)) {
        buf_add(&s->data, value, nvalue);
        buf_addc(&s->data, '\n');
        s->has_data = true;
        return s->data.full ? -1 : 0;
    }
    if (n == 5 && !memcmp(name, "event", 5)) /* the names that we know are short */
        snprintf(s->name, sizeof s->name, "%.*s", (int)(nvalue < 64 ? nvalue : 64), value);
    return 0;
}

static int end_line(struct sse *s)
{
    const char *line = buf_text(&s->line), *colon = memchr(line, ':', s->line.len);
    size_t n = s->line.len, name = colon ? (size_t)(colon - line) : n,
           value = name + (colon != NULL);
    int rc;

    if (!n)
        return dispatch(s);
    if (value < n && line[value] == ' ')
        value++;
    rc = name ? field(s, line, name, line + value, n - value) : 0; /* ":" begins a comment */
    buf_clear(&s->line);
    return rc;
}

/* how many of the n bytes belong to the mark that a stream may begin with */
static size_t byte_order_mark(struct sse *s, const char *bytes, size_t n)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t i = 0;

    while (i < n && s->begun < 3 && bytes[i] == mark[s->begun]) {
        s->begun++;
        i++;
    }
    if (i < n && s->begun < 3) { /* what looked like one is the first line's */
        buf_add(&s->line, mark, s->begun);
        s->begun = 3;
    }
    return i;
}

int sse_feed(struct sse *s, const char *bytes, size_t n)
{
    size_t at = s->begun < 3 ? byte_order_mark(s, bytes, n) : 0;

    while (at < n) {
        const char *from = bytes + at;
        size_t run = 0;
        int rc;

        if (s->after_cr && *from == '\n') {
            s->after_cr = false;
            at++;
            continue;
        }
        s->after_cr = false;
        while (at + run < n && from[run] != '\n' && from[run] != '\r')
            run++;
        buf_add(&s->line, from, run);
        if (s->line.full)
            return -1;
        at += run;
        if (at == n)
            break;
        s->after_cr = bytes[at++] == '\r';
        rc = end_line(s);
        if (rc)
            return rc;
    }
    return 0;
}
