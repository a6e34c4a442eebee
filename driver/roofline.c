/* driver/roofline.c - see roofline.h. The picture is a grid of characters; it is filled from what
 * is behind to what is in front: the slope, the roofs, the letters. */
#include "driver/roofline.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MARGIN = 8, COLUMNS = 58, ROWS = 14 };
#define MOST_DECADES 9.0

struct axes { /* decimal logarithms */
    double x0, x1, y0, y1;
};

struct picture {
    struct axes axes;
    char cell[ROWS][COLUMNS]; /* the first row is the highest */
};

void roofline_number(double x, struct buf *out)
{
    static const char *const letters[] = {"", "k", "M", "G", "T", "P"};
    size_t i = 0;
    while (x >= 999.5 && i + 1 < sizeof letters / sizeof *letters) {
        x /= 1000;
        i++;
    }
    buf_addf(out, "%.3g %s", x, letters[i]);
}

static int column(const struct axes *a, double intensity)
{
    double at = (log10(intensity) - a->x0) / (a->x1 - a->x0) * (COLUMNS - 1);
    return at < 0 ? 0 : at > COLUMNS - 1 ? COLUMNS - 1 : (int)lround(at);
}

static int row(const struct axes *a, double rate)
{
    double at = (a->y1 - log10(rate)) / (a->y1 - a->y0) * (ROWS - 1);
    return at < 0 ? 0 : at > ROWS - 1 ? ROWS - 1 : (int)lround(at);
}

static bool has_place(const struct roofline_point *p)
{
    return p->intensity > 0 && p->rate > 0;
}

/* whole decades around all points and all ridges */
static struct axes axes_of(double bandwidth, const struct roofline_roof *roofs, size_t nroofs,
                           const struct roofline_point *points, size_t npoints)
{
    double least = INFINITY, most = 0, top = 0, low = INFINITY;
    for (size_t i = 0; i < nroofs; i++) {
        top = fmax(top, roofs[i].ops);
        most = fmax(most, 3 * roofs[i].ops / bandwidth);
        least = fmin(least, roofs[i].ops / bandwidth / 10);
    }
    for (size_t i = 0; i < npoints; i++)
        if (has_place(&points[i])) {
            top = fmax(top, points[i].rate);
            most = fmax(most, 1.5 * points[i].intensity);
            least = fmin(least, points[i].intensity / 1.5);
            low = fmin(low, points[i].rate);
        }
    struct axes a = {floor(log10(least)), ceil(log10(most)), 0, ceil(log10(top))};
    a.x0 = fmax(a.x0, a.x1 - MOST_DECADES);
    a.y0 = floor(log10(fmin(low, bandwidth * pow(10, a.x0))));
    a.y0 = fmax(a.y0, a.y1 - MOST_DECADES);
    return a;
}

/* the slope up to the highest roof, in every row that it passes */
static void draw_slope(struct picture *p, double bandwidth, double highest)
{
    for (int c = 0; c < COLUMNS; c++) {
        double x = p->axes.x0 + (p->axes.x1 - p->axes.x0) * c / (COLUMNS - 1);
        double rate = bandwidth * pow(10, x);
        if (rate <= highest && log10(rate) >= p->axes.y0)
            p->cell[row(&p->axes, rate)][c] = '/';
    }
}

static void draw_roof(struct picture *p, double bandwidth, double ops)
{
    for (int c = column(&p->axes, ops / bandwidth); c < COLUMNS; c++)
        p->cell[row(&p->axes, ops)][c] = '-';
}

static bool has_room(const struct roofline_point *points, size_t i)
{
    return i < ROOFLINE_POINTS && has_place(&points[i]);
}

static void draw_points(struct picture *p, const struct roofline_point *points, size_t n)
{
    for (size_t i = n; i-- > 0;) /* the first one in front */
        if (has_room(points, i))
            p->cell[row(&p->axes, points[i].rate)][column(&p->axes, points[i].intensity)] =
                (char)('a' + i);
}

/* the decade that begins in this row, for the margin; else blanks */
static void add_margin(const struct picture *p, int r, struct buf *out)
{
    struct buf label;
    buf_init(&label, 64);
    for (double d = p->axes.y0; d <= p->axes.y1; d++)
        if (row(&p->axes, pow(10, d)) == r && !label.len)
            roofline_number(pow(10, d), &label);
    buf_addf(out, "%*s|", MARGIN - 1, buf_text(&label));
    buf_release(&label);
}

/* the roofs that are in this row, behind it */
static void add_roofs(const struct picture *p, int r, const struct roofline_roof *roofs, size_t n,
                      struct buf *out)
{
    const char *between = " ";
    for (size_t i = 0; i < n; i++)
        if (row(&p->axes, roofs[i].ops) == r) {
            buf_addf(out, "%s%s", between, roofs[i].name);
            between = ", ";
        }
}

static void add_row(const struct picture *p, int r, const struct roofline_roof *roofs, size_t n,
                    struct buf *out)
{
    size_t end = COLUMNS;
    add_margin(p, r, out);
    while (end > 0 && p->cell[r][end - 1] == ' ')
        end--;
    buf_add(out, p->cell[r], end);
    add_roofs(p, r, roofs, n, out);
    buf_addc(out, '\n');
}

/* the axis, and its decades beneath */
static void add_axis(const struct picture *p, struct buf *out)
{
    char line[COLUMNS + 16];
    memset(line, ' ', sizeof line);
    buf_addf(out, "%*s+", MARGIN - 1, "");
    for (int c = 0; c < COLUMNS; c++) {
        bool tick = false;
        for (double d = p->axes.x0; d <= p->axes.x1; d++)
            tick |= column(&p->axes, pow(10, d)) == c;
        buf_addc(out, tick ? '+' : '-');
    }
    for (double d = p->axes.x0; d <= p->axes.x1; d++) {
        struct buf label;
        buf_init(&label, 64);
        buf_addf(&label, "%g", pow(10, d));
        memcpy(line + column(&p->axes, pow(10, d)), buf_text(&label),
               label.len < 8 ? label.len : 8);
        buf_release(&label);
    }
    size_t end = sizeof line;
    while (end > 0 && line[end - 1] == ' ')
        end--;
    buf_addf(out, "\n%*s%.*s operations a byte\n", MARGIN, "", (int)end, line);
}

static void add_legend(double bandwidth, const struct roofline_roof *roofs, size_t nroofs,
                       const struct roofline_point *points, size_t npoints, struct buf *out)
{
    for (size_t i = 0; i < npoints; i++) {
        if (!has_room(points, i))
            continue;
        double roof = points[i].roof;
        for (size_t k = 0; k < nroofs && !(points[i].roof > 0); k++)
            roof = fmax(roof, roofs[k].ops);
        roof = fmin(roof, bandwidth * points[i].intensity);
        buf_addf(out, "%*s%c  %s: ", MARGIN, "", (char)('a' + i), points[i].name);
        roofline_number(points[i].rate, out);
        buf_addf(out, "op/s at %.3g a byte, %.0f %% of its roof\n", points[i].intensity,
                 100 * points[i].rate / roof);
    }
}

void roofline_text(double bandwidth, const struct roofline_roof *roofs, size_t nroofs,
                   const struct roofline_point *points, size_t npoints, struct buf *out)
{
    struct picture p;
    double highest = 0;
    size_t placed = 0;
    for (size_t i = 0; i < npoints; i++)
        placed += has_room(points, i);
    for (size_t i = 0; i < nroofs; i++)
        highest = fmax(highest, roofs[i].ops);
    if (!placed || !(bandwidth > 0) || !(highest > 0))
        return;
    p.axes = axes_of(bandwidth, roofs, nroofs, points, npoints);
    memset(p.cell, ' ', sizeof p.cell);
    draw_slope(&p, bandwidth, highest);
    for (size_t i = 0; i < nroofs; i++)
        draw_roof(&p, bandwidth, roofs[i].ops);
    draw_points(&p, points, npoints);
    buf_addf(out, "%*s operations a second\n", MARGIN - 1, "");
    for (int r = 0; r < ROWS; r++)
        add_row(&p, r, roofs, nroofs, out);
    add_axis(&p, out);
    add_legend(bandwidth, roofs, nroofs, points, npoints, out);
}
