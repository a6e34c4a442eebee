#include "driver/build/said.h"

#include <stdlib.h>
#include <string.h>
#include "runtime/base/arena.h"

/* "a::f" of "_ZN1a1fEf", as far as names go; a symbol that is not mangled is its own name */
static const char *source_name(struct arena *a, const char *symbol, size_t len)
{
    const char *p = arena_copy(a, symbol, len), *name = "";
    char *end;

    if (strncmp(p, "_Z", 2) != 0)
        return p;
    for (p += 2 + strspn(p + 2, "NL"); *p >= '1' && *p <= '9'; p = end) {
        size_t n = strtoul(p, &end, 10);
        if (n > strlen(end))
            break;
        name = arena_printf(a, "%s%s%.*s", name, *name ? "::" : "", (int)n, end);
        end += n;
    }
    return *name ? name : symbol;
}

/* nvlink and ptxas name what no file of this compile defines */
static const char *missing(struct arena *a, const char *line)
{
    static const char *const BEFORE[] = {"Undefined reference to '", "Unresolved extern function '",
                                         "Unresolved extern variable '"};

    for (size_t i = 0; i < sizeof BEFORE / sizeof *BEFORE; i++) {
        const char *at = strstr(line, BEFORE[i]);
        if (!at)
            continue;
        at += strlen(BEFORE[i]);
        return arena_printf(a,
                            "device code uses '%s', which is defined in another file: variants are "
                            "compiled and linked from this file alone",
                            source_name(a, at, strcspn(at, "'\n")));
    }
    return NULL;
}

const char *said_error(struct arena *a, const char *messages)
{
    const char *at = strstr(messages, "error"), *fatal = strstr(messages, "fatal"), *line, *better;

    if (!at || (fatal && fatal < at))
        at = fatal;
    if (!at)
        return NULL;
    while (at > messages && at[-1] != '\n')
        at--;
    line = arena_copy(a, at, strcspn(at, "\n"));
    better = missing(a, line);
    return better ? better : line;
}
