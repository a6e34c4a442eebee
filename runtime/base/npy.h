/* runtime/base/npy.h - arrays in files of NumPy's .npy format.
 *
 * A file is \x93NUMPY, the version (two bytes), the length of the header (little-endian, two bytes
 * in version 1, four in 2 and 3), the header, and the elements. The header is a Python dictionary,
 *
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (64, 128), }
 *
 * with blanks and a newline behind it, so that the elements begin at a multiple of 64.
 *
 * Read are versions 1.0, 2.0 and 3.0, of either byte order, elements of all integers, bool, f2 f4
 * f8, c8 c16 and V (bytes that mean nothing to NumPy: structs, and how its friends write bf16 and
 * fp8). Fortran order is refused where it differs from C's. Files may be of any size: elements are
 * read in pieces. Nothing here knows of CUDA. */
#ifndef KS_NPY_H
#define KS_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

#define NPY_DIMS 32
#define NPY_TEXT 256 /* enough for npy_text of most; longer ones are cut */

struct npy {
    char kind;     /* NumPy's: b(ool), i, u, f, c(omplex), V (bytes) */
    unsigned size; /* bytes an element */
    int ndims;     /* 0: a single element */
    uint64_t dims[NPY_DIMS];
    /* of one that is read: */
    uint64_t count, at; /* elements in all; where the first one begins in the file */
    bool is_swapped;    /* numbers are in the other byte order */
};

/* the header, from the first n bytes of a file of file_size bytes (npy_open passes as many as a
 * header may have); path is for messages */
int npy_parse(struct npy *a, const char *path, const void *bytes, size_t n, uint64_t file_size,
              struct error *err);
/* opens a file and reads its header; returns a descriptor to close, or -1 */
int npy_open(const char *path, struct npy *a, struct error *err);
/* n elements from number `first` on, in this machine's byte order */
int npy_read(int fd, const struct npy *a, const char *path, uint64_t first, uint64_t n, void *to,
             struct error *err);

/* appends the header of kind, size and dims, for who writes the elements behind it himself */
void npy_header(const struct npy *a, struct buf *out);
/* a whole file, by fs_write's rules: always the old one or the new */
int npy_write(const char *path, const struct npy *a, const void *elements, struct error *err);

/* "int64[65]", "float32[64][128]", "bool", "V12[3]" */
void npy_text(const struct npy *a, char *text, size_t cap);

#endif
