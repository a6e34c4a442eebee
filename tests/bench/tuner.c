/* tests/bench/tuner.c - tuners on recorded spaces: how near the best each comes, and how soon.
 *
 * A tuner asks for a configuration and gets its recorded time, or that it failed; nothing else. No
 * configuration is its default, so all that it knows it asked for. Runs are spread over processes,
 * and depend on their seed alone. */
#include "tests/bench/tuner.h"

#include <dirent.h>
#include <fnmatch.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "runtime/base/buf.h"
#include "runtime/base/log.h"

enum { SPACES_MOST = 256, BATCH_MOST = 64, AHEAD_MOST = 64 };

const struct study STUDY[STUDIES] = {
    {"random", TUNER_RANDOM, 1, COLD, 1, NOTHING, 0},
    {"genetic algorithm", TUNER_GA, 1, COLD, 1, NOTHING, 0},
    {"surrogate", TUNER_SURROGATE, 1, COLD, 1, SHIPPED, 0},
    {"surrogate, 8 at once", TUNER_SURROGATE, 8, COLD, 3, SHIPPED, 0},
    {"surrogate, 16 at once", TUNER_SURROGATE, 16, COLD, 3, SHIPPED, 0},
    {"new kernel", TUNER_SURROGATE, 1, COLD, 1, OTHERS, 0},
    {"new kernel, 8 at once", TUNER_SURROGATE, 8, COLD, 2, OTHERS, 0},
    {"new kernel, 16 at once", TUNER_SURROGATE, 16, COLD, 2, OTHERS, 0},
    {"new kernel, 60 ahead", TUNER_SURROGATE, 1, COLD, 5, OTHERS, 60},
    {"mistaught", TUNER_SURROGATE, 1, COLD, 5, WRONG, 0},
    {"untaught", TUNER_SURROGATE, 1, COLD, 3, NOTHING, 0},
    {"surrogate, warm", TUNER_SURROGATE, 1, WARM, 2, SHIPPED, 0},
    {"surrogate, misled", TUNER_SURROGATE, 1, MISLED, 5, SHIPPED, 0},
};
const size_t MARK[MARKS] = {5, 10, 25, 50, 100, 200};
const size_t SECONDS_OF[SECONDS] = {25, 50, 100, 200};

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double megabytes_in_use(void)
{
    struct mallinfo2 m = mallinfo2();

    return (double)(m.uordblks + m.hblkhd) / 1e6;
}

/* ---- one run -------------------------------------------------------------------------------- */

static void recall(struct tuner *t, struct recorded *r, const struct recorded *other,
                   bool upside_down)
{
    for (size_t point = 0; point < other->n; point++) {
        double time = other->time[point];
        size_t here = recorded_find(r, other, point);
        if (here != SPACE_NONE)
            tuner_recall(t, here, !isfinite(time), upside_down ? 1 / time : time);
    }
}

bool bench_same_kernel(const struct bench *b, size_t one, size_t other)
{
    const char *x = b->space[one]->kernel, *y = b->space[other]->kernel;
    size_t n = strcspn(x, "_");

    return n == strcspn(y, "_") && strncmp(x, y, n) == 0;
}

static void teach(struct tuner *t, const struct bench *b, size_t space, const struct study *s)
{
    const struct lesson *lesson[SPACES_MOST];
    size_t n = 0;

    for (size_t i = 0; i < b->nspaces && n < SPACES_MOST; i++) {
        if (s->taught == OTHERS && b->lesson[i] && !bench_same_kernel(b, i, space))
            lesson[n++] = b->lesson[i];
        if (s->taught == WRONG && b->wrong[i])
            lesson[n++] = b->wrong[i];
    }
    if (s->taught != SHIPPED)
        tuner_teach(t, lesson, n);
}

/* one evaluation: the best so far, by number and by seconds */
static void evaluate(struct run *run, const struct recorded *r, struct tuner *t, size_t point,
                     size_t n, double *found, double *spent)
{
    double time = r->time[point];

    tuner_report(t, point, !isfinite(time), time);
    *spent += r->cost[point];
    for (size_t i = 0; i < SECONDS; i++)
        if (*spent <= (double)SECONDS_OF[i] * r->cost_mean && time < *found)
            run->seconds[i] = (float)(r->best / time);
    *found = time < *found ? time : *found;
    run->found[n] = (float)(r->best / *found);
}

/* the best of those that were asked for, which is taken out of them */
static size_t take(struct tuner *t, size_t *point, size_t *n)
{
    float gain[AHEAD_MOST];
    size_t best = 0;

    if (tuner_rank(t, point, *n, gain))
        for (size_t i = 1; i < *n; i++)
            best = gain[i] > gain[best] ? i : best;
    size_t taken = point[best];
    memmove(point + best, point + best + 1, (--*n - best) * sizeof *point);
    return taken;
}

static void run_ahead(const struct study *s, const struct recorded *r, struct tuner *t,
                      struct run *run, double *late)
{
    size_t point[AHEAD_MOST], n = 0, waiting = 0;
    double found = HUGE_VAL, spent = 0;

    tuner_ahead(t, s->ahead);
    while (n < EVALS) {
        while (waiting < s->ahead && tuner_suggest(t, point + waiting, 1))
            waiting++;
        if (!waiting)
            return;
        size_t next = take(t, point, &waiting);
        evaluate(run, r, t, next, n++, &found, &spent);
        if (!(*late > 0) && n >= EVALS * 3 / 4)
            *late = cpu_seconds();
    }
}

static void run_one(const struct bench *b, size_t study, size_t space, size_t seed, struct run *run)
{
    const struct study *s = &STUDY[study];
    struct recorded *r = b->space[space];
    double memory = megabytes_in_use(), begin = cpu_seconds(), late = 0, found = HUGE_VAL,
           spent = 0;
    struct tuner *t = tuner_new(r->space, s->kind, seed * 1000003 + 1, EVALS + s->ahead);
    size_t point[BATCH_MOST], n = 0, got;

    teach(t, b, space, s);
    if (s->start != COLD)
        recall(t, r, b->other[space], s->start == MISLED);
    if (s->ahead)
        run_ahead(s, r, t, run, &late), n = EVALS;
    while (n < EVALS && (got = tuner_suggest(t, point, s->batch))) {
        for (size_t i = 0; i < got; i++)
            evaluate(run, r, t, point[i], n++, &found, &spent);
        if (!(late > 0) && n >= EVALS * 3 / 4)
            late = cpu_seconds();
    }
    run->ms = (float)((cpu_seconds() - begin) * 1e3 / (double)(n ? n : 1));
    run->late_ms = (float)((cpu_seconds() - late) * 1e3 / (EVALS / 4));
    run->mb = (float)(megabytes_in_use() - memory);
    for (size_t i = n; i < EVALS; i++)
        run->found[i] = n ? run->found[n - 1] : 0;
    tuner_free(t);
    run->is = true;
}

/* ---- all runs ------------------------------------------------------------------------------- */

static void work(const struct bench *b, size_t *next)
{
    const size_t all = STUDIES * b->nspaces * b->seeds;
    size_t i;

    while ((i = __atomic_fetch_add(next, 1, __ATOMIC_SEQ_CST)) < all) {
        size_t study = i % STUDIES, space = i / STUDIES % b->nspaces,
               seed = i / STUDIES / b->nspaces;
        if (b->only && fnmatch(b->only, STUDY[study].name, 0))
            continue;
        if ((b->only || seed % STUDY[study].every == 0) &&
            (STUDY[study].start == COLD || b->other[space]))
            run_one(b, study, space, seed, bench_run(b, study, space, seed));
    }
}

static int run_all(struct bench *b, size_t jobs)
{
    size_t n = STUDIES * b->nspaces * b->seeds, *next;
    int status, failed = 0;

    b->run = mmap(NULL, n * sizeof *b->run + sizeof *next, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (b->run == MAP_FAILED)
        fatal("out of memory");
    next = (size_t *)(void *)(b->run + n);
    fflush(NULL);
    for (size_t i = 0; i < jobs; i++) {
        pid_t pid = fork();
        if (pid < 0)
            fatal("cannot start a process");
        if (pid == 0) {
            work(b, next);
            _exit(0);
        }
    }
    while (wait(&status) > 0)
        failed |= status;
    return failed ? -1 : 0;
}

/* ---- the folder ----------------------------------------------------------------------------- */

static int is_table(const struct dirent *e)
{
    return strstr(e->d_name, ".tsv") && !strstr(e->d_name, "INDEX");
}

static int read_folder(struct bench *b, struct error *err)
{
    struct dirent **list;
    int n = scandir(b->folder, &list, is_table, alphasort);
    struct buf path;
    json_t *constraints;

    if (n <= 0)
        return error_set(err, "%s: there is no recorded space", b->folder);
    buf_init(&path, 1 << 16);
    buf_addf(&path, "%s/constraints.json", b->folder);
    constraints = json_load_file(buf_text(&path), 0, NULL);
    b->space = calloc((size_t)n, sizeof(struct recorded *));
    b->other = calloc((size_t)n, sizeof(struct recorded *));
    if (!b->space || !b->other)
        fatal("out of memory");
    for (int i = 0; i < n; i++) {
        struct error why = {""};
        buf_clear(&path);
        buf_addf(&path, "%s/%s", b->folder, list[i]->d_name);
        b->space[b->nspaces] = recorded_read(buf_text(&path), constraints, &why);
        struct recorded *r = b->space[b->nspaces];
        for (size_t k = 0; r && k < r->nleft_out; k++)
            log_warn("%s", r->left_out[k]);
        if (r)
            b->nspaces++;
        else
            log_warn("left out: %s", why.text);
        free(list[i]);
    }
    free(list);
    json_decref(constraints);
    buf_release(&path);
    return b->nspaces ? 0 : error_set(err, "%s: no space in it can be used", b->folder);
}

static struct lesson *learn(const struct recorded *r)
{
    struct tuner *t = tuner_new(r->space, TUNER_RANDOM, 1, 1);
    struct lesson *l;

    for (size_t point = 0; point < r->n; point++)
        tuner_know(t, point, !isfinite(r->time[point]), r->time[point]);
    l = tuner_lesson(t, *r->kernel ? r->kernel : r->name);
    tuner_free(t);
    return l;
}

/* what each space says of others */
static void learn_lessons(struct bench *b)
{
    b->lesson = calloc(b->nspaces, sizeof(struct lesson *));
    b->wrong = calloc(b->nspaces, sizeof(struct lesson *));
    if (!b->lesson || !b->wrong)
        fatal("out of memory");
    for (size_t i = 0; i < b->nspaces; i++) {
        b->lesson[i] = learn(b->space[i]);
        b->wrong[i] = learn(b->space[i]);
        for (size_t c = 0; b->wrong[i] && c < b->wrong[i]->n; c++)
            for (size_t k = 0; k < KNOTS; k++)
                ((struct curve *)&b->wrong[i]->curve[c])->at[k] *= -1;
    }
}

/* the next space of the same kernel, in a circle */
static void find_others(struct bench *b)
{
    for (size_t i = 0; i < b->nspaces; i++) {
        for (size_t k = 1; k < b->nspaces && !b->other[i]; k++) {
            struct recorded *o = b->space[(i + k) % b->nspaces];
            if (*o->kernel && strcmp(o->kernel, b->space[i]->kernel) == 0)
                b->other[i] = o;
        }
    }
}

/* ---- the command line ----------------------------------------------------------------------- */

static int usage(void)
{
    fprintf(stderr, "usage: tuner [--seeds N] [--jobs N] [--only PATTERN] [--json] [--svg FILE] "
                    "[--beside FILE] [--learn] FOLDER\n");
    return 2;
}

static bool number(const char *text, size_t *n)
{
    char *end;
    unsigned long x = text ? strtoul(text, &end, 10) : 0;

    *n = x;
    return x >= 1 && x <= 10000 && !*end;
}

int main(int argc, char **argv)
{
    struct bench b = {.seeds = 30};
    struct error err = {""};
    const char *svg = NULL, *beside = NULL;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = cores > 0 ? (size_t)cores : 1;
    bool json = false, good = true, learn = false;

    for (int i = 1; i < argc && good; i++) {
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (strcmp(argv[i], "--learn") == 0)
            learn = true;
        else if (strcmp(argv[i], "--only") == 0)
            good = (b.only = argv[++i]) != NULL;
        else if (strcmp(argv[i], "--seeds") == 0)
            good = number(argv[++i], &b.seeds);
        else if (strcmp(argv[i], "--jobs") == 0)
            good = number(argv[++i], &jobs);
        else if (strcmp(argv[i], "--beside") == 0)
            good = (beside = argv[++i]) != NULL;
        else if (strcmp(argv[i], "--svg") == 0)
            good = (svg = argv[++i]) != NULL;
        else
            good = *argv[i] != '-' && !b.folder && (b.folder = argv[i]);
    }
    if (!good || !b.folder)
        return usage();
    if ((beside && peer_read(&b.peer, beside, &err)) || read_folder(&b, &err)) {
        log_line("%s", err.text);
        return 1;
    }
    find_others(&b);
    learn_lessons(&b);
    if (learn) {
        report_lessons(&b, stdout);
        return 0;
    }
    if (run_all(&b, jobs)) {
        log_line("a run of a tuner died");
        return 1;
    }
    if (json && report_json(&b, stdout))
        return 1;
    if (!json)
        report_text(&b, stdout);
    if (svg && report_svg(&b, svg))
        return 1;
    for (size_t i = 0; i < b.nspaces; i++) {
        recorded_free(b.space[i]);
        lesson_free(b.lesson[i]);
        lesson_free(b.wrong[i]);
    }
    free(b.lesson);
    free(b.wrong);
    free(b.space);
    free(b.other);
    return 0;
}
