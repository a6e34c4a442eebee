/* tests/bench/policy.c - how well do rules that choose ideas spend a budget?
 *
 *     policy [--seeds N] [--json] [--quick] [--places tuned|held|all] [--setting NAME]
 *            [--rule NUMBER] [--set NAME=VALUE]... FOLDER
 *
 * Each rule searches each recorded place (FOLDER/NAME.txt) under each setting of the model with the
 * same seeds; the figure is the best reachable time over the best found (geometric mean over the
 * workloads; 1 is all there is) after so many model calls and after so many trials. Means with
 * their standard errors; the differences at the end are of runs with the same seed on the same
 * place. The constants of world_rule were chosen on the places called tuned; the others are held
 * out. --set tries other constants of ours. --quick says by its exit status whether ours is ahead
 * of each rival in the mean over all marks. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"
#include "runtime/base/status.h"
#include "tests/bench/policy.h"

enum { PLACES = 6, SETTINGS = 5, RULES = 7, QUICK_SEEDS = 12 };

static const struct {
    const char *name;
    bool held_out;
} places[PLACES] = {{"convolution", false}, {"gemm", false},  {"hotspot", false},
                    {"dedispersion", true}, {"conv15", true}, {"pnpoly", true}};

static const struct setting settings[SETTINGS] = {
    {"honest", "predicted = true, sd 0.1", 0, 1, 0.1, 0, 1},
    {"biased", "promises 2x whatever it is, 10 % misleading", 0.6, 0.3, 0.2, 0.1, 1},
    {"noisy", "predicted = true, sd 0.6, 10 % misleading", 0.1, 1, 0.6, 0.1, 1},
    {"misleading", "as biased, 30 % misleading", 0.6, 0.3, 0.2, 0.3, 1},
    {"failing", "as biased, works half as often", 0.6, 0.3, 0.2, 0.1, 0.5},
};

static const struct {
    const char *name;
    rule_function *run;
    size_t proposals;
    bool at_once;
    bool rival; /* a rule that somebody else would use */
} rules[RULES] = {
    {"ours", rule_ours, 2, false, false},          {"ours, two at once", rule_ours, 2, true, false},
    {"K-Search", rule_ksearch, 1, false, true},    {"greedy", rule_greedy, 3, false, true},
    {"uniform", rule_uniform, 3, false, true},     {"islands", rule_islands, 1, false, true},
    {"one island", rule_evolution, 1, false, true}};

/* the runs of a rule under a setting, on the tuned or the held-out places */
struct cell {
    size_t n;
    double *by_calls[MARKS], *by_trials[MARKS];
    double visited;
};

struct bench {
    struct terrain *places[PLACES];
    struct world_rule rule;
    size_t seeds;
    bool json, quick;
    int held; /* 0, 1: these places only; -1: all */
    const char *setting;
    size_t rule_first, rule_end; /* these rules only */
    struct cell cells[SETTINGS][RULES][2];
};

/* ---- constants of ours --------------------------------------------------------------------- */

static void set_constant(struct world_rule *rule, const char *text)
{
    const struct {
        const char *name;
        double *value;
    } known[] = {
        {"works_worth", &rule->works_worth},
        {"pooled_worth", &rule->pooled_worth},
        {"class_worth", &rule->class_worth},
        {"own_failure", &rule->own_failure},
        {"attempts", &rule->attempts},
        {"slope", &rule->slope},
        {"slope_sd", &rule->slope_sd},
        {"offset_sd", &rule->offset_sd},
        {"easy", &rule->easy},
        {"easy_sd", &rule->easy_sd},
        {"standing", &rule->standing},
        {"standing_sd", &rule->standing_sd},
        {"offset", &rule->offset},
        {"noise", &rule->noise},
        {"noise_worth", &rule->noise_worth},
        {"spread", &rule->spread},
        {"wander", &rule->wander},
        {"near", &rule->near},
    };
    const char *value = strchr(text, '=');

    for (size_t i = 0; value && i < sizeof known / sizeof *known; i++) {
        if (strncmp(known[i].name, text, (size_t)(value - text)) == 0 &&
            strlen(known[i].name) == (size_t)(value - text)) {
            *known[i].value = strtod(value + 1, NULL);
            return;
        }
    }
    if (strncmp(text, "hard=", 5) == 0) { /* how much longer the hardest idea takes */
        for (int d = 0; d < DIFFICULTIES; d++)
            rule->seconds[d] = 100 * pow(strtod(text + 5, NULL), d / 4.0);
        return;
    }
    fatal("there is no constant %s", text);
}

/* ---- running ------------------------------------------------------------------------------- */

static void run_all(struct bench *b, size_t setting, size_t rule, size_t place, struct cell *cell)
{
    struct run *r = calloc(1, sizeof *r);

    if (!r)
        fatal("out of memory");
    for (size_t seed = 1; seed <= b->seeds; seed++) {
        r->place = b->places[place];
        r->setting = &settings[setting];
        r->rule = &b->rule;
        r->seed = seed * 1000 + place;
        r->proposals = rules[rule].proposals;
        r->at_once = rules[rule].at_once;
        run_start(r);
        rules[rule].run(r);
        run_end(r);
        for (size_t k = 0; k < MARKS; k++) {
            cell->by_calls[k][cell->n] = r->by_calls[k];
            cell->by_trials[k][cell->n] = r->by_trials[k];
        }
        cell->visited += (double)r->visited;
        cell->n++;
    }
    free(r);
}

static bool is_wanted(const struct bench *b, size_t setting)
{
    return !b->setting || strcmp(b->setting, settings[setting].name) == 0;
}

static void run_bench(struct bench *b)
{
    for (size_t s = 0; s < SETTINGS; s++) {
        for (size_t r = b->rule_first; r < b->rule_end && is_wanted(b, s); r++) {
            for (size_t p = 0; p < PLACES; p++) {
                struct cell *cell = &b->cells[s][r][places[p].held_out];
                if (b->held >= 0 && b->held != places[p].held_out)
                    continue;
                for (size_t k = 0; k < MARKS && !cell->by_calls[k]; k++) {
                    cell->by_calls[k] = calloc(PLACES * b->seeds, sizeof(double));
                    cell->by_trials[k] = calloc(PLACES * b->seeds, sizeof(double));
                    if (!cell->by_calls[k] || !cell->by_trials[k])
                        fatal("out of memory");
                }
                run_all(b, s, r, p, cell);
            }
        }
    }
}

/* ---- telling ------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double quantile(const double *sorted, size_t n, double q)
{
    return n ? sorted[(size_t)(q * (double)(n - 1) + 0.5)] : 0;
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i] / (double)n;
    return sum;
}

/* standard error of the mean */
static double error_of(const double *x, size_t n)
{
    double mean = mean_of(x, n), sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return n > 1 ? sqrt(sum / (double)(n - 1) / (double)n) : 0;
}

static void print_marks(double *const *at, size_t n)
{
    double sum = 0;

    for (size_t k = 0; k < MARKS; k++) {
        printf("  %.3f (%.3f)", mean_of(at[k], n), error_of(at[k], n));
        sum += mean_of(at[k], n) / MARKS;
    }
    printf("  %.3f\n", sum);
}

static void print_header(const char *what, const size_t *marks)
{
    printf("%-17s", what);
    for (size_t k = 0; k < MARKS; k++)
        printf("  %4zu %-8s", marks[k], k ? "" : strstr(what, "calls") ? "calls" : "trials");
    printf("  all\n");
}

static void print_table(struct bench *b)
{
    for (size_t s = 0; s < SETTINGS; s++) {
        for (int held = 0; held < 2; held++) {
            if (!b->cells[s][b->rule_first][held].n)
                continue;
            printf("\n%s (%s), %s places, %zu runs a rule: mean (standard error)\n",
                   settings[s].name, settings[s].what, held ? "held-out" : "tuned",
                   b->cells[s][b->rule_first][held].n);
            print_header("by model calls", call_marks);
            for (size_t r = b->rule_first; r < b->rule_end; r++) {
                printf("%-17s", rules[r].name);
                print_marks(b->cells[s][r][held].by_calls, b->cells[s][r][held].n);
            }
            print_header("by trials", trial_marks);
            for (size_t r = b->rule_first; r < b->rule_end; r++) {
                printf("%-17s", rules[r].name);
                print_marks(b->cells[s][r][held].by_trials, b->cells[s][r][held].n);
            }
        }
    }
}

/* ---- ours against the others --------------------------------------------------------------- */

enum { BY_CALLS = 1, BY_TRIALS = 2 };

struct lead {
    double mean, error; /* of what ours finds more */
};

/* the mean over the marks, of one run */
static double of_run(const struct cell *c, size_t run, int by)
{
    double sum = 0;

    for (size_t k = 0; k < MARKS; k++)
        sum +=
            (by & BY_CALLS ? c->by_calls[k][run] : 0) + (by & BY_TRIALS ? c->by_trials[k][run] : 0);
    return sum / MARKS / (by == (BY_CALLS | BY_TRIALS) ? 2 : 1);
}

/* over runs with the same seed on the same place; SETTINGS: under all of them */
static struct lead lead_over(const struct bench *b, size_t rule, size_t setting, int by)
{
    size_t n = 0;
    double *lead = calloc(SETTINGS * PLACES * b->seeds, sizeof *lead);
    struct lead l;

    if (!lead)
        fatal("out of memory");
    for (size_t s = 0; s < SETTINGS; s++) {
        for (int held = 0; held < 2; held++) {
            const struct cell *ours = &b->cells[s][0][held], *other = &b->cells[s][rule][held];
            for (size_t i = 0; i < ours->n && (s == setting || setting == SETTINGS); i++)
                lead[n++] = of_run(ours, i, by) - of_run(other, i, by);
        }
    }
    l = (struct lead){mean_of(lead, n), error_of(lead, n)};
    free(lead);
    return l;
}

static void print_leads(const struct bench *b, int by)
{
    printf("\nours finds more, by %s, mean over the marks (standard error)\n%-17s",
           by == BY_CALLS    ? "model calls"
           : by == BY_TRIALS ? "trials"
                             : "both",
           "than");
    for (size_t s = 0; s <= SETTINGS; s++)
        if (s == SETTINGS || is_wanted(b, s))
            printf("  %-15s", s < SETTINGS ? settings[s].name : "all");
    printf("\n");
    for (size_t r = 1; r < RULES; r++) {
        printf("%-17s", rules[r].name);
        for (size_t s = 0; s <= SETTINGS; s++) {
            struct lead l = lead_over(b, r, s, by);
            if (s == SETTINGS || is_wanted(b, s))
                printf("  %+.3f (%.3f) ", l.mean, l.error);
        }
        printf("\n");
    }
}

/* whether no rival finds as much in the mean */
static bool is_ahead(const struct bench *b)
{
    bool ahead = true;

    for (size_t r = 1; r < RULES; r++)
        ahead =
            ahead && (!rules[r].rival || lead_over(b, r, SETTINGS, BY_CALLS | BY_TRIALS).mean > 0);
    return ahead;
}

static json_t *marks_json(double *const *at, size_t n, const size_t *marks)
{
    json_t *all = json_array();

    for (size_t k = 0; k < MARKS; k++) {
        qsort(at[k], n, sizeof(double), by_value);
        json_array_append_new(all, json_pack("{s:I,s:f,s:f,s:f,s:f}", "at", (json_int_t)marks[k],
                                             "median", quantile(at[k], n, 0.5), "low",
                                             quantile(at[k], n, 0.25), "high",
                                             quantile(at[k], n, 0.75), "mean", mean_of(at[k], n)));
    }
    return all;
}

static void print_json(struct bench *b)
{
    json_t *all = json_array();

    for (size_t s = 0; s < SETTINGS; s++) {
        for (size_t r = 0; r < RULES; r++) {
            for (int held = 0; held < 2; held++) {
                struct cell *c = &b->cells[s][r][held];
                if (!c->n)
                    continue;
                json_array_append_new(
                    all, json_pack("{s:s,s:s,s:b,s:I,s:f,s:o,s:o}", "setting", settings[s].name,
                                   "rule", rules[r].name, "held_out", held, "runs",
                                   (json_int_t)c->n, "ideas", c->visited / (double)c->n, "calls",
                                   marks_json(c->by_calls, c->n, call_marks), "trials",
                                   marks_json(c->by_trials, c->n, trial_marks)));
            }
        }
    }
    json_dumpf(all, stdout, JSON_COMPACT | JSON_REAL_PRECISION(4));
    printf("\n");
    json_decref(all);
}

static void read_options(struct bench *b, int argc, char **argv)
{
    static const struct option options[] = {
        {"seeds", required_argument, NULL, 'n'},   {"json", no_argument, NULL, 'j'},
        {"quick", no_argument, NULL, 'q'},         {"places", required_argument, NULL, 'p'},
        {"setting", required_argument, NULL, 's'}, {"rule", required_argument, NULL, 'r'},
        {"set", required_argument, NULL, 'c'},     {NULL, 0, NULL, 0}};

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'n')
            b->seeds = strtoul(optarg, NULL, 10);
        else if (option == 'j')
            b->json = true;
        else if (option == 'q')
            b->quick = true;
        else if (option == 'p')
            b->held = strcmp(optarg, "tuned") == 0 ? 0 : strcmp(optarg, "held") == 0 ? 1 : -1;
        else if (option == 's')
            b->setting = optarg;
        else if (option == 'r')
            b->rule_end = (b->rule_first = strtoul(optarg, NULL, 10) % RULES) + 1;
        else if (option == 'c')
            set_constant(&b->rule, optarg);
        else
            exit(EXIT_USAGE);
    }
    if (b->quick && b->seeds == 200)
        b->seeds = QUICK_SEEDS;
    if (optind != argc - 1 || !b->seeds) {
        fprintf(stderr, "usage: policy [options] FOLDER, see the head of policy.c\n");
        exit(EXIT_USAGE);
    }
}

static void bench_release(struct bench *b)
{
    for (size_t s = 0; s < SETTINGS * RULES * 2; s++) {
        struct cell *c = &b->cells[s / (RULES * 2)][s / 2 % RULES][s % 2];
        for (size_t k = 0; k < MARKS; k++) {
            free(c->by_calls[k]);
            free(c->by_trials[k]);
        }
    }
    for (size_t p = 0; p < PLACES; p++)
        terrain_free(b->places[p]);
}

int main(int argc, char **argv)
{
    static struct bench b = {.seeds = 200, .held = -1, .rule_end = RULES};
    bool ahead = true, all;
    char path[4096];

    b.rule = world_rule;
    read_options(&b, argc, argv);
    for (size_t p = 0; p < PLACES; p++) {
        snprintf(path, sizeof path, "%s/%s.txt", argv[optind], places[p].name);
        b.places[p] = terrain_read(path, places[p].name);
    }
    run_bench(&b);
    all = b.rule_end - b.rule_first == RULES;
    if (all)
        ahead = is_ahead(&b);
    for (int by = BY_CALLS; all && !b.json && by <= (BY_CALLS | BY_TRIALS); by++)
        print_leads(&b, by);
    if (b.json)
        print_json(&b);
    else
        print_table(&b);
    bench_release(&b);
    return b.quick && !ahead;
}
