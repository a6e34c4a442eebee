/* driver/model/text.c */
#include "driver/model/text.h"

#include <string.h>

enum { KEY_SHORT = 8, KEY_BEGIN = 6 };

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
