#include "runtime/worker/missing.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct image {
    char *data;
    size_t len;
    const Elf64_Phdr *segment;
    size_t nsegments;
    uint64_t tag[DT_JMPREL + 1]; /* values of the dynamic section, by number */
    bool now;                    /* functions are looked for when it is opened, too */
};

static bool is_within(const struct image *e, uint64_t at, uint64_t bytes)
{
    return at <= e->len && bytes <= e->len - at;
}

static bool read_header(struct image *e)
{
    Elf64_Ehdr h;

    if (!is_within(e, 0, sizeof h))
        return false;
    memcpy(&h, e->data, sizeof h);
    if (memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 || h.e_ident[EI_CLASS] != ELFCLASS64 ||
        h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phoff % sizeof(uint64_t) != 0 ||
        !is_within(e, h.e_phoff, (uint64_t)h.e_phnum * sizeof(Elf64_Phdr)))
        return false;
    e->segment = (const Elf64_Phdr *)(const void *)(e->data + h.e_phoff);
    e->nsegments = h.e_phnum;
    return true;
}

/* the bytes that are loaded to an address; NULL when the file has not so many there */
static char *loaded(const struct image *e, uint64_t address, uint64_t bytes)
{
    for (size_t i = 0; i < e->nsegments; i++) {
        const Elf64_Phdr *p = &e->segment[i];
        uint64_t at = address - p->p_vaddr;
        if (p->p_type == PT_LOAD && address >= p->p_vaddr && at <= p->p_filesz &&
            bytes <= p->p_filesz - at && is_within(e, p->p_offset, p->p_filesz))
            return e->data + p->p_offset + at;
    }
    return NULL;
}

static bool read_dynamic(struct image *e)
{
    const Elf64_Phdr *p = e->segment, *end = p + e->nsegments;
    Elf64_Dyn d;

    while (p < end && p->p_type != PT_DYNAMIC)
        p++;
    if (p == end || !is_within(e, p->p_offset, p->p_filesz))
        return false;
    for (uint64_t at = 0; at + sizeof d <= p->p_filesz; at += sizeof d) {
        memcpy(&d, e->data + p->p_offset + at, sizeof d);
        if (d.d_tag >= 0 && d.d_tag <= DT_JMPREL)
            e->tag[d.d_tag] = d.d_un.d_val;
        e->now |= d.d_tag == DT_BIND_NOW || (d.d_tag == DT_FLAGS && d.d_un.d_val & DF_BIND_NOW) ||
                  (d.d_tag == DT_FLAGS_1 && d.d_un.d_val & DF_1_NOW);
    }
    return e->tag[DT_SYMTAB] != 0;
}

/* a weak symbol that is defined nowhere is no error */
static void make_weak(struct image *e, uint64_t number)
{
    char *at = loaded(e, e->tag[DT_SYMTAB] + number * sizeof(Elf64_Sym), sizeof(Elf64_Sym));
    Elf64_Sym s;

    if (!number || !at)
        return;
    memcpy(&s, at, sizeof s);
    if (s.st_shndx != SHN_UNDEF || ELF64_ST_BIND(s.st_info) != STB_GLOBAL)
        return;
    s.st_info = ELF64_ST_INFO(STB_WEAK, ELF64_ST_TYPE(s.st_info));
    memcpy(at, &s, sizeof s);
}

static void allow(struct image *e, uint64_t address, uint64_t bytes)
{
    const char *at = loaded(e, address, bytes);
    Elf64_Rela r;

    for (uint64_t i = 0; at && i + sizeof r <= bytes; i += sizeof r) {
        memcpy(&r, at + i, sizeof r);
        make_weak(e, ELF64_R_SYM(r.r_info));
    }
}

void missing_allow(void *object, size_t len)
{
    struct image e = {.data = object, .len = len};

    if (!read_header(&e) || !read_dynamic(&e))
        return;
    allow(&e, e.tag[DT_RELA], e.tag[DT_RELASZ]);
    if (e.now)
        allow(&e, e.tag[DT_JMPREL], e.tag[DT_PLTRELSZ]);
}
