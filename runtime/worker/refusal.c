/* runtime/worker/refusal.c - see refusal.h. */
#include "runtime/worker/refusal.h"

#include <stdarg.h>
#include <stdio.h>

int refuse(struct refusal *r, const char *class, const char *format, ...)
{
    va_list args;

    if (r->class)
        return -1;
    r->class = class;
    va_start(args, format);
    vsnprintf(r->text, sizeof r->text, format, args);
    va_end(args);
    return -1;
}
