/* The worked examples that coder.md shows: what models imitate has to be right. tests/e2e/example.t
 * compiles them. */
#include "tests/unit/folder.h"

#include "driver/lang/structure.h"
#include "driver/model/prompt.h"
#include "runtime/base/buf.h"

/* the text of the first block that is fenced as this language */
static const char *block(const char *text, const char *language)
{
    const char *open = arena_printf(arena, "\n```%s\n", language);
    const char *at = strstr(text, open), *end = at ? strstr(at + strlen(open), "\n```\n") : NULL;

    if (!end)
        fail_msg("no block of %s", language);
    at += strlen(open);
    return arena_copy(arena, at, (size_t)(end + 1 - at));
}

/* as it is for entries of a kind */
static const char *coder(const char *kind)
{
    const struct prompt_value value = {kind, "1"};
    struct error err = {""};
    char *text = prompt_render("coder", &value, 1, &err);
    const char *kept;

    if (!text)
        fail_msg("%s", err.text);
    kept = arena_dup(arena, text);
    free(text);
    return kept;
}

static struct file *read_example(const char *entry, const char *structure)
{
    static const char clause[] = "workload(";
    const char *at = strstr(entry, clause);
    struct diag d;
    struct gpu gpu;
    struct buf b;

    assert_non_null(at);
    assert_int_equal(fs_write(in_dir("parts.cuh"), structure, strlen(structure), NULL), 0);
    entry = arena_printf(arena, "%.*sstructure(\"parts.cuh\") %s", (int)(at - entry), entry, at);
    assert_true(gpu_of_arch(9, 0, &gpu));
    diag_init(&d, arena);
    struct file *f =
        annotations_read(arena, source_wrap(arena, in_dir("norms.cu"), entry, strlen(entry)),
                         &(struct reading){.gpu = &gpu}, &d);
    buf_init(&b, BUF_LIMIT);
    diag_text(&d, &b);
    if (!f || b.len)
        fail_msg("%s", buf_text(&b));
    buf_release(&b);
    return f;
}

static void test_host(void **state)
{
    const char *text = coder("host");
    struct file *f = read_example(block(text, "c++"), block(text, "cuda"));
    const struct spec *s = structure_find(&f->specs[0], "parts.cuh");

    (void)state;
    assert_int_equal(f->nspecs, 1);
    assert_non_null(s);
    assert_int_equal(s->ntunables, 2);
    assert_int_equal(s->structure->ngroups, 1);
    assert_int_equal(s->structure->nscratch, 1);
    assert_int_equal(s->structure->nruns, 2);
    assert_string_equal(structure_run_name(s->structure, 1), "finish");
    /* the tuner's two values are those of the text: a reply with others would be refused */
    assert_int_equal(s->tunables[0].values[s->tunables[0].def], 256);
    assert_int_equal(s->tunables[1].values[s->tunables[1].def], 2);
}

static void test_kernel(void **state)
{
    const char *text = coder("kernel");
    struct file *f = read_example(block(text, "c++"), block(text, "cuda"));
    const struct spec *s = structure_find(&f->specs[0], "parts.cuh");

    (void)state;
    assert_non_null(s);
    assert_non_null(s->structure->kernel);
    assert_int_equal(s->ntunables, 1);
    assert_int_equal(s->tunables[0].values[s->tunables[0].def], 256);
    assert_int_equal(s->structure->nruns, 0);
}

/* every statement of a plan that the language has is in the table that models read */
static void test_words(void **state)
{
    static const char *const words[] = {"let(", "when(", "scratch(", "zero(", "tensormap(", "run("};
    const char *text = coder("host");

    (void)state;
    for (size_t i = 0; i < COUNT(words); i++)
        assert_non_null(strstr(text, arena_printf(arena, "| `%s", words[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_host, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(test_kernel, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(test_words, make_dir, remove_dir),
    };

    return cmocka_run_group_tests_name("example", tests, NULL, NULL);
}
