/* the kinds of computation, told by tokens */
#include "tests/unit/fixture.h"

#include <stdio.h>
#include "driver/search/evidence.h"

static const char *class_of(const char *name, const char *text)
{
    struct file file = {.src = source_wrap(arena, "t.cu", text, strlen(text))};
    struct spec spec = {.file = &file, .name = name, .region = {0, strlen(text)}};

    return evidence_class(&spec, NULL);
}

static void check_class(const char *wanted, const char *name, const char *text)
{
    const char *got = class_of(name, text);

    if (strcmp(got, wanted) != 0)
        fail_msg("%s is %s, not %s: %s", name, got, wanted, text);
}

static void test_rules(void **state)
{
    (void)state;
    check_class("elementwise", "vadd", "__global__ void vadd() { if (i < n) c[i] = a[i] + b[i]; }");
    check_class("elementwise", "axpy", "void axpy() { y[i] += a * x[i]; }");
    check_class("reduction", "f", "void f() { for (;;) s += x[i]; y[0] = s; }");
    check_class("reduction", "f", "void f() { for (;;) s += x[i] * x[i]; y[0] = s; }");
    check_class("reduction", "f", "void f() { v = __shfl_xor_sync(~0u, v, 1); y[0] = v; }");
    check_class("reduction", "rmsnorm", "void rmsnorm() { y[i] = x[i]; }");
    check_class("reduction", "f", "__device__ float block_sum(float v); void f() { y[i] = x[i]; }");
    check_class("gemm", "f", "void f() { for (;;) s += a[i * k + j][0] * b[j]; c[i] = s; }");
    check_class("gemm", "f", "void f() { nvcuda::wmma::mma_sync(a, b, c, a); }");
    check_class("gemm", "f", "void f() { acc[i][j] += float(a[i]) * float(b[j]); }");
    check_class("elementwise", "f", "void f() { for (; i < n; i += T) y[i] = x[i] * w[i]; }");
    check_class("gemm", "sgemm", "void sgemm() { }");
    check_class("stencil", "f", "void f() { y[i] = x[i - 1] + x[i] + x[i + 1]; }");
    check_class("stencil", "f", "void f() { y[i] = 2 * x[(j + 1) * w + i] + x[(j - 1) * w + i]; }");
    check_class("stencil", "f", "void f() { y[i] = at(x - 1, y) + at(x + 1, y); }");
    check_class("elementwise", "f", "void f() { y[i] = x[min(i, n - 1)] + x[min(j, n - 1)]; }");
    check_class("gather", "f", "void f() { y[i] = t[index[i]]; }");
    check_class("gather", "f", "void f() { for (;;) s += v[i] * x[col[i]]; y[r] = s; }");
    check_class("scan", "f", "void f() { v += __shfl_up_sync(~0u, v, 1); y[i] = v; }");
    check_class("attention", "gqa_decode", "void gqa_decode() { y[i] = t[index[i]]; }");
    check_class("other", "f", "void f() { g(); }");
    check_class("other", "f", "void f() { if (x[0] == 1) g(); }");
    check_class("other", "f", "");
    check_class("other", "f", "] ) ; [ x [");
}

/* comments, strings and annotations say nothing */
static void test_words(void **state)
{
    (void)state;
    check_class("elementwise", "f",
                "// attention, gemm\n#pragma ksearch hint(\"gemm\")\n#define wmma\n"
                "void f() { c[i] = 1; /* __shfl_up_sync */ }");
    check_class("elementwise", "convert", "void convert() { c[i] = a[i]; }");
}

/* soft-max of products is attention only with queries, keys and values */
static void test_parameters(void **state)
{
    static const char text[] = "void f() { s += q[i] * k[i]; o[i] = __expf(s) * v[i]; }";
    struct file file = {.src = source_wrap(arena, "t.cu", text, strlen(text))};
    struct param params[] = {{.name = "q", .is_pointer = true},
                             {.name = "kc", .is_pointer = true},
                             {.name = "vc", .is_pointer = true}};
    struct spec spec = {.file = &file, .name = "f", .params = params, .nparams = 3};

    (void)state;
    assert_string_equal(evidence_class(&spec, text), "attention");
    spec.nparams = 2;
    assert_string_equal(evidence_class(&spec, text), "gemm");
}

static void check_file(const char *path, const char *wanted)
{
    struct error err = {""};
    struct source *src = source_read(arena, path, &err);
    struct gpu gpu;
    struct diag d;

    if (!src)
        fail_msg("%s", err.text);
    assert_true(gpu_of_arch(9, 0, &gpu));
    diag_init(&d, arena);
    struct file *f = annotations_read(arena, src, &(struct reading){.gpu = &gpu}, &d);
    assert_true(f && f->nspecs);
    if (strcmp(evidence_class(&f->specs[0], NULL), wanted) != 0)
        fail_msg("%s is %s, not %s", path, evidence_class(&f->specs[0], NULL), wanted);
}

static void test_files(void **state)
{
    (void)state;
    check_file("tests/lang/01_vadd.cu", "elementwise");
    check_file("tests/lang/02_rmsnorm.cu", "reduction");
    check_file("tests/lang/03_gemm.cu", "gemm");
    check_file("tests/lang/04_gqa_decode.cu", "attention");
    check_file("tests/lang/06_stencil.cu", "stencil");
    check_file("tests/lang/05_moe.cu", "gather");
    check_file("samples/softmax/softmax.cu", "reduction");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_rules), TEST(test_words), TEST(test_parameters),
                                       TEST(test_files)};

    return cmocka_run_group_tests_name("evidence_class", tests, NULL, NULL);
}
