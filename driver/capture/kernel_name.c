/* driver/capture/kernel_name.c
 *
 * Read from behind: the last parentheses are the parameters, the angle brackets before them the
 * template arguments, and the name ends there. Everything in brackets is passed over, so what
 * stands in them ("(anonymous namespace)", "(int)5", function types, lambdas) does not matter. */
#include "driver/capture/kernel_name.h"

#include <string.h>
#include "runtime/base/arena.h"

static bool is_open(char c)
{
    return c == '(' || c == '<' || c == '[' || c == '{';
}

static bool is_close(char c)
{
    return c == ')' || c == '>' || c == ']' || c == '}';
}

/* ends in "operator>" and the like, where the bracket is none; kernels have no such names, but a
 * template argument may */
static bool is_operator(const char *text, size_t at)
{
    while (at > 0 && strchr("<>=-", text[at - 1]))
        at--;
    return at >= 8 && strncmp(text + at - 8, "operator", 8) == 0;
}

/* the bracket that the one at `close` closes; SIZE_MAX when there is none */
static size_t opening(const char *text, size_t close)
{
    size_t depth = 0;

    for (size_t i = close + 1; i > 0; i--) {
        char c = text[i - 1];
        if ((c == '<' || c == '>') && is_operator(text, i - 1))
            continue;
        depth += is_close(c);
        if (is_open(c) && --depth == 0)
            return i - 1;
    }
    return (size_t)-1;
}

/* the parts between commas outside of brackets */
static const char **split(struct arena *a, const char *text, size_t n, size_t *count)
{
    const char **parts = NULL;
    size_t depth = 0, first = 0;

    *count = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && is_open(text[i]))
            depth++;
        else if (i < n && is_close(text[i]) && depth > 0)
            depth--;
        else if (i == n || (depth == 0 && text[i] == ',')) {
            while (first < i && text[first] == ' ')
                first++;
            size_t end = i;
            while (end > first && text[end - 1] == ' ')
                end--;
            if (end > first)
                *arena_push(a, parts, *count) = arena_copy(a, text + first, end - first);
            first = i + 1;
        }
    }
    return parts;
}

/* sets the names from text[0, n): maybe a result's type before it */
static void set_names(struct arena *a, struct kernel_name *k, const char *text, size_t n)
{
    size_t depth = 0, first = 0, last = 0;

    for (size_t i = 0; i < n; i++) {
        if (is_open(text[i]))
            depth++;
        else if (is_close(text[i]) && depth > 0)
            depth--;
        else if (depth == 0 && text[i] == ' ')
            first = last = i + 1;
        else if (depth == 0 && text[i] == ':' && text[i + 1] == ':')
            last = i + 2;
    }
    k->qualified = arena_copy(a, text + first, n - first);
    k->name = arena_copy(a, text + last, n - last);
}

struct kernel_name kernel_name_read(struct arena *a, const char *text)
{
    struct kernel_name k = {0};
    size_t n = strlen(text), open;

    while (n > 0 && text[n - 1] == ']' && (open = opening(text, n - 1)) != (size_t)-1) {
        n = open; /* "[clone .x]" */
        while (n > 0 && text[n - 1] == ' ')
            n--;
    }
    if (n > 0 && text[n - 1] == ')' && (open = opening(text, n - 1)) != (size_t)-1) {
        k.has_params = true;
        k.params = split(a, text + open + 1, n - open - 2, &k.nparams);
        if (k.nparams == 1 && strcmp(k.params[0], "void") == 0)
            k.nparams = 0;
        n = open;
    }
    if (n > 0 && text[n - 1] == '>' && (open = opening(text, n - 1)) != (size_t)-1) {
        k.targs = split(a, text + open + 1, n - open - 2, &k.ntargs);
        n = open;
    }
    set_names(a, &k, text, n);
    return k;
}
