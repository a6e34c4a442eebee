/* counts of machine instructions, from recorded disassembly */
#include "tests/unit/fixture.h"

#include <stdio.h>
#include <sys/stat.h>
#include "driver/build/sass.h"
#include "runtime/base/fs.h"

#define DATA "tests/data/sass/"

static struct sass read_recording(const char *path)
{
    struct error err = {""};
    struct sass s;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    if (fs_read(path, &b, &err) < 0)
        fail_msg("%s", err.text);
    /* a copy: what was read has to outlive the text */
    sass_parse(arena, buf_text(&b), b.len, &s);
    buf_release(&b);
    return s;
}

static void check_text(const struct sass *s, const char *name, const char *wanted)
{
    const struct sass_kernel *k = sass_find(s, name);
    struct buf b;

    assert_non_null(k);
    buf_init(&b, BUF_LIMIT);
    sass_text(k, &b);
    assert_string_equal(buf_text(&b), wanted);
    buf_release(&b);
}

/* the figures are those of a count by awk over the opcodes: see record.sh */
static void test_ampere(void **state)
{
    struct sass s = read_recording(DATA "mix_sm80.nvdisasm");

    (void)state;
    assert_int_equal(s.n, 3);
    check_text(&s, "tile",
               "HMMA (mma) 10, LDGSTS (cp.async) 5, LDG 32-bit 20, STG 64-bit 4, LDS 15, LDSM "
               "(ldmatrix) 5, BAR 5, branches 5; 183 in all");
    check_text(&s, "sums",
               "LDG 32-bit 5, LDG 128-bit 5, SHFL 5, FFMA/FADD/FMUL 35, MUFU 5, ATOM/RED 1, "
               "branches 5; 124 in all");
    check_text(&s, "_ZN5parts7spilledEPfPKf",
               "LDG 32-bit 36, STG 32-bit 36, LDL (local memory) 32, STL (local memory) 30, BAR 1, "
               "FFMA/FADD/FMUL 36, branches 1; 188 in all");
}

static void test_hopper(void **state)
{
    struct sass s = read_recording(DATA "hopper_sm90a.nvdisasm");

    (void)state;
    check_text(&s, "hopper",
               "HGMMA (wgmma) 1, UTMALDG (TMA) 1, UTMASTG (TMA) 1, STG 64-bit 1, LDS 1, STS 1, BAR "
               "2, SYNCS (mbarrier) 4, FFMA/FADD/FMUL 2, branches 5; 81 in all");
    s = read_recording(DATA "mix_sm90.nvdisasm");
    assert_int_equal(sass_find(&s, "sums")->count[SASS_ATOM], 1); /* REDG there */
    assert_int_equal(sass_find(&s, "sums")->total, 126);
}

static void test_tools_agree(void **state)
{
    struct sass s = read_recording(DATA "mix_sm80.nvdisasm");
    struct sass other = read_recording(DATA "mix_sm80.cuobjdump");
    const struct sass_kernel *a = sass_find(&s, "sums"), *b = sass_find(&other, "sums");

    (void)state;
    assert_int_equal(other.n, 1);
    assert_string_equal(a->symbol, b->symbol);
    assert_int_equal(a->total, b->total);
    assert_memory_equal(a->count, b->count, sizeof a->count);
}

static void count_line(const char *line, enum sass_kind kind)
{
    char text[200];
    struct sass s;

    snprintf(text, sizeof text, "Function : f\n  /*0010*/   %s ;", line);
    sass_parse(arena, text, strlen(text), &s);
    assert_int_equal(s.n, 1);
    for (int i = 0; i < SASS_KINDS; i++)
        if (s.kernels[0].count[i] != (i == (int)kind))
            fail_msg("'%s' counts as %d", line, i);
}

static void test_opcodes(void **state)
{
    (void)state;
    count_line("@!UP1 UTMASTG.2D [UR4], [UR10]", SASS_UTMASTG);
    count_line("UTCHMMA gdesc[UR4], gdesc[UR6], tmem[UR8]", SASS_UTCMMA);
    count_line("LDG.E.ENL2.256 R4, R8, [R2.64]", SASS_LDG_128);
    count_line("@P0 LDG.E.U16.CONSTANT R4, [R2.64]", SASS_LDG_16);
    count_line("STG.E.U8 [R2.64], R4", SASS_STG_16);
    count_line("LDG.E.64.CONSTANT R4, [R2.64]", SASS_LDG_64);
    count_line("HFMA2.BF16_V2 R4, R5, R6, R7", SASS_HFMA2);
    count_line("HFMA2.MMA R5, -RZ, RZ, 0, 2.384185791015625e-07", SASS_KINDS); /* a constant */
    count_line("LDGDEPBAR", SASS_KINDS);
    count_line("LDC.64 R2, c[0x0][0x210]", SASS_KINDS);
    count_line("BRA 0x20", SASS_BRANCH);
    count_line("BRA 0x10", SASS_KINDS); /* to itself: the trap behind the end */
}

static void test_no_instructions(void **state)
{
    static const char text[] = "\t.section\t.nv.info,\"\"\n /*0000*/ .byte 0xff\n"
                               " /*0000*/ LDG.E R1, [R2] ;\n" /* of no kernel */
                               "\t.section\t.text.k,\"ax\"\n /*0000*/ EXIT ;\n /*00\n /*0010*/\n"
                               "\t.section\t.nv.shared.k,\"\"\n /*0000*/ EXIT ;\n";
    struct sass s;

    (void)state;
    sass_parse(arena, text, sizeof text - 1, &s);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.kernels[0].total, 1);
    check_text(&s, "k", "1 in all");
    sass_parse(arena, "", 0, &s);
    assert_int_equal(s.n, 0);
    assert_null(sass_find(&s, "k"));
}

static void write_tool(const char *path, const char *script)
{
    struct error err = {""};

    assert_int_equal(fs_write(path, script, strlen(script), &err), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

/* the tool beside nvcc, and what it says or does not say */
static void test_read(void **state)
{
    struct error err = {""};
    char *dir = fs_tempdir("ks-sass", &err);
    const char *nvcc = arena_printf(arena, "%s/nvcc", dir);
    const char *tool = arena_printf(arena, "%s/cuobjdump", dir);
    char *path = strdup(getenv("PATH"));
    struct sass s;

    (void)state;
    assert_non_null(dir);
    setenv("PATH", "/usr/bin:/bin", 1);
    write_tool(nvcc, "#!/bin/sh\n");
    if (!fs_which("nvdisasm", NULL) && !fs_which("cuobjdump", NULL)) {
        assert_int_equal(sass_read(arena, nvcc, "x.cubin", &s, &err), -1);
        assert_non_null(strstr(err.text, "neither nvdisasm nor cuobjdump"));
    }
    write_tool(tool, "#!/bin/sh\n[ \"$1 $2\" = '-sass x.cubin' ] || exit 3\n"
                     "echo 'Function : k'\necho '   /*0000*/   BAR.SYNC 0x0 ;'\n");
    err.text[0] = '\0';
    assert_int_equal(sass_read(arena, nvcc, "x.cubin", &s, &err), 0);
    check_text(&s, "k", "BAR 1; 1 in all");
    assert_int_equal(sass_read(arena, nvcc, "y.cubin", &s, &err), -1);
    assert_string_equal(err.text, "cuobjdump exited with 3");
    assert_int_equal(s.n, 0);
    setenv("PATH", path, 1);
    free(path);
    fs_remove(dir);
    free(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ampere),  TEST(test_hopper),          TEST(test_tools_agree),
        TEST(test_opcodes), TEST(test_no_instructions), TEST(test_read),
    };

    return cmocka_run_group_tests_name("sass", tests, NULL, NULL);
}
