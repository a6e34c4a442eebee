/* Any text as a compiler's message, and as code: what is shown is in whole lines and within its
 * limit, and no path that begins a line is left. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/evidence.h"
#include "runtime/base/arena.h"

enum { MOST = 500, LAST_LINE = 40 };

static void check_errors(const char *text)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    evidence_errors(text, MOST, &b);
    if (b.len > MOST + LAST_LINE || (b.len && b.data[b.len - 1] != '\n') ||
        strncmp(buf_text(&b), "/home/", 6) == 0 || strstr(buf_text(&b), "\n/home/"))
        abort();
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    const char *text = arena_copy(a, (const char *)data, size);
    struct file file = {.src = source_wrap(a, "t.cu", text, strlen(text))};
    struct spec spec = {.file = &file, .name = "f", .region = {0, strlen(text)}};

    check_errors(text);
    if (!*evidence_class(&spec, NULL) || !*evidence_class(&spec, text))
        abort();
    arena_free(a);
    return 0;
}
