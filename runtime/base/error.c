/* runtime/base/error.c */
#include "runtime/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* an error is shown on one line, whatever text a library put into it */
static void error_flatten(struct error *err)
{
    for (char *p = err->text; *p; p++) {
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    }
    for (size_t n = strlen(err->text); n && err->text[n - 1] == ' '; n--)
        err->text[n - 1] = '\0';
}

int error_set(struct error *err, const char *format, ...)
{
    va_list args;

    if (!err || err->text[0])
        return -1;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    error_flatten(err);
    return -1;
}

int error_errno(struct error *err, const char *format, ...)
{
    int saved = errno;
    va_list args;
    size_t n;

    if (!err || err->text[0])
        return -1;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    n = strlen(err->text);
    snprintf(err->text + n, sizeof err->text - n, ": %s", strerror(saved));
    error_flatten(err);
    errno = saved;
    return -1;
}
