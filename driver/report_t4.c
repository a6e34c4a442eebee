/* driver/report_t4.c - see report_t4.h. */
#include "driver/report_t4.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/report_impl.h"
#include "runtime/base/fs.h"

#define SCHEMA_VERSION "1.0.0"

/* ---- one result ---- */

/* "2026-11-22T12:00:00Z" and so many seconds later */
static json_t *timestamp(const char *started, double seconds)
{
    struct tm tm = {0};
    char text[40];
    if (!strptime(started, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return json_string(started);
    time_t at = timegm(&tm) + (time_t)seconds;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
    return json_string(text);
}

static json_t *configuration(const json_t *trial)
{
    const json_t *values = json_object_get(trial, "values");
    const char *name = report_string(trial, "name");
    json_t *all = json_is_object(values) ? json_copy((json_t *)values) : json_object();
    if (*name && strcmp(name, "own") != 0 && strcmp(name, report_string(trial, "form")) != 0)
        json_object_set_new(all, "structure", json_string(name));
    return all;
}

/* why it cannot be had; a worker that is lost over a variant says how */
static const char *invalidity(const json_t *trial)
{
    const char *state = report_string(trial, "state"), *why = report_string(trial, "why");
    if (strcmp(state, "good") == 0)
        return "correct";
    if (strcmp(state, "build") == 0)
        return "compile";
    if (strcmp(state, "limit") == 0)
        return "constraints";
    if (strstr(why, "in time"))
        return "timeout";
    return strstr(why, "the worker") || strstr(why, "CUDA_ERROR") ? "runtime" : "correctness";
}

static double mean_us(const json_t *report, const json_t *us)
{
    const json_t *workloads = json_object_get(json_object_get(report, "about"), "workloads");
    double sum = 0, total = 0;
    for (size_t i = 0; i < json_array_size(us); i++) {
        const json_t *w = json_array_get(workloads, i);
        double weight = report_has(w, "weight") ? report_number(w, "weight") : 1;
        double x = json_number_value(json_array_get(us, i));
        if (x > 0)
            sum += weight * log(x), total += weight;
    }
    return total > 0 ? exp(sum / total) : 0;
}

/* What is too slow on one workload is not timed on all; the score, which is of those it was timed
 * on, stands for the others */
static double time_ms(const json_t *report, const json_t *trial)
{
    const json_t *baseline = json_object_get(json_object_get(report, "baseline"), "us");
    return 1e-3 * report_number(trial, "score") * mean_us(report, baseline);
}

static void measure(json_t *all, const char *name, double value, const char *unit)
{
    json_array_append_new(all,
                          json_pack("{s:s, s:f, s:s}", "name", name, "value", value, "unit", unit));
}

static json_t *measurements(const json_t *report, const json_t *trial)
{
    const json_t *workloads = json_object_get(json_object_get(report, "about"), "workloads");
    const json_t *us = json_object_get(trial, "us");
    json_t *all = json_array();
    char name[300];
    if (strcmp(report_string(trial, "state"), "good") != 0)
        return all;
    measure(all, "time", time_ms(report, trial), "ms");
    for (size_t i = 0; json_array_size(workloads) > 1 && i < json_array_size(us); i++) {
        double x = json_number_value(json_array_get(us, i));
        snprintf(name, sizeof name, "time %.250s",
                 report_string(json_array_get(workloads, i), "label"));
        if (x > 0)
            measure(all, name, 1e-3 * x, "ms");
    }
    return all;
}

/* of a trial with one workload */
static json_t *runtimes(const struct journal *j, const json_t *trial)
{
    char name[300];
    snprintf(name, sizeof name, "trial/%.250s", report_string(trial, "variant"));
    const json_t *samples = json_object_get(journal_fact(j, name), "samples");
    json_t *all = json_array();
    if (json_array_size(samples) != 1)
        return all;
    samples = json_array_get(samples, 0);
    for (size_t i = 0; i < json_array_size(samples); i++)
        json_array_append_new(all, json_real(1e-3 * json_number_value(json_array_get(samples, i))));
    return all;
}

static json_t *result(const struct journal *j, const json_t *report, const json_t *trial)
{
    char name[300];
    snprintf(name, sizeof name, "build/%.250s", report_string(trial, "variant"));
    double compile = 1e3 * report_number(journal_fact(j, name), "compile_seconds");
    const char *valid = invalidity(trial);
    return json_pack(
        "{s:o, s:o, s:[s], s:{s:f, s:f, s:f, s:f, s:f, s:o}, s:s, s:i, s:o}", "timestamp",
        timestamp(report_string(json_object_get(report, "about"), "started"),
                  report_number(trial, "at")),
        "configuration", configuration(trial), "objectives", "time", "times", "compilation",
        compile, "validation", 0.0, "benchmark", 1e3 * report_number(trial, "seconds"), "framework",
        0.0, "search_algorithm", 0.0, "runtimes", runtimes(j, trial), "invalidity", valid,
        "correctness", strcmp(valid, "correctness") != 0, "measurements",
        measurements(report, trial));
}

json_t *t4_results(const struct journal *j)
{
    json_t *report = report_collect(j, "", ""), *all = json_array(), *trial;
    size_t i;
    json_array_foreach(json_object_get(report, "trials"), i, trial)
        json_array_append_new(all, result(j, report, trial));
    json_decref(report);
    return all;
}

/* ---- the file ---- */

static bool is_lines(const char *file)
{
    size_t n = strlen(file);
    return n > 6 && strcmp(file + n - 6, ".jsonl") == 0;
}

int t4_write(const json_t *results, const char *file, struct error *err)
{
    const char *between = "";
    const json_t *one;
    struct buf text;
    size_t i;
    buf_init(&text, BUF_LIMIT);
    if (!is_lines(file))
        buf_adds(&text, "{\"schema_version\":\"" SCHEMA_VERSION
                        "\",\"metadata\":{\"timeunit\":\"milliseconds\"},\"results\":[\n");
    json_array_foreach((json_t *)results, i, one)
    {
        char *line = json_dumps(one, JSON_COMPACT | JSON_REAL_PRECISION(9));
        buf_addf(&text, "%s%s", between, line ? line : "{}");
        between = is_lines(file) ? "\n" : ",\n";
        free(line);
    }
    buf_adds(&text, is_lines(file) ? (*between ? "\n" : "") : "\n]}\n");
    int rc = fs_write(file, buf_text(&text), text.len, err);
    buf_release(&text);
    return rc;
}
