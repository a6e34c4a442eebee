#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <elf.h>
#include <string.h>
#include "driver/build/cubin.h"
#include "driver/build/cubin_screen.h"
#include "runtime/base/buf.h"

/* ---- an image made by hand ------------------------------------------------------------------- */

enum { NULL_, STRTAB, SYMTAB, TEXT, SHARED, INFO, SECTIONS };

struct image {
    Elf64_Ehdr header;
    Elf64_Shdr section[SECTIONS];
    char strings[256];
    Elf64_Sym sym[3];
    uint8_t code[32];
    uint8_t info[24];
};

static uint32_t add_string(struct image *m, size_t *used, const char *s)
{
    uint32_t at = (uint32_t)*used;

    memcpy(m->strings + at, s, strlen(s) + 1);
    *used += strlen(s) + 1;
    return at;
}

static void set_section(struct image *m, int i, uint32_t type, uint32_t name, size_t at, size_t n)
{
    m->section[i].sh_type = type;
    m->section[i].sh_name = name;
    m->section[i].sh_offset = at;
    m->section[i].sh_size = n;
}

/* one kernel "_Z4fastv", one device function, 37 registers and 512 bytes of shared memory */
static void image_make(struct image *m)
{
    static const uint8_t info[] = {4, 0x11, 8, 0, 1, 0, 0, 0, 9,  9, 9, 9,
                                   4, 0x2f, 8, 0, 1, 0, 0, 0, 37, 0, 0, 0};
    size_t used = 1;

    memset(m, 0, sizeof *m);
    memcpy(m->header.e_ident, ELFMAG, SELFMAG);
    m->header.e_ident[EI_CLASS] = ELFCLASS64;
    m->header.e_ident[EI_DATA] = ELFDATA2LSB;
    m->header.e_machine = 190;
    m->header.e_shoff = offsetof(struct image, section);
    m->header.e_shentsize = sizeof(Elf64_Shdr);
    m->header.e_shnum = SECTIONS;
    m->header.e_shstrndx = STRTAB;
    set_section(m, STRTAB, SHT_STRTAB, add_string(m, &used, ".strtab"),
                offsetof(struct image, strings), sizeof m->strings);
    set_section(m, SYMTAB, SHT_SYMTAB, add_string(m, &used, ".symtab"), offsetof(struct image, sym),
                sizeof m->sym);
    m->section[SYMTAB].sh_link = STRTAB;
    set_section(m, TEXT, SHT_PROGBITS, add_string(m, &used, ".text._Z4fastv"),
                offsetof(struct image, code), sizeof m->code);
    set_section(m, SHARED, SHT_NOBITS, add_string(m, &used, ".nv.shared._Z4fastv"), 0, 512);
    set_section(m, INFO, SHT_LOPROC, add_string(m, &used, ".nv.info"), offsetof(struct image, info),
                sizeof m->info);
    memcpy(m->info, info, sizeof info);
    memset(m->code, 0x5a, sizeof m->code);
    m->sym[1] = (Elf64_Sym){.st_name = add_string(m, &used, "_Z4fastv"),
                            .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                            .st_other = 0x10,
                            .st_shndx = TEXT};
    m->sym[2] = m->sym[1];
    m->sym[2].st_other = 0;
}

static void test_read(void **state)
{
    struct arena *a = arena_new();
    struct error err = {""};
    struct image m;
    struct cubin c;

    (void)state;
    image_make(&m);
    assert_int_equal(cubin_read(a, &m, sizeof m, &c, &err), 0);
    assert_int_equal(c.n, 1);
    assert_string_equal(c.kernels[0].symbol, "_Z4fastv");
    assert_int_equal(c.kernels[0].regs, 37);
    assert_int_equal(c.kernels[0].shared, 512);
    assert_int_equal(c.kernels[0].code_len, sizeof m.code);
    assert_memory_equal(c.kernels[0].code, m.code, sizeof m.code);

    /* the system's share */
    memcpy(m.strings + 200, ".nv.reservedSmem.offset0", 25);
    m.sym[0].st_name = 200;
    m.section[SHARED].sh_size = 1536;
    assert_int_equal(cubin_read(a, &m, sizeof m, &c, &err), 0);
    assert_int_equal(c.kernels[0].shared, 512);

    /* as toolkits before 13 say it */
    m.section[INFO].sh_size = 4;
    m.section[TEXT].sh_info = 21u << 24;
    assert_int_equal(cubin_read(a, &m, sizeof m, &c, &err), 0);
    assert_int_equal(c.kernels[0].regs, 21);
    m.section[TEXT].sh_info = 0;
    assert_int_equal(cubin_read(a, &m, sizeof m, &c, &err), 0);
    assert_int_equal(c.kernels[0].regs, -1);
    arena_free(a);
}

static void fails(const struct image *m, size_t len, const char *why)
{
    struct arena *a = arena_new();
    struct error err = {""};
    struct cubin c;

    assert_int_equal(cubin_read(a, m, len, &c, &err), -1);
    assert_non_null(strstr(err.text, why));
    arena_free(a);
}

static void test_broken(void **state)
{
    struct image m;

    (void)state;
    image_make(&m);
    fails(&m, 20, "no ELF file");
    fails(&m, sizeof m.header + 10, "cut short");
    fails(&m, offsetof(struct image, code) + 1, "cut short");
    m.header.e_machine = EM_X86_64;
    fails(&m, sizeof m, "not for NVIDIA GPUs");
    image_make(&m);
    m.header.e_ident[EI_CLASS] = ELFCLASS32;
    fails(&m, sizeof m, "no 64-bit ELF file");
    image_make(&m);
    m.sym[1].st_shndx = 77;
    fails(&m, sizeof m, "cut short");
    image_make(&m);
    m.sym[1].st_name = 100000;
    fails(&m, sizeof m, "cut short");
    image_make(&m);
    m.section[TEXT].sh_size = UINT64_MAX;
    fails(&m, sizeof m, "cut short");
    image_make(&m);
    m.header.e_shoff = UINT64_MAX - 5;
    fails(&m, sizeof m, "cut short");
    image_make(&m);
    m.header.e_shentsize = 7;
    fails(&m, sizeof m, "strange kind");
}

static void test_section(void **state)
{
    const void *bytes = NULL;
    struct image m;
    size_t n = 0;

    (void)state;
    image_make(&m);
    assert_int_equal(elf_section(&m, sizeof m, ".text._Z4fastv", &bytes, &n), 1);
    assert_ptr_equal(bytes, m.code);
    assert_int_equal(n, sizeof m.code);
    assert_int_equal(elf_section(&m, sizeof m, ".ksearch", &bytes, &n), 0);
    assert_int_equal(elf_section(&m, sizeof m, ".nv.shared._Z4fastv", &bytes, &n), 0);
    assert_int_equal(elf_section("!<arch>\n", 8, ".ksearch", &bytes, &n), -1);
}

/* ---- names ----------------------------------------------------------------------------------- */

static struct cubin_kernel kernel(const char *symbol, const char *code, int regs)
{
    return (struct cubin_kernel){symbol, (const uint8_t *)code, strlen(code), regs, 0};
}

static void test_find(void **state)
{
    struct cubin_kernel k[] = {
        kernel("_Z10vadd__ks12PKfPfi", "a", 1),
        kernel("_ZN4blas3_GLOBAL__N__31f2b892_4_a_cu_a2f37aa74gemmEPf", "b", 2),
        kernel("_Z2ksILi3EEvPf", "c", 3),
        kernel("_Z2ksILi4EEvPf", "d", 3),
        kernel("plain", "e", 3),
        kernel("_Z111vadd__ks123x", "f", 3),
    };
    struct cubin c = {k, sizeof k / sizeof *k};

    (void)state;
    assert_ptr_equal(cubin_find(&c, "vadd__ks12"), &k[0]);
    assert_null(cubin_find(&c, "vadd__ks1"));
    assert_null(cubin_find(&c, "add__ks12"));
    assert_null(cubin_find(&c, "ks"));
    assert_ptr_equal(cubin_find(&c, "plain"), &k[4]);
    assert_null(cubin_find(&c, "none"));
}

/* a namespace without a name is called by a hash, which may end with digits */
static void test_holds(void **state)
{
    static const char *const k = "_ZN39_GLOBAL__N__b022a0c2_7_dump_cu_742d475911k__ks_f_0_2EPKfPfi";
    static const char *const t =
        "_ZN2nn36_GLOBAL__N__31f2b892_4_a_cu_a2f37aa73addI13Policy__ks_64Li19EEEvPf";
    /* a unit's own, in relocatable code: the file's first function is in the names of all of them
     */
    static const char *const own = "__nv_static_24__ed91f219_5_st_cu__Z1fPi__Z2skPi";
    const struct {
        const char *symbol, *ident;
        bool holds;
    } cases[] = {
        {k, "k__ks_f_0_2", true},
        {k, "k__ks_f_0_", false},
        {k, "__ks_f_0_2", false},
        {t, "nn", true},
        {t, "add", true},
        {t, "Policy__ks_64", true},
        {t, "Policy__ks_6", false},
        {t, "dd", false},
        {"_ZN2nnL4gemmEPf", "gemm", true},
        {"_ZL4gemmPf", "gemm", true},
        {"_Z99gemm", "gemm", false},
        {own, "sk", true},
        {own, "f", false},
        {"__nv_static_24__ed91f219_5_st_cu__Z1fPi__ZN35_GLOBAL__N__ed91f219_5_st_cu__Z1fPi2akEPi",
         "ak", true},
        {"__nv_static_6__xyz_k_hits", "hits", true},
        /* a digit before the length may be the end of a namespace's name, or part of the length */
        {"_ZN2v25scaleEPf", "scale", true},
        {"_ZN36_GLOBAL__N__7acdaee5_4_s_cu_078490e55scaleEPKfPfi", "scale", true},
        {"_ZN1a36_GLOBAL__N__7acdaee5_4_s_cu_078490e52v25scaleIfEEvPT_i", "scale", true},
        {"__nv_static_24__ed91f219_5_st_cu__Z1fPi__ZN34_GLOBAL__N__ed91f219_5_st_cu_158942akEPi",
         "ak", true},
        {"_ZN2v215scale_this_wellEPf", "scale", false},
        {"_ZN2v215scalexxxxxxxxxxEPf", "scale", false},
        {"_Z99", "scale", false},
        {"_ZN999999999999999999999v25scaleEPf", "scale", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (cubin_holds(cases[i].symbol, cases[i].ident) != cases[i].holds)
            fail_msg("%s: %s", cases[i].symbol, cases[i].ident);
}

static void test_code_hash(void **state)
{
    struct cubin_kernel k[] = {kernel("_Z1av", "one", 8), kernel("_Z1bv", "two", 8),
                               kernel("_Z1cv", "three", 8)};
    struct cubin_kernel r[] = {kernel("_Z3b_2v", "two", 8), kernel("_Z3a_2v", "one", 8)};
    struct cubin first = {k, 3}, second = {r, 2};
    struct hash zero = {{0}}, x, y;

    (void)state;
    x = cubin_code_hash(&first, (const char *[]){"a", "b"}, 2);
    y = cubin_code_hash(&second, (const char *[]){"a_2", "b_2"}, 2);
    assert_true(hash_equal(&x, &y)); /* names and order aside */
    assert_false(hash_equal(&x, &zero));
    y = cubin_code_hash(&first, (const char *[]){"a", "c"}, 2);
    assert_false(hash_equal(&x, &y));
    y = cubin_code_hash(&first, (const char *[]){"a", "missing"}, 2);
    assert_true(hash_equal(&y, &zero));
    k[0].regs = 9;
    y = cubin_code_hash(&first, (const char *[]){"a", "b"}, 2);
    assert_false(hash_equal(&x, &y));
    k[0].regs = 8;
    k[0].shared = 16;
    y = cubin_code_hash(&first, (const char *[]){"a", "b"}, 2);
    assert_false(hash_equal(&x, &y));
}

/* ---- the screen ------------------------------------------------------------------------------ */

/* a kernel with its own .nv.info (in the place of .nv.shared), and sym[2] free for more */
static void screened_make(struct image *m, uint32_t stack)
{
    uint8_t info[] = {4, 0x12, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0x19, 16, 0, 3, 0x1b, 0, 1};

    image_make(m);
    memcpy(info + 8, &stack, sizeof stack);
    memcpy(m->info, info, sizeof info);
    m->section[INFO].sh_size = sizeof info;
    memcpy(m->strings + 128, ".nv.info._Z4fastv", 18);
    set_section(m, SHARED, SHT_LOPROC, 128, offsetof(struct image, info), sizeof info);
    m->sym[2] = (Elf64_Sym){0};
}

static void add_symbol(struct image *m, const char *name, int type, int section)
{
    memcpy(m->strings + 160, name, strlen(name) + 1);
    m->sym[2] = (Elf64_Sym){.st_name = 160,
                            .st_info = ELF64_ST_INFO(STB_GLOBAL, type),
                            .st_shndx = (Elf64_Section)section};
}

/* the first image is like the second, but ... ; wanted "": nothing is found */
static void screened(const struct image *m, const struct image *original, const char *wanted)
{
    struct cubin_screen limits = {original, original ? sizeof *original : 0, 0};
    struct buf errors;
    int rc;

    buf_init(&errors, 1 << 16);
    rc = cubin_screen(m, sizeof *m, &limits, &errors);
    if (rc != (*wanted ? -1 : 0) || strncmp(buf_text(&errors), wanted, strlen(wanted)) != 0 ||
        (!*wanted && errors.len))
        fail_msg("found: %s\nwanted: %s", buf_text(&errors), wanted);
    buf_release(&errors);
}

static void test_screen(void **state)
{
    struct image m, o;

    (void)state;
    screened_make(&m, 64);
    screened(&m, NULL, "");
    screened_make(&m, 16 * 1024);
    screened(&m, NULL, "");
    screened_make(&m, 16 * 1024 + 1);
    screened(&m, NULL, "fast(): a thread's stack has 16385 bytes, and 16384 are allowed");
    screened(&m, &m, ""); /* the original's own */
    screened_make(&m, UINT32_MAX);
    screened(&m, NULL, "fast(): its stack has no bound");
    screened_make(&m, 0);
    m.section[SHARED].sh_name = 0;
    screened(&m, NULL, "fast(): the machine code does not say how large its parameters are");

    screened_make(&m, 0);
    add_symbol(&m, "vprintf", STT_FUNC, SHN_UNDEF);
    screened(&m, NULL, "printf is not allowed: kernels of a structure only compute");
    screened(&m, &m, "");
    add_symbol(&m, "cudaMalloc", STT_NOTYPE, SHN_UNDEF);
    screened(&m, NULL, "cudaMalloc is not allowed");
    add_symbol(&m, ".nv.reservedSmem.offset0", STT_OBJECT, SHN_UNDEF);
    screened(&m, NULL, "");
    screened_make(&o, 0);

    /* variables: in .nv.global, by whatever the unit is called */
    memcpy(m.strings + 230, ".nv.global.init", 16);
    m.section[TEXT].sh_name = 230;
    add_symbol(&m, "hits", STT_OBJECT, TEXT);
    screened(&m, NULL, "hits is a variable in device memory, which outlives a launch");
    screened(&m, &o, "hits is a variable");
    o = m;
    screened(&m, &o, "");
    add_symbol(&m, "_ZN15_INTERNAL_abcde2ns4hitsE", STT_OBJECT, TEXT);
    screened(&m, NULL, "ns::hits is a variable");
    screened(&m, &o, "ns::hits is a variable");
    add_symbol(&o, "_ZN13_INTERNAL_xyz2ns4hitsE", STT_OBJECT, TEXT);
    screened(&m, &o, "");
    add_symbol(&m, "_ZN2v215_GLOBAL__N__a744hitsE", STT_OBJECT, TEXT);
    screened(&m, &o, "v2::hits is a variable");
    add_symbol(&o, "_ZN2v215_GLOBAL__N__1b94hitsE", STT_OBJECT, TEXT);
    screened(&m, &o, "");
    add_symbol(&o, "__nv_static_6__xyz_k_hits", STT_OBJECT, TEXT);
    add_symbol(&m, "__nv_static_5__ab_k_hits", STT_OBJECT, TEXT);
    screened(&m, &o, "");
    add_symbol(&m, "_ZN17ksearch_space__k34hitsE", STT_OBJECT, TEXT);
    screened(&m, NULL, "hits is a variable");
    add_symbol(&m, "__cudart_i2opi_d", STT_OBJECT, TEXT);
    screened(&m, NULL, "");
    add_symbol(&m, "$str", STT_OBJECT, TEXT);
    screened(&m, NULL, "a string lies in device memory");

    screened_make(&m, 0);
    m.header.e_machine = EM_X86_64;
    screened(&m, NULL, "what was compiled is no cubin");
    m.header.e_shoff = UINT64_MAX;
    screened(&m, NULL, "what was compiled is no cubin");
}

/* a symbol without what nvcc puts before a unit's own functions in relocatable code */
static void test_own_names(void **state)
{
    static const char *const odd[] = {"_Z2skPi", "__nv_static_", "__nv_static_9",
                                      "__nv_static_9__x", "__nv_static_99999999999999999999__x_y"};

    (void)state;
    assert_string_equal(cubin_own_name("__nv_static_24__ed91f219_5_st_cu__Z1fPi__Z2skPi"),
                        "_Z2skPi");
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_string_equal(cubin_own_name(odd[i]), odd[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_names), cmocka_unit_test(test_read),
        cmocka_unit_test(test_broken),    cmocka_unit_test(test_section),
        cmocka_unit_test(test_find),      cmocka_unit_test(test_holds),
        cmocka_unit_test(test_code_hash), cmocka_unit_test(test_screen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
