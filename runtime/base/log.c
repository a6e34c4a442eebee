/* runtime/base/log.c
 *
 * A line goes out in one write, so that the lines of many compiles side by side (make -j) do not
 * run into one another. */
#include "runtime/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "runtime/base/env.h"
#include "runtime/base/status.h"

#define CLEAR_LINE "\r\033[K"

enum { LINE_BYTES = 8192 };

static bool progress_shown;

static void write_all(const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(STDERR_FILENO, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return; /* nobody listens: there is no one to tell */
        bytes += done;
        n -= (size_t)done;
    }
}

static void log_write(const char *label, const char *format, va_list args)
{
    char line[LINE_BYTES];
    size_t n;
    int wanted;

    n = (size_t)snprintf(line, sizeof line, "%sksnvcc: %s", progress_shown ? CLEAR_LINE : "",
                         label);
    wanted = vsnprintf(line + n, sizeof line - n - 1, format, args);
    if (wanted < 0)
        return;
    n += strlen(line + n);
    if (line[n - 1] != '\n')
        line[n++] = '\n';
    write_all(line, n);
    progress_shown = false;
}

void log_line(const char *format, ...)
{
    va_list args;

    if (env_is_on("KSEARCH_QUIET"))
        return;
    va_start(args, format);
    log_write("", format, args);
    va_end(args);
}

void log_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_write("warning: ", format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;

    if (!log_is_debug())
        return;
    va_start(args, format);
    log_write("debug: ", format, args);
    va_end(args);
}

/* the longest part of the text that the terminal shows on one line, not cutting a UTF-8 character;
 * characters of several bytes count as several columns, which only makes the line shorter */
static size_t text_fit(const char *text, size_t n)
{
    struct winsize size = {0};
    size_t columns = 80;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        columns = size.ws_col;
    if (n < columns)
        return n;
    n = columns - 1;
    while (n && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    return n;
}

void log_progress(const char *format, ...)
{
    char line[LINE_BYTES] = "ksnvcc: ", shown[LINE_BYTES + sizeof CLEAR_LINE];
    size_t label = strlen(line);
    va_list args;
    int n;

    if (env_is_on("KSEARCH_QUIET") || !isatty(STDERR_FILENO))
        return;
    va_start(args, format);
    vsnprintf(line + label, sizeof line - label, format, args);
    va_end(args);
    n = snprintf(shown, sizeof shown, CLEAR_LINE "%.*s", (int)text_fit(line, strlen(line)), line);
    if (n > 0)
        write_all(shown, (size_t)n);
    progress_shown = true;
}

void log_progress_end(void)
{
    if (progress_shown)
        write_all(CLEAR_LINE, strlen(CLEAR_LINE));
    progress_shown = false;
}

bool log_is_debug(void)
{
    return env_is_on("KSEARCH_DEBUG");
}

void fatal(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_write("fatal: ", format, args);
    va_end(args);
    exit(EXIT_INTERNAL);
}
