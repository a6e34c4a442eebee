/* driver/capture/captured.h - what a run of a program was seen to launch.
 *
 * Read from the traces of its processes (runtime/capture/trace.h), which are put together: the same
 * kernel in two processes is one kernel. Then named: by the demangler, and by the user's source. */
#ifndef KS_CAPTURE_CAPTURED_H
#define KS_CAPTURE_CAPTURED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "driver/capture/kernel_name.h"
#include "driver/capture/type.h"

struct arena;
struct error;

struct captured_array {
    size_t param, word;                  /* the address is at this byte of the parameter */
    uint64_t at, allocated, bytes, kept; /* as in the trace */
    bool shared, poison;
    const char *kind;
    bool is_compared;            /* with what it was after the launch */
    uint64_t changed;            /* so many bytes */
    const char *raw, *raw_after; /* the library's files; raw_after: NULL where nothing changed */
    const char *file, *after;    /* the user's, in the folder; NULL: none */
    uint64_t count;              /* elements in them */
};

struct captured_value {
    size_t offset, size;
    unsigned char *bytes;
};

struct captured_launch {
    size_t group;      /* index into the kernel's */
    unsigned long nth; /* launch of this kernel in its process */
    size_t index;      /* among the kernel's captured ones: the number in the files' names */
    struct captured_value *values; /* one a parameter */
    size_t nvalues;
    struct captured_array *arrays;
    size_t narrays;
    const char *result; /* NULL: the program ended in it */
};

struct captured_group { /* launches of one geometry */
    unsigned grid[3], block[3], smem, cluster[3];
    bool cooperative;
    uint64_t launches, nanoseconds;
};

struct captured_param {
    const char *name;
    bool is_named; /* by the source; else "p0" */
    struct type type;
    const char *type_text; /* "float const*"; "" when it is not known */
};

struct captured_tparam {
    const char *name;
    const char *fallback; /* its default; NULL: none */
};

struct captured_kernel {
    const char *mangled, *demangled; /* the same where it is no C++ name */
    const char *label;               /* unique, good for a file's name */
    struct kernel_name name;
    struct captured_param *params;
    size_t nparams;
    const char *source;              /* where it is defined, of those given; NULL: not found */
    struct captured_tparam *tparams; /* of the template there, as many as name.ntargs; or NULL */
    struct captured_group *groups;
    size_t ngroups;
    struct captured_launch *launches;
    size_t nlaunches;
};

struct captured {
    struct arena *arena;
    const char *dir;                 /* as the user named it */
    struct captured_kernel *kernels; /* in the order of their first launch */
    size_t nkernels;
    const char **notes;
    size_t nnotes;
    size_t processes; /* that started CUDA */
};

/* reads the traces in the folder; -1 where one cannot be read */
int captured_read(struct captured *c, struct error *err);
/* the text of one process's trace */
void captured_add(struct captured *c, const char *process, const char *text);
/* names everything; sources may be none. What is wrong with a source is an error */
int captured_name(struct captured *c, const char *const *sources, size_t n, struct error *err);
/* removes the library's own files */
void captured_clean(const char *dir);
/* the type of the elements behind an array's pointer; of a word in a struct: unknown */
struct type captured_element(const struct captured_kernel *k, const struct captured_array *a);
/* "a", or "p0_16" for an address inside of a struct */
const char *captured_array_name(struct arena *arena, const struct captured_kernel *k,
                                const struct captured_array *a);

#endif
