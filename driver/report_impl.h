/* driver/report_impl.h - what the files behind report.h share; for nobody else. */
#ifndef KS_REPORT_IMPL_H
#define KS_REPORT_IMPL_H

#include <stdbool.h>
#include "driver/report.h"

enum { REPORT_WIDTH = 100 };

/* members that may be missing or of another type */
static inline double report_number(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

static inline bool report_has(const json_t *object, const char *name)
{
    return json_is_number(json_object_get(object, name));
}

static inline const char *report_string(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* at most that many characters of text, up to the end of its line, without any of control; filled
 * with blanks where `fill` is set. How many it has */
size_t report_cell(struct buf *out, const char *text, size_t width, bool fill);

/* one part of a report, for both forms; it writes nothing where there is nothing */
struct report_part {
    const char *title;
    void (*write)(const json_t *report, struct buf *out);
};
extern const struct report_part report_parts[]; /* ended by one without a title */

/* The curve's axis is logarithmic, so that a factor is as high wherever it comes: how deep a score
 * lies between 1 (0) and the best (1), and the score at a depth */
double report_depth(double score, double best);
double report_score_at(double depth, double best);

#endif
