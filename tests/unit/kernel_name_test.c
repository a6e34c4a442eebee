/* Demangled names of kernels, taken apart. */
#include "tests/unit/check.h"
#include "driver/capture/kernel_name.h"
#include "runtime/base/arena.h"
#include "runtime/base/demangle.h"

static const char *joined(struct arena *a, const char *const *parts, size_t n)
{
    const char *text = "";

    for (size_t i = 0; i < n; i++)
        text = arena_printf(a, "%s%s%s", text, i ? " | " : "", parts[i]);
    return text;
}

static void names_are_taken_apart(void **state)
{
    static const struct {
        const char *text, *name, *qualified, *targs, *params;
    } cases[] = {
        {"vadd(float const*, float const*, float*, int)", "vadd", "vadd", "",
         "float const* | float const* | float* | int"},
        {"void blas::scale<float, 256>(float*, float, int)", "scale", "blas::scale", "float | 256",
         "float* | float | int"},
        {"(anonymous namespace)::step(Body*)", "step", "(anonymous namespace)::step", "", "Body*"},
        {"void (anonymous namespace)::step<4>(float (*)(int), int)", "step",
         "(anonymous namespace)::step", "4", "float (*)(int) | int"},
        {"void f<(Mode)1, std::pair<int, float> >(std::pair<int, float>*)", "f", "f",
         "(Mode)1 | std::pair<int, float>", "std::pair<int, float>*"},
        {"void a<b<1>, c>::d<2>(int)", "d", "a<b<1>, c>::d", "2", "int"},
        {"f()", "f", "f", "", ""},
        {"f(void)", "f", "f", "", ""},
        {"f(int) [clone .part.0]", "f", "f", "", "int"},
        {"f(int (&) [4], int)", "f", "f", "", "int (&) [4] | int"},
        {"plain", "plain", "plain", "", ""},
        {"", "", "", "", ""},
        {"f)", "", "", "", ""},
        {"f>", "", "", "", ""},
    };
    struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kernel_name k = kernel_name_read(a, cases[i].text);
        if (*cases[i].name || !*cases[i].text) {
            assert_string_equal(k.name, cases[i].name);
            assert_string_equal(k.qualified, cases[i].qualified);
        }
        assert_string_equal(joined(a, k.targs, k.ntargs), cases[i].targs);
        assert_string_equal(joined(a, k.params, k.nparams), cases[i].params);
    }
    assert_false(kernel_name_read(a, "plain").has_params);
    assert_true(kernel_name_read(a, "f()").has_params);
    arena_free(a);
}

static void mangled_names_are_demangled(void **state)
{
    char *plain = demangle("_ZN4blas5scaleIfLi256EEEvPT_S1_ii");

    (void)state;
    assert_string_equal(plain, "void blas::scale<float, 256>(float*, float, int, int)");
    free(plain);
    assert_null(demangle("plain"));
    assert_null(demangle("_Znonsense"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_taken_apart),
        cmocka_unit_test(mangled_names_are_demangled),
    };

    return cmocka_run_group_tests_name("kernel_name", tests, NULL, NULL);
}
