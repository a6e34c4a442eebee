/* driver/build/cubin.c
 *
 * What is read of a cubin is what NVIDIA's own tools show of one (readelf, cuobjdump): kernels are
 * functions whose st_other has STO_CUDA_ENTRY; the code of S is section .text.S, its static shared
 * memory the size of .nv.shared.S; registers stand in .nv.info, a list of attributes. From compute
 * capability 9.0 on, the first 1 KiB of a block's shared memory is the system's and counted into
 * the size of .nv.shared.S: a symbol .nv.reservedSmem.offset0 says so. */
#include "driver/build/cubin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/elf.h"

enum {
    EM_CUDA_MACHINE = 190,
    STO_CUDA_ENTRY = 0x10,
    INFO_SIZED = 4,       /* an attribute with its size behind it; others are four bytes in all */
    INFO_REGCOUNT = 0x2f, /* u32 symbol, u32 registers */
    RESERVED_SHARED = 1024,
};

static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* registers of the function with this symbol number; -1 when none are told */
static int registers_of(const struct elf *e, const Elf64_Shdr *info, size_t symbol)
{
    const uint8_t *p = elf_bytes(e, info);
    size_t left = p ? info->sh_size : 0;

    while (left >= 4) {
        size_t size = 4 + (p[0] == INFO_SIZED ? (size_t)(p[2] | p[3] << 8) : 0);
        if (size > left)
            break;
        if (p[0] == INFO_SIZED && p[1] == INFO_REGCOUNT && size >= 12 && u32_at(p + 4) == symbol)
            return (int)(u32_at(p + 8) & 0xffff);
        p += size;
        left -= size;
    }
    return -1;
}

static size_t shared_of(const struct elf *e, const char *symbol, bool reserves)
{
    for (size_t i = 0; i < e->sections; i++) {
        Elf64_Shdr s = elf_header(e, i);
        const char *name = elf_name(e, &s);
        if (strncmp(name, ".nv.shared.", 11) == 0 && strcmp(name + 11, symbol) == 0)
            return reserves && s.sh_size >= RESERVED_SHARED ? s.sh_size - RESERVED_SHARED
                                                            : s.sh_size;
    }
    return 0;
}

struct table { /* a symbol table and what goes with it */
    const struct elf *e;
    const uint8_t *bytes;
    size_t n;
    Elf64_Shdr names, info;
    bool reserves;
};

static Elf64_Sym symbol_at(const struct table *t, size_t i)
{
    Elf64_Sym sym;

    memcpy(&sym, t->bytes + i * sizeof sym, sizeof sym);
    return sym;
}

static bool has_symbol(const struct table *t, const char *wanted)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *name = elf_string(t->e, &t->names, symbol_at(t, i).st_name);
        if (name && strcmp(name, wanted) == 0)
            return true;
    }
    return false;
}

static int add_kernel(struct arena *a, const struct table *t, const char *name, size_t symbol,
                      const Elf64_Sym *sym, struct cubin *out)
{
    const struct elf *e = t->e;
    struct cubin_kernel *k;
    Elf64_Shdr text;

    if (sym->st_shndx >= e->sections)
        return -1;
    text = elf_header(e, sym->st_shndx);
    if (!elf_bytes(e, &text))
        return -1;
    k = arena_push(a, out->kernels, out->n);
    k->symbol = arena_dup(a, name);
    k->code = elf_bytes(e, &text);
    k->code_len = text.sh_size;
    k->shared = shared_of(e, name, t->reserves);
    k->regs = registers_of(e, &t->info, symbol);
    if (k->regs < 0 && text.sh_info >> 24) /* as older toolkits have it */
        k->regs = (int)(text.sh_info >> 24);
    return 0;
}

static int read_symbols(struct arena *a, const struct elf *e, const Elf64_Shdr *table,
                        struct cubin *out)
{
    struct table t = {.e = e, .bytes = elf_bytes(e, table)};

    if (!t.bytes || table->sh_link >= e->sections)
        return -1;
    t.n = table->sh_size / sizeof(Elf64_Sym);
    t.names = elf_header(e, table->sh_link);
    if (!elf_find(e, ".nv.info", &t.info))
        t.info = (Elf64_Shdr){0};
    t.reserves = has_symbol(&t, ".nv.reservedSmem.offset0");
    for (size_t i = 0; i < t.n; i++) {
        Elf64_Sym sym = symbol_at(&t, i);
        const char *name;

        if (ELF64_ST_TYPE(sym.st_info) != STT_FUNC || !(sym.st_other & STO_CUDA_ENTRY) ||
            sym.st_shndx == SHN_UNDEF)
            continue;
        name = elf_string(e, &t.names, sym.st_name);
        if (!name || add_kernel(a, &t, name, i, &sym, out) < 0)
            return -1;
    }
    return 0;
}

int cubin_read(struct arena *a, const void *image, size_t len, struct cubin *out, struct error *err)
{
    struct elf e;

    *out = (struct cubin){0};
    if (elf_open(&e, image, len, err) < 0)
        return -1;
    if (e.header.e_machine != EM_CUDA_MACHINE)
        return error_set(err, "an ELF file, but not for NVIDIA GPUs");
    for (size_t i = 0; i < e.sections; i++) {
        Elf64_Shdr s = elf_header(&e, i);
        if (s.sh_type == SHT_SYMTAB && read_symbols(a, &e, &s, out) < 0)
            return error_set(err, "a cubin that was cut short");
    }
    return 0;
}

const char *cubin_own_name(const char *symbol)
{
    static const char mark[] = "__nv_static_";
    char *end;
    size_t skip;

    if (strncmp(symbol, mark, sizeof mark - 1) != 0)
        return symbol;
    skip = strtoul(symbol + sizeof mark - 1, &end, 10);
    return *end == '_' && skip < strlen(end) && skip + 2 < strlen(end) ? end + 1 + skip + 1
                                                                       : symbol;
}

const char *cubin_next_name(const char **at, size_t *n)
{
    const char *p = **at == 'L' ? *at + 1 : *at;
    char *name;

    if (*p < '1' || *p > '9')
        return NULL;
    *n = strtoul(p, &name, 10);
    if (*n > strlen(name))
        return NULL;
    *at = name + *n;
    return name;
}

/* is there "<length>ident" in what follows the function's own name, its template arguments? */
static bool is_argument(const char *rest, const char *ident, size_t n)
{
    for (const char *at = rest; (at = strstr(at, ident)); at++) {
        const char *number = at;
        while (number > rest && number[-1] >= '0' && number[-1] <= '9')
            number--;
        if (number < at && strtoul(number, NULL, 10) == n)
            return true;
    }
    return false;
}

/* The names of namespaces are read one by one, as those of a unit's own may end with a digit:
 * "_ZN36_GLOBAL__N__31f2b892_4_a_cu_a2f37aa74gemmEPf" has "4gemm" behind 36 bytes */
bool cubin_holds(const char *symbol, const char *ident)
{
    size_t n = strlen(ident), len;

    symbol = cubin_own_name(symbol);
    if (strcmp(symbol, ident) == 0)
        return true;
    if (strncmp(symbol, "_Z", 2) != 0)
        return false;
    const char *at = symbol + (symbol[2] == 'N' ? 3 : 2);
    for (const char *name; (name = cubin_next_name(&at, &len));)
        if (len == n && memcmp(name, ident, n) == 0)
            return true;
    return is_argument(at, ident, n);
}

const struct cubin_kernel *cubin_find(const struct cubin *c, const char *ident)
{
    const struct cubin_kernel *found = NULL;

    for (size_t i = 0; i < c->n; i++) {
        if (!cubin_holds(c->kernels[i].symbol, ident))
            continue;
        if (found)
            return NULL;
        found = &c->kernels[i];
    }
    return found;
}

/* behind "<length>space<length>name" in the symbol; NULL when that is not in it */
const char *cubin_behind(const char *symbol, const char *space, const char *name)
{
    char sized[512];
    const char *at;

    if (snprintf(sized, sizeof sized, "%zu%s%zu%s", strlen(space), space, strlen(name), name) >=
        (int)sizeof sized)
        return NULL;
    at = strstr(symbol, sized);
    return at ? at + strlen(sized) : NULL;
}

const struct cubin_kernel *cubin_find_in(const struct cubin *c, const char *space, const char *name)
{
    const struct cubin_kernel *found = NULL;

    for (size_t i = 0; i < c->n; i++) {
        if (!cubin_behind(c->kernels[i].symbol, space, name))
            continue;
        if (found)
            return NULL;
        found = &c->kernels[i];
    }
    return found;
}

bool cubin_has(const struct cubin *c, const char *ident)
{
    for (size_t i = 0; i < c->n; i++)
        if (cubin_holds(c->kernels[i].symbol, ident))
            return true;
    return false;
}

struct hash cubin_kernel_hash(const struct cubin_kernel *k)
{
    struct hasher *h = hasher_new();

    hasher_number(h, k->regs);
    hasher_number(h, (long long)k->shared);
    hasher_field(h, k->code, k->code_len);
    return hasher_end(h);
}

static bool has_code(const struct cubin *c, const struct cubin_kernel *k)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->kernels[i].symbol, k->symbol) != 0)
            continue;
        struct hash h = cubin_kernel_hash(k), other = cubin_kernel_hash(&c->kernels[i]);
        return hash_equal(&h, &other);
    }
    return false;
}

const struct cubin_kernel *cubin_other_code(const struct cubin *c, const struct cubin *other,
                                            bool (*spared)(void *arg, const char *symbol),
                                            void *arg)
{
    for (size_t i = 0; i < c->n; i++)
        if (!has_code(other, &c->kernels[i]) && !(spared && spared(arg, c->kernels[i].symbol)))
            return &c->kernels[i];
    return NULL;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash));
}

static bool is_wanted(const struct cubin_kernel *k, const char *const *idents, size_t n, bool *seen)
{
    bool wanted = false;

    for (size_t i = 0; i < n; i++) {
        if (cubin_holds(k->symbol, idents[i]))
            wanted = seen[i] = true;
    }
    return wanted;
}

struct hash cubin_code_hash(const struct cubin *c, const char *const *idents, size_t n)
{
    struct arena *a = arena_new();
    struct hash *each = arena_array(a, struct hash, c->n + 1), result = {{0}};
    bool *seen = arena_array(a, bool, n + 1), all = true;
    size_t count = 0;

    for (size_t i = 0; i < c->n; i++) {
        if (is_wanted(&c->kernels[i], idents, n, seen))
            each[count++] = cubin_kernel_hash(&c->kernels[i]);
    }
    for (size_t i = 0; i < n; i++)
        all &= seen[i];
    if (all && count) {
        qsort(each, count, sizeof *each, by_bytes);
        result = hash_bytes(each, count * sizeof *each);
    }
    arena_free(a);
    return result;
}
