/* cubin_table.c - which kernel is which, where only the compiler knows how their names are mangled.
 *
 * A unit has a table of its kernels' addresses in device memory. Addresses are known when a cubin
 * is loaded, so the compiler leaves a relocation for each entry: its place says which entry it is,
 * its symbol which kernel. */
#include <stdlib.h>
#include <string.h>
#include "driver/build/cubin.h"
#include "driver/build/elf.h"

enum { POINTER = 8 };

struct symbols {
    const struct elf *e;
    Elf64_Shdr table, names;
    const uint8_t *bytes;
    size_t n;
};

static bool symbols_open(const struct elf *e, struct symbols *s)
{
    s->e = e;
    for (size_t i = 0; i < e->sections; i++) {
        s->table = elf_header(e, i);
        if (s->table.sh_type != SHT_SYMTAB || s->table.sh_link >= e->sections)
            continue;
        s->names = elf_header(e, s->table.sh_link);
        s->bytes = elf_bytes(e, &s->table);
        s->n = s->table.sh_size / sizeof(Elf64_Sym);
        return s->bytes != NULL;
    }
    return false;
}

static bool symbol_read(const struct symbols *s, size_t i, Elf64_Sym *sym, const char **name)
{
    if (i >= s->n)
        return false;
    memcpy(sym, s->bytes + i * sizeof *sym, sizeof *sym);
    *name = elf_string(s->e, &s->names, sym->st_name);
    return *name != NULL;
}

static bool table_find(const struct symbols *s, const char *space, const char *table,
                       Elf64_Sym *found)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *name;
        if (symbol_read(s, i, found, &name) && ELF64_ST_TYPE(found->st_info) == STT_OBJECT &&
            found->st_shndx < s->e->sections && cubin_holds(name, space) && strstr(name, table))
            return true;
    }
    return false;
}

/* puts the kernels that the relocations of one section name into their places of the table */
static void relocations_read(struct arena *a, const struct symbols *s, const Elf64_Shdr *rel,
                             const Elf64_Sym *table, const char **symbol, size_t n)
{
    const uint8_t *bytes = elf_bytes(s->e, rel);
    size_t each = rel->sh_type == SHT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);

    for (size_t i = 0; bytes && (i + 1) * each <= rel->sh_size; i++) {
        Elf64_Rel r; /* begins as an Elf64_Rela does */
        Elf64_Sym sym;
        const char *name;
        memcpy(&r, bytes + i * each, sizeof r);
        size_t at = r.r_offset - table->st_value;
        if (r.r_offset >= table->st_value && at % POINTER == 0 && at / POINTER < n &&
            symbol_read(s, ELF64_R_SYM(r.r_info), &sym, &name))
            symbol[at / POINTER] = arena_dup(a, name);
    }
}

int cubin_table(struct arena *a, const void *image, size_t len, const char *space,
                const char *table, const char *const **symbol, size_t *n, struct error *err)
{
    struct symbols s;
    struct elf e;
    Elf64_Sym at;
    const char **found;

    if (elf_open(&e, image, len, err))
        return -1;
    if (!symbols_open(&e, &s) || !table_find(&s, space, table, &at))
        return error_set(err, "the cubin has no table of its kernels");
    *n = at.st_size / POINTER;
    if (*n > e.len) /* each takes more than a byte of the image */
        return error_set(err, "a table of more kernels than the cubin can hold");
    found = arena_array(a, const char *, *n + 1);
    for (size_t i = 0; i < e.sections; i++) {
        Elf64_Shdr rel = elf_header(&e, i);
        if ((rel.sh_type == SHT_RELA || rel.sh_type == SHT_REL) && rel.sh_info == at.st_shndx)
            relocations_read(a, &s, &rel, &at, found, *n);
    }
    for (size_t i = 0; i < *n; i++)
        if (!found[i])
            return error_set(err, "kernel %zu of the table has no name in the cubin", i);
    *symbol = found;
    return 0;
}
