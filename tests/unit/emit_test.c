#include "tests/unit/annotated.h"

#include "driver/build/command.h"
#include "driver/build/harness.h"
#include "driver/build/rewrite.h"

/* the emitted text with `value` for the only tunable of every entry; NULL and *err when refused */
static const char *emit_of(const char *text, int64_t value, bool dispatch, struct error *err)
{
    struct file *f = read_file(text);
    struct emission e[4] = {{0}};
    struct buf b;

    for (size_t i = 0; i < f->nspecs; i++)
        e[i] = (struct emission){&f->specs[i],   NULL, 0, &value, 9,    0,
                                 "{\"note\":1}", NULL, 0, 0,      false};
    buf_init(&b, BUF_LIMIT);
    err->text[0] = 0;
    if (rewrite_emit(f, e, f->nspecs, dispatch, &b, err)) {
        buf_release(&b);
        return NULL;
    }
    return keep(&b);
}

#define HOST                                                          \
    "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)\n" \
    "void h(float *x, int n) { g<<<n / B, B>>>(x); }\n"

/* ---- launch sites ---- */

static void launch_sites_are_rewritten(void **state)
{
    static const struct {
        const char *site, *wanted; /* NULL: stays as it is */
    } CASES[] = {
        {"k<<<1, 2>>>(x, n)", "::a::ksearch_launch__k(::ksearch_rt::config(1, 2), x, n)"},
        {"a::k<<<1, 2, 3, s>>>(x, n)",
         "::a::ksearch_launch__k(::ksearch_rt::config(1, 2, 3, s), x, n)"},
        {"::a::k<<<dim3(1, 2), {3}, f<A<B<1>>>(x)>>>(x, n)",
         "::a::ksearch_launch__k(::ksearch_rt::config(dim3(1, 2), {3}, f<A<B<1>>>(x)), x, n)"},
        {"k <<< n >> 1,\n [&](int v) { return v > 1; }(3) >>> (x,\n n)",
         "::a::ksearch_launch__k (::ksearch_rt::config( n >> 1,\n [&](int v) { return v > 1; }(3) "
         "), "
         "x,\n n)"},
        {"if (n < 3) k<<<n < 5 ? 1 : 2, (n > 4)>>>(x, n)",
         "if (n < 3) ::a::ksearch_launch__k(::ksearch_rt::config(n < 5 ? 1 : 2, (n > 4)), x, n)"},
        {"RUN((k<<<1, 2>>>(x, n)))",
         "RUN((::a::ksearch_launch__k(::ksearch_rt::config(1, 2), x, n)))"},
        {"M(x)", "M__ks_k(x)"},
        {"N(k, 1, 2, x, n)", "N__ks_k(k, 1, 2, x, n)"},
        {"N(a::k, 1, 2, x, n)", "N__ks_k(a::k, 1, 2, x, n)"},
        {"N(b::k, 1, 2, x, n)", NULL},
        {"N(k<1>, 1, 2, x, n)", NULL},
        {"N(kk, 1, 2, x, n)", NULL},
        {"b::k<<<1, 2>>>(x, n)", NULL},
        {"o.k<<<1, 2>>>(x, n)", NULL},
        {"kk<<<1, 2>>>(x, n)", NULL},
        {"std::cout << k << 1", NULL},
        {"f(\"k<<<1, 2>>>(x)\") /* k<<<1, 2>>>(x) */", NULL},
    };
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *text =
            arena_printf(arena,
                         "constexpr int B = 32;\nnamespace a {\n%s}\nvoid first() { a::k<<<7, "
                         "8>>>(nullptr, 0); }\n"
                         "#define M(x) a::k<<<1, 2>>>(x, 0)\n"
                         "#define N(f, g, b, ...) f<<<g, b>>>(__VA_ARGS__); say(#f)\n"
                         "using namespace a;\n"
                         "__global__ void other(float *x, int n) { a::k<<<1, 2>>>(x, n); }\n"
                         "void run(float *x, int n, cudaStream_t s)\n{\n    %s;\n}\n",
                         KERNEL, CASES[i].site);
        const char *e = emit_of(text, 64, false, &err);
        if (!e)
            fail_msg("%s: %s", CASES[i].site, err.text);
        holds(e, "first() { ::a::ksearch_launch__k(::ksearch_rt::config(7, 8), nullptr, 0); }");
        holds(e, arena_printf(arena, "{\n    %s;\n}\n",
                              CASES[i].wanted ? CASES[i].wanted : CASES[i].site));
        holds(e, "#define M(x) a::k<<<1, 2>>>(x, 0)\n");
        if (strncmp(CASES[i].site, "M(", 2) == 0)
            holds(e, "\n#undef M__ks_k\n#define M__ks_k(x) "
                     "::a::ksearch_launch__k(::ksearch_rt::config(1, 2), x, 0)\n#line ");
        if (strncmp(CASES[i].site, "N(k, ", 5) == 0)
            holds(e, "#define N__ks_k(f, g, b, ...) ::a::ksearch_launch__k(::ksearch_rt::config(g, "
                     "b), __VA_ARGS__); say(#f)\n");
        holds(e, "int n) { a::k<<<1, 2>>>(x, n); }\n");
    }
}

static void template_sites_keep_their_arguments(void **state)
{
    struct error err;
    const char *e = emit_of(
        "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = n, block = B) "
        "instance(T = float)\n"
        "template <typename T, int B = 32> __global__ void k(T *x, const int n = 3) { x[0] = B; }\n"
        "template <typename U> void run(U *x) { k<U><<<1, 2>>>(x); k<U, 5><<<1, 2>>>(x, 4);\n"
        "    k<<<1, 2>>>(x); }\n"
        "__global__ void none();\n",
        64, true, &err);

    (void)state;
    assert_non_null(e);
    holds(e, "ksearch_launch__k<U>(::ksearch_rt::config(1, 2), x);");
    holds(e, "ksearch_launch__k<U, 5>(::ksearch_rt::config(1, 2), x, 4);");
    holds(e, "    ::ksearch_launch__k(::ksearch_rt::config(1, 2), x);");
    holds(e, "template <> struct ksearch_at__ks_k_0_64<float, 32> {");
    holds(e, "&k__ks_k_0_64<float, 64>");
    holds(e, "(ksearch_at__ks_k_0_64<T, B>::is && ks_device.is(9, 0))");
    holds(e, "k<T, B><<<ks_site.grid, ks_site.block, ks_site.smem, ks_site.stream>>>(x, n);");
}

static void launches_that_cannot_be_told(void **state)
{
    static const struct {
        const char *text, *why;
    } CASES[] = {
        {"constexpr int B = 32;\n" KERNEL, "no launch behind it"},
        {"constexpr int B = 32;\nnamespace b { __global__ void k(float *x, int n) { } }\n" KERNEL
         "namespace b { void r() { k<<<1, 2>>>((float *)0, 1); } }\n",
         "no launch behind it"},
        {"constexpr int B = 32;\nnamespace a {\n" KERNEL
         "}\nnamespace b { __global__ void k(float *x, "
         "int n) { } }\nusing namespace a;\nusing namespace b;\n"
         "void r() { k<<<1, 2>>>((float *)0, 1); }\n",
         "no launch behind it"},
        {"constexpr int B = 32;\n__constant__ float t[B];\n" CLAUSES
         "__global__ void k(float *x, int n) { x[0] = t[n]; }\n"
         "void r() { k<<<1, 2>>>((float *)0, 1); }\n",
         "device memory"},
    };
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_null(emit_of(CASES[i].text, 64, false, &err));
        holds(err.text, "'k': ");
        holds(err.text, CASES[i].why);
    }
    /* an earlier declaration of the same kernel is no other kernel */
    assert_non_null(emit_of("constexpr int B = 32;\n__global__ void k(float *, int);\n" KERNEL
                            "void r() { k<<<1, 2>>>((float *)0, 1); }\n",
                            64, false, &err));
}

/* a launch of an overloaded name becomes a call that is overloaded in the same way */
static void overloads_have_launchers(void **state)
{
    struct error err;
    const char *e =
        emit_of("constexpr int B = 32;\n__global__ void k(double *x, int n);\n"
                "template <typename T> __global__ void k(T *x, int n, T y = 1) { }\n"
                "template <> __global__ void k<int>(int *x, int n, int y) { }\n" KERNEL
                "__global__ void k(double *x, int n) { }\nvoid k(char) { }\n"
                "void r(double *x) { k<<<1, 2>>>(x, 1); k<float><<<1, 2>>>((float *)0, 1); }\n",
                64, false, &err);

    (void)state;
    assert_non_null(e);
    holds(e, "void ksearch_launch__k(const ::ksearch_rt::config &ks_site, double * x, int n)\n{\n"
             "    k<<<ks_site.grid, ks_site.block, ks_site.smem, ks_site.stream>>>(x, n);\n}\n");
    holds(e, "template <typename T\n>\nstatic inline __attribute__((unused)) void "
             "ksearch_launch__k(const ::ksearch_rt::config &ks_site, T * x, int n, T y = 1\n)\n{\n"
             "    k<T><<<");
    holds(e, "static_cast<void (*)(float *, int)>(&k__ks_k_0_64)");
    holds(e, "r(double *x) { ::ksearch_launch__k(::ksearch_rt::config(1, 2), x, 1); "
             "::ksearch_launch__k<float>(");
    lacks(e, "const ::ksearch_rt::config &ks_site, char");
    lacks(e, "static_assert(sizeof(&k)");
}

/* ---- host entries ---- */

static void alone_a_host_entry_is_substituted(void **state)
{
    struct error err;
    const char *e =
        emit_of("constexpr int B = 32; // B\n__global__ void g(float *x) { x[0] = B; }\n" HOST
                "int main() { h(nullptr, 64); }\n",
                64, false, &err);

    (void)state;
    assert_non_null(e);
    assert_memory_equal(e, "#line 1 \"t.cu\"\nconstexpr int B = 64; // B\n", 41);
    lacks(e, "__ks_");
    lacks(e, "ksearch_rt");
    holds(e, "section(\".ksearch\")");
    holds(e, "= \"{\\\"note\\\":1}\";");
}

static void a_shared_constant_is_left_alone(void **state)
{
    struct error err;
    const char *e =
        emit_of("constexpr int B = 32;\n__global__ void g(float *x) { x[0] = B; }\n" HOST
                "int other() { return B; }\n",
                64, false, &err);

    (void)state;
    assert_non_null(e);
    holds(e, "constexpr int B = 32;\n");
    holds(e, "int other() { return B; }");
    holds(e, "    if (::ksearch_rt::any_device())\n        return h__ks_h_0_64(");
    holds(e, "void h__ks_h_0_64(float *x, int n) { g__ks_h_0_64<<<n / B__ks_h_0_64, ");
    assert_true(strstr(e, "void h__ks_h_0_64(float") <
                strstr(e, "void h(float")); /* it is called */
}

static void dispatch_tests_the_device(void **state)
{
    struct error err;
    const char *e = emit_of(
        "constexpr int B = 32;\n"
        "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)\n"
        "static int h(float *x, int n, int = 3)\n{\n    return n / B + (x != nullptr);\n}\n",
        64, true, &err);

    (void)state;
    assert_non_null(e);
    holds(e, "static int h(float *x, int n, int ks_p2 = 3)\n{\n# 4 \"t.cu\" 3\n\n    {\n");
    holds(e, "    ::ksearch_rt::device ks_device;\n    if (ks_device.is(9, 0))\n        return "
             "h__ks_h_0_64(");
    holds(e, "::ksearch_rt::pass<decltype(ks_p2)>(ks_p2));\n    }\n# 4 \"t.cu\"\n\n    return "
             "n / B");
}

/* a winner was only checked where its assumptions hold */
/* a winner that needs sm_90a, beside one of the same entry that does not */
static void a_target_of_its_own_is_asked_for(void **state)
{
    struct file *f = read_file("constexpr int B = 32;\n" KERNEL
                               "void run(float *x, int n) { k<<<n / B, B>>>(x, n); }\n");
    const struct target_arch only[] = {{.major = 9, .suffix = 'a'}, {.major = 8}};
    const int64_t value[] = {64, 32, 16};
    struct emission e[] = {
        {.spec = f->specs, .values = &value[0], .major = 9, .only = &only[0]},
        {.spec = f->specs, .values = &value[1], .major = 8, .only = &only[1]},
        {.spec = f->specs, .values = &value[2], .major = 10},
    };
    struct error err = {""};
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(rewrite_emit(f, e, COUNT(e), true, &b, &err), 0);
    const char *text = keep(&b);
    holds(text, "void k__ks_k_0_64(float *x, int n) {\n"
                "#if !defined(__CUDA_ARCH__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)\n"
                "#line 3 \"t.cu\"\n x[threadIdx.x] += B__ks_k_0_64; \n#endif\n#line 3 \"t.cu\"\n}");
    holds(text, "#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ == 800\n"
                "#line 3 \"t.cu\"\n x[threadIdx.x] += B__ks_k_0_32; \n#endif\n");
    holds(text, "void k__ks_k_0_16(float *x, int n) { x[threadIdx.x] += B__ks_k_0_16; }");
    holds(text, "void k(float *x, int n) { x[threadIdx.x] += B; }");
    holds(text, "if (ks_device.is(9, 0) && ::ksearch_runs_sm_90a()) {");
    holds(text, "if (ks_device.is(8, 0) && ::ksearch_runs_sm_80()) {");
    holds(text, "if (ks_device.is(10, 0)) {");
    const char *mark = strstr(text, "ksearch_is_sm_90a() {}");
    assert_non_null(mark);
    lacks(mark + 1, "ksearch_is_sm_90a() {}");
    lacks(text, "sm_80a");
}

static void assumptions_are_tested(void **state)
{
    struct error err;
    const char *e = emit_of("constexpr int B = 32;\n"
                            "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) "
                            "assume(n % B == 0, cdiv(n, 2) < gpu.sms)\n"
                            "void h(float *x, int n) { }\n",
                            64, false, &err);

    (void)state;
    assert_non_null(e);
    holds(e, "((((long long)n) % B__ks_h_0_64 == 0) && "
             "(cdiv(((long long)n), 2) < ::ksearch_rt::gpu().sms))");
}

/* two entries with a constant of their own and one that both use */
static void winners_share_a_text(void **state)
{
    static const int64_t first = 64, second = 128;
    struct file *f = read_file("constexpr int B = 32;\n"
                               "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64, 128) "
                               "launch(grid = n, block = 1)\n"
                               "__global__ void k(float *x, int n) { x[0] = B; }\n"
                               "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64, 128) "
                               "launch(grid = n, block = 1)\n"
                               "__global__ void l(float *x, int n) { x[1] = B; }\n"
                               "void r(float *x) { k<<<1, 2>>>(x, 1); l<<<1, 2>>>(x, 1); }\n");
    struct emission e[3] = {{&f->specs[0], NULL, 0, &first, 9, 0, "a", NULL, 0, 0, NULL},
                            {&f->specs[1], NULL, 0, &second, 9, 0, "b", NULL, 0, 0, NULL},
                            {&f->specs[0], NULL, 0, &second, 8, 0, "c", NULL, 0, 0, NULL}};
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(rewrite_emit(f, e, 3, true, &b, NULL), 0);
    const char *t = keep(&b);
    holds(t, "void k__ks_k_0_64(float *x, int n) { x[0] = B__ks_k_0_64; }");
    holds(t, "void k__ks_k_0_128(float *x, int n) { x[0] = B__ks_k_0_128; }");
    holds(t, "void l__ks_l_0_128(float *x, int n) { x[1] = B__ks_l_0_128; }");
    holds(t, "ks_device.is(8, 0)");
    holds(t, "ksearch_launch__k(::ksearch_rt::config(1, 2), x, 1); "
             "::ksearch_launch__l(::ksearch_rt::config(1, 2), x, 1);");
    lacks(t, "k__ks_l");
    holds(t, "ksearch_note__2[] = \"c\";");
}

/* winners for regimes of a parameter leave the original in place for all other values */
static void regimes_choose_by_the_parameter(void **state)
{
    static const int64_t small = 64, large = 128;
    struct file *f =
        read_file("constexpr int B = 32;\n"
                  "#pragma ksearch inout(x[n]) workload(n = 1, 64) tune(B = 32, 64, 128)\n"
                  "void h(float *x, unsigned n) { x[0] = B; }\n");
    struct emission e[2] = {{&f->specs[0], NULL, 0, &small, 9, 0, NULL, "n", -1, 16, NULL},
                            {&f->specs[0], NULL, 0, &large, 9, 0, NULL, "n", 64, 64, NULL}};
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(rewrite_emit(f, e, 2, false, &b, NULL), 0);
    const char *t = keep(&b);
    holds(t, "constexpr int B = 32;");
    holds(t, "if ((long long)n >= (-1) && (long long)n <= 16)\n"
             "        return h__ks_h_0_64(");
    holds(t, "(long long)n >= 64 && (long long)n <= 64)\n        return h__ks_h_0_128(");
    holds(t, "{ x[0] = B__ks_h_0_64; }");
}

/* a launch inside of a host entry that has a winner is part of what was measured */
static void measured_launches_stay(void **state)
{
    struct error err;
    const char *e = emit_of("constexpr int B = 32;\nconstexpr int C = 32;\n" KERNEL
                            "#pragma ksearch inout(x[n]) workload(n = 64) tune(C = 32, 64)\n"
                            "void h(float *x, int n) { k<<<n, C>>>(x, n); }\n"
                            "void r(float *x) { k<<<1, 2>>>(x, 1); }\n",
                            64, false, &err);

    (void)state;
    if (!e)
        fail_msg("%s", err.text);
    holds(e, "constexpr int C = 64;");
    holds(e, "void h(float *x, int n) { k<<<n, C>>>(x, n); }");
    holds(e, "void r(float *x) { ::ksearch_launch__k(");
}

/* every line of the user's that ends with its number is found under that number */
static void line_numbers_hold(void **state)
{
    static const char text[] =
        "#define B 32 // @1\nnamespace a { // @2\nstatic __device__ int f() { return B; } // @3\n"
        "inline namespace { // @4\n#pragma ksearch inout(x[n]) workload(n = 64) \\\n"
        "    tune(B = 32, 64) launch(grid = n, block = B)\n__global__ void k(float *x, int n) // "
        "@7\n"
        "{ // @8\n    x[0] = f(); // @9\n} // @10\n} // @11\n} // @12\n"
        "void r(float *x) { a::k<<<1, // @13\n   2>>>(x, 3); } // @14\n";
    struct error err;
    const char *e = emit_of(text, 64, true, &err);
    bool seen[16] = {false};
    int row = 0;

    (void)state;
    assert_non_null(e);
    for (const char *p = e; *p; row++) {
        size_t n = strcspn(p, "\n");
        const char *at = memmem(p, n, "// @", 4);
        if (strncmp(p, "#line ", 6) == 0)
            row = atoi(p + 6) - 1;
        else if (strncmp(p, "# ", 2) == 0)
            row = atoi(p + 2) - 1;
        else if (at && atoi(at + 4) < 16)
            seen[atoi(at + 4)] |= atoi(at + 4) == row;
        p += n + (p[n] == '\n');
    }
    for (int i = 1; i <= 14; i++)
        if (!seen[i] && i != 5 && i != 6)
            fail_msg("line %d has another number in\n%s", i, e);
}

/* ---- harness ---- */

static void labels_and_names(void **state)
{
    struct file *f =
        read_file("namespace a { namespace {\n#pragma ksearch inout(x[n]) workload(n = 64) "
                  "launch(grid = n, block = 1) instance(T = float) instance(T = double) name(lab)\n"
                  "template <typename T> __global__ void k(T *x, int n) { }\n} }\n");

    (void)state;
    assert_string_equal(target_label(arena, &f->specs[0], 1), "lab_1");
    assert_string_equal(target_name(arena, &f->specs[0], 1), "a::(anonymous)::k<T=double>");
}

static void geometry_follows_derived_constants(void **state)
{
    struct file *f = read_file(
        "#define B 32\n#define S c::U\nnamespace c { constexpr int T = 2 * B, U{T + 1}; }\n"
        "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) "
        "launch(grid = cdiv(n, c::U), block = B, smem = S)\n"
        "__global__ void k(float *x, int n) { x[0] = B; }\n");
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    harness_tail(f, &b);
    const char *t = strstr(buf_text(&b), "#undef B\n");
    assert_non_null(t);
    holds(t, "#undef S\n#define S U\n");
    holds(t, "const int B = (int)ks_t[0];");
    holds(t, "decltype(::c::T) T = 2 * B;");
    holds(t, "decltype(::c::U) U{T + 1};");
    holds(t, "(unsigned)(cdiv(n, U)\n");
    buf_release(&b);
}

/* a macro that launch() does not use would be expanded in the declaration of its own variable */
static void macros_give_way_used_or_not(void **state)
{
    struct file *f = read_file("#define B 32\n#pragma ksearch inout(x[n]) workload(n = 64) "
                               "tune(B = 32, 64) launch(grid = n, block = 1)\n"
                               "__global__ void k(float *x, int n) { x[0] = B; }\n");
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    harness_tail(f, &b);
    const char *undef = strstr(buf_text(&b), "#pragma push_macro(\"B\")\n\n#undef B\n");
    assert_non_null(undef);
    holds(undef, "const int B = (int)ks_t[0];");
    holds(strstr(undef, "ksearch_geom__k_0"), "#pragma pop_macro(\"B\")\n");
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(launch_sites_are_rewritten),
        TEST(template_sites_keep_their_arguments),
        TEST(launches_that_cannot_be_told),
        TEST(overloads_have_launchers),
        TEST(alone_a_host_entry_is_substituted),
        TEST(a_shared_constant_is_left_alone),
        TEST(dispatch_tests_the_device),
        TEST(a_target_of_its_own_is_asked_for),
        TEST(assumptions_are_tested),
        TEST(winners_share_a_text),
        TEST(regimes_choose_by_the_parameter),
        TEST(measured_launches_stay),
        TEST(line_numbers_hold),
        TEST(labels_and_names),
        TEST(geometry_follows_derived_constants),
        TEST(macros_give_way_used_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
