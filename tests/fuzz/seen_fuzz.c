/* tests/fuzz/seen_fuzz.c - any bytes as a memo of what was seen of files, and as its lines.
 *
 * What is believed is, byte for byte, what would be written: of this question, this answer and
 * these lines. One byte more, less or other, and it is not believed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { QUESTION = 12345 };

/* of a copy: the text is cut up */
static int recall(uint64_t question, const char *bytes, size_t n)
{
    struct buf b;
    int answer;

    buf_init(&b, BUF_LIMIT);
    buf_add(&b, bytes, n);
    answer = seen_recall(question, b.data, b.len);
    buf_release(&b);
    return answer;
}

static void never(int answer)
{
    if (answer >= 0)
        abort();
}

static void as_lines(const char *lines, size_t n, bool answer)
{
    struct buf b;
    int got;

    buf_init(&b, BUF_LIMIT);
    seen_text(&b, QUESTION, answer, lines, n);
    got = recall(QUESTION, b.data, b.len);
    if (got >= 0 && (got != answer || n == 0 || lines[n - 1] != '\n' || memchr(lines, 0, n)))
        abort();
    never(recall(QUESTION + 1, b.data, b.len));
    never(recall(QUESTION, b.data, b.len - 1));
    b.data[n * 31 % b.len] ^= 1;
    never(recall(QUESTION, b.data, b.len));
    buf_release(&b);
}

static void as_memo(const char *text, size_t n)
{
    const char *lines = memchr(text, '\n', n);
    struct buf b;
    int answer = recall(QUESTION, text, n);

    if (answer < 0)
        return;
    if (!lines)
        abort();
    lines++;
    buf_init(&b, BUF_LIMIT);
    seen_text(&b, QUESTION, answer, lines, n - (size_t)(lines - text));
    if (b.len != n || memcmp(b.data, text, n) != 0)
        abort();
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size + 1);

    if (!bytes)
        return 0;
    for (size_t i = 0; i < size; i++) /* no name leads out of this folder */
        bytes[i] = (char)(data[i] == '/' ? '_' : data[i]);
    as_memo(bytes, size);
    as_lines(bytes, size, false);
    as_lines(bytes, size, true);
    free(bytes);
    return 0;
}
