/* Any bytes as a structure's text for the screen, and as a compiler's messages to be stripped of
 * paths: refused with a reason, and never longer than asked for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/said.h"
#include "driver/build/sandbox.h"
#include "runtime/base/buf.h"

enum { MOST = 500 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const folders[] = {"/home/me", "/home/me/src", NULL};
    const char *text = (const char *)data;
    struct arena *a = arena_new();
    struct buf errors;

    buf_init(&errors, BUF_LIMIT);
    if ((sandbox_screen(text, size, &errors) < 0) != (errors.len > 0))
        abort();
    text = said_bare(a, text, size, folders, MOST);
    if (strlen(text) > MOST)
        abort();
    buf_release(&errors);
    arena_free(a);
    return 0;
}
