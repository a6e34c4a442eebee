/* tests/unit/scan_test.c - tokens and declarations of small texts, written out and compared. */
#include "driver/lang/scan.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "tests/unit/check.h"

/* "N:int N:x P:; " and so on; the depth of #if behind tokens that have one */
static void tokens_are(const char *text, const char *wanted)
{
    static const char LETTERS[] = "ENUSCPDA"; /* of the kinds */
    struct arena *a = arena_new();
    struct tokens *ts = scan_tokens(a, source_wrap(a, "t", text, strlen(text)));
    struct buf out;

    buf_init(&out, BUF_LIMIT);
    for (size_t t = 0; t + 1 < ts->n; t++) {
        const struct token *k = &ts->token[t];
        buf_addf(&out, "%s%c:%.*s", t ? " " : "", LETTERS[k->kind], (int)(k->span.end - k->span.at),
                 text + k->span.at);
        if (k->depth_if)
            buf_addf(&out, "/%u", k->depth_if);
    }
    assert_int_equal(ts->token[ts->n - 1].kind, TOKEN_END);
    assert_int_equal(ts->token[ts->n - 1].span.at, strlen(text));
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
    arena_free(a);
}

static void plain_tokens(void **state)
{
    (void)state;
    tokens_are("", "");
    tokens_are("int a_1$ = b->c::d;", "N:int N:a_1$ P:= N:b P:-> N:c P::: N:d P:;");
    tokens_are("a>>>b<<=c", "N:a P:> P:> P:> N:b P:< P:< P:= N:c");
    tokens_are("1'000 0x1Fu 1e-3f .5 1..2 0x1p-3", "U:1'000 U:0x1Fu U:1e-3f U:.5 U:1..2 U:0x1p-3");
    tokens_are("0x1e-3 1e", "U:0x1e P:- U:3 U:1e");
    tokens_are("x.5 .y", "N:x U:.5 P:. N:y");
    tokens_are("a/* b */c//d\ne", "N:a N:c N:e");
    tokens_are("a // b \\\n c\nd", "N:a N:d");
    tokens_are("a \\\n b\\\r\nc", "N:a N:b N:c");
    tokens_are("a /* never closed", "N:a");
    tokens_are("\xc3\xa9t\xc3\xa9 \xff", "N:\xc3\xa9t\xc3\xa9 N:\xff");
}

static void literals(void **state)
{
    (void)state;
    tokens_are("\"a\\\"b\" 'c' '\\''", "S:\"a\\\"b\" C:'c' C:'\\''");
    tokens_are("u8\"x\" L'y' U\"z\"_s", "S:u8\"x\" C:L'y' S:U\"z\"_s");
    tokens_are("nR\"x\" R2", "N:nR S:\"x\" N:R2");
    tokens_are("R\"(a\"b\n)\" c", "S:R\"(a\"b\n)\" N:c");
    tokens_are("u8R\"--(a)\" )-- )--\"x", "S:u8R\"--(a)\" )-- )--\"x");
    tokens_are("R\"(never closed \" ", "S:R\"(never closed \" ");
    tokens_are("\"open\n a", "S:\"open N:a");
    tokens_are("\"spliced \\\n on\" a", "S:\"spliced \\\n on\" N:a");
    tokens_are("don't\n a", "N:don C:'t N:a");
    tokens_are("\"// no comment\" a", "S:\"// no comment\" N:a");
}

static void lines(void **state)
{
    (void)state;
    tokens_are("#include <a>\nb", "D:#include <a> N:b");
    tokens_are("a # b", "N:a P:# N:b");
    tokens_are("  #  define X \\\n 3\nb", "D:#  define X \\\n 3 N:b");
    tokens_are("#define X \"/*\" // c\nb", "D:#define X \"/*\" // c N:b");
    tokens_are("#define X /* c\n d */ e\nb", "D:#define X /* c\n d */ e N:b");
    tokens_are("/* c */ # 12 \"f.h\" 3\nb", "D:# 12 \"f.h\" 3 N:b");
    tokens_are("#", "D:#");
    tokens_are("\xef\xbb\xbf#include <a>\nb", "D:#include <a> N:b");
}

static void annotations(void **state)
{
    (void)state;
    tokens_are("#pragma ksearch a(b)\nc", "A:#pragma ksearch a(b) N:c");
    tokens_are(" # pragma\tksearch a \\\n b\nc", "A:# pragma\tksearch a \\\n b N:c");
    tokens_are("#pragma ksearchx\n#pragma once ksearch",
               "D:#pragma ksearchx D:#pragma once ksearch");
    tokens_are("#define P pragma ksearch\n", "D:#define P pragma ksearch");
    tokens_are("KSEARCH(a(\n\")\") /* ) */ b(')'))c", "A:KSEARCH(a(\n\")\") /* ) */ b(')')) N:c");
    tokens_are("KSEARCH /**/ (a) KSEARCH KSEARCHX()",
               "A:KSEARCH /**/ (a) N:KSEARCH N:KSEARCHX P:( P:)");
    tokens_are("KSEARCH(a", "A:KSEARCH(a");
    tokens_are("// #pragma ksearch a\n\"#pragma ksearch b\"", "S:\"#pragma ksearch b\"");
    tokens_are("R\"(\n#pragma ksearch b\n)\"", "S:R\"(\n#pragma ksearch b\n)\"");
    tokens_are("/*\n#pragma ksearch b\n*/ a", "N:a");
}

static void conditions(void **state)
{
    (void)state;
    tokens_are(
        "#if A\na\n#ifdef B\nb\n#else\nc\n#endif\n#elif D\nd\n#endif\ne",
        "D:#if A N:a/1 D:#ifdef B/1 N:b/2 D:#else/1 N:c/2 D:#endif/1 D:#elif D N:d/1 D:#endif "
        "N:e");
    tokens_are("#endif\n#else\na", "D:#endif D:#else N:a/1");
    tokens_are("#ifndef X\n#define X\na\n#if B\nb\n#endif\n#endif // X\n",
               "D:#ifndef X D:#define X N:a D:#if B N:b/1 D:#endif D:#endif // X");
    tokens_are("#if !defined(X)\n#define X 1\na\n#endif", "D:#if !defined(X) D:#define X 1 N:a "
                                                          "D:#endif");
    tokens_are("#ifndef X\n#define Y\na\n#endif", "D:#ifndef X D:#define Y/1 N:a/1 D:#endif");
    tokens_are("#ifndef X\n#define X\na\n#endif\nb",
               "D:#ifndef X D:#define X/1 N:a/1 D:#endif N:b");
    tokens_are("#ifndef X\n#define X\na\n#else\nb\n#endif",
               "D:#ifndef X D:#define X/1 N:a/1 D:#else N:b/1 D:#endif");
}

/* "fn f/0 ..." with the declaration's scope, flags, params, value and whether it has a body */
static void decls_are(const char *text, const char *wanted)
{
    static const char *const KINDS[] = {"fn", "var", "type", "enum", "alias", "macro", "other"};
    struct arena *a = arena_new();
    struct tokens *ts = scan_tokens(a, source_wrap(a, "t", text, strlen(text)));
    struct decls *ds = scan_decls(a, ts);
    struct buf out;

    buf_init(&out, BUF_LIMIT);
    for (size_t i = 0; i < ds->n; i++) {
        const struct decl *d = &ds->decl[i];
        buf_addf(&out, "%s%s", i ? "; " : "", KINDS[d->kind]);
        buf_addf(&out, *d->name ? " %s" : "%s", d->name);
        if (d->scope)
            buf_addf(&out, "@%s", ds->scope[d->scope].name ? ds->scope[d->scope].name : "-");
        if (d->tparams.end > d->tparams.at)
            buf_addf(&out, "<%.*s>", (int)(d->tparams.end - d->tparams.at), text + d->tparams.at);
        if (d->kind == DECL_FUNCTION)
            buf_addf(&out, "(%.*s)", (int)(d->params.end - d->params.at), text + d->params.at);
        if (d->value.end > d->value.at)
            buf_addf(&out, "=%.*s", (int)(d->value.end - d->value.at), text + d->value.at);
        buf_adds(&out, d->body.end > d->body.at ? "{}" : "");
        buf_adds(&out, d->is_global ? " global" : "");
        buf_adds(&out, d->is_static ? " static" : "");
        buf_adds(&out, d->is_constexpr ? " constexpr" : "");
    }
    if (strcmp(buf_text(&out), wanted) != 0)
        fail_msg("%s\n  gives:  %s\n  wanted: %s", text, buf_text(&out), wanted);
    buf_release(&out);
    arena_free(a);
}

static void functions(void **state)
{
    (void)state;
    decls_are("void f(int a);", "fn f(int a)");
    decls_are("static inline int f() { if (a) { } return 0; } int g;", "fn f(){} static; var g");
    decls_are("__global__ void __launch_bounds__(256, 2) k(float *x) {}",
              "fn k(float *x){} global");
    decls_are("__attribute__((global)) void k(float *x) {}", "fn k(float *x){} global");
    decls_are("template <typename T, int N = (3 > 2)> auto f(T t) -> decltype(t) { return t; }",
              "fn f<typename T, int N = (3 > 2)>(T t){}");
    decls_are("template <> void f<int>(int) {}", "fn f(int){}");
    decls_are("std::map<int, std::vector<int>> f(void (*g)(int)) noexcept(true) {}",
              "fn f(void (*g)(int)){}");
    decls_are("S::S(int x) : a{x}, b(x) { }", "fn S(int x){}");
    decls_are("bool operator()(int) const; bool operator<(A, A) { }",
              "fn operator(int); fn operator(A, A){}");
    decls_are("void f() try { } catch (int) { } void g() {}", "fn f(){}; fn g(){}");
    decls_are("API(1) void f(int) MACRO { } int x;", "fn f(int){}; var x");
    decls_are("struct A f(struct B *b) { return *b; }", "fn f(struct B *b){}");
    decls_are("TEST(A, b) { }", "other");
    decls_are("FOO(x); void f() {}", "other; fn f(){}");
    decls_are("void f(int) = delete; [[nodiscard]] int g() requires true { }",
              "fn f(int); fn g(){}");
}

static void variables(void **state)
{
    (void)state;
    decls_are(
        "constexpr int A = 32, B = min(1, 2), *c, d[2] = {1, 2};",
        "var A=32 constexpr; var B=min(1, 2) constexpr; var c constexpr; var d={1, 2} constexpr");
    decls_are("const int x{5}; dim3 b(16, 16);", "var x=5; var b=16, 16");
    decls_are("int (*f)(int) = g, h;", "var f=g; var h");
    decls_are("auto p = std::pair<int, int>{1, 2}; int y;",
              "var p=std::pair<int, int>{1, 2}; var y");
    decls_are("bool b = 1 < 2, c = 3 > 2;", "var b=1 < 2; var c=3 > 2");
    decls_are("auto l = [](int x) { return x; };", "var l=[](int x) { return x; }");
    decls_are("extern int e; static __constant__ float w[3];", "var e; var w static");
}

static void types(void **state)
{
    (void)state;
    decls_are("struct A; class B final : public A<int> { int x; };", "type A; type B{}");
    decls_are("struct __align__(8) A { void f(); } a;", "type A{}");
    decls_are("class EXPORT A { };", "type A{}");
    decls_are("enum { A, B = 3, C = (1, 2) }; enum class E : int { X };",
              "type{}; enum A; enum B=3; enum C=(1, 2); type E{}");
    decls_are("enum E { A = 1 << 2, // c\n#ifdef X\n B\n#endif\n};",
              "type E{}; enum A=1 << 2; enum B");
    decls_are("using I = int; typedef struct { int x; } P, *Q; typedef void (*F)(int);",
              "alias I=int; alias P=struct { int x; }; alias F=void (*");
    decls_are("template <typename T> using V = std::vector<T>;", "alias V=std::vector<T>");
    decls_are("using namespace std; using std::max; static_assert(1, \"x\");",
              "other; other; other");
    decls_are("template class V<int>; extern template class V<long>;", "other; type V");
}

static void scopes(void **state)
{
    (void)state;
    decls_are("namespace a { int x; namespace { int y; } } int z;", "var x@a; var y@-; var z");
    decls_are("namespace a::b { int x; } inline namespace v { int y; }", "var x@b; var y@v");
    decls_are("extern \"C\" { int x; void f(); } extern \"C\" void g() {}",
              "var x; fn f(); fn g(){}");
    decls_are("namespace n = a::b; int x;", "alias n; var x");
    decls_are(
        "#ifdef __cplusplus\nextern \"C\" {\n#endif\nvoid f();\n#ifdef __cplusplus\n}\n#endif\n",
        "fn f()");
    decls_are("BEGIN_NS namespace a { int x; } END_NS", "other; var x@a; other");
}

static void branches(void **state)
{
    (void)state;
    /* a function whose head stands in two branches: the last one has the body */
    decls_are("#if A\nvoid f(int) {\n#else\nvoid f(long) {\n#endif\n  g();\n}\nint x;",
              "fn f(int){}; fn f(long){}; var x");
    decls_are("void f() {\n#if A\n  if (a) {\n#else\n  if (b) {\n#endif\n  }\n}\nint x;",
              "fn f(){}; var x");
    /* what a branch closes is open again in the next, whatever it opened in between */
    decls_are("void f(\n#if A\nint) {\n#else\nlong) {\n#endif\n}\nvoid g() {}\nint x;",
              "fn f(\n#if A\nint) {\n#else\nlong){}; fn g(){}; var x");
    decls_are("void f(a[b(\n#if A\n)]) { { } (\n#else\n), c]) {\n#endif\n}\nint x;",
              "fn f(a[b(\n#if A\n)]) { { } (\n#else\n), c]){}; var x");
    decls_are("#define A 3 // c\n#define B(x) x\n#define C\n#pragma once\nint x;",
              "macro A=3; macro B=x; macro C; other; var x");
}

/* nothing here is C++; it only has to end, with the rest of the text still seen */
static void junk(void **state)
{
    (void)state;
    decls_are("} ) ] int x;", "var x");
    decls_are("void f(", "other");
    decls_are("namespace { { ( [ <", "other@-");
    decls_are("template", "other");
    decls_are("template <", "other");
    decls_are("using", "other");
    decls_are("enum { A", "type{}; enum A");
    decls_are("operator", "other");
    decls_are("a b c d e", "other");
    decls_are("= 3; int x;", "other; var x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_tokens), cmocka_unit_test(literals),   cmocka_unit_test(lines),
        cmocka_unit_test(annotations),  cmocka_unit_test(conditions), cmocka_unit_test(functions),
        cmocka_unit_test(variables),    cmocka_unit_test(types),      cmocka_unit_test(scopes),
        cmocka_unit_test(branches),     cmocka_unit_test(junk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
