/* Broken cubins: whatever is read of one lies within it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/cubin.h"
#include "driver/build/cubin_screen.h"
#include "runtime/base/buf.h"

static void within(const uint8_t *data, size_t size, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;

    if (at < data || at > data + size || n > (size_t)(data + size - at))
        abort();
}

/* what is screened ends, says why when it refuses, and finds nothing that it has itself allowed */
static void screen(const uint8_t *data, size_t size)
{
    struct cubin_screen alone = {0}, itself = {.original = data, .original_len = size};
    struct buf errors;

    buf_init(&errors, BUF_LIMIT);
    if (cubin_screen(data, size, &alone, &errors) < 0 && !errors.len)
        abort();
    buf_clear(&errors);
    if (cubin_screen(data, size, &itself, &errors) < 0 &&
        strcmp(buf_text(&errors), "what was compiled is no cubin\n") != 0)
        abort();
    buf_release(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const idents[] = {"vadd", "g"};
    struct arena *a = arena_new();
    struct error err = {""};
    const void *bytes;
    struct cubin c;
    size_t n;

    if (cubin_read(a, data, size, &c, &err) == 0) {
        for (size_t i = 0; i < c.n; i++) {
            within(data, size, c.kernels[i].code, c.kernels[i].code_len);
            cubin_kernel_hash(&c.kernels[i]);
        }
        cubin_find(&c, "vadd");
        cubin_code_hash(&c, idents, 2);
    } else if (!err.text[0]) {
        abort();
    }
    if (elf_section(data, size, ".nv.info", &bytes, &n) == 1)
        within(data, size, bytes, n);
    screen(data, size);
    arena_free(a);
    return 0;
}
