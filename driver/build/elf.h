/* driver/build/elf.h - sections and symbols of a 64-bit ELF image, every access within its bounds.
 */
#ifndef KS_ELF_H
#define KS_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/base/error.h"

struct elf {
    const uint8_t *image;
    size_t len;
    Elf64_Ehdr header;
    size_t sections;
    Elf64_Shdr names; /* the section that holds their names */
};

/* -1 when the image is no little-endian 64-bit ELF file with a section table within it */
int elf_open(struct elf *e, const void *image, size_t len, struct error *err);
/* section i < e->sections */
Elf64_Shdr elf_header(const struct elf *e, size_t i);
/* its name; "" when it has none within the image */
const char *elf_name(const struct elf *e, const Elf64_Shdr *s);
/* its bytes; NULL when they are not within the image, or it has none (SHT_NOBITS) */
const uint8_t *elf_bytes(const struct elf *e, const Elf64_Shdr *s);
/* the string at offset `at` of string section s; NULL when it does not end within it */
const char *elf_string(const struct elf *e, const Elf64_Shdr *s, size_t at);
/* the first section of this name; false when there is none */
bool elf_find(const struct elf *e, const char *name, Elf64_Shdr *s);

#endif
