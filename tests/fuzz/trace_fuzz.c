/* tests/fuzz/trace_fuzz.c - any bytes as the trace of a captured program.
 *
 * Whatever can be made of it is described, written as annotations and put into an index. An
 * annotation that is not all comment is read again, and mistakes in it may only be about the kernel
 * below it, which is not this one. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/capture/write.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* every line is a comment or a pragma */
static void check_block(const char *text)
{
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        require(strncmp(line, "//", 2) == 0 || strncmp(line, "#pragma ksearch ", 16) == 0);
        require(strchr(line, '\n') != NULL);
    }
}

static void check_kernel(struct captured *c, struct captured_kernel *k, struct description *d)
{
    struct buf text;

    require(k->nlaunches > 0 && *k->label && !strchr(k->label, '/'));
    *d = describe(c, k);
    require(d->nlaunches >= 1 && d->nlaunches <= k->nlaunches);
    for (size_t i = 0; i < d->narrays; i++)
        require(d->arrays[i].extent && d->arrays[i].size > 0);
    buf_init(&text, BUF_LIMIT);
    write_block(c, d, "/", &text);
    check_block(buf_text(&text));
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct captured c = {.arena = arena_new(), .dir = "/nowhere/at/all"};
    struct description *d;

    captured_add(&c, "1", arena_copy(c.arena, (const char *)data, size));
    require(captured_name(&c, NULL, 0, NULL) == 0);
    d = arena_array(c.arena, struct description, c.nkernels + 1);
    for (size_t i = 0; i < c.nkernels; i++)
        if (c.kernels[i].nlaunches > 0)
            check_kernel(&c, &c.kernels[i], &d[i]);
    json_decref(write_index(&c, d)); /* NULL where a name is no UTF-8 */
    arena_free(c.arena);
    return 0;
}
