/* tests/gpu/worker_inputs.c - a worker whose inputs come from files, have lanes, or are large.
 *
 *     worker_inputs WORKER FOLDER SCRATCH
 *
 * FOLDER is as for worker_smoke. Prints TAP. */
#include "runtime/base/npy.h"
#include "tests/gpu/smoke.h"

/* ---- inputs from files ---- */

/* writes n numbers, all different; indices are below n; gives a generator of the file */
static json_t *file_gen(const char *scratch, const char *name, char kind, uint64_t n)
{
    struct npy a = {.kind = kind, .size = 4, .ndims = 1, .dims = {n}};
    union {
        float f;
        int32_t i;
    } *x = malloc((n + 1) * sizeof *x);
    struct error err = {{0}};
    char path[4096];

    for (uint64_t i = 0; i < n; i++)
        if (kind == 'f')
            x[i].f = (float)(i + 1);
        else
            x[i].i = (int32_t)i;
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    if (npy_write(path, &a, x, &err))
        printf("# %s\n", err.text);
    free(x);
    return json_pack("{s:s, s:[{s:s}]}", "name", "file", "args", "string", path);
}

/* a point whose arrays have these generators; takes them */
static json_t *point_of(int point, long long n, json_t *gens)
{
    json_t *request = point_request(point, n, true);

    json_object_set_new(request, "gens", gens);
    return request;
}

static void test_files(const char *scratch)
{
    struct client c = start_open("vadd_0", false);
    json_t *x = file_gen(scratch, "x.npy", 'f', 5000), *reply, *first;

    json_decref(load(&c, 1, RIGHT, 256));
    json_decref(load(&c, 2, INPUT, 256));
    json_decref(load(&c, 3, LAZY, 256));
    json_decref(load(&c, 4, WRONG, 256));
    reply = ask(&c, point_of(10, 5000, json_pack("[O, O, n]", x, x)));
    expect(flag(reply, "ok"), "inputs from a file", reply);
    reply = ask(&c, check_request(0, 10));
    expect(flag(reply, "pass"), "the original works on them", reply);
    reply = ask(&c, check_request(2, 10));
    expect(!strcmp(text_of(reply, "reason"), "input"), "a variant that changes one is found",
           reply);
    reply = ask(&c, check_request(4, 10));
    first = json_array_get(json_object_get(reply, "first"), 0);
    expect(json_number_value(json_object_get(first, "expected")) == 2 &&
               json_number_value(json_object_get(first, "got")) == 3,
           "and it is read again for the next, which is told the right sum", reply);
    reply = ask(&c, check_request(1, 10));
    expect(flag(reply, "pass"), "a right variant passes", reply);
    reply = ask(&c, check_request(3, 10));
    expect(!strcmp(text_of(reply, "reason"), "wrong"),
           "where all sets are the same, one that computes only where there is a NaN is found",
           reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 1, "point", 10,
                              "samples", 3));
    expect(flag(reply, "pass") && all_positive(json_object_get(reply, "us"), 3), "it is timed",
           reply);
    reply = ask(&c, point_of(11, 4999, json_pack("[O, n, n]", x)));
    expect(strstr(text_of(reply, "error"), "x.npy holds float32[5000], 'a' is float32[4999] here"),
           "a file of another shape is refused", reply);
    json_decref(x);
    x = file_gen(scratch, "i.npy", 'i', 5000);
    reply = ask(&c, point_of(11, 5000, json_pack("[O, n, n]", x)));
    expect(strstr(text_of(reply, "error"), "i.npy holds int32[5000], 'a' is float32[5000] here"),
           "and one of another type", reply);
    client_end(&c, 0);
    json_decref(x);
}

static void test_file_roles(const char *scratch)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply = ask_with_file(
        &c,
        json_pack("{s:s, s:s, s:b, s:i, s:[s], s:[{s:s, s:s}, {s:s, s:s, s:o}, {s:s, s:s, s:o}, "
                  "{s:s, s:s}]}",
                  "op", "open", "entry", "axpy_0", "kernel", 0, "seed", 7, "dims", "n", "arrays",
                  "name", "x", "role", "in", "name", "index", "role", "in", "gen",
                  file_gen(scratch, "index.npy", 'i', 3000), "name", "y", "role", "inout", "gen",
                  file_gen(scratch, "y.npy", 'f', 3000), "name", "t", "role", "temp"),
        "vadd_harness.so");

    json_decref(reply);
    json_decref(ask(&c, point_request(0, 3000, true)));
    reply = ask(&c, check_request(0, 0));
    expect(flag(reply, "pass"), "an inout array from a file is restored", reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 0, "point", 0,
                              "samples", 4));
    expect(flag(reply, "pass"), "for every sample", reply);
    reply = ask(&c, point_request(1, 0, false));
    expect(!flag(reply, "ok"), "no elements are another shape", reply);
    json_decref(ask(&c, point_of(2, 0,
                                 json_pack("[n, o, o, n]", file_gen(scratch, "i0.npy", 'i', 0),
                                           file_gen(scratch, "f0.npy", 'f', 0)))));
    reply = ask(&c, check_request(0, 2));
    expect(flag(reply, "pass"), "files of no elements", reply);
    client_end(&c, 0);
}

static void test_lanes(void)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *reply = ask_with_file(&c, open_request("quads_0", true), "vadd_harness.so"), *first;

    first = json_array_get(json_object_get(reply, "arrays"), 0);
    expect(!strcmp(text_of(first, "type"), "f32") &&
               json_integer_value(json_object_get(first, "lanes")) == 4 &&
               json_integer_value(json_object_get(first, "size")) == 16,
           "a float4 is four lanes of f32", reply);
    json_decref(ask(&c, point_request(0, 1000, true)));
    json_decref(
        ask_with_file(&c, json_pack("{s:s, s:i, s:s}", "op", "module", "module", 1, "kind", "so"),
                      "vadd_harness.so"));
    json_decref(ask(&c, json_pack("{s:s, s:i, s:i, s:s, s:[]}", "op", "variant", "variant", 1,
                                  "module", 1, "symbol", "quads_bad_0", "tunables")));
    reply = ask(&c, check_request(0, 0));
    expect(flag(reply, "pass"), "all lanes are filled, and written", reply);
    reply = ask(&c, check_request(1, 0));
    first = json_array_get(json_object_get(reply, "first"), 0);
    expect(json_integer_value(json_object_get(reply, "bad")) == 1 &&
               json_integer_value(json_object_get(reply, "of")) == 4000 &&
               json_integer_value(json_array_get(json_object_get(first, "index"), 0)) == 5 &&
               json_integer_value(json_object_get(first, "lane")) == 2 &&
               strstr(text_of(reply, "text"), "c[5] lane 2: expected "),
           "a wrong one is named by element and lane", reply);
    client_end(&c, 0);
}

/* arrays above 4 GB, where the GPU holds two sets of them in half of its memory */
static void test_large(void)
{
    const long long n = 1090000000;
    struct client c = start_open("vadd_0", false);
    json_t *reply = ask(&c, json_pack("{s:s}", "op", "hello")), *first;
    double memory = json_number_value(json_object_get(json_object_get(reply, "gpu"), "memory"));

    json_decref(reply);
    if (memory < 4.05 * 4 * 4 * (double)n) {
        printf("# no room for arrays above 4 GB\n");
        client_end(&c, 0);
        return;
    }
    json_decref(load(&c, 1, RIGHT, 256));
    json_decref(load(&c, 2, UNWRITTEN, 256));
    json_decref(ask(&c, point_request(10, n, true)));
    reply = ask(&c, check_request(1, 10));
    expect(flag(reply, "pass"), "arrays above 4 GB", reply);
    reply = ask(&c, check_request(2, 10));
    first = json_array_get(json_object_get(reply, "first"), 0);
    expect(json_integer_value(json_object_get(reply, "bad")) == 1 &&
               json_integer_value(json_array_get(json_object_get(first, "index"), 0)) == n - 1,
           "the one wrong element is found at their end", reply);
    client_end(&c, 0);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: worker_inputs WORKER FOLDER SCRATCH\n");
        return 2;
    }
    worker = argv[1];
    folder = argv[2];
    test_files(argv[3]);
    test_file_roles(argv[3]);
    test_lanes();
    test_large();
    printf("1..%d\n", tests);
    return failures ? 1 : 0;
}
