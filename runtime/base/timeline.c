/* runtime/base/timeline.c - see timeline.h. */
#include "runtime/base/timeline.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/log.h"
#include "runtime/base/proc.h"

/* the file that is asked for, begun; NULL: none is */
static FILE *timeline_file(void)
{
    static FILE *file;
    static int asked;
    const char *path = getenv("KSEARCH_TIMELINE");

    if (asked++ || !path || !*path)
        return file;
    file = fopen(path, "we");
    if (!file) {
        log_warn("KSEARCH_TIMELINE: cannot write %s", path);
        return NULL;
    }
    setvbuf(file, NULL, _IOLBF, 0);
    fprintf(file, "[\n");
    return file;
}

static const char *row_name(int row, char text[32])
{
    snprintf(text, 32, "compiler %d", row - TIMELINE_COMPILER);
    return row == TIMELINE_GPU ? "GPU" : row == TIMELINE_ENGINE ? "engine" : text;
}

void timeline_span(int row, const char *name, double start)
{
    static unsigned char named[128];
    FILE *f = timeline_file();
    char text[32];

    if (!f)
        return;
    if ((size_t)row < sizeof named && !named[row]++)
        fprintf(f,
                "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":%d,\"args\":{\"name\":\"%"
                "s\"}},\n",
                row, row_name(row, text));
    fprintf(f, "{\"ph\":\"X\",\"name\":\"%s\",\"pid\":1,\"tid\":%d,\"ts\":%.0f,\"dur\":%.0f},\n",
            name, row, 1e6 * start, 1e6 * (now_seconds() - start));
}
