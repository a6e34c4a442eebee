/* driver/capture/arrays.c - from files of bytes to arrays.
 *
 * The library leaves 128 bytes for the header, so an array is finished where it lies, however large
 * it is: the header is written again and the file renamed. What a pool rounded up is cut off. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "driver/capture/write.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/npy.h"
#include "runtime/capture/trace.h"

/* the header is as long as the library's, for one or two dimensions of any size */
static int set_header(int fd, const char *descr, uint64_t count, size_t lanes)
{
    struct npy a = {.kind = descr[1],
                    .size = (unsigned)atoi(descr + 2),
                    .ndims = lanes > 1 ? 2 : 1,
                    .dims = {count, lanes}};
    struct buf header;
    int rc = -1;

    buf_init(&header, BUF_LIMIT);
    npy_header(&a, &header);
    if (header.len == TRACE_NPY_HEADER)
        rc = pwrite(fd, header.data, header.len, 0) == (ssize_t)header.len ? 0 : -1;
    buf_release(&header);
    return rc;
}

static int finish_file(struct captured *c, const char *raw, const char *name, const char *descr,
                       uint64_t count, const struct described_array *a, struct error *err)
{
    const char *from = arena_printf(c->arena, "%s/%s", c->dir, raw),
               *to = arena_printf(c->arena, "%s/%s", c->dir, name);
    int fd = open(from, O_WRONLY | O_CLOEXEC), rc = -1;

    if (fd >= 0 && ftruncate(fd, (off_t)(TRACE_NPY_HEADER + count * a->size)) == 0 &&
        set_header(fd, descr, count, a->type.lanes) == 0 && rename(from, to) == 0)
        rc = 0;
    if (rc)
        error_errno(err, "cannot write %s", to);
    if (fd >= 0)
        close(fd);
    return rc;
}

static bool is_described(const struct description *d, size_t launch)
{
    for (size_t i = 0; i < d->nlaunches; i++)
        if (d->launches[i] == launch)
            return true;
    return false;
}

/* how many elements of the array the launch has: as its extent says, if it has one */
static uint64_t elements(const struct description *d, const struct captured_launch *l,
                         const struct captured_array *x, const struct described_array *a)
{
    return a->counts && is_described(d, l->index) ? a->counts[l->index] : x->kept / a->size;
}

static int finish_array(struct captured *c, const struct description *d, struct captured_launch *l,
                        struct captured_array *x, struct error *err)
{
    const struct captured_kernel *k = d->kernel;
    struct described_array plain = {.param = x->param, .word = x->word};
    const struct described_array *a = &plain;
    const char *stem, *descr;

    plain.type = captured_element(k, x);
    plain.size = plain.type.size ? plain.type.size : 1;
    for (size_t i = 0; i < d->narrays; i++)
        if (d->arrays[i].param == x->param && d->arrays[i].word == x->word)
            a = &d->arrays[i];
    descr = type_descr(c->arena, &a->type, a->size > 1 ? a->size : 0);
    stem = arena_printf(c->arena, "%s.%zu.%s", k->label, l->index,
                        captured_array_name(c->arena, k, x));
    x->count = elements(d, l, x, a);
    x->file = arena_printf(c->arena, "%s.npy", stem);
    if (finish_file(c, x->raw, x->file, descr, x->count, a, err))
        return -1;
    if (!x->raw_after)
        return 0;
    x->after = arena_printf(c->arena, "%s.after.npy", stem);
    return finish_file(c, x->raw_after, x->after, descr, x->count, a, err);
}

int write_arrays(struct captured *c, const struct description *d, struct error *err)
{
    for (size_t i = 0; i < d->kernel->nlaunches; i++) {
        struct captured_launch *l = &d->kernel->launches[i];
        for (size_t x = 0; x < l->narrays; x++)
            if (l->arrays[x].raw && finish_array(c, d, l, &l->arrays[x], err))
                return -1;
    }
    return 0;
}
