/* tests/fuzz/npy_fuzz.c - any bytes as a .npy file.
 *
 * One that is read has exactly the elements that its size allows, and its header, written anew and
 * read again, says the same; one that is not is refused with its path. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_again(const struct npy *a)
{
    struct error err = {""};
    struct buf header;
    struct npy b;

    buf_init(&header, 1 << 16);
    npy_header(a, &header);
    if (npy_parse(&b, "y", header.data, header.len, header.len + a->count * a->size, &err) ||
        b.kind != a->kind || b.size != a->size || b.ndims != a->ndims || b.count != a->count ||
        b.is_swapped || b.at != header.len || memcmp(b.dims, a->dims, sizeof b.dims) != 0)
        abort();
    buf_release(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {""};
    char text[64];
    struct npy a;

    if (npy_parse(&a, "x", data, size, size, &err)) {
        if (strncmp(err.text, "x: ", 3) != 0)
            abort();
        return 0;
    }
    if (a.at > size || a.count * a.size != size - a.at || (a.count && a.size > size))
        abort();
    npy_text(&a, text, sizeof text);
    same_again(&a);
    return 0;
}
