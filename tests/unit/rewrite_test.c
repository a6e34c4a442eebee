#include "tests/unit/annotated.h"

#include "driver/build/edits.h"
#include "driver/build/rename.h"
#include "driver/build/rewrite.h"

/* a unit with one variant of the first entry for each of the n values of its only tunable */
static const char *unit_of(const char *text, const int64_t *value, size_t n)
{
    struct file *f = read_file(text);
    struct variant_ref v[4];
    struct error err = {""};
    struct buf b;

    for (size_t i = 0; i < n; i++)
        v[i] =
            (struct variant_ref){&f->specs[0], 0, &value[i], arena_printf(arena, "__ks%zu", i + 1)};
    buf_init(&b, BUF_LIMIT);
    if (rewrite_unit(f, v, n, false, &b, &err))
        fail_msg("%s", err.text);
    return keep(&b);
}

/* ---- edits and names ---- */

static void edits_are_made_in_order(void **state)
{
    struct source *s = source_wrap(arena, "", "0123456789", 10);
    struct edits e;
    struct buf b;

    (void)state;
    edits_init(&e, arena, s);
    edits_add(&e, (struct span){4, 6}, "<45>");
    edits_insert(&e, 4, "[a]");
    edits_insert(&e, 4, "[b]");
    edits_add(&e, (struct span){5, 7}, "overlaps");
    edits_insert(&e, 10, "end");
    edits_blank(&e, (struct span){0, 1});
    buf_init(&b, BUF_LIMIT);
    edits_apply(&e, (struct span){0, 10}, &b);
    assert_string_equal(buf_text(&b), " 123[a][b]<45>6789end");
    buf_clear(&b);
    edits_apply(&e, (struct span){5, 9}, &b); /* edits that reach out of the range are not made */
    assert_string_equal(buf_text(&b), "overlaps78");
    buf_release(&b);
}

static void names_are_replaced_by_token(void **state)
{
    static const struct {
        const char *text, *wanted;
    } CASES[] = {
        {"N + NN", "N1 + NN"},
        {"a.N + p->N", "a.N + p->N"},
        {"\"N\" /* N */ 'N'", "\"N\" /* N */ 'N'"},
        {"cfg::N", "cfg::N1"},
        {"::out::cfg::N", "::out::cfg::N1"},
        {"out :: cfg :: N", "out :: cfg :: N1"},
        {"::cfg::N", "::cfg::N"},
        {"other::N + out::N", "other::N + out::N"},
        {"S<3>::N", "S<3>::N"},
        {"return ::N", "return ::N"},
        {"E::N + cfg::E::N", "E::N1 + cfg::E::N1"},
        {"f<N>(N)", "f<N1>(N1)"},
        {"R\"(N)\" u8\"N\"", "R\"(N)\" u8\"N\""},
        {"", ""},
    };
    static const char *const scope[] = {"out", "cfg"};
    struct renames r;

    (void)state;
    renames_init(&r, arena);
    *renames_add(&r, "N", "N1") =
        (struct rename){.name = "N", .to = "N1", .scope = scope, .nscope = 2, .also = "E"};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_string_equal(rename_text(CASES[i].text, &r), CASES[i].wanted);
    r.entry[0].unqualified = true;
    assert_string_equal(rename_text("1 + out::cfg::N * cfg::N", &r), "1 + N1 * N1");
    assert_true(text_mentions(arena, "a + N", "N"));
    assert_false(text_mentions(arena, "a.N + NN", "N"));
}

/* ---- blanking ---- */

static void blanking_moves_nothing(void **state)
{
    static const char text[] =
        "constexpr int B = 32;\r\n"
        "  #pragma ksearch inout(x[n]) \\\n   workload(n = 64)\n"
        "KSEARCH(tune(B = 32, 64)\n  launch(grid = n,\n block = B)) // kept\n"
        "__global__ void k(float *x, int n) { }\n"
        "const char *s = \"#pragma ksearch\"; // #pragma ksearch\n";
    struct file *f = read_file(text);
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    rewrite_blank(f, &b);
    assert_int_equal(b.len, sizeof text - 1);
    assert_int_equal(f->nannotations, 2);
    for (size_t i = 0, k = 0; i < b.len; i++) {
        while (k < f->nannotations && i >= f->annotations[k].end)
            k++;
        bool inside = k < f->nannotations && i >= f->annotations[k].at;
        assert_int_equal(b.data[i], inside && text[i] != '\n' ? ' ' : text[i]);
    }
    holds(buf_text(&b), "// kept");
    holds(buf_text(&b), "\"#pragma ksearch\"; // #pragma ksearch");
    buf_release(&b);
}

/* ---- copies ---- */

static void unit_repeats_what_depends(void **state)
{
    static const int64_t values[] = {64, 32};
    const char *u = unit_of("constexpr int B = 32, W = 4; // B\n"
                            "constexpr int T = 2 * B;\n"
                            "static_assert(T % 32 == 0, \"B\");\n"
                            "static __device__ int plain(int B1) { return B1; }\n"
                            "static __device__ int deep() { return T; }\n"
                            "struct S { int v; };\n" KERNEL,
                            values, 2);

    (void)state;
    holds(u, "#line 1 \"t.cu\"\n");
    holds(u, "\nconstexpr int B__ks1 = 64, W__ks1 = 4;\n");
    holds(u, "\nconstexpr int B__ks2 = 32, W__ks2 = 4;\n");
    holds(u, "__global__ void k__ks1(float *x, int n) { x[threadIdx.x] += B__ks1; }");
    holds(u, "__global__ void k(float *x, int n) { x[threadIdx.x] += B; }");
    lacks(u, "T__ks"); /* nothing that the kernel reaches needs it */
    lacks(u, "plain__ks");
    lacks(u, "S__ks");
    holds(u, "static_cast<void (*)(float *, int)>(&k__ks1);");
    holds(u, "static_cast<void (*)(float *, int)>(&k__ks2);");
}

static void copies_follow_every_path(void **state)
{
    static const int64_t value = 64;
    const char *u =
        unit_of("namespace cfg { constexpr int B = 32; }\n"
                "using cfg::B;\n"
                "#define TWICE(v) (2 * B + (v)) // B\n"
                "using Tile = float[2 * cfg::B];\n"
                "static_assert(cfg::B % 32 == 0, \"warps of B\");\n"
                "template <int N> struct Box { int n = N + B; };\n"
                "template <> struct Box<3> { int n = 3; };\nnamespace cfg { namespace in {\n"
                "static __device__ int f(int v);\n"
                "static __device__ int f(float v) { return (int)v; }\n" CLAUSES
                "__global__ void k(float *x, int n)\n{\n    Tile t; Box<3> b; t[0] = b.n;\n"
                "#pragma unroll B\n    for (int i = 0; i < TWICE(1); i++) x[i] = f(i) + t[0];\n}\n"
                "static __device__ int f(int v) { return v + B; }\n} }\n",
                &value, 1);

    (void)state;
    holds(u, "constexpr int B__ks1 = 64;");
    holds(u, "using cfg::B__ks1;");
    holds(u, "#define TWICE__ks1(v) (2 * B__ks1 + (v)) // B\n");
    holds(u, "using Tile__ks1 = float[2 * cfg::B__ks1];");
    holds(u, "static_assert(cfg::B__ks1 % 32 == 0, \"warps of B\");");
    holds(u, "static __device__ int f__ks1(int v);");
    holds(u, "static __device__ int f__ks1(float v) { return (int)v; }");
    holds(u, "template <int N> struct Box__ks1 { int n = N + B__ks1; };");
    holds(u, "template <> struct Box__ks1<3> { int n = 3; };");
    holds(u, "Tile__ks1 t; Box__ks1<3> b; t[0] = b.n;");
    holds(u, "#pragma unroll B__ks1\n");
    holds(u, "i < TWICE__ks1(1); i++) x[i] = f__ks1(i)");
    holds(u, "static __device__ int f__ks1(int v) { return v + B__ks1; }");
}

static void macros_and_enumerators(void **state)
{
    static const int64_t value = 64;
    const char *u = unit_of("#ifndef B\n#define B 32\n#endif\n#define T (B * 2)\n" CLAUSES
                            "__global__ void k(float *x, int n)\n{\n#if B > 32\n    x[0] = T;\n"
                            "#endif\n}\n",
                            &value, 1);

    (void)state;
    holds(u, "#line 1 \"t.cu\"\n#define B__ks1 64\n#line 1 \"t.cu\"\n#ifndef B\n");
    holds(u, "#define T__ks1 (B__ks1 * 2)");
    holds(u, "#if B__ks1 > 32\n    x[0] = T__ks1;");
    holds(u, "#ifndef B\n#define B 32\n#endif\n");
    u = unit_of("enum Cfg { A = 1, B = 32, C };\n" CLAUSES
                "__global__ void k(float *x, int n) { x[0] = Cfg::B + C; }\n",
                &value, 1);
    holds(u, "enum Cfg__ks1 { A__ks1 = 1, B__ks1 = 64, C__ks1 };");
    holds(u, "x[0] = Cfg__ks1::B__ks1 + C__ks1; }");
}

static void templates_are_bound(void **state)
{
    static const int64_t value = 64;
    const char *u =
        unit_of("namespace a { namespace {\n#pragma ksearch inout(x[n]) workload(n = 64) "
                "tune(B = 32, 64) launch(grid = n, block = B) instance(T = float)\n"
                "template <typename T, int B = 32, int H = B / 2>\n"
                "__global__ void k(T *x, int n) { x[0] = B + H; }\n} }\n",
                &value, 1);

    (void)state;
    holds(u, "namespace a {\nnamespace {\nstatic void ksearch_use__ks");
    holds(u, "using T __attribute__((unused)) = float;");
    holds(u, "static_cast<void (*)(T *, int)>(&k__ks1<float, 64, (64 / 2)>);");
    holds(u, "::a::ksearch_use__ks(ks_p);");
}

static void reasons_against_copies(void **state)
{
    static const struct {
        const char *text, *why;
    } CASES[] = {
        {"constexpr int B = 32;\n__constant__ float t[B];\n" CLAUSES
         "__global__ void k(float *x, int n) { x[0] = t[n]; }\n",
         "'t' is device memory"},
        {"constexpr int B = 32;\nstatic int calls = B;\n" CLAUSES
         "__global__ void k(float *x, int n) { x[0] = calls; }\n",
         "'calls' depends on a tunable and is not constant"},
        {"constexpr int B = 32;\nstruct P { float v[B]; };\n" CLAUSES
         "__global__ void k(float *x, int n, P p = P()) { x[0] = p.v[0]; }\n",
         "the parameters of 'k' depend on a tunable, through 'P'"},
        {"#define B 32\n#include \"impl.cuh\"\n" KERNEL, "a file is included behind"},
        {"#define B 32\n#if B > 16\n#define W 2\n#endif\n" KERNEL, "an #if asks for 'B'"},
        {"constexpr int B = 32;\n__device__ int f(int (&v)[B]);\n" CLAUSES
         "__global__ void k(float *x, int n) { int v[B]; x[0] = f(v); }\n",
         "'f' depends on a tunable and is defined elsewhere"},
        {"constexpr int B = 32;\nstruct Q { int B = 3; int c[sizeof(int) * B]; };\n" CLAUSES
         "__global__ void k(float *x, int n) { Q q; x[0] = q.B; }\n",
         "'Q' has a member called 'B'"},
        {"namespace cfg { constexpr int B = 32; }\nnamespace c = cfg;\nnamespace cfg {\n" CLAUSES
         "__global__ void k(float *x, int n) { x[0] = c::B; } }\n",
         "the namespace alias 'c'"},
        {"constexpr int B = 32;\nconstexpr int blocks(int n) { return n / B; }\n"
         "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = blocks(n), "
         "block = 1)\n"
         "__global__ void k(float *x, int n) { x[0] = B; }\n",
         "launch() uses 'blocks', which depends on a tunable"},
    };
    static const int64_t values[] = {64, 32};

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct file *f = read_file(CASES[i].text);
        struct variant_ref v[2] = {{&f->specs[0], 0, &values[0], "__ks1"},
                                   {&f->specs[0], 0, &values[1], "__ks2"}};
        struct error err = {""};
        struct buf b;
        size_t n;
        assert_false(rewrite_copyable(&f->specs[0], &err));
        if (!strstr(err.text, CASES[i].why))
            fail_msg("case %zu: %s", i, err.text);
        buf_init(&b, BUF_LIMIT);
        assert_int_equal(rewrite_unit(f, v, 2, false, &b, NULL), -1); /* one at a time only */
        buf_clear(&b);
        assert_int_equal(rewrite_unit(f, v, 1, false, &b, NULL), 0);
        lacks(buf_text(&b), "__ks1");
        /* the initialiser is another */
        assert_true(strstr(buf_text(&b), "B = 64") || strstr(buf_text(&b), "define B 64"));
        assert_string_equal(rewrite_kernels(arena, &v[0], &n)[0], "k");
        buf_release(&b);
    }
}

/* presence of a macro is no use of its value; an include before the tunable cannot depend on it */
static void harmless_lines_allow_copies(void **state)
{
    struct file *f = read_file("#include \"first.cuh\"\n#ifdef B\n#undef B\n#endif\n#define B 32\n"
                               "#if defined(B) && 1\n#endif\n#include <cmath>\n" KERNEL
                               "#include \"later.cuh\"\n#if B > 3\n#endif\n");
    struct error err = {""};

    (void)state;
    if (!rewrite_copyable(&f->specs[0], &err))
        fail_msg("%s", err.text);
}

static void kernels_are_listed(void **state)
{
    static const int64_t value = 64;
    static const char text[] =
        "constexpr int B = 32;\n"
        "__global__ void fixed(float *x) { x[0] = 1; }\n"
        "__global__ void unused(float *x) { x[0] = B; }\n"
        "__global__ void g(float *x) { x[0] = B; }\n"
        "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)\n"
        "void h(float *x, int n) { fixed<<<1, 1>>>(x); g<<<n / B, B>>>(x); }\n";
    struct file *f = read_file(text);
    struct variant_ref v = {&f->specs[0], 0, &value, "__ks7"};
    size_t n;
    const char **list = rewrite_kernels(arena, &v, &n);

    (void)state;
    assert_int_equal(n, 2);
    assert_string_equal(list[0], "fixed");
    assert_string_equal(list[1], "g__ks7");
    list = rewrite_emitted_kernels(arena, &v, true, &n);
    assert_int_equal(n, 2);
    assert_string_equal(list[1], "g__ks_h_0_64");
    /* `unused` shares the constant, so that it cannot be substituted */
    list = rewrite_emitted_kernels(arena, &v, false, &n);
    assert_string_equal(list[1], "g__ks_h_0_64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(edits_are_made_in_order),     TEST(names_are_replaced_by_token),
        TEST(blanking_moves_nothing),      TEST(unit_repeats_what_depends),
        TEST(copies_follow_every_path),    TEST(macros_and_enumerators),
        TEST(templates_are_bound),         TEST(reasons_against_copies),
        TEST(harmless_lines_allow_copies), TEST(kernels_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
