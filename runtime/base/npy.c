/* runtime/base/npy.c - see npy.h.
 *
 * What is read of a file is believed only after it was compared with the file's size, so whoever
 * reads elements 0 to count stays within it. Every way to be malformed has a sentence of its own:
 * these files come from many tools. */
#include "runtime/base/npy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

static const char MAGIC[] = "\x93NUMPY";
static const char NATIVE = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';

enum {
    MAGIC_SIZE = sizeof MAGIC - 1,
    PREFIX_MOST = MAGIC_SIZE + 2 + 4,
    HEADER_MOST = 1 << 16, /* NumPy's own arrays have less than 200 bytes */
    ALIGN = 64,
    ELEMENT_MOST = 1 << 20
};

/* ---- the dictionary ---- */

struct header { /* the text of one, being read */
    const char *path, *text, *at, *end;
    struct error *err;
};

static int broken(const struct header *h, const char *wanted)
{
    return error_set(h->err, "%s: the header has no %s at its byte %zu", h->path, wanted,
                     (size_t)(h->at - h->text));
}

static void skip_blanks(struct header *h)
{
    while (h->at < h->end && (*h->at == ' ' || *h->at == '\t' || *h->at == '\n' || *h->at == '\r'))
        h->at++;
}

static bool take(struct header *h, char c)
{
    skip_blanks(h);
    if (h->at == h->end || *h->at != c)
        return false;
    h->at++;
    return true;
}

static bool take_word(struct header *h, const char *word)
{
    size_t n = strlen(word);

    skip_blanks(h);
    if ((size_t)(h->end - h->at) < n || memcmp(h->at, word, n) != 0)
        return false;
    h->at += n;
    return true;
}

/* a quoted text of printable characters, at most cap - 1 of them */
static int read_string(struct header *h, char *text, size_t cap)
{
    size_t n = 0;

    skip_blanks(h);
    if (h->at == h->end || (*h->at != '\'' && *h->at != '"'))
        return broken(h, "text in quotes");
    for (const char *p = h->at + 1; p < h->end && n + 1 < cap && *p >= ' ' && *p <= '~'; p++) {
        if (*p == *h->at) {
            text[n] = '\0';
            h->at = p + 1;
            return 0;
        }
        text[n++] = *p;
    }
    return broken(h, "text in quotes");
}

static int read_number(struct header *h, uint64_t *n)
{
    const char *begin;

    skip_blanks(h);
    begin = h->at;
    *n = 0;
    for (; h->at < h->end && *h->at >= '0' && *h->at <= '9'; h->at++)
        if (__builtin_mul_overflow(*n, 10u, n) ||
            __builtin_add_overflow(*n, (unsigned)(*h->at - '0'), n))
            return error_set(h->err, "%s: an extent of the shape does not fit in 64 bits", h->path);
    if (h->at == begin)
        return broken(h, "number");
    if (h->at < h->end && *h->at == 'L') /* Python 2 wrote 3L */
        h->at++;
    return 0;
}

static int read_shape(struct header *h, struct npy *a)
{
    if (!take(h, '('))
        return broken(h, "shape, as in (2, 3),");
    for (a->ndims = 0; !take(h, ')'); a->ndims++) {
        if (a->ndims == NPY_DIMS)
            return error_set(h->err, "%s: an array of more than %d extents", h->path, NPY_DIMS);
        if (read_number(h, &a->dims[a->ndims]))
            return -1;
        if (take(h, ','))
            continue;
        if (a->ndims == 0) /* (3) is a number to Python */
            return broken(h, "comma");
        if (!take(h, ')'))
            return broken(h, "parenthesis");
        a->ndims++;
        break;
    }
    return 0;
}

static bool is_readable(char kind, unsigned long size)
{
    switch (kind) {
    case 'b':
        return size == 1;
    case 'i':
    case 'u':
        return size == 1 || size == 2 || size == 4 || size == 8;
    case 'f':
        return size == 2 || size == 4 || size == 8;
    case 'c':
        return size == 8 || size == 16;
    case 'V':
        return size >= 1 && size <= ELEMENT_MOST;
    }
    return false;
}

/* "<f4", "|V12" */
static int read_descr(struct header *h, struct npy *a)
{
    char text[32], *p = text, *end;
    unsigned long size;

    skip_blanks(h);
    if (h->at < h->end && *h->at == '[')
        return error_set(h->err,
                         "%s: elements with named fields; save them as bytes, "
                         "a.view(f'V{a.itemsize}')",
                         h->path);
    if (read_string(h, text, sizeof text))
        return -1;
    if (*p && strchr("<>|=", *p)) {
        a->is_swapped = (*p == '<' || *p == '>') && *p != NATIVE;
        p++;
    }
    a->kind = *p ? *p++ : '?';
    size = *p >= '1' && *p <= '9' ? strtoul(p, &end, 10) : 0;
    if (!size || *end || !is_readable(a->kind, size))
        return error_set(h->err,
                         "%s: elements of NumPy's type '%s' are not read; those that are: b1, i1 "
                         "to i8, u1 to u8, f2 to f8, c8, c16, V<size>",
                         h->path, text);
    a->size = (unsigned)size;
    a->is_swapped = a->is_swapped && a->kind != 'V' && a->size > 1;
    return 0;
}

static int read_bool(struct header *h, bool *value)
{
    *value = take_word(h, "True");
    return *value || take_word(h, "False") ? 0 : broken(h, "True or False");
}

static int read_dictionary(struct header *h, struct npy *a, bool *fortran)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    bool seen[3] = {false, false, false};
    char key[32];

    if (!take(h, '{'))
        return broken(h, "dictionary");
    while (!take(h, '}')) {
        int k = 0, rc;

        if (read_string(h, key, sizeof key))
            return -1;
        while (k < 3 && strcmp(keys[k], key) != 0)
            k++;
        if (k == 3 || seen[k])
            return error_set(h->err, "%s: the header has '%s' %s", h->path, key,
                             k == 3 ? "in it, which no version of the format has" : "twice");
        seen[k] = true;
        if (!take(h, ':'))
            return broken(h, "colon");
        rc = k == 0 ? read_descr(h, a) : k == 1 ? read_bool(h, fortran) : read_shape(h, a);
        if (rc)
            return -1;
        if (take(h, ','))
            continue;
        if (!take(h, '}'))
            return broken(h, "closing brace");
        break;
    }
    for (int k = 0; k < 3; k++)
        if (!seen[k])
            return error_set(h->err, "%s: the header has no '%s'", h->path, keys[k]);
    skip_blanks(h);
    return h->at == h->end ? 0 : broken(h, "end");
}

/* ---- the whole header ---- */

/* counts the elements, and compares them with what the file has */
static int check_size(struct npy *a, const char *path, uint64_t file_size, struct error *err)
{
    uint64_t bytes;
    bool overflow = false, is_empty = false;

    a->count = 1;
    for (int k = 0; k < a->ndims; k++) {
        is_empty = is_empty || a->dims[k] == 0;
        overflow = __builtin_mul_overflow(a->count, a->dims[k], &a->count) || overflow;
    }
    if (is_empty)
        a->count = 0;
    else if (overflow)
        return error_set(err, "%s: the extents of the shape multiply to more than 64 bits hold",
                         path);
    if (__builtin_mul_overflow(a->count, (uint64_t)a->size, &bytes) || bytes != file_size - a->at)
        return error_set(err,
                         "%s: the header says %" PRIu64 " element%s of %u byte%s, the file holds "
                         "%" PRIu64 " bytes",
                         path, a->count, a->count == 1 ? "" : "s", a->size, a->size == 1 ? "" : "s",
                         file_size - a->at);
    return 0;
}

static int check_order(const struct npy *a, const char *path, struct error *err)
{
    int wide = 0;

    for (int k = 0; k < a->ndims; k++)
        wide += a->dims[k] != 1;
    if (wide < 2 || !a->count)
        return 0;
    return error_set(err, "%s: is in Fortran order; save numpy.ascontiguousarray(a) instead", path);
}

int npy_parse(struct npy *a, const char *path, const void *bytes, size_t n, uint64_t file_size,
              struct error *err)
{
    const unsigned char *b = bytes;
    size_t wide, prefix;
    uint64_t length = 0;
    bool fortran = false;

    memset(a, 0, sizeof *a);
    if (n < MAGIC_SIZE + 2 || memcmp(b, MAGIC, MAGIC_SIZE) != 0)
        return error_set(err, "%s: is no .npy file: it does not begin with \\x93NUMPY", path);
    if (b[MAGIC_SIZE] < 1 || b[MAGIC_SIZE] > 3 || b[MAGIC_SIZE + 1] != 0)
        return error_set(err, "%s: version %d.%d of the format; 1.0, 2.0 and 3.0 are read", path,
                         b[MAGIC_SIZE], b[MAGIC_SIZE + 1]);
    wide = b[MAGIC_SIZE] == 1 ? 2 : 4;
    prefix = MAGIC_SIZE + 2 + wide;
    for (size_t i = wide; n >= prefix && i > 0; i--)
        length = length << 8 | b[MAGIC_SIZE + 1 + i];
    if (n >= prefix && length > HEADER_MOST)
        return error_set(err, "%s: a header of %" PRIu64 " bytes; at most %d are read", path,
                         length, HEADER_MOST);
    if (n < prefix || length > n - prefix || file_size < n)
        return error_set(err, "%s: the file ends within its header", path);
    struct header h = {path, (const char *)b + prefix, (const char *)b + prefix,
                       (const char *)b + prefix + length, err};
    a->at = prefix + length;
    if (read_dictionary(&h, a, &fortran) || check_size(a, path, file_size, err) ||
        (fortran && check_order(a, path, err)))
        return -1;
    return 0;
}

/* ---- files ---- */

/* up to n bytes from `at` on, fewer only at the end of the file; -1 with errno */
static ssize_t read_at(int fd, void *to, size_t n, uint64_t at)
{
    size_t done = 0;

    while (done < n) {
        ssize_t got = pread(fd, (char *)to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static int read_header(int fd, const char *path, struct npy *a, struct error *err)
{
    char *bytes = malloc(PREFIX_MOST + HEADER_MOST);
    struct stat st;
    ssize_t n;
    int rc;

    if (!bytes)
        fatal("out of memory");
    if (fstat(fd, &st) < 0)
        rc = error_errno(err, "cannot read %s", path);
    else if (!S_ISREG(st.st_mode))
        rc = error_set(err, "cannot read %s: it is no regular file", path);
    else if ((n = read_at(fd, bytes, PREFIX_MOST + HEADER_MOST, 0)) < 0)
        rc = error_errno(err, "cannot read %s", path);
    else
        rc = npy_parse(a, path, bytes, (size_t)n, (uint64_t)st.st_size, err);
    free(bytes);
    return rc;
}

int npy_open(const char *path, struct npy *a, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is told, not waited for */

    if (fd < 0)
        return error_errno(err, "cannot read %s", path);
    if (read_header(fd, path, a, err) == 0)
        return fd;
    close(fd);
    return -1;
}

/* turns n numbers of `size` bytes round */
static void swap(unsigned char *p, uint64_t n, unsigned size)
{
    for (; n > 0; n--, p += size)
        for (unsigned i = 0; i < size / 2; i++) {
            unsigned char other = p[i];

            p[i] = p[size - 1 - i];
            p[size - 1 - i] = other;
        }
}

int npy_read(int fd, const struct npy *a, const char *path, uint64_t first, uint64_t n, void *to,
             struct error *err)
{
    size_t bytes = (size_t)(n * a->size);
    ssize_t got;

    if (first > a->count || n > a->count - first)
        return error_set(err, "%s: has %" PRIu64 " elements, not %" PRIu64, path, a->count,
                         first + n);
    got = read_at(fd, to, bytes, a->at + first * a->size);
    if (got < 0)
        return error_errno(err, "cannot read %s", path);
    if ((size_t)got < bytes)
        return error_set(err, "%s: the file was shortened while it was read", path);
    if (a->is_swapped && a->kind == 'c')
        swap(to, n * 2, a->size / 2);
    else if (a->is_swapped)
        swap(to, n, a->size);
    return 0;
}

/* ---- writing ---- */

void npy_header(const struct npy *a, struct buf *out)
{
    struct buf text;
    size_t length;
    char order = a->size == 1 || a->kind == 'V' || a->kind == 'b' ? '|' : NATIVE;

    buf_init(&text, HEADER_MOST);
    buf_addf(&text, "{'descr': '%c%c%u', 'fortran_order': False, 'shape': (", order, a->kind,
             a->size);
    for (int k = 0; k < a->ndims; k++)
        buf_addf(&text, k + 1 < a->ndims ? "%" PRIu64 ", " : "%" PRIu64, a->dims[k]);
    buf_adds(&text, a->ndims == 1 ? ",), }" : "), }");
    while ((MAGIC_SIZE + 2 + 2 + text.len + 1) % ALIGN)
        buf_addc(&text, ' ');
    buf_addc(&text, '\n');
    length = text.len;
    buf_add(out, MAGIC, MAGIC_SIZE);
    buf_add(out, (const char[]){1, 0, (char)(length & 255), (char)(length >> 8)}, 4);
    buf_add(out, text.data, length);
    buf_release(&text);
}

int npy_write(const char *path, const struct npy *a, const void *elements, struct error *err)
{
    uint64_t bytes = a->size;
    struct buf header;
    int rc;

    for (int k = 0; k < a->ndims; k++)
        bytes *= a->dims[k];
    buf_init(&header, HEADER_MOST);
    npy_header(a, &header);
    rc = fs_write_two(path, header.data, header.len, elements, (size_t)bytes, err);
    buf_release(&header);
    return rc;
}

void npy_text(const struct npy *a, char *text, size_t cap)
{
    static const struct {
        char kind;
        const char *name;
    } names[] = {{'b', "bool"}, {'i', "int"}, {'u', "uint"}, {'f', "float"}, {'c', "complex"}};
    size_t used = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].kind == a->kind)
            used = (size_t)snprintf(text, cap, a->kind == 'b' ? "%s" : "%s%u", names[i].name,
                                    a->size * 8);
    if (!used)
        used = (size_t)snprintf(text, cap, "%c%u", a->kind, a->size);
    for (int k = 0; k < a->ndims && used < cap; k++)
        used += (size_t)snprintf(text + used, cap - used, "[%" PRIu64 "]", a->dims[k]);
}
