/* driver/abtest.c - see abtest.h. */
#include "driver/abtest.h"

#include <math.h>
#include <stdlib.h>

#include "driver/explain_spec.h"
#include "driver/report_impl.h"
#include "driver/search/judge.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

enum { FIRST_SAMPLES = 3 };

struct ab { /* one comparison */
    struct samples a, b;
    struct interval interval;
};

static void ab_release(struct ab *x)
{
    samples_release(&x->a);
    samples_release(&x->b);
}

/* as contest.c confirms: more pairs where the first ones spread */
static enum bench_result ab_measure(const struct codes *c, size_t variant, size_t point, int pairs,
                                    struct ab *x, struct error *err)
{
    struct bench *b = c->stage->bench;
    bool p90 = c->target->spec->objective_p90;
    enum bench_result r = bench_pair(b, BENCH_ORIGINAL, variant, point, pairs ? pairs : JUDGE_PAIRS,
                                     &x->a, &x->b, err);
    int more = r == BENCH_OK && !pairs ? judge_wants(x->a.us, x->b.us, x->a.n, p90) : 0;
    if (more)
        r = bench_pair(b, BENCH_ORIGINAL, variant, point, more, &x->a, &x->b, err);
    if (r == BENCH_OK)
        x->interval = judge_ratio(x->a.us, x->b.us, x->a.n, p90);
    return r;
}

/* ---- as JSON ---- */

/* the nearest rank */
static double quantile(const double *sorted, size_t n, double q)
{
    size_t i = (size_t)(q * (double)(n - 1) + 0.5);
    return sorted[i < n ? i : n - 1];
}

static void put_times(const struct samples *s, json_t *object)
{
    static const struct {
        const char *name;
        double q;
    } quantiles[] = {{"p10", 0.1}, {"q1", 0.25}, {"q3", 0.75}, {"p90", 0.9}};
    double *us = numbers_copy(s->us, s->n), *mhz = numbers_copy(s->mhz, s->n);
    double clock = median_of(mhz, s->n);
    json_object_set_new(object, "us", json_real(median_of(us, s->n))); /* they are in order now */
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        json_object_set_new(object, quantiles[i].name,
                            json_real(quantile(us, s->n, quantiles[i].q)));
    if (mhz[s->n - 1] > 0) {
        json_object_set_new(object, "mhz", json_real(clock));
        json_object_set_new(object, "mhz_low", json_real(mhz[0]));
        json_object_set_new(object, "mhz_high", json_real(mhz[s->n - 1]));
    }
    json_object_set_new(object, "samples_us", samples_json(s));
    json_object_set_new(object, "samples_mhz", samples_clocks_json(s));
    free(us);
    free(mhz);
}

static json_t *times_json(const struct samples *s)
{
    json_t *object = json_object();
    put_times(s, object);
    return object;
}

/* too few pairs have no upper end, which JSON cannot say: then both are left out */
static void put_interval(const struct interval *x, json_t *object)
{
    json_object_set_new(object, "ratio", json_real(x->ratio));
    if (!isfinite(x->high))
        return;
    json_object_set_new(object, "low", json_real(x->low));
    json_object_set_new(object, "high", json_real(x->high));
}

static json_t *winner_json(const struct codes *c, const struct code *code, size_t point, int pairs)
{
    json_t *object = json_pack("{s:o}", "code", utf8_json(code->name));
    struct error err = {""};
    struct ab x = {0};
    if (code->why)
        json_object_set_new(object, code->is_there ? "warning" : "error", utf8_json(code->why));
    if (!code->is_there)
        return object;
    if (ab_measure(c, code->variant, point, pairs, &x, &err) == BENCH_OK) {
        put_interval(&x.interval, object);
        put_times(&x.b, object);
        json_object_set_new(object, "original", times_json(&x.a));
    } else {
        json_object_set_new(object, "error", utf8_json(err.text));
    }
    ab_release(&x);
    return object;
}

static json_t *workload_json(const struct codes *c, size_t point, int pairs)
{
    json_t *object = json_object(), *winners = json_array();
    double floor_us = bench_floor(c->stage->bench, point, NULL);
    struct samples first = {0};
    struct error err = {""};
    struct ab x = {0};
    json_object_set_new(object, "label", utf8_json(c->target->spec->points[point].label));
    if (c->target->spec->objective_energy)
        json_object_set_new(object, "unit", json_string("uJ"));
    /* how long pairs may take, the bench learns from the original's times */
    bench_time(c->stage->bench, BENCH_ORIGINAL, point, FIRST_SAMPLES, &first, &err);
    samples_release(&first);
    err = (struct error){""};
    if (floor_us > 0)
        json_object_set_new(object, "floor_us", json_real(floor_us));
    if (ab_measure(c, BENCH_ORIGINAL, point, pairs, &x, &err) == BENCH_OK) {
        json_t *noise = times_json(&x.b);
        put_interval(&x.interval, noise);
        json_object_set_new(object, "pairs", json_integer((json_int_t)x.a.n));
        sampling_write(&x.a.how, object);
        json_object_set_new(object, "original", times_json(&x.a));
        json_object_set_new(object, "noise", noise);
    } else {
        json_object_set_new(object, "error", utf8_json(err.text));
    }
    for (size_t i = 1; i < c->n && !proc_interrupted(); i++)
        if (code_is_for(c, &c->code[i], point))
            json_array_append_new(winners, winner_json(c, &c->code[i], point, pairs));
    json_object_set_new(object, "winners", winners);
    ab_release(&x);
    return object;
}

json_t *abtest_collect(const struct codes *c, int pairs)
{
    const struct target *t = c->target;
    json_t *workloads = json_array();
    for (size_t i = 0; i < c->ntimed && !proc_interrupted(); i++)
        json_array_append_new(workloads, workload_json(c, c->timed[i], pairs));
    return json_pack("{s:o, s:o, s:o, s:s, s:o}", "file", utf8_json(c->stage->source->src->path),
                     "entry", utf8_json(t->name), "gpu", bench_gpu_json(bench_gpu(c->stage->bench)),
                     "on_file",
                     !t->record            ? "nothing: it was not searched, or its code changed"
                     : t->record->nwinners ? found_name(t->found)
                                           : "no proven gain",
                     "workloads", workloads);
}

/* ---- as text ---- */

static void add_times(const json_t *times, const char *name, struct buf *out)
{
    buf_adds(out, "    ");
    report_cell(out, name, 34, true);
    buf_addf(out, " %10.2f %10.2f %10.2f %10.2f", report_number(times, "us"),
             report_number(times, "q1"), report_number(times, "q3"), report_number(times, "p90"));
}

static void add_interval(const json_t *x, struct buf *out)
{
    buf_addf(out, "  %.4f", report_number(x, "ratio"));
    if (report_has(x, "high"))
        buf_addf(out, " [%.4f, %.4f]", report_number(x, "low"), report_number(x, "high"));
    else
        buf_adds(out, " (too few pairs for an interval)");
    buf_addc(out, '\n');
}

static void add_note(const json_t *x, const char *name, struct buf *out)
{
    if (!*report_string(x, name))
        return;
    buf_adds(out, "      ");
    report_cell(out, report_string(x, name), REPORT_WIDTH - 6, false);
    buf_addc(out, '\n');
}

static void add_sampling(const json_t *w, struct buf *out)
{
    const json_t *original = json_object_get(w, "original");
    buf_addf(out, "    %.0f pairs", report_number(w, "pairs"));
    if (report_has(w, "launches"))
        buf_addf(out, " of %.0f launch%s a sample over %.0f sets of inputs, %s",
                 report_number(w, "launches"), report_number(w, "launches") == 1 ? "" : "es",
                 report_number(w, "sets"),
                 json_is_true(json_object_get(w, "graph")) ? "in a graph" : "not in a graph");
    if (report_has(original, "mhz"))
        buf_addf(out, "; SM at %.0f MHz, %.0f to %.0f", report_number(original, "mhz"),
                 report_number(original, "mhz_low"), report_number(original, "mhz_high"));
    if (report_has(w, "floor_us"))
        buf_addf(out, "; floor %.2f us", report_number(w, "floor_us"));
    buf_addc(out, '\n');
}

static void add_workload(const json_t *w, struct buf *out)
{
    const json_t *winner;
    size_t i;
    buf_adds(out, "\n  ");
    report_cell(out, report_string(w, "label"), 36, true);
    buf_addf(out, " %10s %10s %10s %10s  %s\n",
             *report_string(w, "unit") ? "median uJ" : "median us", "q1", "q3", "p90",
             *report_string(w, "unit") ? "sparing, 99 %" : "faster, 99 %");
    add_note(w, "error", out);
    if (json_object_get(w, "original")) {
        add_times(json_object_get(w, "original"), "original", out);
        buf_addc(out, '\n');
        add_times(json_object_get(w, "noise"), "the original again", out);
        add_interval(json_object_get(w, "noise"), out);
    }
    json_array_foreach(json_object_get(w, "winners"), i, winner)
    {
        if (report_has(winner, "us")) {
            add_times(winner, report_string(winner, "code"), out);
            add_interval(winner, out);
        } else {
            buf_addf(out, "    %s\n", report_string(winner, "code"));
        }
        add_note(winner, "warning", out);
        add_note(winner, "error", out);
    }
    if (json_object_get(w, "original"))
        add_sampling(w, out);
}

void abtest_text(const json_t *result, struct buf *out)
{
    json_t *w;
    size_t i;
    report_cell(out, report_string(result, "file"), 40, false);
    buf_adds(out, ": ");
    report_cell(out, report_string(result, "entry"), 40, false);
    buf_adds(out, " on ");
    report_cell(out, report_string(json_object_get(result, "gpu"), "name"), 40, false);
    buf_addf(out, "; on file: %s\n", report_string(result, "on_file"));
    json_array_foreach(json_object_get(result, "workloads"), i, w) add_workload(w, out);
}
