/* runtime/base/log.c
 *
 * A line goes out in one write, so that the lines of many compiles side by side (make -j) do not
 * run into one another.
 *
 * The last line of a terminal belongs to the process that holds a lock on the terminal. The others
 * write lines there as they would into a file, and clear that line before each; so does everyone
 * under `make -j`, which writes its commands and compilers' output there without clearing anything.
 */
#include "runtime/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "runtime/base/buf.h"
#include "runtime/base/env.h"
#include "runtime/base/status.h"

#define CLEAR_LINE "\r\033[K"

enum { LINE_BYTES = 8192, PROGRESS_SECONDS = 60 };

static bool progress_shown;
static int terminal = -1;    /* open while its last line is ours */
static const char *about;    /* what the lines are about */
static struct timespec told; /* when progress was last a line; 0: never */
static struct buf *copied;   /* NULL: nowhere */
static bool copied_only;

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

void log_copy(struct buf *copy, bool only)
{
    copied = copy;
    copied_only = only;
}

static void log_write(const char *label, const char *format, va_list args)
{
    const char *clear = isatty(STDERR_FILENO) ? CLEAR_LINE : "";
    size_t n;
    char line[LINE_BYTES];
    int wanted;

    n = (size_t)snprintf(line, sizeof line, "%sksnvcc: %s%s%s", clear, label, about ? about : "",
                         about ? ": " : "");
    wanted = n < sizeof line ? vsnprintf(line + n, sizeof line - n - 1, format, args) : -1;
    if (wanted < 0)
        return;
    n += strlen(line + n);
    if (line[n - 1] != '\n')
        line[n++] = '\n';
    if (!copied || !copied_only)
        write_all(line, n);
    if (copied)
        buf_add(copied, line + strlen(clear), n - strlen(clear));
    progress_shown = false;
}

void log_about(const char *what)
{
    about = what;
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
    struct buf *copy = copied;
    va_list args;

    if (!log_is_debug())
        return;
    va_start(args, format);
    copied = NULL; /* these are not part of what a compile says */
    log_write("debug: ", format, args);
    copied = copy;
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

static bool is_under_parallel_make(void)
{
    const char *flags = getenv("MAKEFLAGS");

    return flags && strstr(flags, "-j");
}

/* is the last line of the terminal ours? It is from the first time on until log_progress_end */
static bool has_last_line(void)
{
    if (terminal >= 0)
        return true;
    if (!isatty(STDERR_FILENO) || is_under_parallel_make())
        return false;
    terminal = open("/proc/self/fd/2", O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (terminal >= 0 && flock(terminal, LOCK_EX | LOCK_NB) < 0) {
        close(terminal);
        terminal = -1;
    }
    return terminal >= 0;
}

/* a minute after the first call of a search, and each minute from then on */
static bool is_time_for_a_line(void)
{
    const char *given = getenv("KSEARCH_PROGRESS");
    double seconds = given ? atof(given) : PROGRESS_SECONDS;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!told.tv_sec)
        told = now;
    if (seconds <= 0 ||
        (double)(now.tv_sec - told.tv_sec) + 1e-9 * (double)(now.tv_nsec - told.tv_nsec) < seconds)
        return false;
    told = now;
    return true;
}

static void progress_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void progress_line(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_write("", format, args);
    va_end(args);
}

void log_progress(const char *format, ...)
{
    char line[LINE_BYTES], shown[LINE_BYTES + sizeof CLEAR_LINE];
    size_t label;
    va_list args;
    int n;

    if (env_is_on("KSEARCH_QUIET"))
        return;
    label = (size_t)snprintf(line, sizeof line / 2, "ksnvcc: %s%s", about ? about : "",
                             about ? ": " : "");
    label = label < sizeof line / 2 ? label : sizeof line / 2 - 1;
    va_start(args, format);
    vsnprintf(line + label, sizeof line - label, format, args);
    va_end(args);
    if (!has_last_line()) {
        if (is_time_for_a_line())
            progress_line("%s", line + label);
        return;
    }
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
    told = (struct timespec){0};
    if (terminal >= 0)
        close(terminal);
    terminal = -1;
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
