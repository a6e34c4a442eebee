/* Any text as a recorded space, its first line as a constraint too: what is accepted is a space
 * whose points are found by their values. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tests/bench/constraint.h"
#include "tests/bench/recorded.h"

static json_t *constraints_of(const char *line, size_t n)
{
    return json_pack("{s:{s:[s#]}}", "constraints", "k", line, (int)n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *end = memchr(text, '\n', size);
    size_t line = end ? (size_t)(end - text) + 1 : 0;
    struct error err = {""};
    json_t *constraints = constraints_of(text, line ? line - 1 : 0);
    struct recorded *r = recorded_parse("k", text + line, size - line, constraints, &err);

    if (!r && !*err.text)
        abort();
    for (size_t i = 0; r && i < r->n; i++)
        if (recorded_find(r, r, i) != i || (r->time[i] <= 0 && isfinite(r->time[i])))
            abort();
    recorded_free(r);
    json_decref(constraints);
    return 0;
}
