/* runtime/capture/arrays.c
 *
 * What is an array is found by asking the driver about every aligned word of every parameter. Its
 * range is from the address to the end of the allocation, since nobody knows how much of it the
 * kernel uses; or to the next argument's address in the same allocation, for programs that hand out
 * parts of a pool.
 *
 * Contents move in pieces through one buffer, so the largest array costs no more memory than the
 * smallest, and are compared with the file they were in before the launch. */
#include "runtime/capture/arrays.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "runtime/capture/trace.h"

enum {
    ARRAYS = 256,
    PARAMS = 1024,
    PIECE = 16 << 20,
};
#define LEAST_SPACE ((unsigned long long)256 << 20) /* bytes to leave on the disk */

struct array {
    size_t param, word;
    CUdeviceptr address, base;
    size_t allocated, bytes, kept;
    const char *kind;
    bool shared, poison;
};

struct shot {
    unsigned long number;
    CUstream stream;
    struct array arrays[ARRAYS];
    size_t n;
    char *piece, *before; /* PIECE bytes each */
};

/* ---- finding them ---- */

static bool attribute(void *value, CUpointer_attribute what, CUdeviceptr address)
{
    return driver.cuPointerGetAttribute(value, what, address) == CUDA_SUCCESS;
}

static const char *kind_of(CUdeviceptr address)
{
    unsigned type = 0, managed = 0;

    if (!attribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, address))
        return NULL;
    if (attribute(&managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, address) && managed)
        return "managed";
    return type == CU_MEMORYTYPE_DEVICE ? "device" : type == CU_MEMORYTYPE_HOST ? "host" : NULL;
}

static void add_array(struct shot *s, size_t param, size_t word, CUdeviceptr address)
{
    struct array *a = &s->arrays[s->n];

    memset(a, 0, sizeof *a);
    if (address < 4096 || !(a->kind = kind_of(address)) ||
        !attribute(&a->base, CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, address) ||
        !attribute(&a->allocated, CU_POINTER_ATTRIBUTE_RANGE_SIZE, address) || address < a->base ||
        address - a->base >= a->allocated)
        return;
    if (s->n + 1 == ARRAYS) {
        book_note("more than %d pointers in one launch: the others are left out", ARRAYS - 1);
        return;
    }
    a->param = param;
    a->word = word;
    a->address = address;
    a->bytes = a->base + a->allocated - address;
    s->n++;
}

static void find_arrays(struct shot *s, size_t param, const void *bytes, size_t offset, size_t size)
{
    CUdeviceptr address;

    /* words are aligned in the parameter buffer, where the parameter itself begins at `offset` */
    for (size_t word = (8 - offset % 8) % 8; word + sizeof address <= size; word += 8) {
        memcpy(&address, (const char *)bytes + word, sizeof address);
        add_array(s, param, word, address);
    }
}

static void cut_at_next(struct shot *s, struct array *a)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct array *b = &s->arrays[i];
        if (b->base == a->base && b->address > a->address && b->address - a->address < a->bytes) {
            a->bytes = b->address - a->address;
            a->shared = true;
        }
    }
}

/* ---- copying ---- */

static CUresult fetch(const struct shot *s, char *to, const struct array *a, size_t at, size_t n)
{
    CUresult rc;

    if (strcmp(a->kind, "host") == 0) { /* the stream was waited for */
        memcpy(to, (const char *)a->address + at, n);
        return CUDA_SUCCESS;
    }
    rc = driver.cuMemcpyDtoHAsync(to, a->address + at, n, s->stream);
    return rc == CUDA_SUCCESS ? driver.cuStreamSynchronize(s->stream) : rc;
}

/* a version 1.0 header of one-byte elements. The engine, which knows the type, writes another of
 * the same length */
static void npy_header(char header[TRACE_NPY_HEADER], size_t bytes)
{
    char text[TRACE_NPY_HEADER];
    int n = snprintf(text, sizeof text,
                     "{'descr': '|u1', 'fortran_order': False, 'shape': (%zu,), }", bytes);

    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = TRACE_NPY_HEADER - 10;
    header[9] = 0;
    memset(header + 10, ' ', TRACE_NPY_HEADER - 10);
    memcpy(header + 10, text, (size_t)n);
    header[TRACE_NPY_HEADER - 1] = '\n';
}

static bool put(int fd, const char *at, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static bool is_poison(const char *bytes, size_t n)
{
    const uint32_t word = TRACE_POISON_WORD;

    for (size_t i = 0; i + sizeof word <= n; i += sizeof word)
        if (memcmp(bytes + i, &word, sizeof word) != 0)
            return false;
    return n >= sizeof word;
}

static size_t count_changed(const char *a, const char *b, size_t n)
{
    size_t changed = 0;

    if (memcmp(a, b, n) == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        changed += a[i] != b[i];
    return changed;
}

static bool has_room(const char *path, size_t bytes)
{
    struct statvfs fs;
    char dir[4200];
    char *slash;

    snprintf(dir, sizeof dir, "%s", path);
    slash = strrchr(dir, '/');
    if (slash)
        *slash = '\0';
    return statvfs(dir, &fs) != 0 ||
           (unsigned long long)fs.f_bavail * fs.f_frsize > bytes + LEAST_SPACE;
}

/* Copies the array into a new file. With `old` (an open file of what it was before) counts what
 * changed, else looks for poison. false, without the file, when that failed */
static bool keep(struct shot *s, struct array *a, const char *path, int old, size_t *changed)
{
    char header[TRACE_NPY_HEADER];
    int fd = has_room(path, a->kept) ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
                                     : (errno = ENOSPC, -1);
    CUresult rc = CUDA_SUCCESS;
    bool ok;

    npy_header(header, a->kept);
    ok = fd >= 0 && put(fd, header, sizeof header);
    a->poison = old < 0;
    for (size_t at = 0, n; ok && at < a->kept; at += n) {
        n = a->kept - at < PIECE ? a->kept - at : PIECE;
        rc = fetch(s, s->piece, a, at, n);
        ok = rc == CUDA_SUCCESS && put(fd, s->piece, n);
        if (ok && old >= 0)
            ok = pread(old, s->before, n, (off_t)(TRACE_NPY_HEADER + at)) == (ssize_t)n;
        if (ok && old >= 0)
            *changed += count_changed(s->piece, s->before, n);
        a->poison = a->poison && ok && is_poison(s->piece, n);
    }
    if (!ok)
        book_note("an array of %zu bytes could not be kept: %s", a->kept,
                  rc != CUDA_SUCCESS ? api_error(rc) : strerror(errno));
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    if (!ok)
        unlink(path);
    return ok;
}

/* ---- a launch ---- */

static void add_param(struct shot *s, struct text *t, size_t p, const void *bytes, size_t offset,
                      size_t size)
{
    text_addf(t, "param %lu %zu %zu %zu ", s->number, p, offset, size);
    for (size_t i = 0; i < size; i++)
        text_addf(t, "%02x", ((const unsigned char *)bytes)[i]);
    text_addf(t, "\n");
    find_arrays(s, p, bytes, offset, size);
}

static void take_array(struct shot *s, size_t i, size_t most, struct text *t)
{
    struct array *a = &s->arrays[i];
    char path[4300];

    cut_at_next(s, a);
    a->kept = a->bytes < most ? a->bytes : most;
    book_raw_path(path, sizeof path, s->number, i, "");
    if (!keep(s, a, path, -1, NULL))
        a->kept = 0;
    text_addf(t, "array %lu %zu %zu %zu %llu %zu %zu %zu %d %s %d\n", s->number, i, a->param,
              a->word, (unsigned long long)(a->address - a->base), a->allocated, a->bytes, a->kept,
              a->shared, a->kind, a->poison);
}

struct shot *shot_take(struct launch *launch, const struct choice *choice, size_t most)
{
    struct shot *s = calloc(1, sizeof *s);
    struct text t = {0};
    size_t offset, size;
    const void *bytes;

    if (!s || !(s->piece = malloc(PIECE)) || !(s->before = malloc(PIECE))) {
        book_note("no memory to capture a launch");
        if (s)
            free(s->piece);
        free(s);
        return NULL;
    }
    s->number = choice->launch;
    s->stream = launch->stream;
    text_addf(&t, "launch %lu %d %lu\n", s->number, choice->group, choice->nth);
    for (size_t p = 0; p < PARAMS && (bytes = launch_param(launch, p, &offset, &size)); p++)
        add_param(s, &t, p, bytes, offset, size);
    driver.cuStreamSynchronize(s->stream); /* for arrays in host memory */
    for (size_t i = 0; i < s->n; i++)
        take_array(s, i, most, &t);
    text_addf(&t, "before %lu\n", s->number);
    book_write(&t);
    return s;
}

static void finish_array(struct shot *s, size_t i, struct text *t)
{
    struct array *a = &s->arrays[i];
    char path[4300], old_path[4300];
    size_t changed = 0;
    int old;

    book_raw_path(old_path, sizeof old_path, s->number, i, "");
    book_raw_path(path, sizeof path, s->number, i, ".after");
    old = a->kept ? open(old_path, O_RDONLY | O_CLOEXEC) : -1;
    if (old < 0)
        return;
    if (keep(s, a, path, old, &changed)) {
        text_addf(t, "after %lu %zu %zu\n", s->number, i, changed);
        if (changed == 0)
            unlink(path);
    }
    close(old);
}

void shot_finish(struct shot *s, CUresult result)
{
    struct text t = {0};

    if (result == CUDA_SUCCESS)
        result = driver.cuStreamSynchronize(s->stream);
    for (size_t i = 0; result == CUDA_SUCCESS && i < s->n; i++)
        finish_array(s, i, &t);
    text_addf(&t, "done %lu %s\n", s->number,
              result == CUDA_SUCCESS ? "CUDA_SUCCESS" : api_error(result));
    book_write(&t);
    free(s->piece);
    free(s->before);
    free(s);
}
