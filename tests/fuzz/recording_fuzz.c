/* tests/fuzz/recording_fuzz.c - any bytes as a recording of a search, and as the rows of a journal.
 *
 * What is refused has a reason with a file in it; what is read can be written again, and reported
 * as text and as a page without a control character in it. Rows are read wherever they seem to
 * begin. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cache/journal_impl.h"
#include "driver/report.h"

static void check_text(const struct buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if ((unsigned char)b->data[i] < ' ' && b->data[i] != '\n')
            abort();
}

static void use(const struct journal *j)
{
    json_t *report = report_collect(j, "x", "stopped");
    struct buf text, page;

    for (size_t i = 0; i < journal_steps(j); i++)
        if (!journal_fact(j, journal_step_at(j, i).name))
            abort();
    if (!report || journal_export(j, "/dev/null", true, NULL) < 0)
        abort();
    buf_init(&text, BUF_LIMIT);
    buf_init(&page, BUF_LIMIT);
    report_text(report, &text);
    report_html(report, &page);
    check_text(&text);
    if (strstr(page.data, "<script"))
        abort();
    buf_release(&text);
    buf_release(&page);
    json_decref(report);
}

static void read_rows(const char *bytes, size_t n)
{
    struct journal *j = journal_new("x", JOURNAL_WRITE);
    struct journal_row row;

    for (size_t at = 0; at < n; at++)
        if (journal_row_read(bytes + at, n - at, &row))
            journal_take(j, &row);
    /* and as a value, whose hash would keep everything else out */
    row = (struct journal_row){'f', "a", bytes, 1, n};
    json_decref(journal_row_value(&row, NULL));
    journal_close(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {""};
    struct journal *j = journal_import_bytes("FILE", data, size, &err);

    if (j)
        use(j);
    else if (strncmp(err.text, "FILE", 4) != 0)
        abort();
    journal_close(j);
    read_rows((const char *)data, size);
    return 0;
}
