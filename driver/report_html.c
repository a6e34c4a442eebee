/* driver/report_html.c - the same report as a page of its own: the parts as text, the curve as a
 * picture. Nothing in it is loaded from elsewhere, and nothing in it runs. */
#include "driver/report_impl.h"

#include <string.h>

enum { WIDTH = 860, HEIGHT = 260, LEFT = 60, BOTTOM = 30, TOP = 10 };

static void add_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            buf_adds(out, "&amp;");
        else if (*text == '<')
            buf_adds(out, "&lt;");
        else if (*text == '>')
            buf_adds(out, "&gt;");
        else if (*text == '"')
            buf_adds(out, "&quot;");
        else
            buf_addc(out, *text);
    }
}

static void add_axes(struct buf *out, double low, double n)
{
    for (int i = 0; i <= 4; i++) {
        double y = TOP + (HEIGHT - TOP - BOTTOM) * i / 4.0, score = report_score_at(i / 4.0, low);
        buf_addf(out,
                 "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" "
                 "text-anchor=\"end\">%.3f</text>\n",
                 LEFT, y, WIDTH, LEFT - 8, y + 4, score);
    }
    buf_addf(out,
             "<text x=\"%d\" y=\"%d\">0</text><text x=\"%d\" y=\"%d\" "
             "text-anchor=\"end\">%.0f trials</text>\n",
             LEFT, HEIGHT - 8, WIDTH, HEIGHT - 8, n);
}

static void add_curve(const json_t *report, struct buf *out)
{
    const json_t *improved = json_object_get(report, "improved");
    double n = (double)json_array_size(json_object_get(report, "trials")),
           low = report_number(json_object_get(report, "best"), "score");
    struct buf points;
    json_t *trial;
    size_t i;

    if (n < 1 || low <= 0 || low >= 1)
        return;
    buf_init(&points, BUF_LIMIT);
    buf_addf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"best so far\">\n",
             WIDTH + 10, HEIGHT);
    add_axes(out, low, n);
    buf_addf(out, "<path class=\"curve\" d=\"M%d %d", LEFT, TOP);
    json_array_foreach((json_t *)improved, i, trial)
    {
        double x = LEFT + (WIDTH - LEFT) * report_number(trial, "trial") / n,
               y = TOP + (HEIGHT - TOP - BOTTOM) * report_depth(report_number(trial, "score"), low);
        buf_addf(out, "H%.1fV%.1f", x, y);
        buf_addf(&points, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>", x, y);
        add_escaped(&points, report_string(trial, "name"));
        buf_addf(&points, ": %.3f</title></circle>\n", report_number(trial, "score"));
    }
    buf_addf(out, "H%d\"/>\n%s</svg>\n", WIDTH, buf_text(&points));
    buf_release(&points);
}

void report_html(const json_t *report, struct buf *out)
{
    struct buf text;

    buf_adds(out,
             "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<title>ksnvcc "
             "report: ");
    add_escaped(out, report_string(report, "run"));
    buf_adds(out,
             "</title>\n<style>\nbody { font: 15px sans-serif; max-width: 62em; margin: 2em auto; "
             "padding: 0 1em; }\nh2 { font-size: 1.1em; margin-top: 2em; }\npre { overflow-x: "
             "auto; line-height: 1.35; }\nsvg { width: 100%; font: 12px sans-serif; }\n.grid { "
             "stroke: #ccc; }\n.curve { fill: none; stroke: #26a; stroke-width: 2; }\ncircle { "
             "fill: #26a; }\n</style></head><body>\n");
    for (const struct report_part *part = report_parts; part->title; part++) {
        buf_init(&text, BUF_LIMIT);
        part->write(report, &text);
        if (text.len) {
            buf_addf(out, "<h2>%s</h2>\n", part->title);
            if (strncmp(part->title, "Best so far", strlen("Best so far")) == 0)
                add_curve(report, out);
            buf_adds(out, "<pre>");
            add_escaped(out, buf_text(&text));
            buf_adds(out, "</pre>\n");
        }
        buf_release(&text);
    }
    buf_adds(out, "</body></html>\n");
}
