/* driver/profile_text.c - a profile for a terminal: what the card can do, then each workload with
 * its codes, what limits each, its kernels and counters, and the roofline of all. */
#include "driver/profile.h"

#include <string.h>

#include "driver/report_impl.h"
#include "driver/roofline.h"
#include "driver/search/counted.h"
#include "driver/search/evidence.h"

enum { TEXT_INDENT = 6, COUNTERS_MOST = 64 };

static void add_value(struct buf *out, double x, const char *unit)
{
    roofline_number(x, out);
    buf_adds(out, unit);
}

/* "  name        " */
static void add_head(struct buf *out, const char *name)
{
    buf_addf(out, "    %-12s", name);
}

static void add_word(struct buf *out, const char *text, size_t len)
{
    struct buf word;
    buf_init(&word, BUF_LIMIT);
    buf_add(&word, text, len);
    report_cell(out, buf_text(&word), len, false);
    buf_release(&word);
}

/* text in lines of the terminal's width, each indented; a text's own lines stay lines */
static void add_wrapped(struct buf *out, const char *text, int indent)
{
    int at = 0;
    while (*text) {
        size_t word = strcspn(text, " \n");
        if (at > indent && (size_t)at + 1 + word > REPORT_WIDTH) {
            buf_addc(out, '\n');
            at = 0;
        }
        if (at == 0)
            buf_addf(out, "%*s", indent, ""), at = indent;
        else if (at > indent)
            buf_addc(out, ' '), at++;
        add_word(out, text, word);
        at += (int)word;
        text += word;
        if (*text == '\n' && text[1])
            buf_addc(out, '\n'), at = 0;
        text += strspn(text, " \n");
    }
    buf_addc(out, '\n');
}

/* ---- the head ------------------------------------------------------------------------------- */

static void add_ceilings(const json_t *profile, struct buf *out)
{
    const json_t *ceilings = json_object_get(profile, "ceilings"), *value;
    const char *name;
    buf_adds(out, "  card  ");
    report_cell(out, report_string(json_object_get(profile, "gpu"), "name"), 40, false);
    buf_adds(out, report_has(ceilings, "bandwidth") ? ": copies " : ": bandwidth not known");
    if (report_has(ceilings, "bandwidth"))
        add_value(out, report_number(ceilings, "bandwidth"), "B/s");
    json_object_foreach(json_object_get(ceilings, "ops"), name, value)
    {
        buf_addf(out, ", %s ", name);
        add_value(out, json_number_value(value), "op/s");
    }
    buf_addc(out, '\n');
}

/* ---- one code ------------------------------------------------------------------------------- */

static void add_time(const json_t *code, struct buf *out)
{
    add_head(out, "time");
    buf_addf(out, "%.2f us (quartiles %.2f to %.2f)", report_number(code, "us"),
             report_number(code, "low_us"), report_number(code, "high_us"));
    if (report_number(code, "mhz") > 0)
        buf_addf(out, "; SM %.0f MHz", report_number(code, "mhz"));
    if (report_has(code, "launches"))
        buf_addf(out, "; %.0f a sample, %.0f sets, %s", report_number(code, "launches"),
                 report_number(code, "sets"),
                 json_is_true(json_object_get(code, "graph")) ? "in a graph" : "not in a graph");
    buf_addc(out, '\n');
    if (!report_has(code, "counted_us"))
        return;
    add_head(out, "kernels");
    buf_addf(out, "%.2f us counted", report_number(code, "counted_us"));
    if (report_number(code, "gaps_us") > 0)
        buf_addf(out, "; the other %.2f us are gaps, memsets, or clocks that differed",
                 report_number(code, "gaps_us"));
    buf_addc(out, '\n');
}

static void add_part(struct buf *out, double part, double of, const char *what)
{
    double percent = of > 0 ? 100 * part / of : 0;
    if (of > 0)
        buf_addf(out, ", %.*f %% of %s", percent < 1 ? 2 : percent < 10 ? 1 : 0, percent, what);
}

static void add_memory(const json_t *profile, const json_t *workload, const json_t *code,
                       struct buf *out)
{
    double copy = report_number(json_object_get(profile, "ceilings"), "bandwidth");
    if (report_has(code, "bandwidth")) {
        add_head(out, "declared");
        add_value(out, report_number(workload, "bytes"), "B at ");
        add_value(out, report_number(code, "bandwidth"), "B/s");
        add_part(out, report_number(code, "bandwidth"), copy, "a copy");
        if (report_has(workload, "floor_us"))
            buf_addf(out, "; at the least %.2f us", report_number(workload, "floor_us"));
        buf_addc(out, '\n');
    }
    if (report_has(code, "dram_bytes")) {
        add_head(out, "DRAM");
        add_value(out, report_number(code, "dram_bytes"), "B at ");
        add_value(out, report_number(code, "dram_bandwidth"), "B/s");
        add_part(out, report_number(code, "dram_bandwidth"), copy, "a copy");
        buf_addc(out, '\n');
    }
}

static void add_arithmetic(const json_t *code, struct buf *out)
{
    const char *name, *between = "";
    json_t *value;
    if (!report_has(code, "rate"))
        return;
    add_head(out, "arithmetic");
    json_object_foreach(json_object_get(code, "ops"), name, value)
    {
        buf_addf(out, "%s%s ", between, name);
        add_value(out, json_number_value(value), "op");
        between = ", ";
    }
    if (!*between)
        buf_adds(out, "no floating-point operations");
    if (report_number(code, "rate") > 0) {
        buf_adds(out, ": ");
        add_value(out, report_number(code, "rate"), "op/s");
        if (report_number(code, "ops_us") > 0)
            buf_addf(out, "; at the least %.2f us at this card's peak",
                     report_number(code, "ops_us"));
    }
    buf_addc(out, '\n');
}

static void add_counters(const json_t *kernel, struct buf *out)
{
    struct evidence_counter all[COUNTERS_MOST];
    const json_t *metrics = json_object_get(kernel, "metrics"), *value;
    const char *name;
    struct buf lines;
    size_t n = 0;
    json_object_foreach((json_t *)metrics, name, value)
    {
        if (n < COUNTERS_MOST && !counted_is_operation(name)) /* told above, added up */
            all[n++] = (struct evidence_counter){name, json_number_value(value)};
    }
    buf_init(&lines, 1 << 16);
    evidence_counter_lines(all, n, &lines);
    if (n)
        add_wrapped(out, buf_text(&lines), TEXT_INDENT + 2);
    buf_release(&lines);
}

static void add_kernels(const json_t *code, struct buf *out)
{
    const json_t *kernels = json_object_get(code, "kernels"), *k;
    size_t i;
    json_array_foreach(kernels, i, k)
    {
        struct buf text;
        buf_init(&text, 1 << 16);
        if (report_has(k, "share"))
            buf_addf(&text, "%.0f %% of the kernels' time, %.2f us a launch: ",
                     100 * report_number(k, "share"), report_number(k, "us"));
        buf_adds(&text, report_string(k, "text"));
        add_wrapped(out, buf_text(&text), TEXT_INDENT);
        buf_release(&text);
        add_counters(k, out);
    }
}

static void add_limit(const json_t *code, struct buf *out)
{
    struct buf text;
    const char *limit = report_string(code, "limit");
    if (!*limit)
        return;
    buf_init(&text, 1 << 16);
    buf_addf(&text, "%s%s: %s.", limit, strcmp(limit, "unknown") == 0 ? "" : "-bound",
             report_string(code, "why"));
    if (*report_string(code, "advice"))
        buf_addf(&text, " What helps: %s.", report_string(code, "advice"));
    add_wrapped(out, buf_text(&text), 4);
    buf_release(&text);
}

static void add_code(const json_t *profile, const json_t *workload, const json_t *code,
                     struct buf *out)
{
    buf_adds(out, "\n  ");
    report_cell(out, report_string(workload, "label"), 48, false);
    buf_adds(out, ": ");
    report_cell(out, report_string(code, "code"), 48, false);
    buf_addc(out, '\n');
    if (*report_string(code, "warning"))
        add_wrapped(out, report_string(code, "warning"), 4);
    if (*report_string(code, "error"))
        add_wrapped(out, report_string(code, "error"), 4);
    if (!report_has(code, "us"))
        return;
    add_time(code, out);
    add_memory(profile, workload, code, out);
    add_arithmetic(code, out);
    add_limit(code, out);
    add_kernels(code, out);
}

/* ---- the roofline --------------------------------------------------------------------------- */

static size_t roofs_of(const json_t *profile, struct roofline_roof roofs[CEILING_TYPES])
{
    const json_t *ops = json_object_get(json_object_get(profile, "ceilings"), "ops");
    size_t n = 0;
    for (int i = 0; i < CEILING_TYPES; i++)
        if (report_has(ops, ceiling_name(i)))
            roofs[n++] =
                (struct roofline_roof){ceiling_name(i), report_number(ops, ceiling_name(i))};
    return n;
}

static void add_roofline(const json_t *profile, struct buf *out)
{
    struct roofline_roof roofs[CEILING_TYPES];
    struct roofline_point points[ROOFLINE_POINTS];
    struct buf names[ROOFLINE_POINTS], text;
    size_t nroofs = roofs_of(profile, roofs), n = 0, i, k;
    json_t *w, *c;
    json_array_foreach(json_object_get(profile, "workloads"), i, w)
    {
        json_array_foreach(json_object_get(w, "codes"), k, c)
        {
            if (n == ROOFLINE_POINTS || !report_has(c, "intensity"))
                continue;
            buf_init(&names[n], 1 << 12);
            report_cell(&names[n], report_string(w, "label"), 30, false);
            buf_adds(&names[n], ": ");
            report_cell(&names[n], report_string(c, "code"), 24, false);
            points[n] = (struct roofline_point){buf_text(&names[n]), report_number(c, "intensity"),
                                                report_number(c, "rate"), report_number(c, "roof")};
            n++;
        }
    }
    buf_init(&text, 1 << 16);
    roofline_text(report_number(json_object_get(profile, "ceilings"), "bandwidth"), roofs, nroofs,
                  points, n, &text);
    if (text.len)
        buf_addf(out, "\n%s", buf_text(&text));
    buf_release(&text);
    for (i = 0; i < n; i++)
        buf_release(&names[i]);
}

/* ---- the whole ------------------------------------------------------------------------------ */

void profile_text(const json_t *profile, struct buf *out)
{
    size_t i, k;
    json_t *w, *c, *lack;
    report_cell(out, report_string(profile, "file"), 48, false);
    buf_adds(out, ": ");
    report_cell(out, report_string(profile, "entry"), 48, false);
    buf_addc(out, '\n');
    add_ceilings(profile, out);
    json_array_foreach(json_object_get(profile, "lacks"), i, lack)
        add_wrapped(out, json_string_value(lack), 2);
    json_array_foreach(json_object_get(profile, "workloads"), i, w)
        json_array_foreach(json_object_get(w, "codes"), k, c) add_code(profile, w, c, out);
    add_roofline(profile, out);
}
