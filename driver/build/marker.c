#include "driver/build/marker.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *line_end(const char *at, const char *end)
{
    const char *nl = memchr(at, '\n', (size_t)(end - at));

    return nl ? nl : end;
}

bool marker_read(const char *at, const char *end, struct marker *m)
{
    *m = (struct marker){0};
    if (end - at < 5 || at[0] != '#' || at[1] != ' ' || !isdigit((unsigned char)at[2]))
        return false;
    for (at += 2; at < end && isdigit((unsigned char)*at); at++)
        m->line = m->line < 100000000 ? m->line * 10 + (*at - '0') : m->line;
    if (end - at < 3 || at[0] != ' ' || at[1] != '"')
        return false;
    m->name = at += 2;
    for (; at < end && *at != '"'; at++) {
        if (*at == '\\' && at + 1 < end)
            at++;
    }
    if (at >= end)
        return false;
    m->name_len = (size_t)(at - m->name);
    for (at++; at < end; at++) {
        m->enters |= *at == '1';
        m->returns |= *at == '2';
        m->system |= *at == '3';
    }
    return true;
}

char *marker_name(struct arena *a, const struct marker *m)
{
    char *name = arena_alloc(a, m->name_len + 1), *to = name;
    const char *at = m->name, *end = m->name + m->name_len;

    while (at < end) {
        if (*at == '\\' && at + 1 < end && isdigit((unsigned char)at[1]) && end - at >= 4) {
            *to++ = (char)strtol((char[4]){at[1], at[2], at[3], 0}, NULL, 8);
            at += 4;
            continue;
        }
        if (*at == '\\' && at + 1 < end)
            at++;
        *to++ = *at++;
    }
    return name;
}

void marker_quote(struct buf *out, const char *name)
{
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *name);
    }
}

static bool is_named(const struct marker *m, const struct buf *quoted)
{
    return m->name_len == quoted->len && memcmp(m->name, buf_text(quoted), quoted->len) == 0;
}

void marker_rename(const char *text, size_t len, const char *from, const char *to, struct buf *out)
{
    const char *end = text + len, *after;
    struct buf old, new;
    bool is_top = false; /* the line before was a marker of `from` at line 1 */

    buf_init(&old, BUF_LIMIT);
    buf_init(&new, BUF_LIMIT);
    marker_quote(&old, from);
    marker_quote(&new, to);
    for (const char *at = text; at < end; at = after + (after < end)) {
        struct marker m;

        after = line_end(at, end);
        if (!marker_read(at, after, &m)) {
            buf_add(out, at, (size_t)(after - at) + (after < end));
            is_top = false;
            continue;
        }
        if (is_top && m.line == 1 && is_named(&m, &new) && !m.enters && !m.returns) {
            is_top = false;
            continue;
        }
        is_top = m.line == 1 && is_named(&m, &old);
        if (is_named(&m, &old)) {
            buf_add(out, at, (size_t)(m.name - at));
            buf_add(out, new.data, new.len);
            at = m.name + m.name_len;
        }
        buf_add(out, at, (size_t)(after - at) + (after < end));
    }
    buf_release(&old);
    buf_release(&new);
}
