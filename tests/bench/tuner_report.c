/* tests/bench/tuner_report.c */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "runtime/base/log.h"
#include "tests/bench/tuner.h"

struct mean {
    double value, error; /* standard error of it */
    size_t n;            /* spaces; 0: nothing was run */
};

typedef double run_value(const struct run *run, size_t arg);

static double found_at(const struct run *run, size_t evals)
{
    return (double)run->found[evals - 1];
}

static double found_by(const struct run *run, size_t i)
{
    return (double)run->seconds[i];
}

static double suggestion_ms(const struct run *run, size_t late)
{
    return (double)(late ? run->late_ms : run->ms);
}

static double megabytes(const struct run *run, size_t arg)
{
    (void)arg;
    return (double)run->mb;
}

static struct mean mean_of_space(const struct bench *b, size_t study, size_t space,
                                 run_value *value, size_t arg)
{
    double sum = 0, squares = 0, n = 0;

    for (size_t i = 0; i < b->seeds; i++) {
        const struct run *run = bench_run(b, study, space, i);
        double x = run->is ? value(run, arg) : 0;
        n += run->is;
        sum += x;
        squares += x * x;
    }
    if (!(n > 0))
        return (struct mean){0, 0, 0};
    double mean = sum / n, variance = squares / n - mean * mean;
    return (struct mean){mean, n > 1 && variance > 0 ? sqrt(variance / (n - 1)) : 0, 1};
}

/* the mean over spaces of the mean over seeds */
static struct mean mean_of(const struct bench *b, size_t study, run_value *value, size_t arg)
{
    struct mean all = {0, 0, 0};

    for (size_t i = 0; i < b->nspaces; i++) {
        struct mean one = mean_of_space(b, study, i, value, arg);
        all.value += one.value;
        all.error += one.error * one.error;
        all.n += one.n;
    }
    if (all.n) {
        all.value /= (double)all.n;
        all.error = sqrt(all.error) / (double)all.n;
    }
    return all;
}

static double most_of(const struct bench *b, size_t study, run_value *value, size_t arg)
{
    double most = 0;

    for (size_t i = 0; i < b->nspaces; i++) {
        struct mean one = mean_of_space(b, study, i, value, arg);
        most = one.value > most ? one.value : most;
    }
    return most;
}

/* ---- lessons -------------------------------------------------------------------------------- */

/* the mean of a kernel's spaces, which have the same slots, and are neighbours in order */
static void lesson_curve(const struct bench *b, size_t first, size_t end, size_t curve, FILE *out)
{
    fprintf(out, "    {\"%s\", {", b->lesson[first]->curve[curve].slot);
    for (size_t k = 0; k < KNOTS; k++) {
        double sum = 0;
        for (size_t i = first; i < end; i++)
            sum += (double)b->lesson[i]->curve[curve].at[k] / (double)(end - first);
        fprintf(out, "%s%.2fF", k ? ", " : "", fabs(sum) < 0.005 ? 0.0 : round(sum * 100) / 100);
    }
    fprintf(out, "}},\n");
}

void report_lessons(const struct bench *b, FILE *out)
{
    size_t end, n = 0;

    fprintf(out,
            "/* driver/search/tune_shipped.c - lessons for the first search of all: written by\n"
            " *\n *     build/tests/bench/tuner --learn tests/data/spaces\n *\n"
            " * from the times that are recorded there. */\n"
            "#include \"driver/search/tune_lesson.h\"\n\n/* clang-format off */\n");
    for (size_t i = 0; i < b->nspaces; i = end) {
        for (end = i + 1;
             end < b->nspaces && strcmp(b->lesson[i]->name, b->lesson[end]->name) == 0;)
            end++;
        fprintf(out, "static const struct curve LESSON_%zu[] = {\n", n++);
        for (size_t c = 0; c < b->lesson[i]->n; c++)
            lesson_curve(b, i, end, c, out);
        fprintf(out, "};\n");
    }
    fprintf(out, "\nconst struct lesson LESSONS_SHIPPED[] = {\n");
    n = 0;
    for (size_t i = 0; i < b->nspaces; i = end, n++) {
        for (end = i + 1;
             end < b->nspaces && strcmp(b->lesson[i]->name, b->lesson[end]->name) == 0;)
            end++;
        fprintf(out, "    {\"%s\", LESSON_%zu, sizeof LESSON_%zu / sizeof *LESSON_%zu},\n",
                b->lesson[i]->name, n, n, n);
    }
    fprintf(out, "};\n/* clang-format on */\nconst size_t LESSONS_SHIPPED_N = "
                 "sizeof LESSONS_SHIPPED / sizeof *LESSONS_SHIPPED;\n");
}

/* ---- the peer ------------------------------------------------------------------------------- */

/* over the spaces of ours that it was run on */
static struct mean peer_mean(const struct bench *b, size_t mark)
{
    struct mean m = {0, 0, 0};

    for (size_t i = 0; i < b->nspaces; i++) {
        const struct peer_row *r = peer_find(&b->peer, b->space[i]->name);
        if (!r)
            continue;
        m.value += r->mean[mark];
        m.error += r->sd[mark] * r->sd[mark] / (double)b->peer.seeds;
        m.n++;
    }
    m.value /= m.n ? (double)m.n : 1;
    m.error = sqrt(m.error) / (m.n ? (double)m.n : 1);
    return m;
}

static void text_peer(const struct bench *b, size_t study, FILE *out)
{
    if (!peer_mean(b, 0).n || !mean_of(b, study, found_at, 1).n)
        return;
    fprintf(out, "\n%s, and %s:\n", STUDY[study].name, b->peer.title);
    for (size_t i = 0; i < b->nspaces; i++) {
        const struct peer_row *r = peer_find(&b->peer, b->space[i]->name);
        if (!r)
            continue;
        fprintf(out, "%-22s", b->space[i]->name);
        for (size_t k = 0; k < PEER_MARKS; k++)
            fprintf(out, "  %zu: %.3f %.3f", PEER_MARK[k],
                    mean_of_space(b, study, i, found_at, PEER_MARK[k]).value, r->mean[k]);
        fputc('\n', out);
    }
    fprintf(out, "%-22s", "mean");
    for (size_t k = 0; k < PEER_MARKS; k++)
        fprintf(out, "  %zu: %.3f %.3f", PEER_MARK[k],
                mean_of(b, study, found_at, PEER_MARK[k]).value, peer_mean(b, k).value);
    fputc('\n', out);
}

static json_t *json_peer(const struct bench *b)
{
    json_t *spaces = json_object(), *all = json_object();

    for (size_t k = 0; k < PEER_MARKS; k++) {
        char name[32];
        struct mean m = peer_mean(b, k);
        snprintf(name, sizeof name, "%zu", PEER_MARK[k]);
        json_object_set_new(all, name, json_pack("{s:f, s:f}", "mean", m.value, "error", m.error));
        for (size_t i = 0; i < b->nspaces; i++) {
            const struct peer_row *r = peer_find(&b->peer, b->space[i]->name);
            if (!r)
                continue;
            if (!json_object_get(spaces, r->space))
                json_object_set_new(spaces, r->space, json_object());
            json_object_set_new(json_object_get(spaces, r->space), name,
                                json_pack("{s:f, s:f}", "mean", r->mean[k], "error",
                                          r->sd[k] / sqrt((double)b->peer.seeds)));
        }
    }
    return json_pack("{s:s, s:o, s:o}", "title", b->peer.title, "found", all, "spaces", spaces);
}

/* ---- text ----------------------------------------------------------------------------------- */

static void text_row(const struct bench *b, size_t study, FILE *out)
{
    struct mean m = mean_of(b, study, found_at, 1), error;

    if (!m.n)
        return;
    fprintf(out, "%-24s %6zu", STUDY[study].name, m.n);
    for (size_t k = 0; k < MARKS; k++)
        fprintf(out, " %6.3f", mean_of(b, study, found_at, MARK[k]).value);
    error = mean_of(b, study, found_at, 50);
    fprintf(out, "  %.3f |", error.error);
    for (size_t k = 0; k < SECONDS; k++)
        fprintf(out, " %6.3f", mean_of(b, study, found_by, k).value);
    fprintf(out, " | %6.2f %6.2f %5.0f\n", mean_of(b, study, suggestion_ms, 0).value,
            most_of(b, study, suggestion_ms, 1), most_of(b, study, megabytes, 0));
}

void report_text(const struct bench *b, FILE *out)
{
    fprintf(
        out,
        "Best time there is / best time found, mean over %zu seeds (some of the rows below the "
        "first "
        "three: over a\nhalf or a third of them), then over spaces. surrogate: with the lessons "
        "that it "
        "ships with, which were\nlearned from the recorded spaces of this project; new kernel: "
        "with those "
        "of the folder's other kernels\nonly, which no GPU of its own kernel is in; mistaught: "
        "with all of "
        "them, upside down; untaught: with none.\nBy seconds: of compiling and measuring, as were "
        "recorded, when so many random evaluations would be\nover. Processor time a suggestion: "
        "mean, and "
        "of the slowest space from 150 to 200.\n\n",
        b->seeds);
    fprintf(out, "%-24s %6s %41s  %5s | %27s | %13s\n", "", "", "at evaluation", "+-",
            "by seconds of", "ms");
    fprintf(out, "%-24s %6s", "tuner", "spaces");
    for (size_t k = 0; k < MARKS; k++)
        fprintf(out, " %6zu", MARK[k]);
    fprintf(out, "  %5s |", "at 50");
    for (size_t k = 0; k < SECONDS; k++)
        fprintf(out, " %6zu", SECONDS_OF[k]);
    fprintf(out, " | %6s %6s %5s\n", "mean", "late", "MB");
    for (size_t study = 0; study < STUDIES; study++)
        text_row(b, study, out);
    for (size_t study = 0; study < STUDIES; study++)
        if (STUDY[study].kind == TUNER_GA)
            text_peer(b, study, out);
    for (size_t study = 0; study < STUDIES; study++) {
        if (STUDY[study].kind != TUNER_SURROGATE || STUDY[study].batch > 1 ||
            !mean_of(b, study, found_at, 1).n)
            continue;
        fprintf(out, "\n%s:\n", STUDY[study].name);
        for (size_t i = 0; i < b->nspaces; i++) {
            if (!mean_of_space(b, study, i, found_at, 1).n)
                continue;
            fprintf(out, "%-22s %6zu", b->space[i]->name, b->space[i]->n);
            for (size_t k = 0; k < MARKS; k++)
                fprintf(out, " %6.3f", mean_of_space(b, study, i, found_at, MARK[k]).value);
            fputc('\n', out);
        }
    }
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static json_t *json_marks(const struct bench *b, size_t study, size_t space)
{
    json_t *all = json_object();
    char name[32];

    for (size_t k = 0; k < MARKS; k++) {
        struct mean m = space < b->nspaces ? mean_of_space(b, study, space, found_at, MARK[k])
                                           : mean_of(b, study, found_at, MARK[k]);
        snprintf(name, sizeof name, "%zu", MARK[k]);
        json_object_set_new(all, name, json_pack("{s:f, s:f}", "mean", m.value, "error", m.error));
    }
    return all;
}

static json_t *json_seconds(const struct bench *b, size_t study)
{
    json_t *all = json_object();
    char name[32];

    for (size_t k = 0; k < SECONDS; k++) {
        struct mean m = mean_of(b, study, found_by, k);
        snprintf(name, sizeof name, "%zu", SECONDS_OF[k]);
        json_object_set_new(all, name, json_pack("{s:f, s:f}", "mean", m.value, "error", m.error));
    }
    return all;
}

static json_t *json_study(const struct bench *b, size_t study)
{
    json_t *spaces = json_object();

    for (size_t i = 0; i < b->nspaces; i++)
        if (mean_of_space(b, study, i, found_at, 1).n)
            json_object_set_new(spaces, b->space[i]->name, json_marks(b, study, i));
    return json_pack("{s:s, s:s, s:I, s:s, s:s, s:o, s:o, s:f, s:f, s:f, s:o}", "name",
                     STUDY[study].name, "tuner", tuner_kind_name(STUDY[study].kind), "batch",
                     (json_int_t)STUDY[study].batch, "start",
                     STUDY[study].start == COLD   ? "cold"
                     : STUDY[study].start == WARM ? "warm"
                                                  : "misled",
                     "taught",
                     STUDY[study].taught == SHIPPED  ? "shipped"
                     : STUDY[study].taught == OTHERS ? "other kernels"
                     : STUDY[study].taught == WRONG  ? "upside down"
                                                     : "nothing",
                     "found", json_marks(b, study, b->nspaces), "by_seconds",
                     json_seconds(b, study), "ms", mean_of(b, study, suggestion_ms, 0).value,
                     "late_ms_most", most_of(b, study, suggestion_ms, 1), "mb_most",
                     most_of(b, study, megabytes, 0), "spaces", spaces);
}

int report_json(const struct bench *b, FILE *out)
{
    json_t *all = json_pack("{s:s, s:I, s:[]}", "folder", b->folder, "seeds", (json_int_t)b->seeds,
                            "studies");
    int rc;

    for (size_t study = 0; study < STUDIES; study++)
        if (mean_of(b, study, found_at, 1).n)
            json_array_append_new(json_object_get(all, "studies"), json_study(b, study));
    if (peer_mean(b, 0).n)
        json_object_set_new(all, "peer", json_peer(b));
    rc = json_dumpf(all, out, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    fputc('\n', out);
    json_decref(all);
    return rc;
}

/* ---- SVG ------------------------------------------------------------------------------------ */

enum { WIDTH = 760, HEIGHT = 460, LEFT = 60, RIGHT = 180, TOP = 20, BOTTOM = 50 };
#define LEAST 0.5

static double svg_x(double evals)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * log(evals) / log(EVALS);
}

static double svg_y(double found)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - found) / (1 - LEAST);
}

static void svg_axes(FILE *out)
{
    static const int at[] = {1, 2, 5, 10, 25, 50, 100, 200};

    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        fprintf(out,
                "<path d='M%.1f %d V%d' stroke='#ddd'/><text x='%.1f' y='%d' "
                "text-anchor='middle'>%d</text>\n",
                svg_x(at[i]), TOP, HEIGHT - BOTTOM, svg_x(at[i]), HEIGHT - BOTTOM + 18, at[i]);
    for (int i = 0; i <= 5; i++)
        fprintf(out,
                "<path d='M%d %.1f H%d' stroke='#ddd'/><text x='%d' y='%.1f' "
                "text-anchor='end'>%.1f</text>\n",
                LEFT, svg_y(LEAST + 0.1 * i), WIDTH - RIGHT, LEFT - 8, svg_y(LEAST + 0.1 * i) + 4,
                LEAST + 0.1 * i);
    fprintf(out, "<text x='%d' y='%d' text-anchor='middle'>evaluations</text>\n",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12);
    fprintf(out,
            "<text transform='translate(16 %d) rotate(-90)' text-anchor='middle'>best time / best "
            "found</text>\n",
            (TOP + HEIGHT - BOTTOM) / 2);
}

static void svg_curve(const struct bench *b, size_t study, size_t row, FILE *out)
{
    static const char *const color[STUDIES] = {
        "#888888", "#b8860b", "#1f4fa0", "#5b9bd5", "#9dc3e6", "#1e7d4f", "#5fb58a",
        "#a5d6bf", "#2f9e9e", "#a0522d", "#d08770", "#c0392b", "#7b5ea7"};
    bool pen = false;

    fprintf(out, "<path fill='none' stroke-width='2' stroke='%s' d='", color[study]);
    for (size_t i = 1; i <= EVALS; i++) {
        double found = mean_of(b, study, found_at, i).value;
        if (found < LEAST)
            continue;
        fprintf(out, "%c%.1f %.1f ", pen ? 'L' : 'M', svg_x((double)i), svg_y(found));
        pen = true;
    }
    fprintf(out, "'/>\n<text x='%d' y='%zu' fill='%s'>%s</text>\n", WIDTH - RIGHT + 10,
            TOP + 20 + 20 * row, color[study], STUDY[study].name);
}

int report_svg(const struct bench *b, const char *path)
{
    FILE *out = fopen(path, "w");
    size_t row = 0;

    if (!out) {
        log_line("cannot write %s: %s", path, strerror(errno));
        return -1;
    }
    fprintf(out,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif' "
            "font-size='13'>\n<rect width='100%%' height='100%%' fill='white'/>\n",
            WIDTH, HEIGHT);
    svg_axes(out);
    for (size_t study = 0; study < STUDIES; study++)
        if (mean_of(b, study, found_at, 1).n)
            svg_curve(b, study, row++, out);
    for (size_t k = 0; peer_mean(b, 0).n && k < PEER_MARKS; k++)
        fprintf(out,
                "<circle cx='%.1f' cy='%.1f' r='4' fill='#b8860b'><title>%s</title></circle>\n",
                svg_x((double)PEER_MARK[k]), svg_y(peer_mean(b, k).value), b->peer.title);
    if (peer_mean(b, 0).n)
        fprintf(out, "<text x='%d' y='%zu' fill='#b8860b'>&#9679; Kernel Tuner's own</text>\n",
                WIDTH - RIGHT + 10, TOP + 20 + 20 * row);
    fprintf(out, "</svg>\n");
    return fclose(out) ? -1 : 0;
}
