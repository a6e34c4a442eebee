/* Broken cubins: whatever is read of one lies within it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/cubin.h"

static void within(const uint8_t *data, size_t size, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;

    if (at < data || at > data + size || n > (size_t)(data + size - at))
        abort();
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
    arena_free(a);
    return 0;
}
