#include "tests/unit/annotated.h"

#include "driver/build/harness.h"
#include "driver/build/knobs.h"
#include "driver/build/rewrite.h"

/* "unroll:k:1 stream:k": what is offered for the last entry of a text */
static const char *offered(const char *text)
{
    struct file *f = read_file(text);
    struct knob *knob;
    size_t n = knobs_find(arena, &f->specs[f->nspecs - 1], &knob);
    const char *names = "";

    for (size_t i = 0; i < n; i++)
        names = arena_printf(arena, "%s%s%s", names, i ? " " : "", knob[i].name);
    return names;
}

/* those that begin with a word */
static const char *offered_of(const char *family, const char *text)
{
    char *all = arena_dup(arena, offered(text)), *rest, *one;
    const char *names = "";

    for (one = strtok_r(all, " ", &rest); one; one = strtok_r(NULL, " ", &rest))
        if (strncmp(one, family, strlen(family)) == 0)
            names = arena_printf(arena, "%s%s%s", names, *names ? " " : "", one);
    return names;
}

#define PLAIN \
    "#pragma ksearch inout(x[n]) out(y[n]) workload(n = 64) launch(grid = n, block = 64)\n"
#define HOST                                                                                      \
    "#pragma ksearch inout(x[n]) workload(n = 64)\nvoid h(float *x, int n) { k<<<n, n>>>(x, n); " \
    "}\n"

static const char *kernel_with(const char *body)
{
    return arena_printf(arena, "%s__global__ void k(float *x, float *y, int n)\n{\n%s\n}\n", PLAIN,
                        body);
}

/* the text of a unit with these values of all knobs of the last entry, in order */
static const char *unit_with(const char *text, const int64_t *values, const char *emitted)
{
    struct file *f = read_file(text);
    const struct spec *s = &f->specs[f->nspecs - 1];
    struct knob *knob;
    const struct knob *set[24];
    size_t n = knobs_find(arena, s, &knob);
    struct error err = {""};
    struct buf b;

    for (size_t i = 0; i < n; i++)
        set[i] = &knob[i];
    s = knobs_spec(arena, s, set, n);
    struct variant_ref v = {s, 0, values, "__ks1"};
    struct emission e = {.spec = s, .values = values, .major = 9};
    buf_init(&b, BUF_LIMIT);
    if (emitted ? rewrite_emit(f, &e, 1, false, &b, &err) : rewrite_unit(f, &v, 1, false, &b, &err))
        fail_msg("%s", err.text);
    return keep(&b);
}

/* ---- loops ---- */

static void counted_loops_are_found(void **state)
{
    static const struct {
        const char *body, *wanted;
    } CASES[] = {
        {"for (int i = 0; i < n; i++) x[i]++;", "unroll:k:1"},
        {"int i; for (; i < n; ++i) ;", "unroll:k:1"},
        {"for (int i = n; i; i >>= 1) { }", "unroll:k:1"},
        {"for (unsigned i = 0, j = 1; i < n && j; i += 2, j--) { }", "unroll:k:1"},
        {"for (int i = 0; i < n; i = i + 1) { }", "unroll:k:1"},
        {"for (;;) break;", ""},
        {"for (int i = 0; i < n;) i++;", ""},
        {"for (int i = 0; ; i++) break;", ""},
        {"for (int i = 0; n; i++) break;", ""},
        {"for (int *p = x; p; p = p->next) { }", ""},
        {"int a[3]; for (int v : a) { }", ""},
        {"for (int t = 0; int v : a) { }", ""},
        {"while (n--) { } do { } while (n++ < 4);", ""},
        {"\"for (int i = 0; i < n; i++)\"; // for (int i = 0; i < n; i++) ;\n"
         "/* for (int i = 0; i < n; i++) ; */",
         ""},
        {"#define L for (int i = 0; i < n; i++)\nL x[i]++;", ""},
        {"#pragma unroll\nfor (int i = 0; i < n; i++) ;", ""},
        {"#pragma unroll 4 \\\n // more\nfor (int i = 0; i < n; i++) ;", ""},
        {"#pragma nounroll\n#ifdef A\nfor (int i = 0; i < n; i++) ;\n#endif", ""},
        {"_Pragma(\"unroll\") for (int i = 0; i < n; i++) ;", ""},
        {"UNROLL for (int i = 0; i < n; i++) ;", ""},
        {"UNROLL(4) for (int i = 0; i < n; i++) ;", ""},
        {"DISPATCH(n, { for (int i = 0; i < n; i++) ; });", ""},
        {"if (n) for (int i = 0; i < n; i++) ; else for (int j = 0; j < n; j++) ;",
         "unroll:k:1 unroll:k:2"},
        {"if constexpr (true) for (int i = 0; i < n; i++) ;", "unroll:k:1"},
        {"do for (int i = 0; i < n; i++) ; while (n);", "unroll:k:1"},
        {"switch (n) { case 1: for (int i = 0; i < n; i++) ; }", "unroll:k:1"},
        {"auto f = [&](int m) { for (int i = 0; i < m; i++) ; }; f(n);", "unroll:k:1"},
        {"#if A\nfor (int i = 0; i < n; i++) {\n#else\nfor (int i = 0; i < 2 * n; i++) "
         "{\n#endif\n}",
         "unroll:k:1 unroll:k:2"},
        {"#if A\nfor (int i = 0;\n#else\nfor (int i = 1;\n#endif\ni < n; i++) ;", ""},
        {"for (int i = 0; i < n; i++", ""},
        {"for (int i = 0; i < (n; i++) { }", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *got = offered_of("unroll", kernel_with(CASES[i].body));
        if (strcmp(got, CASES[i].wanted) != 0)
            fail_msg("%s: '%s', not '%s'", CASES[i].body, got, CASES[i].wanted);
    }
}

/* six loops at most: those that hold no other first, and of those the deepest */
static void the_innermost_loops_come_first(void **state)
{
#define L(v) "for (int " v " = 0; " v " < n; " v "++) "
    const char *text = kernel_with(L("a") L("b") "{" L("c") "{ }" L("d") ";" L("e") L("f") ";}" L(
        "g") "{" L("h") "{ } if (n) {" L("i") ";" L("j") ";}}" L("l") ";");

    (void)state;
    assert_string_equal(offered_of("unroll", text), "unroll:k:3 unroll:k:4 unroll:k:6 unroll:k:8 "
                                                    "unroll:k:9 unroll:k:10");
}

static void loops_of_device_code_only(void **state)
{
#define LOOP "{ for (int i = 0; i < n; i++) ; }\n"
    const char *text =
        "__device__ int used(int n) " LOOP "__device__ int unused(int n) " LOOP
        "static int on_host(int n) " LOOP "__host__ __device__ int both(int n) " LOOP
        "template <int N> __device__ "
        "int used(float n) " LOOP "struct S { __device__ int method(int n) " LOOP
        "};\n__device__ int S_method(int);\n" PLAIN "__global__ void k(float *x, float *y, int n)\n"
        "{ used(n); both(n); S().method(n); }\n"
        "void host(float *x, int n) { on_host(n); k<<<n, 64>>>(x, x, n);" LOOP "}\n";

    (void)state;
    assert_string_equal(offered_of("unroll", text), "unroll:used:1 unroll:used.2:1");
}

static void a_pragma_goes_before_the_loop(void **state)
{
    const char *text = kernel_with("if (n)\n  for (int i = 0; i < n; i++) x[i]++;");
    const char *unit = unit_with(text, (const int64_t[]){0, 4}, NULL);

    (void)state;
    assert_string_equal(offered(text), "blocks:k unroll:k:1");
    holds(unit, "__global__ void k(float *x, float *y, int n)\n{\nif (n)\n  for (int");
    holds(unit, "__global__ void k__ks1(float *x, float *y, int n)\n{\nif (n)\n  _Pragma(\"unroll "
                "4\") for (int i = 0;");
    lacks(unit_with(text, (const int64_t[]){0, 0}, NULL), "_Pragma");
}

static void helpers_are_copied_with_their_callers(void **state)
{
    const char *text = "__device__ int sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += i; "
                       "return s; }\n__device__ int twice(int n) { return 2 * sum(n); }\n"
                       "__device__ int other(int n) { return n; }\n" PLAIN
                       "__global__ void k(float *x, float *y, int n) { x[0] += twice(other(n)); }\n"
                       "void r(float *x) { k<<<1, 64>>>(x, x, 3); }\n";
    const char *e = unit_with(text, (const int64_t[]){8, 2}, "emitted");

    (void)state;
    assert_string_equal(offered(text), "unroll:sum:1 blocks:k");
    holds(e, "int sum__ks_k_0_8_2(int n) { int s = 0; _Pragma(\"unroll 8\") for (");
    holds(e, "int twice__ks_k_0_8_2(int n) { return 2 * sum__ks_k_0_8_2(n); }");
    holds(e, "__global__ __launch_bounds__((64), 2) void k__ks_k_0_8_2(float");
    holds(e, "twice__ks_k_0_8_2(other(n))");
    holds(e, "__device__ int sum(int n) { int s = 0; for (");
    lacks(e, "other__ks");
    holds(e, "void r(float *x) { ::ksearch_launch__k(::ksearch_rt::config(1, 64), x, x, 3); }");
}

/* ---- launch bounds ---- */

static void bounds_are_what_is_known(void **state)
{
    static const struct {
        const char *head, *block, *wanted; /* the copy's head with 2; "": no such knob */
    } CASES[] = {
        {"__global__ void", "64", "__global__ __launch_bounds__((64), 2) void k__ks1("},
        {"__global__ void", "(B, 2)", "__launch_bounds__((B) * (2), 2) void k__ks1("},
        {"__global__ void", "cfg::W /* 32 */ * 2", "__launch_bounds__((cfg :: W * 2), 2) void"},
        {"__global__ void", "n", "__maxnreg__(32) void k__ks1("},
        {"__global__ void", "min(B, 32)", "__maxnreg__(32) void"},
        {"__global__ void", "LATE", "__maxnreg__(32) void"},
        {"__global__ void", "MUTABLE", "__maxnreg__(32) void"},
        {"__global__ void", "2048", ""},
        {"__global__ void __launch_bounds__(64)", "n", "void __launch_bounds__(64, 2) k__ks1("},
        {"static __launch_bounds__(B) __global__ void", "64", "static __launch_bounds__(B, 2) "},
        {"__global__ void __launch_bounds__(64, 3)", "64", ""},
        {"__global__ void __launch_bounds__(BOTH)", "64", ""},
        {"__global__ void __maxnreg__(64)", "64", ""},
        {"BOUNDS __global__ void", "64", ""},
        {"extern \"C\" __global__ void", "64",
         "extern \"C\" __global__ __launch_bounds__((64), 2)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *text = arena_printf(
            arena,
            "constexpr int B = 32; int MUTABLE = 4;\nnamespace cfg { const int W = 32; }\n"
            "#define BOTH 64, 2\n#define BOUNDS\n"
            "#pragma ksearch inout(x[n]) workload(n = 64) launch(grid = n, block = %s)\n"
            "%s k(float *x, int n) { x[n] += 1; }\nconstexpr int LATE = 4;\n",
            CASES[i].block, CASES[i].head);
        const char *names = offered(text);
        if (*CASES[i].wanted)
            holds(unit_with(text, (const int64_t[]){strstr(names, "maxreg") ? 32 : 2}, NULL),
                  CASES[i].wanted);
        else if (*names)
            fail_msg("%s: %s", CASES[i].head, names);
    }
}

static void tuned_blocks_are_the_copys(void **state)
{
    const char *text =
        "#define C 2\nconstexpr int B = 32, D = B * C;\n"
        "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) "
        "launch(grid = n, block = D)\n__global__ void k(float *x, int n) { x[B]++; }\n";

    (void)state;
    assert_string_equal(offered(text), "blocks:k");
    holds(unit_with(text, (const int64_t[]){64, 4}, NULL),
          "__global__ __launch_bounds__((D__ks1), 4) void k__ks1(");
    holds(unit_with(text, (const int64_t[]){64, 4}, NULL), "B__ks1 = 64, D__ks1 = B__ks1 * C;");
}

/* blocks that warn: none holds more than 2048 threads */
static void blocks_that_cannot_be_are_not_offered(void **state)
{
    struct file *f =
        read_file("constexpr int B = 512;\n#pragma ksearch inout(x[n]) workload(n = 64) "
                  "launch(grid = n, block = (B, 2))\n"
                  "__global__ void k(float *x, int n) { x[n]++; }\n");
    struct knob *knob;

    (void)state;
    assert_int_equal(knobs_find(arena, f->specs, &knob), 1);
    assert_int_equal(knob->nvalues, 3);
    assert_int_equal(knob->values[2], 2);
}

/* ---- host entries: any block may be launched ---- */

static void kernels_of_host_entries_stay_launchable(void **state)
{
    const char *text =
        "__device__ int f(int n) { for (int i = 0; i < n; i++) ; return n; }\n"
        "__global__ void j(float *x) { x[0] = f(3); }\n"
        "__global__ void __launch_bounds__(256) k(float *x, int n) { x[0] += f(n); }\n"
        "#pragma ksearch inout(x[n]) workload(n = 64)\n"
        "void h(float *x, int n) { j<<<1, n>>>(x); k<<<n, n>>>(x, n); }\n";
    const char *e;

    (void)state;
    assert_string_equal(offered(text), "unroll:f:1 blocks:j stream:j blocks:k");
    e = unit_with(text, (const int64_t[]){4, 0, 0, 0}, "emitted");
    holds(e, "__global__ __launch_bounds__(1024) void j__ks_h_0_4_0_0_0(");
    holds(e, "__global__ void __launch_bounds__(256) k__ks_h_0_4_0_0_0(");
    holds(e, "__global__ void j(float *x)");
    e = unit_with(text, (const int64_t[]){4, 2, 0, 1}, "emitted");
    holds(e, "__global__ __launch_bounds__(1024, 2) void j__ks_h_0_4_2_0_1(");
    holds(e, "__global__ void __launch_bounds__(256, 1) k__ks_h_0_4_2_0_1(");
    lacks(unit_with(text, (const int64_t[]){0, 0, 0, 0}, "emitted"), "1024");
}

static void host_entries_that_cannot_be_guarded(void **state)
{
    static const char *const CASES[] = {
        "BOUNDS __global__ void k(float *x, int n) { for (int i = 0; i < n; i++) ; }\n" HOST,
        "__device__ int f(int n) { for (int i = 0; i < n; i++) ; return n; }\n"
        "template <int F(int)> void run(int);\n"
        "#pragma ksearch inout(x[n]) workload(n = 64)\n"
        "void h(float *x, int n) { run<f>(n); }\n",
        "__device__ int f(int n) { for (int i = 0; i < n; i++) ; return n; }\n"
        "struct Sum { __device__ int operator()(int n) { return f(n); } };\n"
        "#pragma ksearch inout(x[n]) workload(n = 64)\n"
        "void h(float *x, int n) { transform(x, Sum()); }\n",
        "__device__ int f(int n) { for (int i = 0; i < n; i++) ; return n; }\n"
        "#define F f\n#pragma ksearch inout(x[n]) workload(n = 64)\n"
        "void h(float *x, int n) { run<F>(n); }\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_string_equal(offered_of("unroll", CASES[i]), "");
}

/* ---- stores ---- */

static void stores_that_can_stream(void **state)
{
    static const struct {
        const char *body, *wanted; /* NULL: none */
    } CASES[] = {
        {"y[n] = 1;", "__stcs(&y[n] , 1);"},
        {"if (n) y[n] = x[n] + 1; else y[0] = 2;",
         "if (n) __stcs(&y[n] , x[n] + 1); else __stcs(&y[0] , 2);"},
        {"y[n * 4 + threadIdx.x] = fmaf(x[n], 2, x[n * 4 + threadIdx.x]);",
         "__stcs(&y[n * 4 + threadIdx.x] , fmaf(x[n], 2, x[n * 4 + threadIdx.x]));"},
        {"for (int i = 0; i < n; i++) y[i] = n <= 3 ? x[i] : -1;",
         "for (int i = 0; i < n; i++) __stcs(&y[i] , n <= 3 ? x[i] : -1);"},
        {"float v = y[n]; atomicAdd(&y[n], 1); y[n] = v;", "__stcs(&y[n] , v);"},
        {"((float4 *)y)[n] = x[0]; float *z = y + n; y[0] = 1;", "__stcs(&y[0] , 1);"},
        {"y += n; y[0] = 1;", "y += n; __stcs(&y[0] , 1);"},
        {"y[n] += 1;", NULL},
        {"y[n++] = 1;", NULL},
        {"y[n] = x[n++];", NULL},
        {"y[n] = x[0] = 1;", NULL},
        {"y[n] = 1, x[0] = 2;", NULL},
        {"y[n] = {1};", NULL},
        {"y[n] = n, x[0];", NULL},
        {"y[n] = f<1, 2>(x);", NULL},
        {"y[n, 1] = 2;", NULL},
        {"y[f(n)] = 1;", NULL},
        {"y[n] = next(n);", NULL},
        {"y[n] = next(&n);", NULL},
        {"y[n] = next(x ? n : n);", NULL},
        {"y[(int)x[0]] = f(x);", NULL},
        {"y[counter] = f(1);", NULL},
        {"y[n] = [&] { return n; }();", NULL},
        {"y[n] = NEXT;", NULL},
        {"y[n] = ADD(n, 1);", NULL},
        {"y[n] == 1;", NULL},
        {"*y = 1;", NULL},
        {"for (y[0] = 1; n; ) ;", NULL},
        {"for (; n; y[0] = 1) ;", NULL},
        {"for (n = 0; y[n] = 1; ) ;", NULL},
        {"MACRO(y[0] = 1);", NULL},
        {"MACRO() y[0] = 1;", NULL},
        {"n ? y[0] = 1 : y[1] = 2;", NULL},
        {"y[n] = 1\n#if A\n+ 2\n#endif\n;", NULL},
        {"__shared__ float y[4]; y[n] = 1;", NULL},
        {"{ float a, y[4]; y[n] = a; }", NULL},
        {"float *y = x; y[n] = 1;", NULL},
        {"__shared__ float s[4]; y = s; y[n] = 1;", NULL},
        {"move(y); y[n] = 1;", NULL},
        {"float **p = &y; y[n] = 1;", NULL},
        {"auto [a, y] = f(); y[n] = 1;", NULL},
        {"for (auto y : x) y[n] = 1;", NULL},
        {"#define z y = s\nz; y[n] = 1;", NULL},
        {"auto f = [](float *y, int n) { y[n] = 1; };", NULL},
        {"x.y[n] = 1; x->y[n] = 1;", NULL},
        {"S::y[n] = 1;", NULL},
        {"y[n] = 1", NULL},
        {"y[n", NULL},
        {"y[n] =", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *text = arena_printf(
            arena,
            "int counter;\n#define NEXT (*n)++\n#define ADD(a, b) a + b\n"
            "#pragma ksearch in(x[n]) out(y[n]) workload(n = 64) launch(grid = n, block = 2048)\n"
            "__global__ void k(const float *x, float *__restrict__ y, int n)\n{\n%s\n}\n",
            CASES[i].body);
        const char *names = offered_of("stream", text);
        if (strcmp(names, CASES[i].wanted ? "stream:k" : "") != 0)
            fail_msg("%s: '%s'", CASES[i].body, names);
        if (CASES[i].wanted) /* the last of at most two */
            holds(unit_with(text, (const int64_t[]){1, 1}, NULL), CASES[i].wanted);
    }
}

static void streams_by_type(void **state)
{
    static const struct {
        const char *type;
        bool can;
    } CASES[] = {{"float *", true},        {"unsigned int *const", true},
                 {"unsigned char*", true}, {"__half *__restrict__", true},
                 {"long long *", true},    {"volatile float *", false},
                 {"const float *", false}, {"float *const *", false},
                 {"float **", false},      {"std::complex<float> *", false},
                 {"Thing *", false},       {"float (*)[4]", false}};

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *text = arena_printf(arena,
                                        "__global__ void j(float *x, %s y, int n) { y[n] = 1; }\n"
                                        "#pragma ksearch inout(x[n]) workload(n = 64)\n"
                                        "void h(float *x, int n) { j<<<1, 1>>>(x, x, n); }\n",
                                        CASES[i].type);
        const char *names = offered_of("stream", text);
        if (strcmp(names, CASES[i].can ? "stream:j" : "") != 0)
            fail_msg("%s: '%s'", CASES[i].type, names);
    }
}

/* ---- the rest ---- */

static void what_cannot_be_copied_has_no_knobs(void **state)
{
    static const char *const CASES[] = {
        "__device__ int count;\n__device__ int f(int n) { static int calls; for (int i = 0; i < n; "
        "i++) ; return calls++; }\n" PLAIN
        "__global__ void k(float *x, float *y, int n) { f(n); }\n",
        "__device__ int f(int n) { for (int i = 0; i < n; i++) ; return n; }\n__device__ int "
        "(*pointer)(int) = f;\n" PLAIN
        "__global__ void k(float *x, float *y, int n) { pointer(n); }\n",
        "struct S { int operator+(S o); };\n__device__ S operator+(S a, int n) { for (int i = 0; i "
        "< n; i++) ; return a; }\n" PLAIN
        "__global__ void k(float *x, float *y, int n) { S() + n; }\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_string_equal(offered_of("unroll", CASES[i]), "");
        holds(offered(CASES[i]), "blocks:k"); /* what does go is kept */
    }
}

/* launches that do not go through the launcher */
static void kernels_that_device_code_launches(void **state)
{
    static const char *const CASES[] = {
        "if (n) k<<<1, 128>>>(x, y, n - 1);",
        "other<<<1, n>>>(x);",
        "void *p = (void *)k; launch(p);",
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_string_equal(offered(kernel_with(CASES[i])), "");
    assert_string_equal(offered(arena_printf(arena, "__global__ void k(float *, float *, int);\n%s",
                                             kernel_with("x[n << 1] += 1;"))),
                        "blocks:k");
    assert_string_equal(offered(arena_printf(arena,
                                             "__global__ void __launch_bounds__(64) k(float *, "
                                             "float *, int);\n%s",
                                             kernel_with("x[n << 1] += 1;"))),
                        "");
}

static void a_record_finds_its_knobs(void **state)
{
    static const char *const NAMES[] = {"stream:k", "B", "unroll:k:1", "unroll:k:9"};
    struct file *f =
        read_file("constexpr int B = 32;\n#pragma ksearch inout(x[n]) workload(n = 64) "
                  "tune(B = 32, 64) launch(grid = n, block = B)\n__global__ void "
                  "k(float *x, int n) { for (int i = 0; i < n; i++) x[i] = B; }\n");
    const struct spec *plain = f->specs, *s;
    const char *missing;

    (void)state;
    assert_ptr_equal(knobs_spec_for(arena, plain, NAMES + 1, 1, &missing), plain);
    assert_null(missing);
    s = knobs_spec_for(arena, plain, NAMES, 3, &missing);
    assert_null(missing);
    assert_ptr_equal(spec_plain(s), plain);
    assert_ptr_equal(spec_plain(plain), plain);
    assert_int_equal(s->ntunables, 3);
    assert_int_equal(plain->ntunables, 1);
    assert_string_equal(s->tunables[0].name, "B");
    assert_string_equal(s->tunables[1].name, "unroll:k:1");
    assert_int_equal(s->tunables[1].values[s->tunables[1].def], 0);
    assert_int_equal(s->tunables[2].kind, TUNABLE_KNOB);
    knobs_spec_for(arena, s, NAMES, 4, &missing);
    assert_string_equal(missing, "unroll:k:9");
    assert_ptr_equal(knobs_spec(arena, s, NULL, 0), plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counted_loops_are_found),
        TEST(the_innermost_loops_come_first),
        TEST(loops_of_device_code_only),
        TEST(a_pragma_goes_before_the_loop),
        TEST(helpers_are_copied_with_their_callers),
        TEST(bounds_are_what_is_known),
        TEST(tuned_blocks_are_the_copys),
        TEST(blocks_that_cannot_be_are_not_offered),
        TEST(kernels_of_host_entries_stay_launchable),
        TEST(host_entries_that_cannot_be_guarded),
        TEST(stores_that_can_stream),
        TEST(streams_by_type),
        TEST(what_cannot_be_copied_has_no_knobs),
        TEST(kernels_that_device_code_launches),
        TEST(a_record_finds_its_knobs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
