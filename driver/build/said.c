#include "driver/build/said.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

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

int said_failure(struct error *err, const char *what, const char *messages)
{
    struct arena *a = arena_new();
    const char *line = said_error(a, messages);

    error_set(err, "%s: %.500s", what, line ? line : messages);
    arena_free(a);
    return -1;
}

/* ---- without paths --------------------------------------------------------------------------- */

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || strchr("_.-+@~%", c) || (unsigned char)c >= 0x80;
}

/* Bytes of a known folder and its slash at `at`; the longest one that fits */
static size_t known_folder(const char *at, size_t left, const char *const *folders)
{
    size_t best = 0;

    for (; *folders; folders++) {
        size_t n = strlen(*folders);
        /* "/j" alone may as well be a division */
        if (**folders != '/' || !strchr(*folders + 1, '/'))
            continue;
        if (n < left && n >= best && memcmp(at, *folders, n) == 0 && at[n] == '/')
            best = n + 1;
    }
    return best;
}

/* Bytes of "/a/b/" of "/a/b/c" at `at`: two names at least, the first beginning like a name, so
 * that neither a comment nor a division is taken for a path */
static size_t unknown_folder(const char *at, size_t left)
{
    size_t n = 0, last = 0;

    while (n < left && at[n] == '/') {
        last = n++;
        if (n < left && last == 0 && !isalpha((unsigned char)at[n]) && !strchr("_.", at[n]))
            return 0;
        while (n < left && at[n] && in_name(at[n]))
            n++;
        if (n == last + 1)
            break; /* nothing behind the slash */
    }
    return last ? last + 1 : 0;
}

const char *said_bare(struct arena *a, const char *messages, size_t len, const char *const *folders,
                      size_t most)
{
    struct buf out;
    const char *text;
    size_t at = 0;

    buf_init(&out, BUF_LIMIT);
    while (at < len && out.len <= most) {
        size_t skip = known_folder(messages + at, len - at, folders);
        bool begins = at == 0 || !in_name(messages[at - 1]) ||
                      (at > 1 && memcmp(messages + at - 2, "-I", 2) == 0);
        if (!skip && messages[at] == '/' && begins)
            skip = unknown_folder(messages + at, len - at);
        at += skip;
        if (!skip)
            buf_addc(&out, messages[at++]);
    }
    if (out.len > most) {
        static const char more[] = "... (and more)\n";
        size_t keep = most - (sizeof more - 1);
        while (keep && out.data[keep - 1] != '\n')
            keep--;
        out.len = keep;
        buf_adds(&out, more);
    }
    text = arena_copy(a, buf_text(&out), out.len);
    buf_release(&out);
    return text;
}
