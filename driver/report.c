/* driver/report.c - a journal's facts, collected for a report.
 *
 * The order of trials is that of the steps: a fact is there as soon as it arrived, a step says when
 * the search took it up. Trials that no step names (it was cut off between the two) come last. */
#include "driver/report_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/search/gain.h"

static json_t *copy_of(const json_t *fact)
{
    return fact ? json_deep_copy(fact) : json_null();
}

/* copies the members that there are */
static void copy_members(json_t *to, const json_t *from, const char *const *names)
{
    for (; *names; names++)
        if (json_object_get(from, *names))
            json_object_set(to, *names, json_object_get(from, *names));
}

static void count_one(json_t *object, const char *name, double by)
{
    const json_t *old = json_object_get(object, name);

    if (json_is_integer(old) || !old)
        json_object_set_new(object, name, json_integer(json_integer_value(old) + (json_int_t)by));
    else
        json_object_set_new(object, name, json_real(json_real_value(old) + by));
}

/* ---- trials --------------------------------------------------------------------------------- */

static const json_t *form_of(const struct journal *j, const json_t *trial)
{
    char name[300];
    int n = snprintf(name, sizeof name, "form/%s", report_string(trial, "form"));

    return n > 0 && (size_t)n < sizeof name ? journal_fact(j, name) : NULL;
}

struct trials {
    const struct journal *j;
    json_t *all, *seen;
};

/* what was measured, and what did not compile */
static bool is_trial(const char *name, const json_t *fact)
{
    return strncmp(name, "trial/", strlen("trial/")) == 0 ||
           (strncmp(name, "build/", strlen("build/")) == 0 && json_object_get(fact, "error"));
}

/* "1a2b" of "trial/1a2b" and "build/1a2b" */
static const char *variant_of(const char *name)
{
    return strchr(name, '/') + 1;
}

static void add_trial(struct trials *t, const char *name, const json_t *fact, json_t *at)
{
    static const char *const members[] = {"form", "values",  "state", "score", "us",
                                          "why",  "seconds", "same",  NULL};
    const char *form = report_string(form_of(t->j, fact), "name");
    json_t *trial = json_pack("{s:I, s:o, s:s, s:s}", "trial",
                              (json_int_t)json_array_size(t->all) + 1, "at", at, "variant",
                              variant_of(name), "name", *form ? form : report_string(fact, "form"));

    copy_members(trial, fact, members);
    if (json_object_get(fact, "error")) {
        json_object_set_new(trial, "state", json_string("build"));
        json_object_set(trial, "why", json_object_get(fact, "error"));
    }
    json_array_append_new(t->all, trial);
    json_object_set_new(t->seen, variant_of(name), json_true());
}

static void add_unseen(void *arg, const char *name, const json_t *fact)
{
    struct trials *t = arg;

    if (is_trial(name, fact) && !json_object_get(t->seen, variant_of(name)))
        add_trial(t, name, fact, json_null());
}

static json_t *collect_trials(const struct journal *j)
{
    struct trials t = {j, json_array(), json_object()};

    for (size_t i = 0; i < journal_steps(j); i++) {
        struct journal_step step = journal_step_at(j, i);
        const json_t *fact = journal_fact(j, step.name);
        if (is_trial(step.name, fact) && !json_object_get(t.seen, variant_of(step.name)))
            add_trial(&t, step.name, fact, json_real(step.seconds));
    }
    journal_each(j, "trial/", add_unseen, &t);
    journal_each(j, "build/", add_unseen, &t);
    json_decref(t.seen);
    return t.all;
}

static bool is_good(const json_t *trial)
{
    return strcmp(report_string(trial, "state"), "good") == 0 && report_number(trial, "score") > 0;
}

/* those that were better than the original and all before them */
static json_t *collect_improved(const json_t *trials)
{
    json_t *all = json_array(), *trial;
    double best = 1;
    size_t i;

    json_array_foreach(trials, i, trial)
    {
        if (!is_good(trial) || report_number(trial, "score") >= best)
            continue;
        best = report_number(trial, "score");
        json_array_append(all, trial);
    }
    return all;
}

static json_t *find_member(json_t *array, const char *name, const char *text)
{
    json_t *item;
    size_t i;

    json_array_foreach(array, i, item)
    {
        if (strcmp(report_string(item, name), text) == 0)
            return item;
    }
    return NULL;
}

static json_t *collect_outcomes(const json_t *trials)
{
    json_t *all = json_array(), *trial, *outcome;
    size_t i;

    json_array_foreach(trials, i, trial)
    {
        const char *state = report_string(trial, "state");
        outcome = find_member(all, "state", *state ? state : "unknown");
        if (!outcome) {
            outcome = json_pack("{s:s, s:i, s:O}", "state", *state ? state : "unknown", "count", 0,
                                "first", trial);
            json_array_append_new(all, outcome);
        }
        count_one(outcome, "count", 1);
    }
    return all;
}

/* ---- structures, models, time --------------------------------------------------------------- */

struct forms {
    json_t *all;
    const json_t *trials;
};

static void add_form(void *arg, const char *name, const json_t *fact)
{
    static const char *const members[] = {"name", "parent", "idea", "proposer", NULL};
    const char *hash = name + strlen("form/");
    struct forms *f = arg;
    json_t *form = json_pack("{s:s, s:i, s:i, s:n}", "form", hash, "trials", 0, "good", 0, "best");
    json_t *trial;
    size_t i;

    copy_members(form, fact, members);
    json_array_foreach(f->trials, i, trial)
    {
        if (strcmp(report_string(trial, "form"), hash) != 0)
            continue;
        count_one(form, "trials", 1);
        if (!is_good(trial))
            continue;
        count_one(form, "good", 1);
        if (!report_has(form, "best") ||
            report_number(trial, "score") < report_number(form, "best"))
            json_object_set(form, "best", json_object_get(trial, "score"));
    }
    json_array_append_new(f->all, form);
}

static void add_reply(void *arg, const char *name, const json_t *fact)
{
    const char *model = report_string(fact, "model"), *role = report_string(fact, "role"),
               *outcome = report_string(fact, "outcome");
    json_t *all = arg, *line = NULL, *item;
    size_t i;

    (void)name;
    json_array_foreach(all, i, item)
    {
        if (strcmp(report_string(item, "model"), model) == 0 &&
            strcmp(report_string(item, "role"), role) == 0)
            line = item;
    }
    if (!line) {
        line = json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:f, s:f}", "model", model, "role", role,
                         "calls", 0, "failed", 0, "tokens_in", 0, "tokens_out", 0, "money", 0.0,
                         "seconds", 0.0);
        json_array_append_new(all, line);
    }
    count_one(line, "calls", 1);
    count_one(line, "tokens_in", report_number(fact, "tokens_in"));
    count_one(line, "tokens_out", report_number(fact, "tokens_out"));
    count_one(line, "money", report_number(fact, "money"));
    count_one(line, "seconds", report_number(fact, "seconds"));
    if (*outcome && strcmp(outcome, "replied") != 0) {
        if (report_number(line, "failed") == 0)
            json_object_set_new(line, "why", json_string(report_string(fact, "why")));
        count_one(line, "failed", 1);
    }
}

static void sum_seconds(void *arg, const char *name, const json_t *fact)
{
    (void)name;
    *(double *)arg += report_number(fact, "seconds");
}

/* the search's own account at its end; before that, what its facts took, which overlap */
static json_t *collect_time(const struct journal *j, const json_t *end)
{
    static const char *const gpu_kinds[] = {"trial/", "race/", "pair/", "check/"};
    double gpu = 0, compile = 0, model = 0;

    if (report_has(end, "gpu_seconds"))
        return json_pack("{s:f, s:f, s:f, s:f, s:s}", "gpu", report_number(end, "gpu_seconds"),
                         "compile", report_number(end, "compile_seconds"), "model",
                         report_number(end, "model_seconds"), "idle",
                         report_number(end, "idle_seconds"), "from", "end");
    for (size_t i = 0; i < sizeof gpu_kinds / sizeof *gpu_kinds; i++)
        journal_each(j, gpu_kinds[i], sum_seconds, &gpu);
    journal_each(j, "build/", sum_seconds, &compile);
    journal_each(j, "reply/", sum_seconds, &model);
    return json_pack("{s:f, s:f, s:f, s:n, s:s}", "gpu", gpu, "compile", compile, "model", model,
                     "idle", "from", "facts");
}

/* How fast it is: as the search itself said at its end, else from its steps; and what going on as
 * long again would bring, about */
static json_t *collect_pace(const json_t *end, const json_t *trials, double seconds)
{
    const json_t *pace = json_object_get(end, "pace"), *trial;
    size_t n = json_array_size(trials), good = 0, i;
    json_t *all = pace ? json_deep_copy(pace) : json_object();
    double *logs = calloc(n + 1, sizeof *logs), gain;

    if (!pace && seconds > 0)
        json_object_set_new(all, "rate", json_real((double)n / seconds));
    json_array_foreach((json_t *)trials, i, trial)
    {
        if (logs && is_good(trial) && !report_has(trial, "same"))
            logs[good++] = log(report_number(trial, "score"));
    }
    gain = logs ? gain_left(logs, good, (double)good) : -1;
    json_object_set_new(all, "gain_left", gain < 0 ? json_null() : json_real(gain));
    free(logs);
    return all;
}

/* ---- ideas ---------------------------------------------------------------------------------- */

/* of journals and recordings that have each state of the tree, by its number */
struct latest {
    const json_t *world;
    unsigned long number;
};

/* names sort as text, their numbers do not */
static void note_world(void *arg, const char *name, const json_t *fact)
{
    struct latest *latest = arg;
    unsigned long number = strtoul(name + strlen("world/"), NULL, 10);

    if (!latest->world || number >= latest->number)
        *latest = (struct latest){fact, number};
}

static const json_t *last_world(const struct journal *j)
{
    struct latest latest = {journal_fact(j, "world"), 0};

    if (!latest.world)
        journal_each(j, "world/", note_world, &latest);
    return latest.world;
}

/* the array of ideas, which may stand in world_json's object */
static json_t *ideas_in(const json_t *world)
{
    json_t *ideas = json_object_get(world, "ideas");

    if (json_is_array(ideas) && json_is_array(json_object_get(json_array_get(ideas, 0), "ideas")))
        ideas = json_array_get(ideas, 0);
    if (json_is_object(ideas))
        ideas = json_object_get(ideas, "ideas");
    return json_is_array(ideas) ? ideas : NULL;
}

json_t *report_collect(const struct journal *j, const char *name, const char *state)
{
    const json_t *end = journal_fact(j, "end");
    size_t steps = journal_steps(j), improved;
    json_t *report = json_pack("{s:s, s:s}", "run", name, "state", state), *trials;
    const json_t *world = last_world(j);
    struct forms forms = {json_array(), NULL};
    json_t *models = json_array();

    if (!report) /* a name that is no UTF-8 */
        report = json_pack("{s:s, s:s}", "run", "?", "state", state);
    json_object_set_new(report, "about", copy_of(journal_fact(j, "run")));
    json_object_set_new(report, "baseline", copy_of(journal_fact(j, "baseline")));
    json_object_set_new(report, "steps", json_integer((json_int_t)steps));
    json_object_set_new(report, "searched",
                        json_real(steps ? journal_step_at(j, steps - 1).seconds : 0));
    json_object_set_new(report, "time", collect_time(j, end));
    json_object_set_new(report, "trials", trials = collect_trials(j));
    json_object_set_new(report, "pace",
                        collect_pace(end, trials, report_number(report, "searched")));
    json_object_set_new(report, "improved", collect_improved(trials));
    json_object_set_new(report, "outcomes", collect_outcomes(trials));
    forms.trials = trials;
    journal_each(j, "form/", add_form, &forms);
    json_object_set_new(report, "forms", forms.all);
    json_object_set_new(report, "ideas", copy_of(ideas_in(world)));
    json_object_set_new(report, "chosen", copy_of(json_object_get(world, "chosen")));
    journal_each(j, "reply/", add_reply, models);
    json_object_set_new(report, "models", models);
    improved = json_array_size(json_object_get(report, "improved"));
    json_object_set_new(
        report, "best",
        copy_of(improved ? json_array_get(json_object_get(report, "improved"), improved - 1)
                         : NULL));
    json_object_set_new(report, "end", copy_of(end));
    return report;
}
