/* driver/note.c
 *
 * Reading trusts nothing: an object may come from anywhere. Between notes the linker may put zero
 * bytes to align them. A static library ("!<arch>\n") is a row of members, each behind a header of
 * 60 bytes with its size in decimal at offset 48 and "`\n" at its end; members begin at even
 * offsets, and those that are no ELF file (the index, the long names) have no notes. */
#include "driver/note.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver/build/cubin.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

#define SECTION ".ksearch"
#define ARCHIVE "!<arch>\n"
#define ELF "\177ELF"

enum { ARCHIVE_LEN = 8, ELF_LEN = 4, HEADER_LEN = 60, SIZE_AT = 48, SIZE_LEN = 10, END_AT = 58 };

static bool begins_with(const char *bytes, size_t n, const char *with, size_t len)
{
    return n >= len && memcmp(bytes, with, len) == 0;
}

bool note_is_object(const char *path)
{
    char head[ARCHIVE_LEN];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);

    if (fd >= 0)
        close(fd);
    return n > 0 && (begins_with(head, (size_t)n, ELF, ELF_LEN) ||
                     begins_with(head, (size_t)n, ARCHIVE, ARCHIVE_LEN));
}

static void add_note(json_t *notes, const char *text, size_t n)
{
    json_t *note = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(note)) {
        json_decref(note);
        note = json_pack("{s:s}", "corrupt", "it is no JSON object");
    }
    json_array_append_new(notes, note);
}

static int read_elf(json_t *notes, const char *image, size_t len, struct error *err)
{
    const void *section;
    const char *text, *end;
    size_t n;
    int found = elf_section(image, len, SECTION, &section, &n);

    if (found < 0)
        return error_set(err, "not a whole ELF file");
    if (found == 0)
        return 0;
    text = section;
    for (end = text + n; text < end; text++) {
        size_t length = strnlen(text, (size_t)(end - text));
        if (length)
            add_note(notes, text, length);
        text += length;
    }
    return 0;
}

static int read_archive(json_t *notes, const char *bytes, size_t n, struct error *err)
{
    size_t at = ARCHIVE_LEN;

    while (n - at >= HEADER_LEN) {
        char digits[SIZE_LEN + 1] = {0};
        const char *body = bytes + at + HEADER_LEN;
        size_t size;

        memcpy(digits, bytes + at + SIZE_AT, SIZE_LEN);
        size = strtoul(digits, NULL, 10);
        at += HEADER_LEN;
        if (memcmp(body - HEADER_LEN + END_AT, "`\n", 2) != 0 || size > n - at)
            return error_set(err, "not a whole static library");
        if (begins_with(body, size, ELF, ELF_LEN) && read_elf(notes, body, size, err) < 0)
            return -1;
        at += size;
        at += at & 1 && at < n;
    }
    return 0;
}

json_t *note_read(const char *path, struct error *err)
{
    struct error why = {0};
    json_t *notes = json_array();
    struct buf b;
    int rc;

    buf_init(&b, (size_t)4 << 30);
    rc = fs_read(path, &b, &why);
    if (rc < 0)
        error_set(err, "%s", why.text);
    else if (begins_with(buf_text(&b), b.len, ARCHIVE, ARCHIVE_LEN))
        rc = read_archive(notes, b.data, b.len, &why);
    else
        rc = read_elf(notes, buf_text(&b), b.len, &why);
    if (rc < 0) {
        error_set(err, "%s: %s", path, why.text);
        json_decref(notes);
        notes = NULL;
    }
    buf_release(&b);
    return notes;
}
