/* driver/build/cubin_screen.c
 *
 * State between launches is how a kernel "computes" an answer once and gives it away in every timed
 * launch. In device code alone it has one home: variables in global memory, which a cubin has in
 * sections .nv.global (zeros) and .nv.global.init. A const table lies there too, and nothing in the
 * cubin tells one from the other, so it must be made __constant__ or constexpr.
 *
 * What the driver is to provide (vprintf, malloc, __assertfail) are undefined functions. The stack
 * stands in .nv.info: a list of attributes, of four bytes and a size each; 0x12 is "u32 symbol, u32
 * bytes" of the least stack that a kernel needs. The size of the parameters stands in
 * .nv.info.NAME: 0x19, with the bytes in place of the size; it is not there when there are none.
 *
 * Names of what only its file sees hold a number of the file, which differs from unit to unit:
 * "N33_INTERNAL_46f5f9ae_4_c_cu...", "__nv_static_24__46f5f9ae_4_c_cu..._x". Compared is the rest.
 */
#include "driver/build/cubin_screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/build/cubin.h"
#include "driver/build/elf.h"
#include "runtime/base/buf.h"
#include "runtime/base/demangle.h"

enum {
    EM_CUDA_MACHINE = 190,
    STO_CUDA_ENTRY = 0x10,
    INFO_SIZED = 4,
    INFO_STACK = 0x12,   /* u32 symbol, u32 bytes */
    INFO_PARAMS = 0x19,  /* bytes of parameters */
    MOST_PARAMS = 32764, /* that a launch may have, from compute capability 7.0 on */
    MOST_FINDINGS = 50,
};

struct image { /* a cubin's symbols */
    struct elf e;
    Elf64_Shdr names;
    const uint8_t *symbols;
    size_t n;
};

struct screen {
    const struct cubin_screen *limits;
    struct image image, original;
    struct buf *errors;
    int findings;
};

static void finding(struct screen *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void finding(struct screen *s, const char *format, ...)
{
    va_list args;

    if (s->findings++ >= MOST_FINDINGS)
        return;
    va_start(args, format);
    buf_addv(s->errors, format, args);
    va_end(args);
    buf_addc(s->errors, '\n');
}

/* ---- symbols --------------------------------------------------------------------------------- */

static int image_open(struct image *m, const void *bytes, size_t len)
{
    struct error err = {""};

    *m = (struct image){.symbols = NULL};
    if (elf_open(&m->e, bytes, len, &err) < 0)
        return -1;
    for (size_t i = 0; i < m->e.sections; i++) {
        Elf64_Shdr table = elf_header(&m->e, i);
        if (table.sh_type != SHT_SYMTAB || table.sh_link >= m->e.sections ||
            !elf_bytes(&m->e, &table))
            continue;
        m->names = elf_header(&m->e, table.sh_link);
        m->symbols = elf_bytes(&m->e, &table);
        m->n = table.sh_size / sizeof(Elf64_Sym);
        return 0;
    }
    return -1;
}

/* NULL: it has no name within the image */
static const char *symbol_at(const struct image *m, size_t i, Elf64_Sym *sym)
{
    memcpy(sym, m->symbols + i * sizeof *sym, sizeof *sym);
    return elf_string(&m->e, &m->names, sym->st_name);
}

static const char *section_name(const struct image *m, const Elf64_Sym *sym)
{
    Elf64_Shdr s;

    if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= m->e.sections)
        return "";
    s = elf_header(&m->e, sym->st_shndx);
    return elf_name(&m->e, &s);
}

/* bytes of a length and what it counts, when that names the unit's file; else 0 */
static size_t unit_part(const char *at)
{
    char *end;
    size_t n = strtoul(at, &end, 10), left = strlen(end);

    if (*at < '1' || *at > '9' || n > left ||
        (strncmp(end, "_INTERNAL_", 10) != 0 && strncmp(end, "_GLOBAL__N_", 11) != 0))
        return 0;
    return (size_t)(end - at) + n;
}

/* The names that a mangled one begins with, but for the unit's, are copied whole: they may end with
 * a digit. Moves *symbol behind them; how many bytes there are in out then */
static size_t copy_names(const char **symbol, char *out, size_t cap)
{
    size_t n = strncmp(*symbol, "_Z", 2) != 0 ? 0 : (*symbol)[2] == 'N' ? 3 : 2, len;
    const char *at = *symbol + n;

    memcpy(out, *symbol, n);
    *symbol = at;
    while (n && cubin_next_name(&at, &len)) {
        size_t whole = (size_t)(at - *symbol);
        if (!unit_part(*symbol) && n + whole < cap) {
            memcpy(out + n, *symbol, whole);
            n += whole;
        }
        *symbol = at;
    }
    return n;
}

/* the same name without the unit's: in `out`, cut where that is full */
static void own_name(const char *symbol, char *out, size_t cap)
{
    symbol = cubin_own_name(symbol);
    size_t n = copy_names(&symbol, out, cap);
    while (*symbol && n + 1 < cap) {
        size_t skip = n && out[n - 1] >= '0' && out[n - 1] <= '9' ? 0 : unit_part(symbol);
        symbol += skip;
        if (!skip)
            out[n++] = *symbol++;
    }
    out[n] = '\0';
}

static bool same_name(const char *a, const char *b)
{
    char x[1024], y[1024];

    own_name(a, x, sizeof x);
    own_name(b, y, sizeof y);
    return strcmp(x, y) == 0;
}

typedef bool symbol_kind(const struct image *m, const Elf64_Sym *sym, const char *name);

static bool is_global(const struct image *m, const Elf64_Sym *sym, const char *name)
{
    /* tables of the toolkit's mathematical functions; sandbox_screen keeps others from that name */
    if (strncmp(name, "__cudart_", 9) == 0)
        return false;
    return ELF64_ST_TYPE(sym->st_info) == STT_OBJECT &&
           strncmp(section_name(m, sym), ".nv.global", 10) == 0;
}

static bool is_service(const struct image *m, const Elf64_Sym *sym, const char *name)
{
    (void)m;
    /* .nv.reservedSmem.offset0 and the like are the toolkit's own */
    return sym->st_shndx == SHN_UNDEF && *name && strncmp(name, ".nv.", 4) != 0 &&
           ELF64_ST_TYPE(sym->st_info) <= STT_FUNC;
}

static bool is_kernel(const struct image *m, const Elf64_Sym *sym, const char *name)
{
    (void)m;
    return ELF64_ST_TYPE(sym->st_info) == STT_FUNC && sym->st_shndx != SHN_UNDEF &&
           (sym->st_other & STO_CUDA_ENTRY) && *name;
}

static bool original_has(const struct screen *s, symbol_kind *kind, const char *wanted)
{
    for (size_t i = 0; i < s->original.n; i++) {
        Elf64_Sym sym;
        const char *name = symbol_at(&s->original, i, &sym);
        if (name && kind(&s->original, &sym, name) && same_name(name, wanted))
            return true;
    }
    return false;
}

/* as its author wrote it, without the namespace that a variant stands in; free() it */
static char *author_name(const char *symbol)
{
    char own[1024], *name, *space, *end;

    own_name(symbol, own, sizeof own);
    name = demangle(own);
    if (!name)
        name = strdup(own);
    if (!name)
        return NULL;
    space = strstr(name, "ksearch_space");
    end = space ? strstr(space, "::") : NULL;
    if (end)
        memmove(space, end + 2, strlen(end + 2) + 1);
    return name;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The value of attribute `what` in a section: of one with a symbol, that of this symbol. -1: it is
 * not there */
static long long attribute(const struct image *m, const char *section, int what, size_t symbol)
{
    Elf64_Shdr s;
    const uint8_t *p = elf_find(&m->e, section, &s) ? elf_bytes(&m->e, &s) : NULL;
    size_t left = p ? s.sh_size : 0;

    while (left >= 4) {
        size_t sized = p[0] == INFO_SIZED ? (size_t)(p[2] | p[3] << 8) : 0;
        if (sized > left - 4)
            break;
        if (p[1] == what && p[0] != INFO_SIZED)
            return p[2] | p[3] << 8;
        if (p[1] == what && sized >= 8 && u32_at(p + 4) == symbol)
            return u32_at(p + 8);
        p += 4 + sized;
        left -= 4 + sized;
    }
    return -1;
}

/* ---- findings -------------------------------------------------------------------------------- */

static void screen_global(struct screen *s, const char *name)
{
    char *own = author_name(name);

    if (strncmp(name, "$str", 4) == 0)
        finding(s, "a string lies in device memory: kernels of a structure only compute");
    else
        finding(s,
                "%s is a variable in device memory, which outlives a launch: use shared memory, "
                "registers or scratch(...); make a table of constants __constant__",
                own ? own : name);
    free(own);
}

static void screen_service(struct screen *s, const char *name)
{
    static const struct {
        const char *name, *is;
    } known[] = {
        {"vprintf", "printf"},
        {"malloc", "malloc or new"},
        {"free", "free or delete"},
        {"__assertfail", "assert"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i].name) == 0)
            name = known[i].is;
    }
    finding(s, "%s is not allowed: kernels of a structure only compute", name);
}

static void screen_kernel(struct screen *s, const char *name, size_t symbol)
{
    size_t most = s->limits->most_stack ? s->limits->most_stack : CUBIN_STACK;
    char section[2048], *own = author_name(name);
    long long stack = attribute(&s->image, ".nv.info", INFO_STACK, symbol);

    Elf64_Shdr info;

    /* a kernel without parameters has the section, but not the attribute */
    if (snprintf(section, sizeof section, ".nv.info.%s", name) >= (int)sizeof section ||
        !elf_find(&s->image.e, section, &info) ||
        attribute(&s->image, section, INFO_PARAMS, symbol) > MOST_PARAMS)
        finding(s, "%s: the machine code does not say how large its parameters are",
                own ? own : name);
    if (stack < 0 || (size_t)stack > most)
        finding(s,
                stack < 0 || stack == UINT32_MAX
                    ? "%s: its stack has no bound: no recursion, and no calls through pointers"
                    : "%s: a thread's stack has %lld bytes, and %zu are allowed: keep large arrays "
                      "in shared memory",
                own ? own : name, stack, most);
    free(own);
}

static void screen_symbol(struct screen *s, size_t i)
{
    Elf64_Sym sym;
    const char *name = symbol_at(&s->image, i, &sym);

    if (!name)
        return;
    if (is_global(&s->image, &sym, name) && !original_has(s, is_global, name))
        screen_global(s, name);
    else if (is_service(&s->image, &sym, name) && !original_has(s, is_service, name))
        screen_service(s, name);
    else if (is_kernel(&s->image, &sym, name) && !original_has(s, is_kernel, name))
        screen_kernel(s, name, i);
}

int cubin_screen(const void *image, size_t len, const struct cubin_screen *limits,
                 struct buf *errors)
{
    struct screen s = {.limits = limits, .errors = errors};

    if (image_open(&s.image, image, len) < 0 || s.image.e.header.e_machine != EM_CUDA_MACHINE) {
        finding(&s, "what was compiled is no cubin");
        return -1;
    }
    if (limits->original && image_open(&s.original, limits->original, limits->original_len) < 0)
        s.original.n = 0;
    for (size_t i = 0; i < s.image.n; i++)
        screen_symbol(&s, i);
    if (s.findings > MOST_FINDINGS)
        buf_addf(errors, "... and %d more\n", s.findings - MOST_FINDINGS);
    return s.findings ? -1 : 0;
}
