/* tests/unit/limits_test.c - annotated files of a size and a kind that nobody writes by hand.
 *
 * Each works or is refused with an error that says so, and each takes a time that grows no faster
 * than the text: where it would, the sizes here take minutes. */
#include <stdio.h>
#include <time.h>
#include "driver/lang/spec.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "tests/unit/check.h"

/* of the processor, so that a busy machine does not count; without sanitizers each takes a fraction
 * of one */
enum { SECONDS = 20 };

#define BASE "inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = n, block = B) "
#define KERNEL "\n__global__ void k(float *x, int n) { x[0] = B; }\n"

static struct buf text;

static int begin(void **state)
{
    (void)state;
    buf_init(&text, BUF_LIMIT);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_release(&text);
    return 0;
}

static void add(const char *s)
{
    buf_adds(&text, s);
}

static void repeat(const char *s, size_t times)
{
    for (size_t n = strlen(s); times > 0; times--)
        buf_add(&text, s, n);
}

/* "PREFIX0SUFFIX PREFIX1SUFFIX ..." */
static void number(const char *prefix, const char *suffix, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_addf(&text, "%s%zu%s", prefix, i, suffix);
}

/* the start of an annotated kernel; close it with KERNEL */
static void annotation(void)
{
    add("constexpr int B = 32;\n#pragma ksearch " BASE);
}

/* what reading came to: NULL when it was read, or the messages */
static const char *outcome(struct arena *a)
{
    struct source *src = source_wrap(a, "t.cu", buf_text(&text), text.len);
    clock_t start = clock();
    const char *said;
    struct file *f;
    struct gpu gpu;
    struct diag d;
    struct buf out;

    assert_true(gpu_of_arch(9, 0, &gpu));
    diag_init(&d, a);
    f = annotations_read(a, src, &(struct reading){.gpu = &gpu}, &d);
    assert_int_equal(f == NULL, d.nerrors > 0);
    buf_init(&out, BUF_LIMIT);
    diag_text(&d, &out);
    said = arena_copy(a, buf_text(&out), out.len);
    assert_true(out.len < 4 << 20); /* whatever it is, it can be read */
    buf_release(&out);
    if ((clock() - start) / CLOCKS_PER_SEC > SECONDS)
        fail_msg("it took %ld s", (long)((clock() - start) / CLOCKS_PER_SEC));
    buf_clear(&text);
    return f ? NULL : said;
}

static void works(void)
{
    struct arena *a = arena_new();
    const char *said = outcome(a);

    if (said)
        fail_msg("%.2000s", said);
    arena_free(a);
}

static void refused(const char *why)
{
    struct arena *a = arena_new();
    const char *said = outcome(a);

    if (!said || !strstr(said, why) || strncmp(said, "t.cu:", 5) != 0)
        fail_msg("wanted '%s', got: %.2000s", why, said ? said : "a spec");
    arena_free(a);
}

/* --- depth --- */

static void deep_expressions(void **state)
{
    static const char *const OPEN[] = {"(", "-", "min(", "1?"}, *const CLOSE[] = {")", "", ",1)",
                                                                                  ":1"};

    (void)state;
    for (size_t i = 0; i < COUNT(OPEN); i++) {
        annotation();
        add("where(");
        repeat(OPEN[i], 100000);
        add("1");
        repeat(CLOSE[i], 100000);
        add(")" KERNEL);
        refused("this expression is nested too deeply");
    }
    annotation();
    add("where(1");
    repeat("+1", 100000);
    add(")" KERNEL);
    refused("this expression is too long");
    annotation();
    add("where(min(1");
    repeat(", (1+1) * (1+1)", 3000);
    add("))" KERNEL);
    refused("this expression is too long");
    annotation();
    repeat("where(", 100000);
    add(KERNEL);
    refused("expressions know cdiv, min and max");
}

static void deep_code(void **state)
{
    (void)state;
    annotation(); /* brackets in C++ that is only pasted */
    add("let(l = ");
    repeat("(", 100000);
    add("1");
    repeat(")", 100000);
    add(")" KERNEL);
    works();
    annotation();
    add(KERNEL "template <");
    repeat("template <", 100000);
    repeat("typename T>", 100000);
    add(" class U> void f();\nA");
    repeat("<A", 100000);
    repeat(">", 100000);
    add(" v;\n");
    works();
    repeat("#if 1\n", 100000);
    annotation();
    add(KERNEL);
    repeat("#endif\n", 100000);
    works();
    annotation();
    add(KERNEL);
    repeat("namespace a {\n", 100000);
    repeat("}\n", 100000);
    works();
    repeat("namespace a {\n", 1000);
    annotation();
    add(KERNEL);
    repeat("}\n", 1000);
    refused("tunable 'B' is neither a template parameter");
}

/* what is never closed, or closed without ever being opened: each once followed to the end */
static void unbalanced_code(void **state)
{
    static const char *const PARTS[] = {
        "(",
        "[",
        "{",
        ")",
        "]",
        "}",
        "<",
        "([",
        "{(",
        "a<",
        "struct ",
        "a = ",
        "'",
        "\"",
        "/*",
        "R\"(",
        "R\"x(a",
        "R\"a\"",
        "class ",
        "class a : b ",
        "enum a ",
        "operator ",
        "using a = ",
        "typedef a ",
        "typedef a(*",
        "template ",
        "template <",
        "template <> ",
        "KSEARCH(",
        "KSEARCH\n",
        "extern \"C\" {",
        "[[",
        "__attribute__((",
        "#if 1\n(",
        "#elif 1\n{",
        "#define a(",
        "f() : a(1), ",
        "try { } catch (a) ",
        "void f() ",
        "int a, ",
        "a<b, ",
        "-> ",
        "::",
        "namespace ",
        "inline namespace a::",
        "\\\n",
        "\\",
        "#",
        "# ",
        "@",
        "\xff",
        "\x3f?/\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(PARTS); i++) {
        struct arena *a = arena_new();
        annotation();
        add(KERNEL);
        repeat(PARTS[i], 30000);
        outcome(a);
        arena_free(a);
        a = arena_new();
        annotation();
        add(KERNEL "{");
        repeat("(", 20000);
        repeat(PARTS[i], 20000);
        repeat(")]}", 20000);
        outcome(a);
        arena_free(a);
    }
}

/* --- many --- */

static void many_points(void **state)
{
    static const char *const NAMES[] = {"a", "b", "c", "d", "e", "f", "g"};

    (void)state;
    add("constexpr int B = 32;\n#pragma ksearch inout(x[n]) tune(B = 32, 64) launch(grid = 1, "
        "block = B) "
        "workload(n = 1");
    for (size_t i = 0; i < COUNT(NAMES); i++) /* 10^7 of them */
        buf_addf(&text, ", %s = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10", NAMES[i]);
    add(")" KERNEL);
    refused("more than 4096 workloads and tests");
    annotation();
    add("test(n = 1");
    repeat(", 1", 1000000);
    add(")" KERNEL);
    refused("more than 4096 workloads and tests");
    annotation();
    add("test(n = 65");
    for (int i = 66; i < 4000; i++)
        buf_addf(&text, ", %d", i);
    add(")" KERNEL);
    works();
    annotation();
    add("test(n = 1");
    number(", a_rather_long_name_", " = 1", 3000);
    add(")" KERNEL);
    refused("does not bind dimension");
    add("constexpr int B = 32;\n#pragma ksearch inout(x[n]) tune(B = 32, 64) launch(grid = 1, "
        "block = B) "
        "workload(n = 1");
    number(", a_rather_long_name_", " = 1", 3000);
    add(")" KERNEL);
    refused("written out, have more than 2000 bytes");
}

static void many_clauses(void **state)
{
    static const char *const CLAUSES[] = {"hint(\"x\") ", "where(B > 0) ", "use(\"no.ks\") ",
                                          "require(graph) ", "frobnicate(1) "};

    (void)state;
    for (size_t i = 0; i < COUNT(CLAUSES); i++) {
        annotation();
        repeat(CLAUSES[i], 100000);
        add(KERNEL);
        refused(i == 2   ? "use(\"no.ks\")"
                : i == 4 ? "unknown clause"
                         : "more than 4096 clauses for one function");
    }
    annotation();
    repeat("hint(\"x\") ", 4000);
    add(KERNEL);
    works();
    annotation();
    add("let(a = 1");
    number(", l", " = 1", 100000);
    add(")" KERNEL);
    refused("have more than 8192 parts");
    annotation();
    add("let(a = 1");
    number(", l", " = 1", 8000);
    add(")" KERNEL);
    works();
    annotation();
    add("in(y[1]");
    repeat("[1]", 100000);
    add(")" KERNEL);
    refused("have more than 8192 parts");
    annotation();
    add("check(x");
    repeat(", exact", 100000);
    add(")" KERNEL);
    refused("'exact' is given twice");
}

static void many_annotations(void **state)
{
    (void)state;
    repeat("#pragma ksearch hint(\"x\")\n", 1000000);
    annotation();
    add(KERNEL);
    refused("more than 4096 clauses for one function");
    for (int i = 0; i < 20000; i++)
        buf_addf(&text,
                 "constexpr int B%d = 32;\n#pragma ksearch inout(x[n]) workload(n = 64) launch("
                 "grid = n, block = B%d) tune(B%d = 32, 64)\n__global__ void k%d(float *x, int n) "
                 "{}\n",
                 i, i, i, i);
    works();
    for (int i = 0; i < 20000; i++)
        buf_addf(
            &text,
            "namespace n%d {\n#pragma ksearch begin r%d\n#pragma ksearch inout(x[n]) "
            "workload(n = 64) launch(grid = n, block = 32)\n__global__ void k(float *x, int n) "
            "{}\n#pragma ksearch end\n}\n",
            i, i);
    works();
    repeat("#pragma ksearch begin\n", 100000);
    refused("more errors and warnings are not shown");
    repeat("#pragma ksearch end\n", 100000);
    refused("99000 more errors and warnings are not shown");
    for (int i = 0; i < 20000; i++)
        add("#pragma ksearch inout(x[n]) workload(n = 64) launch(grid = n, block = 32)\n"
            "__global__ void k(float *x, int n) {}\n");
    refused("two entries are called 'k'");
}

static void many_names(void **state)
{
    (void)state;
    number("constexpr int c", " = 1;\n", 100000);
    annotation();
    add("where(c0");
    number(" || c", "", 900);
    number(", c", "", 3000);
    add(")" KERNEL);
    works();
    for (int i = 0; i < 20000; i++)
        buf_addf(&text, "namespace n%d { constexpr int c = 1; }\n", i);
    annotation();
    add("where(B");
    number(", n", "::c", 4000);
    add(")" KERNEL);
    works();
    add("enum { e");
    number(", e", "", 100000);
    add(" };\n");
    annotation();
    add("where(B");
    for (int i = 99999; i > 97000; i--)
        buf_addf(&text, ", e%d", i);
    add(")" KERNEL);
    works();
    add("constexpr int c0 = 1;\n");
    for (int i = 1; i < 20000; i++)
        buf_addf(&text, "constexpr int c%d = c%d + c%d;\n", i, i - 1, i - 1);
    annotation();
    add("where(c19999 > 0)" KERNEL);
    refused("neither a tunable nor an integer constant");
    add("#pragma ksearch launch(grid = 1, block = 1) workload(n = 1) inout(x[n])\n"
        "__global__ void k(float *x, int n");
    number(", int p", " = 1", 100000);
    add(") {}\n");
    refused("'k' has more than 4096 parameters");
    add("#pragma ksearch launch(grid = 1, block = 1) workload(n = 1) inout(x[n])\n"
        "__global__ void k(float *x, int n");
    number(", int p", "", 4000);
    add(") {}\n");
    refused("has no value; add arg(p3");
    add("#pragma ksearch launch(grid = 1, block = 1) workload(n = 1) inout(x[n])\ntemplate <int t "
        "= 1");
    number(", int t", " = 1", 100000);
    add(">\n__global__ void k(float *x, int n) {}\n");
    refused("'k' has more than 4096 parameters");
}

/* a let that uses another often must not be computed that often, level for level */
static void lets_of_lets(void **state)
{
    (void)state;
    annotation();
    add("let(l0 = n");
    for (int i = 1; i < 15; i++) {
        buf_addf(&text, ", l%d = l%d", i, i - 1);
        for (int k = 0; k < 100; k++)
            buf_addf(&text, " + l%d", i - 1);
    }
    add(") arg(m = l14) assume(m > 0)\n__global__ void k(float *x, int n, int m) { x[0] = B; }\n");
    works();
}

/* --- long --- */

static void long_lines(void **state)
{
    const size_t ten_million = 10000000;

    (void)state;
    annotation();
    repeat(" ", ten_million);
    add(KERNEL);
    works();
    annotation();
    add("/*");
    repeat("x", ten_million);
    add("*/ hint(\"");
    repeat("x", ten_million);
    add("\")" KERNEL);
    works();
    annotation();
    add("where(1 +* 2");
    repeat(" ", ten_million);
    add(")" KERNEL);
    refused("expected an expression, found '*'");
    annotation();
    for (int i = 0; i < 100000; i++)
        buf_addf(&text, "frobnicate_%d(1) ", i);
    add(KERNEL);
    refused("99000 more errors");
}

static void long_words(void **state)
{
    static const char *const CLAUSES[] = {"where(", "name(", "check(x, by = ", "tune(", "in(",
                                          "let(",   "arg(",  "workload(",      ""};

    (void)state;
    for (size_t i = 0; i < COUNT(CLAUSES); i++) {
        annotation();
        add(CLAUSES[i]);
        repeat("x", 65536);
        add(")" KERNEL);
        refused("this name has more than 1000 bytes");
    }
    annotation();
    add("where(a");
    repeat("::a", 65536);
    add(")" KERNEL);
    refused("this name has more than 1000 bytes");
    annotation();
    add("where(1");
    repeat("0", 1000000);
    add(")" KERNEL);
    refused("is not an integer of 64 bits");
    annotation();
    add("budget(evals = 1");
    repeat("0", 1000000);
    add(")" KERNEL);
    refused("this number is too large");
    annotation();
    add("check(x, rtol = 1e");
    repeat("9", 100000);
    add(")" KERNEL);
    refused("expected a number for rtol");
    annotation(); /* names in the code may be as long as they like */
    add(KERNEL "int ");
    repeat("x", 65536);
    add("(int ");
    repeat("y", 65536);
    add(") { return 0; }\n");
    works();
}

/* --- odd bytes --- */

static void file_of(const char *bytes, size_t n)
{
    buf_add(&text, bytes, n);
}

#define FILE_OF(literal) file_of(literal, sizeof literal - 1)

static void odd_bytes(void **state)
{
    (void)state;
    FILE_OF("#pragma ksearch in\0out(x[n])" KERNEL);
    refused("found");
    FILE_OF("#pragma ksearch hint(\"a\0b\") " BASE KERNEL);
    refused("a zero byte in a string");
    FILE_OF("/* \0 */ constexpr int B = 32;\n#pragma ksearch " BASE KERNEL "\0");
    works();
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE
            "hint(\"\xff\xfe\") name(\xc3\xa9t\xc3\xa9)" KERNEL);
    works();
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "wh\xff"
            "ere(1)" KERNEL);
    refused("unknown clause");
    FILE_OF("\xef\xbb\xbf"
            "constexpr int B = 32;\r\n#pragma ksearch inout(x[n]) \\\r\n workload(n = 64)"
            " launch(grid = n, block = B)\r\n#pragma ksearch tune(B = 32, 64)\r\n"
            "__global__ void k(float *x, int n)\r\n{\r\n}\r\n");
    works();
    FILE_OF("constexpr int B = 32;\f\v\n#pragma\fksearch\v" BASE "\f" KERNEL);
    works();
    FILE_OF("constexpr int B = 32;\r#pragma ksearch " BASE
            "\r__global__ void k(float *x, int n) {}\r");
    works(); /* to the compiler this is one line, and no pragma */
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE
            "\r__global__ void k(float *x, int n) {}\r");
    refused("no function follows this ksearch block");
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "where\x3f?/\n(1)" KERNEL);
    refused("found '?'"); /* trigraphs are no longer C++ */
}

static void spliced(void **state)
{
    (void)state;
    FILE_OF("constexpr int B = 32;\n#pragma ksearch \\\n" BASE
            "\\\nwhere\\\n(\\\nB\\\n>\\\n1\\\n)" KERNEL);
    works();
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "wh\\\nere(1)" KERNEL);
    refused("stands inside of this word");
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "where(B > 1\\\r\n0)" KERNEL);
    refused("stands inside of this word");
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "hint(\"a\\\nb\")" KERNEL);
    works();
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "where(1 <\\\n< 2)" KERNEL);
    refused("expected an expression, found '<'");
}

static void unterminated(void **state)
{
    (void)state;
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "hint(\"a)" KERNEL);
    refused("this string is never closed");
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "hint('a)" KERNEL);
    refused("expected a string");
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "hint(R\"x(a)\")" KERNEL);
    refused("this string is never closed");
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "/* where(" KERNEL);
    refused("no function follows this ksearch block");
    FILE_OF("constexpr int B = 32;\nKSEARCH(" BASE KERNEL);
    refused("KSEARCH( is never closed");
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE "\\");
    refused("no function follows this ksearch block");
    FILE_OF("constexpr int B = 32;\n#pragma ksearch " BASE KERNEL
            "const char *s = \"open\n; /* open");
    works();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(deep_expressions), TEST(deep_code),        TEST(unbalanced_code), TEST(many_points),
        TEST(many_clauses),     TEST(many_annotations), TEST(many_names),      TEST(lets_of_lets),
        TEST(long_lines),       TEST(long_words),       TEST(odd_bytes),       TEST(spliced),
        TEST(unterminated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
