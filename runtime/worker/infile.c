/* runtime/worker/infile.c - see infile.h.
 *
 * The same file fills every set and every draw, and may be larger than what the host has free: it
 * is never held whole. */
#include "runtime/worker/infile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/error.h"
#include "runtime/base/npy.h"

enum { PIECE = 8 << 20 };

/* ---- does it fit? ---- */

/* how NumPy calls a scalar type, and what people call it */
static const struct {
    char kind;
    const char *name; /* NULL: as npy_text has it */
} of_type[ELEM_TYPES] = {
    [ELEM_OPAQUE] = {'V', NULL},
    [ELEM_F64] = {'f', NULL},
    [ELEM_F32] = {'f', NULL},
    [ELEM_F16] = {'f', NULL},
    [ELEM_BF16] = {'V', "bfloat16 (V2 or u2)"},
    [ELEM_E4M3] = {'V', "float8_e4m3 (V1 or u1)"},
    [ELEM_E5M2] = {'V', "float8_e5m2 (V1 or u1)"},
    [ELEM_I64] = {'i', NULL},
    [ELEM_U64] = {'u', NULL},
    [ELEM_I32] = {'i', NULL},
    [ELEM_U32] = {'u', NULL},
    [ELEM_I16] = {'i', NULL},
    [ELEM_U16] = {'u', NULL},
    [ELEM_I8] = {'i', NULL},
    [ELEM_U8] = {'u', NULL},
    [ELEM_BOOL] = {'b', NULL},
};

static bool scalar_fits(const struct npy *a, const struct shape *s)
{
    char kind = of_type[s->type].kind;

    if (s->type == ELEM_OPAQUE) /* its bytes */
        return a->size == 1 && (a->kind == 'u' || a->kind == 'i');
    return a->size == (unsigned)s->size && (a->kind == kind || (kind == 'V' && a->kind == 'u'));
}

static bool whole_fits(const struct npy *a, const struct shape *s)
{
    if (a->size != (unsigned)(s->size * s->lanes))
        return false;
    if (a->kind == 'V')
        return s->type == ELEM_OPAQUE || s->lanes > 1 || of_type[s->type].kind == 'V';
    return a->kind == 'c' && s->lanes == 2 && elem_is_float(s->type);
}

static bool fits(const struct npy *a, const struct shape *s)
{
    uint64_t parts = (uint64_t)(s->type == ELEM_OPAQUE ? s->size : s->lanes);
    bool is_single = s->type != ELEM_OPAQUE && s->lanes == 1;

    if (a->ndims < s->nextents ||
        memcmp(a->dims, s->extents, (size_t)s->nextents * sizeof *a->dims) != 0)
        return false;
    if (a->ndims == s->nextents)
        return whole_fits(a, s) || (is_single && scalar_fits(a, s));
    return !is_single && a->ndims == s->nextents + 1 && a->dims[s->nextents] == parts &&
           scalar_fits(a, s);
}

/* the array as a file of it would be */
static void wanted_text(const struct shape *s, char *text, size_t cap)
{
    struct npy a = {.kind = of_type[s->type].kind,
                    .size = (unsigned)s->size,
                    .ndims = s->nextents + (s->lanes > 1)};
    char numpy[NPY_TEXT];

    memcpy(a.dims, s->extents, (size_t)s->nextents * sizeof *a.dims);
    if (s->lanes > 1)
        a.dims[s->nextents] = (uint64_t)s->lanes;
    npy_text(&a, numpy, sizeof numpy);
    if (of_type[s->type].name)
        snprintf(text, cap, "%s%s", of_type[s->type].name, numpy + strcspn(numpy, "["));
    else
        snprintf(text, cap, "%s", numpy);
}

/* ---- reading ---- */

static int infile_open(const char *path, const char *array, const struct shape *shape,
                       struct npy *a, struct refusal *r)
{
    struct error err = {""};
    char has[NPY_TEXT], wants[NPY_TEXT];
    int fd = npy_open(path, a, &err);

    if (fd < 0)
        return refuse(r, REFUSE_UNSUPPORTED, "file %s", err.text);
    if (fits(a, shape))
        return fd;
    close(fd);
    npy_text(a, has, sizeof has);
    wanted_text(shape, wants, sizeof wants);
    return refuse(r, REFUSE_UNSUPPORTED, "file %.400s holds %s, '%.80s' is %s here", path, has,
                  array, wants);
}

int infile_check(const char *path, const char *array, const struct shape *shape, struct refusal *r)
{
    struct npy a;
    int fd = infile_open(path, array, shape, &a, r);

    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

/* a bool that is neither 0 nor 1 is nothing to C++ */
static int check_bools(const char *path, const unsigned char *bytes, uint64_t n, struct refusal *r)
{
    for (uint64_t i = 0; i < n; i++)
        if (bytes[i] > 1)
            return refuse(r, REFUSE_UNSUPPORTED, "file %s: a bool is %d, neither 0 nor 1", path,
                          bytes[i]);
    return 0;
}

int infile_upload(const char *path, const char *array, const struct shape *shape, CUdeviceptr to,
                  struct refusal *r)
{
    struct error err = {""};
    struct npy a;
    int fd = infile_open(path, array, shape, &a, r), result = 0;
    uint64_t piece, n;
    void *bytes;

    if (fd < 0)
        return -1;
    piece = PIECE / a.size + 1;
    if (!(bytes = malloc(piece * a.size)))
        result = refuse(r, REFUSE_LIMIT, "out of host memory");
    for (uint64_t i = 0; !result && i < a.count; i += n) {
        n = a.count - i < piece ? a.count - i : piece;
        if (npy_read(fd, &a, path, i, n, bytes, &err))
            result = refuse(r, REFUSE_UNSUPPORTED, "file %s", err.text);
        else if (shape->type == ELEM_BOOL && check_bools(path, bytes, n * a.size, r))
            result = -1;
        else
            result = cuda_check(cu.cuMemcpyHtoD(to + i * a.size, bytes, n * a.size), REFUSE_FAULT,
                                "copying inputs", r);
    }
    free(bytes);
    close(fd);
    return result;
}
