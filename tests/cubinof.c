/* tests/cubinof.c - what ksnvcc reads of compiled files, for tests.
 *
 *   cubinof CUBIN            a line a kernel: symbol, registers, shared bytes, bytes of code, its
 *                            hash
 *   cubinof --section NAME FILE     the section's bytes
 *   cubinof --weaken SO FUNCTION    makes SO loadable, loads it, prints FUNCTION's result
 *   cubinof --code KERNEL CUBIN     what a record calls the code of the kernels of that name */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include "driver/build/cubin.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static int fail(const char *why)
{
    fprintf(stderr, "cubinof: %s\n", why);
    return 1;
}

static int print_kernels(struct arena *a, const struct buf *image)
{
    struct error err = {""};
    struct cubin c;

    if (cubin_read(a, image->data, image->len, &c, &err) < 0)
        return fail(err.text);
    for (size_t i = 0; i < c.n; i++) {
        struct hash h = cubin_kernel_hash(&c.kernels[i]);
        char hex[65];
        hash_hex(&h, hex);
        printf("%s %d %zu %zu %.16s\n", c.kernels[i].symbol, c.kernels[i].regs, c.kernels[i].shared,
               c.kernels[i].code_len, hex);
    }
    return 0;
}

static int print_section(const struct buf *image, const char *name)
{
    const void *bytes;
    size_t n;
    int rc = elf_section(image->data, image->len, name, &bytes, &n);

    if (rc == 1)
        fwrite(bytes, 1, n, stdout);
    return rc == 1 ? 0 : fail(rc ? "no ELF file" : "no such section");
}

static int print_code(struct arena *a, const struct buf *image, const char *name)
{
    struct error err = {""};
    struct cubin c;

    if (cubin_read(a, image->data, image->len, &c, &err) < 0)
        return fail(err.text);
    struct hash code = cubin_code_hash(&c, &name, 1);
    char hex[65];
    hash_hex(&code, hex);
    puts(hex);
    return 0;
}

static int weaken(const char *path, const char *function)
{
    struct error err = {""};
    void *so, *symbol;
    int (*call)(void);

    if (elf_weaken(path, &err) < 0)
        return fail(err.text);
    so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    symbol = so ? dlsym(so, function) : NULL;
    if (!symbol)
        return fail(dlerror());
    memcpy(&call, &symbol, sizeof call);
    printf("%d\n", call());
    return 0;
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new();
    struct error err = {""};
    struct buf image;
    int rc;

    buf_init(&image, BUF_LIMIT);
    if (argc == 4 && strcmp(argv[1], "--weaken") == 0)
        rc = weaken(argv[2], argv[3]);
    else if (argc != 2 && argc != 4)
        rc = fail("wrong number of arguments");
    else if (fs_read(argv[argc - 1], &image, &err) < 0)
        rc = fail(err.text);
    else if (argc == 4 && strcmp(argv[1], "--code") == 0)
        rc = print_code(a, &image, argv[2]);
    else
        rc = argc == 4 ? print_section(&image, argv[2]) : print_kernels(a, &image);
    buf_release(&image);
    arena_free(a);
    return rc;
}
