/* tests/gpu/worker_times.c - how long a worker says that the variants of vadd.cu take.
 *
 *     worker_times WORKER FOLDER
 *
 * FOLDER is as for worker_smoke. Prints TAP. */
#include "tests/gpu/smoke.h"

static void test_time(void)
{
    struct client c = start_open("vadd_0", false);
    json_t *reply;

    json_decref(load(&c, 1, RIGHT, 256));
    json_decref(load(&c, 2, SLOW, 256));
    json_decref(load(&c, 3, WRONG, 256));
    json_decref(load(&c, 4, PAST, 256));
    for (int point = 0; point < 2; point++) {
        reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 1, "point",
                                  point, "samples", 7));
        printf("# %d: %.3f us, %.0f MHz, %d launches, %d sets\n", point,
               median(json_object_get(reply, "us")), median(json_object_get(reply, "mhz")),
               (int)json_integer_value(json_object_get(reply, "launches")),
               (int)json_integer_value(json_object_get(reply, "sets")));
        expect(flag(reply, "pass") && flag(reply, "graph") &&
                   all_positive(json_object_get(reply, "us"), 7) &&
                   all_positive(json_object_get(reply, "mhz"), 7) &&
                   json_integer_value(json_object_get(reply, "launches")) > 0,
               "a right variant is timed", reply);
    }
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 0, "point", 0,
                              "samples", 3));
    expect(flag(reply, "pass") && all_positive(json_object_get(reply, "us"), 3),
           "the original is timed", json_incref(reply));
    if (getenv("KSEARCH_FAKE_OTHERS")) /* over tests/fake/nvml.c */
        ok(json_integer_value(json_object_get(reply, "others")) ==
               atoi(getenv("KSEARCH_FAKE_OTHERS")),
           "and beside how many other processes");
    json_decref(reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 3, "point", 0,
                              "samples", 3));
    expect(!flag(reply, "pass") && !strcmp(text_of(reply, "reason"), "wrong"),
           "a wrong variant gives no time", reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 4, "point", 1,
                              "samples", 3));
    expect(!flag(reply, "pass") && !strcmp(text_of(reply, "reason"), "guard"),
           "nor one that writes past its output", reply);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i, s:i}", "op", "pair", "a", 1, "b", 2, "point", 0,
                              "pairs", 9));
    printf("# pair: %.3f and %.3f us\n", median(json_object_get(reply, "a")),
           median(json_object_get(reply, "b")));
    expect(flag(reply, "pass") && all_positive(json_object_get(reply, "a"), 9) &&
               all_positive(json_object_get(reply, "b_mhz"), 9) &&
               median(json_object_get(reply, "a")) < median(json_object_get(reply, "b")),
           "of a pair the slow one is slower", reply);
    reply = ask(&c, json_pack("{s:s}", "op", "close"));
    expect(flag(reply, "ok"), "close", reply);
    ok(client_end(&c, 0) == 0, "and the end");
    c = start_open("sync_0", false);
    reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 0, "point", 1,
                              "samples", 5));
    expect(flag(reply, "pass") && !flag(reply, "graph") &&
               all_positive(json_object_get(reply, "us"), 5),
           "what cannot be captured is timed plainly", reply);
    client_end(&c, 0);
}

static json_t *screen_request(int variant, double least_us, bool same_inputs, int samples)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:f, s:b}", "op", "time", "variant", variant, "point", 0,
                     "samples", samples, "least_us", least_us, "same_inputs", (int)same_inputs);
}

/* a first look: fewer samples of what is slow, and the inputs of the variant before; but never what
 * a wrong one left of them */
static void test_screen(void)
{
    static const int spoilers[] = {PAST, BEFORE, INPUT, WRONG};
    struct client c = start_open("vadd_0", true);
    json_t *reply;

    json_decref(load(&c, 1, RIGHT, 256));
    reply = ask(&c, screen_request(1, 1e9, false, 5));
    expect(flag(reply, "pass") && all_positive(json_object_get(reply, "us"), 5),
           "what is fast enough gets all of its samples", reply);
    reply = ask(&c, screen_request(1, 1e-3, true, 500));
    size_t n = json_array_size(json_object_get(reply, "us"));
    expect(flag(reply, "pass") && n > 0 && n < 500 &&
               json_array_size(json_object_get(reply, "mhz")) == n,
           "what is too slow gets fewer", reply);
    for (size_t i = 0; i < sizeof spoilers / sizeof *spoilers; i++) {
        json_decref(load(&c, 10 + (int)i, spoilers[i], 256));
        reply = ask(&c, screen_request(10 + (int)i, 0, true, 3));
        expect(!flag(reply, "pass"), "what is wrong is found on the same inputs", reply);
        reply = ask(&c, screen_request(1, 0, true, 3));
        expect(flag(reply, "pass"), "and who comes after it is not blamed", reply);
    }
    client_end(&c, 0);
}

/* the power that a launch's energy and time come to; a card that does nothing takes 60 W and more
 */
static void test_energy(void)
{
    struct client c = client_start(worker, NULL, NULL);
    json_t *request = open_request("vadd_0", false), *reply;
    double watts = 0;
    bool paired = false;

    json_object_set_new(request, "energy", json_true());
    reply = ask_with_file(&c, request, "vadd_harness.so");
    expect(flag(reply, "ok"), "an entry may be about energy", reply);
    json_decref(ask(&c, point_request(0, 1000003, true)));
    json_decref(load(&c, 1, RIGHT, 256));
    for (int i = 0; i < 3 && !(watts > 30 && watts < 3000); i++) { /* a busy machine may stall us */
        if (i)
            json_decref(reply);
        reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i}", "op", "time", "variant", 1, "point", 0,
                                  "samples", 2));
        watts = median(json_object_get(reply, "uj")) / median(json_object_get(reply, "us"));
        printf("# %.2f us, %.1f uJ: %.0f W\n", median(json_object_get(reply, "us")),
               median(json_object_get(reply, "uj")), watts);
    }
    expect(flag(reply, "pass") && all_positive(json_object_get(reply, "uj"), 2) && watts > 30 &&
               watts < 3000,
           "its launches take in what a card may", reply);
    for (int i = 0; i < 3 && !paired; i++) {
        if (i)
            json_decref(reply);
        reply = ask(&c, json_pack("{s:s, s:i, s:i, s:i, s:i}", "op", "pair", "a", 0, "b", 1,
                                  "point", 0, "pairs", 2));
        paired = flag(reply, "pass") && all_positive(json_object_get(reply, "a_uj"), 2) &&
                 all_positive(json_object_get(reply, "b_uj"), 2);
    }
    expect(paired, "in pairs, too", reply);
    client_end(&c, 0);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: worker_times WORKER FOLDER\n");
        return 2;
    }
    worker = argv[1];
    folder = argv[2];
    test_time();
    test_energy();
    test_screen();
    printf("1..%d\n", tests);
    return failures ? 1 : 0;
}
