/* driver/mode.c - one environment variable. */
#include "driver/mode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = {"search", "cached", "require", "off"};

const char *mode_name(enum mode mode)
{
    return names[mode];
}

bool mode_is_ci(void)
{
    const char *ci = getenv("CI");
    return ci && *ci && strcmp(ci, "0") != 0 && strcasecmp(ci, "false") != 0;
}

enum mode mode_read(bool *given, struct error *err)
{
    const char *word = getenv("KSEARCH_MODE");
    *given = word && *word;
    if (!*given)
        return mode_is_ci() ? MODE_CACHED : MODE_SEARCH;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(word, names[i]))
            return (enum mode)i;
    error_set(err, "KSEARCH_MODE=%s is not one of search, cached, require, off: taken as cached",
              word);
    return MODE_CACHED;
}
