/* Which commands' objects may be used again: those that read and write nothing that nobody knows.
 */
#include <stdlib.h>
#include "tests/unit/check.h"
#include "driver/build/reads.h"
#include "driver/build/words.h"

static bool is_possible(const char *line)
{
    struct arena *a = arena_new();
    struct error err = {""};
    struct command c;
    struct words words = {0};
    bool yes;

    assert_int_equal(words_split(a, line, false, &words, NULL), 0);
    if (command_parse(a, words_end(a, &words), &c, &err) < 0)
        fail_msg("%s: %s", line, err.text);
    yes = reads_possible(&c, &err) == 0;
    assert_int_equal(yes, err.text[0] == '\0');
    arena_free(a);
    return yes;
}

static void usual_compiles_can(void **state)
{
    static const char *const lines[] = {
        "nvcc -c a.cu",
        "nvcc -arch=sm_90 -O3 -DNDEBUG -std=c++17 -MD -MT a.o -MF a.d -x cu -c /abs/a.cu -o a.o",
        "nvcc -forward-unknown-to-host-compiler -fPIC -Wall -march=native -c a.cu",
        "nvcc -Xcompiler -fPIC,-Wall,-fopenmp,-ffile-prefix-map=/a=/b -dc a.cu -o a.o",
        "nvcc -cubin a.cu",
        "nvcc -ptx a.cu -o a.ptx",
        "nvcc -fatbin a.cu",
        "nvcc -Xptxas -v,-O3,-dlcm=ca -lineinfo -G -g -c a.cu",
        "nvcc -gencode arch=compute_90,code=[compute_90,sm_90] -rdc=true -t 2 -c a.cu",
        "nvcc -Xcompiler -fsanitize=address,-gdwarf-4,-mavx2,-pthread -c a.cu",
        "nvcc -include pre.h -isystem dir -Iinc -c a.cu",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        if (!is_possible(lines[i]))
            fail_msg("refused: %s", lines[i]);
}

static void others_cannot(void **state)
{
    static const char *const lines[] = {
        "nvcc a.cu -o program",
        "nvcc -c a.cu b.cu",
        "nvcc -c a.cu b.cpp",
        "ccache nvcc -c a.cu",
        "nvcc --keep -c a.cu",
        "nvcc -save-temps -c a.cu",
        "nvcc -time t.csv -c a.cu",
        "nvcc -Xcompiler -save-temps -c a.cu",
        "nvcc -Xcompiler -fprofile-use=a.gcda -c a.cu",
        "nvcc -Xcompiler -fplugin=x.so -c a.cu",
        "nvcc -Xcompiler --coverage -c a.cu",
        "nvcc -Xcompiler -ftest-coverage -c a.cu",
        "nvcc -Xcompiler -gsplit-dwarf -c a.cu",
        "nvcc -Xcompiler -fdump-tree-all -c a.cu",
        "nvcc -Xcompiler -fstack-usage -c a.cu",
        "nvcc -Xcompiler -specs=x -c a.cu",
        "nvcc -Xcompiler @more -c a.cu",
        "nvcc -Xcompiler -Wall,@more -c a.cu",
        "nvcc -Xcompiler -MD -c a.cu",
        "nvcc -Xcompiler -imacros,x.h -c a.cu",
        "nvcc -Xcompiler -wrapper,gdb -c a.cu",
        "nvcc -Xcompiler -B/some/tools -c a.cu",
        "nvcc -forward-unknown-to-host-compiler -fplugin=x.so -c a.cu",
        "nvcc -forward-unknown-to-host-compiler -fopt-info-all=x -c a.cu",
        "nvcc -Xptxas --options-file=x -c a.cu",
        "nvcc -Xptxas -o,x -c a.cu",
        "nvcc -Xcicc --some-file=x -c a.cu",
        "nvcc -DWHEN=__TIME__ -c a.cu",
        "nvcc -D WHEN=__DATE__ -c a.cu",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        if (is_possible(lines[i]))
            fail_msg("not refused: %s", lines[i]);
}

static void the_environment_counts(void **state)
{
    (void)state;
    setenv("NVCC_APPEND_FLAGS", "-Xcompiler -fplugin=x.so", 1);
    assert_false(is_possible("nvcc -c a.cu"));
    unsetenv("NVCC_APPEND_FLAGS");
    setenv("DEPENDENCIES_OUTPUT", "x.d", 1);
    assert_false(is_possible("nvcc -c a.cu"));
    unsetenv("DEPENDENCIES_OUTPUT");
    assert_true(is_possible("nvcc -c a.cu"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_compiles_can),
        cmocka_unit_test(others_cannot),
        cmocka_unit_test(the_environment_counts),
    };

    return cmocka_run_group_tests_name("reads", tests, NULL, NULL);
}
