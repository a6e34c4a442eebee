/* tests/unit/inputs_test.c - what generators promise, for every size. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/worker/inputs.h"

static const uint64_t sizes[] = {0, 1, 2, 3, 7, 32, 33, 1000, 4097};
enum { SIZES = sizeof sizes / sizeof *sizes };

static const struct {
    int type, size;
} all_types[] = {
    {ELEM_F64, 8},  {ELEM_F32, 4}, {ELEM_F16, 2}, {ELEM_BF16, 2}, {ELEM_E4M3, 1},
    {ELEM_E5M2, 1}, {ELEM_I64, 8}, {ELEM_U64, 8}, {ELEM_I32, 4},  {ELEM_U32, 4},
    {ELEM_I16, 2},  {ELEM_U16, 2}, {ELEM_I8, 1},  {ELEM_U8, 1},   {ELEM_BOOL, 1},
};
enum { ALL_TYPES = sizeof all_types / sizeof *all_types };

/* reads a generator from text, as in a request */
static int read_gen(const char *text, struct shape shape, struct gen *gen, struct refusal *r)
{
    json_t *object = json_loads(text, 0, NULL);
    int result;

    assert_non_null(object);
    memset(r, 0, sizeof *r);
    result = gen_read(object, &shape, NULL, NULL, gen, r);
    json_decref(object);
    return result;
}

/* makes an array; the values come back as doubles, free() them. The bytes behind the array's end
 * must stay as they were. */
static double *make(const char *text, struct shape shape, uint64_t seed)
{
    size_t bytes = shape.count * (uint64_t)shape.size;
    unsigned char *array = malloc(bytes + 64);
    double *values = malloc((shape.count + 1) * sizeof *values);
    struct refusal r;
    struct gen gen;

    memset(array, 0xc5, bytes + 64);
    if (read_gen(text, shape, &gen, &r) || gen_make(&gen, &shape, seed, array, &r))
        fail_msg("%s: %s", text, r.text);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(array[bytes + i], 0xc5);
    for (uint64_t i = 0; i < shape.count; i++)
        values[i] = elem_value_of(elem_bits(array, i, shape.size), shape.type);
    free(array);
    return values;
}

static struct shape shape_of(int type, int size, uint64_t count, uint64_t row)
{
    return (struct shape){.type = type, .size = size, .lanes = 1, .count = count, .row = row};
}

static const char *call(char *text, const char *name, double a, double b)
{
    sprintf(text,
            "{\"name\":\"%s\",\"args\":[{\"name\":null,\"value\":%.17g},{\"name\":null,"
            "\"value\":%.17g}]}",
            name, a, b);
    return text;
}

static const char *call1(char *text, const char *name, double a)
{
    sprintf(text, "{\"name\":\"%s\",\"args\":[{\"name\":null,\"value\":%.17g}]}", name, a);
    return text;
}

static void integers_stay_in_range_and_reach_it(void **state)
{
    char text[256];

    (void)state;
    for (int t = 0; t < ALL_TYPES; t++) {
        double lo = elem_is_signed(all_types[t].type) ? -1 : 0, hi = 1;

        for (int s = 0; s < SIZES; s++) {
            struct shape shape = shape_of(all_types[t].type, all_types[t].size, sizes[s], 1);
            double *x = make(call(text, "integers", lo, hi), shape, 5);
            int low = 0, high = 0;

            for (uint64_t i = 0; i < sizes[s]; i++) {
                assert_true(x[i] == floor(x[i]) && x[i] >= lo && x[i] <= hi);
                low += x[i] == lo;
                high += x[i] == hi;
            }
            if (sizes[s] >= 1000)
                assert_true(low > 200 && high > 200);
            free(x);
        }
    }
}

static void normal_and_uniform_have_their_moments(void **state)
{
    char text[256];

    (void)state;
    for (int t = 0; t < 4; t++) { /* fp8 is too coarse for moments */
        struct shape shape = shape_of(all_types[t].type, all_types[t].size, 100000, 1);
        double *x = make(call(text, "normal", 3, 2), shape, 11), sum = 0, squares = 0;
        double *u = make(call(text, "uniform", -1, 2), shape, 12), mean = 0;

        for (uint64_t i = 0; i < shape.count; i++) {
            sum += x[i];
            squares += x[i] * x[i];
            mean += u[i];
            assert_true(u[i] >= -1 && u[i] <= 2);
        }
        sum /= 1e5;
        assert_true(fabs(sum - 3) < 0.03);
        assert_true(fabs(sqrt(squares / 1e5 - sum * sum) - 2) < 0.03);
        assert_true(fabs(mean / 1e5 - 0.5) < 0.02);
        free(x);
        free(u);
    }
}

static void seeds_and_indices_differ(void **state)
{
    char text[256];
    struct shape shape = shape_of(ELEM_F32, 4, 1000, 1);
    double *a = make(call(text, "normal", 0, 1), shape, 1);
    double *b = make(call(text, "normal", 0, 1), shape, 2);
    double *c = make(call(text, "normal", 0, 1), shape, 1);
    int equal = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        equal += a[i] == b[i] || (i && a[i] == a[i - 1]);
        assert_true(a[i] == c[i]);
    }
    assert_true(equal < 5);
    free(a);
    free(b);
    free(c);
}

static void permutations_have_everything_once(void **state)
{
    char text[256];

    (void)state;
    for (int s = 0; s < SIZES; s++) {
        uint64_t n = sizes[s];
        char *seen = calloc(n + 11, 1);
        double *x = make("{\"name\":\"permutation\",\"args\":[]}", shape_of(ELEM_I32, 4, n, n), s);

        for (uint64_t i = 0; i < n; i++) {
            assert_true(x[i] >= 0 && x[i] < (double)n && !seen[(int)x[i]]);
            seen[(int)x[i]] = 1;
        }
        free(x);
        memset(seen, 0, n + 11);
        /* the first n of n + 10 */
        x = make(call1(text, "permutation", (double)n + 10), shape_of(ELEM_I64, 8, n, n), s);
        for (uint64_t i = 0; i < n; i++) {
            assert_true(x[i] >= 0 && x[i] < (double)n + 10 && !seen[(int)x[i]]);
            seen[(int)x[i]] = 1;
        }
        free(x);
        free(seen);
    }
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void check_distinct(double lo, double hi, double zipf, uint64_t row, uint64_t rows)
{
    char text[256];
    double *x;

    sprintf(text,
            "{\"name\":\"distinct\",\"args\":[{\"name\":null,\"value\":%.17g},{\"name\":null,"
            "\"value\":%.17g},{\"name\":\"zipf\",\"value\":%g}]}",
            lo, hi, zipf);
    x = make(text, shape_of(ELEM_I32, 4, row * rows, row), row + rows);
    for (uint64_t r = 0; r < rows; r++) {
        qsort(x + r * row, row, sizeof *x, order);
        for (uint64_t i = 0; i < row; i++) {
            double at = x[r * row + i];

            assert_true(at >= lo && at <= hi && (!i || at != x[r * row + i - 1]));
        }
    }
    free(x);
}

static void rows_are_distinct(void **state)
{
    static const double zipfs[] = {0, 0.5, 1.1, 3, 40};

    (void)state;
    for (int z = 0; z < 5; z++) {
        check_distinct(0, 63, zipfs[z], 8, 100);
        check_distinct(0, 7, zipfs[z], 8, 10);
        check_distinct(-5, -5, zipfs[z], 1, 3);
        check_distinct(0, 10, zipfs[z], 0, 0);
        check_distinct(0, 99999, zipfs[z], 50, 3);
        check_distinct(0, 9999, zipfs[z], 5000, 2);
    }
    check_distinct(0, 2e9, 0, 100, 50);
    check_distinct(1e6, 6e6, 0, 1000, 3);
}

static void zipf_prefers_few(void **state)
{
    const char *text =
        "{\"name\":\"distinct\",\"args\":[{\"name\":null,\"value\":0},{\"name\":null,"
        "\"value\":63},{\"name\":\"zipf\",\"value\":1.2}]}";
    double *x = make(text, shape_of(ELEM_I32, 4, 8000, 2), 3);
    int count[64] = {0}, most = 0;

    (void)state;
    for (int i = 0; i < 8000; i++)
        count[(int)x[i]]++;
    for (int i = 0; i < 64; i++)
        most = count[i] > most ? count[i] : most;
    assert_true(most > 8000 / 64 * 5); /* a uniform draw gives each 125 or so */
    free(x);
}

static void offsets_run_from_zero_to_the_total(void **state)
{
    static const double totals[] = {0, 1, 7, 1000, 123456};
    char text[256];

    (void)state;
    for (int s = 0; s < SIZES; s++)
        for (int t = 0; t < (sizes[s] == 1 ? 1 : 5); t++) {
            uint64_t n = sizes[s];
            double *x = make(call1(text, "offsets", totals[t]), shape_of(ELEM_I32, 4, n, n), 9);

            if (n)
                assert_true(x[0] == 0);
            if (n > 1)
                assert_true(x[n - 1] == totals[t]);
            for (uint64_t i = 1; i < n; i++)
                assert_true(x[i] >= x[i - 1] && x[i] <= totals[t]);
            free(x);
        }
}

static void sorted_is_sorted_and_spread(void **state)
{
    char text[256];

    (void)state;
    for (int s = 0; s < SIZES; s++) {
        uint64_t n = sizes[s];
        double *x = make(call(text, "sorted", -50, 50), shape_of(ELEM_I16, 2, n, n), 4);
        double *y = make(call(text, "sorted", 0, 1), shape_of(ELEM_F64, 8, n, n), 4);

        for (uint64_t i = 0; i < n; i++) {
            assert_true(x[i] >= -50 && x[i] <= 50 && y[i] >= 0 && y[i] <= 1);
            assert_true(!i || (x[i] >= x[i - 1] && y[i] >= y[i - 1]));
        }
        if (n >= 1000)
            assert_true(x[0] < -45 && x[n - 1] > 45 && fabs(y[n / 2] - 0.5) < 0.1);
        free(x);
        free(y);
    }
}

static void simplexes_add_up_to_one(void **state)
{
    (void)state;
    for (int s = 1; s < SIZES; s++) {
        uint64_t row = sizes[s], rows = 5;
        double *x = make("{\"name\":\"simplex\"}", shape_of(ELEM_F32, 4, row * rows, row), 8);

        for (uint64_t r = 0; r < rows; r++) {
            double sum = 0;

            for (uint64_t i = 0; i < row; i++) {
                assert_true(x[r * row + i] >= 0);
                sum += x[r * row + i];
            }
            assert_true(fabs(sum - 1) < 1e-6);
        }
        free(x);
    }
    free(make("{\"name\":\"simplex\"}", shape_of(ELEM_F32, 4, 0, 0), 8));
}

static void plain_ones(void **state)
{
    static const char *const texts[] = {"{\"name\":\"zeros\"}", "{\"name\":\"ones\"}"};
    char text[256];

    (void)state;
    for (int t = 0; t < ALL_TYPES; t++)
        for (int s = 0; s < SIZES; s++)
            for (int k = 0; k < 2; k++) {
                struct shape shape = shape_of(all_types[t].type, all_types[t].size, sizes[s], 1);
                double *x = make(texts[k], shape, 1);

                for (uint64_t i = 0; i < sizes[s]; i++)
                    assert_true(x[i] == k);
                free(x);
            }
    for (int s = 0; s < SIZES; s++) {
        double *x = make(call(text, "iota", 3, 2), shape_of(ELEM_I64, 8, sizes[s], 1), 1);
        double *y = make(call1(text, "bernoulli", 0.25), shape_of(ELEM_BOOL, 1, sizes[s], 1), 1);
        double *z = make(call1(text, "const", 0.5), shape_of(ELEM_F16, 2, sizes[s], 1), 1),
               ones = 0;

        for (uint64_t i = 0; i < sizes[s]; i++) {
            assert_true(x[i] == 3 + 2 * (double)i && z[i] == 0.5);
            ones += y[i];
        }
        if (sizes[s] >= 1000)
            assert_true(fabs(ones / (double)sizes[s] - 0.25) < 0.05);
        free(x);
        free(y);
        free(z);
    }
}

static double answer_forty(void *arg, int position)
{
    *(int *)arg = position;
    return 40 + position;
}

static void values_left_open_are_asked_for(void **state)
{
    json_t *object = json_loads("{\"name\":\"integers\",\"args\":[{\"name\":\"lo\",\"value\":3},"
                                "{\"name\":\"hi\",\"value\":null}]}",
                                0, NULL);
    struct shape shape = shape_of(ELEM_I32, 4, 10, 10);
    struct refusal r = {0};
    struct gen gen;
    int position = -1;

    (void)state;
    assert_int_equal(gen_read(object, &shape, answer_forty, &position, &gen, &r), 0);
    assert_true(gen.kind == GEN_INTEGERS && gen.arg[0] == 3 && gen.arg[1] == 41 && position == 1);
    json_decref(object);
    assert_int_equal(gen_read(NULL,
                              &(struct shape){.type = ELEM_F16, .size = 2, .count = 1, .row = 1},
                              NULL, NULL, &gen, &r),
                     0);
    assert_true(gen.kind == GEN_NORMAL && gen.arg[1] == 1);
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *text;
        int type, size;
        uint64_t count, row;
        const char *class;
    } cases[] = {
        {"{}", ELEM_I32, 4, 1, 1, REFUSE_UNSUPPORTED},
        {"{}", ELEM_OPAQUE, 12, 1, 1, REFUSE_UNSUPPORTED},
        {"{\"name\":\"ones\"}", ELEM_OPAQUE, 12, 1, 1, REFUSE_UNSUPPORTED},
        {"{\"name\":\"gauss\"}", ELEM_F32, 4, 1, 1, REFUSE_PROTOCOL},
        {"{\"name\":\"normal\"}", ELEM_I32, 4, 1, 1, REFUSE_UNSUPPORTED},
        {"{\"name\":\"simplex\"}", ELEM_I32, 4, 1, 1, REFUSE_UNSUPPORTED},
        {"{\"name\":\"integers\",\"args\":[{\"value\":1}]}", ELEM_I32, 4, 1, 1, REFUSE_PROTOCOL},
        {"{\"name\":\"integers\",\"args\":[{\"value\":5},{\"value\":4}]}", ELEM_I32, 4, 1, 1,
         REFUSE_UNSUPPORTED},
        {"{\"name\":\"integers\",\"args\":[{\"value\":0},{\"value\":300}]}", ELEM_U8, 1, 1, 1,
         REFUSE_UNSUPPORTED},
        {"{\"name\":\"integers\",\"args\":[{\"value\":-1},{\"value\":3}]}", ELEM_U32, 4, 1, 1,
         REFUSE_UNSUPPORTED},
        {"{\"name\":\"integers\",\"args\":[{\"value\":0},{\"value\":1},{\"value\":2}]}", ELEM_I32,
         4, 1, 1, REFUSE_PROTOCOL},
        {"{\"name\":\"integers\",\"args\":[{\"name\":\"top\",\"value\":1}]}", ELEM_I32, 4, 1, 1,
         REFUSE_PROTOCOL},
        {"{\"name\":\"iota\"}", ELEM_I8, 1, 1000, 1, REFUSE_UNSUPPORTED},
        {"{\"name\":\"permutation\",\"args\":[{\"value\":5}]}", ELEM_I32, 4, 6, 6,
         REFUSE_UNSUPPORTED},
        {"{\"name\":\"distinct\",\"args\":[{\"value\":0},{\"value\":6}]}", ELEM_I32, 4, 16, 8,
         REFUSE_UNSUPPORTED},
        {"{\"name\":\"offsets\",\"args\":[{\"value\":-1}]}", ELEM_I32, 4, 4, 4, REFUSE_UNSUPPORTED},
        {"{\"name\":\"offsets\"}", ELEM_I32, 4, 4, 4, REFUSE_PROTOCOL},
        {"{\"name\":\"file\",\"args\":[{\"value\":3}]}", ELEM_F32, 4, 4, 4, REFUSE_PROTOCOL},
        {"{\"name\":\"offsets\",\"args\":[{\"value\":3}]}", ELEM_I32, 4, 1, 1, REFUSE_UNSUPPORTED},
        {"{\"name\":\"const\",\"args\":[{\"value\":1e6}]}", ELEM_F16, 2, 1, 1, REFUSE_UNSUPPORTED},
        {"{\"name\":\"uniform\",\"args\":[{\"value\":0},{\"value\":500}]}", ELEM_E4M3, 1, 1, 1,
         REFUSE_UNSUPPORTED},
        {"{\"name\":\"bernoulli\",\"args\":[{\"value\":1.5}]}", ELEM_BOOL, 1, 1, 1,
         REFUSE_UNSUPPORTED},
        {"{\"name\":\"integers\",\"args\":[{\"value\":0},{\"value\":1e18}]}", ELEM_I64, 8, 1, 1,
         REFUSE_UNSUPPORTED},
        {"{\"name\":\"permutation\",\"args\":[{\"value\":257}]}", ELEM_U8, 1, 6, 6,
         REFUSE_UNSUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shape shape = shape_of(cases[i].type, cases[i].size, cases[i].count, cases[i].row);
        struct refusal r;
        struct gen gen;

        if (!read_gen(cases[i].text, shape, &gen, &r))
            fail_msg("%s was taken", cases[i].text);
        assert_string_equal(r.class, cases[i].class);
        assert_true(strlen(r.text) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_stay_in_range_and_reach_it),
        cmocka_unit_test(normal_and_uniform_have_their_moments),
        cmocka_unit_test(seeds_and_indices_differ),
        cmocka_unit_test(permutations_have_everything_once),
        cmocka_unit_test(rows_are_distinct),
        cmocka_unit_test(zipf_prefers_few),
        cmocka_unit_test(offsets_run_from_zero_to_the_total),
        cmocka_unit_test(sorted_is_sorted_and_spread),
        cmocka_unit_test(simplexes_add_up_to_one),
        cmocka_unit_test(plain_ones),
        cmocka_unit_test(values_left_open_are_asked_for),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
