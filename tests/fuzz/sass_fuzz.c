/* Text that is no disassembly, or half of one: nothing is counted twice, and what is named lies in
 * it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/sass.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    char *text = malloc(size ? size : 1); /* of that size, so that reading on is found */
    struct sass s;
    struct buf b;

    if (!text)
        abort();
    if (size)
        memcpy(text, data, size);
    sass_parse(a, text, size, &s);
    buf_init(&b, BUF_LIMIT);
    for (size_t i = 0; i < s.n; i++) {
        uint64_t sum = 0;
        for (size_t k = 0; k < SASS_KINDS; k++)
            sum += s.kernels[i].count[k];
        if (sum > s.kernels[i].total || s.kernels[i].total > size ||
            !memmem(data, size, s.kernels[i].symbol, strlen(s.kernels[i].symbol)))
            abort();
        sass_text(&s.kernels[i], &b);
        sass_find(&s, s.kernels[i].symbol);
    }
    buf_release(&b);
    free(text);
    arena_free(a);
    return 0;
}
