/* the cards: which one an architecture gets, and what each says */
#include "tests/unit/check.h"

#include <stdio.h>
#include "driver/model/prompt.h"
#include "runtime/base/fs.h"

enum { MOST = 6000 };

static char *card_of(int major, int minor)
{
    struct error err = {""};
    char *text = prompt_card(major, minor, &err);

    if (!text)
        fail_msg("%s", err.text);
    return text;
}

static void check_card(int major, int minor, const char *title, const char *const *says)
{
    char *text = card_of(major, minor);

    if (strncmp(text, title, strlen(title)) != 0)
        fail_msg("%d.%d: '%s' is not the title of: %.60s", major, minor, title, text);
    for (; *says; says++)
        if (!strstr(text, *says))
            fail_msg("the card of %d.%d does not say '%s'", major, minor, *says);
    assert_non_null(strstr(text, "### What does not work here"));
    assert_true(strlen(text) < MOST);
    free(text);
}

#define SAYS(...)         \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }

static void test_cards(void **state)
{
    (void)state;
    check_card(8, 0, "## Card: Ampere",
               SAYS("A100", "163 KB", "108", "40 MB", "2,039 GB/s", "312", "cp.async", "ldmatrix"));
    check_card(9, 0, "## Card: Hopper",
               SAYS("H100", "H200", "227 KB", "132", "50 MB", "3.35 TB/s", "4.8 TB/s", "989",
                    "wgmma` and `setmaxnreg` need the target sm_90a", "mbarrier", "Clusters"));
    check_card(10, 0, "## Card: Blackwell",
               SAYS("B200", "227 KB", "148", "126 MB", "8 TB/s", "2,250", "tcgen05",
                    "`wgmma` does not exist", "512 columns"));
    check_card(12, 0, "## Card: an NVIDIA GPU without", SAYS("12.x", "99 KB a block"));
}

/* the next lower one where the instructions are the same, and no other */
static void test_nearest(void **state)
{
    const struct {
        int major, minor;
        const char *title;
    } cases[] = {
        {8, 6, "## Card: Ampere"},     {8, 9, "## Card: Ampere"},     {10, 3, "## Card: Blackwell"},
        {11, 0, "## Card: Blackwell"}, {12, 1, "## Card: an NVIDIA"}, {7, 5, "## Card: an NVIDIA"},
        {13, 0, "## Card: an NVIDIA"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_card(cases[i].major, cases[i].minor, cases[i].title, SAYS(""));
}

static void test_override(void **state)
{
    static const char own[] = "my card\n";
    struct error err = {""};
    char *dir = fs_tempdir("ks-cards", &err), path[4200], *text;

    (void)state;
    assert_non_null(dir);
    snprintf(path, sizeof path, "%s/sm_120.md", dir);
    assert_int_equal(fs_write(path, own, sizeof own - 1, &err), 0);
    setenv("KSEARCH_PROMPTS", dir, 1);
    text = card_of(12, 1); /* the next lower one is now there */
    assert_string_equal(text, own);
    free(text);
    check_card(9, 0, "## Card: Hopper", SAYS(""));
    snprintf(path, sizeof path, "%s/sm_90.md", dir);
    assert_int_equal(fs_mkdirs(path, &err), 0);
    assert_null(prompt_card(9, 0, &err));
    assert_non_null(strstr(err.text, "sm_90.md"));
    unsetenv("KSEARCH_PROMPTS");
    fs_remove(dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cards),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_override),
    };

    return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}
