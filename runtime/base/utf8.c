#include "runtime/base/utf8.h"

#include <string.h>

/* bytes of the character at p, 0 when it is none: of its encodings the shortest, no surrogate, at
 * most U+10FFFF (RFC 3629, section 4) */
static size_t character(const unsigned char *p, size_t n)
{
    unsigned char low = 0x80, high = 0xbf; /* of the second byte */
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    if (len <= 1)
        return len;
    if (p[0] > 0xf4 || n < len)
        return 0;
    low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : low;
    high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : high;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

size_t utf8_plain(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0, len;

    for (; at < n; at += len) {
        len = character(p + at, n - at);
        /* C1 controls (U+0080 to U+009F) are to some terminals what ESC is */
        if (!len || (p[at] < ' ' && p[at] != '\t' && p[at] != '\n') || p[at] == 0x7f ||
            (p[at] == 0xc2 && p[at + 1] < 0xa0))
            break;
    }
    return at;
}
