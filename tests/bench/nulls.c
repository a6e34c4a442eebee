/* tests/bench/nulls.c - how often is a kernel called faster than itself, and how often is a real
 * difference of 2 % found?
 *
 *   nulls WORKER FOLDER ROUNDS [DISTURB]
 *
 * FOLDER holds nulls.so (a harness), nulls_100.cubin and nulls_98.cubin of tests/bench/nulls.cu. A
 * round is what a search does with its finalist (driver/search/contest.c): interleaved pairs of the
 * original and the variant, and the judge. Of the rounds over the same code, half run beside the
 * program DISTURB, if there is one. A line a kernel and kind as a table, and one JSON object a
 * round on standard error. */
#include <math.h>

#include "driver/search/judge.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "tests/gpu/client.h"

enum { WAIT = 120000, MOST_PAIRS = 200 };

struct kernel {
    const char *name;
    long long n;
};
static const struct kernel kernels[] = {
    {"us5", 1 << 20}, {"us50", 18 << 20}, {"us500", 1 << 18}, {"us5000", 1 << 18}};
enum { KERNELS = sizeof kernels / sizeof *kernels };

struct tally {
    int rounds, faster, slower; /* called so */
    double noise;               /* largest of the sessions */
    double us;                  /* of the original, summed over rounds */
    double ratio[1000];
};

static const char *worker, *folder;

static json_t *must(json_t *reply, const char *what)
{
    if (!json_is_true(json_object_get(reply, "ok")))
        fatal("%s: %s", what,
              reply ? json_string_value(json_object_get(reply, "error")) : "no answer");
    return reply;
}

static void ask(struct client *c, json_t *request, const char *file)
{
    struct error err = {""};
    struct buf bytes;
    char path[4096];

    buf_init(&bytes, BUF_LIMIT);
    if (file) {
        snprintf(path, sizeof path, "%s/%s", folder, file);
        if (fs_read(path, &bytes, &err))
            fatal("%s", err.text);
    }
    json_decref(must(client_ask(c, request, bytes.data, bytes.len, WAIT), file ? file : "point"));
    buf_release(&bytes);
}

/* a worker with one kernel's original, and the variant 1 from `cubin` */
static struct client session(const struct kernel *k, int seed, const char *cubin)
{
    struct client c = client_start(worker, NULL, NULL);
    char entry[64];

    snprintf(entry, sizeof entry, "%s_0", k->name);
    ask(&c,
        json_pack("{s:s, s:s, s:b, s:i, s:[s], s:{}, s:[{s:s, s:s, s:n}, {s:s, s:s}]}", "op",
                  "open", "entry", entry, "kernel", 1, "seed", seed, "dims", "n", "require",
                  "arrays", "name", "x", "role", "in", "gen", "name", "y", "role", "out"),
        "nulls.so");
    ask(&c,
        json_pack("{s:s, s:i, s:s, s:[I], s:b, s:[]}", "op", "point", "point", 0, "label", k->name,
                  "dims", (json_int_t)k->n, "timed", 1, "gens"),
        NULL);
    ask(&c, json_pack("{s:s, s:i, s:s}", "op", "module", "module", 1, "kind", "cubin"), cubin);
    ask(&c,
        json_pack("{s:s, s:i, s:i, s:s, s:[]}", "op", "variant", "variant", 1, "module", 1,
                  "symbol", k->name, "tunables"),
        NULL);
    return c;
}

static size_t pairs(struct client *c, int n, double *a, double *b, size_t have)
{
    json_t *reply = must(client_ask(c,
                                    json_pack("{s:s, s:i, s:i, s:i, s:i}", "op", "pair", "a", 0,
                                              "b", 1, "point", 0, "pairs", n),
                                    NULL, 0, WAIT),
                         "pair");
    const json_t *as = json_object_get(reply, "a"), *bs = json_object_get(reply, "b");

    if ((int)json_array_size(as) != n)
        fatal("pair: %s", json_string_value(json_object_get(reply, "text")));
    for (int i = 0; i < n; i++) {
        a[have] = json_number_value(json_array_get(as, (size_t)i));
        b[have++] = json_number_value(json_array_get(bs, (size_t)i));
    }
    json_decref(reply);
    return have;
}

/* as contest_pairs does it */
static struct interval confirm(struct client *c, double *us)
{
    double a[MOST_PAIRS], b[MOST_PAIRS];
    size_t n = pairs(c, JUDGE_PAIRS, a, b, 0);

    int more = judge_wants(a, b, n, false);

    if (more)
        n = pairs(c, more, a, b, n);
    struct interval result = judge_pairs(a, b, n);
    *us = median_of(a, n);
    return result;
}

static void round_of(const struct kernel *k, const char *kind, struct client *c, double noise,
                     struct tally *t)
{
    const double weight = 1;
    double us, margin = judge_margin(noise);
    struct interval x = confirm(c, &us);
    bool faster = judge_win(&x, &weight, 1, noise);

    t->ratio[t->rounds++] = x.ratio;
    t->faster += faster;
    t->slower += x.high < 1 - margin;
    t->us += us;
    t->noise = fmax(t->noise, noise);
    fprintf(stderr,
            "{\"kernel\": \"%s\", \"kind\": \"%s\", \"us\": %.3f, \"ratio\": %.5f, \"low\": %.5f, "
            "\"high\": %.5f, \"noise\": %.5f, \"faster\": %s}\n",
            k->name, kind, us, x.ratio, x.low, x.high, noise, faster ? "true" : "false");
}

static void sessions(const struct kernel *k, const char *kind, const char *cubin, int rounds,
                     int rounds_a_session, struct tally *t)
{
    for (int done = 0; done < rounds;) {
        struct client c = session(k, done + 1, "nulls_100.cubin");
        double us;
        struct interval own = confirm(&c, &us);
        double noise = fmax(own.high - 1, 1 - own.low);
        if (strcmp(cubin, "nulls_100.cubin") != 0) {
            client_end(&c, 0);
            c = session(k, done + 1, cubin);
        }
        for (int i = 0; i < rounds_a_session && done < rounds; i++, done++)
            round_of(k, kind, &c, noise, t);
        client_end(&c, 0);
    }
}

static pid_t disturb(const char *program)
{
    pid_t pid = fork();

    if (pid == 0) {
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    sleep(1);
    return pid;
}

static void row(const struct kernel *k, const char *kind, struct tally *t)
{
    printf("%-8s %-10s %9.1f %7d %7d %7d %9.4f %10.2f%%\n", k->name, kind, t->us / t->rounds,
           t->rounds, t->faster, t->slower, median_of(t->ratio, (size_t)t->rounds), 100 * t->noise);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        fatal("nulls WORKER FOLDER ROUNDS [DISTURB]");
    int rounds = atoi(argv[3]);
    worker = argv[1], folder = argv[2];
    if (rounds < 1 || rounds > 1000)
        fatal("1 to 1000 rounds");
    printf("%-8s %-10s %9s %7s %7s %7s %9s %11s\n", "kernel", "against", "us", "rounds", "faster",
           "slower", "ratio", "noise");
    for (int k = 0; k < KERNELS; k++) {
        struct tally null = {0}, beside = {0}, power = {0};
        sessions(&kernels[k], "itself", "nulls_100.cubin", rounds, 10, &null);
        row(&kernels[k], "itself", &null);
        if (argc > 4) {
            pid_t other = disturb(argv[4]);
            sessions(&kernels[k], "disturbed", "nulls_100.cubin", rounds, 10, &beside);
            kill(other, SIGKILL);
            waitpid(other, NULL, 0);
            row(&kernels[k], "disturbed", &beside);
        }
        if (k > 0) {
            sessions(&kernels[k], "2 % less", "nulls_98.cubin", 4 * rounds, 20, &power);
            row(&kernels[k], "2 % less", &power);
        }
    }
    return 0;
}
