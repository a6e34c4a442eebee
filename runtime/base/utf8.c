#include "runtime/base/utf8.h"

#include <jansson.h>
#include <string.h>
#include "runtime/base/buf.h"

/* The length of the character at p: of its encodings the shortest, no surrogate, at most U+10FFFF
 * (RFC 3629, section 4), and not NUL. Of what is none, the length of the piece that one U+FFFD
 * stands for, and *valid is false (Unicode 15, section 3.9: the maximal subpart of an ill-formed
 * subsequence) */
static size_t character(const unsigned char *p, size_t n, bool *valid)
{
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80; /* of the second byte */
    unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;

    *valid = false;
    if (!length || p[0] > 0xf4 || !p[0])
        return 1;
    for (size_t i = 1; i < length; i++) {
        if (i >= n || p[i] < low || p[i] > high)
            return i;
        low = 0x80;
        high = 0xbf;
    }
    *valid = true;
    return length;
}

size_t utf8_plain(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0, length;
    bool valid;

    for (; at < n; at += length) {
        length = character(p + at, n - at, &valid);
        /* C1 controls (U+0080 to U+009F) are to some terminals what ESC is */
        if (!valid || (p[at] < ' ' && p[at] != '\t' && p[at] != '\n') || p[at] == 0x7f ||
            (p[at] == 0xc2 && p[at + 1] < 0xa0))
            break;
    }
    return at;
}

void utf8_add(struct buf *b, const char *bytes, size_t n)
{
    size_t done = 0, at = 0, length;
    bool valid;

    for (; at < n; at += length) {
        length = character((const unsigned char *)bytes + at, n - at, &valid);
        if (!valid) {
            buf_add(b, bytes + done, at - done);
            buf_adds(b, "\xEF\xBF\xBD");
            done = at + length;
        }
    }
    buf_add(b, bytes + done, n - done);
}

json_t *utf8_json(const char *text)
{
    json_t *string = json_string(text ? text : "");
    struct buf valid;

    if (string)
        return string;
    buf_init(&valid, BUF_LIMIT);
    utf8_add(&valid, text, strlen(text));
    string = json_string(buf_text(&valid));
    buf_release(&valid);
    return string;
}
