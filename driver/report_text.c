/* driver/report_text.c - a report for a terminal, part by part. */
#include "driver/report_impl.h"

#include <math.h>
#include <string.h>

enum {
    PLOT_WIDTH = 80,
    PLOT_HEIGHT = 10,
    BAR = 40,
    ERROR_LINES = 3,
    DEPTH_MOST = 12,
    IDEAS_MOST = 1000
};

/* bytes of the character at s: 1 to 4 */
static size_t char_bytes(const char *s)
{
    size_t n = 1;

    while (((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

size_t report_cell(struct buf *out, const char *text, size_t width, bool fill)
{
    size_t n = 0, length = 0;

    for (const char *p = text; *p && *p != '\n'; p += char_bytes(p))
        length++;
    for (; *text && *text != '\n' && n < width; n++) {
        size_t bytes = char_bytes(text);
        unsigned char c = (unsigned char)*text;
        if (length > width && n + 3 >= width)
            buf_addc(out, '.');
        else if (c == '\t')
            buf_addc(out, ' ');
        else if (c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)text[1] < 0xa0))
            buf_addc(out, '?');
        else
            buf_add(out, text, bytes);
        text += bytes;
    }
    for (; fill && n < width; n++)
        buf_addc(out, ' ');
    return n;
}

/* "BM=64, TN=8" */
static void add_values(struct buf *out, const json_t *values)
{
    const char *name, *between = "";
    json_t *value;

    json_object_foreach((json_t *)values, name, value)
    {
        buf_adds(out, between);
        report_cell(out, name, REPORT_WIDTH, false);
        if (json_is_integer(value))
            buf_addf(out, "=%lld", (long long)json_integer_value(value));
        else if (json_is_number(value))
            buf_addf(out, "=%g", json_number_value(value));
        else if (json_is_string(value)) {
            buf_addc(out, '=');
            report_cell(out, json_string_value(value), REPORT_WIDTH, false);
        }
        between = ", ";
    }
}

static void add_values_cell(struct buf *out, const json_t *values, size_t width)
{
    struct buf text;

    buf_init(&text, BUF_LIMIT);
    add_values(&text, values);
    report_cell(out, buf_text(&text), width, true);
    buf_release(&text);
}

/* ---- the head ------------------------------------------------------------------------------- */

static void write_budget(const json_t *budget, struct buf *out)
{
    const char *name, *between = "  budget     ";
    json_t *value;

    json_object_foreach((json_t *)budget, name, value)
    {
        if (!json_is_number(value) || json_number_value(value) >= 1e9) /* no limit */
            continue;
        buf_addf(out, "%s", between);
        report_cell(out, name, 24, false);
        buf_addf(out, " %g", json_number_value(value));
        between = ", ";
    }
    if (between[0] == ',')
        buf_addc(out, '\n');
}

static void add_time(struct buf *out, const json_t *times, size_t i)
{
    const json_t *us = json_array_get(times, i);

    if (json_is_number(us) && json_number_value(us) > 0)
        buf_addf(out, " %12.2f", json_number_value(us));
    else
        buf_addf(out, " %12s", "-");
}

static bool is_energy(const json_t *report)
{
    return *report_string(json_object_get(report, "about"), "unit") != '\0';
}

static void write_workloads(const json_t *report, struct buf *out)
{
    const json_t *workloads = json_object_get(json_object_get(report, "about"), "workloads"),
                 *baseline = json_object_get(report, "baseline"), *workload;
    bool energy = is_energy(report);
    size_t i;

    if (json_array_size(workloads) == 0)
        return;
    buf_addf(out, "\n  %-40s %7s %12s %12s %12s\n", "workload", "weight",
             energy ? "original uJ" : "original us", energy ? "best uJ" : "best us", "floor us");
    json_array_foreach((json_t *)workloads, i, workload)
    {
        buf_adds(out, "  ");
        report_cell(out, report_string(workload, "label"), 40, true);
        buf_addf(out, " %7g",
                 report_has(workload, "weight") ? report_number(workload, "weight") : 1);
        add_time(out, json_object_get(baseline, "us"), i);
        add_time(out, json_object_get(json_object_get(report, "best"), "us"), i);
        add_time(out, json_object_get(baseline, "floor_us"), i);
        buf_addc(out, '\n');
    }
    if (report_number(baseline, "noise") > 0)
        buf_addf(out, "  the noise of the original is %.2f %%\n",
                 100 * report_number(baseline, "noise"));
}

static void add_field(struct buf *out, const char *name, const char *text)
{
    if (!*text)
        return;
    buf_addf(out, "  %-10s ", name);
    report_cell(out, text, REPORT_WIDTH - 13, false);
    buf_addc(out, '\n');
}

static void write_head(const json_t *report, struct buf *out)
{
    const json_t *about = json_object_get(report, "about");

    add_field(out, "entry", report_string(about, "entry"));
    add_field(out, "file", report_string(about, "file"));
    add_field(out, "GPU", report_string(about, "gpu"));
    add_field(out, "key", report_string(about, "key"));
    add_field(out, "started", report_string(about, "started"));
    add_field(out, "ksnvcc", report_string(about, "version"));
    add_field(out, "state", report_string(report, "state"));
    write_budget(json_object_get(about, "budget"), out);
    write_workloads(report, out);
}

/* ---- time ----------------------------------------------------------------------------------- */

static void write_pace(const json_t *pace, struct buf *out)
{
    if (report_number(pace, "rate") > 0)
        buf_addf(out, "  %-26s %9.1f\n", "variants a second", report_number(pace, "rate"));
    if (report_number(pace, "explore_rate") > 0)
        buf_addf(out, "  %-26s %9.1f\n", "... before the verdict",
                 report_number(pace, "explore_rate"));
    if (report_has(pace, "busy"))
        buf_addf(out, "  %-26s %9.0f %%\n", "GPU busy", 100 * report_number(pace, "busy"));
    if (report_has(pace, "explore_busy"))
        buf_addf(out, "  %-26s %9.0f %%\n", "... before the verdict",
                 100 * report_number(pace, "explore_busy"));
    if (report_has(pace, "gain_left"))
        buf_addf(out, "  %-26s %9.1f %%\n", "as long again would gain",
                 100 * report_number(pace, "gain_left"));
}

static void write_time(const json_t *report, struct buf *out)
{
    static const struct {
        const char *name, *text;
    } kinds[] = {{"gpu", "GPU, checking and timing"},
                 {"compile", "waiting for compilers"},
                 {"model", "waiting for models"},
                 {"idle", "GPU idle"}};
    const json_t *time = json_object_get(report, "time");
    double searched = report_number(report, "searched");
    double run = report_number(json_object_get(report, "pace"), "seconds");
    double all = run > 0 ? run : searched;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        double seconds = report_number(time, kinds[i].name), part = all > 0 ? seconds / all : 0;
        if (!report_has(time, kinds[i].name))
            continue;
        buf_addf(out, "  %-26s %9.1f s", kinds[i].text, seconds);
        if (all > 0)
            buf_addf(out, " %4.0f %%%s", 100 * part, BAR * part > 0.5 ? "  " : "");
        for (int k = 0; k < BAR && k + 0.5 < BAR * part; k++)
            buf_addc(out, '#');
        buf_addc(out, '\n');
    }
    buf_addf(out, "  %-26s %9.1f s\n", "searched", searched);
    if (searched > 1.05 * all + 0.1) /* an earlier run did the rest */
        buf_addf(out, "  %-26s %9.1f s\n", "... all this in its last", all);
    write_pace(json_object_get(report, "pace"), out);
    if (strcmp(report_string(time, "from"), "facts") == 0)
        buf_adds(out, "  (sums: what was done at the same time counts twice)\n");
}

/* ---- the curve ------------------------------------------------------------------------------ */

/* the best score of the first n trials */
static double best_of(const json_t *improved, double n)
{
    double best = 1;
    json_t *trial;
    size_t i;

    json_array_foreach((json_t *)improved, i, trial)
    {
        if (report_number(trial, "trial") <= n)
            best = report_number(trial, "score");
    }
    return best;
}

double report_depth(double score, double best)
{
    return log(score) / log(best);
}

double report_score_at(double depth, double best)
{
    return pow(best, depth);
}

/* the plot, which a page has as a picture */
static void write_plot(const json_t *report, struct buf *out)
{
    const json_t *improved = json_object_get(report, "improved");
    double n = (double)json_array_size(json_object_get(report, "trials")),
           low = best_of(improved, n);
    int row_of[PLOT_WIDTH];
    bool better[PLOT_WIDTH];

    if (n < 1 || low >= 1 || low <= 0)
        return;
    for (int x = 0; x < PLOT_WIDTH; x++) {
        double at = floor(n * x / (PLOT_WIDTH - 1)), before = floor(n * (x - 1) / (PLOT_WIDTH - 1));
        double score = best_of(improved, at);
        row_of[x] = (int)lround(report_depth(score, low) * (PLOT_HEIGHT - 1));
        better[x] = x > 0 && score < best_of(improved, before);
    }
    for (int y = 0; y < PLOT_HEIGHT; y++) {
        char line[PLOT_WIDTH + 1] = "";
        int end = 0;
        for (int x = 0; x < PLOT_WIDTH; x++) {
            line[x] = row_of[x] != y ? ' ' : better[x] ? '*' : '-';
            end = line[x] != ' ' ? x + 1 : end;
        }
        buf_addf(out, "  %7.3f |%.*s\n", report_score_at((double)y / (PLOT_HEIGHT - 1), low), end,
                 line);
    }
    buf_addf(out, "  %7s +", "");
    for (int x = 0; x < PLOT_WIDTH; x++)
        buf_addc(out, '-');
    buf_addf(out, "\n  %7s  %-*d%d trials\n\n", "", PLOT_WIDTH - 8, 0, (int)n);
}

static void write_improved(const json_t *report, struct buf *out)
{
    const json_t *improved = json_object_get(report, "improved");
    json_t *trial;
    size_t i;

    if (json_array_size(improved) == 0)
        return;
    buf_addf(out, "  %6s %10s  %-28s %-30s %7s %8s\n", "trial", "at", "structure", "values",
             "score", "speed-up");
    json_array_foreach((json_t *)improved, i, trial)
    {
        double score = report_number(trial, "score");
        buf_addf(out, "  %6.0f", report_number(trial, "trial"));
        if (report_has(trial, "at"))
            buf_addf(out, " %8.1f s  ", report_number(trial, "at"));
        else
            buf_addf(out, " %10s  ", "-");
        report_cell(out, report_string(trial, "name"), 28, true);
        buf_addc(out, ' ');
        add_values_cell(out, json_object_get(trial, "values"), 30);
        buf_addf(out, " %7.3f %7.3fx\n", score, 1 / score);
    }
}

/* ---- ideas ---------------------------------------------------------------------------------- */

static double idea_failures(const json_t *idea)
{
    const json_t *attempts = json_object_get(idea, "attempts");

    return report_number(attempts, "screen") + report_number(attempts, "build") +
           report_number(attempts, "check");
}

static double idea_attempts(const json_t *idea)
{
    const json_t *attempts = json_object_get(idea, "attempts");

    return idea_failures(idea) + report_number(attempts, "slow") + report_number(attempts, "gain");
}

static void write_idea(const json_t *idea, int depth, struct buf *out)
{
    const json_t *gain = json_object_get(idea, "gain");
    int indent = 2 * (depth < DEPTH_MOST ? depth : DEPTH_MOST);

    buf_addf(out, "  %*s%-3.0f ", indent, "", report_number(idea, "id"));
    report_cell(out, report_string(idea, "title"), (size_t)(42 - indent), true);
    if (json_array_size(gain) == 3)
        buf_addf(out, " %5.2f (%4.2f to %4.2f)", json_number_value(json_array_get(gain, 1)),
                 json_number_value(json_array_get(gain, 0)),
                 json_number_value(json_array_get(gain, 2)));
    else
        buf_addf(out, " %20s", "-");
    if (report_number(idea, "measured") > 0)
        buf_addf(out, " %7.2fx", report_number(idea, "measured"));
    else
        buf_addf(out, " %8s", "-");
    buf_addf(out, " %5.0f %6.0f  ", idea_attempts(idea), idea_failures(idea));
    report_cell(out, report_string(idea, "state"), 7, false);
    buf_addc(out, '\n');
}

/* children below their parents, by number; each once, whatever the numbers say */
static void write_ideas_below(const json_t *ideas, bool *done, double parent, int depth,
                              struct buf *out)
{
    size_t n = json_array_size(ideas) < IDEAS_MOST ? json_array_size(ideas) : IDEAS_MOST;

    for (size_t i = 0; i < n; i++) {
        const json_t *idea = json_array_get(ideas, i);
        if (done[i] || report_number(idea, "parent") != parent)
            continue;
        done[i] = true;
        write_idea(idea, depth, out);
        write_ideas_below(ideas, done, report_number(idea, "id"), depth + 1, out);
    }
}

static void write_ideas(const json_t *report, struct buf *out)
{
    const json_t *ideas = json_object_get(report, "ideas");
    size_t n = json_array_size(ideas), shown = n < IDEAS_MOST ? n : IDEAS_MOST;
    bool done[IDEAS_MOST] = {false};

    if (n == 0)
        return;
    buf_addf(out, "  %-3s %-42s %20s %8s %5s %6s  %s\n", "", "", "predicted gain", "measured",
             "tries", "failed", "state");
    write_idea(json_array_get(ideas, 0), 0, out); /* the root, its own parent */
    done[0] = true;
    write_ideas_below(ideas, done, report_number(json_array_get(ideas, 0), "id"), 1, out);
    for (size_t i = 0; i < shown; i++)
        if (!done[i]) /* whose parent is not there */
            write_idea(json_array_get(ideas, i), 0, out);
    if (n > shown)
        buf_addf(out, "  and %zu more\n", n - shown);
}

/* ---- outcomes, models, the end -------------------------------------------------------------- */

static void write_error(const char *text, struct buf *out)
{
    for (int line = 0; *text && line < ERROR_LINES; line++) {
        buf_adds(out, "               ");
        report_cell(out, text, REPORT_WIDTH - 15, false);
        buf_addc(out, '\n');
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
}

static void write_outcomes(const json_t *report, struct buf *out)
{
    const json_t *outcomes = json_object_get(report, "outcomes");
    json_t *outcome;
    size_t i;

    json_array_foreach((json_t *)outcomes, i, outcome)
    {
        const json_t *first = json_object_get(outcome, "first");
        buf_adds(out, "  ");
        report_cell(out, report_string(outcome, "state"), 8, true);
        buf_addf(out, " %6.0f", report_number(outcome, "count"));
        if (*report_string(first, "why")) {
            buf_addf(out, "  the first: trial %.0f, ", report_number(first, "trial"));
            report_cell(out, report_string(first, "name"), 30, false);
            buf_addc(out, ' ');
            add_values_cell(out, json_object_get(first, "values"), 28);
        }
        while (out->len && out->data[out->len - 1] == ' ')
            out->data[--out->len] = '\0';
        buf_addc(out, '\n');
        write_error(report_string(first, "why"), out);
    }
}

static void write_models(const json_t *report, struct buf *out)
{
    const json_t *models = json_object_get(report, "models");
    json_t *model;
    size_t i;

    if (json_array_size(models) == 0)
        return;
    buf_addf(out, "  %-30s %-8s %6s %7s %11s %11s %9s %9s\n", "model", "role", "calls", "failed",
             "tokens in", "out", "money", "seconds");
    json_array_foreach((json_t *)models, i, model)
    {
        buf_adds(out, "  ");
        report_cell(out, report_string(model, "model"), 30, true);
        buf_addc(out, ' ');
        report_cell(out, report_string(model, "role"), 8, true);
        buf_addf(out, " %6.0f %7.0f %11.0f %11.0f %9.4f %9.1f\n", report_number(model, "calls"),
                 report_number(model, "failed"), report_number(model, "tokens_in"),
                 report_number(model, "tokens_out"), report_number(model, "money"),
                 report_number(model, "seconds"));
        write_error(report_string(model, "why"), out);
    }
}

static void write_end(const json_t *report, struct buf *out)
{
    const json_t *best = json_object_get(report, "best"), *end = json_object_get(report, "end"),
                 *record = json_object_get(end, "record");
    struct buf values;

    if (json_is_object(best)) {
        double score = report_number(best, "score");
        buf_init(&values, BUF_LIMIT);
        add_values(&values, json_object_get(best, "values"));
        add_field(out, "structure", report_string(best, "name"));
        add_field(out, "values", buf_text(&values));
        buf_addf(out, "  %-10s %.3f of the original's %s, %.3fx, in trial %.0f\n", "score", score,
                 is_energy(report) ? "energy" : "time", 1 / score, report_number(best, "trial"));
        buf_release(&values);
    } else
        buf_adds(out, "  nothing is faster than the original so far\n");
    if (json_array_size(json_object_get(record, "winners")))
        buf_addf(out, "  %-10s %.3fx (99 %%: %.3f to %.3f)\n", "proven",
                 report_number(record, "ratio"), report_number(record, "low"),
                 report_number(record, "high"));
    else if (json_is_object(record))
        buf_addf(out, "  %-10s no gain\n", "proven");
    add_field(out, "ended", report_string(end, "reason"));
}

const struct report_part report_parts[] = {
    {"Search", write_head},
    {"Where the time went", write_time},
    {"Best so far, over the original", write_improved},
    {"Ideas", write_ideas},
    {"Trials by outcome", write_outcomes},
    {"Models", write_models},
    {"The best", write_end},
    {NULL, NULL},
};

void report_text(const json_t *report, struct buf *out)
{
    struct buf text;

    for (const struct report_part *part = report_parts; part->title; part++) {
        buf_init(&text, BUF_LIMIT);
        if (part->write == write_improved)
            write_plot(report, &text);
        part->write(report, &text);
        if (text.len) {
            buf_addf(out, "%s%s", out->len ? "\n" : "", part->title);
            if (part == report_parts) {
                buf_addc(out, ' ');
                report_cell(out, report_string(report, "run"), REPORT_WIDTH - 10, false);
            }
            buf_addf(out, "\n%s", buf_text(&text));
        }
        buf_release(&text);
    }
}
