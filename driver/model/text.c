/* driver/model/text.c */
#include "driver/model/text.h"

#include <string.h>

enum { KEY_SHORT = 8, KEY_BEGIN = 6 };

/* the length of the character at p, or of the piece that one U+FFFD stands for (then *valid is 0):
 * Unicode 15, table 3-7, "maximal subpart of an ill-formed subsequence" of 3.9 */
static size_t character(const unsigned char *p, size_t n, int *valid)
{
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;

    *valid = 0;
    if (!length || p[0] > 0xF4 || !p[0])
        return 1;
    for (size_t i = 1; i < length; i++) {
        if (i >= n || p[i] < low || p[i] > high)
            return i;
        low = 0x80;
        high = 0xBF;
    }
    *valid = 1;
    return length;
}

void text_add(struct buf *b, const char *bytes, size_t n)
{
    size_t done = 0, at = 0;

    while (at < n) {
        int valid;
        size_t length = character((const unsigned char *)bytes + at, n - at, &valid);
        if (!valid) {
            buf_add(b, bytes + done, at - done);
            buf_adds(b, "\xEF\xBF\xBD");
            done = at + length;
        }
        at += length;
    }
    buf_add(b, bytes + done, n - done);
}

void text_scrub(char *text, const char *key)
{
    size_t n = key ? strlen(key) : 0, begin = n < KEY_SHORT ? n : KEY_BEGIN;
    char *at = text;

    if (n < 4) /* no secret, and too short to be told from words */
        return;
    while ((at = n < KEY_SHORT ? strstr(at, key) : memmem(at, strlen(at), key, begin))) {
        /* servers repeat a key with its middle masked: the whole word goes */
        size_t word = n < KEY_SHORT ? n : strcspn(at, " \t\r\n\"'`,;<>()[]{}");
        if (word < begin) /* the key has such characters itself */
            word = begin;
        if (!strncmp(at, key, n) && word < n)
            word = n;
        memset(at, '*', word < 3 ? word : 3);
        memmove(at + 3, at + word, strlen(at + word) + 1);
        at += 3;
    }
}

int64_t text_tokens(size_t n)
{
    return (int64_t)(n / 3 + (n != 0));
}

int64_t text_tokens_most(size_t n)
{
    return (int64_t)(n / 2) + 32; /* 32: what a server wraps a message in */
}
