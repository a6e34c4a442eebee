/* tests/gpu/worker_smoke.c - drives a worker through its protocol, over the variants of vadd.cu:
 * what is right, and what becomes of all else.
 *
 *     worker_smoke WORKER FOLDER [SCRATCH]
 *
 * FOLDER holds vadd_harness.so and vadd_0.cubin ... vadd_10.cubin, of a GPU (tests/gpu) or of the
 * fake driver (tests/fake). Prints TAP. */
#include "tests/gpu/smoke.h"

static void test_hello(void)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply = ask(&c, json_pack("{s:s}", "op", "hello"));
    const json_t *gpu = json_object_get(reply, "gpu");

    expect(flag(reply, "ok") && *text_of(gpu, "name") &&
               !strncmp(text_of(gpu, "uuid"), "GPU-", 4) &&
               json_integer_value(json_object_get(gpu, "sms")) > 0,
           "hello names the GPU", reply);
    reply = ask(&c, json_pack("{s:s}", "op", "dance"));
    expect(!strcmp(text_of(reply, "class"), "protocol"), "an unknown op is refused", reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 0, "point", 0,
                              "samples", 1));
    expect(!strcmp(text_of(reply, "class"), "protocol"), "time before open is refused", reply);
    reply = client_ask(&c, open_request("vadd_0", false), "no object", 9, WAIT);
    expect(!strcmp(text_of(reply, "class"), "load"), "a harness that is no object is refused",
           reply);
    reply = ask_with_file(&c, open_request("nothing_0", false), "vadd_harness.so");
    expect(!strcmp(text_of(reply, "class"), "load"), "a harness without the entry is refused",
           reply);
    reply = ask_with_file(&c, open_request("vadd_0", false), "vadd_harness.so");
    expect(flag(reply, "ok") &&
               !strcmp(text_of(json_array_get(json_object_get(reply, "arrays"), 2), "type"), "f32"),
           "open tells the arrays' types", reply);
    reply = ask(&c, point_request(0, 1LL << 62, false));
    expect(!strcmp(text_of(reply, "class"), "limit") &&
               strstr(text_of(reply, "error"), "array 'a' has more bytes than 64 bits count at n="),
           "a point beyond 64 bits is refused", reply);
    reply = ask(&c, point_request(0, 1LL << 50, false));
    expect(!strcmp(text_of(reply, "class"), "limit") &&
               strstr(text_of(reply, "error"), "'a' is larger than any GPU's memory at n="),
           "and one beyond all memory", reply);
    reply = ask(&c, point_request(0, -5, false));
    expect(!strcmp(text_of(reply, "class"), "limit"), "a negative extent is refused", reply);
    reply = ask(&c, point_request(0, -1, false));
    expect(!strcmp(text_of(reply, "class"), "limit") &&
               strstr(text_of(reply, "error"), "extent 1 of array 'a' is -1 at n=-1"),
           "-1 is no end of the extents", reply);
    reply =
        client_ask(&c, json_pack("{s:s, s:i, s:s}", "op", "module", "module", 1, "kind", "cubin"),
                   "no cubin either, but long enough to read", 40, WAIT);
    expect(!strcmp(text_of(reply, "class"), "load"), "a cubin that is none is refused", reply);
    ok(client_end(&c, 0) == 0, "the end of input ends the worker with 0");
}

static void test_original(void)
{
    struct client c = start_open("vadd_0", true);
    json_t *reply;

    for (int point = 0; point < 4; point++) {
        reply = ask(&c, check_request(0, point));
        expect(flag(reply, "pass"), "the original agrees with itself", reply);
    }
    reply = ask(&c, json_pack("{s:s, s:i}", "op", "floor", "point", 1));
    expect(json_integer_value(json_object_get(reply, "bytes")) == 12 * 1000003LL &&
               json_number_value(json_object_get(reply, "us")) > 0,
           "floor counts the bytes and takes some time", reply);
    client_end(&c, 0);
    c = start_open("unstable_0", false);
    reply = ask(&c, check_request(0, 0));
    expect(!flag(reply, "pass") && !strcmp(text_of(reply, "reason"), "unstable"),
           "an original that reads its output before writing is found", reply);
    client_end(&c, 0);
}

static void test_variants(void)
{
    static const struct {
        int which, point;
        const char *reason, *array, *what;
    } cases[] = {
        {RIGHT, 0, "", "", "a right variant passes"},
        {RIGHT, 1, "", "", "a right variant passes at an odd size"},
        {RIGHT, 3, "", "", "a right variant passes with nothing to do"},
        {WRONG, 0, "wrong", "c", "a wrong result is found"},
        {WRONG, 2, "wrong", "c", "a wrong result is found in one element"},
        {PAST, 1, "guard", "c", "one element past the end is found"},
        {BEFORE, 1, "guard", "c", "one element before the beginning is found"},
        {INPUT, 1, "input", "b", "a changed input is found"},
        {UNWRITTEN, 1, "wrong", "c", "an element left alone is found"},
        {LAZY, 0, "wrong", "c", "computing only where there is a NaN is found"},
        {SLOW, 1, "", "", "a slow variant is right"},
    };
    struct client c = start_open("vadd_0", true);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int variant = 10 + (int)i;
        json_t *reply = load(&c, variant, cases[i].which, 256);

        if (!flag(reply, "ok")) {
            expect(false, cases[i].what, reply);
            continue;
        }
        json_decref(reply);
        reply = ask(&c, check_request(variant, cases[i].point));
        expect(flag(reply, "ok") && flag(reply, "pass") == !*cases[i].reason &&
                   !strcmp(text_of(reply, "reason"), cases[i].reason) &&
                   !strcmp(text_of(reply, "array"), cases[i].array),
               cases[i].what, reply);
        json_decref(ask(&c, json_pack("{s:s, s:i}", "op", "drop", "module", variant)));
    }
    ok(client_end(&c, 0) == 0, "the worker lives through all of them");
}

/* the last array's check is asked of the harness */
static json_t *with_checker(json_t *open)
{
    json_t *c = json_array_get(json_object_get(open, "arrays"), 2);

    json_object_set_new(c, "check", json_pack("{s:s}", "by", "near"));
    return open;
}

static void test_reference(void)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply =
        ask_with_file(&c, with_checker(open_request("differs_0", false)), "vadd_harness.so");

    expect(!strcmp(text_of(reply, "class"), "load"), "a checker that is not there is refused",
           reply);
    client_end(&c, 0);
    c = start_open("differs_0", false);
    reply = ask(&c, check_request(0, 0));
    expect(!flag(reply, "pass") && !strcmp(text_of(reply, "reason"), "reference") &&
               json_integer_value(json_object_get(reply, "bad")) == 4096 &&
               strstr(text_of(reply, "text"), "differs from its reference"),
           "an original that differs from its reference is found", reply);
    client_end(&c, 0);
    c = client_start(worker, NULL, NULL);
    json_decref(
        ask_with_file(&c, with_checker(open_request("checked_0", false)), "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 4096, true)));
    json_decref(load(&c, 1, RIGHT, 256));
    json_decref(load(&c, 2, WRONG, 256));
    json_decref(load(&c, 3, PAST, 256));
    for (int v = 0; v < 3; v++) {
        reply = ask(&c, check_request(v, 0));
        expect(flag(reply, "pass"), "what the checker takes for right is right", reply);
    }
    reply = ask(&c, check_request(3, 0));
    expect(!strcmp(text_of(reply, "reason"), "guard"), "guards are not its business", reply);
    json_decref(load(&c, 4, UNWRITTEN, 256));
    reply = ask(&c, check_request(4, 0));
    expect(!strcmp(text_of(reply, "reason"), "wrong") &&
               strstr(text_of(reply, "text"), "check 'near' does not accept it"),
           "what it refuses is wrong", reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 1, "point", 0,
                              "samples", 3));
    expect(flag(reply, "pass"), "and it is asked about what is timed", reply);
    client_end(&c, 0);
}

/* `checked_0` asks for a kilobyte beside what the kernel has */
static void test_limit(void)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply;

    json_decref(
        ask_with_file(&c, with_checker(open_request("checked_0", false)), "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 4096, true)));
    json_decref(load(&c, 1, RIGHT, 256));
    for (int smem = 1023; smem <= 1024; smem++) {
        json_decref(
            ask(&c, json_pack("{s:s, s:i, s:i, s:s, s:[i], s:i}", "op", "variant", "variant", smem,
                              "module", 1, "symbol", "vadd", "tunables", 256, "smem", smem)));
        reply = ask(&c, check_request(smem, 0));
        expect(smem < 1024 ? !strcmp(text_of(reply, "class"), "limit") : flag(reply, "pass"),
               smem < 1024 ? "a launch with more shared memory than it may have is refused"
                           : "one with as much is not",
               reply);
    }
    client_end(&c, 0);
}

static void test_details(void)
{
    struct client c = start_open("vadd_0", false);
    json_t *reply, *first;
    double expected, got;

    json_decref(load(&c, 1, WRONG, 128));
    reply = ask(&c, check_request(1, 0));
    first = json_array_get(json_object_get(reply, "first"), 7);
    expected = json_number_value(json_object_get(first, "expected"));
    got = json_number_value(json_object_get(first, "got"));
    expect(json_array_size(json_object_get(reply, "first")) == 8 &&
               json_integer_value(json_object_get(reply, "bad")) == 4096 &&
               json_integer_value(json_object_get(reply, "of")) == 4096 &&
               json_integer_value(json_array_get(json_object_get(first, "index"), 0)) == 7 &&
               fabs(got - expected - 1) < 1e-5,
           "a failed check names the first eight elements", reply);
    json_decref(load(&c, 2, UNWRITTEN, 128));
    reply = ask(&c, check_request(2, 1));
    first = json_array_get(json_object_get(reply, "first"), 0);
    expect(json_integer_value(json_object_get(reply, "bad")) == 1 &&
               !strcmp(text_of(first, "got"), "nan") &&
               json_integer_value(json_array_get(json_object_get(first, "index"), 0)) == 1000002,
           "an unwritten last element is found where it is", reply);
    reply = load(&c, 3, RIGHT, 2048);
    expect(flag(reply, "ok"), "a variant may be named before it is tried", reply);
    reply = ask(&c, check_request(3, 0));
    expect(!strcmp(text_of(reply, "class"), "limit"), "a block of 2048 threads is a limit", reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:s, s:[i]}", "op", "variant", "variant", 4,
                              "module", 1, "symbol", "nothing", "tunables", 128));
    expect(!strcmp(text_of(reply, "class"), "load"), "a missing kernel is refused", reply);
    reply = ask(&c, check_request(99, 0));
    expect(!strcmp(text_of(reply, "class"), "protocol"), "a missing variant is refused", reply);
    client_end(&c, 0);
}

/* one variant's check under the options of a check clause for the output */
static void try_check(int which, json_t *options, const char *reason, const char *what)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply, *open = open_request("vadd_0", false);

    json_object_set_new(json_array_get(json_object_get(open, "arrays"), 2), "check", options);
    json_decref(ask_with_file(&c, open, "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 4096, true)));
    json_decref(load(&c, 1, which, 256));
    reply = ask(&c, check_request(1, 0));
    expect(flag(reply, "ok") && !strcmp(text_of(reply, "reason"), reason), what, reply);
    client_end(&c, 0);
}

static void test_options(void)
{
    try_check(WRONG, json_pack("{s:f, s:f}", "rtol", 0.0, "atol", 2.0), "", "atol is generous");
    try_check(WRONG, json_pack("{s:f, s:f}", "rtol", 0.0, "atol", 0.1), "wrong", "or not");
    try_check(WRONG, json_pack("{s:f, s:f}", "rtol", 100.0, "atol", 1.0), "", "rtol too");
    try_check(UNSTEADY, json_pack("{}"), "", "rounding is right by default");
    try_check(UNSTEADY, json_pack("{s:b}", "exact", 1), "wrong", "exact is not");
    try_check(UNSTEADY, json_pack("{s:f}", "ulp", 20.0), "", "within some units in the last place");
    try_check(UNSTEADY, json_pack("{s:f}", "ulp", 1.0), "wrong", "and not within one");
    try_check(UNWRITTEN, json_pack("{s:f}", "bad", 0.001), "", "one of 4096 may be bad");
    try_check(UNWRITTEN, json_pack("{s:f}", "bad", 0.0001), "wrong", "or not one");
}

static void test_require(void)
{
    struct client c;
    json_t *reply, *open = open_request("sync_0", false), *warm = open_request("vadd_0", false),
                   *single = open_request("vadd_0", false);

    json_object_set_new(warm, "warm", json_true());
    for (int deterministic = 0; deterministic < 2; deterministic++) {
        c = start_open("vadd_0", deterministic);
        json_decref(load(&c, 1, UNSTEADY, 256));
        reply = ask(&c, check_request(1, 1));
        expect(flag(reply, "pass") == !deterministic &&
                   (!deterministic || !strcmp(text_of(reply, "reason"), "unstable")),
               deterministic ? "a variant that rounds by chance is not deterministic"
                             : "where that is not asked for, it is right",
               reply);
        client_end(&c, 0);
    }
    c = client_start(worker, NULL, NULL);
    json_decref(ask_with_file(&c, warm, "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 1024, true)));
    json_decref(load(&c, 1, RIGHT, 256));
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 1, "point", 0,
                              "samples", 3));
    printf("# warm: %.3f us, %d launches\n", median(json_object_get(reply, "us")),
           (int)json_integer_value(json_object_get(reply, "launches")));
    expect(flag(reply, "pass") && all_positive(json_object_get(reply, "us"), 3),
           "a warm cache is timed too, and checked", reply);
    client_end(&c, 0);
    c = client_start(worker, NULL, NULL);
    json_object_set_new(single, "single", json_true());
    json_decref(ask_with_file(&c, single, "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 4096, true)));
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 0, "point", 0,
                              "samples", 24));
    expect(flag(reply, "pass") && all_positive(json_object_get(reply, "us"), 24) &&
               json_integer_value(json_object_get(reply, "launches")) == 1,
           "single launches are timed one by one", reply);
    client_end(&c, 0);
    c = client_start(worker, NULL, NULL);
    json_object_set_new(json_object_get(open, "require"), "graph", json_true());
    json_decref(ask_with_file(&c, open, "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 4096, true)));
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 0, "point", 0,
                              "samples", 3));
    expect(!strcmp(text_of(reply, "class"), "unsupported"),
           "what cannot be captured is refused where a graph is required", reply);
    client_end(&c, 0);
}

static void test_roles(void)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply = ask_with_file(
        &c,
        json_pack("{s:s, s:s, s:b, s:i, s:[s], s:{s:b}, s:[{s:s, s:s}, {s:s, s:s, s:{s:s, s:[{s:n, "
                  "s:n}]}}, {s:s, s:s}, {s:s, s:s}]}",
                  "op", "open", "entry", "axpy_0", "kernel", 0, "seed", 7, "dims", "n", "require",
                  "deterministic", 1, "arrays", "name", "x", "role", "in", "name", "index", "role",
                  "in", "gen", "name", "permutation", "args", "name", "value", "name", "y", "role",
                  "inout", "name", "t", "role", "temp"),
        "vadd_harness.so");

    expect(flag(reply, "ok"), "an entry with all roles opens", reply);
    json_decref(ask(&c, point_request(0, 3000, true)));
    reply = ask(&c, check_request(0, 0));
    expect(flag(reply, "pass"), "inout is restored, and indices are in range", reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 0, "point", 0,
                              "samples", 4));
    expect(flag(reply, "pass") && all_positive(json_object_get(reply, "us"), 4),
           "and timed, every launch on inputs of its own", reply);
    reply = ask(&c, json_pack("{s:s, s:i}", "op", "floor", "point", 0));
    expect(json_integer_value(json_object_get(reply, "bytes")) == 4 * 4 * 3000,
           "floor counts inout twice and temporaries never", reply);
    client_end(&c, 0);
}

/* a vadd whose inputs may be any numbers */
static struct client start_any(bool deterministic)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *open = open_request("vadd_0", deterministic);

    json_object_set_new(json_array_get(json_object_get(open, "arrays"), 1), "gen", json_null());
    json_decref(ask_with_file(&c, open, "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 1000, true)));
    return c;
}

static json_t *values_request(int variant, const char *values)
{
    return json_pack("{s:s, s:i, s:[i], s:i, s:s}", "op", "check", "variant", variant, "points", 0,
                     "seeds", 3, "values", values);
}

static void test_values(void)
{
    static const char *const all[] = {"drawn",    "integers", "units",   "zeros",  "equal",
                                      "small",    "large",    "wide",    "sorted", "nan",
                                      "infinity", "far",      "denormal"};
    struct client c = start_any(false);
    json_t *reply;

    json_decref(load(&c, 1, RIGHT, 256));
    json_decref(load(&c, 2, BLIND, 256));
    json_decref(load(&c, 3, FIXED, 256));
    json_decref(load(&c, 4, WRONG, 256));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (int v = 0; v < 2; v++) {
            reply = ask(&c, values_request(v, all[i]));
            expect(flag(reply, "pass") && !json_object_get(reply, "applies"),
                   v ? "a right variant is right on hard inputs" : "and so is the original", reply);
        }
    reply = ask(&c, values_request(1, "constants"));
    expect(flag(reply, "pass") && json_is_false(json_object_get(reply, "applies")),
           "what makes no difference is said to", reply);
    reply = ask(&c, values_request(1, "odd"));
    expect(!strcmp(text_of(reply, "class"), "protocol"), "unknown values are refused", reply);
    reply = ask(&c, check_request(2, 0));
    expect(flag(reply, "pass"), "who is blind for NaN is right on usual inputs", reply);
    reply = ask(&c, values_request(2, "nan"));
    expect(
        !strcmp(text_of(reply, "reason"), "wrong") &&
            strstr(text_of(reply, "text"), "with one NaN among the inputs: c[") &&
            !strcmp(text_of(json_array_get(json_object_get(reply, "first"), 0), "expected"), "nan"),
        "but not where there is one", reply);
    reply = ask(&c, check_request(3, 0));
    expect(flag(reply, "pass"), "fixed point is precise enough for usual inputs", reply);
    reply = ask(&c, values_request(3, "small"));
    expect(strstr(text_of(reply, "text"), "on inputs that are all small: c["),
           "and not for small ones", reply);
    reply = ask(&c, values_request(4, "integers"));
    expect(strstr(text_of(reply, "text"), "where results are exact"),
           "a wrong result is wrong there", reply);
    reply = ask(&c, check_request(4, 0));
    expect(json_number_value(json_object_get(json_object_get(reply, "errors"), "median")) > 0.1 &&
               strstr(text_of(reply, "text"), "in the median"),
           "a failed check says how errors are distributed", reply);
    client_end(&c, 0);
}

/* every array that is always the same is something else in that case */
static void test_constants(void)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply, *open = open_request("vadd_0", false);

    json_object_set_new(json_array_get(json_object_get(open, "arrays"), 1), "gen",
                        json_pack("{s:s, s:[]}", "name", "zeros", "args"));
    json_decref(ask_with_file(&c, open, "vadd_harness.so"));
    json_decref(ask(&c, point_request(0, 1000, true)));
    reply = ask(&c, values_request(0, "constants"));
    expect(flag(reply, "pass") && !json_object_get(reply, "applies"),
           "an array of zeros can be varied", reply);
    client_end(&c, 0);
}

static void test_runs(void)
{
    struct client c = start_any(true);
    json_t *reply, *request = check_request(0, 0);

    json_object_set_new(request, "runs", json_integer(20));
    reply = ask(&c, request);
    expect(flag(reply, "pass"), "the original is the same twenty times", reply);
    client_end(&c, 0);
}

static void test_fault(void)
{
    struct client c = start_open("vadd_0", false);
    json_t *reply;

    json_decref(load(&c, 1, FAULT, 256));
    reply = ask(&c, check_request(1, 0));
    expect(!strcmp(text_of(reply, "class"), "fault"), "a fault is named", reply);
    ok(client_end(&c, 0) == 3, "and ends the worker with 3");
    c = start_open("vadd_0", false);
    json_decref(load(&c, 1, HANG, 256));
    reply = client_ask(&c, check_request(1, 0), NULL, 0, 3000);
    expect(!reply, "a hanging kernel gives no reply", reply);
    ok(client_end(&c, 1) == 128 + SIGKILL, "and can be killed");
    c = start_open("vadd_0", false);
    json_decref(load(&c, 1, RIGHT, 256));
    reply = ask(&c, check_request(1, 0));
    expect(flag(reply, "pass"), "the GPU works afterwards", reply);
    client_end(&c, 0);
}

static void test_lock(void)
{
    struct client one = start_open("vadd_0", false), two = start_open("vadd_0", false);
    json_t *reply;

    json_decref(load(&one, 1, HANG, 256));
    json_decref(client_ask(&one, check_request(1, 0), NULL, 0, 2000));
    reply = client_ask(&two, check_request(0, 0), NULL, 0, 2500);
    expect(!reply && two.events > 0, "a second worker waits while the first measures", reply);
    client_end(&one, 1);
    reply = client_ask(&two, json_pack("{s:s}", "op", "hello"), NULL, 0, WAIT);
    expect(flag(reply, "pass"), "and goes on when it is gone", reply);
    client_end(&two, 0);
}

static void test_record(const char *scratch)
{
    char path[4096];
    struct client c, replay;
    json_t *first[2], *second[2];
    const int samples = 3;

    snprintf(path, sizeof path, "%s/recording.json", scratch);
    unlink(path);
    for (int i = 0; i < 2; i++) {
        c = client_start(worker, i ? "--replay" : "--record", path);
        json_decref(ask(&c, json_pack("{s:s}", "op", "hello")));
        json_decref(ask_with_file(&c, open_request("vadd_0", false), "vadd_harness.so"));
        json_decref(ask(&c, point_request(i ? 5 : 0, 4096, true)));
        json_decref(load(&c, i ? 6 : 1, RIGHT, 256));
        first[i] = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", i ? 6 : 1,
                                     "point", i ? 5 : 0, "samples", samples));
        second[i] = ask(&c, check_request(i ? 6 : 1, i ? 5 : 0));
        if (i)
            replay = c;
        else
            client_end(&c, 0);
    }
    ok(flag(first[0], "pass") && json_equal(first[0], first[1]),
       "a replay gives the samples that were recorded");
    ok(flag(second[0], "pass") && json_equal(second[0], second[1]), "and the checks");
    json_decref(second[1]);
    second[1] = ask(&replay, check_request(7, 5));
    expect(!strcmp(text_of(second[1], "class"), "limit"), "and limit for what was not recorded",
           second[1]);
    client_end(&replay, 0);
    json_decref(first[0]);
    json_decref(first[1]);
    json_decref(second[0]);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: worker_smoke WORKER FOLDER [SCRATCH]\n");
        return 2;
    }
    worker = argv[1];
    folder = argv[2];
    test_hello();
    test_original();
    test_variants();
    test_reference();
    test_limit();
    test_options();
    test_require();
    test_details();
    test_roles();
    test_values();
    test_constants();
    test_runs();
    test_fault();
    test_lock();
    if (argc > 3)
        test_record(argv[3]);
    printf("1..%d\n", tests);
    return failures ? 1 : 0;
}
