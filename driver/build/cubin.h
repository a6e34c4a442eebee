/* driver/build/cubin.h - kernels in a cubin (ELF, machine EM_CUDA), read with <elf.h>.
 *
 * Bounds are checked everywhere: a cubin may come from a cache or a broken compile. */
#ifndef KS_CUBIN_H
#define KS_CUBIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cache/hash.h"
#include "runtime/base/arena.h"
#include "runtime/base/error.h"

struct cubin_kernel {
    const char *symbol;  /* mangled */
    const uint8_t *code; /* .text.SYMBOL */
    size_t code_len;
    int regs;      /* a thread; -1 when the cubin does not say */
    size_t shared; /* static bytes a block, without what the system reserves */
};

struct cubin {
    struct cubin_kernel *kernels;
    size_t n;
};

/* the kernels of an ELF image that stays in memory */
int cubin_read(struct arena *a, const void *image, size_t len, struct cubin *out,
               struct error *err);
/* the kernel whose mangled name holds the identifier ident as a whole source name (length-prefixed,
 * "10vadd__ks12"); NULL if none or several */
const struct cubin_kernel *cubin_find(const struct cubin *c, const char *ident);
/* does it hold any kernel of that name? */
bool cubin_has(const struct cubin *c, const char *ident);
/* hash of one kernel's machine code with registers and shared memory, names aside: equal code gives
 * equal hashes */
struct hash cubin_kernel_hash(const struct cubin_kernel *k);
/* hash over the set of kernels whose mangled name holds one of the n identifiers (each found once,
 * ordered by hash); a zero hash when one is missing */
struct hash cubin_code_hash(const struct cubin *c, const char *const *idents, size_t n);
/* the first kernel of c whose machine code is another in `other`, or that is not there; `spared`
 * (may be NULL) is asked whether that is nothing against it. NULL: there is none */
const struct cubin_kernel *cubin_other_code(const struct cubin *c, const struct cubin *other,
                                            bool (*spared)(void *arg, const char *symbol),
                                            void *arg);
/* a symbol without what -rdc=true puts before the names of a unit's own functions:
 * "__nv_static_24__ed91f219_5_st_cu__Z1fPi_" before "_Z1kPi" */
const char *cubin_own_name(const char *symbol);
/* one of the names that a mangled name begins with, "4gemm", or "L4gemm" where it is static: its n
 * bytes, and *at behind it; NULL where none stands there */
const char *cubin_next_name(const char **at, size_t *n);
/* does a mangled name hold "<length>ident", or is it the identifier itself (extern "C")? */
bool cubin_holds(const char *symbol, const char *ident);
/* behind "<length>space<length>name" in a mangled name; NULL when that is not in it */
const char *cubin_behind(const char *symbol, const char *space, const char *name);
/* the kernel `name` that stands directly in the namespace `space`; NULL if none, or several (of a
 * template) */
const struct cubin_kernel *cubin_find_in(const struct cubin *c, const char *space,
                                         const char *name);
/* The kernels whose addresses stand in a table of pointers in device memory, in its order: the
 * variable `table` in the namespace `space`. Their symbols into *symbol (of the arena),
 * how many there are into *n; -1 when there is no such table or it holds anything else */
int cubin_table(struct arena *a, const void *image, size_t len, const char *space,
                const char *table, const char *const **symbol, size_t *n, struct error *err);
/* a section of an ELF object or executable by name: 1 and its bytes, 0 when there is none, -1 when
 * it is no ELF file */
int elf_section(const void *image, size_t len, const char *name, const void **bytes, size_t *n);
/* Makes what the shared object at path needs and does not define weak, so that it can be loaded
 * without the user's other files: missing data and functions are at address 0, and only using them
 * is a fault. Symbols that libraries do provide are found as ever. */
int elf_weaken(const char *path, struct error *err);

#endif
