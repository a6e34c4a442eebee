/* tests/fuzz/frame_fuzz.c - any bytes on the pipe from a worker.
 *
 * A frame that was read must be written and read again as the same one; anything else must be an
 * error or the end of the stream, in finite time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "runtime/base/frame.h"

static int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("frames", MFD_CLOEXEC);

    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

static void same_again(const json_t *object, const struct buf *blob)
{
    struct error err = {""};
    json_t *again = NULL;
    int fd = file_of("", 0);
    struct buf more;

    buf_init(&more, BUF_LIMIT);
    if (frame_write(fd, object, blob->data, blob->len, &err) < 0 || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    if (frame_read(fd, 1000, NULL, NULL, &again, &more, &err) != 1 || more.len != blob->len ||
        (more.len && memcmp(more.data, blob->data, more.len) != 0) || !json_equal(again, object))
        abort();
    json_decref(again);
    buf_release(&more);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {""};
    int fd = file_of(data, size), rc;
    struct buf blob;
    json_t *object;

    buf_init(&blob, BUF_LIMIT);
    while ((rc = frame_read(fd, 1000, NULL, NULL, &object, &blob, &err)) == 1) {
        same_again(object, &blob);
        json_decref(object);
    }
    if (rc < 0 ? !err.text[0] || object : lseek(fd, 0, SEEK_CUR) != (off_t)size)
        abort();
    buf_release(&blob);
    close(fd);
    return 0;
}
