#include <stdio.h>
#include "tests/unit/check.h"
#include "tests/unit/sample_record.h"
#include "cache/lock_merge.h"
#include "runtime/base/fs.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* ---- which of two ---------------------------------------------------------------------------- */

static struct record *record_of(int key, bool wins, double low, const char *created)
{
    struct record *r = sample_record("f", H200, key);

    if (!wins)
        drop_winners(r);
    r->low = low;
    free(r->created);
    r->created = strdup(created);
    return r;
}

#define OLD "2026-01-01T00:00:00Z"
#define NEW "2026-02-01T00:00:00Z"

static void the_rule(void **state)
{
    /* the first of each is to be kept */
    static const struct {
        const char *what;
        struct {
            int key;
            bool wins;
            double low;
            const char *created;
        } side[2];
    } CASES[] = {
        {"a win before none", {{1, true, 1.01, OLD}, {1, false, 1.2, NEW}}},
        {"the better proven", {{1, true, 1.2, OLD}, {1, true, 1.1, NEW}}},
        {"the newer of equal wins", {{1, true, 1.1, NEW}, {1, true, 1.1, OLD}}},
        {"the newer of two that are none", {{1, false, 1.0, NEW}, {1, false, 1.2, OLD}}},
        {"of other code the newer", {{1, true, 1.1, NEW}, {2, true, 1.3, OLD}}},
        {"of other code the newer, were it none", {{1, false, 1.0, NEW}, {2, true, 1.3, OLD}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct record *r[2];
        for (int k = 0; k < 2; k++)
            r[k] = record_of(CASES[i].side[k].key, CASES[i].side[k].wins, CASES[i].side[k].low,
                             CASES[i].side[k].created);
        if (merge_prefer(r[0], r[1]) >= 0 || merge_prefer(r[1], r[0]) <= 0)
            fail_msg("%s", CASES[i].what);
        assert_int_equal(merge_prefer(r[0], r[0]), 0);
        record_free(r[0]);
        record_free(r[1]);
    }
}

/* equal in all that the rule names: still one is kept, whichever comes first */
static void a_tie_does_not_depend_on_the_order(void **state)
{
    struct record *a = record_of(1, true, 1.1, OLD), *b = record_of(1, true, 1.1, OLD);

    (void)state;
    b->seconds = 99;
    assert_int_not_equal(merge_prefer(a, b), 0);
    assert_true((merge_prefer(a, b) < 0) == (merge_prefer(b, a) > 0));
    record_free(a);
    record_free(b);
}

/* ---- the union ------------------------------------------------------------------------------- */

/* a lockfile of records "f", "g", ... with these numbers; 0: not there */
static struct lockfile *lock_of(const char *numbers)
{
    struct lockfile *l;
    struct error err = {""};
    struct buf text;

    buf_init(&text, BUF_LIMIT);
    buf_adds(&text, "{\"ksearch\": 1, \"records\": [");
    for (int i = 0, n = 0; numbers[i]; i++) {
        char entry[2] = {(char)('f' + i), 0};
        if (numbers[i] == '0')
            continue;
        struct record *r = sample_record(entry, H200, numbers[i] - '0');
        json_t *object = record_to_json(r, false);
        char *one = json_dumps(object, JSON_COMPACT);
        buf_addf(&text, "%s%s", n++ ? "," : "", one);
        free(one);
        json_decref(object);
        record_free(r);
    }
    buf_adds(&text, "]}");
    l = lock_parse("x", buf_text(&text), text.len, &err);
    buf_release(&text);
    if (!l)
        fail_msg("%s", err.text);
    return l;
}

static void merges_to(const char *first, const char *second, const char *base, const char *wanted)
{
    struct lockfile *a = lock_of(first), *b = lock_of(second), *o = base ? lock_of(base) : NULL,
                    *w = lock_of(wanted), *m;
    char *got, *want = lock_text(w);

    for (int order = 0; order < 2; order++) {
        m = lock_merge(arena, "m", order ? b : a, order ? a : b, o, NULL, NULL);
        got = lock_text(m);
        assert_string_equal(got, want);
        free(got);
        lock_free(m);
    }
    free(want);
    lock_free(a);
    lock_free(b);
    lock_free(o);
    lock_free(w);
}

static void the_union(void **state)
{
    (void)state;
    merges_to("", "", NULL, "");
    merges_to("1", "", NULL, "1");
    merges_to("12", "0034", NULL, "1234");
    merges_to("123", "123", NULL, "123");
}

static void changes_since_a_base(void **state)
{
    (void)state;
    merges_to("123", "123", "123", "123");
    merges_to("103", "123", "123", "103");   /* removed by one */
    merges_to("143", "123", "123", "143");   /* changed by one */
    merges_to("1235", "123", "123", "1235"); /* added by one */
    merges_to("143", "103", "123", "143");   /* changed by one, removed by the other */
    merges_to("103", "103", "123", "103");   /* removed by both */
}

static void choices_are_told(void **state)
{
    struct lockfile *a = lock_of("120"), *b = lock_of("103"), *m;
    struct merge_choice *c;
    size_t n;

    (void)state;
    m = lock_merge(arena, "m", a, b, NULL, &c, &n);
    assert_int_equal(n, 3);
    assert_int_equal(c[0].from, MERGED_BOTH);
    assert_int_equal(c[1].from, MERGED_ONE);
    assert_string_equal(c[1].record->entry, "g");
    assert_string_equal(c[2].record->entry, "h");
    lock_free(m);
    m = lock_merge(arena, "m", b, a, a, &c, &n);
    assert_int_equal(m->n, 2); /* what a has and b removed is out */
    lock_free(m);
    lock_free(a);
    lock_free(b);
}

/* ---- conflicts ------------------------------------------------------------------------------- */

static int sides(const char *text, const char *first, const char *second, struct error *err)
{
    struct buf a, b;
    int rc;

    buf_init(&a, BUF_LIMIT);
    buf_init(&b, BUF_LIMIT);
    rc = lock_sides("x", text, strlen(text), &a, &b, err);
    if (rc >= 0) {
        assert_string_equal(buf_text(&a), first);
        assert_string_equal(buf_text(&b), second);
    }
    buf_release(&a);
    buf_release(&b);
    return rc;
}

static void both_sides(void **state)
{
    struct error err = {""};

    (void)state;
    assert_int_equal(sides("a\nb", "a\nb", "a\nb", &err), 0);
    assert_int_equal(sides("a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\nd\n", "a\nb\nd\n",
                           "a\nc\nd\n", &err),
                     1);
    assert_int_equal(sides("<<<<<<< o\n||||||| base\nx\n=======\nc\n>>>>>>> t\n", "", "c\n", &err),
                     1);
    assert_int_equal(sides("<<<<<<< o\na\n=======\n>>>>>>> t\n<<<<<<< o\nb\n=======\nc\n>>>>>>> t",
                           "a\nb\n", "c\n", &err),
                     1);
}

static void markers_that_do_not_fit(void **state)
{
    static const struct {
        const char *text, *why;
    } CASES[] = {
        {"a\n=======\n", "x:2: this marker of a merge conflict is out of place"},
        {">>>>>>> t\n", "x:1: this marker"},
        {"<<<<<<< o\n<<<<<<< o\n", "x:2: this marker"},
        {"<<<<<<< o\n>>>>>>> t\n", "x:2: this marker"},
        {"<<<<<<< o\n=======\n=======\n", "x:3: this marker"},
        {"<<<<<<< o\n=======\n||||||| b\n", "x:3: this marker"},
        {"<<<<<<< o\n=======\n", "x:3: the merge conflict has no end"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct error err = {""};
        assert_int_equal(sides(CASES[i].text, "", "", &err), -1);
        if (strncmp(err.text, CASES[i].why, strlen(CASES[i].why)) != 0)
            fail_msg("%s: %s", CASES[i].text, err.text);
    }
}

static void a_conflict_is_refused_with_what_to_do(void **state)
{
    static const char text[] = "{\n<<<<<<< ours\n=======\n>>>>>>> theirs\n}\n";
    struct error err = {""};

    (void)state;
    assert_null(lock_parse("dir/ksearch.lock", text, sizeof text - 1, &err));
    assert_non_null(strstr(err.text, "dir/ksearch.lock:2: a merge conflict is not resolved: "
                                     "`ksnvcc lock merge dir/ksearch.lock`"));
}

/* ---- taking out ------------------------------------------------------------------------------ */

static void records_are_taken_out(void **state)
{
    struct error err = {""};
    char *dir = fs_tempdir("lock-merge-", &err), path[4096];
    struct lockfile *l = lock_of("123"), *other = lock_of("142"), *back;
    const struct record *gone[] = {l->records[0], other->records[1], l->records[2]};

    (void)state;
    snprintf(path, sizeof path, "%s/ksearch.lock", dir);
    assert_int_equal(lock_write(path, l, &err), 0);
    /* the second has another key by now: it stays */
    assert_int_equal(lock_remove(path, gone, 3, &err), 2);
    back = lock_read(path, &err);
    assert_non_null(back);
    assert_int_equal(back->n, 1);
    assert_string_equal(back->records[0]->entry, "g");
    lock_free(back);
    assert_int_equal(lock_remove(path, gone, 3, &err), 0);
    lock_free(l);
    lock_free(other);
    fs_remove(dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule),
        cmocka_unit_test(a_tie_does_not_depend_on_the_order),
        cmocka_unit_test(the_union),
        cmocka_unit_test(changes_since_a_base),
        cmocka_unit_test(choices_are_told),
        cmocka_unit_test(both_sides),
        cmocka_unit_test(markers_that_do_not_fit),
        cmocka_unit_test(a_conflict_is_refused_with_what_to_do),
        cmocka_unit_test(records_are_taken_out),
    };

    return cmocka_run_group_tests_name("lock_merge", tests, set_up, tear_down);
}
