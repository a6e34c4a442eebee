/* tests/fuzz/lock_fuzz.c - any bytes as a lockfile.
 *
 * One that is read has a text, which reads as the same lockfile again and has the same text; one
 * that is not is refused with its path. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cache/lock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {""};
    struct lockfile *l = lock_parse("x", (const char *)data, size, &err), *again;
    char *text, *more;

    if (!l) {
        if (strncmp(err.text, "x:", 2) != 0)
            abort();
        return 0;
    }
    text = lock_text(l);
    again = lock_parse("x", text, strlen(text), &err);
    if (!again || again->n != l->n)
        abort();
    more = lock_text(again);
    if (strcmp(text, more) != 0)
        abort();
    free(text);
    free(more);
    lock_free(again);
    lock_free(l);
    return 0;
}
