#include "tests/unit/check.h"
#include "driver/model/reply.h"
#include "runtime/base/arena.h"

static const char PARENT[] = "constexpr int N = 4;\n"
                             "#pragma ksearch tune(N = 4, 8)\n"
                             "__global__ void k(float *y, int n)\n"
                             "{\n"
                             "    int i = threadIdx.x;\n"
                             "    if (i < n)\n"
                             "        y[i] = 1;\n"
                             "    if (i < n)\n"
                             "        y[i] = 2;\n"
                             "}\n";

struct got {
    int rc;
    struct buf text, errors;
};

static struct got structure_of(const char *reply, size_t len, const char *parent)
{
    struct got g;

    buf_init(&g.text, BUF_LIMIT);
    buf_init(&g.errors, BUF_LIMIT);
    g.rc = reply_structure(reply, len, parent, &g.text, &g.errors);
    return g;
}

static void got_release(struct got *g)
{
    buf_release(&g->text);
    buf_release(&g->errors);
}

static void gives(const char *reply, const char *parent, const char *text)
{
    struct got g = structure_of(reply, strlen(reply), parent);

    assert_string_equal(buf_text(&g.errors), "");
    assert_int_equal(g.rc, 0);
    assert_string_equal(buf_text(&g.text), text);
    got_release(&g);
}

static void is_refused(const char *reply, const char *parent, const char *errors)
{
    struct got g = structure_of(reply, strlen(reply), parent);

    assert_string_equal(buf_text(&g.errors), errors);
    assert_int_equal(g.rc, -1);
    assert_int_equal(g.text.len, 0);
    got_release(&g);
}

/* ---- whole texts ---- */

static void a_block_is_the_text(void **state)
{
    static const char *const languages[] = {"cuda", "cpp", "c++", "cu", "CUDA", "", "cuda title=x"};

    (void)state;
    for (size_t i = 0; i < COUNT(languages); i++) {
        struct arena *a = arena_new();
        gives(arena_printf(a,
                           "I would use `k<<<1, 1>>>`.\n\n```%s\nint a;\n\n  int b;\n```\nDone.\n",
                           languages[i]),
              NULL, "int a;\n\n  int b;\n");
        arena_free(a);
    }
    gives("~~~cuda\nint a; // ```\n~~~\n", NULL, "int a; // ```\n");
    gives("````cuda\nint a;\n```\nint b;\n````", NULL, "int a;\n```\nint b;\n");
    gives("1. so:\n   ```cuda\n   int a;\n     int b;\n   ```\n", NULL, "int a;\n  int b;\n");
    gives("```cuda\r\nint a;\r\n```\r\n", NULL, "int a;\n");
    gives("```json\n{}\n```\n```cuda\nint a;\n```\n```text\n", NULL, "int a;\n");
}

/* of the long ones the last counts, so that pieces before and behind and drafts do not */
static void of_several_blocks_the_last_long_one_counts(void **state)
{
    (void)state;
    gives("```cuda\nint x;\n```\nwhole:\n```cuda\nint a, b, c, d, e;\n```\nit is called so:\n"
          "```cuda\nf();\n```\n",
          PARENT, "int a, b, c, d, e;\n");
    gives("```cuda\nint a, b, c, d, e, wrong;\n```\nNo:\n```cuda\nint a, b, c, d;\n```\n", PARENT,
          "int a, b, c, d;\n");
}

static void what_is_no_text(void **state)
{
    char *large = malloc(REPLY_TEXT_LIMIT + 100);

    (void)state;
    is_refused("I cannot do that.", NULL,
               "the reply has no structure: send a whole one in one ```cuda block\n");
    is_refused("```python\nx\n```", PARENT,
               "the reply has no structure: send a whole one in one ```cuda block, or edits in "
               "```edit blocks\n");
    is_refused("x\n```cuda\nint a;\n", NULL,
               "the block that begins in line 2 of the reply is never closed: the reply was cut "
               "off, send a shorter one\n");
    is_refused("```cuda\n \n```", NULL, "the structure is empty\n");
    memcpy(large, "```cuda\n", 8);
    memset(large + 8, 'x', REPLY_TEXT_LIMIT);
    strcpy(large + 8 + REPLY_TEXT_LIMIT, "\n```");
    is_refused(large, NULL, "the structure has 262145 bytes: at most 262144 are taken\n");
    strcpy(large + 8 + REPLY_TEXT_LIMIT - 1, "\n```");
    large[8 + REPLY_TEXT_LIMIT - 1] = '\n';
    struct got g = structure_of(large, strlen(large), NULL);
    assert_int_equal(g.rc, 0);
    assert_int_equal(g.text.len, REPLY_TEXT_LIMIT);
    got_release(&g);
    free(large);
}

static void bytes_that_are_no_text(void **state)
{
    struct got g;

    (void)state;
    is_refused("a\n```cuda\nint a; // \xc3\x28\n```\n", NULL,
               "line 3 of the reply: the byte 0xc3 is no plain text (UTF-8 without controls)\n");
    is_refused("```cuda\n\xed\xa0\x80\n```\n", NULL,
               "line 2 of the reply: the byte 0xed is no plain text (UTF-8 without controls)\n");
    is_refused("```cuda\n// \x1b[2J\n```\n", NULL,
               "line 2 of the reply: the byte 0x1b is no plain text (UTF-8 without controls)\n");
    g = structure_of("```cuda\nint a\0;\n```\n", 19, NULL);
    assert_string_equal(
        buf_text(&g.errors),
        "line 2 of the reply: the byte 0x00 is no plain text (UTF-8 without controls)\n");
    got_release(&g);
    gives("```cuda\n// gr\xc3\xb6\xc3\x9f"
          "er \xf0\x9f\x9a\x80\n```\n",
          NULL,
          "// gr\xc3\xb6\xc3\x9f"
          "er \xf0\x9f\x9a\x80\n");
}

/* ---- edits ---- */

#define OLD_NEW(old, new) "<<<<<<<\n" old "=======\n" new ">>>>>>>\n"
#define EDIT(old, new) "```edit\n" OLD_NEW(old, new) "```\n"

/* PARENT with one line of it changed */
static const char *changed(struct arena *a, const char *from, const char *to)
{
    const char *at = strstr(PARENT, from);

    return arena_printf(a, "%.*s%s%s", (int)(at - PARENT), PARENT, to, at + strlen(from));
}

static void edits_change_the_parent(void **state)
{
    struct arena *a = arena_new();

    (void)state;
    gives("Wider:\n" EDIT("constexpr int N = 4;\n", "constexpr int N = 8;\n// wide\n"), PARENT,
          changed(a, "N = 4;\n", "N = 8;\n// wide\n"));
    gives(EDIT("        y[i] = 2;\n", ""), PARENT, changed(a, "        y[i] = 2;\n", ""));
    gives("```edit\n<<<<<<< SEARCH\n        y[i] = 1;\n=======\n        y[i] = 3;\n"
          ">>>>>>> REPLACE\n```\n",
          PARENT, changed(a, "y[i] = 1", "y[i] = 3"));
    gives("```cuda\n" OLD_NEW("        y[i] = 1;\n", "        y[i] = 3;\n") "```\n", PARENT,
          changed(a, "y[i] = 1", "y[i] = 3"));
    gives("A piece:\n```cuda\nint much, longer, than, the, edits, are;\n```\n" EDIT(
              "        y[i] = 1;\n", "        y[i] = 3;\n"),
          PARENT, changed(a, "y[i] = 1", "y[i] = 3"));
    arena_free(a);
}

/* each speaks of the text as it was: the second would not be found in the text after the first */
static void several_edits_are_of_the_original(void **state)
{
    (void)state;
    gives("```edit\n" OLD_NEW("y\n", "x\n") "text between\n" OLD_NEW(
              "x\n", "y\n") "```\nand\n" EDIT("z\n", "z\nz\n"),
          "x\ny\nz", "y\nx\nz\nz\n");
}

static void blanks_at_the_ends_of_lines_may_differ(void **state)
{
    struct arena *a = arena_new();

    (void)state;
    gives(EDIT("\nif (i < n)\n\ty[i] = 1;  \n\n", "    y[i] = 3;\n"), PARENT,
          changed(a, "    if (i < n)\n        y[i] = 1;\n", "    y[i] = 3;\n"));
    gives(EDIT("  x\n", "y\n"), "x\n  x\n", "x\ny\n"); /* to the letter comes first */
    gives(EDIT("x\n", "y\n"), "x\r\nz\r\n", "y\nz\n");
    arena_free(a);
}

static void edits_that_are_not_found(void **state)
{
    (void)state;
    is_refused(
        EDIT("    if (i < n)\n", "    if (i < 5)\n"), PARENT,
        "edit 1 (line 2 of the reply): its old lines, from \"if (i < n)\", stand in the text "
        "2 times, in lines 6, 8: add lines around them until they stand there once\n");
    is_refused(EDIT("int j = threadIdx.x;\n", ""), PARENT,
               "edit 1 (line 2 of the reply): its old lines, from \"int j = threadIdx.x;\", do not "
               "stand in the text; the nearest place is line 5: \"int i = threadIdx.x;\"\n");
    is_refused(EDIT("    if (i < n)\n        y[i] = 3;\n}\n", ""), PARENT,
               "edit 1 (line 2 of the reply): its old lines, from \"if (i < n)\", do not stand in "
               "the text; the nearest place is line 8, but line 9 is \"y[i] = 2;\" where the edit "
               "has \"y[i] = 3;\"\n");
    is_refused(
        EDIT("        y[i] = 2;\n}\n// end\n", ""), PARENT,
        "edit 1 (line 2 of the reply): its old lines, from \"y[i] = 2;\", do not stand in the "
        "text; the nearest place is line 9, but the text ends before \"// end\"\n");
    is_refused(
        EDIT("@@\n", ""), PARENT,
        "edit 1 (line 2 of the reply): its old lines, from \"@@\", do not stand in the text\n");
}

static void all_errors_are_told(void **state)
{
    (void)state;
    is_refused("```edit\n" OLD_NEW("\n", "x\n") "<<<<<<<\na\n<<<<<<<\na\n=======\nb\n```\n"
                                                "```edit\n- a\n+ b\n```\n" EDIT("@@\n", ""),
               PARENT,
               "edit 1 (line 2 of the reply): it has no old lines: repeat the line that the new "
               "ones go before or behind\n"
               "edit 2 (line 7 of the reply): it has no ======= line between old and new lines\n"
               "edit 3 (line 9 of the reply): it has no >>>>>>> line at its end\n"
               "the block of edits that begins in line 14 of the reply has no <<<<<<< line\n"
               "edit 4 (line 19 of the reply): its old lines, from \"@@\", do not stand in the "
               "text\n");
}

static void edits_of_the_same_lines(void **state)
{
    (void)state;
    is_refused(EDIT("{\n    int i = threadIdx.x;\n", "{\n")
                   EDIT("    int i = threadIdx.x;\n    if (i < n)\n        y[i] = 1;\n", "\n"),
               PARENT,
               "edit 2 (line 10 of the reply): it changes line 5, as edit 1 does: make them one\n");
    is_refused(EDIT("{\n", "{\n"), PARENT, "the edits change nothing\n");
    gives(EDIT("b\n", "B\n") EDIT("a\n", "A\n"), "a\nb\n", "A\nB\n"); /* neighbours are fine */
}

static void without_a_parent_there_is_nothing_to_edit(void **state)
{
    (void)state;
    is_refused(EDIT("a\n", "b\n"), NULL,
               "there is no text that edits could be of, as the parent is the original code of a "
               "host function: send the whole structure in one ```cuda block\n");
    gives(EDIT("a\n", "b\n") "```cuda\nint a;\n```\n", NULL, "int a;\n");
}

static void too_many_edits(void **state)
{
    struct buf reply;

    (void)state;
    buf_init(&reply, BUF_LIMIT);
    for (int i = 0; i < 201; i++)
        buf_adds(&reply, EDIT("@@\n", ""));
    is_refused(
        buf_text(&reply), PARENT,
        "edit 201 (line 1202 of the reply): more edits than 200 are not made: send the whole "
        "text\n");
    buf_release(&reply);
}

/* ---- JSON ---- */

static void json_is(const char *reply, const char *wanted, const char *why)
{
    struct buf errors;
    json_t *value;
    char *text;

    buf_init(&errors, BUF_LIMIT);
    value = reply_json(reply, strlen(reply), &errors);
    assert_string_equal(buf_text(&errors), why);
    text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    if (wanted)
        assert_string_equal(text, wanted);
    else
        assert_null(text);
    free(text);
    json_decref(value);
    buf_release(&errors);
}

static void json_in_a_reply(void **state)
{
    (void)state;
    json_is("So:\n```json\n{\"edits\": []}\n```\n", "{\"edits\":[]}", "");
    json_is("```json\n{\"a\": 1}\n```\nbetter:\n```JSON\n{\"a\": 2}\n```\n{\"a\": 3}", "{\"a\":2}",
            "");
    json_is("{\"a\": {\"b\": \"{\"}}", "{\"a\":{\"b\":\"{\"}}", "");
    json_is("The script is {\"a\": 1}. I hope so.", "{\"a\":1}", "");
    json_is("In {x, y} order:\n\n  {\"a\":\n 1}\nDone }", "{\"a\":1}", "");
    json_is("```\n{\"a\": 1}\n```", "{\"a\":1}", "");
    json_is("None.", NULL, "the reply has no JSON object: send one in a ```json block\n");
    json_is("x\n```json\n{\"a\": 1,\n \"a\": 2}\n```\n", NULL,
            "line 4, column 4 of the reply: duplicate object key near '\"a\"'\n");
    json_is("```json\n[1]\n```\n", NULL, "line 2 of the reply: this JSON is no object\n");
    json_is("```json\n{} {}\n```\n", NULL,
            "line 2, column 4 of the reply: end of file expected near '{'\n");
    json_is("\n{\"a\": }\n{b}\n", NULL,
            "line 2, column 7 of the reply: unexpected token near '}'\n");
    json_is("{\"a\": \"\xff\"}", NULL,
            "line 1 of the reply: the byte 0xff is no plain text (UTF-8 without controls)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_the_text),
        cmocka_unit_test(of_several_blocks_the_last_long_one_counts),
        cmocka_unit_test(what_is_no_text),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(edits_change_the_parent),
        cmocka_unit_test(several_edits_are_of_the_original),
        cmocka_unit_test(blanks_at_the_ends_of_lines_may_differ),
        cmocka_unit_test(edits_that_are_not_found),
        cmocka_unit_test(all_errors_are_told),
        cmocka_unit_test(edits_of_the_same_lines),
        cmocka_unit_test(without_a_parent_there_is_nothing_to_edit),
        cmocka_unit_test(too_many_edits),
        cmocka_unit_test(json_in_a_reply),
    };

    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
