/* variants, and files, that need a target with an `a`: how that is found out, and what is added to
 * a plan */
#include "tests/unit/annotated.h"
#include "tests/unit/folder.h"

#include "driver/build/plan_add.h"
#include "driver/build/specific.h"
#include "driver/build/units.h"

/* ---- messages ---- */

static void test_refused(void **state)
{
    static const struct {
        const char *said;
        int major, minor;
        bool refused;
    } cases[] = {
        {"ptxas a.ptx, line 58; error   : Instruction 'wgmma.fence' not supported on .target "
         "'sm_90'\nptxas fatal   : Ptx assembly aborted due to errors\n",
         9, 0, true},
        {"ptxas a.ptx, line 5; error   : Feature '.cta_group::1' not supported on .target 'sm_100'",
         10, 0, true},
        {"a warning\nptxas fatal   : Unresolved extern function "
         "'__cuda_ptx_tcgen05_alloc_is_not_supported_before_SM_100a_SM_101a__'\n",
         10, 0, true},
        {"ptxas fatal   : Unresolved extern function "
         "'__cuda_ptx_tcgen05_alloc_is_not_supported_before_SM_100a_SM_101a__'\n",
         9, 0, false},
        /* for the target with the `a` it is refused as well */
        {"ptxas a.ptx, line 5; error   : Instruction 'tcgen05.alloc' not supported on .target "
         "'sm_90a'",
         9, 0, false},
        {"ptxas a.ptx, line 5; error   : Instruction 'wgmma.fence' not supported on .target "
         "'sm_80'",
         9, 0, false},
        {"ptxas fatal   : Unresolved extern function '_Z4elsev'\n", 9, 0, false},
        {"a.cu(5): error: identifier \"sm_90\" is undefined\n", 9, 0, false},
        {"", 9, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(specific_is_refused(cases[i].said, cases[i].major, cases[i].minor),
                         cases[i].refused);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(specific_exists(9, 0));
    assert_true(specific_exists(12, 1));
    assert_false(specific_exists(8, 9));
    assert_string_equal(specific_name(arena, 10, 3), "sm_103a");
    assert_string_equal(specific_macro(arena, 9, 0), "__CUDA_ARCH_FEAT_SM90_ALL");
    assert_true(specific_is_asked("#ifdef __CUDA_ARCH_FEAT_SM90_ALL\n#endif\n"));
    assert_true(specific_is_asked("#include <cute/tensor.hpp>\n"));
    assert_false(specific_is_asked("#if __CUDA_ARCH__ >= 900\n#endif\n"));
}

/* ---- plans ---- */

/* nvcc's plan for the words */
static struct plan plan_of(const char *const *words)
{
    struct command *c = arena_alloc(arena, sizeof *c);
    struct error err = {""};
    struct plan p = {0};

    if (command_parse(arena, words, c, &err) < 0 || plan_make(arena, c, in_dir("K"), &p, &err) < 0)
        fail_msg("%s", err.text);
    return p;
}

static const struct step *step_of(const struct plan *p, enum tool tool, char suffix)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->steps[i].tool == tool && p->steps[i].suffix == suffix)
            return &p->steps[i];
    fail_msg("there is no such step");
    return NULL;
}

/* the command, with files of the folder by their last part without what tells passes apart */
static const char *bare(const struct step *s)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    for (size_t i = 0; s->argv[i]; i++)
        if (strncmp(s->argv[i], in_dir("K"), strlen(in_dir("K"))) == 0)
            buf_addf(&b, " K/%s", strrchr(s->argv[i], '.'));
        else
            buf_addf(&b, " %s", s->argv[i]);
    return keep(&b);
}

#define NVCC arena_printf(arena, "%s/bin/nvcc", getenv("CUDA_HOME"))

static const char *source(const char *name)
{
    const char *path = in_dir(name);

    assert_int_equal(fs_write(path, "__global__ void k() {}\n", 23, NULL), 0);
    return path;
}

static void test_added(void **state)
{
    const char *a = source("a.cu"), *b = source("b.cu");
    struct plan plain = plan_of((const char *[]){NVCC, "-c", a, b, "-arch=sm_90", "-G", NULL});
    struct plan more = plain;
    struct plan own = plan_of((const char *[]){NVCC, "-c", a, "-arch=sm_90", "-gencode",
                                               "arch=compute_90a,code=sm_90a", "-G", NULL});
    static const enum tool tools[] = {TOOL_CPP_DEVICE, TOOL_CICC, TOOL_PTXAS};
    struct error err = {""};

    (void)state;
    assert_int_equal(plan_add_specific(arena, &more, a, 9, 0, &err), 0);
    assert_int_equal(more.n, plain.n + 3);
    for (size_t i = 0; i < COUNT(tools); i++)
        assert_string_equal(bare(step_of(&more, tools[i], 'a')),
                            bare(step_of(&own, tools[i], 'a')));

    /* each reads what the one before it wrote, and the last is put with the others of its source */
    const struct step *ptxas = step_of(&more, TOOL_PTXAS, 'a');
    assert_string_equal(step_of(&more, TOOL_CICC, 'a')->input,
                        step_of(&more, TOOL_CPP_DEVICE, 'a')->output);
    assert_string_equal(ptxas->input, step_of(&more, TOOL_CICC, 'a')->output);
    assert_string_equal(ptxas->like, step_of(&more, TOOL_PTXAS, 0)->output);
    const char *image = arena_printf(arena, "--image3=kind=elf,sm=90a,file=%s", ptxas->output);
    size_t bound = 0, same = 0;
    for (size_t i = 0, k = 0; i < more.n; i++) {
        bool changed = more.steps[i].tool == TOOL_FATBINARY && strstr(bare(&more.steps[i]), "90a");
        if (more.steps[i].suffix == 'a')
            continue;
        bound += changed && strstr(bare(&more.steps[i]), image) != NULL;
        same += strcmp(bare(&more.steps[i]), bare(&plain.steps[k++])) == 0;
    }
    assert_int_equal(bound, 1);
    assert_int_equal(same, plain.n - 1); /* all but the one that binds them */

    /* again, it is there already; the other source has none */
    assert_int_equal(plan_add_specific(arena, &more, a, 9, 0, &err), 0);
    assert_int_equal(more.n, plain.n + 3);
    assert_int_equal(plan_add_specific(arena, &more, b, 9, 0, &err), 0);
    assert_int_equal(more.n, plain.n + 6);
    assert_int_equal(plan_add_specific(arena, &own, a, 9, 0, &err), 0);
}

static void test_not_added(void **state)
{
    const char *a = source("a.cu");
    struct plan ptx = plan_of((const char *[]){NVCC, "-ptx", a, "-arch=sm_90", NULL});
    struct plan other = plan_of((const char *[]){NVCC, "-c", a, "-arch=sm_80", NULL});
    struct plan cubin = plan_of((const char *[]){NVCC, "-cubin", a, "-arch=sm_90", NULL});
    struct error err = {""};
    size_t n = cubin.n;

    (void)state;
    assert_int_equal(plan_add_specific(arena, &ptx, a, 9, 0, &err), -1);
    assert_int_equal(plan_add_specific(arena, &other, a, 9, 0, &err), -1);
    holds(err.text, "for sm_90");
    err = (struct error){""};
    assert_int_equal(plan_add_specific(arena, &cubin, a, 9, 0, &err), -1);
    holds(err.text, "anywhere");
    lacks(err.text, "does not compile");
    assert_int_equal(cubin.n, n);
}

/* ---- a file's own code ---- */

static struct units_alike alike_of(const char *text)
{
    struct command *c = arena_alloc(arena, sizeof *c);
    struct units_alike alike = {0};
    struct error err = {""};
    struct file *f = read_file(text);
    struct units_target t = {.command = c, .file = f, .spec = f->specs, .major = 9, .dir = dir};

    assert_int_equal(
        command_parse(arena, (const char *[]){NVCC, "-c", "t.cu", "-arch=sm_90", NULL}, c, &err),
        0);
    units_alike_ask(&alike, &t);
    return alike;
}

static void test_alike(void **state)
{
    struct units_alike alike = alike_of("constexpr int B = 32;\n" KERNEL);

    (void)state;
    assert_true(alike.asked);
    assert_null(alike.why);
    alike =
        alike_of("constexpr int B = 32;\n" KERNEL "__global__ void other(float *x)\n{\n"
                 "#ifdef __CUDA_ARCH_FEAT_SM90_ALL\n    *x = 1;\n#else\n    *x = 2;\n#endif\n}\n");
    assert_non_null(alike.why);
    holds(alike.why, "other, which stays as it is");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_refused),
        TEST(test_names),
        cmocka_unit_test_setup_teardown(test_added, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(test_not_added, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(test_alike, make_dir, remove_dir),
    };

    return cmocka_run_group_tests_name("specific", tests, NULL, NULL);
}
