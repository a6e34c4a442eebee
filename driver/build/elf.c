#include "driver/build/elf.h"

#include <string.h>
#include "driver/build/cubin.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static bool within(const struct elf *e, uint64_t at, uint64_t n)
{
    return at <= e->len && n <= e->len - at;
}

Elf64_Shdr elf_header(const struct elf *e, size_t i)
{
    Elf64_Shdr s;

    memcpy(&s, e->image + e->header.e_shoff + i * sizeof s, sizeof s);
    return s;
}

int elf_open(struct elf *e, const void *image, size_t len, struct error *err)
{
    *e = (struct elf){.image = image, .len = len};
    if (len < sizeof e->header)
        return error_set(err, "no ELF file");
    memcpy(&e->header, image, sizeof e->header);
    if (memcmp(e->header.e_ident, ELFMAG, SELFMAG) != 0 ||
        e->header.e_ident[EI_CLASS] != ELFCLASS64 || e->header.e_ident[EI_DATA] != ELFDATA2LSB)
        return error_set(err, "no 64-bit ELF file");
    e->sections = e->header.e_shnum;
    if (e->sections && e->header.e_shentsize != sizeof(Elf64_Shdr))
        return error_set(err, "an ELF file with sections of a strange kind");
    /* more sections than e_shnum can say: the first one's size counts them */
    if (!e->sections && e->header.e_shoff && within(e, e->header.e_shoff, sizeof(Elf64_Shdr)))
        e->sections = elf_header(e, 0).sh_size;
    if (e->sections > len / sizeof(Elf64_Shdr) ||
        !within(e, e->header.e_shoff, e->sections * sizeof(Elf64_Shdr)))
        return error_set(err, "an ELF file that was cut short");
    if (e->sections) {
        size_t names = e->header.e_shstrndx;
        if (names == SHN_XINDEX)
            names = elf_header(e, 0).sh_link;
        if (names < e->sections)
            e->names = elf_header(e, names);
    }
    return 0;
}

const uint8_t *elf_bytes(const struct elf *e, const Elf64_Shdr *s)
{
    if (s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL || !within(e, s->sh_offset, s->sh_size))
        return NULL;
    return e->image + s->sh_offset;
}

const char *elf_string(const struct elf *e, const Elf64_Shdr *s, size_t at)
{
    const uint8_t *bytes = elf_bytes(e, s);

    if (!bytes || at >= s->sh_size || !memchr(bytes + at, 0, s->sh_size - at))
        return NULL;
    return (const char *)bytes + at;
}

const char *elf_name(const struct elf *e, const Elf64_Shdr *s)
{
    const char *name = elf_string(e, &e->names, s->sh_name);

    return name ? name : "";
}

bool elf_find(const struct elf *e, const char *name, Elf64_Shdr *s)
{
    for (size_t i = 0; i < e->sections; i++) {
        *s = elf_header(e, i);
        if (strcmp(elf_name(e, s), name) == 0)
            return true;
    }
    return false;
}

int elf_section(const void *image, size_t len, const char *name, const void **bytes, size_t *n)
{
    struct elf e;
    Elf64_Shdr s;

    if (elf_open(&e, image, len, NULL) < 0)
        return -1;
    if (!elf_find(&e, name, &s) || !elf_bytes(&e, &s))
        return 0;
    *bytes = elf_bytes(&e, &s);
    *n = s.sh_size;
    return 1;
}

static int weaken(uint8_t *image, size_t len, struct error *err)
{
    struct elf e;
    Elf64_Shdr s;

    if (elf_open(&e, image, len, err) < 0)
        return -1;
    for (size_t i = 0; i < e.sections; i++) {
        s = elf_header(&e, i);
        if (s.sh_type != SHT_DYNSYM || !elf_bytes(&e, &s))
            continue;
        for (size_t at = 0; s.sh_size - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
            Elf64_Sym sym;
            memcpy(&sym, image + s.sh_offset + at, sizeof sym);
            if (sym.st_shndx != SHN_UNDEF || ELF64_ST_BIND(sym.st_info) != STB_GLOBAL)
                continue;
            sym.st_info = ELF64_ST_INFO(STB_WEAK, ELF64_ST_TYPE(sym.st_info));
            memcpy(image + s.sh_offset + at, &sym, sizeof sym);
        }
    }
    return 0;
}

int elf_weaken(const char *path, struct error *err)
{
    struct error why = {""};
    struct buf b;
    int rc;

    buf_init(&b, BUF_LIMIT);
    rc = fs_read(path, &b, err);
    if (rc == 0 && weaken((uint8_t *)b.data, b.len, &why) < 0)
        rc = error_set(err, "%s: %s", path, why.text);
    if (rc == 0)
        rc = fs_write(path, b.data, b.len, err);
    buf_release(&b);
    return rc;
}
