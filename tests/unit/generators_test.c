/* tests/unit/generators_test.c - what generators promise holds for every type, size and seed: at
 * random, and at the edges. Integers are compared as such, not as doubles. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <sys/mman.h>

#include "runtime/worker/inputs.h"
#include "runtime/worker/match.h"

enum { ROUNDS = 3000, SIZE_MOST = 5000 };

static const int types[] = {ELEM_F64,  ELEM_F32, ELEM_F16, ELEM_BF16, ELEM_E4M3,
                            ELEM_E5M2, ELEM_I64, ELEM_U64, ELEM_I32,  ELEM_U32,
                            ELEM_I16,  ELEM_U16, ELEM_I8,  ELEM_U8,   ELEM_BOOL};

/* ---- one array ---- */

static union {
    unsigned char bytes[(SIZE_MOST + 1) * 8 + 64];
    double align;
} memory;

static struct shape shape_of(int type, uint64_t count, uint64_t row)
{
    return (struct shape){
        .type = type, .size = elem_size(type), .lanes = 1, .count = count, .row = row};
}

/* reads and makes name(args...) with n arguments into `memory`; -1 when it is refused. What lies
 * behind the array stays as it was */
static int make(const char *name, const double *args, int n, struct shape shape, uint64_t seed,
                struct refusal *r)
{
    json_t *gen = json_pack("{s:s, s:[]}", "name", name, "args");
    size_t bytes = shape.count * (uint64_t)shape.size;
    struct gen g;
    int result;

    for (int i = 0; i < n; i++)
        json_array_append_new(json_object_get(gen, "args"), json_pack("{s:f}", "value", args[i]));
    memset(r, 0, sizeof *r);
    memset(memory.bytes, 0xc5, sizeof memory.bytes);
    result = gen_read(gen, &shape, NULL, NULL, &g, r);
    json_decref(gen);
    if (result || gen_make(&g, &shape, seed, memory.bytes, r))
        return -1;
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(memory.bytes[bytes + i], 0xc5);
    return 0;
}

static void make_or_fail(const char *name, const double *args, int n, struct shape shape,
                         uint64_t seed)
{
    struct refusal r;

    if (make(name, args, n, shape, seed, &r))
        fail_msg("%s of %llu elements of %s: %s", name, (unsigned long long)shape.count,
                 elem_name(shape.type), r.text);
}

static void refused(const char *name, const double *args, int n, struct shape shape,
                    const char *said)
{
    struct refusal r;

    if (!make(name, args, n, shape, 1, &r))
        fail_msg("%s was taken", name);
    if (!strstr(r.text, said))
        fail_msg("%s: %s", name, r.text);
}

/* element i as an integer; of floats, which must be one */
static int64_t integer(struct shape s, uint64_t i)
{
    uint64_t bits = elem_bits(memory.bytes, i, s.size);
    double x = elem_value_of(bits, s.type);

    if (elem_is_float(s.type)) {
        assert_true(x == floor(x));
        return (int64_t)x;
    }
    return s.type == ELEM_U64 ? (int64_t)bits : s.type == ELEM_I64 ? (int64_t)bits : (int64_t)x;
}

static double number(struct shape s, uint64_t i)
{
    return elem_value_of(elem_bits(memory.bytes, i, s.size), s.type);
}

/* the largest integers of a type that generators take */
static void limits(int type, double *lo, double *hi)
{
    static const struct {
        int type;
        double most;
    } floats[] = {
        {ELEM_F32, 16777216}, {ELEM_F16, 2048}, {ELEM_BF16, 256}, {ELEM_E4M3, 16}, {ELEM_E5M2, 8}};
    int bits = elem_size(type) * 8 - elem_is_signed(type);

    *hi = type == ELEM_BOOL ? 1 : bits >= 53 ? ldexp(1, 53) : ldexp(1, bits) - 1;
    *lo = elem_is_signed(type) ? bits >= 53 ? -ldexp(1, 53) : -ldexp(1, bits) : 0;
    for (size_t i = 0; i < COUNT(floats); i++)
        if (floats[i].type == type)
            *hi = floats[i].most;
    if (elem_is_float(type))
        *lo = -*hi;
}

/* ---- chance ---- */

static uint64_t chance;

static uint64_t below(uint64_t n)
{
    return n ? gen_bits(99, chance++) % n : 0;
}

static uint64_t some_size(void)
{
    static const uint64_t edges[] = {0, 1, 2, 3, 31, 32, 33, 255, 256, 257, 4096, SIZE_MOST};

    return below(2) ? edges[below(COUNT(edges))] : below(SIZE_MOST + 1);
}

static int some_type(void)
{
    return types[below(COUNT(types))];
}

/* an integer of 0..most, of any number of digits */
static double some_integer(double most)
{
    double x = floor(exp2((double)below(54) + gen_unit(gen_bits(98, chance++))) - 1);

    return below(5) == 0 || x > most ? most : x;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* elements from..from + n are different ones of lo..hi */
static void assert_distinct(struct shape s, uint64_t from, uint64_t n, double lo, double hi)
{
    static int64_t all[SIZE_MOST + 1];

    for (uint64_t i = 0; i < n; i++) {
        all[i] = integer(s, from + i);
        assert_true(all[i] >= (int64_t)lo && all[i] <= (int64_t)hi);
    }
    qsort(all, n, sizeof *all, by_value);
    for (uint64_t i = 1; i < n; i++)
        assert_true(all[i] != all[i - 1]);
}

/* ---- the promises ---- */

static void integers_lie_in_their_range(void **state)
{
    (void)state;
    for (int k = 0; k < ROUNDS; k++) {
        struct shape s = shape_of(some_type(), some_size(), 1);
        double lo, hi, args[2];

        limits(s.type, &lo, &hi);
        args[0] = lo + some_integer(hi - lo);
        args[1] = args[0] + some_integer(hi - args[0]);
        make_or_fail("integers", args, 2, s, chance);
        for (uint64_t i = 0; i < s.count; i++)
            assert_true(integer(s, i) >= (int64_t)args[0] && integer(s, i) <= (int64_t)args[1]);
    }
}

/* 2^64 mod span is large here: by a plain remainder the lower third would come twice as often */
static void no_integer_is_preferred(void **state)
{
    const int64_t third = (int64_t)1 << 61;
    int count[3] = {0, 0, 0};

    (void)state;
    for (uint64_t i = 0; i < 90000; i++) {
        int64_t x = gen_integer(gen_bits(3, i), 0, 3 * third - 1);

        assert_true(x >= 0 && x < 3 * third);
        count[x / third]++;
    }
    for (int i = 0; i < 3; i++)
        assert_true(abs(count[i] - 30000) < 900);
    assert_true(gen_integer(5, INT64_MIN, INT64_MAX) == 5);
}

static void permutations_are_the_beginning_of_one(void **state)
{
    (void)state;
    for (int k = 0; k < ROUNDS; k++) {
        struct shape s = shape_of(some_type(), some_size(), 1);
        double lo, hi, n = (double)s.count;

        limits(s.type, &lo, &hi);
        if (below(2))
            n += some_integer(ldexp(1, 53) - n);
        if (n > hi)
            n = hi;
        s.count = s.count < (uint64_t)n ? s.count : (uint64_t)n;
        make_or_fail("permutation", &n, 1, s, chance);
        assert_distinct(s, 0, s.count, 0, n - 1);
    }
    for (int k = 0; k < 64; k++) { /* whole ones, of every small size */
        struct shape s = shape_of(ELEM_U8, (uint64_t)k, 1);

        make_or_fail("permutation", NULL, 0, s, (uint64_t)k);
        assert_distinct(s, 0, s.count, 0, k - 1);
    }
    make_or_fail("permutation", (double[]){256}, 1, shape_of(ELEM_U8, 256, 1), 1);
    make_or_fail("permutation", (double[]){2147483648}, 1, shape_of(ELEM_I32, 4096, 1), 1);
    assert_distinct(shape_of(ELEM_I32, 4096, 1), 0, 4096, 0, 2147483647);
    refused("permutation", (double[]){2147483649}, 1, shape_of(ELEM_I32, 4, 1), "does not fit");
    refused("permutation", (double[]){3}, 1, shape_of(ELEM_I32, 4, 1), "cannot fill 4 elements");
}

static void all_permutations_come_as_often(void **state)
{
    int count[27] = {0}, last[8] = {0};

    (void)state;
    for (uint64_t seed = 0; seed < 6000; seed++) {
        count[gen_permuted(seed, 0, 3) * 9 + gen_permuted(seed, 1, 3) * 3 +
              gen_permuted(seed, 2, 3)]++;
        last[gen_permuted(seed, 1000007, 1 << 20) >> 17]++;
    }
    for (int i = 0; i < 27; i++)
        assert_true(count[i] == 0 || abs(count[i] - 1000) < 150);
    assert_true(count[5] && count[7] && count[11] && count[15] && count[19] && count[21]);
    for (int i = 0; i < 8; i++)
        assert_true(abs(last[i] - 750) < 130);
}

static void rows_have_distinct_values(void **state)
{
    (void)state;
    for (int k = 0; k < ROUNDS; k++) {
        uint64_t row = some_size() % 700, rows = below(4);
        struct shape s = shape_of(some_type(), row * rows, row);
        double lo, hi, args[3] = {0, 0, 0};

        limits(s.type, &lo, &hi);
        if (hi - lo + 1 < (double)row)
            row = s.row = (uint64_t)(hi - lo + 1), s.count = row * rows;
        args[0] = lo + some_integer(hi - lo + 1 - (double)(row ? row : 1));
        args[1] = args[0] + (double)(row ? row - 1 : 0);
        if (below(2))
            args[1] += some_integer(hi - args[1]);
        if (args[1] - args[0] < 20000 && k % 3 == 0)
            args[2] = gen_unit(gen_bits(97, chance++)) * 3;
        make_or_fail("distinct", args, 3, s, chance);
        for (uint64_t r = 0; r < rows; r++)
            assert_distinct(s, r * row, row, args[0], args[1]);
    }
    make_or_fail("distinct", (double[]){-128, 127}, 2, shape_of(ELEM_I8, 512, 256), 1);
    assert_distinct(shape_of(ELEM_I8, 512, 256), 256, 256, -128, 127);
    make_or_fail("distinct", (double[]){-2147483648.0, 2147483647}, 2, shape_of(ELEM_I32, 99, 9),
                 1);
    refused("distinct", (double[]){0, 6}, 2, shape_of(ELEM_I32, 16, 8), "cannot fill rows of 8");
    refused("distinct", (double[]){0, 128}, 2, shape_of(ELEM_I8, 16, 8), "does not fit");
    make_or_fail("distinct", (double[]){0, 6}, 2, shape_of(ELEM_I32, 0, 8), 1);
}

static void offsets_rise_from_nothing_to_all(void **state)
{
    (void)state;
    for (int k = 0; k < ROUNDS; k++) {
        struct shape s = shape_of(some_type(), some_size(), 1);
        double lo, hi, total;

        limits(s.type, &lo, &hi);
        total = s.count == 1 ? 0 : some_integer(hi);
        make_or_fail("offsets", &total, 1, s, chance);
        if (s.count)
            assert_true(integer(s, 0) == 0 && integer(s, s.count - 1) == (int64_t)total);
        for (uint64_t i = 1; i < s.count; i++)
            assert_true(integer(s, i) >= integer(s, i - 1));
    }
    for (int k = 0; k < ROUNDS; k++) { /* rows of half to three halves of the mean */
        struct shape s = shape_of(ELEM_I32, 2 + some_size() % 1000, 1);
        double rows = (double)s.count - 1, mean = 1000, args[] = {mean * rows, 0.5};

        make_or_fail("offsets", args, 2, s, chance);
        assert_true(integer(s, 0) == 0 && integer(s, s.count - 1) == (int64_t)args[0]);
        for (uint64_t i = 1; i < s.count && rows > 200; i++)
            assert_in_range(integer(s, i) - integer(s, i - 1), 0.4 * mean, 1.7 * mean);
    }
    refused("offsets", (double[]){5, 1.5}, 2, shape_of(ELEM_I32, 9, 1), "from 0, all alike, to 1");
    refused("offsets", (double[]){5}, 1, shape_of(ELEM_I32, 1, 1), "it needs two elements");
    refused("offsets", (double[]){-1}, 1, shape_of(ELEM_I32, 2, 1), "is negative");
    refused("offsets", (double[]){ldexp(1, 31)}, 1, shape_of(ELEM_I32, 2, 1), "does not fit");
}

static void sorted_rises_within_its_range(void **state)
{
    (void)state;
    for (int k = 0; k < ROUNDS; k++) {
        struct shape s = shape_of(some_type(), some_size(), 1);
        bool is_float = elem_is_float(s.type);
        double lo, hi, args[2];

        limits(s.type, &lo, &hi);
        args[0] = lo + some_integer(hi - lo);
        args[1] = args[0] + some_integer(hi - args[0]);
        if (is_float && k % 4 == 0)
            args[1] = elem_largest(s.type), args[0] = -args[1];
        make_or_fail("sorted", args, 2, s, chance);
        for (uint64_t i = 0; i < s.count; i++) {
            double x = is_float ? number(s, i) : (double)integer(s, i);

            assert_true(x >= args[0] && x <= args[1]);
            assert_true(!i || (is_float ? number(s, i - 1) <= x : integer(s, i - 1) <= x));
        }
    }
}

static void simplexes_add_up_in_every_type(void **state)
{
    static const double within[] = {[ELEM_F64] = 1e-12, [ELEM_F32] = 1e-7,  [ELEM_F16] = 5e-4,
                                    [ELEM_BF16] = 4e-3, [ELEM_E4M3] = 0.04, [ELEM_E5M2] = 0.07};

    (void)state;
    for (int k = 0; k < ROUNDS / 2; k++) {
        int type = types[below(6)];
        uint64_t row = some_size() % 1000, rows = row ? 1 + below(5) : 0;
        struct shape s = shape_of(type, row * rows, row);

        make_or_fail("simplex", NULL, 0, s, chance);
        for (uint64_t r = 0; r < rows; r++) {
            double sum = 0;

            for (uint64_t i = 0; i < row; i++) {
                assert_true(number(s, r * row + i) >= 0);
                sum += number(s, r * row + i);
            }
            assert_true(fabs(sum - 1) <= within[type]);
        }
    }
}

static void numbers_are_numbers_at_the_limits(void **state)
{
    (void)state;
    for (size_t t = 0; t < COUNT(types); t++) {
        struct shape s = shape_of(types[t], 1000, 1);
        double lo, hi;

        limits(types[t], &lo, &hi);
        if (elem_is_float(types[t])) {
            hi = elem_largest(types[t]);
            lo = -hi;
            if (types[t] != ELEM_F64)
                refused("uniform", (double[]){0, hi * 1.01}, 2, s, "does not fit");
        }
        make_or_fail("uniform", (double[]){lo, hi}, 2, s, t);
        for (uint64_t i = 0; i < s.count; i++)
            assert_true(number(s, i) >= lo && number(s, i) <= hi);
        make_or_fail("const", &hi, 1, s, t);
        assert_true(number(s, 999) == hi);
    }
}

/* no generator minds an array of nothing; that it needs other elements is still told */
static void nothing_is_filled_with_nothing(void **state)
{
    static const struct {
        const char *name;
        int n;
        double args[2];
    } gens[] = {{"zeros", 0, {0}},       {"ones", 0, {0}},        {"const", 1, {1}},
                {"iota", 0, {0}},        {"uniform", 0, {0}},     {"integers", 2, {0, 1}},
                {"bernoulli", 0, {0}},   {"permutation", 0, {0}}, {"permutation", 1, {0}},
                {"distinct", 2, {0, 1}}, {"offsets", 1, {1}},     {"sorted", 2, {0, 1}}};

    (void)state;
    for (size_t t = 0; t < COUNT(types); t++)
        for (size_t g = 0; g < COUNT(gens); g++)
            for (uint64_t row = 0; row < 2; row++)
                make_or_fail(gens[g].name, gens[g].args, gens[g].n, shape_of(types[t], 0, row), 1);
}

/* ---- index arithmetic beyond 4 GB, in memory that is nearly all a hole ---- */

static void elements_beyond_four_gigabytes(void **state)
{
    const uint64_t far = ((uint64_t)1 << 32) + 5;
    const size_t bytes = (size_t)(far + 1) * 8;
    unsigned char *hole = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct match exact = {.exact = 1, .ulp = -1};

    (void)state;
    if (hole == MAP_FAILED) {
        print_message("# no room for %zu bytes of addresses\n", bytes);
        return;
    }
    for (size_t t = 0; t < COUNT(types); t++) {
        int size = elem_size(types[t]);
        struct gen one = {.kind = GEN_ONES}, zero = {.kind = GEN_ZEROS},
                   row = {.kind = GEN_DISTINCT, .arg = {0, 1}, .row = 2};

        gen_element(&one, hole, far, types[t], size, 1);
        assert_true(elem_value_of(elem_bits(hole, far, size), types[t]) == 1);
        assert_true(elem_bits(hole, 5, size) == 0 && elem_bits(hole, far - 1, size) == 0);
        assert_false(
            match_element(&exact, hole, hole + (far - 5) * (uint64_t)size, 5, types[t], size, 0));
        assert_true(match_element(&exact, hole, hole, far, types[t], size, 0));
        gen_element(&zero, hole, far, types[t], size, 1);
        gen_element(&row, hole, far - 1, types[t], size, 1);
        gen_element(&row, hole, far, types[t], size, 1);
        assert_true(elem_value_of(elem_bits(hole, far, size), types[t]) +
                        elem_value_of(elem_bits(hole, far - 1, size), types[t]) ==
                    1);
        madvise(hole, bytes, MADV_DONTNEED);
    }
    munmap(hole, bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_lie_in_their_range),
        cmocka_unit_test(no_integer_is_preferred),
        cmocka_unit_test(permutations_are_the_beginning_of_one),
        cmocka_unit_test(all_permutations_come_as_often),
        cmocka_unit_test(rows_have_distinct_values),
        cmocka_unit_test(offsets_rise_from_nothing_to_all),
        cmocka_unit_test(sorted_rises_within_its_range),
        cmocka_unit_test(simplexes_add_up_in_every_type),
        cmocka_unit_test(numbers_are_numbers_at_the_limits),
        cmocka_unit_test(nothing_is_filled_with_nothing),
        cmocka_unit_test(elements_beyond_four_gigabytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
