/* tests/unit/structure_test.c - structures whose text comes from memory. */
#include "tests/unit/check.h"
#include "driver/build/harness.h"
#include "driver/build/rewrite.h"
#include "driver/build/structure_text.h"
#include "driver/lang/diag.h"
#include "runtime/base/arena.h"

#define NAME "model:1a2b3c4d"

static const char HOST[] =
    "namespace a { constexpr int ROWS = 4;\n"
    "#pragma ksearch in(x[rows][8]) out(y[rows]) workload(rows = 4) scratch(1M)\n"
    "void f(float *y, const float *x, int rows, cudaStream_t s)\n"
    "{\n"
    "}\n"
    "}\n";

static const char KERNEL[] =
    "#pragma ksearch in(x[n]) out(y[n]) workload(n = 4) launch(grid = n, block = 1)\n"
    "__global__ void f(float *y, const float *x, int n)\n"
    "{\n"
    "}\n";

static const char PLAN[] = "constexpr int N = 2 * ROWS;\n"
                           "#pragma ksearch tune(N = 8, 16) where(N >= ROWS) scratch(p[rows] as "
                           "float) zero(p) run(k<<<rows, N>>>(y, x, p))\n"
                           "__global__ void k(float *y, const float *x, float *p) {}\n";

struct fixture {
    struct arena *arena;
    struct diag d;
    struct file *f;
    char *said; /* by the last read */
};

static struct fixture file_of(const char *code)
{
    struct fixture x = {.arena = arena_new()};

    diag_init(&x.d, x.arena);
    x.f = annotations_read(x.arena, source_wrap(x.arena, "code.cu", code, strlen(code)),
                           &(struct reading){0}, &x.d);
    assert_non_null(x.f);
    return x;
}

static const struct spec *read_text(struct fixture *x, const char *name, const char *text,
                                    size_t len)
{
    const struct spec *s;
    struct buf said;

    diag_init(&x->d, x->arena);
    s = structure_read(x->f, x->f->specs, name, text, len, &x->d);
    buf_init(&said, BUF_LIMIT);
    diag_text(&x->d, &said);
    x->said = arena_dup(x->arena, buf_text(&said));
    buf_release(&said);
    assert_true((s == NULL) == (x->d.nerrors > 0));
    return s;
}

static const struct spec *taken(struct fixture *x, const char *name, const char *text)
{
    const struct spec *s = read_text(x, name, text, strlen(text));

    assert_string_equal(x->said, "");
    assert_non_null(s);
    return s;
}

static void refused(struct fixture *x, const char *text, const char *why)
{
    assert_null(read_text(x, NAME, text, strlen(text)));
    if (!strstr(x->said, why))
        fail_msg("'%s' does not say '%s'", x->said, why);
}

static void a_text_is_a_structure(void **state)
{
    struct fixture x = file_of(HOST);
    char *text = strdup(PLAN);
    const struct spec *s = taken(&x, NAME, text);

    (void)state;
    memset(text, 'x', strlen(text)); /* it was copied */
    free(text);
    assert_string_equal(s->structure->path, NAME);
    assert_string_equal(s->structure->src->text, PLAN);
    assert_ptr_equal(structure_entry(s), x.f->specs);
    assert_int_equal(s->ntunables, 1);
    assert_int_equal(s->tunables[0].values[1], 16);
    assert_int_equal(s->structure->nruns, 1);
    assert_int_equal(x.f->specs[0].nstructures, 0); /* the key is made of those */
    assert_null(structure_find(x.f->specs, NAME));
    arena_free(x.arena);
}

static void the_same_text_is_read_once(void **state)
{
    struct fixture x = file_of(HOST);
    const struct spec *s = taken(&x, NAME, PLAN), *other = taken(&x, "model:5", PLAN);

    (void)state;
    assert_ptr_equal(taken(&x, NAME, PLAN), s);
    assert_ptr_not_equal(s, other);
    assert_int_equal(structure_number(s), 1);
    assert_int_equal(structure_number(other), 2);
    assert_int_equal(structure_number(x.f->specs), 0);
    refused(&x, "// another text\n", "another text of 'f' has the name " NAME);
    assert_int_equal(x.f->ntexts, 2);
    arena_free(x.arena);
}

static void it_is_emitted_as_a_files(void **state)
{
    struct fixture x = file_of(HOST);
    const struct spec *s = taken(&x, NAME, PLAN);
    const int64_t values[] = {16};
    struct emission e = {
        .spec = x.f->specs, .structure = s, .values = values, .major = 9, .note = "{}"};
    struct error err = {""};
    struct buf text;

    (void)state;
    buf_init(&text, BUF_LIMIT);
    assert_int_equal(rewrite_emit(x.f, &e, 1, false, &text, &err), 0);
    assert_non_null(strstr(buf_text(&text), "namespace ksearch_space__ks_"));
    assert_non_null(strstr(buf_text(&text), "_model_1a2b3c4d_text_16 {"));
    assert_non_null(strstr(buf_text(&text), "constexpr int N = 16;"));
    assert_non_null(strstr(buf_text(&text), "#line 1 \"" NAME "\""));
    buf_release(&text);
    arena_free(x.arena);
}

static void a_kernel_takes_the_place_of_a_kernel(void **state)
{
    struct fixture x = file_of(KERNEL);

    (void)state;
    taken(&x, "model:1", "__global__ void f(float *y, const float *x, int n) { }\n");
    refused(&x, "__global__ void g(float *y, const float *x, int n) { }\n",
            NAME ":1:1: error: ksearch: this structure of a kernel defines no __global__ function");
    arena_free(x.arena);
}

static void all_errors_are_told_where_they_are(void **state)
{
    struct fixture x = file_of(HOST);

    (void)state;
    refused(&x,
            "#include \"secret.h\"\n"
            "#pragma ksearch tune(N = 8)\n"
            "#pragma ksearch run(k<<<n, 1>>>(y)) run(j<<<1, 1>>>())\n"
            "\t__global__ void k(float *y, int n) {}\n",
            NAME ":1:10: error: ksearch: this text stands in no folder");
    assert_non_null(strstr(x.said, "#include \"secret.h\"\n         ^\n"));
    assert_non_null(strstr(x.said, NAME ":2:22: error: ksearch: tunable 'N' is neither"));
    assert_non_null(strstr(x.said, NAME ":3:25: error: ksearch: 'n' is neither an integer"));
    assert_non_null(strstr(x.said, "'k' has 2 parameters, here are 1 arguments"));
    assert_non_null(strstr(x.said, NAME ":4:18: note: defined here"));
    assert_non_null(strstr(x.said, "there is no kernel 'j' in this text"));
    assert_int_equal(x.d.nerrors, 5);
    refused(&x, "#pragma ksearch rum(k<<<1, 1>>>())\n#pragma ksearch let(a 1)\n",
            "'rum' is no line of a structure; did you mean 'run'?");
    assert_non_null(strstr(x.said, NAME ":2:23: error: "));
    assert_int_equal(x.d.nerrors, 2); /* and not that nothing is run */
    arena_free(x.arena);
}

static void includes_are_the_compilers_own(void **state)
{
    struct fixture x = file_of(HOST);
    const char *text = "#include <cuda_bf16.h>\n";

    (void)state;
    text = arena_printf(x.arena, "%s%s", text, PLAN);
    taken(&x, "model:1", text);
    refused(&x, "#define X <a.h>\n#include X\n", NAME ":2:10: error: ksearch: this text");
    refused(&x, "#include\n", "this text stands in no folder");
    arena_free(x.arena);
}

static void bytes_that_are_no_text(void **state)
{
    struct fixture x = file_of(HOST);
    char *large = calloc(1, STRUCTURE_TEXT_LIMIT + 2);

    (void)state;
    assert_null(read_text(&x, NAME, "ab\0c", 4));
    assert_non_null(strstr(x.said, NAME ":1:3: error: ksearch: this byte is neither"));
    refused(&x, "// \xff\n",
            ":1:4: error: ksearch: this byte is neither UTF-8 nor plain text: 0xff");
    refused(&x, "// \x1b[2J\n", "0x1b");
    memset(large, '\n', STRUCTURE_TEXT_LIMIT + 1);
    refused(&x, large, "this text has 262145 bytes: more than 262144 are too many");
    refused(&x, "", "a structure of a host function needs a plan");
    free(large);
    arena_free(x.arena);
}

static void entries_that_have_none(void **state)
{
    static const struct {
        const char *code, *why;
    } cases[] = {
        {"__device__ int v;\nvoid up();\n"
         "#pragma ksearch in(x[n]) out(y[n]) workload(n = 4) setup(up())\n"
         "void f(float *y, const float *x, int n)\n{\n}\n",
         "code.cu:4:6: error: ksearch: setup(...) fills variables of this file"},
        {"struct s { float *p; };\n"
         "#pragma ksearch out(y[n] as float) workload(n = 4) call(f(s{y}))\n"
         "void f(s y)\n{\n}\n",
         "code.cu:3:6: error: ksearch: a plan needs the values of the parameters, which call(...)"},
        {"#pragma ksearch out(y[n]) workload(n = 4)\n"
         "int f(float *y, int n)\n{\n}\n",
         "code.cu:2:5: error: ksearch: 'f' returns int"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture x = file_of(cases[i].code);
        refused(&x, "__global__ void k() {}\n#pragma ksearch run(k<<<1, 1>>>())\n", cases[i].why);
        assert_false(structure_possible(x.f->specs));
        assert_int_equal(x.f->ntexts, 0);
        arena_free(x.arena);
    }
}

/* what a plan needs of the harness is there where texts may come, and only there */
static void the_harness_is_made_for_them(void **state)
{
    struct fixture x = file_of(HOST);

    (void)state;
    for (int takes = 0; takes < 2; takes++) {
        struct buf text;
        x.f->takes_texts = takes;
        buf_init(&text, BUF_LIMIT);
        harness_tail(x.f, &text);
        assert_int_equal(strstr(buf_text(&text), "scalars") != NULL, takes);
        buf_release(&text);
    }
    arena_free(x.arena);
}

static void a_hash_is_of_tokens(void **state)
{
    static const char *const same[] = {
        "#pragma ksearch tune(N = 1, 2)\n#define A (1)\nint f(int a) { return a; }",
        "// by me\n#pragma ksearch tune( N=1,\\\n 2 )\n#define  A  ( 1 ) // one\nint f( int a "
        ")\n{\n"
        " return /* it */ a;\n}\n",
        "KSEARCH(tune(N = 1, 2))\n#define A (1)\nint f(int a) { return a; }",
    };
    static const char *const other[] = {
        "#pragma ksearch tune(N = 1, 2)\n#define A(1)\nint f(int a) { return a; }",
        "#pragma ksearch tune(N = 12)\n#define A (1)\nint f(int a) { return a; }",
        "#pragma ksearch tune(N = 1, 2)\n#define A (1) int f(int a) { return a; }",
        "#pragma ksearch tune(N = 1, 2)\n#define A (1)\nint f(inta) { return a; }",
        "",
    };
    struct hash first = structure_hash(same[0], strlen(same[0]));
    struct arena *a = arena_new();
    char hex[65];

    (void)state;
    for (size_t i = 0; i < COUNT(same); i++) {
        struct hash h = structure_hash(same[i], strlen(same[i]));
        if (!hash_equal(&h, &first))
            fail_msg("text %zu", i);
    }
    for (size_t i = 0; i < COUNT(other); i++) {
        struct hash h = structure_hash(other[i], strlen(other[i]));
        if (hash_equal(&h, &first))
            fail_msg("other text %zu", i);
    }
    hash_hex(&first, hex);
    hex[8] = '\0';
    assert_string_equal(structure_name(a, &first), arena_printf(a, "model:%s", hex));
    arena_free(a);
}

/* what comes of it is a structure itself */
static void a_parents_text(void **state)
{
    struct fixture x = file_of("constexpr int B = 4;\r\n"
                               "#pragma ksearch begin\r\n"
                               "// squares\r\n"
                               "  #pragma ksearch in(x[n]) out(y[n]) workload(n = 4) \\\r\n"
                               "      launch(grid = n, block = B)\r\n"
                               "KSEARCH(tune(B = 4, 8)) __global__ void f(float *y, const float "
                               "*x, int n)\r\n"
                               "{\r\n"
                               "}\r\n"
                               "#pragma ksearch end\r\n");
    const char *text = structure_parent(x.arena, x.f->specs);
    struct fixture host = file_of(HOST);
    const struct spec *s;

    (void)state;
    assert_string_equal(text, "// squares\n"
                              " __global__ void f(float *y, const float *x, int n)\n"
                              "{\n"
                              "}\n");
    s = taken(&x, NAME, text);
    assert_string_equal(structure_parent(x.arena, s), text);
    assert_null(structure_parent(host.arena, host.f->specs));
    arena_free(host.arena);
    arena_free(x.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_a_structure),
        cmocka_unit_test(the_same_text_is_read_once),
        cmocka_unit_test(it_is_emitted_as_a_files),
        cmocka_unit_test(a_kernel_takes_the_place_of_a_kernel),
        cmocka_unit_test(all_errors_are_told_where_they_are),
        cmocka_unit_test(includes_are_the_compilers_own),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(entries_that_have_none),
        cmocka_unit_test(the_harness_is_made_for_them),
        cmocka_unit_test(a_hash_is_of_tokens),
        cmocka_unit_test(a_parents_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
