#include <stdio.h>
#include "tests/unit/check.h"
#include "tests/unit/sample_spec.h"
#include "driver/search/space.h"
#include "driver/search/space_impl.h"
#include "runtime/base/buf.h"

static const struct gpu h200 = {
    .major = 9, .sms = 132, .smem = 232448, .regs = 65536, .l2 = 50 << 20};

static struct sample_spec *x;
static struct space *s;

static void make(const char *line)
{
    x = sample_spec_new(line);
    s = space_new(&x->spec, &h200, &x->diag);
    if (x->diag.nerrors) {
        struct buf b;
        buf_init(&b, BUF_LIMIT);
        diag_text(&x->diag, &b);
        fail_msg("%s", buf_text(&b));
    }
    assert_non_null(s);
}

static void drop(void)
{
    space_free(s);
    sample_spec_free(x);
}

static void points_are_in_the_order_of_the_annotation(void **state)
{
    char text[64];

    (void)state;
    make("A = 1 2*; B = 10 20 30");
    assert_true(space_is_enumerated(s));
    assert_int_equal(space_known(s), 6);
    assert_true(space_size(s) == 6);
    assert_string_equal(space_text(s, 0, text, sizeof text), "A=1, B=10");
    assert_string_equal(space_text(s, 1, text, sizeof text), "A=1, B=20");
    assert_string_equal(space_text(s, 3, text, sizeof text), "A=2, B=10");
    assert_int_equal(space_default(s), 3);
    assert_int_equal(space_values(s, 5)[0], 2);
    assert_int_equal(space_values(s, 5)[1], 30);
    assert_int_equal(space_index(s, 5)[1], 2);
    assert_string_equal(space_text(s, 5, text, 6), "A=2, ");
    drop();
}

static void without_tunables_there_is_one_point(void **state)
{
    char text[8] = "x";

    (void)state;
    make("");
    assert_int_equal(space_known(s), 1);
    assert_int_equal(space_default(s), 0);
    assert_string_equal(space_text(s, 0, text, sizeof text), "");
    drop();
}

/* the constraint as C has it, for all points */
static void constraints_leave_what_c_would(void **state)
{
    size_t n = 0;

    (void)state;
    make("BM = 32 64* 128; BN = 32 64* 128; BK = 8 16 32*; TM = 2* 4 8; TN = 2* 4 8 |"
         "(BM / TM) * (BN / TN) <= 1024, (BM + BN) * BK * 4 <= gpu.smem, BM % BN == 0 || TM < TN,"
         "gpu.sms == 132 && gpu.l2 >= 50 << 20 && gpu.regs == 65536");
    for (int m = 32; m <= 128; m *= 2)
        for (int k = 32; k <= 128; k *= 2)
            for (int j = 8; j <= 32; j *= 2)
                for (int t = 2; t <= 8; t *= 2)
                    for (int u = 2; u <= 8; u *= 2)
                        n += (m / t) * (k / u) <= 1024 && (m + k) * j * 4 <= 232448 &&
                             (m % k == 0 || t < u);
    assert_true(n > 20 && n < 243);
    assert_int_equal(space_known(s), n);
    for (size_t p = 0; p < n; p++) {
        const int64_t *v = space_values(s, p);
        assert_true((v[0] / v[3]) * (v[1] / v[4]) <= 1024);
        assert_true(v[0] % v[1] == 0 || v[3] < v[4]);
        assert_int_equal(space_find(s, space_index(s, p)), p);
    }
    drop();
}

static void what_is_not_valid_is_not_found(void **state)
{
    const uint32_t bad[] = {1, 0}, beyond[] = {0, 7}, good[] = {0, 1};

    (void)state;
    make("A = 1 2; B = 1 2 | A <= B");
    assert_int_equal(space_find(s, bad), SPACE_NONE);
    assert_int_equal(space_find(s, beyond), SPACE_NONE);
    assert_int_equal(space_find(s, good), 1);
    drop();
}

static void an_earlier_constraint_guards_a_later_one(void **state)
{
    (void)state;
    make("A = 0 1 2* 3; B = 6* | A > 0, B % A == 0");
    assert_int_equal(space_known(s), 3);
    drop();
}

/* the errors of a spec, as text */
static void assert_refused(const char *line, const char *message)
{
    struct buf b;

    x = sample_spec_new(line);
    s = space_new(&x->spec, &h200, &x->diag);
    assert_null(s);
    buf_init(&b, BUF_LIMIT);
    diag_text(&x->diag, &b);
    if (!strstr(buf_text(&b), message))
        fail_msg("'%s' is not in: %s", message, buf_text(&b));
    buf_release(&b);
    sample_spec_free(x);
}

static void errors_name_the_constraint_and_the_values(void **state)
{
    (void)state;
    assert_refused("A = 1 2; B = 1 2 | A + B < 4, A * B > 2, 1",
                   "spec:1:31: error: ksearch: no combination of the tune() values is left: this "
                   "constraint excludes the last of them");
    assert_refused("A = 1 2 | 0", "spec:1:11: error: ksearch: no combination");
    assert_refused("A = 0 1*; B = 6 7 | B % A == 0",
                   "spec:1:21: error: ksearch: this constraint has no value at A = 0, B = 6: ");
    assert_refused("A = 1 9223372036854775807; C = 1 | A + 1 > 0",
                   "this constraint has no value at A = 9223372036854775807: ");
    assert_refused("A = 1 2; B = 1 2 | A < B",
                   "error: ksearch: the values in the code do not satisfy this constraint: A = 1, "
                   "B = 1");
    assert_refused("A = 1 | A < M", "this constraint has no value at A = 1: 'M' has no value");
    assert_refused("A = 1 | 1 / 0", "this constraint has no value: ");
}

static void large_spaces_are_sampled(void **state)
{
    uint64_t random = 1;
    size_t seen[200];

    (void)state;
    make("A = 1..1000; B = 1..1000; C = 1..1000 | (A + B + C) % 10 == 3, A <= B");
    assert_false(space_is_enumerated(s));
    assert_in_range((long long)space_size(s), 40000000, 60000000);
    assert_int_equal(space_known(s), 1);
    assert_int_equal(space_default(s), 0);
    for (size_t i = 0; i < COUNT(seen); i++) {
        const int64_t *v;
        seen[i] = space_random(s, &random);
        v = space_values(s, seen[i]);
        assert_true((v[0] + v[1] + v[2]) % 10 == 3 && v[0] <= v[1]);
    }
    for (size_t i = 0; i < COUNT(seen); i++)
        assert_int_equal(space_find(s, space_index(s, seen[i])), seen[i]);
    assert_true(space_known(s) > 190);
    drop();
}

/* one in 10^8 of the points: uniform draws find none of them */
static void points_are_found_where_few_are(void **state)
{
    uint64_t random = 7;

    (void)state;
    make("A = 1 2..10000; B = 1..10000; C = 1..10000 | B == A, C == B");
    assert_false(space_is_enumerated(s));
    for (int i = 0; i < 5; i++) {
        const int64_t *v = space_values(s, space_random(s, &random));
        assert_true(v[0] == v[1] && v[1] == v[2]);
    }
    drop();
}

static void a_million_points_are_listed(void **state)
{
    const uint32_t last[] = {99, 99, 99}, first[] = {0, 0, 0};

    (void)state;
    make("A = 1..100; B = 1..100; C = 1..100");
    assert_true(space_is_enumerated(s));
    assert_int_equal(space_known(s), 1000000);
    assert_int_equal(space_find(s, last), 999999);
    assert_int_equal(space_find(s, first), 0);
    drop();
    make("A = 1..100; B = 1..100; C = 1..100; D = 1 2");
    assert_false(space_is_enumerated(s));
    assert_in_range((long long)space_size(s), 1990000, 2010000);
    drop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_in_the_order_of_the_annotation),
        cmocka_unit_test(without_tunables_there_is_one_point),
        cmocka_unit_test(constraints_leave_what_c_would),
        cmocka_unit_test(what_is_not_valid_is_not_found),
        cmocka_unit_test(an_earlier_constraint_guards_a_later_one),
        cmocka_unit_test(errors_name_the_constraint_and_the_values),
        cmocka_unit_test(large_spaces_are_sampled),
        cmocka_unit_test(points_are_found_where_few_are),
        cmocka_unit_test(a_million_points_are_listed),
    };

    return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
