/* prompt_text.c - see prompt_text.h. */
#include "driver/model/prompt_text.h"

#include <string.h>

/* bytes of the UTF-8 character at p, by RFC 3629 (no surrogates, nothing overlong, at most
 * U+10FFFF); 0: there is none */
static size_t utf8_size(const unsigned char *p)
{
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    if (p[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return n;
}

static size_t without_newlines(const char *text)
{
    size_t n = strlen(text);

    while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    return n;
}

void prompt_text_add(struct buf *out, const char *text)
{
    const char *end = text + without_newlines(text);

    while (text < end) {
        size_t n = utf8_size((const unsigned char *)text);
        if (n == 0 || (n == 1 && (unsigned char)*text < ' ' && *text != '\n' && *text != '\t')) {
            if (*text != '\r') /* of files with DOS line ends */
                buf_adds(out, "\xEF\xBF\xBD");
            n = 1;
        } else {
            buf_add(out, text, n);
        }
        text += n;
    }
}

static size_t longest_fence(const char *text)
{
    size_t most = 0;

    for (const char *p = text; *p;) {
        size_t n = strspn(p, "`");
        most = n > most ? n : most;
        p += n ? n : 1;
    }
    return most;
}

void prompt_text_fence(struct buf *out, const char *language, const char *text)
{
    size_t fence = longest_fence(text) < 3 ? 3 : longest_fence(text) + 1;

    for (size_t i = 0; i < fence; i++)
        buf_addc(out, '`');
    buf_addf(out, "%s\n", language);
    prompt_text_add(out, text);
    if (without_newlines(text))
        buf_addc(out, '\n');
    for (size_t i = 0; i < fence; i++)
        buf_addc(out, '`');
    buf_addc(out, '\n');
}
