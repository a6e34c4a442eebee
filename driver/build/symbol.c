/* driver/build/symbol.c - see symbol.h. What variants' names have of ours is "__ks12" behind a
 * name, or "ksearch_space__ks12::" before it. */
#include "driver/build/symbol.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/demangle.h"

#define SPACE "ksearch_space"
#define SUFFIX "__ks"

static void cut(char *from, size_t n)
{
    memmove(from, from + n, strlen(from + n) + 1);
}

static void strip_ours(char *text)
{
    for (char *at = text; (at = strstr(at, SUFFIX));) {
        size_t n = sizeof SUFFIX - 1;
        while (isdigit((unsigned char)at[n]))
            n++;
        cut(at, n);
        size_t space = sizeof SPACE - 1;
        if ((size_t)(at - text) >= space && strncmp(at - space, SPACE "::", space + 2) == 0)
            cut(at -= space, space + 2);
    }
}

/* up to the list of parameters */
static size_t name_length(const char *text)
{
    size_t depth = 0, i = 0;
    for (; text[i]; i++) {
        depth += text[i] == '<';
        depth -= text[i] == '>' && depth;
        if (text[i] == '(' && !depth && strncmp(text + i, "(anonymous", 10) != 0)
            break;
    }
    return i;
}

const char *symbol_text(struct arena *a, const char *symbol)
{
    static const char returns[] = "void ";
    char *plain = demangle(symbol), *text = arena_dup(a, plain ? plain : symbol);
    free(plain);
    strip_ours(text);
    text[name_length(text)] = '\0';
    return strncmp(text, returns, sizeof returns - 1) == 0 ? text + sizeof returns - 1 : text;
}
